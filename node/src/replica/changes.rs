//! What changed, for who makes something of the replica besides: bounded reads, each one statement.
//!
//! In scope: objects that entries of a stretch are about, objects by their ids, how far the fill is. Out of scope: being told that
//! there is something (`notice`).

use multaqa_proto::id::ObjectId;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::content::Content;
use prost::bytes::Bytes;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

use super::read::summary;
use super::{Object, Replica};
use crate::store::{Cells, ROWS, StoreError};

/// Most objects that [`Replica::objects`] reads at a time.
pub(crate) const OBJECTS: usize = ROWS;

impl Replica {
    /// Objects that valid entries from `from` to before `to` are about, each once; who asks bounds the stretch.
    pub(crate) async fn changed(&self, from: LeafIndex, to: LeafIndex) -> Result<Vec<ObjectId>, StoreError> {
        let mut tx = self.store.read_once("read_changed").await?;
        let at = tx.at;
        let rows = sqlx::query(
            "SELECT DISTINCT object FROM entry WHERE idx >= ? AND idx < ? AND object IS NOT NULL AND verdict = 'VALID'",
        )
        .bind(from.to_i64())
        .bind(to.to_i64())
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        rows.iter().map(|row| Cells { table: "entry", row }.parsed("object")).collect()
    }

    /// Objects by their ids, those that there are; of [`OBJECTS`] at most.
    pub(crate) async fn objects(&self, ids: &[String]) -> Result<Vec<Object>, StoreError> {
        let mut tx = self.store.read_once("read_objects").await?;
        let at = tx.at;
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT id, kind, country, revision, record_id, idx, audience, authored_at_ms, accepted_at_ms, title, \
             withdrawn, (SELECT content FROM entry WHERE entry.idx = object.idx) AS content FROM object WHERE id IN (",
        );
        let mut list = query.separated(", ");
        for id in ids.iter().take(OBJECTS) {
            list.push_bind(id);
        }
        query.push(")");
        let rows = query.build().fetch_all(tx.conn()).await.map_err(|e| at.failed(e))?;
        rows.iter().map(object).collect()
    }

    /// What changes with each step of a fill and when a program that knows other kinds adopts the file: as long as it is the same,
    /// objects changed by entries above the cursor alone. None where the replica is empty.
    pub(crate) async fn fill_mark(&self) -> Result<Option<String>, StoreError> {
        let mut tx = self.store.read_once("read_fill_mark").await?;
        let at = tx.at;
        let row = sqlx::query("SELECT id, view_floor, fill_since, fill_next, fill_round, kinds FROM cursor")
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells { table: "cursor", row: &row };
        let (floor, round): (i64, i64) = (cells.get("view_floor")?, cells.get("fill_round")?);
        let (since, next): (Option<i64>, i64) = (cells.get("fill_since")?, cells.get("fill_next")?);
        let kinds: String = cells.get("kinds")?;
        Ok(Some(format!(
            "{floor} {round} {} {next} {kinds}",
            since.map_or_else(|| "-".to_owned(), |since| since.to_string())
        )))
    }
}

fn object(row: &SqliteRow) -> Result<Object, StoreError> {
    let summary = summary(row)?;
    if summary.withdrawn {
        return Ok(Object { summary, payload: Bytes::new() });
    }
    let cells = Cells { table: "entry", row };
    let content = Content::parse(cells.get("content")?).map_err(|error| cells.bad("content", &error))?;
    Ok(Object { summary, payload: content.payload().cloned().unwrap_or_default() })
}
