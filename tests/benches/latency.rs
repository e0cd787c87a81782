//! How long a record takes from a program that publishes it at one node to a program that reads it at another.
//!
//! Hub and two nodes, all idle. A client publishes one service of about 1 KB over the socket of one node and asks for it
//! at the socket of another until it is there; when all nodes hold it and have been quiet for a moment, the next one goes.
//! The time holds both local calls, checking and signing, the journal's fsync, submitting, verifying, the fsyncs of log and
//! checkpoint lock at the hub, the frame, verifying and applying it at the reader. So that asking takes no time from what is
//! measured, the reader is asked when its replica's file has changed. Everything is measured twice: on the disk as it is, and
//! on one whose every fsync takes 2 ms ([`slow_disk`]).
//!
//! The reference ([`reference`]) sends the same bytes by two bare unary calls over the same TLS, and commits them to SQLite
//! where the record becomes durable: with fsync at the writer and behind the first call (journal, log), without behind the
//! second (replica). It leaves out what makes it a federation, and the local calls: it is what the machine takes for the way
//! itself.

pub(crate) mod reference;

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

use multaqa_proto::wire::node::{GetRequest, NamedFile, ObjectSummary, PublishRequest};
use multaqa_runtime::clock::Clock;
use multaqa_tests::World;
use multaqa_tests::bulk::file;
use tokio::runtime::Runtime;
use tokio::time::Instant;
use tonic::Code;

use crate::local::Local;
use crate::report::{Aim, Figure, Samples, count};
use crate::slow_disk::SlowDisk;
use crate::{Setting, stage};

const SAMPLES: usize = 300;
const MEMBERS: [&str; 2] = ["JO", "EG"];
/// Between two looks at a replica's file.
const LOOK: Duration = Duration::from_micros(100);
/// Between two questions to a node whose file does not change.
const ASK: Duration = Duration::from_millis(50);
/// Between the end of a sample and the next one.
const QUIET: Duration = Duration::from_millis(20);
/// How long an fsync of the slow disk takes.
const SLOW: Duration = Duration::from_millis(2);
/// p50 and p99 that are aimed at, milliseconds.
const AIMS: (f64, f64) = (10.0, 30.0);

/// Both disks.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    let as_it_is = measure(setting, None);
    let slow = SlowDisk::compile(SLOW);
    as_it_is.into_iter().chain(measure(setting, Some(&slow))).collect()
}

fn measure(setting: &Setting, slow: Option<&SlowDisk>) -> Vec<Figure> {
    let program = stage::program(setting);
    let program = slow.map_or(program.clone(), |slow| slow.under(program));
    let mut world = World::of(program, &[]);
    for member in MEMBERS {
        stage::join(&mut world, member);
        stage::dial_directly(&world, member);
        world.node_mut(member).start().unwrap();
    }
    world.settle();
    let pids = [world.hub().process().unwrap().pid(), world.node(MEMBERS[0]).process().unwrap().pid()];
    let waited = || slow.map(|slow| pids.map(|pid| slow.count(pid)));
    let before = waited();
    let taken = Stage::new(&world).samples();
    let after = waited();
    let samples = Samples::new(taken.iter().map(|sample| sample.elapsed).collect());
    let reference = reference::measure(&world, slow, SAMPLES, file(MEMBERS[0], 0).to_string().len());
    let disk = if slow.is_some() { ", fsync of 2 ms" } else { "" };
    let percentile = |percent: usize| {
        Figure::new(format!("publish to read p{percent}{disk}"), samples.percentile_ms(percent), "ms")
            .against("two bare calls and three commits", reference.percentile_ms(percent))
    };
    let mut middle = percentile(50).aim(Aim::AtMost(AIMS.0)).note(way(&taken));
    if let (Some(before), Some(after)) = (before, after) {
        let [hub, node] = [0, 1].map(|at| after[at] - before[at]);
        assert!(hub >= SAMPLES as u64 && node >= SAMPLES as u64, "the slow disk was not used: {hub}, {node}");
        middle = middle.note(format!("fsyncs in {SAMPLES} samples: {hub} at the hub, {node} at the publishing node"));
    }
    vec![middle, percentile(95), percentile(99).aim(Aim::AtMost(AIMS.1))]
}

/// How long one record took, and which times it carries.
struct Sample {
    /// From the call to the first answer that holds it.
    elapsed: Duration,
    /// Of that, the call by which it was published.
    call: Duration,
    /// From the call to the writer's time stamp, to the hub's, and to the first answer that holds it, milliseconds.
    stamps: [i64; 3],
}

/// Where the time went, on average: time stamps are whole milliseconds, whose errors many samples take away.
fn way(taken: &[Sample]) -> String {
    let mean = |of: &dyn Fn(&Sample) -> f64| taken.iter().map(of).sum::<f64>() / count(taken.len());
    let stamp = |at: usize| mean(&|sample| f64::from(i32::try_from(sample.stamps[at]).unwrap()));
    format!(
        "on average {:.2} ms to the writer's time stamp, {:.2} from there to the hub's, {:.2} from there to the reader; \
         the call itself {:.2}",
        stamp(0),
        stamp(1) - stamp(0),
        stamp(2) - stamp(1),
        mean(&|sample| sample.call.as_secs_f64() * 1_000.0),
    )
}

/// The clients of the nodes.
struct Stage {
    runtime: Runtime,
    nodes: Vec<Node>,
}

struct Node {
    client: Local,
    /// What a commit of its replica changes.
    file: PathBuf,
}

impl Node {
    /// When its replica's file was changed last.
    fn changed(&self) -> Option<SystemTime> {
        self.file.metadata().and_then(|metadata| metadata.modified()).ok()
    }

    fn await_change(&self, since: Option<SystemTime>) {
        let asked = Instant::now();
        while self.changed() == since && asked.elapsed() < ASK {
            thread::park_timeout(LOOK);
        }
    }
}

impl Stage {
    fn new(world: &World) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let connect = |member: &&str| {
            let dir = world.node(member).dir();
            Node { client: runtime.block_on(Local::connect(dir)), file: dir.join("replica.db-wal") }
        };
        let nodes = MEMBERS.iter().map(connect).collect();
        Self { runtime, nodes }
    }

    fn samples(&self) -> Vec<Sample> {
        // The first makes the lane and opens the streams.
        (0..=SAMPLES).map(|number| self.sample(number)).skip(1).collect()
    }

    fn sample(&self, number: usize) -> Sample {
        let record = file(MEMBERS[0], number);
        let id = record["id"].as_str().unwrap().to_owned();
        let file = NamedFile { name: "record.yaml".to_owned(), bytes: record.to_string().into_bytes() };
        let request = PublishRequest { files: vec![file], attachments: Vec::new() };
        let before: Vec<_> = self.nodes.iter().map(Node::changed).collect();
        let (clock, started) = (Clock::system(), Instant::now());
        let started_ms = clock.now_ms();
        self.runtime.block_on(self.nodes[0].client.outbox().publish(request)).unwrap();
        let call = started.elapsed();
        let ObjectSummary { authored_at_ms, accepted_at_ms, .. } = self.until_readable(&self.nodes[1], before[1], &id);
        let (elapsed, read_ms) = (started.elapsed(), clock.now_ms());
        self.until_readable(&self.nodes[0], before[0], &id);
        thread::park_timeout(QUIET);
        Sample { elapsed, call, stamps: [authored_at_ms, accepted_at_ms, read_ms].map(|ms| ms - started_ms) }
    }

    /// Asks whenever the replica's file has changed, from `before` on.
    fn until_readable(&self, node: &Node, before: Option<SystemTime>, id: &str) -> ObjectSummary {
        let mut asked = before;
        loop {
            node.await_change(asked);
            let changed = node.changed();
            match self
                .runtime
                .block_on(node.client.replica().get(GetRequest { id: id.to_owned(), ..Default::default() }))
            {
                Ok(found) => return found.into_inner().object.unwrap(),
                Err(status) => assert_eq!(status.code(), Code::NotFound, "{status}"),
            }
            asked = changed;
        }
    }
}
