//! The hub's disk is gone, and its backups with it: with its keys and one node's genesis file it is rebuilt from the nodes. And what
//! an operator can do where they cannot be asked.

use std::fs;

use multaqa_demo::hub::Hub;
use multaqa_tests::record::Record;
use multaqa_tests::{World, checker};
use serde_json::Value;

use crate::world;

fn status(hub: &Hub) -> Value {
    let output = hub.operator(&["status", "--json"]).unwrap();
    serde_json::from_str(&output.stdout).unwrap_or_default()
}

/// Whether the log takes records.
fn goes_on(hub: &Hub) -> bool {
    let told = status(hub);
    told["size"].is_u64() && told["halted"].is_null()
}

/// Removes all that the hub has on its disk but its keys, certificates and configuration.
fn lose_the_disk(world: &mut World) {
    world.hub_mut().kill9().unwrap();
    for name in ["hub.db", "hub.db-wal", "hub.db-shm", "checkpoint.lock", "checkpoint.lock.new", "hub.lock"] {
        let _absent = fs::remove_file(world.hub().dir().join(name));
    }
}

#[test]
fn a_hub_without_disk_and_backup_is_rebuilt_from_its_nodes() {
    let mut world = world(&["JO", "EG"]);
    world.publish("JO", &[Record::organisation("JO", "one", "one"), Record::organisation("JO", "gone", "gone")]);
    world.publish("EG", &[Record::organisation("EG", "own", "own").for_audience("member:EG")]);
    world.settle();
    world.node("JO").cli(&["withdraw", "JO:organisation:gone", "--reason", "over"]).unwrap().ok().unwrap();
    world.settle_sealed();
    let held = checker::entries(&world.hub().dir().join("hub.db"));
    lose_the_disk(&mut world);
    let (genesis, dir) = (world.scratch().join("genesis.json"), world.hub().dir());
    let (genesis, dir) = (genesis.to_string_lossy().into_owned(), dir.to_string_lossy().into_owned());
    world.node("EG").cli(&["backup", "genesis", "--out", &genesis]).unwrap().ok().unwrap();
    let rebuild = |world: &World| world.hub().cli(["backup", "rebuild", "--genesis", &genesis, "--dir", &dir]).unwrap();
    let whole = fs::read_to_string(&genesis).unwrap();
    fs::write(&genesis, "{}").unwrap();
    assert!(rebuild(&world).stderr.contains("GENESIS_FILE_WRONG"));
    fs::write(&genesis, whole).unwrap();
    rebuild(&world).ok().unwrap();
    assert!(
        rebuild(&world).stderr.contains("HUB_STORE_EXISTS") || rebuild(&world).stderr.contains("RESTORE_TARGET_USED")
    );
    let certificate = world.hub().operator_dir().join("tls.pem").to_string_lossy().into_owned();
    world.hub().cli(["allow", "--dir", &dir, "--certificate", &certificate]).unwrap().ok().unwrap();
    world.hub_mut().start().unwrap();
    world.eventually("the log goes on", |world| goes_on(world.hub()));
    let after = checker::entries(&world.hub().dir().join("hub.db"));
    assert_eq!(checker::root(&after[..held.len()]), checker::root(&held));
    world.eventually("no content is missing", |world| status(world.hub())["restored"]["missing"] == 0);
    world.publish("JO", &[Record::organisation("JO", "two", "two")]);
    world.settle();
    assert_eq!(world.hub().fsck().unwrap()["ok"], true);
    checker::check(&mut world);
    // What was shown once is known from then on.
    world.hub_mut().stop().unwrap();
    world.hub_mut().start().unwrap();
    world.publish("EG", &[Record::organisation("EG", "two", "two")]);
    checker::check(&mut world);
}

#[test]
fn an_operator_may_let_a_restored_log_go_on_at_the_size_that_it_has() {
    let mut world = world(&["JO", "EG"]);
    let size = world.settle_sealed();
    let (backup, dir) = (world.scratch().join("backup"), world.hub().dir());
    let (backup, dir) = (backup.to_string_lossy().into_owned(), dir.to_string_lossy().into_owned());
    world.hub().cli(["backup", "create", "--dir", &dir, "--out", &backup]).unwrap().ok().unwrap();
    world.node_mut("JO").stop().unwrap();
    world.hub_mut().stop().unwrap();
    let held = checker::entries(&world.hub().dir().join("hub.db"));
    assert_eq!(held.len() as u64, size);
    fs::remove_file(world.hub().dir().join("hub.db")).unwrap();
    fs::remove_file(world.hub().dir().join("checkpoint.lock")).unwrap();
    for name in ["hub.db-wal", "hub.db-shm"] {
        let _absent = fs::remove_file(world.hub().dir().join(name));
    }
    world.hub().cli(["backup", "restore", &backup, "--dir", &dir]).unwrap().ok().unwrap();
    // Jordan's node cannot be asked.
    world.hub_mut().start().unwrap();
    world.eventually("one is waited for", |world| status(world.hub())["restored"]["awaited"] == 1);
    let release = |world: &World, size: u64| {
        let args =
            ["backup", "release", "--dir", &dir, "--size", &size.to_string(), "--reason", "Jordan's node is gone"];
        let operator_dir = world.hub().operator_dir().to_string_lossy().into_owned();
        world.hub().cli(args.into_iter().chain(["--operator-dir", &operator_dir])).unwrap()
    };
    assert!(release(&world, size).stderr.contains("HUB_ALREADY_RUNNING"));
    world.hub_mut().stop().unwrap();
    assert!(release(&world, size + 1).stderr.contains("RELEASE_SIZE_OTHER"));
    release(&world, size).ok().unwrap();
    world.hub_mut().start().unwrap();
    world.eventually("the log goes on", |world| goes_on(world.hub()));
    // Everybody sees who took it upon himself, and why: the first record after it went on.
    let held = checker::entries(&world.hub().dir().join("hub.db"));
    let first = held[usize::try_from(size).unwrap()].content.clone().unwrap();
    let said = String::from_utf8_lossy(&first).into_owned();
    assert!(said.contains("Jordan's node is gone") && said.contains("notice"), "{said}");
    world.hub().create_group("later", "full", &["EG"]).unwrap();
    world.node_mut("JO").start().unwrap();
    world.publish("JO", &[Record::organisation("JO", "one", "one")]);
    checker::check(&mut world);
}

#[test]
fn a_restoration_is_rehearsed_beside_the_running_hub() {
    let mut world = world(&["JO"]);
    let (backup, dir) = (world.scratch().join("backup"), world.hub().dir());
    let (backup, dir) = (backup.to_string_lossy().into_owned(), dir.to_string_lossy().into_owned());
    let drill = |world: &World, more: &[&str]| {
        let args: Vec<&str> = ["drill", "restore", "--dir", &dir, "--json"].iter().chain(more).copied().collect();
        let told = world.hub().cli(args).unwrap().ok().unwrap().stdout;
        serde_json::from_str::<Value>(&told).unwrap()
    };
    world.hub().cli(["backup", "create", "--dir", &dir, "--out", &backup]).unwrap().ok().unwrap();
    let before = world.settle();
    world.publish("JO", &[Record::organisation("JO", "one", "one")]);
    let after = world.settle();
    let told = drill(&world, &["--backup", &backup]);
    // A seal may have come after the backup.
    assert!(told["ok"] == true && told["size"].as_u64().unwrap() <= before, "{told}");
    assert!(told["to_refill"].as_u64().unwrap() >= after - before, "{told}");
    assert_eq!(drill(&world, &[])["root_agrees"], true);
    checker::check(&mut world);
}
