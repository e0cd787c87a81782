//! The replica's stories: frames in, rows out.

mod broken_fill;
mod by_runs;
mod fallen_back;
mod late;

use std::path::Path;

use multaqa_proto::hash::RecordId;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::intake::opening::Opening;
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::kind;
use prost::Message as _;
use tempfile::TempDir;

use super::fsck::{self, Rows};
use super::testing::{TestLog, dataset, found_in_files, long_service, member, object, service};
use super::*;
use crate::journal::Journal;
use crate::store::Scrubbed;

const MARKER: &str = "a-marker-that-stands-in-no-other-record";

/// A member's node with its files.
struct Node {
    dir: TempDir,
    identity: Identity,
    replica: Replica,
    intake: Intake,
}

impl Node {
    async fn of(code: &str, log: &TestLog) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let identity = Identity {
            member: member(code),
            node: "gw1".parse().unwrap(),
            genesis: log.genesis(),
            log: LogNumber(1),
            epoch: multaqa_proto::number::Epoch(1),
            instance: [1; 16],
        };
        let Opened { replica, intake, rebuilt } =
            Replica::open(&dir.path().join("replica.db"), &identity).await.unwrap();
        assert_eq!(rebuilt, None);
        Self { dir, identity, replica, intake }
    }

    fn path(&self) -> std::path::PathBuf {
        self.dir.path().join("replica.db")
    }

    /// Takes everything that is new.
    async fn follow(&mut self, log: &TestLog) -> Applied {
        let frame = log.frame(self.identity.member.as_str(), self.intake.size().0);
        self.take(&frame).await
    }

    async fn take(&mut self, frame: &wire::Frame) -> Applied {
        let (next, taken) = self.intake.accept(frame).unwrap();
        let applied = self.replica.apply(&next, taken, TreeSize(frame.view), 5_000).await.unwrap();
        self.intake = next;
        applied
    }

    async fn fill(&self, fill: &wire::Fill, done: bool) -> Applied {
        self.try_fill(fill, done).await.unwrap()
    }

    async fn try_fill(&self, fill: &wire::Fill, done: bool) -> Result<Applied, StoreError> {
        let indexes: Vec<LeafIndex> = fill
            .blocks
            .iter()
            .flat_map(|block| multaqa_proto::sync::block::unpack(block).unwrap())
            .map(|entry| entry.index)
            .collect();
        let stubs = self.replica.stubs(&indexes).await.unwrap();
        let entries = self.intake.fill(fill, |index| stubs.get(&index).cloned()).unwrap();
        let round = self.replica.fill_wanted().await.unwrap().map_or(0, |wanted| wanted.round);
        let progress = FillProgress { round, through: LeafIndex(fill.through), done };
        self.replica.apply_fill(&self.intake, Opening::default(), entries, progress).await
    }

    async fn reopen(&mut self) -> Option<String> {
        self.replica.close().await;
        let opened = Replica::open(&self.path(), &self.identity).await.unwrap();
        self.replica = opened.replica;
        self.intake = opened.intake;
        opened.rebuilt
    }

    async fn ids(&self) -> Vec<String> {
        let query = ListQuery { limit: 500, withdrawn: true, ..ListQuery::default() };
        self.replica.list(&query).await.unwrap().items.into_iter().map(|item| item.id).collect()
    }

    async fn rows(&self, id: &str) -> Rows {
        let mut tx = self.replica.store.read("test").await.unwrap();
        Rows::load(&mut tx, &object(id)).await.unwrap()
    }

    async fn findings(&self) -> Vec<fsck::Finding> {
        let mut findings = Vec::new();
        self.replica.check(self.identity.genesis, &mut findings).await.unwrap();
        findings
    }
}

fn replaced(path: &Path, sql: &str) -> impl Future<Output = ()> {
    use sqlx::ConnectOptions as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    async move {
        let mut connection = options.connect().await.unwrap();
        assert!(sqlx::query(sql).execute(&mut connection).await.unwrap().rows_affected() > 0);
    }
}

#[tokio::test]
async fn what_is_published_can_be_listed_read_and_followed_back() {
    let mut log = TestLog::with_states(&["JO", "EG"]);
    let first = log.publish("JO:service:sanad", &["states"], &[], service("Sanad")).record_id;
    log.publish("JO:service:sanad", &["states"], &[first], service("Sanad 2"));
    log.publish("EG:dataset:egdi", &["states"], &[], dataset("0.5"));
    log.seal();
    let mut node = Node::of("EG", &log).await;
    assert_eq!(node.follow(&log).await.entries, log.size().0);

    let all = ListQuery { limit: 1, ..ListQuery::default() };
    let page = node.replica.list(&all).await.unwrap();
    assert_eq!((page.items[0].id.as_str(), page.next.as_deref()), ("EG:dataset:egdi", Some("EG:dataset:egdi")));
    let page = node.replica.list(&ListQuery { after: page.next, ..all }).await.unwrap();
    assert_eq!((page.items[0].id.as_str(), page.next), ("JO:service:sanad", None));

    let found = node.replica.get(&object("JO:service:sanad")).await.unwrap().unwrap();
    assert_eq!((found.summary.revision, found.summary.title["en"].as_str()), (2, "Sanad 2"));
    let (steps, more) = node.replica.history_after(&object("JO:service:sanad"), None, 10).await.unwrap();
    assert!(!more);
    let (newest, more) = node.replica.history_before(&object("JO:service:sanad"), None, 1).await.unwrap();
    assert_eq!((newest.as_slice(), more), (&steps[1..], true));
    assert_eq!(steps.iter().map(|step| step.verdict.as_deref()).collect::<Vec<_>>(), [Some("VALID"); 2]);
    let query = ObservationQuery { indicator: "x-escwa:indicator:egdi".to_owned(), limit: 10, ..Default::default() };
    let figures = node.replica.observations(&query).await.unwrap();
    assert_eq!(figures.items[0].observation.value.as_deref(), Some("0.5"));
    assert_eq!((figures.items[0].provider.as_str(), figures.next), ("EG", None));
    assert_eq!(node.replica.counts().await.unwrap(), [("dataset".to_owned(), 1), ("service".to_owned(), 1)]);
    assert_eq!(node.findings().await, []);
}

/// A page of large objects ends early, leads to the rest, and leaves its connection as it was.
#[tokio::test]
async fn no_more_is_read_of_payloads_than_a_page_holds() {
    let mut log = TestLog::with_states(&["JO"]);
    for n in 0..9 {
        log.publish(&format!("JO:service:s{n}"), &["states"], &[], service("Sanad"));
    }
    log.seal();
    let mut node = Node::of("JO", &log).await;
    node.follow(&log).await;
    let one = node.replica.get(&object("JO:service:s0")).await.unwrap().unwrap().payload.len();
    for (bytes, sizes) in [(0, vec![1; 9]), (one, vec![2, 2, 2, 2, 1]), (one * 8, vec![9]), (one * 20, vec![9])] {
        let (mut found, mut after) = (Vec::new(), None);
        for size in sizes {
            let query = ListQuery { limit: 500, after, ..ListQuery::default() };
            let page = node.replica.list_within(&query, bytes).await.unwrap();
            assert_eq!(page.items.len(), size, "{bytes}");
            found.extend(page.items.into_iter().map(|item| item.summary.id));
            after = page.next;
        }
        assert_eq!((after, found), (None, node.ids().await), "{bytes}");
    }
    let ids = node.ids().await;
    let (objects, looked) = node.replica.get_within(&ids, one * 3).await.unwrap();
    assert_eq!((objects.len(), looked), (9, 9), "so few are read together");
    let many: Vec<String> = ids.iter().cycle().take(70).cloned().collect();
    let (objects, looked) = node.replica.get_within(&many, one * 3).await.unwrap();
    assert_eq!((objects.len(), looked), (9, 50), "and no more after what is enough");
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was() {
    let mut log = TestLog::with_states(&["JO"]);
    log.seal();
    let mut node = Node::of("JO", &log).await;
    node.follow(&log).await;
    let before = node.replica.cursor().unwrap();
    assert_eq!(node.reopen().await, None);
    assert_eq!(node.intake.size(), log.size());
    let cursor = node.replica.cursor().unwrap();
    assert_eq!((cursor.size, cursor.root), (log.size(), node.intake.state().unwrap().root()));
    assert_eq!(cursor, before);
    log.publish("JO:service:sanad", &["states"], &[], service("Sanad"));
    log.seal();
    node.follow(&log).await;
    assert_eq!(node.ids().await, ["JO:service:sanad"]);
    assert_eq!(node.findings().await, []);
}

#[tokio::test]
async fn a_tampered_frame_changes_nothing() {
    let mut log = TestLog::with_states(&["JO"]);
    let mut node = Node::of("JO", &log).await;
    node.follow(&log).await;
    let before = node.replica.cursor();
    log.publish("JO:service:sanad", &["states"], &[], service("Sanad"));
    let good = log.frame("JO", node.intake.size().0);
    let mut other = log;
    other.publish("JO:service:other", &["states"], &[], service("Other"));
    let mut forged = good.clone();
    forged.checkpoint = other.frame("JO", 0).checkpoint;
    assert_eq!(node.intake.accept(&forged).unwrap_err().code(), "LOG_REWOUND");
    assert_eq!(node.replica.cursor(), before);
    assert!(node.ids().await.is_empty());
    node.take(&good).await;
    assert_eq!(node.ids().await, ["JO:service:sanad"]);
}

#[tokio::test]
async fn a_void_record_of_ones_own_is_told() {
    let mut log = TestLog::with_states(&["JO"]);
    let first = log.publish("JO:service:sanad", &["states"], &[], service("Sanad")).record_id;
    let stale = log.publish("JO:service:sanad", &["states"], &[], service("Sanad again")).record_id;
    let mut node = Node::of("JO", &log).await;
    let applied = node.follow(&log).await;
    let fate = |id: RecordId| applied.own.iter().find(|fate| fate.record_id == id).unwrap().void.clone();
    assert_eq!(fate(first), None);
    assert_eq!(fate(stale).unwrap().0, "REPLACES_STALE");
    assert_eq!(applied.void, 1);
    let told = node.replica.fates(&[stale, first]).await.unwrap();
    assert_eq!(told.iter().filter(|fate| fate.void.is_some()).count(), 1);
    assert_eq!(node.replica.get(&object("JO:service:sanad")).await.unwrap().unwrap().summary.title["en"], "Sanad");
    assert_eq!(node.findings().await, []);
}

#[tokio::test]
async fn nothing_of_a_withdrawn_object_is_left_in_any_file() {
    let mut log = TestLog::with_states(&["JO", "EG"]);
    let record = log.publish("JO:service:sanad", &["states"], &[], service(MARKER)).record_id;
    let mut node = Node::of("EG", &log).await;
    node.follow(&log).await;
    assert!(!found_in_files(node.dir.path(), MARKER).is_empty());
    log.withdraw("JO:service:sanad", &["states"], &[record]);
    let applied = node.follow(&log).await;
    assert!(applied.erased);
    assert_eq!(node.replica.scrub().await.unwrap(), Scrubbed::Done);
    assert_eq!(node.replica.scrub().await.unwrap(), Scrubbed::Clean);
    assert_eq!(found_in_files(node.dir.path(), MARKER), Vec::<std::path::PathBuf>::new());
    let found = node.replica.get(&object("JO:service:sanad")).await.unwrap().unwrap();
    assert!(found.summary.withdrawn && found.payload.is_empty() && found.summary.title.is_empty());
    assert_eq!(node.findings().await, []);
    // A revision after it is void, and the mark stays.
    log.publish("JO:service:sanad", &["states"], &[record], service("Sanad"));
    assert_eq!(node.follow(&log).await.void, 1);
    assert_eq!(node.findings().await, []);
}

#[tokio::test]
async fn what_never_held_is_erased_where_it_is_named() {
    let mut log = TestLog::with_states(&["JO", "EG"]);
    let first = log.publish("JO:service:sanad", &["states"], &[], service("Sanad")).record_id;
    let stale = [RecordId::of(b"another first")];
    let void = log.publish("JO:service:sanad", &["states"], &stale, service(MARKER)).record_id;
    let mut node = Node::of("EG", &log).await;
    assert_eq!(node.follow(&log).await.void, 1);
    assert!(!found_in_files(node.dir.path(), MARKER).is_empty());
    // Another tombstone that reaches fewer, or names another, takes nothing more.
    for (audience, names) in [("states", first), ("member:EG", void), ("states", first)] {
        log.withdraw("JO:service:sanad", &[audience], &[names]);
        node.follow(&log).await;
        node.replica.scrub().await.unwrap();
        assert!(!found_in_files(node.dir.path(), MARKER).is_empty(), "{audience}");
        assert_eq!(node.findings().await, []);
    }
    log.withdraw("JO:service:sanad", &["states"], &[first, void]);
    assert!(node.follow(&log).await.erased);
    node.replica.scrub().await.unwrap();
    assert_eq!(found_in_files(node.dir.path(), MARKER), Vec::<std::path::PathBuf>::new());
    assert_eq!(node.findings().await, []);
    // A replica that is fetched again holds the same.
    let mut again = Node::of("EG", &log).await;
    again.follow(&log).await;
    assert_eq!(again.rows("JO:service:sanad").await, node.rows("JO:service:sanad").await);
    assert_eq!(again.findings().await, []);
}

/// A record that a tombstone did not name is told to the member's own nodes, and to them alone.
#[tokio::test]
async fn what_a_tombstone_left_is_told_until_it_is_withdrawn_too() {
    let mut log = TestLog::with_states(&["JO", "EG"]);
    let first = log.publish("JO:service:sanad", &["states"], &[], service("Sanad")).record_id;
    let wider = log.publish("JO:service:sanad", &["members"], &[], service(MARKER)).record_id;
    let (mut own, mut other) = (Node::of("JO", &log).await, Node::of("EG", &log).await);
    let id = object("JO:service:sanad");
    for (audience, names, left) in
        [("states", vec![first], 1), ("states", vec![wider], 1), ("members", vec![wider, first], 0)]
    {
        log.withdraw("JO:service:sanad", &[audience], &names);
        for node in [&mut own, &mut other] {
            node.follow(&log).await;
            assert!(node.replica.get(&id).await.unwrap().unwrap().summary.withdrawn);
            assert_eq!(node.findings().await, []);
        }
        let told = own.replica.unerased().await.unwrap();
        assert_eq!(told.iter().map(|found| found.records).sum::<u64>(), left, "{told:?}");
        let records = own.replica.own_records(&id).await.unwrap();
        assert_eq!(records.iter().map(|(record, _)| *record).collect::<Vec<_>>(), vec![wider; records.len()]);
        assert_eq!(records.len() as u64, left);
        assert_eq!(
            (other.replica.unerased().await.unwrap(), other.replica.own_records(&id).await.unwrap()),
            (vec![], vec![])
        );
    }
}

#[tokio::test]
async fn a_replica_that_does_not_agree_is_fetched_again() {
    let mut log = TestLog::with_states(&["JO"]);
    log.publish("JO:service:sanad", &["states"], &[], service(MARKER));
    let mut node = Node::of("JO", &log).await;
    for sql in [
        "UPDATE cursor SET size = size - 1, frontier = zeroblob(32 * 2)",
        "DELETE FROM entry WHERE control = 1 AND idx = 2",
        "UPDATE cursor SET checkpoint = 'none'",
    ] {
        node.follow(&log).await;
        node.replica.close().await;
        replaced(&node.path(), sql).await;
        assert!(node.reopen().await.is_some(), "{sql}");
        assert_eq!(node.intake.size(), TreeSize(0));
        assert_eq!(found_in_files(node.dir.path(), MARKER), Vec::<std::path::PathBuf>::new(), "{sql}");
    }
    node.replica.close().await;
    std::fs::write(node.path(), "this is no database, and it is longer than a page header").unwrap();
    assert!(node.reopen().await.is_some());
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let log = TestLog::with_states(&["JO"]);
    let node = Node::of("JO", &log).await;
    node.replica.close().await;
    let path = node.path();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::query("PRAGMA user_version = 99").execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    let refused = Replica::open(&path, &node.identity).await.unwrap_err();
    assert_eq!(refused.code(), "STORE_NEWER");
    assert!(path.exists());
}

#[tokio::test]
async fn fsck_names_what_was_changed_behind_its_back() {
    let mut log = TestLog::with_states(&["JO"]);
    let record = log.publish("JO:service:sanad", &["states"], &[], service("Sanad")).record_id;
    log.publish("JO:dataset:egdi", &["states"], &[], dataset("0.5"));
    let mut node = Node::of("JO", &log).await;
    node.follow(&log).await;
    let cases = [
        ("UPDATE observation SET value = '0.9'", "UPDATE observation SET value = '0.5'", "REPLICA_FOLD_WRONG"),
        ("UPDATE object SET title = '{}' WHERE kind = 'service'", "", "REPLICA_FOLD_WRONG"),
        ("UPDATE entry SET verdict = 'OBJECT_FOREIGN' WHERE object = 'JO:service:sanad'", "", "REPLICA_FOLD_WRONG"),
        ("UPDATE chain SET seq = seq + 1", "", "REPLICA_CURSOR_WRONG"),
    ];
    for (damage, repair, code) in cases {
        replaced(&node.path(), damage).await;
        assert!(node.findings().await.iter().any(|finding| finding.code == code), "{damage}");
        if !repair.is_empty() {
            replaced(&node.path(), repair).await;
            assert_eq!(node.findings().await, []);
        }
    }
    replaced(&node.path(), "UPDATE entry SET content = zeroblob(40) WHERE object = 'JO:service:sanad'").await;
    let findings = node.findings().await;
    assert!(findings.iter().any(|finding| finding.code == "REPLICA_ENTRY_WRONG"), "{findings:?} {record}");
}

#[tokio::test]
async fn fsck_reads_both_stores_beside_a_running_node() {
    let mut log = TestLog::with_states(&[]);
    log.admit("JO");
    let (identity, key_record, index) = log.join("JO");
    let mut node = Node::of("JO", &log).await;
    let path = node.dir.path().join("journal.db");
    let journal = Journal::create(&path, identity, &key_record, index).await.unwrap();
    node.follow(&log).await;
    let report = fsck::run(&path, &node.path()).await.unwrap();
    assert!(report.ok, "{:?}", report.findings);
    assert_eq!((report.size, report.root), (log.size().0, node.intake.state().unwrap().root()));
    journal.close().await;
}

/// SQLite copies rows between pages as tables grow and shrink; no copy may outlive an erasure.
#[tokio::test]
async fn no_copy_of_many_withdrawn_objects_is_left_in_the_pages() {
    let mut log = TestLog::with_states(&["JO", "EG"]);
    let ids: Vec<String> = (0..150_u32).map(|n| format!("JO:service:s{}", n * 67 % 150)).collect();
    let mut records = Vec::new();
    let mut node = Node::of("EG", &log).await;
    for (n, id) in ids.iter().enumerate() {
        // Between them others stay, of sizes that make pages split and merge.
        let title = if n % 3 == 0 { MARKER } else { "kept" };
        let payload = long_service(title, &format!("{title} ").repeat(1 + n * 7 % 60));
        let first = log.publish(id, &["states"], &[], payload.clone()).record_id;
        let second = log.publish(id, &["states"], &[first], payload).record_id;
        records.push([first, second]);
        if n % 10 == 0 {
            node.follow(&log).await;
        }
    }
    node.follow(&log).await;
    for (id, revisions) in ids.iter().zip(&records).step_by(3) {
        log.withdraw(id, &["states"], revisions);
        assert!(node.follow(&log).await.erased);
    }
    node.replica.scrub().await.unwrap();
    assert_eq!(found_in_files(node.dir.path(), MARKER), Vec::<std::path::PathBuf>::new());
    assert_eq!(node.findings().await, []);
}
