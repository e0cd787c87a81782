//! A hub whose disk is gone is rebuilt from two nodes: from the start of its process to the moment when it gives indexes again.
//!
//! The hub has the records before (`multaqa_tests::bulk`: about 1 KB each, for all states), and both nodes hold them. Then its store
//! and its lock are removed, and it begins with leaf 0. One node gives the hashes of all leaves, then all entries; the hub binds
//! them to the signed root, folds every leaf, checks every signature, stores all and signs its commits anew. Once with a
//! signature for each record, once with one for 64.
//!
//! The reference is the floor that any store of these records stands on: the same bytes inserted into one table ([`insert`]).

use std::fs;
use std::time::Duration;

use multaqa_tests::World;
use multaqa_tests::bulk::{Bulk, Submitter};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::reference::insert::insert;
use crate::report::{Aim, Figure, mebibytes, rate};
use crate::{Setting, stage};

/// Whose nodes hold the log and give it back; they witness, so that the hub need not wait for the writer's.
const NODES: [&str; 2] = ["EG", "MA"];
/// Whose records they are; its node does not run.
const WRITER: &str = "JO";
/// The longest rebuilding that is waited for.
const DEADLINE: Duration = Duration::from_mins(10);

/// Both kinds of signatures.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    [(1, "single signatures"), (64, "batches of 64")].map(|(batch, name)| one(setting, batch, name)).into()
}

fn one(setting: &Setting, batch: usize, name: &str) -> Figure {
    let runtime = Runtime::new().unwrap();
    let mut world = stage::witnessed(setting, &NODES);
    for member in NODES.into_iter().chain([WRITER]) {
        stage::join(&mut world, member);
    }
    let records = Bulk::of(&world, WRITER).sign(setting.records, batch);
    runtime.block_on(async { Submitter::connect(&world, WRITER).await.submit(records.clone()).await });
    for member in NODES {
        world.node_mut(member).start().unwrap();
    }
    multaqa_demo::wait::wait_for("the nodes hold all", DEADLINE, || {
        let sizes: Vec<_> = NODES.map(|node| world.json(node, &["status"])["freshness"]["size"].as_u64()).into();
        let size = world.hub().size().ok();
        let all = sizes.iter().all(|held| *held == size);
        Ok(if all { multaqa_demo::wait::Seen::Yes(()) } else { multaqa_demo::wait::Seen::NotYet(format!("{sizes:?}")) })
    })
    .unwrap();
    let size = world.hub().size().unwrap();
    let elapsed = rebuild(&mut world);
    let store = fs::metadata(world.hub().dir().join("hub.db")).unwrap().len();
    let memory = multaqa_demo::memory::of(world.hub().process().unwrap().pid()).unwrap();
    let reference = runtime.block_on(insert(world.scratch(), &records));
    Figure::new(format!("rebuild, {name}"), rate(usize::try_from(size).unwrap(), elapsed), "entries/s")
        .against("the same bytes into one table, 64 rows a statement", rate(records.len(), reference))
        .aim(Aim::AtLeast(20_000.0))
        .note(format!(
            "{size} entries, {:.1} s from the start of the process to the first index",
            elapsed.as_secs_f64()
        ))
        .note(format!(
            "{:.0} MiB of store; the hub has {:.0} MiB in memory then",
            mebibytes(store),
            mebibytes(memory.resident)
        ))
}

/// Removes the store, begins with leaf 0 and waits until the log goes on.
fn rebuild(world: &mut World) -> Duration {
    let (genesis, dir) = (world.scratch().join("genesis.json"), world.hub().dir());
    let (genesis, dir) = (genesis.to_string_lossy().into_owned(), dir.to_string_lossy().into_owned());
    world.node("EG").cli(&["backup", "genesis", "--out", &genesis]).unwrap().ok().unwrap();
    world.hub_mut().kill9().unwrap();
    for name in ["hub.db", "hub.db-wal", "hub.db-shm", "checkpoint.lock"] {
        let _absent = fs::remove_file(world.hub().dir().join(name));
    }
    world.hub().cli(["backup", "rebuild", "--genesis", &genesis, "--dir", &dir]).unwrap().ok().unwrap();
    let started = Instant::now();
    world.hub_mut().start().unwrap();
    multaqa_demo::wait::wait_for("the log goes on", DEADLINE, || {
        let ready = world.hub_admin("/readyz").starts_with("HTTP/1.1 200");
        Ok(if ready { multaqa_demo::wait::Seen::Yes(()) } else { multaqa_demo::wait::Seen::NotYet(String::new()) })
    })
    .unwrap();
    started.elapsed()
}
