//! Segments by where they begin, bounded by bytes: the ones that were added first go first.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::merge::Segment;

/// What a segment takes besides its entries, bytes.
const OVERHEAD: usize = 512;

#[derive(Debug)]
pub(super) struct Ring {
    segments: BTreeMap<u64, Arc<Segment>>,
    added: VecDeque<u64>,
    bytes: usize,
    bytes_max: usize,
}

impl Ring {
    pub(super) const fn new(bytes_max: usize) -> Self {
        Self { segments: BTreeMap::new(), added: VecDeque::new(), bytes: 0, bytes_max }
    }
    /// The segment that begins there.
    pub(super) fn get(&self, from: TreeSize) -> Option<Arc<Segment>> {
        self.segments.get(&from.0).map(Arc::clone)
    }
    /// Adds a segment, in place of one that begins where it does.
    pub(super) fn insert(&mut self, segment: Arc<Segment>) {
        let first = segment.first.0;
        self.remove(first);
        self.bytes += size(&segment);
        self.segments.insert(first, segment);
        self.added.push_back(first);
        while self.bytes > self.bytes_max
            && let Some(oldest) = self.added.front().copied()
        {
            self.remove(oldest);
        }
    }
    /// Removes the segments that hold these entries.
    pub(super) fn forget(&mut self, indexes: &[LeafIndex]) {
        for index in indexes {
            let holding: Vec<u64> = self
                .segments
                .range(..=index.0)
                .filter(|(_, segment)| segment.end().0 > index.0)
                .map(|(first, _)| *first)
                .collect();
            for first in holding {
                self.remove(first);
            }
        }
    }
    fn remove(&mut self, first: u64) {
        if let Some(segment) = self.segments.remove(&first) {
            self.bytes -= size(&segment);
            self.added.retain(|added| *added != first);
        }
    }
}

/// Entries, and the two packed forms that come to be of them, at most as large as they.
fn size(segment: &Segment) -> usize {
    2 * segment.bytes + OVERHEAD
}

#[cfg(test)]
mod tests {
    use multaqa_proto::sync::block::Entry;
    use multaqa_proto::sync::merge::Readers;

    use super::*;

    fn segment(first: u64, count: u64) -> Arc<Segment> {
        let entry = |index| Entry {
            index: LeafIndex(index),
            leaf: vec![0; 84].into(),
            signature: Vec::new().into(),
            content: None,
        };
        let entries = (first..first + count).map(|index| (Readers::Everyone, entry(index))).collect();
        Arc::new(Segment::new(entries, String::new()))
    }

    #[test]
    fn the_oldest_go_when_the_bytes_are_full() {
        let mut ring = Ring::new(4 * (200 + OVERHEAD));
        for first in 0..10 {
            ring.insert(segment(first, 1));
            assert!(ring.bytes <= ring.bytes_max);
        }
        assert!(ring.get(TreeSize(5)).is_none());
        assert!((6..10).all(|first| ring.get(TreeSize(first)).is_some()));
        ring.insert(segment(9, 1));
        assert_eq!((ring.segments.len(), ring.added.len()), (4, 4));
    }

    #[test]
    fn forgetting_an_entry_forgets_every_segment_that_holds_it() {
        let mut ring = Ring::new(1 << 20);
        for (first, count) in [(0, 10), (5, 3), (8, 1), (20, 1)] {
            ring.insert(segment(first, count));
        }
        ring.forget(&[LeafIndex(7), LeafIndex(30)]);
        let left: Vec<u64> = ring.segments.keys().copied().collect();
        assert_eq!(left, [8, 20]);
        ring.forget(&[LeafIndex(8), LeafIndex(20)]);
        assert_eq!((ring.bytes, ring.added.len()), (0, 0));
    }
}
