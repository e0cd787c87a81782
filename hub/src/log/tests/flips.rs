//! Damage of one value, one row or one byte of the file, everywhere: fsck finds it and says where.
//!
//! In scope: the hub's store, and what its fsck names. Out of scope: how it is damaged (`damage`), the node's files (`node`).

#[path = "../../../../tests/shared/damage.rs"]
mod damage;

use std::path::PathBuf;

use multaqa_certs::serials::Serial;
use multaqa_proto::log::succession::SignedDecision;

use super::*;
use crate::log::fsck::Finding;
use crate::store::cosignature::StoredCosignature;
use crate::store::nodes::NodeSeen;
use crate::store::restored::{Reason, Restored};
use crate::store::serials::{IssuedSerial, SerialStatus};
use damage::{Cell, Damaged, Says, change_every_value, flip_bits};

/// Bytes of the file that are flipped, one at a time.
const OFFSETS: usize = 600;

/// A closed store, to be damaged again and again.
struct Patient {
    world: Federation,
    sound: Vec<u8>,
}

impl Patient {
    /// A row of every sort in every table; those of `subtree` come with the 256th entry.
    async fn with_entries(entries: usize) -> Self {
        let world = Federation::new().await;
        world.hand.set(10_000);
        let running = world.run().await;
        let mut operator = world.operator();
        let [mut jo, mut eg] = world.enrol(&running, &mut operator, ["JO", "EG"]).await;
        running.accept(&operator.clone(), operator.sign(&[group("gcc", "full", &[], &["JO"])])).await;
        let first = jo.sign(&[
            note("JO:memo:a", &["states"], "one"),
            note("JO:memo:b", &["group:gcc"], "two"),
            note("JO:memo:c", &["member:EG"], "three"),
        ]);
        let (a, b) = (first[0].0, first[1].0);
        running.accept(&jo, first).await;
        let stones = [tombstone("JO:tombstone:a", "JO:memo:a", &[a]), tombstone("JO:tombstone:b", "JO:memo:b", &[b])];
        running.accept(&jo.clone(), jo.sign(&stones)).await;
        running.accept(&eg.clone(), notes(&mut eg, &["four"])).await;
        world.hand.set(20_000);
        while usize::try_from(running.log.state().size().0).unwrap() < entries {
            let texts: Vec<String> = (0..50).map(|n| format!("n{}x{n}", running.log.state().size())).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            running.accept(&jo.clone(), notes(&mut jo, &texts)).await;
        }
        keep(&running.store).await;
        running.stop().await;
        let sound = std::fs::read(world.path()).unwrap();
        assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
        Self { world, sound }
    }
}

impl damage::Patient for Patient {
    fn path(&self) -> PathBuf {
        self.world.path()
    }
    fn sound(&self) -> &[u8] {
        &self.sound
    }
    async fn says(&self, damaged: Option<&Damaged<'_>>) -> Says {
        match fsck(&self.world.path()).await {
            Ok(report) if report.ok => Says::Nothing,
            Ok(report) if damaged.is_some_and(|damaged| names(&report.findings, damaged)) => Says::Names,
            Ok(report) => Says::Other(format!("{:?}", report.findings)),
            Err(error) => Says::Other(error.to_string()),
        }
    }
}

/// Whether a finding names this row, or (for a leaf that parses) the commit in which it stands.
fn names(findings: &[Finding], damaged: &Damaged<'_>) -> bool {
    let table = damaged.table.name.as_str();
    findings.iter().any(|finding| {
        let at = &finding.place;
        let named = at.table == table && (table == "head" || damaged.is_row(at.row.as_deref()));
        let after =
            |key: &&[Cell]| matches!(key, [Cell::Integer(index)] if at.index.is_some_and(|at| at.to_i64() >= *index));
        let in_batch = table == "entry" && at.table == "batch" && damaged.keys.iter().any(after);
        named || damaged.is_tally_of(at.table) || in_batch
    })
}

/// What the hub keeps beside the log.
async fn keep(store: &Store) {
    for (n, status) in [SerialStatus::Pending, SerialStatus::Active, SerialStatus::Revoked].into_iter().enumerate() {
        let n = u8::try_from(n).unwrap();
        let issued = IssuedSerial {
            serial: Serial::from_random([n; 16]),
            identity: "node/JO/gw1".parse().unwrap(),
            status,
            not_after_ms: 7,
            chain: vec![vec![1, 2, 3], vec![4; 300]],
            key_record: (n < 2).then(|| RecordId::of(b"key")),
        };
        store.add_serial(&issued).await.unwrap();
    }
    for writer in ["JO/gw1", "EG/gw1"] {
        let seen = NodeSeen {
            writer: writer.parse().unwrap(),
            instance: [1; 16],
            incarnation: 3,
            last_heard_ms: 5,
            cursor: TreeSize(4),
        };
        store.note_node(&seen).await.unwrap();
    }
    let cosigned = |writer: &str| StoredCosignature {
        writer: writer.parse().unwrap(),
        checkpoint: "note".to_owned(),
        line: "line\n".to_owned(),
    };
    store.note_cosignatures(&[cosigned("JO/gw1"), cosigned("EG/gw1")]).await.unwrap();
    let restored = Restored::new(Reason::Backup, TreeSize(3), 6);
    let restored = Restored { released: Some(TreeSize(4)), done: Some(TreeSize(5)), ..restored };
    let (statement, signature) = (vec![1; 60].into(), vec![2; 40].into());
    let whole = Received { statement, signature, content: Some(vec![3; 50].into()) };
    let stub = Received { content: None, ..whole.clone() };
    store.set_aside(&[whole, stub], &restored).await.unwrap();
    let decided = |n: u8| SignedDecision { bytes: vec![n; 90], signature: vec![n; 64] };
    let decisions = [("first", 1), ("second", 2)].map(|(name, n)| (name.parse().unwrap(), decided(n)));
    store.note_decisions(&decisions.into()).await.unwrap();
}

/// Tables that have no row in a small store, since they begin with the 256th entry.
fn begins_late(table: &str) -> bool {
    table == "subtree"
}

#[tokio::test]
async fn a_changed_value_of_an_entry_is_found_and_named() {
    let patient = Patient::with_entries(0).await;
    change_every_value(&patient, |table| table == "entry").await;
}

#[tokio::test]
async fn a_changed_value_of_any_other_table_is_found_and_named() {
    let patient = Patient::with_entries(0).await;
    change_every_value(&patient, |table| table != "entry" && !begins_late(table)).await;
}

#[tokio::test]
async fn a_changed_root_of_a_subtree_is_found_and_named() {
    let patient = Patient::with_entries(256).await;
    change_every_value(&patient, begins_late).await;
}

#[tokio::test]
async fn a_flipped_byte_of_the_file_is_found_or_says_nothing() {
    let patient = Patient::with_entries(0).await;
    flip_bits(&patient, OFFSETS).await;
}
