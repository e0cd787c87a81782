//! The reader's state at start-up: the directory folded anew from the control records, the rest as it was stored.
//!
//! In scope: reading and comparing. Out of scope: what happens to a file that does not agree (`replica`).

use multaqa_proto::directory::Directory;
use multaqa_proto::directory::apply::ControlRecord;
use multaqa_proto::hash::RecordId;
use multaqa_proto::log::chain::{Chains, Head};
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::frontier::Frontier;
use multaqa_proto::log::seal::ControlChain;
use multaqa_proto::log::state::{LogState, Stored};
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::number::{Epoch, LogNumber, Seq, TreeSize};

use super::Replica;
use super::entry::{RECORD_COLUMNS, StoredRecord, Unsigned, read_record, read_unsigned};
use crate::store::{Cells, StoreError, Tx};

/// Control records that are read at a time.
const CHUNK: i64 = 500;

/// State and checkpoint at the cursor, or why the file does not agree with itself.
pub(super) type Loaded = Result<(LogState, String), String>;

impl Replica {
    /// The state at the cursor; none in a file that has none.
    pub(super) async fn load_state(&self, genesis: RecordId) -> Result<Option<Loaded>, StoreError> {
        let mut tx = self.store.read("load_state").await?;
        let at = tx.at;
        let row = sqlx::query(
            "SELECT id, log, size, frontier, control_count, control_head, seal_time_ms, accepted_at_ms, checkpoint FROM cursor",
        )
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells { table: "cursor", row: &row };
        let frontier = frontier(&cells)?;
        let control = ControlChain { count: cells.number("control_count")?, head: cells.hash("control_head")? };
        let checkpoint: String = cells.get("checkpoint")?;
        if checkpoint.is_empty() {
            let taken: i64 = cells.get("size")?;
            return Ok(Some(Err(format!("a fast start was cut off after {taken} leaves: it begins anew"))));
        }
        let (directory, folded) = match fold_directory(&mut tx, genesis, TreeSize(u64::MAX >> 1)).await? {
            Ok(folded) => folded,
            Err(reason) => return Ok(Some(Err(reason))),
        };
        let stored = Stored {
            log: LogNumber(cells.number("log")?),
            frontier,
            control,
            chains: load_chains(&mut tx).await?,
            directory,
            seal_time_ms: cells.get("seal_time_ms")?,
            accepted_at_ms: cells.get("accepted_at_ms")?,
        };
        let held: Option<i64> =
            sqlx::query_scalar("SELECT max(idx) FROM entry").fetch_one(tx.conn()).await.map_err(|e| at.failed(e))?;
        let state = LogState::from_stored(stored);
        Ok(Some(match disagreement(&state, &checkpoint, folded, held) {
            None => Ok((state, checkpoint)),
            Some(reason) => Err(reason),
        }))
    }
}

fn disagreement(state: &LogState, note: &str, folded: ControlChain, held: Option<i64>) -> Option<String> {
    let log = state.directory().log();
    if state.log() != log {
        return Some(format!("log {} instead of {log}", state.log()));
    }
    if held.map(|index| index + 1) != Some(state.size().to_i64()) {
        return Some("the entries do not end at the cursor".to_owned());
    }
    if folded != state.control() {
        return Some("the control records do not give the control chain".to_owned());
    }
    let directory = state.directory();
    match Checkpoint::open(note, directory.federation(), log, &directory.policy().log_key) {
        Err(bad) => Some(bad.to_string()),
        Ok(checkpoint) if checkpoint.size != state.size() || checkpoint.root != state.root() => {
            Some("the tree is not the checkpoint's".to_owned())
        }
        Ok(_) => None,
    }
}

/// The directory and the control chain over its records below a size.
pub(super) async fn fold_directory(
    tx: &mut Tx,
    genesis: RecordId,
    size: TreeSize,
) -> Result<Result<(Directory, ControlChain), String>, StoreError> {
    let at = tx.at;
    let (mut chain, mut directory, mut next) = (ControlChain::default(), None::<Directory>, 0_i64);
    loop {
        let sql = format!(
            "SELECT {RECORD_COLUMNS} FROM entry WHERE control = 1 AND idx >= ? AND idx < ? ORDER BY idx LIMIT ?"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(next)
            .bind(size.to_i64())
            .bind(CHUNK)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        for row in &rows {
            if let (Some(directory), Some(stored)) = (&mut directory, read_unsigned(row)?) {
                next = stored.index.next().to_i64();
                chain.push(leaf_hash(&stored.leaf_bytes));
                match &stored.what {
                    Unsigned::Evidence(evidence) => directory.apply_evidence(stored.index, evidence),
                    Unsigned::Succession(succession) => match succession.check(directory) {
                        Ok(held) => directory.apply_succession(stored.index, stored.accepted_at_ms, &held),
                        Err(wrong) => return Ok(Err(wrong.to_string())),
                    },
                }
                continue;
            }
            let stored = read_record(row)?;
            next = stored.index.next().to_i64();
            chain.push(leaf_hash(&stored.leaf_bytes));
            match &mut directory {
                None => match Directory::open(&stored.record) {
                    Ok(opened) if opened.genesis() == genesis => directory = Some(opened),
                    Ok(_) => return Ok(Err("another genesis".to_owned())),
                    Err(wrong) => return Ok(Err(wrong.to_string())),
                },
                Some(directory) => {
                    if let Err(reason) = apply(directory, &stored) {
                        return Ok(Err(reason));
                    }
                }
            }
        }
        if rows.is_empty() {
            return Ok(directory.map(|directory| (directory, chain)).ok_or_else(|| "no genesis".to_owned()));
        }
    }
}

/// The peaks at the cursor, from its row.
pub(super) fn frontier(cells: &Cells<'_>) -> Result<Frontier, StoreError> {
    let stored = Frontier::from_bytes(TreeSize(cells.number("size")?), cells.get("frontier")?);
    stored.ok_or_else(|| cells.bad("frontier", &"does not fit the size"))
}

fn apply(directory: &mut Directory, stored: &StoredRecord) -> Result<(), String> {
    let record = &stored.record;
    let Some(Ok(content)) = record.content() else {
        return Err(format!("the control record at {} has no content", stored.index));
    };
    directory.apply(&ControlRecord {
        index: stored.index,
        seal_time_ms: stored.seal_time_ms,
        record_id: record.record_id,
        writer: &record.statement.writer,
        key_id: record.signature.key_id,
        epoch: record.statement.epoch,
        content: &content,
    });
    Ok(())
}

pub(super) async fn load_chains(tx: &mut Tx) -> Result<Chains, StoreError> {
    let at = tx.at;
    let rows = sqlx::query("SELECT writer, epoch, seq, record_id FROM chain")
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    let heads = rows.iter().map(|row| {
        let cells = Cells { table: "chain", row };
        let head = Head {
            epoch: Epoch(cells.number("epoch")?),
            seq: Seq(cells.number("seq")?),
            record_id: cells.hash("record_id")?,
        };
        Ok((cells.parsed("writer")?, head))
    });
    Ok(Chains::from_heads(heads.collect::<Result<Vec<_>, StoreError>>()?))
}
