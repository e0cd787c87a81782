//! What a program of the member waits for when it asks its node: a replica of 100,000 records, read over gRPC.
//!
//! One writer puts the records on the log, one node fetches them all. Then clients on the node's socket ask for pages of 50
//! objects (`list`) and for objects with their payload (`get`) in an order that looks random, one client alone and four at
//! once, each waiting for its answer before it asks again. Beside it: what the process takes of the memory after catching up
//! and after the reads, and how long a new process takes from its start to its first answer over the whole replica.
//!
//! The reference is a bare tonic method on a Unix socket, behind the same accept loop, which answers with the same messages
//! from memory: it encodes and sends what the node does, and looks nothing up.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use multaqa_demo::memory::{self, Memory};
use multaqa_proto::wire::node::{GetRequest, GetResponse, ListRequest, ListResponse};
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::serve::{Limits, serve};
use multaqa_tests::World;
use multaqa_tests::bulk::{Bulk, Submitter};
use prost::Message;
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Runtime;
use tokio::time::Instant;
use tonic::transport::Channel;

use crate::local::Local;
use crate::report::{Aim, Figure, Samples, bytes, count, rate};
use crate::{Setting, bare, stage};

const WRITER: &str = "JO";
const READER: &str = "EG";
/// Calls of one figure, all clients together.
const CALLS: usize = 2_000;
/// Clients at once.
const CLIENTS: [usize; 2] = [1, 4];
/// Objects of a page.
const PAGE: u32 = 50;
/// Records under one signature.
const BATCH: usize = 64;
/// Longest catching up.
const CAUGHT_UP: Duration = Duration::from_mins(5);
/// Restarts that are timed; the slowest counts.
const RESTARTS: usize = 5;
/// p99 that is aimed at, milliseconds.
const P99_MS: f64 = 5.0;
/// What `get` is to reach of a bare method's calls.
const OF_BARE: f64 = 0.25;
/// Resident memory that is aimed at, MB.
const MEMORY_MB: f64 = 80.0;
/// Restart that is aimed at, seconds.
const READY_SECONDS: f64 = 0.5;

/// Reads, memory, restarts.
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
    world.node_mut(READER).start().unwrap();
    world.federation_mut().settle(CAUGHT_UP).unwrap();
    let caught_up = memory_of(&world);
    let mut figures = runtime.block_on(reads(&world, &load, setting.records));
    let read = memory_of(&world);
    figures.push(memory("resident memory of the node", read, caught_up));
    figures.push(restarts(&mut world, setting, &runtime));
    figures
}

fn memory_of(world: &World) -> Memory {
    memory::of(world.node(READER).process().unwrap().pid()).unwrap()
}

fn memory(name: &str, read: Memory, caught_up: Memory) -> Figure {
    let mb = |n: u64| bytes(n) / 1e6;
    Figure::new(name, mb(read.resident.max(caught_up.resident)), "MB").aim(Aim::AtMost(MEMORY_MB)).note(format!(
        "{:.1} after catching up, {:.1} after the reads; its own share (Pss) {:.1} and {:.1}",
        mb(caught_up.resident),
        mb(read.resident),
        mb(caught_up.share),
        mb(read.share),
    ))
}

async fn reads(world: &World, load: &Bulk, records: usize) -> Vec<Figure> {
    let dir = world.node(READER).dir();
    let pages = pages(dir).await;
    let list: Vec<ListRequest> = scattered(CALLS).map(|n| pages[n % pages.len()].clone()).collect();
    let get: Vec<GetRequest> =
        scattered(CALLS).map(|n| GetRequest { id: load.id(n % records), ..Default::default() }).collect();
    let mut figures = Vec::new();
    let (lists, answer) =
        measure(dir, &list, |local, request| async move { local.replica().list(request).await.unwrap().into_inner() })
            .await;
    assert_eq!(answer.objects.len(), usize::try_from(PAGE).unwrap(), "a page");
    figures.extend(compare("list, 50 objects", lists, bare_answers::<ListRequest, ListResponse>(answer).await));
    let (gets, answer) =
        measure(dir, &get, |local, request| async move { local.replica().get(request).await.unwrap().into_inner() })
            .await;
    assert!(answer.payload_json.len() > 200, "a payload");
    let bare = bare_answers::<GetRequest, GetResponse>(answer).await;
    figures.extend(throughput("get", &gets, &bare));
    figures.extend(compare("get", gets, bare));
    figures
}

/// Requests for every full page of the replica, by walking it once.
async fn pages(dir: &Path) -> Vec<ListRequest> {
    let mut replica = Local::connect(dir).await.replica();
    let mut request = ListRequest { kind: "service".to_owned(), page_size: PAGE, ..ListRequest::default() };
    let mut pages = Vec::new();
    loop {
        let answer = replica.list(request.clone()).await.unwrap().into_inner();
        if answer.objects.len() == usize::try_from(PAGE).unwrap() {
            pages.push(request.clone());
        }
        if answer.next_page_token.is_empty() {
            return pages;
        }
        request.page_token = answer.next_page_token;
    }
}

/// So many numbers in no order that a cache could follow (a multiplicative sequence).
fn scattered(n: usize) -> impl Iterator<Item = usize> {
    (1..=n).map(|place| place.wrapping_mul(2_654_435_761) >> 7)
}

/// Latencies of a kind of call, for each number of clients.
struct Measured {
    clients: usize,
    samples: Samples,
    a_second: f64,
}

/// Every request once, by so many clients at once; and one answer.
async fn measure<Q, A, F>(dir: &Path, requests: &[Q], call: impl Fn(Arc<Local>, Q) -> F) -> (Vec<Measured>, A)
where
    Q: Clone,
    F: Future<Output = A> + Send + 'static,
{
    let mut all = Vec::new();
    for clients in CLIENTS {
        let locals = join_all((0..clients).map(|_| Local::connect(dir))).await;
        let locals: Vec<Arc<Local>> = locals.into_iter().map(Arc::new).collect();
        all.push(clients_ask(clients, requests, |client, request| call(locals[client].clone(), request)).await);
    }
    let local = Arc::new(Local::connect(dir).await);
    (all, call(local, requests[0].clone()).await)
}

async fn clients_ask<Q: Clone, A, F: Future<Output = A>>(
    clients: usize,
    requests: &[Q],
    call: impl Fn(usize, Q) -> F,
) -> Measured {
    let started = Instant::now();
    let asking = requests.chunks(requests.len().div_ceil(clients)).enumerate().map(|(client, requests)| {
        let call = &call;
        async move {
            let mut elapsed = Vec::with_capacity(requests.len());
            for request in requests {
                let asked = Instant::now();
                call(client, request.clone()).await;
                elapsed.push(asked.elapsed());
            }
            elapsed
        }
    });
    let samples: Vec<Duration> = join_all(asking).await.into_iter().flatten().collect();
    let a_second = rate(samples.len(), started.elapsed());
    Measured { clients, samples: Samples::new(samples), a_second }
}

/// The same for a bare method that gives this answer.
async fn bare_answers<Q, A>(answer: A) -> Vec<Measured>
where
    Q: Message + Default + Clone + 'static,
    A: Message + Default + Clone + 'static,
{
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("bare.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let accept = |stream: UnixStream, _| async move { Ok::<_, std::convert::Infallible>((stream, ())) };
    let router = bare::router(move |_: Q| std::future::ready(answer.clone()));
    let shutdown = Shutdown::new();
    tokio::spawn(serve("reference", listener, accept, router, Limits::default(), shutdown.clone()));
    let mut all = Vec::new();
    for clients in CLIENTS {
        let channels: Vec<Channel> = join_all((0..clients).map(|_| bare::unix(&socket))).await;
        let requests = vec![Q::default(); CALLS];
        let call = |client: usize, request| {
            let channel = channels[client].clone();
            async move { bare::call::<Q, A>(&channel, request).await }
        };
        all.push(clients_ask(clients, &requests, call).await);
    }
    shutdown.drain();
    all
}

/// Calls a second of the most clients, as against the bare method.
fn throughput(name: &str, measured: &[Measured], reference: &[Measured]) -> Option<Figure> {
    let (node, bare) = (measured.last()?, reference.last()?);
    let figure = Figure::new(format!("{name}, {} clients", node.clients), node.a_second, "calls/s");
    Some(figure.against("a bare method with the same answer", bare.a_second).aim(Aim::RatioAtLeast(OF_BARE)))
}

fn compare(name: &str, measured: Vec<Measured>, reference: Vec<Measured>) -> Vec<Figure> {
    let both = measured.into_iter().zip(reference);
    both.flat_map(|(node, bare)| {
        let clients = if node.clients == 1 { "1 client".to_owned() } else { format!("{} clients", node.clients) };
        let percentile = |percent: usize| {
            Figure::new(format!("{name}, {clients}, p{percent}"), node.samples.percentile_ms(percent), "ms")
                .against("a bare method with the same answer", bare.samples.percentile_ms(percent))
        };
        let note = format!("{:.0} calls/s, the reference {:.0}", node.a_second, bare.a_second);
        [percentile(50).note(note), percentile(99).aim(Aim::AtMost(P99_MS))]
    })
    .collect()
}

/// From the start of the process to its first answer over the whole replica.
fn restarts(world: &mut World, setting: &Setting, runtime: &Runtime) -> Figure {
    world.node_mut(READER).stop().unwrap();
    let node = world.node(READER);
    let size = world.hub().size().unwrap();
    let args = ["serve".as_ref(), "--dir".as_ref(), node.dir().as_os_str()];
    let elapsed: Vec<f64> = (0..RESTARTS)
        .map(|_| {
            let started = Instant::now();
            let process = stage::program(setting).start("node", "multaqa-node", args, &node.log()).unwrap();
            runtime.block_on(first_answer(node.dir(), size));
            let elapsed = started.elapsed().as_secs_f64();
            process.stop().unwrap();
            elapsed
        })
        .collect();
    let slowest = elapsed.iter().copied().fold(0.0, f64::max);
    let mean = elapsed.iter().sum::<f64>() / count(RESTARTS);
    Figure::new("ready after a restart", slowest, "s")
        .aim(Aim::AtMost(READY_SECONDS))
        .note(format!("the slowest of {RESTARTS}; {mean:.3} s on average"))
}

async fn first_answer(dir: &Path, size: u64) {
    loop {
        if let Ok(local) = Local::try_connect(dir).await
            && let Ok(status) = local.status().await
        {
            assert_eq!(status.freshness.map(|freshness| freshness.size), Some(size), "the replica is not whole");
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
