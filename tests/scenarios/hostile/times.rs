//! Times on the log that are not those at which it was written; and clocks of nodes that are wrong, which accuse nobody.

use std::time::Duration;

use multaqa_demo::node::Node;
use multaqa_proto::alarm::CLOCKS_MS;
use multaqa_runtime::clock::Clock;
use multaqa_tests::World;
use multaqa_tests::hostile::HostileHub;
use multaqa_tests::hostile::deed::{Deed, TIMES};
use multaqa_tests::record::Record;
use serde_json::Value;

use super::decided;
use super::stage::Stage;
use crate::PROGRAM;
use crate::networks::is;

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn what_is_dated_as_it_cannot_be_is_an_alarm() {
    let mut stage = Stage::build(&["EG", "MA"]);
    stage.go_on();
    let deeds: Vec<(&str, Deed)> = ["EG", "MA"].into_iter().zip(TIMES.map(|caught| caught.deed)).collect();
    let hub = HostileHub::start(&stage.world, &deeds);
    let (program, held) = (stage.world.federation().program().clone(), stage.held);
    for (member, caught) in ["EG", "MA"].into_iter().zip(TIMES) {
        let world = &mut stage.world;
        world.node(member).link().cut();
        world.node_mut(member).start().unwrap();
        let clock = world.clock(member);
        if caught.deed == Deed::DateAhead {
            // The other state cosigned just now, by this node's clock, however long the stage took.
            let status = world.json(member, &["status"]);
            let witnesses = status["witnessing"]["witnesses"].as_array().unwrap();
            let other = witnesses.iter().find(|witness| witness["state"] != member).unwrap();
            clock.set(other["time_ms"].as_i64().unwrap() - Clock::system().now_ms());
        }
        world.node(member).link().restore();
        decided::is_caught(&program, world.node_mut(member), &caught, &hub, held);
        world.node_mut(member).stop().unwrap();
    }
    hub.stop();
}

/// How they end is not asked here, and their search indexes may be at work, which on a busy machine takes its time.
fn end(world: &mut World) {
    world.federation_mut().with_each_node(Node::kill9).unwrap();
}

/// Nobody but the hub says what time it is: nothing is taken, nothing is claimed, and it goes on once the clock is set.
#[test]
fn a_node_that_cannot_know_whose_clock_is_wrong_waits_and_says_so() {
    let mut world = World::start(PROGRAM, &["JO", "EG"]);
    world.configure_hub("[line]\nheartbeat_seconds = 1\n");
    let before = world.settle();
    let hub = world.hub_clock();
    hub.advance(HOUR);
    world.publish("JO", &[Record::organisation("JO", "later", "Later")]);
    for member in ["JO", "EG"] {
        // The time of the hub that it knows of is that of the greeting, which comes again.
        let waits = |status: &Value| ["code", "clock"].iter().all(|place| status["line"][place] == "CLOCKS_DIFFER");
        let status = world.until(member, "it waits", waits);
        assert!(is(&status, "log-frozen") && status["freshness"]["size"] == before, "{status}");
        assert_eq!((&status["line"]["clock"], &status["evidence"]), (&"CLOCKS_DIFFER".into(), &serde_json::json!([])));
        for (lang, said) in [("en", "this machine's clock"), ("fr", "cette machine"), ("ar", "ساعة هذا الجهاز")]
        {
            let text = world.node(member).cli(&["status", "--lang", lang]).unwrap().ok().unwrap().stdout;
            assert!(text.contains(said) && text.contains("(CLOCKS_DIFFER)"), "{lang}: {text}");
        }
    }
    let clocks = ["JO", "EG"].map(|member| world.clock(member));
    for clock in &clocks {
        clock.advance(HOUR);
    }
    world.eventually("both go on by themselves", |world| {
        ["JO", "EG"].iter().all(|member| world.has(member, "JO:organisation:later"))
    });
    let agrees = |status: &Value| status["line"]["clock"] == "";
    world.until("EG", "the clocks agree", agrees);
    end(&mut world);
}

/// Where other states agree with the hub, what comes is taken, and the node says that its own clock is to be set.
#[test]
fn a_node_whose_clock_is_wrong_by_those_of_others_goes_on_and_says_so() {
    let mut world = World::witnessed(PROGRAM, &["JO", "EG", "MA"], &["JO", "EG", "MA"]);
    world.configure_hub("[line]\nheartbeat_seconds = 1\n");
    world.settle();
    // It is connected to the hub that was started anew: by a wrong clock no certificate holds, and it could not dial.
    world.node_mut("MA").stop().unwrap();
    world.node_mut("MA").start().unwrap();
    world.until("MA", "it is live", |status| is(status, "live"));
    let own = world.clock("MA");
    own.set(-i64::try_from(HOUR.as_millis()).unwrap());
    let status = world.until("MA", "its clock is wrong", |status| status["line"]["clock"] == "OWN_CLOCK_WRONG");
    assert!(status["line"]["skew_ms"].as_i64() > Some(CLOCKS_MS), "{status}");
    world.publish("JO", &[Record::organisation("JO", "later", "Later")]);
    world.eventually("it has what is dated an hour ahead of it", |world| world.has("MA", "JO:organisation:later"));
    let status = world.json("MA", &["status"]);
    assert!(!is(&status, "alarm") && status["evidence"] == serde_json::json!([]), "{status}");
    for (lang, said) in [("en", "of other states"), ("fr", "d'autres États"), ("ar", "دول أخرى")] {
        let text = world.node("MA").cli(&["status", "--lang", lang]).unwrap().ok().unwrap().stdout;
        assert!(text.contains(said) && text.contains("(OWN_CLOCK_WRONG)"), "{lang}: {text}");
    }
    own.set(0);
    world.until("MA", "it is set", |status| status["line"]["clock"] == "");
    end(&mut world);
}
