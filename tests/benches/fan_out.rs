//! One publisher, twenty-two readers: how many records reach how many readers in a second.
//!
//! The publisher submits signed records of about 1 KB over mutual TLS; the hub verifies them, makes them durable on the log,
//! and only then answers. Twenty-one subscribers drain their tails ([`subscriber`]) and one full node verifies, applies and
//! serves what it reads. A delivery is one record at one reader; the clock runs from the first byte of the first request
//! until the slowest reader has the last entry, the full node's replica included.
//!
//! The reference sends the very frames that one subscriber received, from memory, to twenty-two subscribers over the same TLS
//! and HTTP/2 settings ([`frames`]): no log, no signature, no disk, no full node, and nothing to wait for. What it costs goes by
//! bytes and what the federation costs goes by records, so the aim is set for records that do not compress: about a kilobyte
//! each on the wire. With texts such as people write frames shrink to a third, and the reference with them.
//!
//! With twenty-one different views no two subscribers may read the same contents: each record is for one member, so each frame
//! holds one reader's contents and the others' stubs.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use futures::future::join_all;
use multaqa_demo::members;
use multaqa_proto::record::Received;
use multaqa_proto::wire::hub::TailResponse;
use multaqa_proto::wire::hub::tail_response::Event;
use multaqa_tests::World;
use multaqa_tests::bulk::{Bulk, Submitter};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::local::Local;
use crate::reference::frames::serve_from_memory;
use crate::report::{self, Aim, Figure, mebibytes, rate};
use crate::subscriber::{Drained, Subscriber};
use crate::{Setting, stage};

/// Records of one run: a fifth of those of the large replicas.
const SHARE: usize = 5;
/// Records under one signature.
const BATCH: usize = 64;
const PUBLISHER: &str = "JO";
const FULL_NODE: &str = "EG";
/// Subscribers that drain.
const DRAINING: usize = 21;

/// Both audiences.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    let runtime = Runtime::new().unwrap();
    let mut world = stage::world(setting, &[]);
    let codes: Vec<String> = members::all().unwrap().into_iter().map(|member| member.code).collect();
    for code in &codes {
        stage::join(&mut world, code);
    }
    stage::dial_directly(&world, FULL_NODE);
    world.node_mut(FULL_NODE).start().unwrap();
    let draining: Vec<String> = codes.into_iter().filter(|code| code != PUBLISHER && code != FULL_NODE).collect();
    assert_eq!(draining.len(), DRAINING);
    let bulk = Bulk::of(&world, PUBLISHER);
    let mut bench = Bench { world, draining, runtime, bulk };
    let count = setting.records / SHARE;
    vec![
        bench.one_audience("fan-out, one audience", true, count).aim(Aim::RatioAtLeast(0.2)),
        bench.one_audience("fan-out, one audience, texts that compress", false, count),
        bench.different_views(count),
    ]
}

struct Bench {
    world: World,
    draining: Vec<String>,
    runtime: Runtime,
    bulk: Bulk,
}

/// What a run took.
struct Run {
    /// Until the hub had answered the last record, the slowest subscriber had it, the full node's replica had it.
    answered: Duration,
    drained: Duration,
    stored: Duration,
    bytes: u64,
    kept: Vec<TailResponse>,
}

impl Run {
    /// Until everybody had everything.
    fn elapsed(&self) -> Duration {
        self.drained.max(self.stored)
    }

    /// Bytes of a record's share of the messages to one subscriber.
    fn bytes_each(&self, count: usize) -> f64 {
        mebibytes(self.bytes) * f64::from(1 << 20) / report::count(count * DRAINING)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [answered, drained, stored] = [self.answered, self.drained, self.stored].map(|time| time.as_secs_f64());
        write!(
            f,
            "the last record was answered after {answered:.2} s, with the slowest subscriber after {drained:.2} s, \
             on the full node after {stored:.2} s"
        )
    }
}

impl Bench {
    fn one_audience(&mut self, name: &str, noisy: bool, count: usize) -> Figure {
        let records = self.sign(&["states"], noisy, count);
        let mut run = self.publish(records);
        let readers = DRAINING + 1;
        let (deliveries, frames) = (count * readers, run.kept.len());
        let reference = self.sent_from_memory(std::mem::take(&mut run.kept));
        Figure::new(name, rate(deliveries, run.elapsed()), "deliveries/s")
            .against("the same frames from memory over the same TLS and HTTP/2", rate(deliveries, reference))
            .note(format!(
                "{count} records, {frames} frames and {:.0} bytes a record to each of {DRAINING} subscribers; {run}",
                run.bytes_each(count),
            ))
    }

    fn different_views(&mut self, count: usize) -> Figure {
        let mut records = Vec::with_capacity(count);
        let audiences: Vec<String> = self.draining.iter().map(|code| format!("member:{code}")).collect();
        for audience in audiences.iter().cycle() {
            let size = BATCH.min(count - records.len());
            if size == 0 {
                break;
            }
            records.extend(self.sign(&[audience], true, size));
        }
        let run = self.publish(records);
        let readers = DRAINING + 1;
        Figure::new("fan-out, 21 different views", rate(count, run.elapsed()), "entries/s").note(format!(
            "{:.0} deliveries/s; {:.0} bytes a record to each of {DRAINING} subscribers; {run}",
            rate(count * readers, run.elapsed()),
            run.bytes_each(count),
        ))
    }

    fn sign(&mut self, audience: &[&str], noisy: bool, count: usize) -> Vec<Received> {
        self.bulk = self.bulk.clone().for_audience(audience).noisy(noisy);
        self.bulk.sign(count, BATCH)
    }

    /// Submits records while everybody reads.
    fn publish(&mut self, records: Vec<Received>) -> Run {
        let (hub, from) = (self.world.hub().address().unwrap(), self.world.hub().size().unwrap());
        let dirs = self.dirs(&[]);
        let full = self.world.node(FULL_NODE).dir().to_owned();
        let (known, size) = watch::channel(u64::MAX);
        let world = &self.world;
        self.runtime.block_on(async {
            let local = Local::connect(&full).await;
            local.until(from).await;
            let mut draining = Vec::new();
            for dir in &dirs {
                let following = Subscriber::dial(hub, dir).await.follow(from).await;
                draining.push(tokio::spawn(following.drain(size.clone(), draining.is_empty())));
            }
            let mut submitter = Submitter::connect(world, PUBLISHER).await;
            let started = Instant::now();
            submitter.submit(records).await;
            let answered = started.elapsed();
            let end = world.hub().size().unwrap();
            known.send_replace(end);
            local.until(end).await;
            let stored = started.elapsed();
            let drained: Vec<Drained> = join_all(draining).await.into_iter().map(Result::unwrap).collect();
            Run {
                answered,
                drained: drained.iter().map(|drained| drained.last).max().unwrap() - started,
                stored,
                bytes: drained.iter().map(|drained| drained.bytes).sum(),
                kept: drained.into_iter().next().map(|drained| drained.kept).unwrap_or_default(),
            }
        })
    }

    /// How long it takes to send these messages to as many subscribers.
    fn sent_from_memory(&self, messages: Vec<TailResponse>) -> Duration {
        let dirs = self.dirs(&[FULL_NODE]);
        let Some(Event::Frame(last)) = messages.last().and_then(|message| message.event.clone()) else {
            unreachable!("only frames are kept")
        };
        let (_known, size) = watch::channel(last.first + last.count);
        self.runtime.block_on(async {
            let (address, shutdown) = serve_from_memory(&self.world, messages).await;
            let dialled = join_all(dirs.iter().map(|dir| Subscriber::dial(address, dir))).await;
            let started = Instant::now();
            let draining = dialled.into_iter().map(|dialled| {
                let size = size.clone();
                tokio::spawn(async move { dialled.follow(0).await.drain(size, false).await })
            });
            let drained: Vec<Drained> = join_all(draining).await.into_iter().map(Result::unwrap).collect();
            shutdown.drain();
            drained.iter().map(|drained| drained.last).max().unwrap() - started
        })
    }

    /// Directories of the draining members, and of these.
    fn dirs(&self, more: &[&str]) -> Vec<PathBuf> {
        let members = self.draining.iter().map(String::as_str).chain(more.iter().copied());
        members.map(|code| self.world.node(code).dir().to_owned()).collect()
    }
}
