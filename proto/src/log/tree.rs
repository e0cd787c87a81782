//! Merkle trees by RFC 6962 section 2.1: hashes, roots, paths, over all leaves.
//!
//! Out of scope: the compact form that grows leaf by leaf (`frontier`), proofs without all leaves (`subtree`), verifying them (`proof`).

use crate::hash::Hash;

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
}
