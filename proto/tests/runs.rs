//! Runs: any mixture of them with entries gives the same tree, and none that is forged does.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use multaqa_proto::hash::Hash;
use multaqa_proto::log::frontier::Frontier;
use multaqa_proto::log::tree::{leaf_hash, root_of, run_of};
use multaqa_proto::number::LeafIndex;
use multaqa_proto::sync::run::{Run, RunBad};
use proptest::prelude::*;

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
}

/// A stretch of the log as a reader gets it.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Entries with or without their content: either way their leaf bytes come.
    Entries,
    Run,
}

fn run(all: &[Hash], first: usize, end: usize) -> Run {
    let hashes = run_of(&all[first..end], first as u64);
    Run::new(LeafIndex(first as u64), (end - first) as u64, hashes).unwrap()
}

fn stretches() -> impl Strategy<Value = Vec<(usize, Way)>> {
    let way = prop_oneof![Just(Way::Entries), Just(Way::Run)];
    prop::collection::vec((1usize..400, way), 1..12)
}

proptest! {
    #[test]
    fn any_mixture_of_entries_and_runs_gives_the_same_tree(stretches in stretches()) {
        let all = leaves(stretches.iter().map(|(count, _)| count).sum());
        let (mut tree, mut at) = (Frontier::default(), 0);
        for (count, way) in stretches {
            let end = at + count;
            match way {
                Way::Entries => all[at..end].iter().for_each(|leaf| tree.push(*leaf)),
                Way::Run => tree = run(&all, at, end).append_to(&tree).unwrap(),
            }
            at = end;
        }
        let mut by_leaves = Frontier::default();
        for leaf in &all {
            by_leaves.push(*leaf);
        }
        prop_assert_eq!(tree.root(), root_of(&all));
        prop_assert_eq!(tree, by_leaves);
    }

    #[test]
    fn no_forged_run_gives_the_signed_root(
        before in 0usize..600,
        count in 1usize..600,
        after in 0usize..40,
        forgery in 0usize..5,
        at in any::<prop::sample::Index>(),
        bit in 0usize..256,
        other in 0u64..1200,
    ) {
        let all = leaves(before + count + after);
        let signed = root_of(&all);
        let (mut first, mut length) = (before as u64, count as u64);
        let mut hashes = run_of(&all[before..before + count], first);
        let at = at.index(hashes.len());
        match forgery {
            0 => hashes[at].0[bit / 8] ^= 1 << (bit % 8),
            1 => drop(hashes.remove(at)),
            2 => hashes.insert(at, leaf_hash(b"one more")),
            3 => length = other,
            _ => first = other,
        }
        prop_assume!((first, length) != (before as u64, count as u64) || forgery < 3);
        let mut tree = Frontier::default();
        all[..before].iter().for_each(|leaf| tree.push(*leaf));
        let grown = Run::new(LeafIndex(first), length, hashes).and_then(|run| run.append_to(&tree));
        if let Ok(mut grown) = grown {
            all[before + count..].iter().for_each(|leaf| grown.push(*leaf));
            // A root is signed together with its size.
            prop_assert!(grown.size().0 != all.len() as u64 || grown.root() != signed);
        }
    }
}

#[test]
fn a_run_that_covers_nothing_or_does_not_follow_is_refused() {
    let all = leaves(10);
    assert_eq!(Run::new(LeafIndex(3), 0, Vec::new()), Err(RunBad::Empty { first: LeafIndex(3), count: 0 }));
    assert!(matches!(Run::new(LeafIndex(3), u64::MAX, Vec::new()), Err(RunBad::Empty { .. })));
    let run = run(&all, 3, 10);
    assert_eq!((run.first(), run.end().0, run.roots().count()), (LeafIndex(3), 10, 3));
    assert!(matches!(run.append_to(&Frontier::default()), Err(RunBad::Gap { .. })));
}
