//! From the start of a process to its first answer over the whole replica.

use std::path::Path;
use std::time::Duration;

use multaqa_tests::World;
use tokio::runtime::Runtime;
use tokio::time::Instant;

use super::READER;
use crate::local::Local;
use crate::report::{Aim, Figure, count};
use crate::{Setting, stage};

/// Restarts that are timed; the slowest counts.
const RESTARTS: usize = 5;
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(1);
/// Restart that is aimed at, seconds.
const READY_SECONDS: f64 = 0.5;

/// So many of them, of the reader, which is stopped.
pub(super) fn restarts(world: &World, setting: &Setting, runtime: &Runtime) -> Figure {
    let node = world.node(READER);
    let size = world.hub().size().unwrap();
    let args = ["serve".as_ref(), "--dir".as_ref(), node.dir().as_os_str()];
    let elapsed: Vec<f64> = (0..RESTARTS)
        .map(|_| {
            let started = Instant::now();
            let process = stage::program(setting).start("node", "multaqa-node", args, &node.log()).unwrap();
            runtime.block_on(first_answer(node.dir(), size));
            let elapsed = started.elapsed().as_secs_f64();
            process.stop().unwrap();
            elapsed
        })
        .collect();
    let slowest = elapsed.iter().copied().fold(0.0, f64::max);
    let mean = elapsed.iter().sum::<f64>() / count(RESTARTS);
    Figure::new("ready after a restart", slowest, "s")
        .aim(Aim::AtMost(READY_SECONDS))
        .note(format!("the slowest of {RESTARTS}; {mean:.3} s on average"))
}

async fn first_answer(dir: &Path, size: u64) {
    loop {
        if let Ok(local) = Local::try_connect(dir).await
            && let Ok(status) = local.status().await
        {
            assert_eq!(status.freshness.map(|freshness| freshness.size), Some(size), "the replica is not whole");
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}
