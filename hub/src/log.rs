//! The door to the log: submitting records, and what is on the log at this moment.
//!
//! Many submitters queue here; one task orders them in commits ([`Sequencer`]). An answer is given when the record is
//! durable, and not before. The queue is bounded by records and by bytes; who submits more waits.
//!
//! In scope: the queue, the newest state, opening the log. Out of scope: who may call (`service`), sending entries to nodes
//! (`fanout`), what is stored how (`store`).

mod admit;
mod erase;
mod error;
pub mod fsck;
mod lock;
mod plan;
pub(crate) mod refill;
mod sealer;
mod sequencer;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use ed25519_dalek::SigningKey;
use multaqa_proto::hash::{RecordId, record_id};
use multaqa_proto::id::Writer;
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::state::LogState;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::Received;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_runtime::clock::Clock;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use crate::fanout::Fanout;
use crate::metrics;
use crate::store::restored::{Reason, Restored};
use crate::store::{Loaded, Store, StoreError};
use admit::{Admitted, Refusal};
pub use error::LogError;
pub(crate) use lock::LockContradicted;
pub(crate) use lock::{CHECKPOINT_LOCK, Held};
use lock::{Lock, Locked};
use refill::{Found, Goal, REFILLING, Refill};
use sealer::Sealer;
pub use sequencer::Sequencer;

/// Records that may wait for their place.
const QUEUE_RECORDS: usize = 4096;
/// KiB of records that may wait for their place.
const QUEUE_KIB: usize = 64 * 1024;

/// What became of a submitted record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The record.
    pub record_id: RecordId,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a submitted record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Durable on the log at this index.
    Accepted(LeafIndex),
    /// Was on the log before, at this index.
    Duplicate(LeafIndex),
    /// Never ordered.
    Rejected {
        /// Code of the broken rule.
        code: &'static str,
        /// Arguments of the code's message.
        args: Vec<(&'static str, String)>,
    },
}

impl Outcome {
    /// Counts it among what is answered.
    fn count(&self) {
        match self {
            Self::Accepted(_) => metrics::accepted(),
            Self::Duplicate(_) => metrics::duplicate(),
            Self::Rejected { code, .. } => metrics::rejected(code),
        }
    }
}

/// The log. Clones share it.
#[derive(Debug, Clone)]
pub struct Log {
    shared: Arc<Shared>,
    queue: mpsc::Sender<Queued>,
    room: Arc<Semaphore>,
    refill: Refill,
}

/// What the door and the sequencer share.
#[derive(Debug)]
struct Shared {
    newest: ArcSwap<Newest>,
    committed: watch::Sender<TreeSize>,
    genesis: Arc<Received>,
    halted: OnceLock<&'static str>,
    /// Why the log takes no records at the moment, as a code.
    frozen: watch::Sender<Option<&'static str>>,
    /// Asks the sequencer to look at the clock.
    look: Notify,
}

/// The log at the newest commit.
#[derive(Debug)]
struct Newest {
    state: Arc<LogState>,
    checkpoint: Arc<str>,
}

/// A record that waits for its place, with the room that it takes in the queue.
#[derive(Debug)]
struct Queued {
    admitted: Admitted,
    reply: oneshot::Sender<Result<Outcome, LogError>>,
    _room: OwnedSemaphorePermit,
}

/// Answers to records that are queued.
#[derive(Debug)]
#[must_use = "the answers say what became of the records"]
pub struct Answers {
    replies: Vec<(RecordId, Reply)>,
    shared: Arc<Shared>,
}

/// An answer that is there, or awaited.
#[derive(Debug)]
enum Reply {
    There(Outcome),
    Awaited(oneshot::Receiver<Result<Outcome, LogError>>),
}

impl Log {
    /// Opens the log of a store: locks it, loads it, compares it with what was published. Nothing is ordered until the
    /// sequencer runs.
    ///
    /// # Errors
    /// As [`Log::open_with`].
    pub async fn open(
        store: Store,
        fanout: Fanout,
        log_key: SigningKey,
        clock: Clock,
    ) -> Result<(Self, Sequencer), LogError> {
        Self::open_with(store, fanout, log_key, clock, None).await
    }
    /// The same, with the checkpoint lock at a place of its own. A log that lacks what was published, or contradicts it, refills from
    /// then on, and gives no index before it is whole.
    ///
    /// # Errors
    /// [`LogError::AlreadyRunning`], [`LogError::LockUnusable`], `LOG_KEY_WRONG`, `HUB_STORE_DAMAGED`, or where the store fails.
    pub async fn open_with(
        store: Store,
        fanout: Fanout,
        log_key: SigningKey,
        clock: Clock,
        checkpoint_lock: Option<&Path>,
    ) -> Result<(Self, Sequencer), LogError> {
        let lock = Lock::acquire(store.path(), checkpoint_lock)?;
        let Loaded { state, checkpoint, genesis, sealed } = store.load().await?;
        if state.directory().policy().log_key != PublicKey::of(&log_key) {
            return Err(StoreError::LogKeyWrong.into());
        }
        let restored = store.restored().await?;
        let unfinished = restored.as_ref().is_some_and(|restored| restored.done.is_none());
        let closing = restored.as_ref().is_some_and(|restored| unfinished && restored.reason == Reason::Closing);
        // An operator lets it go on at just this size, whatever was published. Its first records may stand on it already, so that
        // it is as long as what is locked, and another tree.
        let released = restored.as_ref().is_some_and(|found| unfinished && found.released == Some(state.size()));
        // A log that is being closed went back behind its lock, and perhaps on another branch.
        let locked = if closing || released {
            Locked::Missing
        } else {
            lock.check(&store, &state, &PublicKey::of(&log_key)).await?
        };
        let contradicted = match &locked {
            Locked::Contradicted(found) => Some(found.clone()),
            Locked::Contained | Locked::Ahead(_) | Locked::Missing => None,
        };
        let goal = match locked {
            Locked::Contained => None,
            Locked::Ahead(checkpoint) => Some(Goal::Locked(checkpoint)),
            Locked::Contradicted(LockContradicted { locked, .. }) => Some(Goal::Locked(locked)),
            // A new log has published nothing.
            Locked::Missing => (unfinished || state.size() > TreeSize(1)).then_some(Goal::Told),
        };
        // One that was found behind without its lock has to ask the others, whatever the lock says.
        let goal = match restored.as_ref().filter(|_| unfinished).map(|restored| restored.reason) {
            Some(Reason::Behind | Reason::Closing) => goal.or(Some(Goal::Told)),
            Some(Reason::Backup | Reason::Rebuilt) | None => goal,
        };
        let restored = match restored {
            // As new as what was published: nothing is missing.
            Some(restored) if unfinished && goal.is_none() => {
                let restored = Restored { done: Some(state.size()), ..restored };
                store.note_restored(&restored).await?;
                Some(restored)
            }
            // An earlier restoration is over.
            restored if goal.is_some() => restored.filter(|_| unfinished),
            restored => restored,
        };
        let (sender, queue) = mpsc::channel(QUEUE_RECORDS);
        let shared = Arc::new(Shared {
            committed: watch::Sender::new(state.size()),
            newest: ArcSwap::from_pointee(Newest { state: Arc::new(state), checkpoint: checkpoint.into() }),
            genesis: Arc::new(genesis),
            halted: OnceLock::new(),
            frozen: watch::Sender::new(None),
            look: Notify::new(),
        });
        let log_key = Arc::new(log_key);
        let refill = Refill::new(
            Arc::clone(&shared),
            store.clone(),
            fanout.clone(),
            Arc::clone(&log_key),
            clock.clone(),
            lock.clone(),
            goal,
            Found { restored, sealed, contradicted, decisions: store.decisions().await? },
        );
        if refill.is_open() {
            shared.freeze(REFILLING);
            refill.try_finish().await?;
        }
        let room = Arc::new(Semaphore::new(QUEUE_KIB));
        let log = Self { shared: Arc::clone(&shared), queue: sender, room, refill: refill.clone() };
        let sequencer = Sequencer {
            shared,
            queue,
            store,
            fanout,
            refill,
            log_key,
            clock,
            lock,
            sealer: Sealer { sealed },
            backlog: std::collections::VecDeque::new(),
            roots: VerifiedRoots::default(),
            // A crash may have come between an erasure and the end of its purge.
            purge: Some(tokio::time::Instant::now()),
            stuck: sequencer::STUCK,
            probe: None,
        };
        Ok((log, sequencer))
    }
    /// Puts records of `peer` into the queue, whom the connection's certificate names (for an invited node: the writer that
    /// its invitation names). Returns when all are queued: who waits for that before it queues more keeps the order of its
    /// chain.
    ///
    /// # Errors
    /// [`LogError::Halted`], [`LogError::Refilling`].
    pub async fn queue(&self, peer: &Writer, records: Vec<Received>) -> Result<Answers, LogError> {
        if self.refill.is_open() {
            return Err(LogError::Refilling);
        }
        let queueing = async {
            let mut replies = Vec::with_capacity(records.len());
            for received in records {
                replies.push((record_id(&received.statement), self.enqueue(peer, received).await?));
            }
            Ok::<_, LogError>(replies)
        };
        // Bounded by the records at hand: while there is room, all are queued at the first poll.
        let replies = tokio::task::unconstrained(queueing).await?;
        Ok(Answers { replies, shared: Arc::clone(&self.shared) })
    }
    /// Queues records and waits for their answers: one a record, in their order; one bad record does not spoil the others.
    ///
    /// # Errors
    /// As [`Log::queue`] and [`Answers::wait`].
    pub async fn submit(&self, peer: &Writer, records: Vec<Received>) -> Result<Vec<Answer>, LogError> {
        self.queue(peer, records).await?.wait().await
    }
    /// The state at the newest commit.
    #[must_use]
    pub fn state(&self) -> Arc<LogState> {
        Arc::clone(&self.shared.newest.load().state)
    }
    /// The size at the newest commit. It changes after [`Log::state`] and [`Log::checkpoint`] have.
    #[must_use]
    pub fn committed(&self) -> watch::Receiver<TreeSize> {
        self.shared.committed.subscribe()
    }
    /// The newest checkpoint, a signed note.
    #[must_use]
    pub fn checkpoint(&self) -> Arc<str> {
        Arc::clone(&self.shared.newest.load().checkpoint)
    }
    /// The genesis record.
    #[must_use]
    pub fn genesis(&self) -> Arc<Received> {
        Arc::clone(&self.shared.genesis)
    }
    /// Why the sequencer stands still, as a code; none while it runs.
    #[must_use]
    pub fn halted(&self) -> Option<&'static str> {
        self.shared.halted.get().copied()
    }
    /// What the log lacks, and how it gets it.
    pub(crate) const fn refill(&self) -> &Refill {
        &self.refill
    }
    /// Stops the sequencer for good, before its next commit.
    pub(crate) fn halt(&self, code: &'static str) {
        self.shared.halt(code);
        self.look_at_clock();
    }
    /// Why the log takes no records at the moment, as a code; none while it does. A commit that failed or does not end
    /// freezes the log until one is stored; the sequencer tries by itself.
    #[must_use]
    pub fn frozen(&self) -> watch::Receiver<Option<&'static str>> {
        self.shared.frozen.subscribe()
    }
    /// Asks the sequencer to look at the clock: a seal that is due is written at once. For callers that move the clock.
    pub fn look_at_clock(&self) {
        self.shared.look.notify_one();
    }

    async fn enqueue(&self, peer: &Writer, received: Received) -> Result<Reply, LogError> {
        let admitted = match admit::form(peer, received) {
            Ok(admitted) => admitted,
            Err(Refusal { code, args }) => {
                let outcome = Outcome::Rejected { code, args };
                outcome.count();
                return Ok(Reply::There(outcome));
            }
        };
        // A record's form bounds its bytes, so it always fits.
        let kib = u32::try_from(admitted.bytes() / 1024 + 1).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(kib).await.map_err(|_| self.standing_still())?;
        let (reply, awaited) = oneshot::channel();
        let queued = Queued { admitted, reply, _room: room };
        self.queue.send(queued).await.map_err(|_| self.standing_still())?;
        Ok(Reply::Awaited(awaited))
    }

    fn standing_still(&self) -> LogError {
        self.shared.standing_still()
    }
}

impl Answers {
    /// Waits for all answers, in the order of the records.
    ///
    /// # Errors
    /// [`LogError::Halted`], [`LogError::BatchFailed`]: some or all have no answer, and all may be submitted again.
    pub async fn wait(self) -> Result<Vec<Answer>, LogError> {
        let mut answers = Vec::with_capacity(self.replies.len());
        for (record_id, reply) in self.replies {
            let outcome = match reply {
                Reply::There(outcome) => outcome,
                Reply::Awaited(reply) => reply.await.map_err(|_| self.shared.standing_still())??,
            };
            answers.push(Answer { record_id, outcome });
        }
        Ok(answers)
    }
}

impl Shared {
    fn standing_still(&self) -> LogError {
        LogError::Halted { why: self.halted.get().copied().unwrap_or("STOPPED").to_owned() }
    }
    fn publish(&self, newest: Newest) {
        let size = newest.state.size();
        self.newest.store(Arc::new(newest));
        self.committed.send_replace(size);
    }
    fn halt(&self, code: &'static str) {
        // The first reason stands.
        let _ = self.halted.set(code);
        self.freeze(code);
    }
    fn freeze(&self, code: &'static str) {
        if self.frozen.send_replace(Some(code)) != Some(code) {
            metrics::frozen(true);
            tracing::error!(code, "the log takes no records");
        }
    }
    fn thaw(&self) {
        if self.frozen.send_if_modified(|frozen| frozen.take().is_some()) {
            metrics::frozen(false);
            tracing::info!("the log takes records again");
        }
    }
}

#[cfg(test)]
mod tests;
