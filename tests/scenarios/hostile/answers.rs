//! Records that the hub answers and drops: their writer misses them, by the answer that stands in its journal.

use std::time::Duration;

use multaqa_tests::World;
use multaqa_tests::hostile::HostileHub;
use multaqa_tests::hostile::deed::{ANSWERS, Caught, Deed, NEVER};
use multaqa_tests::record::Record;
use serde_json::Value;

use super::decided;
use super::stage::Stage;
use crate::networks::is;

const VICTIMS: [&str; 4] = ["EG", "MA", "SA", "KW"];

#[test]
fn a_record_that_is_answered_and_dropped_is_missed_by_its_writer() {
    let mut stage = Stage::build(&VICTIMS);
    stage.replace_policy();
    stage.go_on();
    let places: Vec<_> = VICTIMS.into_iter().zip(ANSWERS).collect();
    let hub = start(&mut stage, &places);
    let (program, end) = (stage.world.federation().program().clone(), stage.end);
    for (member, caught) in &places {
        stage.world.node_mut(member).start().unwrap();
        publishes(&mut stage, member);
        decided::is_caught(&program, stage.world.node_mut(member), caught, &hub, end);
        stage.world.node_mut(member).stop().unwrap();
        // What was answered stands in the journal: after a restart it is missed again, before anything is cosigned.
        let cosigned = hub.cosigned(member);
        stage.world.node_mut(member).start().unwrap();
        if caught.code == "ACCEPTED_LOST" {
            stage.world.until(member, "it stands still again", |status| {
                is(status, "alarm") && status["line"]["code"] == caught.code
            });
            assert_eq!(hub.cosigned(member), cosigned, "it cosigned after its restart");
        }
        stage.world.node_mut(member).stop().unwrap();
    }
    hub.stop();
    is_missed_in_five_minutes(&mut stage);
}

/// The alarm comes by the node's own clock, and where an operator wants another try the record is submitted again.
fn is_missed_in_five_minutes(stage: &mut Stage) {
    let hub = start(stage, &[("EG", NEVER)]);
    stage.world.node_mut("EG").start().unwrap();
    let clock = stage.world.clock("EG");
    publishes(stage, "EG");
    let own = |world: &World| world.own_state("EG", "EG:organisation:dropped").map(|(state, _)| state);
    stage.world.eventually("it is accepted", |world| own(world).as_deref() == Some("accepted"));
    // By looks of a second the node knows that it waits; from then on these are five minutes.
    let found = |status: &Value| status["evidence"].as_array().is_some_and(|files| !files.is_empty());
    let status = stage.world.until("EG", "it is missed", |status| {
        clock.advance(Duration::from_mins(1));
        is(status, "alarm") && found(status)
    });
    assert_eq!(status["line"]["code"], NEVER.code, "{status}");
    let program = stage.world.federation().program().clone();
    decided::reads_on(stage.world.node("EG"));
    decided::convinces(&program, stage.world.node("EG"), &status, &NEVER);
    stage.world.node("EG").cli(&["status", "--retry-alarm"]).unwrap().ok().unwrap();
    stage.world.until("EG", "it greeted the hub again", |status| status["line"]["state"] != "alarm");
    stage.world.node_mut("EG").stop().unwrap();
    hub.stop();
}

fn start(stage: &mut Stage, places: &[(&str, Caught)]) -> HostileHub {
    stage.restore();
    let deeds: Vec<(&str, Deed)> = places.iter().map(|(member, caught)| (*member, caught.deed)).collect();
    HostileHub::start(&stage.world, &deeds)
}

/// The node holds the whole log, and signs a record.
fn publishes(stage: &mut Stage, member: &str) {
    let end = stage.end;
    stage.world.until(member, "it holds the log", |status| status["freshness"]["size"] == end);
    stage.world.publish(member, &[Record::organisation(member, "dropped", "Dropped")]);
}
