//! Submitting the outbox: in the order of the chain, pipelined, resumed where the hub's own word says that it stands.
//!
//! In scope: one Submit stream at a time. Where the hub's log takes no records, or the hub answers none, the stream is opened
//! again after a pause while the session goes on: what it says of the log is still heard, and entries still come. Out of scope: what becomes of records on the log (`Sync::follow_up`).

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use multaqa_proto::hash::{Hash, RecordId, record_id};
use multaqa_proto::number::{LeafIndex, LogNumber, Seq};
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::record::SignedRecord;
use multaqa_runtime::retry::Backoff;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use super::Session;
use crate::journal::{Answered, StoredAlarm};
use crate::link::{Ended, jitter};

/// Most records of one request.
const BATCH: usize = 32;
/// Most bytes of the records of one request, but for one that is larger by itself: the hub takes 1 MiB.
const BATCH_BYTES: usize = 512 * 1024;
/// How long answers wait to be noted together. The own replica mostly says the same by then, in a transaction that is needed
/// in any case; what is lost with the session is answered again, as a duplicate.
const NOTE: Duration = Duration::from_millis(20);
/// How often a checkpoint that came with answers is held against the log that is followed.
const SAMPLE: Duration = Duration::from_secs(1);
/// Requests that wait for the transport.
const REQUESTS: usize = 4;

/// Submits what is queued and what will be; what ended it.
pub(super) async fn run(session: &Session) -> Ended {
    let mut backoff = Backoff::default();
    loop {
        let ended = submit(session, &mut backoff).await.err();
        let ended = ended.unwrap_or(Ended::Answer("the hub ended the submission"));
        let Some(cause) = ended.frozen() else { return ended };
        tracing::warn!(code = cause.code, reason = %ended, "own records wait");
        session.sync.tracker.submitting(Some(cause));
        tokio::time::sleep(backoff.next(jitter())).await;
    }
}

/// A stream of submissions and what of it is unanswered.
struct Outgoing {
    requests: mpsc::Sender<wire::SubmitRequest>,
    answers: Streaming<wire::SubmitResponse>,
    unanswered: VecDeque<RecordId>,
    /// Since when an answer is awaited.
    since: Instant,
    after: Seq,
    /// Answers that are not noted, and since when.
    accepted: Vec<(RecordId, LeafIndex)>,
    taken: Instant,
    /// When a checkpoint that came with answers was last held against the log that is followed.
    sampled: Option<Instant>,
}

async fn submit(session: &Session, backoff: &mut Backoff) -> Result<(), Ended> {
    let sync = &session.sync;
    let limit = sync.line.frozen_after();
    // The stream is opened by its first records.
    let first = loop {
        let batch = batch(session, session.after, session.in_flight).await?;
        if batch.records.is_empty() {
            sync.outbox.notified().await;
        } else {
            break batch;
        }
    };
    let opened = tokio::time::timeout(limit, open(session, first)).await;
    let mut outgoing = opened.map_err(|_| Ended::Unanswered(limit))??;
    loop {
        let room = session.in_flight.saturating_sub(outgoing.unanswered.len());
        let batch = batch(session, outgoing.after, room).await?;
        let (sending, waiting) = (!batch.records.is_empty(), !outgoing.unanswered.is_empty());
        let requests = outgoing.requests.clone();
        tokio::select! {
            answers = outgoing.answers.message() => match answers? {
                Some(answers) => {
                    take(session, &mut outgoing, answers).await?;
                    backoff.reset();
                    sync.tracker.submitting(None);
                }
                None => return note(session, &mut outgoing).await,
            },
            room = requests.reserve(), if sending => {
                let Batch { records, ids, last } = batch;
                room.map_err(|_| ended())?.send(wire::SubmitRequest { records });
                if outgoing.unanswered.is_empty() {
                    outgoing.since = Instant::now();
                }
                outgoing.unanswered.extend(ids);
                outgoing.after = last;
            }
            () = sync.outbox.notified(), if !sending => {}
            () = tokio::time::sleep_until(outgoing.taken + NOTE), if !outgoing.accepted.is_empty() => {
                note(session, &mut outgoing).await?;
            }
            () = tokio::time::sleep_until(outgoing.since + limit), if waiting => return Err(Ended::Unanswered(limit)),
        }
    }
}

struct Batch {
    records: Vec<SignedRecord>,
    ids: Vec<RecordId>,
    last: Seq,
}

async fn batch(session: &Session, after: Seq, room: usize) -> Result<Batch, Ended> {
    let limit = u32::try_from(room.min(BATCH)).unwrap_or(0);
    let mut queued = if limit == 0 { Vec::new() } else { session.sync.journal.queued(after, limit).await? };
    queued.truncate(fitting(queued.iter().map(|own| own.record.bytes())));
    let last = queued.last().map_or(after, |own| own.seq);
    let ids = queued.iter().map(|own| record_id(&own.record.statement)).collect();
    Ok(Batch { records: queued.into_iter().map(|own| own.record.into()).collect(), ids, last })
}

/// How many of the first records fit one request; one at least, where there is one.
fn fitting(sizes: impl Iterator<Item = usize>) -> usize {
    let mut total = 0;
    let within = sizes.enumerate().take_while(|(place, bytes)| {
        total += bytes;
        *place == 0 || total <= BATCH_BYTES
    });
    within.count()
}

async fn open(session: &Session, first: Batch) -> Result<Outgoing, Ended> {
    let (requests, stream) = mpsc::channel(REQUESTS);
    let Batch { records, ids, last } = first;
    // The channel is empty and has room: this cannot wait.
    requests.send(wire::SubmitRequest { records }).await.map_err(|_| ended())?;
    let answers = session.client.clone().submit(ReceiverStream::new(stream)).await?.into_inner();
    let now = Instant::now();
    let (unanswered, accepted) = (ids.into(), Vec::new());
    Ok(Outgoing { requests, answers, unanswered, since: now, after: last, accepted, taken: now, sampled: None })
}

const fn ended() -> Ended {
    Ended::Answer("the submission ended")
}

/// Notes the answers so far.
async fn note(session: &Session, outgoing: &mut Outgoing) -> Result<(), Ended> {
    let accepted = std::mem::take(&mut outgoing.accepted);
    if !accepted.is_empty()
        && let Some(contradicted) = session.sync.journal.mark_accepted(&accepted).await?
    {
        return Err(session.sync.lost(contradicted).await?);
    }
    Ok(())
}

/// Takes answers. A rejected record blocks the outbox: the loop then waits for the end of the session.
async fn take(session: &Session, outgoing: &mut Outgoing, answers: wire::SubmitResponse) -> Result<(), Ended> {
    let sync = &session.sync;
    outgoing.since = Instant::now();
    if outgoing.accepted.is_empty() {
        outgoing.taken = outgoing.since;
    }
    let (mut rejected, mut accepted, mut of_log) = (None, Vec::new(), LogNumber(0));
    let wire::SubmitResponse { answers, checkpoint } = answers;
    for answer in answers {
        let wire::Answer { outcome, record_id, index, log, code, args } = answer;
        let expected = outgoing.unanswered.pop_front();
        if expected.is_none() || expected != Hash::from_slice(&record_id) {
            return Err(Ended::Answer("an answer to another record than the next"));
        }
        let Some(record_id) = expected else { continue };
        match wire::Outcome::try_from(outcome) {
            Ok(wire::Outcome::Accepted | wire::Outcome::Duplicate) if log >= sync.intake.load().log().0 => {
                accepted.push(Answered { record_id, index: LeafIndex(index) });
                of_log = LogNumber(log);
            }
            Ok(wire::Outcome::Rejected) => {
                rejected = Some((record_id, code, args));
                break;
            }
            Ok(wire::Outcome::Accepted | wire::Outcome::Duplicate | wire::Outcome::Unspecified) | Err(_) => {
                return Err(Ended::Answer("an outcome that is none"));
            }
        }
    }
    let sample = outgoing.sampled.is_none_or(|at| at.elapsed() >= SAMPLE);
    if sample {
        outgoing.sampled = Some(outgoing.since);
    }
    sync.hear_answers(&accepted, of_log, &checkpoint, sample).await?;
    outgoing.accepted.extend(accepted.into_iter().map(|Answered { record_id, index }| (record_id, index)));
    let Some((record_id, code, args)) = rejected else { return Ok(()) };
    note(session, outgoing).await?;
    tracing::error!(record = %record_id, code, "the hub rejected an own record: the outbox is blocked");
    let args: BTreeMap<String, String> =
        args.into_iter().chain([("record".to_owned(), record_id.to_string())]).collect();
    sync.journal.mark_rejected(record_id, &StoredAlarm { code, args, at_ms: sync.clock.now_ms() }).await?;
    std::future::pending::<Result<(), Ended>>().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_holds_what_the_hub_takes_and_one_record_at_least() {
        let fit = |sizes: &[usize]| fitting(sizes.iter().copied());
        assert_eq!([fit(&[]), fit(&[BATCH_BYTES + 1, 1]), fit(&[1, BATCH_BYTES - 1, 1])], [0, 1, 2]);
        assert_eq!(fit(&[100; BATCH]), BATCH);
    }
}
