//! Entries for readers: what was committed lately, and any past range.
//!
//! Recent commits wait in a ring, as [`Segment`]s that are packed once for all readers. Older ranges are read from the
//! immutable rows, merged to segments that end at commits, and cached. Both hold a bounded number of bytes, and nothing is
//! kept for a slow reader but its own cursor.
//!
//! In scope: segments from a cursor, the past by runs (`sparse`), contents that became readable later, roots at commits. Out of
//! scope: choosing the form by entitlement and framing (`multaqa_proto::sync::merge`), streams and flow control (`service`).

mod ring;
mod segment;
pub(crate) mod sparse;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use multaqa_proto::hash::Hash;
use multaqa_proto::id::MemberCode;
use multaqa_proto::log::leaf::LEAF_MAX;
use multaqa_proto::log::state::LogState;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::batch::SIGNATURE_MAX;
use multaqa_proto::record::content::CONTENT_MAX;
use multaqa_proto::sync::UNPACKED_MAX;
use multaqa_proto::sync::block::Entry;
use multaqa_proto::sync::merge::Segment;
use multaqa_proto::view::Readers;
use multaqa_runtime::fault::Fault;
use thiserror::Error;

use crate::store::{Store, StoreError};
use ring::Ring;

/// Bytes of recent commits that are kept.
const RECENT_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of past ranges that are kept.
const PAST_BYTES: usize = 16 * 1024 * 1024;
/// Rows that one page of contents looks at.
const FILL_ROWS: u64 = 4096;
/// Entries that are read at once for a page of contents; of the largest, with a page that is almost full, 1.5 MiB.
const FILL_READ: usize = 4;
/// Bytes of entries after which a page of contents is full; it may hold one read more.
const FILL_BYTES: usize = 512 * 1024;
// A full page, and one more read of the largest entries with what their fields cost, is what a node takes.
const _: () = assert!(FILL_BYTES + FILL_READ * (LEAF_MAX + SIGNATURE_MAX + CONTENT_MAX + 32) <= UNPACKED_MAX);

/// Why no entries are given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FanoutError {
    /// No commit ends at this cursor.
    #[error("no commit ends at {0}")]
    CursorUnknown(TreeSize),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FanoutError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CursorUnknown(_) => "CURSOR_UNKNOWN",
            Self::Store(store) => store.code(),
        }
    }
    /// Arguments of the code's message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::CursorUnknown(cursor) => vec![("cursor", cursor.to_string())],
            Self::Store(store) => store.args(),
        }
    }
}

impl From<FanoutError> for Fault {
    fn from(error: FanoutError) -> Self {
        Self { code: error.code(), args: error.args() }
    }
}

/// A page of contents that became readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FillPage {
    /// Whole entries, ascending.
    pub entries: Vec<Entry>,
    /// Every index below this one has been looked at: the next page begins here.
    pub through: LeafIndex,
}

/// See the module. Clones share all.
#[derive(Debug, Clone)]
pub struct Fanout(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    rings: Mutex<Rings>,
    /// One range is read from the store at a time, so that readers that want the same one share it.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Rings {
    recent: Ring,
    past: Ring,
    /// Rises with each erasure: what was read from the store before is not kept after.
    erasures: u64,
}

impl Fanout {
    /// Over a store; the sequencer adds what it commits.
    #[must_use]
    pub fn new(store: Store) -> Self {
        let rings = Rings { recent: Ring::new(RECENT_BYTES), past: Ring::new(PAST_BYTES), erasures: 0 };
        Self(Arc::new(Inner { store, rings: Mutex::new(rings), reading: tokio::sync::Mutex::new(()) }))
    }
    /// The segment that begins exactly at `from`; none at the head.
    ///
    /// # Errors
    /// [`FanoutError::CursorUnknown`] where no commit ends at `from`, or where the store fails.
    pub async fn segment(&self, from: TreeSize) -> Result<Option<Arc<Segment>>, FanoutError> {
        if let Some(segment) = self.kept(from).0 {
            return Ok(Some(segment));
        }
        let _one = self.0.reading.lock().await;
        let (kept, erasures) = self.kept(from);
        if kept.is_some() {
            return Ok(kept);
        }
        match segment::read(&self.0.store, from).await? {
            Some(segment) => {
                let segment = Arc::new(segment);
                let mut rings = self.rings();
                if rings.erasures == erasures {
                    rings.past.insert(Arc::clone(&segment));
                }
                Ok(Some(segment))
            }
            None if from == TreeSize(0) || self.0.store.batch_ending_at(from).await?.is_some() => Ok(None),
            None => Err(FanoutError::CursorUnknown(from)),
        }
    }
    /// One bounded page of the entries in `from..to` that `reader` may read at the state's size, and might not at `since`.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn fill(
        &self,
        reader: &MemberCode,
        from: LeafIndex,
        to: LeafIndex,
        since: TreeSize,
        state: &LogState,
    ) -> Result<FillPage, FanoutError> {
        let to = to.min(state.size().next_index());
        let rows = self.0.store.restricted(from, to, FILL_ROWS).await?;
        let mut page = FillPage { entries: Vec::new(), through: to.max(from) };
        if let (Some((last, _)), true) = (rows.last(), rows.len() as u64 == FILL_ROWS) {
            page.through = last.size().next_index();
        }
        let opened = |(index, readers): &(LeafIndex, Readers)| {
            let at = |view| readers.include(state.directory(), reader, *index, view);
            !at(since) && at(state.size())
        };
        let opened: Vec<LeafIndex> = rows.into_iter().filter(opened).map(|(index, _)| index).collect();
        let mut bytes = 0;
        for indexes in opened.chunks(FILL_READ) {
            // A content that was erased since its row was looked at stays a stub.
            let found = self.0.store.entries_at(indexes).await?.into_iter().map(|stored| stored.entry);
            for entry in found.filter(|entry| entry.content.is_some()) {
                bytes += entry.bytes();
                page.entries.push(entry);
            }
            if let (true, Some(last)) = (bytes >= FILL_BYTES, indexes.last()) {
                page.through = last.size().next_index();
                break;
            }
        }
        Ok(page)
    }
    /// The root at a commit's end, of the empty tree at 0; none where no commit ended there.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn root_at(&self, size: TreeSize) -> Result<Option<Hash>, FanoutError> {
        Ok(self.0.store.root_at(size).await?)
    }

    /// Adds a commit that is stored; its erased contents are gone already.
    pub(crate) fn push(&self, segment: Segment) {
        self.rings().recent.insert(Arc::new(segment));
    }
    /// Forgets everything: the log went back.
    pub(crate) fn clear(&self) {
        let mut rings = self.rings();
        rings.erasures += 1;
        (rings.recent, rings.past) = (Ring::new(RECENT_BYTES), Ring::new(PAST_BYTES));
    }
    /// Forgets all segments that hold these entries.
    pub(crate) fn erase(&self, erased: &[LeafIndex]) {
        if !erased.is_empty() {
            let mut rings = self.rings();
            rings.erasures += 1;
            rings.recent.forget(erased);
            rings.past.forget(erased);
        }
    }

    fn kept(&self, from: TreeSize) -> (Option<Arc<Segment>>, u64) {
        let rings = self.rings();
        (rings.recent.get(from).or_else(|| rings.past.get(from)), rings.erasures)
    }
    /// No step under the lock can panic half-way.
    fn rings(&self) -> MutexGuard<'_, Rings> {
        self.0.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
