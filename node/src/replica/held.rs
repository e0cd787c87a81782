//! What the replica gives to evidence: all control leaves, and a smaller tree with which its own begins.
//!
//! Out of scope: what is made of it (`sync::evidence`).

use multaqa_proto::evidence::{ControlLeaf, Prefix};
use multaqa_proto::log::subtree::Plan;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::block::Entry;
use prost::bytes::Bytes;

use super::{Replica, subtree};
use crate::store::{Cells, StoreError};

/// Control leaves that are read at a time.
const CHUNK: i64 = 500;
/// Bytes of control leaves that are given at most.
const CONTROL_MAX: usize = 8 * 1024 * 1024;

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
