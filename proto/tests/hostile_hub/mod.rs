//! What a hostile or broken hub may send, one frame a rule: each is refused with its code, and changes nothing.

use multaqa_proto::hash::Hash;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::number::{LogNumber, TreeSize};
use multaqa_proto::record::ChainPlace;
use multaqa_proto::sync::block::{Entry, pack, unpack};
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::sync::{FRAME_ENTRIES_MAX, UNPACKED_MAX};
use multaqa_proto::wire::hub::{Block, Frame};
use prost::Message as _;

use super::federation::{Federation, Plan, group, key, organisation};

/// A reader that holds the members, and a federation that went on: a group's record, an open one, one of an operator.
fn halfway() -> (Federation, Intake) {
    let mut f = Federation::new(1);
    for (code, seed) in [("SA", 10), ("MA", 20)] {
        f.join(code, "state", seed);
    }
    let gcc = group("gcc", "full", &["SA"]);
    f.write("operator/first", &Plan::new("x-federation:group:gcc", &["members"], &gcc));
    let (reader, _) = f.reader("MA").accept(&f.frame("MA", TreeSize(0))).unwrap();
    f.write("SA/gw1", &Plan::new("SA:organisation:open", &["states"], &organisation("for all states")));
    f.write("SA/gw1", &Plan::new("SA:organisation:gulf", &["group:gcc"], &organisation("for the Gulf")));
    f.admit("KW", "state");
    (f, reader)
}

/// The entries of a frame.
fn entries(frame: &Frame) -> Vec<Entry> {
    let mut entries: Vec<Entry> = frame.blocks.iter().flat_map(|block| unpack(block).unwrap()).collect();
    entries.sort_by_key(|entry| entry.index);
    entries
}

/// The frame with its entries changed; count and checkpoint stay.
fn with_entries(frame: &Frame, change: impl FnOnce(&mut Vec<Entry>)) -> Frame {
    let mut entries = entries(frame);
    change(&mut entries);
    Frame { blocks: vec![pack(&entries, true)], ..frame.clone() }
}

fn with_block(frame: &Frame, change: impl FnOnce(&mut Block)) -> Frame {
    let mut frame = with_entries(frame, |_| {});
    change(&mut frame.blocks[0]);
    frame
}

fn with_checkpoint(frame: &Frame, f: &Federation, change: impl FnOnce(&mut Checkpoint)) -> Frame {
    let mut checkpoint = Checkpoint { log: LogNumber(1), size: f.state.size(), root: f.state.root() };
    change(&mut checkpoint);
    Frame { checkpoint: checkpoint.sign(f.state.directory().federation(), &f.log_key), ..frame.clone() }
}

/// The entry's leaf, made anew around its changed parts, so that no hash betrays the change.
fn releafed(entry: &mut Entry) {
    let Leaf { accepted_at_ms, body, .. } = Leaf::parse(&entry.leaf).unwrap();
    entry.leaf = Leaf::new(LeafType::Record, accepted_at_ms, &entry.signature, body).to_bytes();
}

/// What is wrong, the code, the frame.
type Case = (&'static str, &'static str, Frame);

/// Frames whose blocks are not what they say.
fn bad_blocks(f: &Federation, reader: &Intake, good: &Frame) -> Vec<Case> {
    let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 3).unwrap();
    vec![
        ("a block that was cut off", "FRAME_BAD", with_block(good, |block| block.data.truncate(block.data.len() / 2))),
        ("a block of garbage", "FRAME_BAD", with_block(good, |block| block.data = vec![0xa5; 300].into())),
        ("a block that unpacks to more than it says", "FRAME_BAD", with_block(good, |block| block.data = bomb.into())),
        ("a block that says too much", "FRAME_TOO_LARGE", with_block(good, |b| b.unpacked_bytes = u64::MAX)),
        (
            "blocks that say too much together",
            "FRAME_TOO_LARGE",
            Frame {
                blocks: vec![Block { unpacked_bytes: UNPACKED_MAX as u64, ..good.blocks[0].clone() }; 2],
                ..good.clone()
            },
        ),
        (
            "more entries than a frame may hold",
            "FRAME_BAD",
            with_entries(good, |entries| {
                entries.resize(FRAME_ENTRIES_MAX + 1, entries[0].clone());
            }),
        ),
        ("a frame without entries", "FRAME_BAD", Frame { blocks: Vec::new(), ..good.clone() }),
        ("another count than entries", "FRAME_BAD", Frame { count: good.count + 1, ..good.clone() }),
        ("an entry twice", "FRAME_BAD", with_entries(good, |entries| entries[1] = entries[0].clone())),
        ("an entry left out", "FRAME_BAD", with_entries(good, |entries| drop(entries.remove(1)))),
        ("a frame that begins too late", "LOG_GAP", f.frame("MA", TreeSize(reader.size().0 + 1))),
        ("a genesis once more", "LOG_GAP", f.frame("MA", TreeSize(0))),
    ]
}

/// Frames whose checkpoint is not this log's.
fn bad_checkpoints(f: &Federation, good: &Frame) -> Vec<Case> {
    let federation = f.state.directory().federation();
    let other = Federation::new(2);
    vec![
        ("a checkpoint of garbage", "CHECKPOINT_BAD", Frame { checkpoint: "x".to_owned(), ..good.clone() }),
        (
            "a checkpoint by another key",
            "CHECKPOINT_BAD",
            Frame {
                checkpoint: Checkpoint { log: LogNumber(1), size: f.state.size(), root: f.state.root() }
                    .sign(federation, &key(99)),
                ..good.clone()
            },
        ),
        (
            "a checkpoint of another federation",
            "CHECKPOINT_BAD",
            Frame {
                checkpoint: Checkpoint { log: LogNumber(1), size: f.state.size(), root: f.state.root() }
                    .sign(&"other.example".parse().unwrap(), &f.log_key),
                ..good.clone()
            },
        ),
        ("a checkpoint of another log", "CHECKPOINT_BAD", with_checkpoint(good, f, |c| c.log = LogNumber(2))),
        ("a checkpoint that covers less", "LOG_REWOUND", with_checkpoint(good, f, |c| c.size.0 -= 1)),
        ("another root, signed", "ROOT_WRONG", with_checkpoint(good, f, |c| c.root = other.state.root())),
    ]
}

/// Frames whose entries are not what their writers signed, or not for this reader.
fn bad_entries(f: &Federation, reader: &Intake, good: &Frame) -> Vec<Case> {
    vec![
        (
            "a signature that is not its leaf's",
            "LEAF_MISMATCH",
            with_entries(good, |entries| {
                entries[0].signature = entries[1].signature.clone();
            }),
        ),
        (
            "a record that its writer did not sign",
            "SIGNATURE_BAD",
            with_entries(good, |entries| {
                entries[0].signature = entries[1].signature.clone();
                releafed(&mut entries[0]);
            }),
        ),
        (
            "a chain with a gap",
            "CHAIN_GAP",
            with_entries(good, |entries| {
                let (first, second) = (entries[0].index, entries[1].clone());
                entries[0] = Entry { index: first, ..second };
            }),
        ),
        (
            "a content that is not its statement's",
            "CONTENT_HASH_WRONG",
            with_entries(good, |entries| {
                entries[0].content = entries[2].content.clone();
            }),
        ),
        ("a content for others", "OVER_SHARED", f.frame("SA", reader.size())),
        (
            "an operator's record without its content",
            "CONTROL_WITHHELD",
            with_entries(good, |entries| {
                entries[2].content = None;
            }),
        ),
        (
            "time that goes back",
            "TIME_WENT_BACK",
            with_entries(good, |entries| {
                let Leaf { body, .. } = Leaf::parse(&entries[0].leaf).unwrap();
                entries[0].leaf = Leaf::new(LeafType::Record, 0, &entries[0].signature, body).to_bytes();
            }),
        ),
    ]
}

#[test]
fn each_frame_that_breaks_a_rule_is_refused_with_its_code() {
    let (f, reader) = halfway();
    let good = f.frame("MA", reader.size());
    reader.accept(&good).unwrap();
    let cases = [bad_blocks(&f, &reader, &good), bad_checkpoints(&f, &good), bad_entries(&f, &reader, &good)];
    for (what, code, frame) in cases.concat() {
        let alarm = reader.accept(&frame).map(|_| "it was taken").unwrap_err();
        assert_eq!(alarm.code(), code, "{what}: {alarm}");
    }
    let (after, _) = reader.accept(&good).unwrap();
    assert_eq!(after.state().unwrap().root(), f.state.root(), "nothing of it changed anything");
    assert!(after.has(&good) && !reader.has(&good), "a frame that comes twice is known");
}

/// The frame in which a record that its writer signed for another place stands where its next one would.
fn with_record(f: &Federation, good: &Frame, change: impl FnOnce(&mut ChainPlace)) -> Frame {
    let mut place = f.place("SA/gw1");
    change(&mut place);
    let record = f.sign_at(&place, &Plan::new("SA:organisation:new", &["states"], &organisation("elsewhere")));
    with_entries(good, |entries| {
        let entry = &mut entries[0];
        entry.leaf = Leaf::new(LeafType::Record, f.now, &record.signature, record.statement).to_bytes();
        (entry.signature, entry.content) = (record.signature, record.content);
    })
}

/// The frame with its seal changed.
fn with_seal(good: &Frame, change: impl FnOnce(&mut Seal)) -> Frame {
    with_entries(good, |entries| {
        let entry = entries.last_mut().unwrap();
        let leaf = Leaf::parse(&entry.leaf).unwrap();
        let mut seal = Seal::parse(&leaf.body).unwrap();
        change(&mut seal);
        entry.leaf = Leaf::new(LeafType::Seal, leaf.accepted_at_ms, &[], seal.serialise()).to_bytes();
    })
}

#[test]
fn a_seal_and_a_place_in_a_chain_that_are_not_the_logs_are_refused_with_their_codes() {
    let (mut f, _) = halfway();
    f.seal();
    let (reader, _) = f.reader("MA").accept(&f.frame("MA", TreeSize(0))).unwrap();
    let sealed_ms = reader.state().unwrap().seal_time_ms();
    let mut next = f.clone();
    next.write("SA/gw1", &Plan::new("SA:organisation:new", &["states"], &organisation("the next one")));
    next.seal();
    let good = next.frame("MA", reader.size());
    reader.accept(&good).unwrap();
    let other = Hash::of(b"another");
    let cases = [
        ("a seal over fewer control records", "SEAL_WRONG", with_seal(&good, |seal| seal.control.count -= 1)),
        ("a seal over other control records", "SEAL_WRONG", with_seal(&good, |seal| seal.control.head = other)),
        ("a seal before the one before", "SEAL_WRONG", with_seal(&good, |seal| seal.time_ms = sealed_ms - 1)),
        ("as it is", "ROOT_WRONG", with_record(&f, &good, |_| ())),
        ("of another federation", "FEDERATION_WRONG", with_record(&f, &good, |place| place.federation = Some(other))),
        ("after another record", "CHAIN_PREVIOUS_WRONG", with_record(&f, &good, |place| place.previous = Some(other))),
        ("after no record", "RECORD_MALFORMED", with_record(&f, &good, |place| place.previous = None)),
        ("at a place that is taken", "CHAIN_FORK", with_record(&f, &good, |place| place.seq.0 -= 1)),
        ("at a later place", "CHAIN_GAP", with_record(&f, &good, |place| place.seq.0 += 1)),
    ];
    for (what, code, frame) in cases {
        let alarm = reader.accept(&frame).map(|_| "it was taken").unwrap_err();
        assert_eq!(alarm.code(), code, "{what}: {alarm}");
    }
}

#[test]
fn a_checkpoint_that_is_heard_may_not_be_behind_nor_of_another_log() {
    let (f, reader) = halfway();
    let heard = |size: TreeSize, root| {
        let note = Checkpoint { log: LogNumber(1), size, root }.sign(f.state.directory().federation(), &f.log_key);
        reader.open_checkpoint(&note).map(|found| found.map(|found| found.size)).map_err(|alarm| alarm.code())
    };
    let (size, root) = (reader.size(), reader.state().unwrap().root());
    assert_eq!(heard(size, root), Ok(Some(size)));
    assert_eq!(heard(f.state.size(), f.state.root()), Ok(Some(f.state.size())));
    assert_eq!(heard(size, f.state.root()), Err("ROOT_WRONG"));
    assert_eq!(heard(TreeSize(size.0 - 1), root), Err("LOG_REWOUND"));
}

#[test]
fn another_federation_is_known_by_its_genesis() {
    let (f, _) = halfway();
    let other = Federation::new(2);
    let alarm = f.reader("MA").accept(&other.frame("MA", TreeSize(0))).map(|_| ()).unwrap_err();
    assert_eq!(alarm.code(), "GENESIS_WRONG");
}

/// However short it is cut, a frame is no message, or breaks a rule; a shorter one is never taken for a whole one.
#[test]
fn a_frame_that_is_cut_off_anywhere_is_refused() {
    let (f, reader) = halfway();
    let bytes = f.frame("MA", reader.size()).encode_to_vec();
    for length in 0..bytes.len() {
        let taken = Frame::decode(&bytes[..length]).ok().and_then(|frame| reader.accept(&frame).ok());
        assert!(taken.is_none(), "the first {length} of {} bytes were taken", bytes.len());
    }
}
