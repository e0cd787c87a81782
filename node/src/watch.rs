//! Who watches: changes of the replica, read once for all.
//!
//! Map: `follow`: where a watcher is, and what a batch is to it; `told`: events as they are sent. Here: the batches.
//!
//! While anybody watches, one task waits for the replica to move, reads what changed above the newest position that it told, and
//! hands each batch to all, by a bounded broadcast. A batch covers a stretch of the log without a gap, so a watcher knows whether
//! the next one continues where it is. One that begins in the past, or was too slow for the broadcast, reads the replica itself, page
//! by page, and goes over to the batches where it meets them: neither gap nor double, and nothing that grows with the distance.
//!
//! Bounds: `BATCHES` batches of at most `OBJECTS` objects and `BYTES` of payloads; payloads are read only while somebody wants
//! them; `CATCHING_UP` watchers read the replica at the same time; `WATCHERS` in all. In scope: that. Out of scope: what a watcher may
//! see and what it is sent (`api::watch`), reading (`replica::since`).

pub(crate) mod follow;
mod told;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use multaqa_proto::number::{LeafIndex, TreeSize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};

use self::follow::Place;
use self::told::{Room, Told};
use crate::replica::{Object, Position, Replica, Since};
use crate::store::StoreError;

/// Batches that are kept for slow watchers.
const BATCHES: usize = 32;
/// Objects of a batch.
const OBJECTS: usize = 64;
/// Bytes of payloads after which a batch ends.
const BYTES: usize = 512 * 1024;
/// Watchers that read the replica at the same time: it has more connections for other readers.
const CATCHING_UP: usize = 2;
/// Watchers at the same time.
pub(crate) const WATCHERS: usize = 2_000;
/// How long after a store failed it is read again.
const AGAIN: Duration = Duration::from_secs(1);

/// An object as a stretch of the log left it.
#[derive(Debug)]
pub(crate) struct Changed {
    /// The object; its payload is empty where the batch was read without.
    pub(crate) object: Object,
    /// Its event, in the forms in which somebody wanted it.
    pub(crate) told: Told,
}

/// What changed in a stretch of the log.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Where the stretch begins.
    pub(crate) from: TreeSize,
    /// Where it ends.
    pub(crate) to: Place,
    /// Whether it was read with payloads.
    pub(crate) payloads: bool,
    /// Objects in the order of the log.
    pub(crate) changed: Vec<Changed>,
    /// Whether nothing below is as it was: what changed is not told.
    pub(crate) anew: bool,
    /// For events that are kept.
    pub(crate) room: Room,
}

impl Batch {
    fn anew(now: Place) -> Self {
        Self { from: now.size, to: now, payloads: true, changed: Vec::new(), anew: true, room: Room::default() }
    }
}

/// The changes of a replica. Clones share the one reader.
#[derive(Debug, Clone)]
pub struct Changes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    replica: Replica,
    /// The batches, while anybody watches.
    reading: Mutex<Option<broadcast::Sender<Arc<Batch>>>>,
    /// How many want payloads.
    wanting: AtomicUsize,
    catching_up: Semaphore,
    watchers: Arc<Semaphore>,
}

/// A watcher's part of it.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) batches: broadcast::Receiver<Arc<Batch>>,
    changes: Changes,
    payloads: bool,
    _room: OwnedSemaphorePermit,
}

impl Changes {
    /// The changes of this replica.
    #[must_use]
    pub fn new(replica: Replica) -> Self {
        let watchers = Arc::new(Semaphore::new(WATCHERS));
        Self(Arc::new(Inner {
            replica,
            reading: Mutex::default(),
            wanting: AtomicUsize::new(0),
            catching_up: Semaphore::new(CATCHING_UP),
            watchers,
        }))
    }

    /// Watches from here on; none where as many watch as may.
    pub(crate) fn subscribe(&self, payloads: bool) -> Option<Subscription> {
        let room = Arc::clone(&self.0.watchers).try_acquire_owned().ok()?;
        if payloads {
            self.0.wanting.fetch_add(1, Ordering::Relaxed);
        }
        let mut reading = self.0.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let batches = if let Some(sender) = reading.as_ref() {
            sender.subscribe()
        } else {
            let (sender, batches) = broadcast::channel(BATCHES);
            *reading = Some(sender.clone());
            // From where it is at this moment: the watcher reads by itself what lies below.
            let moved = self.0.replica.watch();
            tokio::spawn(self.clone().read(sender, moved, self.place()));
            batches
        };
        Some(Subscription { batches, changes: self.clone(), payloads, _room: room })
    }

    /// How many watch.
    #[must_use]
    pub fn watchers(&self) -> usize {
        WATCHERS - self.0.watchers.available_permits()
    }

    /// Where the replica is; none while it holds nothing that may be served.
    pub(crate) fn place(&self) -> Option<Place> {
        self.0.replica.cursor().map(|cursor| Place { log: cursor.log.0, fills: cursor.fills, size: cursor.size })
    }

    /// The one reader: until nobody watches.
    async fn read(
        self,
        batches: broadcast::Sender<Arc<Batch>>,
        mut moved: watch::Receiver<Option<Position>>,
        mut at: Option<Place>,
    ) {
        loop {
            tokio::select! {
                changed = moved.changed() => if changed.is_err() { return },
                () = batches.closed() => if self.ended(&batches) { return },
            }
            let Some(now) = self.place() else { continue };
            let before = at.filter(|at| at.leads_to(now));
            let Some(mut next) = before else {
                let anew = Batch::anew(now);
                // Who left meanwhile misses nothing.
                let _told = batches.send(Arc::new(anew));
                at = Some(now);
                continue;
            };
            while next.size < now.size {
                match self.batch(next, now.size, self.0.wanting.load(Ordering::Relaxed) > 0).await {
                    Ok(batch) => {
                        next = batch.to;
                        let _told = batches.send(Arc::new(batch));
                    }
                    Err(error) => {
                        tracing::error!(%error, "what changed cannot be read for those who watch; it is tried again");
                        tokio::time::sleep(AGAIN).await;
                        if batches.receiver_count() == 0 {
                            break;
                        }
                    }
                }
            }
            at = Some(next);
        }
    }

    /// Whether nobody watches any more, so that the reader is at its end.
    fn ended(&self, batches: &broadcast::Sender<Arc<Batch>>) -> bool {
        let mut reading = self.0.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = batches.receiver_count() == 0;
        if ended {
            *reading = None;
        }
        ended
    }

    async fn batch(&self, at: Place, below: TreeSize, payloads: bool) -> Result<Batch, StoreError> {
        let replica = &self.0.replica;
        let Since { objects, mut through } = replica.since(LeafIndex(at.size.0), below, OBJECTS).await?;
        let mut changed = Vec::with_capacity(objects.len());
        if payloads {
            let ids: Vec<String> = objects.iter().map(|summary| summary.id.clone()).collect();
            let mut bytes = 0;
            for object in replica.get_many(&ids).await? {
                // One that changed meanwhile stands in a later batch.
                if object.summary.index.size() > through {
                    continue;
                }
                bytes += object.payload.len();
                let end = object.summary.index.size();
                changed.push(Changed { object, told: Told::default() });
                if bytes > BYTES {
                    through = end;
                    break;
                }
            }
        } else {
            let bare = |summary| Object { summary, payload: bytes::Bytes::new() };
            changed.extend(objects.into_iter().map(|summary| Changed { object: bare(summary), told: Told::default() }));
        }
        Ok(Batch {
            from: at.size,
            to: Place { size: through, ..at },
            payloads,
            changed,
            anew: false,
            room: Room::default(),
        })
    }
}

impl Subscription {
    /// What a watcher at this place reads by itself; none where it has come as far as the replica.
    pub(crate) async fn catch_up(&self, at: Place) -> Result<Option<Batch>, StoreError> {
        let Changes(inner) = &self.changes;
        let Some(now) = self.changes.place() else { return Ok(None) };
        if !at.leads_to(now) {
            return Ok(Some(Batch::anew(now)));
        }
        if at.size >= now.size {
            return Ok(None);
        }
        // It is never closed.
        let _turn = inner.catching_up.acquire().await;
        self.changes.batch(at, now.size, self.payloads).await.map(Some)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if self.payloads {
            self.changes.0.wanting.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
