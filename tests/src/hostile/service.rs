//! What the hostile hub answers: the log's own calls, as an honest hub would but for the deed.
//!
//! A member is shown one branch, made when its node greets first and kept, whatever it asks later. Every greeting and every
//! cosignature is written down. Records are answered by deeds that are about them alone. Refused: all that no deed needs.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::server::Peer;
use multaqa_proto::hash::record_id;
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::sync::FRAME_MAX;
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::catch_up_response::Event as Past;
use multaqa_proto::wire::hub::sync_service_server::SyncService;
use multaqa_proto::wire::hub::tail_response::Event;
use multaqa_proto::wire::record::SignedRecord;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::lifecycle::Shutdown;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::act::Answer;
use super::deed::Deed;
use super::history::{Branch, History};
use super::start::start;
use super::{Call, CallName};

/// Pause between heartbeats.
const HEARTBEAT: Duration = Duration::from_millis(250);

/// Heartbeats of a stream that ends after a while.
const BEFORE_CUT: u32 = 12;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Hostile(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    history: History,
    deeds: BTreeMap<MemberCode, Deed>,
    shown: Mutex<BTreeMap<MemberCode, Arc<Branch>>>,
    /// Cosigned ends of the two branches; told once there is one of each.
    branches: watch::Sender<BTreeMap<MemberCode, String>>,
    calls: Mutex<File>,
    clock: Clock,
    shutdown: Shutdown,
}

impl Hostile {
    pub(super) fn new(history: History, deeds: BTreeMap<MemberCode, Deed>, calls: File, shutdown: Shutdown) -> Self {
        let (shown, branches, calls) = (Mutex::default(), watch::Sender::default(), Mutex::new(calls));
        Self(Arc::new(Inner { history, deeds, shown, branches, calls, clock: Clock::system(), shutdown }))
    }
}

impl Inner {
    fn deed(&self, member: &MemberCode) -> Deed {
        self.deeds.get(member).copied().unwrap_or(Deed::Honest)
    }

    fn note(&self, member: &MemberCode, call: CallName, size: u64) {
        let line = serde_json::to_string(&Call { member: member.to_string(), call, size }).unwrap();
        // One write a line: a story reads the file meanwhile.
        self.calls.lock().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// What this member is shown; its node holds so many entries at first.
    fn branch(&self, member: &MemberCode, held: u64) -> Arc<Branch> {
        let make = || Arc::new(self.deed(member).branch(&self.history, usize::try_from(held).unwrap()));
        Arc::clone(self.shown.lock().unwrap().entry(member.clone()).or_insert_with(make))
    }

    /// A stream that is open, and without an answer until the end.
    fn silent<T>(&self) -> Answers<T> {
        let shutdown = self.shutdown.clone();
        let end = async move {
            shutdown.draining().await;
            Err(Status::unavailable("the process ends"))
        };
        Box::pin(futures::stream::once(end))
    }

    fn heartbeat(&self, branch: &Branch) -> wire::Heartbeat {
        let (hub_time_ms, checkpoint) = (self.clock.now_ms() + branch.ahead_ms, branch.end(&self.history));
        wire::Heartbeat { hub_time_ms, checkpoint, frozen: branch.frozen.to_owned(), ..wire::Heartbeat::default() }
    }

    /// Sends until the node goes away or the process ends.
    async fn tail(&self, member: &MemberCode, from: u64, to: mpsc::Sender<Result<wire::TailResponse, Status>>) {
        let branch = self.branch(member, from);
        let frame = self.history.frame(&branch, usize::try_from(from).unwrap(), member);
        let cosigned = wire::Cosigned { checkpoints: branch.cosigned.clone() };
        let first = (!branch.cosigned.is_empty()).then_some(Event::Cosigned(cosigned));
        for event in first.into_iter().chain(frame.map(Event::Frame)) {
            if !say(&to, event).await {
                return;
            }
        }
        let (mut branches, mut beat) = (self.branches.subscribe(), tokio::time::interval(HEARTBEAT));
        if self.deed(member).is_branch() {
            branches.mark_changed();
        }
        for said in 0_u32.. {
            if branch.cut && said > BEFORE_CUT {
                return;
            }
            let event = tokio::select! {
                () = self.shutdown.draining() => return,
                () = to.closed() => return,
                _ = beat.tick() => Event::Heartbeat(self.heartbeat(&branch)),
                changed = branches.changed(), if self.deed(member).is_branch() => {
                    changed.unwrap();
                    let checkpoints: Vec<String> = branches.borrow_and_update().values().cloned().collect();
                    if checkpoints.len() < 2 {
                        continue;
                    }
                    Event::Cosigned(wire::Cosigned { checkpoints })
                }
            };
            if !say(&to, event).await {
                return;
            }
        }
    }
}

async fn say(to: &mpsc::Sender<Result<wire::TailResponse, Status>>, event: Event) -> bool {
    to.send(Ok(wire::TailResponse { event: Some(event) })).await.is_ok()
}

fn node<T>(request: &Request<T>) -> Writer {
    let peer = &request.extensions().get::<Peer>().unwrap().identity;
    let PeerIdentity::Node(member, node) = peer else { panic!("{peer} calls a hostile hub") };
    Writer::Node(member.clone(), node.clone())
}

fn member<T>(request: &Request<T>) -> MemberCode {
    node(request).member().unwrap().clone()
}

/// The same answer to every record.
fn answered(asked: &wire::SubmitRequest, answer: &Answer) -> wire::SubmitResponse {
    let Answer { outcome, index, checkpoint } = answer;
    let one = |record: &SignedRecord| wire::Answer {
        outcome: (*outcome).into(),
        record_id: record_id(&record.statement).to_vec(),
        index: *index,
        log: 1,
        ..wire::Answer::default()
    };
    wire::SubmitResponse { answers: asked.records.iter().map(one).collect(), checkpoint: checkpoint.clone() }
}

/// The size that a checkpoint's text names.
fn size_of(note: &str) -> u64 {
    note.lines().nth(1).unwrap().parse().unwrap()
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl SyncService for Hostile {
    type SubmitStream = Answers<wire::SubmitResponse>;
    type TailStream = ReceiverStream<Result<wire::TailResponse, Status>>;
    type CatchUpStream = Answers<wire::CatchUpResponse>;
    type RefillStream = Answers<wire::RefillResponse>;

    async fn hello(&self, request: Request<wire::HelloRequest>) -> Result<Response<wire::HelloResponse>, Status> {
        let (hub, member, node) = (&self.0, member(&request), node(&request));
        let held = request.into_inner().cursor.map_or(0, |cursor| cursor.size);
        hub.note(&member, CallName::Hello, held);
        let limits = wire::Limits {
            frame_bytes: FRAME_MAX as u64,
            content_bytes: FRAME_MAX as u64,
            records_in_flight: 1,
            // What a node waits for at most; they come oftener.
            heartbeat_ms: 10_000,
        };
        let branch = hub.branch(&member, held);
        if let Some(code) = branch.refuses {
            let details = ErrorDetails::with_error_info(code, "multaqa", HashMap::new());
            return Err(Status::with_error_details(Code::Unavailable, code, details));
        }
        let newest = hub.history.state().chains().head(&node);
        Ok(Response::new(wire::HelloResponse {
            version: 1,
            hub_time_ms: hub.clock.now_ms() + branch.ahead_ms,
            checkpoint: branch.greeting(&hub.history),
            limits: Some(limits),
            frozen: branch.frozen.to_owned(),
            epoch: newest.map_or(0, |newest| newest.epoch.0),
            seq: newest.map_or(0, |newest| newest.seq.0),
            wanted: branch.wanted,
            succession: branch.succession.to_vec(),
            ..wire::HelloResponse::default()
        }))
    }

    async fn tail(&self, request: Request<wire::TailRequest>) -> Result<Response<Self::TailStream>, Status> {
        let (hub, member) = (Arc::clone(&self.0), member(&request));
        let (to, events) = mpsc::channel(1);
        let from = request.into_inner().from;
        tokio::spawn(async move { hub.tail(&member, from, to).await });
        Ok(Response::new(ReceiverStream::new(events)))
    }

    async fn catch_up(&self, request: Request<wire::CatchUpRequest>) -> Result<Response<Self::CatchUpStream>, Status> {
        let (hub, member) = (&self.0, member(&request));
        let wire::CatchUpRequest { from, newly_readable_since, by_runs, .. } = request.into_inner();
        let deed = hub.deed(&member);
        if by_runs && deed.starts() {
            let (offer, frame) = start(deed, &hub.history, &member);
            let events = [Past::Start(offer), Past::Frame(frame)];
            let events = events.map(|event| Ok(wire::CatchUpResponse { event: Some(event) }));
            return Ok(Response::new(Box::pin(futures::stream::iter(events))));
        }
        let branch = hub.branch(&member, from);
        // Nothing became readable; a range is one frame.
        let frame = newly_readable_since.is_none().then(|| usize::try_from(from).unwrap());
        let frame = frame.and_then(|from| hub.history.frame(&branch, from, &member));
        let events = frame.map(|frame| Ok(wire::CatchUpResponse { event: Some(Past::Frame(frame)) }));
        Ok(Response::new(Box::pin(futures::stream::iter(events))))
    }

    async fn cosign(&self, request: Request<wire::CosignRequest>) -> Result<Response<wire::CosignResponse>, Status> {
        let (hub, member) = (&self.0, member(&request));
        let checkpoint = request.into_inner().checkpoint;
        let size = size_of(&checkpoint);
        hub.note(&member, CallName::Cosign, size);
        let end = hub.shown.lock().unwrap().get(&member).map(|branch| branch.entries.len() as u64);
        if hub.deed(&member).is_branch() && end == Some(size) {
            hub.branches.send_modify(|branches| drop(branches.insert(member, checkpoint)));
        }
        Ok(Response::new(wire::CosignResponse {}))
    }

    async fn submit(
        &self,
        request: Request<Streaming<wire::SubmitRequest>>,
    ) -> Result<Response<Self::SubmitStream>, Status> {
        let (hub, member) = (Arc::clone(&self.0), member(&request));
        let shown = hub.shown.lock().unwrap().get(&member).cloned();
        if let Some(answer) = shown.and_then(|branch| hub.deed(&member).answer(&hub.history, &branch)) {
            let answers = request.into_inner().map(move |asked| asked.map(|asked| answered(&asked, &answer)));
            return Ok(Response::new(Box::pin(answers)));
        }
        Ok(Response::new(hub.silent()))
    }

    async fn proof(&self, _request: Request<wire::ProofRequest>) -> Result<Response<wire::ProofResponse>, Status> {
        Err(Status::unimplemented("no deed needs it"))
    }

    async fn refill(
        &self,
        _request: Request<Streaming<wire::RefillRequest>>,
    ) -> Result<Response<Self::RefillStream>, Status> {
        Ok(Response::new(self.0.silent()))
    }
}
