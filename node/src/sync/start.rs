//! A fast start: an empty replica takes the past by runs, on a connection of its own, and counts from the end of it.
//!
//! Only where it is configured (`line.fast_start`), and only from nothing. What was taken outlives the line: the next session goes on
//! with it. It does not outlive the process, nor a rule that the hub broke: then nothing of it is kept. To go on
//! with it after a restart, the state of its verification would have to be stored with each stretch; it is begun anew instead: the next
//! process deletes what was staged and says so, so that one start's worth is stored at most. In scope: the order of
//! things. Out of scope: verifying (`proto::sync::intake::start`), storing (`replica::start`), a hub that offers none: the whole
//! log is fetched then (`catchup`).

use std::sync::Arc;

use multaqa_proto::number::TreeSize;
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::sync::intake::start::{Next, Start, Stretch};
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::catch_up_response::Event;
use tokio::sync::Mutex;

use super::catchup::{next, open};
use super::{Session, Sync, joined};
use crate::link::{Ended, Held};
use crate::metrics;

/// The start that is under way, if any. It outlives sessions.
pub(crate) type UnderWay = Arc<Mutex<Option<Start>>>;

/// Takes the past by runs, where that is wanted and the replica is empty.
pub(super) async fn run(session: &Session) -> Result<(), Ended> {
    let sync = &session.sync;
    if !sync.line.fast_start || sync.intake.load().size() > TreeSize(0) {
        return Ok(());
    }
    let ended = follow(session).await;
    if let Err(Ended::Alarm(_)) = &ended {
        tracing::error!("the fast start does not hold: nothing of it is kept");
        *sync.start.lock().await = None;
        sync.replica.abandon_start().await?;
    }
    ended
}

async fn follow(session: &Session) -> Result<(), Ended> {
    let start = &session.sync.start;
    let known = start.lock().await.as_ref().map(|start| (start.size().0, start.end().0));
    let (from, to) = known.unwrap_or((0, session.hub_size.0));
    let request = wire::CatchUpRequest { from, to, by_runs: true, ..wire::CatchUpRequest::default() };
    let mut events = open(session, request).await?;
    if known.is_none() {
        match next(session, &mut events).await? {
            Some(Event::Start(offer)) => {
                let begun = Start::begin(&session.sync.intake.load(), offer)?;
                tracing::info!(end = %begun.end(), "a fast start begins");
                *start.lock().await = Some(begun);
            }
            // Nothing is STABLE so far; or a hub that knows no runs, which sends the whole log.
            None | Some(Event::Frame(_)) => {
                tracing::info!("the hub offers no fast start: the whole log is fetched");
                return Ok(());
            }
            Some(Event::Fill(_)) => return Err(Ended::Answer("contents where a fast start was asked for")),
        }
    }
    while let Some(event) = next(session, &mut events).await? {
        let Event::Frame(frame) = event else { return Err(Ended::Answer("something else within a fast start")) };
        if take(session, frame).await? {
            return Ok(());
        }
    }
    Err(Ended::Answer("the hub ended a fast start before its end"))
}

/// Takes a stretch; whether it was the last.
async fn take(session: &Session, frame: wire::Frame) -> Result<bool, Ended> {
    let sync = session.sync.clone();
    let Some(start) = sync.start.lock().await.clone() else { return Err(Ended::Answer("no fast start is under way")) };
    let accept = move || start.accept(&frame).map(|accepted| (start, accepted)).map_err(Ended::from);
    let (before, (next, stretch)) = joined(&mut tokio::task::spawn_blocking(accept)).await?;
    let store = async move {
        let turn = sync.applying.lock().await;
        let mut start = sync.start.lock().await;
        let done = match next {
            Next::More(next) => {
                sync.replica.stage(&next, stretch, sync.clock.now_ms()).await?;
                sync.tracker.heard(next.end(), Held::of(next.intake()));
                *start = Some(*next);
                false
            }
            Next::Done(intake) => {
                sync.begin(*intake, stretch, before.offer()).await?;
                *start = None;
                true
            }
        };
        drop((start, turn));
        Ok(done)
    };
    joined(&mut tokio::spawn(store)).await
}

impl Sync {
    /// The start is over, and all of it holds.
    async fn begin(&self, intake: Intake, stretch: Stretch, offer: &wire::Start) -> Result<(), Ended> {
        let applied = self.replica.finish_start(&intake, stretch, offer, self.clock.now_ms()).await?;
        let held = Held::of(&intake);
        tracing::info!(size = %held.size, "the fast start is over");
        self.intake.store(Arc::new(intake));
        metrics::applied(held.size.0, applied.void);
        self.tracker.heard(held.size, held);
        // Own records and withdrawals of all stretches, as after a crash between the two stores.
        self.recover().await?;
        self.follow_up(&applied).await?;
        self.witnessing.grown(applied.sealed).await?;
        let later = offer.later.iter().map(|later| later.checkpoint.clone());
        self.witnessing.take(std::iter::once(offer.checkpoint.clone()).chain(later).collect()).await
    }
}
