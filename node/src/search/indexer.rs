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
//! # A good neighbour
//! All of it runs behind what answers: on a thread of its own that has a low priority (`aside`), as have the threads that it starts, those
//! of the writer and that of its connection to the replica. Of making segments and merging them one is done at a time while there is
//! more to put, so that memory and processors are taken once; a turn ends by giving the writer back (`index`).
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
//! In scope: that. In the files below: `held` (the open index), `put` (what changed), `whole` (comparing), `tidy` (merging, erasing,
//! giving back). Out of scope: documents (`document`), the files of the index (`index`).

mod held;
mod put;
mod tidy;
mod whole;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use multaqa_proto::number::{LogNumber, TreeSize};
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::point::Point;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use self::tidy::Rewriting;
use super::Search;
use super::aside::aside;
use super::index::{IndexError, Open};
use crate::replica::{Late, Position, Replica};

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
    rewriting: Option<Rewriting>,
    /// To be notified when that is done.
    rewritten: Arc<Notify>,
}

impl Indexer {
    /// Over the index in a directory, which is made where it is missing.
    #[must_use]
    pub fn new(search: Search, replica: Replica, dir: PathBuf) -> Self {
        Self {
            search,
            replica: replica.apart(),
            dir,
            open: None,
            at: 0,
            put: 0,
            unsure: false,
            erased: false,
            again: false,
            rewriting: None,
            rewritten: Arc::default(),
        }
    }

    /// Runs until the drain, on a thread behind all others. What fails is told in the log and tried again. On a busy machine a step may
    /// take longer than the drain: at the cut it is left where it is, as a kill leaves it.
    ///
    /// # Errors
    /// Where there is no thread to be had.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), Fault> {
        tokio::select! {
            ended = aside(self.keep_up(shutdown.clone())) => ended,
            () = shutdown.cutting() => Ok(()),
        }
    }

    async fn keep_up(mut self, shutdown: Shutdown) {
        let mut position = self.replica.watch();
        loop {
            position.mark_unchanged();
            let turn = tokio::select! {
                () = shutdown.draining() => return,
                turn = self.turn() => turn,
            };
            let failed = turn.is_err();
            if let Err(error) = turn {
                tracing::error!(%error, "the search index is behind: it is tried again");
            }
            tokio::select! {
                () = shutdown.draining() => return,
                () = sleep(TICK) => {}
                // A replica that is gone wakes nobody; what failed waits for the tick.
                changed = position.changed(), if !failed => if changed.is_err() { return },
                () = self.search.damaged() => {}
                () = self.rewritten.notified(), if !failed => {}
            }
            tokio::select! {
                () = shutdown.draining() => return,
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
            self.rewriting = None;
        }
        turned
    }

    async fn bring_up(&mut self) -> Result<(), IndexError> {
        if self.replica.starting().is_some() {
            return Ok(());
        }
        let opened = self.must_be_open().await?;
        self.end_rewriting().await?;
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
        self.tidy().await
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

fn pass(point: Point) -> Result<(), IndexError> {
    Ok(point.pass()?)
}

#[cfg(test)]
impl Indexer {
    /// Whether its files hold nothing of what was withdrawn.
    pub(super) fn is_scrubbed(&self) -> bool {
        self.open.as_ref().is_some_and(|open| !open.covers.unscrubbed)
    }

    /// Whether it holds a writer.
    pub(super) fn is_writing(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.is_writing())
    }
}
