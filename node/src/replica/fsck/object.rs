//! Each object folded anew and compared with its rows; of a withdrawn one, that its mark is the newest tombstone's, and that
//! its tombstones took what they name and nothing else.

use std::sync::Arc;

use multaqa_proto::directory::Directory;
use multaqa_proto::fold::{Erasure, Fold, Held, Judged};
use multaqa_proto::id::ObjectId;
use multaqa_proto::kind::Kind;
use multaqa_proto::number::LeafIndex;

use super::super::entry::{RECORD_COLUMNS, StoredRecord, read_record, stored_verdict};
use super::super::fill::{judge_alone, replay, replay_tombstones};
use super::super::object;
use super::super::unerased::{Whole, contents};
use super::rows::Rows;
use super::{CHUNK, Checker};
use crate::code;
use crate::store::{Cells, StoreError, Tx};

impl Checker<'_> {
    /// Every object is folded anew and compared with its rows.
    pub(super) async fn objects(&mut self, tx: &mut Tx, directory: &Arc<Directory>) -> Result<(), StoreError> {
        self.alone(tx, directory).await?;
        self.figures(tx).await?;
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
                    Err(error) => {
                        self.report_at(code::REPLICA_FOLD_WRONG, ("object", Some(id.clone())), None, &error);
                    }
                    Ok(id) => match self.object(tx, directory, &id).await {
                        Err(error @ StoreError::RowBad { .. }) => self.report_object(&id, &error.to_string()),
                        checked => checked?,
                    },
                }
            }
        }
    }

    /// Each figure belongs to an object.
    async fn figures(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let at = tx.at;
        let strays: Vec<i64> = sqlx::query_scalar(
            "SELECT number FROM observation o WHERE NOT EXISTS (SELECT 1 FROM object WHERE id = o.object) LIMIT ?",
        )
        .bind(CHUNK)
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        for number in strays {
            let row = ("observation", Some(number.to_string()));
            self.report_at(code::REPLICA_FOLD_WRONG, row, None, &"belongs to no object");
        }
        Ok(())
    }

    async fn object(&mut self, tx: &mut Tx, directory: &Arc<Directory>, id: &ObjectId) -> Result<(), StoreError> {
        let ids = [id.clone()].into();
        let withdrawn = object::load(tx, &ids).await?.withdrawn.contains(id);
        let rows = Rows::load(tx, id).await?;
        if withdrawn {
            return self.withdrawn(tx, directory, id, &rows).await;
        }
        let mut fold = Fold::new(Held::nothing(Arc::clone(directory)));
        for (index, judged) in replay(tx, &mut fold, id).await? {
            self.verdict(tx, index, &judged).await?;
        }
        if fold.marks.contains_key(id) {
            self.report_object(id, "is withdrawn, but its rows are there");
            return Ok(());
        }
        if count(tx, "SELECT count(*) FROM entry WHERE object = ? AND erased = 1", id).await? > 0 {
            self.report_object(id, "contents are erased, but it is not withdrawn");
        }
        let expected = match fold.puts.remove(id) {
            Some(put) => Rows::expected(&put),
            None => Rows::default(),
        };
        if rows != expected {
            self.report_object(id, rows.differing(&expected));
        }
        Ok(())
    }

    /// The verdict that is stored is the one that was found.
    async fn verdict(&mut self, tx: &mut Tx, index: LeafIndex, judged: &Judged) -> Result<(), StoreError> {
        let stored = verdict_at(tx, index).await?;
        let (verdict, args) = stored_verdict(judged);
        let expected = (verdict.map(ToOwned::to_owned), args);
        if stored != expected {
            let detail = format!("judged {expected:?}, stored {stored:?}");
            let row = ("entry", Some(index.to_string()));
            self.report_at(code::REPLICA_FOLD_WRONG, row, Some(index), &detail);
        }
        Ok(())
    }

    /// Data records that are about no object are judged by themselves.
    async fn alone(&mut self, tx: &mut Tx, directory: &Arc<Directory>) -> Result<(), StoreError> {
        let (at, mut next) = (tx.at, 0_i64);
        loop {
            let found: Vec<i64> = sqlx::query_scalar(
                "SELECT idx FROM entry WHERE idx >= ? AND object IS NULL AND control = 0 AND content IS NOT NULL \
                 ORDER BY idx LIMIT ?",
            )
            .bind(next)
            .bind(CHUNK)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
            let Some(last) = found.last() else { return Ok(()) };
            next = last + 1;
            for index in found.into_iter().filter_map(LeafIndex::from_i64) {
                // One that cannot be parsed was found before.
                if let Ok(judged) = judge_alone(tx, directory, index).await {
                    self.verdict(tx, index, &judged).await?;
                }
            }
        }
    }

    fn report_object(&mut self, id: &ObjectId, detail: &str) {
        self.report_at(code::REPLICA_FOLD_WRONG, ("object", Some(id.to_string())), None, &detail);
    }

    /// Of a withdrawn object's rows nothing is left but the mark, which is its newest tombstone's.
    async fn withdrawn(
        &mut self,
        tx: &mut Tx,
        directory: &Arc<Directory>,
        id: &ObjectId,
        rows: &Rows,
    ) -> Result<(), StoreError> {
        let mut fold = Fold::new(Held::nothing(Arc::clone(directory)));
        for (index, judged) in replay_tombstones(tx, &mut fold, id).await? {
            self.verdict(tx, index, &judged).await?;
        }
        if self.left(tx, id, &fold.erasures).await? || !rows.observations.is_empty() {
            self.report_object(id, "is withdrawn, but contents are left");
        }
        self.unjudged(tx, id).await?;
        let Some(mark) = fold.marks.get(id) else {
            self.report_object(id, "is marked as withdrawn without a tombstone");
            return Ok(());
        };
        let expected = Rows::mark(id, &stored_at(tx, mark.index).await?);
        if *rows != expected {
            self.report_object(id, rows.differing(&expected));
        }
        Ok(())
    }

    /// What is left of a withdrawn object was judged once, and cannot be again: that it was is all that can be checked of it.
    async fn unjudged(&mut self, tx: &mut Tx, id: &ObjectId) -> Result<(), StoreError> {
        if Kind::find(id.kind()).is_none() {
            return Ok(());
        }
        let at = tx.at;
        let unjudged: Vec<i64> = sqlx::query_scalar(
            "SELECT idx FROM entry WHERE object = ?1 AND content_id = ?1 AND content IS NOT NULL \
             AND (verdict IS NULL OR verdict = 'PENDING' OR verdict = 'VALID' AND verdict_args IS NOT NULL)",
        )
        .bind(id.to_string())
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        for index in unjudged.into_iter().filter_map(LeafIndex::from_i64) {
            let row = ("entry", Some(index.to_string()));
            self.report_at(code::REPLICA_FOLD_WRONG, row, Some(index), &"has no verdict that can be");
        }
        Ok(())
    }

    /// Whether a content is here that a tombstone took; reports those that are gone and that none took.
    async fn left(&mut self, tx: &mut Tx, id: &ObjectId, erasures: &[Erasure]) -> Result<bool, StoreError> {
        let at = tx.at;
        let gone = sqlx::query(
            "SELECT idx, record_id, writer FROM entry WHERE object = ?1 AND content_id = ?1 AND erased = 1",
        )
        .bind(id.to_string())
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        for row in &gone {
            let cells = Cells { table: "entry", row };
            let (index, record_id) = (LeafIndex(cells.number("idx")?), cells.hash("record_id")?);
            let writer = cells.parsed("writer")?;
            if !erasures.iter().any(|erasure| erasure.names(index, &record_id, &writer)) {
                let row = ("entry", Some(index.to_string()));
                self.report_at(code::REPLICA_FOLD_WRONG, row, Some(index), &"is erased, and no tombstone names it");
            }
        }
        let mut after = None;
        loop {
            let page = contents(tx, id, after).await?;
            let Some(last) = page.last() else { return Ok(false) };
            after = Some(last.index);
            let taken = |whole: &Whole| {
                erasures.iter().any(|e| e.takes(whole.index, &whole.record_id, &whole.writer, &whole.content))
            };
            if page.iter().any(taken) {
                return Ok(true);
            }
        }
    }
}

async fn count(tx: &mut Tx, sql: &'static str, id: &ObjectId) -> Result<i64, StoreError> {
    let at = tx.at;
    sqlx::query_scalar(sql).bind(id.to_string()).fetch_one(tx.conn()).await.map_err(|e| at.failed(e))
}

async fn stored_at(tx: &mut Tx, index: LeafIndex) -> Result<StoredRecord, StoreError> {
    let at = tx.at;
    let sql = format!("SELECT {RECORD_COLUMNS} FROM entry WHERE idx = ?");
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(index.to_i64());
    read_record(&query.fetch_one(tx.conn()).await.map_err(|e| at.failed(e))?)
}

async fn verdict_at(tx: &mut Tx, index: LeafIndex) -> Result<(Option<String>, Option<String>), StoreError> {
    let at = tx.at;
    sqlx::query_as("SELECT verdict, verdict_args FROM entry WHERE idx = ?")
        .bind(index.to_i64())
        .fetch_one(tx.conn())
        .await
        .map_err(|e| at.failed(e))
}
