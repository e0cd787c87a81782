//! Inclusion and consistency proofs against an implementation that is not ours (`ct-merkle`), and against alteration.
//!
//! In scope: every proof of every tree of 1 to 130 leaves, ours verified by theirs and theirs by ours; 200,000 altered proofs.
//! Out of scope: proofs of large trees from stored subtrees (`log::subtree`, beside the code).
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use multaqa_proto::hash::Hash;
use multaqa_proto::log::proof::{verify_consistency, verify_inclusion};
use multaqa_proto::log::subtree::{Plan, Rows};
use multaqa_proto::log::tree::{leaf_hash, root_of};
use multaqa_proto::number::{LeafIndex, TreeSize};
use sha2_of_ct_merkle::Sha256;

/// Largest tree.
const LEAVES: u64 = 130;
/// Altered proofs.
const ALTERED: usize = 200_000;

type Theirs = MemoryBackedTree<Sha256, [u8; 8]>;

/// The same leaves as theirs and as our hashes.
struct Trees {
    leaves: Vec<[u8; 8]>,
    hashes: Vec<Hash>,
    /// By size, from 0.
    roots: Vec<Hash>,
    rows: Rows,
}

impl Trees {
    fn new() -> Self {
        let leaves: Vec<[u8; 8]> = (0..LEAVES).map(u64::to_be_bytes).collect();
        let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        let mut rows = Rows::default();
        (0..).zip(&hashes).for_each(|(index, hash)| rows.leaf(LeafIndex(index), *hash));
        let roots = (0..=hashes.len()).map(|size| root_of(&hashes[..size])).collect();
        Self { leaves, hashes, roots, rows }
    }
    fn root(&self, size: u64) -> Hash {
        self.roots[place(size)]
    }
    fn theirs(&self, size: u64) -> Theirs {
        let mut tree = Theirs::new();
        self.leaves[..place(size)].iter().for_each(|leaf| tree.push(*leaf));
        tree
    }
    fn inclusion(&self, index: u64, size: u64) -> Vec<Hash> {
        Plan::inclusion(LeafIndex(index), TreeSize(size)).unwrap().prove_from(&self.rows).unwrap()
    }
    fn consistency(&self, first: u64, second: u64) -> Vec<Hash> {
        Plan::consistency(TreeSize(first), TreeSize(second)).unwrap().prove_from(&self.rows).unwrap()
    }
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

fn concatenated(proof: &[Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| hash.0).collect()
}

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    bytes.chunks(32).map(|chunk| Hash::from_slice(chunk).unwrap()).collect()
}

fn root_for_them(root: Hash, size: u64) -> RootHash<Sha256> {
    RootHash::new(root.0.into(), size)
}

#[test]
fn every_inclusion_proof_of_1_to_130_leaves_agrees_with_ct_merkle() {
    let trees = Trees::new();
    for size in 1..=LEAVES {
        let (root, theirs) = (trees.root(size), trees.theirs(size));
        assert_eq!(theirs.root().as_bytes().as_slice(), root.as_bytes(), "{size}");
        for index in 0..size {
            let (leaf, ours) = (&trees.leaves[place(index)], trees.inclusion(index, size));
            let made_by_us = InclusionProof::try_from_bytes(concatenated(&ours)).unwrap();
            root_for_them(root, size).verify_inclusion(leaf, index, &made_by_us).unwrap();
            let made_by_them = hashes(theirs.prove_inclusion(place(index)).as_bytes());
            assert!(verify_inclusion(leaf_hash(leaf), index, size, &made_by_them, root), "{index} in {size}");
            assert_eq!(ours, made_by_them, "{index} in {size}");
        }
    }
}

#[test]
fn every_consistency_proof_of_1_to_130_leaves_agrees_with_ct_merkle() {
    let trees = Trees::new();
    for second in 1..=LEAVES {
        let (new, theirs) = (trees.root(second), trees.theirs(second));
        for first in 1..=second {
            let (old, ours) = (trees.root(first), trees.consistency(first, second));
            let made_by_us = ConsistencyProof::try_from_bytes(concatenated(&ours)).unwrap();
            root_for_them(new, second).verify_consistency(&root_for_them(old, first), &made_by_us).unwrap();
            let made_by_them = hashes(theirs.prove_consistency(place(second - first)).as_bytes());
            assert!(verify_consistency(first, old, second, new, &made_by_them), "{first} to {second}");
            assert_eq!(ours, made_by_them, "{first} to {second}");
        }
    }
}

/// A proof with all that it is about. A root stands together with its size, as in a checkpoint: by itself it does not say how
/// many leaves it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Claim {
    Inclusion { leaf: Hash, index: u64, tree: (u64, Hash), path: Vec<Hash> },
    Consistency { old: (u64, Hash), new: (u64, Hash), proof: Vec<Hash> },
}

impl Claim {
    fn holds(&self) -> bool {
        match self {
            Self::Inclusion { leaf, index, tree, path } => verify_inclusion(*leaf, *index, tree.0, path, tree.1),
            Self::Consistency { old, new, proof } => verify_consistency(old.0, old.1, new.0, new.1, proof),
        }
    }
    fn proof(&mut self) -> &mut Vec<Hash> {
        match self {
            Self::Inclusion { path, .. } => path,
            Self::Consistency { proof, .. } => proof,
        }
    }
}

/// Numbers by chance, the same for the same seed (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
    fn place(&mut self, len: usize) -> usize {
        place(self.below(len as u64))
    }
    fn flip(&mut self, hash: &mut Hash) {
        let (byte, bit) = (self.place(32), self.below(8));
        hash.0[byte] ^= 1 << bit;
    }
}

fn claim(chance: &mut Chance, trees: &Trees) -> Claim {
    let size = 2 + chance.below(LEAVES - 1);
    let new = (size, trees.root(size));
    if chance.below(2) == 0 {
        let index = chance.below(size);
        let (leaf, path) = (trees.hashes[place(index)], trees.inclusion(index, size));
        return Claim::Inclusion { leaf, index, tree: new, path };
    }
    let first = 1 + chance.below(size);
    Claim::Consistency { old: (first, trees.root(first)), new, proof: trees.consistency(first, size) }
}

/// Alters a claim in one way; the same claim where the way does not apply to it.
fn altered(claim: &Claim, chance: &mut Chance, trees: &Trees) -> Claim {
    let mut claim = claim.clone();
    let len = claim.proof().len();
    match chance.below(8) {
        0 if len > 0 => {
            let at = chance.place(len);
            chance.flip(&mut claim.proof()[at]);
        }
        1 if len > 0 => {
            let at = chance.place(len);
            claim.proof().remove(at);
        }
        2 => {
            let (at, hash) = (chance.place(len + 1), trees.hashes[chance.place(trees.hashes.len())]);
            claim.proof().insert(at, hash);
        }
        3 if len > 1 => {
            let (one, other) = (chance.place(len), chance.place(len));
            claim.proof().swap(one, other);
        }
        4 if len > 0 => {
            let at = chance.place(len);
            let hash = claim.proof()[at];
            claim.proof().insert(at, hash);
        }
        5 => match &mut claim {
            Claim::Inclusion { index, .. } => *index = chance.below(LEAVES + 2),
            Claim::Consistency { old, .. } => old.0 = 1 + chance.below(LEAVES + 2),
        },
        6 => {
            let size = 1 + chance.below(LEAVES);
            let other = (size, trees.root(size));
            match &mut claim {
                Claim::Inclusion { tree, .. } => *tree = other,
                Claim::Consistency { old, new, .. } => *(if chance.below(2) == 0 { old } else { new }) = other,
            }
        }
        _ => {
            let first = chance.below(2) == 0;
            chance.flip(match &mut claim {
                Claim::Inclusion { leaf, .. } if first => leaf,
                Claim::Inclusion { tree, .. } => &mut tree.1,
                Claim::Consistency { old, .. } if first => &mut old.1,
                Claim::Consistency { new, .. } => &mut new.1,
            });
        }
    }
    claim
}

#[test]
fn of_200_000_altered_proofs_none_is_accepted() {
    let seed = std::env::var("MULTAQA_SEED").ok().map_or(20_240_131, |seed| seed.parse().unwrap());
    println!("seed {seed}: run again with MULTAQA_SEED={seed}");
    let (trees, mut chance, mut tried) = (Trees::new(), Chance(seed), 0);
    while tried < ALTERED {
        let sound = claim(&mut chance, &trees);
        assert!(sound.holds(), "seed {seed}: {sound:?}");
        for _ in 0..20 {
            let altered = altered(&sound, &mut chance, &trees);
            if altered != sound {
                tried += 1;
                assert!(!altered.holds(), "seed {seed}: {altered:?} was made of {sound:?}");
            }
        }
    }
}
