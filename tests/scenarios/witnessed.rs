//! Records become accepted, witnessed and stable as witnesses come; who is silent is named; a restart forgets nothing; and a
//! node that caught the hub at another history than it cosigned before cosigns nothing more, reads on, and says so.

use std::process::Command;

use multaqa_runtime::clock::Clock;
use multaqa_tests::record::{Record, many};
use multaqa_tests::{World, checker};
use serde_json::Value;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use crate::networks::is;
use crate::{PROGRAM, foreign, home};

/// Four states witness: one may be faulty, three make a quorum, a node needs two others.
const WITNESSES: [&str; 4] = ["JO", "EG", "MA", "SA"];

#[test]
fn a_record_is_accepted_witnessed_and_stable_as_witnesses_come() {
    let mut world = World::witnessed(PROGRAM, &["JO"], &WITNESSES);
    let record = many("JO", "first", 1).remove(0);
    world.publish("JO", std::slice::from_ref(&record));
    world.settle_sealed();
    alone_it_is_accepted_and_unwitnessed(&mut world, &record);
    world.federation_mut().admit(&["EG"]).unwrap();
    until_standing(&mut world, "witnessed", &record);
    world.federation_mut().admit(&["MA", "x-escwa"]).unwrap();
    until_standing(&mut world, "stable", &record);
    for member in ["JO", "EG", "MA", "x-escwa"] {
        world.until(member, "enough others vouch for the log", |status| is(status, "live"));
    }
    the_silent_witness_is_named(&mut world);
    what_is_stable_stays_so_over_restarts(&mut world, &record);
    a_cosigned_note_verifies_outside(&world);
    checker::check(&mut world);
}

fn standing(world: &World, member: &str, record: &Record) -> String {
    world.json(member, &["get", record.id()])["standing"].as_str().unwrap().to_owned()
}

fn until_standing(world: &mut World, label: &str, record: &Record) {
    let what = format!("the record is {label}");
    world.eventually(&what, |world| standing(world, "JO", record) == label);
}

fn alone_it_is_accepted_and_unwitnessed(world: &mut World, record: &Record) {
    assert_eq!(standing(world, "JO", record), "accepted");
    let status = world.until("JO", "it cosigned and waits for others", |status| {
        is(status, "unwitnessed") && status["cosigned"]["size"] == status["freshness"]["size"]
    });
    assert_eq!((&status["line"]["code"], &status["line"]["args"]["needed"]), (&"LOG_UNWITNESSED".into(), &"2".into()));
    assert_eq!(status["freshness"]["state"], "stale", "{status}");
    assert!(status["freshness"]["unwitnessed_since_ms"].is_i64(), "{status}");
    let sizes = &status["witnessing"];
    assert_eq!((&sizes["states"], &sizes["quorum"], &sizes["stable"]), (&4.into(), &3.into(), &0.into()));
    for (lang, said) in
        [("en", "unwitnessed since "), ("fr", "sans témoins suffisants depuis "), ("ar", "بلا شهود كافين منذ ")]
    {
        let text = world.node("JO").cli(&["status", "--lang", lang]).unwrap().ok().unwrap().stdout;
        assert!(text.contains(said) && text.contains("(LOG_UNWITNESSED)") && text.contains("EG"), "{lang}: {text}");
    }
    let shown = world.node("JO").cli(&["get", record.id(), "--lang", "ar"]).unwrap().ok().unwrap().stdout;
    assert!(shown.contains("مقبول"), "{shown}");
}

fn the_silent_witness_is_named(world: &mut World) {
    let policy = world.hub().policy().unwrap();
    let witness = |code: &str| {
        let all = policy["witnessing"]["witnesses"].as_array().unwrap();
        all.iter().find(|witness| witness["state"] == code).unwrap().clone()
    };
    assert_eq!((&witness("SA")["silent"], &witness("SA")["time_ms"]), (&true.into(), &0.into()));
    assert_eq!(witness("MA")["silent"], false);
    let text = world.hub().operator(&["status"]).unwrap().ok().unwrap().stdout;
    assert!(text.contains("SA SILENT: never cosigned") && text.contains("MA cosigned size "), "{text}");
    // Witnesses cosign anew each minute: both are asked again where one did so between the two.
    world.eventually("both say the same of the witnesses", |world| {
        world.hub().status().unwrap()["witnessing"] == world.hub().policy().unwrap()["witnessing"]
    });
    let node = world.node("JO").cli(&["status"]).unwrap().ok().unwrap().stdout;
    assert!(!node.contains("SILENT"), "of whom it was not told so soon, a node cannot say: {node}");
}

fn what_is_stable_stays_so_over_restarts(world: &mut World, record: &Record) {
    world.hub_mut().stop().unwrap();
    world.node_mut("JO").stop().unwrap();
    world.node_mut("JO").start().unwrap();
    assert_eq!(standing(world, "JO", record), "stable", "from its own files, without a line");
    world.hub_mut().start().unwrap();
    let witnessing = world.hub().policy().unwrap()["witnessing"].clone();
    assert_ne!(witnessing["stable"], 0, "the hub forgot who cosigned: {witnessing}");
    world.until("JO", "it is live", |status| is(status, "live"));
    world.settle();
}

/// The newest cosigned note of a replica, checked by another implementation of Ed25519 and of the note's format.
fn a_cosigned_note_verifies_outside(world: &World) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let replica = world.node("EG").dir().join("replica.db");
    let (note, line): (String, String) = runtime.block_on(async {
        let mut connection = SqliteConnectOptions::new().filename(replica).read_only(true).connect().await.unwrap();
        let newest = "SELECT note, line FROM cosignature WHERE witness = 'JO/gw1'";
        sqlx::query_as(newest).fetch_one(&mut connection).await.unwrap()
    });
    let key = world.node("JO").dir().join("keys/witness.pem");
    let file = world.scratch().join("cosigned.note");
    std::fs::write(&file, note + &line).unwrap();
    let script = home().join("tests/foreign/cosigned.py");
    let Some(output) = foreign(Command::new("python3").args([&script, &key, &file])) else { return };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("/witness/JO/gw1"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_node_that_cosigned_another_history_raises_an_alarm_cosigns_nothing_and_reads_on() {
    let mut world = World::witnessed(PROGRAM, &["JO", "EG"], &["JO", "EG"]);
    world.publish("JO", &many("JO", "before", 3));
    world.settle();
    world.federation_mut().until_stable(multaqa_tests::SOON).unwrap();
    world.node_mut("EG").stop().unwrap();
    let (held, stopped_ms) = (world.settle(), Clock::system().now_ms());
    let journal = world.node("EG").dir().join("journal.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = SqliteConnectOptions::new().filename(journal).connect().await.unwrap();
        sqlx::raw_sql("UPDATE witness SET root = zeroblob(32)").execute(&mut connection).await.unwrap();
    });
    world.node_mut("EG").start().unwrap();
    let status = world.until("EG", "it raises the alarm", |status| is(status, "alarm"));
    assert_eq!((&status["line"]["code"], &status["freshness"]["alarm"]), (&"LOG_FORK".into(), &"LOG_FORK".into()));
    let record = many("JO", "after", 1).remove(0);
    world.publish("JO", std::slice::from_ref(&record));
    world.until("JO", "it cosigned the log with the new record", |status| {
        status["waiting"] == 0 && status["cosigned"]["size"] == status["freshness"]["size"]
    });
    world.eventually("the new record is on JO's replica", |world| world.has("JO", record.id()));
    let policy = world.hub().policy().unwrap();
    let of_egypt = policy["witnessing"]["witnesses"].as_array().unwrap().iter().find(|w| w["state"] == "EG").unwrap();
    let (size, time_ms) = (of_egypt["size"].as_u64().unwrap(), of_egypt["time_ms"].as_i64().unwrap());
    assert!(size <= held && time_ms <= stopped_ms, "it cosigned although its alarm stands: {of_egypt}");
    assert_ne!(standing(&world, "JO", &record), "stable");
    assert!(
        !world.json("EG", &["list", "organisation"])["objects"].as_array().unwrap_or(&Vec::<Value>::new()).is_empty()
    );
}
