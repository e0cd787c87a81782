//! `SyncService.Submit`: records in, one answer a record out, in their order.
//!
//! In scope: the stream, its bound, whose records they may be. Out of scope: every other rule (`log`).
//!
//! Records of one request are one batch. Requests are pipelined: the next is read while earlier ones wait for their commit,
//! as long as the records without an answer stay within the bound; beyond it reading stops, and HTTP/2 holds the peer back.
//! Each batch is handed to the log before the next is read, so the log sees them in the order of the stream.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;

use futures::{Stream, StreamExt as _};
use multaqa_proto::id::Writer;
use multaqa_proto::number::LogNumber;
use multaqa_proto::record::Received;
use multaqa_proto::record::statement::Statement;
use multaqa_proto::wire::hub as wire;
use tonic::{Code, Status, Streaming};

use super::{Hub, Refusal};
use crate::log::{Answer, LogError, Outcome};
use crate::point;
use crate::registry::{Caller, StreamSlot};
use crate::store::StoreError;

/// Why a stream of records is ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SubmitError {
    /// A record names another writer than the connection's.
    WriterNotPeer { writer: Writer, peer: Writer },
    /// One request holds more records than may be unanswered.
    BatchTooLarge { found: usize, max: usize },
    /// The node greeted with an incarnation that was used before: what it would submit may contradict what it submitted.
    Regressed { node: Writer, known: u64 },
}

impl From<SubmitError> for Refusal {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::WriterNotPeer { writer, peer } => {
                tracing::error!(%writer, %peer, "WRITER_NOT_PEER: a peer submitted a record of another writer");
                metrics::counter!(crate::metrics::WRITER_NOT_PEER).increment(1);
                let args = vec![("writer", writer.to_string()), ("peer", peer.to_string())];
                Self::new(Code::PermissionDenied, "WRITER_NOT_PEER", args)
            }
            SubmitError::Regressed { node, known } => {
                let args = vec![("node", node.to_string()), ("known", known.to_string())];
                Self::new(Code::FailedPrecondition, "NODE_REGRESSED", args)
            }
            SubmitError::BatchTooLarge { found, max } => {
                let args = vec![("found", found.to_string()), ("max", max.to_string())];
                Self::new(Code::ResourceExhausted, "BATCH_TOO_LARGE", args)
            }
        }
    }
}

type Pending = Pin<Box<dyn Future<Output = Result<Vec<Answer>, LogError>> + Send>>;

/// A batch that waits for its commit.
struct Batch {
    records: usize,
    answers: Pending,
}

struct Session {
    hub: Arc<Hub>,
    /// Held so that the peer counts as connected while the stream is open.
    _caller: Caller,
    _slot: StreamSlot,
    peer: Writer,
    requests: Streaming<wire::SubmitRequest>,
    waiting: VecDeque<Batch>,
    unanswered: usize,
    read_to_end: bool,
    /// The refusal that ends the stream once what came before is answered.
    last: Option<Status>,
}

/// Opens a stream of records; its answers.
pub(super) fn open(
    hub: &Arc<Hub>,
    caller: Caller,
    peer: Writer,
    requests: Streaming<wire::SubmitRequest>,
) -> Result<impl Stream<Item = Result<wire::SubmitResponse, Status>> + Send + use<>, Refusal> {
    if let Some(known) = hub.registry.regressed(&peer) {
        return Err(SubmitError::Regressed { node: peer, known }.into());
    }
    let slot = hub.stream_slot(&peer)?;
    let session = Session {
        hub: Arc::clone(hub),
        _caller: caller,
        _slot: slot,
        peer,
        requests,
        waiting: VecDeque::new(),
        unanswered: 0,
        read_to_end: false,
        last: None,
    };
    Ok(futures::stream::unfold(session, |mut session| async move {
        let next = session.next().await?;
        if next.is_err() {
            session.end();
        }
        Some((next, session))
    }))
}

impl Session {
    /// The next answers; none at the end of the stream.
    async fn next(&mut self) -> Option<Result<wire::SubmitResponse, Status>> {
        loop {
            let may_read = !self.read_to_end && self.unanswered < self.hub.records_in_flight;
            let request = {
                let shutdown = self.hub.shutdown.clone();
                let waiting = &mut self.waiting;
                tokio::select! {
                    biased;
                    answered = first(waiting), if !waiting.is_empty() => return Some(self.answered(answered)),
                    request = self.requests.next(), if may_read => request,
                    () = shutdown.draining(), if !self.read_to_end => Some(Err(Refusal::draining().into())),
                    else => return self.last.take().map(Err),
                }
            };
            match request {
                Some(Ok(request)) => match self.take(request).await {
                    Ok(()) => {}
                    Err(refusal) => self.stop_reading(Some(refusal.into())),
                },
                Some(Err(status)) => self.stop_reading(Some(status)),
                None => self.stop_reading(None),
            }
        }
    }

    /// Hands a request's records to the log.
    async fn take(&mut self, request: wire::SubmitRequest) -> Result<(), Refusal> {
        let wire::SubmitRequest { records } = request;
        let (found, max) = (records.len(), self.hub.records_in_flight);
        if found > max {
            return Err(SubmitError::BatchTooLarge { found, max }.into());
        }
        let records: Vec<Received> = records.into_iter().map(Received::from).collect();
        for record in &records {
            self.check_writer(record)?;
        }
        // Queued before the next request is read, so that the log sees them in the order of the stream.
        let answers = Box::pin(self.hub.log.queue(&self.peer, records).await?.wait());
        self.unanswered += found;
        self.waiting.push_back(Batch { records: found, answers });
        Ok(())
    }

    /// A record whose statement cannot be read is the log's to reject; one of another writer ends the stream.
    fn check_writer(&self, record: &Received) -> Result<(), Refusal> {
        match Statement::parse(&record.statement) {
            Ok(statement) if statement.writer != self.peer => {
                Err(SubmitError::WriterNotPeer { writer: statement.writer, peer: self.peer.clone() }.into())
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn answered(&mut self, answers: Result<Vec<Answer>, LogError>) -> Result<wire::SubmitResponse, Status> {
        let records = self.waiting.pop_front().map_or(0, |batch| batch.records);
        self.unanswered -= records;
        if matches!(self.peer, Writer::Node(..)) {
            self.hub.registry.heard(&self.peer, None);
        }
        let log = self.hub.log.state().log();
        let answers = answers.map_err(Refusal::from)?.into_iter().map(|answer| to_wire(answer, log));
        let answers = answers.collect::<Result<_, _>>().map_err(Refusal::from)?;
        // What is answered was published before.
        Ok(wire::SubmitResponse { answers, checkpoint: self.hub.log.checkpoint().to_string() })
    }

    fn stop_reading(&mut self, last: Option<Status>) {
        self.read_to_end = true;
        self.last = last;
    }

    /// After an error nothing more is answered.
    fn end(&mut self) {
        self.stop_reading(None);
        self.waiting.clear();
    }
}

/// The answers to the first batch that waits; the batch stays in its place.
async fn first(waiting: &mut VecDeque<Batch>) -> Result<Vec<Answer>, LogError> {
    match waiting.front_mut() {
        Some(batch) => (&mut batch.answers).await,
        None => Ok(Vec::new()),
    }
}

fn to_wire(answer: Answer, log: LogNumber) -> Result<wire::Answer, StoreError> {
    let Answer { record_id, outcome } = answer;
    let mut to = wire::Answer { record_id: record_id.to_vec(), log: log.0, ..wire::Answer::default() };
    match outcome {
        Outcome::Accepted(index) => {
            point::ANSWER_MADE.pass()?;
            to.set_outcome(wire::Outcome::Accepted);
            to.index = index.0;
        }
        Outcome::Duplicate(index) => {
            to.set_outcome(wire::Outcome::Duplicate);
            to.index = index.0;
        }
        Outcome::Rejected { code, args } => {
            to.set_outcome(wire::Outcome::Rejected);
            code.clone_into(&mut to.code);
            to.args = args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        }
    }
    Ok(to)
}
