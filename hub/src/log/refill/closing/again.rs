//! Ordering again what was set aside, as far as it fits the log that goes on.
//!
//! In scope: which records fit, and their commits. Out of scope: when that is (`closing`, `refill`), the transaction
//! (`store::fall_back`).

use std::sync::Arc;

use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::state::LogState;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::sync::block::Entry;

use super::super::{Refill, Work, place};
use super::halted;
use crate::log::LogError;
use crate::store::restored::Restored;
use crate::store::{Dropped, StoreError};

/// Records that are ordered again together.
const AGAIN: i64 = 512;

impl Refill {
    /// Orders what was set aside, while the log is being closed once the succession is there; whether nothing is left.
    ///
    /// # Errors
    /// Where the store fails.
    pub(in crate::log::refill) async fn order_again(&self) -> Result<bool, LogError> {
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

    pub(super) async fn append_again(
        &self,
        work: &mut Work,
        placed: place::Placed,
        through: i64,
    ) -> Result<(), StoreError> {
        let place::Placed { sealed, commits, .. } = placed;
        let all: Vec<_> = commits.iter().map(|(commit, _)| commit).collect();
        // Whoever let the log go on at its size lets it go on with these records.
        let size = commits.last().map(|(_, state)| state.size());
        let restored = self.book().restored.clone().filter(|restored| restored.released.is_some());
        let restored = restored.map(|restored| Restored { released: size.or(restored.released), ..restored });
        let erased = match self.0.store.order_again(&all, through, restored.as_ref()).await {
            Ok(erased) => erased,
            Err(error) => {
                // A step may be done and reported lost.
                self.load_anew(work).await?;
                return Err(error);
            }
        };
        if restored.is_some() {
            self.book().restored = restored;
        }
        self.hand_on(commits, &erased);
        work.sealed = sealed;
        Ok(())
    }
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
