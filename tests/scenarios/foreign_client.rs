//! A client in another language follows the log: Python's gRPC over OpenSSL's successor BoringSSL, with a hash and a signature
//! library that we did not write, computes the root that every node's `fsck` gives.
//!
//! `FOREIGN_PYTHON` names an interpreter with grpcio, grpcio-tools, zstandard and cryptography; CI must set it.

use std::process::Command;

use multaqa_tests::World;
use multaqa_tests::record::Record;
use serde_json::Value;

use crate::{home, world};

#[test]
fn a_client_that_we_did_not_write_computes_the_same_root() {
    let Ok(python) = std::env::var("FOREIGN_PYTHON") else {
        assert!(std::env::var("CI").is_err(), "CI must set FOREIGN_PYTHON");
        eprintln!("skipped: FOREIGN_PYTHON is not set");
        return;
    };
    let mut world = world(&["SA", "MA"]);
    world.hub().create_group("gcc", "full", &["SA"]).unwrap();
    world.settle();
    world.publish(
        "SA",
        &[
            Record::organisation("SA", "inner", "Inner").for_audience("group:gcc"),
            Record::organisation("SA", "open", "Open"),
        ],
    );
    world.settle();
    let (inside, outside) = (follow_to_head(&world, &python, "SA"), follow_to_head(&world, &python, "MA"));
    let contents = |followed: &Value| followed["contents"].as_u64().unwrap();
    assert_eq!(contents(&inside), contents(&outside) + 1, "one record is the group's");
}

/// Follows to where the hub's own check stands; a seal may come between the two.
fn follow_to_head(world: &World, python: &str, member: &str) -> Value {
    for _ in 0..10 {
        let hub = world.hub().fsck().unwrap();
        let followed = follow(world, python, member, &hub);
        if followed["size"] == hub["size"] {
            assert_eq!(followed["root"], hub["root"]);
            return followed;
        }
    }
    panic!("the log grows without end");
}

fn follow(world: &World, python: &str, member: &str, hub: &Value) -> Value {
    let identity = world.node(member).dir().join("identity");
    let output = Command::new(home().join(python))
        .arg(home().join("tests/foreign/follow.py"))
        .arg(world.hub().address().unwrap().to_string())
        .args([identity.join("node.pem"), identity.join("root.pem")])
        .arg("main.hub.demo.multaqa.example")
        .arg(home().join("proto/schema"))
        .arg(hub["size"].to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
