//! Runs: stretches of the log as the roots of their complete subtrees, O(log n) hashes however long they are.
//!
//! Runs and leaves, in whatever mixture, give the same tree: a reader appends a run to its tree as it appends leaves, and the
//! signed root decides whether it was the log's. A leaf that a reader may read later is taken out by its inclusion path, and
//! what is left of the run stays. In scope: a run's form, appending it, taking leaves out. Out of scope: below which checkpoints
//! a reader takes runs, and what comes whole between them (`intake::start`).

use thiserror::Error;

use crate::hash::Hash;
use crate::log::frontier::Frontier;
use crate::log::subtree::{Root, Subtree, aligned};
use crate::log::tree::node_hash;
use crate::number::{LeafIndex, TreeSize};
use crate::wire::hub as wire;

/// A stretch of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    first: LeafIndex,
    count: u64,
    hashes: Vec<Hash>,
}

/// Hashes that are no run, or a run that does not follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RunBad {
    /// It covers nothing, or passes the largest index.
    #[error("a run of {count} leaves from {first} is none")]
    Empty {
        /// First index.
        first: LeafIndex,
        /// Number of leaves.
        count: u64,
    },
    /// There are not as many hashes as its complete subtrees.
    #[error("{found} hashes instead of {expected}")]
    Hashes {
        /// Complete subtrees of the stretch.
        expected: usize,
        /// Hashes.
        found: usize,
    },
    /// The tree does not end where it begins.
    #[error("it begins at {first}, the tree ends at {size}")]
    Gap {
        /// First index.
        first: LeafIndex,
        /// Size of the tree.
        size: TreeSize,
    },
    /// A leaf does not stand where it is said to, by its path within a run.
    #[error("the leaf {index} is not one of the run's")]
    Path {
        /// Its index.
        index: LeafIndex,
    },
    /// A control leaf lies in it.
    #[error("the leaf {index} is a control leaf, which no run may hold")]
    Control {
        /// Its index.
        index: LeafIndex,
    },
    /// Its hashes are not of 32 bytes each.
    #[error("a hash is not of 32 bytes")]
    Torn,
}

impl Run {
    /// A run of `count` leaves from `first` on, from the roots of its largest aligned subtrees, left to right.
    ///
    /// # Errors
    /// [`RunBad::Empty`], [`RunBad::Hashes`].
    pub fn new(first: LeafIndex, count: u64, hashes: Vec<Hash>) -> Result<Self, RunBad> {
        let end = first.0.checked_add(count).filter(|end| *end > first.0 && i64::try_from(*end).is_ok());
        let end = end.ok_or(RunBad::Empty { first, count })?;
        let expected = aligned(first.0..end).count();
        if hashes.len() != expected {
            return Err(RunBad::Hashes { expected, found: hashes.len() });
        }
        Ok(Self { first, count, hashes })
    }
    /// As it is received.
    ///
    /// # Errors
    /// As [`Run::new`], and [`RunBad::Torn`].
    pub fn from_wire(run: &wire::Run) -> Result<Self, RunBad> {
        let wire::Run { first, count, hashes } = run;
        Self::new(LeafIndex(*first), *count, hashes_of(hashes)?)
    }
    /// As it is sent.
    #[must_use]
    pub fn to_wire(&self) -> wire::Run {
        let hashes: Vec<u8> = self.hashes.iter().flat_map(|hash| hash.0).collect();
        wire::Run { first: self.first.0, count: self.count, hashes }
    }
    /// First index.
    #[must_use]
    pub const fn first(&self) -> LeafIndex {
        self.first
    }
    /// The tree's size at its end.
    #[must_use]
    pub const fn end(&self) -> TreeSize {
        TreeSize(self.first.0 + self.count)
    }
    /// Its complete subtrees with their roots, left to right.
    pub fn roots(&self) -> impl Iterator<Item = Root> {
        let hashes = self.hashes.iter();
        aligned(self.first.0..self.end().0).zip(hashes).map(|(subtree, hash)| Root { subtree, hash: *hash })
    }
    /// The tree with the run appended; whether it is the log's, a signed root decides.
    ///
    /// # Errors
    /// [`RunBad::Gap`].
    pub fn append_to(&self, tree: &Frontier) -> Result<Frontier, RunBad> {
        if tree.size().0 != self.first.0 {
            return Err(RunBad::Gap { first: self.first, size: tree.size() });
        }
        let mut grown = tree.clone();
        self.roots().for_each(|root| grown.push_subtree(root, |_| ()));
        Ok(grown)
    }
}

/// Hashes that come one after the other.
///
/// # Errors
/// [`RunBad::Torn`].
pub fn hashes_of(bytes: &[u8]) -> Result<Vec<Hash>, RunBad> {
    bytes.chunks(32).map(Hash::from_slice).collect::<Option<_>>().ok_or(RunBad::Torn)
}

/// What a run's root falls apart into when a leaf is taken out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parted {
    /// Roots of what is left, left to right.
    pub left: Vec<Root>,
    /// Roots between the leaf and the run's that a log stores (`log::subtree`), those of `left` too.
    pub stored: Vec<Root>,
}

/// Takes a leaf out of a subtree that is known by its root alone. `path` are the leaf's siblings from the leaf upwards, as in an
/// inclusion proof; what it has beyond the subtree is not looked at.
///
/// # Errors
/// [`RunBad::Path`]: the leaf does not stand there.
pub fn open(within: Root, index: LeafIndex, leaf: Hash, path: &[Hash]) -> Result<Parted, RunBad> {
    let Root { subtree: Subtree { height: top, number }, hash: expected } = within;
    let bad = RunBad::Path { index };
    let path = usize::try_from(top).ok().and_then(|top| path.get(..top)).ok_or(bad)?;
    if index.0.checked_shr(top) != Some(number) {
        return Err(bad);
    }
    let (mut at, mut hash, mut left, mut stored) = (index.0, leaf, Vec::with_capacity(path.len()), Vec::new());
    for (height, sibling) in (0..top).zip(path) {
        let aside = Root { subtree: Subtree { height, number: at ^ 1 }, hash: *sibling };
        let own = Root { subtree: Subtree { height, number: at }, hash };
        stored.extend([own, aside].into_iter().filter(|root| root.subtree.is_stored()));
        left.push(aside);
        hash = if at & 1 == 1 { node_hash(*sibling, hash) } else { node_hash(hash, *sibling) };
        at >>= 1;
    }
    left.sort_unstable_by_key(|root| root.subtree.first());
    if hash == expected { Ok(Parted { left, stored }) } else { Err(bad) }
}
