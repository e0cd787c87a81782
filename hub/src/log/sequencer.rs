//! The one task that gives indexes.
//!
//! Each round takes what is queued, plans a commit, stores it, publishes it, and only then answers. There are two failures:
//! the store is sound and this commit was not stored (its records are told to come again), or nobody knows (the task ends,
//! the log says why and answers `HUB_HALTED`). In both cases the log is frozen from then on, and whoever follows it is told;
//! after the first it thaws with the next commit that is stored, and a seal is tried until one is. Start-up and normal
//! operation run the same code: nothing is remembered between rounds but the state, which is what the store holds.
//!
//! Out of scope: what a commit is made of (`plan`), when a seal is due (`sealer`).

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use multaqa_proto::hash::RecordId;
use multaqa_proto::log::evidence::Signed;
use multaqa_proto::log::state::LogState;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::lock::Lock;
use super::plan::{Base, Plan, RECORDS_MAX, plan};
use super::refill::Refill;
use super::sealer::Sealer;
use super::{LogError, Newest, Outcome, Queued, Shared};
use crate::fanout::Fanout;
use crate::metrics;
use crate::point;
use crate::store::{Commit, Place, Store, StoreError};

/// How long the task waits for a reader that keeps erased bytes in the WAL, before it tries again.
const PURGE_AGAIN: Duration = Duration::from_secs(1);
/// How long after a failed commit a seal is tried, to see whether the store takes commits again.
const PROBE_AGAIN: Duration = Duration::from_secs(1);
/// A commit that takes longer freezes the log until it ends.
pub(super) const STUCK: Duration = Duration::from_secs(10);
/// Records that are planned within the task: less than what handing them to another thread takes is won by it.
const AT_ONCE: usize = 4;
/// How long the task sleeps at most, so that a clock that jumps is noticed.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// The task; [`Sequencer::run`] it. Nothing is ordered before.
#[derive(Debug)]
pub struct Sequencer {
    pub(super) shared: Arc<Shared>,
    pub(super) queue: mpsc::Receiver<Queued>,
    pub(super) store: Store,
    pub(super) fanout: Fanout,
    pub(super) refill: Refill,
    pub(super) log_key: Arc<SigningKey>,
    pub(super) clock: Clock,
    pub(super) lock: Lock,
    pub(super) sealer: Sealer,
    pub(super) backlog: VecDeque<Queued>,
    pub(super) roots: VerifiedRoots,
    /// When to look next for erased bytes in the WAL; none where there are none.
    pub(super) purge: Option<Instant>,
    /// How long a commit may take before the log is frozen.
    pub(super) stuck: Duration,
    /// When to try a seal after a failed commit; none where the newest commit was stored.
    pub(super) probe: Option<Instant>,
}

/// What the task does next.
enum Wake {
    Look,
    Stop,
}

impl Sequencer {
    /// Runs until it is stopped; what was queued by then is still ordered and answered.
    ///
    /// # Errors
    /// The fault after which nothing more may be sequenced; the process must stop.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), Fault> {
        let ended = self.rounds(&stop).await;
        if let Err(error) = &ended {
            tracing::error!(code = error.code(), %error, "the sequencer stands still");
            self.shared.halt(error.code());
        }
        ended.map_err(Fault::from)
    }

    async fn rounds(&mut self, stop: &CancellationToken) -> Result<(), LogError> {
        if self.refill.is_open() {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = self.refill.closed() => {}
            }
        }
        self.sealer = Sealer { sealed: self.refill.sealed().await };
        loop {
            if let Wake::Stop = self.wait(stop).await {
                self.queue.close();
                while self.refill().await {
                    self.round().await?;
                }
                return Ok(self.store.purge_wal().await.map(|_| ())?);
            }
            self.round().await?;
        }
    }

    /// Waits until there is something to order, to seal or to purge.
    async fn wait(&mut self, stop: &CancellationToken) -> Wake {
        if !self.backlog.is_empty() {
            return Wake::Look;
        }
        let shared = Arc::clone(&self.shared);
        let idle = self.idle(&shared.newest.load().state);
        let mut found = Vec::new();
        tokio::select! {
            biased;
            () = stop.cancelled() => return Wake::Stop,
            _ = self.queue.recv_many(&mut found, RECORDS_MAX) => {}
            () = shared.look.notified() => {}
            () = tokio::time::sleep(idle) => {}
        }
        self.backlog.extend(found);
        Wake::Look
    }

    /// Takes what is left in the closed queue; false where nothing is left.
    async fn refill(&mut self) -> bool {
        let mut found = Vec::new();
        if self.backlog.is_empty() {
            self.queue.recv_many(&mut found, RECORDS_MAX).await;
            self.backlog.extend(found);
        }
        !self.backlog.is_empty()
    }

    fn idle(&self, state: &LogState) -> Duration {
        if let Some(probe) = self.probe {
            return probe.saturating_duration_since(Instant::now());
        }
        let left = self.sealer.due_at(state).saturating_sub(self.clock.now_ms());
        let idle = Duration::from_millis(u64::try_from(left).unwrap_or(0));
        idle.min(if self.purge.is_some() { PURGE_AGAIN } else { LOOK_AGAIN })
    }

    /// One commit at most.
    async fn round(&mut self) -> Result<(), LogError> {
        if let Some(code) = self.shared.halted.get() {
            return Err(LogError::Halted { why: (*code).to_owned() });
        }
        metrics::queue_depth(self.queue.len() + self.backlog.len());
        let newest = self.shared.newest.load_full();
        let asked = self.backlog.len().min(RECORDS_MAX);
        // A record beyond its writer's newest one cannot be on the log: only the others are looked up.
        let perhaps = |queued: &&Queued| newest.state.chains().reaches(&queued.admitted.record.statement);
        let asked_for = self.backlog.iter().take(asked).filter(perhaps);
        let places: Vec<Place> = asked_for.map(|queued| Place::of(&queued.admitted.record)).collect();
        let (known, standing) = match self.look_up(&places).await {
            Ok(found) => found,
            Err(error) => {
                let asked = self.backlog.drain(..asked).collect();
                return self.failed(asked, error, &newest.state).await;
            }
        };
        point::COMMIT_UNPLANNED.reach();
        let Plan { state, sealer, commit, taken } = self.plan(&newest, known, standing).await?;
        if let Some(commit) = commit {
            point::COMMIT_PLANNED.reach();
            if let Err(error) = self.commit(state, commit).await {
                let unstored = taken.into_iter().map(|(queued, _)| queued).collect();
                return self.failed(unstored, error, &newest.state).await;
            }
            self.sealer = sealer;
        }
        for (queued, outcome) in taken {
            outcome.count();
            queued.answer(outcome);
            point::COMMIT_ANSWERED.reach();
        }
        self.purge().await
    }

    /// What is on the log at these places: indexes by record id, and the statements that others are asked in the place of.
    async fn look_up(&self, places: &[Place]) -> Result<(HashMap<RecordId, LeafIndex>, Vec<Signed>), StoreError> {
        let known = self.store.indexes_of(places).await?;
        let asked: HashSet<RecordId> = places.iter().map(|place| place.record_id).collect();
        let others: Vec<LeafIndex> =
            known.iter().filter(|(id, _)| !asked.contains(id)).map(|(_, index)| *index).collect();
        let others = self.store.statements_at(&others).await?.into_iter();
        // What does not parse was not ordered as it stands: `fsck` tells.
        let standing =
            others.filter_map(|(_, statement, signature)| Signed::parse(statement, signature).ok()).collect();
        Ok((known, standing))
    }

    /// Plans, on a thread of its own where there is much: signatures take longer than a task may.
    async fn plan(
        &mut self,
        newest: &Arc<Newest>,
        known: HashMap<RecordId, LeafIndex>,
        standing: Vec<Signed>,
    ) -> Result<Plan, LogError> {
        let (newest, log_key, sealer) = (Arc::clone(newest), Arc::clone(&self.log_key), self.sealer);
        let now_ms = self.clock.now_ms().max(newest.state.accepted_at_ms());
        let probing = self.probe.is_some_and(|probe| probe <= Instant::now());
        // Only what was looked up in the store may be planned.
        let rest = self.backlog.split_off(self.backlog.len().min(RECORDS_MAX));
        let (mut queue, mut roots) = (std::mem::take(&mut self.backlog), std::mem::take(&mut self.roots));
        let few = queue.len() <= AT_ONCE;
        let planning = move || {
            let base = Base { state: &newest.state, sealer, known, standing, now_ms, probing, log_key: &log_key };
            let plan = plan(base, &mut queue, &mut roots);
            (plan, queue, roots)
        };
        let (plan, queue, roots) = if few {
            planning()
        } else {
            let planned = tokio::task::spawn_blocking(planning).await;
            planned.map_err(|error| LogError::Halted { why: format!("planning: {error}") })?
        };
        (self.backlog, self.roots) = (queue, roots);
        self.backlog.extend(rest);
        Ok(plan)
    }

    /// Stores a commit and publishes it.
    async fn commit(&mut self, state: LogState, mut commit: Commit) -> Result<(), StoreError> {
        let timer = metrics::commit_timer(commit.entries.len());
        let (lock, segment) = (self.lock.clone(), commit.segment());
        // Beside the store's wait for the disk: the lock's, and what readers are going to ask for. Both are waited for, so that
        // the next commit finds neither at work.
        let preparing = tokio::task::spawn_blocking(move || {
            segment.pack();
            (lock.prepare(&segment.checkpoint), segment)
        });
        let (appended, prepared) = tokio::join!(self.append(&commit), preparing);
        let erased = appended?;
        let (locked, segment) = match prepared {
            Ok((locked, segment)) => (locked, Some(segment)),
            Err(error) => (Err(std::io::Error::other(error)), None),
        };
        for stored in commit.entries.iter_mut().filter(|stored| erased.contains(&stored.entry.index)) {
            stored.erase();
        }
        if !erased.is_empty() {
            self.purge = Some(Instant::now());
        }
        self.fanout.erase(&erased);
        // What was packed holds what the commit itself erased.
        self.fanout.push(segment.filter(|_| erased.is_empty()).unwrap_or_else(|| commit.segment()));
        metrics::committed(&timer, state.size());
        self.probe = None;
        self.shared.thaw();
        self.shared.publish(Newest { checkpoint: commit.checkpoint.into(), state: Arc::new(state) });
        point::COMMIT_PUBLISHED.reach();
        // The lock guards against restored backups. One that stays behind guards less and never refuses a sound log. Readers
        // need not wait for it, submitters do: what is answered is locked.
        if let Err(error) = locked.and_then(|()| self.lock.replace()) {
            metrics::lock_failed();
            tracing::error!(%error, "the checkpoint lock could not be replaced");
        }
        Ok(())
    }

    /// Stores a commit, however long it takes.
    async fn append(&self, commit: &Commit) -> Result<Vec<LeafIndex>, StoreError> {
        let storing = self.store.append(commit);
        tokio::pin!(storing);
        if let Ok(stored) = tokio::time::timeout(self.stuck, &mut storing).await {
            return stored;
        }
        self.shared.freeze("HUB_COMMIT_STUCK");
        storing.await
    }

    /// Tells the two failures apart: the head of the store says whether the commit is there.
    ///
    /// All that waits is told to come again: what follows a lost record in its chain could only be refused.
    async fn failed(&mut self, records: Vec<Queued>, error: StoreError, before: &LogState) -> Result<(), LogError> {
        metrics::commit_failed();
        tracing::error!(code = error.code(), %error, "a commit failed");
        let head = self.store.head().await;
        let unchanged = head.as_ref().is_ok_and(|head| head.size == before.size());
        if !unchanged || matches!(&error, StoreError::Unavailable { fatal: true, .. }) {
            return Err(error.into());
        }
        self.shared.freeze(error.code());
        self.probe = Some(Instant::now() + PROBE_AGAIN);
        let waiting = self.backlog.drain(..);
        let queued = std::iter::from_fn(|| self.queue.try_recv().ok());
        for queued in records.into_iter().chain(waiting).chain(queued) {
            queued.fail(LogError::BatchFailed { detail: error.to_string() });
        }
        Ok(())
    }

    /// Cuts the WAL after an erasure, as soon as no reader is in the way.
    async fn purge(&mut self) -> Result<(), LogError> {
        if self.purge.is_none_or(|at| at > Instant::now()) {
            return Ok(());
        }
        let purging = async {
            point::PURGE_BEGUN.pass()?;
            let purged = self.store.purge_wal().await?;
            point::PURGE_ENDED.pass()?;
            Ok::<_, StoreError>(purged)
        };
        self.purge = match purging.await {
            Ok(true) => None,
            Ok(false) => Some(Instant::now() + PURGE_AGAIN),
            Err(error) if error.is_fatal() => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "erased bytes are still in the WAL");
                Some(Instant::now() + PURGE_AGAIN)
            }
        };
        Ok(())
    }
}

impl Queued {
    fn answer(self, outcome: Outcome) {
        // Who went away does not hear; what was ordered is answered as a duplicate when it is sent again.
        drop(self.reply.send(Ok(outcome)));
    }
    fn fail(self, error: LogError) {
        drop(self.reply.send(Err(error)));
    }
}
