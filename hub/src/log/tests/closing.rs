//! Closing a log: it goes back and begins the next one with everything that it had, however it is broken at each of its points.
//! Two operators have to agree, each of whom decides once, whatever breaks. And a log that an operator lets go on.

use multaqa_proto::log::succession::Decision;
use multaqa_proto::number::LogNumber;
use multaqa_runtime::point::{Break, Point, break_here};

use super::*;
use crate::log::refill::Refill;
use crate::log::refill::closing::{Closable, CloseError};
use crate::point;
use crate::store::restored::{Reason, Restored};

/// A log that its hub found behind.
struct Story {
    world: Federation,
    files: Vec<(std::path::PathBuf, Vec<u8>)>,
    records: Vec<RecordId>,
    nodes: [Writer; 2],
    /// Where two operators have to agree from.
    stable: TreeSize,
}

impl Story {
    async fn begin() -> Self {
        let world = Federation::new().await;
        world.hand.set(10_000);
        let running = world.run().await;
        let mut operator = world.operator();
        let [mut jo, mut eg] = world.enrol(&running, &mut operator, ["JO", "EG"]).await;
        let two = operator.sign(&[world.two_operators()]);
        running.accept(&operator, two).await;
        let stable = running.log.state().size();
        let first = notes(&mut jo, &["kept", "withdrawn"]);
        let withdrawn = first[1].0;
        running.accept(&jo, first).await;
        let of_eg = notes(&mut eg, &["one", "two"]);
        running.accept(&eg, of_eg).await;
        let gone = jo.sign(&[tombstone("JO:tombstone:w", "JO:memo:withdrawn", &[withdrawn])]);
        running.accept(&jo, gone).await;
        let size = running.log.state().size();
        running.store.note_restored(&Restored::new(Reason::Behind, size, 10_000)).await.unwrap();
        let records = records(&running).await;
        running.stop().await;
        let files = std::fs::read_dir(world.dir.path()).unwrap().map(|file| file.unwrap().path());
        let files = files.map(|path| (path.clone(), std::fs::read(&path).unwrap())).collect();
        Self { world, files, records, nodes: [jo.writer().clone(), eg.writer().clone()], stable }
    }

    fn restore(&self) {
        for file in std::fs::read_dir(self.world.dir.path()).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        for (path, bytes) in &self.files {
            std::fs::write(path, bytes).unwrap();
        }
    }

    /// Does what is left to be done, after a restart too: whoever decided is not asked again.
    async fn close(&self, log: Log) -> Result<(), CloseError> {
        let refill = log.refill();
        if !refill.is_open() {
            return Ok(());
        }
        if !refill.is_closing() {
            refill.close(self.stable, true).await?;
        }
        self.tell(refill);
        if refill.go_on_decided(&[]).await?.is_some() || refill.try_finish().await? {
            return Ok(());
        }
        let closable = refill.closable(&[]).await?;
        let decided = refill.decided(&closable).await?;
        let all = [("first", self.world.operator().key), ("second", Federation::second_key())];
        let left: Vec<_> = all.iter().filter(|(name, _)| decided.iter().all(|one| one.as_str() != *name)).collect();
        assert_eq!(left.len() + decided.len(), 2);
        for (n, (name, key)) in left.iter().enumerate() {
            let decision = self.decision(&closable, name);
            let succeeded = refill.decide(decision.sign(key), &[]).await?;
            assert_eq!(succeeded, n + 1 == left.len() || closable.needed == 1);
            if succeeded {
                break;
            }
        }
        Ok(())
    }

    /// All nodes say that they hold no more.
    fn tell(&self, refill: &Refill) {
        for node in &self.nodes {
            refill.tell(node, None);
        }
    }

    fn decision(&self, closable: &Closable, operator: &str) -> Decision {
        let Closable { log, size, root, .. } = *closable;
        let (genesis, operator) = (self.world.genesis_id, operator.parse().unwrap());
        Decision { genesis, log, size, root, operator, decided_at_ms: 11_000, reason: "a test".to_owned() }
    }

    /// Everything stands once, in its order, on log 2.
    async fn compare(&self, running: &Running, case: &str) {
        let state = running.log.state();
        assert_eq!((state.log(), running.log.refill().is_open()), (LogNumber(2), false), "{case}");
        assert_eq!(records(running).await, self.records, "{case}: lost, doubled or out of order");
        assert_eq!(running.store.dropped_count().await.unwrap(), 0, "{case}");
        assert_eq!(running.store.decisions().await.unwrap().len(), 0, "{case}");
        let [begun] = state.directory().successions() else { panic!("{case}: one succession") };
        assert!(begun.decisions.iter().all(|(_, reason)| reason == "a test"), "{case}");
    }

    /// Breaks it, opens it again, goes on, compares. Whether it was broken.
    async fn broken(&self, point: Point, how: Break, nth: u32) -> bool {
        let case = format!("{} {how:?} {nth}", point.name());
        self.restore();
        let running = self.world.run().await;
        let broken = break_here(point, how, nth);
        let log = running.log.clone();
        let ended = {
            let closing = self.close(log);
            futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(closing)).await
        };
        let happened = broken.happened();
        drop(broken);
        assert_eq!(happened, !matches!(ended, Ok(Ok(()))), "{case}");
        running.end().await;
        assert_eq!(fsck(&self.world.path()).await.unwrap().findings, [], "{case}");
        let running = self.world.run().await;
        self.close(running.log.clone()).await.unwrap();
        self.compare(&running, &case).await;
        running.stop().await;
        assert_eq!(fsck(&self.world.path()).await.unwrap().findings, [], "{case}");
        happened
    }
}

/// The records on the log, in order.
async fn records(running: &Running) -> Vec<RecordId> {
    entries(running).await.iter().filter_map(|stored| stored.record.as_ref().map(|place| place.record_id)).collect()
}

#[tokio::test]
async fn a_closed_log_goes_on_as_the_next_with_all_records_in_their_order() {
    let story = Story::begin().await;
    let running = story.world.run().await;
    let refill = running.log.refill();
    assert_eq!(refill.close(TreeSize(0), false).await.unwrap_err().code(), "LOG_CLOSING_NOT_NEEDED");
    assert_eq!(refill.closable(&[]).await.unwrap_err().code(), "LOG_NOT_CLOSING");
    refill.close(TreeSize(0), true).await.unwrap();
    assert_eq!(running.log.state().size(), TreeSize(1));
    assert_eq!(refill.closable(&[]).await.unwrap_err().code(), "LOG_CLOSING_AWAITS");
    story.tell(refill);
    let other = Decision {
        genesis: story.world.genesis_id,
        log: LogNumber(2),
        size: TreeSize(2),
        root: running.log.state().root(),
        operator: "first".parse().unwrap(),
        decided_at_ms: 1,
        reason: "another size".to_owned(),
    };
    let decided = refill.decide(other.sign(&story.world.operator().key), &[]).await;
    assert_eq!(decided.unwrap_err().code(), "SUCCESSION_OTHER");
    let stranger = Decision { size: TreeSize(1), ..other }.sign(&key(9));
    assert_eq!(refill.decide(stranger, &[]).await.unwrap_err().code(), "SUCCESSION_WRONG");
    story.close(running.log.clone()).await.unwrap();
    story.compare(&running, "closed").await;
    assert!(matches!(refill.close(TreeSize(0), true).await, Err(CloseError::GoesOn)));
    running.stop().await;
    let report = fsck(&story.world.path()).await.unwrap();
    assert_eq!(report.findings, []);
    // It is log 2 for whoever opens it again, and takes records.
    let running = story.world.run().await;
    story.compare(&running, "opened again").await;
    running.stop().await;
}

#[tokio::test]
async fn a_store_goes_back_to_any_size_and_agrees_with_itself_there() {
    let story = Story::begin().await;
    let size = story.records.len() as u64;
    for to in 1..=size {
        story.restore();
        let opened = story.world.store().await;
        let restored = Restored::new(Reason::Closing, TreeSize(to), 1);
        opened.fall_back(TreeSize(to), &story.world.log_key, &restored).await.unwrap();
        assert_eq!(opened.load().await.unwrap().state.size(), TreeSize(to));
        opened.close().await;
        let findings = fsck(&story.world.path()).await.unwrap().findings;
        // What a tombstone above erased waits for it to be ordered again.
        let unexplained = findings.iter().filter(|finding| !finding.what.contains("no tombstone of"));
        assert_eq!(unexplained.count(), 0, "{to}: {findings:?}");
    }
}

#[tokio::test]
async fn a_closing_broken_at_any_point_loses_and_doubles_nothing() {
    let story = Story::begin().await;
    for point in point::CLOSING {
        for how in [Break::Kill, Break::Fail] {
            assert!(story.broken(*point, how, 1).await, "{} was not reached", point.name());
            assert!(story.broken(*point, how, 2).await, "{} was not reached twice", point.name());
        }
    }
}

#[tokio::test]
async fn a_decision_outlives_the_hub_and_holds_for_its_own_closing_alone() {
    let story = Story::begin().await;
    let running = story.world.run().await;
    let refill = running.log.refill().clone();
    refill.close(story.stable, true).await.unwrap();
    story.tell(&refill);
    let closable = refill.closable(&[]).await.unwrap();
    assert_eq!((closable.needed, closable.size), (2, story.stable));
    let first = story.decision(&closable, "first").sign(&story.world.operator().key);
    assert!(!refill.decide(first.clone(), &[]).await.unwrap());
    assert!(!refill.decide(first, &[]).await.unwrap(), "who decides twice is one");
    // Closed at another size it is another closing: there nobody decided, and where he did it stands still.
    refill.close(TreeSize(1), true).await.unwrap();
    story.tell(&refill);
    let other = refill.closable(&[]).await.unwrap();
    assert_eq!(refill.decided(&other).await.unwrap(), []);
    drop(refill);
    running.end().await;
    story.restore();
    let running = story.world.run().await;
    running.log.refill().close(story.stable, true).await.unwrap();
    story.tell(running.log.refill());
    let first = story.decision(&closable, "first").sign(&story.world.operator().key);
    assert!(!running.log.refill().decide(first, &[]).await.unwrap());
    running.end().await;
    assert_eq!(fsck(&story.world.path()).await.unwrap().findings, []);
    let running = story.world.run().await;
    let refill = running.log.refill().clone();
    assert_eq!(refill.decided(&closable).await.unwrap(), ["first".parse().unwrap()]);
    assert_eq!(refill.closable(&[]).await.unwrap_err().code(), "LOG_CLOSING_AWAITS");
    story.tell(&refill);
    assert_eq!(refill.go_on_decided(&[]).await.unwrap(), None, "one of two");
    let second = story.decision(&closable, "second").sign(&Federation::second_key());
    assert!(refill.decide(second, &[]).await.unwrap());
    story.compare(&running, "decided before and after a restart").await;
    drop(refill);
    running.stop().await;
}

#[tokio::test]
async fn a_log_that_is_being_closed_is_not_released() {
    let story = Story::begin().await;
    let running = story.world.run().await;
    running.log.refill().close(story.stable, true).await.unwrap();
    running.stop().await;
    let nothing = async |_: &Store| Ok(Vec::new());
    let refused = crate::backup::release(&story.world.path(), story.stable, &story.world.clock, nothing).await;
    assert_eq!(refused.unwrap_err().code, "RELEASE_CLOSING");
}

/// A store at rest that lacks the newest commit that its lock knows, released by an operator: its first record makes it just as
/// long as what is locked, and another tree.
async fn released() -> (Federation, Vec<(std::path::PathBuf, Vec<u8>)>, RecordId) {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    running.stop().await;
    let behind = std::fs::read(world.path()).unwrap();
    let running = world.run().await;
    let lost = notes(&mut jo.clone(), &["lost"]);
    running.accept(&jo, lost).await;
    running.stop().await;
    std::fs::write(world.path(), behind).unwrap();
    let store = world.store().await;
    let size = store.head().await.unwrap().size;
    let own = notes(&mut jo, &["own"]).remove(0);
    let restored = Restored { released: Some(size), ..Restored::new(Reason::Behind, size, 1) };
    store.set_aside(&[own.1], &restored).await.unwrap();
    store.close().await;
    let files = std::fs::read_dir(world.dir.path()).unwrap().map(|file| file.unwrap().path());
    let files = files.map(|path| (path.clone(), std::fs::read(&path).unwrap())).collect();
    (world, files, own.0)
}

#[tokio::test]
async fn a_released_log_broken_at_any_point_goes_on_and_is_never_taken_for_another_history() {
    let (world, files, own) = released().await;
    for point in point::RELEASING {
        for how in [Break::Kill, Break::Fail] {
            let case = format!("{} {how:?}", point.name());
            for file in std::fs::read_dir(world.dir.path()).unwrap() {
                std::fs::remove_file(file.unwrap().path()).unwrap();
            }
            for (path, bytes) in &files {
                std::fs::write(path, bytes).unwrap();
            }
            let store = world.store().await;
            let broken = break_here(*point, how, 1);
            let opening =
                Log::open(store.clone(), Fanout::new(store.clone()), world.log_key.clone(), world.clock.clone());
            let ended = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(opening)).await;
            assert!(broken.happened(), "{case}: not reached");
            drop(broken);
            assert!(!matches!(ended, Ok(Ok(_))), "{case}");
            drop(ended);
            store.close().await;
            let running = world.run().await;
            assert_eq!(*running.log.frozen().borrow(), None, "{case}");
            assert!(running.log.refill().lock_contradicted().is_none(), "{case}");
            assert_eq!(records(&running).await.last(), Some(&own), "{case}");
            running.stop().await;
            assert_eq!(fsck(&world.path()).await.unwrap().findings, [], "{case}");
            // And from then on the lock is its own.
            let running = world.run().await;
            assert_eq!(*running.log.frozen().borrow(), None, "{case}");
            running.stop().await;
        }
    }
}
