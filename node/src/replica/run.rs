//! What stands in place of leaves after a fast start: roots of complete subtrees, each at the index of its first leaf.
//!
//! Rows come with the start. An entry that this member may read later is taken out of the one that it lies in, and what is left
//! of that comes in its place. In scope: the tables `run` and `started`, from where on all leaves are held. Out of scope: the
//! start itself (`start`), what its roots and its offer must be (`proto::sync`).

use std::collections::BTreeMap;

use multaqa_proto::hash::Hash;
use multaqa_proto::log::subtree::{Root, Subtree};
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::wire::hub as wire;
use multaqa_runtime::digest::{self, Value};
use prost::Message as _;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

use super::Replica;
use crate::store::{Cells, Kept, ROWS, StoreError, Tx};

/// The roots. One that vanishes leaves a gap.
pub(super) const RUN: Kept = Kept { table: "run", key: "first", tallied: false };
/// Where the start ended. Without it no run can be.
pub(super) const STARTED: Kept = Kept { table: "started", key: "id", tallied: false };

/// Where a fast start ended, and what the hub offered it by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Started {
    pub(super) size: TreeSize,
    pub(super) offer: wire::Start,
}

pub(super) async fn insert(tx: &mut Tx, roots: &[Root]) -> Result<(), StoreError> {
    let at = tx.at;
    for chunk in roots.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO run (first, height, hash, digest) ");
        query.push_values(chunk, |mut values, Root { subtree, hash }| {
            let (first, height) = (subtree.first().to_i64(), i64::from(subtree.height));
            let digest = digest::row("run", [first.into(), height.into(), Value::Blob(&hash.0)]);
            values.push_bind(first).push_bind(height).push_bind(hash.to_vec()).push_bind(digest.to_vec());
        });
        query.build().execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    }
    Ok(())
}

/// Puts what is left of roots in their place.
pub(super) async fn replace(tx: &mut Tx, gone: &[Root], left: &[Root]) -> Result<(), StoreError> {
    let at = tx.at;
    for root in gone {
        sqlx::query("DELETE FROM run WHERE first = ?")
            .bind(root.subtree.first().to_i64())
            .execute(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
    }
    insert(tx, left).await
}

/// The roots whose first leaves stand from an index on before another, so many at most.
pub(super) async fn read(tx: &mut Tx, from: i64, to: i64, limit: i64) -> Result<Vec<Root>, StoreError> {
    let at = tx.at;
    let rows = sqlx::query("SELECT first, height, hash FROM run WHERE first >= ? AND first < ? ORDER BY first LIMIT ?")
        .bind(from)
        .bind(to)
        .bind(limit)
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    rows.iter().map(root).collect()
}

/// Whether there are any.
pub(super) async fn any(tx: &mut Tx) -> Result<bool, StoreError> {
    let at = tx.at;
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM run)").fetch_one(tx.conn()).await.map_err(|e| at.failed(e))
}

/// The root in which a leaf lies; none where it lies in none.
pub(super) async fn over(tx: &mut Tx, index: LeafIndex) -> Result<Option<Root>, StoreError> {
    let at = tx.at;
    let row = sqlx::query("SELECT first, height, hash FROM run WHERE first <= ? ORDER BY first DESC LIMIT 1")
        .bind(index.to_i64())
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    let found = row.as_ref().map(root).transpose()?;
    Ok(found.filter(|root| index.0 < root.subtree.complete_at().0))
}

pub(super) async fn note_started(tx: &mut Tx, size: TreeSize, offer: &wire::Start) -> Result<(), StoreError> {
    let (at, offer) = (tx.at, offer.encode_to_vec());
    let digest = digest::row("started", [1.into(), size.to_i64().into(), Value::Blob(&offer)]);
    sqlx::query("INSERT INTO started (id, size, offer, digest) VALUES (1, ?, ?, ?)")
        .bind(size.to_i64())
        .bind(offer)
        .bind(digest.to_vec())
        .execute(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    Ok(())
}

/// Where a fast start ended; none in a replica that had none.
pub(super) async fn started(tx: &mut Tx) -> Result<Option<Started>, StoreError> {
    let at = tx.at;
    let row =
        sqlx::query("SELECT id, size, offer FROM started").fetch_optional(tx.conn()).await.map_err(|e| at.failed(e))?;
    let Some(row) = row else { return Ok(None) };
    let cells = Cells { table: "started", row: &row };
    let offer: Vec<u8> = cells.get("offer")?;
    let offer = wire::Start::decode(&*offer).map_err(|error| cells.bad("offer", &error))?;
    Ok(Some(Started { size: TreeSize(cells.number("size")?), offer }))
}

impl Replica {
    /// Every leaf from this index on is held; 0 where all are.
    pub async fn leaves_from(&self) -> Result<LeafIndex, StoreError> {
        let mut tx = self.store.read_once("leaves_from").await?;
        let at = tx.at;
        let row = sqlx::query("SELECT first, height, hash FROM run ORDER BY first DESC LIMIT 1")
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let newest = row.as_ref().map(root).transpose()?;
        Ok(newest.map_or(LeafIndex(0), |root| root.subtree.complete_at().next_index()))
    }

    /// Where the fast start ended that this replica began with; none where it was fetched leaf by leaf.
    pub(crate) async fn started_at(&self) -> Result<Option<TreeSize>, StoreError> {
        let mut tx = self.store.read_once("started_at").await?;
        Ok(started(&mut tx).await?.map(|started| started.size))
    }

    /// The roots in which these leaves lie, each at the index of its first leaf.
    pub(crate) async fn runs_over(&self, indexes: &[LeafIndex]) -> Result<BTreeMap<LeafIndex, Root>, StoreError> {
        let mut tx = self.store.read("runs_over").await?;
        let mut found = BTreeMap::new();
        if any(&mut tx).await? {
            for index in indexes {
                found.extend(over(&mut tx, *index).await?.map(|root| (root.subtree.first(), root)));
            }
        }
        Ok(found)
    }
}

fn root(row: &SqliteRow) -> Result<Root, StoreError> {
    let cells = Cells { table: "run", row };
    let (first, height) = (cells.number("first")?, cells.number("height")?);
    let height = u32::try_from(height).ok().filter(|height| *height < 63 && first.trailing_zeros() >= *height);
    let height = height.ok_or_else(|| cells.bad("height", &"no subtree begins there"))?;
    let hash: Hash = cells.hash("hash")?;
    Ok(Root { subtree: Subtree { height, number: first >> height }, hash })
}
