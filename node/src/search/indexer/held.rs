//! The open index: opened or made anew where it is not, used beside the runtime's own threads, answered from.
//!
//! Out of scope: what is written to it (`put`, `whole`, `tidy`).

use super::{Indexer, pass};
use crate::point;
use crate::replica::{ListQuery, OBJECTS, Position};
use crate::search::index::{self, Covers, IndexError, Open};
use crate::search::synonyms;

/// Objects of a page that are looked through for synonyms.
const PAGE: u32 = 500;

impl Indexer {
    /// Opens the index, or makes it anew; whether it was not open.
    pub(super) async fn must_be_open(&mut self) -> Result<bool, IndexError> {
        if self.open.is_some() {
            return Ok(false);
        }
        self.search.making(0, self.replica.cursor().map_or(0, |cursor| cursor.size.0));
        let dir = self.dir.clone();
        let open = match blocking(move || index::open(&dir)).await? {
            Ok(open) => open,
            Err(reason) => {
                tracing::warn!(reason, "the search index is made anew");
                let dir = self.dir.clone();
                blocking(move || index::remove(&dir)).await?;
                pass(point::SEARCH_REMOVED)?;
                let dir = self.dir.clone();
                let open = blocking(move || index::create(&dir)).await?;
                pass(point::SEARCH_MADE)?;
                open
            }
        };
        (self.at, self.put, self.rewriting) = (open.covers.size, 0, None);
        self.open = Some(Box::new(open));
        self.read_synonyms().await?;
        Ok(true)
    }

    /// Reads the synonyms that the secretariat published, beside those of the program.
    pub(super) async fn read_synonyms(&mut self) -> Result<(), IndexError> {
        let mut lists = Vec::new();
        let mut query = ListQuery { kind: Some("codelist".to_owned()), limit: PAGE, ..ListQuery::default() };
        loop {
            let page = self.replica.list(&query).await?;
            let named: Vec<String> =
                page.items.into_iter().map(|item| item.id).filter(|id| synonyms::is_list(id)).collect();
            for chunk in named.chunks(OBJECTS) {
                lists.extend(self.replica.objects(chunk).await?);
            }
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        let lists: Vec<_> = lists.into_iter().map(|list| list.payload).collect();
        self.search.set_synonyms(&lists);
        Ok(())
    }

    pub(super) fn serve(&self, position: Position) -> Result<(), IndexError> {
        self.search.serve(self.open()?.searcher(), position);
        Ok(())
    }

    pub(super) fn covers(&self) -> Result<&Covers, IndexError> {
        self.open().map(|open| &open.covers)
    }

    pub(super) fn open(&self) -> Result<&Open, IndexError> {
        self.open.as_deref().ok_or(IndexError::Broken)
    }

    /// Does what blocks beside the runtime's own threads. Broken off, it leaves nothing open.
    pub(super) async fn with_open<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Open) -> Result<T, IndexError> + Send + 'static,
    ) -> Result<T, IndexError> {
        let mut open = self.open.take().ok_or(IndexError::Broken)?;
        let (open, done) = blocking(move || {
            let done = work(&mut open);
            Ok((open, done))
        })
        .await?;
        self.open = Some(open);
        done
    }
}

/// Does what blocks.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IndexError> + Send + 'static,
) -> Result<T, IndexError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| IndexError::Broken)?
}
