//! What every request of a system passes before any service: whose it is at this moment, how many it has, how long it takes.
//!
//! In scope: looking the system up anew for each request, its concurrency and time, and making errors what programs and people
//! can use: the reason, a text in the language asked for, the next step, when to try again. A request over gRPC is refused with a
//! status, one over HTTP with a problem. Out of scope: what it may do with the
//! service (each endpoint asks `caller`), sizes of messages (`port`).

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Body as HttpBody, Frame, SizeHint};
use multaqa_certs::server::Peer;
use multaqa_proto::text::Lang;
use tokio::sync::OwnedSemaphorePermit;
use tonic::Status;

use super::grpc::error;
use super::rest::{negotiate, problem};
use crate::api::refusal::Refusal;
use crate::clients::Clients;
use crate::clients::authorise::Caller;
use crate::code;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    pub(super) clients: Clients,
    /// Longest time for a request, up to the beginning of its answer.
    pub(super) within: Duration,
    pub(super) speaks: Speaks,
}

/// The caller of a request: whom the listener named, the socket's own (`local`) or the system that passed the gate.
///
/// # Errors
/// `CLIENT_UNKNOWN` where no listener said who it is.
pub(super) fn caller(extensions: &Extensions) -> Result<Caller, Refusal> {
    extensions.get::<Caller>().cloned().ok_or_else(nobody)
}

fn nobody() -> Refusal {
    Refusal::new(code::CLIENT_UNKNOWN, [("name", "?".to_owned())])
}

/// What is spoken behind the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaks {
    Grpc,
    Rest,
}

/// Passes a request on, or answers why not.
pub(super) async fn pass(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let (lang, path) = (negotiate::language(request.headers()), request.uri().path().to_owned());
    let passed = match gate.enter(&request) {
        Ok((caller, permit)) => {
            request.extensions_mut().insert(caller);
            let slow = |_| Refusal::new(code::REQUEST_TOO_SLOW, [("seconds", gate.within.as_secs().to_string())]);
            let answered = tokio::time::timeout(gate.within, next.run(request)).await.map_err(slow);
            answered.map(|response| hold(response, permit))
        }
        Err(refusal) => Err(refusal),
    };
    match (passed, gate.speaks) {
        (Ok(response), Speaks::Rest) => response,
        (Ok(response), Speaks::Grpc) => told(response, lang),
        (Err(refusal), Speaks::Rest) => problem::response(&refusal, lang, &path, None),
        (Err(refusal), Speaks::Grpc) => told(Status::from(refusal).into_http(), lang),
    }
}

impl Gate {
    fn enter(&self, request: &Request) -> Result<(Caller, OwnedSemaphorePermit), Refusal> {
        let peer = request.extensions().get::<Peer>().ok_or_else(nobody)?;
        let (client, permit) = self.clients.enter(peer)?;
        Ok((Caller::System(client), permit))
    }
}

/// The permit is given back when the last byte of the answer is sent, or the request is given up.
fn hold(response: Response, permit: OwnedSemaphorePermit) -> Response {
    response.map(|body| held(body, permit))
}

/// A body that holds a permit until its last byte is sent, or it is given up.
pub(super) fn held(body: Body, permit: OwnedSemaphorePermit) -> Body {
    Body::new(Held { body, _permit: permit })
}

/// A body that holds a permit, as long as it was.
struct Held {
    body: Body,
    _permit: OwnedSemaphorePermit,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An error of whatever layer as a system is told it.
fn told(response: Response, lang: Lang) -> Response {
    let Some(status) = Status::from_header_map(response.headers()).filter(|status| status.code() != tonic::Code::Ok)
    else {
        return response;
    };
    error::for_system(&status, lang).into_http()
}

#[cfg(test)]
mod tests;
