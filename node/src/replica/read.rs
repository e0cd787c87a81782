//! Reads: bounded, paged, each from one snapshot, never waiting for the writer.
//!
//! Out of scope: figures (`observation`), who may ask (`api`).

use std::collections::BTreeMap;
use std::sync::Arc;

use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::ObjectId;
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::record::content::Content;
use multaqa_proto::text::LanguageMap;
use prost::bytes::Bytes;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};
use tokio_stream::{Stream, StreamExt as _};

use super::Replica;
use super::apply::fills_of;
use super::directory;
use crate::store::{Cells, StoreError};

/// Most rows of a page.
const PAGE: u32 = 500;
/// Bytes of payloads after which a page ends, with the object that makes it as many. What is not shown is not read either: of the
/// largest records a page of all its rows would be more than a hundred megabytes.
const PAYLOADS: usize = 8 * 1024 * 1024;
/// Objects that are read together where their payloads are weighed.
const SOME: usize = 50;

/// Which objects to list.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only of these kinds.
    pub kinds: Option<Vec<String>>,
    /// Only of this member.
    pub country: Option<String>,
    /// Only those after this id; what a page's `next` says.
    pub after: Option<String>,
    /// At most so many; 500 at most.
    pub limit: u32,
    /// Also withdrawn ones.
    pub withdrawn: bool,
}

/// One page, and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to ask for as `after`; none after the last page.
    pub next: Option<String>,
}

/// An object at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Id.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// Code of the member that it belongs to.
    pub country: String,
    /// Newest revision; 0 where it is withdrawn.
    pub revision: u64,
    /// Record id of the newest revision, or of the tombstone.
    pub record_id: RecordId,
    /// Its place on the log.
    pub index: LeafIndex,
    /// Audience parts; none where it is withdrawn.
    pub audience: Vec<String>,
    /// When the writer wrote it, milliseconds since 1970 UTC.
    pub authored_at_ms: i64,
    /// When the hub accepted it, milliseconds since 1970 UTC.
    pub accepted_at_ms: i64,
    /// Title by language.
    pub title: LanguageMap,
    /// Whether it is withdrawn.
    pub withdrawn: bool,
}

/// An object with its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// At a glance.
    pub summary: Summary,
    /// Serialised message of the kind; empty where it is withdrawn.
    pub payload: Bytes,
}

/// One record about an object, as the log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Place on the log.
    pub index: LeafIndex,
    /// Record id.
    pub record_id: RecordId,
    /// Who wrote it.
    pub writer: String,
    /// When the hub accepted it, milliseconds since 1970 UTC.
    pub accepted_at_ms: i64,
    /// Id in its content: the object's, or a tombstone's.
    pub content_id: String,
    /// Its content; none where it is erased.
    pub content: Option<Content>,
    /// `VALID` or the code of the rule that it breaks; none where it was not judged.
    pub verdict: Option<String>,
}

/// How far the replica is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Number of the log.
    pub log: LogNumber,
    /// Entries applied.
    pub size: TreeSize,
    /// The root over these entries.
    pub root: Hash,
    /// Time of the newest seal, milliseconds since 1970 UTC; 0 before the first.
    pub seal_time_ms: i64,
    /// When the hub accepted the newest entry, milliseconds since 1970 UTC.
    pub accepted_at_ms: i64,
    /// When this node applied it, milliseconds since 1970 UTC.
    pub applied_at_ms: i64,
    /// The checkpoint at the cursor, a signed note.
    pub checkpoint: String,
    /// How many times what stands below `size` changed otherwise than by entries.
    pub fills: u64,
}

const SUMMARY: &str = "SELECT id, kind, country, revision, record_id, idx, audience, authored_at_ms, accepted_at_ms, \
                       title, withdrawn FROM object WHERE ";
const OBJECT: &str = "SELECT id, kind, country, revision, record_id, idx, audience, authored_at_ms, accepted_at_ms, \
                      title, withdrawn, (SELECT content FROM entry WHERE entry.idx = object.idx) AS content \
                      FROM object WHERE ";

impl Replica {
    /// Objects by id.
    pub async fn list(&self, query: &ListQuery) -> Result<Page<Summary>, StoreError> {
        self.page(SUMMARY, query, summary, |found| &found.id, |_| false).await
    }

    /// Objects by id with their payloads, by one statement. A page ends early where these are 8 MiB together.
    pub async fn list_whole(&self, query: &ListQuery) -> Result<Page<Object>, StoreError> {
        self.list_within(query, PAYLOADS).await
    }

    /// The same with another bound.
    pub(super) async fn list_within(&self, query: &ListQuery, bytes: usize) -> Result<Page<Object>, StoreError> {
        self.page(OBJECT, query, whole, |found| &found.summary.id, over(bytes, |found: &Object| found.payload.len()))
            .await
    }

    async fn page<T>(
        &self,
        columns: &'static str,
        query: &ListQuery,
        read: fn(&SqliteRow) -> Result<T, StoreError>,
        id: fn(&T) -> &String,
        full: impl FnMut(&T) -> bool,
    ) -> Result<Page<T>, StoreError> {
        let limit = query.limit.clamp(1, PAGE);
        let mut tx = self.store.read_once("list_objects").await?;
        let at = tx.at;
        let mut sql = QueryBuilder::<Sqlite>::new(columns);
        sql.push("id > ").push_bind(query.after.as_deref().unwrap_or(""));
        if let Some(kind) = &query.kind {
            sql.push(" AND kind = ").push_bind(kind);
        }
        if let Some(kinds) = &query.kinds {
            sql.push(" AND kind IN (");
            let mut list = sql.separated(", ");
            for kind in kinds {
                list.push_bind(kind);
            }
            sql.push(")");
        }
        if let Some(country) = &query.country {
            // Ids begin with the country: a range of them, by whichever index they are read.
            sql.push(" AND id > ").push_bind(format!("{country}:")).push(" AND id < ").push_bind(format!("{country};"));
        }
        if !query.withdrawn {
            sql.push(" AND withdrawn = 0");
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(i64::from(limit) + 1);
        let rows = sql.build().fetch(tx.conn());
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let (items, more) = taken(rows, limit, |e| at.failed(e), read, full).await?;
        Ok(Page { next: items.last().filter(|_| more).map(|last| id(last).clone()), items })
    }

    /// An object; none where no valid record of it was read.
    pub async fn get(&self, id: &ObjectId) -> Result<Option<Object>, StoreError> {
        let mut tx = self.store.read_once("get_object").await?;
        let at = tx.at;
        let mut sql = QueryBuilder::<Sqlite>::new(OBJECT);
        sql.push("id = ").push_bind(id.to_string());
        let row = sql.build().fetch_optional(tx.conn()).await.map_err(|e| at.failed(e))?;
        row.as_ref().map(whole).transpose()
    }

    /// Those of these objects that there are, in the order of the ids, by one statement; 500 ids at most are looked at.
    pub async fn get_many(&self, ids: &[String]) -> Result<Vec<Object>, StoreError> {
        self.many(OBJECT, ids, whole, |found| &found.summary.id).await
    }

    /// The first of these objects whose payloads are as much as a page holds together, and of how many ids they are.
    pub async fn get_first(&self, ids: &[String]) -> Result<(Vec<Object>, usize), StoreError> {
        self.get_within(ids, PAYLOADS).await
    }

    /// The same with another bound.
    pub(super) async fn get_within(&self, ids: &[String], bytes: usize) -> Result<(Vec<Object>, usize), StoreError> {
        let mut full = over(bytes, |found: &Object| found.payload.len());
        let (mut objects, mut looked) = (Vec::new(), 0);
        for some in ids.chunks(SOME) {
            let found = self.get_many(some).await?;
            looked += some.len();
            let enough = found.iter().any(&mut full);
            objects.extend(found);
            if enough {
                break;
            }
        }
        Ok((objects, looked))
    }

    /// The same without payloads.
    pub async fn summaries(&self, ids: &[String]) -> Result<Vec<Summary>, StoreError> {
        self.many(SUMMARY, ids, summary, |found| &found.id).await
    }

    async fn many<T>(
        &self,
        columns: &'static str,
        ids: &[String],
        read: fn(&SqliteRow) -> Result<T, StoreError>,
        id: fn(&T) -> &String,
    ) -> Result<Vec<T>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.store.read_once("get_objects").await?;
        let at = tx.at;
        let mut sql = QueryBuilder::<Sqlite>::new(columns);
        sql.push("id IN (");
        let mut list = sql.separated(", ");
        for id in ids.iter().take(PAGE as usize) {
            list.push_bind(id);
        }
        sql.push(")");
        let rows = sql.build().fetch_all(tx.conn()).await.map_err(|e| at.failed(e))?;
        let mut found = BTreeMap::new();
        for row in &rows {
            let object = read(row)?;
            found.insert(id(&object).clone(), object);
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// Records about an object after an index, in the order of the log, void ones too, and whether others follow; at most 500, and
    /// fewer where their payloads are 8 MiB together.
    pub async fn history_after(
        &self,
        id: &ObjectId,
        after: Option<LeafIndex>,
        limit: u32,
    ) -> Result<(Vec<Step>, bool), StoreError> {
        const SQL: &str = "SELECT idx, record_id, writer, accepted_at_ms, content_id, verdict, content FROM entry \
                           WHERE object = ? AND idx > ? ORDER BY idx LIMIT ?";
        self.steps(SQL, id, after.map_or(-1, LeafIndex::to_i64), limit, PAYLOADS).await
    }

    /// The same before an index, or from the end: the newest first.
    pub async fn history_before(
        &self,
        id: &ObjectId,
        before: Option<LeafIndex>,
        limit: u32,
    ) -> Result<(Vec<Step>, bool), StoreError> {
        const SQL: &str = "SELECT idx, record_id, writer, accepted_at_ms, content_id, verdict, content FROM entry \
                           WHERE object = ? AND idx < ? ORDER BY idx DESC LIMIT ?";
        self.steps(SQL, id, before.map_or(i64::MAX, LeafIndex::to_i64), limit, PAYLOADS).await
    }

    pub(super) async fn steps(
        &self,
        sql: &'static str,
        id: &ObjectId,
        from: i64,
        limit: u32,
        bytes: usize,
    ) -> Result<(Vec<Step>, bool), StoreError> {
        let limit = limit.clamp(1, PAGE);
        let mut tx = self.store.read_once("read_history").await?;
        let at = tx.at;
        let rows = sqlx::query(sql).bind(id.to_string()).bind(from).bind(i64::from(limit) + 1).fetch(tx.conn());
        let full = over(bytes, |step: &Step| {
            step.content.as_ref().and_then(Content::payload).map_or(0, prost::bytes::Bytes::len)
        });
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        taken(rows, limit, |e| at.failed(e), step, full).await
    }

    /// Number of objects by kind, without withdrawn ones.
    pub async fn counts(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let mut tx = self.store.read_once("count_objects").await?;
        let at = tx.at;
        let rows =
            sqlx::query("SELECT kind, count(*) AS n FROM object WHERE withdrawn = 0 GROUP BY kind ORDER BY kind")
                .fetch_all(tx.conn())
                .await
                .map_err(|e| at.failed(e))?;
        let count = |row| {
            let cells = Cells { table: "object", row };
            Ok((cells.get("kind")?, cells.number("n")?))
        };
        rows.iter().map(count).collect()
    }

    /// How far the replica is; none before the first frame.
    #[must_use]
    pub fn cursor(&self) -> Option<Arc<Cursor>> {
        self.cursor.load_full()
    }

    /// The cursor as it is stored.
    pub(super) async fn read_cursor(&self) -> Result<Option<Cursor>, StoreError> {
        let mut tx = self.store.read_once("read_cursor").await?;
        let at = tx.at;
        let row = sqlx::query(
            "SELECT id, log, size, frontier, seal_time_ms, accepted_at_ms, applied_at_ms, checkpoint, fill_round, fill_since \
             FROM cursor",
        )
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells { table: "cursor", row: &row };
        let frontier = directory::frontier(&cells)?;
        Ok(Some(Cursor {
            log: LogNumber(cells.number("log")?),
            size: frontier.size(),
            root: frontier.root(),
            seal_time_ms: cells.get("seal_time_ms")?,
            accepted_at_ms: cells.get("accepted_at_ms")?,
            applied_at_ms: cells.get("applied_at_ms")?,
            checkpoint: cells.get("checkpoint")?,
            fills: fills_of(cells.number("fill_round")?, cells.optional_number("fill_since")?.is_some()),
        }))
    }
}

/// What rows say, until there are so many, or one after which they are enough; whether others follow.
async fn taken<T>(
    mut rows: impl Stream<Item = Result<SqliteRow, sqlx::Error>> + Unpin,
    limit: usize,
    failed: impl Fn(sqlx::Error) -> StoreError,
    read: fn(&SqliteRow) -> Result<T, StoreError>,
    mut full: impl FnMut(&T) -> bool,
) -> Result<(Vec<T>, bool), StoreError> {
    let (mut items, mut enough) = (Vec::new(), false);
    while let Some(row) = rows.next().await {
        let row = row.map_err(&failed)?;
        if enough {
            return Ok((items, true));
        }
        let item = read(&row)?;
        enough = full(&item) || items.len() + 1 >= limit;
        items.push(item);
    }
    Ok((items, false))
}

/// Whether what was weighed so far is more than so many bytes.
fn over<T>(bytes: usize, weigh: impl Fn(&T) -> usize) -> impl FnMut(&T) -> bool {
    let mut left = Some(bytes);
    move |item| {
        left = left.and_then(|left| left.checked_sub(weigh(item)));
        left.is_none()
    }
}

pub(super) fn summary(row: &SqliteRow) -> Result<Summary, StoreError> {
    let cells = Cells { table: "object", row };
    let audience: String = cells.get("audience")?;
    Ok(Summary {
        id: cells.get("id")?,
        kind: cells.get("kind")?,
        country: cells.get("country")?,
        revision: cells.number("revision")?,
        record_id: cells.hash("record_id")?,
        index: LeafIndex(cells.number("idx")?),
        audience: audience.split_whitespace().map(ToOwned::to_owned).collect(),
        authored_at_ms: cells.get("authored_at_ms")?,
        accepted_at_ms: cells.get("accepted_at_ms")?,
        title: cells.json("title")?,
        withdrawn: cells.get("withdrawn")?,
    })
}

/// An object with its payload, of which withdrawn ones have none.
pub(super) fn whole(row: &SqliteRow) -> Result<Object, StoreError> {
    let summary = summary(row)?;
    if summary.withdrawn {
        return Ok(Object { summary, payload: Bytes::new() });
    }
    let cells = Cells { table: "entry", row };
    let content = Content::parse(cells.get("content")?).map_err(|error| cells.bad("content", &error))?;
    Ok(Object { summary, payload: content.payload().cloned().unwrap_or_default() })
}

fn step(row: &SqliteRow) -> Result<Step, StoreError> {
    let cells = Cells { table: "entry", row };
    let content: Option<&[u8]> = cells.get("content")?;
    let content = content.map(Content::parse).transpose().map_err(|error| cells.bad("content", &error))?;
    Ok(Step {
        index: LeafIndex(cells.number("idx")?),
        record_id: cells.hash("record_id")?,
        writer: cells.get("writer")?,
        accepted_at_ms: cells.get("accepted_at_ms")?,
        content_id: cells.get("content_id")?,
        content,
        verdict: cells.get("verdict")?,
    })
}
