//! A hub that freezes the log without a word that is wrong: it says for ever that it comes back later, or cuts the line again and
//! again.

use std::time::Duration;

use multaqa_proto::log::witness::FRESH_MS;
use multaqa_tests::World;
use multaqa_tests::hostile::HostileHub;
use multaqa_tests::hostile::deed::{CLAIMS, Caught, Deed, FROZEN_IN_PIECES};
use multaqa_tests::steered::Steered;
use serde_json::Value;

use super::decided;
use super::stage::Stage;
use crate::networks::is;

const VICTIMS: [&str; 3] = ["EG", "MA", "SA"];

fn stands_for_too_long(status: &Value, code: &str) -> bool {
    is(status, "log-frozen")
        && status["line"]["code"] == code
        && status["evidence"].as_array().is_some_and(|files| !files.is_empty())
}

#[test]
fn what_the_hub_says_for_ever_is_an_alarm_that_ends_once_it_serves() {
    let mut stage = Stage::build(&VICTIMS);
    stage.go_on();
    let claims = ["HUB_REFILLING", "HUB_HALTED", "HUB_DRAINING"];
    let deeds: Vec<(&str, Deed)> = VICTIMS.into_iter().zip(CLAIMS.map(|caught| caught.deed)).collect();
    let hub = HostileHub::start(&stage.world, &deeds);
    let mut clocks = Vec::new();
    for ((member, caught), claim) in VICTIMS.into_iter().zip(CLAIMS).zip(claims) {
        clocks.push(is_told(&mut stage, &hub, member, &caught, claim));
    }
    hub.stop();
    stage.world.hub_mut().start().unwrap();
    let end = stage.end;
    for (member, clock) in VICTIMS.into_iter().zip(clocks) {
        clock.set(0);
        let status = stage.world.until(member, "it goes on by itself", |status| {
            status["freshness"]["size"].as_u64() >= Some(end) && !is(status, "log-frozen")
        });
        assert!(!is(&status, "alarm"), "{status}");
        let files = status["evidence"].as_array().unwrap();
        assert_eq!(files.len(), 1, "nothing else was claimed of a hub that came back: {status}");
        // How they end is not asked here: their search indexes may be at work, which takes its time on a busy machine.
        stage.world.node_mut(member).kill9().unwrap();
    }
}

/// The alarm comes by the node's own clock, and what it holds is read on.
fn is_told(stage: &mut Stage, hub: &HostileHub, member: &str, caught: &Caught, claim: &str) -> Steered {
    let (held, program) = (stage.held, stage.world.federation().program().clone());
    let world: &mut World = &mut stage.world;
    world.node_mut(member).start().unwrap();
    let clock = world.clock(member);
    world.until(member, "the hub says that it cannot serve", |status| status["line"]["code"] == claim);
    clock.advance(Duration::from_millis(FRESH_MS.unsigned_abs()));
    let status = world.until(member, "it says so for too long", |status| stands_for_too_long(status, caught.code));
    assert_eq!(status["line"]["args"]["claim"], claim, "{status}");
    let freshness = &status["freshness"];
    assert_eq!((&freshness["state"], &freshness["frozen"]), (&"stale".into(), &caught.code.into()), "{status}");
    for (lang, said) in [("en", "cannot serve the log"), ("fr", "ne peut pas servir"), ("ar", "لا تستطيع خدمة السجل")]
    {
        let text = world.node(member).cli(&["status", "--lang", lang]).unwrap().ok().unwrap().stdout;
        assert!(text.contains(said) && text.contains(claim) && text.contains("(CLAIM_OVERDUE)"), "{lang}: {text}");
    }
    decided::reads_on(world.node(member));
    let decided = decided::convinces(&program, world.node(member), &status, caught);
    // What others cosigned of what the hub says that it has not, or not at present.
    let vouched = decided["proven"].as_array().unwrap().iter().find(|found| found["finding"] == "vouched");
    assert_eq!(vouched.expect("what others cosigned")["size"], held, "{decided:#}");
    assert!(hub.cosigned(member) <= held, "it cosigned");
    clock
}

#[test]
fn a_log_that_is_frozen_is_told_also_where_the_line_is_cut_again_and_again() {
    let mut stage = Stage::build(&["EG", "MA"]);
    stage.go_on();
    let hub = HostileHub::start(&stage.world, &[("EG", Deed::FreezeAndCut)]);
    let program = stage.world.federation().program().clone();
    stage.world.node_mut("EG").start().unwrap();
    let clock = stage.world.clock("EG");
    let status = stage.world.until("EG", "the log stands still", |status| {
        // No session lasts for five minutes.
        clock.advance(Duration::from_mins(1));
        stands_for_too_long(status, FROZEN_IN_PIECES.code)
    });
    decided::reads_on(stage.world.node("EG"));
    decided::convinces(&program, stage.world.node("EG"), &status, &FROZEN_IN_PIECES);
    assert!(hub.cosigned("EG") <= stage.held, "it cosigned");
    stage.world.node_mut("EG").stop().unwrap();
    hub.stop();
}
