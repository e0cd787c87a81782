//! Killed, or a step broken, while a hub is made, and while a node joins: nothing half-made serves, and the same command, typed
//! again, ends well.

use std::fs;
use std::path::Path;

use multaqa_demo::federation::NAME;
use multaqa_demo::process::Process;
use multaqa_hub::point as hub;
use multaqa_node::point as node;
use multaqa_runtime::point::Point;
use multaqa_tests::points::Break;
use multaqa_tests::{World, checker};

use crate::world;

/// Where the node is broken before its invitation is redeemed, then the hub while it redeems, then the node again; whether it
/// is the hub.
const BROKEN: [(bool, Point); 8] = [
    (false, node::JOIN_KEYS_MADE),
    (false, node::JOIN_RECORD_STORED),
    (true, hub::REDEEM_ORDERED),
    (true, hub::CERTIFICATE_SIGNED),
    (true, hub::CERTIFICATE_STORED),
    (false, node::JOIN_REDEEMED),
    (false, node::JOIN_IDENTITY_STORED),
    (false, node::JOIN_JOURNAL_MADE),
];

#[test]
fn a_node_joins_once_however_often_it_or_the_hub_is_broken_meanwhile() {
    let mut world = world(&["JO"]);
    for (member, how) in [("EG", Break::Kill), ("MA", Break::Fail)] {
        joins_once(&mut world, member, how);
    }
    checker::check(&mut world);
}

fn joins_once(world: &mut World, member: &str, how: Break) {
    let join_key = world.federation_mut().invite(member, "gw1", &[]).unwrap();
    let key_file = world.scratch().join(format!("join-key-{member}"));
    fs::write(&key_file, &join_key).unwrap();
    let (dir, key_file) = (world.node(member).dir().to_owned(), text(&key_file));
    for (hub, point) in BROKEN {
        let pid = world.hub().process().filter(|_| hub).map(Process::pid);
        let armed = world.points().arm_how(point, how, pid);
        if how == Break::Fail {
            let failed = world.node(member).cli(&["join", "--key-file", &key_file]).unwrap();
            assert!(armed.is_reached() && failed.code == Some(1), "{}: {failed:?}", point.name());
            continue;
        }
        let joining = start(world, "multaqa-node", &["join", "--key-file", &key_file, "--dir", &text(&dir)]);
        world.until_reached(&armed);
        if hub {
            world.hub_mut().kill9().unwrap();
            world.hub_mut().start().unwrap();
        }
        // Killed where it stands, or while it waits for the hub.
        drop(joining);
    }
    world.node(member).join(&join_key).unwrap();
    for left in ["join.json", "keys/tls.pem", "keys/tls.csr"] {
        assert!(!dir.join(left).exists(), "{left} is left");
    }
    world.node_mut(member).start().unwrap();
    world.settle();
    let keys = checker::state(&checker::entries(&world.hub().dir().join("hub.db")));
    assert_eq!(keys.directory().keys(&format!("{member}/gw1").parse().unwrap()).len(), 1);
    let fsck = world.node(member).fsck().unwrap();
    assert_eq!(fsck["ok"], true, "{fsck}");
}

#[test]
fn a_hub_that_is_killed_while_it_is_made_does_not_serve_and_is_made_anew() {
    let mut world = world(&[]);
    let dirs = ["made/hub", "made/operator"].map(|dir| world.scratch().join(dir));
    let (dir, operator, ca) = (text(&dirs[0]), text(&dirs[1]), text(&world.hub().ca_dir()));
    let init = ["init", "--dir", &dir, "--ca", &ca, "--federation", NAME, "--operator", "first"];
    let init = [&init[..], &["--operator-dir", &operator, "--listen", "127.0.0.1:0"]].concat();
    let config = text(&dirs[0].join("hub.toml"));
    for point in hub::BEGINNING.iter().copied() {
        let broken = world.points().arm_how(point, Break::Fail, None);
        let failed = world.hub().cli(&init).unwrap();
        assert!(broken.is_reached() && failed.code == Some(1), "{}: {failed:?}", point.name());
        let armed = world.points().arm_first(point);
        let making = start(&world, "multaqa-hub", &init);
        world.until_reached(&armed);
        drop(making);
        let served = world.hub().cli(["serve", "--config", &config]).unwrap();
        assert_ne!(served.code, Some(0), "{}: it serves", point.name());
        // Nothing is made upon what is there.
        let again = world.hub().cli(&init).unwrap();
        assert!(again.code == Some(1) && again.stderr.contains("INIT_DIR_USED"), "{}: {again:?}", point.name());
        fs::remove_dir_all(world.scratch().join("made")).unwrap();
    }
    world.hub().cli(&init).unwrap().ok().unwrap();
    let fsck = world.hub().cli(["fsck", "--dir", &dir, "--json"]).unwrap().ok().unwrap();
    assert!(fsck.stdout.contains("\"ok\":true"), "{}", fsck.stdout);
}

fn start(world: &World, binary: &str, args: &[&str]) -> Process {
    let log = world.scratch().join("killed.log");
    world.federation().program().start("the killed command", binary, args, &log).unwrap()
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
