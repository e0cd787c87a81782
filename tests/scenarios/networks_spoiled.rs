//! Messages inside intact TLS that come twice, cut short, not at all or changed: what no network can do, and a faulty proxy of
//! the hub could. What can be made good by asking again is; what cannot is a named alarm; nothing is taken twice.

use multaqa_tests::World;
use multaqa_tests::interposer::{Flaw, Interposer, Messages};
use multaqa_tests::record::many;

use crate::networks::{HUB, NODE, everything_is_there_once, is};
use crate::world;

/// Records of each round.
const COUNT: usize = 20;

#[test]
fn messages_that_are_spoiled_are_told_and_taken_once() {
    let mut world = world(&["JO", "EG"]);
    world.configure_hub(HUB);
    let between: Vec<Interposer> = ["JO", "EG"].iter().map(|member| Interposer::before(&world, member)).collect();
    for (member, between) in ["JO", "EG"].iter().zip(&between) {
        let hubs = format!("{NODE}frozen_after_seconds = 2\n[node]\nhubs = [\"{}\"]\n", between.address());
        world.configure(member, &hubs);
    }
    let [writer, reader] = [&between[0], &between[1]];
    let mut count = 0;
    for flaw in [Flaw::Repeated, Flaw::CutShort] {
        count += published_with(&mut world, reader, Messages::Tail, flaw);
        count += published_with(&mut world, writer, Messages::Submissions, flaw);
        count += published_with(&mut world, writer, Messages::Answers, flaw);
        count += caught_up_with(&mut world, reader, flaw);
    }
    count += records_that_nobody_answers_freeze_the_log(&mut world, writer);
    count += a_tail_that_falls_silent_is_a_line_that_is_down(&mut world, reader);
    count += a_frame_that_was_changed_is_an_alarm(&mut world, reader);
    everything_is_there_once(&mut world, "JO", "EG", count);
}

fn published_with(world: &mut World, between: &Interposer, messages: Messages, flaw: Flaw) -> usize {
    between.spoil(messages, flaw);
    world.publish("JO", &many("JO", &slug(messages, flaw), COUNT));
    world.eventually(&format!("{messages:?}: {flaw:?}"), |_| between.is_done());
    world.settle();
    let alarm = world.json("EG", &["status"])["freshness"]["alarm"].clone();
    assert_eq!(alarm, "", "{messages:?}: {flaw:?}");
    COUNT
}

fn slug(messages: Messages, flaw: Flaw) -> String {
    format!("{messages:?}-{flaw:?}").to_lowercase()
}

fn caught_up_with(world: &mut World, between: &Interposer, flaw: Flaw) -> usize {
    world.node_mut("EG").stop().unwrap();
    let records = many("JO", &slug(Messages::CatchUp, flaw), 60);
    world.publish("JO", &records);
    world.settle();
    between.spoil(Messages::CatchUp, flaw);
    world.node_mut("EG").start().unwrap();
    world.eventually(&format!("catching up: {flaw:?}"), |_| between.is_done());
    world.settle();
    records.len()
}

/// The hub never sees the records, lives, and says that all is well: the node itself finds out, and sends them again.
fn records_that_nobody_answers_freeze_the_log(world: &mut World, between: &Interposer) -> usize {
    between.spoil(Messages::Submissions, Flaw::Lost);
    world.publish("JO", &many("JO", "unanswered", COUNT));
    // It sends them again within a second: they are lost until that could be asked. And where a seal comes late the log is frozen, too.
    let status = world.until("JO", "its log is frozen", |status| {
        let told = is(status, "log-frozen") && status["line"]["code"] == "LOG_UNANSWERED";
        if !told && between.is_done() {
            between.spoil(Messages::Submissions, Flaw::Lost);
        }
        told
    });
    assert_eq!(status["freshness"]["frozen"], "LOG_UNANSWERED", "{status}");
    assert_eq!(status["freshness"]["state"], "stale", "{status}");
    world.settle();
    world.until("JO", "it is live", |status| is(status, "live"));
    COUNT
}

/// The connection lives, so that only the missing heartbeats tell it.
fn a_tail_that_falls_silent_is_a_line_that_is_down(world: &mut World, between: &Interposer) -> usize {
    // It dials again within a second, so that a command may come too late to be told.
    let went_down = |world: &World| {
        let log = world.logged("EG");
        log.lines().filter(|line| line.contains("line-down") && line.contains("LINK_ANSWER_BAD")).count()
    };
    let before = went_down(world);
    between.spoil(Messages::Tail, Flaw::Held);
    world.publish("JO", &many("JO", "held", COUNT));
    world.eventually("its line is down", |world| went_down(world) > before);
    world.settle();
    COUNT
}

/// A changed byte is not asked for again: who changed it would do so again. Reading goes on, and an operator decides.
fn a_frame_that_was_changed_is_an_alarm(world: &mut World, between: &Interposer) -> usize {
    between.spoil(Messages::Tail, Flaw::Changed);
    world.publish("JO", &many("JO", "changed", COUNT));
    let status = world.until("EG", "it is alarmed", |status| is(status, "alarm"));
    assert_eq!(status["line"]["code"], status["freshness"]["alarm"], "{status}");
    assert!(world.node("EG").cli(&["list", "organisation"]).unwrap().code == Some(0));
    world.node("EG").cli(&["status", "--retry-alarm"]).unwrap().ok().unwrap();
    world.settle();
    COUNT
}
