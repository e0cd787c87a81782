//! The past of a log by runs, as a hub shows it to a fast start.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use multaqa_proto::hash::Hash;
use multaqa_proto::id::Writer;
use multaqa_proto::log::leaf::hash;
use multaqa_proto::log::tree::{inclusion_path, run_of};
use multaqa_proto::number::LeafIndex;
use multaqa_proto::sync::merge::{Readers, Segment, frame};
use multaqa_proto::sync::run::Run;
use multaqa_proto::wire::hub as wire;

use super::{TestLog, member};

impl TestLog {
    /// What a hub offers whose log ends in a seal, with cosignatures of these states.
    pub(crate) fn offer(&self, states: &[&str]) -> wire::Start {
        let by: Vec<(&str, u64)> = states.iter().map(|state| (*state, 7)).collect();
        wire::Start { checkpoint: self.cosigned(&by), later: Vec::new() }
    }

    /// The whole log by runs for this reader, in frames of so many leaves.
    pub(crate) fn by_runs(&self, reader: &str, leaves: u64) -> Vec<wire::Frame> {
        let (shown, end) = (self.shown(reader), self.size().0);
        let starts = (0..end).step_by(usize::try_from(leaves).unwrap());
        starts.map(|from| self.stretch(reader, &shown, from, end.min(from + leaves))).collect()
    }

    /// The contents at these indexes, each with its path in the tree of this size.
    pub(crate) fn fill_with_paths(&self, indexes: &[u64], size: u64) -> wire::Fill {
        let leaves = &self.leaves()[..usize::try_from(size).unwrap()];
        let path = |index: &u64| inclusion_path(leaves, usize::try_from(*index).unwrap());
        let paths = indexes.iter().map(|index| path(index).iter().flat_map(|hash| hash.0).collect()).collect();
        wire::Fill { paths, ..self.fill(indexes) }
    }

    /// Whether the record at an index is for the group `gcc`.
    pub(crate) fn is_for_group(&self, index: u64) -> bool {
        let readers = &self.entries[usize::try_from(index).unwrap()].0;
        matches!(readers, Readers::Audience(audience, _) if audience.to_string() == "group:gcc")
    }

    fn leaves(&self) -> Vec<Hash> {
        self.entries.iter().map(|(_, entry)| hash(&entry.leaf)).collect()
    }

    fn shown(&self, reader: &str) -> BTreeSet<u64> {
        let state = self.state.as_ref().unwrap();
        let (mut shown, mut sealed, mut newest) = (BTreeSet::new(), 0, BTreeMap::<Writer, u64>::new());
        for ((readers, entry), index) in self.entries.iter().zip(0..) {
            match readers {
                Readers::Everyone if entry.signature.is_empty() => sealed = index,
                Readers::Everyone if entry.content.is_some() => shown.extend(sealed..=index),
                // Erased.
                Readers::Everyone => {}
                readers @ (Readers::Audience(_, writer) | Readers::Tombstone(_, writer)) => {
                    newest.insert(writer.clone(), index);
                    if readers.include(state.directory(), &member(reader), entry.index, self.size()) {
                        shown.insert(index);
                    }
                }
            }
        }
        shown.extend(newest.into_values());
        shown.insert(self.size().0 - 1);
        shown
    }

    fn stretch(&self, reader: &str, shown: &BTreeSet<u64>, from: u64, to: u64) -> wire::Frame {
        let place = |index: u64| usize::try_from(index).unwrap();
        let (leaves, mut runs, mut at) = (self.leaves(), Vec::new(), from);
        for next in shown.range(from..to).copied().chain([to]) {
            if at < next {
                let hashes = run_of(&leaves[place(at)..place(next)], at);
                runs.push(Run::new(LeafIndex(at), next - at, hashes).unwrap().to_wire());
            }
            at = next + 1;
        }
        let entries = shown.range(from..to).map(|index| self.entries[place(*index)].clone()).collect();
        let segment = Arc::new(Segment::new(entries, String::new()));
        let directory = self.state.as_ref().unwrap().directory();
        let framed = frame(&[segment], &member(reader), directory, self.size()).unwrap();
        wire::Frame { first: from, count: to - from, runs, ..framed }
    }
}
