//! A replica that comes after a withdrawal goes on like those that were there: what is signed under the spent id is void for
//! both, also where the contents that were withdrawn never reached the later one.

use std::fs;

use multaqa_demo::federation::key;
use multaqa_tests::checker;
use multaqa_tests::record::Record;

use crate::world;

#[test]
fn what_is_withdrawn_stays_so_for_a_replica_that_is_rebuilt() {
    let mut world = world(&["JO", "EG", "MA"]);
    let join_key = world.federation_mut().invite("JO", "gw2", &[]).unwrap();
    let second = key("JO", "gw2");
    world.node(&second).join(&join_key).unwrap();
    world.node_mut(&second).start().unwrap();
    let id = "JO:organisation:shared";
    world.publish("JO", &[Record::organisation("JO", "shared", "First")]);
    world.settle();

    // One node of the member withdraws while the other, cut off, revises.
    world.node(&second).link().cut();
    world.until(&second, "it knows that its line is down", |status| status["freshness"]["line_down_since_ms"].is_i64());
    world.publish(&second, &[Record::organisation("JO", "shared", "Too late")]);
    world.node("JO").cli(&["withdraw", id]).unwrap().ok().unwrap();
    world.eventually("all have read the tombstone", |world| !world.has("EG", id) && !world.has("MA", id));

    // Egypt loses its replica: it reads the log again, in which the content is no more.
    world.node_mut("EG").stop().unwrap();
    for file in ["replica.db", "replica.db-wal", "replica.db-shm"] {
        let path = world.node("EG").dir().join(file);
        if path.exists() {
            fs::remove_file(path).unwrap();
        }
    }
    world.node_mut("EG").start().unwrap();
    world.node(&second).link().restore();
    world.settle();
    world.eventually("the late writer is told", |world| world.own_state(&second, id).unwrap().1 == "OBJECT_WITHDRAWN");

    for member in ["EG", "MA", "JO"] {
        let history = world.json(member, &["history", id]);
        let newest = history["revisions"].as_array().unwrap().last().unwrap();
        assert_eq!(newest["state"], "void", "{member}: {history}");
        if member != "EG" {
            assert_eq!(history["revisions"][0]["state"], "withdrawn", "{member}: {history}");
        }
        assert!(!world.has(member, id), "{member}");
    }
    let mark = |member: &str| {
        let mut mark = world.json(member, &["get", id]);
        mark["freshness"].take();
        mark
    };
    assert_eq!(mark("EG"), mark("MA"), "the same at both");
    checker::check(&mut world);
}
