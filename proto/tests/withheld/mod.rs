//! Contents that a hub keeps back: an alarm where nothing explains a stub in a lane that the reader may read, and only then.

use multaqa_proto::alarm::Alarm;
use multaqa_proto::hash::RecordId;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::sync::block::{Entry, pack, unpack};
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::sync::merge::Readers;
use multaqa_proto::wire::hub::Frame;
use multaqa_proto::wire::kind;

use super::federation::{Federation, Plan, group, organisation};

/// SA, MA and KW, a group of SA and KW; MA has read a record of SA for the states.
fn read() -> (Federation, Intake) {
    let mut f = Federation::new(1);
    for (code, seed) in [("SA", 10), ("MA", 20), ("KW", 30)] {
        f.join(code, "state", seed);
    }
    let gcc = group("gcc", "full", &["SA", "KW"]);
    f.write("operator/first", &Plan::new("x-federation:group:gcc", &["members"], &gcc));
    write(&mut f, "first", &["states"]);
    let (reader, _) = f.reader("MA").accept(&f.frame("MA", TreeSize(0))).unwrap();
    (f, reader)
}

fn write(f: &mut Federation, name: &str, audience: &[&str]) -> RecordId {
    f.write("SA/gw1", &Plan::new(&format!("SA:organisation:{name}"), audience, &organisation(name))).0
}

fn withdraw(f: &mut Federation, name: &str, revisions: &[RecordId], audience: &[&str]) {
    let number = f.entries.len();
    let tombstone = kind::Tombstone {
        id: format!("SA:organisation:{name}"),
        revisions: revisions.iter().map(|id| id.to_vec()).collect(),
        ..kind::Tombstone::default()
    };
    f.write("SA/gw1", &Plan::new(&format!("SA:tombstone:{name}-{number}"), audience, &tombstone));
}

/// The group with these members from here on, as SA and KW approve.
fn make_group(f: &mut Federation, members: &[&str]) {
    let slug = "gcc".parse().unwrap();
    let revisions = f.state.directory().group(&slug).unwrap().revisions.clone();
    let plan = Plan::new("x-federation:group:gcc", &["members"], &group("gcc", "full", members)).replacing(&revisions);
    let (change, _) = f.write("operator/first", &plan);
    for code in ["SA", "KW"] {
        let approve = kind::Approve { record_id: change.to_vec() };
        let id = format!("{code}:approve:for-{}", members.len());
        f.write(&format!("{code}/gw1"), &Plan::new(&id, &["members"], &approve));
    }
    assert_eq!(f.state.directory().group(&slug).unwrap().revisions.len(), revisions.len() + 1);
}

/// A frame for MA in which these entries are stubs.
fn without(f: &Federation, reader: &Intake, stubs: &[u64]) -> Frame {
    let frame = f.frame("MA", reader.size());
    let mut entries: Vec<Entry> = frame.blocks.iter().flat_map(|block| unpack(block).unwrap()).collect();
    entries.sort_by_key(|entry| entry.index);
    for entry in entries.iter_mut().filter(|entry| stubs.contains(&entry.index.0)) {
        entry.content = None;
    }
    Frame { blocks: vec![pack(&entries, true)], ..frame }
}

fn taken(reader: &Intake, frame: &Frame) -> Intake {
    reader.accept(frame).unwrap().0
}

fn heartbeat(f: &Federation, reader: &Intake) -> Result<(), Alarm> {
    let checkpoint = reader.open_checkpoint(&f.checkpoint()).unwrap().unwrap();
    reader.overdue(&checkpoint)
}

fn newest(f: &Federation) -> u64 {
    f.state.size().0 - 1
}

#[test]
fn the_newest_record_of_a_lane_is_missed_at_the_next_heartbeat_or_frame() {
    let (mut f, reader) = read();
    write(&mut f, "second", &["states"]);
    let index = newest(&f);
    let suspicious = taken(&reader, &without(&f, &reader, &[index]));
    let expected = Alarm::Withheld { index: LeafIndex(index), writer: "SA/gw1".parse().unwrap() };
    assert_eq!(heartbeat(&f, &suspicious), Err(expected.clone()));
    f.seal();
    let alarm = suspicious.accept(&f.frame("MA", suspicious.size())).map(|_| ()).unwrap_err();
    assert_eq!((alarm.code(), &alarm), ("WITHHELD", &expected));
    // What the frames hold whole is no matter of alarm, and a log that is still ahead decides nothing.
    let honest = taken(&reader, &f.frame("MA", reader.size()));
    assert_eq!(heartbeat(&f, &honest), Ok(()));
    let ahead = Checkpoint { log: LogNumber(1), size: TreeSize(1_000), root: f.state.root() };
    assert_eq!(suspicious.overdue(&ahead), Ok(()));
}

#[test]
fn a_record_in_the_middle_of_a_lane_is_missed_though_others_of_it_follow() {
    let (mut f, reader) = read();
    write(&mut f, "second", &["states"]);
    let index = newest(&f);
    write(&mut f, "third", &["states"]);
    write(&mut f, "fourth", &["states"]);
    let suspicious = taken(&reader, &without(&f, &reader, &[index]));
    assert_eq!(heartbeat(&f, &suspicious).unwrap_err().index(), Some(LeafIndex(index)));
    // Two of them: the later one, of a lane that is known, explains nothing.
    let suspicious = taken(&reader, &without(&f, &reader, &[index, index + 1]));
    assert_eq!(heartbeat(&f, &suspicious).unwrap_err().index(), Some(LeafIndex(index)));
}

#[test]
fn what_a_tombstone_erased_is_not_missed() {
    let (mut f, reader) = read();
    let second = write(&mut f, "second", &["states"]);
    let index = newest(&f);
    // In the same frame, as to a reader that comes later.
    let mut later = f.clone();
    withdraw(&mut later, "second", &[second], &["states"]);
    let after = taken(&reader, &without(&later, &reader, &[index]));
    assert_eq!(heartbeat(&later, &after), Ok(()));
    later.seal();
    taken(&after, &later.frame("MA", after.size()));
    // In the next frame: the hub erased the content before it showed the tombstone.
    let between = taken(&reader, &without(&f, &reader, &[index]));
    withdraw(&mut f, "second", &[second], &["states"]);
    let after = taken(&between, &f.frame("MA", between.size()));
    assert_eq!(heartbeat(&f, &after), Ok(()));
    // One that names more, for more readers.
    let (mut f, reader) = read();
    let [first, second] = ["more", "more"].map(|name| write(&mut f, name, &["states"]));
    let index = newest(&f);
    withdraw(&mut f, "more", &[first, second], &["members"]);
    let after = taken(&reader, &without(&f, &reader, &[index - 1, index]));
    assert_eq!(heartbeat(&f, &after), Ok(()));
}

#[test]
fn nothing_else_that_its_member_writes_explains_what_is_missed() {
    type Later = fn(&mut Federation, RecordId);
    let later: [(&str, Later); 8] = [
        ("a record in a lane that the reader does not know", |f, _| {
            write(f, "gulf", &["group:gcc"]);
        }),
        ("a tombstone that the reader may not read", |f, second| withdraw(f, "second", &[second], &["group:gcc"])),
        ("one about another object", |f, _| {
            let other = write(f, "other", &["states"]);
            withdraw(f, "other", &[other], &["states"]);
        }),
        ("one about the object that names another record", |f, _| {
            withdraw(f, "second", &[RecordId::of(b"another")], &["states"]);
        }),
        ("one that names it, for few of its readers", |f, second| {
            withdraw(f, "second", &[second], &["member:MA", "group:gcc"]);
        }),
        ("one that names it and is void", |f, second| {
            let payload = kind::Tombstone {
                id: "MA:organisation:second".to_owned(),
                revisions: vec![second.to_vec()],
                ..kind::Tombstone::default()
            };
            f.write("SA/gw1", &Plan::new("SA:tombstone:void", &["states"], &payload));
        }),
        ("one by another member", |f, second| {
            let payload = kind::Tombstone {
                id: "MA:organisation:second".to_owned(),
                revisions: vec![second.to_vec()],
                ..kind::Tombstone::default()
            };
            f.write("MA/gw1", &Plan::new("MA:tombstone:second", &["states"], &payload));
        }),
        ("nothing", |_, _| {}),
    ];
    for (what, later) in later {
        let (mut f, reader) = read();
        let second = write(&mut f, "second", &["states"]);
        let index = newest(&f);
        later(&mut f, second);
        let suspicious = taken(&reader, &without(&f, &reader, &[index]));
        let expected = Alarm::Withheld { index: LeafIndex(index), writer: "SA/gw1".parse().unwrap() };
        assert_eq!(heartbeat(&f, &suspicious), Err(expected), "{what}");
    }
    // A tombstone before the record, which nobody could have written.
    let (mut f, reader) = read();
    withdraw(&mut f, "second", &[RecordId::of(b"to come")], &["states"]);
    write(&mut f, "second", &["states"]);
    let suspicious = taken(&reader, &without(&f, &reader, &[newest(&f)]));
    assert_eq!(heartbeat(&f, &suspicious).unwrap_err().code(), "WITHHELD");
}

/// What a group read while this reader was in it is withdrawn after it left: the tombstone reaches it all the same, and an
/// honest hub raises no alarm, whether or not the reader comes back.
#[test]
fn a_tombstone_reaches_who_was_in_the_group_once() {
    for (history, back) in [("full", false), ("full", true), ("from-join", false), ("from-join", true)] {
        let (mut f, _) = read();
        let club = group("club", history, &["SA", "MA"]);
        f.write("operator/first", &Plan::new("x-federation:group:club", &["members"], &club));
        write(&mut f, "kept", &["group:club"]);
        let (there, _) = f.reader("MA").accept(&f.frame("MA", TreeSize(0))).unwrap();
        let gone = write(&mut f, "gone", &["group:club"]);
        let at = usize::try_from(newest(&f)).unwrap();
        change_group(&mut f, history, &["SA"], &["SA", "MA"]);
        withdraw(&mut f, "gone", &[gone], &["group:club"]);
        let tombstone = LeafIndex(newest(&f));
        f.entries[at] = (Readers::Everyone, Entry { content: None, ..f.entries[at].1.clone() });
        if back {
            change_group(&mut f, history, &["SA", "MA"], &["SA"]);
        }
        f.seal();
        let (after, came) = there.accept(&f.frame("MA", there.size())).unwrap();
        let shown = came.iter().find(|taken| taken.entry.index == tombstone).unwrap();
        assert!(shown.entry.content.is_some(), "{history}, {back}");
        assert_eq!(heartbeat(&f, &after), Ok(()), "{history}, {back}");
        f.seal();
        taken(&after, &f.frame("MA", after.size()));
        // Who never was in it reads nothing of it, and is told nothing either.
        let (_, came) = f.reader("KW").accept(&f.frame("KW", TreeSize(0))).unwrap();
        assert!(came.iter().any(|taken| taken.entry.index == tombstone && taken.entry.content.is_none()));
    }
}

/// The club with these members from here on, as these approve.
fn change_group(f: &mut Federation, history: &str, members: &[&str], voters: &[&str]) {
    let slug = "club".parse().unwrap();
    let revisions = f.state.directory().group(&slug).unwrap().revisions.clone();
    let plan = Plan::new("x-federation:group:club", &["members"], &group("club", history, members));
    let (change, _) = f.write("operator/first", &plan.replacing(&revisions));
    for code in voters {
        let approve = kind::Approve { record_id: change.to_vec() };
        let id = format!("{code}:approve:n{}", f.entries.len());
        f.write(&format!("{code}/gw1"), &Plan::new(&id, &["members"], &approve));
    }
    assert_eq!(f.state.directory().group(&slug).unwrap().revisions.len(), revisions.len() + 1);
}

#[test]
fn what_is_for_others_is_not_missed() {
    let (mut f, reader) = read();
    write(&mut f, "gulf", &["group:gcc"]);
    write(&mut f, "own", &["member:SA"]);
    let mut reader = taken(&reader, &f.frame("MA", reader.size()));
    assert_eq!(heartbeat(&f, &reader), Ok(()));
    // A group that MA joins: what came before was not for it when the hub judged, what comes after is.
    make_group(&mut f, &["SA", "KW", "MA"]);
    reader = taken(&reader, &f.frame("MA", reader.size()));
    write(&mut f, "gulf-for-all-three", &["group:gcc"]);
    reader = taken(&reader, &f.frame("MA", reader.size()));
    assert_eq!(heartbeat(&f, &reader), Ok(()));
    let mut kept_back = f.clone();
    write(&mut kept_back, "kept-back", &["group:gcc"]);
    let suspicious = taken(&reader, &without(&kept_back, &reader, &[newest(&kept_back)]));
    assert_eq!(heartbeat(&kept_back, &suspicious).unwrap_err().code(), "WITHHELD");
    // MA leaves: the lane is known, and not for MA any more.
    make_group(&mut f, &["SA", "KW"]);
    reader = taken(&reader, &f.frame("MA", reader.size()));
    write(&mut f, "gulf-again", &["group:gcc"]);
    reader = taken(&reader, &f.frame("MA", reader.size()));
    assert_eq!(heartbeat(&f, &reader), Ok(()));
}

#[test]
fn a_hub_that_lacks_contents_and_says_so_is_excused() {
    let (mut f, reader) = read();
    write(&mut f, "second", &["states"]);
    let (index, below) = (newest(&f), Some(TreeSize(newest(&f) + 1)));
    let excused = reader.excused(below).unwrap();
    assert!(excused.excused(below).is_none());
    let after = taken(&excused, &without(&f, &excused, &[index]));
    assert_eq!(heartbeat(&f, &after), Ok(()));
    // What was suspect before is so no more.
    let suspicious = taken(&reader, &without(&f, &reader, &[index]));
    assert_eq!(heartbeat(&f, &suspicious.excused(below).unwrap()), Ok(()));
    // Of what it orders after it said so it lacks nothing, and saying it again with a larger log changes nothing.
    write(&mut f, "third", &["states"]);
    let index = newest(&f);
    assert!(after.excused(Some(TreeSize(index + 1))).is_none());
    let kept_back = taken(&after, &without(&f, &after, &[index]));
    assert_eq!(heartbeat(&f, &kept_back).unwrap_err().code(), "WITHHELD");
}

#[test]
fn lanes_are_learnt_again_from_what_is_stored() {
    let (mut f, reader) = read();
    let state = reader.state().unwrap().clone();
    let mut resumed = Intake::resume("MA".parse().unwrap(), state, reader.checkpoint().to_owned());
    write(&mut f, "second", &["states"]);
    let frame = without(&f, &reader, &[newest(&f)]);
    assert_eq!(heartbeat(&f, &taken(&resumed, &frame)), Ok(()), "nothing is known of the lane");
    let stored = f.entries.iter().map(|(_, entry)| entry).find(|entry| entry.index.0 + 1 == reader.size().0).unwrap();
    let leaf = multaqa_proto::log::leaf::Leaf::parse(&stored.leaf).unwrap();
    let statement = multaqa_proto::record::statement::Statement::parse(&leaf.body).unwrap();
    let content = multaqa_proto::record::content::Content::parse(stored.content.as_ref().unwrap()).unwrap();
    resumed.learn(&statement, &content);
    assert_eq!(heartbeat(&f, &taken(&resumed, &frame)).unwrap_err().code(), "WITHHELD");
}
