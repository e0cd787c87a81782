//! Keeping the index at the replica's heels.
//!
//! # Update rule
//! Woken by the replica's position, at most a few times a second, the indexer reads which objects valid entries above its cursor are
//! about, reads these objects, puts their documents in place of the old ones and commits them with the new cursor; in bounded batches,
//! so that after a long absence the index moves on step by step. Objects that changed by entries below the cursor (contents that came
//! later, entries that a fall back took) the replica names while the process lives. It holds none of the replica's locks: it reads
//! snapshots like everybody, and what it reads twice it puts twice.
//!
//! While entries come faster than they can be indexed, as they do when a node catches up, the replica goes first: the indexer begins
//! when they slow down, or after ten seconds. An answer is as of its position all the while.
//!
//! # Start-up
//! The index is checked (`index`), and removed where it does not hold. Then it goes on from its cursor. Where its commit does not prove
//! that nothing below the cursor changed while it did not look (another fill, another log, a cursor beyond the replica's, a turn that
//! failed), it is compared with the replica object by object: what differs is put anew, what the replica does not have is taken out.
//!
//! # What is answered meanwhile
//! An index that goes on from its cursor answers as of the cursor, and says so. One that is made anew, or that holds what the
//! replica does not, answers nothing until it is done: `SEARCH_REBUILDING`.
//!
//! In scope: that. Out of scope: documents (`document`), the files (`index`).

use std::path::PathBuf;
use std::time::Duration;

use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::point::Point;
use tantivy::Searcher;
use tantivy::index::SegmentId;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::Search;
use super::compare::{differing, ids};
use super::document::version;
use super::index::{self, Covers, IndexError, Open};
use super::synonyms;
use crate::point;
use crate::replica::{Late, ListQuery, OBJECTS, Position, Replica};

/// Entries whose objects are read with one statement.
const WINDOW: u64 = 2_000;
/// Objects after which a commit makes searchable what is there so far.
const BATCH: usize = 20_000;
/// Objects that are compared at a time.
const PAGE: u32 = 500;
/// Entries without an object of which a commit need not say that they are covered: a start reads them again.
const FAR: u64 = 50_000;
/// The position of an empty replica.
const EMPTY: Position = Position { log: LogNumber(0), size: TreeSize(0) };
/// How long changes gather before they are committed: a commit waits for the disk.
const GATHER: Duration = Duration::from_millis(200);
/// Entries that come meanwhile at the most when a turn begins: of more than these an index cannot be made as fast as they come.
const FLOOD: u64 = 1_000;
/// How often changes gather at the most before a turn begins whatever comes: 10 seconds.
const PATIENCE: usize = 50;
/// How often the replica is looked at while nothing wakes the indexer.
const TICK: Duration = Duration::from_secs(5);

/// Keeps an index up.
pub struct Indexer {
    search: Search,
    replica: Replica,
    dir: PathBuf,
    open: Option<Box<Open>>,
    /// Entries of the replica that it covers; its commit may say less where they changed no object.
    at: u64,
    /// Objects that were put since the last commit.
    put: usize,
    /// Whether the index has to be compared with the replica.
    unsure: bool,
    /// Whether what was put since the last commit erases.
    erased: bool,
    /// Whether something was erased since the rewriting began.
    again: bool,
    /// Segments that are being rewritten.
    scrubbing: Option<(Vec<SegmentId>, JoinHandle<()>)>,
}

impl Indexer {
    /// Over the index in a directory, which is made where it is missing.
    #[must_use]
    pub fn new(search: Search, replica: Replica, dir: PathBuf) -> Self {
        Self {
            search,
            replica,
            dir,
            open: None,
            at: 0,
            put: 0,
            unsure: false,
            erased: false,
            again: false,
            scrubbing: None,
        }
    }

    /// Runs until the drain. What fails is told in the log and tried again.
    ///
    /// # Errors
    /// None.
    pub async fn run(mut self, shutdown: Shutdown) -> Result<(), Fault> {
        let mut position = self.replica.watch();
        loop {
            position.mark_unchanged();
            let turn = tokio::select! {
                () = shutdown.draining() => return Ok(()),
                turn = self.turn() => turn,
            };
            let failed = turn.is_err();
            if let Err(error) = turn {
                tracing::error!(%error, "the search index is behind: it is tried again");
            }
            tokio::select! {
                () = shutdown.draining() => return Ok(()),
                () = sleep(TICK) => {}
                // A replica that is gone wakes nobody; what failed waits for the tick.
                changed = position.changed(), if !failed => if changed.is_err() { return Ok(()) },
                () = self.search.damaged() => {}
            }
            tokio::select! {
                () = shutdown.draining() => return Ok(()),
                () = gather(&position) => {}
            }
        }
    }

    /// Brings the index to where the replica is.
    ///
    /// # Errors
    /// [`IndexError`]; the next turn opens the index again and compares it.
    pub(crate) async fn turn(&mut self) -> Result<(), IndexError> {
        if self.search.take_damaged() {
            self.open = None;
        }
        let turned = self.bring_up().await;
        if turned.is_err() {
            // Documents that were put and not committed are dropped with their writer.
            self.open = None;
            self.unsure = true;
            self.scrubbing = None;
        }
        turned
    }

    async fn bring_up(&mut self) -> Result<(), IndexError> {
        if self.replica.starting().is_some() {
            return Ok(());
        }
        let opened = self.must_be_open().await?;
        // Read before what changed: a fill that goes on meanwhile is found again.
        let fill = self.replica.fill_mark().await?.unwrap_or_default();
        let Late { objects: late, any } = self.replica.take_late();
        let position = self.replica.cursor().map_or(EMPTY, |cursor| Position::from(&*cursor));
        let covers = self.covers()?.clone();
        let continues = covers.size == 0 || (covers.log == position.log.0 && self.at <= position.size.0);
        // Of an index that is complete and no farther than the replica every answer is right as of its position.
        if covers.fill.is_some() && continues {
            self.serve(Position { log: LogNumber(covers.log), size: TreeSize(self.at) })?;
        } else {
            self.search.making(0, position.size.0);
        }
        let missed = opened && covers.fill.as_ref() != Some(&fill);
        if self.unsure || any || missed || !continues {
            self.compare(position).await?;
        } else {
            self.follow(position).await?;
            self.put(late.iter().map(ToString::to_string).collect()).await?;
        }
        self.settle(position, fill).await?;
        self.unsure = false;
        self.scrub().await
    }

    /// Opens the index, or makes it anew; whether it was not open.
    async fn must_be_open(&mut self) -> Result<bool, IndexError> {
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
        (self.at, self.put, self.scrubbing) = (open.covers.size, 0, None);
        self.open = Some(Box::new(open));
        self.read_synonyms().await?;
        Ok(true)
    }

    /// Puts the objects that entries from the index's position to the replica's are about.
    async fn follow(&mut self, to: Position) -> Result<(), IndexError> {
        while self.at < to.size.0 {
            let end = self.at.saturating_add(WINDOW).min(to.size.0);
            let changed = self.replica.changed(LeafIndex(self.at), LeafIndex(end)).await?;
            self.put(changed.iter().map(ToString::to_string).collect()).await?;
            self.at = end;
            if self.put >= BATCH {
                let covers = Covers { log: to.log.0, size: self.at, ..self.covers()?.clone() };
                let complete = covers.fill.is_some();
                self.commit(covers).await?;
                if complete {
                    self.serve(Position { log: to.log, size: TreeSize(self.at) })?;
                }
            }
        }
        Ok(())
    }

    /// Puts what the index does not hold as the replica does, and takes out what that does not have.
    async fn compare(&mut self, to: Position) -> Result<(), IndexError> {
        let searcher = self.open()?.searcher();
        let (mut after, mut held) = (None, 0);
        let mut seen = 0;
        loop {
            let query = ListQuery { after, limit: PAGE, withdrawn: true, ..ListQuery::default() };
            let page = self.replica.list(&query).await?;
            let objects: Vec<_> = page.items.iter().map(|item| (item.id.clone(), version(item))).collect();
            seen += objects.len() as u64;
            let (of, fields) = (searcher.clone(), self.open()?.fields.clone());
            let (differing, known) = blocking(move || Ok(differing(&of, &fields, objects)?)).await?;
            held += known;
            self.put(differing).await?;
            if self.put >= BATCH {
                self.commit(Covers { fill: None, ..self.covers()?.clone() }).await?;
            }
            // Entries that objects came from are more than objects: the measure only tells that it goes on.
            self.search.progress(seen.min(to.size.0), to.size.0);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if held < searcher.num_docs() {
            self.take_orphans(&searcher).await?;
        }
        self.at = to.size.0;
        Ok(())
    }

    /// Takes out what the replica does not have.
    async fn take_orphans(&mut self, searcher: &Searcher) -> Result<(), IndexError> {
        for n in 0..searcher.segment_readers().len() {
            let mut from = Some(0);
            while let Some(first) = from {
                let of = searcher.clone();
                let segment = u32::try_from(n).unwrap_or(u32::MAX);
                let (there, next) = blocking(move || Ok(ids(of.segment_reader(segment), first, OBJECTS)?)).await?;
                let known = self.replica.objects(&there).await?;
                let orphans = there.into_iter().filter(|id| known.iter().all(|object| object.summary.id != *id));
                for id in orphans {
                    self.open()?.take(&id);
                    self.put += 1;
                    self.erased = true;
                }
                from = next;
            }
        }
        Ok(())
    }

    /// Puts objects as the replica has them, and takes out those that it does not have.
    async fn put(&mut self, ids: Vec<String>) -> Result<(), IndexError> {
        for chunk in ids.chunks(OBJECTS) {
            let objects = self.replica.objects(chunk).await?;
            pass(point::SEARCH_READ)?;
            let gone = chunk.iter().filter(|id| objects.iter().all(|object| object.summary.id != **id));
            for id in gone {
                self.open()?.take(id);
                self.erased = true;
            }
            self.erased |= objects.iter().any(|object| object.summary.withdrawn);
            self.put += chunk.len();
            self.with_open(move |open| open.put(&objects)).await?;
            pass(point::SEARCH_PUT)?;
        }
        if ids.iter().any(|id| synonyms::is_list(id)) {
            self.read_synonyms().await?;
        }
        Ok(())
    }

    /// Commits what was put, and answers as of the replica's position from here on.
    async fn settle(&mut self, position: Position, fill: String) -> Result<(), IndexError> {
        let covers = self.covers()?;
        let stands = covers.fill.is_some() && (covers.log == position.log.0 || covers.size == 0);
        let far = position.size.0.saturating_sub(covers.size) > FAR;
        if self.put > 0 || !stands || far {
            let covers = Covers { log: position.log.0, size: position.size.0, fill: Some(fill), ..covers.clone() };
            self.commit(covers).await?;
        }
        self.at = position.size.0;
        self.serve(position)
    }

    async fn commit(&mut self, covers: Covers) -> Result<(), IndexError> {
        let covers = Covers { unscrubbed: covers.unscrubbed || self.erased, ..covers };
        self.with_open(move |open| open.commit(covers)).await?;
        (self.put, self.again, self.erased) = (0, self.again || self.erased, false);
        pass(point::SEARCH_COMMITTED)
    }

    /// Goes on with rewriting the segments that hold documents of withdrawn objects.
    async fn scrub(&mut self) -> Result<(), IndexError> {
        if let Some((segments, task)) = &self.scrubbing {
            if !task.is_finished() {
                return Ok(());
            }
            let segments = segments.clone();
            self.scrubbing = None;
            let gone = self.with_open(move |open| open.are_gone(&segments)).await?;
            if gone && !self.again {
                pass(point::SEARCH_SCRUBBED)?;
                let covers = Covers { unscrubbed: false, ..self.covers()?.clone() };
                return self.commit(covers).await;
            }
        }
        if self.covers()?.unscrubbed {
            self.again = false;
            let (segments, rewritten) = self.with_open(Open::scrub).await?;
            // A merge that fails leaves its segment, which is tried again.
            let task = tokio::spawn(async move {
                for one in rewritten {
                    let _told_by_its_segment = one.await;
                }
            });
            self.scrubbing = Some((segments, task));
        }
        Ok(())
    }

    /// Reads the synonyms that the secretariat published, beside those of the program.
    async fn read_synonyms(&mut self) -> Result<(), IndexError> {
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

    fn serve(&self, position: Position) -> Result<(), IndexError> {
        self.search.serve(self.open()?.searcher(), position);
        Ok(())
    }

    fn covers(&self) -> Result<&Covers, IndexError> {
        self.open().map(|open| &open.covers)
    }

    fn open(&self) -> Result<&Open, IndexError> {
        self.open.as_deref().ok_or(IndexError::Broken)
    }

    /// Does what blocks beside the runtime's own threads. Broken off, it leaves nothing open.
    async fn with_open<T: Send + 'static>(
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

#[cfg(test)]
impl Indexer {
    /// Whether its files hold nothing of what was withdrawn.
    pub(super) fn is_scrubbed(&self) -> bool {
        self.open.as_ref().is_some_and(|open| !open.covers.unscrubbed)
    }
}

/// Lets changes gather for a moment; while a flood of them comes, for longer.
pub(super) async fn gather(position: &watch::Receiver<Option<Position>>) {
    let size = || position.borrow().map_or(0, |position| position.size.0);
    for _ in 0..PATIENCE {
        let before = size();
        sleep(GATHER).await;
        if size().saturating_sub(before) <= FLOOD {
            return;
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IndexError> + Send + 'static,
) -> Result<T, IndexError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| IndexError::Broken)?
}

fn pass(point: Point) -> Result<(), IndexError> {
    Ok(point.pass()?)
}
