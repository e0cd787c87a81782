//! Own records: the chain, stored before it is sent.
//!
//! In scope: places, lanes, appending, listing, erasing. Out of scope: what the hub and the log say of them (`outbox`).

use multaqa_proto::fold::Erasure;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::number::{Epoch, LeafIndex, Seq, TreeSize};
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::content::Content;
use multaqa_proto::record::statement::Statement;
use multaqa_proto::record::{ChainPlace, Parsed};
use sqlx::sqlite::SqliteRow;

use super::standing::{Standing, signed_digest};
use super::{Identity, Journal, LANE, META, Own, OwnCounts, OwnQuery, OwnRecord, OwnState, Pending, instance};
use crate::point;
use crate::store::{Cells, Key, Scrubbed, StoreError, Tx, change};

/// What the place of the next record follows from, in one row that is always there.
const PLACE: &str = "newest.seq, newest.record_id, (SELECT code FROM blocked) AS blocked";
const NEWEST: &str = "(SELECT 1) LEFT JOIN \
                      (SELECT seq, record_id FROM own WHERE epoch = ?1 ORDER BY seq DESC LIMIT 1) AS newest";
/// Most own records of one page.
const PAGE: u32 = 500;

impl Journal {
    /// The key of an audience set's lane: the one in use, otherwise `fresh`, which is kept.
    pub async fn lane_for(&self, audience: &Audience, fresh: [u8; 16]) -> Result<[u8; 16], StoreError> {
        if let Some(lane) = self.lanes.read().await.get(audience) {
            return Ok(*lane);
        }
        let name = audience.to_string();
        let mut tx = self.store.begin("keep_lane").await?;
        let write = sqlx::query("INSERT INTO lane (audience, lane) VALUES (?, ?) ON CONFLICT DO NOTHING");
        change(&mut tx, LANE, Key::Text(&name), write.bind(name.clone()).bind(fresh.to_vec())).await?;
        let kept = lane(&mut tx, &name).await?.unwrap_or(fresh);
        tx.commit().await?;
        self.lanes.write().await.insert(audience.clone(), kept);
        Ok(kept)
    }

    /// Stores signed records: all of them or none, durable when this returns. They are submitted from here on.
    ///
    /// # Errors
    /// [`StoreError::PlaceTaken`] where they are not the next of the chain, [`StoreError::OutboxBlocked`].
    pub async fn append(&self, records: &[OwnRecord]) -> Result<(), StoreError> {
        let mut tx = self.store.begin_with_first("append_own").await?;
        let at = tx.at;
        at.pass(point::BATCH_SIGNED)?;
        for (own, before) in records.iter().zip(0..) {
            let parsed = own.record.clone().parse().ok().filter(|parsed| self.is_own(&parsed.statement));
            let stored = match &parsed {
                Some(parsed) => insert(&mut tx, own, parsed, None).await?,
                None => false,
            };
            if !stored {
                drop(tx);
                let mut place = self.place(&mut self.store.read_once("next_place").await?).await?;
                place.seq.0 += before;
                return Err(taken(&place, parsed.map_or(Seq(0), |parsed| parsed.statement.seq)));
            }
            at.pass(point::BATCH_BEGUN)?;
        }
        at.pass(point::BATCH_WRITTEN)?;
        tx.commit().await?;
        self.fresh.put(records);
        at.pass(point::BATCH_STORED)
    }

    /// Where the next record stands, and own records that a replica of this size does not hold, in the order of the chain;
    /// withdrawn ones are left out. Hold the turn.
    ///
    /// # Errors
    /// [`StoreError::OutboxBlocked`].
    pub async fn next_place(&self, size: TreeSize) -> Result<(ChainPlace, Vec<Pending>), StoreError> {
        let mut tx = self.store.read_once("next_place").await?;
        let at = tx.at;
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {PLACE}, pending.* FROM {NEWEST} LEFT JOIN (\
             SELECT number, seq AS pending, record_id AS id, content FROM own WHERE seen = 0 AND state = 'queued' \
             UNION ALL SELECT number, seq, record_id, content FROM own WHERE idx >= ?2 AND +state = 'accepted') AS pending \
             ON content IS NOT NULL ORDER BY number"
        )))
        .bind(self.identity.epoch.to_i64())
        .bind(size.to_i64())
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        let mut pending = Vec::new();
        for row in &rows {
            let cells = Cells { table: "own", row };
            let Some(seq) = cells.optional_number("pending")? else { continue };
            let content: &[u8] = cells.get("content")?;
            pending.push(Pending {
                seq: Seq(seq),
                record_id: cells.hash("id")?,
                content: Content::parse(content).map_err(|error| cells.bad("content", &error))?,
            });
        }
        let row = rows.first().ok_or_else(|| at.failed(sqlx::Error::RowNotFound))?;
        Ok((self.place_of(row)?, pending))
    }

    /// Own records, in the order in which they were signed.
    pub async fn list(&self, query: &OwnQuery) -> Result<Vec<Own>, StoreError> {
        let mut tx = self.store.read_once("list_own").await?;
        let at = tx.at;
        let rows = sqlx::query(
            "SELECT number, epoch, seq, record_id, object_id, state, idx, code, args, signed_at_ms, seen FROM own \
             WHERE number > ? AND (? = 0 OR seen = 0 OR state IN ('rejected', 'void')) ORDER BY number LIMIT ?",
        )
        .bind(i64::try_from(query.after).unwrap_or(i64::MAX))
        .bind(i64::from(query.open_only))
        .bind(i64::from(query.limit.min(PAGE)))
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        rows.iter().map(own).collect()
    }

    /// The same the newest first; of a query only those before its number, and all where that is 0.
    pub async fn newest(&self, query: &OwnQuery) -> Result<Vec<Own>, StoreError> {
        let mut tx = self.store.read_once("list_own_back").await?;
        let at = tx.at;
        let before = if query.after == 0 { i64::MAX } else { i64::try_from(query.after).unwrap_or(i64::MAX) };
        let rows = sqlx::query(
            "SELECT number, epoch, seq, record_id, object_id, state, idx, code, args, signed_at_ms, seen FROM own \
             WHERE number < ? AND (? = 0 OR seen = 0 OR state IN ('rejected', 'void')) ORDER BY number DESC LIMIT ?",
        )
        .bind(before)
        .bind(i64::from(query.open_only))
        .bind(i64::from(query.limit.min(PAGE)))
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        rows.iter().map(own).collect()
    }

    /// Own records by state.
    pub async fn counts(&self) -> Result<OwnCounts, StoreError> {
        let mut tx = self.store.read_once("count_own").await?;
        let at = tx.at;
        let rows = sqlx::query("SELECT state, count(*) AS n FROM own GROUP BY state")
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let mut counts = OwnCounts::default();
        for row in &rows {
            let cells = Cells { table: "own", row };
            let n = cells.number("n")?;
            match state(&cells)? {
                OwnState::Queued => counts.queued = n,
                OwnState::Accepted => counts.accepted = n,
                OwnState::Rejected => counts.rejected = n,
                OwnState::Void => counts.void = n,
            }
        }
        Ok(counts)
    }

    /// Own records that wait for the hub's answer, of objects of these kinds.
    pub(crate) async fn queued_of(&self, kinds: &[String]) -> Result<u64, StoreError> {
        let mut tx = self.store.read_once("count_own_of_kinds").await?;
        let at = tx.at;
        let rows = sqlx::query(
            "SELECT substr(rest, 1, instr(rest, ':') - 1) AS kind, count(*) AS n FROM \
             (SELECT substr(object_id, instr(object_id, ':') + 1) AS rest FROM own WHERE seen = 0 AND state = 'queued') \
             GROUP BY kind",
        )
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        let mut queued = 0;
        for row in &rows {
            let cells = Cells { table: "own", row };
            if kinds.contains(&cells.get::<String>("kind")?) {
                queued += cells.number("n")?;
            }
        }
        Ok(queued)
    }

    /// Erases the contents that a tombstone takes, and what verdicts quote of them; statements stay.
    /// Call [`Journal::scrub`] afterwards.
    pub async fn erase(&self, erasure: &Erasure) -> Result<u64, StoreError> {
        let (me, mut erased) = (self.identity.writer(), 0);
        self.fresh.forget();
        let mut tx = self.store.begin("erase_own").await?;
        let at = tx.at;
        let rows = sqlx::query(
            "SELECT number, record_id, state, idx, code, seen, content FROM own \
             WHERE object_id = ? AND idx < ? AND content IS NOT NULL",
        )
        .bind(erasure.object.to_string())
        .bind(erasure.below.to_i64())
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        for row in &rows {
            let cells = Cells { table: "own", row };
            let (index, record_id) = (LeafIndex(cells.number("idx")?), cells.hash("record_id")?);
            let content = Content::parse(cells.get("content")?).map_err(|error| cells.bad("content", &error))?;
            if !erasure.takes(index, &record_id, &me, &content) {
                continue;
            }
            erased += 1;
            let standing = Standing {
                record_id,
                state: cells.get("state")?,
                idx: cells.get("idx")?,
                code: cells.get("code")?,
                args: "{}",
                seen: cells.get("seen")?,
                held: false,
            };
            sqlx::query("UPDATE own SET content = NULL, args = '{}', standing = ? WHERE number = ?")
                .bind(standing.digest().to_vec())
                .bind(cells.get::<i64>("number")?)
                .execute(tx.conn())
                .await
                .map_err(|e| at.failed(e))?;
        }
        if erased > 0 {
            change(&mut tx, META, Key::One, sqlx::query("UPDATE meta SET unscrubbed = 1")).await?;
        }
        tx.commit().await?;
        at.pass(point::OWN_ERASED)?;
        Ok(erased)
    }

    /// Leaves no byte of erased contents in the files, where some were erased since the last time.
    pub async fn scrub(&self) -> Result<Scrubbed, StoreError> {
        let mut tx = self.store.read_once("read_unscrubbed").await?;
        let at = tx.at;
        let unscrubbed: bool =
            sqlx::query_scalar("SELECT unscrubbed FROM meta").fetch_one(tx.conn()).await.map_err(|e| at.failed(e))?;
        drop(tx);
        if !unscrubbed {
            return Ok(Scrubbed::Clean);
        }
        if !self.store.scrub().await? {
            return Ok(Scrubbed::Busy);
        }
        at.pass(point::SCRUB_ENDED)?;
        let mut tx = self.store.begin("note_scrubbed").await?;
        change(&mut tx, META, Key::One, sqlx::query("UPDATE meta SET unscrubbed = 0")).await?;
        let at = tx.at;
        tx.commit().await?;
        at.pass(point::SCRUB_NOTED)?;
        Ok(Scrubbed::Done)
    }

    /// Stores identity and first record of a chain together.
    pub(super) async fn begin_chain(&self, key_record: &OwnRecord, index: LeafIndex) -> Result<(), StoreError> {
        let mut tx = self.store.begin("begin_chain").await?;
        instance::insert(&mut tx, &self.identity).await?;
        let parsed = key_record.record.clone().parse().ok().filter(|parsed| self.is_own(&parsed.statement));
        let found = parsed.as_ref().map_or(Seq(0), |parsed| parsed.statement.seq);
        let stored = match &parsed {
            Some(parsed) => insert(&mut tx, key_record, parsed, Some(index)).await?,
            None => false,
        };
        if !stored {
            return Err(taken(&self.place(&mut tx).await?, found));
        }
        tx.commit().await
    }

    fn is_own(&self, statement: &Statement) -> bool {
        let Statement { federation, writer, epoch, seq: _, previous: _, lane: _, content_hash: _ } = statement;
        let Identity { genesis, epoch: open, .. } = &*self.identity;
        (*federation, writer, epoch) == (Some(*genesis), &self.identity.writer(), open)
    }

    async fn place(&self, tx: &mut Tx) -> Result<ChainPlace, StoreError> {
        let at = tx.at;
        let sql = sqlx::AssertSqlSafe(format!("SELECT {PLACE} FROM {NEWEST}"));
        let row =
            sqlx::query(sql).bind(self.identity.epoch.to_i64()).fetch_one(tx.conn()).await.map_err(|e| at.failed(e))?;
        self.place_of(&row)
    }

    fn place_of(&self, row: &SqliteRow) -> Result<ChainPlace, StoreError> {
        let cells = Cells { table: "own", row };
        if let Some(code) = cells.get("blocked")? {
            return Err(StoreError::OutboxBlocked { code });
        }
        let newest = cells.optional_number("seq")?.map(Seq);
        Ok(ChainPlace {
            federation: Some(self.identity.genesis),
            writer: self.identity.writer(),
            epoch: self.identity.epoch,
            seq: newest.map_or(Seq(1), Seq::next),
            previous: newest.map(|_| cells.hash("record_id")).transpose()?,
        })
    }
}

/// The lane in use for an audience set.
async fn lane(tx: &mut Tx, audience: &str) -> Result<Option<[u8; 16]>, StoreError> {
    let at = tx.at;
    let row = sqlx::query("SELECT audience, lane FROM lane WHERE audience = ?")
        .bind(audience)
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    let Some(row) = row else { return Ok(None) };
    let cells = Cells { table: "lane", row: &row };
    let lane: &[u8] = cells.get("lane")?;
    lane.try_into().map(Some).map_err(|_| cells.bad("lane", &"not 16 bytes"))
}

/// Place and id of the newest own record of an epoch.
pub(super) async fn newest(tx: &mut Tx, epoch: Epoch) -> Result<Option<(Seq, RecordId)>, StoreError> {
    let at = tx.at;
    let row = sqlx::query("SELECT number, seq, record_id FROM own WHERE epoch = ? ORDER BY seq DESC LIMIT 1")
        .bind(epoch.to_i64())
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    let Some(row) = row else { return Ok(None) };
    let cells = Cells { table: "own", row: &row };
    Ok(Some((Seq(cells.number("seq")?), cells.hash("record_id")?)))
}

fn taken(place: &ChainPlace, found: Seq) -> StoreError {
    StoreError::PlaceTaken { expected: place.seq.0, found: found.0 }
}

/// Stores a record where it stands next in its chain and nothing is blocked; false where not. One statement says both: to read
/// the place before would be one more turn of SQLite's thread.
async fn insert(
    tx: &mut Tx,
    own: &OwnRecord,
    parsed: &Parsed,
    accepted: Option<LeafIndex>,
) -> Result<bool, StoreError> {
    let at = tx.at;
    let Statement { epoch, seq, previous, .. } = &parsed.statement;
    let object_id = parsed.content().and_then(Result::ok).map(|content| content.id.to_string()).unwrap_or_default();
    let state = if accepted.is_some() { OwnState::Accepted } else { OwnState::Queued };
    let digest = signed_digest(parsed.record_id, &object_id, &own.record.signature, own.signed_at_ms);
    let standing = Standing {
        idx: accepted.map(LeafIndex::to_i64),
        held: own.record.content.is_some(),
        ..Standing::fresh(parsed.record_id, state)
    };
    let begin = tx.beginning();
    let done = sqlx::query(sqlx::AssertSqlSafe(format!(
        "{begin}INSERT INTO own (epoch, seq, record_id, object_id, statement, signature, content, state, idx, signed_at_ms, \
         digest, standing) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 \
         WHERE NOT EXISTS (SELECT 1 FROM blocked) \
         AND (SELECT max(seq) FROM own WHERE epoch = ?1) IS nullif(?2 - 1, 0) \
         AND (SELECT record_id FROM own WHERE epoch = ?1 AND seq = ?2 - 1) IS ?13 RETURNING number"
    )))
    .bind(epoch.to_i64())
    .bind(seq.to_i64())
    .bind(parsed.record_id.to_vec())
    .bind(object_id)
    .bind(own.record.statement.to_vec())
    .bind(own.record.signature.to_vec())
    .bind(own.record.content.as_ref().map(|content| content.to_vec()))
    .bind(state.as_str())
    .bind(accepted.map(LeafIndex::to_i64))
    .bind(own.signed_at_ms)
    .bind(digest.to_vec())
    .bind(standing.digest().to_vec())
    .bind(previous.map(Hash::to_vec))
    .fetch_optional(tx.conn())
    .await
    .map_err(|e| at.failed(e))?;
    Ok(done.is_some())
}

fn own(row: &SqliteRow) -> Result<Own, StoreError> {
    let cells = Cells { table: "own", row };
    Ok(Own {
        row: cells.number("number")?,
        epoch: Epoch(cells.number("epoch")?),
        seq: Seq(cells.number("seq")?),
        record_id: cells.hash("record_id")?,
        object_id: cells.get("object_id")?,
        state: state(&cells)?,
        index: cells.optional_number("idx")?.map(LeafIndex),
        code: cells.get("code")?,
        args: cells.json("args")?,
        signed_at_ms: cells.get("signed_at_ms")?,
        seen: cells.get("seen")?,
    })
}

fn state(cells: &Cells<'_>) -> Result<OwnState, StoreError> {
    let text: &str = cells.get("state")?;
    let all = [OwnState::Queued, OwnState::Accepted, OwnState::Rejected, OwnState::Void];
    all.into_iter().find(|state| state.as_str() == text).ok_or_else(|| cells.bad("state", &text))
}
