//! `SyncService.Hello`: versions, limits, the newest checkpoint; is the node's cursor on this log, is it alone?
//!
//! In scope: the greeting. Out of scope: sending anything (`tail`, `catchup`). The first greeting with a new certificate puts
//! it in use, which closes the invitation and retires certificates of the same join.

use multaqa_proto::hash::Hash;
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::number::{LogNumber, TreeSize};
use multaqa_proto::record::content::CONTENT_MAX;
use multaqa_proto::sync::FRAME_MAX;
use multaqa_proto::wire::hub as wire;
use tonic::Code;

use super::{Hub, Refusal, check_in_force};
use crate::registry::{Caller, Fenced, Greeting, Presented};

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
    /// A copy of the node is connected, or the node of which this is a copy.
    Copied { node: Writer },
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
            HelloError::Copied { node } => {
                Self::new(Code::AlreadyExists, "NODE_COPIED", vec![("node", node.to_string())])
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
    let wire::HelloRequest { versions, instance, incarnation, cursor, epoch, seq, run, cursor_checkpoint } = request;
    let version = VERSIONS.into_iter().find(|version| versions.contains(version));
    let version = version.ok_or(HelloError::Version { offered: versions.into_iter().take(16).collect() })?;
    let instance = instance.try_into().map_err(|_| Refusal::malformed("instance"))?;
    let run = if run.is_empty() { None } else { Some(run.try_into().map_err(|_| Refusal::malformed("run"))?) };
    let state = hub.log.state();
    let wanted = wanted(hub, caller).await?;
    if wanted.entries || wanted.proof {
        // Nothing else is said to it: what the directory says of it may be out of date.
        return Ok(wire::HelloResponse { wanted: Some(wanted), ..answer(hub, version) });
    }
    check_in_force(state.directory(), member, node)?;
    check_shown(hub, node, &cursor_checkpoint).await?;
    let closed = match &cursor {
        Some(cursor) if cursor.size > 0 => hub.closed(LogNumber(cursor.log)).await?,
        Some(_) | None => None,
    };
    // A node whose log was closed below its cursor, or on another branch, goes back first, and greets again.
    let (cursor, apart) = match (&closed, &cursor) {
        (Some((closed, _)), Some(cursor)) if cursor.size > closed.0 => (*closed, false),
        (Some(_), Some(position)) if !contains(hub, position).await? => (TreeSize(0), true),
        (Some(_) | None, _) => (check_cursor(hub, cursor).await?, false),
    };
    let mut known_incarnation = 0;
    let presented = Presented { instance, incarnation, cursor, run };
    match hub.registry.greet(caller, node, presented) {
        Ok(Greeting::Welcome) => {}
        Ok(Greeting::Regressed { known }) => {
            metrics::counter!(crate::metrics::INCARNATION_REGRESSED).increment(1);
            known_incarnation = known;
            tracing::warn!(%node, incarnation, known, "INCARNATION_REGRESSED: restored from a backup, or a copy of it");
        }
        Err(Fenced::Copied) => {
            metrics::counter!(crate::metrics::NODE_DUPLICATE).increment(1);
            tracing::warn!(%node, incarnation, "NODE_COPIED: a second process of one instance was refused");
            return Err(HelloError::Copied { node: node.clone() }.into());
        }
        Err(Fenced::Duplicate) => {
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
        epoch: head.map_or(0, |head| head.epoch.0),
        seq: head.map_or(0, |head| head.seq.0),
        wanted: wanted.contents.then_some(wanted),
        known_incarnation,
        apart,
        succession: closed.map(|(_, leaf)| leaf).unwrap_or_default(),
        ..answer(hub, version)
    })
}

/// What is said in any case.
fn answer(hub: &Hub, version: u32) -> wire::HelloResponse {
    wire::HelloResponse {
        version,
        hub_time_ms: hub.clock.now_ms(),
        checkpoint: hub.log.checkpoint().to_string(),
        limits: Some(wire::Limits {
            frame_bytes: FRAME_MAX as u64,
            content_bytes: CONTENT_MAX as u64,
            records_in_flight: hub.records_in_flight as u64,
            heartbeat_ms: u64::try_from(hub.heartbeat.as_millis()).unwrap_or(u64::MAX),
        }),
        frozen: hub.log.frozen().borrow().unwrap_or_default().to_owned(),
        ..wire::HelloResponse::default()
    }
}

/// What is asked back of the node.
async fn wanted(hub: &Hub, caller: &Caller) -> Result<wire::Wanted, Refusal> {
    let refill = hub.log.refill();
    let restored = refill.restored_ms().is_some();
    Ok(wire::Wanted {
        entries: refill.is_open(),
        contents: restored && refill.missing_count().await? > 0,
        proof: !caller.proven(),
    })
}

/// A checkpoint that the log key signed and this log does not contain, ahead of it or on another branch: the store was put back
/// while nobody saw it. An index given now would be given twice, so the log stands still from here on; the next start asks the
/// nodes.
async fn check_shown(hub: &Hub, node: &Writer, shown: &str) -> Result<(), Refusal> {
    let refill = hub.log.refill();
    let Some(shown) = refill.open_checkpoint(shown) else { return Ok(()) };
    let halt = async |code| {
        refill.found_behind().await?;
        hub.log.halt(code);
        Ok::<_, Refusal>(())
    };
    let state = hub.log.state();
    let newest = state.size();
    if shown.size > newest {
        tracing::error!(%node, cursor = %shown.size, %newest, "HUB_BEHIND: a node holds what this log lost");
        halt("HUB_BEHIND").await?;
        return Err(Refusal::hub_behind(shown.size.0, newest.0));
    }
    if shown.log == state.log() && hub.fanout.root_at(shown.size).await?.is_some_and(|root| root != shown.root) {
        tracing::error!(%node, size = %shown.size, "LOG_CONTRADICTED: a node holds another log of the log key's");
        halt("LOG_CONTRADICTED").await?;
        return Err(HelloError::CursorForked { size: shown.size }.into());
    }
    Ok(())
}

/// Whether a position is in this hub's tree.
async fn contains(hub: &Hub, position: &wire::Position) -> Result<bool, Refusal> {
    let root = Hash::from_slice(&position.root).ok_or(Refusal::malformed("cursor.root"))?;
    Ok(hub.fanout.root_at(TreeSize(position.size)).await? == Some(root))
}

/// The node's cursor, where it is one of this log.
async fn check_cursor(hub: &Hub, cursor: Option<wire::Position>) -> Result<TreeSize, Refusal> {
    let Some(wire::Position { log, size, root }) = cursor.filter(|cursor| cursor.size > 0) else {
        return Ok(TreeSize(0));
    };
    hub.check_place(log, size)?;
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
