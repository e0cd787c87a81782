//! REST: what systems ask over HTTP/1.1 and HTTP/2, answered by the same methods of `Api` as gRPC.
//!
//! A request goes through this frame: limits (`limits`), the gate (`api::gate`), its entry in the table (`route`), its parameters
//! (`call`), what it would have (`negotiate`); then a handler (`read`, `outbox`, `status` and those of other rooms) asks `Api` with
//! the messages of `multaqa.node.v1`. Names: bodies are in snake_case as record files are, by the rules of `json`, with the lists
//! of the schema's messages (`objects`, `revisions`, ...) and `next_page_token`; parameters of a query are in camelCase. Every
//! answer, refusals too, says how fresh it is in its headers (`fresh`) and nowhere else.
//!
//! Answers are `private, no-cache`: a cache asks by `If-None-Match` each time, since what a system may read can change with its
//! scopes. Refusals are problems (`problem`) in the language of `Accept-Language`. HEAD is GET without its body, OPTIONS says what
//! is allowed at a path. What cannot be read as HTTP at all, hyper answers without a body.
//!
//! Out of scope: deciding who may what (`api::caller`), what answers hold (`Api`), serving (`api::port`).

pub(crate) mod answer;
pub(crate) mod call;
mod docs;
mod download;
mod events;
mod files;
pub(crate) mod filter;
pub(crate) mod json;
pub(crate) mod limits;
mod listed;
pub(crate) mod negotiate;
mod openapi;
mod outbox;
pub(crate) mod problem;
mod read;
pub(in crate::port) mod render;
pub(crate) mod route;
mod sdmx;
mod search;
mod status;

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{Query, RawPathParams, Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, VARY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::routing::any;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tower_http::compression::CompressionLayer;

use self::call::{Call, Given};
use self::route::{Gives, Route, Verb, routes};
use super::fresh;
use super::gate::{self, Gate};
use crate::api::Api;
use crate::api::refusal::Refusal;
use crate::code;

/// What the frame needs. Clones share it.
#[derive(Clone)]
struct Rest {
    api: Api,
    /// Largest body that publishes, bytes.
    publish_max: usize,
    /// Longest time for a body to come: less than a request has, so that a slow one is told apart from a slow answer.
    body_within: Duration,
}

/// Everything that is served over HTTP and is not gRPC.
pub(super) fn router(api: Api, gate: Gate, publish_max: usize) -> Router {
    let rest = Rest { api, publish_max, body_within: gate.within / limits::BODY_PART };
    let paths: BTreeSet<&'static str> = routes().map(|route| route.path).collect();
    let mut router = Router::new();
    for path in paths {
        let entries = entries_at(path);
        let rest = rest.clone();
        let answer = move |path: Result<RawPathParams, RawPathParamsRejection>, request: Request| {
            let (rest, entries) = (rest.clone(), entries.clone());
            async move { rest.answer(&entries, path, request).await }
        };
        router = router.route(path, any(answer));
    }
    router
        .fallback(nothing)
        .layer(from_fn_with_state(gate, gate::pass))
        .layer(map_response(with_status))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(rest, frame))
}

/// An entry that answers at a path, and the parameters that the path itself says.
type Entry = (&'static Route, Vec<(&'static str, &'static str)>);

/// The entries that answer at a path: its own, and those of paths with parameters of which it is one, as `/v1/records` is a
/// `/v1/{collection}`.
fn entries_at(path: &'static str) -> Vec<Entry> {
    let mut entries: Vec<Entry> =
        routes().filter(|route| route.path == path).map(|route| (route, Vec::new())).collect();
    for route in routes().filter(|route| route.path != path) {
        let taken = entries.iter().any(|(known, _)| known.method == route.method);
        if let Some(said) = said_by(path, route.path).filter(|_| !taken) {
            entries.push((route, said));
        }
    }
    entries
}

/// The parameters of a template that a path says; none where it is not one of its paths.
fn said_by(path: &'static str, template: &'static str) -> Option<Vec<(&'static str, &'static str)>> {
    if path.split('/').count() != template.split('/').count() {
        return None;
    }
    let mut said = Vec::new();
    for (part, of) in path.split('/').zip(template.split('/')) {
        let name = of.strip_prefix('{').and_then(|of| of.strip_suffix('}'));
        match name {
            _ if part == of => {}
            Some("collection") if !call::is_collection(part) => return None,
            Some(name) if !part.starts_with('{') && !name.starts_with('*') => said.push((name, part)),
            Some(_) | None => return None,
        }
    }
    Some(said)
}

/// The status that an answer was given, before it was compressed.
#[derive(Clone)]
struct Own(StatusCode);

/// The layer that compresses gives what it cannot code as `Accept-Encoding` demands plainly, under the status 406 instead of its own,
/// also of what was done. Such a demand is passed over (RFC 9110, section 12.1), so `frame` puts the status back.
async fn with_status(mut response: Response<Body>) -> Response<Body> {
    let own = Own(response.status());
    response.extensions_mut().insert(own);
    response
}

/// What all answers have, and the limits that come before anything else.
async fn frame(State(rest): State<Rest>, mut request: Request, next: Next) -> Response<Body> {
    let (lang, head) = (negotiate::language(request.headers()), request.method() == Method::HEAD);
    if head {
        *request.method_mut() = Method::GET;
    }
    let mut response = match within_limits(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => problem::response(&refusal, lang, "", None),
    };
    if let Some(Own(status)) = response.extensions_mut().remove::<Own>() {
        *response.status_mut() = status;
    }
    let freshness = fresh::of(response.extensions_mut(), &rest.api);
    let headers = response.headers_mut();
    fresh::say(headers, &freshness);
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(VARY, HeaderValue::from_static("accept, accept-encoding, accept-language"));
    let coded = headers.get(CONTENT_ENCODING).zip(headers.get(ETAG)).and_then(|(coding, tag)| {
        answer::coded(tag.to_str().ok()?, coding.to_str().ok()?).and_then(|tag| HeaderValue::try_from(tag).ok())
    });
    if let Some(coded) = coded {
        headers.insert(ETAG, coded);
    }
    if head { without_body(response) } else { response }
}

fn within_limits(request: &Request) -> Result<(), Refusal> {
    let too_long = |code, max: usize| Err(Refusal::new(code, [("max", max.to_string())]));
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let fields: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if target > limits::TARGET_MAX {
        return too_long(code::TARGET_TOO_LONG, limits::TARGET_MAX);
    }
    if fields > limits::HEADERS_MAX {
        return too_long(code::HEADERS_TOO_LARGE, limits::HEADERS_MAX);
    }
    Ok(())
}

/// The same answer as to GET, without the body (RFC 9110, section 9.3.2).
fn without_body(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        parts.headers.entry(CONTENT_LENGTH).or_insert(length.into());
    }
    Response::from_parts(parts, Body::empty())
}

/// Where the table has nothing.
async fn nothing(request: Request) -> Response<Body> {
    let (path, lang) = (request.uri().path(), negotiate::language(request.headers()));
    problem::response(&call::no_route(path), lang, path, None)
}

impl Rest {
    async fn answer(
        self,
        entries: &[Entry],
        path: Result<RawPathParams, RawPathParamsRejection>,
        request: Request,
    ) -> Response<Body> {
        let (method, target) = (request.method().clone(), request.uri().path().to_owned());
        let lang = negotiate::language(request.headers());
        let entry = entries.iter().find(|(entry, _)| entry.method.as_str() == method.as_str());
        let Some((entry, said)) = entry else {
            return not_here(entries, &method, lang, &target);
        };
        let none_match = call::none_match(request.headers());
        let answered = match self.call(entry, said, lang, path, request).await {
            Ok(call) => (entry.handler)(call).await,
            Err(refusal) => Err(refusal),
        };
        match answered {
            Ok(answer) => answer.into_response(none_match.as_deref()),
            Err(refusal) => problem::response(&refusal, lang, &target, Some(entry)),
        }
    }

    /// Reads and checks a request.
    async fn call(
        self,
        route: &'static Route,
        said: &[(&str, &str)],
        lang: multaqa_proto::text::Lang,
        path: Result<RawPathParams, RawPathParamsRejection>,
        request: Request,
    ) -> Result<Call, Refusal> {
        let caller = gate::caller(request.extensions())?;
        let (parts, body) = request.into_parts();
        let path = path.map_err(|_| call::no_route(parts.uri.path()))?;
        let path = path.iter().chain(said.iter().copied());
        let path: Vec<_> = path.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let given = Given::check(route, &path, query_of(&parts.uri)?, &parts.headers)?;
        let answer = given_as(route, &given, &parts.headers)?;
        call::check_conditions(route.method, &parts.headers)?;
        let max = if route.takes.is_some_and(|takes| takes.publishes) { self.publish_max } else { limits::BODY_MAX };
        let slow = |_| Refusal::new(code::BODY_TOO_SLOW, [("seconds", self.body_within.as_secs().to_string())]);
        let body = tokio::time::timeout(self.body_within, read_body(body, max)).await.map_err(slow)??;
        let body = call::unmarked(body);
        call::check_body(route.takes.as_ref(), &parts.headers, &body)?;
        Ok(Call {
            api: self.api,
            caller,
            route,
            gives: answer,
            lang,
            target: parts.uri,
            headers: parts.headers,
            body,
            given,
        })
    }
}

/// The pairs of a query.
fn query_of(target: &Uri) -> Result<Vec<(String, String)>, Refusal> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(target).map_err(|error| {
        let args = [("name", "?".to_owned()), ("value", String::new()), ("expected", error.to_string())];
        Refusal::new(code::PARAMETER_WRONG, args)
    })?;
    Ok(pairs.0)
}

/// What a query gives at a route whose path holds the examples of its entry, as the frame reads it: for `port::fuzz`.
pub(super) fn given(route: &Route, target: &Uri) -> Result<Vec<(&'static str, String)>, Refusal> {
    let of_path = route.parameters.iter().filter(|parameter| parameter.place == route::Place::Path);
    let name = |parameter: &route::Parameter| parameter.name.trim_start_matches('*').to_owned();
    let path: Vec<_> = of_path.map(|parameter| (name(parameter), parameter.example.to_owned())).collect();
    let given = Given::check(route, &path, query_of(target)?, &HeaderMap::new())?;
    Ok(given.all().map(|(name, value)| (name, value.to_owned())).collect())
}

/// The answer at a path that has no such method (RFC 9110, sections 9.3.7 and 15.5.6).
fn not_here(entries: &[Entry], method: &Method, lang: multaqa_proto::text::Lang, target: &str) -> Response<Body> {
    let mut allowed: Vec<&str> = entries.iter().map(|(entry, _)| entry.method.as_str()).collect();
    if allowed.contains(&Verb::Get.as_str()) {
        allowed.push("HEAD");
    }
    allowed.push("OPTIONS");
    let allowed = allowed.join(", ");
    let mut response = if method == Method::OPTIONS {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    } else {
        let shown = method.as_str().chars().take(20).collect();
        let refusal = Refusal::new(code::METHOD_NOT_ALLOWED, [("method", shown), ("allowed", allowed.clone())]);
        problem::response(&refusal, lang, target, entries.first().map(|(entry, _)| *entry))
    };
    response.headers_mut().extend(HeaderValue::try_from(allowed).ok().map(|allowed| (ALLOW, allowed)));
    response
}

/// Which of its answers a route gives: the one that `format` names, else the one that `Accept` likes best.
fn given_as(route: &'static Route, given: &Given, headers: &HeaderMap) -> Result<&'static Gives, Refusal> {
    if let Some(format) = given.values("format").next()
        && let Some(gives) = route.gives.iter().find(|gives| gives.format == format)
    {
        return Ok(gives);
    }
    let offered: Vec<&'static str> = route.gives.iter().map(|gives| gives.media).collect();
    let liked = negotiate::media(headers, &offered);
    let found = liked.and_then(|media| route.gives.iter().find(|gives| gives.media == media));
    found.ok_or_else(|| Refusal::new(code::MEDIA_NOT_OFFERED, [("offered", offered.join(", "))]))
}

async fn read_body(body: Body, max: usize) -> Result<axum::body::Bytes, Refusal> {
    let read = Limited::new(body, max).collect().await;
    read.map(http_body_util::Collected::to_bytes).map_err(|error| {
        if error.downcast_ref::<LengthLimitError>().is_some() {
            return Refusal::new(code::MESSAGE_TOO_LARGE, [("detail", format!("> {max} B"))]);
        }
        Refusal::new(code::BODY_MALFORMED, [("detail", error.to_string().chars().take(120).collect())])
    })
}

#[cfg(test)]
mod tests;
