//! Entries for readers: what was committed lately, and any past range.
//!
//! Recent commits wait in a ring, as [`Segment`]s that are packed once for all readers. Older ranges are read from the
//! immutable rows, merged to segments that end at commits, and cached. Both hold a bounded number of bytes, and nothing is
//! kept for a slow reader but its own cursor.
//!
//! In scope: segments from a cursor, the past by runs (`sparse`), contents that became readable later (`fill`), roots at commits.
//! Out of scope: choosing the form by entitlement and framing (`multaqa_proto::sync::merge`), streams and flow control (`service`).

mod fill;
mod ring;
mod segment;
pub(crate) mod sparse;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use multaqa_proto::hash::Hash;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::merge::Segment;
use multaqa_runtime::fault::Fault;
use thiserror::Error;

use crate::store::{Store, StoreError};
use ring::Ring;

/// Bytes of recent commits that are kept.
const RECENT_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of past ranges that are kept.
const PAST_BYTES: usize = 16 * 1024 * 1024;
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
