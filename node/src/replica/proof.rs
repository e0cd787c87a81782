//! Record proofs, collected from the replica: the record, the control leaves, a seal, and the paths to one checkpoint.
//!
//! Of the checkpoints above the record that the replica holds, the largest is taken below which the record is stable, else
//! witnessed, else any; larger ones with cosignatures are added, since who cosigned them vouches for it, too. In scope: choosing, reading, checking what was put together before it is handed on. Out of scope: deciding what it
//! proves (`proto::record_proof`), which checkpoints are kept (`sealed`).

use std::collections::{BTreeMap, BTreeSet};

use multaqa_proto::directory::Directory;
use multaqa_proto::id::MemberCode;
use multaqa_proto::log::subtree::Plan;
use multaqa_proto::log::witness::Numbers;
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::record_proof::{Later, Proven, ProvenEntry, RecordProof, RecordProofBad};
use multaqa_proto::sync::block::Entry;
use prost::bytes::Bytes;
use sqlx::sqlite::SqliteRow;

use super::{KeptCosignature, Replica, subtree};
use crate::code;
use crate::store::{Cells, StoreError, Tx};

/// Most control leaves of a proof.
const CONTROL_MAX: i64 = 16 * 1024;
/// Most bytes of their leaves, signatures and contents.
const CONTROL_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Proofs that are made at once.
const AT_ONCE: usize = 32;

/// A proof, with what it proves.
#[derive(Debug, Clone)]
pub(crate) struct Collected {
    pub(crate) proof: RecordProof,
    pub(crate) proven: Proven,
}

/// Why there is no proof.
#[derive(Debug, Clone)]
pub(crate) enum ProofError {
    /// No record stands there.
    Unknown { index: LeafIndex, size: TreeSize },
    /// It stands above the newest seal that a checkpoint covers.
    NotSealed { index: LeafIndex },
    /// The control leaves are more than a file takes.
    TooLarge,
    /// The record is void, or what was put together does not hold.
    Bad(RecordProofBad),
    /// The store.
    Store(StoreError),
}

impl ProofError {
    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => code::PROOF_INDEX_UNKNOWN,
            Self::NotSealed { .. } => code::PROOF_NOT_SEALED,
            Self::TooLarge => code::PROOF_TOO_LARGE,
            Self::Bad(bad) => bad.code(),
            Self::Store(error) => error.code(),
        }
    }
    /// Arguments of the code's message.
    pub(crate) fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Unknown { index, size } => vec![("index", index.to_string()), ("size", size.to_string())],
            Self::NotSealed { index } => vec![("index", index.to_string())],
            Self::TooLarge => vec![("max", CONTROL_MAX.to_string())],
            Self::Bad(bad) => bad.args(),
            Self::Store(error) => error.args(),
        }
    }
}

impl From<StoreError> for ProofError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
impl From<RecordProofBad> for ProofError {
    fn from(bad: RecordProofBad) -> Self {
        Self::Bad(bad)
    }
}

/// A checkpoint that a proof may lead to.
struct Candidate {
    size: TreeSize,
    /// The newest seal below it.
    seal: LeafIndex,
    /// The note with the lines of witnesses.
    note: String,
    states: BTreeSet<MemberCode>,
}

impl Replica {
    /// The proof of the record at an index.
    pub(crate) async fn record_proof(&self, directory: &Directory, index: LeafIndex) -> Result<Collected, ProofError> {
        let (genesis, numbers) = (directory.genesis(), Numbers::of(directory.policy().witnesses.len()));
        let cosignatures = self.cosignatures().await?;
        let mut tx = self.store.read("prove_record").await?;
        let (log, candidates) = candidates(&mut tx, index, cosignatures).await?;
        let (best, rest) = best(candidates, numbers).ok_or(ProofError::NotSealed { index })?;
        let Candidate { size, seal, note, states: _ } = best;
        let later = later(&mut tx, size, rest).await?;
        let mut wanted = control_before(&mut tx, seal).await?;
        wanted.extend(entry_at(&mut tx, seal).await?);
        let control_count = wanted.len();
        wanted.extend(entry_at(&mut tx, index).await?);
        let mut proven = Vec::with_capacity(wanted.len());
        for chunk in wanted.chunks(AT_ONCE) {
            let plan = |entry: &Entry| Plan::inclusion(entry.index, size).ok_or(ProofError::NotSealed { index });
            let plans = chunk.iter().map(plan).collect::<Result<Vec<_>, _>>()?;
            let paths = subtree::prove_all(&mut tx, &plans).await?;
            proven.extend(chunk.iter().cloned().zip(paths).map(|(entry, path)| ProvenEntry { entry, path }));
        }
        let unknown = || ProofError::Unknown { index, size };
        let record = if proven.len() > control_count { proven.pop() } else { None };
        // Seals and evidence are nobody's records.
        let record = record.filter(|record| !record.entry.signature.is_empty()).ok_or_else(unknown)?;
        let seal = proven.pop().ok_or(ProofError::NotSealed { index })?;
        let proof = RecordProof { genesis, log, checkpoint: note, record, seal, control: proven, later }.settled()?;
        // What is handed on was checked by the rules of whoever receives it.
        let proven = proof.verify(genesis)?;
        Ok(Collected { proof, proven })
    }
}

/// The checkpoints above the record that the replica holds.
async fn candidates(
    tx: &mut Tx,
    index: LeafIndex,
    cosignatures: Vec<KeptCosignature>,
) -> Result<(LogNumber, Vec<Candidate>), ProofError> {
    let at = tx.at;
    let row = sqlx::query("SELECT id, log, size, checkpoint FROM cursor")
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    let unknown = |size| ProofError::Unknown { index, size };
    let row = row.ok_or(unknown(TreeSize(0)))?;
    let cells = Cells { table: "cursor", row: &row };
    let (log, held) = (LogNumber(cells.number("log")?), TreeSize(cells.number("size")?));
    if index.0 >= held.0 {
        return Err(unknown(held));
    }
    let mut cosigned: BTreeMap<TreeSize, Candidate> = BTreeMap::new();
    for KeptCosignature { witness, size, note, line } in cosignatures {
        let seal = size.0.checked_sub(1).map_or(LeafIndex(0), LeafIndex);
        let candidate = cosigned.entry(size).or_insert_with(|| Candidate { size, seal, note, states: BTreeSet::new() });
        candidate.note.push_str(&line);
        candidate.states.extend(witness.member().cloned());
    }
    let mut candidates: Vec<Candidate> = cosigned.into_values().collect();
    if let Some(seal) = newest_seal(tx).await? {
        candidates.push(Candidate { size: held, seal, note: cells.get("checkpoint")?, states: BTreeSet::new() });
    }
    // A checkpoint with cosignatures ends in a seal.
    candidates.retain(|candidate| candidate.seal > index && candidate.size <= held);
    Ok((log, candidates))
}

/// The largest that enough states vouch for, with the larger ones.
fn best(mut candidates: Vec<Candidate>, numbers: Numbers) -> Option<(Candidate, Vec<Candidate>)> {
    candidates.sort_by_key(|candidate| (candidate.size, !candidate.states.is_empty()));
    // Who cosigned a larger tree vouches for the smaller ones.
    let vouching = |from: usize| candidates[from..].iter().flat_map(|c| &c.states).collect::<BTreeSet<_>>().len();
    let enough = [numbers.quorum, numbers.witnessing(), usize::from(numbers.states > 0), 0];
    let at = enough.into_iter().find_map(|enough| (0..candidates.len()).rev().find(|at| vouching(*at) >= enough))?;
    let rest = candidates.split_off(at + 1);
    candidates.pop().map(|best| (best, rest))
}

/// The larger checkpoints with cosignatures, each with the proof that its tree begins with the tree of this size.
async fn later(tx: &mut Tx, first: TreeSize, rest: Vec<Candidate>) -> Result<Vec<Later>, ProofError> {
    let mut later = Vec::new();
    for Candidate { size, note, states, .. } in rest {
        if let (false, Some(plan)) = (states.is_empty() || size == first, Plan::consistency(first, size)) {
            later.push(Later { checkpoint: note, consistency: subtree::prove(tx, &plan).await? });
        }
    }
    Ok(later)
}

async fn newest_seal(tx: &mut Tx) -> Result<Option<LeafIndex>, StoreError> {
    let at = tx.at;
    let row = sqlx::query("SELECT idx FROM entry WHERE record_id IS NULL AND control = 0 ORDER BY idx DESC LIMIT 1")
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    row.map(|row| Ok(LeafIndex(Cells { table: "entry", row: &row }.number("idx")?))).transpose()
}

/// All control leaves below a seal.
async fn control_before(tx: &mut Tx, seal: LeafIndex) -> Result<Vec<Entry>, ProofError> {
    let at = tx.at;
    let rows = sqlx::query(
        "SELECT idx, leaf, signature, content FROM entry WHERE control = 1 AND idx < ? ORDER BY idx LIMIT ?",
    )
    .bind(seal.to_i64())
    .bind(CONTROL_MAX + 1)
    .fetch_all(tx.conn())
    .await
    .map_err(|e| at.failed(e))?;
    let entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let bytes: usize = entries.iter().map(Entry::bytes).sum();
    if entries.len() as u64 > CONTROL_MAX.cast_unsigned() || bytes > CONTROL_BYTES_MAX {
        return Err(ProofError::TooLarge);
    }
    Ok(entries)
}

async fn entry_at(tx: &mut Tx, index: LeafIndex) -> Result<Option<Entry>, StoreError> {
    let at = tx.at;
    let row = sqlx::query("SELECT idx, leaf, signature, content FROM entry WHERE idx = ?")
        .bind(index.to_i64())
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    row.as_ref().map(entry).transpose()
}

fn entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    let cells = Cells { table: "entry", row };
    let bytes = |column| cells.get::<Vec<u8>>(column).map(Bytes::from);
    Ok(Entry {
        index: LeafIndex(cells.number("idx")?),
        leaf: bytes("leaf")?,
        signature: bytes("signature")?,
        content: cells.get::<Option<Vec<u8>>>("content")?.map(Bytes::from),
    })
}

#[cfg(test)]
mod tests {
    use multaqa_proto::log::witness::Label;
    use multaqa_proto::sync::intake::Intake;
    use tempfile::TempDir;

    use super::super::Opened;
    use super::super::testing::{TestLog, member, service};
    use super::*;
    use crate::journal::Identity;

    async fn replica(log: &TestLog, code: &str) -> (TempDir, Replica, Intake) {
        let dir = tempfile::tempdir().unwrap();
        let identity = Identity {
            member: member(code),
            node: "gw1".parse().unwrap(),
            genesis: log.genesis(),
            log: LogNumber(1),
            epoch: multaqa_proto::number::Epoch(1),
            instance: [1; 16],
        };
        let Opened { replica, intake, .. } = Replica::open(&dir.path().join("replica.db"), &identity).await.unwrap();
        (dir, replica, intake)
    }

    #[tokio::test]
    async fn every_sealed_record_is_proven_from_rows_and_leaves() {
        let mut log = TestLog::with_states(&["JO", "EG"]);
        let (_dir, replica, mut intake) = replica(&log, "EG").await;
        let mut follow = async |log: &TestLog| {
            let frame = log.frame("EG", intake.size().0);
            let (next, taken) = intake.accept(&frame).unwrap();
            replica.apply(&next, taken, TreeSize(frame.view), 5_000).await.unwrap();
            intake = next;
            intake.state().unwrap().directory().clone()
        };
        let mut directory = None;
        // Frames of uneven length, so that subtrees are completed within them and at their ends.
        for (round, count) in [100, 149, 1, 300].into_iter().enumerate() {
            for number in 0..count {
                let audience = if number % 2 == 0 { "states" } else { "member:JO" };
                log.publish(&format!("JO:service:s-{round}-{number}"), &[audience], &[], service("one"));
            }
            directory = Some(follow(&log).await);
        }
        let size = log.size();
        let early = replica.record_proof(&directory.unwrap(), LeafIndex(0)).await.unwrap_err();
        assert_eq!(early.code(), code::PROOF_NOT_SEALED);
        log.seal();
        let directory = follow(&log).await;
        for index in [0, 3, 7, 100, 255, 256, 400, 511, 512, size.0 - 1] {
            let Collected { proof, proven } = replica.record_proof(&directory, LeafIndex(index)).await.unwrap();
            assert_eq!((proven.index.0, proven.checkpoint.size), (index, log.size()));
            assert_eq!((proven.label, proof.genesis), (Label::Accepted, log.genesis()));
        }
        let past = replica.record_proof(&directory, log.size().next_index()).await.unwrap_err();
        let seal = replica.record_proof(&directory, LeafIndex(size.0)).await.unwrap_err();
        assert_eq!((past.code(), seal.code()), (code::PROOF_INDEX_UNKNOWN, code::PROOF_NOT_SEALED));
    }
}
