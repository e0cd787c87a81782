//! The index follows the replica: revisions, withdrawals, contents that come later.

use std::time::Duration;

use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::sync::intake::opening::Opening;
use multaqa_proto::wire::kind;

use super::super::indexer::gather;
use super::*;
use crate::replica::FillProgress;
use crate::replica::testing::found_in_files;

const SANAD: &str = "JO:service:sanad";
const MARKER: &str = "markerthatstandsinnootherrecord";

fn sanad(title: &str) -> Service {
    service(&[("en", title)], &[("en", "digital identity")])
}

/// How long the indexer lets changes gather while so many entries come in each tenth of a second.
async fn gathered(entries: u64) -> u128 {
    let (sender, position) = watch::channel(None);
    let coming = tokio::spawn(async move {
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        for size in (0..).map(|n: u64| TreeSize(n * entries)) {
            tick.tick().await;
            sender.send_replace(Some(Position { log: LogNumber(1), size }));
        }
    });
    let began = tokio::time::Instant::now();
    gather(&position).await;
    coming.abort();
    began.elapsed().as_millis()
}

#[tokio::test(start_paused = true)]
async fn a_flood_goes_first_and_not_for_ever() {
    assert_eq!(gathered(10).await, 200);
    assert_eq!(gathered(5_000).await, 10_000);
}

#[tokio::test]
async fn the_index_follows_the_replica_revision_by_revision() {
    let mut stand = Stand::new().await;
    stand.turn().await.unwrap();
    let empty = stand.find(asked("")).await;
    assert_eq!((empty.total, empty.position.size), (0, stand.node.log.size()));
    stand.publish(SANAD, &sanad("Before"));
    stand.turn().await.unwrap();
    assert_eq!(stand.ids("before").await, [SANAD]);
    stand.publish(SANAD, &sanad("After"));
    stand.turn().await.unwrap();
    assert_eq!((stand.ids("before").await.len(), stand.ids("after").await), (0, vec![SANAD.to_owned()]));
    // Entries without an object move the position, and no commit.
    stand.node.log.seal();
    stand.turn().await.unwrap();
    assert_eq!(stand.find(asked("")).await.position.size, stand.node.log.size());
    stand.must_be_as_fresh("followed").await;
}

/// The writer has threads and memory of its own: there is one while something is written or merged, and no longer.
#[tokio::test]
async fn an_index_at_rest_holds_no_writer() {
    let mut stand = Stand::new().await;
    let is_writing = |stand: &Stand| stand.indexer.as_ref().is_some_and(Indexer::is_writing);
    for n in 0..20 {
        stand.publish(SANAD, &sanad(&format!("Version {n}")));
        stand.turn().await.unwrap();
        // Merges of segments come to their end first.
        while is_writing(&stand) {
            stand.turn().await.unwrap();
            tokio::task::yield_now().await;
        }
    }
    stand.must_be_as_fresh("given back again and again").await;
    stand.restart();
    stand.turn().await.unwrap();
    assert!(!is_writing(&stand), "nothing was to be written");
}

#[tokio::test]
async fn a_start_goes_on_from_the_cursor() {
    let mut stand = Stand::new().await;
    stand.publish(SANAD, &sanad("Before"));
    stand.turn().await.unwrap();
    stand.restart();
    assert!(stand.search.rebuilding().is_some());
    stand.publish("EG:service:other", &sanad("Other"));
    stand.turn().await.unwrap();
    stand.must_be_as_fresh("restarted").await;
    assert_eq!(stand.ids("identity").await.len(), 2);
}

#[tokio::test]
async fn what_is_withdrawn_leaves_the_answers_and_the_files() {
    let mut stand = Stand::new().await;
    stand.publish(SANAD, &sanad(MARKER));
    stand.publish("EG:service:other", &sanad("Other"));
    stand.turn().await.unwrap();
    assert_eq!(stand.ids(MARKER).await, [SANAD]);
    assert_ne!(found_in_files(&stand.dir(), MARKER), Vec::<PathBuf>::new(), "the marker would be found");
    stand.withdraw(SANAD);
    stand.turn().await.unwrap();
    assert_eq!(stand.ids(MARKER).await, [""; 0]);
    assert_eq!(stand.ids("identity").await, ["EG:service:other"]);
    let withdrawn = stand.find(SearchQuery { withdrawn: true, ..asked("") }).await;
    assert_eq!((withdrawn.total, stand.find(asked("")).await.total), (2, 1));
    // A crash before the files are rewritten forgets nothing.
    stand.restart();
    while !stand.is_scrubbed() {
        stand.turn().await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(found_in_files(&stand.dir(), MARKER), Vec::<PathBuf>::new());
    stand.must_be_as_fresh("withdrawn").await;
}

impl Stand {
    pub(super) fn is_scrubbed(&self) -> bool {
        self.indexer.as_ref().is_some_and(Indexer::is_scrubbed)
    }
}

/// A group that shows its members what was written before them.
fn group(members: &[&str]) -> Vec<u8> {
    kind::Group {
        slug: "gcc".to_owned(),
        name: texts(&[("en", "Group")]),
        history: "full".to_owned(),
        members: members.iter().map(ToString::to_string).collect(),
        parent: String::new(),
        mandate: HashMap::new(),
    }
    .encode_to_vec()
}

/// Contents of entries below the cursor, which became readable when the member came into their group; the first index.
async fn late() -> (Stand, u64) {
    let mut stand = Stand::new().await;
    let log = &mut stand.node.log;
    let made = log.control("x-federation:group:gcc", group(&["EG"]));
    let first = log.size().0;
    for n in 0..3 {
        let payload = sanad("Late identity").encode_to_vec();
        log.publish(&format!("EG:service:n{n}"), &["group:gcc"], &[], payload);
    }
    log.seal();
    stand.turn().await.unwrap();
    let log = &mut stand.node.log;
    let content = log.content("x-federation:group:gcc", &["members"], &[made], group(&["EG", "JO"]));
    let change = log.put(&"operator/first".parse().unwrap(), content).record_id;
    let approve = kind::Approve { record_id: change.to_vec() }.encode_to_vec();
    log.publish("EG:approve:gcc-2", &["members"], &[], approve);
    stand.turn().await.unwrap();
    assert_eq!(stand.find(asked("")).await.total, 0);
    (stand, first)
}

impl Stand {
    async fn fill(&self, indexes: &[u64], done: bool) {
        let fill = self.node.log.fill(indexes);
        let intake = self.node.parts.intake.load_full();
        let replica = &self.node.parts.replica;
        let places: Vec<LeafIndex> = indexes.iter().map(|index| LeafIndex(*index)).collect();
        let stubs = replica.stubs(&places).await.unwrap();
        let entries = intake.fill(&fill, |index| stubs.get(&index).cloned()).unwrap();
        let round = replica.fill_wanted().await.unwrap().unwrap().round;
        let progress = FillProgress { round, through: places[places.len() - 1].next(), done };
        replica.apply_fill(&intake, Opening::default(), entries, progress).await.unwrap();
    }
}

#[tokio::test]
async fn contents_that_come_later_are_found() {
    let (mut stand, first) = late().await;
    stand.fill(&[first], false).await;
    stand.turn().await.unwrap();
    assert_eq!(stand.ids("late").await, ["EG:service:n0"]);
    // Another process, which nobody told of the contents that came before it.
    stand.fill(&[first + 1, first + 2], true).await;
    stand.restart();
    stand.node.parts.replica.take_late();
    stand.turn().await.unwrap();
    assert_eq!(stand.ids("late").await.len(), 3);
    stand.must_be_as_fresh("filled").await;
}

#[tokio::test]
async fn an_index_beyond_the_replica_goes_back_with_it() {
    let mut stand = Stand::new().await;
    stand.publish(SANAD, &sanad("Kept"));
    stand.node.log.seal();
    stand.node.follow().await;
    let (to, note) = (stand.node.log.size(), stand.node.parts.replica.cursor().unwrap().checkpoint.clone());
    stand.publish(SANAD, &sanad("Taken back"));
    stand.publish("EG:service:new", &sanad("New"));
    stand.node.log.seal();
    stand.turn().await.unwrap();
    assert_eq!(stand.ids("identity").await.len(), 2);
    for told in [true, false] {
        let identity = stand.node.parts.journal.identity().clone();
        let intake = stand.node.parts.replica.fall_back(&identity, to, &note, 6_000).await.unwrap();
        if !told {
            stand.restart();
            stand.node.parts.replica.take_late();
        }
        let (search, replica, dir) = (stand.search.clone(), stand.node.parts.replica.clone(), stand.dir());
        stand.indexer.get_or_insert_with(|| Indexer::new(search, replica, dir)).turn().await.unwrap();
        assert_eq!(stand.ids("identity").await, [SANAD], "{told}");
        assert_eq!((stand.ids("kept").await.len(), stand.ids("back").await.len()), (1, 0), "{told}");
        stand.must_be_as_fresh("fallen back").await;
        // The log goes on as it had.
        stand.node.parts.intake.store(std::sync::Arc::new(intake));
        stand.turn().await.unwrap();
        assert_eq!(stand.ids("identity").await.len(), 2);
        stand.must_be_as_fresh("gone on").await;
    }
}

#[tokio::test]
async fn an_index_of_another_replica_is_brought_to_this_one() {
    let mut stand = Stand::new().await;
    stand.publish(SANAD, &sanad("Sanad"));
    stand.publish("EG:service:new", &sanad("New"));
    stand.turn().await.unwrap();
    let mut other = Stand::new().await;
    other.publish("EG:service:new", &sanad("Newer"));
    other.turn().await.unwrap();
    let dir = other.dir();
    other.restart();
    std::fs::remove_dir_all(&dir).unwrap();
    stand.indexer = None;
    std::fs::rename(stand.dir(), &dir).unwrap();
    other.turn().await.unwrap();
    assert!(TreeSize(0) < other.node.log.size());
    other.must_be_as_fresh("of another").await;
}
