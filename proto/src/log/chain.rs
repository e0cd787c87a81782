//! Writers' chains: each statement names its place and the one before it.
//!
//! A reader that starts by runs (`sync::run`) does not see every statement: after a run a chain may go on further up, though
//! never further down, until the writer is seen again; and nowhere once the start is over.
//!
//! In scope: the newest statement of every writer, and whether the next one fits. Out of scope: who opens an epoch
//! (`directory`: no key is known for an epoch that was never opened).

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::hash::RecordId;
use crate::id::Writer;
use crate::number::{Epoch, Seq};
use crate::record::statement::Statement;

/// The newest statement of a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Epoch.
    pub epoch: Epoch,
    /// Place in the chain.
    pub seq: Seq,
    /// Its record id.
    pub record_id: RecordId,
}

/// A statement that does not follow its writer's newest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ChainError {
    /// Statements between the newest and this one are missing.
    #[error("expected seq {expected}, found {found}")]
    Gap {
        /// The next place.
        expected: Seq,
        /// The statement's place.
        found: Seq,
    },
    /// The place is taken by another statement.
    #[error("seq {found} is taken, the next is {expected}")]
    Fork {
        /// The next place.
        expected: Seq,
        /// The statement's place.
        found: Seq,
    },
    /// The place is right, but the statement names another one before it.
    #[error("names another previous record than the newest")]
    Previous,
    /// The epoch has ended.
    #[error("epoch {found} has ended, {current} is open")]
    Epoch {
        /// The open epoch.
        current: Epoch,
        /// The statement's epoch.
        found: Epoch,
    },
}

impl ChainError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Gap { .. } => "CHAIN_GAP",
            Self::Fork { .. } => "CHAIN_FORK",
            Self::Previous => "CHAIN_PREVIOUS_WRONG",
            Self::Epoch { .. } => "EPOCH_WRONG",
        }
    }
}

/// The newest statement of every writer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chains {
    heads: BTreeMap<Writer, Head>,
    /// Writers seen since the newest run; none where there was none, or the start is over.
    since_run: Option<BTreeSet<Writer>>,
}

impl Chains {
    /// From stored heads.
    #[must_use]
    pub fn from_heads(heads: impl IntoIterator<Item = (Writer, Head)>) -> Self {
        Self { heads: heads.into_iter().collect(), since_run: None }
    }
    /// The newest statement of a writer.
    #[must_use]
    pub fn head(&self, writer: &Writer) -> Option<Head> {
        self.heads.get(writer).copied()
    }
    /// All heads.
    pub fn heads(&self) -> impl Iterator<Item = (&Writer, &Head)> {
        self.heads.iter()
    }
    /// Whether a writer's chain is as long as this statement's place: only then can the statement be on the log.
    #[must_use]
    pub fn reaches(&self, statement: &Statement) -> bool {
        let place = (statement.epoch, statement.seq);
        self.heads.get(&statement.writer).is_some_and(|head| place <= (head.epoch, head.seq))
    }
    /// Whether the statement is the next of its writer.
    ///
    /// # Errors
    /// [`ChainError`] says why not.
    pub fn check(&self, statement: &Statement) -> Result<(), ChainError> {
        let (found, epoch) = (statement.seq, statement.epoch);
        let head = match self.heads.get(&statement.writer) {
            Some(head) if epoch == head.epoch => Some(head),
            Some(head) if epoch < head.epoch => {
                return Err(ChainError::Epoch { current: head.epoch, found: epoch });
            }
            _ => None,
        };
        let expected = head.map_or(Seq(1), |head| head.seq.next());
        if found > expected {
            let across = self.since_run.as_ref().is_some_and(|seen| !seen.contains(&statement.writer));
            return if across { Ok(()) } else { Err(ChainError::Gap { expected, found }) };
        }
        if found < expected {
            return Err(ChainError::Fork { expected, found });
        }
        if statement.previous == head.map(|head| head.record_id) { Ok(()) } else { Err(ChainError::Previous) }
    }
    /// Notes a statement that was checked.
    pub fn advance(&mut self, statement: &Statement, record_id: RecordId) {
        let head = Head { epoch: statement.epoch, seq: statement.seq, record_id };
        if let Some(seen) = &mut self.since_run {
            seen.insert(statement.writer.clone());
        }
        self.heads.insert(statement.writer.clone(), head);
    }
    /// Notes a run: statements of any writer may stand in it.
    pub(super) fn pass_run(&mut self) {
        self.since_run = Some(BTreeSet::new());
    }
    /// No further run comes: from here on every statement is seen.
    pub(super) fn end_runs(&mut self) {
        self.since_run = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hash;

    fn statement(epoch: u64, seq: u64, previous: Option<u64>) -> (Statement, RecordId) {
        let id = |seq: u64| Hash::of(&seq.to_be_bytes());
        let statement = Statement {
            federation: Some(Hash::of(b"genesis")),
            writer: "JO/gw1".parse().unwrap(),
            epoch: Epoch(epoch),
            seq: Seq(seq),
            previous: previous.map(id),
            lane: [7; 16],
            content_hash: Hash::of(b"content"),
        };
        (statement, id(seq))
    }

    fn code(chains: &Chains, epoch: u64, seq: u64, previous: Option<u64>) -> &'static str {
        chains.check(&statement(epoch, seq, previous).0).map_or_else(|error| error.code(), |()| "next")
    }

    fn advance(chains: &mut Chains, epoch: u64, seq: u64, previous: Option<u64>) {
        let (statement, id) = statement(epoch, seq, previous);
        chains.advance(&statement, id);
    }

    #[test]
    fn a_statement_follows_the_newest_of_its_writer_and_an_epoch_never_goes_back() {
        let mut chains = Chains::default();
        assert_eq!((code(&chains, 1, 1, None), code(&chains, 1, 2, Some(1))), ("next", "CHAIN_GAP"));
        advance(&mut chains, 1, 1, None);
        advance(&mut chains, 1, 2, Some(1));
        assert_eq!(code(&chains, 1, 3, Some(2)), "next");
        assert_eq!(code(&chains, 1, 3, Some(1)), "CHAIN_PREVIOUS_WRONG");
        assert_eq!(code(&chains, 1, 2, Some(1)), "CHAIN_FORK");
        assert_eq!(code(&chains, 1, 4, Some(3)), "CHAIN_GAP");
        assert_eq!((code(&chains, 2, 1, None), code(&chains, 2, 3, Some(2))), ("next", "CHAIN_GAP"));
        advance(&mut chains, 2, 1, None);
        assert_eq!(code(&chains, 1, 3, Some(2)), "EPOCH_WRONG");
    }

    #[test]
    fn across_a_run_a_chain_goes_on_further_up_once_and_never_further_down() {
        let mut chains = Chains::default();
        advance(&mut chains, 1, 1, None);
        chains.pass_run();
        assert_eq!((code(&chains, 1, 5, Some(4)), code(&chains, 1, 1, None)), ("next", "CHAIN_FORK"));
        advance(&mut chains, 1, 5, Some(4));
        assert_eq!((code(&chains, 1, 6, Some(5)), code(&chains, 1, 7, Some(6))), ("next", "CHAIN_GAP"));
        chains.pass_run();
        assert_eq!(code(&chains, 1, 9, Some(8)), "next");
        chains.end_runs();
        assert_eq!((code(&chains, 1, 9, Some(8)), code(&chains, 1, 6, Some(5))), ("CHAIN_GAP", "next"));
    }
}
