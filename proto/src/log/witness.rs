//! Witnesses: whose cosignatures count, how far the log is witnessed and stable, and what a witness may cosign next.
//!
//! A checkpoint travels as one signed note: the log's line, then lines of witnesses. Of a state in the policy in force the
//! newest cosigned size and time of its nodes count once, whatever their number. With n states, f = floor((n - 1) / 3) and
//! q = ceil((n + f + 1) / 2): any two sets of q states share more than f, so no log is stable on two branches while at most f
//! states cosign what they should not. Below the (f+1)-th largest cosigned size an entry is *witnessed*, since an honest state
//! vouches for it; below the q-th it is *stable*.
//!
//! In scope: the numbers, opening such notes, whose count, the witness's rule. Out of scope: counting votes, freshness
//! (`standing`), bytes of a cosignature (`cosignature`), whether a cosigned root is one's own (who holds the tree), storing and
//! sending (`hub`, `node`).

mod standing;

use std::collections::BTreeMap;

use super::checkpoint::{Checkpoint, CheckpointBad, number};
use super::{cosignature, note};
use crate::directory::{Directory, NodeKeys};
use crate::hash::Hash;
use crate::id::{MemberCode, Writer};
use crate::key::KeyId;
use crate::kind::MemberClass;
use crate::number::{LeafIndex, TreeSize};

pub use standing::{Heard, Label, Standing, Vote, Witnessed, millis};

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
    /// Opens a note of the log that the directory has at its size. Lines of keys that the directory does not know, or that do not
    /// count, are left out: a reader may be behind the `key` record of a new node.
    ///
    /// # Errors
    /// [`CheckpointBad`] where the log key did not sign it for that log.
    pub fn open(text: &str, directory: &Directory) -> Result<Self, CheckpointBad> {
        Self::open_here(text, directory)?.ok_or(CheckpointBad("of a log that does not reach there"))
    }
    /// The same; none for a note of a log that begins after the newest one which the directory knows, or of one that was closed
    /// below its size.
    ///
    /// # Errors
    /// [`CheckpointBad`] where the log key did not sign it for the log that it names.
    pub fn open_here(text: &str, directory: &Directory) -> Result<Option<Self>, CheckpointBad> {
        let log_key = &directory.policy().log_key;
        let log = number(text, directory.federation()).ok_or(CheckpointBad("another log or spelling"))?;
        let checkpoint = Checkpoint::open(text, directory.federation(), log, log_key)?;
        if directory.log_at(checkpoint.size) != log {
            return Ok(None);
        }
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
        Ok(Some(Self { checkpoint, note, cosignatures: found.into_values().collect() }))
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
