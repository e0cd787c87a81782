//! How fast one writer's records get onto the log: durable at the hub, signature verified, before each is acknowledged.
//!
//! A pre-signed load of 1 KB records goes to the hub over its real gRPC stream with mTLS, once with a signature a record and
//! once with a signature for 64; no node follows, so the figure is the hub's alone and the roof over everything that
//! publishers do.

use multaqa_tests::bulk::{Bulk, Submitter};

use crate::report::{Figure, count, rate};
use crate::{Setting, stage};

/// Runs the bench.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    let mut world = stage::world(setting, &[]);
    stage::join(&mut world, "JO");
    let mut load = Bulk::of(&world, "JO");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut submitter = runtime.block_on(Submitter::connect(&world, "JO"));
    let mut figures = Vec::new();
    for (name, batch) in [("single signatures", 1), ("batches of 64", 64)] {
        let records = load.sign((setting.records / 5).max(1), batch);
        let sent = runtime.block_on(submitter.submit(records));
        let note = format!("{} records of {:.0} bytes", sent.records, count(sent.bytes) / count(sent.records));
        figures
            .push(Figure::new(format!("accepted, {name}"), rate(sent.records, sent.elapsed), "records/s").note(note));
    }
    figures
}
