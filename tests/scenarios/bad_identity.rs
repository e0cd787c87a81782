//! A node whose certificate or key is not right, and a node that is led to a hub of others: `status` names the true refusal
//! at every start, `serve` names the file, and reading goes on wherever there is something to read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use multaqa_demo::federation::Federation;
use multaqa_demo::process::{Output, Program};
use multaqa_tests::World;
use multaqa_tests::record::Record;
use multaqa_tests::refusals::{refused, tabled};

use crate::{PROGRAM, world};

#[test]
fn a_node_with_a_wrong_identity_says_which_rule_it_breaks() {
    let mut world = world(&["JO"]);
    world.publish("JO", &[Record::organisation("JO", "known", "Known")]);
    world.settle();
    world.node_mut("JO").stop().unwrap();
    the_hubs_refusal_is_shown_at_every_start(&mut world);
    a_hub_of_others_is_refused(&mut world);
    what_lies_on_the_disk_is_checked_before_anything_is_served(&world);
    a_hub_and_an_operator_check_theirs_as_well(&mut world);
    world.node_mut("JO").start().unwrap();
    world.settle();
}

/// Puts another file in a file's place, looks, and puts it back with its mode.
fn with_file(path: &Path, bytes: &[u8], look: impl FnOnce()) {
    let sound = fs::read(path).unwrap();
    let put = |bytes: &[u8]| {
        fs::write(path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    put(bytes);
    look();
    put(&sound);
}

fn issue(world: &World, ca: &Path, identity: &str) -> Vec<u8> {
    let out = world.scratch().join("issued.pem");
    let (dir, path) = (ca.to_string_lossy(), out.to_string_lossy());
    let args = ["issue", "--dir", &dir, "--identity", identity, "--new-key", "--replace", "--out", &path];
    world.hub().certs(args).unwrap().ok().unwrap();
    fs::read(out).unwrap()
}

fn foreign_ca_of(world: &World, name: &str) -> PathBuf {
    let dir = world.scratch().join(name);
    let args = ["init", "--federation", "demo.multaqa.example", "--dir", &dir.to_string_lossy()];
    world.hub().certs(args).unwrap().ok().unwrap();
    dir
}

fn the_hubs_refusal_is_shown_at_every_start(world: &mut World) {
    let (ca, foreign) = (world.hub().ca_dir(), foreign_ca_of(world, "foreign-ca"));
    let identities = [
        ("never issued by the hub", issue(world, &ca, "node/JO/gw1"), "HUB_SAYS_REVOKED"),
        ("of another CA", issue(world, &foreign, "node/JO/gw1"), "HUB_SAYS_REFUSED"),
        ("a hub's", issue(world, &ca, "hub/main"), "HUB_SAYS_REFUSED"),
    ];
    let path = world.node("JO").dir().join("identity/node.pem");
    let sound = fs::read(&path).unwrap();
    for (what, identity, code) in identities {
        assert!(tabled(code));
        fs::write(&path, identity).unwrap();
        world.node_mut("JO").start().unwrap();
        world.until("JO", what, |status| status["freshness"]["line_code"] == code);
        assert!(world.has("JO", "JO:organisation:known"), "{what}: it reads on");
        world.node_mut("JO").stop().unwrap();
    }
    fs::write(&path, sound).unwrap();
}

fn a_hub_of_others_is_refused(world: &mut World) {
    let mut other = Federation::new(Program::new(PROGRAM), None).unwrap();
    other.start_hub().unwrap();
    let config = world.node("JO").dir().join("node.toml");
    let sound = fs::read(&config).unwrap();
    fs::write(&config, format!("[node]\nhubs = [\"{}\"]\n", other.hub().address().unwrap())).unwrap();
    world.node_mut("JO").start().unwrap();
    world.until("JO", "it has dialled", |status| status["freshness"]["line_code"] == "CERT_FOREIGN");
    world.node_mut("JO").stop().unwrap();
    fs::write(&config, sound).unwrap();
    other.hub_mut().stop().unwrap();
}

fn serve(world: &World) -> Output {
    world.node("JO").cli(&["serve"]).unwrap()
}

fn what_lies_on_the_disk_is_checked_before_anything_is_served(world: &World) {
    let dir = world.node("JO").dir();
    let (identity, record) = (dir.join("identity/node.pem"), dir.join("keys/record.pem"));
    let text = fs::read_to_string(&identity).unwrap();
    let (key, chain) = text.split_once("-----BEGIN CERTIFICATE").unwrap();
    let other = String::from_utf8(issue(world, &world.hub().ca_dir(), "node/JO/gw1")).unwrap();
    let other_key = other.split_once("-----BEGIN CERTIFICATE").unwrap().0;
    let mismatched = format!("{other_key}-----BEGIN CERTIFICATE{chain}");
    with_file(&identity, mismatched.as_bytes(), || refused(&serve(world), "TLS_IDENTITY_UNUSABLE"));
    with_file(&identity, key.as_bytes(), || refused(&serve(world), "STORE_FILE_MALFORMED"));
    with_file(&identity, b"", || refused(&serve(world), "STORE_FILE_MALFORMED"));
    with_file(&record, b"no key", || refused(&serve(world), "STORE_FILE_MALFORMED"));
    for exposed in [&identity, &record] {
        fs::set_permissions(exposed, fs::Permissions::from_mode(0o644)).unwrap();
        let output = serve(world);
        refused(&output, "STORE_KEY_EXPOSED");
        assert!(output.stderr.contains("chmod 600"), "{}", output.stderr);
        fs::set_permissions(exposed, fs::Permissions::from_mode(0o600)).unwrap();
    }
    for file in [&identity, &record, &dir.join("identity/root.pem")] {
        let aside = file.with_extension("aside");
        fs::rename(file, &aside).unwrap();
        refused(&serve(world), "STORE_FILE_MISSING");
        fs::rename(&aside, file).unwrap();
    }
}

fn a_hub_and_an_operator_check_theirs_as_well(world: &mut World) {
    world.hub_mut().stop().unwrap();
    let (dir, operator) = (world.hub().dir(), world.hub().operator_dir());
    let config = dir.join("hub.toml").to_string_lossy().into_owned();
    let serve = |world: &World| world.hub().cli(["serve", "--config", &config]).unwrap();
    let members = |world: &World| world.hub().operator(&["members"]).unwrap();
    let ca = world.hub().ca_dir();
    let (identity, log_key) = (dir.join("identity/hub.pem"), dir.join("log.key"));
    with_file(&identity, &issue(world, &ca, "node/JO/gw1"), || refused(&serve(world), "CERT_PURPOSE"));
    with_file(&identity, &issue(world, &foreign_ca_of(world, "others"), "hub/main"), || {
        refused(&serve(world), "CERT_FOREIGN");
    });
    with_file(&log_key, &fs::read(dir.join("standby.key")).unwrap(), || refused(&serve(world), "LOG_KEY_WRONG"));
    for exposed in [&identity, &log_key] {
        fs::set_permissions(exposed, fs::Permissions::from_mode(0o640)).unwrap();
        refused(&serve(world), "STORE_KEY_EXPOSED");
        fs::set_permissions(exposed, fs::Permissions::from_mode(0o600)).unwrap();
    }
    world.hub_mut().start().unwrap();
    let (tls, record) = (operator.join("tls.pem"), operator.join("record.key"));
    with_file(&tls, &issue(world, &ca, "operator/first"), || refused(&members(world), "HUB_SAYS_REVOKED"));
    with_file(&tls, b"", || refused(&members(world), "STORE_FILE_MALFORMED"));
    fs::set_permissions(&record, fs::Permissions::from_mode(0o666)).unwrap();
    refused(&members(world), "STORE_KEY_EXPOSED");
    fs::set_permissions(&record, fs::Permissions::from_mode(0o600)).unwrap();
    members(world).ok().unwrap();
}
