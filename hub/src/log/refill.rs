//! A log that lacks what was published, and how it gets it back from the nodes.
//!
//! A hub that starts on a restored backup, on the genesis alone, or behind its checkpoint lock gives no index: an index given
//! twice would fork the log. It is *refilling*: nodes that connect say how far they hold the log, by checkpoints that the log
//! key signed, and give the missing entries (`service::refill`). Each entry is checked as nodes check the hub, and stored in
//! commits of the hub's own making; the log key signs nothing by it that is not in the tree it signed before. When the tree
//! reaches as far as anything published can reach, the log goes on, as the same log with the same root.
//!
//! # How far is far enough
//! - With a checkpoint lock: the locked checkpoint is contained in the tree. It was published last, or all but last.
//! - Without one: of the n states in the policy n - q + 1 have said by a record key how far they hold the log, which leaves too few for a
//!   quorum that cosigned more. Where the policy names no witnesses, all nodes in force must have said it.
//! - In any case no node has shown more than the tree holds, and none a checkpoint that contradicts it. Or an operator took it
//!   upon itself (`multaqa-hub backup release`), at exactly the size that the store has.
//!
//! A node gives the contents that it may read; all else comes as stubs, and its content from other nodes when they connect. The
//! log does not wait for contents: what is missing of them is counted, and asked for again from every node that comes.
//!
//! In scope: when the log may go on. Out of scope: what nodes said of the log (`book`), taking entries from them (`take`), contents
//! that came as stubs (`fill`), the stream with a node (`service`), a log that nothing of this makes whole (`closing`).

mod book;
mod check;
pub(crate) mod closing;
mod fill;
mod outline;
mod place;
mod take;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ed25519_dalek::SigningKey;
use multaqa_proto::id::OperatorName;
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::checkpoint::{Checkpoint, number};
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::succession::SignedDecision;
use multaqa_proto::number::TreeSize;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_runtime::clock::Clock;
use tokio::sync::watch;

use super::lock::Lock;
use super::{LockContradicted, LogError, Shared};
use crate::fanout::Fanout;
use crate::point;
use crate::store::restored::{Reason, Restored};
use crate::store::{Store, StoreError};
use book::Book;
pub(crate) use book::Standing;
pub(crate) use outline::{Gathering, LEAVES_MAX, Outline};
use take::Work;
pub(crate) use take::{GiftWrong, Taking};

/// The code that says that the log refills.
pub(crate) const REFILLING: &str = "HUB_REFILLING";

/// What a log that refills has to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goal {
    /// The checkpoint that was published last.
    Locked(Checkpoint),
    /// What enough others say: there is no lock.
    Told,
}

/// What was found of it when the log was opened.
#[derive(Debug)]
pub(super) struct Found {
    /// How the store came here.
    pub(super) restored: Option<Restored>,
    /// Size just after the newest seal.
    pub(super) sealed: TreeSize,
    /// The lock that the tree contradicts.
    pub(super) contradicted: Option<LockContradicted>,
    /// What operators decided on closing it.
    pub(super) decisions: BTreeMap<OperatorName, SignedDecision>,
}

/// See the module. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Refill(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    store: Store,
    fanout: Fanout,
    log_key: Arc<SigningKey>,
    clock: Clock,
    lock: Lock,
    goal: Goal,
    /// True from when the log goes on.
    done: watch::Sender<bool>,
    book: Mutex<Book>,
    /// Held by the one node that entries are taken from.
    turn: Arc<tokio::sync::Mutex<Work>>,
}

impl Refill {
    #[expect(clippy::too_many_arguments, reason = "the parts of the log that it stands beside")]
    pub(super) fn new(
        shared: Arc<Shared>,
        store: Store,
        fanout: Fanout,
        log_key: Arc<SigningKey>,
        clock: Clock,
        lock: Lock,
        goal: Option<Goal>,
        found: Found,
    ) -> Self {
        let Found { restored, sealed, contradicted, decisions } = found;
        let open = goal.is_some();
        let size = shared.newest.load().state.size();
        let restored = restored.or_else(|| open.then(|| Restored::new(Reason::Behind, size, clock.now_ms())));
        Self(Arc::new(Inner {
            shared,
            store,
            fanout,
            log_key,
            clock,
            lock,
            goal: goal.unwrap_or(Goal::Told),
            done: watch::Sender::new(!open),
            book: Mutex::new(Book::opened(restored, contradicted, decisions)),
            turn: Arc::new(tokio::sync::Mutex::new(Work { sealed, roots: VerifiedRoots::default() })),
        }))
    }

    /// Whether the log refills, and gives no index.
    pub(crate) fn is_open(&self) -> bool {
        !*self.0.done.borrow()
    }

    /// Waits until the log goes on.
    pub(crate) async fn closed(&self) {
        // The sender lives as long as this does.
        let mut done = self.0.done.subscribe();
        let _closed = done.wait_for(|done| *done).await;
    }

    /// Opens a checkpoint that a node shows: only what this hub's log key signed counts, for this log, for one before it as far as
    /// that went, or for a later one, whose succession this hub lacks.
    pub(crate) fn open_checkpoint(&self, note: &str) -> Option<Checkpoint> {
        let state = Arc::clone(&self.0.shared.newest.load().state);
        let (directory, log_key) = (state.directory(), PublicKey::of(&self.0.log_key));
        let log = number(note, directory.federation())?;
        let opened = Checkpoint::open(note, directory.federation(), log, &log_key).ok()?;
        (log >= state.log() || directory.log_at(opened.size) == log).then_some(opened)
    }

    /// The tree that given leaves have to follow.
    pub(crate) fn state(&self) -> Arc<LogState> {
        Arc::clone(&self.0.shared.newest.load().state)
    }

    /// Lets the log go on where it reaches far enough; whether it does.
    ///
    /// # Errors
    /// [`LogError::LockUnusable`], or where the store fails.
    pub(crate) async fn try_finish(&self) -> Result<bool, LogError> {
        if !self.is_open() {
            return Ok(true);
        }
        // What is being closed goes on as the next log only.
        let closing = self.is_closing();
        if closing && !self.order_again().await? {
            return Ok(false);
        }
        let newest = self.0.shared.newest.load_full();
        let size = newest.state.size();
        let (restored, enough) = {
            let book = self.book();
            let Some(restored) = book.restored.clone() else { return Ok(false) };
            let shown = book.shown <= size && !book.contradicted;
            let told = self.0.goal != Goal::Told || book.lacking(&newest.state) == 0;
            let released = restored.released == Some(size);
            (restored, closing || released || (shown && told))
        };
        let released = restored.released == Some(size);
        if !enough || !(closing || released || self.reaches_lock(size).await?) {
            return Ok(false);
        }
        // What the operator says of letting it go on stands first.
        self.order_again().await?;
        let (newest, restored) = (self.0.shared.newest.load_full(), self.book().restored.clone().unwrap_or(restored));
        let size = newest.state.size();
        let (lock, note) = (self.0.lock.clone(), newest.checkpoint.to_string());
        lock.prepare(&note).and_then(|()| lock.replace()).map_err(|error| lock.unusable(&error.to_string()))?;
        point::REFILL_LOCKED.pass().map_err(StoreError::from)?;
        let restored = Restored { done: Some(size), ..restored };
        self.0.store.note_restored(&restored).await?;
        point::REFILL_ENDED.pass().map_err(StoreError::from)?;
        tracing::info!(%size, root = %newest.state.root(), from = %restored.from, "the log is whole again and goes on");
        self.book().restored = Some(restored);
        self.0.shared.thaw();
        self.0.done.send_replace(true);
        Ok(true)
    }

    /// Size just after the newest seal, for the sequencer that goes on from here.
    pub(super) async fn sealed(&self) -> TreeSize {
        self.0.turn.lock().await.sealed
    }

    async fn reaches_lock(&self, size: TreeSize) -> Result<bool, StoreError> {
        match &self.0.goal {
            Goal::Told => Ok(true),
            Goal::Locked(checkpoint) if checkpoint.size > size => Ok(false),
            Goal::Locked(checkpoint) => {
                let contradicted = self.0.lock.contradicted(&self.0.store, checkpoint.clone()).await?;
                let reached = contradicted.is_none();
                if let Some(found) = contradicted {
                    self.book().contradict_lock(found);
                }
                Ok(reached)
            }
        }
    }

    async fn contains(&self, checkpoint: &Checkpoint) -> Result<bool, StoreError> {
        Ok(self.0.store.root_at(checkpoint.size).await? == Some(checkpoint.root))
    }
}
