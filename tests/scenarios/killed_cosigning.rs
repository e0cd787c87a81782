//! Killed, or a step broken, while a state cosigns, and while a hub locks and answers: a cosignature is stored before it is
//! made, none is taken back, and every record stands once.

use multaqa_demo::process::Process;
use multaqa_demo::wait::{Seen, wait_for};
use multaqa_hub::point as hub;
use multaqa_node::point as node;
use multaqa_runtime::point::Point;
use multaqa_tests::points::{Armed, Break};
use multaqa_tests::record::many;
use multaqa_tests::{SOON, World, checker};
use serde_json::Value;

use crate::PROGRAM;

/// Who witnesses; the first of them is broken.
const WITNESSES: [&str; 3] = ["JO", "MA", "EG"];
/// A failure of a step of its stores ends the process.
const IN_STORES: [Point; 5] =
    [node::COSIGN_JUDGED, node::COSIGN_WRITTEN, node::COSIGN_STORED, node::VOUCHED_WRITTEN, node::VOUCHED_STORED];

#[test]
fn cosigning_locking_and_answering_are_done_again_where_they_are_broken() {
    let mut world = World::witnessed(PROGRAM, &WITNESSES, &WITNESSES);
    let mut number = 0;
    for how in [Break::Kill, Break::Fail] {
        for point in node::COSIGNING {
            let armed = world.points().arm_how(*point, how, world.node("JO").process().map(Process::pid));
            publish(&world, &mut number);
            until_reached(&armed);
            let before = world.node("JO").json(&["status"]).ok();
            match how {
                Break::Kill => world.node_mut("JO").kill9().unwrap(),
                Break::Fail if IN_STORES.contains(point) => until_ended(&mut world),
                Break::Fail => {}
            }
            if world.node("JO").process().is_none() {
                world.node_mut("JO").start().unwrap();
            }
            goes_on(&mut world, before.as_ref());
        }
        for point in hub::BESIDE {
            let armed = world.points().arm_how(*point, how, world.hub().process().map(Process::pid));
            publish(&world, &mut number);
            until_reached(&armed);
            if how == Break::Kill {
                world.hub_mut().kill9().unwrap();
                world.hub_mut().start().unwrap();
            }
            goes_on(&mut world, None);
        }
    }
    checker::check(&mut world);
}

fn publish(world: &World, number: &mut usize) {
    *number += 1;
    world.publish("EG", &many("EG", &format!("broken-{number}"), 1));
}

/// Whether or not the process ends by it.
fn until_reached(armed: &Armed) {
    wait_for(&armed.to_string(), SOON, || {
        Ok(if armed.is_reached() { Seen::Yes(()) } else { Seen::NotYet("nobody came by".to_owned()) })
    })
    .unwrap();
}

fn until_ended(world: &mut World) {
    wait_for("the process ends", SOON, || {
        Ok(if world.node_mut("JO").check().is_err() { Seen::Yes(()) } else { Seen::NotYet("it runs".to_owned()) })
    })
    .unwrap();
    assert!(world.node_mut("JO").kill9().is_err(), "it had ended");
}

/// All witnesses vouch for all that was published; what the node had cosigned is not less than before.
fn goes_on(world: &mut World, before: Option<&Value>) {
    world.settle();
    let size = world.federation_mut().until_stable(SOON).unwrap();
    for witness in WITNESSES {
        world.until(witness, "it cosigned the whole log", |status| status["cosigned"]["size"] == size);
    }
    let cosigned = |status: &Value| status["cosigned"]["size"].as_u64();
    assert!(before.and_then(cosigned).is_none_or(|before| before <= size), "{before:?}");
}
