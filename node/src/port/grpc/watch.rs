//! `WatchService` over events that are encoded already: once for all who watch the same (`api::watch`).
//!
//! The service that is made from the schema takes messages, and encodes each anew for each stream. This one takes their bytes; what it
//! sends is the same. In scope: that, for the one method. Out of scope: events, who may watch (`api::watch`).

use std::convert::Infallible;
use std::task::{Context, Poll};

use bytes::{BufMut as _, Bytes};
use multaqa_proto::wire::node::watch_service_server::SERVICE_NAME;
use multaqa_proto::wire::node::{WatchRequest, WatchResponse};
use prost::Message as _;
use tokio_stream::StreamExt as _;
use tonic::body::Body;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::{BoxFuture, BoxStream, Service, http};
use tonic::metadata::MetadataMap;
use tonic::server::{Grpc, NamedService, ServerStreamingService};
use tonic::{Request, Response, Status};

use super::super::rest::negotiate;
use super::super::{fresh, gate};
use super::error;
use crate::api::Api;
use crate::api::refusal::Refusal;
use crate::api::watch::Telling;
use crate::clients::authorise::Caller;

/// Where the method is.
const PATH: &str = "/multaqa.node.v1.WatchService/Watch";
/// What a stream begins with as its buffer, bytes: of thousands of streams most are quiet.
const BUFFER: usize = 1024;
/// Bytes of events after which they are sent, though more are ready.
const YIELD: usize = 32 * 1024;

/// See the module.
#[derive(Clone)]
pub(in crate::port) struct WatchServer {
    api: Api,
    /// Largest request, bytes.
    request_max: usize,
}

impl WatchServer {
    pub(in crate::port) fn new(api: Api, request_max: usize) -> Self {
        Self { api, request_max }
    }
}

impl NamedService for WatchServer {
    const NAME: &'static str = SERVICE_NAME;
}

impl Service<http::Request<Body>> for WatchServer {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let Self { api, request_max } = self.clone();
        Box::pin(async move {
            if request.uri().path() != PATH {
                return Ok(Status::unimplemented("").into_http());
            }
            let mut grpc = Grpc::new(Encoded).apply_max_message_size_config(Some(request_max), None);
            Ok(grpc.server_streaming(Watch(api), request).await)
        })
    }
}

struct Watch(Api);

impl ServerStreamingService<WatchRequest> for Watch {
    type Response = Bytes;
    type ResponseStream = BoxStream<Bytes>;
    type Future = BoxFuture<Response<Self::ResponseStream>, Status>;

    fn call(&mut self, request: Request<WatchRequest>) -> Self::Future {
        let Self(api) = self;
        let api = api.clone();
        Box::pin(async move {
            let caller = gate::caller(request.extensions())?;
            let lang = negotiate::language(request.metadata().as_ref());
            let events = api.watch(&caller, request.into_inner(), form()).await?;
            // The end of a stream does not pass the gate any more, which tells a system more than a program of this machine.
            let told = move |refusal: Refusal| {
                let mut status = match caller {
                    Caller::Local => Status::from(refusal),
                    Caller::System(_) => error::for_system(&refusal.into(), lang),
                };
                let mut headers = http::HeaderMap::new();
                fresh::say(&mut headers, &api.freshness());
                *status.metadata_mut() = MetadataMap::from_headers(headers);
                status
            };
            let events: Self::ResponseStream = Box::pin(events.map(move |event| event.map_err(&told)));
            Ok(Response::new(events))
        })
    }
}

/// Events as messages.
pub(crate) fn form() -> Telling {
    Telling::new("message", |event: &WatchResponse| Ok(event.encode_to_vec().into()))
}

/// Requests are decoded; what is sent is encoded already.
struct Encoded;

impl Codec for Encoded {
    type Encode = Bytes;
    type Decode = WatchRequest;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Encoded {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, event: Bytes, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.reserve(event.len());
        out.put_slice(&event);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(BUFFER, YIELD)
    }
}

impl Decoder for Encoded {
    type Item = WatchRequest;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<WatchRequest>, Status> {
        WatchRequest::decode(bytes).map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
