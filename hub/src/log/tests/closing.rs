//! Closing a log: it goes back and begins the next one with everything that it had, however it is broken at each of its points.

use multaqa_proto::log::succession::Decision;
use multaqa_proto::number::LogNumber;
use multaqa_runtime::point::{Break, Point, break_here};

use super::*;
use crate::log::refill::closing::CloseError;
use crate::point;
use crate::store::restored::{Reason, Restored};

/// A log that its hub found behind.
struct Story {
    world: Federation,
    files: Vec<(std::path::PathBuf, Vec<u8>)>,
    records: Vec<RecordId>,
    node: Writer,
}

impl Story {
    async fn begin() -> Self {
        let world = Federation::new().await;
        world.hand.set(10_000);
        let running = world.run().await;
        let [mut jo, mut eg] = world.enrol(&running, &mut world.operator(), ["JO", "EG"]).await;
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
        Self { world, files, records, node: jo.writer().clone() }
    }

    fn restore(&self) {
        for file in std::fs::read_dir(self.world.dir.path()).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        for (path, bytes) in &self.files {
            std::fs::write(path, bytes).unwrap();
        }
    }

    /// Does what is left to be done.
    async fn close(&self, log: Log) -> Result<(), CloseError> {
        let refill = log.refill();
        if !refill.is_open() {
            return Ok(());
        }
        if !refill.is_closing() {
            refill.close(TreeSize(0), true).await?;
        }
        refill.tell(&self.node, None);
        let closable = refill.closable(&[]).await?;
        let decision = Decision {
            genesis: self.world.genesis_id,
            log: closable.log,
            size: closable.size,
            root: closable.root,
            operator: "first".parse().unwrap(),
            decided_at_ms: 11_000,
            reason: "a test".to_owned(),
        };
        assert!(refill.decide(decision.sign(&self.world.operator().key), &[]).await?);
        Ok(())
    }

    /// Everything stands once, in its order, on log 2.
    async fn compare(&self, running: &Running, case: &str) {
        let state = running.log.state();
        assert_eq!((state.log(), running.log.refill().is_open()), (LogNumber(2), false), "{case}");
        assert_eq!(records(running).await, self.records, "{case}: lost, doubled or out of order");
        assert_eq!(running.store.dropped_count().await.unwrap(), 0, "{case}");
        let [begun] = state.directory().successions() else { panic!("{case}: one succession") };
        assert_eq!(begun.decisions[0].1, "a test", "{case}");
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
    refill.tell(&story.node, None);
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
