//! What every request of a system passes before any service: whose it is at this moment, how many it has, how long it takes.
//!
//! In scope: looking the system up anew for each request, its concurrency and time, and making errors what programs and people
//! can use: the reason, a text in the language asked for, the next step, when to try again. Out of scope: what it may do with the
//! service (each endpoint asks `caller`), sizes of messages (`port`).

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt as _;
use multaqa_certs::server::Peer;
use multaqa_proto::text::Lang;
use tokio::sync::OwnedSemaphorePermit;
use tonic::Status;

use super::grpc::error;
use super::refusal::Refusal;
use crate::clients::Clients;
use crate::clients::authorise::Caller;
use crate::code;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    pub(super) clients: Clients,
    /// Longest time for a request, up to the beginning of its answer.
    pub(super) within: Duration,
}

/// Passes a request on, or answers why not.
pub(super) async fn pass(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let lang = language(request.headers());
    let answer = match gate.enter(&request) {
        Ok((caller, permit)) => {
            request.extensions_mut().insert(caller);
            match tokio::time::timeout(gate.within, next.run(request)).await {
                Ok(response) => hold(response, permit),
                Err(_) => {
                    refused(Refusal::new(code::REQUEST_TOO_SLOW, [("seconds", gate.within.as_secs().to_string())]))
                }
            }
        }
        Err(refusal) => refused(refusal),
    };
    told(answer, lang)
}

impl Gate {
    fn enter(&self, request: &Request) -> Result<(Caller, OwnedSemaphorePermit), Refusal> {
        let nobody = || Refusal::new(code::CLIENT_UNKNOWN, [("name", "?".to_owned())]);
        let peer = request.extensions().get::<Peer>().ok_or_else(nobody)?;
        let (client, permit) = self.clients.enter(peer)?;
        Ok((Caller::System(client), permit))
    }
}

fn refused(refusal: Refusal) -> Response {
    Status::from(refusal).into_http()
}

/// The permit is given back when the last byte of the answer is sent, or the request is given up.
fn hold(response: Response, permit: OwnedSemaphorePermit) -> Response {
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _held = &permit;
            frame
        }))
    })
}

/// An error of whatever layer as a system is told it.
fn told(response: Response, lang: Lang) -> Response {
    let Some(status) = Status::from_header_map(response.headers()).filter(|status| status.code() != tonic::Code::Ok)
    else {
        return response;
    };
    error::for_system(&status, lang).into_http()
}

/// The first language of `accept-language` that is one of ours (RFC 9110, section 12.5.4, without weights: order is enough).
fn language(headers: &HeaderMap) -> Lang {
    let asked = headers.get("accept-language").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut tags = asked.split(',').take(16).map(|tag| tag.split([';', '-']).next().unwrap_or_default().trim());
    tags.find_map(|tag| tag.to_ascii_lowercase().parse().ok()).unwrap_or(Lang::En)
}

#[cfg(test)]
mod tests;
