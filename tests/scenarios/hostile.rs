//! Nobody has to trust the hub: a hub that lies is caught by each node by itself, with the code of the rule that it broke; the
//! node cosigns nothing more, serves reads on, and writes one file from which others decide offline.
//!
//! Which deed, which code and what is proven stands in `multaqa_tests::hostile::deed`. The same hub without a deed is
//! followed and cosigned, so that it is the deed that is caught. How the log came to what they hold: `stage`; what is asked of
//! each node and file: `decided`.

mod answers;
mod claims;
mod decided;
mod stage;
mod starts;
mod successions;
mod times;

use std::time::Duration;

use multaqa_tests::SOON;
use multaqa_tests::hostile::HostileHub;
use multaqa_tests::hostile::deed::{
    ANSWERS, BRANCHES, CLAIMS, Caught, Deed, FROZEN, FROZEN_IN_PIECES, IN_VAIN, NEVER, STARTS, SUCCESSIONS, TABLE,
    TIMES,
};

use crate::networks::is;
use stage::Stage;

#[test]
fn every_deed_is_in_a_table() {
    let tables: [&[Caught]; 8] =
        [&TABLE, &BRANCHES, &ANSWERS, &CLAIMS, &TIMES, &SUCCESSIONS, &STARTS, &[FROZEN, FROZEN_IN_PIECES, NEVER]];
    let told: Vec<Deed> = tables.concat().iter().map(|caught| caught.deed).chain(IN_VAIN).collect();
    for deed in Deed::ALL.iter().copied() {
        assert_eq!(told.iter().filter(|told| **told == deed).count(), usize::from(deed != Deed::Honest), "{deed:?}");
    }
}

#[test]
fn each_deed_is_caught_by_the_node_that_it_is_done_to() {
    let mut stage = Stage::build(&["EG", "MA", "SA", "KW"]);
    stage.let_catch_up("SA");
    stage.replace_policy();
    stage.go_on();
    for deeds in TABLE.chunks(stage.victims().len()) {
        let places: Vec<_> = stage.victims().iter().copied().zip(deeds.iter().copied()).collect();
        play(&mut stage, &places);
    }
    the_same_hub_without_a_deed_is_followed(&mut stage);
}

#[test]
fn two_branches_meet_in_what_others_cosigned() {
    let mut stage = Stage::build(&["EG", "MA"]);
    stage.go_on();
    play(&mut stage, &[("EG", BRANCHES[0]), ("MA", BRANCHES[1])]);
}

/// Shows each of these members what its deed says, all at once.
fn play(stage: &mut Stage, places: &[(&str, Caught)]) {
    stage.restore();
    let deeds: Vec<(&str, Deed)> = places.iter().map(|(member, caught)| (*member, caught.deed)).collect();
    let hub = HostileHub::start(&stage.world, &deeds);
    let (program, held) = (stage.world.federation().program().clone(), stage.held);
    let each = stage.world.federation_mut().with_each_node(|node| {
        let Some((_, caught)) = places.iter().find(|(member, _)| *member == node.member()) else { return Ok(()) };
        node.start()?;
        decided::is_caught(&program, node, caught, &hub, held);
        node.stop()
    });
    each.unwrap();
    hub.stop();
}

fn the_same_hub_without_a_deed_is_followed(stage: &mut Stage) {
    stage.restore();
    let hub = HostileHub::start(&stage.world, &[("EG", Deed::Honest)]);
    let (end, held) = (stage.end, stage.held);
    assert!(end > held);
    stage.world.node_mut("EG").start().unwrap();
    let status = stage.world.until("EG", "it cosigned the whole log", |status| {
        status["freshness"]["size"] == end && status["cosigned"]["size"] == end
    });
    assert!(!is(&status, "alarm") && status["evidence"].as_array().is_none_or(Vec::is_empty), "{status}");
    stage.world.eventually("the hub has its cosignature", |_| hub.cosigned("EG") == end);
    stage.world.node_mut("EG").stop().unwrap();
    hub.stop();
}

#[test]
fn a_log_that_is_frozen_for_one_node_is_told_within_five_minutes() {
    let mut stage = Stage::build(&["EG", "MA"]);
    stage.go_on();
    let hub = HostileHub::start(&stage.world, &[("EG", Deed::Freeze)]);
    let (end, held) = (stage.end, stage.held);
    let world = &mut stage.world;
    world.node_mut("MA").start().unwrap();
    world.until("MA", "it has what is hidden from the other", |status| status["freshness"]["size"] == end);

    world.node_mut("EG").start().unwrap();
    let clock = world.clock("EG");
    world.until("EG", "the hub greeted it", |status| status["line"]["behind"] == 0 && !is(status, "line-down"));
    clock.advance(Duration::from_mins(5));
    world.until("EG", "the log stands still", |status| is(status, "log-frozen"));
    let program = world.federation().program().clone();
    let node = world.node_mut("EG");
    let found = |status: &serde_json::Value| status["evidence"].as_array().is_some_and(|files| !files.is_empty());
    let status = node.wait_until("evidence is written", SOON, found).unwrap();
    assert_eq!((&status["line"]["code"], &status["freshness"]["frozen"]), (&FROZEN.code.into(), &FROZEN.code.into()));
    decided::reads_on(node);
    decided::convinces(&program, node, &status, &FROZEN);
    assert_eq!(hub.cosigned("EG").max(held), held, "it cosigned more than it had cosigned before");
    world.node_mut("EG").stop().unwrap();
    world.node_mut("MA").stop().unwrap();
    hub.stop();
}

/// Lines under a note that no state's key made count for nothing, however many there are.
#[test]
fn forged_cosignatures_make_nothing_stable() {
    let mut stage = Stage::build(&["EG", "MA"]);
    stage.go_on();
    let hub = HostileHub::start(&stage.world, &[("EG", Deed::ForgeCosignatures)]);
    let (end, held) = (stage.end, stage.held);
    stage.world.node_mut("EG").start().unwrap();
    let status = stage.world.until("EG", "it cosigned the whole log", |status| {
        status["freshness"]["size"] == end && status["cosigned"]["size"] == end
    });
    assert_eq!(status["witnessing"]["stable"], held, "{status}");
    assert!(!is(&status, "alarm") && status["evidence"].as_array().is_none_or(Vec::is_empty), "{status}");
    stage.world.node_mut("EG").stop().unwrap();
    hub.stop();
}
