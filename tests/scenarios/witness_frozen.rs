//! A log that goes nowhere although the line is up: five minutes of the node's own clock after the last cosignature of another
//! state it says so, writes evidence, cosigns nothing and reads on; what comes next ends it.
//!
//! The node runs within this process, so that its clock is the story's; hub and other node are processes.

use std::path::Path;
use std::time::Duration;

use multaqa_node::config::Config;
use multaqa_runtime::clock::{Clock, Hand};
use multaqa_runtime::config::Sources;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_tests::record::many;
use multaqa_tests::{SOON, World};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::PROGRAM;
use crate::networks::is;

/// A node whose clock is moved by hand.
pub(crate) struct ByHand {
    runtime: Runtime,
    pub(crate) hand: Hand,
    shutdown: Shutdown,
    running: JoinHandle<Result<(), Fault>>,
}

impl ByHand {
    /// Runs the node of this directory from the present on; after that its time stands still.
    pub(crate) fn run(dir: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let mut config = Sources::new().file(dir.join("node.toml")).load::<Config>().unwrap().value;
        dir.clone_into(&mut config.node.dir);
        let (clock, hand) = Clock::manual(Clock::system().now_ms());
        let shutdown = Shutdown::new();
        let app = runtime.block_on(config.build(clock)).unwrap();
        let running = runtime.spawn(app.run(shutdown.clone(), None));
        Self { runtime, hand, shutdown, running }
    }

    pub(crate) fn stop(self) {
        self.shutdown.drain();
        self.runtime.block_on(self.running).unwrap().unwrap();
    }
}

#[test]
fn a_log_that_stands_still_is_told_with_evidence_and_thaws_by_itself() {
    let mut world = World::witnessed(PROGRAM, &["JO", "EG"], &["JO", "EG"]);
    world.configure_hub("[line]\nheartbeat_seconds = 1\n");
    let record = many("EG", "known", 1).remove(0);
    world.publish("EG", std::slice::from_ref(&record));
    world.settle();
    world.federation_mut().until_stable(SOON).unwrap();

    world.node_mut("JO").stop().unwrap();
    let by_hand = ByHand::run(world.node("JO").dir());
    world.until("JO", "it is live", |status| is(status, "live"));
    world.node_mut("EG").stop().unwrap();
    // All that was cosigned before has come.
    let before = world.until("JO", "it cosigned itself", |status| {
        status["cosigned"]["size"] == status["freshness"]["size"] && is(status, "live")
    });
    by_hand.hand.advance(Duration::from_mins(5));
    let status = world.until("JO", "the log is frozen", |status| is(status, "log-frozen"));
    assert_eq!(status["line"]["code"], "LOG_STANDS_STILL", "{status}");
    assert_eq!(
        (&status["freshness"]["state"], &status["freshness"]["frozen"]),
        (&"stale".into(), &"LOG_STANDS_STILL".into())
    );
    assert_eq!(status["freshness"]["line_down_since_ms"], Value::Null, "the line is up: {status}");
    for (lang, said) in
        [("en", "neither entries nor cosignatures"), ("fr", "ni entrées ni cosignatures"), ("ar", "توقيعات شهود")]
    {
        let text = world.node("JO").cli(&["status", "--lang", lang]).unwrap().ok().unwrap().stdout;
        assert!(text.contains(said) && text.contains("(LOG_STANDS_STILL)"), "{lang}: {text}");
    }
    let evidence = world.node("JO").dir().join("evidence");
    world.eventually("evidence of it is written", |_| {
        let files = std::fs::read_dir(&evidence).into_iter().flatten().flatten();
        files.map(|file| file.file_name().to_string_lossy().into_owned()).any(|name| name.contains("LOG_STANDS_STILL"))
    });
    assert!(world.has("JO", record.id()), "reads go on");
    let after = world.json("JO", &["status"]);
    assert_eq!(after["cosigned"], before["cosigned"], "it cosigned what looks frozen");

    world.node_mut("EG").start().unwrap();
    world.publish("EG", &many("EG", "back", 1));
    world.until("JO", "the log moves", |status| !is(status, "log-frozen"));
    by_hand.hand.set(Clock::system().now_ms());
    world.until("JO", "it is live", |status| is(status, "live"));
    by_hand.stop();
    world.node_mut("JO").start().unwrap();
}
