//! Any bytes on any route give an answer or a well-formed refusal, and never an error of the node's own.
//!
//! Requests are made from the table of routes (`asked`), so that a new route is asked from its first day on. CI makes a thousand, the
//! same in every run; `PROPTEST_RNG_SEED=random PROPTEST_CASES=100000 cargo test -p multaqa-node bytes` makes others each time, and is the fuzz run; without `bytes` it is
//! that of all parsers of the node. It needs no other compiler than the one that builds the node. What cannot be a request at all, hyper answers and not
//! the router.
//!
//! | status | is well-formed where |
//! |---|---|
//! | 2xx, 3xx | its body ends, and is JSON where it says so |
//! | 4xx | it is a problem with a code that the texts know and the documentation of the route has |
//! | 501 | the same, and the path is SDMX's, whose standard has it |
//! | 503 | the same, and `Retry-After` says when to try again |
//! | other 5xx | never |

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, Method, Uri};
use http_body_util::BodyExt as _;
use multaqa_proto::wire::kind::Organisation;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use prost::Message as _;

use super::super::problem::PROBLEM;
use super::super::route::{COMMON_REFUSALS, routes};
use super::asked::{Asked, Real, asked};
use super::{Body, HeaderValue, Request, Response, Seen, StatusCode, Value, json};
use crate::api::refusal::catalogue;
use crate::api::sdmx::tests::World;
use crate::publish::testing::{TestNode, organisation};

/// Requests at least.
const CASES: u32 = 1_000;

#[test]
fn any_bytes_on_any_route_are_answered_or_refused_by_name() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seen = runtime.block_on(stand());
    let real = Arc::new(runtime.block_on(real(&seen)));
    // What a failure shows is the request itself.
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(ProptestConfig { cases: config.cases.max(CASES), ..config });
    let met = RefCell::new(BTreeMap::<(u16, String), usize>::new());
    let answered = |asked: Asked| {
        let Some(request) = request(&asked) else { return Ok(()) };
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        runtime.block_on(async {
            let response = seen.ask(request).await;
            let status = response.status();
            let code = well_formed(response, method == Method::HEAD, &path).await?;
            prop_assert!(code.is_empty() || documented(&method, &path, &code), "{code} is not in the document");
            *met.borrow_mut().entry((status.as_u16(), code)).or_default() += 1;
            Ok(())
        })
    };
    runner.run(&asked(&real), answered).unwrap();
    let met = met.into_inner();
    let codes =
        ["PARAMETER_WRONG", "PAGE_TOKEN_BAD", "BODY_MALFORMED", "RECORDS_REFUSED", "ROUTE_UNKNOWN", "SDMX_MALFORMED"];
    for expected in [(200, ""), (202, "")].into_iter().chain(codes.map(|code| (0, code))) {
        let found = |(status, code): &(u16, String)| (*status == expected.0 || expected.0 == 0) && code == expected.1;
        assert!(met.keys().any(found), "no request came to {expected:?}: {met:?}");
    }
}

/// A node that holds objects of several kinds, and figures.
async fn stand() -> Seen {
    let World { mut node, .. } = World::of(TestNode::beside_secretariat("JO").await).await;
    for (id, name) in [("EG:organisation:mcit", "Communications"), ("SA:organisation:dga", "Digital")] {
        let name = [("en".to_owned(), name.to_owned()), ("ar".to_owned(), "الرقمية".to_owned())].into();
        let organisation = Organisation { name, r#type: "ministry".to_owned(), ..Default::default() };
        node.log.publish(id, &["members"], &[], organisation.encode_to_vec());
    }
    let own = organisation("JO:organisation:modee", "الاقتصاد الرقمي");
    node.publisher.publish(&[own], &[]).await.unwrap();
    node.order_queued().await;
    node.index().await;
    Box::pin(Seen::of(node, &["read:*", "publish:*"])).await
}

/// What the node itself gives to be given back.
async fn real(seen: &Seen) -> Real {
    let mut real = Real::default();
    let (_, all) = seen.get("/v1/records").await;
    real.ids.extend(all["objects"].as_array().unwrap().iter().map(|object| object["id"].as_str().unwrap().to_owned()));
    assert!(real.ids.len() > 5, "{all}");
    for target in [
        "/v1/records?pageSize=1",
        "/v1/organisations?pageSize=1&orderBy=title.en",
        "/v1/search?pageSize=1",
        "/v1/search?q=Digital%20OR%20Communications&pageSize=1",
        "/v1/indicators/x-escwa:indicator:egdi/observations?pageSize=1",
    ] {
        let (status, page) = seen.get(target).await;
        assert_eq!(status, StatusCode::OK, "{target}: {page}");
        let token = page["next_page_token"].as_str().unwrap();
        if !token.is_empty() {
            real.pages.push(format!("{target}&pageToken={token}"));
            real.tokens.push(token.to_owned());
        }
    }
    assert!(real.tokens.len() > 3, "{:?}", real.pages);
    for target in ["/v1/kinds", "/v1/records", "/openapi.json"] {
        let response = seen.ask(Request::get(target).body(Body::empty()).unwrap()).await;
        real.tags.push(response.headers()["etag"].to_str().unwrap().to_owned());
    }
    real
}

/// The request, where HTTP can carry it.
fn request(asked: &Asked) -> Option<Request<Body>> {
    let method = Method::from_bytes(&asked.method).ok()?;
    let target = Uri::from_maybe_shared(asked.target.clone()).ok()?;
    let mut request = Request::builder().method(method).uri(target).body(Body::from(asked.body.clone())).ok()?;
    for (name, value) in &asked.headers {
        let value = HeaderValue::from_bytes(value).ok()?;
        request.headers_mut().append(HeaderName::from_static(name), value);
    }
    Some(request)
}

async fn well_formed(response: Response<Body>, head: bool, path: &str) -> Result<String, TestCaseError> {
    let (parts, body) = response.into_parts();
    let status = parts.status;
    prop_assert!(parts.headers.contains_key("multaqa-state"), "{status} does not say how fresh it is");
    prop_assert!(
        !status.is_server_error()
            || (status == StatusCode::NOT_IMPLEMENTED && path.starts_with("/sdmx"))
            || (status == StatusCode::SERVICE_UNAVAILABLE && parts.headers.contains_key(RETRY_AFTER)),
        "{status}: {:?}",
        body.collect().await.map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned())
    );
    let media = parts.headers.get(CONTENT_TYPE).map(|media| media.to_str().unwrap().to_owned()).unwrap_or_default();
    if media == "text/event-stream" && status.is_success() {
        return Ok(String::new());
    }
    let body = body.collect().await.map_err(|error| TestCaseError::fail(format!("{status} {media}: {error}")))?;
    let body = body.to_bytes();
    prop_assert!(!head || body.is_empty(), "HEAD has a body");
    let refused = status.is_client_error() || status.is_server_error();
    prop_assert!(!refused || media == PROBLEM, "{status} is {media}");
    if head || parts.headers.contains_key(CONTENT_ENCODING) {
        return Ok(String::new());
    }
    if refused {
        return problem(status, &body);
    }
    let json = media.split(';').next().is_some_and(|media| media.ends_with("json"));
    prop_assert!(!json || serde_json::from_slice::<Value>(&body).is_ok(), "{media}: {:?}", body);
    Ok(String::new())
}

/// The members that RFC 9457 names and those that every problem of ours has. Gives its code.
fn problem(status: StatusCode, body: &[u8]) -> Result<String, TestCaseError> {
    let problem: Value = serde_json::from_slice(body).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let text = |member: &str| problem[member].as_str().unwrap_or_default();
    let code = text("code");
    prop_assert_eq!(&problem["status"], &json!(status.as_u16()), "{}", &problem);
    prop_assert_eq!(text("type"), format!("urn:multaqa:code:{code}"));
    prop_assert_eq!(Some(text("title")), status.canonical_reason());
    let known = catalogue().render(multaqa_proto::text::Lang::En, code, &[]);
    prop_assert!(!known.act.is_empty() && text("act") == known.act, "{} is no code of ours: {}", code, &problem);
    prop_assert!(!text("detail").is_empty() && !text("help").is_empty(), "{}", &problem);
    prop_assert!(problem["instance"].is_string() && problem["errors"].is_array() && problem["args"].is_object());
    prop_assert!(problem["at"].is_null() || problem["at"].is_string(), "{}", &problem);
    Ok(code.to_owned())
}

/// Whether the route that a request came to names the code.
fn documented(method: &Method, path: &str, code: &str) -> bool {
    let of = |template: &str| {
        let (mut parts, mut given) = (template.split('/'), path.split('/'));
        loop {
            match (parts.next(), given.next()) {
                (None, None) => return true,
                (Some(part), Some(_)) if part.starts_with("{*") => return true,
                (Some(part), Some(given)) if part == given || part.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let here = routes().filter(|route| route.method.as_str() == method.as_str() && of(route.path));
    here.flat_map(|route| route.refusals).chain(COMMON_REFUSALS).any(|known| *known == code)
}
