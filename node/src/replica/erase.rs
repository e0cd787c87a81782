//! Erasing what tombstones withdraw.
//!
//! In scope: contents of entries; scrubbing the file. Out of scope: which contents a tombstone takes
//! (`proto::fold::Erasure`), what is left of a withdrawn object (`unerased`), the objects' rows (`object`), own records
//! (`journal`).

use std::sync::Arc;

use multaqa_proto::directory::Directory;
use multaqa_proto::fold::{Erasure, Fold, Held};

use super::fill::replay_tombstones;
use super::unerased::{Whole, contents};
use super::{CURSOR, Replica};
use crate::point;
use crate::store::{Cells, Key, Scrubbed, StoreError, Tx, change};

/// Erases the contents that tombstones take, and what verdicts quote of them.
pub(super) async fn erase(tx: &mut Tx, erasures: &[Erasure]) -> Result<u64, StoreError> {
    let (at, mut erased) = (tx.at, 0);
    for erasure in erasures {
        let mut after = None;
        loop {
            let page = contents(tx, &erasure.object, after).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.index);
            let taken = |whole: &&Whole| erasure.takes(whole.index, &whole.record_id, &whole.writer, &whole.content);
            for Whole { index, .. } in page.iter().filter(taken) {
                sqlx::query(
                    "UPDATE entry SET content = NULL, verdict_args = NULL, erased = 1, \
                     judged = CASE WHEN verdict IS NULL THEN x'00' ELSE substr(judged, 33) END WHERE idx = ?",
                )
                .bind(index.to_i64())
                .execute(tx.conn())
                .await
                .map_err(|e| at.failed(e))?;
                erased += 1;
            }
        }
    }
    Ok(erased)
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
    pub(crate) async fn withdrawn_own(&self, directory: &Arc<Directory>) -> Result<Vec<Erasure>, StoreError> {
        let mut tx = self.store.read("read_withdrawn").await?;
        let at = tx.at;
        let rows = sqlx::query("SELECT id FROM object WHERE withdrawn = 1 AND country = ? ORDER BY id")
            .bind(self.me.to_string())
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let mut fold = Fold::new(Held::nothing(Arc::clone(directory)));
        for row in &rows {
            let id = Cells { table: "object", row }.parsed("id")?;
            replay_tombstones(&mut tx, &mut fold, &id).await?;
        }
        Ok(fold.erasures)
    }
}
