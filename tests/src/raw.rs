//! A hand-made client with a node's identity, which keeps every message that it receives.
//!
//! It shows what the hub really sends, before any node could drop a byte: messages are kept as they come out of HTTP/2,
//! unknown fields included, and blocks are unpacked beside them. In scope: dialling with an identity, the calls of the sync
//! service. Out of scope: verifying what comes (`multaqa_proto::sync::intake`, and the nodes themselves).

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::{Buf as _, Bytes};
use http::uri::PathAndQuery;
use hyper_util::rt::TokioIo;
use multaqa_certs::client::{Dialer, Limits};
use multaqa_certs::store::{self, TlsIdentity};
use multaqa_proto::record::Received;
use multaqa_proto::wire::hub::tail_response::Event as TailEvent;
use multaqa_proto::wire::hub::{
    Answer, Block, CatchUpRequest, CatchUpResponse, Frame, HelloRequest, HelloResponse, Position, ProofRequest,
    ProofResponse, RenewRequest, RenewResponse, SubmitRequest, SubmitResponse, TailRequest, TailResponse,
    catch_up_response::Event as CatchUpEvent,
};
use multaqa_runtime::clock::Clock;
use prost::Message;
use tokio::runtime::Runtime;
use tokio_stream::StreamExt as _;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_prost::ProstEncoder;

use crate::SOON;
use crate::files::holds;

/// Largest unpacked block that is looked at, bytes.
const UNPACKED_MAX: usize = 64 << 20;

/// The client.
pub struct RawClient {
    runtime: Runtime,
    channel: Channel,
    kept: Kept,
}

/// Everything received, in order.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Bytes>>>);

/// A dialler with the identity in a file, for the hub of this root.
#[must_use]
pub fn dialer(identity: &Path, root: &Path) -> Dialer {
    let identity = TlsIdentity::load(identity).unwrap();
    let root = store::load_chain(root).unwrap().remove(0);
    let clock = Clock::system();
    let seconds = Arc::new(move || u64::try_from(clock.now_ms() / 1000).unwrap_or_default());
    Dialer::new(&identity, &root, None, seconds, Limits::default()).unwrap()
}

impl RawClient {
    /// Connects to the hub.
    #[must_use]
    pub fn connect(hub: SocketAddr, dialer: &Dialer) -> Self {
        Self::try_connect(hub, dialer).unwrap()
    }

    /// Connects to the hub, where it answers.
    ///
    /// # Errors
    /// Where it does not.
    pub fn try_connect(hub: SocketAddr, dialer: &Dialer) -> Result<Self, tonic::transport::Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let dialer = dialer.clone();
        let connector = tower::service_fn(move |_: http::Uri| {
            let dialer = dialer.clone();
            async move { dialer.dial(&hub.ip().to_string(), hub.port()).await.map(TokioIo::new) }
        });
        let endpoint = Endpoint::from_static("http://hub").timeout(SOON);
        let channel = runtime.block_on(endpoint.connect_with_connector(connector))?;
        Ok(Self { runtime, channel, kept: Kept::default() })
    }

    /// `Hello` of a node that has nothing so far.
    ///
    /// # Errors
    /// What the hub answers.
    pub fn hello(&self) -> Result<HelloResponse, Status> {
        let request = HelloRequest {
            versions: vec![1],
            instance: vec![7; 16],
            incarnation: 1_000_000,
            run: vec![7; 16],
            cursor: Some(Position { log: 1, size: 0, root: Vec::new() }),
            ..HelloRequest::default()
        };
        let path = PathAndQuery::from_static("/multaqa.hub.v1.SyncService/Hello");
        self.runtime.block_on(async {
            let mut grpc = tonic::client::Grpc::new(self.channel.clone());
            grpc.ready().await.map_err(|e| Status::new(Code::Unavailable, e.to_string()))?;
            Ok(grpc.unary(Request::new(request), path, self.codec()).await?.into_inner())
        })
    }

    /// `Proof`.
    ///
    /// # Errors
    /// What the hub answers.
    pub fn proof(&self, request: ProofRequest) -> Result<ProofResponse, Status> {
        let path = PathAndQuery::from_static("/multaqa.hub.v1.SyncService/Proof");
        self.runtime.block_on(async {
            let mut grpc = tonic::client::Grpc::new(self.channel.clone());
            grpc.ready().await.map_err(|e| Status::new(Code::Unavailable, e.to_string()))?;
            Ok(grpc.unary(Request::new(request), path, self.codec()).await?.into_inner())
        })
    }

    /// `Renew` of the certificate.
    ///
    /// # Errors
    /// What the hub answers.
    pub fn renew(&self, request: RenewRequest) -> Result<RenewResponse, Status> {
        let path = PathAndQuery::from_static("/multaqa.hub.v1.EnrolService/Renew");
        self.runtime.block_on(async {
            let mut grpc = tonic::client::Grpc::new(self.channel.clone());
            grpc.ready().await.map_err(|e| Status::new(Code::Unavailable, e.to_string()))?;
            Ok(grpc.unary(Request::new(request), path, self.codec()).await?.into_inner())
        })
    }

    /// `CatchUp` over a whole range; its frames.
    ///
    /// # Errors
    /// What the hub answers.
    pub fn catch_up(&self, from: u64, to: u64, newly_readable_since: Option<u64>) -> Result<Vec<Frame>, Status> {
        let request = CatchUpRequest { log: 1, from, to, newly_readable_since, ..CatchUpRequest::default() };
        let path = PathAndQuery::from_static("/multaqa.hub.v1.SyncService/CatchUp");
        let answers: Vec<CatchUpResponse> = self.stream(request, path, |_| false)?;
        let frame = |answer: CatchUpResponse| match answer.event {
            Some(CatchUpEvent::Frame(frame)) => Some(frame),
            Some(CatchUpEvent::Fill(_) | CatchUpEvent::Start(_)) | None => None,
        };
        Ok(answers.into_iter().filter_map(frame).collect())
    }

    /// `Tail` from an index until the log's size is reached.
    ///
    /// # Errors
    /// What the hub answers.
    pub fn tail(&self, from: u64, size: u64) -> Result<Vec<Frame>, Status> {
        let path = PathAndQuery::from_static("/multaqa.hub.v1.SyncService/Tail");
        let frame_of = |answer: &TailResponse| match &answer.event {
            Some(TailEvent::Frame(frame)) => Some(frame.clone()),
            Some(TailEvent::Heartbeat(_) | TailEvent::Cosigned(_)) | None => None,
        };
        let last = |answer: &TailResponse| frame_of(answer).is_some_and(|frame| frame.first + frame.count >= size);
        let answers: Vec<TailResponse> = self.stream(TailRequest { log: 1, from }, path, last)?;
        Ok(answers.iter().filter_map(frame_of).collect())
    }

    /// `Submit`: one request for each list of records; all answers, in order.
    ///
    /// # Errors
    /// What the hub answers where it ends the stream.
    pub fn submit(&self, requests: Vec<Vec<Received>>) -> Result<Vec<Answer>, Status> {
        let mut answers = Vec::new();
        self.submit_into(requests, &mut answers)?;
        Ok(answers)
    }

    /// The same; the answers that came before the hub ended the stream are there too.
    ///
    /// # Errors
    /// What the hub answers where it ends the stream.
    pub fn submit_into(&self, requests: Vec<Vec<Received>>, answers: &mut Vec<Answer>) -> Result<(), Status> {
        let path = PathAndQuery::from_static("/multaqa.hub.v1.SyncService/Submit");
        let request = |records: Vec<Received>| SubmitRequest { records: records.into_iter().map(Into::into).collect() };
        let requests: Vec<SubmitRequest> = requests.into_iter().map(request).collect();
        self.runtime.block_on(async {
            let mut grpc = tonic::client::Grpc::new(self.channel.clone());
            grpc.ready().await.map_err(|e| Status::new(Code::Unavailable, e.to_string()))?;
            let codec = self.codec::<SubmitRequest, SubmitResponse>();
            let mut stream =
                grpc.streaming(Request::new(tokio_stream::iter(requests)), path, codec).await?.into_inner();
            while let Some(answer) = stream.next().await {
                answers.extend(answer?.answers);
            }
            Ok(())
        })
    }

    /// Whether any message received, or any block in one, holds the marker.
    #[must_use]
    pub fn has_received(&self, marker: &str) -> bool {
        let messages = self.kept.0.lock().unwrap();
        messages.iter().any(|message| holds(message, marker))
            || messages.iter().flat_map(blocks).any(|block| holds(&unpacked(&block), marker))
    }

    /// Messages received so far.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.kept.0.lock().unwrap().len()
    }

    fn stream<Req, Res>(
        &self,
        request: Req,
        path: PathAndQuery,
        last: impl Fn(&Res) -> bool,
    ) -> Result<Vec<Res>, Status>
    where
        Req: Message + Send + Sync + 'static,
        Res: Message + Default + Send + Sync + 'static,
    {
        self.runtime.block_on(async {
            let mut grpc = tonic::client::Grpc::new(self.channel.clone());
            grpc.ready().await.map_err(|e| Status::new(Code::Unavailable, e.to_string()))?;
            let mut stream =
                grpc.server_streaming(Request::new(request), path, self.codec::<Req, Res>()).await?.into_inner();
            let mut answers = Vec::new();
            while let Some(answer) = stream.next().await {
                let answer = answer?;
                let end = last(&answer);
                answers.push(answer);
                if end {
                    break;
                }
            }
            Ok(answers)
        })
    }

    fn codec<Req, Res>(&self) -> Keeping<Req, Res> {
        Keeping { kept: self.kept.clone(), types: std::marker::PhantomData }
    }
}

/// A protobuf codec that keeps each message's bytes before it decodes them.
struct Keeping<Req, Res> {
    kept: Kept,
    types: std::marker::PhantomData<fn(Req) -> Res>,
}

struct KeepingDecoder<Res> {
    kept: Kept,
    types: std::marker::PhantomData<fn() -> Res>,
}

impl<Req, Res> Codec for Keeping<Req, Res>
where
    Req: Message + Send + 'static,
    Res: Message + Default + Send + 'static,
{
    type Encode = Req;
    type Decode = Res;
    type Encoder = ProstEncoder<Req>;
    type Decoder = KeepingDecoder<Res>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        KeepingDecoder { kept: self.kept.clone(), types: std::marker::PhantomData }
    }
}

impl<Res: Message + Default> Decoder for KeepingDecoder<Res> {
    type Item = Res;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<Res>, Status> {
        let message = source.copy_to_bytes(source.remaining());
        self.kept.0.lock().unwrap().push(message.clone());
        Res::decode(message).map(Some).map_err(|e| Status::internal(e.to_string()))
    }
}

/// The blocks of a message: the same field numbers hold them in `TailResponse` and `CatchUpResponse`.
fn blocks(message: &Bytes) -> Vec<Block> {
    let tail = TailResponse::decode(message.clone()).ok().and_then(|answer| match answer.event {
        Some(TailEvent::Frame(frame)) => Some(frame.blocks),
        Some(TailEvent::Heartbeat(_) | TailEvent::Cosigned(_)) | None => None,
    });
    let catch_up = CatchUpResponse::decode(message.clone()).ok().and_then(|answer| match answer.event {
        Some(CatchUpEvent::Frame(frame)) => Some(frame.blocks),
        Some(CatchUpEvent::Fill(fill)) => Some(fill.blocks),
        Some(CatchUpEvent::Start(_)) | None => None,
    });
    tail.into_iter().chain(catch_up).flatten().collect()
}

/// A block as bytes; what does not unpack holds nothing that a reader could read.
fn unpacked(block: &Block) -> Vec<u8> {
    let size = usize::try_from(block.unpacked_bytes).unwrap_or(usize::MAX).min(UNPACKED_MAX);
    zstd::bulk::decompress(&block.data, size).unwrap_or_default()
}
