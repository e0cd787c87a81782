//! What the replica holds of the log, for a hub that lost it.
//!
//! In scope: reading leaves and entries as they came, whole as far as this member may read them; what lies in runs is not here.
//! Out of scope: what the hub asks for (`sync::refill`).

use multaqa_proto::hash::Hash;
use multaqa_proto::log::leaf;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::sync::block::Entry;
use prost::bytes::Bytes;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

use super::Replica;
use crate::store::{Cells, StoreError};

/// Leaves that are hashed at a time.
pub(crate) const LEAVES: u64 = 4_096;
/// Rows that are read at a time.
const ROWS: u64 = 512;

/// Entries to give.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gift {
    /// As they came, whole or as stubs.
    pub(crate) entries: Vec<Entry>,
    /// Of those whose content a tombstone took: the object that was withdrawn.
    pub(crate) erased: Vec<(LeafIndex, String)>,
}

impl Replica {
    /// Hashes of the leaves from an index on, at most [`LEAVES`].
    pub(crate) async fn leaf_hashes(&self, from: LeafIndex, to: LeafIndex) -> Result<Vec<Hash>, StoreError> {
        let mut tx = self.store.read_once("read_leaf_hashes").await?;
        let at = tx.at;
        let rows = sqlx::query("SELECT idx, leaf FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?")
            .bind(from.to_i64())
            .bind(to.to_i64())
            .bind(LEAVES.cast_signed())
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let mut hashes = Vec::with_capacity(rows.len());
        for (row, index) in rows.iter().zip(from.0..) {
            let cells = Cells { table: "entry", row };
            // What lies in a run is not here to be hashed.
            if cells.number("idx")? != index {
                break;
            }
            hashes.push(leaf::hash(&Bytes::from(cells.get::<Vec<u8>>("leaf")?)));
        }
        Ok(hashes)
    }

    /// The entries from an index on, as many as fit the bytes; one at least where there is one.
    pub(crate) async fn entries_to_give(
        &self,
        from: LeafIndex,
        to: LeafIndex,
        bytes_max: usize,
    ) -> Result<Gift, StoreError> {
        let mut tx = self.store.read_once("read_entries_to_give").await?;
        let at = tx.at;
        let rows = sqlx::query(
            "SELECT idx, leaf, signature, content, content_id, erased FROM entry \
             WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?",
        )
        .bind(from.to_i64())
        .bind(to.to_i64())
        .bind(ROWS.cast_signed())
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        gift(&rows, bytes_max)
    }

    /// Those of these entries whose contents are here, or were erased; ascending, as many as fit the bytes.
    pub(crate) async fn contents_to_give(&self, indexes: &[LeafIndex], bytes_max: usize) -> Result<Gift, StoreError> {
        let mut tx = self.store.read_once("read_contents_to_give").await?;
        let at = tx.at;
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT idx, leaf, signature, content, content_id, erased FROM entry \
             WHERE (content IS NOT NULL OR erased = 1) AND idx IN (",
        );
        let mut list = query.separated(", ");
        for index in indexes {
            list.push_bind(index.to_i64());
        }
        query.push(") ORDER BY idx");
        let rows = query.build().fetch_all(tx.conn()).await.map_err(|e| at.failed(e))?;
        gift(&rows, bytes_max)
    }
}

fn gift(rows: &[SqliteRow], bytes_max: usize) -> Result<Gift, StoreError> {
    let (mut gift, mut bytes) = (Gift::default(), 0);
    for row in rows {
        let cells = Cells { table: "entry", row };
        let part = |column| cells.get::<Vec<u8>>(column).map(Bytes::from);
        let (index, content) = (LeafIndex(cells.number("idx")?), cells.get::<Option<Vec<u8>>>("content")?);
        let entry =
            Entry { index, leaf: part("leaf")?, signature: part("signature")?, content: content.map(Bytes::from) };
        bytes += entry.bytes();
        if bytes > bytes_max && !gift.entries.is_empty() {
            break;
        }
        if entry.content.is_none()
            && cells.get::<bool>("erased")?
            && let Some(object) = cells.get::<Option<String>>("content_id")?
        {
            gift.erased.push((index, object));
        }
        gift.entries.push(entry);
    }
    Ok(gift)
}
