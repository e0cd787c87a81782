//! A snapshot of the hub's whole directory is put back, its lock too, and the hub orders something of its own before any node greets:
//! store, lock and nodes contradict each other for ever. The operator closes the log where it was stable, and log 2 goes on from
//! there: all nodes end in it with equal roots, and what stood above, on either side, stands on it once.

mod two_operators;

use std::fs;
use std::path::PathBuf;

use multaqa_demo::wait::{Seen, wait_for};
use multaqa_tests::record::Record;
use multaqa_tests::{SOON, World, checker};
use serde_json::Value;

use crate::PROGRAM;

/// Four states witness: three make a quorum, two must say how far they hold the log.
const STATES: [&str; 4] = ["JO", "EG", "MA", "SA"];

fn log(world: &World, args: &[&str]) -> Value {
    let args: Vec<&str> = ["log"].iter().chain(args).chain(&["--json"]).copied().collect();
    let output = world.hub().operator(&args).unwrap();
    assert_eq!(output.code, Some(0), "{args:?}: {}", output.stderr);
    serde_json::from_str(&output.stdout).unwrap()
}

fn refused(world: &World, args: &[&str]) -> String {
    let args: Vec<&str> = ["log"].iter().chain(args).copied().collect();
    let output = world.hub().operator(&args).unwrap();
    assert_ne!(output.code, Some(0), "{args:?}: {}", output.stdout);
    output.stderr
}

fn label(world: &World, member: &str, record: &Record) -> String {
    world.json(member, &["get", record.id()])["standing"].as_str().unwrap_or_default().to_owned()
}

fn database(world: &World) -> [PathBuf; 3] {
    ["hub.db", "hub.db-wal", "hub.db-shm"].map(|name| world.hub().dir().join(name))
}

/// The log goes on on both sides of a snapshot that was put back: the hub ordered a group, the nodes hold records.
fn part(world: &mut World, unstable: &[Record]) {
    let kept = Record::organisation("JO", "kept", "kept");
    let dir = world.hub().dir();
    world.hub_mut().stop().unwrap();
    let snapshot: Vec<_> = ["hub.db", "checkpoint.lock"].map(|name| (name, fs::read(dir.join(name)).unwrap())).into();
    world.hub_mut().start().unwrap();
    world.publish("JO", std::slice::from_ref(&kept));
    world.settle();
    for member in STATES {
        world.eventually("what was published since the snapshot is stable", |world| {
            label(world, member, &kept) == "stable"
        });
    }
    // Two of four are no quorum: nothing more becomes stable.
    for member in ["MA", "SA"] {
        world.node_mut(member).stop().unwrap();
    }
    for record in unstable {
        world.publish("JO", std::slice::from_ref(record));
        world.settle();
    }
    for member in ["JO", "EG"] {
        world.node_mut(member).stop().unwrap();
    }
    world.hub_mut().stop().unwrap();
    for file in database(world) {
        let _absent = fs::remove_file(file);
    }
    for (name, bytes) in snapshot {
        fs::write(dir.join(name), bytes).unwrap();
    }
    world.hub_mut().start().unwrap();
    world.hub().create_group("own", "full", &["JO"]).unwrap();
    for member in STATES {
        world.node_mut(member).start().unwrap();
    }
    wait_for("the hub sees that it is behind, and ends", SOON, || {
        let ended = world.hub_mut().check().is_err();
        Ok(if ended { Seen::Yes(()) } else { Seen::NotYet(String::new()) })
    })
    .unwrap();
    let _ended = world.hub_mut().kill9();
    world.hub_mut().start().unwrap();
}

#[test]
fn what_nothing_brings_together_is_closed_where_it_was_stable_and_goes_on_as_log_2() {
    let mut world = World::witnessed(PROGRAM, &STATES, &STATES);
    let before = Record::organisation("JO", "before", "before");
    world.publish("JO", std::slice::from_ref(&before));
    world.settle();
    world.eventually("it is stable", |world| label(world, "JO", &before) == "stable");
    assert!(refused(&world, &["close", "--yes"]).contains("LOG_GOES_ON"));
    let backup = world.scratch().join("backup").to_string_lossy().into_owned();
    let dir = world.hub().dir().to_string_lossy().into_owned();
    world.hub().cli(["backup", "create", "--dir", &dir, "--out", &backup]).unwrap().ok().unwrap();
    let unstable: Vec<Record> =
        ["one", "two", "three", "four", "five"].map(|name| Record::organisation("JO", name, name)).into();
    part(&mut world, &unstable);
    world.eventually("a node contradicts it", |world| log(world, &[])["contradicted"] == true);
    assert!(refused(&world, &["succeed", "--reason", "why", "--yes"]).contains("LOG_NOT_CLOSING"));
    let shown = log(&world, &["close"]);
    assert_eq!((&shown["closing"], &shown["log"]), (&false.into(), &1.into()), "shown, not done: {shown}");
    log(&world, &["close", "--yes"]);
    world.eventually("enough have spoken", |world| !log(world, &[])["closable"].is_null());
    let shown = log(&world, &[]);
    assert_eq!((&shown["closable"]["log"], &shown["closing"]), (&2.into(), &true.into()), "{shown}");
    let closed = shown["closable"]["size"].as_u64().unwrap();
    assert!(refused(&world, &["succeed", "--reason", "", "--yes"]).contains("SUCCESSION_REASON"));
    let done = log(&world, &["succeed", "--reason", "a snapshot was put back", "--yes"]);
    assert_eq!((&done["log"], &done["refilling"], &done["set_aside"]), (&2.into(), &false.into(), &0.into()), "{done}");
    assert_eq!(done["begun"][0]["index"], closed, "{done}");
    assert_eq!(done["begun"][0]["reasons"][0]["reason"], "a snapshot was put back", "{done}");
    checker::check(&mut world);
    for record in unstable.iter().chain([&before]) {
        for member in STATES {
            assert!(world.has(member, record.id()), "{member}: {}", record.id());
        }
        assert_eq!(world.own_state("JO", record.id()).unwrap().0, "valid");
    }
    let groups = world.hub().operator(&["group", "list", "--json"]).unwrap().ok().unwrap().stdout;
    assert!(groups.contains("\"own\""), "the operator's own record stands on log 2, too: {groups}");
    for member in STATES {
        let status = world.json(member, &["status"]);
        assert_eq!(status["begun"][0]["reasons"][0]["reason"], "a snapshot was put back", "{member}: {status}");
        assert_eq!(
            (&status["evidence"], &status["blocked"]),
            (&serde_json::json!([]), &"".into()),
            "{member}: {status}"
        );
    }
    let told = world.hub().operator(&["status", "--lang", "fr"]).unwrap().ok().unwrap().stdout;
    assert!(told.contains("le journal 2 a commencé"), "{told}");
    // Both sides go on: the operator's chain, the writers' chains, the witnesses.
    world.hub().create_group("later", "full", &["EG"]).unwrap();
    let last = Record::organisation("EG", "last", "last");
    world.publish("EG", std::slice::from_ref(&last));
    world.settle();
    world.eventually("it is stable in log 2", |world| label(world, "MA", &last) == "stable");
    assert_eq!(world.hub().fsck().unwrap()["ok"], true);
    for member in STATES {
        let found = world.node(member).fsck().unwrap();
        assert_eq!(found["ok"], true, "{member}: {found}");
    }
    a_restart_changes_nothing(&mut world);
    proofs_hold_by_the_genesis_alone(&world, &unstable[0]);
    a_backup_of_log_1_is_refilled_into_log_2(&mut world, &backup);
    checker::check(&mut world);
}

fn a_backup_of_log_1_is_refilled_into_log_2(world: &mut World, backup: &str) {
    world.settle();
    world.hub_mut().stop().unwrap();
    let held = checker::entries(&world.hub().dir().join("hub.db"));
    for file in database(world) {
        let _absent = fs::remove_file(file);
    }
    let dir = world.hub().dir().to_string_lossy().into_owned();
    world.hub().cli(["backup", "restore", backup, "--dir", &dir]).unwrap().ok().unwrap();
    world.hub_mut().start().unwrap();
    world.eventually("it is whole again", |world| {
        let shown = log(world, &[]);
        shown["log"] == 2 && shown["refilling"] == false
    });
    let after = checker::entries(&world.hub().dir().join("hub.db"));
    assert_eq!(checker::root(&after[..held.len()]), checker::root(&held));
}

fn a_restart_changes_nothing(world: &mut World) {
    for member in STATES {
        world.node_mut(member).stop().unwrap();
    }
    world.hub_mut().stop().unwrap();
    world.hub_mut().start().unwrap();
    for member in STATES {
        world.node_mut(member).start().unwrap();
    }
    assert_eq!(log(world, &[])["log"], 2);
    world.publish("MA", &[Record::organisation("MA", "restarted", "restarted")]);
    world.settle();
}

fn proofs_hold_by_the_genesis_alone(world: &World, record: &Record) {
    let (file, genesis) = (world.scratch().join("record.proof"), world.scratch().join("genesis.json"));
    let (file, genesis) = (file.to_string_lossy().into_owned(), genesis.to_string_lossy().into_owned());
    world.node("SA").cli(&["get", record.id(), "--proof", "--out", &file]).unwrap().ok().unwrap();
    world.node("SA").cli(&["backup", "genesis", "--out", &genesis]).unwrap().ok().unwrap();
    world.hub().certs(["verify-record", &file, "--genesis", &genesis]).unwrap().ok().unwrap();
}
