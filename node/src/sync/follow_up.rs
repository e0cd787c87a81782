//! What an applied frame or fill leads to beyond the replica: verdicts on own records, erasing, contents to fetch.
//!
//! Out of scope: applying (`replica`), the own records' store (`journal`).

use std::time::Duration;

use tokio::time::Instant;

use super::Sync;
use crate::metrics;
use crate::replica::Applied;
use crate::store::{Scrubbed, StoreError};

/// How long after a rewriting that found no space it is tried again.
const SCRUB_AGAIN: Duration = Duration::from_mins(1);

impl Sync {
    /// What an applied frame or fill leads to beyond the replica: own verdicts, erasures, contents to fetch.
    pub(super) async fn follow_up(&self, applied: &Applied) -> Result<(), StoreError> {
        for fate in &applied.own {
            // Its arguments may quote the content, which a withdrawal could not erase from a log file.
            if let Some((code, _)) = &fate.void {
                tracing::warn!(record = %fate.record_id, index = %fate.index, code, "an own record is void");
            }
        }
        self.journal.settle(&applied.own, self.clock.now_ms()).await?;
        if !applied.own.is_empty() {
            metrics::own(self.journal.counts().await?.by_state());
        }
        for erasure in &applied.withdrawn {
            self.journal.erase(erasure).await?;
        }
        if applied.erased || !applied.withdrawn.is_empty() {
            self.erased.notify_one();
        }
        if applied.frozen.is_some() {
            self.block_where_frozen().await?;
        }
        if applied.grown {
            self.fill.notify_one();
        }
        Ok(())
    }

    /// Scrubs the files whenever something was erased: at once, but for at most a tenth of the time, since it rewrites them.
    pub(super) async fn keep_scrubbed(&self) -> Result<(), StoreError> {
        loop {
            self.erased.notified().await;
            let began = Instant::now();
            let scrubbed = match self.scrub().await {
                Err(error) if error.is_full() => {
                    tracing::error!(code = error.code(), %error, "erased contents are still in the unused parts of the files");
                    tokio::time::sleep(SCRUB_AGAIN).await;
                    self.erased.notify_one();
                    continue;
                }
                scrubbed => scrubbed?,
            };
            if scrubbed.contains(&Scrubbed::Busy) {
                tracing::info!("erased contents are still in the write-ahead log: a reader holds it up");
                self.erased.notify_one();
            }
            if scrubbed != [Scrubbed::Clean; 2] {
                tokio::time::sleep(began.elapsed() * 9).await;
            }
        }
    }

    async fn scrub(&self) -> Result<[Scrubbed; 2], StoreError> {
        Ok([self.replica.scrub().await?, self.journal.scrub().await?])
    }

    /// Makes good what a crash, or a full disk, between the two stores left: the replica is ahead of the journal, never behind.
    pub(super) async fn recover(&self) -> Result<(), StoreError> {
        let fates = self.replica.fates(&self.journal.unseen().await?).await?;
        self.journal.settle(&fates, self.clock.now_ms()).await?;
        if let Some(state) = self.intake.load().state() {
            for erasure in self.replica.withdrawn_own(state.directory()).await? {
                self.journal.erase(&erasure).await?;
            }
        }
        self.block_where_frozen().await?;
        self.erased.notify_one();
        metrics::own(self.journal.counts().await?.by_state());
        Ok(())
    }
}
