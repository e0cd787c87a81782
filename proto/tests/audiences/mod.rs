//! Who reads what: classes, groups and single members at a view, before and after somebody leaves, and that the hub sends no other.

use multaqa_proto::directory::apply::ControlVerdict;
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::Writer;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::audience::Audience;
use multaqa_proto::sync::block::unpack;
use multaqa_proto::view::may_read;
use multaqa_proto::wire::kind;

use super::federation::{Federation, Plan, group, organisation};

/// Members with a node each.
const MEMBERS: [(&str, &str, u8); 5] = [
    ("SA", "state", 10),
    ("MA", "state", 20),
    ("x-escwa", "secretariat", 30),
    ("x-obs", "observer", 40),
    ("x-un", "partner", 50),
];
/// Its history rule is its name.
const GROUPS: [&str; 2] = ["full", "from-join"];

fn members() -> Federation {
    let mut f = Federation::new(1);
    for (code, class, seed) in MEMBERS {
        f.join(code, class, seed);
    }
    for history in GROUPS {
        let id = format!("x-federation:group:{history}");
        f.write("operator/first", &Plan::new(&id, &["members"], &group(history, history, &["MA", "x-un"])));
    }
    f
}

/// Members that may read an entry of SA at the first of these places, with the log as far as the second folded.
fn readers(f: &Federation, audience: &[&str], at: TreeSize, view: TreeSize) -> Vec<&'static str> {
    let (audience, writer) = (Audience::parse(audience).unwrap(), "SA/gw1".parse::<Writer>().unwrap());
    let (directory, at): (_, LeafIndex) = (f.state.directory(), at.next_index());
    let may = |code: &&str| may_read(directory, &code.parse().unwrap(), &audience, &writer, at, view);
    MEMBERS.iter().map(|(code, ..)| *code).filter(may).collect()
}

#[test]
fn each_class_reads_what_an_audience_names_and_its_writer_always() {
    let f = members();
    let size = f.state.size();
    let all = ["SA", "MA", "x-escwa", "x-obs", "x-un"];
    for (audience, expected) in [
        (&["public"][..], &all[..]),
        (&["members"], &all),
        (&["states"], &["SA", "MA", "x-escwa"]),
        (&["group:full"], &["SA", "MA", "x-un"]),
        (&["group:from-join"], &["SA", "MA", "x-un"]),
        (&["group:unknown"], &["SA"]),
        (&["member:x-obs"], &["SA", "x-obs"]),
        (&["states", "member:x-un"], &["SA", "MA", "x-escwa", "x-un"]),
    ] {
        assert_eq!(readers(&f, audience, size, size), expected, "{audience:?}");
        assert_eq!(readers(&f, audience, size, TreeSize(0)), [""; 0], "nobody is in before the first entry");
    }
}

#[test]
fn who_is_suspended_or_left_a_group_reads_nothing_more_by_it() {
    let mut f = members();
    let before = f.state.size();
    let revisions = f.state.directory().member(&"MA".parse().unwrap()).unwrap().revisions.clone();
    let suspended = kind::Member {
        code: "MA".to_owned(),
        class: "state".to_owned(),
        name: [("en".to_owned(), "MA".to_owned())].into(),
        status: "suspended".to_owned(),
    };
    f.write("operator/first", &Plan::new("x-federation:member:ma", &["members"], &suspended).replacing(&revisions));
    let after = f.state.size();
    for (audience, then, since) in [
        ("members", &["SA", "MA", "x-escwa", "x-obs", "x-un"][..], &["SA", "x-escwa", "x-obs", "x-un"][..]),
        ("states", &["SA", "MA", "x-escwa"], &["SA", "x-escwa"]),
        ("group:full", &["SA", "MA", "x-un"], &["SA", "x-un"]),
        ("member:MA", &["SA", "MA"], &["SA"]),
    ] {
        assert_eq!(readers(&f, &[audience], before, before), then, "{audience}");
        assert_eq!(readers(&f, &[audience], before, after), since, "{audience}");
    }

    let mut f = members();
    let before = f.state.size();
    for history in GROUPS {
        change(&mut f, history, &["MA"]);
    }
    let after = f.state.size();
    for history in GROUPS {
        let audience = format!("group:{history}");
        assert_eq!(readers(&f, &[&audience], before, before), ["SA", "MA", "x-un"], "{history}");
        for at in [before, after] {
            assert_eq!(readers(&f, &[&audience], at, after), ["SA", "MA"], "{history}");
        }
    }
}

/// Changes a group of MA's to these members.
fn change(f: &mut Federation, slug: &str, members: &[&str]) {
    let id = format!("x-federation:group:{slug}");
    let revisions = f.state.directory().group(&slug.parse().unwrap()).unwrap().revisions.clone();
    let plan = Plan::new(&id, &["members"], &group(slug, slug, members)).replacing(&revisions);
    let (change, verdict): (RecordId, _) = f.write("operator/first", &plan);
    assert_eq!(verdict, Some(ControlVerdict::Pending));
    let approve = kind::Approve { record_id: change.to_vec() };
    let id = format!("MA:approve:{slug}");
    assert_eq!(f.write("MA/gw1", &Plan::new(&id, &["members"], &approve)).1, Some(ControlVerdict::Valid));
}

/// One segment holds records for the group from before and after somebody joined it.
#[test]
fn within_a_segment_a_group_is_who_is_in_it_at_each_record() {
    let mut f = members();
    let first = f.state.size();
    f.write("SA/gw1", &Plan::new("SA:organisation:before", &["group:from-join"], &organisation("before")));
    change(&mut f, "from-join", &["MA", "x-un", "x-obs"]);
    let second = f.state.size();
    f.write("SA/gw1", &Plan::new("SA:organisation:after", &["group:from-join"], &organisation("after")));
    f.seal();
    for (reader, expected) in [("x-obs", [false, true]), ("x-un", [true, true]), ("x-escwa", [false, false])] {
        let frame = f.frame(reader, TreeSize(0));
        let entries: Vec<_> = frame.blocks.iter().flat_map(|block| unpack(block).unwrap()).collect();
        let whole = [first, second]
            .map(|at| entries.iter().find(|entry| entry.index == at.next_index()).unwrap().content.is_some());
        assert_eq!(whole, expected, "{reader}");
        f.reader(reader).accept(&frame).unwrap();
    }
}
