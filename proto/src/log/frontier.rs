//! A Merkle tree in compact form, which grows leaf by leaf (RFC 6962 section 2.1).
//!
//! Out of scope: hashes and the definition over all leaves (`tree`), proofs (`subtree`).

use super::subtree::{Root, Subtree};
use super::tree::node_hash;
use crate::hash::Hash;
use crate::number::TreeSize;

/// A tree in compact form: the roots of its perfect subtrees, largest first; enough to append and to compute the root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        TreeSize(self.size)
    }
    /// Appends a leaf hash; O(1) on average.
    pub fn push(&mut self, leaf: Hash) {
        self.push_noting(leaf, |_| ());
    }
    /// Appends a leaf hash and notes each subtree that it completes, the lowest (height 1) first.
    pub fn push_noting(&mut self, leaf: Hash, mut complete: impl FnMut(Root)) {
        let mut hash = leaf;
        for height in 1..=self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(left, hash);
                complete(Root { subtree: Subtree { height, number: self.size >> height }, hash });
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }
    /// Appends a complete subtree, and notes it and each one that it completes. It must begin where the tree ends, to which its
    /// caller sees.
    pub(crate) fn push_subtree(&mut self, root: Root, mut complete: impl FnMut(Root)) {
        let Root { subtree: Subtree { height, number }, mut hash } = root;
        complete(root);
        for up in 1..=number.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(left, hash);
                complete(Root { subtree: Subtree { height: height + up, number: number >> up }, hash });
            }
        }
        self.peaks.push(hash);
        self.size += 1 << height;
    }
    /// Root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().copied();
        let Some(last) = peaks.next() else { return Hash::of(&[]) };
        peaks.fold(last, |right, left| node_hash(left, right))
    }
    /// The peaks, one after the other, as they are stored.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.iter().flat_map(|peak| peak.0).collect()
    }
    /// From stored bytes; none where they do not fit the size.
    #[must_use]
    pub fn from_bytes(size: TreeSize, bytes: &[u8]) -> Option<Self> {
        if bytes.len() != size.0.count_ones() as usize * 32 {
            return None;
        }
        let peaks = bytes.chunks(32).map(Hash::from_slice).collect::<Option<_>>()?;
        Some(Self { size: size.0, peaks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::tree::{leaf_hash, root_of};

    #[test]
    fn the_frontier_computes_the_same_root_as_the_definition() {
        let leaves: Vec<Hash> = (0u32..200).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        let mut frontier = Frontier::default();
        for (size, leaf) in leaves.iter().enumerate() {
            assert_eq!(frontier.root(), root_of(&leaves[..size]), "{size}");
            let stored = Frontier::from_bytes(frontier.size(), &frontier.to_bytes()).unwrap();
            assert_eq!(stored, frontier);
            frontier.push(*leaf);
        }
        assert!(Frontier::from_bytes(TreeSize(3), &[0; 32]).is_none());
    }
}
