//! What a member's systems wait for at their node's port: a replica of many records, read over gRPC and over REST.
//!
//! One writer puts the records on the log, one node fetches them all and serves its port. Then four clients with a client
//! certificate, each on a connection of its own over TLS, ask for objects (`get`, gRPC) and for pages of 50 objects with their
//! payloads (REST), in an order that looks random, each waiting for its answer before it asks again. Clients, node and what it is
//! compared with share this machine.
//!
//! The reference is a bare method behind rustls with the same certificates, which answers with the same bytes from memory
//! ([`port`]): it encodes and sends what the node does, and neither looks anything up nor asks who may.

use std::time::Duration;

use futures::future::join_all;
use multaqa_proto::wire::node::replica_service_client::ReplicaServiceClient;
use multaqa_proto::wire::node::{GetRequest, GetResponse};
use multaqa_tests::bulk::{Bulk, Submitter};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::time::Instant;
use tonic::transport::Channel;

use crate::port::{self, Http, Line};
use crate::report::{Aim, Figure, Samples, rate};
use crate::{Setting, bare, stage};

const WRITER: &str = "JO";
const READER: &str = "EG";
/// Clients at once, each with a connection.
const CLIENTS: usize = 4;
/// Calls of one figure, all clients together.
const CALLS: usize = 4_000;
/// Objects of a page.
const PAGE: usize = 50;
/// Records under one signature.
const BATCH: usize = 64;
/// Longest catching up.
const CAUGHT_UP: Duration = Duration::from_mins(5);
/// What `get` is to reach of a bare method's calls.
const GETS_OF_BARE: f64 = 0.25;
/// Pages a second that are aimed at.
const PAGES: f64 = 800.0;

/// `get` over gRPC, pages over REST.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    let runtime = Runtime::new().unwrap();
    let mut world = stage::world(setting, &[]);
    for member in [WRITER, READER] {
        stage::join(&mut world, member);
    }
    let mut load = Bulk::of(&world, WRITER);
    let records = load.sign(setting.records, BATCH);
    runtime.block_on(async { Submitter::connect(&world, WRITER).await.submit(records).await });
    stage::dial_directly(&world, READER);
    port::open(&mut world, READER);
    world.federation_mut().settle(CAUGHT_UP).unwrap();
    let line = port::admit(&world, READER, "bench");
    runtime.block_on(async {
        let ids: Vec<String> = scattered(CALLS).map(|n| load.id(n % setting.records)).collect();
        vec![gets(&line, ids).await, pages(&line).await]
    })
}

/// So many numbers in no order that a cache could follow (a multiplicative sequence).
fn scattered(n: usize) -> impl Iterator<Item = usize> {
    (1..=n).map(|place| place.wrapping_mul(2_654_435_761) >> 7)
}

/// What the calls of all clients took.
struct Measured {
    samples: Samples,
    a_second: f64,
}

/// Every request once; each client has its own part of them, and something to ask with.
async fn measure<C, Q: Clone, F>(clients: Vec<C>, requests: &[Q], call: impl Fn(C, Q) -> F) -> Measured
where
    F: Future<Output = C>,
{
    let started = Instant::now();
    let share = requests.len().div_ceil(clients.len());
    let asking = clients.into_iter().zip(requests.chunks(share)).map(|(mut client, requests)| {
        let call = &call;
        async move {
            let mut elapsed = Vec::with_capacity(requests.len());
            for request in requests {
                let asked = Instant::now();
                client = call(client, request.clone()).await;
                elapsed.push(asked.elapsed());
            }
            elapsed
        }
    });
    let samples: Vec<Duration> = join_all(asking).await.into_iter().flatten().collect();
    let a_second = rate(samples.len(), started.elapsed());
    Measured { samples: Samples::new(samples), a_second }
}

fn figure(name: &str, unit: &'static str, node: &Measured, bare: &Measured) -> Figure {
    let ms = |measured: &Measured| [50, 99].map(|percent| measured.samples.percentile_ms(percent));
    let ([p50, p99], [bare_p50, bare_p99]) = (ms(node), ms(bare));
    Figure::new(format!("{name}, {CLIENTS} clients at the port"), node.a_second, unit)
        .against("a bare method with the same answer over the same TLS", bare.a_second)
        .note(format!("p50 {p50:.3} ms, p99 {p99:.3} ms; the reference {bare_p50:.3} and {bare_p99:.3}"))
}

async fn gets(line: &Line, ids: Vec<String>) -> Figure {
    let requests: Vec<GetRequest> = ids.into_iter().map(|id| GetRequest { id, ..GetRequest::default() }).collect();
    let channels = join_all((0..CLIENTS).map(|_| line.channel(line.address))).await;
    let clients: Vec<_> = channels.into_iter().map(ReplicaServiceClient::new).collect();
    let answer = clients[0].clone().get(requests[0].clone()).await.unwrap().into_inner();
    assert!(answer.payload_json.len() > 200, "a payload");
    let get = async |mut client: ReplicaServiceClient<Channel>, request| {
        client.get(request).await.unwrap();
        client
    };
    let node = measure(clients, &requests, get).await;
    let router = bare::router(move |_: GetRequest| std::future::ready(answer.clone()));
    let (address, shutdown) = port::serve_bare(line, router).await;
    let channels = join_all((0..CLIENTS).map(|_| line.channel(address))).await;
    let call = async |channel: Channel, request| {
        bare::call::<GetRequest, GetResponse>(&channel, request).await;
        channel
    };
    let bare = measure(channels, &requests, call).await;
    shutdown.drain();
    figure("get over gRPC", "calls/s", &node, &bare).aim(Aim::RatioAtLeast(GETS_OF_BARE))
}

async fn pages(line: &Line) -> Figure {
    let targets = targets(&mut line.http(line.address).await).await;
    let requests: Vec<String> = scattered(CALLS / 4).map(|n| targets[n % targets.len()].clone()).collect();
    let ask = async |mut http: Http, target: String| {
        let (status, body) = http.get(&target).await;
        assert!(status == 200 && !body.is_empty(), "{status}: {}", String::from_utf8_lossy(&body));
        http
    };
    let clients = join_all((0..CLIENTS).map(|_| line.http(line.address))).await;
    let node = measure(clients, &requests, ask).await;
    let (_, page) = line.http(line.address).await.get(&requests[0]).await;
    let length = page.len();
    let router = axum::Router::new().fallback(move || std::future::ready(page.clone()));
    let (address, shutdown) = port::serve_bare(line, router).await;
    let clients = join_all((0..CLIENTS).map(|_| line.http(address))).await;
    let bare = measure(clients, &requests, ask).await;
    shutdown.drain();
    figure("pages of 50 full records over REST", "pages/s", &node, &bare)
        .aim(Aim::AtLeast(PAGES))
        .note(format!("a page is {length} bytes"))
}

/// Where every full page is, by walking them once.
async fn targets(http: &mut Http) -> Vec<String> {
    let first = format!("/v1/services?payloads=true&pageSize={PAGE}");
    let (mut targets, mut target) = (Vec::new(), first.clone());
    loop {
        let (status, body) = http.get(&target).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        let page: Value = serde_json::from_slice(&body).unwrap();
        let objects = page["objects"].as_array().unwrap();
        assert!(objects.iter().all(|object| object["payload"].is_object()), "a payload");
        if objects.len() == PAGE {
            targets.push(target);
        }
        match page["next_page_token"].as_str().unwrap() {
            "" => return targets,
            token => target = format!("{first}&pageToken={token}"),
        }
    }
}
