//! A state that is added to a group late reads what its history rule gives it: everything, or what came after.

use multaqa_tests::record::Record;
use multaqa_tests::{World, checker, files};

use crate::world;

#[test]
fn history_full_gives_what_came_before_and_from_join_does_not() {
    let mut world = world(&["JO", "EG"]);
    for (group, history) in [("open-books", "full"), ("closed-books", "from-join")] {
        world.hub().create_group(group, history, &["JO"]).unwrap();
    }
    world.settle();
    publish_to_both(&world, "early");
    world.settle();
    assert_eq!(reads(&world), [false; 4]);

    for group in ["open-books", "closed-books"] {
        add_egypt(&mut world, group);
    }
    world.settle();
    publish_to_both(&world, "late");
    world.settle();
    world.eventually("Egypt has what came before it", |world| world.has("EG", "JO:organisation:early-open-books"));
    assert_eq!(reads(&world), [true, false, true, true]);
    assert!(files::holding(world.node("EG").dir(), "marker-early-closed-books").is_empty());
    checker::check(&mut world);

    for member in ["JO", "EG"] {
        let check = world.node(member).fsck().unwrap();
        assert_eq!(check["ok"], true, "{check}");
    }
}

fn publish_to_both(world: &World, when: &str) {
    let records = ["open-books", "closed-books"].map(|group| {
        let slug = format!("{when}-{group}");
        Record::organisation("JO", &slug, &format!("marker-{slug}")).for_audience(&format!("group:{group}"))
    });
    world.publish("JO", &records);
}

/// What Egypt reads: early and late of the open group, then of the closed one, in the order early, early, late, late.
fn reads(world: &World) -> [bool; 4] {
    ["early-open-books", "early-closed-books", "late-open-books", "late-closed-books"]
        .map(|slug| world.has("EG", &format!("JO:organisation:{slug}")))
}

/// An operator proposes it, and the states in the group decide, each from its own node.
fn add_egypt(world: &mut World, group: &str) {
    let proposed = world.hub().operator(&["group", "add", group, "EG", "--json"]).unwrap().ok().unwrap();
    let proposed: serde_json::Value = serde_json::from_str(&proposed.stdout).unwrap();
    assert_eq!(proposed["effect"], "pending", "an operator alone may not: {proposed}");
    let record = proposed["record"].as_str().unwrap().to_owned();
    world.until("JO", "the proposal waits for it", |status| {
        status["approvals"]
            .as_array()
            .is_some_and(|all| all.iter().any(|waiting| waiting["record_id"] == record.as_str()))
    });
    world.node("JO").cli(&["approve", &record]).unwrap().ok().unwrap();
}
