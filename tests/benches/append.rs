//! What a record's place on the log costs when the log is long, as against when it is short.
//!
//! Once in this process: a leaf put into the tree with the rows of complete subtrees that it completes, at 10,000 and at
//! 10,000,000 leaves. Once at a hub: 10,000 records sent when the log has some 10,000 entries, and again when it has as many as the
//! large replicas, or with `--full` 10,000,000: the median of some rounds each. The records are bare, which makes what does not
//! depend on their length the larger part of the cost, and the long log fit a common disk: 8.5 GiB and five minutes on two cores, where
//! it was 0.956 of the short one.

use std::fs;
use std::hint::black_box;
use std::sync::mpsc;
use std::thread;

use multaqa_proto::log::frontier::Frontier;
use multaqa_proto::log::tree::leaf_hash;
use multaqa_tests::bulk::{Bulk, Submitter};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::report::{Aim, Figure, Samples, bytes, count, mebibytes};
use crate::{Setting, stage};

/// The short log.
const SHORT: usize = 10_000;
/// The long log.
const LONG: usize = 10_000_000;
/// Leaves or records that are measured at each length.
const MEASURED: usize = 10_000;
/// Rounds of the tree by itself.
const ROUNDS: usize = 25;
/// Rounds at the hub.
const HUB_ROUNDS: usize = 9;
/// Records that are signed and sent at once while the log grows.
const CHUNK: usize = 50_000;
/// Records under one signature.
const BATCH: usize = 64;
/// What the long log may lose of the short one's rate.
const RATIO: f64 = 0.9;

/// Runs the bench.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    vec![tree(), hub(setting)]
}

fn tree() -> Figure {
    let (mut tree, mut rows) = (Frontier::default(), 0);
    rows += push(&mut tree, SHORT);
    let short = pushed_again(&tree);
    rows += push(&mut tree, LONG);
    let long = pushed_again(&tree);
    Figure::new("leaves into the tree at 10,000,000", long, "leaves/s")
        .against("at 10,000 leaves", short)
        .aim(Aim::RatioAtLeast(RATIO))
        .note(format!("{rows} rows of subtrees, one for {:.1} leaves", count(LONG) / count(rows)))
}

/// Lets the tree grow to so many leaves; the rows that it completes.
fn push(tree: &mut Frontier, to: usize) -> usize {
    let mut rows = 0;
    for number in tree.size().0..to as u64 {
        tree.push_noting(leaf_hash(&number.to_be_bytes()), |root| rows += usize::from(root.subtree.is_stored()));
    }
    rows
}

/// The rate at which leaves go into such a tree: the median of some rounds, each from the same tree on.
fn pushed_again(tree: &Frontier) -> f64 {
    let to = usize::try_from(tree.size().0).unwrap() + MEASURED;
    let rounds = (0..ROUNDS).map(|_| {
        let mut tree = tree.clone();
        let began = Instant::now();
        black_box(push(&mut tree, to));
        began.elapsed()
    });
    let median_ms = Samples::new(rounds.collect()).percentile_ms(50);
    count(MEASURED) / (median_ms / 1_000.0)
}

fn hub(setting: &Setting) -> Figure {
    let measured = HUB_ROUNDS * MEASURED;
    let long = if setting.full { LONG } else { setting.records.max(2 * (SHORT + measured)) };
    let mut world = stage::world(setting, &[]);
    stage::join(&mut world, "JO");
    let runtime = Runtime::new().unwrap();
    let mut writer = Writer {
        load: Bulk::of(&world, "JO").bare(),
        submitter: runtime.block_on(Submitter::connect(&world, "JO")),
        runtime,
        sent: 0,
    };
    writer.grow(SHORT);
    let short = writer.measure();
    writer.grow(long);
    let at_long = writer.measure();
    let stored = fs::metadata(world.hub().dir().join("hub.db")).unwrap().len();
    Figure::new(format!("accepted at {long} entries, batches of {BATCH}"), at_long, "records/s")
        .against("at 10,000 entries", short)
        .aim(Aim::RatioAtLeast(RATIO))
        .note(format!(
            "{:.0} MiB of store, {:.0} bytes an entry; {:.1} MiB resident",
            mebibytes(stored),
            bytes(stored) / count(writer.sent),
            mebibytes(multaqa_demo::memory::of(world.hub().process().unwrap().pid()).unwrap().resident)
        ))
}

/// One member's records, as many as the log is to have.
struct Writer {
    load: Bulk,
    submitter: Submitter,
    runtime: Runtime,
    sent: usize,
}

impl Writer {
    /// Sends records until there are so many; the next ones are signed meanwhile.
    fn grow(&mut self, upto: usize) {
        let Self { load, submitter, runtime, sent } = self;
        let (from, (signed, to_send)) = (*sent, mpsc::sync_channel(1));
        thread::scope(|scope| {
            scope.spawn(move || {
                let chunks = (from..upto).step_by(CHUNK).map(|first| CHUNK.min(upto - first));
                chunks.for_each(|chunk| signed.send(load.sign(chunk, BATCH)).unwrap());
            });
            for records in to_send {
                *sent += runtime.block_on(submitter.submit(records)).records;
            }
        });
    }

    /// The rate at which records are accepted: the median of some rounds.
    fn measure(&mut self) -> f64 {
        let rounds = (0..HUB_ROUNDS).map(|_| {
            let records = self.load.sign(MEASURED, BATCH);
            let outcome = self.runtime.block_on(self.submitter.submit(records));
            self.sent += outcome.records;
            outcome.elapsed
        });
        let median_ms = Samples::new(rounds.collect()).percentile_ms(50);
        count(MEASURED) / (median_ms / 1_000.0)
    }
}
