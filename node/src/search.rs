//! Search: a tantivy index beside the replica, by which objects are found by words and facets.
//!
//! Map of the room:
//! - `ask`: what is asked and answered. `error`: why not. `parse`: texts of queries.

mod ask;
mod error;
mod parse;

use tokio::sync::watch;

use crate::replica::Position;

pub use ask::{
    By, COUNTS_MAX, Completed, Completion, Counts, DEPTH_MAX, FILTERS_MAX, Facet, Found, Highlight, Hit, LIMIT_MAX,
    Order, Piece, Place, SearchQuery, TEXT_MAX, VALUES_MAX,
};
pub use error::SearchError;
pub use parse::WORDS_MAX;

/// The search index. Clones share it.
#[derive(Debug, Clone)]
pub struct Search {
    position: watch::Receiver<Option<Position>>,
}

impl Search {
    /// An index that holds nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { position: watch::Sender::new(None).subscribe() }
    }

    /// Answers a query, from the index as its last commit left it.
    ///
    /// # Errors
    /// [`SearchError`].
    #[expect(clippy::unused_async, reason = "finding runs beside the runtime's own threads")]
    pub async fn find(&self, _query: SearchQuery) -> Result<Found, SearchError> {
        Err(SearchError::Rebuilding { done: 0, of: 0 })
    }

    /// Titles that complete a text.
    ///
    /// # Errors
    /// [`SearchError`].
    #[expect(clippy::unused_async, reason = "finding runs beside the runtime's own threads")]
    pub async fn complete(&self, _asked: Completion) -> Result<Vec<Completed>, SearchError> {
        Err(SearchError::Rebuilding { done: 0, of: 0 })
    }

    /// How far the index is; none while it is checked or made anew. Who wants to read what was published waits for its size here.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Option<Position>> {
        self.position.clone()
    }

    /// The facet of this name, as filters and answers have it.
    ///
    /// # Errors
    /// [`SearchError::FacetUnknown`].
    pub fn facet(&self, name: &str) -> Result<Facet, SearchError> {
        ask::facet(name)
    }

    /// All facets.
    #[must_use]
    pub fn facets(&self) -> Vec<Facet> {
        ask::facets()
    }
}
