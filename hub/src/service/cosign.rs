//! `SyncService.Cosign`: a witness hands in its cosignature of a checkpoint.
//!
//! In scope: whether it is taken: the peer is the witness, the directory has its key, its time is sane, the log signed the
//! checkpoint and a seal ends it. Out of scope: keeping and forwarding it (`witnesses`), what it counts for
//! (`proto::log::witness`).

use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::log::witness::{Cosigned, FRESH_MS, counting_key, millis};
use multaqa_proto::number::TreeSize;
use multaqa_proto::wire::hub as wire;
use tonic::Code;

use super::{Hub, Refusal, check_in_force};

/// Why a cosignature is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
enum CosignError {
    /// The policy does not count the peer's cosignatures.
    NotWitness(Writer),
    /// It is not a cosignature of the peer over a sealed checkpoint of this log.
    Bad(Writer, &'static str),
    /// Its time is too far from the hub's.
    Time(Writer, u64),
    /// The log key signed another root than the hub's at this size.
    Forked(TreeSize),
}

impl From<CosignError> for Refusal {
    fn from(error: CosignError) -> Self {
        let writer = |writer: &Writer| ("writer", writer.to_string());
        match error {
            CosignError::NotWitness(witness) => {
                Self::new(Code::PermissionDenied, "COSIGNER_NOT_WITNESS", vec![writer(&witness)])
            }
            CosignError::Bad(witness, detail) => {
                let args = vec![writer(&witness), ("detail", detail.to_owned())];
                Self::new(Code::InvalidArgument, "COSIGNATURE_BAD", args)
            }
            CosignError::Time(witness, seconds) => {
                let args = vec![writer(&witness), ("seconds", seconds.to_string())];
                Self::new(Code::InvalidArgument, "COSIGNATURE_TIME", args)
            }
            CosignError::Forked(size) => {
                Self::new(Code::FailedPrecondition, "CURSOR_FORKED", vec![("size", size.to_string())])
            }
        }
    }
}

/// Takes a cosignature.
pub(super) async fn cosign(
    hub: &Hub,
    member: &MemberCode,
    node: &Writer,
    request: wire::CosignRequest,
) -> Result<wire::CosignResponse, Refusal> {
    let wire::CosignRequest { checkpoint } = request;
    let state = hub.log.state();
    let directory = state.directory();
    check_in_force(directory, member, node)?;
    counting_key(directory, node).ok_or_else(|| CosignError::NotWitness(node.clone()))?;
    let bad = |detail| CosignError::Bad(node.clone(), detail);
    let cosigned = Cosigned::open(&checkpoint, directory).map_err(|wrong| bad(wrong.0))?;
    let own = cosigned.cosignatures.iter().find(|found| found.witness == *node);
    let own = own.ok_or_else(|| bad("no line of its witness key verifies"))?;
    let off_ms = millis(own.time_s).abs_diff(hub.clock.now_ms());
    if off_ms > FRESH_MS.unsigned_abs() {
        return Err(CosignError::Time(node.clone(), off_ms / 1_000).into());
    }
    let signed = &cosigned.checkpoint;
    if signed.size > state.size() {
        return Err(bad("the log has fewer entries").into());
    }
    match hub.witnesses.sealed(signed.size).await? {
        Some(root) if root == signed.root => {}
        Some(root) => {
            tracing::error!(size = %signed.size, ours = %root, theirs = %signed.root, "the log key signed two histories");
            return Err(CosignError::Forked(signed.size).into());
        }
        None => return Err(bad("no seal ends the log there").into()),
    }
    hub.registry.heard(node, None);
    hub.witnesses.take(&cosigned, node);
    Ok(wire::CosignResponse {})
}
