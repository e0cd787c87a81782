//! Proofs without reading all leaves: from the roots of complete subtrees, of which the high ones are stored.
//!
//! A complete subtree of height h and number n covers the leaves from n·2^h to before (n+1)·2^h; its root never changes once
//! its leaves are there. A log stores the roots at heights 8, 16, 24 … ([`Root`], one row for 256 leaves) as they become
//! complete, and computes the heights between from at most 256 rows of the stored height below, or from the leaves. A proof of
//! n leaves so reads about log2(n)/8 ranges of rows at each of two places, the leaf's and the tree's right edge.
//!
//! A proof is made in three steps, so that the middle one may wait for a disk: [`Plan`] says which rows are needed
//! ([`Plan::reads`]), the caller reads them into [`Rows`], and [`Plan::prove`] computes. In scope: that. Out of scope: storing
//! (`hub`, `node`), verifying (`proof`), the definition from all leaves (`tree`), which the tests compare with.

use std::collections::BTreeMap;
use std::ops::Range;

use super::tree::{node_hash, root_of};
use crate::hash::Hash;
use crate::number::{LeafIndex, TreeSize};

/// Heights whose roots are stored are multiples of this.
pub const STEP: u32 = 8;

/// A complete subtree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subtree {
    /// Its height: it covers 2^height leaves.
    pub height: u32,
    /// Its place among those of its height, from 0.
    pub number: u64,
}

impl Subtree {
    /// Whether its root is one of those that a log stores.
    #[must_use]
    pub const fn is_stored(self) -> bool {
        self.height > 0 && self.height.is_multiple_of(STEP)
    }
    /// The size of the smallest tree that holds all of it.
    #[must_use]
    pub const fn complete_at(self) -> TreeSize {
        TreeSize((self.number + 1) << self.height)
    }
    /// Index of its first leaf.
    #[must_use]
    pub const fn first(self) -> LeafIndex {
        LeafIndex(self.number << self.height)
    }
    /// The rows that it is computed from.
    const fn rows(self) -> Reading {
        let height = self.height - self.height % STEP;
        let width = self.height - height;
        Reading { height, from: self.number << width, to: (self.number + 1) << width }
    }
}

/// A complete subtree with its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Root {
    /// The subtree.
    pub subtree: Subtree,
    /// Its root.
    pub hash: Hash,
}

/// The stored subtrees that a tree of this size holds, per height from 8 on: `numbers` are those from 0 to before the end.
pub fn stored(size: TreeSize) -> impl Iterator<Item = (u32, Range<u64>)> {
    let heights = (1..).map(|step| step * STEP).take_while(move |height| *height < 64 && size.0 >> height > 0);
    heights.map(move |height| (height, 0..size.0 >> height))
}

/// Rows to read: the numbers from `from` to before `to` at this height; at height 0 they are leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reading {
    /// Height: 0, 8, 16 …
    pub height: u32,
    /// First number.
    pub from: u64,
    /// Number after the last.
    pub to: u64,
}

/// Rows that were read.
#[derive(Debug, Clone, Default)]
pub struct Rows(BTreeMap<Subtree, Hash>);

impl Rows {
    /// Adds the hash of a leaf.
    pub fn leaf(&mut self, index: LeafIndex, hash: Hash) {
        self.0.insert(Subtree { height: 0, number: index.0 }, hash);
    }
    /// Adds a stored root, or one of a run.
    pub fn root(&mut self, root: Root) {
        self.0.insert(root.subtree, root.hash);
    }
    /// The root of a complete subtree; none where a row of it was not read.
    #[must_use]
    pub fn hash(&self, subtree: Subtree) -> Option<Hash> {
        let Reading { height, from, to } = subtree.rows();
        let of = |number| Subtree { height, number };
        let found: Vec<Hash> = self.0.range(of(from)..of(to)).map(|(_, hash)| *hash).collect();
        if found.len() as u64 == to - from { Some(root_of(&found)) } else { self.joined(subtree) }
    }
    /// The same where parts of it were read as the roots of runs, of whatever height.
    fn joined(&self, subtree: Subtree) -> Option<Hash> {
        if let Some(hash) = self.0.get(&subtree) {
            return Some(*hash);
        }
        let Subtree { height, number } = subtree;
        let half = |number| self.joined(Subtree { height: height.checked_sub(1)?, number });
        Some(node_hash(half(number * 2)?, half(number * 2 + 1)?))
    }
}

/// What a proof is made of: ranges of leaves, whose roots are its hashes in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan(Vec<Range<u64>>);

impl Plan {
    /// The inclusion proof of a leaf in the tree of this size (RFC 6962 section 2.1.1); none where the tree does not hold it.
    #[must_use]
    pub fn inclusion(index: LeafIndex, size: TreeSize) -> Option<Self> {
        if index.0 >= size.0 {
            return None;
        }
        let (mut spans, mut from, mut to) = (Vec::new(), 0, size.0);
        while to - from > 1 {
            let middle = from + split(to - from);
            if index.0 < middle {
                spans.push(middle..to);
                to = middle;
            } else {
                spans.push(from..middle);
                from = middle;
            }
        }
        spans.reverse();
        Some(Self(spans))
    }
    /// The consistency proof between two sizes (RFC 6962 section 2.1.2); none where the first is the larger one. It is empty
    /// where they are equal, and from the empty tree.
    #[must_use]
    pub fn consistency(first: TreeSize, second: TreeSize) -> Option<Self> {
        if first > second {
            return None;
        }
        let (mut spans, mut from, mut to, mut whole) = (Vec::new(), 0, second.0, true);
        if first.0 == 0 {
            return Some(Self(spans));
        }
        while first.0 != to {
            let middle = from + split(to - from);
            if first.0 <= middle {
                spans.push(middle..to);
                to = middle;
            } else {
                spans.push(from..middle);
                (from, whole) = (middle, false);
            }
        }
        if !whole {
            spans.push(from..to);
        }
        spans.reverse();
        Some(Self(spans))
    }
    /// The root of the tree of this size, which holds a leaf at least.
    #[must_use]
    pub fn root(size: TreeSize) -> Option<Self> {
        (size.0 > 0).then(|| Self(std::iter::once(0..size.0).collect()))
    }
    /// The roots of the largest aligned subtrees of a stretch of leaves, left to right: a run's hashes (`sync::run`).
    #[must_use]
    pub fn run(leaves: Range<u64>) -> Self {
        let subtree = |Subtree { height, number }: Subtree| number << height..(number + 1) << height;
        Self(aligned(leaves).map(subtree).collect())
    }
    /// The complete subtrees that its hashes are computed from, in no order that matters.
    pub fn subtrees(&self) -> impl Iterator<Item = Subtree> {
        self.0.iter().flat_map(|span| peaks(span.clone()))
    }
    /// The rows that are needed, in few ranges.
    #[must_use]
    pub fn reads(&self) -> Vec<Reading> {
        Self::reads_of(std::slice::from_ref(self))
    }
    /// The rows that several proofs need together.
    #[must_use]
    pub fn reads_of(plans: &[Self]) -> Vec<Reading> {
        let mut wanted: Vec<Reading> = plans.iter().flat_map(Self::subtrees).map(Subtree::rows).collect();
        wanted.sort_unstable();
        let mut reads: Vec<Reading> = Vec::new();
        for next in wanted {
            match reads.last_mut() {
                Some(last) if last.height == next.height && next.from <= last.to => last.to = last.to.max(next.to),
                _ => reads.push(next),
            }
        }
        reads
    }
    /// The hashes, each complete subtree's root given by `hash`.
    ///
    /// # Errors
    /// As `hash` fails.
    pub fn prove<E>(&self, mut hash: impl FnMut(Subtree) -> Result<Hash, E>) -> Result<Vec<Hash>, E> {
        let mut root = |span: &Range<u64>| {
            let peaks = peaks(span.clone()).map(&mut hash).collect::<Result<Vec<_>, E>>()?;
            let joined = peaks.into_iter().rev().reduce(|right, left| node_hash(left, right));
            Ok(joined.unwrap_or_else(|| root_of(&[])))
        };
        self.0.iter().map(&mut root).collect()
    }
    /// The hashes from rows that were read; the first subtree that they do not give otherwise.
    ///
    /// # Errors
    /// Where a row is missing.
    pub fn prove_from(&self, rows: &Rows) -> Result<Vec<Hash>, Subtree> {
        self.prove(|subtree| rows.hash(subtree).ok_or(subtree))
    }
    /// The same of several proofs, in their order: a node that they share is computed once.
    ///
    /// # Errors
    /// Where a row is missing.
    pub fn prove_all_from(plans: &[Self], rows: Rows) -> Result<Vec<Vec<Hash>>, Subtree> {
        let mut nodes = Nodes(rows);
        plans.iter().map(|plan| plan.prove(|subtree| nodes.hash(subtree).ok_or(subtree))).collect()
    }
}

/// Rows that were read, and what was computed from them.
struct Nodes(Rows);

impl Nodes {
    /// The root of a complete subtree; none where a row of it was not read.
    fn hash(&mut self, subtree: Subtree) -> Option<Hash> {
        if let Some(hash) = self.0.0.get(&subtree) {
            return Some(*hash);
        }
        let Subtree { height, number } = subtree;
        let mut half = |number| self.hash(Subtree { height: height.checked_sub(1)?, number });
        let hash = node_hash(half(number * 2)?, half(number * 2 + 1)?);
        self.0.root(Root { subtree, hash });
        Some(hash)
    }
}

/// The largest aligned subtrees of a stretch, left to right.
pub(crate) fn aligned(leaves: Range<u64>) -> impl Iterator<Item = Subtree> {
    let mut at = leaves.start;
    std::iter::from_fn(move || {
        let widest = (leaves.end.checked_sub(at)?).checked_ilog2()?;
        let height = at.trailing_zeros().min(widest);
        let subtree = Subtree { height, number: at >> height };
        at += 1 << height;
        Some(subtree)
    })
}

/// The complete subtrees of a span that a proof asks for, largest first: such a span begins at a multiple of its width's next
/// power of two.
fn peaks(span: Range<u64>) -> impl Iterator<Item = Subtree> {
    let mut from = span.start;
    std::iter::from_fn(move || {
        let height = (span.end - from).checked_ilog2()?;
        let subtree = Subtree { height, number: from >> height };
        from += 1 << height;
        Some(subtree)
    })
}

/// The largest power of two below `n`, for `n` of at least 2.
const fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::frontier::Frontier;
    use crate::log::tree::{consistency_proof, inclusion_path, leaf_hash};

    const LEAVES: usize = 130;

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    /// What a log of these leaves stores: the roots that its frontier passed.
    fn stored_roots(leaves: &[Hash]) -> Vec<Root> {
        let (mut frontier, mut roots) = (Frontier::default(), Vec::new());
        for leaf in leaves {
            frontier.push_noting(*leaf, |root| roots.extend(root.subtree.is_stored().then_some(root)));
        }
        roots
    }

    /// Reads exactly what a plan asks for.
    fn read(plan: &Plan, leaves: &[Hash], roots: &[Root]) -> Rows {
        let mut rows = Rows::default();
        for Reading { height, from, to } in plan.reads() {
            if height == 0 {
                (from..to).for_each(|index| rows.leaf(LeafIndex(index), leaves[usize::try_from(index).unwrap()]));
            }
            let asked = |root: &&Root| root.subtree.height == height && (from..to).contains(&root.subtree.number);
            roots.iter().filter(asked).for_each(|root| rows.root(*root));
        }
        rows
    }

    #[test]
    fn every_proof_up_to_130_leaves_is_the_definition_s() {
        let all = leaves(LEAVES);
        for size in 1..=LEAVES as u64 {
            let tree = &all[..usize::try_from(size).unwrap()];
            for index in 0..size {
                let plan = Plan::inclusion(LeafIndex(index), TreeSize(size)).unwrap();
                let path = plan.prove_from(&read(&plan, tree, &[])).unwrap();
                assert_eq!(path, inclusion_path(tree, usize::try_from(index).unwrap()), "{index} in {size}");
            }
            for first in 0..=size {
                let plan = Plan::consistency(TreeSize(first), TreeSize(size)).unwrap();
                let proof = plan.prove_from(&read(&plan, tree, &[])).unwrap();
                assert_eq!(proof, consistency_proof(tree, usize::try_from(first).unwrap()), "{first} to {size}");
            }
            let plan = Plan::root(TreeSize(size)).unwrap();
            assert_eq!(plan.prove_from(&read(&plan, tree, &[])).unwrap(), [root_of(tree)], "{size}");
            assert_eq!(Plan::inclusion(LeafIndex(size), TreeSize(size)), None);
            assert_eq!(Plan::consistency(TreeSize(size + 1), TreeSize(size)), None);
        }
    }

    #[test]
    fn proofs_of_many_leaves_are_those_of_each_and_compute_what_they_share_once() {
        let all = leaves(5 * 256 + 77);
        let (roots, size) = (stored_roots(&all), TreeSize(all.len() as u64));
        let plans: Vec<Plan> = (200..400).map(|index| Plan::inclusion(LeafIndex(index), size).unwrap()).collect();
        let mut rows = Rows::default();
        for plan in &plans {
            rows.0.extend(read(plan, &all, &roots).0);
        }
        let read = rows.0.len();
        let one_by_one: Vec<_> = plans.iter().map(|plan| plan.prove_from(&rows).unwrap()).collect();
        assert_eq!(Plan::prove_all_from(&plans, rows.clone()).unwrap(), one_by_one);
        let mut nodes = Nodes(rows);
        for plan in &plans {
            plan.prove(|subtree| nodes.hash(subtree).ok_or(subtree)).unwrap();
        }
        // A binary tree has fewer inner nodes than leaves; one by one, each of 200 paths computes some 255.
        assert!(nodes.0.0.len() < 2 * read, "{} nodes from {read} rows", nodes.0.0.len());
        // A missing row is named as ever.
        let mut rows = Rows::default();
        rows.leaf(LeafIndex(0), all[0]);
        let short = Plan::inclusion(LeafIndex(0), TreeSize(4)).unwrap();
        assert_eq!(Plan::prove_all_from(&[short], rows), Err(Subtree { height: 0, number: 1 }));
    }

    #[test]
    fn a_large_tree_s_proofs_read_few_rows_and_are_the_definition_s() {
        // Two stored heights: 258 subtrees of 256 leaves, one of 65,536; and a right edge that is complete at no height.
        let all = leaves(258 * 256 + 77);
        let roots = stored_roots(&all);
        let size = TreeSize(all.len() as u64);
        assert_eq!(stored(size).collect::<Vec<_>>(), [(8, 0..258), (16, 0..1)]);
        let expected: u64 = stored(size).map(|(_, numbers)| numbers.end).sum();
        assert_eq!(roots.len() as u64, expected);
        for root in &roots {
            let (from, to) = (root.subtree.number << root.subtree.height, root.subtree.complete_at().0);
            let covered = &all[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()];
            assert_eq!(root.hash, root_of(covered), "{:?}", root.subtree);
        }
        for index in [0, 256, 65_535, 66_047, size.0 - 1] {
            let plan = Plan::inclusion(LeafIndex(index), size).unwrap();
            let count: u64 = plan.reads().iter().map(|reading| reading.to - reading.from).sum();
            assert!(plan.reads().len() <= 6 && count <= 1_000, "{index}: {:?}", plan.reads());
            let path = plan.prove_from(&read(&plan, &all, &roots)).unwrap();
            assert_eq!(path, inclusion_path(&all, usize::try_from(index).unwrap()), "{index}");
        }
        for first in [255, 65_536, 65_537, size.0 - 1] {
            let plan = Plan::consistency(TreeSize(first), size).unwrap();
            assert!(plan.reads().len() <= 6, "{first}: {:?}", plan.reads());
            let proof = plan.prove_from(&read(&plan, &all, &roots)).unwrap();
            assert_eq!(proof, consistency_proof(&all, usize::try_from(first).unwrap()), "{first}");
        }
    }

    #[test]
    fn a_row_that_was_not_read_is_named_and_not_guessed() {
        let all = leaves(LEAVES);
        let plan = Plan::inclusion(LeafIndex(3), TreeSize(100)).unwrap();
        let mut rows = read(&plan, &all, &[]);
        rows.0.remove(&Subtree { height: 0, number: 2 });
        assert_eq!(plan.prove_from(&rows), Err(Subtree { height: 0, number: 2 }));
    }
}
