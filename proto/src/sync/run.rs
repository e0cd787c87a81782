//! Runs: stretches of the log as the roots of their complete subtrees, O(log n) hashes however long they are.
//!
//! Runs and leaves, in whatever mixture, give the same tree: a reader appends a run to its tree as it appends leaves, and the
//! signed root decides whether it was the log's. In scope: a run's form, appending it. Out of scope: below which checkpoints a
//! reader takes runs, and what it fetches whole beside them (`intake`).

use thiserror::Error;

use crate::hash::Hash;
use crate::log::subtree::{Root, Subtree};
use crate::log::tree::Frontier;
use crate::number::{LeafIndex, TreeSize};

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
}

impl Run {
    /// A run of `count` leaves from `first` on, from the roots of its largest aligned subtrees, left to right.
    ///
    /// # Errors
    /// [`RunBad::Empty`], [`RunBad::Hashes`].
    pub fn new(first: LeafIndex, count: u64, hashes: Vec<Hash>) -> Result<Self, RunBad> {
        let end = first.0.checked_add(count).filter(|end| *end > first.0 && i64::try_from(*end).is_ok());
        let end = end.ok_or(RunBad::Empty { first, count })?;
        let expected = subtrees(first.0, end).count();
        if hashes.len() != expected {
            return Err(RunBad::Hashes { expected, found: hashes.len() });
        }
        Ok(Self { first, count, hashes })
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
        subtrees(self.first.0, self.end().0).zip(hashes).map(|(subtree, hash)| Root { subtree, hash: *hash })
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
        self.roots().for_each(|root| grown.push_subtree(root));
        Ok(grown)
    }
}

/// The largest aligned subtrees of a stretch, left to right.
fn subtrees(first: u64, end: u64) -> impl Iterator<Item = Subtree> {
    let mut at = first;
    std::iter::from_fn(move || {
        let widest = (end - at).checked_ilog2()?;
        let height = at.trailing_zeros().min(widest);
        let subtree = Subtree { height, number: at >> height };
        at += 1 << height;
        Some(subtree)
    })
}
