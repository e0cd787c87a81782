//! The greeting that opens a session: which versions, where either side stands, what a restored hub asks back.
//!
//! Out of scope: dialling (`link`), what follows in the session (`sync`).

use std::sync::Arc;
use std::time::Duration;

use multaqa_proto::number::{Seq, TreeSize};
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::sync_service_client::SyncServiceClient;

use super::timely::Said;
use super::{Session, Sync};
use crate::link::{self, Caught, Ended, Held, Line, MESSAGE_MAX};

/// Protocol versions that this node speaks.
const VERSIONS: [u32; 1] = [1];
/// The answer to a greeting has to come within this time.
const GREETING: Duration = Duration::from_secs(15);
/// Says what this node is and where it stands, and learns what the session needs.
pub(super) async fn greet(sync: &Sync, address: &str) -> Result<Session, Ended> {
    let incarnation = sync.journal.next_incarnation().await?;
    let channel = link::connect(&sync.dialer, address, sync.line.dead_after()).await?;
    let mut client = client(channel);
    // A step of the session before may still be at work.
    let turn = sync.applying.lock().await;
    let intake = sync.intake.load_full();
    drop(turn);
    let identity = sync.journal.identity();
    let newest = sync.journal.newest_seq().await?;
    let cursor = intake.state().map(|state| wire::Position {
        log: state.log().0,
        size: state.size().0,
        root: state.root().to_vec(),
    });
    let request = wire::HelloRequest {
        versions: VERSIONS.to_vec(),
        instance: identity.instance.to_vec(),
        incarnation,
        cursor,
        epoch: identity.epoch.0,
        seq: newest.0,
        run: sync.run.to_vec(),
        cursor_checkpoint: intake.checkpoint().to_owned(),
    };
    let answer = tokio::time::timeout(GREETING, client.hello(request)).await;
    let answer = answer.map_err(|_| Ended::Answer("no answer to the greeting"))??.into_inner();
    let wire::HelloResponse {
        version,
        hub_time_ms,
        checkpoint,
        epoch,
        seq,
        limits,
        frozen,
        wanted,
        known_incarnation,
        succession,
        apart,
    } = answer;
    if !VERSIONS.contains(&version) {
        return Err(Ended::Answer("a version that was not offered"));
    }
    if !succession.is_empty() && sync.follow_succession(succession, apart).await? {
        return Err(Ended::Succeeded);
    }
    sync.tracker.greeted(address, hub_time_ms);
    sync.tracker.begin(&frozen);
    let lacking = wanted.is_some_and(|wanted| wanted.entries || wanted.proof);
    let lacks_contents = wanted.is_some_and(|wanted| wanted.contents);
    // A hub that says that it lacks entries is no witness of them: what it makes of those that it is given is checked as ever.
    let opened = if lacking {
        None
    } else {
        let intake = sync.intake.load_full();
        intake.open_checkpoint(&checkpoint).map_err(|alarm| Caught::by_note(alarm, &intake, &checkpoint))?
    };
    if lacking {
        sync.tracker.refilling();
    }
    let named = opened.as_ref().map_or_else(|| hinted_size(&checkpoint), |checkpoint| checkpoint.size);
    let intake = sync.excuse(lacks_contents.then_some(named)).await;
    match &opened {
        Some(checkpoint) => sync.tracker.heard(checkpoint.size, Held::of(&intake)),
        None if lacking => {}
        None => sync.tracker.hinted(hinted_size(&checkpoint)),
    }
    let said = Said::default();
    if let Some(opened) = &opened {
        said.note(opened.size, hub_time_ms);
    }
    let behind = !lacking && (epoch, seq) > (identity.epoch.0, newest.0);
    if behind {
        sync.journal_is_behind(newest, seq).await?;
    }
    // What the hub has not answered is submitted, whatever it says here.
    let answered = sync.journal.first_unanswered().await?.map_or(u64::MAX, |first| first.0.saturating_sub(1));
    let limits = limits.unwrap_or_default();
    let in_flight = limits.records_in_flight.clamp(1, 4_096);
    Ok(Session {
        sync: sync.clone(),
        client,
        address: address.to_owned(),
        hub_size: named,
        after: if epoch == identity.epoch.0 { Seq(seq.min(answered)) } else { Seq(0) },
        log_seq: if epoch == identity.epoch.0 { Seq(seq) } else { Seq(0) },
        in_flight: usize::try_from(in_flight).unwrap_or(1),
        wanted,
        viewed: Arc::default(),
        said,
        known_incarnation,
        silence: silence(limits.heartbeat_ms),
    })
}

/// Three heartbeats and a half, of 10 s where the hub does not say how often they come.
fn silence(heartbeat_ms: u64) -> Duration {
    let heartbeat_ms = if heartbeat_ms == 0 { 10_000 } else { heartbeat_ms.clamp(1_000, 60_000) };
    Duration::from_millis(heartbeat_ms * 7 / 2)
}

pub(super) fn client(channel: Line) -> SyncServiceClient<Line> {
    SyncServiceClient::new(channel).max_decoding_message_size(MESSAGE_MAX)
}

/// The size that a checkpoint's text names: without a genesis it cannot be verified, and only decides how to fetch.
pub(super) fn hinted_size(note: &str) -> TreeSize {
    TreeSize(note.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or(0))
}

impl Sync {
    /// Notes below which size the hub says that it lacks contents, or that it lacks none; the reader's state.
    async fn excuse(&self, below: Option<TreeSize>) -> Arc<Intake> {
        let turn = self.applying.lock().await;
        if let Some(next) = self.intake.load().excused(below) {
            tracing::warn!(below = below.map(|below| below.0), "the hub says whether it lacks contents");
            self.intake.store(Arc::new(next));
        }
        drop(turn);
        self.intake.load_full()
    }
}
