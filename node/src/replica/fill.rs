//! Contents that became readable after their entries were stored as stubs.
//!
//! In scope: storing them, folding exactly their objects anew, remembering how far a fill is; folding again what a newer
//! program understands. Out of scope: fetching and verifying (`sync`, `Intake::fill`).
//!
//! An object that is seen late starts at its first visible revision, so its rows are what a replica would hold that had the
//! contents from the start: all entries of the object are judged again in the order of the log.

use std::collections::BTreeSet;
use std::sync::Arc;

use multaqa_proto::directory::Directory;
use multaqa_proto::id::ObjectId;
use multaqa_proto::kind::Kind;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::content::Content;
use multaqa_proto::sync::block::Entry;
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::sync::intake::opening::Opening;

use super::apply::Applied;
use super::entry::{RECORD_COLUMNS, StoredRecord, has_verdict, object_of, read_record, set_content, set_verdict};
use super::{CURSOR, Replica, entry, erase, known_kinds, object, run, subtree};
use crate::point;
use crate::store::{Cells, Key, StoreError, Tx, change};
use multaqa_proto::fold::{Fold, Held, Judged, Placed};

/// Contents that are still to be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillWanted {
    /// Those that became readable after this view.
    pub since: TreeSize,
    /// Every index below this one was looked at.
    pub next: LeafIndex,
    /// Which fill this is: a growth in the middle of one begins another.
    pub round: u64,
}

/// How far a fill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillProgress {
    /// Which fill.
    pub round: u64,
    /// Every index below this one was looked at.
    pub through: LeafIndex,
    /// Whether it is complete.
    pub done: bool,
}

impl Replica {
    /// What is still to be fetched; none where nothing is.
    pub async fn fill_wanted(&self) -> Result<Option<FillWanted>, StoreError> {
        let mut tx = self.store.read("fill_wanted").await?;
        let at = tx.at;
        let row = sqlx::query("SELECT id, fill_since, fill_next, fill_round FROM cursor")
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells { table: "cursor", row: &row };
        let (next, round) = (LeafIndex(cells.number("fill_next")?), cells.number("fill_round")?);
        Ok(cells.optional_number("fill_since")?.map(|since| FillWanted { since: TreeSize(since), next, round }))
    }

    /// Stores contents that `Intake::fill` verified, after the entries that `Intake::open` took out of runs for them, and how far
    /// the fill is. All or nothing.
    pub async fn apply_fill(
        &self,
        intake: &Intake,
        opening: Opening,
        entries: Vec<Entry>,
        progress: FillProgress,
    ) -> Result<Applied, StoreError> {
        let Some(state) = intake.state() else { return Ok(Applied::default()) };
        let mut tx = self.store.begin("apply_fill").await?;
        let at = tx.at;
        at.pass(point::FILL_TAKEN)?;
        self.take_out(&mut tx, state.directory(), opening).await?;
        let mut applied = Applied::default();
        let (mut ids, mut alone) = (BTreeSet::new(), Vec::new());
        for entry in &entries {
            let Some(bytes) = &entry.content else { continue };
            if !set_content(&mut tx, entry.index, bytes).await? {
                continue;
            }
            applied.entries += 1;
            match Content::parse(bytes) {
                Ok(content) => match object_of(&content) {
                    Some(id) => drop(ids.insert(id)),
                    None => alone.push(entry.index),
                },
                Err(form) => {
                    set_verdict(&mut tx, entry.index, &Judged::Void(form.code(), form.args())).await?;
                }
            }
        }
        for index in alone {
            let judged = judge_alone(&mut tx, state.directory(), index).await?;
            set_verdict(&mut tx, index, &judged).await?;
        }
        applied.erased = refold(&mut tx, state.directory(), &ids).await?;
        if applied.erased {
            erase::note_unscrubbed(&mut tx).await?;
        }
        note_progress(&mut tx, progress, state.size()).await?;
        at.pass(point::FILL_WRITTEN)?;
        tx.commit().await?;
        if progress.done {
            self.move_to(self.read_cursor().await?);
        }
        self.note_late(ids);
        at.pass(point::FILL_STORED)?;
        Ok(applied)
    }

    /// Stores entries that were taken out of runs as stubs, and what is left of those runs.
    async fn take_out(&self, tx: &mut Tx, directory: &Arc<Directory>, opening: Opening) -> Result<(), StoreError> {
        let Opening { stubs, gone, left, stored } = opening;
        run::replace(tx, &gone, &left).await?;
        entry::insert(tx, &self.stub_rows(directory, stubs)).await?;
        subtree::insert(tx, &stored).await
    }

    /// Folds what an earlier program could not read and this one can.
    pub(super) async fn adopt_kinds(&self, intake: &Intake) -> Result<(), StoreError> {
        let Some(state) = intake.state() else { return Ok(()) };
        let mut tx = self.store.begin("adopt_kinds").await?;
        let at = tx.at;
        let kinds: String =
            sqlx::query_scalar("SELECT kinds FROM cursor").fetch_one(tx.conn()).await.map_err(|e| at.failed(e))?;
        if kinds == known_kinds() {
            return Ok(());
        }
        let before: BTreeSet<&str> = kinds.split(' ').collect();
        let rows = sqlx::query(
            "SELECT DISTINCT object FROM entry WHERE object IS NOT NULL AND content IS NOT NULL AND verdict IS NULL",
        )
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        let parked =
            rows.iter().map(|row| Cells { table: "entry", row }.parsed("object")).collect::<Result<Vec<_>, _>>()?;
        let ids: BTreeSet<ObjectId> = parked
            .into_iter()
            .filter(|id: &ObjectId| !before.contains(id.kind()) && Kind::find(id.kind()).is_some())
            .collect();
        refold(&mut tx, state.directory(), &ids).await?;
        // Objects of older entries appear, which no position says.
        let write = sqlx::query("UPDATE cursor SET kinds = ?, fill_round = fill_round + ?")
            .bind(known_kinds())
            .bind(i64::from(!ids.is_empty()));
        change(&mut tx, CURSOR, Key::One, write).await?;
        tx.commit().await
    }
}

/// Judges all entries of these objects again and writes their rows anew; of withdrawn ones, of which contents are gone that
/// verdicts rested on, those that were not judged before. Whether contents were erased.
pub(super) async fn refold(
    tx: &mut Tx,
    directory: &Arc<Directory>,
    ids: &BTreeSet<ObjectId>,
) -> Result<bool, StoreError> {
    let loaded = object::load(tx, ids).await?;
    let mut fold = Fold::new(Held::nothing(Arc::clone(directory)));
    for id in ids {
        let kept = loaded.withdrawn.contains(id);
        for (index, judged) in replay(tx, &mut fold, id).await? {
            if !(kept && has_verdict(tx, index).await?) {
                set_verdict(tx, index, &judged).await?;
            }
        }
    }
    let erased = erase::erase(tx, &fold.erasures).await?;
    let any = erased > 0 || fold.marks.keys().any(|id| !loaded.withdrawn.contains(id));
    let mut last = object::write(tx, fold, &loaded.ids()).await?;
    if !last.sql().as_str().is_empty() {
        let at = tx.at;
        last.build().execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    }
    Ok(any)
}

/// Judges an entry that is about no object.
pub(super) async fn judge_alone(
    tx: &mut Tx,
    directory: &Arc<Directory>,
    index: LeafIndex,
) -> Result<Judged, StoreError> {
    let at = tx.at;
    let sql = format!("SELECT {RECORD_COLUMNS} FROM entry WHERE idx = ?");
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(index.to_i64());
    let row = query.fetch_one(tx.conn()).await.map_err(|e| at.failed(e))?;
    let stored = read_record(&row)?;
    let mut fold = Fold::new(Held::nothing(Arc::clone(directory)));
    Ok(match stored.record.content() {
        Some(Ok(content)) => judge_stored(&mut fold, &stored, &content),
        Some(Err(form)) => Judged::Void(form.code(), form.args()),
        None => Judged::Not,
    })
}

fn judge_stored(fold: &mut Fold, stored: &StoredRecord, content: &Content) -> Judged {
    fold.judge(&Placed {
        index: stored.index,
        record_id: stored.record.record_id,
        writer: &stored.record.statement.writer,
        key_id: stored.record.signature.key_id,
        accepted_at_ms: stored.leaf.accepted_at_ms,
        content,
    })
}

/// Judges the entries of one object in the order of the log.
pub(super) async fn replay(
    tx: &mut Tx,
    fold: &mut Fold,
    id: &ObjectId,
) -> Result<Vec<(LeafIndex, Judged)>, StoreError> {
    replay_where(tx, fold, id, "content IS NOT NULL").await
}

/// Judges the tombstones of one object in the order of the log: their verdicts rest on nothing else of it.
pub(super) async fn replay_tombstones(
    tx: &mut Tx,
    fold: &mut Fold,
    id: &ObjectId,
) -> Result<Vec<(LeafIndex, Judged)>, StoreError> {
    replay_where(tx, fold, id, "content_id <> object AND content IS NOT NULL").await
}

async fn replay_where(
    tx: &mut Tx,
    fold: &mut Fold,
    id: &ObjectId,
    which: &'static str,
) -> Result<Vec<(LeafIndex, Judged)>, StoreError> {
    let at = tx.at;
    let sql = format!("SELECT {RECORD_COLUMNS} FROM entry WHERE object = ? AND {which} ORDER BY idx");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(id.to_string())
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    let mut verdicts = Vec::new();
    for row in &rows {
        let stored = read_record(row)?;
        let Some(Ok(content)) = stored.record.content() else { continue };
        verdicts.push((stored.index, judge_stored(fold, &stored, &content)));
    }
    Ok(verdicts)
}

async fn note_progress(tx: &mut Tx, progress: FillProgress, size: TreeSize) -> Result<(), StoreError> {
    let FillProgress { round, through, done } = progress;
    let write = sqlx::query(
        "UPDATE cursor SET fill_next = CASE WHEN ?1 THEN 0 ELSE max(fill_next, ?2) END, \
         view_floor = CASE WHEN ?1 THEN max(view_floor, min(?3, fill_since + 1)) ELSE view_floor END, \
         fill_since = CASE WHEN ?1 THEN NULL ELSE fill_since END WHERE fill_since IS NOT NULL AND fill_round = ?4",
    )
    .bind(done)
    .bind(through.to_i64())
    .bind(size.to_i64())
    .bind(round.cast_signed());
    change(tx, CURSOR, Key::One, write).await.map(drop)
}
