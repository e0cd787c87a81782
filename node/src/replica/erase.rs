//! Erasing what tombstones withdraw.
//!
//! In scope: contents of entries, also of those that come later; scrubbing the file. Out of scope: the objects' rows
//! (`object`), own records (`journal`).

use multaqa_proto::number::LeafIndex;

use super::{CURSOR, Replica};
use crate::point;
use crate::store::{Cells, Key, Scrubbed, StoreError, Tx, change};
use multaqa_proto::fold::Erasure;

/// Erases all contents of the objects below their tombstones, and what verdicts quote of them.
pub(super) async fn erase(tx: &mut Tx, erasures: &[Erasure]) -> Result<u64, StoreError> {
    let at = tx.at;
    let mut erased = 0;
    for Erasure { object, below } in erasures {
        erased += sqlx::query(
            "UPDATE entry SET content = NULL, verdict_args = NULL, erased = 1, \
             judged = CASE WHEN verdict IS NULL THEN x'00' ELSE substr(judged, 33) END \
             WHERE object = ?1 AND content_id = ?1 AND idx < ?2 AND (content IS NOT NULL OR verdict_args IS NOT NULL)",
        )
        .bind(object.to_string())
        .bind(below.to_i64())
        .execute(tx.conn())
        .await
        .map_err(|e| at.failed(e))?
        .rows_affected();
    }
    Ok(erased)
}

/// Erases the contents within a run of entries that were withdrawn before they came.
pub(super) async fn erase_late(tx: &mut Tx, first: LeafIndex, last: LeafIndex) -> Result<u64, StoreError> {
    let at = tx.at;
    let done = sqlx::query(
        "UPDATE entry SET content = NULL, verdict_args = NULL, erased = 1, \
             judged = CASE WHEN verdict IS NULL THEN x'00' ELSE substr(judged, 33) END \
         WHERE idx BETWEEN ? AND ? AND content IS NOT NULL AND EXISTS \
         (SELECT 1 FROM object o WHERE o.id = entry.content_id AND o.withdrawn = 1 AND o.idx > entry.idx)",
    )
    .bind(first.to_i64())
    .bind(last.to_i64())
    .execute(tx.conn())
    .await
    .map_err(|e| at.failed(e))?;
    Ok(done.rows_affected())
}

/// Notes that copies of erased contents may be left in the file's pages.
pub(super) async fn note_unscrubbed(tx: &mut Tx) -> Result<(), StoreError> {
    change(tx, CURSOR, Key::One, sqlx::query("UPDATE cursor SET unscrubbed = 1")).await.map(drop)
}

impl Replica {
    /// Leaves no byte of erased contents in the files, where some were erased since the last time. Takes as long as writing
    /// the file anew.
    pub async fn scrub(&self) -> Result<Scrubbed, StoreError> {
        let mut tx = self.store.read_once("read_unscrubbed").await?;
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
        at.pass(point::SCRUB_ENDED)?;
        let mut tx = self.store.begin("note_scrubbed").await?;
        change(&mut tx, CURSOR, Key::One, sqlx::query("UPDATE cursor SET unscrubbed = 0")).await?;
        let at = tx.at;
        tx.commit().await?;
        at.pass(point::SCRUB_NOTED)?;
        Ok(Scrubbed::Done)
    }

    /// What tombstones of this member's objects erase: the journal erases it too.
    pub(crate) async fn withdrawn_own(&self) -> Result<Vec<Erasure>, StoreError> {
        let mut tx = self.store.read("read_withdrawn").await?;
        let at = tx.at;
        let rows = sqlx::query("SELECT id, idx FROM object WHERE withdrawn = 1 AND country = ? ORDER BY id")
            .bind(self.me.to_string())
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        rows.iter()
            .map(|row| {
                let cells = Cells { table: "object", row };
                Ok(Erasure { object: cells.parsed("id")?, below: LeafIndex(cells.number("idx")?) })
            })
            .collect()
    }
}
