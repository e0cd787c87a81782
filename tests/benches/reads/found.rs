//! From publishing a record to finding it: how far the index is behind what arrives.
//!
//! A program publishes an organisation through the node and searches for a word that stands in it alone, over and over, until it is
//! found; then the next. So the time holds signing, the hub, the way back and the replica too. Meanwhile records of another member
//! arrive, a few at a time.

use std::path::Path;
use std::time::Duration;

use multaqa_proto::record::Received;
use multaqa_proto::wire::node::{NamedFile, PublishRequest, SearchRequest};
use multaqa_tests::World;
use multaqa_tests::bulk::{Bulk, Submitter};
use multaqa_tests::record::Record;
use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep};

use super::{READER, WRITER};
use crate::local::Local;
use crate::report::{Aim, Figure, Samples};

/// Objects that are published and found.
const PUBLISHED: usize = 60;
/// Records that arrive together meanwhile, under one signature.
const TOGETHER: usize = 20;
/// Pause between them: ten times a second.
const PAUSE: Duration = Duration::from_millis(100);
/// Pause between two searches.
const LOOK: Duration = Duration::from_millis(5);
/// How far behind the index is to be at the most, milliseconds.
const BEHIND_MS: f64 = 1_000.0;
/// The longest wait for one object.
const DEADLINE: Duration = Duration::from_secs(30);
/// Times that records arrive at the most: for longer than the deadline of half the objects.
const ARRIVALS: usize = 600;

/// Publishes and finds. All that arrived meanwhile may still be on its way when this ends.
pub(super) fn found(world: &World, runtime: &Runtime, load: &mut Bulk) -> Vec<Figure> {
    let arriving = load.sign(ARRIVALS * TOGETHER, TOGETHER);
    let samples = runtime.block_on(async {
        let hub = Submitter::connect(world, WRITER).await;
        tokio::select! {
            samples = publish_and_find(world.node(READER).dir()) => samples,
            () = arrive(hub, arriving) => panic!("nothing arrives any more"),
        }
    });
    let figure = |percent| {
        let name = format!("from publishing to found, p{percent}");
        Figure::new(name, samples.percentile_ms(percent), "ms").aim(Aim::AtMost(BEHIND_MS))
    };
    let note = format!("{PUBLISHED} objects, one after the other, while {TOGETHER} records arrive ten times a second");
    vec![figure(50).note(note), figure(99)]
}

async fn publish_and_find(dir: &Path) -> Samples {
    let local = Local::connect(dir).await;
    let (mut outbox, mut search) = (local.outbox(), local.search());
    let mut elapsed = Vec::with_capacity(PUBLISHED);
    for number in 0..PUBLISHED {
        let word = format!("unmistakable{number}");
        let record = Record::organisation(READER, &format!("found-{number}"), &word);
        let file = NamedFile { name: "record.json".to_owned(), bytes: record.json().to_string().into_bytes() };
        let request = SearchRequest { text: word, ..SearchRequest::default() };
        let began = Instant::now();
        outbox.publish(PublishRequest { files: vec![file], attachments: Vec::new() }).await.unwrap();
        while search.search(request.clone()).await.unwrap().into_inner().hits.is_empty() {
            assert!(began.elapsed() < DEADLINE, "{} is not found", record.id());
            sleep(LOOK).await;
        }
        elapsed.push(began.elapsed());
    }
    Samples::new(elapsed)
}

/// Records reach the hub, a few at a time; ends when there are none left.
async fn arrive(mut hub: Submitter, records: Vec<Received>) {
    let mut records = records.into_iter();
    loop {
        let some: Vec<Received> = records.by_ref().take(TOGETHER).collect();
        if some.is_empty() {
            return;
        }
        hub.submit(some).await;
        sleep(PAUSE).await;
    }
}
