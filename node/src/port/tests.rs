//! The services over a real socket.

use std::os::unix::fs::PermissionsExt as _;

use multaqa_proto::sync::intake::Intake;
use multaqa_proto::sync::intake::start::{Next, Start};
use multaqa_proto::wire::node as wire;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::listen;
use prost::Message as _;
use tokio::task::JoinHandle;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::*;
use crate::cli::client::Node;
use crate::publish::testing::{TestNode, file, organisation};
use crate::replica::testing::writer;

const MODEE: &str = "JO:organisation:modee";

/// A node that answers on its socket.
pub(crate) struct Served {
    pub(crate) node: TestNode,
    pub(crate) client: Node,
    pub(crate) shutdown: Shutdown,
    pub(crate) serving: JoinHandle<Result<(), Fault>>,
}

impl Served {
    pub(crate) async fn of(node: TestNode) -> Self {
        let path = crate::config::Layout::new(node.dir.path()).socket();
        let listener = listen::unix(&path).await.unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let shutdown = Shutdown::new();
        let serving = tokio::spawn(serve(node.parts.clone(), listener, shutdown.clone()));
        let client = Node::connect(node.dir.path()).await.unwrap();
        Self { node, client, shutdown, serving }
    }

    async fn publish(&self, files: Vec<wire::NamedFile>) -> Result<wire::PublishResponse, Status> {
        let request = wire::PublishRequest { files, attachments: Vec::new() };
        self.client.outbox().publish(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn stop(self) {
        drop(self.client);
        self.shutdown.drain();
        self.serving.await.unwrap().unwrap();
    }
}

fn named(file: crate::file::Named) -> wire::NamedFile {
    let crate::file::Named { name, bytes } = file;
    wire::NamedFile { name, bytes }
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

#[tokio::test]
async fn what_is_published_is_queued_and_read_when_the_log_has_it() {
    let mut served = Served::of(TestNode::of("JO").await).await;
    let files = ["a", "b"].map(|name| named(organisation(MODEE, name)));
    let answer = served.publish(files.into()).await.unwrap();
    assert_eq!(
        answer.records.iter().map(|r| (r.revision, r.state.as_str())).collect::<Vec<_>>(),
        [(1, "queued"), (2, "queued")]
    );
    let freshness = answer.freshness.unwrap();
    assert_eq!((freshness.state.as_str(), freshness.line_code.as_str()), ("offline", "LINE_DOWN"));
    assert!(freshness.line_down_since_ms.is_some() && freshness.size > 0);

    let queue = served.client.outbox().queue(wire::QueueRequest::default()).await.unwrap().into_inner();
    assert_eq!((queue.waiting, queue.records.len(), queue.records[0].state.as_str()), (2, 2, "queued"));

    served.node.order_queued().await;
    let queue = served.client.outbox().queue(wire::QueueRequest::default()).await.unwrap().into_inner();
    assert_eq!((queue.waiting, queue.records.len()), (0, 0));
    let all = served.client.outbox().queue(wire::QueueRequest { all: true, page_size: 2, ..Default::default() }).await;
    let all = all.unwrap().into_inner();
    assert_eq!((all.records[1].state.as_str(), all.next_page_token.is_empty()), ("valid", false));

    let got = served
        .client
        .replica()
        .get(wire::GetRequest { id: MODEE.to_owned(), ..Default::default() })
        .await
        .unwrap()
        .into_inner();
    let object = got.object.unwrap();
    assert_eq!((object.revision, object.title["ar"].as_str(), object.member.as_str()), (2, "b", "JO"));
    let payload: serde_json::Value = serde_json::from_str(&got.payload_json).unwrap();
    assert_eq!((&payload["type"], &payload["homepage"]), (&serde_json::json!("ministry"), &serde_json::json!("")));

    let request = wire::HistoryRequest { id: MODEE.to_owned(), page_size: 1, ..Default::default() };
    let first = served.client.replica().history(request.clone()).await.unwrap().into_inner();
    let next = wire::HistoryRequest { page_token: first.next_page_token, ..request };
    let second = served.client.replica().history(next).await.unwrap().into_inner();
    let revisions = [&first.revisions[0], &second.revisions[0]];
    assert_eq!(
        revisions.map(|r| (r.revision, r.state.as_str(), r.writer.as_str())),
        [(1, "valid", "JO/gw1"), (2, "valid", "JO/gw1")]
    );
    served.stop().await;
}

#[tokio::test]
async fn lists_are_paged_and_filtered() {
    let mut served = Served::of(TestNode::of("JO").await).await;
    let files = (0..5).map(|n| named(organisation(&format!("JO:organisation:o{n}"), "a"))).collect();
    served.publish(files).await.unwrap();
    served.node.order_queued().await;
    let request = wire::ListRequest { kind: "organisation".to_owned(), page_size: 2, ..Default::default() };
    let mut ids = Vec::new();
    let mut token = String::new();
    loop {
        let request = wire::ListRequest { page_token: token, ..request.clone() };
        let page = served.client.replica().list(request).await.unwrap().into_inner();
        assert!(page.objects.len() <= 2);
        ids.extend(page.objects.into_iter().map(|object| object.id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(ids, (0..5).map(|n| format!("JO:organisation:o{n}")).collect::<Vec<_>>());
    let other = wire::ListRequest { member: "SA".to_owned(), ..request.clone() };
    assert!(served.client.replica().list(other).await.unwrap().into_inner().objects.is_empty());
    let wrong = wire::ListRequest { page_token: "*".to_owned(), ..request };
    assert_eq!(reason(&served.client.replica().list(wrong).await.unwrap_err()), "PAGE_TOKEN_BAD");
    served.stop().await;
}

#[tokio::test]
async fn lists_bring_payloads_and_what_a_mask_names() {
    let mut served = Served::of(TestNode::of("JO").await).await;
    let files = (0..3).map(|n| named(organisation(&format!("JO:organisation:o{n}"), "a"))).collect();
    served.publish(files).await.unwrap();
    served.node.order_queued().await;
    let request = wire::ListRequest { kind: "organisation".to_owned(), ..Default::default() };
    let list =
        async |request: wire::ListRequest| served.client.replica().list(request).await.map(tonic::Response::into_inner);
    let bare = list(request.clone()).await.unwrap().objects;
    assert!(bare.len() == 3 && bare.iter().all(|object| object.payload_json.is_empty() && object.revision == 1));
    let whole = list(wire::ListRequest { payloads: true, ..request.clone() }).await.unwrap().objects;
    let got = served.client.replica().get(wire::GetRequest { id: whole[2].id.clone(), ..Default::default() }).await;
    let got = got.unwrap().into_inner();
    assert_eq!(whole[2].payload_json, got.payload_json);
    assert_eq!(wire::ObjectSummary { payload_json: String::new(), ..whole[2].clone() }, got.object.unwrap());

    let masked = |paths: &[&str]| {
        let paths = paths.iter().map(ToString::to_string).collect();
        wire::ListRequest { read_mask: Some(prost_types::FieldMask { paths }), ..request.clone() }
    };
    let cut = list(masked(&["id", "payload.name.ar"])).await.unwrap().objects;
    let expected = wire::ObjectSummary {
        id: "JO:organisation:o0".to_owned(),
        payload_json: r#"{"name":{"ar":"a"}}"#.to_owned(),
        ..Default::default()
    };
    assert_eq!(cut[0], expected);
    assert_eq!(list(masked(&["*"])).await.unwrap().objects, whole);
    let unknown = list(masked(&["payload.nmae"])).await.unwrap_err();
    assert_eq!(reason(&unknown), "FIELD_PATH_UNKNOWN");
    assert_eq!(unknown.get_details_error_info().unwrap().metadata["nearest"], "payload.name");

    // A token goes on with its own query alone.
    let first = list(wire::ListRequest { page_size: 1, ..request.clone() }).await.unwrap();
    let page_token = first.next_page_token;
    let more = wire::ListRequest { page_size: 2, page_token: page_token.clone(), ..request.clone() };
    assert_eq!(list(more).await.unwrap().objects.len(), 2);
    for other in [wire::ListRequest { payloads: true, ..request.clone() }, wire::ListRequest::default()] {
        let other = list(wire::ListRequest { page_token: page_token.clone(), ..other }).await;
        assert_eq!(reason(&other.unwrap_err()), "PAGE_TOKEN_BAD");
    }
    let history = wire::HistoryRequest { id: whole[0].id.clone(), page_token, ..Default::default() };
    assert_eq!(reason(&served.client.replica().history(history).await.unwrap_err()), "PAGE_TOKEN_BAD");

    let ids = ["JO:organisation:o2", "JO:organisation:none", "JO:organisation:o0"].map(ToOwned::to_owned);
    let many = served.node.parts.replica.get_many(&ids).await.unwrap();
    assert_eq!(many.iter().map(|object| object.summary.id.as_str()).collect::<Vec<_>>(), [&ids[0], &ids[2]]);
    served.stop().await;
}

/// A kind that is added later appears by itself: in the table, and here.
#[tokio::test]
async fn every_kind_that_there_is_is_listed_got_told_and_proven() {
    use multaqa_proto::wire::kind as payload;
    let text = |text: &str| [("ar".to_owned(), text.to_owned())].into();
    let unit = || "INDEX".to_owned();
    let sample = |kind: &str| match kind {
        "service" => crate::replica::testing::service("Sanad"),
        "organisation" => {
            payload::Organisation { name: text("a"), r#type: "ministry".to_owned(), ..Default::default() }
                .encode_to_vec()
        }
        "codelist" => {
            let code = payload::codelist::Code { code: "a".to_owned(), label: text("a"), ..Default::default() };
            payload::Codelist { title: text("a"), codes: vec![code], ..Default::default() }.encode_to_vec()
        }
        "indicator" => payload::Indicator {
            code: "EGDI".to_owned(),
            name: text("a"),
            definition: text("a"),
            unit: unit(),
            direction: "higher-is-better".to_owned(),
            source: "UN DESA".to_owned(),
            ..Default::default()
        }
        .encode_to_vec(),
        "dataset" => crate::replica::testing::dataset("0.7500"),
        other => panic!("a kind was added: give {other} a payload here"),
    };
    let mut node = TestNode::of_secretariat().await;
    node.log.join_as("x-escwa", "gw2");
    let mut ids = Vec::new();
    for kind in crate::clients::names_of_kinds() {
        let known = multaqa_proto::kind::Kind::find(kind).unwrap();
        let of_state = known.may_publish(multaqa_proto::kind::MemberClass::State);
        let (code, by) = if of_state { ("SA", "SA/gw1") } else { ("x-escwa", "x-escwa/gw2") };
        let id = format!("{code}:{kind}:x");
        let content = node.log.content(&id, &["members"], &[], sample(kind));
        node.log.put(&writer(by), content);
        ids.push((kind, id));
    }
    node.log.seal();
    node.follow().await;
    let served = Served::of(node).await;
    let mut replica = served.client.replica();
    let all = wire::WatchRequest { from_position: Some(0), ..Default::default() };
    let mut events = served.client.watch().watch(all).await.unwrap().into_inner();
    for (kind, id) in ids {
        let request = wire::ListRequest { kind: kind.to_owned(), payloads: true, ..Default::default() };
        let listed = replica.list(request).await.unwrap().into_inner().objects;
        assert_eq!(listed.iter().map(|object| object.id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
        let got = replica.get(wire::GetRequest { id: id.clone(), ..Default::default() }).await.unwrap().into_inner();
        assert!(got.payload_json.len() > 2 && got.payload_json == listed[0].payload_json, "{kind}");
        let history = wire::HistoryRequest { id: id.clone(), ..Default::default() };
        assert_eq!(replica.history(history).await.unwrap().into_inner().revisions[0].state, "valid", "{kind}");
        let of = Some(wire::proof_request::Of::Id(id.clone()));
        assert!(!replica.proof(wire::ProofRequest { of }).await.unwrap().into_inner().file.is_empty(), "{kind}");
        let told = events.message().await.unwrap().unwrap();
        assert_eq!(told.object.unwrap().id, id);
    }
    drop(events);
    served.stop().await;
}

#[tokio::test]
async fn errors_carry_code_arguments_and_findings() {
    let served = Served::of(TestNode::of("JO").await).await;
    let unknown =
        served.client.replica().get(wire::GetRequest { id: MODEE.to_owned(), ..Default::default() }).await.unwrap_err();
    assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::NotFound, "OBJECT_UNKNOWN"));
    let malformed = served
        .client
        .replica()
        .get(wire::GetRequest { id: "modee".to_owned(), ..Default::default() })
        .await
        .unwrap_err();
    assert_eq!((malformed.code(), reason(&malformed).as_str()), (Code::InvalidArgument, "ID_MALFORMED"));
    let lang = [("de".to_owned(), "x".to_owned())].into();
    let request = wire::WithdrawRequest { id: MODEE.to_owned(), reason: lang };
    assert_eq!(reason(&served.client.outbox().withdraw(request).await.unwrap_err()), "LANGUAGE_UNKNOWN");

    let bad = (0..40).map(|n| format!("  x{n}: 1\n")).collect::<Vec<_>>().concat();
    let wrong = file("w.yaml", &format!("id: {MODEE}\npayload:\n  name: {{ar: x}}\n  type: ministry\n{bad}"));
    let refused = served.publish(vec![named(wrong.clone())]).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "FILES_REFUSED"));
    let violations = refused.get_details_bad_request().unwrap().field_violations;
    assert_eq!((violations.len(), violations[0].field.as_str()), (16, "w.yaml:5:3: payload.x0"));
    let request = wire::CheckRequest { files: vec![named(wrong)], attachments: Vec::new() };
    let checked = served.client.outbox().check(request).await.unwrap().into_inner();
    assert_eq!((checked.findings_total, checked.findings.len(), checked.findings[39].line), (40, 40, 44));
    served.stop().await;
}

#[tokio::test]
async fn an_answer_and_a_refusal_say_how_fresh_they_are() {
    let mut node = TestNode::of("JO").await;
    node.publisher.publish(&[organisation(MODEE, "a")], &[]).await.unwrap();
    node.order_queued().await;
    node.index().await;
    node.publisher.publish(&[organisation(MODEE, "b")], &[]).await.unwrap();
    node.order_queued().await;
    let size = node.log.size().0;
    let served = Served::of(node).await;
    let said = |metadata: &tonic::metadata::MetadataMap| {
        ["multaqa-state", "multaqa-position", "multaqa-as-of"]
            .map(|name| metadata.get(name).map(|value| value.to_str().unwrap().to_owned()))
    };
    let (state, position) = (Some("offline".to_owned()), Some(size.to_string()));
    let got = |id: &str| wire::GetRequest { id: id.to_owned(), ..Default::default() };
    let answer = served.client.replica().get(got(MODEE)).await.unwrap();
    let [_, _, first] = said(answer.metadata());
    assert!(first.as_ref().is_some_and(|as_of| as_of.ends_with('Z')), "{first:?}");
    assert_eq!(said(answer.metadata()), [state.clone(), position.clone(), first.clone()]);
    for refused in [
        served.client.replica().get(got("JO:service:none")).await.unwrap_err(),
        served.client.replica().get(got("none")).await.unwrap_err(),
    ] {
        assert_eq!(said(refused.metadata()), [state.clone(), position.clone(), first.clone()], "{refused}");
    }
    // What the index answers is as old as the index.
    let found = served.client.search().search(wire::SearchRequest::default()).await.unwrap();
    let older = found.get_ref().freshness.as_ref().unwrap().size;
    assert!(older < size);
    assert_eq!(said(found.metadata())[1], Some(older.to_string()));
    // Also where the answer itself says nothing of it.
    let clients = served.client.clients().list_clients(wire::ListClientsRequest {}).await.unwrap();
    assert_eq!(said(clients.metadata())[..2], [state, position]);
    served.stop().await;
}

#[tokio::test]
async fn the_status_shows_node_position_and_what_waits() {
    let mut node = TestNode::of("JO").await;
    let group = |members: &[&str]| multaqa_proto::wire::kind::Group {
        slug: "gcc".to_owned(),
        name: [("en".to_owned(), "GCC".to_owned())].into(),
        history: "full".to_owned(),
        members: members.iter().map(|code| (*code).to_owned()).collect(),
        ..Default::default()
    };
    let encode = |members: &[&str]| prost::Message::encode_to_vec(&group(members));
    let id = "x-federation:group:gcc";
    let first = node.log.control(id, encode(&["JO", "SA"]));
    let content = node.log.content(id, &["members"], &[first], encode(&["JO", "SA", "EG"]));
    let change = node.log.put(&writer("operator/first"), content).record_id;
    node.follow().await;
    let served = Served::of(node).await;
    let status = served.client.status().get_status(wire::GetStatusRequest {}).await.unwrap().into_inner();
    assert_eq!((status.member.as_str(), status.node.as_str(), status.member_class.as_str()), ("JO", "gw1", "state"));
    assert_eq!((status.members, status.federation.as_str(), status.seq), (3, "test.example", 1));
    assert_eq!((status.approvals[0].id.as_str(), status.approvals[0].needed), (id, 2));
    assert_eq!(status.approvals[0].record_id, change.to_vec());

    let request = wire::ApproveRequest { record_id: change.to_vec() };
    let approved = served.client.outbox().approve(request.clone()).await.unwrap().into_inner();
    assert_eq!(approved.target, id);
    let again = served.client.outbox().approve(request).await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::AlreadyExists, "APPROVAL_GIVEN"));
    served.stop().await;
}

#[tokio::test]
async fn without_a_node_the_command_line_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let failure = Node::connect(dir.path()).await.unwrap_err();
    assert_eq!(failure.code(), "NODE_NOT_RUNNING");
}

#[tokio::test]
async fn nothing_is_answered_before_a_fast_start_is_over() {
    let mut node = TestNode::of("JO").await;
    node.log.name_witnesses(&["JO"]);
    node.log.seal();
    let (replica, identity) = (node.parts.replica.clone(), node.parts.journal.identity().clone());
    replica.abandon_start().await.unwrap();
    let empty = Intake::empty(identity.member.clone(), identity.genesis, identity.log);
    let start = Start::begin(&empty, node.log.offer(&["JO"])).unwrap();
    let (next, stretch) = start.accept(&node.log.by_runs("JO", 2)[0]).unwrap();
    let Next::More(next) = next else { panic!("two leaves are all of the log") };
    replica.stage(&next, stretch, 1).await.unwrap();

    let served = Served::of(node).await;
    let status = served.client.status().get_status(wire::GetStatusRequest {}).await.unwrap().into_inner();
    let start = status.fast_start.unwrap();
    assert_eq!((start.over, start.taken, status.objects.len()), (false, 2, 0));
    let mut replica = served.client.replica();
    let refused = [
        replica.list(wire::ListRequest::default()).await.map(drop),
        replica.get(wire::GetRequest { id: MODEE.to_owned(), ..Default::default() }).await.map(drop),
        replica.history(wire::HistoryRequest { id: MODEE.to_owned(), ..Default::default() }).await.map(drop),
        replica.observations(wire::ObservationsRequest::default()).await.map(drop),
        replica.proof(wire::ProofRequest::default()).await.map(drop),
    ];
    for refused in refused {
        assert_eq!(reason(&refused.unwrap_err()), "REPLICA_STARTING");
    }
    served.stop().await;
}
