//! Which log is in force: each succession on the leaf sequence closes one and begins the next.
//!
//! In scope: what is kept of successions that were checked, and which log's checkpoint belongs to a size. Out of scope: whether a
//! succession holds (`log::succession`).

use super::Directory;
use crate::id::OperatorName;
use crate::log::succession::{Decision, Held};
use crate::number::{LeafIndex, LogNumber, TreeSize};

/// A log that succeeded another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succeeded {
    /// Its number.
    pub log: LogNumber,
    /// Its first leaf, the succession; the log before is closed at this size.
    pub index: LeafIndex,
    /// When the hub began it, milliseconds since 1970 UTC.
    pub begun_at_ms: i64,
    /// Who decided so, and why.
    pub decisions: Vec<(OperatorName, String)>,
}

impl Directory {
    /// The number of the log that the newest leaf is of.
    #[must_use]
    pub fn log(&self) -> LogNumber {
        self.log_at(TreeSize(u64::MAX))
    }
    /// The number of the log whose checkpoint covers so many leaves: where a log is closed, its own.
    #[must_use]
    pub fn log_at(&self, size: TreeSize) -> LogNumber {
        let begun = self.successions.iter().rev().find(|succeeded| succeeded.index.size() <= size);
        begun.map_or(LogNumber::FIRST, |succeeded| succeeded.log)
    }
    /// The logs that succeeded another, oldest first.
    #[must_use]
    pub fn successions(&self) -> &[Succeeded] {
        &self.successions
    }
    /// The size at which a log was closed; none where it is open, or was never begun.
    #[must_use]
    pub fn closed_at(&self, log: LogNumber) -> Option<TreeSize> {
        let next = self.successions.iter().find(|succeeded| succeeded.log == log.next());
        next.map(|succeeded| TreeSize(succeeded.index.0))
    }
    /// Applies a succession that was checked, at this index.
    pub fn apply_succession(&mut self, index: LeafIndex, begun_at_ms: i64, held: &Held) {
        let decisions =
            held.decisions.iter().map(|Decision { operator, reason, .. }| (operator.clone(), reason.clone()));
        let log = held.closed.log.next();
        self.successions.push(Succeeded { log, index, begun_at_ms, decisions: decisions.collect() });
    }
}
