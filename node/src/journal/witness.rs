//! What this node cosigned last: never less, and never another history, whatever becomes of its replica.
//!
//! In scope: the table `witness` and the one transaction that judges and stores. Out of scope: the rule (`proto::log::witness`),
//! signing and sending (`sync::cosign`). A cosignature is made only after its checkpoint is durable here: what was sent once
//! stands in this file, though what stands here may never have been sent.

use multaqa_proto::hash::Hash;
use multaqa_proto::log::witness::{Last, Next, next};
use multaqa_proto::number::{LogNumber, TreeSize};

use super::{Journal, WITNESS};
use crate::point;
use crate::store::{Cells, Key, StoreError, Tx, change};

/// A checkpoint that ends in a seal and whose root the replica gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Tree size.
    pub size: TreeSize,
    /// Root.
    pub root: Hash,
    /// The signed note, with the log's line alone.
    pub note: String,
}

/// The newest checkpoint that was cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastCosigned {
    /// The checkpoint.
    pub sealed: Sealed,
    /// The log that it is of.
    pub log: LogNumber,
    /// When it was cosigned last, seconds since 1970 UTC.
    pub time_s: u64,
}

impl Journal {
    /// What was cosigned last; none before the first.
    pub async fn last_cosigned(&self) -> Result<Option<LastCosigned>, StoreError> {
        let mut tx = self.store.read_once("read_witness").await?;
        self.read_last(&mut tx).await
    }

    /// Whether the node may cosign a checkpoint of this log; where it may, that is stored when this returns. `held` is the root of
    /// its own tree at the size that it cosigned last. What was cosigned of a log that was closed binds no more once the next one has
    /// begun, and nothing of a log before is ever cosigned then.
    pub(crate) async fn cosign(
        &self,
        log: LogNumber,
        sealed: &Sealed,
        held: Option<Hash>,
        time_s: u64,
    ) -> Result<(Next, Option<LastCosigned>), StoreError> {
        let mut tx = self.store.begin("cosign").await?;
        let at = tx.at;
        let last = self.read_last(&mut tx).await?;
        if last.as_ref().is_some_and(|last| last.log > log) {
            return Ok((Next::Smaller, last));
        }
        let of_log = last.as_ref().filter(|last| last.log == log);
        let before = of_log.map(|last| Last { size: last.sealed.size, root: last.sealed.root });
        let judged = next(before.as_ref(), held, sealed.size, sealed.root);
        if judged != Next::Cosign {
            return Ok((judged, last));
        }
        let write = sqlx::query(
            "INSERT INTO witness (id, log, size, root, note, time_s) VALUES (1, ?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (id) DO UPDATE SET log = ?1, size = ?2, root = ?3, note = ?4, time_s = ?5",
        )
        .bind(log.to_i64())
        .bind(sealed.size.to_i64())
        .bind(sealed.root.to_vec())
        .bind(sealed.note.clone())
        .bind(time_s.cast_signed());
        at.pass(point::COSIGN_JUDGED)?;
        change(&mut tx, WITNESS, Key::One, write).await?;
        at.pass(point::COSIGN_WRITTEN)?;
        tx.commit().await?;
        at.pass(point::COSIGN_STORED)?;
        Ok((judged, last))
    }

    async fn read_last(&self, tx: &mut Tx) -> Result<Option<LastCosigned>, StoreError> {
        let at = tx.at;
        let row = sqlx::query("SELECT id, log, size, root, note, time_s FROM witness")
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells { table: "witness", row: &row };
        let sealed =
            Sealed { size: TreeSize(cells.number("size")?), root: cells.hash("root")?, note: cells.get("note")? };
        Ok(Some(LastCosigned { sealed, log: LogNumber(cells.number("log")?), time_s: cells.number("time_s")? }))
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::hash::Hash;

    use super::*;
    use crate::replica::testing::TestLog;

    fn sealed(size: u64, root: u8) -> Sealed {
        Sealed { size: TreeSize(size), root: Hash([root; 32]), note: format!("{size} {root}") }
    }

    async fn judged_in_two(journal: &Journal, sealed: &Sealed) -> Next {
        journal.cosign(LogNumber(2), sealed, None, 92).await.unwrap().0
    }

    #[tokio::test]
    async fn what_is_cosigned_never_shrinks_and_never_forks_over_restarts() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = TestLog::with_states(&[]);
        log.admit("JO");
        let (identity, key_record, index) = log.join("JO");
        let path = dir.path().join("journal.db");
        let journal = Journal::create(&path, identity, &key_record, index).await.unwrap();
        assert_eq!(journal.last_cosigned().await.unwrap(), None);
        let judged = async |journal: &Journal, sealed: &Sealed, held: Option<u8>, time_s| {
            journal.cosign(LogNumber(1), sealed, held.map(|held| Hash([held; 32])), time_s).await.unwrap().0
        };
        assert_eq!(judged(&journal, &sealed(5, 1), None, 10).await, Next::Cosign);
        assert_eq!(judged(&journal, &sealed(5, 1), Some(1), 70).await, Next::Cosign, "again with the new time");
        journal.close().await;
        let journal = Journal::open(&path).await.unwrap();
        let last = LastCosigned { sealed: sealed(5, 1), log: LogNumber(1), time_s: 70 };
        assert_eq!(journal.last_cosigned().await.unwrap(), Some(last.clone()));
        assert_eq!(judged(&journal, &sealed(4, 1), Some(1), 80).await, Next::Smaller);
        assert_eq!(judged(&journal, &sealed(5, 2), Some(2), 80).await, Next::Forked);
        assert_eq!(judged(&journal, &sealed(9, 3), Some(2), 80).await, Next::Forked);
        assert_eq!(judged(&journal, &sealed(9, 3), None, 80).await, Next::Smaller, "its past is not known");
        assert_eq!(journal.last_cosigned().await.unwrap(), Some(last), "what is not cosigned is not stored");
        assert_eq!(judged(&journal, &sealed(9, 3), Some(1), 80).await, Next::Cosign);
        assert_eq!(journal.last_cosigned().await.unwrap().unwrap().sealed, sealed(9, 3));
        // Log 1 was closed at 7: what was cosigned above binds no more, and nothing of log 1 is cosigned again.
        let (next, before) = (sealed(8, 4), sealed(9, 3));
        assert_eq!(journal.cosign(LogNumber(2), &next, None, 90).await.unwrap().0, Next::Cosign);
        assert_eq!(journal.cosign(LogNumber(1), &before, Some(Hash([3; 32])), 91).await.unwrap().0, Next::Smaller);
        assert_eq!(judged_in_two(&journal, &sealed(8, 5)).await, Next::Forked);
    }
}
