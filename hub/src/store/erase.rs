//! Erasing contents: within the commit that orders the tombstone, and then from the WAL.
//!
//! A content is overwritten with as many zero bytes (no content begins with one), its readers with as many spaces. The row
//! keeps its length, so SQLite writes it in place: rows that shrink make it move their neighbours, and `secure_delete` does
//! not reach the copies that it leaves in pages when it moves rows.
//!
//! Out of scope: which tombstones hold (`log::erase`), caches (`fanout`), backups (by age).

use multaqa_proto::fold::Erasure;
use multaqa_proto::hash::Hash;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::audience::Audience;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::{BUSY, Store, StoreError};

/// Overwrites the contents that a tombstone takes; gives the entries that had one.
pub(super) async fn erase(tx: &mut SqliteConnection, erasure: &Erasure) -> Result<Vec<LeafIndex>, StoreError> {
    let rows = sqlx::query(
        "SELECT idx, record_id, writer, readers FROM entry
         WHERE object_id = ? AND idx < ? AND control = 0 AND trim(readers) <> '' ORDER BY idx",
    )
    .bind(erasure.object.to_string())
    .bind(erasure.below.to_i64())
    .fetch_all(&mut *tx)
    .await?;
    let mut erased = Vec::new();
    for row in &rows {
        if let Some(index) = taken(erasure, row)? {
            sqlx::query(
                "UPDATE entry SET content = zeroblob(length(content)),
                     readers = replace(hex(zeroblob(length(readers))), '00', ' ') WHERE idx = ?",
            )
            .bind(index.to_i64())
            .execute(&mut *tx)
            .await?;
            erased.push(index);
        }
    }
    Ok(erased)
}

/// The entry in a row, which has a content of the tombstone's object, where the tombstone takes it.
fn taken(erasure: &Erasure, row: &SqliteRow) -> Result<Option<LeafIndex>, StoreError> {
    let idx: i64 = row.try_get(0)?;
    let bad = |column| StoreError::RowBad { table: "entry", column, row: idx.to_string() };
    let index = LeafIndex::from_i64(idx).ok_or(bad("idx"))?;
    let record_id = row.try_get::<Option<&[u8]>, _>(1)?.and_then(Hash::from_slice).ok_or(bad("record_id"))?;
    let writer = row.try_get::<Option<&str>, _>(2)?.and_then(|writer| writer.parse().ok()).ok_or(bad("writer"))?;
    let audience = Audience::parse(&row.try_get::<&str, _>(3)?.split(' ').collect::<Vec<_>>());
    let audience = audience.map_err(|_| bad("readers"))?;
    Ok((erasure.names(index, &record_id, &writer) && erasure.audience.includes(&audience)).then_some(index))
}

impl Store {
    /// Moves all of the WAL into the file and cuts it to nothing, so that no erased byte is left in it. False where a
    /// reader's snapshot is in the way: to be tried again.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn purge_wal(&self) -> Result<bool, StoreError> {
        let mut writer = self.writer.acquire().await?;
        // Commits wait meanwhile, so a reader in the way is not waited for.
        sqlx::raw_sql("PRAGMA busy_timeout = 10").execute(&mut *writer).await?;
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *writer).await;
        let restore = format!("PRAGMA busy_timeout = {}", BUSY.as_millis());
        sqlx::raw_sql(sqlx::AssertSqlSafe(restore)).execute(&mut *writer).await?;
        Ok(row?.try_get::<i64, _>(0)? == 0)
    }
}
