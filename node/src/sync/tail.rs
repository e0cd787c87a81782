//! Following the log live: frames are applied as they come, heartbeats are verified.
//!
//! Out of scope: a replica that is far behind (`catchup`, which goes first).

use multaqa_proto::alarm::Alarm;
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::tail_response::Event;

use super::take::Taking;
use super::{Session, catchup, start};
use crate::link::{Caught, Ended, Held};

/// Follows the log; what ended it.
pub(super) async fn run(session: &Session) -> Ended {
    match follow(session).await {
        Ok(()) => Ended::Answer("the hub ended the tail"),
        Err(ended) => ended,
    }
}

async fn follow(session: &Session) -> Result<(), Ended> {
    let sync = &session.sync;
    start::run(session).await?;
    let size = sync.intake.load().size();
    if session.hub_size.0 > size.0.saturating_add(sync.line.catch_up_from_entries) {
        catchup::run(session).await?;
    }
    let request = wire::TailRequest { log: sync.intake.load().log().0, from: sync.intake.load().size().0 };
    let mut events = session.client.clone().tail(request).await?.into_inner();
    let mut taking = Taking::new(session);
    let mut first = true;
    loop {
        let event = tokio::time::timeout(session.silence, async {
            loop {
                tokio::select! {
                    event = events.message() => return event.map_err(Ended::from),
                    stored = taking.stored(), if taking.is_storing() => stored?,
                }
            }
        });
        let event = event.await.map_err(|_| Ended::Answer("neither frame nor heartbeat in time"))??;
        let Some(wire::TailResponse { event: Some(event) }) = event else { return Ok(()) };
        match event {
            Event::Frame(frame) => taking.take(frame).await?,
            Event::Heartbeat(wire::Heartbeat { hub_time_ms, checkpoint, frozen, copy_refused_ms }) => {
                sync.tracker.copied(copy_refused_ms);
                sync.tracker.greeted(&session.address, hub_time_ms);
                sync.tracker.told(&frozen);
                let intake = sync.intake.load_full();
                let opened = intake.open_checkpoint(&checkpoint);
                let caught = |alarm| Caught::by_note(alarm, &intake, &checkpoint);
                if let Some(opened) = opened.map_err(caught)? {
                    let view = taking.viewed();
                    if opened.size < view {
                        return Err(caught(Alarm::ViewWrong { view, size: opened.size }));
                    }
                    // While the log takes no records, one that is stored may not be shown yet.
                    if frozen.is_empty() {
                        intake.overdue(&opened).map_err(caught)?;
                    }
                    session.said.note(opened.size, hub_time_ms);
                    sync.tracker.spoke();
                    sync.tracker.heard(opened.size, Held::of(&intake));
                }
            }
            Event::Cosigned(wire::Cosigned { checkpoints }) => sync.witnessing.take(checkpoints).await?,
        }
        if std::mem::take(&mut first) {
            sync.forget_alarm().await?;
        }
    }
}
