//! `fsck`: everything recomputed from the entries, and compared with what is stored.
//!
//! In scope: leaves, signatures, contents, chains, seals, the control chain, the checkpoint's root, verdicts, every row of
//! every object; the journal's own chain. It reads one snapshot beside a running node and changes nothing; while it reads,
//! erased contents may stay in the WAL. Out of scope: repairing (a damaged replica is fetched again).
//!
//! Here the order of the checks, and the cursor; `entry`: each entry at its place; `object`: each object's rows against what
//! its records give; `rows`: those rows; `run`: what stands in place of entries after a fast start. What follows from no entry
//! `store::findings` checks.

mod entry;
mod object;
mod rows;
mod run;

#[cfg(test)]
pub(super) use rows::Rows;

use std::collections::BTreeSet;
use std::path::Path;

use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::state::LogState;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::batch::VerifiedRoots;
use serde::Serialize;

use super::directory::load_chains;
use super::{LAYOUT, Replica, subtree};
use crate::code;
use crate::journal::Journal;
use crate::store::findings::{self, FINDINGS_MAX, unreadable};
pub use crate::store::findings::{Finding, Place};
use crate::store::{Cells, StoreError, Tx};

/// Rows that are checked at a time.
const CHUNK: i64 = 500;

/// Whether there is a replica to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Held {
    /// The directory has none: it was never made, or it was deleted to be fetched again.
    Missing,
    /// There is no entry in it so far.
    Empty,
    /// Its entries were checked.
    Checked,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether everything holds.
    pub ok: bool,
    /// Whether there was a replica to check, beside the journal.
    pub replica: Held,
    /// Entries that were checked.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
    /// What does not hold; the first 200.
    pub findings: Vec<Finding>,
}

/// Checks the journal and the replica at these paths.
///
/// # Errors
/// Where a file cannot be read at all.
pub async fn run(journal_path: &Path, replica_path: &Path) -> Result<Report, StoreError> {
    let journal = Journal::open_to_read(journal_path).await?;
    let mut findings = journal.findings().await?;
    let identity = journal.identity().clone();
    let (mut held, mut size, mut root) = (Held::Missing, 0, Hash::of(&[]));
    if replica_path.exists() {
        let replica = Replica::open_to_read(replica_path, &identity).await?;
        let state = replica.check(identity.genesis, &mut findings).await?;
        held = Held::Empty;
        if let Some(state) = state {
            (held, size, root) = (Held::Checked, state.size().0, state.root());
        }
        replica.close().await;
    }
    journal.close().await;
    findings.truncate(FINDINGS_MAX);
    Ok(Report { ok: findings.is_empty(), replica: held, size, root, findings })
}

impl Replica {
    /// Checks the file against itself; the state over its entries.
    pub(super) async fn check(
        &self,
        genesis: RecordId,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<LogState>, StoreError> {
        let mut tx = self.store.read("fsck_replica").await?;
        if !findings::check(&self.store, &mut tx, findings).await {
            return Ok(None);
        }
        let roots = VerifiedRoots::default();
        let runs = run::Runs::default();
        let mut checker = Checker { replica: self, state: None, roots, runs, genesis, findings };
        if let Err(error) = checker.all(&mut tx).await {
            checker.findings.push(unreadable(LAYOUT.name, &error));
        }
        Ok(checker.state)
    }
}

struct Checker<'f> {
    replica: &'f Replica,
    state: Option<LogState>,
    roots: VerifiedRoots,
    runs: run::Runs,
    genesis: RecordId,
    findings: &'f mut Vec<Finding>,
}

impl Checker<'_> {
    async fn all(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        self.reader(tx).await?;
        self.entries(tx).await?;
        self.cursor(tx).await?;
        self.chains(tx).await?;
        self.subtrees(tx).await?;
        match self.state.as_ref().map(LogState::directory).cloned() {
            Some(directory) => self.objects(tx, &directory).await,
            None => Ok(()),
        }
    }

    /// Of the table that the code is about.
    fn report(&mut self, code: &'static str, index: Option<LeafIndex>, detail: &dyn std::fmt::Display) {
        let table = match code {
            code::REPLICA_ENTRY_WRONG => "entry",
            code::REPLICA_SUBTREE_WRONG => "subtree",
            code::REPLICA_FOLD_WRONG => "object",
            _ => "cursor",
        };
        self.report_at(code, (table, index.map(|index| index.to_string())), index, detail);
    }

    fn report_at(
        &mut self,
        code: &'static str,
        (table, row): (&'static str, Option<String>),
        index: Option<LeafIndex>,
        detail: &dyn std::fmt::Display,
    ) {
        if self.findings.len() < FINDINGS_MAX {
            let place = Place::new(LAYOUT.name, table, row);
            self.findings.push(Finding { code, place, detail: detail.to_string(), index });
        }
    }

    /// The file is this reader's.
    async fn reader(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let at = tx.at;
        let found: i32 =
            sqlx::query_scalar("PRAGMA application_id").fetch_one(tx.conn()).await.map_err(|e| at.failed(e))?;
        if found != self.replica.application_id() {
            self.report(code::REPLICA_CURSOR_WRONG, None, &"the file is another reader's");
        }
        Ok(())
    }

    /// The writers' newest statements are those that the entries give.
    async fn chains(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let stored = load_chains(tx).await?;
        let Some(state) = self.state.take() else { return Ok(()) };
        let computed = state.chains();
        let mut wrong: BTreeSet<String> = BTreeSet::new();
        wrong.extend(computed.heads().filter(|(w, head)| stored.head(w) != Some(**head)).map(|(w, _)| w.to_string()));
        wrong.extend(stored.heads().filter(|(w, _)| computed.head(w).is_none()).map(|(w, _)| w.to_string()));
        for writer in wrong {
            let detail = "the stored head is not the writer's newest record";
            self.report_at(code::REPLICA_CURSOR_WRONG, ("chain", Some(writer)), None, &detail);
        }
        self.state = Some(state);
        Ok(())
    }

    /// The stored roots of complete subtrees are those that the entries give.
    async fn subtrees(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let computed = self.state.as_ref().map_or(&[][..], LogState::completed);
        for (index, detail) in subtree::wrong(tx, computed).await? {
            self.report(code::REPLICA_SUBTREE_WRONG, index, &detail);
        }
        Ok(())
    }

    /// Cursor, tree, chains and checkpoint agree with the entries.
    async fn cursor(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let at = tx.at;
        let row = sqlx::query(
            "SELECT id, log, size, frontier, control_count, control_head, seal_time_ms, accepted_at_ms, checkpoint \
             FROM cursor",
        )
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        let (row, state) = match (row, self.state.take()) {
            (None, None) => return Ok(()),
            (Some(row), Some(state)) => (row, state),
            (_, state) => {
                self.state = state;
                self.report(code::REPLICA_CURSOR_WRONG, None, &"entries and cursor do not agree");
                return Ok(());
            }
        };
        let cells = Cells { table: "cursor", row: &row };
        let stored = (cells.number("size")?, cells.get::<Vec<u8>>("frontier")?, cells.hash("control_head")?);
        if stored != (state.size().0, state.frontier().to_bytes(), state.control().head)
            || cells.number("control_count")? != state.control().count
            || cells.get::<i64>("seal_time_ms")? != state.seal_time_ms()
            || cells.get::<i64>("accepted_at_ms")? != state.accepted_at_ms()
            || cells.number("log")? != state.log().0
        {
            self.report(code::REPLICA_CURSOR_WRONG, None, &"the cursor is not what the entries give");
        }
        let directory = state.directory();
        let note: String = cells.get("checkpoint")?;
        match Checkpoint::open(&note, directory.federation(), state.log(), &directory.policy().log_key) {
            Err(bad) => self.report(code::REPLICA_CURSOR_WRONG, None, &bad),
            Ok(checkpoint) if checkpoint.size != state.size() || checkpoint.root != state.root() => {
                self.report(code::REPLICA_CURSOR_WRONG, None, &"the entries do not give the checkpoint's root");
            }
            Ok(_) => {}
        }
        self.state = Some(state);
        Ok(())
    }
}
