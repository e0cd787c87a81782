//! `fsck`: everything recomputed from the entries, and compared with what is stored.
//!
//! In scope: leaves, signatures, contents, chains, seals, the control chain, the checkpoint's root, verdicts, every row of
//! every object; the journal's own chain. It reads one snapshot beside a running node and changes nothing; while it reads,
//! erased contents may stay in the WAL. Out of scope: repairing (a damaged replica is fetched again).

use std::path::Path;
use std::sync::Arc;

use multaqa_proto::directory::Directory;
use multaqa_proto::directory::apply::ControlVerdict;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::ObjectId;
use multaqa_proto::judge::{Observation, Projection};
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::log::state::LogState;
use multaqa_proto::number::{LeafIndex, LogNumber};
use multaqa_proto::record::Received;
use multaqa_proto::record::batch::VerifiedRoots;
use prost::bytes::Bytes;
use serde::Serialize;
use sqlx::sqlite::SqliteRow;

use super::directory::load_chains;
use super::entry::stored_verdict;
use super::fill::replay;
use super::{Replica, object};
use crate::code;
use crate::journal::Journal;
use crate::store::{Cells, StoreError, Tx};
use multaqa_proto::fold::{Fold, Held, Judged, Put};

/// Rows that are checked at a time.
const CHUNK: i64 = 500;
/// Most findings that are reported.
const FINDINGS_MAX: usize = 200;

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Code.
    pub code: &'static str,
    /// What does not hold.
    pub detail: String,
    /// Entry at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<LeafIndex>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether everything holds.
    pub ok: bool,
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
    let (mut size, mut root) = (0, Hash::of(&[]));
    if replica_path.exists() {
        let replica = Replica::open_to_read(replica_path, &identity).await?;
        let state = replica.check(identity.genesis, identity.log, &mut findings).await?;
        if let Some(state) = state {
            (size, root) = (state.size().0, state.root());
        }
        replica.close().await;
    }
    journal.close().await;
    findings.truncate(FINDINGS_MAX);
    Ok(Report { ok: findings.is_empty(), size, root, findings })
}

impl Replica {
    /// Checks the file against itself; the state over its entries.
    pub(super) async fn check(
        &self,
        genesis: RecordId,
        log: LogNumber,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<LogState>, StoreError> {
        let mut tx = self.store.read("fsck_replica").await?;
        let mut checker = Checker { state: None, roots: VerifiedRoots::default(), genesis, log, findings };
        checker.entries(&mut tx).await?;
        checker.cursor(&mut tx).await?;
        if let Some(directory) = checker.state.as_ref().map(LogState::directory).cloned() {
            checker.objects(&mut tx, &directory).await?;
        }
        Ok(checker.state)
    }
}

struct Checker<'f> {
    state: Option<LogState>,
    roots: VerifiedRoots,
    genesis: RecordId,
    log: LogNumber,
    findings: &'f mut Vec<Finding>,
}

impl Checker<'_> {
    fn report(&mut self, code: &'static str, index: Option<LeafIndex>, detail: &dyn std::fmt::Display) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { code, detail: detail.to_string(), index });
        }
    }

    async fn entries(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let (at, mut next) = (tx.at, 0_i64);
        loop {
            let rows = sqlx::query(
                "SELECT idx, record_id, control, verdict, leaf, signature, content FROM entry WHERE idx >= ? ORDER BY idx LIMIT ?",
            )
            .bind(next)
            .bind(CHUNK)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                let index = LeafIndex(Cells { table: "entry", row }.number("idx")?);
                next = index.next().to_i64();
                match self.entry(index, row) {
                    Ok(Ok(())) => {}
                    Ok(Err(detail)) => self.report(code::REPLICA_ENTRY_WRONG, Some(index), &detail),
                    Err(error) => self.report(code::REPLICA_ENTRY_WRONG, Some(index), &error),
                }
            }
        }
    }

    /// Adds one entry to the state; the inner error says what is wrong with it.
    fn entry(&mut self, index: LeafIndex, row: &SqliteRow) -> Result<Result<(), String>, StoreError> {
        let cells = Cells { table: "entry", row };
        let bytes = |column| cells.get::<Vec<u8>>(column).map(Bytes::from);
        let (leaf_bytes, signature) = (bytes("leaf")?, bytes("signature")?);
        let content: Option<Vec<u8>> = cells.get("content")?;
        let record_id: Option<Vec<u8>> = cells.get("record_id")?;
        let (control, verdict): (bool, Option<String>) = (cells.get("control")?, cells.get("verdict")?);
        let stored = (record_id, control, verdict);
        Ok(self.replay_entry(index, &leaf_bytes, signature, content.map(Bytes::from), stored))
    }

    fn replay_entry(
        &mut self,
        index: LeafIndex,
        leaf_bytes: &Bytes,
        signature: Bytes,
        content: Option<Bytes>,
        (record_id, control, verdict): (Option<Vec<u8>>, bool, Option<String>),
    ) -> Result<(), String> {
        let leaf = Leaf::parse(leaf_bytes).map_err(|error| error.to_string())?;
        if Hash::of(&signature) != leaf.signature_hash {
            return Err("the signature is not the leaf's".to_owned());
        }
        if leaf.leaf_type == LeafType::Seal {
            return self.seal(leaf_bytes, &leaf);
        }
        let received = Received { statement: leaf.body.clone(), content, signature };
        let record = received.parse().map_err(|error| error.to_string())?;
        if record_id.as_deref() != Some(record.record_id.as_bytes().as_slice()) {
            return Err("stored under another record id".to_owned());
        }
        let Some(state) = &mut self.state else {
            if record.record_id != self.genesis {
                return Err("not the genesis that was joined".to_owned());
            }
            let opened = LogState::open(self.log, leaf_bytes, &leaf, &record).map_err(|wrong| wrong.to_string())?;
            self.state = Some(opened);
            return Ok(());
        };
        if state.size().next_index() != index {
            return Err(format!("an entry is missing before it: expected {}", state.size()));
        }
        let refused = state.check(&record, &mut self.roots).err();
        let content = record.content().and_then(Result::ok);
        let pushed = state.push_record(leaf_bytes, &leaf, &record, content.as_ref());
        if let Some(refused) = refused {
            return Err(refused.to_string());
        }
        if pushed.is_some() != control {
            return Err("the control flag is wrong".to_owned());
        }
        let judged = match pushed {
            None => return Ok(()),
            Some(ControlVerdict::Valid) => Judged::Valid,
            Some(ControlVerdict::Pending) => Judged::Pending,
            Some(ControlVerdict::Void(void)) => void.into(),
        };
        let expected = stored_verdict(&judged).0;
        if expected == verdict.as_deref() {
            Ok(())
        } else {
            Err(format!("judged {}, stored {}", expected.unwrap_or("-"), verdict.as_deref().unwrap_or("-")))
        }
    }

    fn seal(&mut self, leaf_bytes: &Bytes, leaf: &Leaf) -> Result<(), String> {
        let seal = Seal::parse(&leaf.body).map_err(|error| error.to_string())?;
        let state = self.state.as_mut().ok_or("a seal before the genesis")?;
        let holds = seal == state.next_seal(seal.time_ms);
        state.push_seal(leaf_bytes, leaf, &seal);
        if holds { Ok(()) } else { Err("the seal contradicts the control records before it".to_owned()) }
    }

    /// Cursor, tree, chains and checkpoint agree with the entries.
    async fn cursor(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let at = tx.at;
        let row = sqlx::query(
            "SELECT id, log, size, frontier, control_count, control_head, seal_time_ms, checkpoint FROM cursor",
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
        {
            self.report(code::REPLICA_CURSOR_WRONG, None, &"the cursor is not what the entries give");
        }
        if load_chains(tx).await? != *state.chains() {
            self.report(code::REPLICA_CURSOR_WRONG, None, &"the writers' chains are not what the entries give");
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

    /// Every object is folded anew and compared with its rows.
    async fn objects(&mut self, tx: &mut Tx, directory: &Arc<Directory>) -> Result<(), StoreError> {
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

/// The row of an object itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    record_id: RecordId,
    index: LeafIndex,
    revision: u64,
    revisions: Vec<u8>,
    audience: String,
    title: String,
}

/// All rows of an object, in a fixed order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rows {
    head: Option<Head>,
    observations: Vec<String>,
}

impl Rows {
    fn expected(put: Put) -> Self {
        let Put { index, record_id, accepted_at_ms: _, content, projection } = put;
        let Projection { title, observations, .. } = projection;
        let head = Head {
            record_id,
            index,
            revision: content.revision,
            revisions: content.replaces.iter().chain([&record_id]).flat_map(|id| id.0).collect(),
            audience: content.audience.to_string(),
            title: serde_json::json!(title).to_string(),
        };
        Self { head: Some(head), observations: in_order(observations.iter().map(shown)) }
    }

    pub(super) async fn load(tx: &mut Tx, id: &ObjectId) -> Result<Self, StoreError> {
        let (at, id) = (tx.at, id.to_string());
        let row =
            sqlx::query("SELECT id, record_id, idx, revision, revisions, audience, title FROM object WHERE id = ?")
                .bind(&id)
                .fetch_optional(tx.conn())
                .await
                .map_err(|e| at.failed(e))?;
        let head = row.as_ref().map(head).transpose()?;
        let figures = sqlx::query("SELECT * FROM observation WHERE object = ?")
            .bind(&id)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let observations = figures.iter().map(|row| figure(row).map(|o| shown(&o))).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { head, observations: in_order(observations.into_iter()) })
    }
}

fn in_order(rows: impl Iterator<Item = String>) -> Vec<String> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    rows
}

fn head(row: &SqliteRow) -> Result<Head, StoreError> {
    let cells = Cells { table: "object", row };
    Ok(Head {
        record_id: cells.hash("record_id")?,
        index: LeafIndex(cells.number("idx")?),
        revision: cells.number("revision")?,
        revisions: cells.get("revisions")?,
        audience: cells.get("audience")?,
        title: cells.get("title")?,
    })
}

fn figure(row: &SqliteRow) -> Result<Observation, StoreError> {
    let cells = Cells { table: "observation", row };
    Ok(Observation {
        indicator: cells.get("indicator")?,
        ref_area: cells.get("ref_area")?,
        time_period: cells.get("time_period")?,
        value: cells.get("value")?,
        obs_status: cells.get("obs_status")?,
        unit: cells.get("unit")?,
        sex: cells.get("sex")?,
        age: cells.get("age")?,
        disability: cells.get("disability")?,
        place: cells.get("place")?,
    })
}

fn shown(observation: &Observation) -> String {
    format!("{observation:?}")
}
