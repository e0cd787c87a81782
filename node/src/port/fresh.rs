//! How fresh an answer is, beside the answer: three headers over HTTP, which are metadata over gRPC; of answers and refusals alike.
//!
//! | header | is |
//! |---|---|
//! | `multaqa-as-of` | when the replica was last known to hold everything that the hub had (RFC 3339); absent before the first time |
//! | `multaqa-position` | leaves of the log that the replica holds, for `minPosition`; absent while it holds none |
//! | `multaqa-state` | `live`, `stale` or `offline` |
//!
//! An answer that was read says how fresh it was then, which goes along as an extension of the response; any other says how the node
//! is at that moment. A gRPC client finds the metadata of a refusal in the trailers, as always where nothing else was sent. Out of scope:
//! what fresh means (`api::freshness`).

use axum::extract::{Request, State};
use axum::http::header::HeaderName;
use axum::http::{Extensions, HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use multaqa_proto::wire::node::Freshness;
use multaqa_runtime::output;

use crate::api::Api;

const AS_OF: HeaderName = HeaderName::from_static("multaqa-as-of");
const POSITION: HeaderName = HeaderName::from_static("multaqa-position");
const STATE: HeaderName = HeaderName::from_static("multaqa-state");

/// Says it of whatever a service answers.
pub(super) async fn tell(State(api): State<Api>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let freshness = of(response.extensions_mut(), &api);
    say(response.headers_mut(), &freshness);
    response
}

/// How fresh an answer with these extensions is.
pub(super) fn of(extensions: &mut Extensions, api: &Api) -> Freshness {
    extensions.remove::<Freshness>().unwrap_or_else(|| api.freshness())
}

/// Says it in headers.
pub(super) fn say(headers: &mut HeaderMap, freshness: &Freshness) {
    if freshness.as_of_ms > 0 {
        let as_of = HeaderValue::try_from(output::moment(freshness.as_of_ms));
        headers.extend(as_of.ok().map(|as_of| (AS_OF, as_of)));
    }
    if freshness.size > 0 {
        headers.insert(POSITION, freshness.size.into());
    }
    headers.extend(HeaderValue::try_from(freshness.state.as_str()).ok().map(|state| (STATE, state)));
}
