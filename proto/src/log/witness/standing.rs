//! How far the log is witnessed: the newest cosignature of each node, one vote a state, freshness.
//!
//! In scope: counting by the policy in force. Out of scope: whose cosignatures count, and that they verify (`witness`).

use std::collections::BTreeMap;

use super::{Cosignature, FRESH_MS, Numbers, counting_key};
use crate::directory::Directory;
use crate::id::{MemberCode, Writer};
use crate::key::KeyId;
use crate::number::{LeafIndex, TreeSize};

/// What a state vouches for: the largest size and the newest time that any of its nodes cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Vote {
    /// Tree size.
    pub size: TreeSize,
    /// Seconds since 1970 UTC.
    pub time_s: u64,
}

/// How far the others vouch for an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// On the log.
    Accepted,
    /// An honest state vouches for it.
    Witnessed,
    /// It can stand on one branch only.
    Stable,
}

impl Label {
    /// The label as one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Witnessed => "witnessed",
            Self::Stable => "stable",
        }
    }
}

/// How far the log is witnessed by the policy in force.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Number of the policy; 0 before there is one.
    pub policy: u64,
    /// Its numbers.
    pub numbers: Numbers,
    /// Entries below are witnessed.
    pub witnessed: TreeSize,
    /// Entries below are stable.
    pub stable: TreeSize,
    /// The votes of all states in the policy; none of those that never cosigned, or do not count.
    pub votes: BTreeMap<MemberCode, Option<Vote>>,
}

/// When as many other states as are needed had cosigned last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// No others are needed: there are no witnesses, or no others.
    NotNeeded,
    /// Time of the oldest of the newest that are needed, milliseconds since 1970 UTC.
    At(i64),
    /// Fewer than are needed ever did.
    Never,
}

impl Heard {
    /// Whether those cosignatures are fresh.
    #[must_use]
    pub const fn is_fresh(self, now_ms: i64) -> bool {
        match self {
            Self::NotNeeded => true,
            Self::At(at_ms) => now_ms.saturating_sub(at_ms) <= FRESH_MS,
            Self::Never => false,
        }
    }
}

impl Standing {
    /// The label of the entry at this index.
    #[must_use]
    pub fn label(&self, index: LeafIndex) -> Label {
        if index.0 < self.stable.0 {
            Label::Stable
        } else if index.0 < self.witnessed.0 {
            Label::Witnessed
        } else {
            Label::Accepted
        }
    }
    /// When enough of the states other than this one had cosigned last. Times that lie further ahead than clocks may differ do
    /// not count.
    #[must_use]
    pub fn heard(&self, me: &MemberCode, now_ms: i64) -> Heard {
        let needed = self.numbers.others();
        if needed == 0 {
            return Heard::NotNeeded;
        }
        let others = self.votes.iter().filter(|(state, _)| *state != me).filter_map(|(_, vote)| vote.as_ref());
        let mut times: Vec<i64> = others.map(|vote| millis(vote.time_s)).collect();
        times.retain(|time| time.saturating_sub(now_ms) <= FRESH_MS);
        times.sort_unstable_by_key(|time| std::cmp::Reverse(*time));
        times.get(needed - 1).copied().map_or(Heard::Never, Heard::At)
    }
    /// The largest size for which the states other than this one make a quorum, or all of them where a quorum needs this one as well:
    /// what vouches to a node that must not vouch itself. None where there are no others.
    #[must_use]
    pub fn vouched_by_others(&self, me: &MemberCode) -> Option<TreeSize> {
        let others = self.votes.iter().filter(|(state, _)| *state != me).map(|(_, vote)| vote.unwrap_or_default().size);
        let mut sizes: Vec<TreeSize> = others.collect();
        sizes.sort_unstable_by_key(|size| std::cmp::Reverse(*size));
        sizes.get(self.numbers.quorum.min(sizes.len()).checked_sub(1)?).copied()
    }
    /// Whether the policy names this state.
    #[must_use]
    pub fn names(&self, state: &MemberCode) -> bool {
        self.votes.contains_key(state)
    }
    /// States in the policy that have not cosigned within the time in which cosignatures are fresh.
    pub fn silent(&self, now_ms: i64) -> impl Iterator<Item = &MemberCode> {
        let old = move |vote: &Vote| now_ms.saturating_sub(millis(vote.time_s)) > FRESH_MS;
        self.votes.iter().filter(move |(_, vote)| vote.as_ref().is_none_or(old)).map(|(state, _)| state)
    }
}

/// Seconds as milliseconds, as far as there are any.
#[must_use]
pub fn millis(time_s: u64) -> i64 {
    i64::try_from(time_s.saturating_mul(1_000)).unwrap_or(i64::MAX)
}

/// The newest cosignature of each node: one entry a node that ever cosigned.
#[derive(Debug, Clone, Default)]
pub struct Witnessed {
    newest: BTreeMap<Writer, (KeyId, Vote)>,
    /// What was witnessed and stable once stays so while this is kept, whoever is in the next policy.
    vouched: TreeSize,
    stable: TreeSize,
}

impl Witnessed {
    /// Takes a cosignature over so many entries, whose root is the reader's own. Whether it is newer than what was known: a
    /// larger size, or a later time of the same one.
    pub fn take(&mut self, cosignature: &Cosignature, size: TreeSize) -> bool {
        let Cosignature { witness, key, time_s, line: _ } = cosignature;
        let found = (*key, Vote { size, time_s: *time_s });
        let known = self.newest.get(witness).filter(|(known, _)| known == key);
        let newer = known.is_none_or(|(_, vote)| (vote.size, vote.time_s) < (size, *time_s));
        if newer {
            self.newest.insert(witness.clone(), found);
        }
        newer
    }
    /// Forgets cosignatures of more entries: the log that they are over was closed there.
    pub fn forget_above(&mut self, size: TreeSize) {
        self.newest.retain(|_, (_, vote)| vote.size <= size);
        (self.vouched, self.stable) = (self.vouched.min(size), self.stable.min(size));
    }
    /// Counts by the policy in force. Where the log before was closed it was stable, which its succession shows.
    pub fn settle(&mut self, directory: &Directory) -> Standing {
        let policy = directory.policy();
        let numbers = Numbers::of(policy.witnesses.len());
        let mut votes: BTreeMap<MemberCode, Option<Vote>> =
            policy.witnesses.iter().map(|state| (state.clone(), None)).collect();
        for (witness, (key, vote)) in &self.newest {
            let counting = counting_key(directory, witness).is_some_and(|keys| keys.witness.id() == *key);
            if let (true, Some(state)) = (counting, witness.member().and_then(|member| votes.get_mut(member))) {
                let so_far = state.get_or_insert_default();
                *so_far = Vote { size: so_far.size.max(vote.size), time_s: so_far.time_s.max(vote.time_s) };
            }
        }
        let mut sizes: Vec<TreeSize> = votes.values().flatten().map(|vote| vote.size).collect();
        sizes.sort_unstable_by_key(|size| std::cmp::Reverse(*size));
        let largest = |nth: usize| nth.checked_sub(1).and_then(|at| sizes.get(at)).copied().unwrap_or_default();
        let closed = directory.successions().last().filter(|_| numbers.states > 0);
        let closed = closed.map_or(TreeSize(0), |begun| TreeSize(begun.index.0));
        self.vouched = self.vouched.max(largest(numbers.witnessing())).max(closed);
        self.stable = self.stable.max(largest(numbers.quorum)).max(closed);
        Standing { policy: policy.number, numbers, witnessed: self.vouched, stable: self.stable, votes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_stable_below_the_stable_size_and_witnessed_below_the_witnessed_one() {
        let standing = Standing { witnessed: TreeSize(9), stable: TreeSize(5), ..Standing::default() };
        let labels = [0, 4, 5, 8, 9].map(|index| standing.label(LeafIndex(index)).as_str());
        assert_eq!(labels, ["stable", "stable", "witnessed", "witnessed", "accepted"]);
    }

    #[test]
    fn what_others_vouch_for_needs_a_quorum_of_them_or_all_where_they_are_fewer() {
        let vouched = |sizes: &[(&str, u64)]| {
            let vote = |size| (size > 0).then_some(Vote { size: TreeSize(size), time_s: 1 });
            let votes = sizes.iter().map(|(code, size)| (code.parse().unwrap(), vote(*size))).collect();
            let standing = Standing { numbers: Numbers::of(sizes.len()), votes, ..Standing::default() };
            standing.vouched_by_others(&"JO".parse().unwrap()).map(|size| size.0)
        };
        assert_eq!(vouched(&[]), None);
        assert_eq!(vouched(&[("JO", 9)]), None, "nobody else is asked");
        assert_eq!(vouched(&[("JO", 9), ("EG", 5)]), Some(5));
        assert_eq!(vouched(&[("JO", 9), ("EG", 5), ("MA", 0)]), Some(0), "two of three are a quorum");
        assert_eq!(vouched(&[("JO", 9), ("EG", 5), ("MA", 7), ("SA", 6)]), Some(5));
        assert_eq!(vouched(&[("AE", 1), ("EG", 5), ("MA", 7), ("SA", 6)]), Some(5), "not of the policy");
    }

    fn standing(times_s: &[(&str, u64)], states: usize) -> Standing {
        let vote =
            |(code, time_s): &(&str, u64)| (code.parse().unwrap(), Some(Vote { size: TreeSize(1), time_s: *time_s }));
        Standing { numbers: Numbers::of(states), votes: times_s.iter().map(vote).collect(), ..Standing::default() }
    }

    #[test]
    fn freshness_is_that_of_the_others_that_are_needed_and_ones_own_does_not_count() {
        let jordan: MemberCode = "JO".parse().unwrap();
        // Of four states two others are needed: the second newest of EG, MA and SA.
        let found = standing(&[("JO", 9_000), ("EG", 800), ("MA", 1_000), ("SA", 600)], 4);
        let heard = found.heard(&jordan, 1_000_000);
        assert_eq!(heard, Heard::At(800_000));
        assert!(heard.is_fresh(800_000 + FRESH_MS) && !heard.is_fresh(800_001 + FRESH_MS));
        let silent: Vec<_> = found.silent(600_001 + FRESH_MS).map(MemberCode::as_str).collect();
        assert_eq!(silent, ["SA"]);
    }

    #[test]
    fn too_few_others_were_never_heard_and_a_time_ahead_of_all_clocks_does_not_count() {
        let jordan: MemberCode = "JO".parse().unwrap();
        assert_eq!(standing(&[("JO", 900), ("EG", 900)], 4).heard(&jordan, 900_000), Heard::Never);
        assert!(!Heard::Never.is_fresh(0));
        let ahead = standing(&[("EG", 900), ("MA", 2_000)], 4);
        assert_eq!(ahead.heard(&jordan, 900_000), Heard::Never);
        for alone in [standing(&[], 0), standing(&[("JO", 1)], 1)] {
            assert_eq!(alone.heard(&jordan, i64::MAX), Heard::NotNeeded);
        }
    }
}
