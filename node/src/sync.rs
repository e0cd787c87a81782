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
mod cosign;
mod evidence;
mod refill;
mod start;
mod submit;
mod succession;
mod tail;
mod take;
mod verify;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use ed25519_dalek::SigningKey;
use multaqa_certs::client::Dialer;
use multaqa_certs::random;
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
use tokio::time::Instant;

use crate::config::LineConfig;
use crate::evidence::Files;
use crate::journal::Journal;
use crate::link::{self, Caught, Cause, Ended, Held, Line, LinkState, MESSAGE_MAX, Tracker};
use crate::metrics;
use crate::renew::Life;
use crate::replica::{Applied, Replica};
use crate::store::{Scrubbed, StoreError};
use crate::witness::Witnessing;
pub(crate) use answered::Awaited;
pub(crate) use start::UnderWay;

/// Protocol versions that this node speaks.
const VERSIONS: [u32; 1] = [1];
/// The answer to a greeting has to come within this time.
const GREETING: Duration = Duration::from_secs(15);
/// How long after a rewriting that found no space it is tried again.
const SCRUB_AGAIN: Duration = Duration::from_mins(1);

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
    in_flight: usize,
    /// What a hub that was restored asks back; none where it lacks nothing.
    wanted: Option<wire::Wanted>,
    /// The highest incarnation of this journal that the hub has seen, where ours is not above it; 0 otherwise.
    known_incarnation: u64,
    /// After so long without a word on a stream that the hub speaks on, the line is taken for dead.
    silence: Duration,
}

/// Runs sessions until the drain, and beside them what erasing leads to.
pub(crate) async fn run(sync: Sync, shutdown: Shutdown) -> Result<(), Fault> {
    tokio::select! {
        ended = sessions(&sync, &shutdown) => ended,
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
        if matches!(ended, Ended::Renewed | Ended::Verified | Ended::Succeeded) {
            // The line is as good as it was: the next greeting comes at once.
            continue;
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

/// A random number for the back-off; without randomness the longest delay is taken.
pub(crate) fn jitter() -> u64 {
    random::bytes().map_or(u64::MAX - 1, u64::from_le_bytes)
}

/// Greets the hub and runs the loops; what ended them. Before that the two stores are made to agree where they may not: at the
/// start, and after a write that found no space.
async fn session(sync: &Sync, address: &str, backoff: &mut Backoff, sound: &mut bool) -> Ended {
    if !*sound && let Err(error) = sync.recover().await {
        return error.into();
    }
    *sound = true;
    let session = match greet(sync, address).await {
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
    tokio::select! {
        ended = answered::run(&session) => ended,
        ended = refill::contents(&session) => ended,
        ended = tail::run(&session) => ended,
        ended = submit::run(&session) => ended,
        ended = catchup::fill(&session) => ended,
        ended = cosign::run(&session) => ended,
    }
}

async fn greet(sync: &Sync, address: &str) -> Result<Session, Ended> {
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
    let intake = sync.excuse(wanted.is_some_and(|wanted| wanted.contents)).await;
    let lacking = wanted.is_some_and(|wanted| wanted.entries || wanted.proof);
    // A hub that says that it lacks entries is no witness of them: what it makes of those that it is given is checked as ever.
    let opened = if lacking {
        None
    } else {
        intake.open_checkpoint(&checkpoint).map_err(|alarm| Caught::by_note(alarm, &intake, &checkpoint))?
    };
    if lacking {
        sync.tracker.enter(LinkState::LogFrozen(Cause::new(link::HUB_REFILLING)));
    }
    match &opened {
        Some(checkpoint) => sync.tracker.heard(checkpoint.size, Held::of(&intake)),
        None if lacking => {}
        None => sync.tracker.hinted(hinted_size(&checkpoint)),
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
        hub_size: opened.map_or_else(|| hinted_size(&checkpoint), |checkpoint| checkpoint.size),
        after: if epoch == identity.epoch.0 { Seq(seq.min(answered)) } else { Seq(0) },
        in_flight: usize::try_from(in_flight).unwrap_or(1),
        wanted,
        known_incarnation,
        silence: silence(limits.heartbeat_ms),
    })
}

/// Three heartbeats and a half, of 10 s where the hub does not say how often they come.
fn silence(heartbeat_ms: u64) -> Duration {
    let heartbeat_ms = if heartbeat_ms == 0 { 10_000 } else { heartbeat_ms.clamp(1_000, 60_000) };
    Duration::from_millis(heartbeat_ms * 7 / 2)
}

fn client(channel: Line) -> SyncServiceClient<Line> {
    SyncServiceClient::new(channel).max_decoding_message_size(MESSAGE_MAX)
}

/// The size that a checkpoint's text names: without a genesis it cannot be verified, and only decides how to fetch.
fn hinted_size(note: &str) -> TreeSize {
    TreeSize(note.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or(0))
}

impl Sync {
    /// Notes whether the hub says that it lacks contents; the reader's state.
    async fn excuse(&self, lacks_contents: bool) -> Arc<Intake> {
        let turn = self.applying.lock().await;
        if let Some(next) = self.intake.load().excused(lacks_contents) {
            tracing::warn!(lacks_contents, "the hub says whether it lacks contents");
            self.intake.store(Arc::new(next));
        }
        drop(turn);
        self.intake.load_full()
    }

    /// What an applied frame or fill leads to beyond the replica: own verdicts, erasures, contents to fetch.
    async fn follow_up(&self, applied: &Applied) -> Result<(), StoreError> {
        for fate in &applied.own {
            // Its arguments may quote the content, which a withdrawal could not erase from a log file.
            if let Some((code, _)) = &fate.void {
                tracing::warn!(record = %fate.record_id, index = %fate.index, code, "an own record is void");
            }
        }
        self.journal.settle(&applied.own, self.clock.now_ms()).await?;
        if !applied.own.is_empty() {
            metrics::own(self.journal.counts().await?);
        }
        for erasure in &applied.withdrawn {
            self.journal.erase(erasure).await?;
        }
        if applied.erased || !applied.withdrawn.is_empty() {
            self.erased.notify_one();
        }
        if applied.frozen.is_some() {
            self.block_where_frozen().await?;
        }
        if applied.grown {
            self.fill.notify_one();
        }
        Ok(())
    }

    /// Scrubs the files whenever something was erased: at once, but for at most a tenth of the time, since it rewrites them.
    async fn keep_scrubbed(&self) -> Result<(), StoreError> {
        loop {
            self.erased.notified().await;
            let began = Instant::now();
            let scrubbed = match self.scrub().await {
                Err(error) if error.is_full() => {
                    tracing::error!(code = error.code(), %error, "erased contents are still in the unused parts of the files");
                    tokio::time::sleep(SCRUB_AGAIN).await;
                    self.erased.notify_one();
                    continue;
                }
                scrubbed => scrubbed?,
            };
            if scrubbed.contains(&Scrubbed::Busy) {
                tracing::info!("erased contents are still in the write-ahead log: a reader holds it up");
                self.erased.notify_one();
            }
            if scrubbed != [Scrubbed::Clean; 2] {
                tokio::time::sleep(began.elapsed() * 9).await;
            }
        }
    }

    async fn scrub(&self) -> Result<[Scrubbed; 2], StoreError> {
        Ok([self.replica.scrub().await?, self.journal.scrub().await?])
    }

    /// Makes good what a crash, or a full disk, between the two stores left: the replica is ahead of the journal, never behind.
    async fn recover(&self) -> Result<(), StoreError> {
        let fates = self.replica.fates(&self.journal.unseen().await?).await?;
        self.journal.settle(&fates, self.clock.now_ms()).await?;
        if let Some(state) = self.intake.load().state() {
            for erasure in self.replica.withdrawn_own(state.directory()).await? {
                self.journal.erase(&erasure).await?;
            }
        }
        self.block_where_frozen().await?;
        self.erased.notify_one();
        metrics::own(self.journal.counts().await?);
        Ok(())
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
