//! The rows of an object: as they are stored, and as its records give them.

use multaqa_proto::fold::Put;
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::ObjectId;
use multaqa_proto::judge::{Observation, Projection};
use multaqa_proto::number::LeafIndex;
use sqlx::sqlite::SqliteRow;

use super::super::observation::observation;
use crate::store::{Cells, StoreError, Tx};

/// The row of an object itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    record_id: RecordId,
    index: LeafIndex,
    revision: u64,
    revisions: Vec<u8>,
    audience: String,
    title: String,
}

/// All rows of an object, in a fixed order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::replica) struct Rows {
    pub(super) head: Option<Head>,
    pub(super) observations: Vec<String>,
}

impl Rows {
    pub(super) fn expected(put: Put) -> Self {
        let Put { index, record_id, accepted_at_ms: _, content, projection } = put;
        let Projection { title, observations } = projection;
        let head = Head {
            record_id,
            index,
            revision: content.revision,
            revisions: content.replaces.iter().chain([&record_id]).flat_map(|id| id.0).collect(),
            audience: content.audience.to_string(),
            title: serde_json::json!(title).to_string(),
        };
        Self { head: Some(head), observations: in_order(observations.iter().map(shown)) }
    }

    pub(in crate::replica) async fn load(tx: &mut Tx, id: &ObjectId) -> Result<Self, StoreError> {
        let (at, id) = (tx.at, id.to_string());
        let row =
            sqlx::query("SELECT id, record_id, idx, revision, revisions, audience, title FROM object WHERE id = ?")
                .bind(&id)
                .fetch_optional(tx.conn())
                .await
                .map_err(|e| at.failed(e))?;
        let head = row.as_ref().map(head).transpose()?;
        let figures = sqlx::query("SELECT * FROM observation WHERE object = ?")
            .bind(&id)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let observations = figures
            .iter()
            .map(|row| observation(&Cells { table: "observation", row }).map(|o| shown(&o)))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { head, observations: in_order(observations.into_iter()) })
    }
}

fn in_order(rows: impl Iterator<Item = String>) -> Vec<String> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    rows
}

fn head(row: &SqliteRow) -> Result<Head, StoreError> {
    let cells = Cells { table: "object", row };
    Ok(Head {
        record_id: cells.hash("record_id")?,
        index: LeafIndex(cells.number("idx")?),
        revision: cells.number("revision")?,
        revisions: cells.get("revisions")?,
        audience: cells.get("audience")?,
        title: cells.get("title")?,
    })
}

fn shown(observation: &Observation) -> String {
    format!("{observation:?}")
}
