//! Damage of one value, one row or one byte of a SQLite file, everywhere: what checks the file finds it and says where.
//!
//! Tables and columns are read from the schema, so a table that nothing binds fails here. The unit tests of hub and node take
//! this file in as a module of theirs, since neither room may use the other. In scope: every damage, one after another. Out of
//! scope: which files there are, and what is said of them (`Patient`, in each room).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{Column as _, ConnectOptions as _, Row as _, TypeInfo as _, ValueRef as _};

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// A table with its columns, and which of them are its key.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    columns: Vec<String>,
    key: Vec<String>,
}

/// A row that was damaged: its table, and its key before and after.
#[derive(Debug)]
pub(super) struct Damaged<'a> {
    pub(super) table: &'a Table,
    pub(super) keys: [&'a [Cell]; 2],
}

/// What is said of a file.
#[derive(Debug)]
pub(super) enum Says {
    /// It is sound.
    Nothing,
    /// The damaged row is named.
    Names,
    /// Something else.
    Other(String),
}

/// A closed file, to be damaged again and again.
pub(super) trait Patient {
    /// Where it is.
    fn path(&self) -> PathBuf;
    /// Its bytes while it was sound.
    fn sound(&self) -> &[u8];
    /// What is said of it; of a row where it is asked for.
    async fn says(&self, damaged: Option<&Damaged<'_>>) -> Says;
    /// Whether rows of this table may go, since what they say follows from others.
    fn forgets(&self, _table: &str) -> bool {
        false
    }
}

impl Damaged<'_> {
    /// Whether a row with one of the keys is shown like this.
    pub(super) fn is_row(&self, shown: Option<&str>) -> bool {
        let one = |cell: &Cell| match cell {
            Cell::Null => String::new(),
            Cell::Integer(number) => number.to_string(),
            Cell::Text(text) => text.clone(),
            Cell::Blob(bytes) => multaqa_proto::hash::hex(bytes),
        };
        self.keys.iter().any(|key| shown == Some(&*key.iter().map(one).collect::<Vec<_>>().join(" ")))
    }

    /// Whether the row is the tally of this table: a tally is named by it.
    pub(super) fn is_tally_of(&self, table: &str) -> bool {
        let tally = |key: &&[Cell]| matches!(key, [Cell::Text(name)] if name == table);
        self.table.name == "tally" && self.keys.iter().any(tally)
    }
}

/// Changes every value of every row of these tables, deletes and doubles each row, and asks each time.
pub(super) async fn change_every_value(patient: &impl Patient, wanted: impl Fn(&str) -> bool) {
    restore(patient, patient.sound());
    let mut connection = quick(&patient.path()).await;
    let mut found = Vec::new();
    for table in tables(&mut connection).await.into_iter().filter(|table| wanted(&table.name)) {
        let rows = rows(&mut connection, &table).await;
        found.push((table, rows));
    }
    sqlx::Connection::close(connection).await.unwrap();
    for (table, rows) in &found {
        let name = &table.name;
        assert!(
            !rows.is_empty(),
            "table {name} has no row in this test: give it one of each sort, and let fsck bind it"
        );
        for row in rows {
            change_every_value_of(patient, table, row).await;
        }
    }
}

async fn change_every_value_of(patient: &impl Patient, table: &Table, row: &[Cell]) {
    let name = &table.name;
    let at = |column: &String| table.columns.iter().position(|other| other == column).unwrap();
    let key: Vec<Cell> = table.key.iter().map(|column| row[at(column)].clone()).collect();
    let place: Vec<String> = table.key.iter().map(|column| format!("{column} IS ?")).collect();
    let place = place.join(" AND ");
    for column in &table.columns {
        for other in others(&row[at(column)]) {
            let sql = format!("UPDATE {name} SET {column} = ? WHERE {place}");
            let bound: Vec<&Cell> = [&other].into_iter().chain(&key).collect();
            if !damage(patient, &sql, &bound).await {
                continue;
            }
            let mut new = key.clone();
            if let Some(part) = table.key.iter().position(|part| part == column) {
                new[part] = other.clone();
            }
            let said = patient.says(Some(&Damaged { table, keys: [&key, &new] })).await;
            let case = format!("{name} {key:?}: {column} {:?} -> {other:?}", row[at(column)]);
            match said {
                Says::Names => {}
                Says::Nothing => panic!("{case}: not found"),
                Says::Other(said) => panic!("{case}: {said}"),
            }
        }
    }
    let bound: Vec<&Cell> = key.iter().collect();
    if !patient.forgets(name) && damage(patient, &format!("DELETE FROM {name} WHERE {place}"), &bound).await {
        assert!(is_found(patient).await, "{name} {key:?}: a deleted row is not found");
    }
    // Doubled under another key.
    for (part, column) in table.key.iter().enumerate() {
        for other in others(&key[part]) {
            let columns = table.columns.join(", ");
            let values: Vec<_> = table.columns.iter().map(|c| if c == column { "?" } else { c.as_str() }).collect();
            let sql = format!("INSERT INTO {name} ({columns}) SELECT {} FROM {name} WHERE {place}", values.join(", "));
            let bound: Vec<&Cell> = [&other].into_iter().chain(&key).collect();
            if damage(patient, &sql, &bound).await {
                assert!(is_found(patient).await, "{name} {key:?}: its double at {other:?} is not found");
            }
        }
    }
}

/// Flips so many bits anywhere in the file, one at a time: it is found, or every row is as it was.
pub(super) async fn flip_bits(patient: &impl Patient, count: usize) {
    restore(patient, patient.sound());
    let sound = dump(&patient.path()).await;
    let (mut state, mut found) = (0x9e37_79b9_7f4a_7c15_u64, 0);
    for _ in 0..count {
        // xorshift64: the same offsets and bits each time.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let mut bytes = patient.sound().to_vec();
        let offset = usize::try_from(state >> 8).unwrap() % bytes.len();
        let bit = 1_u8 << (state & 7);
        bytes[offset] ^= bit;
        restore(patient, &bytes);
        if is_found(patient).await {
            found += 1;
        } else {
            assert_eq!(dump(&patient.path()).await, sound, "byte {offset}, bit {bit:#04x} is not found");
        }
    }
    assert!(found > count / 20, "{found} of {count} flips were found");
}

async fn is_found(patient: &impl Patient) -> bool {
    !matches!(patient.says(None).await, Says::Nothing)
}

/// Runs a statement on a sound copy; false where SQLite itself refuses it.
async fn damage(patient: &impl Patient, statement: &str, cells: &[&Cell]) -> bool {
    restore(patient, patient.sound());
    let mut connection = quick(&patient.path()).await;
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

/// The file with these bytes, and nothing beside it.
fn restore(patient: &impl Patient, bytes: &[u8]) {
    let path = patient.path();
    for end in ["-wal", "-shm"] {
        let mut beside = path.clone().into_os_string();
        beside.push(end);
        let _missing = std::fs::remove_file(beside);
    }
    std::fs::write(path, bytes).unwrap();
}

async fn quick(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).synchronous(sqlx::sqlite::SqliteSynchronous::Off);
    options.foreign_keys(false).connect().await.unwrap()
}

async fn tables(connection: &mut SqliteConnection) -> Vec<Table> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM pragma_table_list \
         WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
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
            let other_case = |c: char| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
            let swapped: String = text.chars().map(other_case).collect();
            let texts = flipped(text.as_bytes()).into_iter().filter_map(|bytes| String::from_utf8(bytes).ok());
            let texts = texts.chain([swapped, format!("{text} ")]).filter(|other| other != text);
            texts.map(Cell::Text).chain([Cell::Null]).collect()
        }
        Cell::Blob(bytes) => flipped(bytes)
            .into_iter()
            .map(Cell::Blob)
            .chain([Cell::Blob([bytes, &[0][..]].concat()), Cell::Null])
            .collect(),
    }
}
