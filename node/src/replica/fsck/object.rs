//! Each object folded anew and compared with its rows; of a withdrawn one, that nothing is left but the mark.

use std::sync::Arc;

use multaqa_proto::directory::Directory;
use multaqa_proto::fold::{Fold, Held};
use multaqa_proto::id::ObjectId;
use multaqa_proto::number::LeafIndex;

use super::super::entry::stored_verdict;
use super::super::fill::replay;
use super::super::object;
use super::rows::Rows;
use super::{CHUNK, Checker};
use crate::code;
use crate::store::{StoreError, Tx};

impl Checker<'_> {
    /// Every object is folded anew and compared with its rows.
    pub(super) async fn objects(&mut self, tx: &mut Tx, directory: &Arc<Directory>) -> Result<(), StoreError> {
        let (at, mut after) = (tx.at, String::new());
        loop {
            let ids: Vec<String> = sqlx::query_scalar(
                "SELECT object AS id FROM entry WHERE object > ?1 UNION SELECT id FROM object WHERE id > ?1 ORDER BY 1 LIMIT ?2",
            )
            .bind(&after)
            .bind(CHUNK)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
            let Some(last) = ids.last() else { return Ok(()) };
            after.clone_from(last);
            for id in &ids {
                match id.parse::<ObjectId>() {
                    Err(error) => self.report(code::REPLICA_FOLD_WRONG, None, &error),
                    Ok(id) => match self.object(tx, directory, &id).await {
                        Err(error @ StoreError::RowBad { .. }) => self.report(code::REPLICA_FOLD_WRONG, None, &error),
                        checked => checked?,
                    },
                }
            }
        }
    }

    async fn object(&mut self, tx: &mut Tx, directory: &Arc<Directory>, id: &ObjectId) -> Result<(), StoreError> {
        let ids = [id.clone()].into();
        let withdrawn = object::load(tx, &ids).await?.withdrawn.contains(id);
        let rows = Rows::load(tx, id).await?;
        if withdrawn {
            return self.withdrawn(tx, id, &rows).await;
        }
        let mut fold = Fold::new(Held::nothing(Arc::clone(directory)));
        for (index, judged) in replay(tx, &mut fold, id).await? {
            let verdict = verdict_at(tx, index).await?;
            let expected = stored_verdict(&judged).0.map(ToOwned::to_owned);
            if verdict != expected {
                let detail = format!("{id}: judged {expected:?}, stored {verdict:?}");
                self.report(code::REPLICA_FOLD_WRONG, Some(index), &detail);
            }
        }
        if fold.marks.contains_key(id) {
            self.report(code::REPLICA_FOLD_WRONG, None, &format!("{id} is withdrawn, but its rows are there"));
            return Ok(());
        }
        let expected = match fold.puts.remove(id) {
            Some(put) => Rows::expected(put),
            None => Rows::default(),
        };
        if rows != expected {
            self.report(code::REPLICA_FOLD_WRONG, None, &format!("{id}: the rows are not what its records give"));
        }
        Ok(())
    }

    /// Of a withdrawn object nothing is left but the mark and the tombstone.
    async fn withdrawn(&mut self, tx: &mut Tx, id: &ObjectId, rows: &Rows) -> Result<(), StoreError> {
        let at = tx.at;
        let left: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM entry e JOIN object o ON o.id = e.content_id WHERE e.object = ? AND e.idx < o.idx \
             AND (e.content IS NOT NULL OR e.verdict_args IS NOT NULL)",
        )
        .bind(id.to_string())
        .fetch_one(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        let tombstones: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM entry e JOIN object o ON o.id = e.object AND o.idx = e.idx \
             WHERE e.object = ?1 AND e.content_id <> ?1 AND e.verdict = 'VALID'",
        )
        .bind(id.to_string())
        .fetch_one(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        if left > 0 || !rows.observations.is_empty() {
            self.report(code::REPLICA_FOLD_WRONG, None, &format!("{id} is withdrawn, but contents are left"));
        }
        if tombstones == 0 {
            self.report(code::REPLICA_FOLD_WRONG, None, &format!("{id} is marked as withdrawn without a tombstone"));
        }
        Ok(())
    }
}

async fn verdict_at(tx: &mut Tx, index: LeafIndex) -> Result<Option<String>, StoreError> {
    let at = tx.at;
    sqlx::query_scalar("SELECT verdict FROM entry WHERE idx = ?")
        .bind(index.to_i64())
        .fetch_one(tx.conn())
        .await
        .map_err(|e| at.failed(e))
}
