//! Damage of one value, one row or one byte of a file, everywhere: fsck finds it and says where.
//!
//! Tables and columns are read from the schema, so a table that nothing binds fails here. In scope: journal and replica. Out of
//! scope: the hub's store (`hub`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use multaqa_proto::fold::Erasure;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::record::audience::Audience;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{Column as _, ConnectOptions as _, Row as _, TypeInfo as _, ValueRef as _};
use tempfile::TempDir;

use super::fsck::Finding;
use super::testing::{TestLog, dataset, service};
use super::{KeptCosignature, Opened, Replica};
use crate::journal::{Fate, Identity, Journal, OwnRecord, Sealed, StoredAlarm};
use crate::store::StoreError;

/// Bytes of each file that are flipped, one at a time.
const OFFSETS: usize = 400;

/// Tables of which a node forgets rows by itself: what they say follows from the entries, too.
const FORGOTTEN: [&str; 1] = ["sealed"];

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

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

/// A table with its columns, and which of them are its key.
#[derive(Debug)]
struct Table {
    name: String,
    columns: Vec<String>,
    key: Vec<String>,
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

    fn path(&self) -> PathBuf {
        self.dir.path().join(self.file.name())
    }

    fn restore(&self) {
        for file in ["journal.db-wal", "journal.db-shm", "replica.db-wal", "replica.db-shm"] {
            let _missing = std::fs::remove_file(self.dir.path().join(file));
        }
        std::fs::write(self.path(), &self.sound).unwrap();
    }

    /// Runs a statement on a sound copy; false where SQLite itself refuses it.
    async fn damage(&self, statement: &str, cells: &[&Cell]) -> bool {
        self.restore();
        let mut connection = quick(&self.path()).await;
        let mut query = sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()));
        for cell in cells {
            query = match (*cell).clone() {
                Cell::Null => query.bind(None::<i64>),
                Cell::Integer(number) => query.bind(number),
                Cell::Text(text) => query.bind(text),
                Cell::Blob(bytes) => query.bind(bytes),
            };
        }
        let done = query.execute(&mut connection).await;
        sqlx::Connection::close(connection).await.unwrap();
        done.is_ok_and(|done| done.rows_affected() == 1)
    }

    /// What fsck says of the damaged file.
    async fn report(&self) -> Result<Vec<Finding>, StoreError> {
        let path = self.path();
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

async fn quick(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).synchronous(sqlx::sqlite::SqliteSynchronous::Off);
    options.foreign_keys(false).connect().await.unwrap()
}

async fn tables(connection: &mut SqliteConnection) -> Vec<Table> {
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    let mut tables = Vec::new();
    for name in names {
        let rows = sqlx::query("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid")
            .bind(&name)
            .fetch_all(&mut *connection)
            .await
            .unwrap();
        let columns = rows.iter().map(|row| row.get(0)).collect();
        let key = rows.iter().filter(|row| row.get::<i64, _>(1) > 0).map(|row| row.get(0)).collect();
        tables.push(Table { name, columns, key });
    }
    tables
}

/// All rows, in the order of their key.
async fn rows(connection: &mut SqliteConnection, table: &Table) -> Vec<Vec<Cell>> {
    let sql = format!("SELECT * FROM {} ORDER BY {}", table.name, table.key.join(", "));
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(connection).await.unwrap();
    rows.iter().map(cells).collect()
}

fn cells(row: &SqliteRow) -> Vec<Cell> {
    let cell = |at: usize| {
        let raw = row.try_get_raw(at).unwrap();
        let (null, kind) = (raw.is_null(), raw.type_info().name().to_owned());
        match kind.as_str() {
            _ if null => Cell::Null,
            "INTEGER" => Cell::Integer(row.get_unchecked(at)),
            "TEXT" => Cell::Text(row.get_unchecked(at)),
            _ => Cell::Blob(row.get_unchecked(at)),
        }
    };
    row.columns().iter().map(|column| cell(column.ordinal())).collect()
}

async fn dump(path: &Path) -> Vec<(String, Vec<Vec<Cell>>)> {
    let mut connection = quick(path).await;
    let mut dump = Vec::new();
    for table in tables(&mut connection).await {
        let rows = rows(&mut connection, &table).await;
        dump.push((table.name, rows));
    }
    sqlx::Connection::close(connection).await.unwrap();
    dump
}

/// Other values in the place of one.
fn others(cell: &Cell) -> Vec<Cell> {
    let flipped = |bytes: &[u8]| {
        let places: BTreeSet<usize> = [0, bytes.len() / 2, bytes.len().saturating_sub(1)].into();
        let flip = |place: usize| {
            let mut bytes = bytes.to_vec();
            bytes[place] ^= 1;
            bytes
        };
        places.into_iter().filter(|place| *place < bytes.len()).map(flip).collect::<Vec<_>>()
    };
    match cell {
        Cell::Null => vec![Cell::Integer(1), Cell::Text("x".to_owned()), Cell::Blob(vec![1])],
        Cell::Integer(n) => vec![n.wrapping_add(1), n.wrapping_sub(1), n ^ 1 << 40]
            .into_iter()
            .map(Cell::Integer)
            .chain([Cell::Null])
            .collect(),
        Cell::Text(text) => {
            let swapped: String = text
                .chars()
                .map(|c| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
                .collect();
            let texts = flipped(text.as_bytes()).into_iter().filter_map(|bytes| String::from_utf8(bytes).ok());
            texts
                .chain([swapped, format!("{text} ")])
                .filter(|other| other != text)
                .map(Cell::Text)
                .chain([Cell::Null])
                .collect()
        }
        Cell::Blob(bytes) => flipped(bytes)
            .into_iter()
            .map(Cell::Blob)
            .chain([Cell::Blob([bytes, &[0][..]].concat()), Cell::Null])
            .collect(),
    }
}

/// Whether a finding names this row, or (for a leaf that parses) the commit in which it stands.
fn names(findings: &[Finding], table: &Table, keys: &[&[Cell]]) -> bool {
    let shown = |key: &[Cell]| -> String {
        let one = |cell: &Cell| match cell {
            Cell::Null => String::new(),
            Cell::Integer(number) => number.to_string(),
            Cell::Text(text) => text.clone(),
            Cell::Blob(bytes) => multaqa_proto::hash::hex(bytes),
        };
        key.iter().map(one).collect::<Vec<_>>().join(" ")
    };
    let single = ["cursor", "meta"].contains(&table.name.as_str());
    findings.iter().any(|finding| {
        let at = &finding.place;
        let named =
            at.table == table.name && (single || keys.iter().any(|key| at.row.as_deref() == Some(&*shown(key))));
        // A figure is named by its object, a subtree by its newest leaf.
        let other = [("observation", "object"), ("subtree", "subtree")];
        let tally = |key: &&[Cell]| matches!(key, [Cell::Text(name)] if table.name == "tally" && name == at.table);
        named || keys.iter().any(tally) || other.contains(&(table.name.as_str(), at.table))
    })
}

/// Changes every value of every row of these tables, and asks fsck.
async fn change_every_value(patient: &Patient, wanted: impl Fn(&str) -> bool) {
    let mut connection = quick(&patient.path()).await;
    let mut found = Vec::new();
    for table in tables(&mut connection).await.into_iter().filter(|table| wanted(&table.name)) {
        let rows = rows(&mut connection, &table).await;
        found.push((table, rows));
    }
    sqlx::Connection::close(connection).await.unwrap();
    for (table, rows) in &found {
        assert!(
            !rows.is_empty(),
            "table {} has no row in this test: give it one of each sort, and let fsck bind it",
            table.name
        );
        for row in rows {
            change_every_value_of(patient, table, row).await;
        }
    }
}

async fn change_every_value_of(patient: &Patient, table: &Table, row: &[Cell]) {
    let name = &table.name;
    let at = |column: &String| table.columns.iter().position(|other| other == column).unwrap();
    let key: Vec<Cell> = table.key.iter().map(|column| row[at(column)].clone()).collect();
    let place: Vec<String> = table.key.iter().map(|column| format!("{column} IS ?")).collect();
    let place = place.join(" AND ");
    for column in &table.columns {
        for other in others(&row[at(column)]) {
            let sql = format!("UPDATE {name} SET {column} = ? WHERE {place}");
            let bound: Vec<&Cell> = [&other].into_iter().chain(&key).collect();
            if !patient.damage(&sql, &bound).await {
                continue;
            }
            let mut new = key.clone();
            if let Some(part) = table.key.iter().position(|part| part == column) {
                new[part] = other.clone();
            }
            let case = format!("{name} {key:?}: {column} {:?} -> {other:?}", row[at(column)]);
            let report = match patient.report().await {
                Ok(report) => report,
                Err(StoreError::RowBad { table, .. }) if table == name => continue,
                Err(StoreError::Missing { .. }) if name == "meta" => continue,
                Err(error) => panic!("{case}: {error}"),
            };
            assert!(!report.is_empty(), "{case}: not found");
            assert!(names(&report, table, &[&key, &new]), "{case}: {report:?}");
        }
    }
    let bound: Vec<&Cell> = key.iter().collect();
    if !FORGOTTEN.contains(&name.as_str()) && patient.damage(&format!("DELETE FROM {name} WHERE {place}"), &bound).await
    {
        assert!(
            !patient.report().await.is_ok_and(|found| found.is_empty()),
            "{name} {key:?}: a deleted row is not found"
        );
    }
    // Doubled under another key.
    for (part, column) in table.key.iter().enumerate() {
        for other in others(&key[part]) {
            let columns = table.columns.join(", ");
            let values: Vec<_> = table.columns.iter().map(|c| if c == column { "?" } else { c.as_str() }).collect();
            let sql = format!("INSERT INTO {name} ({columns}) SELECT {} FROM {name} WHERE {place}", values.join(", "));
            let bound: Vec<&Cell> = [&other].into_iter().chain(&key).collect();
            if patient.damage(&sql, &bound).await {
                assert!(
                    !patient.report().await.is_ok_and(|found| found.is_empty()),
                    "{name} {key:?}: its double at {other:?} is not found"
                );
            }
        }
    }
}

/// Tables that have no row in a small store, since they begin with the 256th entry.
fn begins_late(table: &str) -> bool {
    table == "subtree"
}

#[tokio::test]
async fn a_changed_value_of_an_entry_is_found_and_named() {
    let patient = Patient::with(File::Replica, 0).await;
    change_every_value(&patient, |table| table == "entry").await;
}

#[tokio::test]
async fn a_changed_value_of_any_other_table_of_the_replica_is_found_and_named() {
    let patient = Patient::with(File::Replica, 0).await;
    change_every_value(&patient, |table| table != "entry" && !begins_late(table)).await;
}

#[tokio::test]
async fn a_changed_root_of_a_subtree_is_found_and_named() {
    let patient = Patient::with(File::Replica, 256).await;
    change_every_value(&patient, begins_late).await;
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
        let sound = dump(&patient.path()).await;
        let (mut state, mut found) = (0x9e37_79b9_7f4a_7c15_u64, 0);
        for _ in 0..OFFSETS {
            // xorshift64: the same offsets and bits each time.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let offset = usize::try_from(state >> 8).unwrap() % patient.sound.len();
            let bit = 1_u8 << (state & 7);
            patient.restore();
            let mut bytes = patient.sound.clone();
            bytes[offset] ^= bit;
            std::fs::write(patient.path(), bytes).unwrap();
            match patient.report().await {
                Ok(found) if found.is_empty() => {
                    let dumped = dump(&patient.path()).await;
                    assert_eq!(dumped, sound, "{file:?}: byte {offset}, bit {bit:#04x} is not found");
                }
                Ok(_) | Err(_) => found += 1,
            }
        }
        assert!(found > OFFSETS / 20, "{found} of {OFFSETS} flips of {file:?} were found");
    }
}
