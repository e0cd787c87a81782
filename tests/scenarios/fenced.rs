//! Two hubs on one directory, a copied node, a node whose journal was put back: one of the two is fenced, and nothing forks.

use std::fs;
use std::path::Path;

use multaqa_demo::node::Node;
use multaqa_tests::checker;
use multaqa_tests::record::Record;

use crate::world;

#[test]
fn a_second_hub_on_one_directory_is_refused() {
    let mut world = world(&["JO"]);
    let config = world.hub().dir().join("hub.toml").to_string_lossy().into_owned();
    let second = world.hub().cli(["serve", "--config", &config, "--listen", "127.0.0.1:0"]).unwrap();
    assert_eq!(second.code, Some(1), "{}", second.stderr);
    assert!(second.stderr.contains("HUB_ALREADY_RUNNING"), "{}", second.stderr);
    world.publish("JO", &[Record::organisation("JO", "one", "one")]);
    checker::check(&mut world);
}

#[test]
fn a_copy_of_a_node_is_refused_while_the_node_runs_and_both_are_told() {
    let mut world = world(&["JO", "EG"]);
    world.configure_hub("[line]\nheartbeat_seconds = 1\n");
    world.settle();
    let program = world.federation().program().clone();
    let mut copy = Node::new(program, world.scratch(), "JO", "gw1", world.hub().target()).unwrap();
    // Made while the node stands still, so that the copy is one of a moment.
    world.node_mut("JO").stop().unwrap();
    copy_dir(world.node("JO").dir(), copy.dir(), &format!("hubs = [\"{}\"]", copy.link().address()));
    world.node_mut("JO").start().unwrap();
    world.settle();
    copy.start().unwrap();
    let soon = multaqa_tests::SOON;
    copy.wait_until("it is refused", soon, |status| status["line"]["code"] == "NODE_COPIED").unwrap();
    world.until("JO", "it is told of its copy", |status| !status["line"]["copy_refused_ms"].is_null());
    let status = world.hub().status().unwrap();
    assert_eq!(status["nodes"]["copied"][0]["node"], "JO/gw1", "{status}");
    world.publish("JO", &[Record::organisation("JO", "one", "one")]);
    world.settle();
    // The node is gone: the copy comes in, reads, and finds that the log holds what it never signed.
    world.node_mut("JO").stop().unwrap();
    copy.wait_until("it is behind", soon, |status| status["blocked"] == "JOURNAL_BEHIND").unwrap();
    let file = world.file(&[Record::organisation("JO", "two", "two")]);
    let refused = copy.cli(&["publish", &file.to_string_lossy()]).unwrap();
    assert!(refused.stderr.contains("OUTBOX_BLOCKED"), "{}", refused.stderr);
    copy.stop().unwrap();
    world.node_mut("JO").start().unwrap();
    // Its numbers were used by the copy meanwhile: it compares its journal with the log, which holds nothing else of it.
    world.until("JO", "it is trusted", |status| status["blocked"] == "" && status["line"]["state"] == "live");
    world.publish("JO", &[Record::organisation("JO", "three", "three")]);
    checker::check(&mut world);
}

#[test]
fn a_journal_that_was_put_back_publishes_again_once_the_log_shows_that_nothing_is_missing() {
    let mut world = world(&["JO", "EG"]);
    world.publish("JO", &[Record::organisation("JO", "one", "one")]);
    world.settle();
    put_back(&mut world, "first", |_| {});
    world.node_mut("JO").start().unwrap();
    world.until("JO", "it is trusted again", |status| status["blocked"] == "");
    world.publish("JO", &[Record::organisation("JO", "two", "two")]);
    world.settle();
    put_back(&mut world, "second", |world| {
        world.publish("JO", &[Record::organisation("JO", "three", "three")]);
        world.settle();
    });
    world.node_mut("JO").start().unwrap();
    world.until("JO", "it reads and is blocked", |status| status["blocked"] == "JOURNAL_BEHIND");
    assert!(world.has("JO", "JO:organisation:three"));
    let refused = world.try_publish("JO", &[Record::organisation("JO", "four", "four")]);
    assert!(refused.stderr.contains("OUTBOX_BLOCKED"), "{}", refused.stderr);
    // A new epoch, in a new directory.
    world.node_mut("JO").stop().unwrap();
    let key = world.federation_mut().invite("JO", "gw1", &[]).unwrap();
    fs::rename(world.node("JO").dir(), world.scratch().join("old")).unwrap();
    world.node("JO").join(&key).unwrap();
    world.node_mut("JO").start().unwrap();
    world.settle();
    world.publish("JO", &[Record::organisation("JO", "five", "five")]);
    checker::check(&mut world);
}

/// Puts a journal back from a backup; what happens between the two is lost to it.
fn put_back(world: &mut multaqa_tests::World, name: &str, between: impl FnOnce(&mut multaqa_tests::World)) {
    let backup = world.scratch().join(name).to_string_lossy().into_owned();
    world.node("JO").cli(&["backup", "create", "--out", &backup]).unwrap().ok().unwrap();
    between(world);
    world.node_mut("JO").stop().unwrap();
    for file in ["journal.db", "journal.db-wal", "journal.db-shm"] {
        let _absent = fs::remove_file(world.node("JO").dir().join(file));
    }
    world.node("JO").cli(&["backup", "restore", &backup]).unwrap().ok().unwrap();
}

fn copy_dir(from: &Path, to: &Path, hubs: &str) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_dir(&path, &target, hubs);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read_to_string(&path).unwrap();
            let line = text.lines().find(|line| line.starts_with("hubs")).unwrap();
            fs::write(target, text.replace(line, hubs)).unwrap();
        } else if path.is_file() {
            fs::copy(&path, &target).unwrap();
        }
    }
}
