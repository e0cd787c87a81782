//! Merging segments, erasing what was withdrawn from the files, giving the writer back.
//!
//! In scope: that. Out of scope: which segments (`index::write`).

use std::sync::Arc;

use tantivy::index::SegmentId;
use tokio::task::JoinHandle;

use super::{Indexer, pass};
use crate::point;
use crate::search::index::{Covers, IndexError};

/// Segments that are being rewritten.
pub(super) struct Rewriting {
    segments: Vec<SegmentId>,
    /// Whether those that hold documents of withdrawn objects are.
    erasing: bool,
    task: JoinHandle<()>,
}

impl Indexer {
    /// Where segments were rewritten that were to be: answers are given from the new ones, and the old ones' files are removed.
    pub(super) async fn end_rewriting(&mut self) -> Result<(), IndexError> {
        let Some(ended) = self.rewriting.take_if(|rewriting| rewriting.task.is_finished()) else { return Ok(()) };
        let gone = self.with_open(move |open| open.are_gone(&ended.segments)).await?;
        if ended.erasing && gone && !self.again {
            pass(point::SEARCH_SCRUBBED)?;
            let covers = Covers { unscrubbed: false, ..self.covers()?.clone() };
            self.commit(covers).await?;
        }
        Ok(())
    }

    /// Begins to rewrite what is to be; where nothing is, the writer is given back until something is to be written.
    pub(super) async fn tidy(&mut self) -> Result<(), IndexError> {
        self.begin_rewriting().await?;
        if self.rewriting.is_some() {
            return Ok(());
        }
        self.with_open(|open| {
            open.rest();
            Ok(())
        })
        .await
    }

    /// Begins to rewrite what is to be, where nothing is being rewritten.
    pub(super) async fn begin_rewriting(&mut self) -> Result<(), IndexError> {
        if self.rewriting.is_some() {
            return Ok(());
        }
        let due = self.with_open(|open| open.due()).await?;
        if due.is_empty() && !self.covers()?.unscrubbed {
            return Ok(());
        }
        self.rewrite(due).await
    }

    /// Waits until what is being rewritten is.
    pub(super) async fn await_rewriting(&mut self) {
        if let Some(rewriting) = &mut self.rewriting
            && (&mut rewriting.task).await.is_err()
        {
            tracing::warn!("a merge of the search index broke off");
        }
    }

    async fn rewrite(&mut self, groups: Vec<Vec<SegmentId>>) -> Result<(), IndexError> {
        self.again = false;
        let erasing = self.covers()?.unscrubbed;
        let segments = groups.concat();
        let merges = self.with_open(move |open| open.merge(&groups)).await?;
        let rewritten = Arc::clone(&self.rewritten);
        // A merge that fails leaves its segments, which are tried again, and not at once: the disk may be full.
        let task = tokio::spawn(async move {
            let mut done = true;
            for merge in merges {
                done &= merge.await.is_ok();
            }
            if done {
                rewritten.notify_one();
            }
        });
        self.rewriting = Some(Rewriting { segments, erasing, task });
        Ok(())
    }
}
