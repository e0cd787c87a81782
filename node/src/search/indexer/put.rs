//! What changed in the replica is put into the index, and committed.
//!
//! Out of scope: finding out that more may have changed (`whole`).

use multaqa_proto::number::{LeafIndex, TreeSize};

use super::{Indexer, pass};
use crate::point;
use crate::replica::{OBJECTS, Position};
use crate::search::index::{Covers, IndexError};
use crate::search::synonyms;

/// Entries whose objects are read with one statement.
const WINDOW: u64 = 2_000;
/// Objects after which a commit makes searchable what is there so far: a segment of as many is made in a few megabytes.
pub(super) const BATCH: usize = 2_500;
/// Entries without an object of which a commit need not say that they are covered: a start reads them again.
const FAR: u64 = 50_000;

impl Indexer {
    /// Puts the objects that entries from the index's position to the replica's are about.
    pub(super) async fn follow(&mut self, to: Position) -> Result<(), IndexError> {
        while self.at < to.size.0 {
            let end = self.at.saturating_add(WINDOW).min(to.size.0);
            let changed = self.replica.changed(LeafIndex(self.at), LeafIndex(end)).await?;
            self.put(changed.iter().map(ToString::to_string).collect()).await?;
            self.at = end;
            if self.put >= BATCH {
                let covers = Covers { log: to.log.0, size: self.at, ..self.covers()?.clone() };
                let complete = covers.fill.is_some();
                self.commit_batch(covers).await?;
                if complete {
                    self.serve(Position { log: to.log, size: TreeSize(self.at) })?;
                }
            }
        }
        Ok(())
    }

    /// Puts objects as the replica has them, and takes out those that it does not have.
    pub(super) async fn put(&mut self, ids: Vec<String>) -> Result<(), IndexError> {
        for chunk in ids.chunks(OBJECTS) {
            let objects = self.replica.objects(chunk).await?;
            pass(point::SEARCH_READ)?;
            let gone = chunk.iter().filter(|id| objects.iter().all(|object| object.summary.id != **id));
            self.take(gone.cloned().collect()).await?;
            self.erased |= objects.iter().any(|object| object.summary.withdrawn);
            self.put += chunk.len();
            self.with_open(move |open| open.put(&objects)).await?;
            pass(point::SEARCH_PUT)?;
        }
        if ids.iter().any(|id| synonyms::is_list(id)) {
            self.read_synonyms().await?;
        }
        Ok(())
    }

    /// Takes objects out.
    pub(super) async fn take(&mut self, ids: Vec<String>) -> Result<(), IndexError> {
        if ids.is_empty() {
            return Ok(());
        }
        (self.put, self.erased) = (self.put + ids.len(), true);
        self.with_open(move |open| ids.iter().try_for_each(|id| open.take(id))).await
    }

    /// Commits what was put while there is more to put: the segments are kept few meanwhile, since each commit looks for what was
    /// replaced in each of them. What is to be merged is merged before more is put: a merge and a segment in the making would take
    /// twice the memory, and both processors of a small machine.
    pub(super) async fn commit_batch(&mut self, covers: Covers) -> Result<(), IndexError> {
        self.commit(covers).await?;
        self.begin_rewriting().await?;
        self.await_rewriting().await;
        self.end_rewriting().await
    }

    /// Commits what was put, and answers as of the replica's position from here on.
    pub(super) async fn settle(&mut self, position: Position, fill: String) -> Result<(), IndexError> {
        let covers = self.covers()?;
        let stands = covers.fill.is_some() && (covers.log == position.log.0 || covers.size == 0);
        let far = position.size.0.saturating_sub(covers.size) > FAR;
        if self.put > 0 || !stands || far {
            let covers = Covers { log: position.log.0, size: position.size.0, fill: Some(fill), ..covers.clone() };
            self.commit(covers).await?;
        }
        self.at = position.size.0;
        self.serve(position)
    }

    pub(super) async fn commit(&mut self, covers: Covers) -> Result<(), IndexError> {
        let covers = Covers { unscrubbed: covers.unscrubbed || self.erased, ..covers };
        self.with_open(move |open| open.commit(covers)).await?;
        (self.put, self.again, self.erased) = (0, self.again || self.erased, false);
        pass(point::SEARCH_COMMITTED)
    }
}
