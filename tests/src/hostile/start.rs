//! A fast start as a hostile hub offers it: to where the member's witnesses had cosigned the log, with what an honest hub shows and
//! runs between, but for the deed.
//!
//! Out of scope: what an honest hub shows, and why (`hub::fanout::sparse`, `proto::sync::intake::start`).

use std::collections::{BTreeMap, BTreeSet};

use multaqa_proto::hash::Hash;
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf::LeafType;
use multaqa_proto::log::tree::{leaf_hash, run_of};
use multaqa_proto::log::witness::with_lines;
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::record::statement::Statement;
use multaqa_proto::sync::run::Run;
use multaqa_proto::view::Readers;
use multaqa_proto::wire::hub::{Frame, Start};

use super::deed::Deed;
use super::history::{Branch, History};
use super::leaf::leaf;

/// The offer and its one frame.
pub(super) fn start(deed: Deed, history: &History, reader: &MemberCode) -> (Start, Frame) {
    let (offer, end) = offer(deed, history);
    let mut shown = shown(history, reader, end);
    for hidden in hidden(deed, history, &shown) {
        assert!(shown.remove(&hidden), "{deed:?}: {hidden} is not shown");
    }
    (offer, frame(deed, history, reader, &shown, end))
}

/// The object that a start hides in a run.
#[must_use]
pub fn hidden_object() -> &'static str {
    "JO:organisation:known"
}

fn offer(deed: Deed, history: &History) -> (Start, usize) {
    let directory = history.state().directory();
    let (note, _) = &history.cosigned()[0];
    let signed = Checkpoint::open(note, directory.federation(), LogNumber(1), &directory.policy().log_key).unwrap();
    let lines = history.cosigned().iter().filter(|(of, _)| of == note).map(|(_, line)| line.as_str());
    let enough = if deed == Deed::StartUnstable { 1 } else { usize::MAX };
    let checkpoint = with_lines(note, lines.take(enough));
    (Start { checkpoint, later: Vec::new() }, usize::try_from(signed.size.0).unwrap())
}

/// What an honest hub shows below the end.
fn shown(history: &History, reader: &MemberCode, end: usize) -> BTreeSet<usize> {
    let (directory, view) = (history.state().directory(), TreeSize(history.entries().len() as u64));
    let (mut shown, mut newest): (BTreeSet<usize>, BTreeMap<Writer, usize>) =
        (BTreeSet::from([end - 1]), BTreeMap::new());
    let mut seal = 0;
    for (index, held) in history.entries()[..end].iter().enumerate() {
        let found = leaf(held);
        if found.leaf_type == LeafType::Seal {
            seal = index;
            continue;
        }
        let mine = found.leaf_type == LeafType::Record && {
            let writer = Statement::parse(&found.body).unwrap().writer;
            newest.insert(writer.clone(), index);
            writer.member() == Some(reader)
        };
        let readers = history.readers(index);
        let readable = |readers: &Readers| readers.include(directory, reader, LeafIndex(index as u64), view);
        if readers == Some(Readers::Everyone) {
            shown.extend(seal..=index);
        } else if mine || readers.as_ref().is_some_and(readable) {
            shown.insert(index);
        }
    }
    shown.extend(newest.values());
    shown
}

/// What this deed hides of it.
fn hidden(deed: Deed, history: &History, shown: &BTreeSet<usize>) -> Vec<usize> {
    let control = |index: &usize| history.readers(*index) == Some(Readers::Everyone);
    let seal = |index: &usize| leaf(&history.entries()[*index]).leaf_type == LeafType::Seal;
    if deed == Deed::StartHidesControl {
        // The newest one but the end's seal; no other of its writer may betray it, so its writer's newest record is none.
        let mut all = shown.iter().copied().filter(|index| control(index) && !seal(index) && *index > 0);
        all.next_back().into_iter().collect()
    } else if deed == Deed::StartHidesSeal {
        let last = shown.iter().copied().rfind(|index| control(index) && !seal(index)).unwrap();
        shown.range(..last).copied().rfind(seal).into_iter().collect()
    } else if deed == Deed::StartHidesRecord {
        vec![history.object(hidden_object())]
    } else {
        Vec::new()
    }
}

fn frame(deed: Deed, history: &History, reader: &MemberCode, shown: &BTreeSet<usize>, end: usize) -> Frame {
    let leaves: Vec<Hash> = history.entries()[..end].iter().map(|held| leaf_hash(&held.leaf)).collect();
    let (mut runs, mut at) = (Vec::new(), 0);
    for next in shown.iter().copied().chain([end]) {
        if next > at {
            let hashes = run_of(&leaves[at..next], at as u64);
            runs.push(Run::new(LeafIndex(at as u64), (next - at) as u64, hashes).unwrap().to_wire());
        }
        at = next + 1;
    }
    if deed == Deed::StartForged {
        let run = runs.last_mut().expect("a run");
        let mut hashes = run.hashes.clone();
        hashes[0] ^= 1;
        run.hashes = hashes;
    }
    let whole = Branch { entries: history.entries().to_vec(), ..Branch::default() };
    let blocks = history.blocks(&whole, shown, reader);
    Frame { first: 0, count: end as u64, blocks, runs, view: history.entries().len() as u64, ..Frame::default() }
}
