//! One publisher, twenty-one subscribers that drain, one full node: what the fan-out benches publish to.
//!
//! In scope: the federation, signing, one run and what it took; in a federation with witnesses also what its subscribers do
//! beside reading. Out of scope: reading (`subscriber`), cosigning and asking (`cosigner`), what is compared (`fan_out`,
//! `cosigning`).

use std::fmt;
use std::path::Path;
use std::time::Duration;

use futures::future::join_all;
use multaqa_demo::members;
use multaqa_proto::record::Received;
use multaqa_proto::wire::hub::TailResponse;
use multaqa_tests::World;
use multaqa_tests::bulk::{Bulk, Submitter};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::local::Local;
use crate::report::{self, mebibytes, rate};
use crate::subscriber::{Drained, Subscriber};
use crate::{Setting, cosigner, stage};

/// Records under one signature.
pub(crate) const BATCH: usize = 64;
/// The member whose node reads as nodes do.
pub(crate) const FULL_NODE: &str = "EG";
/// Subscribers that drain.
pub(crate) const DRAINING: usize = 21;
const PUBLISHER: &str = "JO";

/// See the module.
pub(crate) struct Readers {
    pub(crate) world: World,
    /// Members whose subscribers drain.
    pub(crate) draining: Vec<String>,
    pub(crate) runtime: Runtime,
    witnesses: Vec<String>,
    bulk: Bulk,
}

/// What a run took.
pub(crate) struct Run {
    records: usize,
    /// Until the hub had answered the last record, the slowest subscriber had it, the full node's replica had it.
    answered: Duration,
    drained: Duration,
    stored: Duration,
    bytes: u64,
    /// What one subscriber received.
    pub(crate) kept: Vec<TailResponse>,
    /// Cosignatures that the hub took of subscribers, and proofs that it answered with, until everybody had everything.
    pub(crate) beside: Beside,
}

/// What was answered beside the tails.
#[derive(Default)]
pub(crate) struct Beside {
    pub(crate) cosignatures: usize,
    pub(crate) proofs: usize,
}

impl Run {
    /// Until everybody had everything.
    pub(crate) fn elapsed(&self) -> Duration {
        self.drained.max(self.stored)
    }

    /// Records times readers.
    pub(crate) fn deliveries(&self) -> usize {
        self.records * (DRAINING + 1)
    }

    /// Deliveries a second.
    pub(crate) fn deliveries_a_second(&self) -> f64 {
        rate(self.deliveries(), self.elapsed())
    }

    /// Bytes of a record's share of the messages to one subscriber.
    pub(crate) fn bytes_each(&self) -> f64 {
        mebibytes(self.bytes) * f64::from(1 << 20) / report::count(self.records * DRAINING)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [answered, drained, stored] = [self.answered, self.drained, self.stored].map(|time| time.as_secs_f64());
        write!(
            f,
            "the last record was answered after {answered:.2} s, with the slowest subscriber after {drained:.2} s, \
             on the full node after {stored:.2} s"
        )
    }
}

impl Readers {
    /// A federation of all members in which the policy names these states as witnesses. Where it names any, subscribers that
    /// are among them cosign while they drain, and one asks for proofs.
    pub(crate) fn of(setting: &Setting, witnesses: &[&str]) -> Self {
        let runtime = Runtime::new().unwrap();
        let mut world = stage::witnessed(setting, witnesses);
        let codes: Vec<String> = members::all().unwrap().into_iter().map(|member| member.code).collect();
        for code in &codes {
            stage::join(&mut world, code);
        }
        stage::dial_directly(&world, FULL_NODE);
        world.node_mut(FULL_NODE).start().unwrap();
        let draining: Vec<String> = codes.into_iter().filter(|code| code != PUBLISHER && code != FULL_NODE).collect();
        assert_eq!(draining.len(), DRAINING);
        let bulk = Bulk::of(&world, PUBLISHER);
        let witnesses = witnesses.iter().map(|code| (*code).to_owned()).collect();
        Self { world, draining, runtime, witnesses, bulk }
    }

    /// The publisher's next records.
    pub(crate) fn sign(&mut self, audience: &[&str], noisy: bool, count: usize) -> Vec<Received> {
        self.bulk = self.bulk.clone().for_audience(audience).noisy(noisy);
        self.bulk.sign(count, BATCH)
    }

    /// Submits records while everybody reads.
    pub(crate) fn publish(&mut self, records: Vec<Received>) -> Run {
        let from = self.world.hub().size().unwrap();
        let count = records.len();
        let (known, size) = watch::channel(u64::MAX);
        self.runtime.block_on(async {
            let local = Local::connect(self.dir(FULL_NODE)).await;
            local.until(from).await;
            let (draining, others) = self.read(from, &size).await;
            let mut submitter = Submitter::connect(&self.world, PUBLISHER).await;
            let started = Instant::now();
            submitter.submit(records).await;
            let answered = started.elapsed();
            let end = self.world.hub().size().unwrap();
            known.send_replace(end);
            local.until(end).await;
            let stored = started.elapsed();
            let drained: Vec<Drained> = join_all(draining).await.into_iter().map(Result::unwrap).collect();
            let last = drained.iter().map(|drained| drained.last).max().unwrap();
            let measured = (started, last.max(started + stored));
            Run {
                records: count,
                answered,
                drained: last - started,
                stored,
                bytes: drained.iter().map(|drained| drained.bytes).sum(),
                kept: drained.into_iter().next().map(|drained| drained.kept).unwrap_or_default(),
                beside: others.end(measured).await,
            }
        })
    }

    /// Starts the subscribers: what reads, and what else they do.
    async fn read(&self, from: u64, size: &watch::Receiver<u64>) -> (Vec<JoinHandle<Drained>>, Others) {
        let hub = self.world.hub().address().unwrap();
        let (mut draining, mut others) = (Vec::new(), Others::default());
        for code in &self.draining {
            let first = draining.is_empty();
            let subscriber = Subscriber::dial(hub, self.dir(code)).await;
            let client = subscriber.client();
            let mut following = subscriber.follow(from).await;
            if first && !self.witnesses.is_empty() {
                others.asking.push(tokio::spawn(cosigner::ask(client.clone(), from, others.stop.subscribe())));
            }
            if self.witnesses.contains(code) {
                let cosigner = cosigner::Cosigner::of(self.dir(code), code, client);
                others.cosigning.push(tokio::spawn(cosigner.cosign(following.sealed())));
            }
            draining.push(tokio::spawn(following.drain(size.clone(), first)));
        }
        (draining, others)
    }

    /// The directory of a member's node.
    pub(crate) fn dir(&self, code: &str) -> &Path {
        self.world.node(code).dir()
    }
}

/// What subscribers do beside reading: each task ends with when it was answered.
#[derive(Default)]
struct Others {
    cosigning: Vec<JoinHandle<Vec<Instant>>>,
    asking: Vec<JoinHandle<Vec<Instant>>>,
    stop: watch::Sender<()>,
}

impl Others {
    /// Ends it; what was answered between these times.
    async fn end(self, (from, to): (Instant, Instant)) -> Beside {
        let Self { cosigning, asking, stop } = self;
        drop(stop);
        let mut within = [0, 0];
        for (count, tasks) in within.iter_mut().zip([cosigning, asking]) {
            let answered = join_all(tasks).await.into_iter().flat_map(Result::unwrap);
            *count = answered.filter(|at| (from..=to).contains(at)).count();
        }
        let [cosignatures, proofs] = within;
        Beside { cosignatures, proofs }
    }
}
