//! Going back to where the log was closed: what stood above it is on no log any more.
//!
//! In scope: the transaction `fall_back`, the directory at a past size. Out of scope: whether the node goes back, and to where
//! (`sync::succession`).
//!
//! All or nothing: entries, objects, chains, subtrees, sealed checkpoints, cosignatures and the cursor are of the smaller size then.
//! Objects that lost an entry are judged anew from those that are left; contents that a tombstone above took are gone, and their
//! entries are stubs from then on, until the tombstone comes again. A replica that began with runs lacks what this is made from: it
//! is emptied, and fetched again from the log.

use std::collections::BTreeSet;
use std::sync::Arc;

use multaqa_proto::directory::Directory;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::ObjectId;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::{ControlChain, Seal};
use multaqa_proto::log::subtree::Plan;
use multaqa_proto::number::TreeSize;
use multaqa_proto::record::statement::Statement;
use multaqa_proto::sync::intake::Intake;

use super::directory::fold_directory;
use super::fill::refold;
use super::{COSIGNATURE, CURSOR, Replica, erase, object, run, subtree};
use crate::journal::Identity;
use crate::point;
use crate::store::{Cells, Key, StoreError, Tx, change};

impl Replica {
    /// The directory as it was at a size; none where the replica does not hold its control records.
    ///
    /// # Errors
    /// Where the disk refuses or a row is bad.
    pub(crate) async fn directory_at(
        &self,
        genesis: RecordId,
        size: TreeSize,
    ) -> Result<Option<Directory>, StoreError> {
        let mut tx = self.store.read("directory_at").await?;
        Ok(fold_directory(&mut tx, genesis, size).await?.ok().map(|(directory, _)| directory))
    }

    /// Takes back all entries from `to` on, where `note` is the checkpoint; the reader's state there. A replica that cannot is
    /// emptied.
    ///
    /// # Errors
    /// Where the disk refuses; nothing has changed then.
    pub(crate) async fn fall_back(
        &self,
        identity: &Identity,
        to: TreeSize,
        note: &str,
        now_ms: i64,
    ) -> Result<Intake, StoreError> {
        let mut tx = self.store.begin("fall_back").await?;
        let at = tx.at;
        if to == TreeSize(0) || run::started(&mut tx).await?.is_some() {
            take_beside(&mut tx, TreeSize(0)).await?;
            tx.commit().await?;
            self.abandon_start().await?;
            self.move_to(None);
            self.note_any();
            return Ok(super::empty(identity));
        }
        let touched = touched(&mut tx, to).await?;
        take_entries(&mut tx, to).await?;
        at.pass(point::FALL_BACK_BEGUN)?;
        let folded = fold_directory(&mut tx, identity.genesis, to).await?;
        let (directory, control) = folded.map_err(|detail| StoreError::RowBad {
            table: "entry",
            column: "leaf",
            row: String::new(),
            detail,
        })?;
        for id in &touched {
            object::delete(&mut tx, id).await?;
            forget_erased(&mut tx, id).await?;
        }
        let directory = Arc::new(directory);
        if refold(&mut tx, &directory, &touched).await? {
            erase::note_unscrubbed(&mut tx).await?;
        }
        take_beside(&mut tx, to).await?;
        set_cursor(&mut tx, &directory, control, to, note, now_ms).await?;
        at.pass(point::FALL_BACK_WRITTEN)?;
        tx.commit().await?;
        at.pass(point::FALL_BACK_STORED)?;
        let (state, checkpoint) = match self.load_state(identity.genesis).await? {
            Some(Ok(loaded)) => loaded,
            Some(Err(detail)) => {
                return Err(StoreError::RowBad { table: "cursor", column: "size", row: to.to_string(), detail });
            }
            None => return Ok(super::empty(identity)),
        };
        self.move_to(self.read_cursor().await?);
        self.note_late(touched);
        let mut intake = Intake::resume(identity.member.clone(), state, checkpoint);
        self.teach(&mut intake).await?;
        Ok(intake)
    }
}

/// Objects that an entry from this size on is about.
async fn touched(tx: &mut Tx, to: TreeSize) -> Result<BTreeSet<ObjectId>, StoreError> {
    let at = tx.at;
    let rows = sqlx::query("SELECT DISTINCT object FROM entry WHERE idx >= ? AND object IS NOT NULL")
        .bind(to.to_i64())
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    rows.iter().map(|row| Cells { table: "entry", row }.parsed("object")).collect()
}

/// Deletes the entries, and leaves each of their writers its newest one before.
async fn take_entries(tx: &mut Tx, to: TreeSize) -> Result<(), StoreError> {
    let at = tx.at;
    let rows = sqlx::query("SELECT DISTINCT writer FROM entry WHERE idx >= ? AND writer IS NOT NULL")
        .bind(to.to_i64())
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    for row in &rows {
        let writer: String = Cells { table: "entry", row }.get("writer")?;
        sqlx::query("DELETE FROM chain WHERE writer = ?")
            .bind(&writer)
            .execute(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let newest = sqlx::query(
            "SELECT idx, leaf, record_id FROM entry WHERE writer = ? AND idx < ? ORDER BY idx DESC LIMIT 1",
        )
        .bind(&writer)
        .bind(to.to_i64())
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        let Some(newest) = newest else { continue };
        let cells = Cells { table: "entry", row: &newest };
        let leaf = Leaf::parse(&cells.get::<Vec<u8>>("leaf")?.into()).map_err(|error| cells.bad("leaf", &error))?;
        let statement = Statement::parse(&leaf.body).map_err(|error| cells.bad("leaf", &error))?;
        sqlx::query("INSERT INTO chain (writer, epoch, seq, record_id) VALUES (?, ?, ?, ?)")
            .bind(&writer)
            .bind(statement.epoch.to_i64())
            .bind(statement.seq.to_i64())
            .bind(cells.hash("record_id")?.to_vec())
            .execute(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
    }
    sqlx::query("DELETE FROM entry WHERE idx >= ?")
        .bind(to.to_i64())
        .execute(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    Ok(())
}

/// What was erased of an object by a tombstone that is gone is a stub like any other.
async fn forget_erased(tx: &mut Tx, id: &ObjectId) -> Result<(), StoreError> {
    let at = tx.at;
    sqlx::query(
        "UPDATE entry SET erased = 0, content_id = NULL, object = NULL, verdict = NULL, verdict_args = NULL, judged = NULL
         WHERE object = ?1 AND erased = 1
         AND NOT EXISTS (SELECT 1 FROM entry tombstone WHERE tombstone.object = ?1 AND tombstone.content_id <> ?1)",
    )
    .bind(id.to_string())
    .execute(tx.conn())
    .await
    .map_err(|e| at.failed(e))?;
    Ok(())
}

/// Subtrees, sealed checkpoints and cosignatures of more entries.
async fn take_beside(tx: &mut Tx, to: TreeSize) -> Result<(), StoreError> {
    let at = tx.at;
    for sql in ["DELETE FROM subtree WHERE (number + 1) << height > ?", "DELETE FROM sealed WHERE size > ?"] {
        sqlx::query(sql).bind(to.to_i64()).execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    }
    let rows = sqlx::query("SELECT witness FROM cosignature WHERE size > ?")
        .bind(to.to_i64())
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    for row in &rows {
        let witness: String = Cells { table: "cosignature", row }.get("witness")?;
        let forget = sqlx::query("DELETE FROM cosignature WHERE witness = ?").bind(witness.clone());
        change(tx, COSIGNATURE, Key::Text(&witness), forget).await?;
    }
    Ok(())
}

async fn set_cursor(
    tx: &mut Tx,
    directory: &Directory,
    control: ControlChain,
    to: TreeSize,
    note: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let at = tx.at;
    let newest = sqlx::query("SELECT idx, accepted_at_ms FROM entry ORDER BY idx DESC LIMIT 1")
        .fetch_one(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    let accepted_at_ms: i64 = Cells { table: "entry", row: &newest }.get("accepted_at_ms")?;
    let seal =
        sqlx::query("SELECT idx, leaf FROM entry WHERE record_id IS NULL AND control = 0 ORDER BY idx DESC LIMIT 1")
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
    let seal_time_ms = match &seal {
        None => 0,
        Some(row) => {
            let cells = Cells { table: "entry", row };
            let leaf = Leaf::parse(&cells.get::<Vec<u8>>("leaf")?.into()).map_err(|error| cells.bad("leaf", &error))?;
            let seal = Seal::parse(&leaf.body).map_err(|error| cells.bad("leaf", &error))?;
            if leaf.leaf_type == LeafType::Seal { seal.time_ms } else { 0 }
        }
    };
    let peaks: Vec<Hash> = subtree::prove(tx, &Plan::run(0..to.0)).await?;
    let frontier: Vec<u8> = peaks.iter().flat_map(|peak| peak.0).collect();
    let write = sqlx::query(
        "UPDATE cursor SET log = ?1, size = ?2, frontier = ?3, control_count = ?4, control_head = ?5, \
         seal_time_ms = ?6, accepted_at_ms = ?7, checkpoint = ?8, applied_at_ms = ?9, \
         view_floor = min(view_floor, ?2), fill_since = min(fill_since, ?2), fill_next = 0, fill_round = fill_round + 1",
    )
    .bind(directory.log_at(to).to_i64())
    .bind(to.to_i64())
    .bind(frontier)
    .bind(control.count.cast_signed())
    .bind(control.head.to_vec())
    .bind(seal_time_ms)
    .bind(accepted_at_ms)
    .bind(note)
    .bind(now_ms);
    change(tx, CURSOR, Key::One, write).await.map(drop)
}
