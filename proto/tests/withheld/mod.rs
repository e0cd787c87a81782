//! Contents that a hub keeps back: an alarm where nothing explains a stub in a lane that the reader may read, and only then.

use multaqa_proto::alarm::Alarm;
use multaqa_proto::hash::RecordId;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::sync::block::{Entry, pack, unpack};
use multaqa_proto::sync::intake::Intake;
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
    let tombstone = kind::Tombstone {
        id: format!("SA:organisation:{name}"),
        revisions: revisions.iter().map(|id| id.to_vec()).collect(),
        ..kind::Tombstone::default()
    };
    f.write("SA/gw1", &Plan::new(&format!("SA:tombstone:{name}"), audience, &tombstone));
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
    // A tombstone that this reader may not read, of a record that was void: it explains as well.
    let (mut f, reader) = read();
    write(&mut f, "void", &["states"]);
    let index = newest(&f);
    withdraw(&mut f, "void", &[], &["group:gcc"]);
    let after = taken(&reader, &without(&f, &reader, &[index]));
    assert_eq!(heartbeat(&f, &after), Ok(()));
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
    let index = newest(&f);
    let excused = reader.excused(true).unwrap();
    assert!(excused.excused(true).is_none());
    let after = taken(&excused, &without(&f, &excused, &[index]));
    assert_eq!(heartbeat(&f, &after), Ok(()));
    // What was suspect before is so no more.
    let suspicious = taken(&reader, &without(&f, &reader, &[index]));
    assert_eq!(heartbeat(&f, &suspicious.excused(true).unwrap()), Ok(()));
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
