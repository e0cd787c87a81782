//! A log that goes nowhere although the line is up: five minutes of the node's own clock after the last cosignature of another
//! state it says so, writes evidence, cosigns nothing and reads on; what comes next ends it.
//!
//! All of them are processes; the clock of the one node is the story's.

use std::time::Duration;

use multaqa_tests::record::many;
use multaqa_tests::{SOON, World};
use serde_json::Value;

use crate::PROGRAM;
use crate::networks::is;

#[test]
fn a_log_that_stands_still_is_told_with_evidence_and_thaws_by_itself() {
    let mut world = World::witnessed(PROGRAM, &["JO", "EG"], &["JO", "EG"]);
    world.configure_hub("[line]\nheartbeat_seconds = 1\n");
    let record = many("EG", "known", 1).remove(0);
    world.publish("EG", std::slice::from_ref(&record));
    world.settle();
    world.federation_mut().until_stable(SOON).unwrap();

    // A stream begins with all that is cosigned, whose later times come up to half a minute apart otherwise.
    world.node_mut("EG").stop().unwrap();
    world.node_mut("JO").stop().unwrap();
    world.node_mut("JO").start().unwrap();
    let clock = world.clock("JO");
    // It cosigned once more since it started, and heard the hub since: a heartbeat, which comes where there is nothing else.
    let before = world.until("JO", "it cosigned itself, and heard the hub since", |status| {
        let ms = |at: &Value| at.as_i64().unwrap_or_default();
        let (cosigned, started) = (ms(&status["cosigned"]["time_ms"]), ms(&status["started_ms"]));
        status["cosigned"]["size"] == status["freshness"]["size"]
            && is(status, "live")
            && cosigned + 1_000 > started
            && ms(&status["line"]["heard_ms"]) >= cosigned + 2_000
    });
    clock.advance(Duration::from_mins(5));
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
    clock.set(0);
    world.until("JO", "it is live", |status| is(status, "live"));
}
