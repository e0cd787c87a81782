//! What a node's line to the hub carries: when nothing happens, and when a day's work of twenty-two members passes it.
//!
//! A node dials the hub through a line that counts ([`meter`]). Idle: nothing is published anywhere; what passes within a
//! minute (five with `--full`) is extrapolated to a month of thirty days, and so is what a new connection costs, since the
//! hub drains connections after an hour. There is no reference for silence.
//!
//! Busy: 440 records of about 1 KB, twenty of each member, for all states. What the node reads is compared with the bytes of
//! the records themselves (statement, content, signature), once where each member publishes its twenty together and once
//! where every record comes alone; so is what a writer sends for twenty of its own. That reference is what a copy of the
//! records without proofs, checkpoints, framing, encryption or compression would take.

use std::thread;
use std::time::Duration;

use bytes::Bytes;
use multaqa_demo::members;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::wire::node::{NamedFile, PublishRequest};
use multaqa_tests::bulk::{Bulk, Submitter, file};
use multaqa_tests::{World, checker};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::local::Local;
use crate::meter::{Meter, Reading};
use crate::report::{Figure, bytes, count};
use crate::{Setting, stage};

/// The member whose line is counted.
const MEMBER: &str = "JO";
/// Records of each member.
const EACH: usize = 20;
/// How long silence is listened to, and with `--full`.
const IDLE: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(5)];
/// After so long a silence the hub has sealed what came last, and the node holds it.
const SETTLED: Duration = Duration::from_secs(2);
/// Between two looks at the meter.
const LOOK: Duration = Duration::from_millis(100);
/// A month.
const MONTH_SECONDS: f64 = 30.0 * 24.0 * 3600.0;
/// The hub drains a connection after this.
const LIFETIME_SECONDS: f64 = 3600.0;
/// Headers of IPv4 and TCP with its time stamps, of a segment and of its acknowledgement, bytes.
const HEADERS: f64 = 2.0 * 52.0;

/// Silence, then work.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    let mut bench = Bench::new(setting);
    let connecting = bench.connect();
    let mut figures = vec![bench.idle(IDLE[usize::from(setting.full)], connecting)];
    figures.extend(bench.work("together", EACH));
    figures.extend(bench.work("one by one", 1));
    figures
}

struct Bench {
    world: World,
    meter: Meter,
    runtime: Runtime,
    local: Option<Local>,
    /// The other members' writers.
    writers: Vec<(Bulk, Submitter)>,
    published: usize,
}

impl Bench {
    fn new(setting: &Setting) -> Self {
        let mut world = stage::world(setting, &[]);
        let states = members::all().unwrap().into_iter().filter(|member| member.class == "state");
        let codes: Vec<String> = states.map(|member| member.code).collect();
        for code in &codes {
            stage::join(&mut world, code);
        }
        let meter = Meter::open(world.hub().address().unwrap());
        stage::dial(&world, MEMBER, meter.address());
        let runtime = Runtime::new().unwrap();
        let writer = |code: &String| (Bulk::of(&world, code), runtime.block_on(Submitter::connect(&world, code)));
        let writers = codes.iter().filter(|code| *code != MEMBER).map(writer).collect();
        Self { world, meter, runtime, local: None, writers, published: 0 }
    }

    /// Starts the node twice, the second time with nothing to fetch; what that connection took until all was quiet.
    fn connect(&mut self) -> Reading {
        let mut before = Reading::default();
        for _ in 0..2 {
            self.world.node_mut(MEMBER).stop().unwrap();
            before = self.meter.read();
            self.world.node_mut(MEMBER).start().unwrap();
            let local = self.runtime.block_on(Local::connect(self.world.node(MEMBER).dir()));
            self.local = Some(local);
            self.settle();
        }
        self.meter.read().since(before)
    }

    fn idle(&self, listening: Duration, connecting: Reading) -> Figure {
        let before = self.meter.read();
        let started = Instant::now();
        while started.elapsed() < listening {
            thread::park_timeout(LOOK);
        }
        let seconds = started.elapsed().as_secs_f64();
        let passed = self.meter.read().since(before);
        let a_second = bytes(passed.bytes()) / seconds + bytes(connecting.bytes()) / LIFETIME_SECONDS;
        let with_headers =
            a_second + HEADERS * (bytes(passed.pieces) / seconds + bytes(connecting.pieces) / LIFETIME_SECONDS);
        let month = |a_second: f64| a_second * MONTH_SECONDS / 1e6;
        Figure::new("an idle node, both ways, a month", month(a_second), "MB")
            .note(format!(
                "{} bytes up and {} down within {seconds:.0} s, extrapolated; {} bytes a new connection, one an hour",
                passed.up,
                passed.down,
                connecting.bytes(),
            ))
            .note(format!(
                "{:.2} MB a day; about {:.1} MB a month with the headers of TCP and IP",
                month(a_second) / 30.0,
                month(with_headers),
            ))
    }

    /// Everybody publishes, so many records at a time; what the node reads, and what it sends for its own.
    fn work(&mut self, how: &str, batch: usize) -> [Figure; 2] {
        let (start, before) = (self.size(), self.meter.read());
        let runtime = &self.runtime;
        for (load, submitter) in &mut self.writers {
            let mut records = load.sign(EACH, batch).into_iter();
            while records.len() > 0 {
                runtime.block_on(submitter.submit(records.by_ref().take(batch).collect()));
            }
        }
        self.settle();
        let (own, middle) = (self.size(), self.meter.read());
        for _ in 0..EACH / batch {
            self.publish(batch);
        }
        self.settle();
        let after = self.meter.read();
        let total = EACH * (self.writers.len() + 1);
        let read = after.since(before);
        let sent = after.since(middle);
        [
            Figure::new(format!("{total} records {how}, received"), bytes(read.down), "bytes")
                .against("the records themselves", bytes(self.raw(start)))
                .note(format!("{} bytes sent meanwhile, own records among them", read.up)),
            Figure::new(format!("{EACH} own records {how}, sent"), bytes(sent.up), "bytes")
                .against("the records themselves", bytes(self.raw(own)))
                .note(format!("{:.0} bytes a record", bytes(sent.up) / count(EACH))),
        ]
    }

    fn publish(&mut self, records: usize) {
        let files = (self.published..self.published + records).map(|number| NamedFile {
            name: format!("{number}.yaml"),
            bytes: file(MEMBER, number).to_string().into_bytes(),
        });
        let request = PublishRequest { files: files.collect(), attachments: Vec::new() };
        self.published += records;
        let mut outbox = self.local.as_ref().unwrap().outbox();
        self.runtime.block_on(outbox.publish(request)).unwrap();
        if records == 1 {
            // Alone also on the line: the next one follows when this one is back.
            self.settle_without_seal();
        }
    }

    /// Waits until the node holds all, and the hub has sealed it: heartbeats are ten seconds apart.
    fn settle(&mut self) {
        self.world.settle();
        let (mut passed, mut since) = (self.meter.read().bytes(), Instant::now());
        while since.elapsed() < SETTLED {
            thread::park_timeout(LOOK);
            let newest = self.meter.read().bytes();
            if newest != passed {
                (passed, since) = (newest, Instant::now());
            }
        }
    }

    fn settle_without_seal(&self) {
        let local = self.local.as_ref().unwrap();
        let waiting = || self.runtime.block_on(local.status()).unwrap().waiting;
        while waiting() > 0 {
            thread::yield_now();
        }
    }

    fn size(&self) -> u64 {
        self.world.hub().size().unwrap()
    }

    /// Bytes of the records on the log from an index on.
    fn raw(&self, from: u64) -> u64 {
        let entries = checker::entries(&self.world.hub().dir().join("hub.db"));
        let records = entries[usize::try_from(from).unwrap()..].iter().filter_map(|entry| {
            let leaf = Leaf::parse(&entry.leaf).unwrap();
            let content = entry.content.as_ref().map_or(0, Bytes::len);
            (leaf.leaf_type == LeafType::Record).then_some(leaf.body.len() + content + entry.signature.len())
        });
        records.sum::<usize>() as u64
    }
}
