//! Fast starts that are not what an honest hub gives, of a node that has nothing; and what such a node cannot know.

use std::fs;

use multaqa_tests::hostile::HostileHub;
use multaqa_tests::hostile::deed::{Caught, Deed, STARTS};
use multaqa_tests::hostile::start::hidden_object;
use multaqa_tests::{SOON, World};
use serde_json::Value;

use super::decided;
use super::stage::Stage;
use crate::networks::is;

/// How it ends is not asked here, and its search index may be at work, which on a busy machine takes its time.
fn put_out(world: &mut World) {
    world.node_mut("EG").kill9().unwrap();
}

fn forget(stage: &Stage, member: &str, fast: bool) {
    let dir = stage.world.node(member).dir();
    for file in ["replica.db", "replica.db-wal", "replica.db-shm"] {
        let _missing = fs::remove_file(dir.join(file));
    }
    let drop_ins = dir.join("node.toml.d");
    fs::create_dir_all(&drop_ins).unwrap();
    fs::write(drop_ins.join("90-start.toml"), format!("[line]\nfast_start = {fast}\n")).unwrap();
}

#[test]
fn a_fast_start_that_does_not_hold_is_refused_and_nothing_of_it_is_kept() {
    let mut stage = Stage::build(&["EG", "MA"]);
    stage.go_on();
    for caught in STARTS {
        stage.restore();
        forget(&stage, "EG", true);
        let hub = HostileHub::start(&stage.world, &[("EG", caught.deed)]);
        is_refused(&mut stage, &caught);
        put_out(&mut stage.world);
        hub.stop();
    }
    what_is_hidden_in_a_run_is_found_by_fetching_anew(&mut stage);
}

fn is_refused(stage: &mut Stage, caught: &Caught) {
    let program = stage.world.federation().program().clone();
    let node = stage.world.node_mut("EG");
    node.start().unwrap();
    let status = node.wait_until(&format!("{:?}: it stands still", caught.deed), SOON, |status| {
        is(status, "alarm") && status["evidence"].as_array().is_some_and(|files| !files.is_empty())
    });
    let status = status.unwrap();
    let mut caught = *caught;
    // Nodes join in any order: where the newest control record is the key of who published next, that record meets it first.
    if caught.deed == Deed::StartHidesControl && status["line"]["code"] == "KEY_UNKNOWN" {
        caught.code = "KEY_UNKNOWN";
    }
    assert_eq!(status["line"]["code"], caught.code, "{:?}: {status}", caught.deed);
    assert_eq!((&status["freshness"]["size"], &status["objects"]), (&0.into(), &serde_json::json!({})), "{status}");
    decided::convinces(&program, node, &status, &caught);
}

/// It breaks no rule that the node can check: the tree is right, the seals close the control records, and no chain shows a gap below
/// the end. Once the leaves themselves come, each is there: its statement at least, which no hub can leave out of the tree.
fn what_is_hidden_in_a_run_is_found_by_fetching_anew(stage: &mut Stage) {
    stage.restore();
    forget(stage, "EG", true);
    let hub = HostileHub::start(&stage.world, &[("EG", Deed::StartHidesRecord)]);
    let end = stage.end;
    stage.world.node_mut("EG").start().unwrap();
    let whole = |status: &Value| status["fast_start"]["over"] == true && status["freshness"]["size"] == end;
    let started = stage.world.until("EG", "its fast start is over", whole);
    assert!(!is(&started, "alarm") && !stage.world.has("EG", hidden_object()), "{started}");
    assert!(stage.world.has("EG", "JO:organisation:one"), "what is not hidden is there");
    put_out(&mut stage.world);
    forget(stage, "EG", false);
    stage.world.node_mut("EG").start().unwrap();
    let anew = stage.world.until("EG", "it fetched every leaf", |status| status["freshness"]["size"] == end);
    assert_eq!(anew["root"], started["root"], "the same tree");
    stage.world.eventually("it has what was hidden", |world| world.has("EG", hidden_object()));
    put_out(&mut stage.world);
    hub.stop();
}
