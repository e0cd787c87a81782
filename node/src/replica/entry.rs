//! Rows of the log: leaves, signatures, contents, verdicts.
//!
//! In scope: the table `entry`. Out of scope: what verdicts do (`object`, `erase`).

use std::collections::BTreeMap;

use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::{ObjectId, Writer};
use multaqa_proto::judge::touches;
use multaqa_proto::kind::{Kind, is_control};
use multaqa_proto::log::evidence::Evidence;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::succession::Succession;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::content::Content;
use multaqa_proto::record::{Parsed, Received};
use multaqa_runtime::digest;
use prost::bytes::Bytes;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

use super::Replica;
use crate::journal::Fate;
use crate::store::{Cells, ROWS, StoreError, Tx};
use multaqa_proto::fold::Judged;

/// A row to insert.
#[derive(Debug)]
pub(super) struct EntryRow {
    pub(super) index: LeafIndex,
    pub(super) record_id: Option<RecordId>,
    pub(super) writer: Option<Writer>,
    /// Whether the writer is this node, in the epoch of its journal: records of earlier epochs are not the journal's.
    pub(super) own: bool,
    pub(super) content_id: Option<ObjectId>,
    pub(super) object: Option<ObjectId>,
    pub(super) control: bool,
    pub(super) seal_time_ms: Option<i64>,
    pub(super) accepted_at_ms: i64,
    pub(super) judged: Judged,
    pub(super) leaf: Bytes,
    pub(super) signature: Bytes,
    pub(super) content: Option<Bytes>,
}

/// A stored record, read back and parsed.
#[derive(Debug)]
pub(super) struct StoredRecord {
    pub(super) index: LeafIndex,
    pub(super) leaf_bytes: Bytes,
    pub(super) leaf: Leaf,
    pub(super) record: Parsed,
    pub(super) seal_time_ms: i64,
}

/// A stored control leaf without a record, read back and parsed.
#[derive(Debug)]
pub(super) struct StoredUnsigned {
    pub(super) index: LeafIndex,
    pub(super) accepted_at_ms: i64,
    pub(super) leaf_bytes: Bytes,
    pub(super) what: Unsigned,
}

/// What proves itself.
#[derive(Debug)]
pub(super) enum Unsigned {
    Evidence(Box<Evidence>),
    Succession(Succession),
}

/// The object that a data record is about: a tombstone's target, otherwise the content's own id.
pub(super) fn object_of(content: &Content) -> Option<ObjectId> {
    if is_control(content.kind()) {
        return None;
    }
    match Kind::find(content.kind()) {
        None => Some(content.id.clone()),
        Some(_) => touches(content).into_iter().next(),
    }
}

/// Verdict and arguments as they are stored.
pub(super) fn stored_verdict(judged: &Judged) -> (Option<&'static str>, Option<String>) {
    match judged {
        Judged::Not => (None, None),
        Judged::Valid => (Some("VALID"), None),
        Judged::Pending => (Some("PENDING"), None),
        Judged::Void(code, args) => {
            let args: BTreeMap<_, _> = args.iter().map(|(name, value)| (*name, value)).collect();
            (Some(code), Some(serde_json::json!(args).to_string()))
        }
    }
}

/// What binds a void entry's verdict, since of a withdrawn object it cannot be judged again: its digest with the arguments,
/// and the one without them that is left when they are erased. None for other verdicts.
pub(super) fn judged_digests(index: LeafIndex, judged: &Judged) -> Option<Vec<u8>> {
    let Judged::Void(..) = judged else { return None };
    let (verdict, args) = stored_verdict(judged);
    let of = |args: Option<&str>| digest::row("entry", [index.to_i64().into(), verdict.into(), args.into()]);
    Some([of(args.as_deref()), of(None)].concat())
}

pub(super) async fn insert(tx: &mut Tx, rows: &[EntryRow]) -> Result<(), StoreError> {
    let at = tx.at;
    for chunk in rows.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new(tx.beginning());
        query.push(
            "INSERT INTO entry (idx, record_id, writer, own, content_id, object, control, seal_time_ms, accepted_at_ms, \
             verdict, verdict_args, judged, leaf, signature, content) ",
        );
        query.push_values(chunk, |mut values, row| {
            let (verdict, args) = stored_verdict(&row.judged);
            values
                .push_bind(row.index.to_i64())
                .push_bind(row.record_id.map(Hash::to_vec))
                .push_bind(row.writer.as_ref().map(ToString::to_string))
                .push_bind(row.own)
                .push_bind(row.content_id.as_ref().map(ToString::to_string))
                .push_bind(row.object.as_ref().map(ToString::to_string))
                .push_bind(row.control)
                .push_bind(row.seal_time_ms)
                .push_bind(row.accepted_at_ms)
                .push_bind(verdict)
                .push_bind(args)
                .push_bind(judged_digests(row.index, &row.judged))
                .push_bind(row.leaf.to_vec())
                .push_bind(row.signature.to_vec())
                .push_bind(row.content.as_ref().map(|content| content.to_vec()));
        });
        query.build().execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    }
    Ok(())
}

/// Whether an entry was judged.
pub(super) async fn has_verdict(tx: &mut Tx, index: LeafIndex) -> Result<bool, StoreError> {
    let at = tx.at;
    let query = sqlx::query_scalar("SELECT verdict IS NOT NULL FROM entry WHERE idx = ?").bind(index.to_i64());
    query.fetch_one(tx.conn()).await.map_err(|e| at.failed(e))
}

/// Stores the verdict of an entry that was judged again.
pub(super) async fn set_verdict(tx: &mut Tx, index: LeafIndex, judged: &Judged) -> Result<(), StoreError> {
    let at = tx.at;
    let (verdict, args) = stored_verdict(judged);
    sqlx::query("UPDATE entry SET verdict = ?, verdict_args = ?, judged = ? WHERE idx = ?")
        .bind(verdict)
        .bind(args)
        .bind(judged_digests(index, judged))
        .bind(index.to_i64())
        .execute(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    Ok(())
}

/// Gives a stub its content; false where it has one, or had one that was erased.
pub(super) async fn set_content(tx: &mut Tx, index: LeafIndex, bytes: &Bytes) -> Result<bool, StoreError> {
    let at = tx.at;
    let content = Content::parse(bytes).ok();
    let object = content.as_ref().and_then(object_of);
    let done = sqlx::query(
        "UPDATE entry SET content = ?, content_id = ?, object = ? WHERE idx = ? AND content IS NULL AND erased = 0",
    )
    .bind(bytes.to_vec())
    .bind(content.map(|content| content.id.to_string()))
    .bind(object.map(|object| object.to_string()))
    .bind(index.to_i64())
    .execute(tx.conn())
    .await
    .map_err(|e| at.failed(e))?;
    Ok(done.rows_affected() == 1)
}

/// What [`read_record`] needs of a row.
pub(super) const RECORD_COLUMNS: &str = "idx, seal_time_ms, leaf, signature, content";

/// The control leaf without a record in a row; none in a record's.
pub(super) fn read_unsigned(row: &SqliteRow) -> Result<Option<StoredUnsigned>, StoreError> {
    let cells = Cells { table: "entry", row };
    let leaf_bytes = Bytes::from(cells.get::<Vec<u8>>("leaf")?);
    let leaf = Leaf::parse(&leaf_bytes).map_err(|error| cells.bad("leaf", &error))?;
    let wrong = |error: &dyn std::fmt::Display| cells.bad("leaf", error);
    let what = match leaf.leaf_type {
        LeafType::Evidence => Unsigned::Evidence(Box::new(Evidence::parse(&leaf.body).map_err(|error| wrong(&error))?)),
        LeafType::Succession => Unsigned::Succession(Succession::parse(&leaf.body).map_err(|error| wrong(&error))?),
        LeafType::Record | LeafType::Genesis | LeafType::Seal => return Ok(None),
    };
    let index = LeafIndex(cells.number("idx")?);
    Ok(Some(StoredUnsigned { index, accepted_at_ms: leaf.accepted_at_ms, leaf_bytes, what }))
}

pub(super) fn read_record(row: &SqliteRow) -> Result<StoredRecord, StoreError> {
    let cells = Cells { table: "entry", row };
    let leaf_bytes = Bytes::from(cells.get::<Vec<u8>>("leaf")?);
    let leaf = Leaf::parse(&leaf_bytes).map_err(|error| cells.bad("leaf", &error))?;
    let content: Option<Vec<u8>> = cells.get("content")?;
    let received = Received {
        statement: leaf.body.clone(),
        signature: cells.get::<Vec<u8>>("signature")?.into(),
        content: content.map(Bytes::from),
    };
    let seal_time_ms: Option<i64> = cells.get("seal_time_ms")?;
    Ok(StoredRecord {
        index: LeafIndex(cells.number("idx")?),
        leaf_bytes,
        leaf,
        record: received.parse().map_err(|error| cells.bad("content", &error))?,
        seal_time_ms: seal_time_ms.unwrap_or(0),
    })
}

impl Replica {
    /// Leaf and signature bytes at an index.
    pub(crate) async fn stubs(&self, indexes: &[LeafIndex]) -> Result<BTreeMap<LeafIndex, (Bytes, Bytes)>, StoreError> {
        let mut tx = self.store.read("read_stubs").await?;
        let at = tx.at;
        let mut stubs = BTreeMap::new();
        for chunk in indexes.chunks(ROWS) {
            let mut query = QueryBuilder::<Sqlite>::new("SELECT idx, leaf, signature FROM entry WHERE idx IN (");
            let mut list = query.separated(", ");
            for index in chunk {
                list.push_bind(index.to_i64());
            }
            query.push(")");
            let rows = query.build().fetch_all(tx.conn()).await.map_err(|e| at.failed(e))?;
            for row in &rows {
                let cells = Cells { table: "entry", row };
                let bytes = |column| cells.get::<Vec<u8>>(column).map(Bytes::from);
                stubs.insert(LeafIndex(cells.number("idx")?), (bytes("leaf")?, bytes("signature")?));
            }
        }
        Ok(stubs)
    }

    /// What the log says of these own records; those that are not on it are left out.
    pub(crate) async fn fates(&self, record_ids: &[RecordId]) -> Result<Vec<Fate>, StoreError> {
        let mut tx = self.store.read("read_fates").await?;
        let at = tx.at;
        let mut fates = Vec::new();
        for chunk in record_ids.chunks(ROWS) {
            let mut query = QueryBuilder::<Sqlite>::new(
                "SELECT idx, record_id, verdict, verdict_args FROM entry WHERE own = 1 AND record_id IN (",
            );
            let mut list = query.separated(", ");
            for record_id in chunk {
                list.push_bind(record_id.to_vec());
            }
            query.push(")");
            let rows = query.build().fetch_all(tx.conn()).await.map_err(|e| at.failed(e))?;
            for row in &rows {
                fates.push(fate(row)?);
            }
        }
        Ok(fates)
    }
}

fn fate(row: &SqliteRow) -> Result<Fate, StoreError> {
    let cells = Cells { table: "entry", row };
    let verdict: Option<String> = cells.get("verdict")?;
    let void = match verdict {
        Some(code) if code != "VALID" && code != "PENDING" => Some((code, cells.json("verdict_args")?)),
        Some(_) | None => None,
    };
    Ok(Fate { record_id: cells.hash("record_id")?, index: LeafIndex(cells.number("idx")?), void })
}
