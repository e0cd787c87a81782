//! `SyncService.Hello`: versions, limits, the newest checkpoint; is the node's cursor on this log, is it alone?
//!
//! In scope: the greeting. Out of scope: sending anything (`tail`, `catchup`). The first greeting with a new certificate puts
//! it in use, which closes the invitation and retires certificates of the same join.

use multaqa_proto::hash::Hash;
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::number::TreeSize;
use multaqa_proto::record::content::CONTENT_MAX;
use multaqa_proto::sync::FRAME_MAX;
use multaqa_proto::wire::hub as wire;
use tonic::Code;

use super::{Hub, Refusal, check_in_force};
use crate::registry::{Caller, Greeting, Presented};

/// Protocol versions that the hub speaks, best first.
const VERSIONS: [u32; 1] = [1];

/// Why a greeting is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
enum HelloError {
    /// No common version.
    Version { offered: Vec<u32> },
    /// The node's log has another root at its cursor, or no commit ends there: it follows another history.
    CursorForked { size: TreeSize },
    /// Another instance of the node is connected.
    Duplicate { node: Writer },
}

impl From<HelloError> for Refusal {
    fn from(error: HelloError) -> Self {
        let list = |versions: &[u32]| versions.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        match error {
            HelloError::Version { offered } => Self::new(
                Code::FailedPrecondition,
                "VERSION_UNSUPPORTED",
                vec![("offered", list(&offered)), ("spoken", list(&VERSIONS))],
            ),
            HelloError::CursorForked { size } => {
                Self::new(Code::FailedPrecondition, "CURSOR_FORKED", vec![("size", size.to_string())])
            }
            HelloError::Duplicate { node } => {
                Self::new(Code::AlreadyExists, "NODE_DUPLICATE", vec![("node", node.to_string())])
            }
        }
    }
}

/// Answers a greeting.
pub(super) async fn hello(
    hub: &Hub,
    caller: &Caller,
    member: &MemberCode,
    node: &Writer,
    request: wire::HelloRequest,
) -> Result<wire::HelloResponse, Refusal> {
    let wire::HelloRequest { versions, instance, incarnation, cursor, epoch, seq } = request;
    let version = VERSIONS.into_iter().find(|version| versions.contains(version));
    let version = version.ok_or(HelloError::Version { offered: versions.into_iter().take(16).collect() })?;
    let instance = instance.try_into().map_err(|_| Refusal::malformed("instance"))?;
    let state = hub.log.state();
    check_in_force(state.directory(), member, node)?;
    let cursor = check_cursor(hub, cursor).await?;
    let presented = Presented { instance, incarnation, cursor };
    match hub.registry.greet(caller, node, presented) {
        Ok(Greeting::Welcome) => {}
        Ok(Greeting::Regressed { known }) => {
            metrics::counter!(crate::metrics::INCARNATION_REGRESSED).increment(1);
            tracing::warn!(%node, incarnation, known, "INCARNATION_REGRESSED: restored from a backup, or a copy of it");
        }
        Err(_) => {
            metrics::counter!(crate::metrics::NODE_DUPLICATE).increment(1);
            tracing::warn!(%node, "NODE_DUPLICATE: a second live instance was refused");
            return Err(HelloError::Duplicate { node: node.clone() }.into());
        }
    }
    if let Some(serial) = caller.serial() {
        hub.registry.in_use(serial).await?;
    }
    let head = state.chains().head(node);
    if head.is_some_and(|head| (head.epoch.0, head.seq.0) > (epoch, seq)) {
        tracing::warn!(%node, epoch, seq, "the node is behind its own chain");
    }
    Ok(wire::HelloResponse {
        version,
        hub_time_ms: hub.clock.now_ms(),
        checkpoint: hub.log.checkpoint().to_string(),
        epoch: head.map_or(0, |head| head.epoch.0),
        seq: head.map_or(0, |head| head.seq.0),
        limits: Some(wire::Limits {
            frame_bytes: FRAME_MAX as u64,
            content_bytes: CONTENT_MAX as u64,
            records_in_flight: hub.records_in_flight as u64,
            heartbeat_ms: u64::try_from(hub.heartbeat.as_millis()).unwrap_or(u64::MAX),
        }),
        frozen: hub.log.frozen().borrow().unwrap_or_default().to_owned(),
    })
}

/// The node's cursor, where it is one of this log.
async fn check_cursor(hub: &Hub, cursor: Option<wire::Position>) -> Result<TreeSize, Refusal> {
    let Some(wire::Position { log, size, root }) = cursor.filter(|cursor| cursor.size > 0) else {
        return Ok(TreeSize(0));
    };
    hub.check_log(log)?;
    let root = Hash::from_slice(&root).ok_or(Refusal::malformed("cursor.root"))?;
    let newest = hub.log.state().size();
    let size = TreeSize(size);
    if size > newest {
        tracing::error!(cursor = %size, %newest, "HUB_BEHIND: a node holds more of the log than the hub");
        return Err(Refusal::hub_behind(size.0, newest.0));
    }
    if hub.fanout.root_at(size).await? == Some(root) {
        return Ok(size);
    }
    tracing::error!(%size, "CURSOR_FORKED: a node holds another history");
    Err(HelloError::CursorForked { size }.into())
}
