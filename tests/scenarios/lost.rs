//! What nobody holds any more after a hub's restoration: its writer's node finds it out from the log, submits again what it can, says
//! what it cannot, and tells a loss that an operator documented from a record that was dropped.

use std::fs;

use multaqa_node::point;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_tests::record::Record;
use multaqa_tests::{World, checker};
use serde_json::Value;

use crate::world;

fn status(world: &World) -> Value {
    let output = world.hub().operator(&["status", "--json"]).unwrap();
    serde_json::from_str(&output.stdout).unwrap_or_default()
}

/// Whether the hub's log takes records.
fn goes_on(world: &World) -> bool {
    let told = status(world);
    told["size"].is_u64() && told["halted"].is_null()
}

/// A backup of the hub, of a log that ends in a seal: nothing more comes by itself.
fn back_up(world: &mut World) -> String {
    world.settle();
    world.eventually("the log ends in a seal", |world| {
        let held = checker::entries(&world.hub().dir().join("hub.db"));
        held.last().is_some_and(|newest| Leaf::parse(&newest.leaf).unwrap().leaf_type == LeafType::Seal)
    });
    world.settle();
    let backup = world.scratch().join("backup").to_string_lossy().into_owned();
    let dir = world.hub().dir().to_string_lossy().into_owned();
    world.hub().cli(["backup", "create", "--dir", &dir, "--out", &backup]).unwrap().ok().unwrap();
    backup
}

/// The hub's disk and its lock are gone; the backup is put in their place.
fn put_back(world: &mut World, backup: &str) {
    world.hub_mut().kill9().unwrap();
    let dir = world.hub().dir();
    for name in ["hub.db", "hub.db-wal", "hub.db-shm", "checkpoint.lock"] {
        let _absent = fs::remove_file(dir.join(name));
    }
    let dir = dir.to_string_lossy().into_owned();
    world.hub().cli(["backup", "restore", backup, "--dir", &dir]).unwrap().ok().unwrap();
}

fn lose_the_replica(world: &mut World, member: &str) {
    world.node_mut(member).stop().unwrap();
    for name in ["replica.db", "replica.db-wal", "replica.db-shm"] {
        let _absent = fs::remove_file(world.node(member).dir().join(name));
    }
}

fn own(world: &World, member: &str, id: &str) -> String {
    world.own_state(member, id).map(|(state, _)| state).unwrap_or_default()
}

#[test]
fn what_hub_and_replicas_lost_is_published_again_from_the_journal_or_its_writer_is_told() {
    let mut world = world(&["JO", "EG", "MA"]);
    for member in ["JO", "MA"] {
        world.publish(member, &[Record::organisation(member, "one", "one")]);
    }
    let backup = back_up(&mut world);
    world.node_mut("EG").stop().unwrap();
    for member in ["JO", "MA"] {
        world.publish(member, &[Record::organisation(member, "two", "two")]);
    }
    world.settle();
    world.node("MA").cli(&["withdraw", "MA:organisation:two", "--reason", "over"]).unwrap().ok().unwrap();
    world.settle();
    for member in ["JO", "MA"] {
        lose_the_replica(&mut world, member);
    }
    put_back(&mut world, &backup);
    world.hub_mut().start().unwrap();
    for member in ["EG", "JO", "MA"] {
        world.node_mut(member).start().unwrap();
    }
    world.eventually("the log goes on", goes_on);
    world.until("JO", "nothing of it waits", |status| status["waiting"] == 0 && status["line"]["state"] == "live");
    world.eventually("what nobody held is ordered again", |world| own(world, "JO", "JO:organisation:two") == "valid");
    world.publish("JO", &[Record::organisation("JO", "three", "three")]);
    world.eventually("its chain goes on", |world| own(world, "JO", "JO:organisation:three") == "valid");
    // Of what was withdrawn since, only the statement is left: nothing can follow it.
    let told = world.until("MA", "it is told", |status| status["blocked"] == "CHAIN_BROKEN");
    assert_eq!(told["evidence"], serde_json::json!([]), "nobody is accused: {told}");
    let refused = world.try_publish("MA", &[Record::organisation("MA", "three", "three")]);
    assert!(refused.stderr.contains("OUTBOX_BLOCKED"), "{}", refused.stderr);
    let shown = world.node("MA").cli(&["status", "--lang", "ar"]).unwrap().stdout;
    assert!(shown.contains("CHAIN_BROKEN") && shown.contains("multaqa-hub invite"), "{shown}");
    world.node_mut("MA").stop().unwrap();
    let key = world.federation_mut().invite("MA", "gw1", &[]).unwrap();
    fs::rename(world.node("MA").dir(), world.scratch().join("old")).unwrap();
    world.node("MA").join(&key).unwrap();
    world.node_mut("MA").start().unwrap();
    world.settle();
    world.publish("MA", &[Record::organisation("MA", "four", "four")]);
    checker::check(&mut world);
}

#[test]
fn a_node_that_was_away_takes_a_loss_that_an_operator_documented_for_no_dropped_record() {
    let mut world = world(&["JO", "EG"]);
    let backup = back_up(&mut world);
    world.node_mut("EG").stop().unwrap();
    // The hub's answer stands in Jordan's journal, and what it answered of is on no replica.
    let pid = world.node("JO").process().unwrap().pid();
    let armed = world.points().arm(point::FRAME_TAKEN, pid);
    world.publish("JO", &[Record::organisation("JO", "lost", "lost")]);
    world.until_reached(&armed);
    world.eventually("it is accepted", |world| own(world, "JO", "JO:organisation:lost") == "accepted");
    world.node_mut("JO").kill9().unwrap();
    drop(armed);
    put_back(&mut world, &backup);
    let size = checker::entries(&world.hub().dir().join("hub.db")).len().to_string();
    let (dir, operator) = (world.hub().dir(), world.hub().operator_dir());
    let (dir, operator) = (dir.to_string_lossy().into_owned(), operator.to_string_lossy().into_owned());
    let args = ["--reason", "the disk is gone and Jordan is away", "--operator-dir", &operator];
    let release = ["backup", "release", "--dir", &dir, "--size", &size].into_iter().chain(args);
    world.hub().cli(release).unwrap().ok().unwrap();
    world.hub_mut().start().unwrap();
    world.eventually("the log goes on", goes_on);
    world.node_mut("EG").start().unwrap();
    world.publish("EG", &[Record::organisation("EG", "one", "one"), Record::organisation("EG", "two", "two")]);
    world.settle();
    world.node_mut("JO").start().unwrap();
    world.eventually("it is ordered again", |world| own(world, "JO", "JO:organisation:lost") == "valid");
    world.settle();
    let told = world.json("JO", &["status"]);
    assert_eq!((&told["evidence"], &told["blocked"]), (&serde_json::json!([]), &"".into()), "{told}");
    let log = fs::read_to_string(world.node("JO").log()).unwrap();
    assert!(log.contains("LOG_RELEASED") && !log.contains("ACCEPTED_LOST"), "{log}");
    checker::check(&mut world);
}
