//! A hub that stops, or is killed, loses nothing that it has answered; nodes go on by themselves.

use multaqa_tests::record::{Record, many};
use multaqa_tests::{World, checker};

use crate::world;

#[test]
fn nothing_acknowledged_is_lost_when_the_hub_stops_or_is_killed() {
    let mut world = world(&["JO", "EG"]);
    world.publish("JO", &[Record::organisation("JO", "before", "Before")]);
    let size = world.settle();

    world.hub_mut().stop().unwrap();
    world.hub_mut().start().unwrap();
    assert!(world.hub().size().unwrap() >= size);
    world.publish("JO", &[Record::organisation("JO", "after-stop", "After the stop")]);
    world.settle();

    for round in 0..2 {
        world.publish("JO", &many("JO", &format!("killed-{round}"), 100));
        world.eventually("some are acknowledged", |world| !acknowledged(world).is_empty());
        let before = acknowledged(&world);
        world.hub_mut().kill9().unwrap();
        world.hub_mut().start().unwrap();
        world.settle();
        let after = acknowledged(&world);
        assert!(before.iter().all(|own| after.contains(own)), "an acknowledged record lost its place");
    }
    assert!(world.has("EG", "JO:organisation:after-stop"));
    let listed = world.json("EG", &["list", "organisation", "--limit", "1000"]);
    assert_eq!(listed["objects"].as_array().unwrap().len(), 202);
    let check = world.hub().fsck().unwrap();
    assert_eq!(check["ok"], true, "{check}");
    checker::check(&mut world);
}

/// Own records of Jordan that have a place on the log.
fn acknowledged(world: &World) -> Vec<(String, u64)> {
    let queue = world.json("JO", &["queue", "--all"]);
    let own = queue["records"].as_array().unwrap().iter();
    own.filter_map(|own| Some((own["record_id"].as_str()?.to_owned(), own["index"].as_u64()?))).collect()
}
