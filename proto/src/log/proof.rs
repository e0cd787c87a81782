//! Verifying proofs by RFC 9162 sections 2.1.3.2 and 2.1.4.2 (the algorithms that RFC 6962 leaves to the reader).
//!
//! In scope: inclusion and consistency. Out of scope: making proofs (`tree`).

use super::tree::node_hash;
use crate::hash::Hash;

/// Whether `path` proves that `leaf` stands at `index` in the tree of `size` leaves with this root.
#[must_use]
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, path: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(*sibling, hash);
            if at & 1 == 0 {
                let up = at.trailing_zeros().min(63);
                (at, last) = (at >> up, last >> up);
            }
        } else {
            hash = node_hash(hash, *sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == root
}

/// Whether `proof` proves that the tree of `first` leaves with `first_root` is a prefix of the tree of `second` leaves.
///
/// Two trees of one size are consistent where the roots are equal and the proof is empty; the empty tree is a prefix of all.
#[must_use]
pub fn verify_consistency(first: u64, first_root: Hash, second: u64, second_root: Hash, proof: &[Hash]) -> bool {
    if first > second {
        return false;
    }
    if first == second {
        return proof.is_empty() && first_root == second_root;
    }
    if first == 0 {
        return proof.is_empty() && first_root == Hash::of(&[]);
    }
    let (start, rest) = match (first.is_power_of_two(), proof) {
        (true, rest) => (first_root, rest),
        (false, [start, rest @ ..]) => (*start, rest),
        (false, []) => return false,
    };
    let skip = (first - 1).trailing_ones();
    let (mut at, mut last) = ((first - 1) >> skip, (second - 1) >> skip);
    let (mut old, mut new) = (start, start);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (old, new) = (node_hash(*sibling, old), node_hash(*sibling, new));
            if at & 1 == 0 {
                let up = at.trailing_zeros().min(63);
                (at, last) = (at >> up, last >> up);
            }
        } else {
            new = node_hash(new, *sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old == first_root && new == second_root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::tree::{consistency_proof, inclusion_path, leaf_hash, root_of};

    fn leaves(n: usize) -> Vec<Hash> {
        (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
    }

    #[test]
    fn every_inclusion_proof_up_to_70_leaves_verifies_only_as_made() {
        let all = leaves(70);
        for size in 1..=all.len() {
            let root = root_of(&all[..size]);
            for index in 0..size {
                let mut path = inclusion_path(&all[..size], index);
                assert!(verify_inclusion(all[index], index as u64, size as u64, &path, root));
                assert!(!verify_inclusion(all[index], index as u64 + 1, size as u64, &path, root));
                path.push(root);
                assert!(!verify_inclusion(all[index], index as u64, size as u64, &path, root));
            }
        }
    }

    #[test]
    fn every_consistency_proof_up_to_70_leaves_verifies_only_as_made() {
        let all = leaves(70);
        for second in 1..=all.len() {
            for first in 0..=second {
                let (old, new) = (root_of(&all[..first]), root_of(&all[..second]));
                let proof = consistency_proof(&all[..second], first);
                assert!(verify_consistency(first as u64, old, second as u64, new, &proof), "{first} {second}");
                if first > 0 && first < second {
                    assert!(!verify_consistency(first as u64, new, second as u64, new, &proof));
                    assert!(!verify_consistency(first as u64, old, second as u64, old, &proof));
                }
            }
        }
    }

    #[test]
    fn of_one_size_there_is_one_root_and_no_path_ends_early() {
        let all = leaves(7);
        let (root, other) = (root_of(&all), leaf_hash(b"other"));
        assert!(verify_consistency(7, root, 7, root, &[]));
        assert!(!verify_consistency(7, other, 7, root, &[]), "two trees of one size");
        assert!(!verify_consistency(7, root, 7, root, &[root]), "a proof where none is needed");
        assert!(!verify_consistency(8, root, 7, root, &[]));
        // What proves that 3 leaves begin 4 of them stops where 7 are asked about.
        let (three, four) = (root_of(&all[..3]), root_of(&all[..4]));
        let proof = consistency_proof(&all[..4], 3);
        assert!(verify_consistency(3, three, 4, four, &proof));
        assert!(!verify_consistency(3, three, 7, four, &proof));
        let path = inclusion_path(&all[..4], 2);
        assert!(verify_inclusion(all[2], 2, 4, &path, four) && !verify_inclusion(all[2], 2, 7, &path, four));
    }
}
