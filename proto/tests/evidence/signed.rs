//! What evidence proves with the newest seal: seals that contradict the control records, keys that nobody named, and what stands
//! where an answer said that a record does.

use multaqa_proto::log::seal::ControlChain;
use multaqa_proto::record::Received;
use multaqa_proto::wire::record as wire;
use prost::Message as _;

use super::*;

/// The frame to come with its last entry, a seal, changed.
fn sealed_anew(f: &Federation, reader: &Intake, change: impl FnOnce(&[Entry], &mut Seal)) -> Frame {
    signed_anew(f, reader, |entries| {
        let (last, before) = entries.split_last_mut().unwrap();
        let leaf = Leaf::parse(&last.leaf).unwrap();
        let mut seal = Seal::parse(&leaf.body).unwrap();
        change(before, &mut seal);
        last.leaf = Leaf::new(LeafType::Seal, leaf.accepted_at_ms, &[], seal.serialise()).to_bytes();
    })
}

/// Whether a frame that breaks this rule convicts the hub; its reporter may change what it held.
fn convicts(f: &Federation, reader: &Intake, rule: &str, frame: Frame, change: impl FnOnce(&mut Held)) -> bool {
    assert_eq!(code(reader, &frame), rule);
    let mut report = report(f, reader, rule, Sent::Frame(frame));
    change(report.held.as_mut().unwrap());
    let verified = verify(f, &report);
    assert!(verified.claimed().any(|finding| matches!(finding, Finding::Shown { .. })), "{verified:?}");
    let ordered = |finding: &Finding| matches!(finding, Finding::Ordered { code, .. } if *code == rule);
    assert_eq!(verified.proven().any(ordered), verified.proves_misbehaviour(), "{verified:?}");
    verified.proves_misbehaviour()
}

fn pushed(mut chain: ControlChain, leaf: &[u8]) -> ControlChain {
    chain.push(hash(leaf));
    chain
}

#[test]
fn a_seal_convicts_where_no_choice_of_stubs_explains_it() {
    let (mut f, reader) = halfway();
    let held = reader.state().unwrap();
    let (before, seal_time_ms) = (held.control(), held.seal_time_ms());
    f.seal();
    let seal_wrong = |f: &Federation, change: &dyn Fn(&[Entry], &mut Seal)| {
        convicts(f, &reader, "SEAL_WRONG", sealed_anew(f, &reader, change), |_| {})
    };
    // A record for all, whole, and one for others, a stub: that one may have been a control record.
    assert!(seal_wrong(&f, &|_, seal| seal.time_ms = seal_time_ms - 1));
    assert!(seal_wrong(&f, &|_, seal| seal.control = ControlChain::default()));
    assert!(seal_wrong(&f, &|_, seal| seal.control.head = Hash::of(b"another")));
    assert!(seal_wrong(&f, &|_, seal| seal.control = pushed(before, b"a suspension that is hidden")));
    assert!(seal_wrong(&f, &|_, seal| seal.control.count += 2));
    assert!(seal_wrong(&f, &|entries, seal| seal.control = pushed(before, &entries[0].leaf)));
    assert!(!seal_wrong(&f, &|entries, seal| seal.control = pushed(before, &entries[1].leaf)));

    // A control record that the seal leaves out, and one that stands between two stubs.
    let (mut f, _) = halfway();
    f.admit("EG", "state");
    f.write("SA/gw1", &Plan::new("SA:organisation:second", &["member:SA"], &organisation("for itself")));
    f.seal();
    assert!(seal_wrong(&f, &|_, seal| seal.control = before));
    let two = |entries: &[Entry], places: [usize; 2]| {
        places.iter().fold(before, |chain, at| pushed(chain, &entries[*at].leaf))
    };
    assert!(!seal_wrong(&f, &|entries, seal| seal.control = two(entries, [1, 2])));
    assert!(!seal_wrong(&f, &|entries, seal| seal.control = two(entries, [2, 3])));
    assert!(seal_wrong(&f, &|entries, seal| seal.control = two(entries, [1, 3])));
}

#[test]
fn a_seal_convicts_nobody_without_the_seal_before_it() {
    let (mut f, reader) = halfway();
    f.seal();
    let hidden = |f: &Federation| {
        let before = reader.state().unwrap().control();
        sealed_anew(f, &reader, |_, seal| seal.control = pushed(before, b"hidden"))
    };
    assert!(convicts(&f, &reader, "SEAL_WRONG", hidden(&f), |_| {}));
    assert!(!convicts(&f, &reader, "SEAL_WRONG", hidden(&f), |held| held.seal = None));
    // With one in the frame it does again: the entries stand between two seals.
    f.write("SA/gw1", &Plan::new("SA:organisation:later", &["states"], &organisation("later")));
    f.seal();
    assert!(convicts(&f, &reader, "SEAL_WRONG", hidden(&f), |held| held.seal = None));
    // One that is not on the log is no seal.
    let genesis = f.state.directory().genesis();
    let refused = |change: &dyn Fn(&mut PlacedLeaf)| {
        let mut report = report(&f, &reader, "SEAL_WRONG", Sent::Frame(hidden(&f)));
        change(report.held.as_mut().unwrap().seal.as_mut().unwrap());
        let file = EvidenceFile::open(report.sign(&key(21)).as_bytes()).unwrap();
        assert_eq!(file.verify(genesis).unwrap_err().code(), "EVIDENCE_FILE_CONTRADICTS");
    };
    refused(&|seal| seal.index = LeafIndex(0));
    refused(&|seal| seal.path.truncate(1));
    refused(&|seal| seal.leaf = f.entries[0].1.leaf.clone());
}

/// The entry under another key's id.
fn under_key(entry: &mut Entry, key_id: [u8; 16]) {
    let mut signature = wire::Signature::decode(&*entry.signature).unwrap();
    signature.key_id = key_id.to_vec();
    entry.signature = signature.encode_to_vec().into();
    let leaf = Leaf::parse(&entry.leaf).unwrap();
    entry.leaf = Leaf::new(LeafType::Record, leaf.accepted_at_ms, &entry.signature, leaf.body).to_bytes();
}

#[test]
fn an_unknown_key_convicts_where_seals_close_the_control_records_and_none_names_it() {
    let (mut f, reader) = halfway();
    let unknown = |f: &Federation, at: usize, key_id: [u8; 16], change: &dyn Fn(&mut Held)| {
        let frame = signed_anew(f, &reader, |entries| under_key(&mut entries[at], key_id));
        convicts(f, &reader, "KEY_UNKNOWN", frame, change)
    };
    assert!(unknown(&f, 0, [9; 16], &|_| {}));
    assert!(!unknown(&f, 0, [9; 16], &|held| held.seal = None));
    // An operator's key is no key of SA, but a record names it: what that is worth, the reader judged.
    assert!(!unknown(&f, 0, multaqa_proto::key::PublicKey::of(&key(1)).id().0, &|_| {}));
    // A stub stands before it, which may have named it, unless a seal says that it is no control record.
    f.write("SA/gw1", &Plan::new("SA:organisation:after", &["states"], &organisation("after the stub")));
    assert!(!unknown(&f, 2, [9; 16], &|_| {}));
    let (mut f, _) = halfway();
    f.seal();
    f.write("SA/gw1", &Plan::new("SA:organisation:after", &["states"], &organisation("after the seal")));
    assert!(unknown(&f, 3, [9; 16], &|_| {}));
    assert!(unknown(&f, 3, [9; 16], &|held| held.seal = None));
}

/// What is decided of an answer that this record stands at an index.
fn answered(f: &Federation, reader: &Intake, rule: &str, sent: Sent) -> Result<Verified, EvidenceFileBad> {
    let text = report(f, reader, rule, sent).sign(&key(21));
    EvidenceFile::open(text.as_bytes()).unwrap().verify(f.state.directory().genesis())
}

#[test]
fn what_stands_where_an_answer_said_is_proven_and_the_answer_is_claimed() {
    let (mut f, _) = halfway();
    f.write("MA/gw1", &Plan::new("MA:organisation:there", &["states"], &organisation("on the log")));
    f.seal();
    let (reader, _) = f.reader("MA").accept(&f.frame("MA", TreeSize(0))).unwrap();
    let size = reader.size();
    let stub = |record: Received| Received { content: None, ..record };
    let signed = |f: &Federation, writer: &str| {
        let plan = Plan::new("MA:organisation:dropped", &["states"], &organisation("dropped"));
        stub(f.sign(writer, &[plan]).remove(0).1)
    };
    let (record, last) = (signed(&f, "MA/gw1"), size.next_index().0 - 1);
    let standing = |f: &Federation, index: u64| {
        let leaves: Vec<_> = f.entries.iter().map(|(_, entry)| hash(&entry.leaf)).collect();
        let at = usize::try_from(index).unwrap();
        Some(PlacedLeaf {
            index: LeafIndex(index),
            leaf: f.entries[at].1.leaf.clone(),
            path: inclusion_path(&leaves, at),
        })
    };
    let sent = |record: &Received, index: u64, checkpoint: String, standing| Sent::Answer {
        record: record.clone(),
        index: LeafIndex(index),
        checkpoint,
        standing,
    };
    let shown = |verified: &Verified| verified.claimed().any(|finding| matches!(finding, Finding::Shown { .. }));
    let elsewhere = |verified: &Verified| verified.proven().any(|found| matches!(found, Finding::Elsewhere { .. }));

    let dropped = sent(&record, last, String::new(), standing(&f, last));
    let verified = answered(&f, &reader, "ACCEPTED_LOST", dropped).unwrap();
    assert!(elsewhere(&verified) && shown(&verified) && !verified.proves_misbehaviour(), "{verified:?}");
    let verified = answered(&f, &reader, "ACCEPTED_UNORDERED", sent(&record, size.0, f.checkpoint(), None)).unwrap();
    assert!(!elsewhere(&verified) && shown(&verified) && !verified.proves_misbehaviour(), "{verified:?}");
    let verified = answered(&f, &reader, "ACCEPTED_UNORDERED", sent(&record, size.0, String::new(), None)).unwrap();
    assert!(!elsewhere(&verified) && !shown(&verified), "{verified:?}");
    let other = sent(&record, last, forked_note(&f, size), standing(&f, last));
    let verified = answered(&f, &reader, "ACCEPTED_LOST", other).unwrap();
    assert!(verified.proves_misbehaviour(), "{verified:?}");
    // The record that does stand there.
    let there = last - 1;
    let entry = &f.entries[usize::try_from(there).unwrap()].1;
    let leaf = Leaf::parse(&entry.leaf).unwrap();
    let kept = Received { statement: leaf.body, content: None, signature: entry.signature.clone() };
    let verified =
        answered(&f, &reader, "ACCEPTED_LOST", sent(&kept, there, String::new(), standing(&f, there))).unwrap();
    assert!(!elsewhere(&verified) && !shown(&verified), "{verified:?}");
    // A record that the reporter did not sign, one with its content, and a leaf that is not on the log.
    let refused = |sent: Sent| answered(&f, &reader, "ACCEPTED_LOST", sent).unwrap_err().code();
    let contradicts = "EVIDENCE_FILE_CONTRADICTS";
    assert_eq!(refused(sent(&signed(&f, "SA/gw1"), last, String::new(), standing(&f, last))), contradicts);
    let mut forged = record.clone();
    forged.signature = kept.signature.clone();
    assert_eq!(refused(sent(&forged, last, String::new(), standing(&f, last))), contradicts);
    let whole =
        f.sign("MA/gw1", &[Plan::new("MA:organisation:dropped", &["states"], &organisation("dropped"))]).remove(0).1;
    assert_eq!(refused(sent(&whole, last, String::new(), standing(&f, last))), contradicts);
    let moved = standing(&f, last).map(|placed| PlacedLeaf { index: LeafIndex(there), ..placed });
    assert_eq!(refused(sent(&record, there, String::new(), moved)), contradicts);
}
