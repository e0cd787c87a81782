//! Going back to a smaller size: what stood above it is moved aside, to be ordered again.
//!
//! The one exception to the store's immutability, for a log that is closed below its end (`log::refill::closing`): nothing is lost by it, since
//! every record that leaves the log is in `dropped` until it is on the log again. One transaction: entries, commits, subtrees, chains,
//! cosignatures and head agree before it and after it. What a tombstone erased stays erased: the tombstone is ordered again, too.
//!
//! In scope: the transaction, reading what was dropped, storing it again. Out of scope: to which size, and when.

use ed25519_dalek::SigningKey;
use multaqa_proto::directory::Directory;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::frontier::Frontier;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::Received;
use sqlx::{Row as _, SqliteConnection};

use super::append::{Commit, advance, insert_entries};
use super::decision::forget_decisions;
use super::erase::erase;
use super::error::{broken, touched};
use super::head::Head;
use super::kept::{COSIGNATURE, DROPPED, Key, change};
use super::read::{Batch, commit_digest};
use super::restored::{Restored, write_restored};
use super::row::Remains;
use super::{Store, StoreError, subtree};
use crate::point;

/// Records that are set aside together.
const PAGE: i64 = 64;

/// A record that was dropped.
#[derive(Debug, Clone)]
pub(crate) struct Dropped {
    /// Its number in the order of the log that it stood on.
    pub(crate) number: i64,
    /// The record; without content where the store had none.
    pub(crate) record: Received,
}

impl Store {
    /// Takes back all entries from `to` on. The head, and a commit that ended above it, end at `to` then; the log key signs
    /// nothing new, since every size below a signed checkpoint is in its tree. `restored` is noted with it.
    ///
    /// # Errors
    /// Where the store fails; nothing has changed then.
    pub(crate) async fn fall_back(
        &self,
        to: TreeSize,
        log_key: &SigningKey,
        restored: &Restored,
    ) -> Result<(), StoreError> {
        let damaged = |detail: &str| StoreError::Damaged { detail: detail.to_owned() };
        let around = self.batch_around(to).await?.ok_or_else(|| damaged("no commit reaches the size to go back to"))?;
        let (_, control, directory) = self.fold_control(to).await?;
        let (cut, digest) = self.cut(&around, to, &directory, log_key).await?;
        let (sealed, seal_time_ms) = self.newest_seal(to).await?;
        let log = directory.log_at(to);
        let head = Head { log, size: to, control, seal_time_ms, sealed, accepted_at_ms: cut.accepted_at_ms };
        let gone: Vec<String> = self
            .cosignatures()
            .await?
            .into_iter()
            .filter(|kept| covered(&kept.checkpoint).is_none_or(|size| size > to))
            .map(|kept| kept.writer.to_string())
            .collect();
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("PRAGMA defer_foreign_keys = ON").execute(&mut *tx).await?;
        set_aside(&mut tx, to).await?;
        point::FALL_BACK_BEGUN.pass()?;
        sqlx::query("DELETE FROM batch WHERE size >= ?").bind(to.to_i64()).execute(&mut *tx).await?;
        insert_batch(&mut tx, &cut, digest).await?;
        sqlx::query("DELETE FROM subtree WHERE (number + 1) << height > ?").bind(to.to_i64()).execute(&mut *tx).await?;
        set_head(&mut tx, &head).await?;
        for writer in &gone {
            let forget = sqlx::query("DELETE FROM cosignature WHERE writer = ?").bind(writer.clone());
            touched("cosignature", 1, change(&mut tx, COSIGNATURE, Key::Text(writer), forget).await?)?;
        }
        write_restored(&mut tx, restored).await?;
        point::FALL_BACK_WRITTEN.pass()?;
        tx.commit().await?;
        Ok(point::FALL_BACK_STORED.pass()?)
    }

    /// The next records that were dropped, oldest first.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub(crate) async fn dropped(&self, after: i64, limit: i64) -> Result<Vec<Dropped>, StoreError> {
        let rows = sqlx::query(
            "SELECT number, leaf, signature, content FROM dropped WHERE number > ? ORDER BY number LIMIT ?",
        )
        .bind(after)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        let parse = |row: &sqlx::sqlite::SqliteRow| {
            let number: i64 = row.try_get(0)?;
            let bad = |column| StoreError::RowBad { table: "dropped", column, row: number.to_string() };
            let leaf = Leaf::parse(&row.try_get::<Vec<u8>, _>(1)?.into()).map_err(|_| bad("leaf"))?;
            let content: Option<Vec<u8>> = row.try_get(3)?;
            // As `store::erase` leaves them.
            let content = content.filter(|content| content.iter().any(|byte| *byte != 0));
            let signature = row.try_get::<Vec<u8>, _>(2)?.into();
            Ok(Dropped {
                number,
                record: Received { statement: leaf.body, content: content.map(Into::into), signature },
            })
        };
        rows.iter().map(parse).collect()
    }

    /// How many records were dropped and are not on the log again.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn dropped_count(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT count(*) FROM dropped").fetch_one(&self.readers).await?;
        Ok(row.try_get::<i64, _>(0)?.cast_unsigned())
    }

    /// Sets records aside that were never on this log, to be ordered once it goes on; `restored` is noted with them.
    ///
    /// # Errors
    /// Where the store fails; nothing has changed then.
    pub(crate) async fn set_aside(&self, records: &[Received], restored: &Restored) -> Result<(), StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let mut number = next_number(&mut tx).await?;
        for Received { statement, content, signature } in records {
            let leaf = Leaf::new(LeafType::Record, 0, signature, statement.clone());
            let content = content.as_ref().map(|content| content.to_vec());
            drop_record(&mut tx, number, leaf.to_bytes().to_vec(), signature.to_vec(), content).await?;
            number += 1;
        }
        write_restored(&mut tx, restored).await?;
        Ok(tx.commit().await?)
    }

    /// Stores commits of records that were dropped, and forgets those up to this number: all or nothing. Gives the entries whose
    /// content was erased. `restored` is noted with it, where there is something to be noted.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub(crate) async fn order_again(
        &self,
        commits: &[&Commit],
        through: i64,
        restored: Option<&Restored>,
    ) -> Result<Vec<LeafIndex>, StoreError> {
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
        forget_dropped(&mut tx, through).await?;
        // The succession that they decided on is on the log with them.
        forget_decisions(&mut tx).await?;
        if let Some(restored) = restored {
            write_restored(&mut tx, restored).await?;
        }
        point::ORDERED_AGAIN_WRITTEN.pass()?;
        tx.commit().await?;
        point::ORDERED_AGAIN_STORED.pass()?;
        Ok(erased)
    }

    /// How many entries each writer has from an index on, the first hundred writers; those of the hub itself have none.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn written_from(&self, from: LeafIndex) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT coalesce(writer, ''), count(*) FROM entry WHERE idx >= ? GROUP BY writer ORDER BY writer LIMIT 100",
        )
        .bind(from.to_i64())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)?.cast_unsigned()))).collect()
    }

    /// The directory as it was at a size.
    ///
    /// # Errors
    /// Where the store fails or contradicts itself.
    pub(crate) async fn directory_at(&self, size: TreeSize) -> Result<Directory, StoreError> {
        Ok(self.fold_control(size).await?.2)
    }

    /// The commit that ends at this size: the one that does, or the part of the one around it.
    async fn cut(
        &self,
        around: &Batch,
        to: TreeSize,
        directory: &Directory,
        log_key: &SigningKey,
    ) -> Result<(Batch, [u8; 32]), StoreError> {
        let rows = self.columns(around.first.next_index(), to.next_index()).await?;
        let remains = rows.iter().map(|row| row.remains.clone()).collect::<Vec<Remains>>();
        let mut frontier = match around.first {
            TreeSize(0) => Frontier::default(),
            first => {
                let before = self.batch_ending_at(first).await?;
                before.ok_or(StoreError::Damaged { detail: "a commit is missing".to_owned() })?.frontier
            }
        };
        let (mut bytes, mut accepted_at_ms) = (0, around.accepted_at_ms);
        for row in rows {
            let leaf_bytes: prost::bytes::Bytes = row.leaf.clone().into();
            let index = LeafIndex::from_i64(row.idx).unwrap_or_default();
            let leaf = Leaf::parse(&leaf_bytes).map_err(|form| broken(index, &form))?;
            accepted_at_ms = leaf.accepted_at_ms;
            frontier.push(leaf_hash(&leaf_bytes));
            bytes += row.leaf.len() + row.signature.len() + row.content.as_ref().map_or(0, Vec::len) + 16;
        }
        if around.size == to {
            let digest = commit_digest(around, remains.into_iter());
            return Ok((around.clone(), digest));
        }
        let root = frontier.root();
        let checkpoint = Checkpoint { log: directory.log_at(to), size: to, root }.sign(directory.federation(), log_key);
        let bytes = bytes as u64;
        let batch = Batch { first: around.first, size: to, bytes, checkpoint, root, frontier, accepted_at_ms };
        let digest = commit_digest(&batch, remains.into_iter());
        Ok((batch, digest))
    }

    /// Size just after the newest seal below a size, and its time; 0 and 0 where there is none.
    async fn newest_seal(&self, below: TreeSize) -> Result<(TreeSize, i64), StoreError> {
        let row = sqlx::query(
            "SELECT idx, leaf FROM entry WHERE record_id IS NULL AND control = 0 AND idx < ? ORDER BY idx DESC LIMIT 1",
        )
        .bind(below.to_i64())
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok((TreeSize(0), 0)) };
        let idx: i64 = row.try_get(0)?;
        let bad = StoreError::RowBad { table: "entry", column: "leaf", row: idx.to_string() };
        let index = LeafIndex::from_i64(idx).ok_or(bad.clone())?;
        let leaf = Leaf::parse(&row.try_get::<Vec<u8>, _>(1)?.into()).map_err(|form| broken(index, &form))?;
        let seal = Seal::parse(&leaf.body).map_err(|_| bad)?;
        Ok((index.size(), seal.time_ms))
    }
}

/// The size that a stored checkpoint covers.
fn covered(note: &str) -> Option<TreeSize> {
    note.lines().nth(1)?.parse().ok().map(TreeSize)
}

/// Moves the records aside, and takes the entries and what their writers wrote last from the log.
async fn set_aside(tx: &mut SqliteConnection, to: TreeSize) -> Result<(), StoreError> {
    let (mut from, mut number) = (to.to_i64(), next_number(tx).await?);
    loop {
        let rows = sqlx::query(
            "SELECT idx, leaf, signature, content FROM entry WHERE idx >= ? AND record_id IS NOT NULL ORDER BY idx LIMIT ?",
        )
        .bind(from)
        .bind(PAGE)
        .fetch_all(&mut *tx)
        .await?;
        let Some(last) = rows.last() else { break };
        from = last.try_get::<i64, _>(0)? + 1;
        for row in &rows {
            drop_record(tx, number, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?).await?;
            number += 1;
        }
    }
    let steps = [
        "DELETE FROM chain WHERE writer IN (SELECT writer FROM entry WHERE idx >= ?1)",
        "INSERT INTO chain (writer, epoch, seq, record_id)
         SELECT e.writer, e.epoch, e.seq, e.record_id
         FROM (SELECT DISTINCT writer FROM entry WHERE idx >= ?1 AND writer IS NOT NULL) gone JOIN entry e ON e.idx =
             (SELECT kept.idx FROM entry kept WHERE kept.writer = gone.writer AND kept.idx < ?1
              ORDER BY kept.epoch DESC, kept.seq DESC LIMIT 1)",
        "DELETE FROM entry WHERE idx >= ?1",
    ];
    for step in steps {
        sqlx::query(step).bind(to.to_i64()).execute(&mut *tx).await?;
    }
    Ok(())
}

async fn next_number(tx: &mut SqliteConnection) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT coalesce(max(number), 0) + 1 FROM dropped").fetch_one(tx).await?;
    Ok(row.try_get(0)?)
}

async fn drop_record(
    tx: &mut SqliteConnection,
    number: i64,
    leaf: Vec<u8>,
    signature: Vec<u8>,
    content: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let write = sqlx::query("INSERT INTO dropped (number, leaf, signature, content) VALUES (?, ?, ?, ?)");
    let write = write.bind(number).bind(leaf).bind(signature).bind(content);
    touched("dropped", 1, change(tx, DROPPED, Key::Number(number), write).await?)
}

/// Forgets the records up to this number: they are on the log again.
async fn forget_dropped(tx: &mut SqliteConnection, through: i64) -> Result<(), StoreError> {
    let rows = sqlx::query("SELECT number FROM dropped WHERE number <= ?").bind(through).fetch_all(&mut *tx).await?;
    for row in &rows {
        let number: i64 = row.try_get(0)?;
        let forget = sqlx::query("DELETE FROM dropped WHERE number = ?").bind(number);
        touched("dropped", 1, change(tx, DROPPED, Key::Number(number), forget).await?)?;
    }
    Ok(())
}

async fn insert_batch(tx: &mut SqliteConnection, batch: &Batch, digest: [u8; 32]) -> Result<(), StoreError> {
    let done = sqlx::query(
        "INSERT INTO batch (size, first, bytes, checkpoint, root, frontier, accepted_at_ms, digest)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(batch.size.to_i64())
    .bind(batch.first.to_i64())
    .bind(batch.bytes.cast_signed())
    .bind(batch.checkpoint.clone())
    .bind(batch.root.to_vec())
    .bind(batch.frontier.to_bytes())
    .bind(batch.accepted_at_ms)
    .bind(digest.to_vec())
    .execute(tx)
    .await?;
    touched("batch", 1, done.rows_affected())
}

async fn set_head(tx: &mut SqliteConnection, head: &Head) -> Result<(), StoreError> {
    let Head { log, size, control, seal_time_ms, sealed, accepted_at_ms } = head;
    let done = sqlx::query(
        "UPDATE head SET log = ?, size = ?, control_count = ?, control_head = ?, seal_time_ms = ?, sealed_size = ?,
         accepted_at_ms = ?",
    )
    .bind(log.to_i64())
    .bind(size.to_i64())
    .bind(control.count.cast_signed())
    .bind(control.head.to_vec())
    .bind(seal_time_ms)
    .bind(sealed.to_i64())
    .bind(accepted_at_ms)
    .execute(tx)
    .await?;
    touched("head", 1, done.rows_affected())
}
