//! Transaction `append`: one commit, whole or not at all.

use futures::TryStreamExt as _;
use multaqa_proto::fold::Erasure;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::Writer;
use multaqa_proto::log::chain;
use multaqa_proto::log::frontier::Frontier;
use multaqa_proto::log::subtree::Root;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::merge::Segment;
use sqlx::{Executor as _, QueryBuilder, Sqlite, SqliteConnection};

use super::erase::erase;
use super::error::touched;
use super::head::Head;
use super::read::{Batch, commit_digest};
use super::row::{COLUMNS, Columns, Remains, StoredEntry};
use super::writing::{BEGIN, Writing};
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
    /// What its tombstones erase.
    pub(crate) erasures: Vec<Erasure>,
    /// The head after it.
    pub(crate) head: Head,
}

impl Commit {
    /// Its entries, as readers are given them.
    pub(crate) fn segment(&self) -> Segment {
        let entries = self.entries.iter().map(|stored| (stored.readers(), stored.entry.clone())).collect();
        Segment::new(entries, self.checkpoint.clone())
    }
}

impl Store {
    /// Stores a commit; when this returns, it is durable. Gives the entries whose content was erased.
    ///
    /// # Errors
    /// Where the head is not at `first`, or the store fails; nothing was stored then, unless the failure is of the commit
    /// itself, which the caller finds out from [`Store::head`].
    pub(crate) async fn append(&self, commit: &Commit) -> Result<Vec<LeafIndex>, StoreError> {
        let mut tx = Writing::open(self).await?;
        insert_entries(&mut tx, BEGIN, &commit.entries).await?;
        point::COMMIT_BEGUN.pass()?;
        subtree::insert(&mut tx, &commit.subtrees).await?;
        point::COMMIT_TREED.pass()?;
        let mut erased = Vec::new();
        for erasure in &commit.erasures {
            erased.extend(erase(&mut tx, erasure).await?);
        }
        point::COMMIT_ERASED.pass()?;
        advance(&mut tx, commit).await?;
        point::COMMIT_WRITTEN.pass()?;
        tx.commit().await?;
        point::COMMIT_STORED.pass()?;
        Ok(erased)
    }
}

/// Inserts entries; the text of the first statement starts with `begin`.
pub(super) async fn insert_entries(
    tx: &mut SqliteConnection,
    mut begin: &'static str,
    entries: &[StoredEntry],
) -> Result<(), StoreError> {
    for chunk in entries.chunks(ROWS) {
        let mut insert = QueryBuilder::<Sqlite>::new(std::mem::take(&mut begin));
        insert.push(format!("INSERT INTO entry ({COLUMNS}) "));
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
        let mut results = tx.fetch_many(insert.build());
        // Of a text's results the last is the insertion's: a begin repeats what the statement before it changed.
        let mut inserted = 0;
        while let Some(result) = results.try_next().await? {
            inserted = result.left().map_or(inserted, |done| done.rows_affected());
        }
        drop(results);
        touched("entry", chunk.len() as u64, inserted)?;
    }
    Ok(())
}

/// What moves with each commit: its own row, the chains of its writers, and the head, which must be at the commit's `first` (or
/// not be there, where this is the first of all). One text of several statements: a turn of SQLite's thread costs more than
/// any of them.
pub(super) async fn advance(tx: &mut SqliteConnection, commit: &Commit) -> Result<(), StoreError> {
    let Commit { first, entries, checkpoint, frontier, root, chains, head, .. } = commit;
    let bytes: usize = entries.iter().map(|stored| stored.entry.bytes()).sum();
    let batch = Batch {
        first: *first,
        size: head.size,
        bytes: bytes as u64,
        checkpoint: checkpoint.clone(),
        root: *root,
        frontier: frontier.clone(),
        accepted_at_ms: head.accepted_at_ms,
    };
    let digest = commit_digest(&batch, entries.iter().map(Remains::of));
    let mut sql = QueryBuilder::<Sqlite>::new(
        "INSERT INTO batch (size, first, bytes, checkpoint, root, frontier, accepted_at_ms, digest) ",
    );
    sql.push_values([batch], |mut row, batch| {
        row.push_bind(batch.size.to_i64())
            .push_bind(batch.first.to_i64())
            .push_bind(i64::try_from(bytes).unwrap_or(i64::MAX))
            .push_bind(batch.checkpoint)
            .push_bind(batch.root.to_vec())
            .push_bind(batch.frontier.to_bytes())
            .push_bind(batch.accepted_at_ms)
            .push_bind(digest.to_vec());
    });
    if !chains.is_empty() {
        sql.push("; INSERT INTO chain (writer, epoch, seq, record_id) ");
        sql.push_values(chains, |mut row, (writer, head)| {
            row.push_bind(writer.to_string())
                .push_bind(head.epoch.to_i64())
                .push_bind(head.seq.to_i64())
                .push_bind(head.record_id.to_vec());
        });
        sql.push(
            " ON CONFLICT (writer) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, record_id = excluded.record_id",
        );
    }
    sql.push(
        "; INSERT INTO head (one, log, size, control_count, control_head, seal_time_ms, sealed_size, accepted_at_ms) ",
    );
    sql.push_values([head], |mut row, head| {
        row.push_bind(1)
            .push_bind(head.log.to_i64())
            .push_bind(head.size.to_i64())
            .push_bind(head.control.count.cast_signed())
            .push_bind(head.control.head.to_vec())
            .push_bind(head.seal_time_ms)
            .push_bind(head.sealed.to_i64())
            .push_bind(head.accepted_at_ms);
    });
    sql.push(
        " ON CONFLICT (one) DO UPDATE SET log = excluded.log, size = excluded.size, control_count = excluded.control_count, \
         control_head = excluded.control_head, seal_time_ms = excluded.seal_time_ms, \
         sealed_size = excluded.sealed_size, accepted_at_ms = excluded.accepted_at_ms \
         WHERE head.log <= excluded.log AND head.size = ",
    );
    sql.push_bind(first.to_i64());
    let done = sql.build().execute(tx).await?;
    touched("batch, chain, head", 2 + chains.len() as u64, done.rows_affected())
}
