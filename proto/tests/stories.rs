//! Stories of the protocol without servers: who is in, who reads what, and every way in which a hub is caught.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod audiences;
mod contradictions;
mod evidence;
#[allow(dead_code, reason = "other tests use what these do not")]
mod federation;
mod hostile_hub;
mod quorum;
mod record_proofs;
mod successions;
mod withheld;

use federation::{Federation, Plan, group, key, organisation};
use multaqa_proto::alarm::Alarm;
use multaqa_proto::directory::apply::ControlVerdict;
use multaqa_proto::hash::RecordId;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::number::{LogNumber, TreeSize};
use multaqa_proto::record::audience::{Audience, Part};
use multaqa_proto::record::content::{Body, Content};
use multaqa_proto::sync::block::{pack, unpack};
use multaqa_proto::sync::intake::What;
use multaqa_proto::wire::hub::{Fill, Frame};
use multaqa_proto::wire::kind;
use prost::bytes::Bytes;

const MARKER: &str = "only for the Gulf";

fn void(verdict: Option<ControlVerdict>) -> &'static str {
    match verdict {
        Some(ControlVerdict::Void(void)) => void.code,
        other => panic!("not void: {other:?}"),
    }
}

/// SA in the group, MA outside, one record for the group, one for all, a seal.
fn gulf(history: &str) -> Federation {
    let mut f = Federation::new(1);
    for (code, seed) in [("SA", 10), ("MA", 20), ("KW", 30)] {
        f.join(code, "state", seed);
    }
    let gcc = group("gcc", history, &["SA"]);
    f.write("operator/first", &Plan::new("x-federation:group:gcc", &["members"], &gcc));
    f.write("SA/gw1", &Plan::new("SA:organisation:gulf", &["group:gcc"], &organisation(MARKER)));
    f.write("SA/gw1", &Plan::new("SA:organisation:open", &["states"], &organisation("for all states")));
    f.seal();
    f
}

fn contains_marker(frame: &Frame) -> bool {
    let unpacked = frame.blocks.iter().flat_map(|block| unpack(block).unwrap());
    unpacked
        .flat_map(|e| [Some(e.leaf), Some(e.signature), e.content])
        .flatten()
        .any(|part: Bytes| part.windows(MARKER.len()).any(|window| window == MARKER.as_bytes()))
}

#[test]
fn a_group_reads_whole_what_others_verify_as_stubs() {
    let f = gulf("full");
    let (inside, outside) = (f.frame("SA", TreeSize(0)), f.frame("MA", TreeSize(0)));
    assert!(contains_marker(&inside) && !contains_marker(&outside));
    let (sa, taken) = f.reader("SA").accept(&inside).unwrap();
    let (ma, stubs) = f.reader("MA").accept(&outside).unwrap();
    assert_eq!(sa.state().unwrap().root(), f.state.root());
    assert_eq!(ma.state().unwrap().root(), f.state.root());
    assert_eq!(taken.len(), stubs.len());
    let without_content = stubs.iter().filter(|t| matches!(&t.what, What::Record(r) if r.content.is_none())).count();
    assert_eq!(without_content, 1);
}

#[test]
fn a_frame_may_begin_anywhere_at_the_cursor_and_nowhere_else() {
    let mut f = gulf("full");
    let (ma, _) = f.reader("MA").accept(&f.frame("MA", TreeSize(0))).unwrap();
    f.write("MA/gw1", &Plan::new("MA:organisation:a", &["states"], &organisation("أ")));
    let next = f.frame("MA", ma.size());
    let (after, taken) = ma.accept(&next).unwrap();
    assert_eq!((taken.len(), after.size()), (1, f.state.size()));
    assert!(matches!(after.accept(&next), Err(Alarm::LogGap { .. })), "the same frame twice");
    assert!(matches!(f.reader("MA").accept(&next), Err(Alarm::LogGap { .. })), "a frame left out");
}

#[test]
fn what_is_sent_outside_its_audience_raises_an_alarm() {
    let f = gulf("full");
    let mut frame = f.frame("MA", TreeSize(0));
    frame.blocks = f.frame("SA", TreeSize(0)).blocks;
    assert!(matches!(f.reader("MA").accept(&frame), Err(Alarm::OverShared { .. })));

    // Under a view that the cursor has not reached it is judged as soon as it has.
    let mut later = f.frame("MA", TreeSize(0));
    later.blocks.clone_from(&frame.blocks);
    later.view += 1;
    let (waiting, _) = f.reader("MA").accept(&later).unwrap();
    let mut f = f;
    f.seal();
    assert!(matches!(waiting.accept(&f.frame("MA", waiting.size())), Err(Alarm::OverShared { .. })));
}

#[test]
fn any_altered_byte_of_a_frame_is_caught_and_changes_nothing() {
    let f = gulf("full");
    let frame = f.frame("SA", TreeSize(0));
    let reader = f.reader("SA");
    let entries: Vec<_> = frame.blocks.iter().flat_map(|block| unpack(block).unwrap()).collect();
    let altered = |bytes: &Bytes, at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        Bytes::from(bytes)
    };
    let mut tried = 0;
    for i in 0..entries.len() {
        for part in 0..3 {
            let length = match part {
                0 => entries[i].leaf.len(),
                1 => entries[i].signature.len(),
                _ => entries[i].content.as_ref().map_or(0, Bytes::len),
            };
            for at in 0..length {
                let mut hostile = entries.clone();
                match part {
                    0 => hostile[i].leaf = altered(&entries[i].leaf, at),
                    1 => hostile[i].signature = altered(&entries[i].signature, at),
                    _ => hostile[i].content = entries[i].content.as_ref().map(|c| altered(c, at)),
                }
                hostile.sort_by_key(|entry| entry.index);
                let frame = Frame { blocks: vec![pack(&hostile, true)], ..frame.clone() };
                assert!(reader.accept(&frame).is_err(), "entry {i} part {part} byte {at}");
                tried += 1;
            }
        }
    }
    assert!(tried > 5_000, "{tried}");
    assert_eq!(reader.size(), TreeSize(0));
}

#[test]
fn dropped_swapped_and_doubled_entries_are_caught() {
    let f = gulf("full");
    let frame = f.frame("SA", TreeSize(0));
    let reader = f.reader("SA");
    let mut entries: Vec<_> = frame.blocks.iter().flat_map(|block| unpack(block).unwrap()).collect();
    entries.sort_by_key(|entry| entry.index);
    let last = entries.len() - 1;

    let with = |entries: &[_], count: u64| Frame { blocks: vec![pack(entries, true)], count, ..frame.clone() };
    assert!(matches!(reader.accept(&with(&entries[..last], frame.count)), Err(Alarm::FrameBad(_))));
    assert!(matches!(reader.accept(&with(&entries[..last], frame.count - 1)), Err(Alarm::LogRewound { .. })));
    let doubled: Vec<_> = entries.iter().chain(&entries[last..]).cloned().collect();
    assert!(matches!(reader.accept(&with(&doubled, frame.count + 1)), Err(Alarm::FrameBad(_))));

    // The two records of SA change places: its chain breaks.
    let mut swapped = entries.clone();
    swapped.swap(last - 2, last - 1);
    (swapped[last - 2].index, swapped[last - 1].index) = (entries[last - 2].index, entries[last - 1].index);
    let caught = reader.accept(&with(&swapped, frame.count)).unwrap_err();
    assert_eq!(caught.code(), "CHAIN_GAP");
}

#[test]
fn a_checkpoint_by_another_key_or_over_another_root_is_refused() {
    let f = gulf("full");
    let reader = f.reader("SA");
    let federation = f.state.directory().federation();
    let honest = Checkpoint { log: LogNumber(1), size: f.state.size(), root: f.state.root() };
    let by_another = honest.sign(federation, &key(7));
    let elsewhere =
        Checkpoint { root: multaqa_proto::hash::Hash::of(b"x"), ..honest.clone() }.sign(federation, &f.log_key);
    let longer = Checkpoint { size: TreeSize(f.state.size().0 + 1), ..honest }.sign(federation, &f.log_key);
    for (checkpoint, code) in [(by_another, "CHECKPOINT_BAD"), (elsewhere, "ROOT_WRONG"), (longer, "LOG_REWOUND")] {
        let frame = Frame { checkpoint, ..f.frame("SA", TreeSize(0)) };
        assert_eq!(reader.accept(&frame).unwrap_err().code(), code);
    }
    let mut stranger = Federation::new(2);
    stranger.seal();
    assert_eq!(reader.accept(&stranger.frame("SA", TreeSize(0))).unwrap_err().code(), "GENESIS_WRONG");
}

#[test]
fn what_waits_is_told_part_by_part_and_is_overtaken_by_another_change() {
    let mut f = gulf("full");
    let gcc = f.state.directory().group(&"gcc".parse().unwrap()).unwrap().clone();
    let propose = |members: &[&str]| {
        let mut change = group("gcc", "full", members);
        change.name.insert("fr".to_owned(), "CCG".to_owned());
        Plan::new("x-federation:group:gcc", &["members"], &change).replacing(&gcc.revisions)
    };
    let (first, _) = f.write("operator/first", &propose(&["KW", "SA"]));
    let (second, _) = f.write("operator/second", &propose(&["MA"]));
    let directory = f.state.directory();
    let told = |id| directory.proposal(directory.pending().find(|(found, _)| **found == id).unwrap().1);
    let proposal = told(first);
    assert_eq!((proposal.proposed_by.as_str(), proposal.kind.as_str()), ("operator/first", "group"));
    let parts: Vec<_> =
        proposal.changes.iter().map(|c| (c.field.as_str(), c.before.as_str(), c.after.as_str())).collect();
    assert_eq!(parts, [("name.fr", "", "CCG"), ("members", "SA", "KW SA")]);
    assert!(!proposal.overtaken);

    let content = |plan: &Plan<'_>| Content {
        salt: [0; 32],
        id: plan.id.parse().unwrap(),
        revision: plan.revision,
        replaces: plan.replaces.clone(),
        audience: Audience::new([Part::Members]).unwrap(),
        authored_at_ms: 0,
        seen: None,
        body: Body::Payload(plan.payload.clone().into()),
    };
    let same = content(&propose(&["KW", "SA"]));
    assert_eq!(directory.same_pending(&same).map(|(id, _)| *id), Some(first));
    assert!(directory.same_pending(&content(&propose(&["KW"]))).is_none());

    let approve = |f: &mut Federation, id: RecordId, by: &str, slug: &str| {
        let payload = kind::Approve { record_id: id.to_vec() };
        f.write(by, &Plan::new(slug, &["members"], &payload))
    };
    approve(&mut f, first, "SA/gw1", "SA:approve:a");
    let directory = f.state.directory();
    let waiting = directory.pending().find(|(found, _)| **found == second).unwrap().1;
    assert!(directory.proposal(waiting).overtaken, "it names a revision that is not the newest any more");
    assert!(directory.same_pending(&content(&propose(&["MA"]))).is_none(), "and stands in nobody's way");
}

#[test]
fn who_joins_a_group_late_reads_what_its_history_rule_gives() {
    for (history, readable) in [("full", true), ("from-join", false)] {
        let mut f = gulf(history);
        let gcc = f.state.directory().group(&"gcc".parse().unwrap()).unwrap().clone();
        let change = group("gcc", history, &["SA", "KW"]);
        let plan = Plan::new("x-federation:group:gcc", &["members"], &change).replacing(&gcc.revisions);
        let (change, verdict) = f.write("operator/first", &plan);
        assert_eq!(verdict, Some(ControlVerdict::Pending), "two thirds of its states must approve");
        let (kw, _) = f.reader("KW").accept(&f.frame("KW", TreeSize(0))).unwrap();

        let approve = kind::Approve { record_id: change.to_vec() };
        let outsider = Plan::new("MA:approve:a", &["members"], &approve);
        assert_eq!(void(f.write("MA/gw1", &outsider).1), "APPROVAL_UNKNOWN");
        let (_, verdict) = f.write("SA/gw1", &Plan::new("SA:approve:a", &["members"], &approve));
        assert_eq!(verdict, Some(ControlVerdict::Valid));

        let whole: Vec<_> = f.entries.iter().map(|(_, entry)| entry.clone()).collect();
        let marked = whole.iter().find(|entry| entry.index.0 == kw.size().0 - 4).unwrap();
        let fill = Fill {
            blocks: vec![pack(std::slice::from_ref(marked), true)],
            through: 0,
            view: f.state.size().0,
            ..Fill::default()
        };
        let (kw, _) = kw.accept(&f.frame("KW", kw.size())).unwrap();
        let filled = kw.fill(&fill, |_| Some((marked.leaf.clone(), marked.signature.clone())));
        assert_eq!(filled.is_ok(), readable, "{history}: {filled:?}");
        if readable {
            let foreign = kw.fill(&fill, |_| Some((whole[0].leaf.clone(), marked.signature.clone())));
            assert!(matches!(foreign, Err(Alarm::LeafMismatch { .. })));
        }
    }
}

#[test]
fn an_operator_record_takes_effect_at_the_approval_that_completes_it() {
    let mut f = Federation::new(2);
    f.admit("JO", "state");
    assert_eq!(f.state.directory().members().count(), 0);
    let pending = *f.state.directory().pending().next().unwrap().0;
    let approve = Plan::new("x-federation:approve:a", &["members"], &kind::Approve { record_id: pending.to_vec() });
    assert_eq!(f.write("operator/first", &approve).1, Some(ControlVerdict::Valid), "its author counts once");
    assert_eq!(f.state.directory().members().count(), 0);
    f.write("operator/second", &approve);
    let at = f.state.size();
    let directory = f.state.directory();
    let member = directory.member(&"JO".parse().unwrap()).unwrap();
    assert!(member.active_at(at.next_index()) && !member.active_at(multaqa_proto::number::LeafIndex(at.0 - 2)));
}

#[test]
fn a_join_key_is_redeemed_once_and_in_time_by_its_own_node() {
    let mut f = Federation::new(1);
    f.admit("JO", "state");
    let (invitation, _) = f.invite("JO", 40);
    let genuine = f.redeem("JO", invitation, 40);
    let mut late = f.clone();
    late.now = f.now + 5_000;
    late.seal();
    assert_eq!(void(late.order(genuine.clone())), "INVITATION_EXPIRED");
    assert_eq!(f.order(genuine), Some(ControlVerdict::Valid));
    let keys = f.state.directory().keys(&"JO/gw1".parse().unwrap());
    assert_eq!(keys.len(), 1);

    let (second, verdict) = f.invite("JO", 50);
    assert_eq!(verdict, Some(ControlVerdict::Valid), "a new epoch for a dead disk");
    let replaced = f.redeem("JO", second, 50);
    assert_eq!(f.order(replaced), Some(ControlVerdict::Valid));
    assert_eq!(f.state.directory().keys(&"JO/gw1".parse().unwrap()).len(), 2);
    assert_eq!(void(f.invite("QA", 60).1), "MEMBER_UNKNOWN");
}

#[test]
fn seals_fix_the_control_records_below_them() {
    let f = gulf("full");
    let mut hiding = f.clone();
    // A node's own control record (a `key`) shown as a stub is missed at the next seal at the latest.
    let at = hiding.entries.iter().position(|(_, e)| e.content.as_ref().is_some_and(|c| is_key(c))).unwrap();
    hiding.entries[at].1.content = None;
    let caught = f.reader("SA").accept(&hiding.frame("SA", TreeSize(0))).unwrap_err();
    assert!(matches!(caught.code(), "KEY_UNKNOWN" | "SEAL_WRONG"), "{caught}");
    // An operator's record without content is caught at once.
    let at = hiding.entries.iter().rposition(|(_, e)| e.content.as_ref().is_some_and(|c| is_group(c))).unwrap();
    hiding.entries = f.entries.clone();
    hiding.entries[at].1.content = None;
    let caught = f.reader("SA").accept(&hiding.frame("SA", TreeSize(0))).unwrap_err();
    assert_eq!(caught.code(), "CONTROL_WITHHELD");
}

fn is_key(content: &[u8]) -> bool {
    multaqa_proto::record::content::Content::parse(content).unwrap().kind() == "key"
}
fn is_group(content: &[u8]) -> bool {
    multaqa_proto::record::content::Content::parse(content).unwrap().kind() == "group"
}
