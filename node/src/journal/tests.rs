//! The journal's stories: stored before sent, never signed twice.

use std::collections::BTreeMap;
use std::path::PathBuf;

use multaqa_proto::fold::Erasure;
use multaqa_proto::hash::RecordId;
use multaqa_proto::number::TreeSize;
use multaqa_proto::record::audience::Audience;
use tempfile::TempDir;

use super::outbox::Fate;
use super::standing::Standing;
use super::*;
use crate::replica::testing::{TestLog, found_in_files, service};
use crate::store::Scrubbed;

struct Desk {
    dir: TempDir,
    log: TestLog,
    journal: Journal,
}

impl Desk {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut log = TestLog::with_states(&[]);
        log.admit("JO");
        let (identity, key_record, index) = log.join("JO");
        let path = dir.path().join("journal.db");
        let journal = Journal::create(&path, identity.clone(), &key_record, index).await.unwrap();
        // Joining again finds what is there.
        journal.close().await;
        let journal = Journal::create(&path, identity, &key_record, index).await.unwrap();
        Self { dir, log, journal }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("journal.db")
    }

    /// Signs a record at the next place, as if it were published.
    fn signed(&mut self, id: &str, title: &str) -> OwnRecord {
        self.log.publish(id, &["states"], &[], service(title))
    }

    async fn reopen(&mut self) {
        self.journal.close().await;
        self.journal = Journal::open(&self.path()).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_stored_is_submitted_in_order_after_a_crash() {
    let mut desk = Desk::open().await;
    let records =
        [desk.signed("JO:service:a", "A"), desk.signed("JO:service:b", "B"), desk.signed("JO:service:c", "C")];
    desk.journal.append(&records[..2]).await.unwrap();
    desk.journal.append(&records[2..]).await.unwrap();
    desk.reopen().await;
    let queued = desk.journal.queued(Seq(1), 10).await.unwrap();
    let sent: Vec<_> = queued.iter().map(|own| own.record.clone()).collect();
    assert_eq!(sent, records.iter().map(|own| own.record.clone()).collect::<Vec<_>>());
    assert_eq!(desk.journal.queued(Seq(3), 10).await.unwrap().len(), 1);
    let place = desk.journal.next_place(TreeSize(0)).await.unwrap().0;
    assert_eq!((place.seq, place.previous), (Seq(5), Some(records[2].record_id)));
    assert_eq!(desk.journal.findings().await.unwrap(), []);
}

#[tokio::test]
async fn a_place_is_taken_once_and_a_batch_is_stored_whole() {
    let mut desk = Desk::open().await;
    let (first, second) = (desk.signed("JO:service:a", "A"), desk.signed("JO:service:b", "B"));
    let refused = desk.journal.append(std::slice::from_ref(&second)).await.unwrap_err();
    assert_eq!(refused, StoreError::PlaceTaken { expected: 2, found: 3 });
    let refused = desk.journal.append(&[first.clone(), first.clone()]).await.unwrap_err();
    assert_eq!(refused, StoreError::PlaceTaken { expected: 3, found: 2 });
    assert_eq!(desk.journal.counts().await.unwrap().queued, 0);
    desk.journal.append(&[first, second]).await.unwrap();
    assert_eq!(desk.journal.counts().await.unwrap(), OwnCounts { queued: 2, accepted: 1, ..OwnCounts::default() });
}

#[tokio::test]
async fn answers_and_the_own_replica_say_what_became_of_records() {
    let mut desk = Desk::open().await;
    let (a, b) = (desk.signed("JO:service:a", "A"), desk.signed("JO:service:b", "B"));
    desk.journal.append(&[a.clone(), b.clone()]).await.unwrap();
    desk.journal.mark_accepted(&[(a.record_id, LeafIndex(7))]).await.unwrap();
    assert_eq!(desk.journal.next_place(TreeSize(7)).await.unwrap().1.len(), 2);
    assert_eq!(desk.journal.next_place(TreeSize(8)).await.unwrap().1[0].record_id, b.record_id);
    let void = Some(("REPLACES_STALE".to_owned(), BTreeMap::from([("id".to_owned(), "x".to_owned())])));
    let fates = [
        Fate { record_id: a.record_id, index: LeafIndex(7), void: None },
        Fate { record_id: b.record_id, index: LeafIndex(8), void },
    ];
    desk.journal.settle(&fates, 1).await.unwrap();
    // A replica that is older than what came back (a power cut, a rebuild) does not hold it: the next revision builds on it.
    let not_held: Vec<_> =
        desk.journal.next_place(TreeSize(7)).await.unwrap().1.iter().map(|own| own.record_id).collect();
    assert_eq!(not_held, [a.record_id]);
    // Nor does a verdict change where a rebuilt replica has no content left to judge.
    let unjudged = Fate { record_id: b.record_id, index: LeafIndex(8), void: None };
    desk.journal.settle(&[unjudged], 1).await.unwrap();
    let open = desk.journal.list(&OwnQuery { after: 0, limit: 10, open_only: true }).await.unwrap();
    let shown: Vec<_> = open.iter().map(|own| (own.state, own.code.as_deref(), own.index)).collect();
    // The key record has not come back.
    assert_eq!(shown[1], (OwnState::Void, Some("REPLACES_STALE"), Some(LeafIndex(8))));
    assert_eq!((shown.len(), shown[0].0), (2, OwnState::Accepted));
    assert!(desk.journal.queued(Seq(1), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_rejected_record_blocks_what_follows_it() {
    let mut desk = Desk::open().await;
    let (a, b) = (desk.signed("JO:service:a", "A"), desk.signed("JO:service:b", "B"));
    desk.journal.append(&[a.clone(), b]).await.unwrap();
    let reason = StoredAlarm { code: "SIGNATURE_BAD".to_owned(), args: BTreeMap::new(), at_ms: 9 };
    desk.journal.mark_rejected(a.record_id, &reason).await.unwrap();
    desk.reopen().await;
    assert_eq!(desk.journal.block().await.unwrap(), Some(reason));
    assert!(desk.journal.queued(Seq(1), 10).await.unwrap().is_empty());
    assert_eq!(desk.journal.next_place(TreeSize(0)).await.unwrap_err().code(), "OUTBOX_BLOCKED");
    let c = desk.signed("JO:service:c", "C");
    assert_eq!(desk.journal.append(&[c]).await.unwrap_err().code(), "OUTBOX_BLOCKED");
    let counts = OwnCounts { queued: 1, accepted: 1, rejected: 1, void: 0 };
    assert_eq!(desk.journal.counts().await.unwrap(), counts);
}

#[tokio::test]
async fn own_records_that_the_journal_does_not_know_block_it() {
    let desk = Desk::open().await;
    let unknown = Fate { record_id: RecordId::of(b"signed before the restore"), index: LeafIndex(9), void: None };
    desk.journal.settle(&[unknown], 1).await.unwrap();
    assert_eq!(desk.journal.block().await.unwrap().unwrap().code, "JOURNAL_BEHIND");
}

#[tokio::test]
async fn nothing_of_a_withdrawn_record_is_left_in_any_file() {
    const MARKER: &str = "a-marker-that-stands-in-no-other-record";
    let mut desk = Desk::open().await;
    let (a, b) = (desk.signed("JO:service:a", MARKER), desk.signed("JO:service:b", "B"));
    desk.journal.append(&[a.clone(), b.clone()]).await.unwrap();
    assert!(!found_in_files(desk.dir.path(), MARKER).is_empty());
    desk.journal.mark_accepted(&[(a.record_id, LeafIndex(7)), (b.record_id, LeafIndex(8))]).await.unwrap();
    // What is at or above the tombstone, of another object, not named, or not for the tombstone's readers alone, stays.
    let audience = |part: &str| Audience::parse(&[part]).unwrap();
    let all = Erasure {
        object: "JO:service:a".parse().unwrap(),
        below: LeafIndex(9),
        records: [a.record_id, b.record_id].into(),
        audience: audience("public"),
    };
    for other in [
        Erasure { below: LeafIndex(7), ..all.clone() },
        Erasure { object: "JO:service:c".parse().unwrap(), ..all.clone() },
        Erasure { records: [b.record_id].into(), ..all.clone() },
        Erasure { audience: audience("member:EG"), ..all.clone() },
    ] {
        assert_eq!(desk.journal.erase(&other).await.unwrap(), 0, "{other:?}");
    }
    assert_eq!(desk.journal.erase(&all).await.unwrap(), 1);
    assert_eq!(desk.journal.scrub().await.unwrap(), Scrubbed::Done);
    assert_eq!(found_in_files(desk.dir.path(), MARKER), Vec::<PathBuf>::new());
    assert_eq!(desk.journal.findings().await.unwrap(), []);
}

#[tokio::test]
async fn lanes_and_incarnations_are_kept() {
    let mut desk = Desk::open().await;
    let states = Audience::parse(&["states"]).unwrap();
    assert_eq!(desk.journal.lane_for(&states, [1; 16]).await.unwrap(), [1; 16]);
    assert_eq!(desk.journal.next_incarnation().await.unwrap(), 1);
    desk.reopen().await;
    assert_eq!(desk.journal.lane_for(&states, [2; 16]).await.unwrap(), [1; 16]);
    let public = Audience::parse(&["public"]).unwrap();
    assert_eq!(desk.journal.lane_for(&public, [2; 16]).await.unwrap(), [2; 16]);
    assert_eq!(desk.journal.next_incarnation().await.unwrap(), 2);
}

#[tokio::test]
async fn a_journal_belongs_to_one_node() {
    let desk = Desk::open().await;
    desk.journal.close().await;
    let mut other = TestLog::with_states(&[]);
    other.admit("EG");
    let (identity, key_record, index) = other.join("EG");
    let refused = Journal::create(&desk.path(), identity, &key_record, index).await.unwrap_err();
    assert_eq!(refused.code(), "JOURNAL_FOREIGN");
    let none = Journal::open(&desk.dir.path().join("none.db")).await.unwrap_err();
    assert_eq!(none.code(), "STORE_MISSING");
}

fn answered(record: &OwnRecord, index: u64) -> Answered {
    Answered { record_id: record.record_id, index: LeafIndex(index) }
}

fn pairs(answers: &[Answered]) -> Vec<(RecordId, LeafIndex)> {
    answers.iter().map(|answered| (answered.record_id, answered.index)).collect()
}

#[tokio::test]
async fn an_answer_is_awaited_until_the_record_comes_back() {
    let mut desk = Desk::open().await;
    let (a, b) = (desk.signed("JO:service:a", "A"), desk.signed("JO:service:b", "B"));
    desk.journal.append(&[a.clone(), b.clone()]).await.unwrap();
    let key = desk.journal.awaited().await.unwrap().unwrap();
    let fate = |answered: Answered| Fate { record_id: answered.record_id, index: answered.index, void: None };
    desk.journal.settle(&[fate(key)], 1).await.unwrap();
    assert_eq!(desk.journal.overtaken(TreeSize(100)).await.unwrap(), None);
    assert_eq!(desk.journal.first_unanswered().await.unwrap(), Some(Seq(2)));
    let [first, second] = [answered(&a, 70), answered(&b, 71)];
    assert_eq!(desk.journal.mark_accepted(&pairs(&[first, second])).await.unwrap(), None);
    assert_eq!(desk.journal.first_unanswered().await.unwrap(), None);
    for _ in 0..2 {
        assert_eq!(desk.journal.overtaken(TreeSize(70)).await.unwrap(), None);
        assert_eq!(desk.journal.overtaken(TreeSize(71)).await.unwrap(), Some(first));
        assert_eq!(desk.journal.awaited().await.unwrap(), Some(first));
        desk.reopen().await;
    }
    desk.journal.settle(&[fate(first)], 1).await.unwrap();
    assert_eq!(desk.journal.overtaken(TreeSize(71)).await.unwrap(), None);
    assert_eq!(desk.journal.overtaken(TreeSize(72)).await.unwrap(), Some(second));
    desk.journal.settle(&[fate(second)], 1).await.unwrap();
    assert_eq!(desk.journal.awaited().await.unwrap(), None);
    // One that is lower than all that came back.
    let c = desk.signed("JO:service:c", "C");
    desk.journal.append(std::slice::from_ref(&c)).await.unwrap();
    desk.journal.mark_accepted(&pairs(&[answered(&c, 3)])).await.unwrap();
    assert_eq!(desk.journal.overtaken(TreeSize(72)).await.unwrap(), Some(answered(&c, 3)));
    assert_eq!(desk.journal.findings().await.unwrap(), []);
}

#[tokio::test]
async fn an_answer_contradicts_another_and_the_log() {
    let mut desk = Desk::open().await;
    let (a, b) = (desk.signed("JO:service:a", "A"), desk.signed("JO:service:b", "B"));
    desk.journal.append(&[a.clone(), b.clone()]).await.unwrap();
    let answers = [answered(&a, 7), answered(&b, 8)];
    desk.journal.mark_accepted(&pairs(&answers)).await.unwrap();
    // The same again, as a duplicate.
    assert_eq!(desk.journal.mark_accepted(&pairs(&answers)).await.unwrap(), None);
    let fate = Fate { record_id: b.record_id, index: LeafIndex(8), void: None };
    desk.journal.settle(&[fate], 1).await.unwrap();
    assert_eq!(desk.journal.mark_accepted(&pairs(&answers)).await.unwrap(), None);
    for other in [answered(&a, 9), answered(&b, 9)] {
        assert_eq!(desk.journal.mark_accepted(&pairs(&[other])).await.unwrap(), Some(other));
    }
}

#[tokio::test]
async fn answers_that_are_taken_back_are_asked_for_again() {
    let mut desk = Desk::open().await;
    let (a, b) = (desk.signed("JO:service:a", "A"), desk.signed("JO:service:b", "B"));
    desk.journal.append(&[a.clone(), b.clone()]).await.unwrap();
    desk.journal.mark_accepted(&pairs(&[answered(&a, 7), answered(&b, 8)])).await.unwrap();
    let fate = Fate { record_id: a.record_id, index: LeafIndex(7), void: None };
    desk.journal.settle(&[fate], 1).await.unwrap();
    // The key record is the hub's to keep: nobody submits it.
    assert_eq!(desk.journal.take_back_answers().await.unwrap(), 1);
    assert_eq!(desk.journal.findings().await.unwrap(), []);
    assert_eq!(desk.journal.first_unanswered().await.unwrap(), Some(Seq(3)));
    let sent: Vec<_> = desk.journal.queued(Seq(1), 10).await.unwrap().into_iter().map(|own| own.record).collect();
    assert_eq!(sent, std::slice::from_ref(&b.record));
    assert_eq!(desk.journal.mark_accepted(&pairs(&[answered(&b, 12)])).await.unwrap(), None);
    let signed = desk.journal.signed(b.record_id).await.unwrap().unwrap();
    assert_eq!(signed, Received { content: None, ..b.record });
}

#[tokio::test]
async fn what_a_released_log_may_lack_is_taken_back_and_nothing_below_or_that_came_back() {
    let mut desk = Desk::open().await;
    let records = ["a", "b", "c"].map(|name| desk.signed(&format!("JO:service:{name}"), name));
    desk.journal.append(&records).await.unwrap();
    let at = |n: usize, index| (records[n].record_id, LeafIndex(index));
    desk.journal.mark_accepted(&[at(0, 5), at(1, 6), at(2, 7)]).await.unwrap();
    let key = desk.journal.list(&OwnQuery { after: 0, limit: 1, open_only: false }).await.unwrap().remove(0);
    let seen = |record_id, index| Fate { record_id, index: LeafIndex(index), void: None };
    desk.journal.settle(&[seen(key.record_id, 3), seen(records[1].record_id, 6)], 1).await.unwrap();
    assert_eq!(desk.journal.take_back_released(TreeSize(6)).await.unwrap(), 1);
    let states = desk.journal.list(&OwnQuery { after: 1, limit: 10, open_only: false }).await.unwrap();
    let states: Vec<_> = states.iter().map(|own| (own.state, own.index)).collect();
    let accepted = |index| (OwnState::Accepted, Some(LeafIndex(index)));
    assert_eq!(states, [accepted(5), accepted(6), (OwnState::Queued, None)]);
    assert_eq!(desk.journal.overtaken(TreeSize(6)).await.unwrap().map(|lost| lost.index), Some(LeafIndex(5)));
    assert_eq!(desk.journal.findings().await.unwrap(), []);
}

#[tokio::test]
async fn what_the_log_lost_is_queued_again_and_the_first_that_cannot_be_is_named() {
    let mut desk = Desk::open().await;
    let records = ["a", "b", "c"].map(|name| desk.signed(&format!("JO:service:{name}"), name));
    desk.journal.append(&records).await.unwrap();
    let fates = records.iter().zip(5..).map(|(own, index)| Fate {
        record_id: own.record_id,
        index: LeafIndex(index),
        void: None,
    });
    desk.journal.settle(&fates.collect::<Vec<_>>(), 1).await.unwrap();
    assert_eq!(desk.journal.newest_seen().await.unwrap(), Seq(4));
    let taken = desk.journal.take_back_above(Seq(3)).await.unwrap();
    assert_eq!((taken.again, taken.broken, desk.journal.newest_seen().await.unwrap()), (1, None, Seq(3)));
    let submitted = desk.journal.queued(Seq(3), 10).await.unwrap();
    assert_eq!(submitted.into_iter().map(|own| own.record).collect::<Vec<_>>(), [records[2].record.clone()]);
    // Withdrawn since: its statement is all that is left of it.
    let mut erasing = desk.journal.store.begin("test").await.unwrap();
    let gone =
        Standing { held: false, seen: true, idx: Some(6), ..Standing::fresh(records[1].record_id, OwnState::Accepted) };
    sqlx::query("UPDATE own SET content = NULL, standing = ? WHERE seq = 3")
        .bind(gone.digest().to_vec())
        .execute(erasing.conn())
        .await
        .unwrap();
    erasing.commit().await.unwrap();
    let taken = desk.journal.take_back_above(Seq(1)).await.unwrap();
    assert_eq!((taken.again, taken.broken), (1, Some(Seq(3))));
    assert_eq!(desk.journal.findings().await.unwrap(), []);
}
