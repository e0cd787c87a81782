//! What nodes said of the log: how far they hold it, and whether it is another one.
//!
//! In scope: noting it, how many more have to say it. Out of scope: what follows from it (`refill`).

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use multaqa_proto::id::{MemberCode, OperatorName, Writer};
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::succession::SignedDecision;
use multaqa_proto::log::witness::Numbers;
use multaqa_proto::number::{LeafIndex, TreeSize};

use super::{Goal, Refill};
use crate::log::LockContradicted;
use crate::store::StoreError;
use crate::store::restored::{Reason, Restored};

/// Every index that a record may have is below this one.
const NEWEST: LeafIndex = LeafIndex(u64::MAX);

/// How a log that was restored stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// How it came here.
    pub(crate) restored: Restored,
    /// Whether it refills still.
    pub(crate) open: bool,
    /// The size that it has to reach, as far as that is known.
    pub(crate) goal: Option<TreeSize>,
    /// How many more members have to say so; none where that is not asked.
    pub(crate) needed: Option<usize>,
    /// Of these.
    pub(crate) silent: Vec<String>,
}

/// What nodes said.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// How the store came here.
    pub(super) restored: Option<Restored>,
    /// The largest size of which a checkpoint was shown.
    pub(super) shown: TreeSize,
    /// Nodes that said how far they hold the log, and the largest checkpoint that each ever cosigned.
    told: BTreeMap<Writer, Option<Checkpoint>>,
    /// Whether a checkpoint contradicts the tree.
    pub(super) contradicted: bool,
    /// The lock that does.
    pub(super) lock: Option<LockContradicted>,
    /// What operators decided on closing the log, as it is stored.
    pub(super) decisions: BTreeMap<OperatorName, SignedDecision>,
}

impl Refill {
    /// How the log stands; none where it was never restored.
    pub(crate) fn standing(&self) -> Option<Standing> {
        let state = Arc::clone(&self.0.shared.newest.load().state);
        let book = self.book();
        let restored = book.restored.clone()?;
        let open = self.is_open();
        let locked = match &self.0.goal {
            Goal::Locked(checkpoint) if open && restored.reason != Reason::Closing => Some(checkpoint.size),
            Goal::Locked(_) | Goal::Told => None,
        };
        let shown = Some(book.shown).filter(|shown| open && *shown > TreeSize(0));
        let closing = restored.reason == Reason::Closing;
        let needed = (open && (closing || self.0.goal == Goal::Told)).then(|| book.lacking(&state));
        let silent = if needed.is_some() { book.silent(&state) } else { Vec::new() };
        Some(Standing { restored, open, goal: locked.max(shown), needed, silent })
    }

    /// Since when the store is one that was restored, milliseconds since 1970 UTC; none where it never was.
    pub(crate) fn restored_ms(&self) -> Option<i64> {
        self.book().restored.as_ref().map(|restored| restored.since_ms)
    }

    /// Somebody shows checkpoints that the log key signed: so far the log reached at least. Whether they agree with the tree as
    /// far as the tree reaches.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn show(&self, node: &Writer, shown: &[Checkpoint]) -> Result<bool, StoreError> {
        let size = self.0.shared.newest.load().state.size();
        let mut agrees = true;
        for checkpoint in shown.iter().filter(|checkpoint| checkpoint.size <= size) {
            agrees &= self.contains(checkpoint).await?;
        }
        {
            let mut book = self.book();
            book.shown = shown.iter().map(|checkpoint| checkpoint.size).max().unwrap_or_default().max(book.shown);
            book.contradicted |= !agrees;
        }
        if !agrees {
            tracing::error!(%node, "LOG_CONTRADICTED: the log key signed a checkpoint that this log does not contain");
        }
        Ok(agrees)
    }

    /// A node says by its record key that it holds no more of the log than it showed. A certificate alone does not say it: it may
    /// be a thief's.
    pub(crate) fn tell(&self, node: &Writer, cosigned: Option<Checkpoint>) {
        self.book().told.insert(node.clone(), cosigned);
    }

    /// A checkpoint of a node that lies ahead of a log which gives indexes: the store was put back under a running hub, or
    /// behind a lock that was put back with it. It is noted, so that the next start refills.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn found_behind(&self) -> Result<(), StoreError> {
        let size = self.0.shared.newest.load().state.size();
        let restored = Restored::new(Reason::Behind, size, self.0.clock.now_ms());
        self.0.store.note_restored(&restored).await?;
        self.book().restored = Some(restored);
        Ok(())
    }

    /// No step under the lock can panic half-way.
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    pub(super) fn new(restored: Option<Restored>) -> Self {
        Self { restored, ..Self::default() }
    }

    /// Of a log that was just opened: with the lock that it contradicts, and what operators decided before.
    pub(super) fn opened(
        restored: Option<Restored>,
        contradicted: Option<LockContradicted>,
        decisions: BTreeMap<OperatorName, SignedDecision>,
    ) -> Self {
        let mut book = Self { decisions, ..Self::new(restored) };
        if let Some(found) = contradicted {
            book.contradict_lock(found);
        }
        book
    }

    /// The tree does not contain the checkpoint that was published last.
    pub(super) fn contradict_lock(&mut self, found: LockContradicted) {
        if self.lock.as_ref() == Some(&found) {
            return;
        }
        let LockContradicted { path, locked, found: root } = &found;
        let root = root.map(|root| root.to_string()).unwrap_or_default();
        tracing::error!(
            lock = %path.display(), size = %locked.size, locked = %locked.root, found = root,
            "LOG_LOCK_CONTRADICTS: the store holds another history than was published last: no index is given"
        );
        self.contradicted = true;
        self.lock = Some(found);
    }

    /// As [`Book::lacking`], once this node has said it as well.
    pub(super) fn lacking_after(&self, state: &LogState, node: &Writer) -> usize {
        let mut told = self.told.clone();
        told.entry(node.clone()).or_default();
        Self { told, restored: self.restored.clone(), ..Self::default() }.lacking(state)
    }

    /// The largest checkpoints that the nodes of a state ever cosigned; none where none of them spoke.
    pub(super) fn cosigned_by(&self, state: &MemberCode) -> Option<Vec<Checkpoint>> {
        let own = self.told.iter().filter(|(node, _)| node.member() == Some(state));
        let all: Vec<&Option<Checkpoint>> = own.map(|(_, cosigned)| cosigned).collect();
        (!all.is_empty()).then(|| all.into_iter().flatten().cloned().collect())
    }

    /// Nobody said anything so far. Decisions stay: each is on one closing alone, whenever that is possible.
    pub(super) fn begin_anew(&mut self, restored: Restored) {
        let decisions = std::mem::take(&mut self.decisions);
        *self = Self { decisions, ..Self::new(Some(restored)) };
    }

    /// Who may say how far it holds the log, and did not: states that witness, or all nodes in force where none do.
    pub(super) fn silent(&self, state: &LogState) -> Vec<String> {
        let witnesses = &state.directory().policy().witnesses;
        if witnesses.is_empty() {
            let silent = in_force(state).into_iter().filter(|node| !self.told.contains_key(node));
            return silent.map(|node| node.to_string()).collect();
        }
        let said = |member: &&MemberCode| self.told.keys().any(|node| node.member() == Some(member));
        witnesses.iter().filter(|member| !said(member)).map(ToString::to_string).collect()
    }

    /// How many members more have to say how far they hold the log.
    pub(super) fn lacking(&self, state: &LogState) -> usize {
        let witnesses = &state.directory().policy().witnesses;
        let numbers = Numbers::of(witnesses.len());
        let said = |member: &&MemberCode| self.told.keys().any(|node| node.member() == Some(member));
        if numbers.states > 0 {
            let needed = numbers.states - numbers.quorum + 1;
            return needed.saturating_sub(witnesses.iter().filter(said).count());
        }
        let lacking = in_force(state).into_iter().filter(|node| !self.told.contains_key(node)).count();
        // A store that was restored knows only the nodes of its time: one at least must have spoken.
        let restored = self.restored.as_ref().is_some_and(|restored| restored.reason != Reason::Behind);
        lacking.max(usize::from(restored && self.told.is_empty()))
    }
}

/// All nodes that may connect.
fn in_force(state: &LogState) -> Vec<Writer> {
    let directory = state.directory();
    let mut nodes: Vec<Writer> = directory
        .invitations()
        .map(|(_, invitation)| Writer::Node(invitation.member.clone(), invitation.node.clone()))
        .filter(|node| directory.keys(node).last().is_some_and(|keys| keys.suspended.is_none()))
        .filter(|node| node.member().and_then(|m| directory.member(m)).is_some_and(|m| m.active_at(NEWEST)))
        .collect();
    nodes.sort();
    nodes.dedup();
    nodes
}
