//! Taking back what was said of own records, where the log lost them: they are to be submitted again, as they were signed.
//!
//! A restored hub says that it lacks entries; a log is closed below its end, and the next begins; an operator lets a restored log go on
//! and says so on it; or what came back once is on no log any more. What the log itself shows is heeded as its frame is applied, and
//! again where a crash came before that was stored: an answer that comes later has to be borne out.
//! In scope: the transactions. Out of scope: when (`sync`), a hub's answers (`answered`).

use multaqa_proto::number::{LeafIndex, Seq, TreeSize};

use super::standing::Standing;
use super::{Journal, OwnState};
use crate::point;
use crate::store::{Cells, StoreError, Tx};

/// What became of own records that are on no log any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TakenBack {
    /// Records that are submitted again.
    pub(crate) again: usize,
    /// The first one that cannot be, since it was withdrawn and its content is gone: nothing can follow it in this epoch.
    pub(crate) broken: Option<Seq>,
}

impl Journal {
    /// Takes all awaited answers back. How many. The first of an epoch is the node's `key` record, which is redeemed and never
    /// submitted.
    pub(crate) async fn take_back_answers(&self) -> Result<usize, StoreError> {
        self.fresh.forget();
        let mut tx = self.store.begin("take_back_answers").await?;
        let at = tx.at;
        let taken = self.take_back(&mut tx, "seen = 0 AND state = 'accepted'", 0).await?;
        at.pass(point::TAKEN_BACK_WRITTEN)?;
        tx.commit().await?;
        at.pass(point::TAKEN_BACK_STORED)?;
        Ok(taken)
    }

    /// Takes back what was said of own records from an index on, since the log was closed there. Those that were withdrawn have no
    /// content to be submitted with; the hub orders them again by itself. How many.
    pub(crate) async fn take_back_from(&self, index: LeafIndex) -> Result<usize, StoreError> {
        self.fresh.forget();
        let mut tx = self.store.begin("take_back_from").await?;
        let taken = self.take_back(&mut tx, FROM, index.to_i64()).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// A notice says that a restored log went on at a size: answers on what stands above and did not come back are taken back. How
    /// many.
    pub(crate) async fn take_back_released(&self, size: TreeSize) -> Result<usize, StoreError> {
        self.fresh.forget();
        let mut tx = self.store.begin("take_back_released").await?;
        let lost = "seen = 0 AND state = 'accepted' AND idx >= ?2";
        let taken = self.take_back(&mut tx, lost, size.to_i64()).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// The log, all of which the replica holds, has own records up to this place alone: those that came back above it are on no log
    /// any more.
    pub(crate) async fn take_back_above(&self, seq: Seq) -> Result<TakenBack, StoreError> {
        self.fresh.forget();
        let mut tx = self.store.begin("take_back_above").await?;
        let at = tx.at;
        let broken: Option<i64> =
            sqlx::query_scalar("SELECT min(seq) FROM own WHERE epoch = ? AND seq > ? AND content IS NULL")
                .bind(self.identity.epoch.to_i64())
                .bind(seq.to_i64())
                .fetch_one(tx.conn())
                .await
                .map_err(|e| at.failed(e))?;
        let lost = "seq > ?2 AND seen = 1 AND content IS NOT NULL AND state IN ('accepted', 'void')";
        let again = self.take_back(&mut tx, lost, seq.to_i64()).await?;
        at.pass(point::TAKEN_BACK_WRITTEN)?;
        tx.commit().await?;
        at.pass(point::TAKEN_BACK_STORED)?;
        Ok(TakenBack { again, broken: broken.and_then(Seq::from_i64) })
    }

    /// The newest own place of the open epoch that came back; 0 where none did.
    pub(crate) async fn newest_seen(&self) -> Result<Seq, StoreError> {
        let mut tx = self.store.read_once("newest_seen").await?;
        let at = tx.at;
        let newest: Option<i64> = sqlx::query_scalar("SELECT max(seq) FROM own WHERE epoch = ? AND seen = 1")
            .bind(self.identity.epoch.to_i64())
            .fetch_one(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        Ok(newest.and_then(Seq::from_i64).unwrap_or(Seq(0)))
    }

    /// Makes the records queued that a condition names, whose `?2` is `bound`.
    async fn take_back(&self, tx: &mut Tx, which: &'static str, bound: i64) -> Result<usize, StoreError> {
        let at = tx.at;
        let sql = format!("SELECT number, record_id FROM own WHERE epoch = ?1 AND seq > 1 AND ?2 = ?2 AND {which}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.identity.epoch.to_i64())
            .bind(bound)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        for row in &rows {
            let record_id = Cells { table: "own", row }.hash("record_id")?;
            let standing = Standing::fresh(record_id, OwnState::Queued);
            sqlx::query(
                "UPDATE own SET state = 'queued', idx = NULL, code = NULL, args = '{}', seen = 0, standing = ?
                 WHERE record_id = ?",
            )
            .bind(standing.digest().to_vec())
            .bind(record_id.to_vec())
            .execute(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        }
        Ok(rows.len())
    }
}

/// What stands from an index on and can be submitted again.
const FROM: &str = "idx >= ?2 AND content IS NOT NULL AND state IN ('accepted', 'void')";
