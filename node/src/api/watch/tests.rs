//! Watches over the socket, and of a system by the endpoint itself.

use std::collections::BTreeMap;

use multaqa_runtime::lifecycle::Shutdown;
use tokio_stream::StreamExt as _;
use tonic::Streaming;

use super::*;
use crate::clients::tests::TestClients;
use crate::port::grpc::watch::form;
use crate::port::tests::Served;
use crate::publish::testing::{TestNode, organisation};
use crate::replica::testing::writer;

fn id(n: usize) -> String {
    format!("JO:organisation:o{n}")
}

async fn publish(served: &mut Served, ids: impl IntoIterator<Item = usize>, name: &str) {
    let files: Vec<_> = ids.into_iter().map(|n| organisation(&id(n), name)).collect();
    served.node.publisher.publish(&files, &[]).await.unwrap();
    served.node.order_queued().await;
}

async fn watch(served: &Served, request: wire::WatchRequest) -> Streaming<wire::WatchResponse> {
    served.client.watch().watch(request).await.unwrap().into_inner()
}

async fn next(events: &mut Streaming<wire::WatchResponse>) -> wire::WatchResponse {
    events.message().await.unwrap().unwrap()
}

/// Ids of the objects that come before the next heartbeat.
async fn told(events: &mut Streaming<wire::WatchResponse>) -> Vec<(String, String)> {
    let mut told = Vec::new();
    loop {
        let event = next(events).await;
        match event.object {
            Some(object) => told.push((event.event, object.id)),
            None => return told,
        }
    }
}

fn put(ids: impl IntoIterator<Item = usize>) -> Vec<(String, String)> {
    ids.into_iter().map(|n| ("put".to_owned(), id(n))).collect()
}

#[tokio::test]
async fn a_watch_tells_what_changes_from_its_beginning_on() {
    let mut served = Served::of(TestNode::of("JO").await).await;
    publish(&mut served, 0..2, "a").await;
    let mut events = watch(&served, wire::WatchRequest { payloads: true, ..Default::default() }).await;
    let first = next(&mut events).await;
    assert_eq!((first.event.as_str(), first.position), ("heartbeat", served.node.log.size().0));
    assert_eq!(first.freshness.unwrap().size, first.position);
    publish(&mut served, [1], "b").await;
    let event = next(&mut events).await;
    let object = event.object.unwrap();
    assert_eq!((event.event.as_str(), object.id.as_str(), object.revision), ("put", id(1).as_str(), 2));
    assert_eq!((event.position, object.index + 1), (served.node.log.size().0, event.position));
    assert!(object.payload_json.contains(r#""b""#), "{object:?}");

    let target = id(1).parse().unwrap();
    served.node.publisher.withdraw(&target, BTreeMap::default()).await.unwrap();
    served.node.order_queued().await;
    let event = next(&mut events).await;
    assert_eq!((event.event.as_str(), event.object.unwrap().id), ("withdrawn", id(1)));

    // From the past on: the newest state of each object, once, in the order of the log.
    let past = wire::WatchRequest { from_position: Some(first.position), ..Default::default() };
    let mut late = watch(&served, past).await;
    assert_eq!(told(&mut late).await, [("withdrawn".to_owned(), id(1))]);
    let all =
        wire::WatchRequest { from_position: Some(0), kinds: vec!["organisation".to_owned()], ..Default::default() };
    let mut all = watch(&served, all).await;
    assert_eq!(told(&mut all).await, [put([0]), vec![("withdrawn".to_owned(), id(1))]].concat());
    drop((events, late, all));
    served.stop().await;
}

#[tokio::test]
async fn on_a_long_way_without_anything_for_it_a_watcher_hears_how_far_it_is() {
    let mut served = Served::of(TestNode::of("JO").await).await;
    publish(&mut served, 0..150, "a").await;
    let end = served.node.log.size().0;
    let api = Api::new(served.node.parts.clone(), Shutdown::new());
    let request =
        wire::WatchRequest { kinds: vec!["dataset".to_owned()], from_position: Some(0), ..Default::default() };
    let mut watcher = api.watcher(&Caller::Local, request, form()).unwrap();
    watcher.heartbeat = Duration::ZERO;
    let (sent, mut events) = mpsc::channel(WAITING);
    let watching = tokio::spawn(watcher.run(sent));
    let mut places = Vec::new();
    while places.last() != Some(&end) {
        let event = wire::WatchResponse::decode(events.recv().await.unwrap().unwrap()).unwrap();
        assert_eq!(event.event, "heartbeat");
        places.push(event.position);
    }
    assert!(places.len() > 2 && places.is_sorted() && places[0] < end, "{places:?}");
    drop(events);
    watching.await.unwrap();
    served.stop().await;
}

#[tokio::test]
async fn watchers_of_any_beginning_are_told_all_of_it_once() {
    let mut served = Served::of(TestNode::of("JO").await).await;
    let start = served.node.log.size().0;
    publish(&mut served, 0..150, "a").await;
    let mut streams = Vec::new();
    for n in [0, 1, 63, 64, 65, 149, 150] {
        let from_position = Some(start + n);
        let request = wire::WatchRequest { from_position, payloads: n % 2 == 0, ..Default::default() };
        streams.push((usize::try_from(n).unwrap(), watch(&served, request).await));
    }
    for (n, events) in &mut streams {
        assert_eq!(told(events).await, put(*n..150), "{n}");
    }
    // While they are read from: in one frame more than a batch holds.
    publish(&mut served, 150..300, "a").await;
    for (n, events) in &mut streams {
        let mut found = Vec::new();
        while found.len() < 150 {
            found.push(next(events).await.object.unwrap().id);
        }
        assert_eq!(found, (150..300).map(id).collect::<Vec<_>>(), "{n}");
    }
    assert_eq!(served.node.parts.changes.watchers(), streams.len());
    drop(streams);
    served.stop().await;
}

#[tokio::test]
async fn a_slow_watcher_misses_nothing() {
    let mut served = Served::of(TestNode::of("JO").await).await;
    let mut events = watch(&served, wire::WatchRequest { payloads: true, ..Default::default() }).await;
    assert_eq!(next(&mut events).await.event, "heartbeat");
    // More batches than are kept, none of which is read meanwhile.
    let long = "x".repeat(150);
    for n in 0..250 {
        publish(&mut served, [n], &long).await;
    }
    let mut found = Vec::new();
    while found.len() < 250 {
        found.push(next(&mut events).await.object.unwrap().id);
    }
    assert_eq!(found, (0..250).map(id).collect::<Vec<_>>());
    drop(events);
    served.stop().await;
}

#[tokio::test]
async fn what_no_position_says_is_told_as_resync() {
    let mut served = Served::of(TestNode::of("JO").await).await;
    publish(&mut served, 0..2, "a").await;
    let size = served.node.log.size().0;
    for request in [
        wire::WatchRequest { from_position: Some(size + 1), ..Default::default() },
        wire::WatchRequest { resume: format!("1.1.{size}"), ..Default::default() },
        wire::WatchRequest { resume: format!("2.0.{size}"), ..Default::default() },
    ] {
        let mut events = watch(&served, request.clone()).await;
        let event = next(&mut events).await;
        assert_eq!((event.event.as_str(), event.position), ("resync", size), "{request:?}");
        assert_eq!(event.freshness.unwrap().fills, 0);
        // From there on it goes on.
        let mut events = watch(&served, wire::WatchRequest { resume: event.id, ..Default::default() }).await;
        assert_eq!(told(&mut events).await, []);
    }
    let wrong = wire::WatchRequest { resume: "x".to_owned(), ..Default::default() };
    let refused = served.client.watch().watch(wrong).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    served.stop().await;
}

/// What a system is told by the endpoint itself.
async fn of_system(node: &TestNode, client: &Arc<crate::clients::Client>, request: wire::WatchRequest) -> Watching {
    let api = Api::new(node.parts.clone(), Shutdown::new());
    api.watch(&Caller::System(Arc::clone(client)), request, form()).await.unwrap()
}

/// The next event of the endpoint itself.
async fn event(events: &mut Watching) -> wire::WatchResponse {
    wire::WatchResponse::decode(events.next().await.unwrap().unwrap()).unwrap()
}

#[tokio::test]
async fn an_event_is_written_once_for_all_who_asked_for_the_same_of_it() {
    let mut node = TestNode::of("JO").await;
    let api = Api::new(node.parts.clone(), Shutdown::new());
    let mask = |paths: &[&str]| {
        let paths = paths.iter().map(ToString::to_string).collect();
        wire::WatchRequest { read_mask: Some(prost_types::FieldMask { paths }), ..Default::default() }
    };
    let requests = [
        wire::WatchRequest { payloads: true, ..Default::default() },
        wire::WatchRequest { payloads: true, kinds: vec!["organisation".to_owned()], ..Default::default() },
        wire::WatchRequest {
            payloads: true,
            heartbeat_seconds: 7,
            members: vec!["JO".to_owned()],
            ..Default::default()
        },
        wire::WatchRequest::default(),
        mask(&["id", "title"]),
        mask(&["id", "title"]),
        mask(&["id", "payload.name"]),
    ];
    let mut watching = Vec::new();
    for request in &requests {
        let mut events = api.watch(&Caller::Local, request.clone(), form()).await.unwrap();
        assert_eq!(event(&mut events).await.event, "heartbeat");
        watching.push(events);
    }
    let other = Telling::new("other", |event| Ok(event.event.clone().into()));
    let mut other = api.watch(&Caller::Local, requests[0].clone(), other).await.unwrap();
    assert_eq!(other.next().await.unwrap().unwrap(), "heartbeat");
    node.publisher.publish(&[organisation(&id(0), "a")], &[]).await.unwrap();
    node.order_queued().await;
    let mut told: Vec<Bytes> = Vec::new();
    for events in &mut watching {
        told.push(events.next().await.unwrap().unwrap());
    }
    let at = |n: usize| told[n].as_ptr();
    assert_eq!((at(0), at(0), at(4)), (at(1), at(2), at(5)), "the same bytes, not others like them");
    let apart = [0, 3, 4, 6];
    assert!(apart.iter().all(|n| apart.iter().all(|m| n == m || told[*n] != told[*m])), "{told:?}");
    let shown: Vec<_> = apart.iter().map(|n| wire::WatchResponse::decode(told[*n].clone()).unwrap()).collect();
    assert!(shown.iter().all(|event| event.event == "put" && event.id == shown[0].id), "{shown:?}");
    let objects: Vec<_> = shown.into_iter().map(|event| event.object.unwrap()).collect();
    assert!(objects[0].payload_json.contains(r#""type":"ministry""#) && objects[1].payload_json.is_empty());
    assert_eq!((objects[2].title.len(), objects[2].revision), (1, 0));
    assert_eq!(objects[3].payload_json, r#"{"name":{"ar":"a"}}"#);
    assert_eq!(other.next().await.unwrap().unwrap(), "put");
}

#[tokio::test]
async fn scopes_hold_for_every_event_and_a_revocation_ends_the_stream() {
    let mut world = TestNode::of("JO").await;
    let clients = TestClients::new().await;
    world.parts.clients = clients.clients.clone();
    let client = clients.add("mof/figures", &["read:organisation", "read:service"]).await.unwrap();
    let kinds = |kinds: &[&str]| kinds.iter().map(ToString::to_string).collect();
    let named = wire::WatchRequest { kinds: kinds(&["organisation"]), ..Default::default() };
    let mut any = of_system(&world, &client, wire::WatchRequest::default()).await;
    let mut one = of_system(&world, &client, named.clone()).await;
    let mut other =
        of_system(&world, &client, wire::WatchRequest { kinds: kinds(&["service"]), ..named.clone() }).await;
    for events in [&mut any, &mut one, &mut other] {
        assert_eq!(event(events).await.event, "heartbeat");
    }
    let api = Api::new(world.parts.clone(), Shutdown::new());
    let caller = Caller::System(Arc::clone(&client));
    let denied = api.watch(&caller, wire::WatchRequest { kinds: kinds(&["dataset"]), ..named }, form()).await;
    assert_eq!(denied.unwrap_err().code, "CLIENT_DENIED");

    clients.clients.allow("mof/figures", &["read:service".to_owned()]).await.unwrap();
    let ended = one.next().await.unwrap().unwrap_err();
    assert_eq!(ended.code, "CLIENT_DENIED");
    world.publisher.publish(&[organisation(&id(0), "a")], &[]).await.unwrap();
    let service = crate::replica::testing::service("Sanad");
    let content = world.log.content("SA:service:sanad", &["states"], &[], service);
    world.log.put(&writer("SA/gw1"), content);
    world.order_queued().await;
    for events in [&mut any, &mut other] {
        assert_eq!(event(events).await.object.unwrap().id, "SA:service:sanad", "what it may not read is not among it");
    }
    clients.clients.revoke("mof/figures").await.unwrap();
    for events in [&mut any, &mut other] {
        assert_eq!(events.next().await.unwrap().unwrap_err().code, "CLIENT_REVOKED");
        assert!(events.next().await.is_none());
    }
}

#[tokio::test]
async fn watches_are_bounded() {
    let node = TestNode::of("JO").await;
    let api = Api::new(node.parts.clone(), Shutdown::new());
    let open: Vec<_> = (0..WATCHERS).map(|_| node.parts.changes.subscribe(false).unwrap()).collect();
    let refused = api.watch(&Caller::Local, wire::WatchRequest::default(), form()).await.unwrap_err();
    assert_eq!(refused.code, "WATCHES_TOO_MANY");
    drop(open);
    api.watch(&Caller::Local, wire::WatchRequest::default(), form()).await.unwrap();
}

#[tokio::test]
async fn watches_end_with_the_process() {
    let served = Served::of(TestNode::of("JO").await).await;
    let mut events = watch(&served, wire::WatchRequest::default()).await;
    assert_eq!(next(&mut events).await.event, "heartbeat");
    served.shutdown.drain();
    let ended = events.message().await.unwrap_err();
    assert!(ended.message().starts_with("NODE_ENDS"), "{ended}");
    served.serving.await.unwrap().unwrap();
}
