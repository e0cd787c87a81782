//! A node that stops, or is killed, loses nothing that it has signed, and its replica goes on where it was or begins anew.

use std::fs;

use multaqa_tests::checker;
use multaqa_tests::record::{Record, many};

use crate::world;

#[test]
fn nothing_signed_is_lost_when_a_node_stops_or_is_killed() {
    let mut world = world(&["JO", "EG"]);
    world.publish("JO", &[Record::organisation("JO", "before", "Before")]);
    world.node_mut("JO").stop().unwrap();
    world.node_mut("JO").start().unwrap();
    world.settle();
    assert!(world.has("EG", "JO:organisation:before"));

    // Killed right after the command said that they are kept.
    world.publish("JO", &many("JO", "signed", 100));
    world.node_mut("JO").kill9().unwrap();
    world.node_mut("EG").kill9().unwrap();
    world.node_mut("EG").start().unwrap();
    world.node_mut("JO").start().unwrap();
    world.settle();
    let listed = world.json("EG", &["list", "organisation", "--limit", "1000"]);
    assert_eq!(listed["objects"].as_array().unwrap().len(), 101);
    for member in ["JO", "EG"] {
        let check = world.node(member).fsck().unwrap();
        assert_eq!(check["ok"], true, "{check}");
    }
    checker::check(&mut world);

    // The replica is disposable.
    world.node_mut("EG").stop().unwrap();
    for file in ["replica.db", "replica.db-wal", "replica.db-shm"] {
        let path = world.node("EG").dir().join(file);
        if path.exists() {
            fs::remove_file(path).unwrap();
        }
    }
    world.node_mut("EG").start().unwrap();
    world.settle();
    let listed = world.json("EG", &["list", "organisation", "--limit", "1000"]);
    assert_eq!(listed["objects"].as_array().unwrap().len(), 101);
    checker::check(&mut world);
}
