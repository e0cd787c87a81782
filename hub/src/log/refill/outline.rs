//! What a node says that the log's missing leaves are, bound to a checkpoint before a single entry is taken.
//!
//! The node sends the hashes of all missing leaves first. They are added to the hub's own tree, whose root must then be that of
//! a checkpoint which the log key signed: from there on each entry can be told from a wrong one by its hash alone, and nothing
//! of a node that made something up is ever stored. The hashes themselves are not kept, only one for each [`CHUNK`] of them.
//! Pure. Out of scope: asking for them (`service::refill`), the entries (`place`).

use multaqa_proto::hash::Hash;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::frontier::Frontier;
use multaqa_proto::number::{LeafIndex, TreeSize};

/// Leaves that are told from wrong ones together.
pub(crate) const CHUNK: usize = 64;
/// Most leaves that are taken from one node at a time: half a byte of memory each.
pub(crate) const LEAVES_MAX: u64 = 200_000_000;

/// Leaf hashes as they come.
#[derive(Debug, Clone)]
pub(crate) struct Gathering {
    from: TreeSize,
    frontier: Frontier,
    open: Vec<u8>,
    chunks: Vec<Hash>,
}

/// The missing leaves, as the log key signed them.
#[derive(Debug, Clone)]
pub(crate) struct Outline {
    from: TreeSize,
    to: TreeSize,
    chunks: Vec<Hash>,
}

impl Gathering {
    /// From the hub's own tree on.
    pub(crate) fn new(own: &Frontier) -> Self {
        Self { from: own.size(), frontier: own.clone(), open: Vec::new(), chunks: Vec::new() }
    }
    /// Leaves so far, those of the own tree included.
    pub(crate) const fn size(&self) -> TreeSize {
        self.frontier.size()
    }
    /// The hash of the next leaf.
    pub(crate) fn push(&mut self, leaf: Hash) {
        self.frontier.push(leaf);
        self.open.extend_from_slice(&leaf.0);
        if self.open.len() == CHUNK * 32 {
            self.close();
        }
    }
    /// All are there: none where they do not give what the checkpoint says.
    pub(crate) fn finish(mut self, checkpoint: &Checkpoint) -> Option<Outline> {
        if self.size() != checkpoint.size || self.frontier.root() != checkpoint.root {
            return None;
        }
        if !self.open.is_empty() {
            self.close();
        }
        Some(Outline { from: self.from, to: checkpoint.size, chunks: self.chunks })
    }
    fn close(&mut self) {
        self.chunks.push(Hash::of(&self.open));
        self.open.clear();
    }
}

impl Outline {
    /// Whether a chunk ends just before this index.
    pub(crate) const fn ends_before(&self, next: LeafIndex) -> bool {
        next.0 == self.to.0 || (next.0 - self.from.0).is_multiple_of(CHUNK as u64)
    }
    /// Whether these are the leaves of the chunk that begins at this index.
    pub(crate) fn fits(&self, first: LeafIndex, leaves: &[Hash]) -> bool {
        let bytes: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.0).collect();
        let number = first.0.checked_sub(self.from.0).and_then(|ahead| usize::try_from(ahead / CHUNK as u64).ok());
        number.and_then(|number| self.chunks.get(number)) == Some(&Hash::of(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::log::tree::leaf_hash;
    use multaqa_proto::number::LogNumber;

    use super::*;

    fn leaf(n: u64) -> Hash {
        leaf_hash(&n.to_be_bytes())
    }

    fn gathered(from: u64, to: u64) -> (Gathering, Checkpoint) {
        let mut frontier = Frontier::default();
        (0..from).for_each(|n| frontier.push(leaf(n)));
        let mut gathering = Gathering::new(&frontier);
        (from..to).for_each(|n| {
            frontier.push(leaf(n));
            gathering.push(leaf(n));
        });
        (gathering, Checkpoint { log: LogNumber(1), size: TreeSize(to), root: frontier.root() })
    }

    #[test]
    fn only_the_leaves_of_the_checkpoint_pass() {
        for (from, to) in [(1, 2), (1, 65), (5, 200), (64, 128), (7, 7 + 3 * 64)] {
            let (gathering, checkpoint) = gathered(from, to);
            let outline = gathering.clone().finish(&checkpoint).unwrap();
            let mut first = LeafIndex(from);
            while first.0 < to {
                let end = TreeSize((first.0 + CHUNK as u64).min(to));
                let leaves: Vec<Hash> = (first.0..end.0).map(leaf).collect();
                assert!(outline.fits(first, &leaves), "{from} {to} {first}");
                for at in 0..leaves.len() {
                    let mut other = leaves.clone();
                    other[at].0[0] ^= 1;
                    assert!(!outline.fits(first, &other));
                }
                assert!(!outline.fits(first, &leaves[1..]));
                first = end.next_index();
            }
            assert!(!outline.fits(LeafIndex(to + 64), &[]));
            let other = Checkpoint { root: Hash([7; 32]), ..checkpoint.clone() };
            assert!(gathering.clone().finish(&other).is_none());
            assert!(gathering.finish(&Checkpoint { size: TreeSize(to + 1), ..checkpoint }).is_none());
        }
    }
}
