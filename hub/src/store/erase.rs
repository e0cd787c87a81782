//! Erasing contents: within the commit that orders the tombstone, and then from the WAL.
//!
//! A content is overwritten with as many zero bytes (no content begins with one), its readers with as many spaces. The row
//! keeps its length, so SQLite writes it in place: rows that shrink make it move their neighbours, and `secure_delete` does
//! not reach the copies that it leaves in pages when it moves rows.
//!
//! Out of scope: which tombstones erase (`log::erase`), caches (`fanout`), backups (by age).

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::TryStreamExt as _;
use multaqa_proto::directory::Directory;
use multaqa_proto::fold::{Fold, Held, Judged, Placed};
use multaqa_proto::id::ObjectId;
use multaqa_proto::log::leaf::Leaf;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::Received;
use sqlx::{Row as _, SqliteConnection};

use super::row::{COLUMNS, Columns, StoredEntry};
use super::{BUSY, Store, StoreError};

/// All contents of one object below an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Erasure {
    /// The object.
    pub(crate) object: ObjectId,
    /// The tombstone's index.
    pub(crate) below: LeafIndex,
}

/// Overwrites the contents where the tombstone holds; gives the entries that had one.
pub(super) async fn erase(
    tx: &mut SqliteConnection,
    erasure: &Erasure,
    directory: &Arc<Directory>,
) -> Result<Vec<LeafIndex>, StoreError> {
    if !holds(tx, erasure, directory).await? {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(
        "UPDATE entry SET content = zeroblob(length(content)),
             readers = replace(hex(zeroblob(length(readers))), '00', ' ')
         WHERE object_id = ? AND idx < ? AND control = 0 AND trim(readers) <> '' RETURNING idx",
    )
    .bind(erasure.object.to_string())
    .bind(erasure.below.to_i64())
    .fetch_all(tx)
    .await?;
    rows.iter()
        .map(|row| {
            let idx: i64 = row.try_get(0)?;
            LeafIndex::from_i64(idx).ok_or(StoreError::RowBad { table: "entry", column: "idx", row: idx.to_string() })
        })
        .collect()
}

/// Whether the tombstone is valid: the object is folded from all its records, as every node folds what it may read. What a
/// void tombstone erased here, nodes that come later could not hold, while those that were there go on holding it.
async fn holds(tx: &mut SqliteConnection, erasure: &Erasure, directory: &Arc<Directory>) -> Result<bool, StoreError> {
    let Erasure { object, below } = erasure;
    let select = format!("SELECT {COLUMNS} FROM entry WHERE (object_id = ? AND idx < ?) OR idx = ? ORDER BY idx");
    let mut rows = sqlx::query(sqlx::AssertSqlSafe(select))
        .bind(object.to_string())
        .bind(below.to_i64())
        .bind(below.to_i64())
        .fetch(tx);
    let mut fold = Fold::new(Held::nothing(Arc::clone(directory)));
    let mut judged = None;
    while let Some(row) = rows.try_next().await? {
        let StoredEntry { entry, .. } = Columns::of(&row)?.parse()?;
        let bad = |column| StoreError::RowBad { table: "entry", column, row: entry.index.to_string() };
        let leaf = Leaf::parse(&entry.leaf).map_err(|_| bad("leaf"))?;
        let Some(content) = entry.content else {
            // Erased before: the id is spent.
            fold = Fold::new(Held::new(Arc::clone(directory), BTreeMap::new(), [object.clone()].into()));
            continue;
        };
        let received = Received { statement: leaf.body, content: Some(content), signature: entry.signature };
        let record = received.parse().map_err(|_| bad("content"))?;
        let Some(Ok(content)) = record.content() else { return Err(bad("content")) };
        judged = Some(fold.judge(&Placed {
            index: entry.index,
            record_id: record.record_id,
            writer: &record.statement.writer,
            key_id: record.signature.key_id,
            accepted_at_ms: leaf.accepted_at_ms,
            content: &content,
        }));
    }
    // The last one is the tombstone.
    Ok(judged == Some(Judged::Valid))
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
