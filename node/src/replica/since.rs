//! Objects by the places of their newest entries: what changed from a position on.
//!
//! There is no index for it: the entries of a stretch are looked at in their order, and each object that one of them left as it is
//! stands in it once, at its newest entry. In scope: one bounded page. Out of scope: who goes on from there (`watch`).

use multaqa_proto::number::{LeafIndex, TreeSize};

use super::read::summary;
use super::{Replica, Summary};
use crate::store::{Cells, StoreError};

/// Entries that one page looks at.
const ENTRIES: u32 = 512;

/// What changed in a stretch of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Since {
    /// Objects whose newest entry lies in it, in the order of the log.
    pub(crate) objects: Vec<Summary>,
    /// Where the stretch ends.
    pub(crate) through: TreeSize,
}

impl Replica {
    /// What changed from an index on and below a size; at most so many objects, of a bounded stretch.
    pub(crate) async fn since(&self, from: LeafIndex, below: TreeSize, most: usize) -> Result<Since, StoreError> {
        let mut tx = self.store.read_once("read_since").await?;
        let at = tx.at;
        let rows = sqlx::query(
            "SELECT entry.idx AS place, object.id, object.kind, country, revision, object.record_id, object.idx, audience, \
             authored_at_ms, object.accepted_at_ms, title, withdrawn \
             FROM entry LEFT JOIN object ON object.id = entry.object AND object.idx = entry.idx \
             WHERE entry.idx >= ? AND entry.idx < ? ORDER BY entry.idx LIMIT ?",
        )
        .bind(from.to_i64())
        .bind(below.to_i64())
        .bind(ENTRIES)
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        let mut objects = Vec::new();
        for row in &rows {
            let cells = Cells { table: "object", row };
            if cells.get::<Option<&str>>("id")?.is_none() {
                continue;
            }
            objects.push(summary(row)?);
            if objects.len() >= most {
                let through = LeafIndex(cells.number("place")?).size();
                return Ok(Since { objects, through });
            }
        }
        let last = rows.last().filter(|_| rows.len() >= ENTRIES as usize);
        let through = match last {
            Some(row) => LeafIndex(Cells { table: "entry", row }.number("place")?).size(),
            // Where a fast start left leaves out, there is nothing.
            None => below,
        };
        Ok(Since { objects, through })
    }
}
