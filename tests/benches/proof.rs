//! Proofs: what verifying one costs by itself, and what it takes to get one from a hub and from a node.
//!
//! Verifying is measured in this process, over a tree of 10,000,000 leaves: inclusion proofs at places in no order, consistency
//! proofs from sizes in no order. Then a hub and a node hold a log of 100,000 records: a peer asks the hub for inclusion proofs
//! over its real line, one after the other, and a program asks the node for whole record proofs, which are verified from the
//! genesis up.

use std::hint::black_box;
use std::time::Duration;

use multaqa_proto::hash::Hash;
use multaqa_proto::log::frontier::Frontier;
use multaqa_proto::log::proof::{verify_consistency, verify_inclusion};
use multaqa_proto::log::subtree::{Plan, Root, Rows};
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record_proof::RecordProof;
use multaqa_proto::wire::hub::ProofRequest;
use multaqa_proto::wire::hub::proof_request::Of;
use multaqa_proto::wire::node;
use multaqa_tests::bulk::{Bulk, Submitter};
use multaqa_tests::raw::{RawClient, dialer};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::local::Local;
use crate::report::{Aim, Figure, Samples, count};
use crate::{Setting, stage};

const WRITER: &str = "JO";
const READER: &str = "EG";
/// Leaves of the tree in this process.
const LEAVES: u64 = 10_000_000;
/// Proofs that are verified in this process.
const PROOFS: usize = 2_000;
/// Proofs that are asked for.
const CALLS: usize = 1_000;
/// Record proofs that are asked for.
const RECORD_PROOFS: usize = 100;
/// What verifying a proof may take, microseconds.
const VERIFY_US: f64 = 50.0;
/// Longest catching up.
const CAUGHT_UP: Duration = Duration::from_mins(5);

/// Runs the bench.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    let mut figures = verifying();
    let runtime = Runtime::new().unwrap();
    let mut world = stage::world(setting, &[]);
    for member in [WRITER, READER] {
        stage::join(&mut world, member);
    }
    let mut load = Bulk::of(&world, WRITER);
    let records = load.sign(setting.records, 64);
    runtime.block_on(async { Submitter::connect(&world, WRITER).await.submit(records).await });
    let identity = world.node(READER).dir().join("identity");
    let dialer = dialer(&identity.join("node.pem"), &identity.join("root.pem"));
    let client = RawClient::connect(world.hub().address().unwrap(), &dialer);
    let size = world.hub().size().unwrap();
    let calls = scattered(CALLS, size).map(|index| {
        let asked = Instant::now();
        client.proof(ProofRequest { log: 1, size: 0, of: Some(Of::Index(index)) }).unwrap();
        asked.elapsed()
    });
    let calls = Samples::new(calls.collect());
    for percent in [50, 99] {
        let name = format!("inclusion from the hub, {size} leaves, p{percent}");
        figures.push(Figure::new(name, calls.percentile_ms(percent), "ms"));
    }
    drop(client);
    stage::dial_directly(&world, READER);
    world.node_mut(READER).start().unwrap();
    world.federation_mut().settle(CAUGHT_UP).unwrap();
    let dir = world.node(READER).dir();
    figures.extend(runtime.block_on(async {
        let mut replica = Local::connect(dir).await.replica();
        let (mut asked, mut verified) = (Vec::new(), Vec::new());
        let mut bytes = 0;
        for number in scattered(RECORD_PROOFS, setting.records as u64) {
            let id = load.id(usize::try_from(number).unwrap());
            let request = node::ProofRequest { of: Some(node::proof_request::Of::Id(id)) };
            let began = Instant::now();
            let file = replica.proof(request).await.unwrap().into_inner().file;
            asked.push(began.elapsed());
            bytes = file.len();
            let began = Instant::now();
            let proof = RecordProof::parse(file.as_bytes()).unwrap();
            black_box(proof.verify(proof.genesis).unwrap());
            verified.push(began.elapsed());
        }
        let (asked, verified) = (Samples::new(asked), Samples::new(verified));
        [
            Figure::new("record proof from a node, p50", asked.percentile_ms(50), "ms"),
            Figure::new("record proof verified from the genesis, p50", verified.percentile_ms(50), "ms")
                .note(format!("a file of {bytes} bytes, which holds all control records")),
        ]
    }));
    figures
}

/// Verifying by itself.
fn verifying() -> Vec<Figure> {
    let (mut tree, mut stored) = (Frontier::default(), Vec::new());
    for index in 0..LEAVES {
        tree.push_noting(leaf(index), |root| stored.extend(root.subtree.is_stored().then_some(root)));
    }
    let root = tree.root();
    let inclusions: Vec<(u64, Vec<Hash>)> = scattered(PROOFS, LEAVES)
        .map(|index| (index, made(&Plan::inclusion(LeafIndex(index), tree.size()).unwrap(), &stored)))
        .collect();
    let began = Instant::now();
    for (index, path) in &inclusions {
        assert!(verify_inclusion(leaf(*index), *index, LEAVES, black_box(path), root));
    }
    let inclusion = microseconds(began.elapsed());
    let firsts: Vec<(u64, Hash, Vec<Hash>)> = scattered(PROOFS / 10, LEAVES)
        .filter(|first| *first > 0)
        .map(|first| {
            let old = made(&Plan::root(TreeSize(first)).unwrap(), &stored)[0];
            (first, old, made(&Plan::consistency(TreeSize(first), tree.size()).unwrap(), &stored))
        })
        .collect();
    let began = Instant::now();
    for _ in 0..10 {
        for (first, old, proof) in &firsts {
            assert!(verify_consistency(*first, *old, LEAVES, root, black_box(proof)));
        }
    }
    let consistency = began.elapsed().as_secs_f64() * 1e6 / (10.0 * count(firsts.len()));
    vec![
        Figure::new("an inclusion proof verified, 10,000,000 leaves", inclusion, "us").aim(Aim::AtMost(VERIFY_US)),
        Figure::new("a consistency proof verified, 10,000,000 leaves", consistency, "us").aim(Aim::AtMost(VERIFY_US)),
    ]
}

fn microseconds(elapsed: Duration) -> f64 {
    elapsed.as_secs_f64() * 1e6 / count(PROOFS)
}

fn leaf(index: u64) -> Hash {
    leaf_hash(&index.to_be_bytes())
}

/// A proof from stored roots and leaves, as a log makes it.
fn made(plan: &Plan, stored: &[Root]) -> Vec<Hash> {
    let mut rows = Rows::default();
    for reading in plan.reads() {
        if reading.height == 0 {
            (reading.from..reading.to).for_each(|index| rows.leaf(LeafIndex(index), leaf(index)));
        } else {
            let wanted = |root: &&Root| {
                root.subtree.height == reading.height && (reading.from..reading.to).contains(&root.subtree.number)
            };
            stored.iter().filter(wanted).for_each(|root| rows.root(*root));
        }
    }
    plan.prove_from(&rows).unwrap()
}

/// So many numbers below a bound, in no order that a cache could follow.
pub(crate) fn scattered(n: usize, below: u64) -> impl Iterator<Item = u64> {
    (1..=n as u64).map(move |place| (place.wrapping_mul(2_654_435_761) >> 7) % below)
}
