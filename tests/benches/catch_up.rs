//! A new node fetches the whole log: from the start of its process to the last record verified, applied and readable.
//!
//! The hub has the records before (`multaqa_tests::bulk`: about 1 KB each, for all states); the node has joined and holds
//! nothing. It checks every leaf, signature, chain, seal and audience, computes the root, judges and folds every record, and
//! stores log, objects and cursor. Once with a signature for each record, once with one for 64.
//!
//! The reference is the floor that any store of these records stands on: the same bytes inserted through the same SQLite
//! library into one table of four columns without an index ([`insert`]), by a process that does nothing else. A node that
//! only stored what it is sent, unread, would have a ratio near one.

use std::time::Duration;

use multaqa_tests::World;
use multaqa_tests::bulk::{Bulk, Submitter};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::local::Local;
use crate::reference::insert::insert;
use crate::report::{self, Aim, Figure, mebibytes, rate};
use crate::{Setting, stage};

/// The longest catch-up that is waited for.
const DEADLINE: Duration = Duration::from_mins(10);

/// Both kinds of signatures.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    [(1, "single signatures", 0.1), (64, "batches of 64", 0.15)]
        .into_iter()
        .map(|(batch, name, least)| one(setting, batch, name, least))
        .collect()
}

fn one(setting: &Setting, batch: usize, name: &str, least: f64) -> Figure {
    let runtime = Runtime::new().unwrap();
    let mut world = stage::world(setting, &[]);
    for member in ["JO", "EG"] {
        stage::join(&mut world, member);
    }
    let records = Bulk::of(&world, "JO").sign(setting.records, batch);
    let sent = runtime.block_on(async { Submitter::connect(&world, "JO").await.submit(records.clone()).await });
    let size = world.hub().size().unwrap();
    let elapsed = catch_up(&mut world, &runtime, size);
    let reference = runtime.block_on(insert(world.scratch(), &records));
    let value = rate(records.len(), elapsed);
    Figure::new(format!("catch-up, {name}"), value, "records/s")
        .against("the same bytes into one table, 64 rows a statement", rate(records.len(), reference))
        .aim(Aim::RatioAtLeast(least))
        .aim(Aim::AtLeast(8_000.0))
        .note(format!(
            "{} records of {:.0} bytes, {:.1} s from the start of the process; the hub took them at {:.0} records/s; \
             the node has {:.0} MiB in memory then",
            records.len(),
            report::count(sent.bytes) / report::count(sent.records),
            elapsed.as_secs_f64(),
            rate(sent.records, sent.elapsed),
            mebibytes(multaqa_demo::memory::of(world.node("EG").process().unwrap().pid()).unwrap().resident)
        ))
}

/// Starts the node and waits until it holds so many entries.
fn catch_up(world: &mut World, runtime: &Runtime, size: u64) -> Duration {
    stage::dial_directly(world, "EG");
    let started = Instant::now();
    world.node_mut("EG").start().unwrap();
    let dir = world.node("EG").dir();
    runtime.block_on(async {
        let reached = async { Local::connect(dir).await.until(size).await };
        tokio::time::timeout(DEADLINE, reached).await.expect("the node does not catch up");
    });
    started.elapsed()
}
