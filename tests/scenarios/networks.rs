//! Lines that drop, stall, die on one side, are slow or spoil bytes, while one node publishes and another one follows: each is
//! told in `status`, ends by itself, and everything is there once.
//!
//! Deadlines are short here by configuration. Where a connection only is stalled or half-open, nothing restores it: both sides
//! have to find out, and to dial anew. A node that found out dials within a second: until it was asked, nobody lets it in.

use std::time::Duration;

use multaqa_demo::link::{Direction, Flaw, Link, Pace};
use multaqa_tests::record::many;
use multaqa_tests::{World, checker};
use serde_json::Value;

use crate::world;

/// Deadlines of a node, and from where on it catches up.
pub(crate) const NODE: &str = "[line]\ndead_after_seconds = 6\ncatch_up_from_entries = 50\n";
/// Those of the hub.
pub(crate) const HUB: &str = "[line]\nheartbeat_seconds = 2\ndead_after_seconds = 6\n";

/// Whether the line of a status is in this state.
pub(crate) fn is(status: &Value, state: &str) -> bool {
    status["line"]["state"] == state
}

/// Everything that a member published under these names is with another member, once, and nothing was refused.
pub(crate) fn everything_is_there_once(world: &mut World, from: &str, at: &str, count: usize) {
    let queue = world.json(from, &["queue", "--all"]);
    let of_story = |own: &&Value| own["id"].as_str().is_some_and(|id| id.contains(":organisation:"));
    let own: Vec<&Value> = queue["records"].as_array().unwrap().iter().filter(of_story).collect();
    assert_eq!(own.len(), count);
    assert!(own.iter().all(|own| own["state"] == "valid"), "{queue}");
    let listed = world.json(at, &["list", "organisation", "--limit", "1000"]);
    assert_eq!(listed["objects"].as_array().unwrap().len(), count);
    checker::check(world);
}

#[test]
fn lines_that_break_in_any_way_are_told_and_resumed() {
    let mut world = world(&["JO", "EG"]);
    world.configure_hub(HUB);
    for member in ["JO", "EG"] {
        world.configure(member, NODE);
    }
    world.settle();
    let mut count = 0;
    for (name, breaks) in [
        ("dropped", Link::cut as fn(&Link)),
        ("stalled", Link::stall_connections),
        ("half-open", Link::half_open_connections),
    ] {
        count += a_broken_line_is_told_and_resumed(&mut world, name, breaks);
    }
    the_hub_cuts_connections_that_do_not_answer(&mut world);
    for (name, flaw) in [("repeated", Flaw::Repeated), ("lost", Flaw::Lost)] {
        count += bytes_that_tls_refuses_end_in_a_resumed_line(&mut world, name, flaw);
    }
    count += a_slow_line_is_no_broken_one(&mut world);
    everything_is_there_once(&mut world, "JO", "EG", count);
}

fn a_broken_line_is_told_and_resumed(world: &mut World, name: &str, breaks: fn(&Link)) -> usize {
    for member in ["JO", "EG"] {
        world.until(member, "it is live", |status| is(status, "live"));
        breaks(world.node(member).link());
        world.node(member).link().bar();
    }
    world.publish("JO", &many("JO", name, 20));
    for member in ["JO", "EG"] {
        let status = world.until(member, &format!("its line is {name}"), |status| is(status, "line-down"));
        assert!(status["line"]["code"].as_str().is_some_and(|code| !code.is_empty()), "{status}");
        assert_eq!(status["freshness"]["state"], "offline", "{status}");
        world.node(member).link().unbar();
        if name == "dropped" {
            world.node(member).link().restore();
        }
    }
    world.settle();
    20
}

/// The connections that stalled are still open at the hub's end, as far as its operating system knows.
fn the_hub_cuts_connections_that_do_not_answer(world: &mut World) {
    world.eventually("the hub has the two connections in use", |world| {
        let metrics = world.hub_admin("/metrics");
        let open = |line: &&str| line.starts_with("multaqa_connections_open{listener=\"federation\"}");
        metrics.lines().find(open).is_some_and(|line| line.ends_with(" 2"))
    });
}

fn bytes_that_tls_refuses_end_in_a_resumed_line(world: &mut World, name: &str, flaw: Flaw) -> usize {
    world.node("JO").link().spoil_after(Direction::ToHub, 5_000, flaw);
    world.node("EG").link().spoil_after(Direction::ToNode, 5_000, flaw);
    world.publish("JO", &many("JO", name, 20));
    world.eventually("bytes of both lines are spoiled", |world| {
        ["JO", "EG"].iter().all(|member| !world.node(member).link().is_flawed())
    });
    world.settle();
    20
}

fn a_slow_line_is_no_broken_one(world: &mut World) -> usize {
    let pace = Pace { bytes_per_second: Some(100_000), latency: Duration::from_millis(10) };
    for member in ["JO", "EG"] {
        world.until(member, "it is live", |status| is(status, "live"));
        world.node(member).link().slow(pace);
    }
    let went_down = |world: &World| world.logged("JO").matches("line-down").count();
    let before = went_down(world);
    assert!(before > 0, "what is counted stands in the log");
    world.publish("JO", &many("JO", "slow", 100));
    world.settle();
    assert_eq!(went_down(world), before, "the writer's line stayed as it was");
    100
}
