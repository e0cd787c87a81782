//! Sealed checkpoints that the replica applied, and the newest cosignature of each witness over its own history.
//!
//! In scope: the tables `sealed` and `cosignature`, roots at past sizes. Out of scope: whether a cosignature counts
//! (`proto::log::witness`), comparing roots (`crate::witness`). A note that is forgotten here is still checked: the root at any
//! size comes from the entries.

use multaqa_proto::hash::Hash;
use multaqa_proto::id::Writer;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::subtree::Plan;
use multaqa_proto::number::TreeSize;
use multaqa_runtime::digest::{self, Value};
use sqlx::sqlite::SqliteRow;

use super::{COSIGNATURE, Replica, run, subtree};
use crate::journal::Sealed;
use crate::point;
use crate::store::{Cells, Key, StoreError, Tx, change};

/// A witness's newest cosignature over this history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCosignature {
    /// The node.
    pub witness: Writer,
    /// Tree size of the checkpoint.
    pub size: TreeSize,
    /// The checkpoint, a note with the log's line alone.
    pub note: String,
    /// The witness's line, with its line feed.
    pub line: String,
}

/// Notes a checkpoint that ends in a seal, in the transaction of the frame that it ends. Older ones go by themselves (a trigger).
pub(super) async fn note(tx: &mut Tx, state: &LogState, note: &str) -> Result<(), StoreError> {
    let at = tx.at;
    let (size, root) = (state.size().to_i64(), state.root());
    let digest = digest::row("sealed", [size.into(), Value::Blob(&root.0), note.into()]);
    sqlx::query("INSERT OR REPLACE INTO sealed (size, root, note, digest) VALUES (?, ?, ?, ?)")
        .bind(size)
        .bind(root.to_vec())
        .bind(note)
        .bind(digest.to_vec())
        .execute(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    Ok(())
}

impl Replica {
    /// The newest sealed checkpoint that was applied; none before the first.
    pub async fn newest_sealed(&self) -> Result<Option<Sealed>, StoreError> {
        let mut tx = self.store.read_once("newest_sealed").await?;
        let at = tx.at;
        let row = sqlx::query("SELECT size, root, note FROM sealed ORDER BY size DESC LIMIT 1")
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        row.as_ref().map(sealed).transpose()
    }

    /// The sealed checkpoint at this size, or else the next one after it; none where nothing newer is known.
    pub async fn sealed_from(&self, size: TreeSize) -> Result<Option<Sealed>, StoreError> {
        let mut tx = self.store.read_once("sealed_from").await?;
        let at = tx.at;
        let row = sqlx::query("SELECT size, root, note FROM sealed WHERE size >= ? ORDER BY size LIMIT 1")
            .bind(size.to_i64())
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        row.as_ref().map(sealed).transpose()
    }

    /// The root of the replica's own tree at a size; none where it holds fewer entries, for the empty tree, and within runs.
    pub async fn root_at(&self, size: TreeSize) -> Result<Option<Hash>, StoreError> {
        let Some(plan) = Plan::root(size) else { return Ok(None) };
        let mut tx = self.store.read("root_at").await?;
        let at = tx.at;
        let known: Option<Vec<u8>> = sqlx::query_scalar("SELECT root FROM sealed WHERE size = ?")
            .bind(size.to_i64())
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        if let Some(root) = known.and_then(|root| Hash::from_slice(&root)) {
            return Ok(Some(root));
        }
        let held: Option<i64> =
            sqlx::query_scalar("SELECT size FROM cursor").fetch_optional(tx.conn()).await.map_err(|e| at.failed(e))?;
        if held.is_none_or(|held| held < size.to_i64()) {
            return Ok(None);
        }
        if run::started(&mut tx).await?.is_some_and(|started| size < started.size) {
            return Ok(None);
        }
        Ok(subtree::prove(&mut tx, &plan).await?.into_iter().next())
    }

    /// Stores cosignatures over this history, each in place of its witness's before.
    pub(crate) async fn note_cosignatures(&self, all: &[KeptCosignature]) -> Result<(), StoreError> {
        let mut tx = self.store.begin("note_cosignatures").await?;
        for KeptCosignature { witness, size, note, line } in all {
            let witness = witness.to_string();
            let write = sqlx::query(
                "INSERT INTO cosignature (witness, size, note, line) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (witness) DO UPDATE SET size = ?2, note = ?3, line = ?4",
            )
            .bind(witness.clone())
            .bind(size.to_i64())
            .bind(note.clone())
            .bind(line.clone());
            change(&mut tx, COSIGNATURE, Key::Text(&witness), write).await?;
        }
        let at = tx.at;
        at.pass(point::VOUCHED_WRITTEN)?;
        tx.commit().await?;
        at.pass(point::VOUCHED_STORED)
    }

    /// The newest cosignature of each witness over this history.
    pub async fn cosignatures(&self) -> Result<Vec<KeptCosignature>, StoreError> {
        let mut tx = self.store.read_once("cosignatures").await?;
        let at = tx.at;
        let rows = sqlx::query("SELECT witness, size, note, line FROM cosignature ORDER BY witness")
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        rows.iter().map(kept).collect()
    }

    /// The lines of witnesses whose newest cosignature is over the checkpoint of this size.
    pub async fn cosignatures_at(&self, size: TreeSize) -> Result<Vec<String>, StoreError> {
        let all = self.cosignatures().await?;
        Ok(all.into_iter().filter(|kept| kept.size == size).map(|kept| kept.line).collect())
    }
}

fn sealed(row: &SqliteRow) -> Result<Sealed, StoreError> {
    let cells = Cells { table: "sealed", row };
    Ok(Sealed { size: TreeSize(cells.number("size")?), root: cells.hash("root")?, note: cells.get("note")? })
}

fn kept(row: &SqliteRow) -> Result<KeptCosignature, StoreError> {
    let cells = Cells { table: "cosignature", row };
    Ok(KeptCosignature {
        witness: cells.parsed("witness")?,
        size: TreeSize(cells.number("size")?),
        note: cells.get("note")?,
        line: cells.get("line")?,
    })
}
