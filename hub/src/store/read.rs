//! Reads of the immutable rows: entries, commits, chains. None of them waits for a commit, none is unbounded.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::{ObjectId, Writer};
use multaqa_proto::log::chain;
use multaqa_proto::log::frontier::Frontier;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::number::{Epoch, LeafIndex, Seq, TreeSize};
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::{Parsed, Received};
use multaqa_proto::view::Readers;
use multaqa_runtime::digest::{self, Value};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::error::broken;
use super::row::{COLUMNS, Columns, Place, Remains, StoredEntry};
use super::{Store, StoreError};

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Size before it.
    pub(crate) first: TreeSize,
    /// Size after it.
    pub(crate) size: TreeSize,
    /// Bytes of its entries.
    pub(crate) bytes: u64,
    /// Checkpoint at its end, a signed note.
    pub(crate) checkpoint: String,
    /// Root at its end.
    pub(crate) root: Hash,
    /// Tree at its end.
    pub(crate) frontier: Frontier,
    /// Time of its newest leaf, milliseconds since 1970 UTC.
    pub(crate) accepted_at_ms: i64,
}

/// The columns of `batch`.
pub(super) const BATCH: &str = "size, first, bytes, checkpoint, root, frontier, accepted_at_ms";

/// The digest of a commit's row: over its columns, and over what erasure leaves of its entries.
pub(crate) fn commit_digest(batch: &Batch, entries: impl Iterator<Item = Remains>) -> [u8; 32] {
    let Batch { first, size, bytes, checkpoint, root, frontier, accepted_at_ms } = batch;
    let (frontier, remains): (_, Vec<Remains>) = (frontier.to_bytes(), entries.collect());
    let row = [
        Value::Integer(size.to_i64()),
        Value::Integer(first.to_i64()),
        Value::Integer(bytes.cast_signed()),
        Value::from(checkpoint.as_str()),
        Value::Blob(&root.0),
        Value::Blob(&frontier),
        Value::Integer(*accepted_at_ms),
    ];
    digest::row("batch", row.into_iter().chain(remains.iter().flat_map(Remains::values)))
}

impl Store {
    /// The record at an index, its content as far as it is there; none for seals and past the end.
    ///
    /// # Errors
    /// Where the store fails or the row is bad.
    pub async fn record(&self, index: LeafIndex) -> Result<Option<Received>, StoreError> {
        let found = self.entries(index, index.size().next_index()).await?.pop();
        found.map_or(Ok(None), received)
    }
    /// The index of a record; none where it is not on the log.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn index_of(&self, record: &Parsed) -> Result<Option<LeafIndex>, StoreError> {
        Ok(self.indexes_of(&[Place::of(record)]).await?.remove(&record.record_id))
    }
    /// A writer's newest record on the log.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub async fn newest_of(&self, writer: &Writer) -> Result<Option<(LeafIndex, Received)>, StoreError> {
        let found = sqlx::query(
            "SELECT e.idx FROM chain c LEFT JOIN entry e ON e.writer = c.writer AND e.epoch = c.epoch AND e.seq = c.seq \
             WHERE c.writer = ?",
        )
        .bind(writer.to_string())
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = found else { return Ok(None) };
        let bad = StoreError::RowBad { table: "chain", column: "seq", row: writer.to_string() };
        let index = row.try_get::<Option<i64>, _>(0)?.and_then(LeafIndex::from_i64).ok_or(bad.clone())?;
        Ok(Some((index, self.record(index).await?.ok_or(bad)?)))
    }
    /// The root of the first leaves, so many of them; none where there are not that many. Where a commit ends it is stored, in
    /// between it is computed: a log that was refilled has commits that end elsewhere than those its readers know.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub async fn root_at(&self, size: TreeSize) -> Result<Option<Hash>, StoreError> {
        if size == TreeSize(0) {
            return Ok(Some(Frontier::default().root()));
        }
        let Some(around) = self.batch_around(size).await? else { return Ok(None) };
        if around.size == size {
            return Ok(Some(around.root));
        }
        let mut frontier = match around.first {
            TreeSize(0) => Frontier::default(),
            first => match self.batch_ending_at(first).await? {
                Some(before) => before.frontier,
                None => return Ok(None),
            },
        };
        for stored in self.entries(around.first.next_index(), size.next_index()).await? {
            frontier.push(leaf_hash(&stored.entry.leaf));
        }
        Ok(Some(frontier.root()))
    }

    /// Indexes of those records that are on the log, and of the records that stand in the place of others.
    pub(crate) async fn indexes_of(&self, places: &[Place]) -> Result<HashMap<RecordId, LeafIndex>, StoreError> {
        if places.is_empty() {
            return Ok(HashMap::new());
        }
        let mut query = QueryBuilder::<Sqlite>::new("WITH place (writer, epoch, seq) AS (");
        query.push_values(places, |mut row, place| {
            row.push_bind(place.writer.to_string()).push_bind(place.epoch.to_i64()).push_bind(place.seq.to_i64());
        });
        query.push(
            ") SELECT e.record_id, e.idx FROM place p CROSS JOIN entry e \
             ON e.writer = p.writer AND e.epoch = p.epoch AND e.seq = p.seq",
        );
        let pair = |row: &SqliteRow| {
            let idx: i64 = row.try_get(1)?;
            let bad = |column| StoreError::RowBad { table: "entry", column, row: idx.to_string() };
            let id = Hash::from_slice(&row.try_get::<Vec<u8>, _>(0)?).ok_or(bad("record_id"))?;
            Ok((id, LeafIndex::from_i64(idx).ok_or(bad("idx"))?))
        };
        query.build().fetch_all(&self.readers).await?.iter().map(pair).collect()
    }
    /// Statement and signature of the records at these indexes, without their contents.
    pub(crate) async fn statements_at(
        &self,
        indexes: &[LeafIndex],
    ) -> Result<Vec<(LeafIndex, Bytes, Bytes)>, StoreError> {
        if indexes.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::<Sqlite>::new("SELECT idx, leaf, signature FROM entry WHERE idx IN (");
        let mut list = query.separated(", ");
        for index in indexes {
            list.push_bind(index.to_i64());
        }
        query.push(")");
        let parts = |row: &SqliteRow| {
            let idx: i64 = row.try_get(0)?;
            let index = LeafIndex::from_i64(idx).ok_or(StoreError::RowBad {
                table: "entry",
                column: "idx",
                row: idx.to_string(),
            })?;
            let leaf = Leaf::parse(&row.try_get::<Vec<u8>, _>(1)?.into()).map_err(|form| broken(index, &form))?;
            Ok((index, leaf.body, row.try_get::<Vec<u8>, _>(2)?.into()))
        };
        query.build().fetch_all(&self.readers).await?.iter().map(parts).collect()
    }
    /// The rows from `from` to before `to`, undecoded.
    pub(crate) async fn columns(&self, from: LeafIndex, to: LeafIndex) -> Result<Vec<Columns>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(format!("SELECT {COLUMNS} FROM entry WHERE idx >= "));
        query.push_bind(from.to_i64()).push(" AND idx < ").push_bind(to.to_i64()).push(" ORDER BY idx");
        query.build().fetch_all(&self.readers).await?.iter().map(Columns::of).collect()
    }
    /// The rows from `from` to before `to`, each as far as it can be decoded.
    pub(crate) async fn rows(
        &self,
        from: LeafIndex,
        to: LeafIndex,
    ) -> Result<Vec<Result<Columns, StoreError>>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(format!("SELECT {COLUMNS} FROM entry WHERE idx >= "));
        query.push_bind(from.to_i64()).push(" AND idx < ").push_bind(to.to_i64()).push(" ORDER BY idx");
        Ok(query.build().fetch_all(&self.readers).await?.iter().map(Columns::of).collect())
    }
    /// The entries from `from` to before `to`.
    pub(crate) async fn entries(&self, from: LeafIndex, to: LeafIndex) -> Result<Vec<StoredEntry>, StoreError> {
        self.columns(from, to).await?.into_iter().map(Columns::parse).collect()
    }
    /// The entries at these indexes, ascending.
    pub(crate) async fn entries_at(&self, indexes: &[LeafIndex]) -> Result<Vec<StoredEntry>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(format!("SELECT {COLUMNS} FROM entry WHERE idx IN ("));
        let mut list = query.separated(", ");
        for index in indexes {
            list.push_bind(index.to_i64());
        }
        query.push(") ORDER BY idx");
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Columns::of(row)?.parse()).collect()
    }
    /// The next control records from an index on.
    pub(crate) async fn control_entries(&self, from: LeafIndex, limit: u64) -> Result<Vec<StoredEntry>, StoreError> {
        let select = format!("SELECT {COLUMNS} FROM entry WHERE control = 1 AND idx >= ");
        let mut query = QueryBuilder::<Sqlite>::new(select);
        query.push_bind(from.to_i64()).push(" ORDER BY idx LIMIT ").push_bind(limit.cast_signed());
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Columns::of(row)?.parse()).collect()
    }
    /// Index, audience and writer of the next entries that are not for everybody, from `from` to before `to`.
    pub(crate) async fn restricted(
        &self,
        from: LeafIndex,
        to: LeafIndex,
        limit: u64,
    ) -> Result<Vec<(LeafIndex, Readers)>, StoreError> {
        let rows = sqlx::query(
            "SELECT idx, readers, writer, object_id FROM entry
             WHERE idx >= ? AND idx < ? AND trim(readers) <> '' ORDER BY idx LIMIT ?",
        )
        .bind(from.to_i64())
        .bind(to.to_i64())
        .bind(limit.cast_signed())
        .fetch_all(&self.readers)
        .await?;
        let parse = |row: &SqliteRow| {
            let idx: i64 = row.try_get(0)?;
            let bad = |column| StoreError::RowBad { table: "entry", column, row: idx.to_string() };
            let readers: String = row.try_get(1)?;
            let writer: String = row.try_get::<Option<String>, _>(2)?.ok_or(bad("writer"))?;
            let object: String = row.try_get::<Option<String>, _>(3)?.ok_or(bad("object_id"))?;
            let object: ObjectId = object.parse().map_err(|_| bad("object_id"))?;
            let audience = Audience::parse(&readers.split(' ').collect::<Vec<_>>()).map_err(|_| bad("readers"))?;
            let readers = Readers::restricted(object.kind(), audience, writer.parse().map_err(|_| bad("writer"))?);
            Ok((LeafIndex::from_i64(idx).ok_or(bad("idx"))?, readers))
        };
        rows.iter().map(parse).collect()
    }
    /// The commit that ended at a size.
    pub(crate) async fn batch_ending_at(&self, size: TreeSize) -> Result<Option<Batch>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(format!("SELECT {BATCH} FROM batch WHERE size = "));
        query.push_bind(size.to_i64());
        query.build().fetch_optional(&self.readers).await?.as_ref().map(batch).transpose()
    }
    /// The commit that ended at a size, or within which it lies.
    pub(crate) async fn batch_around(&self, size: TreeSize) -> Result<Option<Batch>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(format!("SELECT {BATCH} FROM batch WHERE size >= "));
        query.push_bind(size.to_i64()).push(" ORDER BY size LIMIT 1");
        query.build().fetch_optional(&self.readers).await?.as_ref().map(batch).transpose()
    }
    /// The commits from the one that begins at or after `first` on.
    pub(crate) async fn batches(&self, first: TreeSize, limit: u64) -> Result<Vec<Batch>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(format!("SELECT {BATCH} FROM batch WHERE first >= "));
        query.push_bind(first.to_i64()).push(" ORDER BY first LIMIT ").push_bind(limit.cast_signed());
        query.build().fetch_all(&self.readers).await?.iter().map(batch).collect()
    }
    /// The commits that ended above `from` and at most at `to`, each as far as its row can be understood.
    pub(crate) async fn commits_within(
        &self,
        from: TreeSize,
        to: TreeSize,
    ) -> Result<Vec<Result<Batch, StoreError>>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(format!("SELECT {BATCH} FROM batch WHERE size > "));
        query.push_bind(from.to_i64()).push(" AND size <= ").push_bind(to.to_i64()).push(" ORDER BY size");
        Ok(query.build().fetch_all(&self.readers).await?.iter().map(batch).collect())
    }
    /// The digests of the commits that ended above `from` and at most at `to`, by their ends.
    pub(crate) async fn commit_digests(
        &self,
        from: TreeSize,
        to: TreeSize,
    ) -> Result<BTreeMap<i64, Vec<u8>>, StoreError> {
        let rows = sqlx::query("SELECT size, digest FROM batch WHERE size > ? AND size <= ?")
            .bind(from.to_i64())
            .bind(to.to_i64())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
    /// What is stored above a size, where anything is: an entry's index, a commit's end.
    pub(crate) async fn above(&self, size: TreeSize) -> Result<(Option<LeafIndex>, Option<TreeSize>), StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT MIN(idx) FROM entry WHERE idx >= ?1), (SELECT MIN(size) FROM batch WHERE size > ?1)",
        )
        .bind(size.to_i64())
        .fetch_one(&self.readers)
        .await?;
        let (entry, batch): (Option<i64>, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
        Ok((entry.and_then(LeafIndex::from_i64), batch.and_then(TreeSize::from_i64)))
    }
    /// The newest statement of every writer.
    pub(crate) async fn chains(&self) -> Result<Vec<(Writer, chain::Head)>, StoreError> {
        let rows = sqlx::query("SELECT writer, epoch, seq, record_id FROM chain").fetch_all(&self.readers).await?;
        let parse = |row: &SqliteRow| {
            let writer: String = row.try_get(0)?;
            let bad = |column| StoreError::RowBad { table: "chain", column, row: writer.clone() };
            let head = chain::Head {
                epoch: Epoch::from_i64(row.try_get(1)?).ok_or(bad("epoch"))?,
                seq: Seq::from_i64(row.try_get(2)?).ok_or(bad("seq"))?,
                record_id: Hash::from_slice(&row.try_get::<Vec<u8>, _>(3)?).ok_or(bad("record_id"))?,
            };
            Ok((writer.parse().map_err(|_| bad("writer"))?, head))
        };
        rows.iter().map(parse).collect()
    }
}

fn received(stored: StoredEntry) -> Result<Option<Received>, StoreError> {
    let leaf = Leaf::parse(&stored.entry.leaf).map_err(|form| broken(stored.entry.index, &form))?;
    Ok(match leaf.leaf_type {
        LeafType::Seal | LeafType::Evidence | LeafType::Succession => None,
        LeafType::Record | LeafType::Genesis => {
            Some(Received { statement: leaf.body, content: stored.entry.content, signature: stored.entry.signature })
        }
    })
}

pub(super) fn batch(row: &SqliteRow) -> Result<Batch, StoreError> {
    let size: i64 = row.try_get(0)?;
    let bad = |column| StoreError::RowBad { table: "batch", column, row: size.to_string() };
    let size = TreeSize::from_i64(size).ok_or(bad("size"))?;
    Ok(Batch {
        size,
        first: TreeSize::from_i64(row.try_get(1)?).ok_or(bad("first"))?,
        bytes: row.try_get::<i64, _>(2)?.try_into().map_err(|_| bad("bytes"))?,
        checkpoint: row.try_get(3)?,
        root: Hash::from_slice(&row.try_get::<Vec<u8>, _>(4)?).ok_or(bad("root"))?,
        frontier: Frontier::from_bytes(size, &row.try_get::<Vec<u8>, _>(5)?).ok_or(bad("frontier"))?,
        accepted_at_ms: row.try_get(6)?,
    })
}
