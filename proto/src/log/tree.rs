//! Merkle trees by RFC 6962 section 2.1: hashes, roots, the compact form that grows leaf by leaf.
//!
//! In scope: computing. Out of scope: verifying proofs (`proof`).

use super::subtree::{Root, Subtree};
use crate::hash::Hash;
use crate::number::TreeSize;

/// Hash of a leaf: `SHA-256(0x00 || data)`.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    Hash::of_parts(&[&[0], data])
}

/// Hash of an inner node: `SHA-256(0x01 || left || right)`.
#[must_use]
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    Hash::of_parts(&[&[1], &left.0, &right.0])
}

/// Root over leaf hashes; of none it is the hash of the empty string.
#[must_use]
pub fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(&[]),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(root_of(left), root_of(right))
        }
    }
}

/// The audit path of a leaf in the tree over these leaf hashes (RFC 6962 section 2.1.1), from the leaf upwards.
#[must_use]
pub fn inclusion_path(leaves: &[Hash], index: usize) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, sibling) = if index < left.len() {
        (inclusion_path(left, index), root_of(right))
    } else {
        (inclusion_path(right, index - left.len()), root_of(left))
    };
    path.push(sibling);
    path
}

/// The root and the audit paths of all leaves at once: O(n log n), where one path after the other would be O(n²).
#[must_use]
pub fn inclusion_paths(leaves: &[Hash]) -> (Hash, Vec<Vec<Hash>>) {
    if leaves.len() <= 1 {
        return (root_of(leaves), vec![Vec::new(); leaves.len()]);
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let ((left, mut paths), (right, right_paths)) = (inclusion_paths(left), inclusion_paths(right));
    for path in &mut paths {
        path.push(right);
    }
    paths.extend(right_paths.into_iter().map(|mut path| {
        path.push(left);
        path
    }));
    (node_hash(left, right), paths)
}

/// The consistency proof between the first `first` leaves and all (RFC 6962 section 2.1.2).
#[must_use]
pub fn consistency_proof(leaves: &[Hash], first: usize) -> Vec<Hash> {
    fn subproof(leaves: &[Hash], first: usize, whole: bool, out: &mut Vec<Hash>) {
        if first == leaves.len() {
            if !whole {
                out.push(root_of(leaves));
            }
            return;
        }
        let (left, right) = leaves.split_at(split(leaves.len()));
        if first <= left.len() {
            subproof(left, first, whole, out);
            out.push(root_of(right));
        } else {
            subproof(right, first - left.len(), false, out);
            out.push(root_of(left));
        }
    }
    let mut out = Vec::new();
    if first > 0 && first < leaves.len() {
        subproof(leaves, first, true, &mut out);
    }
    out
}

/// The subtree hashes of a run of leaves that begins at `first`: the largest aligned subtrees, from left to right.
#[must_use]
pub fn run_of(leaves: &[Hash], first: u64) -> Vec<Hash> {
    let mut out = Vec::new();
    let (mut at, mut rest) = (first, leaves);
    while !rest.is_empty() {
        let aligned = if at == 0 { u32::MAX } else { at.trailing_zeros() };
        let width = 1usize << aligned.min(rest.len().ilog2());
        let (head, tail) = rest.split_at(width);
        out.push(root_of(head));
        rest = tail;
        at += width as u64;
    }
    out
}

/// The largest power of two below `n`, for `n` of at least 2.
const fn split(n: usize) -> usize {
    1 << (n - 1).ilog2()
}

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

    #[test]
    fn all_paths_at_once_are_the_paths_one_by_one() {
        for size in 0..70u32 {
            let leaves: Vec<Hash> = (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect();
            let (root, paths) = inclusion_paths(&leaves);
            assert_eq!(root, root_of(&leaves));
            let one_by_one: Vec<_> = (0..leaves.len()).map(|index| inclusion_path(&leaves, index)).collect();
            assert_eq!(paths, one_by_one, "{size}");
        }
    }

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
