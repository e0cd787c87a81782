//! A record for a group reaches its members whole. Others get its stub, compute the same root, and receive no byte of it.

use multaqa_tests::raw::{RawClient, dialer};
use multaqa_tests::record::Record;
use multaqa_tests::{World, checker, files};

use crate::world;

const MARKER: &str = "Zanbaq-for-the-gulf-7f3a91";

#[test]
fn who_is_outside_the_audience_never_receives_a_byte() {
    let mut world = world(&["SA", "MA"]);
    world.hub().create_group("gcc", "full", &["SA"]).unwrap();
    world.settle();
    let record = Record::organisation("SA", "secret", MARKER).for_audience("group:gcc");
    let open = Record::organisation("SA", "open", "Open");
    world.publish("SA", &[record.clone(), open.clone()]);
    let size = world.settle();

    assert!(world.has("SA", record.id()));
    assert!(!world.has("MA", record.id()));
    assert!(world.has("MA", open.id()));
    let [inside, outside] = world.at_one_size(["SA", "MA"]);
    assert_eq!(inside["root"], outside["root"]);
    let unknown = world.node("MA").cli(&["get", record.id()]).unwrap();
    assert_eq!(unknown.code, Some(1), "{}", unknown.stderr);

    assert_eq!(files::holding(world.node("MA").dir(), MARKER), Vec::<std::path::PathBuf>::new());
    assert!(!files::holding(world.node("SA").dir(), MARKER).is_empty(), "the search finds it where it is");

    checker::check(&mut world);
    assert!(!receives(&mut world, "MA", size));
    assert!(receives(&mut world, "SA", size), "the client finds it where it is sent");
}

/// Whether a client with the identity of the member's node receives the marker, by whatever call.
fn receives(world: &mut World, member: &str, size: u64) -> bool {
    // Two at a time would be a second live instance.
    world.node_mut(member).stop().unwrap();
    let dir = world.node(member).dir().to_owned();
    let dialer = dialer(&dir.join("identity/node.pem"), &dir.join("identity/root.pem"));
    let client = RawClient::connect(world.hub().address().unwrap(), &dialer);
    client.hello().unwrap();
    let sent = |frames: Vec<multaqa_proto::wire::hub::Frame>| frames.iter().map(|frame| frame.count).sum::<u64>();
    assert!(sent(client.catch_up(0, size, None).unwrap()) >= size);
    client.catch_up(0, size, Some(0)).unwrap();
    assert!(sent(client.tail(0, size).unwrap()) >= size);
    assert!(client.messages() > 3);
    client.has_received(MARKER)
}
