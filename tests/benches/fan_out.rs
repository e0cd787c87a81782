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

use std::time::Duration;

use futures::future::join_all;
use multaqa_proto::wire::hub::TailResponse;
use multaqa_proto::wire::hub::tail_response::Event;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::Setting;
use crate::readers::{BATCH, DRAINING, FULL_NODE, Readers};
use crate::reference::frames::serve_from_memory;
use crate::report::{Aim, Figure, rate};
use crate::subscriber::{Drained, Subscriber};

/// Records of one run: a fifth of those of the large replicas.
const SHARE: usize = 5;

/// Both audiences.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    let mut readers = Readers::of(setting, &[]);
    let count = setting.records / SHARE;
    vec![
        one_audience(&mut readers, "fan-out, one audience", true, count).aim(Aim::RatioAtLeast(0.2)),
        one_audience(&mut readers, "fan-out, one audience, texts that compress", false, count),
        different_views(&mut readers, count),
    ]
}

fn one_audience(readers: &mut Readers, name: &str, noisy: bool, count: usize) -> Figure {
    let records = readers.sign(&["states"], noisy, count);
    let mut run = readers.publish(records);
    let frames = run.kept.len();
    let reference = sent_from_memory(readers, std::mem::take(&mut run.kept));
    Figure::new(name, run.deliveries_a_second(), "deliveries/s")
        .against("the same frames from memory over the same TLS and HTTP/2", rate(run.deliveries(), reference))
        .note(format!(
            "{count} records, {frames} frames and {:.0} bytes a record to each of {DRAINING} subscribers; {run}",
            run.bytes_each(),
        ))
}

fn different_views(readers: &mut Readers, count: usize) -> Figure {
    let mut records = Vec::with_capacity(count);
    let audiences: Vec<String> = readers.draining.iter().map(|code| format!("member:{code}")).collect();
    for audience in audiences.iter().cycle() {
        let size = BATCH.min(count - records.len());
        if size == 0 {
            break;
        }
        records.extend(readers.sign(&[audience], true, size));
    }
    let run = readers.publish(records);
    Figure::new("fan-out, 21 different views", rate(count, run.elapsed()), "entries/s").note(format!(
        "{:.0} deliveries/s; {:.0} bytes a record to each of {DRAINING} subscribers; {run}",
        run.deliveries_a_second(),
        run.bytes_each(),
    ))
}

/// How long it takes to send these messages to as many subscribers.
fn sent_from_memory(readers: &Readers, messages: Vec<TailResponse>) -> Duration {
    let mut dirs: Vec<_> = readers.draining.iter().map(|code| readers.dir(code)).collect();
    dirs.push(readers.dir(FULL_NODE));
    let Some(Event::Frame(last)) = messages.last().and_then(|message| message.event.clone()) else {
        unreachable!("only frames are kept")
    };
    let (_known, size) = watch::channel(last.first + last.count);
    readers.runtime.block_on(async {
        let (address, shutdown) = serve_from_memory(&readers.world, messages).await;
        let dialled = join_all(dirs.into_iter().map(|dir| Subscriber::dial(address, dir))).await;
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
