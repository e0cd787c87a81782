//! The frame before a node that answers.

mod asked;
mod bytes;
mod known;
mod pages;
mod positions;
mod scopes;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::super::gate::Speaks;
use super::*;
use crate::clients::tests::{TestClients, peer};
use crate::publish::RECORDS_MAX;
use crate::publish::testing::TestNode;
use multaqa_runtime::lifecycle::Shutdown;

/// What a system of this node sees, without a connection.
struct Seen {
    _node: TestNode,
    clients: TestClients,
    router: Router,
    peer: multaqa_certs::server::Peer,
}

impl Seen {
    async fn by(scopes: &[&str]) -> Self {
        let node = Box::pin(TestNode::of("JO")).await;
        Box::pin(Self::of(node, scopes)).await
    }

    async fn of(node: TestNode, scopes: &[&str]) -> Self {
        let clients = TestClients::new().await;
        let peer = peer(&clients.add("mof/budget", scopes).await.unwrap());
        let within = std::time::Duration::from_mins(1);
        let gate = Gate { clients: clients.clients.clone(), within, speaks: Speaks::Rest };
        let router = router(Api::without_patience(node.parts.clone()), gate, 64 * 1024);
        Self { _node: node, clients, router, peer }
    }

    async fn ask(&self, mut request: Request<Body>) -> Response<Body> {
        request.extensions_mut().insert(self.peer.clone());
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, target: &str) -> (StatusCode, Value) {
        let response = self.ask(Request::get(target).body(Body::empty()).unwrap()).await;
        let status = response.status();
        (status, body(response).await)
    }
}

async fn body(response: Response<Body>) -> Value {
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

#[tokio::test]
async fn nothing_is_served_that_is_not_in_the_table_and_all_of_it_is() {
    let seen = Seen::by(&[]).await;
    for route in routes() {
        let parts = route.parameters.iter().filter(|parameter| parameter.place == route::Place::Path);
        let path = parts.fold(route.path.to_owned(), |path, parameter| {
            path.replace(&format!("{{{}}}", parameter.name), parameter.example)
        });
        let request = Request::builder().method(route.method.as_str()).uri(&path).body(Body::empty()).unwrap();
        let response = seen.ask(request).await;
        let served = response.headers().contains_key("multaqa-state");
        let code = if response.status().is_success() { Value::Null } else { body(response).await["code"].clone() };
        assert!(served && code != "ROUTE_UNKNOWN" && code != "METHOD_NOT_ALLOWED", "{}: {code}", route.operation);
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"] {
            let known =
                routes().any(|other| said_by(route.path, other.path).is_some() && other.method.as_str() == method);
            if !known {
                let request = Request::builder().method(method).uri(&path).body(Body::empty()).unwrap();
                let response = seen.ask(request).await;
                assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
                assert!(response.headers()["allow"].to_str().unwrap().contains(route.method.as_str()));
            }
        }
    }
    let (status, all) = seen.get("/v1/records").await;
    assert_eq!((status, all["objects"].is_array()), (StatusCode::OK, true), "it is a collection too");
    for path in ["/", "/v1", "/v2/services", "/v1/services/", "/v1/services/JO:service:x/more", "/metrics"] {
        let (status, problem) = seen.get(path).await;
        assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("ROUTE_UNKNOWN")), "{path}");
        assert_eq!(problem["instance"], path);
    }
}

#[tokio::test]
async fn parameters_are_of_their_entry_and_their_form() {
    let seen = Seen::by(&[]).await;
    for (target, code, at) in [
        ("/v1/services?pagesize=3", "PARAMETER_UNKNOWN", "pagesize"),
        ("/v1/services?pageSize=0", "PARAMETER_WRONG", "pageSize"),
        ("/v1/services?pageSize=501", "PARAMETER_WRONG", "pageSize"),
        ("/v1/services?pageSize=+3", "PARAMETER_WRONG", "pageSize"),
        ("/v1/services?pageSize=3&pageSize=3", "PARAMETER_REPEATED", "pageSize"),
        ("/v1/services?withdrawn=yes", "PARAMETER_WRONG", "withdrawn"),
        ("/v1/services?pageToken=%00", "PARAMETER_WRONG", "pageToken"),
        ("/v1/services?pageToken=x", "PAGE_TOKEN_BAD", "pageToken"),
        ("/v1/services?country=J%FF", "ID_MALFORMED", "country"),
        ("/v1/services?sectr=07.1", "PARAMETER_UNKNOWN", "sectr"),
        ("/v1/services?status=", "PARAMETER_WRONG", "status"),
        ("/v1/services?orderBy=colour", "PARAMETER_WRONG", "orderBy"),
        ("/v1/services?facets=colour", "SEARCH_FACET_UNKNOWN", "facets"),
        ("/v1/services?fields=payload.colour", "FIELD_PATH_UNKNOWN", "fields"),
        ("/v1/servces", "COLLECTION_UNKNOWN", "collection"),
        ("/v1/services/nothing", "ID_MALFORMED", "id"),
    ] {
        let (status, problem) = seen.get(target).await;
        assert!(status.is_client_error(), "{target}: {status}");
        assert_eq!((&problem["code"], &problem["at"]), (&json!(code), &json!(at)), "{target}: {problem}");
        assert_eq!(problem["type"], format!("urn:multaqa:code:{code}"));
        assert!(!problem["help"].as_str().unwrap().is_empty(), "{problem}");
    }
}

#[tokio::test]
async fn any_text_is_a_search() {
    let node = Box::pin(TestNode::of("JO")).await;
    node.index().await;
    let seen = Box::pin(Seen::of(node, &[])).await;
    for text in ["%09a%0D%0Ab", "%00", "%FF%FE", "%22", "-", "*", "a%22*-%22", "%E2%80%AE%D8%AE"] {
        for path in ["/v1/search", "/v1/suggest"] {
            let (status, found) = seen.get(&format!("{path}?q={text}")).await;
            assert_eq!(status, StatusCode::OK, "{path} {text}: {found}");
        }
    }
}

#[tokio::test]
async fn a_system_has_two_downloads_under_way_until_they_are_read() {
    let seen = Seen::by(&[]).await;
    let ask = |format: &str| {
        let target = format!("/v1/records?format={format}");
        seen.ask(Request::get(target).body(Body::empty()).unwrap())
    };
    let system = seen.clients.clients.get("mof/budget").unwrap();
    let made = (system.download().unwrap(), ask("csv").await);
    assert_eq!(made.1.status(), StatusCode::OK);
    let third = ask("xlsx").await;
    assert_eq!(
        (third.status(), &third.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"5".parse().unwrap())
    );
    assert_eq!(body(third).await["code"], "DOWNLOADS_TOO_MANY");
    assert_eq!(ask("json").await.status(), StatusCode::OK);
    made.1.into_body().collect().await.unwrap();
    drop(ask("xlsx").await);
    assert_eq!(ask("csv").await.status(), StatusCode::OK, "neither one that was read nor one that was given up counts");
}

/// What any bytes cause, slow ones too, is no fault of the node.
#[tokio::test]
async fn a_body_that_does_not_come_is_given_up_before_the_request_is() {
    let seen = Seen::by(&["publish:*"]).await;
    tokio::time::pause();
    let never = Body::from_stream(tokio_stream::pending::<Result<axum::body::Bytes, std::io::Error>>());
    let request = Request::post("/v1/records:check").header("content-type", "application/json").body(never).unwrap();
    let response = seen.ask(request).await;
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    assert!(response.headers().contains_key("multaqa-state"));
    assert_eq!(body(response).await["code"], "BODY_TOO_SLOW");
}

#[tokio::test]
async fn bodies_are_of_their_type_their_size_and_their_depth() {
    let seen = Seen::by(&["publish:*"]).await;
    let post = |kind: &str, body: String| {
        let request = Request::post("/v1/records:check").header("content-type", kind);
        seen.ask(request.body(Body::from(body)).unwrap())
    };
    let deep = "[".repeat(70) + &"]".repeat(70);
    for (kind, text, status, code) in [
        ("text/yaml", "id: x".to_owned(), 415, "MEDIA_UNSUPPORTED"),
        ("application/json", String::new(), 400, "BODY_MALFORMED"),
        ("application/json", "{".to_owned(), 400, "BODY_MALFORMED"),
        ("application/json", deep, 400, "BODY_MALFORMED"),
        ("application/json", "[]".to_owned(), 400, "BODY_MALFORMED"),
        ("application/json", format!("[1{}]", ",1".repeat(RECORDS_MAX)), 400, "RECORDS_TOO_MANY"),
        ("application/json", format!("\"{}\"", "x".repeat(64 * 1024)), 413, "MESSAGE_TOO_LARGE"),
    ] {
        let response = post(kind, text).await;
        assert_eq!(response.status().as_u16(), status, "{code}");
        assert_eq!(body(response).await["code"], code);
    }
    let response = seen.ask(Request::get("/v1/kinds").body(Body::from("{}")).unwrap()).await;
    assert_eq!(body(response).await["code"], "BODY_UNEXPECTED");
}

#[tokio::test]
async fn head_options_and_limits_are_as_http_says() {
    let seen = Seen::by(&[]).await;
    let ask = |method: &str, target: &str| {
        seen.ask(Request::builder().method(method).uri(target).body(Body::empty()).unwrap())
    };
    let (got, head) = (ask("GET", "/v1/kinds").await, ask("HEAD", "/v1/kinds").await);
    assert_eq!((got.status(), head.status()), (StatusCode::OK, StatusCode::OK));
    assert_eq!(
        (&got.headers()["etag"], &got.headers()["cache-control"]),
        (&head.headers()["etag"], &head.headers()["cache-control"])
    );
    let length = got.into_body().collect().await.unwrap().to_bytes().len();
    assert_eq!(head.headers()["content-length"], length.to_string().as_str());
    assert!(head.into_body().collect().await.unwrap().to_bytes().is_empty());
    let options = ask("OPTIONS", "/v1/services/x").await;
    assert_eq!(
        (options.status(), &options.headers()["allow"]),
        (StatusCode::NO_CONTENT, &"GET, DELETE, HEAD, OPTIONS".parse().unwrap())
    );

    let long = ask("GET", &format!("/v1/services?pageToken={}", "x".repeat(9_000))).await;
    assert_eq!((long.status().as_u16(), body(long).await["code"].clone()), (414, json!("TARGET_TOO_LONG")));
    let wide = Request::get("/v1/kinds").header("cookie", "x".repeat(17_000)).body(Body::empty()).unwrap();
    let wide = seen.ask(wide).await;
    assert_eq!((wide.status().as_u16(), body(wide).await["code"].clone()), (431, json!("HEADERS_TOO_LARGE")));
    let other = Request::get("/v1/kinds").header("accept", "image/png").body(Body::empty()).unwrap();
    let other = seen.ask(other).await;
    assert_eq!((other.status().as_u16(), body(other).await["code"].clone()), (406, json!("MEDIA_NOT_OFFERED")));
}

#[tokio::test]
async fn a_body_that_is_compressed_has_a_tag_of_its_own_and_both_are_found() {
    let seen = Seen::by(&[]).await;
    let ask = |coding: &str, tag: Option<&str>| {
        let mut request = Request::get("/v1/kinds").header("accept-encoding", coding);
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        seen.ask(request.body(Body::empty()).unwrap())
    };
    let mut tags = Vec::new();
    for (coding, coded) in [("identity", None), ("gzip", Some("gzip")), ("zstd", Some("zstd"))] {
        let response = ask(coding, None).await;
        assert_eq!(response.headers().get("content-encoding").map(|value| value.to_str().unwrap()), coded);
        tags.push(response.headers()["etag"].to_str().unwrap().to_owned());
    }
    let demanded = ask("identity;q=0, br", None).await;
    assert_eq!((demanded.status(), &demanded.headers()["etag"]), (StatusCode::OK, &tags[0].parse().unwrap()));
    assert!(tags[0] != tags[1] && tags[1] != tags[2], "{tags:?}");
    for tag in &tags {
        let again = ask("gzip", Some(tag)).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{tag}");
        assert!(again.headers().contains_key("etag") && again.headers().contains_key("multaqa-state"));
    }
}
