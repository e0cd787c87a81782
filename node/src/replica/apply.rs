//! Applying a verified frame: entries, verdicts, objects, chains and cursor in one transaction.
//!
//! In scope: the transaction `apply_frame`. Out of scope: verifying (`Intake`), contents that come later (`fill`).

use std::collections::BTreeSet;
use std::sync::Arc;

use multaqa_proto::directory::Directory;
use multaqa_proto::directory::apply::ControlVerdict;
use multaqa_proto::id::{GroupSlug, MemberCode, ObjectId, Writer};
use multaqa_proto::judge::touches;
use multaqa_proto::kind::MemberClass;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::intake::opening::Stub;
use multaqa_proto::sync::intake::{Intake, Taken, TakenRecord, What};
use multaqa_runtime::digest::{self, Value};
use sqlx::{QueryBuilder, Sqlite};

use super::entry::{EntryRow, object_of, stored_verdict};
use super::{Cursor, Replica, entry, erase, known_kinds, object, sealed, subtree};
use crate::journal::Fate;
use crate::point;
use crate::store::{Cells, StoreError, Tx};
use multaqa_proto::fold::{Erasure, Fold, Held, Judged, Placed};

/// What a frame changed for the node itself.
#[derive(Debug, Clone, Default)]
pub struct Applied {
    /// Entries that were applied.
    pub entries: u64,
    /// What became of own records.
    pub(crate) own: Vec<Fate>,
    /// What tombstones of own objects erase.
    pub(crate) withdrawn: Vec<Erasure>,
    /// Whether contents were erased, so that the WAL has to be emptied.
    pub(crate) erased: bool,
    /// Whether this member may read more than before.
    pub(crate) grown: bool,
    /// Records that are void.
    pub void: u64,
    /// Whether a seal ends it: its checkpoint may be cosigned.
    pub(crate) sealed: bool,
    /// Evidence that freezes this node itself.
    pub(crate) frozen: Option<LeafIndex>,
}

/// What is to be applied.
pub(super) struct Applying<'a> {
    /// The state after it.
    pub(super) next: &'a Intake,
    /// Its first index.
    pub(super) first: LeafIndex,
    /// Its entries.
    pub(super) taken: Vec<Taken>,
    /// The view at which the hub judged what this member may read.
    pub(super) view: TreeSize,
    pub(super) now_ms: i64,
}

impl Replica {
    /// Applies what `Intake::accept` took; `view` is the frame's. All or nothing.
    ///
    /// # Errors
    /// Where the disk refuses; then nothing is applied, and the caller keeps its present state.
    pub async fn apply(
        &self,
        next: &Intake,
        taken: Vec<Taken>,
        view: TreeSize,
        now_ms: i64,
    ) -> Result<Applied, StoreError> {
        let Some(first) = taken.first().map(|taken| taken.entry.index) else { return Ok(Applied::default()) };
        let tx = self.store.begin_with_first("apply_frame").await?;
        self.apply_within(tx, Applying { next, first, taken, view, now_ms }).await
    }

    /// The same within a transaction that has begun.
    pub(super) async fn apply_within(&self, mut tx: Tx, applying: Applying<'_>) -> Result<Applied, StoreError> {
        let Applying { next, first, taken, view, now_ms } = applying;
        let Some(state) = next.state() else { return Ok(Applied::default()) };
        let at = tx.at;
        let directory = Arc::clone(state.directory());
        let ids: BTreeSet<ObjectId> = taken.iter().filter_map(readable).flat_map(touches).collect();
        let loaded = object::load(&mut tx, &ids).await?;
        let existing = loaded.ids();
        let mut fold = Fold::new(Held::new(Arc::clone(&directory), loaded.states, loaded.withdrawn));
        // A stretch of a fast start ends at no checkpoint, but for the last.
        let counts = !next.checkpoint().is_empty();
        let ends_sealed = counts && matches!(taken.last().map(|taken| &taken.what), Some(What::Seal(_)));
        let (entries, writers) = (taken.len() as u64, writers(&taken));
        let frozen = taken.iter().find(|taken| self.freezes_us(taken)).map(|taken| taken.entry.index);
        let rows: Vec<EntryRow> = taken.into_iter().map(|taken| self.judge(&mut fold, taken)).collect();
        let mut applied = Applied { entries, frozen, sealed: ends_sealed, ..self.summary(&rows, &fold) };
        at.pass(point::FRAME_TAKEN)?;
        entry::insert(&mut tx, &rows).await?;
        at.pass(point::FRAME_BEGUN)?;
        drop(rows);
        let erased = erase::erase(&mut tx, &fold.erasures).await?;
        applied.erased = erased > 0 || !fold.marks.is_empty();
        at.pass(point::FRAME_ERASED)?;
        let last = object::write(&mut tx, fold, &existing).await?;
        at.pass(point::FRAME_FOLDED)?;
        subtree::insert(&mut tx, state.completed()).await?;
        let growth = growth(&directory, &self.me, first, state.size());
        applied.grown = growth.is_some();
        let fills = advance(&mut tx, last, next, &writers, view, growth.map(|at| (first, at)), now_ms).await?;
        at.pass(point::FRAME_ADVANCED)?;
        if ends_sealed {
            sealed::note(&mut tx, state, next.checkpoint()).await?;
        }
        if applied.erased {
            erase::note_unscrubbed(&mut tx).await?;
        }
        at.pass(point::FRAME_WRITTEN)?;
        tx.commit().await?;
        let cursor = counts.then(|| Cursor {
            log: state.log(),
            size: state.size(),
            root: state.root(),
            seal_time_ms: state.seal_time_ms(),
            accepted_at_ms: state.accepted_at_ms(),
            applied_at_ms: now_ms,
            checkpoint: next.checkpoint().to_owned(),
            fills,
        });
        self.move_to(cursor);
        at.pass(point::FRAME_STORED)?;
        Ok(applied)
    }

    fn summary(&self, rows: &[EntryRow], fold: &Fold) -> Applied {
        let is_void = |row: &&EntryRow| matches!(row.judged, Judged::Void(..));
        let own = rows.iter().filter(|row| row.own).filter_map(fate).collect();
        let withdrawn = fold.erasures.iter().filter(|erasure| *erasure.object.code() == self.me).cloned().collect();
        Applied { own, withdrawn, void: rows.iter().filter(is_void).count() as u64, ..Applied::default() }
    }

    fn freezes_us(&self, taken: &Taken) -> bool {
        match &taken.what {
            What::Evidence(evidence) => *evidence.writer() == self.writer && evidence.epoch() == self.epoch,
            What::Record(_) | What::Seal(_) | What::Succession => false,
        }
    }

    fn judge(&self, fold: &mut Fold, taken: Taken) -> EntryRow {
        let Taken { entry, leaf, seal_time_ms, what } = taken;
        let row = EntryRow {
            index: entry.index,
            record_id: None,
            writer: None,
            own: false,
            content_id: None,
            object: None,
            control: false,
            seal_time_ms: None,
            accepted_at_ms: leaf.accepted_at_ms,
            judged: Judged::Not,
            leaf: entry.leaf,
            signature: entry.signature,
            content: entry.content,
        };
        let TakenRecord { record, content, control } = match what {
            What::Record(record) => *record,
            What::Seal(_) => return row,
            What::Evidence(_) | What::Succession => {
                return EntryRow { control: true, seal_time_ms: Some(seal_time_ms), ..row };
            }
        };
        let statement = record.statement;
        let readable = content.as_ref().and_then(|content| content.as_ref().ok());
        let row = EntryRow {
            record_id: Some(record.record_id),
            content_id: readable.map(|content| content.id.clone()),
            object: readable.and_then(object_of),
            control: control.is_some(),
            seal_time_ms: control.is_some().then_some(seal_time_ms),
            ..row
        };
        let judged = match (control, &content) {
            (Some(ControlVerdict::Valid), _) => Judged::Valid,
            (Some(ControlVerdict::Pending), _) => Judged::Pending,
            (Some(ControlVerdict::Void(void)), _) => void.into(),
            (None, None) => Judged::Not,
            (None, Some(Err(form))) => Judged::Void(form.code(), form.args()),
            (None, Some(Ok(content))) => fold.judge(&Placed {
                index: row.index,
                record_id: record.record_id,
                writer: &statement.writer,
                key_id: record.signature.key_id,
                accepted_at_ms: row.accepted_at_ms,
                content,
            }),
        };
        let own = statement.writer == self.writer && statement.epoch == self.epoch;
        EntryRow { writer: Some(statement.writer), own, judged, ..row }
    }

    /// The rows of entries that came without their contents.
    pub(super) fn stub_rows(&self, directory: &Arc<Directory>, stubs: Vec<Stub>) -> Vec<EntryRow> {
        let mut fold = Fold::new(Held::nothing(Arc::clone(directory)));
        let mut row = |Stub { entry, leaf, record }| {
            let what = What::Record(Box::new(TakenRecord { record, content: None, control: None }));
            self.judge(&mut fold, Taken { entry, leaf, seal_time_ms: 0, what })
        };
        stubs.into_iter().map(&mut row).collect()
    }
}

fn fate(row: &EntryRow) -> Option<Fate> {
    let void = match (&row.judged, stored_verdict(&row.judged)) {
        (Judged::Void(_, args), (Some(code), _)) => {
            Some((code.to_owned(), args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()))
        }
        (Judged::Void(..) | Judged::Valid | Judged::Pending | Judged::Not, _) => None,
    };
    row.record_id.map(|record_id| Fate { record_id, index: row.index, void })
}

fn readable(taken: &Taken) -> Option<&multaqa_proto::record::content::Content> {
    match &taken.what {
        What::Record(record) => record.content.as_ref()?.as_ref().ok(),
        What::Seal(_) | What::Evidence(_) | What::Succession => None,
    }
}

fn writers(taken: &[Taken]) -> BTreeSet<Writer> {
    let found: BTreeSet<&Writer> = taken.iter().filter_map(writer).collect();
    found.into_iter().cloned().collect()
}

fn writer(taken: &Taken) -> Option<&Writer> {
    match &taken.what {
        What::Record(record) => Some(&record.record.statement.writer),
        What::Seal(_) | What::Evidence(_) | What::Succession => None,
    }
}

/// What moves with each frame: the chains of its writers, then the cursor. Where the frame (its first index) holds a growth (at
/// its index), and older entries were judged by the hub before that, contents are to be fetched that became readable since
/// the frame before; a floor beyond the growth says that the hub judged every older entry with it in sight.
///
/// Gives how many fills are over. All of it goes with `last`, as one text of several statements: a turn of SQLite's thread costs more than any of them.
async fn advance(
    tx: &mut Tx,
    mut last: QueryBuilder<Sqlite>,
    intake: &Intake,
    writers: &BTreeSet<Writer>,
    view: TreeSize,
    growth: Option<(LeafIndex, LeafIndex)>,
    now_ms: i64,
) -> Result<u64, StoreError> {
    let Some(state) = intake.state() else { return Ok(0) };
    let checkpoint = intake.checkpoint();
    let at = tx.at;
    let size = state.size();
    let row = sqlx::query("SELECT id, view_floor, fill_since, fill_next, fill_round, unscrubbed, kinds FROM cursor")
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    let before = match &row {
        None => Local { floor: view.0, since: None, next: 0, round: 0, unscrubbed: false, kinds: known_kinds() },
        Some(row) => Local::of(&Cells { table: "cursor", row })?,
    };
    let Local { floor, since, next, round, unscrubbed, kinds } = before;
    // A floor beyond the growth says that the hub judged every older entry with it in sight.
    let wanted = growth.filter(|(_, at)| floor <= at.0).map(|(first, _)| first.0);
    let restart = wanted.is_some();
    let since = match (since, wanted) {
        (Some(since), Some(wanted)) => Some(since.min(wanted)),
        (since, wanted) => since.or(wanted),
    };
    let (next, round) = if restart { (0, round + 1) } else { (next, round) };
    let since = since.map(u64::cast_signed);
    let (log, frontier, control) = (state.log().to_i64(), state.frontier().to_bytes(), state.control());
    let digest = digest::row(
        "cursor",
        [
            1.into(),
            log.into(),
            size.to_i64().into(),
            Value::Blob(&frontier),
            control.count.cast_signed().into(),
            Value::Blob(&control.head.0),
            state.seal_time_ms().into(),
            state.accepted_at_ms().into(),
            checkpoint.into(),
            now_ms.into(),
            floor.cast_signed().into(),
            since.into(),
            next.into(),
            round.into(),
            unscrubbed.into(),
            kinds.as_str().into(),
        ],
    );
    let heads: Vec<_> = writers.iter().filter_map(|writer| Some((writer, state.chains().head(writer)?))).collect();
    if !heads.is_empty() {
        last.push("INSERT INTO chain (writer, epoch, seq, record_id) ");
        last.push_values(heads, |mut row, (writer, head)| {
            row.push_bind(writer.to_string())
                .push_bind(head.epoch.to_i64())
                .push_bind(head.seq.to_i64())
                .push_bind(head.record_id.to_vec());
        });
        last.push(
            " ON CONFLICT (writer) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, record_id = excluded.record_id; ",
        );
    }
    last.push(
        "INSERT OR REPLACE INTO cursor (id, log, size, frontier, control_count, control_head, seal_time_ms, \
         accepted_at_ms, checkpoint, applied_at_ms, view_floor, fill_since, fill_next, fill_round, unscrubbed, kinds, \
         digest) ",
    );
    last.push_values([state], |mut row, state| {
        row.push_bind(1)
            .push_bind(log)
            .push_bind(size.to_i64())
            .push_bind(frontier.clone())
            .push_bind(control.count.cast_signed())
            .push_bind(control.head.to_vec())
            .push_bind(state.seal_time_ms())
            .push_bind(state.accepted_at_ms())
            .push_bind(checkpoint.to_owned())
            .push_bind(now_ms)
            .push_bind(floor.cast_signed())
            .push_bind(since)
            .push_bind(next)
            .push_bind(round)
            .push_bind(unscrubbed)
            .push_bind(kinds.clone())
            .push_bind(digest.to_vec());
    });
    last.build().execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    Ok(fills_of(round.cast_unsigned(), since.is_some()))
}

/// How many fills are over: all but the one that is under way.
pub(super) const fn fills_of(round: u64, under_way: bool) -> u64 {
    round.saturating_sub(under_way as u64)
}

/// What of the cursor is this replica's own.
struct Local {
    floor: u64,
    since: Option<u64>,
    next: i64,
    round: i64,
    unscrubbed: bool,
    kinds: String,
}

impl Local {
    fn of(cells: &Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            floor: cells.number("view_floor")?,
            since: cells.optional_number("fill_since")?,
            next: cells.get("fill_next")?,
            round: cells.get("fill_round")?,
            unscrubbed: cells.get("unscrubbed")?,
            kinds: cells.get("kinds")?,
        })
    }
}

/// The last index within a frame at which it changed what the member may read, where it may read more after the frame than
/// before.
fn growth(directory: &Directory, me: &MemberCode, first: LeafIndex, end: TreeSize) -> Option<LeafIndex> {
    let before = first.0.checked_sub(1).map(|at| entitlement(directory, me, LeafIndex(at))).unwrap_or_default();
    let after = entitlement(directory, me, LeafIndex(end.0.saturating_sub(1)));
    if after.is_subset(&before) {
        return None;
    }
    let admitted = directory.member(me).into_iter().flat_map(|member| member.active.iter().map(|(at, _)| *at));
    let grouped = directory.groups().flat_map(|(_, group)| group.members.iter().map(|(at, _)| *at));
    admitted.chain(grouped).filter(|at| *at >= first && at.size() <= end).max()
}

/// Through what a member may read at an index.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Through {
    Class(MemberClass),
    Group(GroupSlug),
}

fn entitlement(directory: &Directory, me: &MemberCode, at: LeafIndex) -> BTreeSet<Through> {
    let Some(member) = directory.member(me).filter(|member| member.active_at(at)) else { return BTreeSet::new() };
    let groups =
        directory.groups().filter(|(_, group)| group.members_at(at).is_some_and(|members| members.contains(me)));
    groups.map(|(slug, _)| Through::Group(slug.clone())).chain([Through::Class(member.class)]).collect()
}
