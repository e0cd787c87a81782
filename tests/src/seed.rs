//! Choices of a story: as if random, and the same again for the same seed.
//!
//! Where nothing is set it is the same seed in every run, so that no run fails by what it happened to choose; who looks for more sets
//! others. The seed is printed past the test runner's capture, so a run that went well names it too. What it decides is what a story
//! does; when things happen is the machine's. Out of scope: secrets (`multaqa_certs::random`).

use std::io::Write as _;

/// The variable that sets the seed: a number.
pub const VARIABLE: &str = "MULTAQA_TEST_SEED";

/// The seed where nothing is set.
const USUAL: u64 = 1;

/// A sequence of choices (SplitMix64).
#[derive(Debug, Clone)]
pub struct Seed(u64);

impl Seed {
    /// The seed that the environment sets, otherwise the usual one; printed.
    #[must_use]
    pub fn of_story(story: &str) -> Self {
        let set = std::env::var(VARIABLE).ok().map(|text| text.parse().expect("a seed is a number"));
        let seed = set.unwrap_or(USUAL);
        let mut past_the_capture = std::io::stderr().lock();
        writeln!(past_the_capture, "{story}: {VARIABLE}={seed}").unwrap();
        Self(seed)
    }

    /// A sequence of its own, for another thread.
    #[must_use]
    pub const fn branch(&mut self) -> Self {
        Self(self.next())
    }

    /// A number below this one, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// The same in another order.
    pub fn shuffled<T>(&mut self, mut all: Vec<T>) -> Vec<T> {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
        all
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_chooses_the_same() {
        let choose = |seed| {
            let mut seed = Seed(seed);
            (seed.shuffled((0..20).collect::<Vec<_>>()), seed.below(1_000), seed.branch().below(1_000))
        };
        let (order, ..) = choose(1);
        assert_eq!(choose(1), choose(1));
        assert_ne!(choose(1), choose(2));
        assert_ne!(order, (0..20).collect::<Vec<_>>());
        assert_eq!(std::collections::BTreeSet::from_iter(order), (0..20).collect());
        // The reference sequence of SplitMix64 for the seed 0.
        assert_eq!(Seed(0).next(), 0xe220_a839_7b1d_cdaf);
    }
}
