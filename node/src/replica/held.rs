//! What the replica gives back of what it holds: to evidence all control leaves, single leaves with their places, and a smaller
//! tree with which its own begins;
//! to the reader's state after a restart the newest contents, from which it learns whom lanes are for.
//!
//! Out of scope: what is made of it (`sync::evidence`, `proto::sync`).

use multaqa_proto::evidence::{ControlLeaf, PlacedLeaf, Prefix};
use multaqa_proto::log::leaf::Leaf;
use multaqa_proto::log::subtree::Plan;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::content::Content;
use multaqa_proto::record::statement::Statement;
use multaqa_proto::sync::block::Entry;
use multaqa_proto::sync::intake::Intake;
use prost::bytes::Bytes;

use super::{Replica, subtree};
use crate::store::{Cells, StoreError};

/// Control leaves that are read at a time.
const CHUNK: i64 = 500;
/// Bytes of control leaves that are given at most.
const CONTROL_MAX: usize = 8 * 1024 * 1024;
/// Contents that a reader is taught from at most.
const TAUGHT_MAX: usize = 2_000;
/// Bytes of contents after which it is taught from no more.
const TAUGHT_BYTES: usize = 16 * 1024 * 1024;

impl Replica {
    /// All control leaves below a size, ascending; none of them where together they are more than 8 MiB.
    pub(crate) async fn control_leaves(&self, below: TreeSize) -> Result<Vec<ControlLeaf>, StoreError> {
        let mut tx = self.store.read("control_leaves").await?;
        let at = tx.at;
        let (mut leaves, mut bytes, mut next) = (Vec::new(), 0, 0_i64);
        loop {
            let rows = sqlx::query(
                "SELECT idx, seal_time_ms, leaf, signature, content FROM entry \
                 WHERE control = 1 AND idx >= ? AND idx < ? ORDER BY idx LIMIT ?",
            )
            .bind(next)
            .bind(below.to_i64())
            .bind(CHUNK)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
            for row in &rows {
                let cells = Cells { table: "entry", row };
                let index = LeafIndex(cells.number("idx")?);
                next = index.next().to_i64();
                let part = |column| cells.get::<Vec<u8>>(column).map(Bytes::from);
                let content: Option<Vec<u8>> = cells.get("content")?;
                let entry = Entry {
                    index,
                    leaf: part("leaf")?,
                    signature: part("signature")?,
                    content: content.map(Bytes::from),
                };
                bytes += entry.bytes();
                let seal_time_ms: Option<i64> = cells.get("seal_time_ms")?;
                leaves.push(ControlLeaf { entry, seal_time_ms: seal_time_ms.unwrap_or(0) });
            }
            if bytes > CONTROL_MAX {
                return Ok(Vec::new());
            }
            if rows.is_empty() {
                return Ok(leaves);
            }
        }
    }

    /// The newest seal below a size, with its place in the tree of that size; none before the first.
    pub(crate) async fn placed_seal(&self, size: TreeSize) -> Result<Option<PlacedLeaf>, StoreError> {
        let sql =
            "SELECT idx, leaf FROM entry WHERE record_id IS NULL AND control = 0 AND idx < ? ORDER BY idx DESC LIMIT 1";
        self.placed(sql, size.to_i64(), size).await
    }

    /// What stands at an index, with its place in the tree of a size; none where that does not reach it.
    pub(crate) async fn placed_leaf(&self, index: LeafIndex, size: TreeSize) -> Result<Option<PlacedLeaf>, StoreError> {
        self.placed("SELECT idx, leaf FROM entry WHERE idx = ?", index.to_i64(), size).await
    }

    async fn placed(&self, sql: &'static str, bound: i64, size: TreeSize) -> Result<Option<PlacedLeaf>, StoreError> {
        let mut tx = self.store.read("placed_leaf").await?;
        let at = tx.at;
        let row = sqlx::query(sql).bind(bound).fetch_optional(tx.conn()).await.map_err(|e| at.failed(e))?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells { table: "entry", row: &row };
        let (index, leaf) = (LeafIndex(cells.number("idx")?), cells.get::<Vec<u8>>("leaf")?.into());
        let Some(plan) = Plan::inclusion(index, size) else { return Ok(None) };
        Ok(Some(PlacedLeaf { index, leaf, path: subtree::prove(&mut tx, &plan).await? }))
    }

    /// Teaches a reader whom the lanes of the newest contents are for; of 2,000 of them and 16 MiB at most.
    pub(crate) async fn teach(&self, intake: &mut Intake) -> Result<(), StoreError> {
        let mut tx = self.store.read("newest_contents").await?;
        let at = tx.at;
        let (mut taught, mut bytes, mut before) = (0, 0, i64::MAX);
        while taught < TAUGHT_MAX && bytes < TAUGHT_BYTES {
            let rows = sqlx::query(
                "SELECT idx, leaf, content FROM entry WHERE idx < ? AND control = 0 AND content IS NOT NULL \
                 ORDER BY idx DESC LIMIT 50",
            )
            .bind(before)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let cells = Cells { table: "entry", row };
                before = cells.get("idx")?;
                let (leaf, content): (Vec<u8>, Vec<u8>) = (cells.get("leaf")?, cells.get("content")?);
                bytes += content.len();
                taught += 1;
                let leaf = Leaf::parse(&leaf.into()).map_err(|error| cells.bad("leaf", &error))?;
                let statement = Statement::parse(&leaf.body).map_err(|error| cells.bad("leaf", &error))?;
                // What its writer signed malformed opens no lane.
                if let Ok(content) = Content::parse(&content) {
                    intake.learn(&statement, &content);
                }
            }
        }
        Ok(())
    }

    /// What the tree of `whole` entries was at a smaller size; none where the replica does not hold them.
    pub(crate) async fn prefix(&self, size: TreeSize, whole: TreeSize) -> Result<Option<Prefix>, StoreError> {
        let Some(root) = self.root_at(size).await? else { return Ok(None) };
        let Some(plan) = Plan::consistency(size, whole) else { return Ok(None) };
        if self.root_at(whole).await?.is_none() {
            return Ok(None);
        }
        let mut tx = self.store.read("prefix").await?;
        Ok(Some(Prefix { size, root, hashes: subtree::prove(&mut tx, &plan).await? }))
    }
}
