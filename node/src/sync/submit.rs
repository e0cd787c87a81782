//! Submitting the outbox: in the order of the chain, pipelined, resumed where the hub's own word says that it stands.
//!
//! In scope: one Submit stream a session. Out of scope: what becomes of records on the log (`Sync::follow_up`).

use std::collections::{BTreeMap, VecDeque};

use multaqa_proto::hash::{Hash, RecordId, record_id};
use multaqa_proto::number::{LeafIndex, Seq};
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::record::SignedRecord;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use super::Session;
use crate::journal::StoredAlarm;
use crate::link::Ended;

/// Most records of one request.
const BATCH: usize = 32;
/// Most bytes of the records of one request, but for one that is larger by itself: the hub takes 1 MiB.
const BATCH_BYTES: usize = 512 * 1024;
/// Requests that wait for the transport.
const REQUESTS: usize = 4;

/// Submits what is queued and what will be; what ended it.
pub(super) async fn run(session: &Session) -> Ended {
    match submit(session).await {
        Ok(()) => Ended::Answer("the hub ended the submission"),
        Err(ended) => ended,
    }
}

/// A stream of submissions and what of it is unanswered.
struct Outgoing {
    requests: mpsc::Sender<wire::SubmitRequest>,
    answers: Streaming<wire::SubmitResponse>,
    unanswered: VecDeque<RecordId>,
    after: Seq,
}

async fn submit(session: &Session) -> Result<(), Ended> {
    let sync = &session.sync;
    // The stream is opened by its first records.
    let first = loop {
        let batch = batch(session, session.after, session.in_flight).await?;
        if batch.records.is_empty() {
            sync.outbox.notified().await;
        } else {
            break batch;
        }
    };
    let mut outgoing = open(session, first).await?;
    loop {
        let room = session.in_flight.saturating_sub(outgoing.unanswered.len());
        let batch = batch(session, outgoing.after, room).await?;
        if batch.records.is_empty() {
            tokio::select! {
                answers = outgoing.answers.message() => match answers? {
                    Some(answers) => take(session, &mut outgoing, answers).await?,
                    None => return Ok(()),
                },
                () = sync.outbox.notified() => {}
            }
        } else {
            send(&mut outgoing, batch).await?;
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
    Ok(Outgoing { requests, answers, unanswered: ids.into(), after: last })
}

async fn send(outgoing: &mut Outgoing, batch: Batch) -> Result<(), Ended> {
    let Batch { records, ids, last } = batch;
    outgoing.requests.send(wire::SubmitRequest { records }).await.map_err(|_| ended())?;
    outgoing.unanswered.extend(ids);
    outgoing.after = last;
    Ok(())
}

const fn ended() -> Ended {
    Ended::Answer("the submission ended")
}

/// Notes answers. A rejected record blocks the outbox: the loop then waits for the end of the session.
async fn take(session: &Session, outgoing: &mut Outgoing, answers: wire::SubmitResponse) -> Result<(), Ended> {
    let sync = &session.sync;
    let mut accepted = Vec::new();
    let mut rejected = None;
    for answer in answers.answers {
        let wire::Answer { outcome, record_id, index, log, code, args } = answer;
        let expected = outgoing.unanswered.pop_front();
        if expected.is_none() || expected != Hash::from_slice(&record_id) {
            return Err(Ended::Answer("an answer to another record than the next"));
        }
        let Some(record_id) = expected else { continue };
        match wire::Outcome::try_from(outcome) {
            Ok(wire::Outcome::Accepted | wire::Outcome::Duplicate) if log == sync.journal.identity().log.0 => {
                accepted.push((record_id, LeafIndex(index)));
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
    if !accepted.is_empty() {
        sync.journal.mark_accepted(&accepted).await?;
    }
    let Some((record_id, code, args)) = rejected else { return Ok(()) };
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
