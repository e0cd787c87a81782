//! Damage of one value, one row or one byte of the file, everywhere: fsck finds it and says where.
//!
//! Tables and columns are read from the schema, so a table that nothing binds fails here. In scope: the hub's store. Out of
//! scope: the node's files (`node`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use multaqa_certs::serials::Serial;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{Column as _, ConnectOptions as _, Row as _, TypeInfo as _, ValueRef as _};

use super::*;
use crate::log::fsck::Report;
use crate::store::cosignature::StoredCosignature;
use crate::store::nodes::NodeSeen;
use crate::store::restored::{Reason, Restored};
use crate::store::serials::{IssuedSerial, SerialStatus};

/// Bytes of the file that are flipped, one at a time.
const OFFSETS: usize = 600;

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// A closed store, to be damaged again and again.
struct Patient {
    world: Federation,
    sound: Vec<u8>,
}

/// A table with its columns, and which of them are its key.
#[derive(Debug)]
struct Table {
    name: String,
    columns: Vec<String>,
    key: Vec<String>,
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

    fn path(&self) -> PathBuf {
        self.world.path()
    }

    fn restore(&self) {
        for file in ["hub.db-wal", "hub.db-shm"] {
            let _missing = std::fs::remove_file(self.path().with_file_name(file));
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

    async fn report(&self) -> Report {
        fsck(&self.path()).await.unwrap()
    }
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
fn names(report: &Report, table: &Table, keys: &[&[Cell]]) -> bool {
    let shown = |key: &[Cell]| -> String {
        let one = |cell: &Cell| match cell {
            Cell::Null => String::new(),
            Cell::Integer(number) => number.to_string(),
            Cell::Text(text) => text.clone(),
            Cell::Blob(bytes) => multaqa_proto::hash::hex(bytes),
        };
        key.iter().map(one).collect::<Vec<_>>().join(" ")
    };
    let single = table.name == "head";
    report.findings.iter().any(|finding| {
        let at = &finding.place;
        let named =
            at.table == table.name && (single || keys.iter().any(|key| at.row.as_deref() == Some(&*shown(key))));
        let after =
            |key: &&[Cell]| matches!(key, [Cell::Integer(index)] if at.index.is_some_and(|at| at.to_i64() >= *index));
        // A tally is named by its table.
        let tally = |key: &&[Cell]| matches!(key, [Cell::Text(name)] if table.name == "tally" && name == at.table);
        named || keys.iter().any(tally) || table.name == "entry" && at.table == "batch" && keys.iter().any(after)
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
            let report = patient.report().await;
            let case = format!("{name} {key:?}: {column} {:?} -> {other:?}", row[at(column)]);
            assert!(!report.ok, "{case}: not found");
            assert!(names(&report, table, &[&key, &new]), "{case}: {:?}", report.findings);
        }
    }
    let bound: Vec<&Cell> = key.iter().collect();
    if patient.damage(&format!("DELETE FROM {name} WHERE {place}"), &bound).await {
        assert!(!patient.report().await.ok, "{name} {key:?}: a deleted row is not found");
    }
    // Doubled under another key.
    for (part, column) in table.key.iter().enumerate() {
        for other in others(&key[part]) {
            let columns = table.columns.join(", ");
            let values: Vec<_> = table.columns.iter().map(|c| if c == column { "?" } else { c.as_str() }).collect();
            let sql = format!("INSERT INTO {name} ({columns}) SELECT {} FROM {name} WHERE {place}", values.join(", "));
            let bound: Vec<&Cell> = [&other].into_iter().chain(&key).collect();
            if patient.damage(&sql, &bound).await {
                assert!(!patient.report().await.ok, "{name} {key:?}: its double at {other:?} is not found");
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
        match fsck(&patient.path()).await {
            Ok(report) if report.ok => {
                assert_eq!(dump(&patient.path()).await, sound, "byte {offset}, bit {bit:#04x} is not found");
            }
            Ok(_) | Err(_) => found += 1,
        }
    }
    assert!(found > OFFSETS / 20, "{found} of {OFFSETS} flips were found");
}
