//! Damage of one value, one row or one byte of a file, everywhere: fsck finds it and says where.
//!
//! In scope: journal and replica, and what their fsck names. Out of scope: how they are damaged (`damage`), the hub's store
//! (`hub`).

#[path = "../../../tests/shared/damage.rs"]
mod damage;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use multaqa_proto::fold::Erasure;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::record::audience::Audience;
use multaqa_proto::sync::intake::start::{Next, Start};
use tempfile::TempDir;

use damage::{Damaged, Says, change_every_value, flip_bits};

use super::fsck::Finding;
use super::testing::{TestLog, dataset, service};
use super::{KeptCosignature, Opened, Replica};
use crate::journal::{Fate, Identity, Journal, OwnRecord, Sealed, StoredAlarm};
use crate::store::StoreError;

/// Bytes of each file that are flipped, one at a time.
const OFFSETS: usize = 400;

/// Tables of one row.
const SINGLE: [&str; 3] = ["cursor", "meta", "started"];

/// Tables of which a node forgets rows by itself: what they say follows from the entries, too.
const FORGOTTEN: [&str; 1] = ["sealed"];

/// Which file is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum File {
    Journal,
    Replica,
}

/// A closed node, to be damaged again and again.
struct Patient {
    dir: TempDir,
    file: File,
    identity: Identity,
    sound: Vec<u8>,
}

impl File {
    const fn name(self) -> &'static str {
        match self {
            Self::Journal => "journal.db",
            Self::Replica => "replica.db",
        }
    }
}

impl Patient {
    /// A row of every sort in every table; those of `subtree` come with the 256th entry.
    async fn with(file: File, entries: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut log = TestLog::with_states(&["JO"]);
        log.admit("EG");
        let (identity, key_record, index) = log.join("EG");
        let journal =
            Journal::create(&dir.path().join("journal.db"), identity.clone(), &key_record, index).await.unwrap();
        keep(&journal, &mut log).await;
        journal.close().await;
        publish(&mut log);
        while log.size().0 < entries {
            log.seal();
        }
        follow(&dir.path().join("replica.db"), &identity, &log).await;
        let sound = std::fs::read(dir.path().join(file.name())).unwrap();
        let patient = Self { dir, file, identity, sound };
        assert_eq!(patient.report().await.unwrap(), []);
        patient
    }

    /// A replica that began with a fast start, with a run of every height.
    async fn started() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut log = TestLog::with_states(&["JO"]);
        log.admit("EG");
        let (identity, ..) = log.join("EG");
        log.name_witnesses(&["JO", "EG"]);
        log.seal();
        for number in 0..40 {
            let audience = if number % 20 == 7 { "states" } else { "member:JO" };
            log.publish(&format!("JO:service:{number}"), &[audience], &[], service("One of many"));
        }
        log.seal();
        let Opened { replica, intake, .. } = Replica::open(&dir.path().join("replica.db"), &identity).await.unwrap();
        let mut start = Start::begin(&intake, log.offer(&["JO", "EG"])).unwrap();
        for frame in log.by_runs("EG", 30) {
            let (next, stretch) = start.accept(&frame).unwrap();
            match next {
                Next::More(next) => {
                    replica.stage(&next, stretch, 5_000).await.unwrap();
                    start = *next;
                }
                Next::Done(next) => {
                    drop(replica.finish_start(&next, stretch, start.offer(), 5_000).await.unwrap());
                    break;
                }
            }
        }
        replica.close().await;
        let sound = std::fs::read(dir.path().join("replica.db")).unwrap();
        let patient = Self { dir, file: File::Replica, identity, sound };
        assert_eq!(patient.report().await.unwrap(), []);
        patient
    }

    /// What fsck says of the damaged file.
    async fn report(&self) -> Result<Vec<Finding>, StoreError> {
        let path = self.dir.path().join(self.file.name());
        match self.file {
            File::Journal => {
                let journal = Journal::open_to_read(&path).await?;
                let findings = journal.findings().await;
                journal.close().await;
                findings
            }
            File::Replica => {
                let mut findings = Vec::new();
                let replica = Replica::open_to_read(&path, &self.identity).await?;
                let checked = replica.check(self.identity.genesis, &mut findings).await;
                replica.close().await;
                checked.map(|_| findings)
            }
        }
    }
}

impl damage::Patient for Patient {
    fn path(&self) -> PathBuf {
        self.dir.path().join(self.file.name())
    }
    fn sound(&self) -> &[u8] {
        &self.sound
    }
    async fn says(&self, damaged: Option<&Damaged<'_>>) -> Says {
        let is = |table: &str| damaged.is_some_and(|damaged| damaged.table.name == table);
        match self.report().await {
            Ok(found) if found.is_empty() => Says::Nothing,
            Ok(found) if damaged.is_some_and(|damaged| names(&found, damaged)) => Says::Names,
            Ok(found) => Says::Other(format!("{found:?}")),
            Err(StoreError::RowBad { table, .. }) if is(table) => Says::Names,
            Err(StoreError::Missing { .. }) if is("meta") => Says::Names,
            Err(error) => Says::Other(error.to_string()),
        }
    }
    fn forgets(&self, table: &str) -> bool {
        FORGOTTEN.contains(&table)
    }
}

/// Whether a finding names this row.
fn names(findings: &[Finding], damaged: &Damaged<'_>) -> bool {
    let table = damaged.table.name.as_str();
    findings.iter().any(|finding| {
        let at = &finding.place;
        let single = SINGLE.contains(&table);
        // A figure is named by its object, a subtree by its newest leaf.
        let other = [("observation", "object"), ("subtree", "subtree")].contains(&(table, at.table));
        at.table == table && (single || damaged.is_row(at.row.as_deref())) || damaged.is_tally_of(at.table) || other
    })
}

/// What a node keeps for itself.
async fn keep(journal: &Journal, log: &mut TestLog) {
    let mut own = |slug: &str| log.publish(&format!("EG:service:{slug}"), &["states"], &[], service(slug));
    let records: Vec<OwnRecord> = ["a", "b", "c", "d", "e"].map(&mut own).into();
    journal.append(&records).await.unwrap();
    let at = |n: u64| LeafIndex(20 + n);
    journal.mark_accepted(&[(records[0].record_id, at(0)), (records[1].record_id, at(1))]).await.unwrap();
    let void = Some(("REPLACES_STALE".to_owned(), BTreeMap::from([("id".to_owned(), "x".to_owned())])));
    let fates = [
        Fate { record_id: records[0].record_id, index: at(0), void: None },
        Fate { record_id: records[2].record_id, index: at(2), void },
    ];
    journal.settle(&fates, 1).await.unwrap();
    let alarm = StoredAlarm { code: "LOG_FORK".to_owned(), args: BTreeMap::new(), at_ms: 9 };
    journal.mark_rejected(records[3].record_id, &alarm).await.unwrap();
    journal.raise_alarm(&alarm).await.unwrap();
    let erasure = Erasure {
        object: "EG:service:a".parse().unwrap(),
        below: at(9),
        records: [records[0].record_id].into(),
        audience: Audience::parse(&["public"]).unwrap(),
    };
    assert_eq!(journal.erase(&erasure).await.unwrap(), 1);
    for (n, audience) in ["states", "public"].into_iter().enumerate() {
        let audience = Audience::parse(&[audience]).unwrap();
        journal.lane_for(&audience, [u8::try_from(n).unwrap(); 16]).await.unwrap();
    }
    assert_eq!(journal.next_incarnation().await.unwrap(), 1);
    let sealed = Sealed { size: TreeSize(3), root: Hash::of(b"root"), note: "note".to_owned() };
    journal.cosign(LogNumber(1), &sealed, None, 7).await.unwrap();
    for client in crate::journal::samples_of_clients() {
        journal.put_client(&client).await.unwrap();
    }
}

/// Records of every sort: read and not, valid and void, withdrawn, about no object, of a kind that nobody knows.
fn publish(log: &mut TestLog) {
    let first = log.publish("JO:service:a", &["states"], &[], service("One")).record_id;
    let second = log.publish("JO:service:a", &["states"], &[first], service("Two")).record_id;
    log.publish("JO:service:a", &["states"], &[first], service("Stale"));
    log.publish("JO:service:b", &["members"], &[], service("Other"));
    log.publish("JO:dataset:egdi", &["states"], &[], dataset("0.5"));
    log.publish("JO:service:hidden", &["member:JO"], &[], service("Hidden"));
    log.publish("JO:memo:c", &["states"], &[], b"nobody knows this kind".to_vec());
    log.publish("JO:tombstone:none", &["states"], &[], vec![0xff]);
    log.seal();
    log.withdraw("JO:service:a", &["states"], &[first, second]);
    log.withdraw("JO:service:b", &["states"], &[RecordId::of(b"another")]);
    log.control("x-federation:member:jo2", vec![0xff]);
    log.seal();
}

/// Takes the log in two frames, so that erasing meets what was there.
async fn follow(path: &Path, identity: &Identity, log: &TestLog) {
    let Opened { replica, mut intake, .. } = Replica::open(path, identity).await.unwrap();
    let frame = log.frame("EG", 0);
    let (next, taken) = intake.accept(&frame).unwrap();
    replica.apply(&next, taken, TreeSize(frame.view), 5_000).await.unwrap();
    intake = next;
    assert_eq!(intake.size(), log.size());
    let cosigned = |witness: &str| KeptCosignature {
        witness: witness.parse().unwrap(),
        size: log.size(),
        note: "note".to_owned(),
        line: "line\n".to_owned(),
    };
    replica.note_cosignatures(&[cosigned("JO/gw1"), cosigned("EG/gw1")]).await.unwrap();
    replica.close().await;
}

/// Tables that have no row in a small store, since they begin with the 256th entry.
fn begins_late(table: &str) -> bool {
    table == "subtree"
}

/// Tables that have rows after a fast start alone.
fn is_of_start(table: &str) -> bool {
    ["run", "started"].contains(&table)
}

#[tokio::test]
async fn a_changed_value_of_an_entry_is_found_and_named() {
    let patient = Patient::with(File::Replica, 0).await;
    change_every_value(&patient, |table| table == "entry").await;
}

#[tokio::test]
async fn a_changed_value_of_any_other_table_of_the_replica_is_found_and_named() {
    let patient = Patient::with(File::Replica, 0).await;
    change_every_value(&patient, |table| table != "entry" && !begins_late(table) && !is_of_start(table)).await;
}

#[tokio::test]
async fn a_changed_root_of_a_subtree_is_found_and_named() {
    let patient = Patient::with(File::Replica, 256).await;
    change_every_value(&patient, begins_late).await;
}

#[tokio::test]
async fn a_changed_run_and_a_changed_entry_between_runs_are_found_and_named() {
    let patient = Patient::started().await;
    change_every_value(&patient, |table| is_of_start(table) || table == "entry").await;
}

#[tokio::test]
async fn a_changed_value_of_the_journal_is_found_and_named() {
    let patient = Patient::with(File::Journal, 0).await;
    change_every_value(&patient, |_| true).await;
}

#[tokio::test]
async fn a_flipped_byte_of_a_file_is_found_or_says_nothing() {
    for file in [File::Journal, File::Replica] {
        let patient = Patient::with(file, 0).await;
        flip_bits(&patient, OFFSETS).await;
    }
}
