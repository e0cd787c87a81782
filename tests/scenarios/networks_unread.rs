//! Readers that stop reading while much is published: the hub keeps nothing for them but their cursors, other readers go on,
//! and a call on the same connection is answered.

use std::fs;

use multaqa_proto::hash::Hash;
use multaqa_tests::forge::Forge;
use multaqa_tests::raw::{RawClient, dialer};
use multaqa_tests::unread::Unread;
use multaqa_tests::{World, checker};

use crate::world;

/// Records, and bytes of each: 15 MiB.
const RECORDS: usize = 75;
const BYTES: usize = 200 * 1024;
/// Connections, of three tails each, as many as a node's windows are made for; one more has three catch-ups.
const CONNECTIONS: usize = 4;
/// What the hub may grow by, KiB: twice 16 MiB of entries that it keeps for all readers, and 3 MiB a stream. What waits for
/// the streams is more than twice as much.
const GROWTH_KIB: u64 = 2 * 16 * 1024 + 15 * 3 * 1024;

#[test]
fn readers_that_stop_reading_cost_the_hub_little_and_others_nothing() {
    let mut world = world(&["JO", "EG", "MA"]);
    let size = world.settle();
    // Their identities are used by hand.
    world.node_mut("JO").stop().unwrap();
    world.node_mut("EG").stop().unwrap();
    let mut readers: Vec<Unread> = (0..CONNECTIONS).map(|_| unread(&world, "EG")).collect();
    for reader in &mut readers {
        (0..3).for_each(|_| reader.tail(size));
    }
    let before = resident_kib(&world);
    publish_much(&world);
    let size = world.settle();
    let mut late = unread(&world, "EG");
    (0..3).for_each(|_| late.catch_up(0, size));
    readers.push(late);
    for reader in &mut readers {
        assert_eq!(reader.hello().version, 1);
    }
    let waiting = (readers.len() * 3 * RECORDS * BYTES / 1024) as u64;
    let grown = resident_kib(&world).saturating_sub(before);
    eprintln!("{waiting} KiB wait for readers that do not read; the hub grew by {grown} KiB");
    assert!(waiting > 2 * GROWTH_KIB && grown <= GROWTH_KIB, "{waiting} KiB wait, the hub grew by {grown} KiB");

    // The hub ends with the connections that nobody reads, and lets nobody wait.
    drop(readers);
    for member in ["EG", "JO"] {
        world.node_mut(member).start().unwrap();
    }
    world.settle();
    checker::check(&mut world);
}

fn unread(world: &World, member: &str) -> Unread {
    let identity = world.node(member).dir().join("identity");
    Unread::connect(world.hub().address().unwrap(), &dialer(&identity.join("node.pem"), &identity.join("root.pem")))
}

/// Records of a kind whose payload does not compress, signed by Jordan; nodes store them and judge them void.
fn publish_much(world: &World) {
    let identity = world.node("JO").dir().join("identity");
    let dialer = dialer(&identity.join("node.pem"), &identity.join("root.pem"));
    let client = RawClient::connect(world.hub().address().unwrap(), &dialer);
    let mut forge = Forge::of(world, "JO");
    let mut random = Hash::of(b"payload");
    let mut records = Vec::new();
    for number in 0..RECORDS {
        let mut payload = Vec::with_capacity(BYTES);
        while payload.len() < BYTES {
            random = Hash::of(&random.0);
            payload.extend(random.0);
        }
        let record = forge.record(&format!("JO:organisation:large-{number}"), payload);
        forge.follow(&record);
        records.push(vec![record]);
    }
    let answers = client.submit(records).unwrap();
    assert!(answers.iter().all(|answer| answer.code.is_empty()), "{answers:?}");
}

/// Resident memory of the hub's process, KiB.
fn resident_kib(world: &World) -> u64 {
    let pid = world.hub().process().unwrap().pid();
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
