//! What a program of the member waits for when it asks its node: a replica of 100,000 records, read over gRPC.
//!
//! One writer puts the records on the log, one node fetches them all. Then clients on the node's socket ask for pages of 50
//! objects (`list`) and for objects with their payload (`get`) in an order that looks random, one client alone and four at
//! once, each waiting for its answer before it asks again; and how long a new process takes from its start to its first
//! answer over the whole replica.
//!
//! All this in three states of the node's search index: while it is made (which begins where the node has caught up), when it is
//! complete, and without any: a file stands where its directory would be, so that none can be made. And in each state what the
//! process takes of the memory: resident, files that it maps included, and of that what no file stands behind; while the index is
//! made, the most that it took. With the whole index, how soon is found what is published (`found`).
//!
//! The reference is a bare tonic method on a Unix socket, behind the same accept loop, which answers with the same messages
//! from memory: it encodes and sends what the node does, and looks nothing up.

mod clients;
mod found;
mod restarts;

use std::fs;
use std::path::Path;
use std::time::Duration;

use multaqa_demo::memory::{self, Memory};
use multaqa_proto::wire::node::{GetRequest, GetResponse, ListRequest, ListResponse};
use multaqa_tests::World;
use multaqa_tests::bulk::{Bulk, Submitter};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use self::clients::{CALLS, Measured, bare_answers, measure};
use crate::local::Local;
use crate::report::{Aim, Figure, bytes};
use crate::{Setting, stage};

const WRITER: &str = "JO";
const READER: &str = "EG";
/// Objects of a page.
const PAGE: u32 = 50;
/// Records under one signature.
const BATCH: usize = 64;
/// Longest catching up of replica and index.
const CAUGHT_UP: Duration = Duration::from_mins(5);
/// Pause between two looks at the index.
const LOOK: Duration = Duration::from_millis(100);
/// p99 that is aimed at, milliseconds.
const P99_MS: f64 = 5.0;
/// What `get` is to reach of a bare method's calls.
const OF_BARE: f64 = 0.25;
/// Resident memory that is aimed at, MB.
const MEMORY_MB: f64 = 80.0;

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
    let mut figures = vec![memory("memory after catching up", memory_of(&world), |memory| memory.resident)];
    figures.extend(made(&world, &runtime, &load, setting.records));
    figures.extend(complete(&world, &runtime, &load, setting.records));
    figures.extend(found::found(&world, &runtime, &mut load));
    world.federation_mut().settle(CAUGHT_UP).unwrap();
    figures.extend(without(&mut world, &runtime, &load, setting.records));
    figures.push(restarts::restarts(&world, setting, &runtime));
    figures
}

/// While the index is made.
fn made(world: &World, runtime: &Runtime, load: &Bulk, records: usize) -> Vec<Figure> {
    memory::forget_peak(world.node(READER).process().unwrap().pid()).unwrap();
    let dir = world.node(READER).dir();
    let began = Instant::now();
    let from = runtime.block_on(index_at(dir));
    let read = runtime.block_on(reads(dir, load, records));
    let to = runtime.block_on(index_at(dir));
    let mut figures = figures(&read, None, "while the index is made");
    runtime.block_on(until_complete(dir));
    let note = format!(
        "the index covers {} of {} entries when the reads begin, {} when they end, all after {:.1} s",
        from.0,
        from.1,
        to.0,
        began.elapsed().as_secs_f64()
    );
    figures
        .push(memory("memory while the index is made, at the most", memory_of(world), |memory| memory.peak).note(note));
    figures
}

/// With the whole index.
fn complete(world: &World, runtime: &Runtime, load: &Bulk, records: usize) -> Vec<Figure> {
    let dir = world.node(READER).dir();
    let read = runtime.block_on(reads(dir, load, records));
    let reference = runtime.block_on(reference(dir, load));
    let mut figures = figures(&read, Some(&reference), "the index complete");
    figures.push(memory("memory with the complete index", memory_of(world), |memory| memory.resident));
    figures
}

/// Without an index.
fn without(world: &mut World, runtime: &Runtime, load: &Bulk, records: usize) -> Vec<Figure> {
    world.node_mut(READER).stop().unwrap();
    let index = world.node(READER).dir().join("search");
    let kept = index.with_extension("kept");
    fs::rename(&index, &kept).unwrap();
    fs::write(&index, "").unwrap();
    world.node_mut(READER).start().unwrap();
    let read = runtime.block_on(reads(world.node(READER).dir(), load, records));
    let mut figures = figures(&read, None, "without an index");
    figures.push(memory("memory without an index", memory_of(world), |memory| memory.resident));
    world.node_mut(READER).stop().unwrap();
    fs::remove_file(&index).unwrap();
    fs::rename(&kept, &index).unwrap();
    figures
}

fn memory_of(world: &World) -> Memory {
    memory::of(world.node(READER).process().unwrap().pid()).unwrap()
}

fn memory(name: &str, memory: Memory, aimed: fn(&Memory) -> u64) -> Figure {
    let mb = |n: u64| bytes(n) / 1e6;
    Figure::new(name, mb(aimed(&memory)), "MB").aim(Aim::AtMost(MEMORY_MB)).note(format!(
        "resident {:.1}, of it {:.1} without a file behind it; its own share (Pss) {:.1}",
        mb(memory.resident),
        mb(memory.anonymous),
        mb(memory.share),
    ))
}

/// Entries that the index covers, and those of the replica.
async fn index_at(dir: &Path) -> (u64, u64) {
    let status = Local::connect(dir).await.status().await.unwrap();
    (status.search.unwrap().size, status.freshness.unwrap().size)
}

async fn until_complete(dir: &Path) {
    let began = Instant::now();
    loop {
        let (covers, of) = index_at(dir).await;
        if covers >= of {
            return;
        }
        assert!(began.elapsed() < CAUGHT_UP, "the index comes to {covers} of {of} entries");
        tokio::time::sleep(LOOK).await;
    }
}

/// What `list` and `get` take.
struct Reads {
    list: Vec<Measured>,
    get: Vec<Measured>,
}

async fn reads(dir: &Path, load: &Bulk, records: usize) -> Reads {
    let pages = pages(dir).await;
    let requests: Vec<ListRequest> = scattered(CALLS).map(|n| pages[n % pages.len()].clone()).collect();
    let list = measure(dir, &requests, list).await;
    let requests: Vec<GetRequest> = scattered(CALLS).map(|n| get_request(load, n % records)).collect();
    Reads { list, get: measure(dir, &requests, get).await }
}

/// The same of the reference.
async fn reference(dir: &Path, load: &Bulk) -> Reads {
    let local = || async { Local::connect(dir).await.into() };
    let request = ListRequest { kind: "service".to_owned(), page_size: PAGE, ..ListRequest::default() };
    let page = list(local().await, request).await;
    assert_eq!(page.objects.len(), usize::try_from(PAGE).unwrap(), "a page");
    let object = get(local().await, get_request(load, 0)).await;
    assert!(object.payload_json.len() > 200, "a payload");
    Reads {
        list: bare_answers::<ListRequest, ListResponse>(page).await,
        get: bare_answers::<GetRequest, GetResponse>(object).await,
    }
}

async fn list(local: std::sync::Arc<Local>, request: ListRequest) -> ListResponse {
    local.replica().list(request).await.unwrap().into_inner()
}

async fn get(local: std::sync::Arc<Local>, request: GetRequest) -> GetResponse {
    local.replica().get(request).await.unwrap().into_inner()
}

fn get_request(load: &Bulk, n: usize) -> GetRequest {
    GetRequest { id: load.id(n), ..GetRequest::default() }
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

/// The figures of a state; beside the reference, where it is measured in it.
fn figures(read: &Reads, reference: Option<&Reads>, state: &str) -> Vec<Figure> {
    let mut figures = compare("list, 50 objects", &read.list, reference.map(|reads| &reads.list), state);
    if let (Some(node), Some(bare)) = (read.get.last(), reference.and_then(|reads| reads.get.last())) {
        let figure = Figure::new(format!("get, {} clients, {state}", node.clients), node.a_second, "calls/s");
        let figure = figure.against("a bare method with the same answer", bare.a_second);
        figures.push(figure.aim(Aim::RatioAtLeast(OF_BARE)));
    }
    figures.extend(compare("get", &read.get, reference.map(|reads| &reads.get), state));
    figures
}

fn compare(name: &str, measured: &[Measured], reference: Option<&Vec<Measured>>, state: &str) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (n, node) in measured.iter().enumerate() {
        let bare = reference.map(|reference| &reference[n]);
        let clients = if node.clients == 1 { "1 client".to_owned() } else { format!("{} clients", node.clients) };
        let percentile = |percent: usize| {
            let value = node.samples.percentile_ms(percent);
            let figure = Figure::new(format!("{name}, {clients}, {state}, p{percent}"), value, "ms");
            let against = |figure: Figure, bare: &Measured| {
                figure.against("a bare method with the same answer", bare.samples.percentile_ms(percent))
            };
            bare.map_or_else(|| figure.clone(), |bare| against(figure.clone(), bare))
        };
        figures.push(percentile(50).note(format!("{:.0} calls/s", node.a_second)));
        figures.push(percentile(99).aim(Aim::AtMost(P99_MS)));
    }
    figures
}
