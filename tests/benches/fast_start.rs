//! A new node starts by runs, as against one that fetches every leaf: what passes its line, and how long it takes.
//!
//! Of ten records the node may read one; the others are for somebody else, each about 1 KB, with a signature for 64 of them.
//! Both nodes join a log whose newest checkpoint a quorum vouches for, hold nothing, and dial the hub through a line that counts
//! ([`meter`](crate::meter)). The figure is what a full replay takes, the reference is the same program's fast start; in the end
//! both have the same root.

use std::fs;
use std::time::Duration;

use multaqa_tests::World;
use multaqa_tests::bulk::{Bulk, Submitter};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::local::Local;
use crate::meter::{Meter, Reading};
use crate::report::{Aim, Figure, bytes};
use crate::{Setting, stage};

/// The longest wait.
const DEADLINE: Duration = Duration::from_mins(10);
/// Between two looks at a node.
const LOOK: Duration = Duration::from_millis(20);

/// Bytes and seconds of both ways.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    let runtime = Runtime::new().unwrap();
    let mut world = stage::witnessed(setting, &["JO"]);
    for member in ["JO", "KW", "SA", "EG", "MA"] {
        stage::join(&mut world, member);
    }
    let readable = setting.records / 10;
    for (member, audience, count) in [("KW", "member:JO", setting.records - readable), ("SA", "states", readable)] {
        let records = Bulk::of(&world, member).for_audience(&[audience]).sign(count, 64);
        runtime.block_on(async { Submitter::connect(&world, member).await.submit(records).await });
    }
    world.node_mut("JO").start().unwrap();
    world.federation_mut().until_stable(DEADLINE).unwrap();
    let (full, full_root) = start(&mut world, &runtime, "EG", false);
    let (fast, fast_root) = start(&mut world, &runtime, "MA", true);
    assert_eq!(fast_root, full_root, "the two hold different logs");
    let seconds = |spent: &Spent| spent.elapsed.as_secs_f64();
    let note = format!("{} records, of which the node may read {readable}", setting.records);
    vec![
        Figure::new("every leaf of the log, on the line", bytes(full.passed.bytes()), "bytes")
            .against("a fast start", bytes(fast.passed.bytes()))
            .aim(Aim::RatioAtLeast(2.5))
            .note(note.clone()),
        Figure::new("every leaf of the log, time", seconds(&full), "s")
            .against("a fast start", seconds(&fast))
            .aim(Aim::RatioAtLeast(1.5))
            .note(note),
    ]
}

/// What a start took.
struct Spent {
    passed: Reading,
    elapsed: Duration,
}

/// Starts a node that holds nothing, until it holds the log; its root then.
fn start(world: &mut World, runtime: &Runtime, member: &str, by_runs: bool) -> (Spent, Vec<u8>) {
    let meter = Meter::open(world.hub().address().unwrap());
    stage::dial(world, member, meter.address());
    let drop_ins = world.node(member).dir().join("node.toml.d");
    fs::create_dir_all(&drop_ins).unwrap();
    fs::write(drop_ins.join("00-bench.toml"), format!("[line]\nfast_start = {by_runs}\n")).unwrap();
    let size = world.hub().size().unwrap();
    let started = Instant::now();
    world.node_mut(member).start().unwrap();
    let dir = world.node(member).dir();
    let status = runtime.block_on(async {
        let reached = async {
            let local = Local::connect(dir).await;
            loop {
                let status = local.status().await.unwrap();
                if status.freshness.as_ref().is_some_and(|freshness| freshness.size >= size) {
                    return status;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(DEADLINE, reached).await.expect("the node does not catch up")
    });
    let spent = Spent { passed: meter.read(), elapsed: started.elapsed() };
    assert_eq!(status.fast_start.is_some(), by_runs, "{member}");
    world.node_mut(member).stop().unwrap();
    (spent, status.root)
}
