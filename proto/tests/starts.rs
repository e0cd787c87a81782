//! Fast start: whatever a reader may read, a start by runs ends in the state of a full replay, and none that is forged ends at all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "other tests use what these do not")]
mod federation;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use federation::{Federation, Plan, group, key, organisation};
use multaqa_proto::alarm::Alarm;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::Writer;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::cosignature;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::tree::{consistency_proof, inclusion_path, leaf_hash, root_of, run_of};
use multaqa_proto::log::witness::with_lines;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::block::{Entry, pack, unpack};
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::sync::intake::start::{Next, Start, stable};
use multaqa_proto::sync::merge::{Readers, Segment, frame};
use multaqa_proto::sync::run::{self, Run, RunBad};
use multaqa_proto::wire::{hub as wire, kind, record};
use proptest::prelude::*;
use proptest::sample::Index;

/// States with a node each, all witnesses: a quorum is three. The seeds of their nodes' keys.
const STATES: [(&str, u8); 4] = [("SA", 10), ("MA", 20), ("KW", 30), ("JO", 40)];

/// A step of the log's history.
#[derive(Debug, Clone)]
enum Step {
    /// A record of one of the states, for an audience of this number.
    Record(usize, usize),
    /// A member joins.
    Admit,
    Seal,
}

const AUDIENCES: [&str; 6] = ["states", "group:gcc", "member:SA", "member:JO", "group:west", "members"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let record = || (0..STATES.len(), 0..AUDIENCES.len()).prop_map(|(state, audience)| Step::Record(state, audience));
    let step = prop_oneof![12 => record(), 1 => Just(Step::Admit), 2 => Just(Step::Seal)];
    prop::collection::vec(step, 1..90)
}

/// The past up to a sealed checkpoint, and the log that goes on from there.
struct History {
    federation: Federation,
    /// Size and state at the sealed checkpoint, with its note.
    end: TreeSize,
    state: LogState,
    note: String,
}

fn begun() -> Federation {
    let mut f = Federation::new(1);
    for (code, seed) in STATES {
        f.join(code, "state", seed);
    }
    let now = f.state.directory().policy();
    let operators = now.operators.iter();
    let policy = kind::Policy {
        number: 2,
        log_key: now.log_key.as_bytes().to_vec(),
        operators: operators
            .map(|(name, key)| kind::Operator { name: name.to_string(), record_key: key.as_bytes().to_vec() })
            .collect(),
        operators_required: 1,
        witnesses: STATES.map(|(code, _)| code.to_owned()).to_vec(),
        rules: 1,
    };
    f.write("operator/first", &Plan::new("x-federation:policy:2", &["members"], &policy));
    for (slug, history, members) in [("gcc", "full", ["SA", "KW"]), ("west", "from-join", ["MA", "JO"])] {
        let plan = group(slug, history, &members);
        f.write("operator/first", &Plan::new(&format!("x-federation:group:{slug}"), &["members"], &plan));
    }
    f
}

fn go_on(f: &mut Federation, steps: &[Step], round: &str) {
    for (number, step) in steps.iter().enumerate() {
        match step {
            Step::Record(state, audience) => {
                let ((code, _), audience) = (STATES[*state], AUDIENCES[*audience]);
                let id = format!("{code}:organisation:o-{round}-{number}");
                f.write(&format!("{code}/gw1"), &Plan::new(&id, &[audience], &organisation("said")));
            }
            Step::Admit => {
                let letters = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap());
                let code = format!("Q{}", letters(f.state.directory().members().count()));
                f.admit(&code, "state");
            }
            Step::Seal => f.seal(),
        }
    }
}

static BEGUN: LazyLock<Federation> = LazyLock::new(begun);

impl History {
    fn of(below: &[Step], above: &[Step]) -> Self {
        let mut f = BEGUN.clone();
        go_on(&mut f, below, "below");
        f.seal();
        let (end, state, note) = (f.state.size(), f.state.clone(), f.checkpoint());
        go_on(&mut f, above, "above");
        f.seal();
        Self { federation: f, end, state, note }
    }

    fn hashes(&self) -> Vec<Hash> {
        self.federation.entries.iter().map(|(_, entry)| leaf_hash(&entry.leaf)).collect()
    }

    /// What witnesses cosigned: some the end itself, some the newest checkpoint.
    fn offer(&self, at_end: &[usize], at_newest: &[usize]) -> wire::Start {
        let newest = self.federation.checkpoint();
        let consistency = consistency_proof(&self.hashes(), usize::try_from(self.end.0).unwrap());
        let later = record::LaterCheckpoint {
            checkpoint: self.cosigned(&newest, at_newest),
            consistency: consistency.iter().map(|hash| hash.to_vec()).collect(),
        };
        let later = (!at_newest.is_empty()).then_some(later).into_iter().collect();
        wire::Start { checkpoint: self.cosigned(&self.note, at_end), later }
    }

    fn cosigned(&self, note: &str, states: &[usize]) -> String {
        let text = note.split_inclusive("\n\n").next().unwrap().strip_suffix('\n').unwrap();
        let line = |state: &usize| {
            let (code, seed) = STATES[*state];
            let federation = self.federation.state.directory().federation().clone();
            let name = cosignature::witness_name(&federation, &code.parse().unwrap(), &"gw1".parse().unwrap());
            cosignature::sign(&name, &key(seed + 2), 77, text)
        };
        let lines: Vec<String> = states.iter().map(line).collect();
        with_lines(note, lines.iter().map(String::as_str))
    }

    /// What a hub shows this reader, by the rules in the header of `start`.
    fn shown(&self, reader: &str) -> BTreeSet<u64> {
        let (f, end) = (&self.federation, usize::try_from(self.end.0).unwrap());
        let segment = |entry: &(Readers, Entry)| Segment::new(vec![entry.clone()], String::new());
        let reader = reader.parse().unwrap();
        let (mut shown, mut sealed, mut newest) = (BTreeSet::new(), 0, BTreeMap::<Writer, u64>::new());
        for (at, entry) in f.entries[..end].iter().enumerate() {
            let (index, is_seal) = (at as u64, entry.1.signature.is_empty());
            if is_seal {
                sealed = index;
            } else if entry.0 == Readers::Everyone {
                shown.extend(sealed..=index);
            } else if segment(entry).blocks[0].readable(&reader, f.state.directory(), f.state.size()) {
                shown.insert(index);
            }
            if let Readers::Audience(_, writer) = &entry.0 {
                newest.insert(writer.clone(), index);
            }
        }
        shown.extend(newest.into_values());
        shown.insert(self.end.0 - 1);
        shown
    }

    /// Frames over these stretches, the last of which ends the start.
    fn frames(&self, reader: &str, shown: &BTreeSet<u64>, cuts: &BTreeSet<u64>) -> Vec<wire::Frame> {
        let mut cuts: Vec<u64> = cuts.iter().copied().filter(|cut| (1..self.end.0).contains(cut)).collect();
        cuts.push(self.end.0);
        let starts = std::iter::once(0).chain(cuts.clone());
        starts.zip(&cuts).map(|(from, to)| self.stretch(reader, shown, from, *to)).collect()
    }

    fn stretch(&self, reader: &str, shown: &BTreeSet<u64>, from: u64, to: u64) -> wire::Frame {
        let f = &self.federation;
        let at = |index: u64| usize::try_from(index).unwrap();
        let entries: Vec<_> = shown.range(from..to).map(|index| f.entries[at(*index)].clone()).collect();
        let segment = Segment::new(entries, String::new());
        let segment = std::sync::Arc::new(segment);
        let packed =
            frame(std::slice::from_ref(&segment), &reader.parse().unwrap(), f.state.directory(), f.state.size())
                .unwrap();
        let bounds = std::iter::once(None).chain(shown.range(from..to).map(|index| Some(*index))).chain([None]);
        let bounds: Vec<_> = bounds.collect();
        let hashes = self.hashes();
        let gap = |pair: &[Option<u64>]| {
            let (first, end) = (pair[0].map_or(from, |index| index + 1), pair[1].unwrap_or(to));
            let run = || Run::new(LeafIndex(first), end - first, run_of(&hashes[at(first)..at(end)], first)).unwrap();
            (first < end).then(|| run().to_wire())
        };
        let runs = bounds.windows(2).filter_map(gap).collect();
        let blocks = if segment.blocks.is_empty() { Vec::new() } else { packed.blocks };
        wire::Frame { first: from, count: to - from, blocks, runs, ..packed }
    }

    fn empty(&self, reader: &str) -> Intake {
        self.federation.reader(reader)
    }

    /// Takes a whole start.
    fn start(&self, reader: &str, offer: wire::Start, frames: &[wire::Frame]) -> Result<Intake, Alarm> {
        let mut start = Start::begin(&self.empty(reader), offer)?;
        for frame in frames {
            match start.accept(frame)?.0 {
                Next::More(more) => start = *more,
                Next::Done(intake) => return Ok(*intake),
            }
        }
        panic!("the start has no end");
    }
}

fn same(one: &LogState, other: &LogState) {
    assert_eq!((one.size(), one.root(), one.frontier()), (other.size(), other.root(), other.frontier()));
    assert_eq!((one.control(), one.seal_time_ms()), (other.control(), other.seal_time_ms()));
    assert_eq!((one.chains(), one.accepted_at_ms()), (other.chains(), other.accepted_at_ms()));
    assert_eq!(format!("{:?}", one.directory()), format!("{:?}", other.directory()));
}

proptest! {
    // 48 where nothing else is asked for.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 3 / 16))]

    #[test]
    fn a_start_by_runs_ends_in_the_state_of_a_full_replay_and_goes_on_like_it(
        below in steps(),
        above in steps(),
        more in prop::collection::btree_set(0u64..140, 0..60),
        cuts in prop::collection::btree_set(1u64..140, 0..6),
        reader in 0usize..STATES.len(),
    ) {
        let history = History::of(&below, &above);
        let reader = STATES[reader].0;
        // What must be shown, and any more of it: as a stub, whole, or not at all.
        let mut shown = history.shown(reader);
        shown.extend(more.into_iter().filter(|index| *index < history.end.0));
        let frames = history.frames(reader, &shown, &cuts);
        let started = history.start(reader, history.offer(&[0, 1], &[3]), &frames).unwrap();
        same(started.state().unwrap(), &history.state);
        // From there on it takes what any reader takes.
        let next = history.federation.frame(reader, history.end);
        let (after, _) = started.accept(&next).unwrap();
        same(after.state().unwrap(), &history.federation.state);
    }

    #[test]
    fn no_forged_start_ends(
        below in steps(),
        forgery in 0usize..9,
        which in any::<Index>(),
        bit in 0usize..256,
    ) {
        let history = History::of(&below, &[]);
        let shown = history.shown("MA");
        let mut frame = history.stretch("MA", &shown, 0, history.end.0);
        prop_assume!(!frame.runs.is_empty());
        let offer = history.offer(&[0, 1, 2], &[]);
        prop_assert!(history.start("MA", offer.clone(), std::slice::from_ref(&frame)).is_ok());
        let at = which.index(frame.runs.len());
        let run = &mut frame.runs[at];
        match forgery {
            0 => {
                let byte = which.index(run.hashes.len());
                run.hashes[byte] ^= 1 << (bit % 8);
            }
            1 => run.first += 1,
            2 => run.first -= 1,
            3 => run.count += 1,
            4 => run.count -= 1,
            5 => drop(run.hashes.pop()),
            6 => drop(frame.runs.remove(at)),
            7 => {
                let twice = frame.runs[at].clone();
                frame.runs.insert(at, twice);
            }
            _ => run.hashes.extend([0; 32]),
        }
        let caught = code(history.start("MA", offer, &[frame]));
        let expected = match forgery {
            0 => ["ROOT_WRONG"].as_slice(),
            // Another number of leaves has another number of hashes, most times.
            1..=4 => &["FRAME_BAD", "RUN_BAD"],
            5 | 8 => &["RUN_BAD"],
            _ => &["FRAME_BAD"],
        };
        prop_assert!(expected.contains(&caught), "{caught}");
    }

    #[test]
    fn a_leaf_is_taken_out_of_a_run_by_its_path_and_by_no_other(
        first in 0u64..300,
        count in 1usize..300,
        picks in prop::collection::vec(any::<Index>(), 1..12),
        bit in 0usize..256,
    ) {
        let leaves: Vec<Hash> = (0..first + count as u64 + 9).map(|number| leaf_hash(&number.to_be_bytes())).collect();
        let at = |index: u64| usize::try_from(index).unwrap();
        let stretch = &leaves[at(first)..at(first) + count];
        let run = Run::new(LeafIndex(first), count as u64, run_of(stretch, first)).unwrap();
        let mut roots: BTreeMap<LeafIndex, _> = run.roots().map(|root| (root.subtree.first(), root)).collect();
        let mut known: BTreeMap<u64, Hash> = BTreeMap::new();
        for pick in picks {
            let index = first + pick.index(count) as u64;
            if known.contains_key(&index) {
                continue;
            }
            let within = *roots.range(..=LeafIndex(index)).next_back().unwrap().1;
            let path = inclusion_path(&leaves, at(index));
            let leaf = leaves[at(index)];
            let mut other = leaf;
            other.0[bit / 8] ^= 1 << (bit % 8);
            let bad = Err(RunBad::Path { index: LeafIndex(index) });
            prop_assert_eq!(run::open(within, LeafIndex(index), other, &path), bad.clone());
            prop_assert_eq!(run::open(within, LeafIndex(index ^ 1 << 40), leaf, &path).is_err(), true);
            if within.subtree.height > 0 {
                let mut wrong = path.clone();
                wrong[0] = other;
                prop_assert_eq!(run::open(within, LeafIndex(index), leaf, &wrong), bad.clone());
                prop_assert_eq!(run::open(within, LeafIndex(index), leaf, &[]), bad);
            }
            let left = run::open(within, LeafIndex(index), leaf, &path).unwrap().left;
            roots.remove(&within.subtree.first());
            roots.extend(left.into_iter().map(|root| (root.subtree.first(), root)));
            known.insert(index, leaf);
        }
        // What is left of the run and what was taken out are the log still.
        let mut tree = multaqa_proto::log::frontier::Frontier::default();
        leaves[..at(first)].iter().for_each(|leaf| tree.push(*leaf));
        while tree.size().0 < first + count as u64 {
            let next = tree.size().next_index();
            if let Some(leaf) = known.get(&next.0) {
                tree.push(*leaf);
            } else {
                let root = roots[&next];
                let part = Run::new(next, 1 << root.subtree.height, vec![root.hash]).unwrap();
                tree = part.append_to(&tree).unwrap();
            }
        }
        prop_assert_eq!(tree.root(), root_of(&leaves[..at(first) + count]));
    }
}

/// A history with stubs for MA below, and control records among them.
fn plain() -> History {
    let record = Step::Record;
    // SA and KW for their group, SA for itself, then JO for all; a member in between.
    let steps = [
        record(0, 1),
        record(0, 1),
        Step::Seal,
        record(2, 1),
        record(0, 2),
        Step::Admit,
        record(0, 2),
        record(0, 1),
        record(2, 1),
        record(3, 0),
        record(0, 1),
        record(2, 1),
    ];
    History::of(&steps, &[record(1, 0)])
}

fn code(result: Result<Intake, Alarm>) -> &'static str {
    result.map_or_else(|alarm| alarm.code(), |_| "none")
}

#[test]
fn a_run_over_what_must_be_shown_is_caught() {
    let history = plain();
    let (f, shown) = (&history.federation, history.shown("MA"));
    let without = |hidden: &dyn Fn(u64, &(Readers, Entry)) -> bool| {
        let kept = shown.iter().copied().filter(|index| !hidden(*index, &f.entries[usize::try_from(*index).unwrap()]));
        let frames = history.frames("MA", &kept.collect(), &BTreeSet::new());
        history.start("MA", history.offer(&[0, 1, 2], &[]), &frames)
    };
    assert_eq!(code(without(&|_, _| false)), "none");
    assert_eq!(code(without(&|index, _| index == 0)), "GENESIS_WRONG");
    let begun = BEGUN.state.size().0;
    let is_control = |(readers, entry): &(Readers, Entry)| *readers == Readers::Everyone && !entry.signature.is_empty();
    // The member's record: the seal at the end counts it.
    assert_eq!(code(without(&|index, entry| index >= begun && is_control(entry))), "SEAL_WRONG");
    // The seal by which it is judged, and a stub between the two.
    let control =
        (begun..history.end.0).find(|index| is_control(&f.entries[usize::try_from(*index).unwrap()])).unwrap();
    let sealed =
        (begun..control).rev().find(|index| f.entries[usize::try_from(*index).unwrap()].1.signature.is_empty());
    assert_eq!(code(without(&|index, _| Some(index) == sealed)), "CONTROL_ACROSS_RUN");
    assert_eq!(code(without(&|index, _| index == control - 1)), "CONTROL_ACROSS_RUN");
    // The seal at the end.
    assert_eq!(code(without(&|index, _| index == history.end.0 - 1)), "FRAME_BAD");
    // The newest record of a writer: what comes next does not follow.
    let newest = |writer: &str| {
        let by = |(_, (readers, _)): &(usize, &(Readers, Entry))| matches!(readers, Readers::Audience(_, w) if w.to_string() == writer);
        f.entries[..usize::try_from(history.end.0).unwrap()].iter().enumerate().filter(by).last().unwrap().0 as u64
    };
    let (hidden, mut f) = (newest("SA/gw1"), history.federation.clone());
    let started = without(&|index, _| index == hidden).unwrap();
    f.write("SA/gw1", &Plan::new("SA:organisation:next", &["states"], &organisation("next")));
    f.seal();
    assert_eq!(started.accept(&f.frame("MA", history.end)).unwrap_err().code(), "CHAIN_GAP");
}

#[test]
fn a_start_ends_only_where_a_quorum_vouches() {
    let history = plain();
    let frames = history.frames("MA", &history.shown("MA"), &BTreeSet::new());
    let with = |offer: wire::Start| code(history.start("MA", offer, &frames));
    assert_eq!(with(history.offer(&[0, 1, 2], &[])), "none");
    assert_eq!(with(history.offer(&[], &[1, 2, 3])), "none");
    assert_eq!(with(history.offer(&[0, 1], &[])), "START_UNSTABLE");
    assert_eq!(with(history.offer(&[0, 1], &[0, 1])), "START_UNSTABLE");
    assert_eq!(with(history.offer(&[0], &[2])), "START_UNSTABLE");
    // A later checkpoint that is not shown to contain the start counts nothing, and is a lie.
    let mut broken = history.offer(&[0, 1], &[2]);
    broken.later[0].consistency.pop();
    assert_eq!(with(broken), "CHECKPOINT_BAD");
    // Another key's, another log's, or no note at all.
    let checkpoint = Checkpoint { log: history.state.log(), size: history.end, root: history.state.root() };
    let forged = checkpoint.sign(history.state.directory().federation(), &key(99));
    let forged = wire::Start { checkpoint: history.cosigned(&forged, &[0, 1, 2]), later: vec![] };
    assert_eq!(with(forged), "CHECKPOINT_BAD");
    let note = history.note.replace("multaqa.example/log/1", "multaqa.example/log/9");
    assert_eq!(with(wire::Start { checkpoint: history.cosigned(&note, &[0, 1, 2]), later: vec![] }), "CHECKPOINT_BAD");
    assert_eq!(with(wire::Start::default()), "CHECKPOINT_BAD");
}

#[test]
fn without_witnesses_there_is_nothing_to_start_from() {
    let mut f = Federation::new(1);
    f.seal();
    let offer = wire::Start { checkpoint: f.checkpoint(), later: vec![] };
    let alarm = stable(&offer, f.state.directory(), f.state.size(), f.state.root()).unwrap_err();
    assert_eq!(alarm.code(), "START_UNSTABLE");
}

#[test]
fn a_start_takes_nothing_above_its_end_nor_twice() {
    let history = plain();
    let shown = history.shown("MA");
    let offer = || history.offer(&[0, 1, 2], &[]);
    let whole = history.stretch("MA", &shown, 0, history.end.0);
    let mut above = whole.clone();
    above.count += 1;
    let hashes = run_of(&history.hashes()[usize::try_from(history.end.0).unwrap()..][..1], history.end.0);
    above.runs.push(Run::new(history.end.next_index(), 1, hashes).unwrap().to_wire());
    assert_eq!(code(history.start("MA", offer(), &[above])), "FRAME_BAD");
    // A run over an entry that is shown, too.
    let covered = shown.iter().copied().find(|index| !shown.contains(&(index + 1))).unwrap();
    let mut overlapping = whole.clone();
    let at = overlapping.runs.iter().position(|run| run.first == covered + 1).unwrap();
    let end = covered + 1 + overlapping.runs[at].count;
    let leaves = &history.hashes()[usize::try_from(covered).unwrap()..usize::try_from(end).unwrap()];
    overlapping.runs[at] = Run::new(LeafIndex(covered), end - covered, run_of(leaves, covered)).unwrap().to_wire();
    assert_eq!(code(history.start("MA", offer(), &[overlapping])), "FRAME_BAD");
    // A stretch that does not begin where the one before ended.
    let parts = history.frames("MA", &shown, &BTreeSet::from([20]));
    assert_eq!(code(history.start("MA", offer(), &[parts[0].clone(), parts[0].clone()])), "LOG_GAP");
    // An ordinary reader takes no runs at all.
    let alarm = history.empty("MA").accept(&whole).unwrap_err();
    assert_eq!(alarm.code(), "FRAME_BAD");
}

#[test]
fn a_content_outside_the_audience_is_caught_in_a_start_too() {
    let history = plain();
    let mut frame = history.stretch("MA", &history.shown("MA"), 0, history.end.0);
    // The newest record of SA, as a stub; whole it is not for MA.
    let hidden = history.federation.entries.iter().position(|(readers, _)| matches!(readers, Readers::Audience(a, w) if w.to_string() == "SA/gw1" && a.to_string() == "group:gcc"));
    let stubs = |block: &wire::Block| unpack(block).unwrap();
    let newest =
        frame.blocks.iter().flat_map(stubs).filter(|entry| entry.content.is_none() && !entry.signature.is_empty());
    let newest = newest.map(|entry| entry.index).max().unwrap();
    assert!(hidden.is_some_and(|first| newest.0 >= first as u64));
    for block in &mut frame.blocks {
        let mut entries = stubs(block);
        for entry in entries.iter_mut().filter(|entry| entry.index == newest) {
            entry.content = history.federation.entries[usize::try_from(newest.0).unwrap()].1.content.clone();
        }
        *block = pack(&entries, true);
    }
    frame.view = history.end.0;
    assert_eq!(code(history.start("MA", history.offer(&[0, 1, 2], &[]), &[frame])), "OVER_SHARED");
}
