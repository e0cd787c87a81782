//! Rows that no signature binds: what the hub keeps beside the log (`serial`, `node_seen`, `cosignature`).
//!
//! Each carries a digest of its other columns, and `tally` says how many rows a table has and what their digests give
//! together, so that a changed, a missing and an added row are all found. A row is changed through [`change`] alone: it refuses
//! to build upon a row that does not fit its digest. In scope: the digests of the rows and the tally, written and read. Out of
//! scope: what the columns mean (`serials`, `nodes`), the digest's bytes (`runtime::digest`).

use futures::TryStreamExt as _;
use multaqa_proto::hash::hex;
use multaqa_runtime::digest::{self, Tally, Value};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Column as _, Row as _, Sqlite, SqliteConnection, TypeInfo as _, ValueRef as _};

use super::error::touched;
use super::{Store, StoreError};

/// A table whose rows carry digests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    /// Its name.
    pub(crate) table: &'static str,
    /// Its primary key.
    pub(crate) key: &'static str,
}

/// Issued certificates.
pub(super) const SERIAL: Kept = Kept { table: "serial", key: "serial" };
/// Nodes as they were heard.
pub(super) const NODE_SEEN: Kept = Kept { table: "node_seen", key: "writer" };
/// Cosignatures, which are signed; here for the rows that may vanish.
pub(super) const COSIGNATURE: Kept = Kept { table: "cosignature", key: "writer" };
/// Whether the store was restored.
pub(super) const RESTORED: Kept = Kept { table: "restored", key: "what" };
/// Records that were set aside.
pub(super) const DROPPED: Kept = Kept { table: "dropped", key: "number" };
/// Operators' decisions, which are signed; here for the rows that may vanish.
pub(super) const DECISION: Kept = Kept { table: "decision", key: "operator" };
/// All of them.
pub(crate) const KEPT: &[Kept] = &[SERIAL, NODE_SEEN, COSIGNATURE, RESTORED, DROPPED, DECISION];

/// The value of a primary key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key<'a> {
    Text(&'a str),
    Blob(&'a [u8]),
    Number(i64),
}

/// A row as it is, and the digest that it carries.
struct Bound {
    computed: [u8; 32],
    carried: Vec<u8>,
}

/// Writes one row of a kept table, and its digest and the table's tally with it. Gives the rows that the write touched.
pub(super) async fn change(
    tx: &mut SqliteConnection,
    kept: Kept,
    key: Key<'_>,
    write: Query<'_, Sqlite, SqliteArguments>,
) -> Result<u64, StoreError> {
    let Kept { table, .. } = kept;
    let mut tally = tally(tx, table).await?;
    if let Some(before) = read(tx, kept, key).await? {
        if before.carried != before.computed {
            return Err(StoreError::RowBad { table, column: "digest", row: key.shown() });
        }
        tally.take(&before.computed);
    }
    let done = write.execute(&mut *tx).await?.rows_affected();
    if let Some(after) = read(tx, kept, key).await? {
        tally.add(&after.computed);
        let sql = format!("UPDATE {table} SET digest = ? WHERE {} = ?", kept.key);
        let set = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after.computed.to_vec());
        touched(table, 1, key.bind(set).execute(&mut *tx).await?.rows_affected())?;
    }
    let set = sqlx::query("UPDATE tally SET rows = ?, digest = ? WHERE name = ?");
    let set = set.bind(tally.rows).bind(tally.digest.to_vec()).bind(table);
    touched("tally", 1, set.execute(&mut *tx).await?.rows_affected())?;
    Ok(done)
}

async fn read(tx: &mut SqliteConnection, kept: Kept, key: Key<'_>) -> Result<Option<Bound>, StoreError> {
    let sql = format!("SELECT * FROM {} WHERE {} = ?", kept.table, kept.key);
    let row = key.bind(sqlx::query(sqlx::AssertSqlSafe(sql))).fetch_optional(tx).await?;
    row.map(|row| bound(kept.table, &row)).transpose()
}

async fn tally(tx: &mut SqliteConnection, table: &'static str) -> Result<Tally, StoreError> {
    let row = sqlx::query("SELECT rows, digest FROM tally WHERE name = ?").bind(table).fetch_optional(tx).await?;
    let bad = |column| StoreError::RowBad { table: "tally", column, row: table.to_owned() };
    let row = row.ok_or(bad("name"))?;
    let digest = row.try_get::<Vec<u8>, _>(1)?.try_into().map_err(|_| bad("digest"))?;
    Ok(Tally { rows: row.try_get(0)?, digest })
}

/// The digest of a row, of whatever table, and the one that it carries.
fn bound(table: &str, row: &SqliteRow) -> Result<Bound, StoreError> {
    let (mut values, mut carried) = (Vec::new(), Vec::new());
    for column in row.columns() {
        let at = column.ordinal();
        let raw = row.try_get_raw(at)?;
        let (null, kind) = (raw.is_null(), raw.type_info().name().to_owned());
        let value = match kind.as_str() {
            _ if null => Value::Null,
            "INTEGER" => Value::Integer(row.try_get_unchecked(at)?),
            "REAL" => Value::Real(row.try_get_unchecked(at)?),
            "TEXT" => Value::Text(row.try_get_unchecked(at)?),
            _ => Value::Blob(row.try_get_unchecked(at)?),
        };
        match (column.name(), value) {
            ("digest", Value::Blob(bytes)) => carried = bytes.to_vec(),
            (_, value) => values.push(value),
        }
    }
    Ok(Bound { computed: digest::row(table, values), carried })
}

impl Key<'_> {
    fn bind(self, query: Query<'_, Sqlite, SqliteArguments>) -> Query<'_, Sqlite, SqliteArguments> {
        match self {
            Self::Text(text) => query.bind(text.to_owned()),
            Self::Blob(bytes) => query.bind(bytes.to_vec()),
            Self::Number(number) => query.bind(number),
        }
    }
    fn shown(self) -> String {
        match self {
            Self::Text(text) => text.to_owned(),
            Self::Blob(bytes) => hex(bytes),
            Self::Number(number) => number.to_string(),
        }
    }
}

impl Store {
    /// Tallies of tables that have none.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) async fn stray_tallies(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT name FROM tally ORDER BY name LIMIT 100").fetch_all(&self.readers).await?;
        let names = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
        Ok(names.into_iter().filter(|name| !KEPT.iter().any(|kept| kept.table == name)).collect())
    }
    /// The rows of a kept table that do not fit their digests, and whether all rows together fit the table's tally.
    ///
    /// # Errors
    /// Where a row cannot be read at all.
    pub(crate) async fn unbound(&self, kept: Kept) -> Result<(Vec<String>, bool), StoreError> {
        let Kept { table, key } = kept;
        let stored = tally(&mut *self.readers.acquire().await?, table).await;
        let (mut found, mut unfit) = (Tally::default(), Vec::new());
        let sql = format!("SELECT * FROM {table} ORDER BY {key}");
        let mut rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch(&self.readers);
        while let Some(row) = rows.try_next().await? {
            let Bound { computed, carried } = bound(table, &row)?;
            // The tally is of what was written, so that a changed row does not make it wrong, too.
            found.add(&carried.clone().try_into().unwrap_or_default());
            if carried != computed {
                unfit.push(shown(&row, key));
            }
        }
        Ok((unfit, stored.is_ok_and(|stored| stored == found)))
    }
}

fn shown(row: &SqliteRow, key: &str) -> String {
    let text = || row.try_get::<String, _>(key).ok();
    let bytes = || row.try_get::<Vec<u8>, _>(key).ok().map(|bytes| hex(&bytes));
    let number = || row.try_get::<i64, _>(key).ok().map(|number| number.to_string());
    text().or_else(bytes).or_else(number).unwrap_or_default()
}
