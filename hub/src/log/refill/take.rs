//! Taking entries that follow the log from one node at a time.
//!
//! In scope: that they are those of the outline, storing and publishing what was checked. Out of scope: the checks themselves
//! (`place`), the stream that they come on (`service::refill`).

use std::sync::Arc;

use multaqa_proto::hash::Hash;
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::number::TreeSize;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::sync::block::Entry;
use tokio::sync::OwnedMutexGuard;

use super::{Outline, Refill, place};
use crate::log::Newest;
use crate::store::StoreError;

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

/// What goes on from entry to entry.
#[derive(Debug, Default)]
pub(crate) struct Work {
    pub(super) sealed: TreeSize,
    pub(super) roots: VerifiedRoots,
}

impl Refill {
    /// The turn to give entries: one node at a time.
    pub(crate) async fn turn(&self) -> OwnedMutexGuard<Work> {
        Arc::clone(&self.0.turn).lock_owned().await
    }

    /// Takes a whole number of chunks of entries that follow the log: checks and stores them.
    ///
    /// # Errors
    /// [`GiftWrong`]; of the entries that were stored before the wrong one, each is what the log key signed.
    pub(crate) async fn take(&self, work: &mut Work, outline: &Outline, entries: Vec<Entry>) -> Result<(), GiftWrong> {
        let mut first = self.state().size().next_index();
        let mut rest = entries.as_slice();
        while !rest.is_empty() {
            let end = outline.end_of_chunk(first);
            let count = usize::try_from(end.0 - first.0).unwrap_or(usize::MAX).min(rest.len());
            let (chunk, after) = rest.split_at(count);
            let hashes: Vec<Hash> = chunk.iter().map(|entry| leaf_hash(&entry.leaf)).collect();
            if !outline.fits(first, &hashes) {
                return Err(GiftWrong::Wrong(format!("the entries from {first} on are not those of the checkpoint")));
            }
            (first, rest) = (end.next_index(), after);
        }
        let (state, log_key, sealed) = (self.state(), Arc::clone(&self.0.log_key), work.sealed);
        let mut roots = std::mem::take(&mut work.roots);
        let placing = tokio::task::spawn_blocking(move || {
            let placed = place::place(&state, sealed, entries, &mut roots, &log_key);
            (placed, roots)
        });
        let (placed, roots) = placing.await.map_err(|error| GiftWrong::Wrong(error.to_string()))?;
        work.roots = roots;
        let place::Placed { sealed, commits, .. } = placed.map_err(GiftWrong::Wrong)?;
        let erased = self.0.store.append_given(&commits.iter().map(|(commit, _)| commit).collect::<Vec<_>>()).await?;
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
