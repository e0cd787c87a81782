//! The rows of an object: as they are stored, and as its records give them.

use multaqa_proto::fold::Put;
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::ObjectId;
use multaqa_proto::kind::Observation;
use multaqa_proto::number::LeafIndex;
use sqlx::sqlite::SqliteRow;

use super::super::entry::StoredRecord;
use super::super::observation::{numbered, observation};
use crate::store::{Cells, StoreError, Tx};

/// The row of an object itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    id: String,
    kind: String,
    country: String,
    record_id: RecordId,
    index: LeafIndex,
    revision: u64,
    revisions: Vec<u8>,
    audience: String,
    authored_at_ms: i64,
    accepted_at_ms: i64,
    title: String,
    withdrawn: bool,
}

/// All rows of an object, in a fixed order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::replica) struct Rows {
    pub(super) head: Option<Head>,
    pub(super) observations: Vec<String>,
}

impl Rows {
    pub(super) fn expected(put: &Put) -> Self {
        let Put { index, record_id, accepted_at_ms, content, projection } = put;
        let head = Head {
            id: content.id.to_string(),
            kind: content.id.kind().to_owned(),
            country: content.id.code().to_string(),
            record_id: *record_id,
            index: *index,
            revision: content.revision,
            revisions: content.replaces.iter().chain([record_id]).flat_map(|id| id.0).collect(),
            audience: content.audience.to_string(),
            authored_at_ms: content.authored_at_ms,
            accepted_at_ms: *accepted_at_ms,
            title: serde_json::json!(projection.title).to_string(),
            withdrawn: false,
        };
        let provider = content.id.code().to_string();
        let observations = numbered(put).map(|(number, o)| shown(number, &provider, *index, o)).collect();
        Self { head: Some(head), observations }
    }

    /// What a tombstone leaves of its object.
    pub(super) fn mark(id: &ObjectId, tombstone: &StoredRecord) -> Self {
        let content = tombstone.record.content().and_then(Result::ok);
        let head = Head {
            id: id.to_string(),
            kind: id.kind().to_owned(),
            country: id.code().to_string(),
            record_id: tombstone.record.record_id,
            index: tombstone.index,
            revision: 0,
            revisions: Vec::new(),
            audience: String::new(),
            authored_at_ms: content.map_or(0, |content| content.authored_at_ms),
            accepted_at_ms: tombstone.leaf.accepted_at_ms,
            title: "{}".to_owned(),
            withdrawn: true,
        };
        Self { head: Some(head), observations: Vec::new() }
    }

    /// In what they differ.
    pub(super) fn differing(&self, expected: &Self) -> &'static str {
        if self.head == expected.head {
            "the figures are not what its records give"
        } else {
            "the row is not what its records give"
        }
    }

    pub(in crate::replica) async fn load(tx: &mut Tx, id: &ObjectId) -> Result<Self, StoreError> {
        let (at, id) = (tx.at, id.to_string());
        let row = sqlx::query("SELECT * FROM object WHERE id = ?")
            .bind(&id)
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let head = row.as_ref().map(head).transpose()?;
        let figures = sqlx::query("SELECT * FROM observation WHERE object = ? ORDER BY number")
            .bind(&id)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let figure = |row: &SqliteRow| {
            let cells = Cells { table: "observation", row };
            let (number, provider): (i64, String) = (cells.get("number")?, cells.get("provider")?);
            Ok(shown(number, &provider, LeafIndex(cells.number("idx")?), &observation(&cells)?))
        };
        Ok(Self { head, observations: figures.iter().map(figure).collect::<Result<Vec<_>, _>>()? })
    }
}

fn head(row: &SqliteRow) -> Result<Head, StoreError> {
    let cells = Cells { table: "object", row };
    Ok(Head {
        id: cells.get("id")?,
        kind: cells.get("kind")?,
        country: cells.get("country")?,
        record_id: cells.hash("record_id")?,
        index: LeafIndex(cells.number("idx")?),
        revision: cells.number("revision")?,
        revisions: cells.get("revisions")?,
        audience: cells.get("audience")?,
        authored_at_ms: cells.get("authored_at_ms")?,
        accepted_at_ms: cells.get("accepted_at_ms")?,
        title: cells.get("title")?,
        withdrawn: match cells.get::<i64>("withdrawn")? {
            0 => false,
            1 => true,
            other => return Err(cells.bad("withdrawn", &other)),
        },
    })
}

fn shown(number: i64, provider: &str, index: LeafIndex, observation: &Observation) -> String {
    format!("{number} {provider} {index} {observation:?}")
}
