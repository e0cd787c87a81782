//! Taking entries that follow the log from one node at a time: the next ones are checked while those before are stored.
//!
//! In scope: the order of the two, storing and publishing what was checked. Out of scope: the checks themselves (`check`, `place`),
//! the stream that they come on (`service::refill`).
//!
//! Checking costs a signature a record or a batch, storing waits for SQLite's own thread: together they keep the cores busy. A portion
//! is placed and stored as a whole once the one before is, also where the stream ends meanwhile; of one that is wrong, and of what
//! came after it, nothing is stored. Memory holds one that is stored, one that is checked, and one that the reader of the stream
//! waits with.

use std::sync::Arc;

use multaqa_proto::log::state::LogState;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::sync::block::Entry;
use tokio::sync::{OwnedMutexGuard, mpsc};
use tokio::task::JoinHandle;

use super::check::{Portion, check};
use super::{Outline, Refill, place};
use crate::log::Newest;
use crate::store::{Commit, StoreError};

/// Portions that are checked while one is stored.
const AHEAD: usize = 1;

/// Why nothing more is taken from a node.
#[derive(Debug)]
pub(crate) enum GiftWrong {
    /// What it gave is not what the log key signed, or does not hold.
    Wrong(String),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for GiftWrong {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The turn to give entries, with what goes on from entry to entry.
pub(crate) type Turn = OwnedMutexGuard<Work>;

/// What goes on from entry to entry.
#[derive(Debug, Default)]
pub(crate) struct Work {
    pub(super) sealed: TreeSize,
    pub(super) roots: VerifiedRoots,
}

/// The entries of one node, from the end of the log on. Dropped, what it took is stored all the same, before the turn is another's.
#[derive(Debug)]
pub(crate) struct Taking {
    refill: Refill,
    outline: Arc<Outline>,
    portions: mpsc::Sender<JoinHandle<Result<Portion, GiftWrong>>>,
    storing: JoinHandle<Result<(), GiftWrong>>,
}

impl Taking {
    pub(crate) fn new(refill: &Refill, turn: Turn, outline: &Arc<Outline>) -> Self {
        let (refill, outline) = (refill.clone(), Arc::clone(outline));
        let (portions, coming) = mpsc::channel(AHEAD);
        let storing = tokio::spawn(refill.clone().store_all(turn, coming));
        Self { refill, outline, portions, storing }
    }

    /// Takes a whole number of chunks of entries that follow those before.
    ///
    /// # Errors
    /// [`GiftWrong`], also of entries that came before, after which nothing more may be taken; each entry that was stored is what
    /// the log key signed.
    pub(crate) async fn take(&mut self, entries: Vec<Entry>) -> Result<(), GiftWrong> {
        let Ok(room) = self.portions.reserve().await else {
            // Whoever stores ended, and says why.
            return joined(&mut self.storing).await;
        };
        room.send(tokio::spawn(check(self.refill.state(), Arc::clone(&self.outline), entries)));
        Ok(())
    }

    /// Waits until all is stored.
    ///
    /// # Errors
    /// As [`Taking::take`].
    pub(crate) async fn stored(self) -> Result<(), GiftWrong> {
        let Self { portions, mut storing, .. } = self;
        drop(portions);
        joined(&mut storing).await
    }
}

impl Refill {
    /// The turn to give entries: one node at a time.
    pub(crate) async fn turn(&self) -> Turn {
        Arc::clone(&self.0.turn).lock_owned().await
    }

    async fn store_all(
        self,
        mut turn: Turn,
        mut portions: mpsc::Receiver<JoinHandle<Result<Portion, GiftWrong>>>,
    ) -> Result<(), GiftWrong> {
        while let Some(mut checking) = portions.recv().await {
            let portion = joined(&mut checking).await?;
            self.store(&mut turn, portion).await?;
        }
        Ok(())
    }

    async fn store(&self, work: &mut Work, portion: Portion) -> Result<(), GiftWrong> {
        let Portion { entries, verified } = portion;
        let (state, log_key, sealed) = (self.state(), Arc::clone(&self.0.log_key), work.sealed);
        let mut roots = std::mem::take(&mut work.roots);
        let placing = tokio::task::spawn_blocking(move || {
            roots.take_over(verified);
            let placed = place::place_checked(&state, sealed, entries, &mut roots, &log_key);
            (placed, roots)
        });
        let (placed, roots) = placing.await.map_err(|panicked| GiftWrong::Wrong(panicked.to_string()))?;
        work.roots = roots;
        let place::Placed { sealed, commits, .. } = placed.map_err(GiftWrong::Wrong)?;
        let erased = self.0.store.append_given(&commits.iter().map(|(commit, _)| commit).collect::<Vec<_>>()).await?;
        self.hand_on(commits, &erased);
        work.sealed = sealed;
        Ok(())
    }

    /// Hands on what was stored, without what was erased with it.
    pub(in crate::log) fn hand_on(&self, commits: Vec<(Commit, LogState)>, erased: &[LeafIndex]) {
        self.0.fanout.erase(erased);
        for (mut commit, state) in commits {
            for stored in commit.entries.iter_mut().filter(|stored| erased.contains(&stored.entry.index)) {
                stored.erase();
            }
            self.0.fanout.push(commit.segment());
            self.0.shared.publish(Newest { checkpoint: commit.checkpoint.into(), state: Arc::new(state.anew()) });
        }
    }
}

async fn joined<T>(task: &mut JoinHandle<Result<T, GiftWrong>>) -> Result<T, GiftWrong> {
    task.await.unwrap_or_else(|panicked| Err(GiftWrong::Wrong(panicked.to_string())))
}
