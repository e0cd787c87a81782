//! Watchers at a node's port: what 500 of them cost, and how soon they see a change.
//!
//! Each system has one connection with as many streams as it may have requests at once, and 32 systems make up the watchers. A
//! program of the member publishes an organisation through the same node; the time runs from its call to the moment at which a
//! watcher has the object, so it holds signing, the hub, the way back and the replica too. When all have it the next one goes. The
//! reference is one watcher alone, the same way. All clients run on this machine, in this process.

use std::time::Duration;

use multaqa_demo::memory;
use multaqa_proto::wire::node::watch_service_client::WatchServiceClient;
use multaqa_proto::wire::node::{NamedFile, PublishRequest, WatchRequest};
use multaqa_tests::World;
use multaqa_tests::record::Record;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::local::Local;
use crate::port::{self, Line};
use crate::report::{Aim, Figure, Samples, bytes};
use crate::{Setting, stage};

const MEMBER: &str = "EG";
const WATCHERS: usize = 500;
/// Streams of one system: `clients.requests_at_once`.
const STREAMS: usize = 16;
/// Objects that are published for each figure.
const CHANGES: usize = 50;
/// p99 that is aimed at, milliseconds.
const P99_MS: f64 = 50.0;
/// Memory that is aimed at, MB.
const MEMORY_MB: f64 = 50.0;
/// The longest wait for one change.
const DEADLINE: Duration = Duration::from_secs(30);

/// Memory and latency.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    let runtime = Runtime::new().unwrap();
    let mut world = stage::world(setting, &[]);
    stage::join(&mut world, MEMBER);
    stage::dial_directly(&world, MEMBER);
    port::open(&mut world, MEMBER);
    world.federation_mut().settle(DEADLINE).unwrap();
    let systems = WATCHERS.div_ceil(STREAMS);
    let lines: Vec<Line> = (0..systems).map(|n| port::admit(&world, MEMBER, &format!("bench{n}"))).collect();
    let (alone, before) = runtime.block_on(watch(&world, &lines, 1, "alone"));
    let (all, after) = runtime.block_on(watch(&world, &lines, WATCHERS, "all"));
    let ms = |samples: &Samples, percent| samples.percentile_ms(percent);
    let mb = |n: u64| bytes(n) / 1e6;
    vec![
        Figure::new(format!("{WATCHERS} watchers, from publishing to seeing, p99"), ms(&all, 99), "ms")
            .against("one watcher", ms(&alone, 99))
            .aim(Aim::AtMost(P99_MS))
            .note(format!("p50 {:.3} ms; one watcher {:.3} ms", ms(&all, 50), ms(&alone, 50))),
        Figure::new(format!("{WATCHERS} watchers, memory of the node"), mb(after.saturating_sub(before)), "MB")
            .aim(Aim::AtMost(MEMORY_MB))
            .note(format!("resident {:.1} MB with one watcher, {:.1} MB with all", mb(before), mb(after))),
    ]
}

/// So many watchers see so many changes: how long each took to see each, and what the node takes of the memory at the end.
async fn watch(world: &World, lines: &[Line], watchers: usize, slug: &str) -> (Samples, u64) {
    let (seen, mut sightings) = mpsc::channel(watchers);
    let mut watching = JoinSet::new();
    for line in lines.iter().take(watchers.div_ceil(STREAMS)) {
        let channel = line.channel(line.address).await;
        for _ in 0..STREAMS.min(watchers - watching.len()) {
            let (mut client, seen) = (WatchServiceClient::new(channel.clone()), seen.clone());
            watching.spawn(async move {
                let request = WatchRequest { kinds: vec!["organisation".to_owned()], ..WatchRequest::default() };
                let mut events = client.watch(request).await.unwrap().into_inner();
                while let Some(event) = events.message().await.unwrap() {
                    // The first heartbeat says that it watches.
                    let id = event.object.map(|object| object.id).unwrap_or_default();
                    assert!(["put", "heartbeat"].contains(&event.event.as_str()), "{}", event.event);
                    if seen.send((id, Instant::now())).await.is_err() {
                        return;
                    }
                }
            });
        }
    }
    let mut next = async |id: &str, of: usize| {
        let mut times = Vec::with_capacity(of);
        while times.len() < of {
            let (found, at) = tokio::time::timeout(DEADLINE, sightings.recv()).await.unwrap().unwrap();
            if found == id {
                times.push(at);
            }
        }
        times
    };
    next("", watchers).await;
    let local = Local::connect(world.node(MEMBER).dir()).await;
    let mut elapsed = Vec::with_capacity(watchers * CHANGES);
    for number in 0..CHANGES {
        let record = Record::organisation(MEMBER, &format!("{slug}-{number}"), "Published while others watch");
        let file = NamedFile { name: "record.json".to_owned(), bytes: record.json().to_string().into_bytes() };
        let started = Instant::now();
        local.outbox().publish(PublishRequest { files: vec![file], attachments: Vec::new() }).await.unwrap();
        elapsed.extend(next(record.id(), watchers).await.into_iter().map(|at| at - started));
    }
    let resident = memory::of(world.node(MEMBER).process().unwrap().pid()).unwrap().resident;
    watching.shutdown().await;
    (Samples::new(elapsed), resident)
}
