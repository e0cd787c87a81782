//! Answers of the hub that own records have their places, which the own replica has to bear out.
//!
//! An answer stands in the journal before anything else is made of it, and is *awaited* until the record comes back. When the
//! replica has passed the index without it, the hub's answer was not true. In scope: noting answers, which is awaited. Out of scope:
//! taking them back (`taken_back`), what follows (`sync::answered`), records that came back (`outbox`).

use std::sync::atomic::{AtomicU64, Ordering};

use multaqa_proto::hash::RecordId;
use multaqa_proto::number::{LeafIndex, Seq, TreeSize};
use multaqa_proto::record::Received;
use prost::bytes::Bytes;

use super::standing::Standing;
use super::{Journal, OwnState};
use crate::point;
use crate::store::{Cells, StoreError, Tx};

/// A record that the hub answered to stand at an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answered {
    /// The record.
    pub(crate) record_id: RecordId,
    /// The index.
    pub(crate) index: LeafIndex,
}

/// No awaited index is below this one; 0 where nobody looked.
#[derive(Debug, Default)]
pub(super) struct Lowest(AtomicU64);

impl Lowest {
    const NONE: u64 = u64::MAX;

    fn may_be(&self, index: LeafIndex) {
        self.0.fetch_min(index.0, Ordering::AcqRel);
    }
}

impl Journal {
    /// The hub gave these records their indexes, now or before; an answer that contradicts what is known of its record, if any.
    pub(crate) async fn mark_accepted(
        &self,
        accepted: &[(RecordId, LeafIndex)],
    ) -> Result<Option<Answered>, StoreError> {
        let mut tx = self.store.begin("mark_accepted").await?;
        let (at, mut contradicted) = (tx.at, None);
        at.pass(point::ANSWER_TAKEN)?;
        for &(record_id, index) in accepted {
            let standing = Standing { idx: Some(index.to_i64()), ..Standing::fresh(record_id, OwnState::Accepted) };
            let done = sqlx::query(
                "UPDATE own SET state = 'accepted', idx = ?, standing = ? WHERE record_id = ? AND state = 'queued'",
            )
            .bind(index.to_i64())
            .bind(standing.digest().to_vec())
            .bind(record_id.to_vec())
            .execute(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
            if done.rows_affected() == 0 && is_elsewhere(&mut tx, record_id, index).await? {
                contradicted = Some(Answered { record_id, index });
            }
        }
        at.pass(point::ANSWER_WRITTEN)?;
        tx.commit().await?;
        if let Some(lowest) = accepted.iter().map(|(_, index)| *index).min() {
            self.lowest.may_be(lowest);
        }
        at.pass(point::ANSWER_STORED)?;
        Ok(contradicted)
    }

    /// An awaited answer with the lowest index; none where none is awaited.
    pub(crate) async fn awaited(&self) -> Result<Option<Answered>, StoreError> {
        // Whoever notes an answer meanwhile lowers it again.
        if self.lowest.0.swap(Lowest::NONE, Ordering::AcqRel) == Lowest::NONE {
            return Ok(None);
        }
        let found = self.read_awaited().await;
        let lowest =
            found.as_ref().map_or(LeafIndex(0), |found| found.map_or(LeafIndex(Lowest::NONE), |found| found.index));
        self.lowest.may_be(lowest);
        found
    }

    /// An awaited answer that a replica of this size does not bear out: the record should have come back. To be asked once what
    /// the replica says of own records is stored.
    pub(crate) async fn overtaken(&self, size: TreeSize) -> Result<Option<Answered>, StoreError> {
        if self.lowest.0.load(Ordering::Acquire) >= size.0 {
            return Ok(None);
        }
        Ok(self.awaited().await?.filter(|found| found.index.0 < size.0))
    }

    /// The first place in the open epoch that the hub has not answered; none where it has answered all.
    pub(crate) async fn first_unanswered(&self) -> Result<Option<Seq>, StoreError> {
        let mut tx = self.store.read_once("first_unanswered").await?;
        let at = tx.at;
        let first: Option<i64> = sqlx::query_scalar("SELECT min(seq) FROM own WHERE state = 'queued' AND epoch = ?")
            .bind(self.identity.epoch.to_i64())
            .fetch_one(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        Ok(first.and_then(Seq::from_i64))
    }

    /// An own record as it was signed, without its content; none where the journal does not hold it.
    pub(crate) async fn signed(&self, record_id: RecordId) -> Result<Option<Received>, StoreError> {
        let mut tx = self.store.read_once("own_signed").await?;
        let at = tx.at;
        let row = sqlx::query("SELECT number, statement, signature FROM own WHERE record_id = ?")
            .bind(record_id.to_vec())
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells { table: "own", row: &row };
        let bytes = |column| cells.get::<Vec<u8>>(column).map(Bytes::from);
        Ok(Some(Received { statement: bytes("statement")?, signature: bytes("signature")?, content: None }))
    }

    async fn read_awaited(&self) -> Result<Option<Answered>, StoreError> {
        let mut tx = self.store.read_once("awaited").await?;
        let at = tx.at;
        let row = sqlx::query(
            "SELECT number, record_id, idx FROM own \
             WHERE seen = 0 AND idx IS NOT NULL AND epoch = ? ORDER BY idx LIMIT 1",
        )
        .bind(self.identity.epoch.to_i64())
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells { table: "own", row: &row };
        Ok(Some(Answered { record_id: cells.hash("record_id")?, index: LeafIndex(cells.number("idx")?) }))
    }
}

/// Whether the record is known to stand, or was answered to stand, at another index.
async fn is_elsewhere(tx: &mut Tx, record_id: RecordId, index: LeafIndex) -> Result<bool, StoreError> {
    let at = tx.at;
    let found: Option<i64> = sqlx::query_scalar("SELECT number FROM own WHERE record_id = ? AND idx <> ?")
        .bind(record_id.to_vec())
        .bind(index.to_i64())
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    Ok(found.is_some())
}
