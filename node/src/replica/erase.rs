//! Erasing what tombstones withdraw.
//!
//! In scope: contents of entries, also of those that come later; scrubbing the file. Out of scope: the objects' rows
//! (`object`), own records (`journal`).

use std::collections::BTreeSet;

use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::ObjectId;
use multaqa_proto::number::LeafIndex;

use super::Replica;
use super::fold::Erasure;
use crate::store::{Cells, Scrubbed, StoreError, Tx};

/// Erases the contents that the tombstones name, where they are of the object, and remembers what was named.
pub(super) async fn erase(tx: &mut Tx, erasures: &[Erasure]) -> Result<u64, StoreError> {
    let at = tx.at;
    let mut erased = 0;
    for Erasure { object, revisions } in erasures {
        let object = object.to_string();
        for record_id in revisions {
            sqlx::query("INSERT INTO withdrawn (record_id, object) VALUES (?, ?) ON CONFLICT DO NOTHING")
                .bind(record_id.to_vec())
                .bind(&object)
                .execute(tx.conn())
                .await
                .map_err(|e| at.failed(e))?;
            erased += sqlx::query(
                "UPDATE entry SET content = NULL, erased = 1 WHERE record_id = ? AND content_id = ? AND content IS NOT NULL",
            )
            .bind(record_id.to_vec())
            .bind(&object)
            .execute(tx.conn())
            .await
            .map_err(|e| at.failed(e))?
            .rows_affected();
        }
    }
    Ok(erased)
}

/// Erases the contents within a run of entries that were withdrawn before they came; ids of those records.
pub(super) async fn erase_late(
    tx: &mut Tx,
    first: LeafIndex,
    last: LeafIndex,
) -> Result<BTreeSet<RecordId>, StoreError> {
    let at = tx.at;
    let rows = sqlx::query(
        "UPDATE entry SET content = NULL, erased = 1 WHERE idx BETWEEN ? AND ? AND content IS NOT NULL AND EXISTS \
         (SELECT 1 FROM withdrawn w WHERE w.record_id = entry.record_id AND w.object = entry.content_id) \
         RETURNING record_id",
    )
    .bind(first.to_i64())
    .bind(last.to_i64())
    .fetch_all(tx.conn())
    .await
    .map_err(|e| at.failed(e))?;
    rows.iter().map(|row| Cells { table: "entry", row }.hash("record_id")).collect()
}

/// Notes that copies of erased contents may be left in the file's pages.
pub(super) async fn note_unscrubbed(tx: &mut Tx) -> Result<(), StoreError> {
    let at = tx.at;
    sqlx::query("UPDATE cursor SET unscrubbed = 1").execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    Ok(())
}

impl Replica {
    /// Leaves no byte of erased contents in the files, where some were erased since the last time. Takes as long as writing
    /// the file anew.
    pub async fn scrub(&self) -> Result<Scrubbed, StoreError> {
        let mut tx = self.store.read("read_unscrubbed").await?;
        let at = tx.at;
        let unscrubbed: Option<bool> = sqlx::query_scalar("SELECT unscrubbed FROM cursor")
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        drop(tx);
        if unscrubbed != Some(true) {
            return Ok(Scrubbed::Clean);
        }
        if !self.store.scrub().await? {
            return Ok(Scrubbed::Busy);
        }
        let mut tx = self.store.begin("note_scrubbed").await?;
        let at = tx.at;
        sqlx::query("UPDATE cursor SET unscrubbed = 0").execute(tx.conn()).await.map_err(|e| at.failed(e))?;
        tx.commit().await?;
        Ok(Scrubbed::Done)
    }

    /// Record ids of this member's objects that tombstones name, by object: the journal erases them too.
    pub(crate) async fn withdrawn_own(&self) -> Result<Vec<(ObjectId, Vec<RecordId>)>, StoreError> {
        let mut tx = self.store.read("read_withdrawn").await?;
        let at = tx.at;
        let rows =
            sqlx::query("SELECT object, record_id FROM withdrawn WHERE object >= ? AND object < ? ORDER BY object")
                .bind(format!("{}:", self.me))
                .bind(format!("{};", self.me))
                .fetch_all(tx.conn())
                .await
                .map_err(|e| at.failed(e))?;
        let mut found: Vec<(ObjectId, Vec<RecordId>)> = Vec::new();
        for row in &rows {
            let cells = Cells { table: "withdrawn", row };
            let (object, record_id): (ObjectId, Hash) = (cells.parsed("object")?, cells.hash("record_id")?);
            match found.last_mut().filter(|(last, _)| *last == object) {
                Some((_, revisions)) => revisions.push(record_id),
                None => found.push((object, vec![record_id])),
            }
        }
        Ok(found)
    }
}
