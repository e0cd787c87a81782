//! A replica that goes back to a smaller size: it is what it was there, but for what a tombstone above took; it goes on from there;
//! broken at each of its points, in two ways, it is one or the other.

use std::sync::Arc;

use multaqa_runtime::point::{Break, Point, break_here};

use super::*;
use crate::point;

/// A log that was closed at a size where this frame ends, and what stands above.
struct Story {
    log: TestLog,
    below: wire::Frame,
    above: wire::Frame,
}

impl Story {
    fn new() -> Self {
        let mut log = TestLog::with_states(&["JO", "EG", "MA"]);
        let first = log.publish("JO:service:sanad", &["states"], &[], service("Sanad")).record_id;
        let figures = log.publish("EG:dataset:egdi", &["states"], &[], dataset("0.5")).record_id;
        log.publish("MA:service:kept", &["states"], &[], service("Kept"));
        log.seal();
        let below = log.frame("EG", 0);
        let second = log.publish("JO:service:sanad", &["states"], &[first], service("Sanad 2")).record_id;
        log.publish("JO:service:sanad", &["states"], &[first, second], service("Sanad 3"));
        log.publish("MA:service:new", &["states"], &[], service("New"));
        log.withdraw("EG:dataset:egdi", &["states"], &[figures]);
        log.admit("SA");
        for n in 0..300 {
            log.publish(&format!("MA:service:n{n}"), &["states"], &[], service("More"));
        }
        log.seal();
        let above = log.frame("EG", below.count);
        Self { log, below, above }
    }

    const fn closed(&self) -> TreeSize {
        TreeSize(self.below.count)
    }

    async fn whole(&self) -> Node {
        let mut node = Node::of("EG", &self.log).await;
        node.take(&self.below).await;
        node.take(&self.above).await;
        node
    }
}

impl Node {
    async fn fall_back(&mut self, story: &Story) {
        let to = story.closed();
        let note = &story.below.checkpoint;
        self.intake = self.replica.fall_back(&self.identity, to, note, 6_000).await.unwrap();
    }

    /// As it was at the closed size.
    async fn must_be_as(&self, story: &Story, case: &str) {
        let mut before = Node::of("EG", &story.log).await;
        before.take(&story.below).await;
        assert_eq!(self.intake.size(), story.closed(), "{case}");
        let (own, expected) = (self.intake.state().unwrap(), before.intake.state().unwrap());
        assert_eq!((own.root(), own.control()), (expected.root(), expected.control()), "{case}");
        assert_eq!(own.chains(), expected.chains(), "{case}");
        assert_eq!(own.seal_time_ms(), expected.seal_time_ms(), "{case}");
        assert!(own.directory().member(&member("SA")).is_none(), "{case}");
        // What was withdrawn above is gone, until its tombstone comes again.
        assert_eq!(self.ids().await, ["JO:service:sanad", "MA:service:kept"], "{case}");
        for id in self.ids().await {
            assert_eq!(self.rows(&id).await, before.rows(&id).await, "{case}");
        }
        assert_eq!(self.replica.newest_sealed().await.unwrap().unwrap().size, story.closed(), "{case}");
        assert_eq!(self.findings().await, [], "{case}");
    }

    /// Going on, it holds what one holds that never went back.
    async fn must_go_on(&mut self, story: &Story, case: &str) {
        self.take(&story.above).await;
        let whole = story.whole().await;
        assert_eq!(self.ids().await, whole.ids().await, "{case}");
        assert_eq!(self.intake.state().unwrap().root(), whole.intake.state().unwrap().root(), "{case}");
        for id in ["JO:service:sanad", "MA:service:new"] {
            assert_eq!(self.rows(id).await, whole.rows(id).await, "{case}");
        }
        assert_eq!(self.findings().await, [], "{case}");
        assert_eq!(self.reopen().await, None, "{case}");
    }
}

#[tokio::test]
async fn a_replica_that_goes_back_is_what_it_was_there_and_goes_on() {
    let story = Story::new();
    let mut node = story.whole().await;
    assert_eq!(node.findings().await, []);
    node.fall_back(&story).await;
    node.must_be_as(&story, "gone back").await;
    assert_eq!(node.reopen().await, None);
    node.must_be_as(&story, "opened again").await;
    node.must_go_on(&story, "gone on").await;
}

async fn broken(point: Point, how: Break) {
    let case = format!("{} {how:?}", point.name());
    let story = Story::new();
    let node = Arc::new(story.whole().await);
    let broken = break_here(point, how, 1);
    let ended = {
        let (node, to, signed) = (Arc::clone(&node), story.closed(), story.below.checkpoint.clone());
        tokio::spawn(async move { node.replica.fall_back(&node.identity, to, &signed, 6_000).await.map(drop) }).await
    };
    assert!(broken.happened(), "{case}: not reached");
    drop(broken);
    assert!(matches!((&ended, how), (Err(_), Break::Kill) | (Ok(Err(_)), Break::Fail)), "{case}");
    let mut node = Arc::into_inner(node).unwrap();
    assert_eq!(node.reopen().await, None, "{case}");
    assert_eq!(node.findings().await, [], "{case}");
    if node.intake.size() > story.closed() {
        node.fall_back(&story).await;
    }
    node.must_be_as(&story, &case).await;
    node.must_go_on(&story, &case).await;
}

#[tokio::test]
async fn a_replica_broken_while_it_goes_back_is_the_one_or_the_other() {
    for point in point::FALLING_BACK {
        for how in [Break::Kill, Break::Fail] {
            broken(*point, how).await;
        }
    }
}
