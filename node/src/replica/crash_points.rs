//! Journal and replica broken at each of their points, in two ways: killed there, and the step failing there. Before a step it
//! is lost, after it done but reported lost.
//!
//! A node publishes two records, withdraws one of them, and takes them back from the log. Broken, it starts again as a process
//! does and goes on from its files. In scope: what both stores hold together. Out of scope: the hub's side (`hub`), lines.

use std::sync::{Arc, Mutex};

use multaqa_proto::hash::RecordId;
use multaqa_proto::number::{Seq, TreeSize};
use multaqa_proto::record::content::Content;
use multaqa_proto::record::{Draft, sign};
use multaqa_runtime::point::{Break, Point, break_here};
use tempfile::TempDir;

use super::fsck;
use super::testing::{TestLog, found_in_files, service, withdrawal};
use super::{Opened, Replica};
use crate::journal::{Identity, Journal, OwnQuery, OwnRecord, OwnState};
use crate::point;
use crate::store::{Scrubbed, StoreError};

const MARKER: &str = "a-marker-that-stands-in-no-other-record";
const KEPT: &str = "EG:service:kept";
const GONE: &str = "EG:service:gone";

/// The log of an honest hub, which outlives the node's crashes.
type Hub = Arc<Mutex<TestLog>>;

/// A node's files, and who it is.
struct Story {
    dir: TempDir,
    identity: Identity,
    hub: Hub,
}

/// A node that runs.
struct Node {
    journal: Journal,
    replica: Replica,
    intake: multaqa_proto::sync::intake::Intake,
    hub: Hub,
}

impl Story {
    async fn begin() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut log = TestLog::with_states(&["JO"]);
        log.admit("EG");
        let (identity, key_record, index) = log.join("EG");
        let path = dir.path().join("journal.db");
        Journal::create(&path, identity.clone(), &key_record, index).await.unwrap().close().await;
        Self { dir, identity, hub: Arc::new(Mutex::new(log)) }
    }

    async fn start(&self) -> Node {
        let journal = Journal::open(&self.dir.path().join("journal.db")).await.unwrap();
        let opened = Replica::open(&self.dir.path().join("replica.db"), &self.identity).await.unwrap();
        let Opened { replica, intake, rebuilt } = opened;
        assert_eq!(rebuilt, None, "the replica does not agree with itself");
        Node { journal, replica, intake, hub: Arc::clone(&self.hub) }
    }

    async fn findings(&self) -> Vec<fsck::Finding> {
        let [journal, replica] = ["journal.db", "replica.db"].map(|name| self.dir.path().join(name));
        fsck::run(&journal, &replica).await.unwrap().findings
    }

    /// Everything stands once, in its order, where it was answered to stand; what was withdrawn is in no file.
    async fn compare(&self, case: &str) {
        assert_eq!(self.findings().await, [], "{case}");
        let node = self.start().await;
        let hub = self.hub.lock().unwrap().size();
        assert_eq!(node.intake.size(), hub, "{case}");
        let query = OwnQuery { after: 0, limit: 500, open_only: false };
        let own = node.journal.list(&query).await.unwrap();
        let seqs: Vec<u64> = own.iter().map(|own| own.seq.0).collect();
        assert_eq!(seqs, [1, 2, 3, 4], "{case}: the key record, two services, a tombstone");
        for own in &own[1..] {
            assert!(own.seen && own.state == OwnState::Accepted, "{case}: {own:?}");
            let places = self.hub.lock().unwrap().places(&own.record_id);
            assert_eq!(places, [own.index.unwrap()], "{case}: lost or doubled");
        }
        let query = super::ListQuery { limit: 500, withdrawn: true, ..super::ListQuery::default() };
        let objects = node.replica.list(&query).await.unwrap().items;
        let shown: Vec<_> = objects.iter().map(|object| (object.id.as_str(), object.revision)).collect();
        assert_eq!(shown, [(GONE, 0), (KEPT, 1)], "{case}");
        node.close().await;
        assert_eq!(found_in_files(self.dir.path(), MARKER), Vec::<std::path::PathBuf>::new(), "{case}");
    }
}

impl Node {
    /// What a process does from its start until there is nothing left to do.
    async fn run(&mut self) -> Result<(), StoreError> {
        let fates = self.replica.fates(&self.journal.unseen().await?).await?;
        self.journal.settle(&fates, 1).await?;
        if let Some(state) = self.intake.state() {
            for erasure in self.replica.withdrawn_own(state.directory()).await? {
                self.journal.erase(&erasure).await?;
            }
        }
        self.scrub().await?;
        self.publish(2, |revisions| {
            assert!(revisions.is_empty());
            vec![(GONE, service(MARKER)), (KEPT, service("Kept"))]
        })
        .await?;
        self.submit_and_follow().await?;
        self.publish(4, |revisions| vec![("EG:tombstone:gone", withdrawal(GONE, &revisions[..1]))]).await?;
        self.submit_and_follow().await?;
        self.scrub().await
    }

    /// Publishes at this place, unless it was done before.
    async fn publish(
        &self,
        seq: u64,
        make: impl FnOnce(&[RecordId]) -> Vec<(&'static str, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        let (place, _) = self.journal.next_place(TreeSize(0)).await?;
        if place.seq.0 > seq {
            return Ok(());
        }
        let query = OwnQuery { after: 1, limit: 500, open_only: false };
        let known: Vec<RecordId> = self.journal.list(&query).await?.iter().map(|own| own.record_id).collect();
        let signed = {
            let mut hub = self.hub.lock().unwrap();
            let draft = |(id, payload): (&str, Vec<u8>)| -> Draft {
                let content: Content = hub.content(id, &["states"], &[], payload);
                Draft { content, lane: [9; 16] }
            };
            let drafts: Vec<Draft> = make(&known).into_iter().map(draft).collect();
            sign(&place, &drafts, &hub.record_key(&place.writer))
        };
        let own = |(record_id, record)| OwnRecord { record_id, record, signed_at_ms: 1 };
        self.journal.append(&signed.into_iter().map(own).collect::<Vec<_>>()).await
    }

    async fn submit_and_follow(&mut self) -> Result<(), StoreError> {
        let mut answers = Vec::new();
        for queued in self.journal.queued(Seq(1), 100).await? {
            let id = multaqa_proto::hash::record_id(&queued.record.statement);
            let mut hub = self.hub.lock().unwrap();
            if hub.places(&id).is_empty() {
                hub.order(queued.record);
            }
            answers.push((id, hub.places(&id)[0]));
        }
        self.journal.mark_accepted(&answers).await?;
        // A hub that lost them says so, and answers again.
        self.journal.take_back_answers().await?;
        assert_eq!(self.journal.mark_accepted(&answers).await?, None);
        let frame = {
            let mut hub = self.hub.lock().unwrap();
            if hub.size() == self.intake.size() {
                return Ok(());
            }
            hub.seal();
            hub.erase_withdrawn();
            hub.frame("EG", self.intake.size().0)
        };
        let (next, taken) = self.intake.accept(&frame).unwrap();
        let applied = self.replica.apply(&next, taken, TreeSize(frame.view), 5_000).await?;
        self.intake = next;
        self.journal.settle(&applied.own, 1).await?;
        for erasure in &applied.withdrawn {
            self.journal.erase(erasure).await?;
        }
        Ok(())
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        assert_ne!(self.journal.scrub().await?, Scrubbed::Busy);
        assert_ne!(self.replica.scrub().await?, Scrubbed::Busy);
        Ok(())
    }

    async fn close(self) {
        self.journal.close().await;
        self.replica.close().await;
    }
}

/// Breaks a node at a point, starts it again, and compares. Whether it was broken.
async fn broken(point: Point, how: Break, nth: u32) -> bool {
    let case = format!("{} {how:?} {nth}", point.name());
    let story = Story::begin().await;
    let mut node = story.start().await;
    let (journal, replica) = (node.journal.clone(), node.replica.clone());
    let broken = break_here(point, how, nth);
    let ended = tokio::spawn(async move { node.run().await }).await;
    let happened = broken.happened();
    drop(broken);
    match (&ended, how) {
        (Err(killed), Break::Kill) => assert!(killed.is_panic() && happened, "{case}"),
        (Ok(Err(error)), Break::Fail) => {
            assert!(happened && error.to_string().contains("broken at"), "{case}: {error}");
        }
        (Ok(Ok(())), _) => assert!(!happened, "{case}: nobody noticed"),
        (Err(other), _) => panic!("{case}: {other}"),
        (Ok(Err(error)), Break::Kill) => panic!("{case}: {error}"),
    }
    journal.close().await;
    replica.close().await;
    assert_eq!(story.findings().await, [], "{case}: just after the crash");
    let mut node = story.start().await;
    node.run().await.unwrap();
    node.close().await;
    story.compare(&case).await;
    happened
}

#[tokio::test]
async fn journal_and_replica_broken_at_any_point_lose_and_double_nothing() {
    for point in point::STORES {
        for how in [Break::Kill, Break::Fail] {
            assert!(broken(*point, how, 1).await, "{} was not reached", point.name());
            broken(*point, how, 2).await;
        }
    }
}
