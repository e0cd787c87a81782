//! Cosigning: a node of a state that the policy names vouches for the checkpoints that its replica gives.
//!
//! Whenever a sealed checkpoint was applied, and again after a while where there is none, so that a log that stands still for
//! everybody can be told from one that is hidden from some. Nothing is cosigned while an alarm stands, or while the log looks
//! frozen from here; of that, evidence is written once. In scope: when, the order of storing, signing and sending. Out of scope: what may be cosigned (the rule in
//! `proto::log::witness`, stored by `journal`), counting (`crate::witness`).

use std::time::Duration;

use multaqa_proto::alarm::{Alarm, Fork};
use multaqa_proto::hash::Hash;
use multaqa_proto::id::Writer;
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::witness::{Next, counting_key, with_lines};
use multaqa_proto::log::{cosignature, note};
use multaqa_proto::number::TreeSize;
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::wire::hub as wire;
use multaqa_runtime::point::Point;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::{Session, Sync};
use crate::journal::{LastCosigned, Sealed};
use crate::link::{Caught, Ended};
use crate::metrics;
use crate::point;
use crate::store::StoreError;

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// The answer to a cosignature has to come within this time.
const ANSWER: Duration = Duration::from_secs(15);
/// Codes by which a hub refuses a cosignature and nothing else of this node.
const REFUSALS: [&str; 3] = ["COSIGNER_NOT_WITNESS", "COSIGNATURE_BAD", "COSIGNATURE_TIME"];

/// Cosigns; what ended it.
pub(super) async fn run(session: &Session) -> Ended {
    match cosign_all(session).await {
        Ok(ended) | Err(ended) => ended,
    }
}

async fn cosign_all(session: &Session) -> Result<Ended, Ended> {
    let sync = &session.sync;
    let (mut sealed, mut look) = (sync.witnessing.sealed(), tokio::time::interval(LOOK));
    let again_ms = i64::try_from(sync.line.cosign_again().as_millis()).unwrap_or(i64::MAX);
    let (mut done, mut told): (Option<(TreeSize, i64)>, _) = (None, false);
    loop {
        tokio::select! {
            changed = sealed.changed() => if changed.is_err() {
                return Ok(Ended::Answer("cut off: the node stops"));
            },
            _ = look.tick() => {}
        }
        sync.tracker.look_at_clock();
        told = sync.tell_of_standing_still(told).await;
        let Some(newest) = sealed.borrow_and_update().clone() else { continue };
        let now_ms = sync.clock.now_ms();
        let due =
            done.is_none_or(|(size, at_ms)| size < newest.size || now_ms.abs_diff(at_ms) >= again_ms.unsigned_abs());
        if !due || !sync.may_cosign().await? {
            continue;
        }
        let Some(signed) = sync.cosign(&newest, now_ms).await? else { continue };
        pass(point::COSIGN_SIGNED)?;
        match hand_in(session, &signed).await? {
            Answer::Taken => {
                pass(point::COSIGN_TAKEN)?;
                metrics::cosigned(newest.size.0);
                sync.witnessing.take(vec![signed]).await?;
            }
            Answer::Refused => {}
            // A hub of the version before counts no witnesses.
            Answer::Unknown => std::future::pending::<()>().await,
        }
        done = Some((newest.size, now_ms));
    }
}

/// The process comes by a fail point, at which a test may have the session end.
fn pass(point: Point) -> Result<(), Ended> {
    point.pass().map_err(|_| Ended::Answer("broken at a fail point"))
}

enum Answer {
    Taken,
    Refused,
    Unknown,
}

async fn hand_in(session: &Session, signed: &str) -> Result<Answer, Ended> {
    let request = wire::CosignRequest { checkpoint: signed.to_owned() };
    let mut client = session.client.clone();
    let answer = tokio::time::timeout(ANSWER, client.cosign(request)).await;
    match answer.map_err(|_| Ended::Answer("no answer to a cosignature"))? {
        Ok(_) => Ok(Answer::Taken),
        Err(status) if status.code() == Code::Unimplemented => Ok(Answer::Unknown),
        Err(status) => match refusal(&status) {
            Some(code) => {
                tracing::warn!(code, "the hub does not take the cosignature");
                metrics::cosignature_refused();
                Ok(Answer::Refused)
            }
            None => Err(status.into()),
        },
    }
}

fn refusal(status: &Status) -> Option<&'static str> {
    let reason = status.get_details_error_info()?.reason;
    REFUSALS.into_iter().find(|code| *code == reason)
}

impl Sync {
    /// Writes evidence where the log stands still and that was not told so far; whether it stands still.
    async fn tell_of_standing_still(&self, told: bool) -> bool {
        let Some(alarm) = self.tracker.stands_still() else { return false };
        if !told {
            tracing::error!(code = alarm.code(), detail = %alarm, "nothing is cosigned until something comes");
            metrics::alarm(alarm.code());
            self.hand_on(&Caught { alarm, shown: None }, self.clock.now_ms()).await;
        }
        true
    }

    /// Whether this node witnesses: the policy in force names its state, its keys are in force, nothing is wrong with the log, and
    /// its journal is known to be the newest.
    async fn may_cosign(&self) -> Result<bool, StoreError> {
        let intake = self.intake.load_full();
        let identity = self.journal.identity();
        let me: Writer = identity.writer();
        let keys = intake.directory().and_then(|directory| counting_key(directory, &me));
        let counts = keys.is_some_and(|keys| keys.witness == PublicKey::of(&self.witness_key));
        // An old copy of the journal may have forgotten what was cosigned.
        Ok(counts
            && !self.tracker.is_frozen()
            && self.journal.alarm().await?.is_none()
            && !self.journal.is_distrusted().await?)
    }

    /// The note with the own line, once it is stored that it was cosigned; none where it may not be.
    async fn cosign(&self, sealed: &Sealed, now_ms: i64) -> Result<Option<String>, Ended> {
        let time_s = u64::try_from(now_ms / 1_000).unwrap_or(0);
        let held = self.held_at_last(sealed).await?;
        let intake = self.intake.load_full();
        let Some(log) = intake.directory().map(|directory| directory.log_at(sealed.size)) else { return Ok(None) };
        match self.journal.cosign(log, sealed, held, time_s).await? {
            (Next::Cosign, _) => {}
            (Next::Smaller, _) => return Ok(None),
            (Next::Forked, last) => return Err(forked(sealed, held, last)),
        }
        let line = self.line(&intake, &sealed.note, time_s);
        Ok(line.map(|line| with_lines(&sealed.note, [line.as_str()])))
    }

    /// What was cosigned last in this log, with the own line, which is made anew: it is the same; none before the first.
    pub(super) async fn last_cosignature(&self) -> Result<Option<(String, String)>, StoreError> {
        let intake = self.intake.load_full();
        let Some(last) = self.journal.last_cosigned().await? else { return Ok(None) };
        let line = self.line(&intake, &last.sealed.note, last.time_s);
        Ok(line.map(|line| (last.sealed.note, line)))
    }

    /// The own line over a note.
    fn line(&self, intake: &Intake, note: &str, time_s: u64) -> Option<String> {
        let (directory, (text, _)) = (intake.directory()?, note::split(note)?);
        let identity = self.journal.identity();
        let name = cosignature::witness_name(directory.federation(), &identity.member, &identity.node);
        Some(cosignature::sign(&name, &self.witness_key, time_s, text))
    }

    /// The root of the own tree at the size that was cosigned last.
    async fn held_at_last(&self, sealed: &Sealed) -> Result<Option<Hash>, StoreError> {
        match self.journal.last_cosigned().await? {
            Some(last) if last.sealed.size == sealed.size => Ok(Some(sealed.root)),
            Some(last) => self.replica.root_at(last.sealed.size).await,
            None => Ok(None),
        }
    }
}

fn forked(sealed: &Sealed, held: Option<Hash>, last: Option<LastCosigned>) -> Ended {
    let before = last.map_or_else(|| sealed.clone(), |last| last.sealed);
    let fork = Fork {
        size: before.size,
        held: held.unwrap_or(sealed.root),
        signed: before.root,
        ours: sealed.note.clone(),
        theirs: before.note,
    };
    Alarm::LogFork(Box::new(fork)).into()
}
