//! Following the log and submitting to it: the loops over a line that comes and goes.
//!
//! In scope: sessions, what a verified frame leads to, alarms. Out of scope: verifying (`proto::sync::intake`), storing
//! (`replica`, `journal`), dialling (`link`).
//!
//! A session is a control connection: greeting, then loops at once (follow, submit, look after answers, fill, cosign). What ends one of them ends
//! the session. Failures of the line are retried with jitter; an alarm is stored and not retried; where our own disk is full
//! the stores are tried again like the line, and every other failure of theirs ends the process. Reads go on until then.

mod alarm;
mod answered;
mod catchup;
mod chain;
mod claimed;
mod cosign;
mod evidence;
mod follow_up;
mod greet;
mod refill;
mod start;
mod submit;
mod succession;
mod tail;
mod take;
mod timely;
mod verify;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use arc_swap::ArcSwap;
use ed25519_dalek::SigningKey;
use multaqa_certs::client::Dialer;
use multaqa_proto::number::{Seq, TreeSize};
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::sync_service_client::SyncServiceClient;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::retry::Backoff;
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinHandle;

use crate::config::LineConfig;
use crate::evidence::Files;
use crate::journal::Journal;
use crate::link::{Ended, Life, Line, Tracker, jitter};
use crate::replica::Replica;
use crate::witness::Witnessing;
pub(crate) use answered::Awaited;
pub(crate) use start::UnderWay;
use timely::Said;

/// What the loops share.
#[derive(Clone)]
pub(crate) struct Sync {
    pub(crate) journal: Journal,
    pub(crate) replica: Replica,
    pub(crate) intake: Arc<ArcSwap<Intake>>,
    /// What witnesses vouch for.
    pub(crate) witnessing: Witnessing,
    /// Cosigns checkpoints.
    pub(crate) witness_key: Arc<SigningKey>,
    /// Signs own records, and which certificate is the node's.
    pub(crate) record_key: Arc<SigningKey>,
    /// Where the certificate in use lies.
    pub(crate) identity: PathBuf,
    /// Where evidence is written.
    pub(crate) evidence: Files,
    /// Random, made when the process started: it tells a line that came back from a copy of the node.
    pub(crate) run: [u8; 16],
    pub(crate) dialer: Dialer,
    pub(crate) hubs: Arc<[String]>,
    /// The certificate in use: when it changes, a session begins anew.
    pub(crate) life: watch::Receiver<Life>,
    pub(crate) tracker: Tracker,
    pub(crate) line: LineConfig,
    pub(crate) clock: Clock,
    /// Records were queued.
    pub(crate) outbox: Arc<Notify>,
    /// Contents are to be fetched.
    pub(crate) fill: Arc<Notify>,
    /// Contents were erased.
    pub(crate) erased: Arc<Notify>,
    /// Which answer of the hub is awaited longest.
    pub(crate) awaited: Awaited,
    /// The operator wants another try after an alarm.
    pub(crate) retry: Arc<Notify>,
    /// The fast start that is under way.
    pub(crate) start: UnderWay,
    /// Held while the replica changes and its state is swapped, so that both are seen together.
    pub(crate) applying: Arc<Mutex<()>>,
}

/// An open session.
#[derive(Clone)]
struct Session {
    sync: Sync,
    client: SyncServiceClient<Line>,
    address: String,
    /// The hub's newest checkpoint covers so many entries; a hint where this node has no genesis yet.
    hub_size: TreeSize,
    /// The newest own place that the hub has and answered.
    after: Seq,
    /// The newest place of the open epoch that the log has, by the hub's word.
    log_seq: Seq,
    in_flight: usize,
    /// What a hub that was restored asks back; none where it lacks nothing.
    wanted: Option<wire::Wanted>,
    /// The largest log by which the hub said that it judged who may read what it sent.
    viewed: Arc<AtomicU64>,
    /// What the hub said of its head and its time.
    said: Said,
    /// The highest incarnation of this journal that the hub has seen, where ours is not above it; 0 otherwise.
    known_incarnation: u64,
    /// After so long without a word on a stream that the hub speaks on, the line is taken for dead.
    silence: Duration,
}

/// Runs sessions until the drain, and beside them what erasing leads to.
pub(crate) async fn run(sync: Sync, shutdown: Shutdown) -> Result<(), Fault> {
    tokio::select! {
        ended = sessions(&sync, &shutdown) => ended,
        never = sync.watch_claims() => match never {},
        failed = sync.keep_scrubbed() => failed.map_err(Fault::from),
    }
}

async fn sessions(sync: &Sync, shutdown: &Shutdown) -> Result<(), Fault> {
    let mut backoff = Backoff::default();
    let mut life = sync.life.clone();
    let mut sound = false;
    for round in 0_usize.. {
        let address = sync.hubs[round % sync.hubs.len()].clone();
        life.mark_unchanged();
        let ended = tokio::select! {
            () = shutdown.draining() => return Ok(()),
            ended = session(sync, &address, &mut backoff, &mut sound) => ended,
            () = renewed(&mut life) => Ended::Renewed,
        };
        tracing::info!(%address, reason = %ended, "session ended");
        sync.tracker.over();
        if matches!(ended, Ended::Renewed | Ended::Verified | Ended::Succeeded) {
            // The line is as good as it was: the next greeting comes at once.
            continue;
        }
        if let Some(claim) = ended.claim() {
            sync.tracker.claimed(claim);
        }
        sync.tracker.enter(ended.state());
        let pause = async {
            match &ended {
                Ended::Alarm(caught) => sync.stand_still(caught).await,
                Ended::Store(error) if error.is_full() => {
                    tracing::error!(code = error.code(), %error, "the disk is full: the stores are tried again");
                    sound = false;
                    tokio::time::sleep(backoff.next(jitter())).await;
                    Ok(())
                }
                Ended::Store(error) => Err(Fault::from(error.clone())),
                Ended::Dial(_)
                | Ended::Refused(_)
                | Ended::Call { .. }
                | Ended::Unanswered(_)
                | Ended::Answer(_)
                | Ended::Clocks { .. }
                | Ended::Refilled
                | Ended::Verified
                | Ended::Succeeded
                | Ended::Renewed => {
                    tokio::select! {
                        () = tokio::time::sleep(backoff.next(jitter())) => {}
                        () = renewed(&mut life) => {}
                    }
                    Ok(())
                }
            }
        };
        tokio::select! {
            () = shutdown.draining() => return Ok(()),
            paused = pause => paused?,
        }
    }
    Ok(())
}

/// Waits until the certificate in use is another one.
async fn renewed(life: &mut watch::Receiver<Life>) {
    if life.changed().await.is_err() {
        // Nobody renews it any more: the process ends.
        std::future::pending::<()>().await;
    }
}

/// Greets the hub and runs the loops; what ended them. Before that the two stores are made to agree where they may not: at the
/// start, and after a write that found no space.
async fn session(sync: &Sync, address: &str, backoff: &mut Backoff, sound: &mut bool) -> Ended {
    if !*sound && let Err(error) = sync.recover().await {
        return error.into();
    }
    *sound = true;
    let session = match greet::greet(sync, address).await {
        Ok(session) => session,
        Err(ended) => return ended,
    };
    backoff.reset();
    if session.wanted.is_some_and(|wanted| wanted.entries)
        && let Err(error) = sync.take_back_answers().await
    {
        return error.into();
    }
    if session.wanted.is_some_and(|wanted| wanted.entries || wanted.proof) {
        return refill::run(&session).await;
    }
    match sync.journal.is_distrusted().await {
        // Nothing is submitted nor cosigned.
        Ok(distrusted) if distrusted || session.known_incarnation > 0 => {
            return tokio::select! {
                ended = tail::run(&session) => ended,
                ended = catchup::fill(&session) => ended,
                ended = verify::run(&session) => ended,
            };
        }
        Ok(_) => {}
        Err(error) => return error.into(),
    }
    if let Err(ended) = sync.must_be_borne_out().await {
        return ended;
    }
    match session.lacks_own().await {
        // Nothing is submitted before it is known what the log lacks.
        Ok(true) => {
            return tokio::select! {
                ended = refill::contents(&session) => ended,
                ended = tail::run(&session) => ended,
                ended = catchup::fill(&session) => ended,
                ended = chain::run(&session) => ended,
            };
        }
        Ok(false) => {}
        Err(error) => return error.into(),
    }
    tokio::select! {
        ended = answered::run(&session) => ended,
        ended = refill::contents(&session) => ended,
        ended = tail::run(&session) => ended,
        ended = submit::run(&session) => ended,
        ended = catchup::fill(&session) => ended,
        ended = cosign::run(&session) => ended,
    }
}

/// Runs a step to its end, whether or not somebody still waits for it.
async fn whole(step: impl Future<Output = Result<(), Ended>> + Send + 'static) -> Result<(), Ended> {
    joined(&mut tokio::spawn(step)).await
}

/// A task's result; its panic goes on here.
async fn joined<T>(task: &mut JoinHandle<Result<T, Ended>>) -> Result<T, Ended> {
    match task.await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Ended::Answer("cut off: the node stops")),
        },
    }
}
