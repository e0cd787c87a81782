//! `SyncService.Proof`: where an entry stands, and that a larger tree begins with a smaller one.
//!
//! Answered at the sizes at which a commit ended, since only there is a checkpoint: the newest, or one that is asked for. In
//! scope: what may be asked. Out of scope: making the proof (`store`), verifying it (`proto::log::proof`).

use multaqa_proto::hash::Hash;
use multaqa_proto::log::subtree::Plan;
use multaqa_proto::number::{Epoch, LeafIndex, Seq, TreeSize};
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::proof_request::Of;
use tonic::Code;

use super::{Hub, Refusal, check_in_force};
use crate::registry::Caller;
use crate::store::Batch;

/// Why a proof is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ProofError {
    /// It asks for more than the tree holds.
    Range { from: u64, to: u64, size: TreeSize },
    /// No commit ended there.
    CheckpointUnknown { size: u64 },
    /// No record stands there in the writer's chain.
    RecordUnknown { writer: String, epoch: u64, seq: u64 },
}

impl From<ProofError> for Refusal {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Range { from, to, size } => {
                let args = vec![("from", from.to_string()), ("to", to.to_string()), ("size", size.to_string())];
                Self::new(Code::OutOfRange, "RANGE_WRONG", args)
            }
            ProofError::CheckpointUnknown { size } => {
                Self::new(Code::NotFound, "CHECKPOINT_UNKNOWN", vec![("size", size.to_string())])
            }
            ProofError::RecordUnknown { writer, epoch, seq } => {
                let args = vec![("writer", writer), ("epoch", epoch.to_string()), ("seq", seq.to_string())];
                Self::new(Code::NotFound, "RECORD_NOT_ON_LOG", args)
            }
        }
    }
}

/// Answers with a proof.
pub(super) async fn proof(
    hub: &Hub,
    caller: &Caller,
    request: wire::ProofRequest,
) -> Result<wire::ProofResponse, Refusal> {
    let wire::ProofRequest { log, size, of } = request;
    hub.check_place(log, size)?;
    let state = hub.log.state();
    if let Some((member, node)) = caller.node() {
        check_in_force(state.directory(), member, &node)?;
    }
    let of = of.ok_or(Refusal::malformed("of"))?;
    let newest = state.size();
    let asked = if size == 0 { newest } else { TreeSize(size) };
    if asked > newest {
        return Err(ProofError::Range { from: 0, to: size, size: newest }.into());
    }
    let batch = hub.store.batch_ending_at(asked).await?;
    let Batch { checkpoint, size, .. } = batch.ok_or(ProofError::CheckpointUnknown { size })?;
    let (plan, leaf) = match of {
        Of::First(first) => {
            let wrong = ProofError::Range { from: first, to: size.0, size };
            (Plan::consistency(TreeSize(first), size).ok_or(wrong)?, None)
        }
        Of::Index(index) => inclusion(hub, LeafIndex(index), size).await?,
        Of::Record(place) => inclusion(hub, place_of(hub, place).await?, size).await?,
    };
    let hashes = hub.store.prove(&plan).await?;
    let (index, leaf) = leaf.unwrap_or_default();
    Ok(wire::ProofResponse { checkpoint, index, leaf, hashes: hashes.into_iter().map(Hash::to_vec).collect() })
}

type Leaf = Option<(u64, Vec<u8>)>;

async fn inclusion(hub: &Hub, index: LeafIndex, size: TreeSize) -> Result<(Plan, Leaf), Refusal> {
    let wrong = || ProofError::Range { from: index.0, to: size.0, size };
    let plan = Plan::inclusion(index, size).ok_or_else(wrong)?;
    let found = hub.store.columns(index, index.size().next_index()).await?.pop();
    Ok((plan, Some((index.0, found.ok_or_else(wrong)?.leaf))))
}

async fn place_of(hub: &Hub, place: wire::RecordPlace) -> Result<LeafIndex, Refusal> {
    let wire::RecordPlace { writer, epoch, seq } = place;
    let parsed = writer.parse().map_err(|_| Refusal::malformed("record.writer"))?;
    let found = hub.store.index_at(&parsed, Epoch(epoch), Seq(seq)).await?;
    Ok(found.ok_or(ProofError::RecordUnknown { writer, epoch, seq })?)
}
