//! What comes late: contents that a member may read only from later on, and erasures that were before it.
//!
//! Out of scope: a fill that is broken (`broken_fill`), a fast start (`by_runs`).

use super::*;

/// A group that shows its members what was written before them.
fn group(members: &[&str]) -> Vec<u8> {
    kind::Group {
        slug: "gcc".to_owned(),
        name: std::iter::once(("en".to_owned(), "Group".to_owned())).collect(),
        history: "full".to_owned(),
        members: members.iter().map(|code| (*code).to_owned()).collect(),
        parent: String::new(),
        mandate: std::collections::HashMap::new(),
    }
    .encode_to_vec()
}

/// A second tombstone that becomes readable later takes what it names all the same, and is the newest mark then.
#[tokio::test]
async fn a_tombstone_that_comes_late_takes_what_it_names() {
    let mut log = TestLog::with_states(&["JO", "EG"]);
    let made = log.control("x-federation:group:gcc", group(&["JO"]));
    let first = log.publish("JO:service:sanad", &["member:EG"], &[], service("Sanad")).record_id;
    let shown = log.publish("JO:service:sanad", &["member:EG"], &[], service(MARKER)).record_id;
    let mut early = Node::of("EG", &log).await;
    early.follow(&log).await;
    log.withdraw("JO:service:sanad", &["member:EG"], &[first]);
    // Signed for few, and for the group: who is in it reads it.
    log.withdraw("JO:service:sanad", &["group:gcc", "member:EG"], &[shown]);
    log.withdraw("JO:service:sanad", &["group:gcc"], &[shown]);
    let hidden = log.size().0 - 1;
    early.follow(&log).await;
    let before = early.rows("JO:service:sanad").await;
    let content = log.content("x-federation:group:gcc", &["members"], &[made], group(&["JO", "EG"]));
    let change = log.put(&"operator/first".parse().unwrap(), content).record_id;
    let approve = kind::Approve { record_id: change.to_vec() }.encode_to_vec();
    log.publish("JO:approve:gcc-2", &["members"], &[], approve);
    assert!(early.follow(&log).await.grown);
    early.fill(&log.fill(&[hidden]), true).await;
    assert_ne!(early.rows("JO:service:sanad").await, before, "the newest tombstone is the mark");
    early.replica.scrub().await.unwrap();
    assert_eq!(found_in_files(early.dir.path(), MARKER), Vec::<std::path::PathBuf>::new());
    let mut late = Node::of("EG", &log).await;
    late.follow(&log).await;
    assert_eq!(early.rows("JO:service:sanad").await, late.rows("JO:service:sanad").await);
    assert_eq!((early.findings().await, late.findings().await), (Vec::new(), Vec::new()));
}

/// The hub sends stubs of what was withdrawn: who comes later cannot hold it, and must go on alike.
#[tokio::test]
async fn who_comes_after_an_erasure_goes_on_like_who_was_there() {
    let mut log = TestLog::with_states(&["JO", "EG"]);
    let mut early = Node::of("EG", &log).await;
    let first = log.publish("JO:service:sanad", &["states"], &[], service("Sanad")).record_id;
    early.follow(&log).await;
    log.withdraw("JO:service:sanad", &["states"], &[first]);
    early.follow(&log).await;
    log.erase(&first);
    let mut late = Node::of("EG", &log).await;
    late.follow(&log).await;
    // Published anew, and built on what was there: void for both.
    log.publish("JO:service:sanad", &["states"], &[], service("again"));
    log.publish("JO:service:sanad", &["states"], &[first], service("again"));
    assert_eq!((early.follow(&log).await.void, late.follow(&log).await.void), (2, 2));
    assert_eq!(early.ids().await, late.ids().await);
    assert_eq!(early.rows("JO:service:sanad").await, late.rows("JO:service:sanad").await);
    assert_eq!((early.findings().await, late.findings().await), (Vec::new(), Vec::new()));
}

/// Entries that EG could not read when they came: it is admitted after them.
pub(super) async fn late_member() -> (TestLog, Node, Vec<u64>, RecordId) {
    let mut log = TestLog::with_states(&["JO"]);
    let first = log.publish("JO:service:sanad", &["states"], &[], service("Sanad")).record_id;
    log.publish("JO:service:sanad", &["states"], &[first], service(MARKER));
    log.publish("JO:dataset:egdi", &["states"], &[], dataset("0.5"));
    log.publish("JO:service:sanad", &["states"], &[first], service("stale"));
    log.seal();
    let indexes = (log.size().0 - 5..log.size().0 - 1).collect();
    let mut node = Node::of("EG", &log).await;
    let applied = node.follow(&log).await;
    assert!(!applied.grown && node.ids().await.is_empty());
    log.admit("EG");
    log.seal();
    (log, node, indexes, first)
}

#[tokio::test]
async fn contents_that_come_later_give_what_they_had_given_from_the_start() {
    let (log, mut late, indexes, _) = late_member().await;
    assert!(late.follow(&log).await.grown);
    let wanted = late.replica.fill_wanted().await.unwrap().unwrap();
    assert_eq!(wanted.next, LeafIndex(0));
    // In two pages, with a restart between them.
    late.fill(&log.fill(&indexes[..1]), false).await;
    late.reopen().await;
    assert_eq!(late.replica.fill_wanted().await.unwrap().unwrap().round, wanted.round);
    late.fill(&log.fill(&indexes[1..]), true).await;
    assert_eq!(late.replica.fill_wanted().await.unwrap(), None);

    let mut early = Node::of("EG", &log).await;
    let applied = early.follow(&log).await;
    assert!(applied.grown, "the member's admission is in the first frame");
    assert_eq!(early.replica.fill_wanted().await.unwrap(), None, "but the hub judged all of it with that in sight");
    assert_eq!(late.ids().await, ["JO:dataset:egdi", "JO:service:sanad"]);
    for id in late.ids().await {
        assert_eq!(late.rows(&id).await, early.rows(&id).await, "{id}");
        let steps = |node: &Node| {
            let (replica, id) = (node.replica.clone(), object(&id));
            async move { replica.history_after(&id, None, 100).await.unwrap().0 }
        };
        assert_eq!(steps(&late).await, steps(&early).await, "{id}");
    }
    assert_eq!(late.findings().await, []);
    assert_eq!(early.findings().await, []);
}

#[tokio::test]
async fn what_was_withdrawn_stays_withdrawn_when_it_comes_late() {
    let (mut log, mut node, indexes, first) = late_member().await;
    node.follow(&log).await;
    // The fill was on its way when the tombstone came.
    let fill = log.fill(&indexes);
    let second = multaqa_proto::sync::block::unpack(&fill.blocks[0]).unwrap()[1].leaf.clone();
    let second = multaqa_proto::log::leaf::Leaf::parse(&second).unwrap();
    let second = multaqa_proto::hash::record_id(&second.body);
    log.withdraw("JO:service:sanad", &["states"], &[first, second]);
    log.seal();
    node.follow(&log).await;
    node.fill(&fill, true).await;
    node.replica.scrub().await.unwrap();
    assert_eq!(found_in_files(node.dir.path(), MARKER), Vec::<std::path::PathBuf>::new());
    assert!(node.replica.get(&object("JO:service:sanad")).await.unwrap().unwrap().summary.withdrawn);
    assert_eq!(node.replica.get(&object("JO:dataset:egdi")).await.unwrap().unwrap().summary.revision, 1);
    assert_eq!(node.findings().await, []);
}

#[tokio::test]
async fn joining_a_group_opens_what_was_written_before() {
    let mut log = TestLog::with_states(&["JO", "EG"]);
    let made = log.control("x-federation:group:gcc", group(&["JO"]));
    log.publish("JO:service:sanad", &["group:gcc"], &[], service("Sanad"));
    let secret = log.size().0 - 1;
    let mut node = Node::of("EG", &log).await;
    node.follow(&log).await;
    assert!(node.ids().await.is_empty());
    let content = log.content("x-federation:group:gcc", &["members"], &[made], group(&["JO", "EG"]));
    let change = log.put(&"operator/first".parse().unwrap(), content).record_id;
    assert!(!node.follow(&log).await.grown, "the change waits for the group's states");
    let approve = kind::Approve { record_id: change.to_vec() }.encode_to_vec();
    log.publish("JO:approve:gcc-2", &["members"], &[], approve);
    assert!(node.follow(&log).await.grown);
    node.fill(&log.fill(&[secret]), true).await;
    assert_eq!(node.ids().await, ["JO:service:sanad"]);
    assert_eq!(node.findings().await, []);
}

#[tokio::test]
async fn no_copy_of_withdrawn_objects_that_came_late_is_left_in_the_pages() {
    let mut log = TestLog::with_states(&["JO"]);
    let from = log.size().0;
    let mut records = Vec::new();
    for n in 0..120_usize {
        let title = if n % 3 == 0 { MARKER } else { "kept" };
        let payload = long_service(title, &format!("{title} ").repeat(1 + n * 7 % 60));
        let id = format!("JO:service:s{n}");
        records.push((id.clone(), log.publish(&id, &["states"], &[], payload).record_id));
    }
    let indexes: Vec<u64> = (from..log.size().0).collect();
    let mut node = Node::of("EG", &log).await;
    node.follow(&log).await;
    log.admit("EG");
    node.follow(&log).await;
    for page in indexes.chunks(7) {
        node.fill(&log.fill(page), false).await;
    }
    assert_eq!(node.ids().await.len(), 120);
    for (id, record) in records.iter().step_by(3) {
        log.withdraw(id, &["states"], &[*record]);
        assert!(node.follow(&log).await.erased);
    }
    node.replica.scrub().await.unwrap();
    assert_eq!(found_in_files(node.dir.path(), MARKER), Vec::<std::path::PathBuf>::new());
    assert_eq!(node.findings().await, []);
}

/// What no position says is told to who watches: nothing below is as it was.
#[tokio::test]
async fn a_fill_is_a_turn_to_who_watches() {
    let (log, mut node, indexes, _) = late_member().await;
    node.follow(&log).await;
    let changes = crate::watch::Changes::new(node.replica.clone());
    let before = changes.place().unwrap();
    let mut watcher = changes.subscribe(true).unwrap();
    assert!(watcher.catch_up(before).await.unwrap().is_none());
    node.fill(&log.fill(&indexes), true).await;
    let after = changes.place().unwrap();
    assert_eq!((after.size, after.fills), (before.size, before.fills + 1));
    let turn = watcher.batches.recv().await.unwrap();
    assert!(turn.anew && turn.to == after);
    assert!(watcher.catch_up(before).await.unwrap().unwrap().anew, "also to who was away");
    // The same after a restart.
    let again = Replica::open(&node.dir.path().join("replica.db"), &node.identity).await.unwrap().replica;
    assert_eq!(crate::watch::Changes::new(again).place(), Some(after));
}
