//! Past ranges of the log on a connection of their own: a replica that is far behind, and contents that became readable.
//!
//! In scope: both streams. Out of scope: live frames (`tail`).

use multaqa_proto::evidence::Sent;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::sync::block::{Entry, unpack};
use multaqa_proto::sync::intake::opening::Opening;
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::catch_up_response::Event;
use tonic::Streaming;

use super::greet::client;
use super::take::Taking;
use super::{Session, whole};
use crate::link::{self, Caught, Ended};
use crate::metrics;
use crate::replica::{FillProgress, FillWanted};

/// Fetches the range up to what the hub had at the greeting.
pub(super) async fn run(session: &Session) -> Result<(), Ended> {
    let sync = &session.sync;
    let from = sync.intake.load().size().0;
    let mut events = open(session, wire::CatchUpRequest { from, to: session.hub_size.0, ..Default::default() }).await?;
    let mut taking = Taking::new(session);
    while let Some(event) = next(session, &mut events).await? {
        match event {
            Event::Frame(frame) => taking.take(frame).await?,
            Event::Fill(_) | Event::Start(_) => {
                return Err(Ended::Answer("something else where entries were asked for"));
            }
        }
    }
    taking.stored().await
}

/// Fetches contents whenever some became readable; what ended it.
pub(super) async fn fill(session: &Session) -> Ended {
    loop {
        let wanted = match session.sync.replica.fill_wanted().await {
            Ok(wanted) => wanted,
            Err(error) => return error.into(),
        };
        match wanted {
            None => session.sync.fill.notified().await,
            Some(wanted) => {
                if let Err(ended) = fill_once(session, wanted).await {
                    return ended;
                }
            }
        }
    }
}

async fn fill_once(session: &Session, wanted: FillWanted) -> Result<(), Ended> {
    let sync = &session.sync;
    let to = sync.intake.load().size().0;
    tracing::info!(since = %wanted.since, from = %wanted.next, to, "fetching contents that became readable");
    let request = wire::CatchUpRequest {
        from: wanted.next.0.min(to),
        to,
        newly_readable_since: Some(wanted.since.0),
        paths_at: sync.replica.started_at().await?.map(|size| size.0),
        ..Default::default()
    };
    let mut events = open(session, request).await?;
    while let Some(event) = next(session, &mut events).await? {
        match event {
            Event::Fill(fill) => take_fill(session, wanted, fill).await?,
            Event::Frame(_) | Event::Start(_) => {
                return Err(Ended::Answer("something else where contents were asked for"));
            }
        }
    }
    // The hub ends the stream when it looked at the whole range.
    note(session, wanted, (Opening::default(), Vec::new()), LeafIndex(to), true).await
}

async fn take_fill(session: &Session, wanted: FillWanted, fill: wire::Fill) -> Result<(), Ended> {
    let sync = &session.sync;
    let mut indexes = Vec::new();
    for block in &fill.blocks {
        indexes.extend(unpack(block)?.into_iter().map(|entry| entry.index));
    }
    let mut stubs = sync.replica.stubs(&indexes).await?;
    let (intake, through) = (sync.intake.load_full(), LeafIndex(fill.through));
    let opening = intake.open(&fill, sync.replica.runs_over(&indexes).await?)?;
    stubs.extend(opening.parts());
    let filled = intake.fill(&fill, |index| stubs.get(&index).cloned());
    let entries: Vec<Entry> = filled.map_err(|alarm| Caught::at(alarm, &intake, Sent::Fill { fill, stubs }))?;
    note(session, wanted, (opening, entries), through, false).await
}

/// Stores verified contents and how far the fill is.
async fn note(
    session: &Session,
    wanted: FillWanted,
    (opening, entries): (Opening, Vec<Entry>),
    through: LeafIndex,
    done: bool,
) -> Result<(), Ended> {
    let sync = session.sync.clone();
    whole(async move {
        let turn = sync.applying.lock().await;
        let intake = sync.intake.load_full();
        let progress = FillProgress { round: wanted.round, through, done };
        let applied = sync.replica.apply_fill(&intake, opening, entries, progress).await?;
        metrics::filled(applied.entries);
        sync.follow_up(&applied).await?;
        drop(turn);
        Ok(())
    })
    .await
}

/// Opens a stream, of this log, on a connection of its own.
pub(super) async fn open(
    session: &Session,
    request: wire::CatchUpRequest,
) -> Result<Streaming<wire::CatchUpResponse>, Ended> {
    let sync = &session.sync;
    let channel = link::connect(&sync.dialer, &session.address, sync.line.dead_after()).await?;
    let request = wire::CatchUpRequest { log: sync.intake.load().log().0, ..request };
    Ok(client(channel).catch_up(request).await?.into_inner())
}

/// The next event. A past range comes without pauses.
pub(super) async fn next(
    session: &Session,
    events: &mut Streaming<wire::CatchUpResponse>,
) -> Result<Option<Event>, Ended> {
    let event = tokio::time::timeout(session.silence, events.message()).await;
    match event.map_err(|_| Ended::Answer("nothing more of the range in time"))?? {
        None => Ok(None),
        Some(wire::CatchUpResponse { event: Some(event) }) => Ok(Some(event)),
        Some(wire::CatchUpResponse { event: None }) => Err(Ended::Answer("an event of an unknown kind")),
    }
}
