//! Witnesses: whose cosignatures count, how far the log is witnessed and stable, and what a witness may cosign next.
//!
//! A checkpoint travels as one signed note: the log's line, then lines of witnesses. Of a state in the policy in force the
//! newest cosigned size and time of its nodes count once, whatever their number. With n states, f = floor((n - 1) / 3) and
//! q = ceil((n + f + 1) / 2): any two sets of q states share more than f, so no log is stable on two branches while at most f
//! states cosign what they should not. Below the (f+1)-th largest cosigned size an entry is *witnessed*, since an honest state
//! vouches for it; below the q-th it is *stable*.
//!
//! In scope: opening such notes, counting votes, freshness, the witness's rule. Out of scope: bytes of a cosignature
//! (`cosignature`), whether a cosigned root is one's own (who holds the tree), storing and sending (`hub`, `node`).

use std::collections::BTreeMap;

use super::checkpoint::{Checkpoint, CheckpointBad};
use super::{cosignature, note};
use crate::directory::{Directory, NodeKeys};
use crate::hash::Hash;
use crate::id::{MemberCode, Writer};
use crate::judge::MemberClass;
use crate::key::KeyId;
use crate::number::{LeafIndex, LogNumber, TreeSize};

/// A cosignature that is older vouches for a past only, milliseconds.
pub const FRESH_MS: i64 = 5 * 60 * 1_000;
/// Every index that a record may have is below this one.
const NEWEST: LeafIndex = LeafIndex(u64::MAX);

/// The numbers of a policy's witnesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbers {
    /// States in the policy: n.
    pub states: usize,
    /// States that may cosign what they should not, and still no two branches are stable: f.
    pub faulty: usize,
    /// States whose cosignatures make an entry stable: q.
    pub quorum: usize,
}

impl Numbers {
    /// Of so many states. Without any, nothing is witnessed.
    #[must_use]
    pub const fn of(states: usize) -> Self {
        if states == 0 {
            return Self { states: 0, faulty: 0, quorum: 0 };
        }
        let faulty = (states - 1) / 3;
        Self { states, faulty, quorum: (states + faulty + 1).div_ceil(2) }
    }
    /// States whose cosignatures make an entry witnessed: f + 1.
    #[must_use]
    pub const fn witnessing(self) -> usize {
        if self.states == 0 { 0 } else { self.faulty + 1 }
    }
    /// Other states whose fresh cosignatures a node needs to be live: min(f + 1, n - 1).
    #[must_use]
    pub const fn others(self) -> usize {
        let others = self.states.saturating_sub(1);
        if self.witnessing() < others { self.witnessing() } else { others }
    }
}

/// A witness's cosignature that verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The node.
    pub witness: Writer,
    /// Its witness key.
    pub key: KeyId,
    /// When it says that it cosigned, seconds since 1970 UTC.
    pub time_s: u64,
    /// The note's line, with its line feed.
    pub line: String,
}

/// A checkpoint that the log key signed, with the cosignatures that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The note with the log's line alone.
    pub note: String,
    /// Cosignatures, one a node.
    pub cosignatures: Vec<Cosignature>,
}

impl Cosigned {
    /// Opens a note. Lines of keys that the directory does not know, or that do not count, are left out: a reader may be behind
    /// the `key` record of a new node.
    ///
    /// # Errors
    /// [`CheckpointBad`] where the log key did not sign it for this log.
    pub fn open(text: &str, directory: &Directory, log: LogNumber) -> Result<Self, CheckpointBad> {
        let log_key = &directory.policy().log_key;
        let checkpoint = Checkpoint::open(text, directory.federation(), log, log_key)?;
        let (text, lines) = note::split(text).ok_or(CheckpointBad("not a signed note"))?;
        let mut found = BTreeMap::new();
        for line in &lines {
            if let Some(cosignature) = verified(line, text, directory) {
                found.entry(cosignature.witness.clone()).or_insert(cosignature);
            }
        }
        let of_log = super::checkpoint::origin(directory.federation(), log);
        let own = lines.iter().filter(|line| signer(line) == Some(of_log.as_str())).map(|line| format!("{line}\n"));
        let note = format!("{text}\n{}", own.collect::<String>());
        Ok(Self { checkpoint, note, cosignatures: found.into_values().collect() })
    }
}

/// A note with the lines of these cosignatures added.
#[must_use]
pub fn with_lines<'a>(note: &str, lines: impl IntoIterator<Item = &'a str>) -> String {
    let mut all = note.to_owned();
    all.extend(lines);
    all
}

/// The name on a signature line.
fn signer(line: &str) -> Option<&str> {
    Some(line.strip_prefix("\u{2014} ")?.split_once(' ')?.0)
}

fn verified(line: &str, text: &str, directory: &Directory) -> Option<Cosignature> {
    let name = signer(line)?;
    let prefix = format!("{}/witness/", directory.federation());
    let witness: Writer = name.strip_prefix(&prefix)?.parse().ok()?;
    let key = counting_key(directory, &witness)?.witness;
    let time_s = cosignature::verify(&[line], name, &key, text)?;
    Some(Cosignature { witness, key: key.id(), time_s, line: format!("{line}\n") })
}

/// The keys of a node whose cosignatures count: those of its newest epoch, not suspended, of a state in force that the policy
/// names.
#[must_use]
pub fn counting_key<'a>(directory: &'a Directory, witness: &Writer) -> Option<&'a NodeKeys> {
    let counts = counts(directory, witness.member()?);
    directory.keys(witness).last().filter(|keys| counts && keys.suspended.is_none())
}

/// Whether a member's vote counts.
fn counts(directory: &Directory, member: &MemberCode) -> bool {
    directory.policy().witnesses.contains(member)
        && directory.member(member).is_some_and(|m| m.class == MemberClass::State && m.active_at(NEWEST))
}

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
    /// Counts by the policy in force.
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
        self.vouched = self.vouched.max(largest(numbers.witnessing()));
        self.stable = self.stable.max(largest(numbers.quorum));
        Standing { policy: policy.number, numbers, witnessed: self.vouched, stable: self.stable, votes }
    }
}

/// What a witness cosigned last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// Tree size.
    pub size: TreeSize,
    /// Root.
    pub root: Hash,
}

/// What a witness does with a checkpoint whose root it computed itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Cosigns it: after this is stored, and not before.
    Cosign,
    /// Nothing: it cosigned more before.
    Smaller,
    /// It cosigned another history: the log is forked.
    Forked,
}

/// The rule of a witness: never less than before, never another history. `held` is the root of the own tree at the size that was
/// cosigned last.
#[must_use]
pub fn next(last: Option<&Last>, held: Option<Hash>, size: TreeSize, root: Hash) -> Next {
    let Some(last) = last else { return Next::Cosign };
    if size < last.size {
        return Next::Smaller;
    }
    let before = if size == last.size { Some(root) } else { held };
    match before {
        Some(before) if before == last.root => Next::Cosign,
        Some(_) => Next::Forked,
        // What cannot be compared is not cosigned.
        None => Next::Smaller,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_two_states_bear_seven_and_fifteen_make_a_quorum() {
        let numbers = |states| {
            let Numbers { states: _, faulty, quorum } = Numbers::of(states);
            (faulty, quorum, Numbers::of(states).others())
        };
        let expected = [(0, 0, 0), (0, 1, 0), (0, 2, 1), (0, 2, 1), (1, 3, 2), (1, 4, 2), (1, 4, 2), (2, 5, 3)];
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7].map(numbers), expected);
        assert_eq!(numbers(22), (7, 15, 8));
    }

    #[test]
    fn an_entry_is_stable_below_the_stable_size_and_witnessed_below_the_witnessed_one() {
        let standing = Standing { witnessed: TreeSize(9), stable: TreeSize(5), ..Standing::default() };
        let labels = [0, 4, 5, 8, 9].map(|index| standing.label(LeafIndex(index)).as_str());
        assert_eq!(labels, ["stable", "stable", "witnessed", "witnessed", "accepted"]);
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

    #[test]
    fn a_witness_never_cosigns_less_nor_another_history() {
        let (one, two) = (Hash([1; 32]), Hash([2; 32]));
        let last = Last { size: TreeSize(5), root: one };
        let judged = |held, size, root| next(Some(&last), held, TreeSize(size), root);
        assert_eq!(next(None, None, TreeSize(5), one), Next::Cosign);
        assert_eq!(judged(Some(one), 4, one), Next::Smaller);
        assert_eq!(judged(Some(one), 5, one), Next::Cosign);
        assert_eq!(judged(None, 5, two), Next::Forked);
        assert_eq!(judged(Some(one), 9, two), Next::Cosign);
        assert_eq!(judged(Some(two), 9, two), Next::Forked);
        assert_eq!(judged(None, 9, two), Next::Smaller);
    }
}
