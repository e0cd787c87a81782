//! Pages as JSON: written as any message is, and named so that whatever changes in one changes its tag; what fields cut.

use std::collections::BTreeMap;

use axum::body::Bytes;
use multaqa_proto::log::witness::Standing;
use multaqa_proto::number::TreeSize;
use multaqa_proto::wire::kind;
use multaqa_proto::wire::node::{Filter, ListRequest};
use prost::Message as _;
use prost_types::FieldMask;
use tokio::sync::watch;

use super::super::json::Kept;
use super::super::route::Shape;
use super::*;
use crate::clients::authorise::Caller;
use crate::publish::testing::organisation;
use crate::replica::testing::writer;

fn id(n: usize) -> String {
    format!("JO:organisation:o{n}")
}

/// A node with three organisations, the first of which is withdrawn, and one of another member with odd texts.
async fn node() -> TestNode {
    let mut node = Box::pin(TestNode::of("JO")).await;
    publish(&mut node, 0..3, "a").await;
    node.publisher.withdraw(&id(0).parse().unwrap(), BTreeMap::default()).await.unwrap();
    let name = [("ar", "\"وزارة\" \\ \u{200f}\n"), ("en", "Finance")];
    let odd = kind::Organisation {
        name: name.map(|(lang, text)| (lang.to_owned(), text.to_owned())).into(),
        r#type: "ministry".to_owned(),
        ..Default::default()
    };
    let content = node.log.content("SA:organisation:odd", &["members"], &[], odd.encode_to_vec());
    node.log.put(&writer("SA/gw1"), content);
    node.log.seal();
    node.order_queued().await;
    node
}

async fn publish(node: &mut TestNode, ids: impl IntoIterator<Item = usize>, name: &str) {
    let files: Vec<_> = ids.into_iter().map(|n| organisation(&id(n), name)).collect();
    node.publisher.publish(&files, &[]).await.unwrap();
    node.order_queued().await;
}

/// What a system with these scopes sees of what a node has that goes on beside it.
async fn beside(parts: crate::api::Parts, scopes: &[&str]) -> Seen {
    let other = Box::pin(TestNode::of("JO")).await;
    Box::pin(Seen::of(TestNode { parts, ..other }, scopes)).await
}

impl Seen {
    /// Status, tag and bytes of the answer to whoever has these tags.
    pub(super) async fn page(&self, target: &str, headers: &[(&str, &str)]) -> (StatusCode, String, Bytes) {
        let mut request = Request::get(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.ask(request.body(Body::empty()).unwrap()).await;
        let tag = response.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
        let status = response.status();
        (status, tag.unwrap_or_default(), response.into_body().collect().await.unwrap().to_bytes())
    }

    async fn tag(&self, target: &str) -> String {
        let (status, tag, body) = self.page(target, &[]).await;
        assert_eq!(status, StatusCode::OK, "{target}: {}", String::from_utf8_lossy(&body));
        tag
    }
}

#[tokio::test]
async fn a_page_is_written_as_any_message_is() {
    let node = node().await;
    node.index().await;
    let api = Api::new(node.parts.clone(), Shutdown::new());
    let seen = Box::pin(Seen::of(node, &[])).await;
    let shape = Shape::Message { name: "multaqa.node.v1.ListResponse", without: &["freshness"] };
    let mask = |paths: &[&str]| Some(FieldMask { paths: paths.iter().map(ToString::to_string).collect() });
    let only = |names: &[&str]| Kept::Only(names.iter().map(ToString::to_string).collect());
    let filters = vec![Filter { facet: "type".to_owned(), values: vec!["ministry".to_owned()] }];
    let facets = vec!["type".to_owned(), "country".to_owned()];
    let list = || ListRequest { kind: "organisation".to_owned(), ..ListRequest::default() };
    for (query, request, kept) in [
        ("", list(), Kept::Summary),
        ("?payloads=true&withdrawn=true", ListRequest { payloads: true, withdrawn: true, ..list() }, Kept::All),
        ("?fields=*", ListRequest { read_mask: mask(&["*"]), ..list() }, Kept::All),
        ("?fields=payload,id", ListRequest { read_mask: mask(&["payload", "id"]), ..list() }, only(&["payload", "id"])),
        (
            "?fields=title.en,accepted_at,payload.name.ar,payload.type",
            ListRequest {
                read_mask: mask(&["title.en", "accepted_at_ms", "payload.name.ar", "payload.type"]),
                ..list()
            },
            only(&["title", "accepted_at_ms", "payload"]),
        ),
        ("?country=EG", ListRequest { member: "EG".to_owned(), ..list() }, Kept::Summary),
        (
            "?type=ministry&facets=type,country&total=true&payloads=true",
            ListRequest { payloads: true, filters, facets, total: true, ..list() },
            Kept::All,
        ),
        ("?pageSize=2&payloads=true", ListRequest { page_size: 2, payloads: true, ..list() }, Kept::All),
    ] {
        let message = api.list(&Caller::Local, request).await.unwrap();
        let (status, _, body) = seen.page(&format!("/v1/organisations{query}"), &[]).await;
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert_eq!((status, body), (StatusCode::OK, json::render(shape, &message, &kept).unwrap()), "{query}");
    }
}

#[tokio::test]
async fn whatever_changes_in_a_page_changes_its_tag() {
    let mut node = node().await;
    let standing = watch::Sender::new(Standing::default());
    node.parts.standing = standing.subscribe();
    let parts = node.parts.clone();
    let seen = beside(parts, &[]).await;
    let first = "/v1/organisations?payloads=true";
    let mut tags = vec![seen.tag(first).await];
    let mut changed = async |why: &str, target: &str| {
        let tag = seen.tag(target).await;
        assert!(!tags.contains(&tag), "{why}");
        assert_eq!(seen.tag(target).await, tag, "{why}: it stays while nothing changes");
        let (status, again, body) = seen.page(target, &[("if-none-match", tag.as_str())]).await;
        assert_eq!((status, &again, body.len()), (StatusCode::NOT_MODIFIED, &tag, 0), "{why}");
        let (status, again, body) = seen.page(target, &[("if-none-match", tags[0].as_str())]).await;
        assert_eq!((status, &again, body.is_empty()), (StatusCode::OK, &tag, false), "{why}");
        tags.push(tag);
    };
    for (why, target) in [
        ("all kinds", "/v1/records?payloads=true"),
        ("no payloads", "/v1/organisations"),
        ("fields", "/v1/organisations?fields=payload"),
        ("other fields", "/v1/organisations?fields=payload.name"),
        ("all fields", "/v1/organisations?fields=id,payload"),
        ("withdrawn ones", "/v1/organisations?payloads=true&withdrawn=true"),
        ("a member", "/v1/organisations?payloads=true&country=JO"),
        ("a smaller page", "/v1/organisations?payloads=true&pageSize=1"),
    ] {
        changed(why, target).await;
    }
    publish(&mut node, [1], "b").await;
    changed("another revision", first).await;
    standing.send_modify(|standing| standing.witnessed = node.log.size());
    changed("others vouch for it", first).await;
    standing.send_modify(|standing| standing.stable = TreeSize(node.log.size().0 - 1));
    changed("some of it is stable", first).await;
    let before = seen.page("/v1/organisations?payloads=true&withdrawn=true", &[]).await;
    node.publisher.withdraw(&id(2).parse().unwrap(), BTreeMap::default()).await.unwrap();
    node.order_queued().await;
    changed("one is withdrawn, its payload erased", "/v1/organisations?payloads=true&withdrawn=true").await;
    changed("one less", first).await;
    let (status, _, _) =
        seen.page("/v1/organisations?payloads=true&withdrawn=true", &[("if-none-match", &before.1)]).await;
    assert_eq!(status, StatusCode::OK);
    publish(&mut node, [7], "c").await;
    changed("one more", first).await;

    // What does not show in it changes nothing, and a new process names it anew.
    let (services, all) = (seen.tag("/v1/services?payloads=true").await, seen.tag(first).await);
    publish(&mut node, [8], "d").await;
    assert_eq!(seen.tag("/v1/services?payloads=true").await, services);
    assert_ne!(seen.tag(first).await, all);
    assert_eq!(seen.tag("/v1/organisations?payloads=true&minPosition=1").await, seen.tag(first).await);
    node.parts.pages = crate::api::page::PageKey::new(&[8; 32]);
    let parts = node.parts.clone();
    let other = beside(parts, &[]).await;
    assert_ne!(other.tag(first).await, seen.tag(first).await);
}

#[tokio::test]
async fn a_token_goes_on_with_its_own_query_alone_and_a_total_is_part_of_a_page() {
    let mut node = node().await;
    node.index().await;
    let parts = node.parts.clone();
    let seen = beside(parts, &[]).await;
    for first in ["/v1/organisations?pageSize=1", "/v1/organisations?pageSize=1&type=ministry"] {
        let token = seen.get(first).await.1["next_page_token"].as_str().unwrap().to_owned();
        let on = async |more: &str| seen.get(&format!("{first}&pageToken={token}{more}")).await;
        assert_eq!(on("").await.0, StatusCode::OK, "{first}");
        for more in [
            "type=agency",
            "country=JO",
            "withdrawn=true",
            "facets=kind",
            "total=true",
            "fields=id",
            "payloads=true",
            "orderBy=title.en",
        ] {
            let (status, problem) = on(&format!("&{more}")).await;
            assert_eq!(
                (status, &problem["code"]),
                (StatusCode::BAD_REQUEST, &json!("PAGE_TOKEN_BAD")),
                "{first} {more}"
            );
        }
    }
    let counted = "/v1/organisations?pageSize=1&total=true";
    let tag = seen.tag(counted).await;
    publish(&mut node, [9], "z").await;
    node.index().await;
    assert_ne!(seen.tag(counted).await, tag, "one more, beyond the page");
}

#[tokio::test]
async fn a_page_in_a_coding_or_for_other_scopes_is_named_by_what_it_is() {
    let node = node().await;
    let parts = node.parts.clone();
    let narrow = beside(parts, &["read:service"]).await;
    let seen = Box::pin(Seen::of(node, &[])).await;
    let target = "/v1/records?payloads=true";
    assert_ne!(seen.tag(target).await, narrow.tag(target).await, "of kinds that it may not read nothing is there");
    let (_, plain, whole) = seen.page(target, &[]).await;
    let mut tags = vec![plain];
    for coding in ["gzip", "zstd"] {
        let (_, tag, coded) = seen.page(target, &[("accept-encoding", coding)]).await;
        assert!(!tags.contains(&tag) && coded != whole, "other bytes have another strong tag");
        for accepted in ["identity", coding] {
            let (status, known, _) = seen.page(target, &[("if-none-match", &tag), ("accept-encoding", accepted)]).await;
            assert_eq!(
                (status, &known),
                (StatusCode::NOT_MODIFIED, &tag),
                "a cache finds what it holds by its own tag"
            );
        }
        tags.push(tag);
    }
    for format in ["csv", "atom"] {
        let target = format!("/v1/organisations?payloads=true&format={format}");
        let (_, tag, _) = seen.page(&target, &[]).await;
        assert!(!tags.contains(&tag), "{format}");
        tags.push(tag);
    }
}

#[tokio::test]
async fn fields_cut_revisions_and_figures() {
    let mut node = Box::pin(TestNode::of("JO")).await;
    publish(&mut node, [1], "a").await;
    node.publisher.withdraw(&id(1).parse().unwrap(), BTreeMap::default()).await.unwrap();
    let content = node.log.content("SA:dataset:egdi", &["members"], &[], crate::replica::testing::dataset("0.7500"));
    node.log.put(&writer("SA/gw1"), content);
    node.order_queued().await;
    let seen = Box::pin(Seen::of(node, &[])).await;
    let history = format!("/v1/organisations/{}/history", id(1));
    let revisions = async |fields: &str| seen.get(&format!("{history}?fields={fields}")).await.1["revisions"].clone();
    assert_eq!(
        revisions("revision,tombstone,payload.id").await,
        json!([{ "revision": 0, "payload": null, "tombstone": false }, { "revision": 1, "payload": { "id": id(1) }, "tombstone": true }])
    );
    let times = revisions("accepted_at").await;
    assert!(
        times[0]["accepted_at"].as_str().unwrap().ends_with('Z') && times[0].as_object().unwrap().len() == 1,
        "{times}"
    );
    let whole = seen.get(&history).await.1["revisions"].clone();
    assert_eq!((revisions("*").await, whole[1].as_object().unwrap().len()), (whole.clone(), 11));

    let figures = "/v1/indicators/x-escwa:indicator:egdi/observations";
    let (status, cut) = seen.get(&format!("{figures}?fields=value,sex,time_period")).await;
    let figure = json!({ "time_period": "2024", "value": "0.7500", "sex": null });
    assert_eq!((status, &cut["observations"]), (StatusCode::OK, &json!([figure])));
    let (_, all) = seen.get(figures).await;
    assert_eq!(all["observations"][0].as_object().unwrap().len(), 12);
    for (target, near) in [
        (format!("{history}?fields=stat"), "state"),
        (format!("{history}?fields=payload.nmae"), "payload.name"),
        (format!("{figures}?fields=vlaue"), "value"),
        (format!("{figures}?fields=payload"), crate::file::NONE_NEAR),
    ] {
        let (status, problem) = seen.get(&target).await;
        assert_eq!(
            (status.as_u16(), &problem["code"], &problem["at"]),
            (400, &json!("FIELD_PATH_UNKNOWN"), &json!("fields"))
        );
        assert_eq!(problem["args"]["nearest"], near, "{target}");
    }
}
