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
