//! Rows that nothing signed binds: what a node keeps for itself (its instance, lanes, alarms, its cursor).
//!
//! Each carries a digest of its other columns, and `tally` says how many rows a table has and what their digests give
//! together, so that a changed, a missing and an added row are all found. A row is changed through [`change`] alone: it refuses
//! to build upon a row that does not fit its digest. In scope: the digests of the rows and the tally, written and read. Out of
//! scope: what the columns mean (`journal`, `replica`), the digest's bytes (`runtime::digest`).

use multaqa_proto::hash::hex;
use multaqa_runtime::digest::{self, Tally, Value};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Column as _, Row as _, Sqlite, TypeInfo as _, ValueRef as _};
use tokio_stream::StreamExt as _;

use super::{Cells, StoreError, Tx};

/// A table whose rows carry digests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    /// Its name.
    pub(crate) table: &'static str,
    /// Its primary key.
    pub(crate) key: &'static str,
    /// Whether rows may come and go, so that the table has a tally.
    pub(crate) tallied: bool,
}

/// The value of a primary key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key<'a> {
    /// The only row of its table.
    One,
    Text(&'a str),
}

/// A row as it is, and the digest that it carries.
struct Bound {
    computed: [u8; 32],
    carried: Vec<u8>,
}

/// Rows that do not hold.
#[derive(Debug, Default)]
pub(crate) struct Unbound {
    /// Keys of those that do not fit their digests.
    pub(crate) rows: Vec<String>,
    /// Whether rows and tally do not fit one another.
    pub(crate) tally: bool,
}

/// Writes one row of a kept table, and its digest and the table's tally with it. Gives the rows that the write touched.
pub(crate) async fn change(
    tx: &mut Tx,
    kept: Kept,
    key: Key<'_>,
    write: Query<'_, Sqlite, SqliteArguments>,
) -> Result<u64, StoreError> {
    let (at, Kept { table, tallied, .. }) = (tx.at, kept);
    let mut tally = if tallied { tally(tx, table).await? } else { Tally::default() };
    if let Some(before) = read(tx, kept, key).await? {
        if before.carried != before.computed {
            let detail = "the row was changed behind the program's back".to_owned();
            return Err(StoreError::RowBad { table, column: "digest", row: key.shown(), detail });
        }
        tally.take(&before.computed);
    }
    let done = write.execute(tx.conn()).await.map_err(|e| at.failed(e))?.rows_affected();
    if let Some(after) = read(tx, kept, key).await? {
        tally.add(&after.computed);
        let sql = format!("UPDATE {table} SET digest = ? WHERE {} = ?", kept.key);
        let set = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after.computed.to_vec());
        key.bind(set).execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    }
    if tallied {
        let set = sqlx::query("UPDATE tally SET rows = ?, digest = ? WHERE name = ?");
        let set = set.bind(tally.rows).bind(tally.digest.to_vec()).bind(table);
        set.execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    }
    Ok(done)
}

/// What of a kept table does not hold.
pub(crate) async fn unbound(tx: &mut Tx, kept: Kept) -> Result<Unbound, StoreError> {
    let (at, Kept { table, key, tallied }) = (tx.at, kept);
    let stored = if tallied { tally(tx, table).await.ok() } else { None };
    let (mut found, mut unbound) = (Tally::default(), Unbound::default());
    let sql = format!("SELECT * FROM {table} ORDER BY {key}");
    let mut rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch(tx.conn());
    while let Some(row) = rows.try_next().await.map_err(|e| at.failed(e))? {
        let Bound { computed, carried } = bound(table, &row)?;
        // The tally is of what was written, so that a changed row does not make it wrong, too.
        found.add(&carried.clone().try_into().unwrap_or_default());
        if carried != computed {
            unbound.rows.push(shown(&row, key));
        }
    }
    unbound.tally = tallied && stored != Some(found);
    Ok(unbound)
}

/// Tallies of tables that have none.
pub(crate) async fn stray_tallies(tx: &mut Tx, kept: &[Kept]) -> Result<Vec<String>, StoreError> {
    let at = tx.at;
    if kept.iter().all(|kept| !kept.tallied) {
        return Ok(Vec::new());
    }
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM tally ORDER BY name LIMIT 100")
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    let known = |name: &String| kept.iter().any(|kept| kept.tallied && kept.table == name);
    Ok(names.into_iter().filter(|name| !known(name)).collect())
}

async fn read(tx: &mut Tx, kept: Kept, key: Key<'_>) -> Result<Option<Bound>, StoreError> {
    let at = tx.at;
    let sql = format!("SELECT * FROM {} WHERE {} = ?", kept.table, kept.key);
    let query = key.bind(sqlx::query(sqlx::AssertSqlSafe(sql)));
    let row = query.fetch_optional(tx.conn()).await.map_err(|e| at.failed(e))?;
    row.map(|row| bound(kept.table, &row)).transpose()
}

async fn tally(tx: &mut Tx, table: &'static str) -> Result<Tally, StoreError> {
    let at = tx.at;
    let row = sqlx::query("SELECT name, rows, digest FROM tally WHERE name = ?")
        .bind(table)
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    let missing =
        || StoreError::RowBad { table: "tally", column: "name", row: table.to_owned(), detail: "missing".to_owned() };
    let row = row.ok_or_else(missing)?;
    let cells = Cells { table: "tally", row: &row };
    let digest: &[u8] = cells.get("digest")?;
    let digest = digest.try_into().map_err(|_| cells.bad("digest", &"not 32 bytes"))?;
    Ok(Tally { rows: cells.get("rows")?, digest })
}

/// The digest of a row, of whatever table, and the one that it carries.
fn bound(table: &'static str, row: &SqliteRow) -> Result<Bound, StoreError> {
    let (mut values, mut carried) = (Vec::new(), Vec::new());
    let cells = Cells { table, row };
    for column in row.columns() {
        let bad = |error: sqlx::Error| cells.bad("digest", &error);
        let at = column.ordinal();
        let raw = row.try_get_raw(at).map_err(bad)?;
        let (null, kind) = (raw.is_null(), raw.type_info().name().to_owned());
        let value = match kind.as_str() {
            _ if null => Value::Null,
            "INTEGER" => Value::Integer(row.try_get_unchecked(at).map_err(bad)?),
            "REAL" => Value::Real(row.try_get_unchecked(at).map_err(bad)?),
            "TEXT" => Value::Text(row.try_get_unchecked(at).map_err(bad)?),
            _ => Value::Blob(row.try_get_unchecked(at).map_err(bad)?),
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
            Self::One => query.bind(1),
            Self::Text(text) => query.bind(text.to_owned()),
        }
    }
    fn shown(self) -> String {
        match self {
            Self::One => "1".to_owned(),
            Self::Text(text) => text.to_owned(),
        }
    }
}

fn shown(row: &SqliteRow, key: &str) -> String {
    let text = || row.try_get::<String, _>(key).ok();
    let number = || row.try_get::<i64, _>(key).ok().map(|number| number.to_string());
    let bytes = || row.try_get::<Vec<u8>, _>(key).ok().map(|bytes| hex(&bytes));
    text().or_else(number).or_else(bytes).unwrap_or_default()
}
