//! Roots of complete subtrees, one row for 256 leaves, and the proofs that are made from them.
//!
//! Rows are written in the transaction of the commit that completes their subtree, and never change. In scope: the table, and
//! reading what a plan asks for. Out of scope: which rows those are (`proto::log::subtree`), who may ask (`service::proof`),
//! comparing the rows with the leaves (`log::fsck`).

use futures::TryStreamExt as _;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::Writer;
use multaqa_proto::log::subtree::{Plan, Reading, Root, Rows, Subtree};
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::number::{Epoch, LeafIndex, Seq};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::error::touched;
use super::{Store, StoreError};

/// Rows of one INSERT.
const ROWS: usize = 64;

/// Stores what a commit completed; nothing is asked of SQLite where that is nothing.
pub(super) async fn insert(tx: &mut SqliteConnection, roots: &[Root]) -> Result<(), StoreError> {
    for chunk in roots.chunks(ROWS) {
        let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO subtree (height, number, hash) ");
        insert.push_values(chunk, |mut row, Root { subtree, hash }| {
            row.push_bind(subtree.height).push_bind(subtree.number.cast_signed()).push_bind(hash.to_vec());
        });
        let done = insert.build().execute(&mut *tx).await?;
        touched("subtree", chunk.len() as u64, done.rows_affected())?;
    }
    Ok(())
}

impl Store {
    /// The hashes of a planned proof.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where a row is missing; where the store fails or a row is bad.
    pub(crate) async fn prove(&self, plan: &Plan) -> Result<Vec<Hash>, StoreError> {
        Ok(self.prove_all(std::slice::from_ref(plan)).await?.pop().unwrap_or_default())
    }
    /// The hashes of planned proofs, in their order; rows and nodes that they share are read and computed once. All rows are held
    /// meanwhile, so the caller bounds how far apart the leaves lie.
    ///
    /// # Errors
    /// As [`Store::prove`].
    pub(crate) async fn prove_all(&self, plans: &[Plan]) -> Result<Vec<Vec<Hash>>, StoreError> {
        let mut rows = Rows::default();
        for reading in Plan::reads_of(plans) {
            self.read(reading, &mut rows).await?;
        }
        Plan::prove_all_from(plans, rows).map_err(|Subtree { height, number }| StoreError::Damaged {
            detail: format!("no root can be computed of the subtree {number} at height {height}"),
        })
    }
    /// The index of the record at this place of a chain; none where the log has none there.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn index_at(
        &self,
        writer: &Writer,
        epoch: Epoch,
        seq: Seq,
    ) -> Result<Option<LeafIndex>, StoreError> {
        let found = sqlx::query("SELECT idx FROM entry WHERE writer = ? AND epoch = ? AND seq = ?")
            .bind(writer.to_string())
            .bind(epoch.to_i64())
            .bind(seq.to_i64())
            .fetch_optional(&self.readers)
            .await?;
        let Some(row) = found else { return Ok(None) };
        Ok(LeafIndex::from_i64(row.try_get(0)?))
    }
    /// The stored roots of a range.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub(crate) async fn subtrees(&self, range: Reading) -> Result<Vec<Root>, StoreError> {
        let rows = sqlx::query(
            "SELECT height, number, hash FROM subtree WHERE height = ? AND number >= ? AND number < ? ORDER BY number",
        )
        .bind(range.height)
        .bind(range.from.cast_signed())
        .bind(range.to.cast_signed())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(root).collect()
    }
    /// How many roots are stored, of whatever height.
    pub(crate) async fn subtree_count(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT count(*) FROM subtree").fetch_one(&self.readers).await?;
        Ok(row.try_get::<i64, _>(0)?.cast_unsigned())
    }

    /// Reads a range of leaves or stored roots.
    pub(super) async fn read(&self, reading: Reading, into: &mut Rows) -> Result<(), StoreError> {
        if reading.height == 0 {
            return self.read_leaves(reading, into).await;
        }
        self.subtrees(reading).await?.into_iter().for_each(|root| into.root(root));
        Ok(())
    }

    async fn read_leaves(&self, range: Reading, into: &mut Rows) -> Result<(), StoreError> {
        let mut rows = sqlx::query("SELECT idx, leaf FROM entry WHERE idx >= ? AND idx < ?")
            .bind(range.from.cast_signed())
            .bind(range.to.cast_signed())
            .fetch(&self.readers);
        while let Some(row) = rows.try_next().await? {
            let (idx, leaf): (i64, &[u8]) = (row.try_get(0)?, row.try_get(1)?);
            let bad = || StoreError::RowBad { table: "entry", column: "idx", row: idx.to_string() };
            into.leaf(LeafIndex::from_i64(idx).ok_or_else(bad)?, leaf_hash(leaf));
        }
        Ok(())
    }
}

fn root(row: &SqliteRow) -> Result<Root, StoreError> {
    let (height, number): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let bad = |column| StoreError::RowBad { table: "subtree", column, row: format!("{height} {number}") };
    Ok(Root {
        subtree: Subtree {
            height: u32::try_from(height).map_err(|_| bad("height"))?,
            number: u64::try_from(number).map_err(|_| bad("number"))?,
        },
        hash: Hash::from_slice(row.try_get(2)?).ok_or(bad("hash"))?,
    })
}
