//! An old backup of the hub is put back: it gives no index before the nodes gave back what was published since, and then it is
//! the same log with the same root.

use std::fs;
use std::path::PathBuf;

use multaqa_tests::record::Record;
use multaqa_tests::{World, checker};
use serde_json::Value;

use crate::world;

/// A federation whose hub lost what was published after a backup: the root that was published last.
fn restored(world: &mut World, published: impl FnOnce(&mut World)) -> (u64, String) {
    let backup = world.scratch().join("backup").to_string_lossy().into_owned();
    let dir = world.hub().dir().to_string_lossy().into_owned();
    world.hub().cli(["backup", "create", "--dir", &dir, "--out", &backup]).unwrap().ok().unwrap();
    published(world);
    // What the hub would seal by itself before it is killed, no node may have.
    world.settle_sealed();
    world.hub_mut().kill9().unwrap();
    let root = lost(world);
    for file in database(world) {
        let _absent = fs::remove_file(file);
    }
    world.hub().cli(["backup", "restore", &backup, "--dir", &dir]).unwrap().ok().unwrap();
    root
}

/// What the operator's command tells, also while the log takes no records.
fn status(world: &World) -> Value {
    let output = world.hub().operator(&["status", "--json"]).unwrap();
    serde_json::from_str(&output.stdout).unwrap_or_default()
}

/// Whether the log takes records.
fn goes_on(world: &World) -> bool {
    let told = status(world);
    told["size"].is_u64() && told["halted"].is_null()
}

/// Size and root of what the hub had when it was killed.
fn lost(world: &World) -> (u64, String) {
    let held = checker::entries(&world.hub().dir().join("hub.db"));
    (held.len() as u64, checker::root(&held).to_string())
}

fn database(world: &World) -> [PathBuf; 3] {
    ["hub.db", "hub.db-wal", "hub.db-shm"].map(|name| world.hub().dir().join(name))
}

/// The root over the first entries that the hub holds.
fn root_of_first(world: &World, size: u64) -> String {
    let held = checker::entries(&world.hub().dir().join("hub.db"));
    checker::root(&held[..usize::try_from(size).unwrap()]).to_string()
}

#[test]
fn an_old_backup_is_refilled_from_the_nodes_and_goes_on_with_the_same_root() {
    let mut world = world(&["JO", "EG", "MA"]);
    world.publish("JO", &[Record::organisation("JO", "before", "before")]);
    world.settle();
    let (size, root) = restored(&mut world, |world| {
        world
            .publish("JO", &[Record::organisation("JO", "after", "after"), Record::organisation("JO", "gone", "gone")]);
        world.publish("EG", &[Record::organisation("EG", "after", "after").for_audience("member:EG")]);
        world.settle();
        world.node("JO").cli(&["withdraw", "JO:organisation:gone", "--reason", "over"]).unwrap().ok().unwrap();
    });
    // Only Egypt's node may read its own record: the others give it as a stub.
    world.node_mut("EG").stop().unwrap();
    world.hub_mut().start().unwrap();
    world.eventually("the log goes on", goes_on);
    assert_eq!(root_of_first(&world, size), root);
    let told = status(&world);
    assert_eq!((&told["restored"]["refilling"], &told["restored"]["missing"]), (&false.into(), &1.into()), "{told}");
    world.publish("MA", &[Record::organisation("MA", "later", "later")]);
    world.node_mut("EG").start().unwrap();
    world.eventually("no content is missing", |world| status(world)["restored"]["missing"] == 0);
    world.settle();
    assert_eq!(root_of_first(&world, size), root);
    assert_eq!(world.hub().fsck().unwrap()["ok"], true);
    checker::check(&mut world);
}

#[test]
fn without_its_lock_a_restored_hub_waits_for_all_nodes_in_force() {
    let mut world = world(&["JO", "EG"]);
    let (size, root) = restored(&mut world, |world| {
        world.publish("JO", &[Record::organisation("JO", "after", "after")]);
    });
    fs::remove_file(world.hub().dir().join("checkpoint.lock")).unwrap();
    world.node_mut("JO").stop().unwrap();
    world.node_mut("EG").stop().unwrap();
    world.hub_mut().start().unwrap();
    let awaited = |world: &World, count: u64| status(world)["restored"]["awaited"] == count;
    world.eventually("both are waited for", |world| awaited(world, 2));
    world.node_mut("EG").start().unwrap();
    world.eventually("one more is waited for", |world| awaited(world, 1));
    world.eventually("what the other one has is there", |world| status(world)["size"] == size);
    let told = status(&world);
    assert_eq!(told["halted"], "HUB_REFILLING", "{told}");
    world.until("EG", "it says why nothing moves", |status| status["line"]["code"] == "HUB_REFILLING");
    world.node_mut("JO").start().unwrap();
    world.eventually("the log goes on", goes_on);
    assert_eq!(root_of_first(&world, size), root);
    checker::check(&mut world);
}

#[test]
fn a_snapshot_that_takes_the_lock_back_too_is_noticed_by_the_first_node_that_is_ahead() {
    let mut world = world(&["JO"]);
    let dir = world.hub().dir();
    // A log with an unsealed end is sealed when the hub starts, before any node can tell it what it lacks.
    world.settle_sealed();
    world.hub_mut().stop().unwrap();
    let snapshot: Vec<_> = ["hub.db", "checkpoint.lock"].map(|name| (name, fs::read(dir.join(name)).unwrap())).into();
    world.hub_mut().start().unwrap();
    world.publish("JO", &[Record::organisation("JO", "after", "after")]);
    world.settle_sealed();
    world.node_mut("JO").stop().unwrap();
    world.hub_mut().stop().unwrap();
    let (size, root) = lost(&world);
    for (name, bytes) in snapshot {
        fs::write(dir.join(name), bytes).unwrap();
    }
    world.hub_mut().start().unwrap();
    world.node_mut("JO").start().unwrap();
    multaqa_demo::wait::wait_for("the hub ends", multaqa_tests::SOON, || {
        let ended = world.hub_mut().check().is_err();
        Ok(if ended { multaqa_demo::wait::Seen::Yes(()) } else { multaqa_demo::wait::Seen::NotYet(String::new()) })
    })
    .unwrap();
    let _ended = world.hub_mut().kill9();
    world.hub_mut().start().unwrap();
    world.eventually("the log goes on", goes_on);
    assert_eq!(root_of_first(&world, size), root);
    checker::check(&mut world);
}

#[test]
fn a_lock_on_another_disk_tells_of_a_snapshot_before_any_node_does() {
    let mut world = world(&["JO", "EG"]);
    let (dir, elsewhere) = (world.hub().dir(), world.scratch().join("checkpoint.lock"));
    // At a place that is new there is no lock: until the nodes said how far they are, nothing is ordered.
    world.configure_hub(&format!("checkpoint_lock = {elsewhere:?}\n"));
    world.eventually("the log goes on", goes_on);
    world.settle();
    world.hub_mut().stop().unwrap();
    assert!(elsewhere.exists());
    let snapshot = fs::read(dir.join("hub.db")).unwrap();
    world.hub_mut().start().unwrap();
    world.publish("JO", &[Record::organisation("JO", "after", "after")]);
    world.settle_sealed();
    for node in ["JO", "EG"] {
        world.node_mut(node).stop().unwrap();
    }
    world.hub_mut().stop().unwrap();
    let (size, root) = lost(&world);
    fs::write(dir.join("hub.db"), snapshot).unwrap();
    world.hub_mut().start().unwrap();
    let told = status(&world);
    let standing = (&told["halted"], &told["restored"]["goal"], &told["restored"]["reason"]);
    assert_eq!(standing, (&"HUB_REFILLING".into(), &size.into(), &"behind".into()), "{told}");
    // One node is enough: the lock says how far the log reaches.
    world.node_mut("EG").start().unwrap();
    world.eventually("the log goes on", goes_on);
    assert_eq!(root_of_first(&world, size), root);
    world.node_mut("JO").start().unwrap();
    checker::check(&mut world);
}
