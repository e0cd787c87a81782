//! A hub whose store was put back: what nodes may give it, and what it refuses.

use futures::StreamExt as _;
use multaqa_certs::store as files;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf::Leaf;
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::block::{Entry, pack};
use multaqa_proto::wire::hub::refill_request::Said;
use multaqa_proto::wire::hub::refill_response::Asked;

use super::*;
use crate::store::Store;

impl World {
    /// A hub that lost what it published after a snapshot: the checkpoint that it published last.
    async fn behind(self, node: &mut Node) -> (Self, String) {
        let record = node.record("lost", &["states"]);
        let (world, newest, _) = self.lost(node, vec![vec![record]]).await;
        (world, newest)
    }

    /// The same, of these records, with the entries that were lost.
    async fn lost(self, node: &Node, batches: Vec<Vec<Received>>) -> (Self, String, Vec<Entry>) {
        let store = self.home.path().join("hub/hub.db");
        let world = self.restart().await;
        let snapshot = world.home.path().join("snapshot");
        crate::backup::create(&store, &snapshot, &world.clock).await.unwrap();
        node.submit(&world, batches).await.unwrap();
        world.shutdown.drain();
        let Self { home, clock, hand, genesis, running, .. } = world;
        running.await.unwrap().unwrap();
        let whole = Store::open(&store).await.unwrap();
        let size = whole.load().await.unwrap().state.size();
        let entries = whole.entries(LeafIndex(0), size.next_index()).await.unwrap();
        whole.close().await;
        std::fs::copy(snapshot.join("hub.db"), &store).unwrap();
        let newest = std::fs::read_to_string(store.with_file_name("checkpoint.lock")).unwrap();
        let (address, shutdown, running) = serve(home.path(), &clock).await;
        let world = Self { home, address, clock, hand, shutdown, running, genesis };
        (world, newest, entries.into_iter().map(|stored| stored.entry).collect())
    }
}

/// What the hub says to these words of a node: its asks, and how it ended.
async fn converse(world: &World, node: &Node, said: Vec<Said>) -> (Vec<Asked>, (Code, String)) {
    let words = said.into_iter().map(|said| wire::RefillRequest { said: Some(said) });
    let words = futures::stream::iter(words.collect::<Vec<_>>()).chain(futures::stream::pending());
    let mut asks = node.sync(world).await.refill(words).await.unwrap().into_inner();
    let mut asked = Vec::new();
    loop {
        match asks.message().await {
            Ok(Some(ask)) => asked.extend(ask.asked),
            Ok(None) => panic!("the hub was content"),
            Err(status) => return (asked, refused(Err::<(), _>(status))),
        }
    }
}

fn offer(checkpoint: String) -> Said {
    Said::Offer(wire::RefillOffer { checkpoint, ..wire::RefillOffer::default() })
}

#[tokio::test]
async fn a_hub_that_lost_entries_asks_for_them_and_takes_only_what_the_log_key_signed() {
    let world = World::start().await;
    let mut node = world.state("JO").await;
    node.hello(&world, 1).await.unwrap();
    let (world, newest) = world.behind(&mut node).await;
    let greeted = node.hello(&world, 1).await.unwrap();
    assert_eq!((greeted.frozen.as_str(), greeted.wanted.unwrap().entries), ("HUB_REFILLING", true));
    let record = node.record("another", &["states"]);
    assert_eq!(refused(node.submit(&world, vec![vec![record]]).await), code(Code::Unavailable, "HUB_REFILLING"));
    // Leaves of its own making.
    let size: u64 = newest.lines().nth(1).unwrap().parse().unwrap();
    let gift = |leaves: u64| {
        let leaf_hashes = vec![7; usize::try_from(leaves).unwrap() * 32];
        Said::Gift(wire::RefillGift { leaf_hashes, last: true, ..wire::RefillGift::default() })
    };
    let held = greeted.checkpoint.lines().nth(1).unwrap().parse::<u64>().unwrap();
    let (asked, ended) = converse(&world, &node, vec![offer(newest), gift(size - held)]).await;
    assert_eq!(asked, [Asked::Hashes(wire::RefillRange { from: held, to: size })]);
    assert_eq!(ended, code(Code::FailedPrecondition, "REFILL_WRONG"));
    // A checkpoint of another key, and one of another history.
    let (_, ended) = converse(&world, &node, vec![offer("no note".to_owned())]).await;
    assert_eq!(ended, code(Code::FailedPrecondition, "REFILL_WRONG"));
    let log_key = files::load_ed25519(&world.home.path().join("hub/log.key")).unwrap();
    let other = Checkpoint { log: LogNumber(1), size: TreeSize(2), root: Hash([9; 32]) };
    let newest = other.sign(&"multaqa.example".parse().unwrap(), &log_key);
    let (_, ended) = converse(&world, &node, vec![offer(newest)]).await;
    assert_eq!(ended, code(Code::FailedPrecondition, "LOG_CONTRADICTED"));
    world.stop().await;
}

/// The size that the hub says it has.
async fn size(world: &World, node: &Node) -> usize {
    let greeted = node.hello(world, 1).await.unwrap();
    greeted.checkpoint.lines().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn of_entries_that_are_wrong_and_of_those_after_them_nothing_is_stored() {
    let world = World::start().await;
    let mut node = world.state("JO").await;
    node.hello(&world, 1).await.unwrap();
    let mut large = |number: usize| {
        let draft = draft(&node.member, "news", &format!("large{number}"), &["states"], vec![0; 40_000]);
        let (id, record) = sign(&node.place, &[draft], &node.key).remove(0);
        node.place.seq = node.place.seq.next();
        node.place.previous = Some(id);
        vec![record]
    };
    // More than are checked and stored together.
    let records: Vec<_> = (0..300).map(&mut large).collect();
    let (world, newest, entries) = world.lost(&node, records).await;
    let held = size(&world, &node).await;
    let altered = |at: usize, of: fn(&mut Entry)| {
        let mut entries = entries.clone();
        of(&mut entries[at]);
        entries
    };
    let leaf = |entry: &mut Entry| entry.leaf = vec![1; 90].into();
    let signature = |entry: &mut Entry| entry.signature = vec![2; 90].into();
    let content = |entry: &mut Entry| entry.content = Some(vec![3; 90].into());
    // It holds by itself, and is not the one that was published.
    let dated = |entry: &mut Entry| {
        let Leaf { leaf_type, accepted_at_ms, body, .. } = Leaf::parse(&entry.leaf).unwrap();
        entry.leaf = Leaf::new(leaf_type, accepted_at_ms + 1, &entry.signature, body).to_bytes();
    };
    let (mut from, near, far) = (held, held + 100, entries.len() - 1);
    for (given, stored) in [
        (altered(near, leaf), 0),
        (altered(near, signature), 0),
        (altered(near, content), 0),
        (altered(far, content), 256),
        (altered(far, leaf), 0),
        (altered(far, dated), 0),
    ] {
        let leaf_hashes = entries[from..].iter().flat_map(|entry| leaf_hash(&entry.leaf).0).collect();
        let hashes = wire::RefillGift { leaf_hashes, last: true, ..wire::RefillGift::default() };
        let gifts = given[from..]
            .chunks(20)
            .map(|entries| wire::RefillGift { blocks: vec![pack(entries, true)], ..wire::RefillGift::default() });
        let said = [offer(newest.clone())].into_iter().chain([hashes].into_iter().chain(gifts).map(Said::Gift));
        let (_, ended) = converse(&world, &node, said.collect()).await;
        assert_eq!(ended, code(Code::FailedPrecondition, "REFILL_WRONG"));
        from += stored;
        assert_eq!(size(&world, &node).await, from);
    }
    world.stop().await;
}

#[tokio::test]
async fn a_certificate_that_the_restored_list_does_not_know_may_show_whose_it_is_and_nothing_else() {
    let world = World::start().await;
    let mut node = world.state("JO").await;
    node.hello(&world, 1).await.unwrap();
    let (world, _) = world.behind(&mut node).await;
    world.shutdown.drain();
    let World { home, clock, hand, genesis, running, .. } = world;
    running.await.unwrap().unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(home.path().join("hub/hub.db"));
    let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::raw_sql("DELETE FROM serial WHERE identity LIKE 'node/%'").execute(&mut connection).await.unwrap();
    drop(connection);
    let (address, shutdown, running) = serve(home.path(), &clock).await;
    let world = World { home, address, clock, hand, shutdown, running, genesis };
    let unproven = code(Code::PermissionDenied, "CERTIFICATE_UNPROVEN");
    assert!(node.hello(&world, 1).await.unwrap().wanted.unwrap().proof);
    let tail = node.sync(&world).await.tail(wire::TailRequest { log: 1, from: 0 }).await;
    assert_eq!(refused(tail), unproven);
    let record = node.record("another", &["states"]);
    assert_eq!(refused(node.submit(&world, vec![vec![record]]).await), unproven);
    let (_, ended) = converse(&world, &node, vec![offer(String::new())]).await;
    assert_eq!(ended, unproven);
    world.stop().await;
}

#[tokio::test]
async fn records_of_an_incarnation_that_was_used_before_are_not_taken() {
    let world = World::start().await;
    let mut node = world.state("JO").await;
    let greet = async |incarnation, run: u8| {
        let request = wire::HelloRequest { incarnation, run: vec![run; 16], ..greeting(1) };
        node.sync(&world).await.hello(request).await.unwrap().into_inner().known_incarnation
    };
    assert_eq!(greet(5, 1).await, 0);
    // The connection of the process before is closed, and the hub sees it close in its own time.
    let closed = async || {
        while world.connected("JO").await {
            tokio::task::yield_now().await;
        }
    };
    closed().await;
    assert_eq!(greet(5, 2).await, 5);
    let record = node.record("one", &["states"]);
    let refusal = refused(node.submit(&world, vec![vec![record.clone()]]).await);
    assert_eq!(refusal, code(Code::FailedPrecondition, "NODE_REGRESSED"));
    closed().await;
    let request = wire::HelloRequest { incarnation: 6, run: vec![2; 16], ..greeting(1) };
    assert_eq!(node.sync(&world).await.hello(request).await.unwrap().into_inner().known_incarnation, 0);
    assert_eq!(node.submit(&world, vec![vec![record]]).await.unwrap()[0].outcome(), wire::Outcome::Accepted);
    world.stop().await;
}

impl World {
    async fn connected(&self, member: &str) -> bool {
        let mut operator = self.operator().await;
        let members = operator.directory().await.unwrap().members;
        let mut nodes = members.iter().filter(|found| found.code == member).flat_map(|member| &member.nodes);
        nodes.any(|node| node.connected)
    }
}

#[tokio::test]
async fn a_log_that_another_one_by_the_log_key_contradicts_stands_still_until_nodes_said_what_they_hold() {
    let world = World::start().await;
    let node = world.state("JO").await;
    let log_key = files::load_ed25519(&world.home.path().join("hub/log.key")).unwrap();
    let other = Checkpoint { log: LogNumber(1), size: TreeSize(2), root: Hash([9; 32]) };
    let cursor_checkpoint = other.sign(&"multaqa.example".parse().unwrap(), &log_key);
    let cursor = Some(wire::Position { log: 1, size: 2, root: vec![9; 32] });
    let greeting = wire::HelloRequest { cursor, cursor_checkpoint, ..greeting(1) };
    let greeted = node.sync(&world).await.hello(greeting).await;
    assert_eq!(refused(greeted), code(Code::FailedPrecondition, "CURSOR_FORKED"));
    assert!(world.running.await.unwrap().is_err(), "the hub goes on");
    let World { home, clock, hand, genesis, .. } = world;
    let (address, shutdown, running) = serve(home.path(), &clock).await;
    let world = World { home, address, clock, hand, shutdown, running, genesis };
    let greeted = node.hello(&world, 1).await.unwrap();
    assert_eq!((greeted.frozen.as_str(), greeted.wanted.unwrap().entries), ("HUB_REFILLING", true));
    world.stop().await;
}
