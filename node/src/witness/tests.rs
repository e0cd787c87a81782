//! What a node holds and tells of others' cosignatures, over a replica that follows a log.

use std::time::Duration;

use multaqa_proto::hash::Hash;
use multaqa_proto::log::witness::Label;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_runtime::clock::{Clock, Hand};
use tempfile::TempDir;

use super::*;
use crate::journal::Identity;
use crate::link::Caught;
use crate::replica::Opened;
use crate::replica::testing::TestLog;

const STATES: [&str; 4] = ["EG", "JO", "MA", "SA"];
const NOW_S: u64 = 1_700_000_000;

/// A log of four states that witness, and the replica of the first one's node.
struct Node {
    _dir: TempDir,
    log: TestLog,
    identity: Identity,
    replica: Replica,
    intake: Arc<ArcSwap<Intake>>,
    witnessing: Witnessing,
    tracker: Tracker,
    hand: Hand,
}

impl Node {
    async fn new() -> Self {
        let mut log = TestLog::with_states(&STATES[1..]);
        log.admit(STATES[0]);
        let (identity, ..) = log.join(STATES[0]);
        log.name_witnesses(&STATES);
        log.seal();
        let dir = tempfile::tempdir().unwrap();
        let Opened { replica, intake, .. } = Replica::open(&dir.path().join("replica.db"), &identity).await.unwrap();
        let (clock, hand) = Clock::manual(i64::try_from(NOW_S * 1_000).unwrap());
        let tracker = Tracker::new(clock, Duration::from_mins(1));
        let intake = Arc::new(ArcSwap::from_pointee(intake));
        let witnessing = Witnessing::load(replica.clone(), Arc::clone(&intake), tracker.clone()).await.unwrap();
        let mut node = Self { _dir: dir, log, identity, replica, intake, witnessing, tracker, hand };
        node.follow().await.unwrap();
        node
    }

    async fn follow(&mut self) -> Result<(), Ended> {
        let intake = self.intake.load_full();
        let frame = self.log.frame(self.identity.member.as_str(), intake.size().0);
        let (next, taken) = intake.accept(&frame).unwrap();
        let applied = self.replica.apply(&next, taken, TreeSize(frame.view), 0).await.unwrap();
        self.intake.store(Arc::new(next));
        self.witnessing.grown(applied.sealed).await
    }

    async fn take(&self, note: String) -> Result<(), Ended> {
        self.witnessing.take(vec![note]).await
    }

    fn label(&self, index: u64) -> Label {
        self.witnessing.standing().borrow().label(LeafIndex(index))
    }
}

#[tokio::test]
async fn cosignatures_over_the_own_history_count_and_are_there_after_a_restart() {
    let node = Node::new().await;
    let newest = node.log.size().0 - 1;
    node.take(node.log.cosigned(&[("JO", NOW_S)])).await.unwrap();
    assert_eq!(node.label(newest), Label::Accepted);
    node.take(node.log.cosigned(&[("JO", NOW_S), ("MA", NOW_S)])).await.unwrap();
    assert_eq!(node.label(newest), Label::Witnessed);
    node.take(node.log.cosigned(&[("EG", NOW_S)])).await.unwrap();
    assert_eq!(node.label(newest), Label::Stable);

    let lines = node.replica.cosignatures_at(node.log.size()).await.unwrap();
    assert_eq!(lines.len(), 3);
    let again = Witnessing::load(node.replica.clone(), Arc::clone(&node.intake), node.tracker.clone()).await.unwrap();
    assert_eq!(again.standing().borrow().label(LeafIndex(newest)), Label::Stable);
    assert_eq!(again.sealed().borrow().as_ref().unwrap().size, node.log.size());
}

#[tokio::test]
async fn a_note_over_what_is_still_to_come_waits_for_it() {
    let mut node = Node::new().await;
    node.log.control("x-federation:notice:n", Vec::new());
    node.log.seal();
    let newest = node.log.size().0 - 1;
    node.take(node.log.cosigned(&[("EG", NOW_S), ("JO", NOW_S), ("MA", NOW_S)])).await.unwrap();
    assert_eq!(node.witnessing.standing().borrow().stable, TreeSize(0));
    node.follow().await.unwrap();
    assert_eq!(node.label(newest), Label::Stable);
    // However many wait, the newest are kept and no others.
    node.log.seal();
    let ahead = node.log.cosigned(&[("SA", NOW_S)]);
    node.witnessing.take(vec![ahead; 10 * AHEAD]).await.unwrap();
    assert_eq!(node.witnessing.0.book.lock().await.ahead.len(), AHEAD);
}

#[tokio::test]
async fn of_the_notes_the_newest_are_kept_and_those_that_are_cosigned() {
    let mut node = Node::new().await;
    let cosigned = node.log.size();
    node.take(node.log.cosigned(&[("JO", NOW_S)])).await.unwrap();
    for _ in 0..520 {
        node.log.seal();
        node.follow().await.unwrap();
    }
    let replica = node.replica.clone();
    let oldest = async || replica.sealed_from(TreeSize(0)).await.unwrap().unwrap().size;
    assert_eq!(oldest().await, cosigned);
    assert_eq!(node.replica.sealed_from(cosigned.next()).await.unwrap().unwrap().size.0, node.log.size().0 - 511);
    // What is forgotten is computed: the same note still agrees, and another root at its size is a fork.
    let forgotten = TreeSize(cosigned.0 + 1);
    assert!(node.replica.root_at(forgotten).await.unwrap().is_some());
    assert_eq!(node.replica.root_at(TreeSize(node.log.size().0 + 1)).await.unwrap(), None);
    node.take(node.log.cosigned(&[("JO", NOW_S)])).await.unwrap();
    node.log.seal();
    node.follow().await.unwrap();
    assert_eq!(oldest().await.0, node.log.size().0 - 511);
}

#[tokio::test]
async fn another_root_under_the_log_key_is_a_fork_with_both_notes() {
    let mut node = Node::new().await;
    let (size, held) = (node.log.size(), node.intake.load().state().unwrap().root());
    let theirs = node.log.cosigned_root(Hash([9; 32]), &[("SA", NOW_S)]);
    let ended = node.take(theirs.clone()).await.unwrap_err();
    let Ended::Alarm(Caught { alarm: Alarm::LogFork(fork), .. }) = ended else { panic!("{ended:?}") };
    assert_eq!((fork.size, fork.held, fork.signed), (size, held, Hash([9; 32])));
    assert_eq!((fork.ours.as_str(), fork.theirs), (node.log.cosigned(&[]).as_str(), theirs));
    assert_eq!(node.witnessing.standing().borrow().votes[&"SA".parse().unwrap()], None);

    // One that came before its entries shows when they are there.
    node.log.seal();
    node.take(node.log.cosigned_root(Hash([8; 32]), &[("SA", NOW_S)])).await.unwrap();
    let ended = node.follow().await.unwrap_err();
    assert!(
        matches!(&ended, Ended::Alarm(Caught { alarm: Alarm::LogFork(fork), .. }) if fork.signed == Hash([8; 32])),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_note_that_the_log_did_not_sign_is_an_alarm() {
    let node = Node::new().await;
    let unsigned = node.log.cosigned(&[("JO", NOW_S)]).replacen("/log/1 ", "/log/2 ", 1);
    let ended = node.take(unsigned).await.unwrap_err();
    assert!(matches!(ended, Ended::Alarm(Caught { alarm: Alarm::CheckpointBad(_), .. })), "{ended:?}");
}

#[tokio::test]
async fn the_line_is_live_while_two_others_vouch_for_the_log() {
    let node = Node::new().await;
    node.tracker.begin("");
    let state = || node.tracker.watch().borrow().state.as_str();
    node.tracker.heard(node.log.size(), crate::link::Held::of(&node.intake.load()));
    assert_eq!(state(), "unwitnessed");
    node.take(node.log.cosigned(&[("EG", NOW_S), ("JO", NOW_S)])).await.unwrap();
    assert_eq!(state(), "unwitnessed", "the own one does not count");
    node.take(node.log.cosigned(&[("SA", NOW_S)])).await.unwrap();
    assert_eq!(state(), "live");
    node.hand.advance(Duration::from_mins(6));
    node.take(node.log.cosigned(&[("MA", NOW_S + 360)])).await.unwrap();
    assert_eq!(state(), "unwitnessed", "one that is fresh is too few");
}
