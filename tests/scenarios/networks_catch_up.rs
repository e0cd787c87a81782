//! A replica that is far behind catches up over a line that breaks on the way: it says how far behind it is, goes on where it
//! was, and takes nothing twice.

use multaqa_demo::link::{Direction, Flaw, Link, Mode};
use multaqa_tests::World;
use multaqa_tests::record::many;

use crate::networks::{everything_is_there_once, is};
use crate::world;

/// From where on a node catches up, and how long it waits for a line that stalled: long enough to be asked meanwhile.
const NODE: &str = "[line]\ndead_after_seconds = 15\ncatch_up_from_entries = 50\n";
/// Records of each round.
const COUNT: usize = 150;

#[test]
fn a_catch_up_that_breaks_goes_on_where_it_was() {
    let mut world = world(&["JO", "EG"]);
    world.configure("EG", NODE);
    let mut count = 0;
    for (name, breaks) in
        [("stalled", Link::stall_connections as fn(&Link)), ("half-open", Link::half_open_connections)]
    {
        count += it_breaks_on_the_way(&mut world, name, breaks);
    }
    for name in ["dropped", "repeated", "lost"] {
        count += it_breaks_in_a_frame(&mut world, name);
    }
    everything_is_there_once(&mut world, "JO", "EG", count);
}

/// Egypt was away while Jordan published.
fn left_behind(world: &mut World, name: &str) {
    world.node_mut("EG").stop().unwrap();
    world.publish("JO", &many("JO", name, COUNT));
    world.settle();
}

fn it_breaks_on_the_way(world: &mut World, name: &str, breaks: fn(&Link)) -> usize {
    left_behind(world, name);
    world.node("EG").link().stall_after(Direction::ToNode, 30_000);
    world.node_mut("EG").start().unwrap();
    world.eventually("the line stalls in a frame", |world| world.node("EG").link().has_stalled());
    let status = world.until("EG", "it is behind", |status| is(status, "behind"));
    assert!(status["line"]["behind"].as_u64().unwrap() > 0, "{status}");
    assert_eq!(status["freshness"]["state"], "stale", "{status}");
    let link = world.node("EG").link();
    link.bar();
    breaks(link);
    world.until("EG", &format!("its line is {name}"), |status| is(status, "line-down"));
    world.node("EG").link().unbar();
    world.until("EG", "it goes on", |status| is(status, "behind") || is(status, "live"));
    world.settle();
    world.node("EG").link().restore();
    COUNT
}

fn it_breaks_in_a_frame(world: &mut World, name: &str) -> usize {
    left_behind(world, name);
    let link = world.node("EG").link();
    match name {
        "repeated" => link.spoil_after(Direction::ToNode, 30_000, Flaw::Repeated),
        "lost" => link.spoil_after(Direction::ToNode, 30_000, Flaw::Lost),
        _ => link.cut_after(Direction::ToNode, 30_000),
    }
    world.node_mut("EG").start().unwrap();
    let broken = |world: &World| {
        let link = world.node("EG").link();
        if name == "dropped" { link.mode() == Mode::Cut } else { !link.is_flawed() }
    };
    world.eventually("the line breaks in a frame", broken);
    if name == "dropped" {
        world.until("EG", "it says so", |status| is(status, "line-down"));
        world.node("EG").link().restore();
    }
    world.settle();
    COUNT
}
