//! What tells others in the process that the replica changed, once the change is stored.
//!
//! In scope: the position to watch, and the objects whose rows changed by entries below it: contents that came later, entries that a
//! fall back took. Out of scope: what changed above a position, which the table `entry` says (`changes`). Both live as long as the
//! process: who has to know what happened before compares with the replica.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use multaqa_proto::id::ObjectId;
use multaqa_proto::number::{LogNumber, TreeSize};
use tokio::sync::watch;

use super::{Cursor, Replica};

/// Most objects that are named; of more it is only said that there are.
const LATE_MAX: usize = 10_000;

/// How far a replica is, or what is made from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Number of the log.
    pub log: LogNumber,
    /// Entries that it covers.
    pub size: TreeSize,
}

/// Objects that changed by entries below the position.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Late {
    /// These.
    pub(crate) objects: BTreeSet<ObjectId>,
    /// Any may have.
    pub(crate) any: bool,
}

/// Clones of a replica share it.
#[derive(Debug, Clone)]
pub(super) struct Notices {
    position: Arc<watch::Sender<Option<Position>>>,
    late: Arc<Mutex<Late>>,
}

impl Default for Notices {
    fn default() -> Self {
        Self { position: Arc::new(watch::Sender::new(None)), late: Arc::default() }
    }
}

impl From<&Cursor> for Position {
    fn from(cursor: &Cursor) -> Self {
        Self { log: cursor.log, size: cursor.size }
    }
}

impl Replica {
    /// The replica's position, which changes once what it covers is stored; none before the first frame and while a fast start is
    /// under way.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Option<Position>> {
        self.notices.position.subscribe()
    }

    /// Makes a cursor the replica's, and wakes who watches.
    pub(super) fn move_to(&self, cursor: Option<Cursor>) {
        let position = cursor.as_ref().map(Position::from);
        self.cursor.store(cursor.map(Arc::new));
        self.notices.position.send_replace(position);
    }

    /// Names objects whose rows were written anew, and wakes who watches.
    pub(super) fn note_late(&self, objects: impl IntoIterator<Item = ObjectId>) {
        let mut late = self.notices.late.lock().unwrap_or_else(PoisonError::into_inner);
        if !late.any {
            late.objects.extend(objects);
        }
        if late.objects.len() > LATE_MAX {
            *late = Late { objects: BTreeSet::new(), any: true };
        }
        drop(late);
        self.notices.position.send_modify(|_| ());
    }

    /// Says that any object may have changed, and wakes who watches.
    pub(super) fn note_any(&self) {
        *self.notices.late.lock().unwrap_or_else(PoisonError::into_inner) =
            Late { objects: BTreeSet::new(), any: true };
        self.notices.position.send_modify(|_| ());
    }

    /// Objects that changed late since this was asked last; there is one who asks, the search index.
    pub(crate) fn take_late(&self) -> Late {
        std::mem::take(&mut *self.notices.late.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
