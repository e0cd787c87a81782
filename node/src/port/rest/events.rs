//! What changes, as server-sent events (HTML standard, section 9.2): `GET /v1/events`.
//!
//! | event | data |
//! |---|---|
//! | `put`, `withdrawn` | the position and the object |
//! | `resync` | the position and how old the replica is: what was told or read before may no longer hold, so read all again |
//! | a comment `heartbeat` | none; its `id` says how far everything was told |
//! | `end` | a problem, after which the stream is over: the right to it has ended, or the node ends |
//!
//! Each event has an `id`, by which a client goes on where it was cut (`Last-Event-ID`), without gap or double. A stream counts as one
//! request of its system for as long as it is open; it is never compressed, and the connection lives for an hour. Out of scope: what
//! is told to whom, when it ends (`api::watch`).

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use multaqa_proto::wire::node as wire;
use tokio_stream::StreamExt as _;

use super::answer::Answer;
use super::call::Call;
use super::json::{self, Kept};
use super::problem;
use super::route::{FIELDS, Form, Gives, Many, Parameter, Route, Shape, Verb};
use crate::api::refusal::Refusal;
use crate::api::watch::Telling;
use crate::code;

/// The media type.
const EVENTS: &str = "text/event-stream";
/// The header that browsers send by themselves when they connect again.
const LAST_EVENT_ID: &str = "Last-Event-ID";

/// The routes of this file.
pub(super) static ROUTES: &[Route] = &[Route {
    method: Verb::Get,
    path: "/v1/events",
    operation: "watchEvents",
    tag: "records",
    summary: "Watch what changes",
    description: "A stream of server-sent events: `put` and `withdrawn` with the object, `resync` where everything is to be read again, \
                  a comment as heartbeat, and `end` with a problem as its last. Of an object that changed several times before it was \
                  told, the newest state alone comes. The `id` of an event, as `Last-Event-ID`, goes on after it.",
    parameters: &[
        Parameter::query("kind", Form::Text { max: 40 }, "Only objects of these kinds.", "service")
            .many(Many::Repeated),
        Parameter::query("country", Form::Text { max: 40 }, "Only objects of these members.", "JO")
            .many(Many::Repeated),
        Parameter::query(
            "from",
            Form::Whole { min: 0, max: (1 << 53) - 1 },
            "From this position of the log on, as `Multaqa-Position` says it; from now on where it is left out.",
            "3074",
        ),
        Parameter::query("payloads", Form::Flag, "Each object with its payload.", "true"),
        FIELDS,
        Parameter::query(
            "heartbeat",
            Form::Whole { min: 1, max: 300 },
            "Seconds without another event after which a heartbeat comes; 15 where it is left out.",
            "30",
        ),
        Parameter::header(
            LAST_EVENT_ID,
            Form::Text { max: 100 },
            "`id` of the event that came last, or a position: the stream goes on after it. It goes before `from`.",
            "3074",
        ),
    ],
    takes: None,
    gives: &[Gives {
        status: 200,
        media: EVENTS,
        format: "",
        shape: Shape::Text,
        description: "The stream. It ends after an hour at most, and goes on by `Last-Event-ID`.",
    }],
    refusals: &[
        code::LIST_KIND_UNKNOWN,
        "MEMBER_UNKNOWN",
        "ID_MALFORMED",
        "REQUEST_MALFORMED",
        code::FIELD_PATH_UNKNOWN,
        code::WATCHES_TOO_MANY,
        code::REPLICA_EMPTY,
        code::REPLICA_STARTING,
    ],
    scope: Some("read:KIND"),
    handler: |call| Box::pin(events(call)),
}];

async fn events(call: Call) -> Result<Answer, Refusal> {
    let (read_mask, kept) = call.fields(if call.flag("payloads") { Kept::All } else { Kept::Summary });
    let last = call.text(LAST_EVENT_ID);
    // A position is all that a client may have that was told of it elsewhere.
    let position = last.parse().ok();
    let request = wire::WatchRequest {
        kinds: call.values("kind").map(ToOwned::to_owned).collect(),
        members: call.values("country").map(ToOwned::to_owned).collect(),
        from_position: position.or_else(|| call.whole("from")),
        resume: if position.is_some() { String::new() } else { last },
        payloads: call.flag("payloads"),
        read_mask,
        heartbeat_seconds: call.whole("heartbeat").and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(0),
    };
    let form = Telling::new("server-sent event", move |event| shown(event, &kept));
    let watching = call.api.watch(&call.caller, request, form).await?;
    let (lang, path) = (call.lang, call.target.path().to_owned());
    let told = watching.map(move |told| {
        let end = |refusal| written("end", "", &problem::text(&refusal, lang, &path));
        Ok::<_, Infallible>(told.unwrap_or_else(end))
    });
    Ok(Answer::untagged(EVENTS, Body::from_stream(told), None))
}

fn shown(event: &wire::WatchResponse, kept: &Kept) -> Result<Bytes, Refusal> {
    let without: &[&str] = match event.event.as_str() {
        "heartbeat" => return Ok(format!(": heartbeat\nid: {}\n\n", event.id).into()),
        "resync" => &["id", "event", "object"],
        _ => &["id", "event", "freshness"],
    };
    let shape = Shape::Message { name: "multaqa.node.v1.WatchResponse", without };
    Ok(written(&event.event, &event.id, &json::render(shape, event, kept)?))
}

/// An event in its lines; none of its parts has a line end, which JSON writes in another way.
fn written(event: &str, id: &str, data: &str) -> Bytes {
    let id = if id.is_empty() { String::new() } else { format!("id: {id}\n") };
    format!("event: {event}\n{id}data: {data}\n\n").into()
}
