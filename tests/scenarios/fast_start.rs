//! A state that joins late, over a metered line, starts by runs: it holds what it may read, and hashes in place of thousands of
//! records of others; it lists, proves, publishes and cosigns like any other, and reads the past of a group that it comes into.

use std::fs;
use std::path::Path;

use multaqa_demo::link::{Direction, Mode};
use multaqa_tests::bulk::{Bulk, Submitter};
use multaqa_tests::record::{Record, many};
use multaqa_tests::refusals::refused;
use multaqa_tests::{SOON, World, checker};
use serde_json::Value;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use crate::PROGRAM;
use crate::networks::is;

/// Records for a group that the late state is not in.
const OF_OTHERS: usize = 3_000;

#[test]
fn a_late_state_starts_by_runs_and_is_a_node_like_any_other() {
    let mut world = World::witnessed(PROGRAM, &["JO", "EG", "MA"], &["JO", "EG", "MA", "SA"]);
    world.hub().create_group("gcc", "full", &["JO", "EG"]).unwrap();
    of_kuwait(&mut world, "group:gcc", OF_OTHERS);
    let (open, gone) = (many("JO", "open", 40), Record::organisation("EG", "gone", "Withdrawn"));
    world.publish("JO", &open);
    world.publish("EG", std::slice::from_ref(&gone));
    world.publish("MA", &[Record::organisation("MA", "own", "Of Morocco alone").for_audience("member:MA")]);
    world.node("EG").cli(&["withdraw", gone.id()]).unwrap().ok().unwrap();
    world.settle();
    world.federation_mut().until_stable(SOON).unwrap();

    start_by_runs(&mut world, "SA");
    let status = world.until("SA", "its fast start is over", |status| status["fast_start"]["over"] == true);
    world.settle();
    it_holds_what_a_full_node_holds(&mut world, &status);
    it_proves_what_it_holds(&world, &open[7]);
    it_publishes_and_cosigns(&mut world);
    a_restart_changes_nothing(&mut world);
    it_reads_the_past_of_a_group(&mut world);
    checker::check(&mut world);
}

/// As a member with a node that does not run: it has joined, and others sign in its name.
fn of_kuwait(world: &mut World, audience: &str, count: usize) {
    let federation = world.federation_mut();
    let key = federation.invite("KW", "gw1", &[]).unwrap();
    federation.node("KW").unwrap().join(&key).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let records = Bulk::of(world, "KW").for_audience(&[audience]).sign(count, 64);
    runtime.block_on(async { Submitter::connect(world, "KW").await.submit(records).await });
}

fn start_by_runs(world: &mut World, member: &str) {
    join_by_runs(world, member);
    world.node_mut(member).start().unwrap();
}

fn join_by_runs(world: &mut World, member: &str) {
    let key = world.federation_mut().invite(member, "gw1", &[]).unwrap();
    let node = world.node_mut(member);
    node.join(&key).unwrap();
    let drop_ins = node.dir().join("node.toml.d");
    fs::create_dir_all(&drop_ins).unwrap();
    fs::write(drop_ins.join("00-fast-start.toml"), "[line]\nfast_start = true\n").unwrap();
}

/// What an object or a list says, without what differs between nodes for other reasons.
fn said(world: &World, member: &str, args: &[&str]) -> Value {
    let mut said = world.json(member, args);
    said.as_object_mut().unwrap().remove("freshness");
    if let Some(objects) = said.get_mut("objects").and_then(Value::as_array_mut) {
        for object in objects {
            object.as_object_mut().unwrap().remove("standing");
        }
    }
    said
}

fn it_holds_what_a_full_node_holds(world: &mut World, status: &Value) {
    let start = &status["fast_start"];
    let (end, from) = (start["end"].as_u64().unwrap(), start["leaves_from"].as_u64().unwrap());
    assert!(from > OF_OTHERS as u64 && from < end, "{start}");
    assert_eq!(world.json("MA", &["status"])["fast_start"], Value::Null);
    // Morocco is not in the group either, and has a record of its own.
    for kind in ["organisation", "service", "dataset"] {
        let mut full = said(world, "MA", &["list", kind, "--limit", "1000", "--withdrawn"]);
        full["objects"].as_array_mut().unwrap().retain(|object| object["id"] != "MA:organisation:own");
        assert_eq!(said(world, "SA", &["list", kind, "--limit", "1000", "--withdrawn"]), full, "{kind}");
    }
    let [full, fast] = world.at_one_size(["MA", "SA"]);
    assert_eq!((&full["root"], &full["members"]), (&fast["root"], &fast["members"]));
    for (lang, words) in [("en", "fast start"), ("fr", "démarrage rapide"), ("ar", "البدء السريع")] {
        let text = world.node("SA").cli(&["status", "--lang", lang]).unwrap().ok().unwrap().stdout;
        assert!(text.contains(words) && text.contains(&from.to_string()), "{lang}: {text}");
    }
    sound(world, "SA");
    let pages = |member: &str| pages(&world.node(member).dir().join("replica.db"));
    assert!(pages("SA") * 2 < pages("MA"), "{} and {} pages", pages("SA"), pages("MA"));
}

/// How large a database is, wherever its pages lie: what is not checkpointed stands beside the file.
fn pages(database: &Path) -> i64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = SqliteConnectOptions::new().filename(database).read_only(true).connect().await.unwrap();
        sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut connection).await.unwrap()
    })
}

fn sound(world: &World, member: &str) {
    let check = world.node(member).fsck().unwrap();
    assert_eq!(check["ok"], true, "{check}");
}

/// From leaves and runs, to somebody who has nothing but the genesis.
fn it_proves_what_it_holds(world: &World, record: &Record) {
    let file = world.scratch().join("fast.proof").display().to_string();
    world.node("SA").cli(&["get", record.id(), "--proof", "--out", &file]).unwrap().ok().unwrap();
    let genesis = world.json("SA", &["status"])["genesis"].as_str().unwrap().to_owned();
    world.hub().certs(["verify-record", &file, "--genesis", &genesis]).unwrap().ok().unwrap();
}

fn it_publishes_and_cosigns(world: &mut World) {
    let own = Record::organisation("SA", "late", "The late one");
    world.publish("SA", std::slice::from_ref(&own));
    world.settle();
    assert!(world.has("JO", own.id()));
    world.until("SA", "it is live and cosigns", |status| is(status, "live") && status["cosigned"]["size"].is_u64());
}

fn a_restart_changes_nothing(world: &mut World) {
    let before = world.json("SA", &["status"])["fast_start"].clone();
    let node = world.node_mut("SA");
    node.kill9().unwrap();
    node.start().unwrap();
    world.until("SA", "it is live", |status| is(status, "live"));
    assert_eq!(world.json("SA", &["status"])["fast_start"], before);
    sound(world, "SA");
}

/// The contents of entries that it holds as runs come, and are taken out of them.
fn it_reads_the_past_of_a_group(world: &mut World) {
    let proposed = world.hub().operator(&["group", "add", "gcc", "SA", "--json"]).unwrap().ok().unwrap();
    let proposed: Value = serde_json::from_str(&proposed.stdout).unwrap();
    let record = proposed["record"].as_str().unwrap().to_owned();
    for member in ["JO", "EG"] {
        world.until(member, "the proposal waits for it", |status| {
            status["approvals"].as_array().is_some_and(|all| all.iter().any(|one| one["record_id"] == record.as_str()))
        });
        world.node(member).cli(&["approve", &record]).unwrap().ok().unwrap();
    }
    world.eventually("Saudi Arabia has what came before it", |world| {
        world.json("SA", &["status"])["objects"]["service"] == OF_OTHERS
    });
    world.settle();
    let list = ["list", "service", "--country", "KW", "--limit", "500"];
    assert_eq!(said(world, "SA", &list), said(world, "JO", &list));
    sound(world, "SA");
}

/// Readable records: so many that a start takes several frames.
const READABLE: usize = 2_500;

#[test]
fn a_start_that_breaks_goes_on_and_one_that_is_killed_begins_anew() {
    let mut world = World::witnessed(PROGRAM, &["JO", "EG", "MA"], &["JO", "EG", "MA"]);
    of_kuwait(&mut world, "states", READABLE);
    world.settle();
    world.federation_mut().until_stable(SOON).unwrap();
    let begins = |world: &World| {
        let log = fs::read_to_string(world.node("SA").log()).unwrap();
        (log.matches("a fast start begins").count(), log.matches("the fast start is over").count())
    };

    // The line ends in the middle of a frame, and the start does not.
    let link_breaks = |world: &World| world.node("SA").link().cut_after(Direction::ToNode, 500_000);
    join_by_runs(&mut world, "SA");
    link_breaks(&world);
    world.node_mut("SA").start().unwrap();
    world.eventually("the line is cut in the middle", |world| world.node("SA").link().mode() == Mode::Cut);
    let cut = |status: &Value| is(status, "line-down") && status["fast_start"]["over"] == false;
    let status = world.until("SA", "it says so", cut);
    assert_eq!(status["objects"], Value::Object(serde_json::Map::new()), "{status}");
    let listed = world.node("SA").cli(&["list", "service"]).unwrap();
    refused(&listed, "REPLICA_STARTING");
    world.node("SA").link().restore();
    world.until("SA", "its fast start is over", |status| status["fast_start"]["over"] == true);
    world.eventually("it began once, and is over once", |world| begins(world) == (1, 1));

    // Killed in the middle, with its replica deleted before: what was staged is not what it goes on with.
    let delete = |world: &World| {
        for file in ["replica.db", "replica.db-wal", "replica.db-shm"] {
            let _missing = fs::remove_file(world.node("SA").dir().join(file));
        }
    };
    world.settle();
    world.node_mut("SA").stop().unwrap();
    delete(&world);
    link_breaks(&world);
    world.node_mut("SA").start().unwrap();
    world.eventually("the line is cut in the middle again", |world| world.node("SA").link().mode() == Mode::Cut);
    world.node_mut("SA").kill9().unwrap();
    world.node("SA").link().restore();
    world.node_mut("SA").start().unwrap();
    world.until("SA", "its fast start is over", |status| status["fast_start"]["over"] == true);
    world.settle();
    assert_eq!(world.json("SA", &["status"])["objects"]["service"], READABLE);
    sound(&world, "SA");
    checker::check(&mut world);
}
