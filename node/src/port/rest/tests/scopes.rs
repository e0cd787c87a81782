//! What a system with few scopes is given: route by route nothing at all, and of lists, searches and downloads nothing of other kinds.
//!
//! The routes come from the table, so one that is added and forgets to ask is found. In scope: the endpoints behind REST, which are
//! those of gRPC too. Out of scope: the decision (`clients::tests`), watches (`api::watch`).

use std::sync::Arc;

use multaqa_proto::wire::kind::{Codelist, Organisation, Service, codelist};
use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::proof_request::Of;
use prost::Message as _;

use super::super::route::{Place, Route, routes};
use super::*;
use crate::api::sdmx::tests::World;
use crate::clients::authorise::Caller;
use crate::publish::testing::{file, organisation};

/// Names that stand in objects of one kind alone.
const OF_SERVICE: &str = "Verifications";
const OF_ORGANISATION: &str = "Widerruf";
const OF_CODELIST: &str = "Landwirtschaft";

fn texts(text: &str) -> std::collections::HashMap<String, String> {
    [("en".to_owned(), text.to_owned())].into()
}

/// A node that holds an object of each kind, and two of its own that wait.
async fn stand() -> TestNode {
    let World { mut node, .. } = Box::pin(World::of(TestNode::beside_secretariat("JO").await)).await;
    let service = Service {
        title: texts(OF_SERVICE),
        description: texts("A service"),
        provider: "SA:organisation:dga".to_owned(),
        service_type: "verification".to_owned(),
        status: "production".to_owned(),
        sectors: vec!["01".to_owned()],
        ..Default::default()
    };
    let authority = Organisation { name: texts(OF_ORGANISATION), r#type: "agency".to_owned(), ..Default::default() };
    let code = codelist::Code { code: "01".to_owned(), label: texts(OF_CODELIST), ..Default::default() };
    let sectors = Codelist { title: texts("Sectors"), codes: vec![code], ..Default::default() };
    for (id, payload) in [
        ("EG:service:verify", service.encode_to_vec()),
        ("SA:organisation:dga", authority.encode_to_vec()),
        ("x-escwa:codelist:sectors", sectors.encode_to_vec()),
    ] {
        node.log.publish(id, &["members"], &[], payload);
    }
    node.log.seal();
    node.follow().await;
    let own = "id: JO:service:own\npayload:\n  title: {ar: خدمة}\n  description: {ar: خدمة}\n  provider: JO:organisation:own\n  \
               service_type: verification\n  status: production\n";
    node.publisher.publish(&[organisation("JO:organisation:own", "a"), file("s.yaml", own)], &[]).await.unwrap();
    node.index().await;
    node
}

/// A request by the examples of a route, in one of its forms.
fn by_example(route: &Route, format: &str) -> Request<Body> {
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let mut path = route.path.to_owned();
    let mut query: Vec<String> = Vec::new();
    for parameter in route.parameters {
        match parameter.place {
            Place::Path => path = path.replace(&format!("{{{}}}", parameter.name), parameter.example),
            Place::Query if parameter.required => {
                query.push(format!("{}={}", parameter.name, encoded(parameter.example)));
            }
            Place::Query if parameter.name == "format" && !format.is_empty() => query.push(format!("format={format}")),
            Place::Query | Place::Header => {}
        }
    }
    let request = Request::builder().method(route.method.as_str()).uri(format!("{path}?{}", query.join("&")));
    match route.takes {
        Some(takes) => request.header("content-type", takes.media).body(Body::from(takes.example)).unwrap(),
        None => request.body(Body::empty()).unwrap(),
    }
}

#[tokio::test]
async fn a_system_that_may_do_nothing_is_given_what_is_for_all_and_no_more() {
    let node = stand().await;
    let before = node.parts.journal.newest_seq().await.unwrap();
    let journal = node.parts.journal.clone();
    let seen = Box::pin(Seen::of(node, &["call:*"])).await;
    let mut denied = 0;
    for route in routes() {
        for gives in route.gives {
            let what = format!("{} as {}", route.operation, gives.media);
            let response = seen.ask(by_example(route, gives.format)).await;
            let status = response.status();
            if route.scope.is_none() {
                assert_ne!(status, StatusCode::FORBIDDEN, "{what}");
                continue;
            }
            let problem = body(response).await;
            if problem["code"] == "FORMAT_NOT_OF_KIND" {
                continue;
            }
            assert_eq!(
                (status, &problem["code"]),
                (StatusCode::FORBIDDEN, &json!("CLIENT_DENIED")),
                "{what}: {problem}"
            );
            assert_eq!(problem["args"]["identity"], "system/JO/mof/budget", "{what}");
            denied += 1;
        }
    }
    assert!(denied > 30, "{denied}");
    assert_eq!(journal.newest_seq().await.unwrap(), before, "something was signed");
}

#[tokio::test]
async fn of_what_it_lists_searches_and_downloads_a_system_is_given_its_kinds_alone() {
    let node = stand().await;
    let parts = node.parts.clone();
    let other = TestNode { parts, ..Box::pin(TestNode::of("JO")).await };
    let wide = Box::pin(Seen::of(node, &["read:*", "publish:*"])).await;
    let narrow = Box::pin(Seen::of(other, &["read:organisation", "publish:organisation"])).await;
    for (target, hidden) in [
        ("/v1/records", ":service:"),
        ("/v1/records?pageSize=500&payloads=true", ":dataset:"),
        ("/v1/records?orderBy=accepted_at%20desc", ":service:"),
        ("/v1/records?facets=kind&total=true", "\"service\""),
        ("/v1/records?format=csv", ":service:"),
        ("/v1/records?format=atom", ":service:"),
        ("/v1/search?q=verifications", OF_SERVICE),
        ("/v1/search?q=verifications&format=csv", OF_SERVICE),
        ("/v1/search?q=&facets=kind,country", "\"service\""),
        ("/v1/search?q=verificatoins", "verifications"),
        ("/v1/suggest?q=Verif", OF_SERVICE),
        ("/v1/queue?all=true", "JO:service:own"),
    ] {
        let shows = async |seen: &Seen| {
            let (status, _, bytes) = seen.page(target, &[]).await;
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            assert_eq!(status, StatusCode::OK, "{target}: {text}");
            text.to_lowercase().contains(&hidden.to_lowercase())
        };
        assert!(shows(&wide).await, "{target} says nothing of {hidden} to who may read all");
        assert!(!shows(&narrow).await, "{target} tells of {hidden}");
    }
    let (_, shown) = narrow.get("/v1/records").await;
    assert!(shown.to_string().contains("SA:organisation:dga"), "{shown}");
}

#[tokio::test]
async fn names_of_what_it_may_not_read_are_in_no_download() {
    let node = stand().await;
    let parts = node.parts.clone();
    let other = TestNode { parts, ..Box::pin(TestNode::of("JO")).await };
    let wide = Box::pin(Seen::of(node, &["read:*"])).await;
    let narrow = Box::pin(Seen::of(other, &["read:service"])).await;
    let text = async |seen: &Seen, target: &str| {
        let (status, _, bytes) = seen.page(target, &[]).await;
        assert_eq!(status, StatusCode::OK, "{target}");
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    let target = "/v1/services?format=jsonld";
    let (all, some) = (text(&wide, target).await, text(&narrow, target).await);
    for name in [OF_ORGANISATION, OF_CODELIST] {
        assert!(all.contains(name) && !some.contains(name), "{name}");
    }
    assert!(some.contains(OF_SERVICE));
    assert!(!text(&narrow, "/v1/services?format=csv&lang=en").await.contains(OF_ORGANISATION));
}

/// By its place on the log a record is judged by what the proof would show.
#[tokio::test]
async fn a_proof_by_its_place_is_for_who_may_read_what_stands_there() {
    let node = stand().await;
    let place = async |id: &str| node.parts.replica.get(&id.parse().unwrap()).await.unwrap().unwrap().summary.index.0;
    let (service, authority) = (place("EG:service:verify").await, place("SA:organisation:dga").await);
    let clients = TestClients::new().await;
    let system = clients.add("mof/budget", &["read:organisation"]).await.unwrap();
    let (api, caller) = (Api::without_patience(node.parts.clone()), Caller::System(Arc::clone(&system)));
    let proof =
        async |of| api.proof(&caller, wire::ProofRequest { of: Some(of) }).await.map_err(|refusal| refusal.code);
    assert!(proof(Of::Index(authority)).await.is_ok() && proof(Of::Id("SA:organisation:dga".to_owned())).await.is_ok());
    for of in [Of::Index(service), Of::Index(0), Of::Id("EG:service:verify".to_owned())] {
        assert_eq!(proof(of).await.unwrap_err(), "CLIENT_DENIED");
    }
}
