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
//! Each step is one transaction of the store and is found again after a crash. Decisions are kept in memory until there are
//! enough: after a restart operators decide again.
//!
//! In scope: both steps. Out of scope: the checks of a succession (`proto::log::succession`), going back (`store::fall_back`), who
//! may call (`service::succession`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use multaqa_proto::hash::Hash;
use multaqa_proto::id::{MemberCode, OperatorName, Writer};
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::subtree::Plan;
use multaqa_proto::log::succession::{CosignedCheckpoint, SignedDecision, Succession, SuccessionWrong, spelled};
use multaqa_proto::log::witness::{Cosigned, Numbers};
use multaqa_proto::number::{LogNumber, TreeSize};
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::sync::block::Entry;
use prost::bytes::Bytes;
use tokio::sync::OwnedMutexGuard;

use super::{Refill, Work, place};
use crate::log::{LogError, Newest};
use crate::store::restored::{Reason, Restored};
use crate::store::{Dropped, StoreError};

/// Records that are ordered again together.
const AGAIN: i64 = 512;

/// Where the log can be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closable {
    /// Number of the log that would begin.
    pub(crate) log: LogNumber,
    /// The size.
    pub(crate) size: TreeSize,
    /// The root there.
    pub(crate) root: Hash,
    /// States that vouch for it.
    pub(crate) states: BTreeSet<MemberCode>,
    /// How many are a quorum.
    pub(crate) quorum: usize,
}

/// Why the log is not closed, or the next one not begun.
#[derive(Debug)]
pub(crate) enum CloseError {
    /// It gives indexes: there is nothing to be closed.
    GoesOn,
    /// Nothing contradicts it: it may become whole again.
    NotNeeded,
    /// It is not being closed.
    NotClosing,
    /// So many members more have to say how far they hold the log.
    Awaited(usize),
    /// No quorum vouches for any size of this tree.
    NotStable,
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
            Self::Awaited(_) => "LOG_CLOSING_AWAITS",
            Self::NotStable => "LOG_NOT_STABLE",
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

    /// The operators that decided on the closing.
    pub(crate) fn decided(&self) -> Vec<OperatorName> {
        self.book().decisions.keys().cloned().collect()
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

    /// Whether entries are to be taken from a node that offers these notes: while the log is being closed, where they show that
    /// witnesses made its branch stable beyond this tree, or where with this node, which showed who it is, so many have spoken that no
    /// branch can be; any will do then.
    pub(crate) fn leads(&self, notes: &[Cosigned], node: Option<&Writer>) -> bool {
        let state = self.state();
        let numbers = Numbers::of(state.directory().policy().witnesses.len());
        !self.is_closing()
            || nth(&votes(notes), numbers.quorum).is_some_and(|size| size > state.size())
            || node.is_some_and(|node| self.book().lacking_after(&state, node) == 0)
            || numbers.quorum == 0
    }

    /// Those of the notes that are over this tree.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn held_of(&self, notes: Vec<Cosigned>) -> Result<Vec<Cosigned>, StoreError> {
        let (size, mut held) = (self.state().size(), Vec::new());
        for note in notes {
            if note.checkpoint.size <= size && self.contains(&note.checkpoint).await? {
                held.push(note);
            }
        }
        Ok(held)
    }

    /// Where the log can be closed by these cosigned notes.
    ///
    /// # Errors
    /// [`CloseError::NotClosing`], [`CloseError::Awaited`], [`CloseError::NotStable`], or where the store fails.
    pub(crate) async fn closable(&self, notes: &[String]) -> Result<Closable, CloseError> {
        let state = self.state();
        if !self.is_closing() || self.has_succeeded(&state) {
            return Err(CloseError::NotClosing);
        }
        let awaited = self.book().lacking(&state);
        if awaited > 0 {
            return Err(CloseError::Awaited(awaited));
        }
        let numbers = Numbers::of(state.directory().policy().witnesses.len());
        let log = state.log().next();
        if numbers.quorum == 0 {
            let (size, root) = (state.size(), state.root());
            return Ok(Closable { log, size, root, states: BTreeSet::new(), quorum: 0 });
        }
        let opened = notes.iter().filter_map(|note| Cosigned::open(note, state.directory()).ok()).collect();
        let votes = votes(&self.held_of(opened).await?);
        let size = nth(&votes, numbers.quorum).filter(|size| *size >= begins(&state)).ok_or(CloseError::NotStable)?;
        let root = self.0.store.root_at(size).await?.ok_or(CloseError::NotStable)?;
        let awaited = self.may_be_stable_elsewhere(&state, size).await?.saturating_sub(numbers.quorum - 1);
        if awaited > 0 {
            return Err(CloseError::Awaited(awaited));
        }
        let states = votes.into_iter().filter(|(_, voted)| *voted >= size).map(|(state, _)| state).collect();
        Ok(Closable { log, size, root, states, quorum: numbers.quorum })
    }

    /// So many states may have cosigned more than this size, or another branch: those that said so, and those that said nothing.
    async fn may_be_stable_elsewhere(&self, state: &LogState, size: TreeSize) -> Result<usize, StoreError> {
        let witnesses = &state.directory().policy().witnesses;
        let said: Vec<Option<Vec<Checkpoint>>> = {
            let book = self.book();
            witnesses.iter().map(|witness| book.cosigned_by(witness)).collect()
        };
        let (mut silent, mut here, mut elsewhere) = (0, 0, 0);
        for said in said {
            let Some(cosigned) = said else {
                silent += 1;
                continue;
            };
            let (mut more, mut other) = (false, false);
            for checkpoint in cosigned {
                let beyond = checkpoint.size > state.size();
                let contained = !beyond && self.contains(&checkpoint).await?;
                more |= checkpoint.size > size && (contained || beyond);
                other |= !contained;
            }
            (here, elsewhere) = (here + usize::from(more), elsewhere + usize::from(other));
        }
        Ok(silent + here.max(elsewhere))
    }

    /// Takes an operator's decision; where it is the last that is needed, the next log begins. Whether it has.
    ///
    /// # Errors
    /// [`CloseError::Other`] where it is on another closing; [`CloseError::Wrong`] where it, or the succession, does not hold; as
    /// [`Refill::closable`].
    pub(crate) async fn decide(&self, signed: SignedDecision, notes: &[String]) -> Result<bool, CloseError> {
        // Nobody gives anything meanwhile.
        let work = self.turn().await;
        let closable = self.closable(notes).await?;
        let directory = Arc::clone(self.state().directory());
        let decision = signed.open(&directory)?;
        let this = (closable.log, closable.size, closable.root);
        if (decision.log, decision.size, decision.root) != this {
            return Err(CloseError::Other(Box::new(closable)));
        }
        let decisions = {
            let mut book = self.book();
            let same = |signed: &mut SignedDecision| {
                signed.open(&directory).is_ok_and(|other| (other.log, other.size, other.root) == this)
            };
            book.decisions.retain(|_, signed| same(signed));
            book.decisions.insert(decision.operator, signed);
            book.decisions.clone()
        };
        if decisions.len() < directory.policy().operators_required {
            return Ok(false);
        }
        self.succeed(work, &closable, decisions.into_values().collect(), notes).await?;
        Ok(true)
    }

    /// Whether the succession of this closing is on the log.
    pub(super) fn has_succeeded(&self, state: &LogState) -> bool {
        let newest = state.directory().successions().last().map(|begun| begun.index.0);
        let from = self.book().restored.as_ref().map(|restored| restored.from.0);
        newest.is_some_and(|newest| from.is_some_and(|from| newest >= from))
    }

    /// Orders what was set aside, while the log is being closed once the succession is there; whether nothing is left.
    ///
    /// # Errors
    /// Where the store fails.
    pub(super) async fn order_again(&self) -> Result<bool, LogError> {
        if self.is_closing() && !self.has_succeeded(&self.state()) {
            return Ok(false);
        }
        let mut work = self.turn().await;
        loop {
            let dropped = self.0.store.dropped(0, AGAIN).await?;
            let Some(through) = dropped.last().map(|dropped| dropped.number) else { return Ok(true) };
            let (state, sealed, now_ms) = (self.state(), work.sealed, self.0.clock.now_ms());
            let log_key = Arc::clone(&self.0.log_key);
            let mut roots = std::mem::take(&mut work.roots);
            let placing = tokio::task::spawn_blocking(move || {
                let entries = fitting(&state, dropped, now_ms, &mut roots);
                let placed = place::place(&state, sealed, entries, &mut roots, &log_key);
                (placed, roots)
            });
            let (placed, roots) = placing.await.map_err(|error| halted(&error.to_string()))?;
            work.roots = roots;
            self.append_again(&mut work, placed.map_err(|wrong| halted(&wrong))?, through).await?;
        }
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
        self.0.store.fall_back(to, &self.0.log_key, restored).await?;
        let loaded = self.0.store.load().await?;
        work.sealed = loaded.sealed;
        self.0.fanout.clear();
        self.0.shared.publish(Newest { checkpoint: loaded.checkpoint.into(), state: Arc::new(loaded.state) });
        Ok(())
    }

    async fn append_again(&self, work: &mut Work, placed: place::Placed, through: i64) -> Result<(), StoreError> {
        let place::Placed { sealed, commits, .. } = placed;
        let all: Vec<_> = commits.iter().map(|(commit, _)| commit).collect();
        // Whoever let the log go on at its size lets it go on with these records.
        let size = commits.last().map(|(_, state)| state.size());
        let restored = self.book().restored.clone().filter(|restored| restored.released.is_some());
        let restored = restored.map(|restored| Restored { released: size.or(restored.released), ..restored });
        let erased = self.0.store.order_again(&all, through, restored.as_ref()).await?;
        if restored.is_some() {
            self.book().restored = restored;
        }
        self.0.fanout.erase(&erased);
        for (mut commit, state) in commits {
            for stored in commit.entries.iter_mut().filter(|stored| erased.contains(&stored.entry.index)) {
                stored.erase();
            }
            self.0.fanout.push(commit.segment());
            self.0.shared.publish(Newest { checkpoint: commit.checkpoint.into(), state: Arc::new(state.anew()) });
        }
        work.sealed = sealed;
        Ok(())
    }
}

/// The smallest size to which a log goes back: it never goes back below its own beginning.
fn begins(state: &LogState) -> TreeSize {
    state.directory().successions().last().map_or(TreeSize(1), |begun| begun.index.size())
}

/// The largest size that each state cosigned.
fn votes(notes: &[Cosigned]) -> BTreeMap<MemberCode, TreeSize> {
    let mut votes: BTreeMap<MemberCode, TreeSize> = BTreeMap::new();
    for note in notes {
        for state in note.cosignatures.iter().filter_map(|found| found.witness.member()) {
            let so_far = votes.entry(state.clone()).or_default();
            *so_far = note.checkpoint.size.max(*so_far);
        }
    }
    votes
}

/// The n-th largest vote.
fn nth(votes: &BTreeMap<MemberCode, TreeSize>, nth: usize) -> Option<TreeSize> {
    let mut sizes: Vec<TreeSize> = votes.values().copied().collect();
    sizes.sort_unstable_by_key(|size| std::cmp::Reverse(*size));
    sizes.get(nth.checked_sub(1)?).copied()
}

/// The records that may stand next, one after the other, as entries.
fn fitting(before: &LogState, dropped: Vec<Dropped>, now_ms: i64, roots: &mut VerifiedRoots) -> Vec<Entry> {
    let (mut state, mut entries) = (before.clone(), Vec::new());
    let at_ms = now_ms.max(before.accepted_at_ms());
    for Dropped { number, record } in dropped {
        let Ok(parsed) = record.parse() else {
            tracing::warn!(number, "a record that was set aside breaks the form and is left out");
            continue;
        };
        let content = match parsed.content() {
            Some(Ok(content)) => Some(content),
            Some(Err(_)) => continue,
            None => None,
        };
        if let Err(refused) = state.check(&parsed, roots) {
            tracing::info!(record = %parsed.record_id, %refused, "a record that was set aside is not ordered again");
            continue;
        }
        let leaf = Leaf::new(LeafType::Record, at_ms, &parsed.bytes.signature, parsed.bytes.statement.clone());
        let (bytes, index) = (leaf.to_bytes(), state.size().next_index());
        state.push_record(&bytes, &leaf, &parsed, content.as_ref());
        let (signature, content) = (parsed.bytes.signature.clone(), parsed.bytes.content.clone());
        entries.push(Entry { index, leaf: bytes, signature, content });
    }
    entries
}

fn halted(why: &str) -> LogError {
    LogError::Halted { why: why.to_owned() }
}
