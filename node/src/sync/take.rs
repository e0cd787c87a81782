//! Frames on their way into the replica: the next one is verified while the one before is stored.
//!
//! In scope: the order of the two steps, and that a frame which is being stored is stored as a whole, also where the session
//! ends meanwhile: replica and the state in memory must not part. Out of scope: verifying (`proto::sync::intake`), storing
//! (`replica`), what a stored frame leads to (`Sync::follow_up`).
//!
//! Verifying costs a signature a record or a batch, storing waits for SQLite's own thread; on two cores the two together take
//! as long as the slower one. One frame is verified ahead at most, so memory holds two: the reader of the stream waits then.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use multaqa_proto::evidence::Sent;
use multaqa_proto::id::Writer;
use multaqa_proto::log::release;
use multaqa_proto::number::TreeSize;
use multaqa_proto::sync::intake::{Intake, Taken, What};
use multaqa_proto::wire::hub as wire;
use tokio::sync::OwnedMutexGuard;
use tokio::task::JoinHandle;

use super::{Session, Sync, joined};
use crate::link::{Caught, Ended, Held};
use crate::metrics;

/// Frames of more unpacked bytes are verified beside the async threads.
const BLOCKING_FROM: u64 = 64 * 1024;

/// The frames of one stream, from the replica's cursor on.
pub(super) struct Taking {
    sync: Sync,
    /// The state after the newest frame that was verified.
    verified: Arc<Intake>,
    storing: Option<JoinHandle<Result<(), Ended>>>,
    /// The largest log by which the hub said in this session that it judged who may read.
    viewed: Arc<AtomicU64>,
    session: Session,
}

impl Taking {
    pub(super) fn new(session: &Session) -> Self {
        let (sync, viewed) = (session.sync.clone(), Arc::clone(&session.viewed));
        Self { verified: sync.intake.load_full(), sync, storing: None, viewed, session: session.clone() }
    }

    /// Verifies a frame, and begins to store it once the one before is stored.
    pub(super) async fn take(&mut self, frame: wire::Frame) -> Result<(), Ended> {
        if self.verified.has(&frame) {
            tracing::info!(first = frame.first, count = frame.count, "a frame came twice and was left out");
            metrics::repeated();
            return Ok(());
        }
        let view = TreeSize(frame.view);
        let (next, taken, frame) = verify(Arc::clone(&self.verified), frame).await?;
        let before = &self.verified;
        self.session.must_be_timely(&taken, |alarm| Caught::at(alarm, before, Sent::Frame(frame)))?;
        let turn = Arc::clone(&self.sync.applying).lock_owned().await;
        self.stored().await?;
        self.verified = Arc::new(next);
        self.viewed.fetch_max(view.0, Ordering::SeqCst);
        let (sync, next) = (self.sync.clone(), Arc::clone(&self.verified));
        self.storing = Some(tokio::spawn(async move { sync.store(turn, next, taken, view).await }));
        Ok(())
    }

    /// Waits until all that was verified is stored. Dropped and asked again, it goes on waiting.
    pub(super) async fn stored(&mut self) -> Result<(), Ended> {
        if let Some(storing) = &mut self.storing {
            let ended = joined(storing).await;
            self.storing = None;
            ended?;
        }
        Ok(())
    }

    /// The largest log by which the hub judged who may read what was taken in this session: it has to have one.
    pub(super) fn viewed(&self) -> TreeSize {
        TreeSize(self.viewed.load(Ordering::SeqCst))
    }

    /// Whether a frame is being stored.
    pub(super) const fn is_storing(&self) -> bool {
        self.storing.is_some()
    }
}

impl Sync {
    /// What the hub had accepted above the size at which an operator let a restored log go on may be lost: that is no rule broken, and
    /// stands on the log for everybody. It is submitted again.
    async fn heed_releases(&self, taken: &[Taken]) -> Result<(), Ended> {
        for (index, size) in taken.iter().filter_map(|taken| Some((taken.entry.index, released(taken)?))) {
            let records = self.journal.take_back_released(size).await?;
            tracing::warn!(notice = %index, %size, records, "LOG_RELEASED: a restored log went on by an operator's word; own records that it may lack are submitted again");
            if records > 0 {
                self.outbox.notify_one();
            }
        }
        Ok(())
    }

    async fn store(
        &self,
        turn: OwnedMutexGuard<()>,
        next: Arc<Intake>,
        taken: Vec<Taken>,
        view: TreeSize,
    ) -> Result<(), Ended> {
        if let Some(begun) = taken.iter().find(|taken| matches!(taken.what, What::Succession)) {
            // What the hub said of own records on the log before, from there on, is over.
            self.journal.take_back_from(begun.entry.index).await?;
        }
        self.heed_releases(&taken).await?;
        let applied = self.replica.apply(&next, taken, view, self.clock.now_ms()).await?;
        let held = Held::of(&next);
        self.intake.store(next);
        metrics::applied(held.size.0, applied.void);
        self.tracker.heard(held.size, held);
        self.follow_up(&applied).await?;
        self.must_be_borne_out().await?;
        self.witnessing.grown(applied.sealed).await?;
        drop(turn);
        Ok(())
    }
}

/// At which size a restored log went on, where this is the notice that says so: an operator's record.
fn released(taken: &Taken) -> Option<TreeSize> {
    let What::Record(record) = &taken.what else { return None };
    let (Some(Ok(content)), Writer::Operator(_)) = (&record.content, &record.record.statement.writer) else {
        return None;
    };
    release::size_of(&content.id).filter(|size| size.0 <= taken.entry.index.0)
}

async fn verify(intake: Arc<Intake>, frame: wire::Frame) -> Result<(Intake, Vec<Taken>, wire::Frame), Ended> {
    let unpacked: u64 = frame.blocks.iter().map(|block| block.unpacked_bytes).fold(0, u64::saturating_add);
    let accept = move || match intake.accept(&frame) {
        Ok((next, taken)) => Ok((next, taken, frame)),
        Err(alarm) => Err(Caught::at(alarm, &intake, Sent::Frame(frame))),
    };
    if unpacked < BLOCKING_FROM {
        return accept();
    }
    joined(&mut tokio::task::spawn_blocking(accept)).await
}
