//! A federation whose policy asks for two operators closes its log: the first decides, the hub is killed, the second decides, and log 2
//! begins with both decisions.

use multaqa_demo::process::Output;
use multaqa_tests::record::Record;
use multaqa_tests::{World, checker};
use serde_json::Value;

use super::{STATES, label, log, part};
use crate::PROGRAM;

/// What the second operator's command ends with.
fn second(world: &World, args: &[&str]) -> Output {
    let dir = world.scratch().join("second").to_string_lossy().into_owned();
    let hub = world.hub().address().unwrap().to_string();
    world.hub().cli(args.iter().copied().chain(["--operator-dir", &dir, "--hub", &hub])).unwrap()
}

fn json(output: Output) -> Value {
    serde_json::from_str(&output.ok().unwrap().stdout).unwrap()
}

/// A second operator, with a key of its own, and a policy by which both have to agree.
fn ask_for_two(world: &mut World) {
    let path = |world: &World, name: &str| world.scratch().join(name).to_string_lossy().into_owned();
    let (genesis, dir, tls) = (path(world, "genesis.json"), path(world, "second"), path(world, "second/tls.pem"));
    world.node("JO").cli(&["backup", "genesis", "--out", &genesis]).unwrap().ok().unwrap();
    let hub = world.hub().address().unwrap().to_string();
    let new = ["operator", "new", "second", "--genesis", &genesis, "--hub", &hub, "--operator-dir", &dir];
    let made = json(world.hub().cli(new.into_iter().chain(["--json"])).unwrap());
    let again = world.hub().cli(new).unwrap();
    assert!(again.stderr.contains("INIT_DIR_USED"), "{}", again.stderr);
    let ca = world.hub().ca_dir().to_string_lossy().into_owned();
    let issue = ["issue", "--dir", &ca, "--identity", "operator/second", "--new-key", "--out", &tls];
    world.hub().certs(issue).unwrap().ok().unwrap();
    let hub_dir = world.hub().dir().to_string_lossy().into_owned();
    let allow = ["allow", "--dir", &hub_dir, "--certificate", &tls];
    let early = world.hub().cli(allow).unwrap();
    assert!(early.stderr.contains("OPERATOR_UNKNOWN"), "{}", early.stderr);
    let named = format!("second={}", made["key"].as_str().unwrap());
    let proposed = world.hub().operator(&["policy", "operators", "add", &named, "--required", "2", "--json"]).unwrap();
    let record = json(proposed)["record"].as_str().unwrap().to_owned();
    for member in &STATES[..3] {
        world.until(member, "the proposal reached it", |status| status["approvals"][0]["record_id"] == record.as_str());
        let approved = world.json(member, &["approve", &record]);
        assert_eq!(approved["already"], false, "{approved}");
    }
    world.settle();
    world.eventually("two have to agree", |world| world.hub().policy().unwrap()["operators_required"] == 2);
    world.hub().cli(allow).unwrap().ok().unwrap();
}

#[test]
fn what_one_of_two_operators_decided_outlives_the_hub_and_the_other_closes_the_log() {
    let mut world = World::witnessed(PROGRAM, &STATES, &STATES);
    ask_for_two(&mut world);
    let before = Record::organisation("JO", "before", "before");
    world.publish("JO", std::slice::from_ref(&before));
    world.settle();
    world.eventually("it is stable", |world| label(world, "JO", &before) == "stable");
    let unstable = [Record::organisation("JO", "one", "one")];
    part(&mut world, &unstable);
    world.eventually("a node contradicts it", |world| log(world, &[])["contradicted"] == true);
    log(&world, &["close", "--yes"]);
    world.eventually("enough have spoken", |world| !log(world, &[])["closable"].is_null());
    let decide = ["log", "succeed", "--reason", "a snapshot was put back", "--yes"];
    let told = world.hub().operator(&[&decide[..], &["--lang", "ar"]].concat()).unwrap().ok().unwrap();
    assert!(told.stderr.contains("يبقى أن يقرّر مشغّل واحد"), "{}", told.stderr);
    let decided = |world: &World| log(world, &[])["decided"].clone();
    assert_eq!(decided(&world), serde_json::json!(["first"]));
    world.hub_mut().kill9().unwrap();
    world.hub_mut().start().unwrap();
    world.eventually("what was decided is there", |world| decided(world) == serde_json::json!(["first"]));
    let shown = log(&world, &[]);
    assert_eq!((&shown["closing"], &shown["needed"], &shown["log"]), (&true.into(), &2.into(), &1.into()), "{shown}");
    let done = json(second(&world, &["log", "succeed", "--reason", "I saw it too", "--yes", "--json"]));
    assert_eq!((&done["log"], &done["refilling"]), (&2.into(), &false.into()), "{done}");
    let reasons: Vec<&str> =
        done["begun"][0]["reasons"].as_array().unwrap().iter().filter_map(|one| one["reason"].as_str()).collect();
    assert_eq!(reasons, ["a snapshot was put back", "I saw it too"], "{done}");
    // The operators' chains go on, with both: what the hub had ordered by itself waits for the second again.
    let pending = json(second(&world, &["approve", "--json"]));
    let record = pending[0]["record"].as_str().unwrap_or_else(|| panic!("{pending}")).to_owned();
    second(&world, &["approve", &record]).ok().unwrap();
    let groups = world.hub().operator(&["group", "list", "--json"]).unwrap().ok().unwrap().stdout;
    assert!(groups.contains("\"own\""), "{groups}");
    world.settle();
    for member in STATES {
        assert!(world.has(member, unstable[0].id()), "{member}");
        let status = world.json(member, &["status"]);
        assert_eq!(status["evidence"], serde_json::json!([]), "{member}: {status}");
    }
    assert_eq!(world.hub().fsck().unwrap()["ok"], true);
    checker::check(&mut world);
}
