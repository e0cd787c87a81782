//! Transaction `append`: one commit, whole or not at all.

use std::sync::Arc;

use multaqa_proto::directory::Directory;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::Writer;
use multaqa_proto::log::chain;
use multaqa_proto::log::subtree::Root;
use multaqa_proto::log::tree::Frontier;
use multaqa_proto::number::{LeafIndex, TreeSize};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::erase::{Erasure, erase};
use super::head::Head;
use super::read::{Batch, commit_digest};
use super::row::{COLUMNS, Columns, Remains, StoredEntry};
use super::{Store, StoreError, subtree};
use crate::point;

/// Rows of one INSERT: eight times as fast as one row a statement.
const ROWS: usize = 64;

/// What one commit stores.
#[derive(Debug)]
pub(crate) struct Commit {
    /// The size that it builds upon.
    pub(crate) first: TreeSize,
    /// Its entries, from `first` on.
    pub(crate) entries: Vec<StoredEntry>,
    /// The checkpoint at its end, a signed note.
    pub(crate) checkpoint: String,
    /// The tree at its end.
    pub(crate) frontier: Frontier,
    /// Root at its end.
    pub(crate) root: Hash,
    /// The stored subtrees that it completes.
    pub(crate) subtrees: Vec<Root>,
    /// Newest statements of the writers that it holds records of.
    pub(crate) chains: Vec<(Writer, chain::Head)>,
    /// What its tombstones erase, where they hold.
    pub(crate) erasures: Vec<Erasure>,
    /// The directory after it, versioned by index.
    pub(crate) directory: Arc<Directory>,
    /// The head after it.
    pub(crate) head: Head,
}

impl Store {
    /// Stores a commit; when this returns, it is durable. Gives the entries whose content was erased.
    ///
    /// # Errors
    /// Where the head is not at `first`, or the store fails; nothing was stored then, unless the failure is of the commit
    /// itself, which the caller finds out from [`Store::head`].
    pub(crate) async fn append(&self, commit: &Commit) -> Result<Vec<LeafIndex>, StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        insert_entries(&mut tx, &commit.entries).await?;
        point::COMMIT_BEGUN.pass()?;
        insert_batch(&mut tx, commit).await?;
        point::COMMIT_BATCHED.pass()?;
        subtree::insert(&mut tx, &commit.subtrees).await?;
        for (writer, head) in &commit.chains {
            upsert_chain(&mut tx, writer, *head).await?;
        }
        point::COMMIT_CHAINED.pass()?;
        let mut erased = Vec::new();
        for erasure in &commit.erasures {
            erased.extend(erase(&mut tx, erasure, &commit.directory).await?);
        }
        point::COMMIT_ERASED.pass()?;
        commit.head.replace(&mut tx, commit.first).await?;
        point::COMMIT_WRITTEN.pass()?;
        tx.commit().await?;
        point::COMMIT_STORED.pass()?;
        Ok(erased)
    }
}

pub(super) async fn insert_entries(tx: &mut SqliteConnection, entries: &[StoredEntry]) -> Result<(), StoreError> {
    for chunk in entries.chunks(ROWS) {
        let mut insert = QueryBuilder::<Sqlite>::new(format!("INSERT INTO entry ({COLUMNS}) "));
        insert.push_values(chunk.iter().map(Columns::from), |mut row, columns| {
            row.push_bind(columns.idx)
                .push_bind(columns.leaf)
                .push_bind(columns.signature)
                .push_bind(columns.content)
                .push_bind(columns.record_id)
                .push_bind(columns.object_id)
                .push_bind(columns.writer)
                .push_bind(columns.epoch)
                .push_bind(columns.seq)
                .push_bind(columns.control)
                .push_bind(columns.seal_time_ms)
                .push_bind(columns.readers);
        });
        let done = insert.build().execute(&mut *tx).await?;
        touched("entry", chunk.len() as u64, done.rows_affected())?;
    }
    Ok(())
}

pub(super) async fn insert_batch(tx: &mut SqliteConnection, commit: &Commit) -> Result<(), StoreError> {
    let bytes: usize = commit.entries.iter().map(|stored| stored.entry.bytes()).sum();
    let batch = Batch {
        first: commit.first,
        size: commit.head.size,
        bytes: bytes as u64,
        checkpoint: commit.checkpoint.clone(),
        root: commit.root,
        frontier: commit.frontier.clone(),
        accepted_at_ms: commit.head.accepted_at_ms,
    };
    let digest = commit_digest(&batch, commit.entries.iter().map(Remains::of));
    let done = sqlx::query(
        "INSERT INTO batch (size, first, bytes, checkpoint, root, frontier, accepted_at_ms, digest)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(commit.head.size.to_i64())
    .bind(commit.first.to_i64())
    .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
    .bind(&commit.checkpoint)
    .bind(commit.root.to_vec())
    .bind(commit.frontier.to_bytes())
    .bind(commit.head.accepted_at_ms)
    .bind(digest.to_vec())
    .execute(tx)
    .await?;
    touched("batch", 1, done.rows_affected())
}

pub(super) async fn upsert_chain(
    tx: &mut SqliteConnection,
    writer: &Writer,
    head: chain::Head,
) -> Result<(), StoreError> {
    let done = sqlx::query(
        "INSERT INTO chain (writer, epoch, seq, record_id) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (writer) DO UPDATE SET epoch = ?2, seq = ?3, record_id = ?4",
    )
    .bind(writer.to_string())
    .bind(head.epoch.to_i64())
    .bind(head.seq.to_i64())
    .bind(head.record_id.to_vec())
    .execute(tx)
    .await?;
    touched("chain", 1, done.rows_affected())
}

/// Whether a write touched as many rows as it must.
pub(super) fn touched(table: &'static str, expected: u64, found: u64) -> Result<(), StoreError> {
    if expected == found { Ok(()) } else { Err(StoreError::RowsTouched { table, expected, found }) }
}
