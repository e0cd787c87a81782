//! What nodes give back to a store that lost it: commits of entries, contents of entries that came as stubs.
//!
//! A record whose content the store never had has neither content nor object: `content` and `object_id` are NULL. What was erased
//! keeps its object and its length, so the two are told apart. In scope: storing many small commits in one transaction, finding and
//! filling missing contents, erasing what a tombstone took meanwhile. Out of scope: whether it may be taken (`log::refill`).

use std::collections::BTreeMap;

use multaqa_proto::fold::Erasure;
use multaqa_proto::id::ObjectId;
use multaqa_proto::number::{LeafIndex, TreeSize};
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::append::{Commit, advance, insert_entries};
use super::erase::erase;
use super::error::touched;
use super::read::{BATCH, Batch, batch, commit_digest};
use super::row::{COLUMNS, Columns, StoredEntry};
use super::{Store, StoreError, subtree};

/// What stands for a content that was erased before it could come: one zero byte, which no content begins with.
const ERASED: [u8; 1] = [0];

impl Store {
    /// Stores commits one after the other, all or none. Gives the entries whose content was erased.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub(crate) async fn append_given(&self, commits: &[&Commit]) -> Result<Vec<LeafIndex>, StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let mut erased = Vec::new();
        for commit in commits {
            insert_entries(&mut tx, "", &commit.entries).await?;
            subtree::insert(&mut tx, &commit.subtrees).await?;
            for erasure in &commit.erasures {
                erased.extend(erase(&mut tx, erasure).await?);
            }
            advance(&mut tx, commit).await?;
        }
        tx.commit().await?;
        Ok(erased)
    }

    /// How many contents are missing.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn missing_count(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM entry WHERE content IS NULL AND record_id IS NOT NULL";
        let row = sqlx::query(sql).fetch_one(&self.readers).await?;
        Ok(row.try_get::<i64, _>(0)?.cast_unsigned())
    }

    /// Entries from an index on whose contents are missing, as stubs.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub(crate) async fn missing(&self, from: LeafIndex, limit: u64) -> Result<Vec<StoredEntry>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(format!(
            "SELECT {COLUMNS} FROM entry WHERE content IS NULL AND record_id IS NOT NULL AND idx >= "
        ));
        query.push_bind(from.to_i64()).push(" ORDER BY idx LIMIT ").push_bind(limit.cast_signed());
        query.build().fetch_all(&self.readers).await?.iter().map(|row| Columns::of(row)?.parse()).collect()
    }

    /// Stores contents of entries that have none; those that have one stay as they are. Erases what tombstones among them take.
    ///
    /// # Errors
    /// Where the store fails; nothing was stored then.
    pub(crate) async fn fill(&self, whole: &[StoredEntry], erasures: &[Erasure]) -> Result<Vec<LeafIndex>, StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let mut changed = Vec::new();
        for stored in whole {
            let Columns { content, object_id, readers, .. } = Columns::from(stored);
            let done = sqlx::query(
                "UPDATE entry SET content = ?, object_id = ?, readers = ?
                 WHERE idx = ? AND content IS NULL AND record_id IS NOT NULL",
            )
            .bind(content)
            .bind(object_id)
            .bind(readers)
            .bind(stored.entry.index.to_i64())
            .execute(&mut *tx)
            .await?;
            if done.rows_affected() == 1 {
                changed.push(stored.entry.index);
            }
        }
        rebind(&mut tx, &changed).await?;
        let mut erased = Vec::new();
        for erasure in erasures {
            erased.extend(erase(&mut tx, erasure).await?);
        }
        tx.commit().await?;
        Ok(erased)
    }

    /// Notes that contents which nobody has any more were erased: of each its object, which a tombstone that stands after it
    /// names.
    ///
    /// # Errors
    /// Where the store fails; nothing was stored then.
    pub(crate) async fn note_erased(&self, erased: &BTreeMap<LeafIndex, ObjectId>) -> Result<(), StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let mut changed = Vec::new();
        for (index, object) in erased {
            let done = sqlx::query(
                "UPDATE entry SET content = ?, object_id = ?, readers = ' '
                 WHERE idx = ? AND content IS NULL AND record_id IS NOT NULL",
            )
            .bind(ERASED.as_slice())
            .bind(object.to_string())
            .bind(index.to_i64())
            .execute(&mut *tx)
            .await?;
            if done.rows_affected() == 1 {
                changed.push(*index);
            }
        }
        rebind(&mut tx, &changed).await?;
        Ok(tx.commit().await?)
    }

    /// The tombstones on the log whose contents are there, from an index on.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub(crate) async fn tombstones(&self, from: LeafIndex, limit: u64) -> Result<Vec<StoredEntry>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(format!(
            "SELECT {COLUMNS} FROM entry WHERE object_id GLOB '*:tombstone:*' AND content IS NOT NULL AND idx >= "
        ));
        query.push_bind(from.to_i64()).push(" ORDER BY idx LIMIT ").push_bind(limit.cast_signed());
        query.build().fetch_all(&self.readers).await?.iter().map(|row| Columns::of(row)?.parse()).collect()
    }
}

/// Computes the digests of the commits anew that hold these entries.
async fn rebind(tx: &mut SqliteConnection, changed: &[LeafIndex]) -> Result<(), StoreError> {
    let mut through = TreeSize(0);
    for index in changed {
        if index.0 < through.0 {
            continue;
        }
        let select = format!("SELECT {BATCH} FROM batch WHERE size > ? ORDER BY size LIMIT 1");
        let row = sqlx::query(sqlx::AssertSqlSafe(select)).bind(index.to_i64()).fetch_one(&mut *tx).await?;
        let commit = batch(&row)?;
        let select = format!("SELECT {COLUMNS} FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx");
        let rows = sqlx::query(sqlx::AssertSqlSafe(select))
            .bind(commit.first.to_i64())
            .bind(commit.size.to_i64())
            .fetch_all(&mut *tx)
            .await?;
        let rows = rows.iter().map(Columns::of).collect::<Result<Vec<_>, StoreError>>()?;
        let bytes: usize = rows.iter().map(entry_bytes).sum();
        let commit = Batch { bytes: bytes as u64, ..commit };
        let digest = commit_digest(&commit, rows.into_iter().map(|row| row.remains));
        let done = sqlx::query("UPDATE batch SET bytes = ?, digest = ? WHERE size = ?")
            .bind(commit.bytes.cast_signed())
            .bind(digest.to_vec())
            .bind(commit.size.to_i64())
            .execute(&mut *tx)
            .await?;
        touched("batch", 1, done.rows_affected())?;
        through = commit.size;
    }
    Ok(())
}

/// Bytes of an entry, as a commit counts them.
fn entry_bytes(row: &Columns) -> usize {
    row.leaf.len() + row.signature.len() + row.content.as_ref().map_or(0, Vec::len) + 16
}
