//! What witnesses vouch for, as this node sees it: the notes that the hub forwards are held against the own tree, and counted.
//!
//! A note over a size that the replica holds must have the replica's own root: the log key signed both, so another one is a
//! fork (`LOG_FORK`), and both notes are kept with the alarm. One over a size that is still to come waits for it. A cosignature
//! counts only once its root is known to be the own one. In scope: these checks, the newest cosignatures in memory and in the
//! replica, what they come to. Out of scope: counting (`proto::log::witness`), the own cosignatures (`sync::cosign`), what the
//! line's state is then (`link`).

mod clocks;

use std::collections::VecDeque;
use std::sync::Arc;

use arc_swap::ArcSwap;
use multaqa_proto::alarm::{Alarm, Fork};
use multaqa_proto::directory::Directory;
use multaqa_proto::log::witness::{Cosigned, Standing, Witnessed, with_lines};
use multaqa_proto::sync::intake::Intake;
use tokio::sync::{Mutex, watch};

use crate::journal::Sealed;
use crate::link::{Ended, Tracker};
use crate::metrics;
use crate::replica::{KeptCosignature, Replica};
use crate::store::StoreError;
pub(crate) use clocks::Others;

/// Notes that wait for the replica, at most: the newest.
const AHEAD: usize = 64;

/// See the module. Clones share all.
#[derive(Clone)]
pub(crate) struct Witnessing(Arc<Inner>);

struct Inner {
    replica: Replica,
    /// The reader's state, looked at only while the book is held.
    intake: Arc<ArcSwap<Intake>>,
    tracker: Tracker,
    book: Mutex<Book>,
    standing: watch::Sender<Standing>,
    sealed: watch::Sender<Option<Sealed>>,
}

#[derive(Default)]
struct Book {
    witnessed: Witnessed,
    ahead: VecDeque<String>,
    /// The directory that was counted by.
    directory: Option<Arc<Directory>>,
}

impl Witnessing {
    /// From what the replica holds.
    pub(crate) async fn load(
        replica: Replica,
        intake: Arc<ArcSwap<Intake>>,
        tracker: Tracker,
    ) -> Result<Self, StoreError> {
        let sealed = watch::Sender::new(replica.newest_sealed().await?);
        let (book, standing) = (Mutex::default(), watch::Sender::default());
        let witnessing = Self(Arc::new(Inner { replica, intake, tracker, book, standing, sealed }));
        let intake = witnessing.0.intake.load_full();
        let mut book = witnessing.0.book.lock().await;
        witnessing.read(&mut book, &intake).await?;
        drop(book);
        Ok(witnessing)
    }

    /// Begins anew from what the replica holds: it went back.
    pub(crate) async fn reload(&self) -> Result<(), StoreError> {
        let mut book = self.0.book.lock().await;
        *book = Book::default();
        self.0.sealed.send_replace(self.0.replica.newest_sealed().await?);
        let intake = self.0.intake.load_full();
        self.read(&mut book, &intake).await
    }

    /// Counts what the replica holds.
    async fn read(&self, book: &mut Book, intake: &Intake) -> Result<(), StoreError> {
        for KeptCosignature { witness, size: _, note, line } in self.0.replica.cosignatures().await? {
            let Some(directory) = intake.directory() else { break };
            match Cosigned::open(&with_lines(&note, [line.as_str()]), directory) {
                Ok(cosigned) => drop(count(&mut book.witnessed, cosigned)),
                Err(bad) => tracing::warn!(%witness, %bad, "a stored cosignature is over no checkpoint of this log"),
            }
        }
        self.settle(book, intake);
        Ok(())
    }

    /// How far the log is witnessed.
    pub(crate) fn standing(&self) -> watch::Receiver<Standing> {
        self.0.standing.subscribe()
    }

    /// The newest sealed checkpoint that the replica applied.
    pub(crate) fn sealed(&self) -> watch::Receiver<Option<Sealed>> {
        self.0.sealed.subscribe()
    }

    /// Takes notes that the hub forwarded, or the own one.
    pub(crate) async fn take(&self, notes: Vec<String>) -> Result<(), Ended> {
        let mut book = self.0.book.lock().await;
        book.ahead.extend(notes);
        let excess = book.ahead.len().saturating_sub(AHEAD);
        book.ahead.drain(..excess);
        self.judge(&mut book).await
    }

    /// A frame was applied; a sealed checkpoint ends it, or not.
    pub(crate) async fn grown(&self, sealed: bool) -> Result<(), Ended> {
        let intake = self.0.intake.load_full();
        if let (true, Some(state)) = (sealed, intake.state()) {
            let (size, root, note) = (state.size(), state.root(), intake.checkpoint().to_owned());
            self.0.sealed.send_replace(Some(Sealed { size, root, note }));
        }
        let mut book = self.0.book.lock().await;
        self.judge(&mut book).await
    }

    /// Judges what waits and is not ahead of the replica any more.
    async fn judge(&self, book: &mut Book) -> Result<(), Ended> {
        let intake = self.0.intake.load_full();
        let Some(state) = intake.state() else { return Ok(()) };
        let same = book.directory.as_ref().is_some_and(|known| Arc::ptr_eq(known, state.directory()));
        if same && book.ahead.is_empty() {
            return Ok(());
        }
        let mut kept = Vec::new();
        for note in std::mem::take(&mut book.ahead) {
            let cosigned = Cosigned::open_here(&note, state.directory());
            // One of a later log comes again once its succession is here; what was cosigned above a closed size is over.
            let Some(cosigned) = cosigned.map_err(|bad| Alarm::CheckpointBad(bad.0))? else { continue };
            if cosigned.checkpoint.size > state.size() {
                book.ahead.push_back(note);
                continue;
            }
            if self.must_be_ours(&cosigned, note, &intake).await? {
                kept.extend(count(&mut book.witnessed, cosigned));
            }
        }
        if !kept.is_empty() {
            self.0.replica.note_cosignatures(&kept).await?;
        }
        self.settle(book, &intake);
        Ok(())
    }

    /// Holds a note against the own tree. Whether it could be: within runs there is no root to compare.
    async fn must_be_ours(&self, cosigned: &Cosigned, theirs: String, intake: &Intake) -> Result<bool, Ended> {
        let (size, signed) = (cosigned.checkpoint.size, cosigned.checkpoint.root);
        let Some(held) = self.0.replica.root_at(size).await? else { return Ok(false) };
        if held == signed {
            return Ok(true);
        }
        let at_size = self.0.replica.sealed_from(size).await?;
        let ours = at_size.map_or_else(|| intake.checkpoint().to_owned(), |sealed| sealed.note);
        Err(Alarm::LogFork(Box::new(Fork { size, held, signed, ours, theirs })).into())
    }

    fn settle(&self, book: &mut Book, intake: &Intake) {
        let Some(state) = intake.state() else { return };
        let standing = book.witnessed.settle(state.directory());
        book.directory = Some(Arc::clone(state.directory()));
        metrics::witnessed(&standing);
        self.0.tracker.witnessed(standing.clone(), self.0.replica.member());
        self.0.standing.send_replace(standing);
    }
}

/// Counts what is newer than what was known, and gives it to be stored.
fn count(witnessed: &mut Witnessed, cosigned: Cosigned) -> Vec<KeptCosignature> {
    let Cosigned { checkpoint, note, cosignatures } = cosigned;
    let size = checkpoint.size;
    let newer = cosignatures.into_iter().filter(|found| witnessed.take(found, size));
    newer.map(|found| KeptCosignature { witness: found.witness, size, note: note.clone(), line: found.line }).collect()
}

#[cfg(test)]
mod tests;
