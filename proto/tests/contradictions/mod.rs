//! A writer that signs two records for one place: evidence on the log, frozen everywhere, until its next epoch.

use multaqa_proto::hash::RecordId;
use multaqa_proto::id::Writer;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::state::NotNext;
use multaqa_proto::number::{Epoch, TreeSize};
use multaqa_proto::record::Received;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::sync::block::{Entry, pack, unpack};
use multaqa_proto::sync::intake::{Taken, What};
use multaqa_proto::wire::hub::Frame;
use prost::bytes::Bytes;

use super::federation::{Federation, Plan, key, organisation};

/// Two members, and two records of the first for one place, of which the first one is ordered.
fn contradicted() -> (Federation, [Received; 2]) {
    let mut f = Federation::new(1);
    for (code, seed) in [("SA", 10), ("MA", 20)] {
        f.join(code, "state", seed);
    }
    let pair = f.contradiction("SA/gw1", ["SA:organisation:a", "SA:organisation:b"]);
    f.order(pair[0].clone());
    (f, pair)
}

fn next(f: &Federation, writer: &str) -> Result<(), NotNext> {
    let plan = Plan::new("SA:organisation:next", &["states"], &organisation("next"));
    let (_, record) = f.sign(writer, &[plan]).remove(0);
    f.state.check(&record.parse().unwrap(), &mut VerifiedRoots::default())
}

#[test]
fn evidence_freezes_its_writer_for_everybody_until_its_next_epoch() {
    let (mut f, pair) = contradicted();
    let (sa, ma): (Writer, Writer) = ("SA/gw1".parse().unwrap(), "MA/gw1".parse().unwrap());
    let control = f.state.control().count;
    assert_eq!(next(&f, "SA/gw1"), Ok(()));
    f.put_evidence(pair);
    f.seal();
    assert_eq!(f.state.control().count, control + 1, "evidence is one of the control leaves");
    assert_eq!(next(&f, "SA/gw1"), Err(NotNext::WriterFrozen { writer: sa.clone() }));
    assert_eq!(next(&f, "MA/gw1"), Ok(()));

    let (reader, taken) = f.reader("MA").accept(&f.frame("MA", TreeSize(0))).unwrap();
    let found: Vec<_> =
        reader.directory().unwrap().equivocations().map(|(writer, found)| (writer.clone(), found.clone())).collect();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].0, found[0].1.epoch, found[0].1.freezes), (&sa, Epoch(1), true));
    assert!(matches!(&taken[usize::try_from(found[0].1.index.0).unwrap()], Taken { what: What::Evidence(_), .. }));
    let directory = f.state.directory().clone();
    assert!(directory.freezes_now(&sa, &found[0].1) && directory.keys(&ma).len() == 1);

    // An operator invites the node anew: its next epoch begins, and the evidence stays.
    let (invitation, _) = f.invite("SA", 30);
    let key_record = f.redeem("SA", invitation, 30);
    f.order(key_record);
    assert_eq!(next(&f, "SA/gw1"), Ok(()));
    let directory = f.state.directory();
    let (_, found) = directory.equivocations().next().unwrap();
    assert!(found.freezes && !directory.freezes_now(&sa, found));
    reader.accept(&f.frame("MA", reader.size())).unwrap();
}

#[test]
fn a_hub_that_orders_records_of_a_frozen_writer_is_caught() {
    let (mut f, pair) = contradicted();
    f.put_evidence(pair);
    let (reader, _) = f.reader("MA").accept(&f.frame("MA", TreeSize(0))).unwrap();
    let (_, record) = f.sign("SA/gw1", &[Plan::new("SA:organisation:c", &["states"], &organisation("c"))]).remove(0);
    let alarm = reader.accept(&ordered_nonetheless(&f, &record)).map(|_| ()).unwrap_err();
    assert_eq!(alarm.code(), "WRITER_FROZEN", "{alarm}");
}

/// A frame with a record that the state refuses.
fn ordered_nonetheless(f: &Federation, record: &Received) -> Frame {
    let (from, mut state) = (f.state.size(), f.state.clone());
    let leaf = Leaf::new(LeafType::Record, f.now + 1, &record.signature, record.statement.clone());
    let parsed = record.clone().parse().unwrap();
    let content = parsed.content().unwrap().unwrap();
    state.push_record(&leaf.to_bytes(), &leaf, &parsed, Some(&content));
    let checkpoint = Checkpoint { log: state.log(), size: state.size(), root: state.root() };
    let entry = Entry {
        index: from.next_index(),
        leaf: leaf.to_bytes(),
        signature: record.signature.clone(),
        content: record.content.clone(),
    };
    Frame {
        first: from.0,
        count: 1,
        blocks: vec![pack(&[entry], true)],
        checkpoint: checkpoint.sign(state.directory().federation(), &f.log_key),
        view: from.0 + 1,
        ..Frame::default()
    }
}

#[test]
fn evidence_that_proves_nothing_is_an_alarm() {
    let (f, pair) = contradicted();
    let reader = f.reader("MA");
    let refused = |f: &Federation| reader.accept(&f.frame("MA", TreeSize(0))).map(|_| "taken").unwrap_err().code();
    // A signature that does not verify: the two exchanged.
    let [one, other] = pair.clone();
    let exchanged = [
        Received { signature: other.signature.clone(), ..one.clone() },
        Received { signature: one.signature.clone(), ..other.clone() },
    ];
    let mut false_witness = f.clone();
    false_witness.put_evidence(exchanged);
    assert_eq!(refused(&false_witness), "EVIDENCE_WRONG");
    // A second proof of the same contradiction.
    let mut twice = f.clone();
    twice.put_evidence(pair.clone());
    twice.put_evidence(pair.clone());
    assert_eq!(refused(&twice), "EVIDENCE_WRONG");
    // Evidence that comes with a content.
    let mut longer = f.clone();
    longer.put_evidence(pair);
    let mut frame = longer.frame("MA", TreeSize(0));
    let mut entries: Vec<_> = frame.blocks.iter().flat_map(|block| unpack(block).unwrap()).collect();
    entries.sort_by_key(|entry| entry.index);
    entries.last_mut().unwrap().content = Some(Bytes::from_static(b"more"));
    frame.blocks = vec![pack(&entries, true)];
    assert_eq!(reader.accept(&frame).map(|_| "taken").unwrap_err().code(), "EVIDENCE_WRONG");
}

#[test]
fn the_one_time_key_of_an_invitation_freezes_nobody() {
    let mut f = Federation::new(1);
    f.admit("SA", "state");
    let (invitation, _) = f.invite("SA", 10);
    // The same join key, used in two directories.
    let plan = Plan::new("SA:key:elsewhere", &["members"], &organisation("other keys"));
    let (_, other) = f.sign_with("SA/gw1", &[plan], &key(10), Epoch(1)).remove(0);
    let key_record = f.redeem("SA", invitation, 10);
    f.order(key_record.clone());
    let mut lied = f.clone();
    lied.put_evidence([key_record, other]);
    let alarm = f.reader("SA").accept(&lied.frame("SA", TreeSize(0))).map(|_| ()).unwrap_err();
    assert_eq!(alarm.code(), "EVIDENCE_WRONG", "{alarm}");
}

#[test]
fn an_operator_is_frozen_until_a_policy_names_another_key_unless_no_other_can_act() {
    let of = |required| {
        let mut f = Federation::new(required);
        f.admit("SA", "state");
        let pair = ["a", "b"].map(|name| {
            let id = format!("x-federation:notice:{name}");
            f.sign("operator/first", &[Plan::new(&id, &["members"], &organisation(name))]).remove(0).1
        });
        f.order(pair[0].clone());
        f.put_evidence(pair);
        f
    };
    let operator: Writer = "operator/first".parse().unwrap();
    let found = |f: &Federation| {
        let directory = f.state.directory();
        let (writer, found) = directory.equivocations().next().unwrap();
        assert_eq!(*writer, operator);
        directory.freezes_now(writer, found)
    };
    let f = of(1);
    assert!(found(&f));
    let plan = Plan::new("x-federation:notice:c", &["members"], &organisation("c"));
    let (_, record): (RecordId, Received) = f.sign("operator/first", &[plan]).remove(0);
    let checked = f.state.check(&record.parse().unwrap(), &mut VerifiedRoots::default());
    assert_eq!(checked, Err(NotNext::WriterFrozen { writer: operator.clone() }));
    // All three are needed: nobody could give it another key.
    assert!(!found(&of(3)));
}
