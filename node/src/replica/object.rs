//! Objects as the valid records left them.
//!
//! In scope: the table `object`. Out of scope: their payloads, which stand in the table `entry`; `observation`; judging
//! (`fold`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use multaqa_proto::directory::Directory;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::ObjectId;
use multaqa_proto::judge::ObjectState;
use multaqa_proto::record::audience::Audience;
use sqlx::{QueryBuilder, Sqlite};

use super::{Replica, observation};
use crate::store::{Cells, ROWS, StoreError, Tx};
use multaqa_proto::fold::{Fold, Held, Mark, Put};

impl Replica {
    /// What a verdict over these objects looks up, at the replica's cursor.
    pub async fn held(&self, directory: &Arc<Directory>, ids: &BTreeSet<ObjectId>) -> Result<Held, StoreError> {
        // What one statement reads is a snapshot by itself.
        let one = ids.len() <= ROWS;
        let mut tx = if one { self.store.read_once("read_held").await? } else { self.store.read("read_held").await? };
        let Loaded { states, withdrawn } = load(&mut tx, ids).await?;
        Ok(Held::new(Arc::clone(directory), states, withdrawn))
    }
}

/// Objects that have rows.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// States of those that are held.
    pub(super) states: BTreeMap<ObjectId, ObjectState>,
    /// Those of which only the mark is left.
    pub(super) withdrawn: BTreeSet<ObjectId>,
}

impl Loaded {
    /// All of them.
    pub(super) fn ids(&self) -> BTreeSet<ObjectId> {
        self.states.keys().chain(&self.withdrawn).cloned().collect()
    }
}

/// States of objects; those that have no rows are left out.
pub(super) async fn load(tx: &mut Tx, ids: &BTreeSet<ObjectId>) -> Result<Loaded, StoreError> {
    let at = tx.at;
    let mut loaded = Loaded::default();
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    for chunk in ids.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new(tx.beginning());
        query.push("SELECT id, revision, revisions, audience, withdrawn FROM object WHERE id IN (");
        let mut list = query.separated(", ");
        for id in chunk {
            list.push_bind(id);
        }
        query.push(")");
        let rows = query.build().fetch_all(tx.conn()).await.map_err(|e| at.failed(e))?;
        for row in &rows {
            let cells = Cells { table: "object", row };
            let id: ObjectId = cells.parsed("id")?;
            if cells.get("withdrawn")? {
                loaded.withdrawn.insert(id);
            } else {
                let state = object_state(&cells, &id)?;
                loaded.states.insert(id, state);
            }
        }
    }
    Ok(loaded)
}

fn object_state(cells: &Cells<'_>, id: &ObjectId) -> Result<ObjectState, StoreError> {
    let audience = Audience::parse(&cells.get::<String>("audience")?.split(' ').collect::<Vec<_>>());
    Ok(ObjectState {
        writer_member: id.code().clone(),
        revision: cells.number("revision")?,
        revisions: record_ids(cells.get("revisions")?).ok_or_else(|| cells.bad("revisions", &"not 32 bytes each"))?,
        audience: audience.map_err(|error| cells.bad("audience", &error))?,
    })
}

fn record_ids(bytes: &[u8]) -> Option<Vec<RecordId>> {
    bytes.chunks(32).map(Hash::from_slice).collect()
}

/// Writes what a fold left, but for the last rows: they are the text that is returned, to which others may be added before it is
/// executed. `existing` are the objects that have rows.
pub(super) async fn write(
    tx: &mut Tx,
    fold: Fold,
    existing: &BTreeSet<ObjectId>,
) -> Result<QueryBuilder<Sqlite>, StoreError> {
    let Fold { puts, marks, .. } = fold;
    for id in puts.keys().chain(marks.keys()).filter(|id| existing.contains(id)) {
        delete(tx, id).await?;
    }
    let puts: Vec<(ObjectId, Put)> = puts.into_iter().collect();
    insert_marks(tx, &marks.into_iter().collect::<Vec<_>>()).await?;
    observation::insert(tx, &puts).await?;
    let (chunks, rest) = puts.as_chunks::<ROWS>();
    for chunk in chunks {
        let at = tx.at;
        inserting(chunk).build().execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    }
    Ok(inserting(rest))
}

/// Deletes all rows of an object.
pub(super) async fn delete(tx: &mut Tx, id: &ObjectId) -> Result<(), StoreError> {
    let at = tx.at;
    for sql in ["DELETE FROM object WHERE id = ?", "DELETE FROM observation WHERE object = ?"] {
        sqlx::query(sql).bind(id.to_string()).execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    }
    Ok(())
}

const OBJECT_COLUMNS: &str = "INSERT INTO object (id, kind, country, revision, record_id, idx, revisions, audience, \
                              authored_at_ms, accepted_at_ms, title, withdrawn) ";

/// The text that inserts objects; empty for none.
fn inserting(puts: &[(ObjectId, Put)]) -> QueryBuilder<Sqlite> {
    if puts.is_empty() {
        return QueryBuilder::new("");
    }
    let mut query = QueryBuilder::<Sqlite>::new(OBJECT_COLUMNS);
    query.push_values(puts, |mut values, (id, put)| {
        let Put { index, record_id, accepted_at_ms, content, projection } = put;
        let revisions: Vec<u8> = content.replaces.iter().chain([record_id]).flat_map(|id| id.0).collect();
        values
            .push_bind(id.to_string())
            .push_bind(id.kind().to_owned())
            .push_bind(id.code().to_string())
            .push_bind(content.revision.cast_signed())
            .push_bind(record_id.to_vec())
            .push_bind(index.to_i64())
            .push_bind(revisions)
            .push_bind(content.audience.to_string())
            .push_bind(content.authored_at_ms)
            .push_bind(*accepted_at_ms)
            .push_bind(serde_json::json!(projection.title).to_string())
            .push_bind(false);
    });
    query.push("; ");
    query
}

async fn insert_marks(tx: &mut Tx, marks: &[(ObjectId, Mark)]) -> Result<(), StoreError> {
    let at = tx.at;
    for chunk in marks.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new(OBJECT_COLUMNS);
        query.push_values(chunk, |mut values, (id, mark)| {
            let Mark { index, record_id, accepted_at_ms, authored_at_ms } = mark;
            values
                .push_bind(id.to_string())
                .push_bind(id.kind().to_owned())
                .push_bind(id.code().to_string())
                .push_bind(0)
                .push_bind(record_id.to_vec())
                .push_bind(index.to_i64())
                .push_bind(Vec::new())
                .push_bind("")
                .push_bind(*authored_at_ms)
                .push_bind(*accepted_at_ms)
                .push_bind("{}")
                .push_bind(true);
        });
        query.build().execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    }
    Ok(())
}
