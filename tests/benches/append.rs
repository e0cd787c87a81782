//! What a record's place on the log costs when the log is long, as against when it is short.
//!
//! Once in this process: a leaf put into the tree with the rows of complete subtrees that it completes, at 10,000 and at
//! 10,000,000 leaves. Once at a hub: 10,000 records of about 1 KB sent when the log has some 10,000 entries, and again when it
//! has as many as the large replicas, or with `--full` 10,000,000 (which takes about 15 GB of disk).

use std::hint::black_box;

use multaqa_proto::log::tree::{Frontier, leaf_hash};
use multaqa_tests::bulk::{Bulk, Submitter};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::report::{Aim, Figure, Samples, count, rate};
use crate::{Setting, stage};

/// The short log.
const SHORT: usize = 10_000;
/// The long log.
const LONG: usize = 10_000_000;
/// Leaves or records that are measured at each length.
const MEASURED: usize = 10_000;
/// Rounds of the tree by itself.
const ROUNDS: usize = 25;
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
    let long = if setting.full { LONG } else { setting.records.max(2 * (SHORT + MEASURED)) };
    let mut world = stage::world(setting, &[]);
    stage::join(&mut world, "JO");
    let mut load = Bulk::of(&world, "JO");
    let runtime = Runtime::new().unwrap();
    let mut submitter = runtime.block_on(Submitter::connect(&world, "JO"));
    let mut sent = 0;
    let mut grow = |upto: usize| {
        let mut last = 0.0;
        while sent < upto {
            let records = load.sign(CHUNK.min(upto - sent), BATCH);
            sent += records.len();
            let outcome = runtime.block_on(submitter.submit(records));
            last = rate(outcome.records, outcome.elapsed);
        }
        last
    };
    grow(SHORT);
    let short = grow(SHORT + MEASURED);
    grow(long);
    let at_long = grow(long + MEASURED);
    Figure::new(format!("accepted at {long} entries, batches of {BATCH}"), at_long, "records/s")
        .against("at 10,000 entries", short)
        .aim(Aim::RatioAtLeast(RATIO))
}
