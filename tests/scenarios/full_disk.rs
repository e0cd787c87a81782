//! Full disks, the hub's and a node's: nothing is lost, nothing is half-made, everybody says so, and work goes on by itself as
//! soon as there is space. Both directories lie on small disks of their own.

use multaqa_demo::process::Output;
use multaqa_tests::record::{Record, many};
use multaqa_tests::refusals::tabled;
use multaqa_tests::small_disk::{SmallDisk, within};
use multaqa_tests::{World, checker};
use serde_json::Value;
use tempfile::TempDir;

use crate::PROGRAM;

/// Room enough for the story, KiB.
const ROOM: u32 = 64 * 1024;

#[test]
fn a_full_disk_stops_work_and_loses_nothing() {
    if !within("full_disk::a_full_disk_stops_work_and_loses_nothing") {
        return;
    }
    let home = TempDir::new().unwrap();
    let hub_disk = SmallDisk::mount(&home.path().join("hub"), 16);
    let node_disk = SmallDisk::mount(&home.path().join("EG-gw1"), 16);
    {
        let mut world = World::empty(PROGRAM, Some(home.path()));
        a_ca_is_made_whole_or_not_at_all(&world);
        a_hub_is_made_whole_or_not_at_all(&mut world, &hub_disk);
        a_join_is_repeated_until_it_fits(&mut world, &node_disk);
        world.federation_mut().admit(&["JO"]).unwrap();
        world.settle();
        world.publish("JO", &[Record::organisation("JO", "before", "Before the full disk")]);
        world.settle();
        a_backup_is_made_put_back_and_rehearsed_whole_or_not_at_all(&world);
        a_hub_without_space_orders_nothing_and_goes_on_by_itself(&mut world, &hub_disk);
        a_hub_does_not_start_without_space(&mut world, &hub_disk);
        a_node_without_space_reads_on_and_goes_on_by_itself(&mut world, &node_disk);
        a_node_does_not_start_without_space(&mut world, &node_disk);
        nothing_is_written_where_nothing_may_be(&mut world, &node_disk);
        checker::check(&mut world);
        for check in [world.hub().fsck().unwrap(), world.node("EG").fsck().unwrap(), world.node("JO").fsck().unwrap()] {
            assert_eq!(check["ok"], true, "{check}");
        }
    }
}

/// A refusal with one of these codes, who must act, and what to type next.
fn refused(output: &Output, codes: &[&str]) {
    assert_eq!(output.code, Some(1), "{} {}", output.stdout, output.stderr);
    assert!(codes.iter().all(|code| tabled(code)), "{codes:?}");
    assert!(codes.iter().any(|code| output.stderr.contains(code)), "{codes:?}: {}", output.stderr);
    assert!(output.stderr.contains("df "), "it says where to look: {}", output.stderr);
}

fn a_ca_is_made_whole_or_not_at_all(world: &World) {
    let ca = world.hub().ca_dir();
    let disk = SmallDisk::mount(&ca, 12);
    let dir = ca.to_string_lossy();
    let args = ["init", "--dir", &dir, "--federation", "demo.multaqa.example"];
    refused(&world.hub().certs(args).unwrap(), &["STORE_IO"]);
    assert_eq!(ca.read_dir().unwrap().count(), 0, "no half of a CA is left");
    disk.resize(ROOM);
    world.hub().certs(args).unwrap().ok().unwrap();
}

fn a_hub_is_made_whole_or_not_at_all(world: &mut World, disk: &SmallDisk) {
    let mut failures = 0;
    for kib in [16, 32, 64, 128, 256, ROOM] {
        disk.resize(kib);
        let made = init(world);
        if made.code == Some(0) {
            break;
        }
        refused(&made, &["STORE_IO", "HUB_STORE_FULL"]);
        for dir in [world.hub().dir(), world.hub().operator_dir()] {
            assert_eq!(dir.read_dir().map_or(0, Iterator::count), 0, "{kib} KiB: half a hub is left");
        }
        failures += 1;
    }
    assert!(failures >= 3, "{failures} sizes were too small");
    disk.resize(ROOM);
    world.hub_mut().start().unwrap();
}

fn init(world: &World) -> Output {
    let text = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
    let (dir, ca, operator) = (text(world.hub().dir()), text(world.hub().ca_dir()), text(world.hub().operator_dir()));
    let place = ["init", "--dir", &dir, "--ca", &ca, "--operator-dir", &operator];
    let names = ["--federation", "demo.multaqa.example", "--operator", "first", "--listen", "127.0.0.1:0"];
    world.hub().cli([&place[..], &names].concat()).unwrap()
}

fn a_join_is_repeated_until_it_fits(world: &mut World, disk: &SmallDisk) {
    let join_key = world.federation_mut().invite("EG", "gw1", &[]).unwrap();
    let mut failures = 0;
    for kib in [4, 16, 24, 32, 64, ROOM] {
        disk.resize(kib);
        let joined = world.node("EG").try_join(&join_key).unwrap();
        if joined.code == Some(0) {
            break;
        }
        refused(&joined, &["STORE_IO", "STORE_FULL"]);
        failures += 1;
    }
    assert!(failures >= 3, "{failures} sizes were too small");
    disk.resize(ROOM);
    world.node_mut("EG").start().unwrap();
}

fn a_backup_is_made_put_back_and_rehearsed_whole_or_not_at_all(world: &World) {
    let at = world.scratch().join("backups");
    let disk = SmallDisk::mount(&at, 64);
    let text = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
    let (hub, out, node) = (text(world.hub().dir()), text(at.join("hub")), text(at.join("node")));
    let (sound, other, scratch) = (text(world.scratch().join("sound")), text(at.join("other")), text(at.clone()));
    std::fs::create_dir(&other).unwrap();
    let create = ["backup", "create", "--dir", &hub, "--out", &out];
    let restore = ["backup", "restore", &sound, "--dir", &other];
    let drill = ["drill", "restore", "--dir", &hub, "--scratch", &scratch];
    let of_node = ["backup", "create", "--out", &node];
    world.hub().cli(["backup", "create", "--dir", &hub, "--out", &sound]).unwrap().ok().unwrap();
    for args in [&create[..], &restore, &drill] {
        refused(&world.hub().cli(args).unwrap(), &["BACKUP_FAILED"]);
    }
    refused(&world.node("JO").cli(&of_node).unwrap(), &["BACKUP_FAILED"]);
    let left: Vec<_> = at.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [at.join("other")], "no half of a backup is left");
    let lock = std::ffi::OsStr::new("hub.lock");
    assert!(at.join("other").read_dir().unwrap().all(|entry| entry.unwrap().file_name() == lock));
    disk.resize(ROOM);
    for args in [&create[..], &restore, &drill] {
        world.hub().cli(args).unwrap().ok().unwrap();
    }
    world.node("JO").cli(&of_node).unwrap().ok().unwrap();
}

/// Publishes more and more until a look at the world holds.
fn publish_until(world: &World, slug: &str, what: &str, condition: impl Fn(&World) -> bool) -> usize {
    for round in 0..40 {
        world.publish("JO", &many("JO", &format!("{slug}-{round}"), 100));
        if condition(world) {
            return (round + 1) * 100;
        }
    }
    panic!("{what}: not after 4,000 records");
}

fn hub_status(world: &World) -> Value {
    let output = world.hub().operator(&["status", "--json"]).unwrap();
    serde_json::from_str(&output.stdout).unwrap()
}

fn a_hub_without_space_orders_nothing_and_goes_on_by_itself(world: &mut World, disk: &SmallDisk) {
    disk.fill();
    let count = publish_until(world, "hub-full", "the hub's disk is full", |world| {
        hub_status(world).to_string().contains("HUB_STORE_FULL")
    });
    assert!(world.json("JO", &["status"])["waiting"].as_u64().unwrap() > 0, "records wait at their node");
    world.eventually("the node says why", |world| {
        let told = world.node("JO").cli(&["status"]).unwrap().ok().unwrap().stdout;
        told.contains("HUB_STORE_FULL") || told.contains("BATCH_FAILED")
    });
    let check = world.hub().fsck().unwrap();
    assert_eq!(check["ok"], true, "the store is sound: {check}");
    world.hub_mut().check().unwrap();
    let size = check["size"].as_u64().unwrap();
    // Reading goes on, for nodes that come too.
    assert_eq!(world.json("EG", &["list", "organisation", "--limit", "1"])["objects"].as_array().unwrap().len(), 1);

    disk.make_space();
    world.eventually("the hub takes records again by itself", |world| {
        !hub_status(world).to_string().contains("HUB_STORE_FULL")
    });
    assert!(world.settle() > size);
    let listed = world.json("EG", &["list", "organisation", "--limit", "4000"]);
    let slug = |object: &Value| object["id"].as_str().unwrap().starts_with("JO:organisation:hub-full");
    assert_eq!(listed["objects"].as_array().unwrap().iter().filter(|object| slug(object)).count(), count);
}

fn a_hub_does_not_start_without_space(world: &mut World, disk: &SmallDisk) {
    world.hub_mut().stop().unwrap();
    disk.fill();
    let config = world.hub().dir().join("hub.toml");
    let ended = world.hub().cli(["serve", "--config", &config.to_string_lossy()]).unwrap();
    refused(&ended, &["STORE_IO", "HUB_STORE_FULL"]);
    disk.make_space();
    world.hub_mut().start().unwrap();
    world.settle();
}

fn a_node_without_space_reads_on_and_goes_on_by_itself(world: &mut World, disk: &SmallDisk) {
    disk.fill();
    publish_until(world, "node-full", "the node's disk is full", |world| {
        world.json("EG", &["status"]).to_string().contains("STORE_FULL")
    });
    // What it holds is read; what it writes itself is refused whole, or kept whole where there was still room.
    let known = world.json("EG", &["list", "organisation", "--limit", "1"]);
    assert_eq!(known["objects"].as_array().unwrap().len(), 1);
    let before = own(world);
    let published = world.try_publish("EG", &many("EG", "own", 400));
    refused(&published, &["STORE_FULL"]);
    assert_eq!(own(world), before, "nothing is half-queued");
    world.node_mut("EG").check().unwrap();

    disk.make_space();
    world.settle();
    world.until("EG", "it follows the log again", |status| {
        status["freshness"]["state"] == "live" && !status.to_string().contains("STORE_FULL")
    });
    world.publish("EG", &[Record::organisation("EG", "after", "After the full disk")]);
    world.settle();
    assert!(world.has("JO", "EG:organisation:after"));
}

fn own(world: &World) -> usize {
    world.json("EG", &["queue", "--all"])["records"].as_array().unwrap().len()
}

fn serve(world: &World) -> Output {
    world.node("EG").cli(&["serve"]).unwrap()
}

fn a_node_does_not_start_without_space(world: &mut World, disk: &SmallDisk) {
    world.node_mut("EG").stop().unwrap();
    disk.fill();
    refused(&serve(world), &["STORE_FULL"]);
    disk.make_space();
    world.node_mut("EG").start().unwrap();
    world.settle();
}

fn nothing_is_written_where_nothing_may_be(world: &mut World, disk: &SmallDisk) {
    world.node_mut("EG").stop().unwrap();
    disk.freeze();
    let ended = serve(world);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("LISTEN_FAILED") || ended.stderr.contains("STORE_FAILED"), "{}", ended.stderr);
    disk.thaw();
    world.node_mut("EG").start().unwrap();
    world.settle();
}
