//! What witnesses cosigned: the newest of each node, and what readers are told of it.
//!
//! In memory there is one cosignature a node that the policy counts, and the roots of the newest sealed checkpoints that were
//! asked for. A task stores and forwards what changed, at most once a second, so that cosigning costs commits nothing but one
//! small transaction a second; while nobody cosigns it does nothing. Forwarded is as much as readers need: where more of the
//! log is witnessed or stable, the cosignatures of a quorum; where only time goes on, every half minute those of the f + 2
//! newest states, so that each state has f + 1 others, and now and then those of all, so that a state that cosigns is silent to
//! nobody. Cosignatures count as fresh for five minutes.
//!
//! In scope: keeping, storing, choosing. Out of scope: whether a cosignature is taken (`service::cosign`), what counts
//! (`proto::log::witness`).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use multaqa_proto::directory::Directory;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::subtree::Plan;
use multaqa_proto::log::witness::{
    Cosignature, Cosigned, Numbers, Standing, Vote, Witnessed, counting_key, with_lines,
};
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::intake::start::stable;
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::record::LaterCheckpoint;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::log::Log;
use crate::metrics;
use crate::store::cosignature::StoredCosignature;
use crate::store::{Store, StoreError};

/// Least time between two rounds of storing and forwarding.
const ROUND: Duration = Duration::from_secs(1);
/// Least time between two rounds that forward nothing but later times.
const TIMES: Duration = Duration::from_secs(30);
/// So often a round tells of all states: within the time in which cosignatures are fresh.
const ALL: Duration = Duration::from_secs(200);
/// Sealed checkpoints whose roots are remembered.
const SEALED: usize = 8;
/// Cosignatures of one note: with the longest names it stays below the largest note that is read.
const LINES: usize = 32;

/// See the module. Clones share all.
#[derive(Debug, Clone)]
pub struct Witnesses(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    log: Log,
    clock: Clock,
    book: Mutex<Book>,
    changed: Notify,
    forwarded: watch::Sender<Arc<[String]>>,
}

#[derive(Debug, Default)]
struct Book {
    held: BTreeMap<Writer, Held>,
    witnessed: Witnessed,
    unstored: BTreeSet<Writer>,
    sealed: VecDeque<(TreeSize, Hash)>,
}

/// A node's newest cosignature.
#[derive(Debug, Clone)]
struct Held {
    vote: Vote,
    note: Arc<str>,
    cosignature: Cosignature,
}

impl Witnesses {
    /// Loads what was stored. What does not verify by the directory in force, since a key is retired for one, does not count.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn load(store: Store, log: Log, clock: Clock) -> Result<Self, StoreError> {
        let (state, mut book) = (log.state(), Book::default());
        for StoredCosignature { writer, checkpoint, line } in store.cosignatures().await? {
            let note = with_lines(&checkpoint, [line.as_str()]);
            match Cosigned::open(&note, state.directory()) {
                Ok(cosigned) if book.take(&cosigned, &writer) => {}
                Ok(_) => tracing::info!(%writer, "a stored cosignature does not count at present"),
                Err(bad) => tracing::warn!(%writer, %bad, "a stored cosignature is over no checkpoint of this log"),
            }
        }
        book.unstored.clear();
        let (changed, forwarded) = (Notify::new(), watch::Sender::new(Arc::default()));
        Ok(Self(Arc::new(Inner { store, log, clock, book: Mutex::new(book), changed, forwarded })))
    }

    /// Takes a cosignature that is over a sealed checkpoint of this log. One that is not newer than the node's before changes
    /// nothing.
    pub fn take(&self, cosigned: &Cosigned, witness: &Writer) {
        if self.book().take(cosigned, witness) {
            metrics::cosigned();
            self.0.changed.notify_one();
        }
    }

    /// Forgets what was cosigned above a size: the log went back to it.
    pub(crate) fn forget_above(&self, size: TreeSize) {
        let mut book = self.book();
        book.held.retain(|_, held| held.vote.size <= size);
        book.sealed.retain(|(sealed, _)| *sealed <= size);
        book.unstored.clear();
        book.witnessed.forget_above(size);
    }

    /// How far the log is witnessed, by the policy in force.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let state = self.0.log.state();
        self.book().witnessed.settle(state.directory())
    }

    /// The root of the log at a size where a seal closes it; none where another entry does. No commit of this store has to end
    /// there: it may have been filled from nodes, who hold the checkpoints of the hub before.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn sealed(&self, size: TreeSize) -> Result<Option<Hash>, StoreError> {
        if let Some((_, root)) = self.book().sealed.iter().find(|(known, _)| *known == size) {
            return Ok(Some(*root));
        }
        let (store, held) = (&self.0.store, self.0.log.state().size());
        let Some(plan) = Plan::root(size).filter(|_| size <= held) else { return Ok(None) };
        let newest = store.entries(LeafIndex(size.0 - 1), size.next_index()).await?;
        let leaf = newest.first().and_then(|stored| Leaf::parse(&stored.entry.leaf).ok());
        if leaf.is_none_or(|leaf| leaf.leaf_type != LeafType::Seal) {
            return Ok(None);
        }
        let root = match store.root_at(size).await? {
            Some(root) => Some(root),
            None => store.prove(&plan).await?.into_iter().next(),
        };
        if let Some(root) = root {
            let mut book = self.book();
            book.sealed.push_front((size, root));
            book.sealed.truncate(SEALED);
        }
        Ok(root)
    }

    /// Up to where a fast start goes, with what makes that STABLE: the largest checkpoint for which a quorum vouches, where it
    /// does so by the policy at its own size, too. None where there is none.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn offer(&self) -> Result<Option<(TreeSize, wire::Start)>, StoreError> {
        let state = self.0.log.state();
        let quorum = Numbers::of(state.directory().policy().witnesses.len()).quorum;
        let Some((end, checkpoint, larger)) = self.book().vouched(state.directory(), quorum) else { return Ok(None) };
        let Some(root) = self.sealed(end).await? else { return Ok(None) };
        let mut later = Vec::new();
        for (size, checkpoint) in larger {
            let Some(plan) = Plan::consistency(end, size) else { continue };
            let hashes = self.0.store.prove(&plan).await?;
            later.push(LaterCheckpoint { checkpoint, consistency: hashes.iter().map(|hash| hash.to_vec()).collect() });
        }
        let offer = wire::Start { checkpoint, later };
        let (_, _, directory) = self.0.store.fold_control(end).await?;
        match stable(&offer, &directory, end, root) {
            Ok(_) => Ok(Some((end, offer))),
            Err(alarm) => {
                tracing::info!(%end, %alarm, "no fast start is offered: the policy changed since");
                Ok(None)
            }
        }
    }

    /// What is forwarded from here on, each note with its cosignatures.
    pub(crate) fn forwarded(&self) -> watch::Receiver<Arc<[String]>> {
        self.0.forwarded.subscribe()
    }

    /// What a new reader is told: the newest cosignatures of all states that count.
    pub(crate) fn all(&self) -> Vec<String> {
        let state = self.0.log.state();
        self.book().chosen(state.directory(), usize::MAX, |vote| (vote.size.0, vote.time_s))
    }

    /// Stores and forwards until the drain: a task for `runtime::lifecycle::Tasks`.
    ///
    /// # Errors
    /// None; a round that could not store is made again.
    pub async fn follow(self, shutdown: Shutdown) -> Result<(), Fault> {
        let mut before = self.standing();
        // When later times are forwarded next, and whether there are any.
        let (mut times_at, mut times, mut all_at) = (Instant::now(), false, Instant::now());
        while !shutdown.is_draining() {
            tokio::select! {
                () = shutdown.draining() => break,
                () = self.0.changed.notified() => times = true,
                () = tokio::time::sleep_until(times_at), if times => {}
            }
            let standing = self.standing();
            let grown = standing.stable > before.stable || standing.witnessed > before.witnessed;
            let now = Instant::now();
            if grown || times_at <= now {
                let few = if grown { standing.numbers.quorum } else { standing.numbers.witnessing() + 1 };
                let all = all_at <= now;
                self.forward(if all { usize::MAX } else { few }, grown);
                (times_at, times) = (now + TIMES, false);
                all_at = if all { now + ALL } else { all_at };
            }
            self.store().await;
            metrics::witnessed(&standing, self.0.clock.now_ms());
            before = standing;
            tokio::select! {
                () = shutdown.draining() => break,
                () = tokio::time::sleep(ROUND) => {}
            }
        }
        self.store().await;
        Ok(())
    }

    /// Tells readers of so many states: those of the largest sizes, or of the latest times.
    fn forward(&self, states: usize, sizes: bool) {
        let order: fn(Vote) -> (u64, u64) =
            if sizes { |vote| (vote.size.0, vote.time_s) } else { |vote| (vote.time_s, vote.size.0) };
        let notes = self.book().chosen(self.0.log.state().directory(), states, order);
        self.0.forwarded.send_replace(notes.into());
    }

    async fn store(&self) {
        let rows = self.book().rows();
        if rows.is_empty() {
            return;
        }
        if let Err(error) = self.0.store.note_cosignatures(&rows).await {
            tracing::error!(code = error.code(), %error, "cosignatures are not stored: they are tried again");
            self.book().unstored.extend(rows.into_iter().map(|row| row.writer));
            self.0.changed.notify_one();
        }
    }

    /// No step under the lock can panic half-way.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn take(&mut self, cosigned: &Cosigned, witness: &Writer) -> bool {
        let size = cosigned.checkpoint.size;
        let Some(cosignature) = cosigned.cosignatures.iter().find(|found| found.witness == *witness) else {
            return false;
        };
        let newer = self.witnessed.take(cosignature, size);
        if newer {
            let vote = Vote { size, time_s: cosignature.time_s };
            // Who cosigned the same checkpoint shares its note.
            let same = self.held.values().find(|held| held.vote.size == size && *held.note == *cosigned.note);
            let note = same.map_or_else(|| cosigned.note.as_str().into(), |held| Arc::clone(&held.note));
            self.held.insert(witness.clone(), Held { vote, note, cosignature: cosignature.clone() });
            self.unstored.insert(witness.clone());
        }
        newer
    }

    /// The largest size for which so many states vouch, its note with their lines, and the larger ones with theirs.
    fn vouched(&self, directory: &Directory, quorum: usize) -> Option<(TreeSize, String, BTreeMap<TreeSize, String>)> {
        let mut best = self.best(directory, |vote| (vote.size.0, vote.time_s));
        best.truncate(quorum);
        let end = best.get(quorum.checked_sub(1)?)?.vote.size;
        let mut notes: BTreeMap<TreeSize, String> = BTreeMap::new();
        for Held { vote, note, cosignature } in best {
            notes.entry(vote.size).or_insert_with(|| note.to_string()).push_str(&cosignature.line);
        }
        let larger = notes.split_off(&TreeSize(end.0 + 1));
        Some((end, notes.remove(&end)?, larger))
    }

    /// The cosignatures that count, one a state, the first in this order first.
    fn best(&self, directory: &Directory, order: fn(Vote) -> (u64, u64)) -> Vec<&Held> {
        let counts = |held: &&Held| {
            let Held { cosignature: Cosignature { witness, key, .. }, .. } = held;
            counting_key(directory, witness).is_some_and(|keys| keys.witness.id() == *key)
        };
        let mut best: BTreeMap<&MemberCode, &Held> = BTreeMap::new();
        for held in self.held.values().filter(counts) {
            let Some(state) = held.cosignature.witness.member() else { continue };
            let so_far = best.entry(state).or_insert(held);
            if order(held.vote) > order(so_far.vote) {
                *so_far = held;
            }
        }
        let mut best: Vec<&Held> = best.into_values().collect();
        best.sort_by_key(|held| Reverse(order(held.vote)));
        best
    }

    /// The cosignatures of the states that come first in this order, one a state, as notes.
    fn chosen(&self, directory: &Directory, count: usize, order: fn(Vote) -> (u64, u64)) -> Vec<String> {
        let mut best = self.best(directory, order);
        best.truncate(count);
        let mut by_note: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for held in best {
            by_note.entry(&held.note).or_default().push(&held.cosignature.line);
        }
        let notes = by_note.into_iter().flat_map(|(note, lines)| {
            lines.chunks(LINES).map(|lines| with_lines(note, lines.iter().copied())).collect::<Vec<_>>()
        });
        notes.collect()
    }

    /// What is to be stored.
    fn rows(&mut self) -> Vec<StoredCosignature> {
        let unstored = std::mem::take(&mut self.unstored);
        let row = |writer: Writer| {
            let held = self.held.get(&writer)?;
            let (checkpoint, line) = (held.note.to_string(), held.cosignature.line.clone());
            Some(StoredCosignature { writer, checkpoint, line })
        };
        unstored.into_iter().filter_map(row).collect()
    }
}
