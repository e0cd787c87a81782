//! What there is and what there is not, as a system is told it.

use super::*;
use crate::api::sdmx::tests::{World, indicator};
use crate::publish::testing::{file, organisation};

const EGDI: &str = "x-escwa:indicator:egdi";

async fn figures(scopes: &[&str], target: &str) -> (StatusCode, Value) {
    let World { node, .. } = Box::pin(World::of(TestNode::of_secretariat().await)).await;
    let seen = Box::pin(Seen::of(node, scopes)).await;
    let (status, answer) = seen.get(&format!("/v1/indicators/{target}")).await;
    (status, if status == StatusCode::OK { answer["observations"].clone() } else { answer["code"].clone() })
}

#[tokio::test]
async fn an_indicator_without_figures_is_told_from_none() {
    let all = &["read:*"][..];
    for (scopes, target, status, code) in [
        (all, format!("{EGDI}/observations?refArea=SA"), StatusCode::OK, json!([])),
        (all, "x-escwa:indicator:none/observations".to_owned(), StatusCode::NOT_FOUND, json!("OBJECT_UNKNOWN")),
        (all, "EG:dataset:own/observations".to_owned(), StatusCode::NOT_FOUND, json!("OBJECT_UNKNOWN")),
        // Who may not read indicators knows those that have figures, and learns of no other.
        (&["read:dataset"], format!("{EGDI}/observations?refArea=SA"), StatusCode::OK, json!([])),
    ] {
        assert_eq!(figures(scopes, &target).await, (status, code), "{scopes:?} {target}");
    }
    let table = "x-escwa:indicator:none/observations?format=csv";
    assert_eq!(figures(all, table).await, (StatusCode::NOT_FOUND, json!("OBJECT_UNKNOWN")));
}

#[tokio::test]
async fn an_indicator_that_nothing_is_published_of_is_known_to_who_may_read_indicators() {
    let mut node = TestNode::of_secretariat().await;
    node.log.publish(EGDI, &["members"], &[], indicator("EGDI"));
    node.follow().await;
    let seen = Box::pin(Seen::of(node, &["read:*"])).await;
    let target = format!("/v1/indicators/{EGDI}/observations");
    let (status, answer) = seen.get(&target).await;
    assert_eq!((status, &answer["observations"]), (StatusCode::OK, &json!([])));
    let narrow = peer(&seen.clients.add("mof/narrow", &["read:dataset"]).await.unwrap());
    let seen = Seen { peer: narrow, ..seen };
    assert_eq!(seen.get(&target).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_value_that_no_record_can_have_is_refused_in_any_place() {
    let node = Box::pin(TestNode::of("JO")).await;
    node.index().await;
    let seen = Box::pin(Seen::of(node, &[])).await;
    for (query, code, at) in [
        ("country=ZZ", "MEMBER_UNKNOWN", "country"),
        ("country=JO&country=ZZ", "MEMBER_UNKNOWN", "country"),
        ("country=ZZ&country=JO&facets=kind", "MEMBER_UNKNOWN", "country"),
        ("kind=servce", "LIST_KIND_UNKNOWN", "kind"),
        ("kind=service&kind=servce", "LIST_KIND_UNKNOWN", "kind"),
        ("status=pilto", "SEARCH_VALUE_UNKNOWN", "status"),
        ("status=pilot&status=pilto", "SEARCH_VALUE_UNKNOWN", "status"),
        ("year=25", "SEARCH_VALUE_UNKNOWN", "year"),
    ] {
        for path in ["/v1/records", "/v1/search"] {
            let (status, problem) = seen.get(&format!("{path}?{query}")).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path}?{query}: {problem}");
            assert_eq!((&problem["code"], &problem["at"]), (&json!(code), &json!(at)), "{path}?{query}");
        }
    }
    let (_, problem) = seen.get("/v1/services?status=pilto").await;
    assert!(problem["help"].as_str().unwrap().contains("planned, pilot, production"), "{problem}");
    let (_, problem) = seen.get("/v1/services?year=25").await;
    assert!(problem["help"].as_str().unwrap().contains("GET /v1/records?facets=year"), "{problem}");
    // A code that no record has at the moment is no mistake.
    let (status, found) = seen.get("/v1/services?sector=99.9&status=retired").await;
    assert_eq!((status, &found["objects"]), (StatusCode::OK, &json!([])));
}

#[tokio::test]
async fn the_queue_counts_what_its_reader_may_publish() {
    let node = Box::pin(TestNode::of("JO")).await;
    let service = "id: JO:service:sanad\npayload:\n  title: {ar: سند}\n  description: {ar: سند}\n  \
                   provider: JO:organisation:o1\n  service_type: verification\n  status: production\n";
    let files =
        [organisation("JO:organisation:o1", "a"), organisation("JO:organisation:o2", "b"), file("s.yaml", service)];
    node.publisher.publish(&files, &[]).await.unwrap();
    let mut seen = Box::pin(Seen::of(node, &["publish:service"])).await;
    for (scopes, waiting) in
        [(&["publish:service"][..], 1), (&["publish:organisation", "publish:service"], 3), (&["publish:*"], 3)]
    {
        let name = format!("mof/s{}", scopes.len() + scopes[0].len());
        seen.peer = peer(&seen.clients.add(&name, scopes).await.unwrap());
        let (_, queue) = seen.get("/v1/queue").await;
        let shown = queue["records"].as_array().unwrap().len();
        assert_eq!((&queue["waiting"], shown), (&json!(waiting), waiting), "{scopes:?}");
    }
}

#[tokio::test]
async fn what_a_system_was_denied_is_counted_and_told_once() {
    let seen = Seen::by(&["read:organisation"]).await;
    for _ in 0..3 {
        let (status, problem) = seen.get("/v1/services").await;
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("CLIENT_DENIED")));
    }
    seen.get("/v1/organisations").await;
    let client = || seen.clients.clients.get("mof/budget").unwrap();
    let denials = client().denials();
    assert_eq!((denials.times, denials.last_ms), (3, seen.clients.node.parts.clock.now_ms()));
    // The first was told; the others are, when there is time for it.
    assert_eq!(seen.clients.clients.denials_due(false), []);
    seen.clients.clients.allow("mof/budget", &["read:indicator".to_owned()]).await.unwrap();
    assert_eq!(client().denials(), denials, "what it may do changes nothing of that");
    let due = ("system/JO/mof/budget".to_owned(), "read:service".to_owned(), 2);
    assert_eq!(seen.clients.clients.denials_due(true), [due]);
    assert_eq!(seen.clients.clients.denials_due(true), []);
}

#[tokio::test]
async fn what_is_asked_oddly_is_told_what_to_do() {
    let mut node = Box::pin(TestNode::of("JO")).await;
    node.publisher.publish(&[organisation("JO:organisation:o1", "a")], &[]).await.unwrap();
    node.order_queued().await;
    let seen = Box::pin(Seen::of(node, &["read:*", "publish:*"])).await;
    let ask = async |method: &str, target: &str, header: Option<(&str, &str)>, body_of: &'static [u8]| {
        let request = Request::builder().method(method).uri(target).header("content-type", "application/json");
        let request = header.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let response = seen.ask(request.body(Body::from(body_of)).unwrap()).await;
        (response.status().as_u16(), body(response).await)
    };
    // A withdrawal cannot be taken back: what is to hold it up is not passed over.
    for condition in [("If-Match", "\"x\""), ("If-Unmodified-Since", "Tue, 14 Nov 2000 00:00:00 GMT")] {
        let (status, problem) = ask("DELETE", "/v1/records/JO:organisation:o1", Some(condition), b"").await;
        assert_eq!((status, &problem["code"]), (412, &json!("CONDITION_UNSUPPORTED")), "{problem}");
        assert_eq!(problem["args"]["header"], condition.0);
        assert_eq!(ask("GET", "/v1/records/JO:organisation:o1", Some(condition), b"").await.1["withdrawn"], false);
    }
    let (status, problem) = ask("GET", "/v1/services", None, b"{}").await;
    assert_eq!((status, &problem["code"]), (400, &json!("BODY_UNEXPECTED")));
    let (_, problem) = ask("POST", "/v1/records", None, b"").await;
    assert!(problem["detail"].as_str().unwrap().contains("it is empty"), "{problem}");
    // As some programs write UTF-8.
    let (status, found) = ask("POST", "/v1/records:check", None, b"\xef\xbb\xbf[{}]").await;
    assert_eq!((status, &found["documents"]), (200, &json!(1)), "{found}");
    for (target, at, help) in [
        ("/v1/status?x=1", "x", "this path has none"),
        ("/v1/organisations/JO:organisation:none", "id", "GET /v1/records"),
        ("/sdmx/data?asOf=2024", "asOf", "/sdmx/structure"),
        ("/sdmx/data/poem", "path", "/sdmx/structure"),
        ("/sdmx/data/%00", "path", "GET /openapi.json"),
    ] {
        let (_, problem) = ask("GET", target, None, b"").await;
        assert_eq!(problem["at"], at, "{target}: {problem}");
        assert!(problem["help"].as_str().unwrap().contains(help), "{target}: {problem}");
    }
}
