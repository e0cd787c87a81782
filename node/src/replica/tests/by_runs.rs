//! A replica that begins with a fast start: what is staged, what counts, and what is taken out of runs later.

use multaqa_proto::log::subtree::Plan;
use multaqa_proto::sync::intake::start::{Next, Start};

use super::*;

/// Of another country and for itself: four in five records of this log.
fn publish(log: &mut TestLog, round: &str, count: u64) {
    for number in 0..count {
        let audience = if number % 5 == 0 { "states" } else { "group:gcc" };
        log.publish(&format!("JO:service:{round}-{number}"), &[audience], &[], service("A service"));
    }
}

/// Three witnesses, and a group of one; the record that made the group.
fn with_group() -> (TestLog, RecordId) {
    let mut log = TestLog::with_states(&["JO", "EG", "MA"]);
    log.name_witnesses(&["JO", "EG", "MA"]);
    let made = log.control("x-federation:group:gcc", group(&["JO"]));
    (log, made)
}

fn group(members: &[&str]) -> Vec<u8> {
    let group = kind::Group {
        slug: "gcc".to_owned(),
        name: [("en".to_owned(), "gcc".to_owned())].into(),
        history: "full".to_owned(),
        members: members.iter().map(|code| (*code).to_owned()).collect(),
        ..kind::Group::default()
    };
    group.encode_to_vec()
}

impl Node {
    /// Takes these frames of a start; the start where it is not over.
    async fn start(&mut self, offer: wire::Start, frames: &[wire::Frame]) -> Option<Start> {
        let mut start = Start::begin(&self.intake, offer).unwrap();
        for frame in frames {
            let (next, stretch) = start.accept(frame).unwrap();
            match next {
                Next::More(next) => {
                    self.replica.stage(&next, stretch, 5_000).await.unwrap();
                    start = *next;
                }
                Next::Done(next) => {
                    let applied = self.replica.finish_start(&next, stretch, start.offer(), 5_000).await.unwrap();
                    assert!(applied.sealed);
                    self.intake = *next;
                    return None;
                }
            }
        }
        Some(start)
    }

    async fn listed(&self) -> Vec<Summary> {
        let query = ListQuery { limit: 500, withdrawn: true, ..ListQuery::default() };
        self.replica.list(&query).await.unwrap().items
    }
}

#[tokio::test]
async fn a_start_ends_in_the_replica_of_a_full_replay_but_for_what_lies_in_runs() {
    let (mut log, _) = with_group();
    publish(&mut log, "a", 300);
    let first = log.publish("JO:service:gone", &["states"], &[], service("Gone")).record_id;
    log.withdraw("JO:service:gone", &["states"], &[first]);
    log.erase_withdrawn();
    log.seal();
    let (mut full, mut fast) = (Node::of("EG", &log).await, Node::of("EG", &log).await);
    full.follow(&log).await;
    assert!(fast.start(log.offer(&["JO", "EG", "MA"]), &log.by_runs("EG", 50)).await.is_none());
    assert_eq!(fast.replica.starting(), None);
    assert_eq!(fast.listed().await, full.listed().await);
    assert_eq!(fast.replica.cursor(), full.replica.cursor());
    assert_eq!(fast.findings().await, []);
    let from = fast.replica.leaves_from().await.unwrap();
    assert!(from > LeafIndex(250) && from.0 < log.size().0, "{from}");
    assert_eq!(full.replica.leaves_from().await.unwrap(), LeafIndex(0));
    // Given to a hub is what is held, from where all of it is.
    assert_eq!(
        fast.replica.leaf_hashes(from, log.size().next_index()).await.unwrap().len() as u64,
        log.size().0 - from.0
    );
    let broken = fast.replica.leaf_hashes(LeafIndex(0), log.size().next_index()).await.unwrap();
    assert!(broken.len() < 40, "{} hashes go on over a run", broken.len());
    // What is held is proven as ever; within runs there is no root to compare with.
    let directory = fast.intake.directory().unwrap().clone();
    for object in fast.listed().await {
        let proven = fast.replica.record_proof(&directory, object.index).await.unwrap().proven;
        assert_eq!(proven.index, object.index);
    }
    assert_eq!(fast.replica.root_at(log.size()).await.unwrap(), full.replica.root_at(log.size()).await.unwrap());
    assert_eq!(fast.replica.root_at(TreeSize(100)).await.unwrap(), None);
    // Both go on alike, over a restart too.
    assert_eq!(fast.reopen().await, None);
    publish(&mut log, "b", 70);
    log.seal();
    for node in [&mut full, &mut fast] {
        node.follow(&log).await;
    }
    assert_eq!(fast.listed().await, full.listed().await);
    assert_eq!((fast.replica.cursor(), fast.findings().await), (full.replica.cursor(), vec![]));
    assert_eq!(fast.replica.leaves_from().await.unwrap(), from);
}

#[tokio::test]
async fn what_is_staged_does_not_count_and_is_not_kept() {
    let (mut log, _) = with_group();
    publish(&mut log, "a", 60);
    log.seal();
    let (offer, frames) = (log.offer(&["JO", "EG", "MA"]), log.by_runs("EG", 20));
    let mut node = Node::of("EG", &log).await;
    let start = node.start(offer.clone(), &frames[..3]).await.unwrap();
    assert_eq!((start.size(), node.replica.cursor()), (TreeSize(60), None));
    assert_eq!(node.replica.starting().map(|starting| starting.size), Some(TreeSize(60)));
    // Opened anew in that state the file is begun anew.
    let reason = node.reopen().await.unwrap();
    assert!(reason.contains("cut off after 60 leaves"), "{reason}");
    assert_eq!(node.listed().await, []);
    // Taken back, it is as empty, and may be filled in either way.
    node.intake = Intake::empty(node.identity.member.clone(), log.genesis(), LogNumber(1));
    node.start(offer.clone(), &frames[..3]).await.unwrap();
    node.replica.abandon_start().await.unwrap();
    assert_eq!((node.replica.starting(), node.listed().await), (None, vec![]));
    assert!(node.start(offer, &frames).await.is_none());
    assert_eq!(node.findings().await, []);
}

#[tokio::test]
async fn what_may_be_read_later_is_taken_out_of_runs() {
    let (mut log, made) = with_group();
    publish(&mut log, "a", 600);
    log.seal();
    let (mut full, mut fast) = (Node::of("EG", &log).await, Node::of("EG", &log).await);
    full.follow(&log).await;
    assert!(fast.start(log.offer(&["JO", "EG", "MA"]), &log.by_runs("EG", 400)).await.is_none());
    let ended = log.size();
    let content = log.content("x-federation:group:gcc", &["members"], &[made], group(&["JO", "EG"]));
    let change = log.put(&"operator/first".parse().unwrap(), content).record_id;
    let approve = kind::Approve { record_id: change.to_vec() }.encode_to_vec();
    log.publish("JO:approve:gcc-2", &["members"], &[], approve);
    log.seal();
    for node in [&mut full, &mut fast] {
        assert!(node.follow(&log).await.grown);
    }
    // In two pages, of which the first breaks runs up that the second goes on with.
    let all: Vec<u64> = (0..ended.0).filter(|index| log.is_for_group(*index)).collect();
    assert!(all.len() > 400);
    let pages: [Vec<u64>; 2] = [0, 1].map(|half| all.iter().copied().filter(|index| index % 2 == half).collect());
    for (number, page) in pages.iter().enumerate() {
        full.fill(&log.fill(page), number == 1).await;
        fast.open_and_fill(&log.fill_with_paths(page, ended.0), number == 1).await;
    }
    assert_eq!(fast.listed().await, full.listed().await);
    assert_eq!(fast.replica.counts().await.unwrap(), [("service".to_owned(), 600)]);
    assert_eq!((fast.findings().await, full.findings().await), (vec![], vec![]));
    let whole = Plan::root(ended).unwrap();
    let mut tx = fast.replica.store.read("root").await.unwrap();
    assert_eq!(super::super::subtree::prove(&mut tx, &whole).await.unwrap().len(), 1);
    drop(tx);
    assert_eq!(fast.reopen().await, None);
}

impl Node {
    /// Takes a page of contents, of which entries may lie in runs.
    async fn open_and_fill(&self, fill: &wire::Fill, done: bool) -> Applied {
        let unpacked = fill.blocks.iter().flat_map(|block| multaqa_proto::sync::block::unpack(block).unwrap());
        let indexes: Vec<LeafIndex> = unpacked.map(|entry| entry.index).collect();
        let mut stubs = self.replica.stubs(&indexes).await.unwrap();
        let runs = self.replica.runs_over(&indexes).await.unwrap();
        let mut forged = fill.clone();
        forged.paths.iter_mut().for_each(|path| path[0] ^= 1);
        let opening = self.intake.open(fill, runs.clone()).unwrap();
        let alone = opening.gone.iter().all(|root| root.subtree.height == 0);
        assert!(alone || self.intake.open(&forged, runs).is_err());
        stubs.extend(opening.parts());
        let entries = self.intake.fill(fill, |index| stubs.get(&index).cloned()).unwrap();
        let round = self.replica.fill_wanted().await.unwrap().map_or(0, |wanted| wanted.round);
        let progress = FillProgress { round, through: LeafIndex(fill.through), done };
        self.replica.apply_fill(&self.intake, opening, entries, progress).await.unwrap()
    }
}
