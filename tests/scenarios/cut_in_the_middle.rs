//! Lines that break in the middle of a frame, stall, or die on one side only: everything drains, nothing comes twice.

use multaqa_demo::link::{Direction, Mode};
use multaqa_tests::record::many;
use multaqa_tests::{World, checker};

use crate::world;

/// Records of a publish that is far larger than what passes before a cut.
const COUNT: usize = 300;

#[test]
fn a_publish_cut_in_the_middle_of_a_frame_drains_once() {
    let mut world = world(&["JO", "EG"]);
    // Both lines break: the writer's while it sends, the reader's while it receives.
    world.node("JO").link().cut_after(Direction::ToHub, 60_000);
    world.node("EG").link().cut_after(Direction::ToNode, 20_000);
    world.publish("JO", &many("JO", "cut", COUNT));
    world.eventually("the writer's line is cut", |world| world.node("JO").link().mode() == Mode::Cut);
    let waiting = world.json("JO", &["status"])["waiting"].as_u64().unwrap();
    assert!(waiting > 0, "everything passed before the cut");

    // Again and again, a little further each time.
    for bytes in [30_000, 50_000] {
        world.node("JO").link().cut_after(Direction::ToHub, bytes);
        world.node("JO").link().restore();
        world.eventually("the writer's line is cut again", |world| world.node("JO").link().mode() == Mode::Cut);
    }
    world.node("JO").link().restore();
    world.eventually("the reader's line is cut", |world| world.node("EG").link().mode() == Mode::Cut);
    world.node("EG").link().restore();
    world.settle();
    everything_is_there_once(&mut world, COUNT);
}

#[test]
fn a_line_that_stalls_or_dies_on_one_side_drains_when_it_is_back() {
    let mut world = world(&["JO", "EG"]);
    world.node("JO").link().stall();
    world.publish("JO", &many("JO", "stalled", 20));
    world.node("JO").link().restore();
    world.settle();
    for member in ["JO", "EG"] {
        world.node(member).link().half_open();
    }
    world.publish("JO", &many("JO", "half-open", 20));
    for member in ["JO", "EG"] {
        world.node(member).link().restore();
    }
    world.settle();
    everything_is_there_once(&mut world, 40);
}

fn everything_is_there_once(world: &mut World, count: usize) {
    let queue = world.json("JO", &["queue", "--all"]);
    let own = queue["records"].as_array().unwrap();
    let of_story = own.iter().filter(|own| own["id"].as_str().is_some_and(|id| id.starts_with("JO:organisation:")));
    assert_eq!(of_story.clone().count(), count);
    assert!(of_story.clone().all(|own| own["state"] == "valid"), "{queue}");
    let listed = world.json("EG", &["list", "organisation", "--limit", "1000"]);
    assert_eq!(listed["objects"].as_array().unwrap().len(), count);
    // The chain has no gap and no record stands twice: the checker follows it.
    checker::check(world);
}
