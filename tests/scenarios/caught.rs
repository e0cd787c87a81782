//! A hub that sends what its writer did not sign: the node stands still, goes on serving reads, and writes a file with which
//! anybody decides offline. Here somebody has changed a record in the hub's store.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_tests::World;
use multaqa_tests::checker::{entries, is_sealed};
use multaqa_tests::record::Record;
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::world;

#[test]
fn a_node_that_catches_the_hub_writes_what_others_can_decide_from() {
    let mut world = world(&["JO", "EG"]);
    world.publish("JO", &[Record::organisation("JO", "before", "Before")]);
    world.settle();
    world.node_mut("EG").stop().unwrap();
    let held = entries(&world.hub().dir().join("hub.db")).len();
    for name in ["changed", "after"] {
        world.publish("JO", &[Record::organisation("JO", name, name)]);
        world.settle();
    }
    world.hub_mut().stop().unwrap();
    change_first_record_from(&world, held);
    world.hub_mut().start().unwrap();
    // The hub seals by itself: once it has, what it sends after a restart is the same message, and the same evidence.
    let store = world.hub().dir().join("hub.db");
    world.eventually("the log is sealed to its end", |_| is_sealed(&store));
    world.node_mut("EG").start().unwrap();

    let status = world.until("EG", "it stands still", |status| {
        status["line"]["state"] == "alarm" && status["evidence"].as_array().is_some_and(|files| !files.is_empty())
    });
    assert_eq!(status["line"]["code"], "SIGNATURE_BAD", "{status}");
    assert!(world.has("EG", "JO:organisation:before") && !world.has("EG", "JO:organisation:changed"));
    let path = PathBuf::from(status["evidence"][0].as_str().unwrap());
    assert!(path.to_string_lossy().ends_with("-SIGNATURE_BAD.mqe"), "{status}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(world.node("EG").cli(&["status"]).unwrap().stdout.contains(&path.display().to_string()));
    let genesis = status["genesis"].as_str().unwrap().to_owned();
    decided(&world, &path, &genesis);

    // After a restart the alarm comes again, and no second file of it.
    world.node_mut("EG").stop().unwrap();
    world.node_mut("EG").start().unwrap();
    let again = world.until("EG", "it stands still again", |status| status["line"]["state"] == "alarm");
    assert_eq!(again["evidence"], status["evidence"]);
}

/// Changes the lane of the first record from an index on: the statement is another, its signature the same.
fn change_first_record_from(world: &World, index: usize) {
    let database = world.hub().dir().join("hub.db");
    let all = entries(&database);
    let is_record =
        |(_, leaf): &(usize, Vec<u8>)| Leaf::parse(&leaf.clone().into()).unwrap().leaf_type == LeafType::Record;
    let mut later = all.iter().enumerate().skip(index).map(|(index, held)| (index, held.leaf.to_vec()));
    let (index, mut leaf) = later.find(is_record).unwrap();
    // Field 6 of the statement, 16 bytes.
    let lane = leaf.windows(2).rposition(|pair| pair == [0x32, 0x10]).unwrap() + 2;
    leaf[lane] ^= 1;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut store = SqliteConnectOptions::new().filename(&database).connect().await.unwrap();
        let changed = sqlx::query("UPDATE entry SET leaf = ? WHERE idx = ?")
            .bind(leaf)
            .bind(i64::try_from(index).unwrap())
            .execute(&mut store)
            .await
            .unwrap();
        assert_eq!(changed.rows_affected(), 1);
        store.close().await.unwrap();
    });
}

/// With the file and the genesis alone.
fn decided(world: &World, path: &std::path::Path, genesis: &str) {
    let run = |more: &[&str]| {
        let path = path.display().to_string();
        let args = ["verify-evidence", &path, "--genesis", genesis].into_iter().chain(more.iter().copied());
        world.hub().certs(args).unwrap()
    };
    let output = run(&["--json"]).ok().unwrap();
    let decided: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((&decided["reporter"], &decided["code"]), (&"EG/gw1".into(), &"SIGNATURE_BAD".into()));
    let found = |list: &str| -> Vec<&str> {
        decided[list].as_array().unwrap().iter().map(|finding| finding["finding"].as_str().unwrap()).collect()
    };
    // The hub's signature is on the true log only: that it sent something else, the node says.
    assert_eq!((found("proven"), found("claimed")), (vec!["signed", "reported"], vec!["shown"]), "{decided}");
    assert_eq!(decided["proves_misbehaviour"], false);
    let arabic = run(&["--lang", "ar"]).ok().unwrap().stdout;
    assert!(arabic.contains("EG/gw1") && arabic.contains("المنصة المركزية"), "{arabic}");
    let other = "00".repeat(32);
    let args = ["verify-evidence", &path.display().to_string(), "--genesis", &other];
    let refused = world.hub().certs(args).unwrap();
    assert!(refused.code == Some(1) && refused.stderr.contains("EVIDENCE_FILE_GENESIS_OTHER"), "{}", refused.stderr);
}
