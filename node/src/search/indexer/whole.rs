//! The whole index is compared with the replica, object by object.
//!
//! Out of scope: what of two is the same (`compare`), when it is done (`indexer`).

use tantivy::Searcher;

use super::Indexer;
use super::held::blocking;
use super::put::BATCH;
use crate::replica::{ListQuery, OBJECTS, Position};
use crate::search::compare::{differing, ids};
use crate::search::document::version;
use crate::search::index::{Covers, IndexError};

/// Objects that are compared at a time.
const PAGE: u32 = 500;

impl Indexer {
    /// Puts what the index does not hold as the replica does, and takes out what that does not have.
    pub(super) async fn compare(&mut self, to: Position) -> Result<(), IndexError> {
        let searcher = self.open()?.searcher();
        let (mut after, mut held) = (None, 0);
        let mut seen = 0;
        loop {
            let query = ListQuery { after, limit: PAGE, withdrawn: true, ..ListQuery::default() };
            let page = self.replica.list(&query).await?;
            let objects: Vec<_> = page.items.iter().map(|item| (item.id.clone(), version(item))).collect();
            seen += objects.len() as u64;
            let (of, fields) = (searcher.clone(), self.open()?.fields.clone());
            let (differing, known) = blocking(move || Ok(differing(&of, &fields, objects)?)).await?;
            held += known;
            self.put(differing).await?;
            if self.put >= BATCH {
                self.commit_batch(Covers { fill: None, ..self.covers()?.clone() }).await?;
            }
            // Entries that objects came from are more than objects: the measure only tells that it goes on.
            self.search.progress(seen.min(to.size.0), to.size.0);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if held < searcher.num_docs() {
            self.take_orphans(&searcher).await?;
        }
        self.at = to.size.0;
        Ok(())
    }

    /// Takes out what the replica does not have.
    async fn take_orphans(&mut self, searcher: &Searcher) -> Result<(), IndexError> {
        for n in 0..searcher.segment_readers().len() {
            let mut from = Some(0);
            while let Some(first) = from {
                let of = searcher.clone();
                let segment = u32::try_from(n).unwrap_or(u32::MAX);
                let (there, next) = blocking(move || Ok(ids(of.segment_reader(segment), first, OBJECTS)?)).await?;
                let known = self.replica.objects(&there).await?;
                let orphans = there.into_iter().filter(|id| known.iter().all(|object| object.summary.id != *id));
                self.take(orphans.collect()).await?;
                from = next;
            }
        }
        Ok(())
    }
}
