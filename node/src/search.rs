//! Search: a tantivy index beside the replica, by which objects are found by words and facets.
//!
//! Map of the room:
//! - `ask`: what is asked and answered. `error`: why not. `find`, `walk`, `collect`, `suggest`, `highlight`: answering.
//! - `parse`, `plan`: from the text of a query to what the index is asked. `synonyms`: other words for it.
//! - `arabic`, `latin`, `analysis`: the words of a text. `texts`, `document`, `fields`: what of an object is indexed.
//! - `index`: the files. `indexer`, `compare`: keeping them at the replica's heels, behind all else (`aside`).
//!
//! The index is derived: everything in it comes from the replica, and it may be removed whenever the node does not run. Out of scope: who may
//! see what: whoever asks names the kinds (`SearchQuery::kinds`), and nothing of another kind takes part in hits, totals, facets or
//! suggestions. An answer is as of `Found::position`, a second behind the replica at most while the node keeps up; an object that
//! was withdrawn since is left to whoever reads the hits from the replica.

pub(crate) mod analysis;
mod arabic;
mod aside;
mod ask;
mod collect;
mod compare;
mod document;
mod error;
mod fields;
mod find;
mod highlight;
mod index;
mod indexer;
mod latin;
pub(crate) mod parse;
mod plan;
mod suggest;
mod synonyms;
mod texts;
mod walk;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};
use prost::bytes::Bytes;
use tantivy::{Executor, Searcher};
use tokio::sync::{Notify, Semaphore, watch};

pub(crate) use self::ask::facet;
pub use self::ask::{
    By, COUNTS_MAX, Completed, Completion, Counts, FILTERS_MAX, Facet, Found, Highlight, Hit, LIMIT_MAX, Order, Piece,
    Place, SearchQuery, TEXT_MAX, VALUES_MAX,
};
pub use self::error::SearchError;
use self::fields::Fields;
use self::find::Served;
pub use self::indexer::Indexer;
pub use self::parse::WORDS_MAX;
use self::synonyms::Synonyms;
use crate::replica::Position;

/// The search index. Clones share it.
#[derive(Clone)]
pub struct Search {
    inner: Arc<Inner>,
}

struct Inner {
    fields: Fields,
    /// What is answered from; none while the index is checked or made anew.
    served: ArcSwapOption<Served>,
    position: watch::Sender<Option<Position>>,
    /// Entries that an index that is made anew covers, and those of the replica.
    done: AtomicU64,
    of: AtomicU64,
    synonyms: ArcSwap<Synonyms>,
    /// Whether an answer broke off over the index, so that its files are to be checked.
    damaged: AtomicBool,
    damage: Notify,
    /// Answers at once: each takes a processor.
    turns: Arc<Semaphore>,
    /// Goes through parts of the index side by side.
    executor: Executor,
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("position", &*self.inner.position.borrow()).finish_non_exhaustive()
    }
}

impl Default for Search {
    fn default() -> Self {
        Self::new()
    }
}

impl Search {
    /// A search that answers nothing until an [`Indexer`] keeps an index for it.
    #[must_use]
    pub fn new() -> Self {
        let turns = std::thread::available_parallelism().map_or(1, usize::from);
        let inner = Inner {
            fields: Fields::new(),
            served: ArcSwapOption::empty(),
            position: watch::Sender::new(None),
            done: AtomicU64::new(0),
            of: AtomicU64::new(0),
            synonyms: ArcSwap::from_pointee(Synonyms::own()),
            damaged: AtomicBool::new(false),
            damage: Notify::new(),
            turns: Arc::new(Semaphore::new(turns)),
            // Without threads of its own an answer is the same, and takes longer.
            executor: Executor::multi_thread(turns, "search-").unwrap_or_else(|_| Executor::single_thread()),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Answers a query, from the index as its last commit left it.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn find(&self, query: SearchQuery) -> Result<Found, SearchError> {
        find::check(&query)?;
        self.answer(move |inner, served| {
            find::find(served, &inner.fields, &inner.synonyms.load(), &inner.executor, &query)
        })
        .await
    }

    /// Titles that complete a text.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn complete(&self, asked: Completion) -> Result<Vec<Completed>, SearchError> {
        if asked.text.len() > TEXT_MAX {
            return Err(SearchError::TextTooLong { found: asked.text.len() });
        }
        self.answer(move |inner, served| find::completed(served, &inner.fields, &inner.executor, &asked)).await
    }

    /// How far the index is; none while it is checked or made anew. Who wants to read what was published waits for its size here.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Option<Position>> {
        self.inner.position.subscribe()
    }

    /// While the index is checked or made anew: entries that it covers, and those of the replica.
    #[must_use]
    pub fn rebuilding(&self) -> Option<(u64, u64)> {
        let inner = &self.inner;
        let made = || (inner.done.load(Ordering::Relaxed), inner.of.load(Ordering::Relaxed));
        inner.served.load().is_none().then(made)
    }

    /// The facet of this name, as filters and answers have it.
    ///
    /// # Errors
    /// [`SearchError::FacetUnknown`].
    pub fn facet(&self, name: &str) -> Result<Facet, SearchError> {
        facet(name)
    }

    /// All facets.
    #[must_use]
    pub fn facets(&self) -> Vec<Facet> {
        ask::facets()
    }

    async fn answer<T: Send + 'static>(
        &self,
        answer: impl FnOnce(&Inner, &Served) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let rebuilding = || {
            let (done, of) = self.rebuilding().unwrap_or_default();
            SearchError::Rebuilding { done, of }
        };
        let failed = |detail: &str| SearchError::Failed { detail: detail.to_owned() };
        let turn = Arc::clone(&self.inner.turns).acquire_owned().await.map_err(|_| failed("the node ends"))?;
        let served = self.inner.served.load_full().ok_or_else(rebuilding)?;
        let inner = Arc::clone(&self.inner);
        // The turn ends with the work, which nobody who gives a request up can stop.
        let work = move || {
            let _turn = turn;
            answer(&inner, &served)
        };
        let answered = tokio::task::spawn_blocking(work).await;
        let broke_off = match &answered {
            Ok(Err(SearchError::Failed { .. })) => true,
            Ok(_) => false,
            Err(error) => error.is_panic(),
        };
        if broke_off {
            // Bytes that fit no checksum break whatever reads them.
            self.inner.damaged.store(true, Ordering::Relaxed);
            self.inner.damage.notify_one();
        }
        answered.unwrap_or_else(|_| Err(failed("an answer broke off")))
    }
}

/// What the indexer tells.
impl Search {
    /// From here on answers are of this state.
    fn serve(&self, searcher: Searcher, position: Position) {
        self.inner.served.store(Some(Arc::new(Served { searcher, position })));
        self.inner.position.send_if_modified(|known| known.replace(position) != Some(position));
    }

    /// From here on nothing is answered.
    fn making(&self, done: u64, of: u64) {
        self.inner.served.store(None);
        self.inner.position.send_if_modified(|known| known.take().is_some());
        self.progress(done, of);
    }

    fn progress(&self, done: u64, of: u64) {
        self.inner.done.store(done, Ordering::Relaxed);
        self.inner.of.store(of, Ordering::Relaxed);
    }

    fn set_synonyms(&self, lists: &[Bytes]) {
        self.inner.synonyms.store(Arc::new(Synonyms::with(lists)));
    }

    async fn damaged(&self) {
        self.inner.damage.notified().await;
    }

    fn take_damaged(&self) -> bool {
        self.inner.damaged.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests;
