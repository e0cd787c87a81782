//! Closing the log where it was stable, and beginning the next one there.
//!
//! For a log that nothing else brings together with what nodes hold: its store was put back with everything beside it and went on
//! by itself, or nobody holds what was published last. An operator closes it, in two steps:
//! 1. *Going back.* The log goes back to the size that it knows to be stable, which every branch begins with, and sets aside the
//!    records above. Then it refills, from nodes whose branch witnesses made stable beyond that; from any, where none can be, or the
//!    policy names no witnesses. Nodes on another branch only say what they cosigned.
//! 2. *Succeeding.* When so many states have said it that those which cosigned more, or another branch, and those that said nothing
//!    are no quorum together, nothing else can be stable further. Operators sign a decision on the
//!    size at which a quorum vouches for the tree; with enough of them what stands above is set aside as well, the succession is
//!    ordered at that size, and after it all records that were set aside, in their order: those of operators, whose chains nobody
//!    else could go on with, and of nodes, which need not submit them again. One that is there already, or does not fit any more, is left
//!    out; what this hub does not have its writer's node submits.
//!
//! Each step is one transaction of the store and is found again after a crash; so is each decision, which is stored before it is
//! answered and forgotten by the transaction that orders the succession. A decision holds for one log number, size and root alone:
//! where nodes say more meanwhile and another closing becomes possible, those on the one before count for nothing, and need not be
//! taken back. Once there are enough the succession goes on by itself after any crash, as soon as so many nodes have spoken again.
//!
//! Nothing overrides a quorum that stays silent here: no node would follow a log that was closed below what a quorum may have made
//! stable. What an operator can do is said by `LOG_CLOSING_AWAITS`; the one override, `backup release`, lets a log go on as it
//! is, and is refused while a log is being closed.
//!
//! In scope: both steps, the decisions. Out of scope: where it can be closed (`closable`), ordering again (`again`), the checks of a
//! succession (`proto::log::succession`), going back (`store::fall_back`), who may call (`service::succession`).

mod again;
mod closable;

use std::collections::BTreeMap;
use std::sync::Arc;

use multaqa_proto::directory::Directory;
use multaqa_proto::id::OperatorName;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::subtree::Plan;
use multaqa_proto::log::succession::{CosignedCheckpoint, SignedDecision, Succession, SuccessionWrong, spelled};
use multaqa_proto::log::witness::Cosigned;
use multaqa_proto::number::TreeSize;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::sync::block::Entry;
use prost::bytes::Bytes;
use tokio::sync::OwnedMutexGuard;

pub(crate) use self::closable::Closable;
use super::{Refill, Work, place};
use crate::log::{LockContradicted, LogError, Newest};
use crate::store::StoreError;
use crate::store::restored::{Reason, Restored};

/// Why the log is not closed, or the next one not begun.
#[derive(Debug)]
pub(crate) enum CloseError {
    /// It gives indexes: there is nothing to be closed.
    GoesOn,
    /// Nothing contradicts it: it may become whole again.
    NotNeeded,
    /// It is not being closed.
    NotClosing,
    /// So many members more, of these, have to say how far they hold the log.
    Awaited { awaited: usize, silent: Vec<String> },
    /// No quorum vouches for any size of this tree.
    NotStable { silent: Vec<String> },
    /// The decision is on another closing than is possible.
    Other(Box<Closable>),
    /// The succession would not hold.
    Wrong(SuccessionWrong),
    /// The log or its store failed.
    Log(LogError),
}

impl CloseError {
    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::GoesOn => "LOG_GOES_ON",
            Self::NotNeeded => "LOG_CLOSING_NOT_NEEDED",
            Self::NotClosing => "LOG_NOT_CLOSING",
            Self::Awaited { .. } => "LOG_CLOSING_AWAITS",
            Self::NotStable { .. } => "LOG_NOT_STABLE",
            Self::Other(_) => "SUCCESSION_OTHER",
            Self::Wrong(_) => SuccessionWrong::CODE,
            Self::Log(error) => error.code(),
        }
    }
}

impl From<LogError> for CloseError {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}
impl From<StoreError> for CloseError {
    fn from(error: StoreError) -> Self {
        Self::Log(error.into())
    }
}
impl From<SuccessionWrong> for CloseError {
    fn from(wrong: SuccessionWrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl Refill {
    /// Whether the log is being closed.
    pub(crate) fn is_closing(&self) -> bool {
        let closing = |restored: &Restored| restored.reason == Reason::Closing && restored.done.is_none();
        self.book().restored.as_ref().is_some_and(closing)
    }

    /// Whether nodes hold what this log does not, and cannot give it.
    pub(crate) fn is_contradicted(&self) -> bool {
        self.is_open() && self.book().contradicted
    }

    /// The operators that decided on this closing.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn decided(&self, on: &Closable) -> Result<Vec<OperatorName>, StoreError> {
        let directory = self.0.store.directory_at(on.size).await?;
        Ok(self.decisions(on, &directory).into_keys().collect())
    }

    /// The lock that this log contradicts; none once it is closed.
    pub(crate) fn lock_contradicted(&self) -> Option<LockContradicted> {
        self.book().lock.clone().filter(|_| self.is_open())
    }

    /// What a node holds does not follow this log.
    pub(crate) fn contradict(&self) {
        self.book().contradicted = true;
    }

    /// Begins to close the log: it goes back to the stable size, or to just after its own beginning; gives that size.
    ///
    /// # Errors
    /// [`CloseError::GoesOn`], [`CloseError::NotNeeded`] unless it is forced, or where the store fails.
    pub(crate) async fn close(&self, stable: TreeSize, force: bool) -> Result<TreeSize, CloseError> {
        if !self.is_open() {
            return Err(CloseError::GoesOn);
        }
        if !force && !self.is_contradicted() && !self.is_closing() {
            return Err(CloseError::NotNeeded);
        }
        let mut work = self.turn().await;
        let state = self.state();
        if self.has_succeeded(&state) {
            return Err(CloseError::GoesOn);
        }
        let to = stable.max(begins(&state)).min(state.size());
        tracing::warn!(from = %state.size(), %to, "the log is being closed: it goes back to where it is stable");
        let restored = Restored::new(Reason::Closing, to, self.0.clock.now_ms());
        self.go_back(&mut work, to, &restored).await?;
        self.book().begin_anew(restored);
        Ok(to)
    }

    /// Takes an operator's decision, which is stored before anything follows from it; where it is the last that is needed, the
    /// next log begins. Whether it has.
    ///
    /// # Errors
    /// [`CloseError::Other`] where it is on another closing; [`CloseError::Wrong`] where it, or the succession, does not hold; as
    /// [`Refill::closable`].
    pub(crate) async fn decide(&self, signed: SignedDecision, notes: &[String]) -> Result<bool, CloseError> {
        // Nobody gives anything meanwhile.
        let work = self.turn().await;
        let closable = self.closable(notes).await?;
        let directory = self.0.store.directory_at(closable.size).await?;
        let decision = signed.open(&directory)?;
        if !closable.is_of(&decision) {
            return Err(CloseError::Other(Box::new(closable)));
        }
        let mut decisions = self.decisions(&closable, &directory);
        decisions.insert(decision.operator, signed);
        self.0.store.note_decisions(&decisions).await?;
        self.book().decisions.clone_from(&decisions);
        if decisions.len() < closable.needed {
            return Ok(false);
        }
        self.succeed(work, &closable, decisions.into_values().collect(), notes).await?;
        Ok(true)
    }

    /// Goes on with a closing on which enough operators decided before a crash; the size at which the next log begins, where it
    /// does.
    ///
    /// # Errors
    /// [`CloseError::Wrong`], or where the log or its store fails. That too few have spoken so far is none.
    pub(crate) async fn go_on_decided(&self, notes: &[String]) -> Result<Option<TreeSize>, CloseError> {
        if self.book().decisions.is_empty() {
            return Ok(None);
        }
        let work = self.turn().await;
        let closable = match self.closable(notes).await {
            Ok(closable) => closable,
            Err(CloseError::NotClosing | CloseError::Awaited { .. } | CloseError::NotStable { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let directory = self.0.store.directory_at(closable.size).await?;
        let decisions = self.decisions(&closable, &directory);
        if decisions.len() < closable.needed {
            return Ok(None);
        }
        self.succeed(work, &closable, decisions.into_values().collect(), notes).await?;
        Ok(Some(closable.size))
    }

    /// Those of the decisions that are on this closing, and hold.
    fn decisions(&self, on: &Closable, directory: &Directory) -> BTreeMap<OperatorName, SignedDecision> {
        let book = self.book();
        let holds = |signed: &SignedDecision| signed.open(directory).is_ok_and(|decision| on.is_of(&decision));
        let held = book.decisions.iter().filter(|(_, signed)| holds(signed));
        held.map(|(operator, signed)| (operator.clone(), signed.clone())).collect()
    }

    /// Whether the succession of this closing is on the log.
    pub(super) fn has_succeeded(&self, state: &LogState) -> bool {
        let newest = state.directory().successions().last().map(|begun| begun.index.0);
        let from = self.book().restored.as_ref().map(|restored| restored.from.0);
        newest.is_some_and(|newest| from.is_some_and(|from| newest >= from))
    }

    async fn succeed(
        &self,
        mut work: OwnedMutexGuard<Work>,
        closable: &Closable,
        decisions: Vec<SignedDecision>,
        notes: &[String],
    ) -> Result<(), CloseError> {
        let succession = self.succession(closable, decisions, notes).await?;
        let restored = self.book().restored.clone().ok_or(CloseError::NotClosing)?;
        self.go_back(&mut work, closable.size, &restored).await?;
        let state = self.state();
        state.check_succession(&succession)?;
        let at_ms = self.0.clock.now_ms().max(state.accepted_at_ms());
        let leaf = Leaf::new(LeafType::Succession, at_ms, &[], succession.serialise()).to_bytes();
        let entry = Entry { index: state.size().next_index(), leaf, signature: Bytes::new(), content: None };
        let mut roots = VerifiedRoots::default();
        let placed = place::place(&state, work.sealed, vec![entry], &mut roots, &self.0.log_key);
        self.append_again(&mut work, placed.map_err(|wrong| halted(&wrong))?, 0).await?;
        self.book().decisions.clear();
        drop(work);
        tracing::warn!(log = %closable.log, closed = %closable.size, root = %closable.root, "the next log begins");
        self.try_finish().await?;
        Ok(())
    }

    /// The succession, which holds by the directory at the closed size.
    async fn succession(
        &self,
        closable: &Closable,
        decisions: Vec<SignedDecision>,
        notes: &[String],
    ) -> Result<Succession, CloseError> {
        let Closable { log, size, root, .. } = closable;
        let (store, state) = (&self.0.store, self.state());
        let directory = store.directory_at(*size).await?;
        let opened = notes.iter().filter_map(|note| Cosigned::open(note, &directory).ok()).collect();
        let mut held = self.held_of(opened).await?;
        held.retain(|note| note.checkpoint.size >= *size && !note.cosignatures.is_empty());
        held.sort_by_key(|note| note.checkpoint.size);
        held.dedup_by_key(|note| note.checkpoint.size);
        let mut cosigned = Vec::with_capacity(held.len());
        for note in &held {
            let consistency = match Plan::consistency(*size, note.checkpoint.size) {
                Some(plan) if note.checkpoint.size > *size => store.prove(&plan).await?,
                Some(_) | None => Vec::new(),
            };
            cosigned.push(CosignedCheckpoint { note: spelled(note), consistency });
        }
        let closed = Checkpoint { log: state.log(), size: *size, root: *root };
        let closed = closed.sign(directory.federation(), &self.0.log_key);
        let succession = Succession { log: *log, closed, cosigned, decisions };
        succession.check(&directory)?;
        Ok(succession)
    }

    /// Takes back what stands above a size, in the store and in memory.
    async fn go_back(&self, work: &mut Work, to: TreeSize, restored: &Restored) -> Result<(), StoreError> {
        let gone = self.0.store.fall_back(to, &self.0.log_key, restored).await;
        // Also where it failed: a step may be done and reported lost.
        self.load_anew(work).await?;
        gone
    }

    /// Takes the state in memory from the store.
    async fn load_anew(&self, work: &mut Work) -> Result<(), StoreError> {
        let loaded = self.0.store.load().await?;
        let restored = self.0.store.restored().await?;
        work.sealed = loaded.sealed;
        if let Some(restored) = restored {
            self.book().restored = Some(restored);
        }
        self.0.fanout.clear();
        self.0.shared.publish(Newest { checkpoint: loaded.checkpoint.into(), state: Arc::new(loaded.state) });
        Ok(())
    }
}

/// The smallest size to which a log goes back: it never goes back below its own beginning.
fn begins(state: &LogState) -> TreeSize {
    state.directory().successions().last().map_or(TreeSize(1), |begun| begun.index.size())
}

fn halted(why: &str) -> LogError {
    LogError::Halted { why: why.to_owned() }
}
