//! The outbox: what is to be submitted, and what became of it.
//!
//! In scope: what is to be submitted, states of own records by refusals and by the own replica. Out of scope: the hub's answers that
//! a record has its place (`answered`), sending (`sync::submit`).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use multaqa_proto::hash::RecordId;
use multaqa_proto::number::{LeafIndex, Seq};
use multaqa_proto::record::Received;
use multaqa_proto::record::statement::Statement;
use prost::bytes::Bytes;

use super::instance::{args_json, insert_block};
use super::own::newest;
use super::standing::Standing;
use super::{Journal, OwnRecord, OwnState, StoredAlarm};
use crate::code;
use crate::point;
use crate::store::{Cells, StoreError, Tx};

/// What the own replica says of a record of this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fate {
    /// The record.
    pub(crate) record_id: RecordId,
    /// Its place on the log.
    pub(crate) index: LeafIndex,
    /// Code and arguments of the rule that makes it void.
    pub(crate) void: Option<(String, BTreeMap<String, String>)>,
}

/// A record to submit.
#[derive(Debug, Clone)]
pub(crate) struct ToSubmit {
    /// Its place in the chain.
    pub(crate) seq: Seq,
    /// Its bytes.
    pub(crate) record: Received,
}

/// Records that were appended last and not yet asked for. At most as many as one request takes.
#[derive(Debug, Default)]
pub(super) struct Fresh(Mutex<Vec<(RecordId, ToSubmit)>>);

impl Fresh {
    /// Most records and bytes that are kept.
    const MAX: (usize, usize) = (32, 64 * 1024);

    pub(super) fn put(&self, records: &[OwnRecord]) {
        let bytes: usize = records.iter().map(|own| own.record.bytes()).sum();
        let few = records.len() <= Self::MAX.0 && bytes <= Self::MAX.1;
        let kept = records.iter().filter(|_| few).map(|own| {
            let seq = Statement::parse(&own.record.statement).ok()?.seq;
            Some((own.record_id, ToSubmit { seq, record: own.record.clone() }))
        });
        *self.lock() = kept.collect::<Option<_>>().unwrap_or_default();
    }
    /// Those that follow this place, once.
    fn take(&self, after: Seq, limit: u32) -> Option<Vec<ToSubmit>> {
        let mut fresh = self.lock();
        let next = fresh.first().is_some_and(|(_, first)| first.seq == after.next());
        let fits = fresh.len() <= usize::try_from(limit).unwrap_or(usize::MAX);
        (next && fits).then(|| std::mem::take(&mut *fresh).into_iter().map(|(_, own)| own).collect())
    }
    /// What came back on the own replica is not to be submitted.
    fn settle(&self, fates: &[Fate]) {
        let mut fresh = self.lock();
        if fresh.iter().any(|(id, _)| fates.iter().any(|fate| fate.record_id == *id)) {
            fresh.clear();
        }
    }
    /// They are not to be submitted, or not as they were.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }
    fn lock(&self) -> MutexGuard<'_, Vec<(RecordId, ToSubmit)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal {
    /// Records of the open epoch after this place, to be submitted in this order. Those that the hub accepted before are
    /// among them: a hub that does not know them any more takes them again. None while the outbox is blocked.
    pub(crate) async fn queued(&self, after: Seq, limit: u32) -> Result<Vec<ToSubmit>, StoreError> {
        if let Some(fresh) = self.fresh.take(after, limit) {
            return Ok(fresh);
        }
        let mut tx = self.store.read_once("queued").await?;
        let at = tx.at;
        let rows = sqlx::query(
            "SELECT number, seq, statement, signature, content FROM own \
             WHERE epoch = ? AND seq > ? AND state IN ('queued', 'accepted') AND seen = 0 \
             AND NOT EXISTS (SELECT 1 FROM blocked) ORDER BY seq LIMIT ?",
        )
        .bind(self.identity.epoch.to_i64())
        .bind(after.to_i64())
        .bind(i64::from(limit))
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        rows.iter()
            .map(|row| {
                let cells = Cells { table: "own", row };
                let bytes = |column| cells.get::<Vec<u8>>(column).map(Bytes::from);
                let content: Option<Vec<u8>> = cells.get("content")?;
                Ok(ToSubmit {
                    seq: Seq(cells.number("seq")?),
                    record: Received {
                        statement: bytes("statement")?,
                        signature: bytes("signature")?,
                        content: content.map(Bytes::from),
                    },
                })
            })
            .collect()
    }

    /// The newest own place in the chain; 0 before the first.
    pub(crate) async fn newest_seq(&self) -> Result<Seq, StoreError> {
        let mut tx = self.store.read_once("newest_seq").await?;
        Ok(newest(&mut tx, self.identity.epoch).await?.map_or(Seq(0), |(seq, _)| seq))
    }

    /// The hub refused the record for good: the outbox is blocked from here on.
    pub(crate) async fn mark_rejected(&self, record_id: RecordId, reason: &StoredAlarm) -> Result<(), StoreError> {
        self.fresh.forget();
        let mut tx = self.store.begin("mark_rejected").await?;
        let at = tx.at;
        let args = args_json(&reason.args);
        let standing =
            Standing { code: Some(&reason.code), args: &args, ..Standing::fresh(record_id, OwnState::Rejected) };
        sqlx::query(
            "UPDATE own SET state = 'rejected', code = ?, args = ?, standing = ? WHERE record_id = ? AND state = 'queued'",
        )
        .bind(&reason.code)
        .bind(&args)
        .bind(standing.digest().to_vec())
        .bind(record_id.to_vec())
        .execute(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        insert_block(&mut tx, reason).await?;
        tx.commit().await
    }

    /// What the own replica says of own records. A record of this writer that the journal does not hold shows that the
    /// journal is an old copy: the outbox is then blocked, since a new statement at a place that is taken would be a fork.
    pub(crate) async fn settle(&self, fates: &[Fate], now_ms: i64) -> Result<(), StoreError> {
        if fates.is_empty() {
            return Ok(());
        }
        self.fresh.settle(fates);
        let mut tx = self.store.begin("settle").await?;
        let at = tx.at;
        for Fate { record_id, index, void } in fates {
            // A verdict never changes: a replica that was rebuilt may hold no content to judge again.
            let done = settle_one(&mut tx, *record_id, *index, void.as_ref()).await?;
            if !done && !is_void(&mut tx, *record_id).await? {
                self.fresh.forget();
                let args = BTreeMap::from([
                    ("record".to_owned(), record_id.to_string()),
                    ("index".to_owned(), index.to_string()),
                ]);
                let reason = StoredAlarm { code: code::JOURNAL_BEHIND.to_owned(), args, at_ms: now_ms };
                insert_block(&mut tx, &reason).await?;
            }
        }
        at.pass(point::SETTLE_WRITTEN)?;
        tx.commit().await?;
        at.pass(point::SETTLE_STORED)
    }

    /// Ids of own records that have not come back, oldest first.
    pub(crate) async fn unseen(&self) -> Result<Vec<RecordId>, StoreError> {
        let mut tx = self.store.read_once("unseen").await?;
        let at = tx.at;
        let rows = sqlx::query("SELECT number, record_id FROM own WHERE seen = 0 ORDER BY number")
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        rows.iter().map(|row| Cells { table: "own", row }.hash("record_id")).collect()
    }
}

/// The record came back, valid or void; false where the journal does not hold it, or holds it as void and it came back without
/// a verdict.
async fn settle_one(
    tx: &mut Tx,
    record_id: RecordId,
    index: LeafIndex,
    void: Option<&(String, BTreeMap<String, String>)>,
) -> Result<bool, StoreError> {
    let at = tx.at;
    let (code, args) = void.map(|(code, args)| (code.as_str(), args_json(args))).unzip();
    let (state, args) =
        if code.is_some() { (OwnState::Void, args.unwrap_or_default()) } else { (OwnState::Accepted, "{}".to_owned()) };
    let fresh = Standing::fresh(record_id, state);
    let held = Standing { idx: Some(index.to_i64()), code, args: &args, seen: true, ..fresh };
    let erased = Standing { held: false, ..held };
    let done = sqlx::query(
        "UPDATE own SET seen = 1, idx = ?1, state = ?2, code = ?3, args = ?4, \
         standing = CASE WHEN content IS NULL THEN ?5 ELSE ?6 END \
         WHERE record_id = ?7 AND (?3 IS NOT NULL OR state <> 'void')",
    )
    .bind(index.to_i64())
    .bind(state.as_str())
    .bind(code)
    .bind(&args)
    .bind(erased.digest().to_vec())
    .bind(held.digest().to_vec())
    .bind(record_id.to_vec())
    .execute(tx.conn())
    .await
    .map_err(|e| at.failed(e))?;
    Ok(done.rows_affected() == 1)
}

async fn is_void(tx: &mut Tx, record_id: RecordId) -> Result<bool, StoreError> {
    let at = tx.at;
    let found: Option<i64> = sqlx::query_scalar("SELECT number FROM own WHERE record_id = ? AND state = 'void'")
        .bind(record_id.to_vec())
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    Ok(found.is_some())
}
