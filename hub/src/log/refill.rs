//! A log that lacks what was published, and how it gets it back from the nodes.
//!
//! A hub that starts on a restored backup, on the genesis alone, or behind its checkpoint lock gives no index: an index given
//! twice would fork the log. It is *refilling*: nodes that connect say how far they hold the log, by checkpoints that the log
//! key signed, and give the missing entries (`service::refill`). Each entry is checked as nodes check the hub, and stored in
//! commits of the hub's own making; the log key signs nothing by it that is not in the tree it signed before. When the tree
//! reaches as far as anything published can reach, the log goes on, as the same log with the same root.
//!
//! # How far is far enough
//! - With a checkpoint lock: the locked checkpoint is contained in the tree. It was published last, or all but last.
//! - Without one: of the n states in the policy n - q + 1 have said by a record key how far they hold the log, which leaves too few for a
//!   quorum that cosigned more. Where the policy names no witnesses, all nodes in force must have said it.
//! - In any case no node has shown more than the tree holds, and none a checkpoint that contradicts it. Or an operator took it
//!   upon itself (`multaqa-hub backup release`), at exactly the size that the store has.
//!
//! A node gives the contents that it may read; all else comes as stubs, and its content from other nodes when they connect. The
//! log does not wait for contents: what is missing of them is counted, and asked for again from every node that comes.
//!
//! In scope: what is missing, when the log may go on, storing what is given. Out of scope: the stream with a node (`service`).

mod outline;
mod place;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ed25519_dalek::SigningKey;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::{MemberCode, ObjectId, Writer};
use multaqa_proto::key::PublicKey;
use multaqa_proto::kind::is_control;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf::Leaf;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::log::witness::Numbers;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::Received;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::record::content::Content;
use multaqa_proto::sync::block::Entry;
use multaqa_runtime::clock::Clock;
use tokio::sync::{OwnedMutexGuard, watch};

use super::erase::erasure;
use super::lock::Lock;
use super::{LogError, Newest, Shared};
use crate::fanout::Fanout;
use crate::store::restored::{Reason, Restored};
use crate::store::{Erasure, Store, StoreError, StoredEntry};
pub(crate) use outline::{Gathering, LEAVES_MAX, Outline};

/// Every index that a record may have is below this one.
const NEWEST: LeafIndex = LeafIndex(u64::MAX);
/// Tombstones that are looked at together.
const TOMBSTONES: u64 = 64;
/// The code that says that the log refills.
pub(crate) const REFILLING: &str = "HUB_REFILLING";

/// What a log that refills has to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goal {
    /// The checkpoint that was published last.
    Locked(Checkpoint),
    /// What enough others say: there is no lock.
    Told,
}

/// Why nothing more is taken from a node.
#[derive(Debug)]
pub(crate) enum GiftWrong {
    /// What it gave is not what the log key signed, or does not hold.
    Wrong(String),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for GiftWrong {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// How a log that was restored stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// How it came here.
    pub(crate) restored: Restored,
    /// Whether it refills still.
    pub(crate) open: bool,
    /// The size that it has to reach, as far as that is known.
    pub(crate) goal: Option<TreeSize>,
    /// How many more members have to say so; none where that is not asked.
    pub(crate) needed: Option<usize>,
}

/// See the module. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Refill(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    store: Store,
    fanout: Fanout,
    log_key: Arc<SigningKey>,
    clock: Clock,
    lock: Lock,
    goal: Goal,
    /// True from when the log goes on.
    done: watch::Sender<bool>,
    book: Mutex<Book>,
    /// Held by the one node that entries are taken from.
    turn: Arc<tokio::sync::Mutex<Work>>,
}

/// What nodes said.
#[derive(Debug, Default)]
struct Book {
    restored: Option<Restored>,
    /// The largest size of which a checkpoint was shown.
    shown: TreeSize,
    /// Nodes that said how far they hold the log.
    told: BTreeSet<Writer>,
    /// Whether a checkpoint contradicts the tree.
    contradicted: bool,
}

/// What goes on from entry to entry.
#[derive(Debug, Default)]
pub(crate) struct Work {
    sealed: TreeSize,
    roots: VerifiedRoots,
}

impl Refill {
    #[expect(clippy::too_many_arguments, reason = "the parts of the log that it stands beside")]
    pub(super) fn new(
        shared: Arc<Shared>,
        store: Store,
        fanout: Fanout,
        log_key: Arc<SigningKey>,
        clock: Clock,
        lock: Lock,
        goal: Option<Goal>,
        (restored, sealed): (Option<Restored>, TreeSize),
    ) -> Self {
        let open = goal.is_some();
        let size = shared.newest.load().state.size();
        let restored = restored.or_else(|| open.then(|| Restored::new(Reason::Behind, size, clock.now_ms())));
        let book = Book { restored, ..Book::default() };
        Self(Arc::new(Inner {
            shared,
            store,
            fanout,
            log_key,
            clock,
            lock,
            goal: goal.unwrap_or(Goal::Told),
            done: watch::Sender::new(!open),
            book: Mutex::new(book),
            turn: Arc::new(tokio::sync::Mutex::new(Work { sealed, roots: VerifiedRoots::default() })),
        }))
    }

    /// Whether the log refills, and gives no index.
    pub(crate) fn is_open(&self) -> bool {
        !*self.0.done.borrow()
    }

    /// Waits until the log goes on.
    pub(crate) async fn closed(&self) {
        // The sender lives as long as this does.
        let mut done = self.0.done.subscribe();
        let _closed = done.wait_for(|done| *done).await;
    }

    /// How the log stands; none where it was never restored.
    pub(crate) fn standing(&self) -> Option<Standing> {
        let state = Arc::clone(&self.0.shared.newest.load().state);
        let book = self.book();
        let restored = book.restored.clone()?;
        let open = self.is_open();
        let locked = match &self.0.goal {
            Goal::Locked(checkpoint) if open => Some(checkpoint.size),
            Goal::Locked(_) | Goal::Told => None,
        };
        let shown = Some(book.shown).filter(|shown| open && *shown > TreeSize(0));
        let needed = (open && self.0.goal == Goal::Told).then(|| lacking(&state, &book));
        Some(Standing { restored, open, goal: locked.max(shown), needed })
    }

    /// Since when the store is one that was restored, milliseconds since 1970 UTC; none where it never was.
    pub(crate) fn restored_ms(&self) -> Option<i64> {
        self.book().restored.as_ref().map(|restored| restored.since_ms)
    }

    /// Opens a checkpoint that a node shows: only what this hub's log key signed for this log counts.
    pub(crate) fn open_checkpoint(&self, note: &str) -> Option<Checkpoint> {
        let state = Arc::clone(&self.0.shared.newest.load().state);
        let log_key = PublicKey::of(&self.0.log_key);
        Checkpoint::open(note, state.directory().federation(), state.log(), &log_key).ok()
    }

    /// Somebody shows checkpoints that the log key signed: so far the log reached at least. Whether they agree with the tree as
    /// far as the tree reaches.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn show(&self, node: &Writer, shown: &[Checkpoint]) -> Result<bool, StoreError> {
        let size = self.0.shared.newest.load().state.size();
        let mut agrees = true;
        for checkpoint in shown.iter().filter(|checkpoint| checkpoint.size <= size) {
            agrees &= self.contains(checkpoint).await?;
        }
        {
            let mut book = self.book();
            book.shown = shown.iter().map(|checkpoint| checkpoint.size).max().unwrap_or_default().max(book.shown);
            book.contradicted |= !agrees;
        }
        if !agrees {
            tracing::error!(%node, "LOG_CONTRADICTED: the log key signed a checkpoint that this log does not contain");
        }
        Ok(agrees)
    }

    /// A node says by its record key that it holds no more of the log than it showed. A certificate alone does not say it: it may
    /// be a thief's.
    pub(crate) fn tell(&self, node: &Writer) {
        self.book().told.insert(node.clone());
    }

    /// The turn to give entries: one node at a time.
    pub(crate) async fn turn(&self) -> OwnedMutexGuard<Work> {
        Arc::clone(&self.0.turn).lock_owned().await
    }

    /// The tree that given leaves have to follow.
    pub(crate) fn state(&self) -> Arc<LogState> {
        Arc::clone(&self.0.shared.newest.load().state)
    }

    /// Takes a whole number of chunks of entries that follow the log: checks and stores them.
    ///
    /// # Errors
    /// [`GiftWrong`]; of the entries that were stored before the wrong one, each is what the log key signed.
    pub(crate) async fn take(&self, work: &mut Work, outline: &Outline, entries: Vec<Entry>) -> Result<(), GiftWrong> {
        let mut first = self.state().size().next_index();
        let mut rest = entries.as_slice();
        while !rest.is_empty() {
            let end = outline.end_of_chunk(first);
            let count = usize::try_from(end.0 - first.0).unwrap_or(usize::MAX).min(rest.len());
            let (chunk, after) = rest.split_at(count);
            let hashes: Vec<Hash> = chunk.iter().map(|entry| leaf_hash(&entry.leaf)).collect();
            if !outline.fits(first, &hashes) {
                return Err(GiftWrong::Wrong(format!("the entries from {first} on are not those of the checkpoint")));
            }
            (first, rest) = (end.next_index(), after);
        }
        let (state, log_key, sealed) = (self.state(), Arc::clone(&self.0.log_key), work.sealed);
        let mut roots = std::mem::take(&mut work.roots);
        let placing = tokio::task::spawn_blocking(move || {
            let placed = place::place(&state, sealed, entries, &mut roots, &log_key);
            (placed, roots)
        });
        let (placed, roots) = placing.await.map_err(|error| GiftWrong::Wrong(error.to_string()))?;
        work.roots = roots;
        let place::Placed { sealed, commits, .. } = placed.map_err(GiftWrong::Wrong)?;
        let erased = self.0.store.append_given(&commits.iter().map(|(commit, _)| commit).collect::<Vec<_>>()).await?;
        self.0.fanout.erase(&erased);
        for (mut commit, state) in commits {
            for stored in commit.entries.iter_mut().filter(|stored| erased.contains(&stored.entry.index)) {
                stored.erase();
            }
            self.0.fanout.push(commit.segment());
            self.0.shared.publish(Newest { checkpoint: commit.checkpoint.into(), state: Arc::new(state.anew()) });
        }
        work.sealed = sealed;
        Ok(())
    }

    /// Indexes from `from` on whose contents are missing.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn missing(&self, from: LeafIndex, limit: u64) -> Result<Vec<LeafIndex>, StoreError> {
        let missing = self.0.store.missing(from, limit).await?;
        Ok(missing.into_iter().map(|stored| stored.entry.index).collect())
    }

    /// Stores contents that a node gives, each checked against the leaf that stands there; how many were new to the store.
    ///
    /// # Errors
    /// [`GiftWrong`]: nothing was stored then.
    pub(crate) async fn fill(&self, given: Vec<Entry>) -> Result<u64, GiftWrong> {
        let indexes: Vec<LeafIndex> = given.iter().map(|entry| entry.index).collect();
        let held = self.0.store.entries_at(&indexes).await?;
        let held: BTreeMap<LeafIndex, Entry> =
            held.into_iter().map(|stored| (stored.entry.index, stored.entry)).collect();
        let (mut whole, mut erasures) = (Vec::new(), Vec::new());
        for Entry { index, leaf, signature, content } in given {
            let wrong = |what: &str| GiftWrong::Wrong(format!("content of entry {index}: {what}"));
            let Some(Entry { leaf: own, signature: own_signature, content: present, .. }) = held.get(&index) else {
                return Err(wrong("there is no such entry"));
            };
            if *own != leaf || *own_signature != signature {
                return Err(wrong("another leaf"));
            }
            if present.is_some() || content.is_none() {
                continue;
            }
            let parsed = Leaf::parse(&leaf).map_err(|form| wrong(&form.to_string()))?;
            let record = Received { statement: parsed.body, content, signature }.parse();
            let record = record.map_err(|form| wrong(&form.to_string()))?;
            let Some(Ok(content)) = record.content() else { return Err(wrong("it cannot be read")) };
            if is_control(content.kind()) {
                return Err(wrong("a control record that came as a stub"));
            }
            erasures.extend(erasure(&record.statement.writer, &content, index));
            whole.push(StoredEntry::record(index, leaf, &record, &content, 0));
        }
        let state = self.state();
        let erased = self.0.store.fill(&whole, &erasures, state.directory()).await?;
        // What readers were sent as stubs is whole from here on.
        let changed: Vec<LeafIndex> = whole.iter().map(|stored| stored.entry.index).chain(erased).collect();
        self.0.fanout.erase(&changed);
        Ok(whole.len() as u64)
    }

    /// Erases what tombstones on the log take, and notes what nobody has any more because one took it: `erased` are the objects
    /// that nodes name for contents which they erased.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn settle(&self, erased: &BTreeMap<LeafIndex, ObjectId>) -> Result<(), StoreError> {
        let (state, mut from) = (self.state(), LeafIndex(0));
        // A member erases what is its own.
        let writers = self.0.store.entries_at(&erased.keys().copied().collect::<Vec<_>>()).await?;
        let own = |stored: &StoredEntry| {
            let (index, writer) = (stored.entry.index, &stored.record.as_ref()?.writer);
            let object = erased.get(&index).filter(|object| writer.member() == Some(object.code()))?;
            Some((index, object.clone()))
        };
        let erased: BTreeMap<LeafIndex, ObjectId> = writers.iter().filter_map(own).collect();
        loop {
            let tombstones = self.0.store.tombstones(from, TOMBSTONES).await?;
            let Some(last) = tombstones.last() else { return Ok(()) };
            from = last.entry.index.size().next_index();
            let erasures: Vec<Erasure> = tombstones.iter().filter_map(tombstone).collect();
            let gone = self.0.store.fill(&[], &erasures, state.directory()).await?;
            self.0.fanout.erase(&gone);
            let named = |(index, object): (&LeafIndex, &ObjectId)| {
                let by = |erasure: &Erasure| erasure.object == *object && *index < erasure.below;
                erasures.iter().any(by).then(|| (*index, object.clone()))
            };
            self.0.store.note_erased(&erased.iter().filter_map(named).collect()).await?;
        }
    }

    /// How many contents are missing.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn missing_count(&self) -> Result<u64, StoreError> {
        self.0.store.missing_count().await
    }

    /// Lets the log go on where it reaches far enough; whether it does.
    ///
    /// # Errors
    /// [`LogError::LockUnusable`], or where the store fails.
    pub(crate) async fn try_finish(&self) -> Result<bool, LogError> {
        if !self.is_open() {
            return Ok(true);
        }
        let newest = self.0.shared.newest.load_full();
        let size = newest.state.size();
        let (restored, enough) = {
            let book = self.book();
            let Some(restored) = book.restored.clone() else { return Ok(false) };
            let shown = book.shown <= size && !book.contradicted;
            let told = self.0.goal != Goal::Told || lacking(&newest.state, &book) == 0;
            let released = restored.released == Some(size);
            (restored, released || (shown && told))
        };
        let released = restored.released == Some(size);
        if !enough || !(released || self.reaches_lock(size).await?) {
            return Ok(false);
        }
        let (lock, note) = (self.0.lock.clone(), newest.checkpoint.to_string());
        lock.prepare(&note).and_then(|()| lock.replace()).map_err(|error| lock.unusable(&error.to_string()))?;
        let restored = Restored { done: Some(size), ..restored };
        self.0.store.note_restored(&restored).await?;
        tracing::info!(%size, root = %newest.state.root(), from = %restored.from, "the log is whole again and goes on");
        self.book().restored = Some(restored);
        self.0.shared.thaw();
        self.0.done.send_replace(true);
        Ok(true)
    }

    /// Size just after the newest seal, for the sequencer that goes on from here.
    pub(super) async fn sealed(&self) -> TreeSize {
        self.0.turn.lock().await.sealed
    }

    /// A checkpoint of a node that lies ahead of a log which gives indexes: the store was put back under a running hub, or
    /// behind a lock that was put back with it. It is noted, so that the next start refills.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn found_behind(&self) -> Result<(), StoreError> {
        let size = self.0.shared.newest.load().state.size();
        let restored = Restored::new(Reason::Behind, size, self.0.clock.now_ms());
        self.0.store.note_restored(&restored).await?;
        self.book().restored = Some(restored);
        Ok(())
    }

    async fn reaches_lock(&self, size: TreeSize) -> Result<bool, StoreError> {
        match &self.0.goal {
            Goal::Told => Ok(true),
            Goal::Locked(checkpoint) => Ok(checkpoint.size <= size && self.contains(checkpoint).await?),
        }
    }

    async fn contains(&self, checkpoint: &Checkpoint) -> Result<bool, StoreError> {
        Ok(self.0.store.root_at(checkpoint.size).await? == Some(checkpoint.root))
    }

    /// No step under the lock can panic half-way.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a stored tombstone erases.
fn tombstone(stored: &StoredEntry) -> Option<Erasure> {
    let content = Content::parse(stored.entry.content.as_deref()?).ok()?;
    erasure(&stored.record.as_ref()?.writer, &content, stored.entry.index)
}

/// How many members more have to say how far they hold the log.
fn lacking(state: &LogState, book: &Book) -> usize {
    let witnesses = &state.directory().policy().witnesses;
    let numbers = Numbers::of(witnesses.len());
    let said = |member: &&MemberCode| book.told.iter().any(|node| node.member() == Some(member));
    if numbers.states > 0 {
        let needed = numbers.states - numbers.quorum + 1;
        return needed.saturating_sub(witnesses.iter().filter(said).count());
    }
    let lacking = in_force(state).into_iter().filter(|node| !book.told.contains(node)).count();
    // A store that was restored knows only the nodes of its time: one at least must have spoken.
    let restored = book.restored.as_ref().is_some_and(|restored| restored.reason != Reason::Behind);
    lacking.max(usize::from(restored && book.told.is_empty()))
}

/// All nodes that may connect.
fn in_force(state: &LogState) -> Vec<Writer> {
    let directory = state.directory();
    let mut nodes: Vec<Writer> = directory
        .invitations()
        .map(|(_, invitation)| Writer::Node(invitation.member.clone(), invitation.node.clone()))
        .filter(|node| directory.keys(node).last().is_some_and(|keys| keys.suspended.is_none()))
        .filter(|node| node.member().and_then(|m| directory.member(m)).is_some_and(|m| m.active_at(NEWEST)))
        .collect();
    nodes.sort();
    nodes.dedup();
    nodes
}
