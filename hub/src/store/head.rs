//! The head: the state after the newest commit, and loading it.
//!
//! In scope: the row; folding the state at start from the control records, the chains and the
//! newest commit, and comparing them with one another. Out of scope: moving the head (`append`), comparing it with all entries (`log::fsck`).

use multaqa_proto::directory::Directory;
use multaqa_proto::directory::apply::ControlRecord;
use multaqa_proto::hash::Hash;
use multaqa_proto::log::chain::Chains;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::evidence::Evidence;
use multaqa_proto::log::frontier::Frontier;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::ControlChain;
use multaqa_proto::log::state::{LogState, Stored};
use multaqa_proto::log::succession::Succession;
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::record::form::FormError;
use multaqa_proto::record::{Parsed, Received};
use sqlx::Row as _;

use super::error::broken;
use super::read::Batch;
use super::row::StoredEntry;
use super::{Store, StoreError};

/// Control records that are read at once.
const CHUNK: u64 = 512;

/// The one row of `head`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) log: LogNumber,
    pub(crate) size: TreeSize,
    pub(crate) control: ControlChain,
    /// Time of the newest seal, milliseconds since 1970 UTC.
    pub(crate) seal_time_ms: i64,
    /// Size just after the newest seal; 0 before the first.
    pub(crate) sealed: TreeSize,
    /// Time of the newest leaf, milliseconds since 1970 UTC.
    pub(crate) accepted_at_ms: i64,
}

/// What is known of the log at start.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// The state.
    pub(crate) state: LogState,
    /// The newest checkpoint, a signed note.
    pub(crate) checkpoint: String,
    /// The genesis.
    pub(crate) genesis: Received,
    /// Size just after the newest seal; 0 before the first.
    pub(crate) sealed: TreeSize,
}

impl Head {
    /// The head at a state.
    pub(crate) fn of(state: &LogState, sealed: TreeSize) -> Self {
        Self {
            log: state.log(),
            size: state.size(),
            control: state.control(),
            seal_time_ms: state.seal_time_ms(),
            sealed,
            accepted_at_ms: state.accepted_at_ms(),
        }
    }
}

impl Store {
    /// The head as it is stored.
    ///
    /// # Errors
    /// Where the store fails or the row is bad.
    pub(crate) async fn head(&self) -> Result<Head, StoreError> {
        let row = sqlx::query(
            "SELECT log, size, control_count, control_head, seal_time_ms, sealed_size, accepted_at_ms FROM head",
        )
        .fetch_one(&self.readers)
        .await?;
        let bad = |column| StoreError::RowBad { table: "head", column, row: "1".to_owned() };
        Ok(Head {
            log: LogNumber::from_i64(row.try_get(0)?).ok_or(bad("log"))?,
            size: TreeSize::from_i64(row.try_get(1)?).ok_or(bad("size"))?,
            control: ControlChain {
                count: row.try_get::<i64, _>(2)?.try_into().map_err(|_| bad("control_count"))?,
                head: Hash::from_slice(&row.try_get::<Vec<u8>, _>(3)?).ok_or(bad("control_head"))?,
            },
            seal_time_ms: row.try_get(4)?,
            sealed: TreeSize::from_i64(row.try_get(5)?).ok_or(bad("sealed_size"))?,
            accepted_at_ms: row.try_get(6)?,
        })
    }
    /// The state and the newest checkpoint, folded and compared.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where they disagree; where the store fails or a row is bad.
    pub(crate) async fn load(&self) -> Result<Loaded, StoreError> {
        let head = self.head().await?;
        let newest = self.batch_ending_at(head.size).await?.ok_or(damaged("the head is at no commit's end"))?;
        let (genesis, control, directory) = self.fold_control(head.size).await?;
        if control != head.control {
            return Err(damaged("the control records do not give the head's control chain"));
        }
        if directory.log() != head.log {
            return Err(damaged("the successions on the log do not give the head's log"));
        }
        let frontier = self.grow(&newest).await?;
        let state = LogState::from_stored(Stored {
            log: head.log,
            frontier,
            control,
            chains: Chains::from_heads(self.chains().await?),
            directory,
            seal_time_ms: head.seal_time_ms,
            accepted_at_ms: head.accepted_at_ms,
        });
        let policy = state.directory().policy();
        let checkpoint =
            Checkpoint::open(&newest.checkpoint, state.directory().federation(), head.log, &policy.log_key)
                .map_err(|bad| damaged(&bad.to_string()))?;
        if checkpoint.size != state.size() || checkpoint.root != state.root() || newest.root != state.root() {
            return Err(damaged("the newest entries do not give the newest checkpoint's root"));
        }
        Ok(Loaded { state, checkpoint: newest.checkpoint, genesis, sealed: head.sealed })
    }

    /// The tree at the end of a commit, grown from the commit before it by the entries themselves.
    async fn grow(&self, batch: &Batch) -> Result<Frontier, StoreError> {
        let mut frontier = match batch.first {
            TreeSize(0) => Frontier::default(),
            first => self.batch_ending_at(first).await?.ok_or(damaged("a commit is missing"))?.frontier,
        };
        for stored in self.entries(batch.first.next_index(), batch.size.next_index()).await? {
            frontier.push(leaf_hash(&stored.entry.leaf));
        }
        if frontier == batch.frontier { Ok(frontier) } else { Err(damaged("a commit does not give its tree")) }
    }

    /// The directory and the control chain over all control records.
    pub(crate) async fn fold_control(&self, size: TreeSize) -> Result<(Received, ControlChain, Directory), StoreError> {
        let genesis = self.record(LeafIndex(0)).await?.ok_or(damaged("leaf 0 is missing"))?;
        let record = genesis.clone().parse().map_err(|form| broken(LeafIndex(0), &form))?;
        let mut directory = Directory::open(&record).map_err(|wrong| damaged(&wrong.to_string()))?;
        let (mut control, mut from) = (ControlChain::default(), LeafIndex(0));
        loop {
            let chunk = self.control_entries(from, CHUNK).await?;
            for stored in chunk.iter().filter(|stored| stored.entry.index.0 < size.0) {
                control.push(leaf_hash(&stored.entry.leaf));
                if stored.entry.index > LeafIndex(0) {
                    apply(&mut directory, stored)?;
                }
            }
            match chunk.last() {
                Some(last) => from = last.entry.index.size().next_index(),
                None => return Ok((genesis, control, directory)),
            }
        }
    }
}

fn apply(directory: &mut Directory, stored: &StoredEntry) -> Result<(), StoreError> {
    let index = stored.entry.index;
    let leaf = Leaf::parse(&stored.entry.leaf).map_err(|form| broken(index, &form))?;
    if leaf.leaf_type == LeafType::Evidence {
        let evidence = Evidence::parse(&leaf.body).map_err(|wrong| damaged(&format!("entry {index}: {wrong}")))?;
        directory.apply_evidence(index, &evidence);
        return Ok(());
    }
    if leaf.leaf_type == LeafType::Succession {
        let held = Succession::parse(&leaf.body).and_then(|succession| succession.check(directory));
        let held = held.map_err(|wrong| damaged(&format!("entry {index}: {wrong}")))?;
        directory.apply_succession(index, leaf.accepted_at_ms, &held);
        return Ok(());
    }
    let record = parse(stored, leaf).map_err(|form| broken(index, &form))?;
    let content = record.content().ok_or_else(|| damaged(&format!("control record {index} has no content")))?;
    let content = content.map_err(|form| broken(index, &form))?;
    directory.apply(&ControlRecord {
        index,
        seal_time_ms: stored.control.unwrap_or_default(),
        record_id: record.record_id,
        writer: &record.statement.writer,
        key_id: record.signature.key_id,
        epoch: record.statement.epoch,
        content: &content,
    });
    Ok(())
}

fn parse(stored: &StoredEntry, leaf: Leaf) -> Result<Parsed, FormError> {
    let signature = stored.entry.signature.clone();
    Received { statement: leaf.body, content: stored.entry.content.clone(), signature }.parse()
}

fn damaged(detail: &str) -> StoreError {
    StoreError::Damaged { detail: detail.to_owned() }
}
