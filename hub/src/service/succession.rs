//! `OperatorService`: how the log stands, and closing it.
//!
//! In scope: the three calls, which node follows which log. Out of scope: what closing does (`log::refill::closing`).

use multaqa_proto::hash::Hash;
use multaqa_proto::id::OperatorName;
use multaqa_proto::log::succession::{SignedDecision, SuccessionWrong};
use multaqa_proto::message::begun::successions;
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::record;
use tonic::Code;

use super::{Hub, Refusal};
use crate::log::LockContradicted;
use crate::log::refill::closing::{Closable, CloseError};

impl From<CloseError> for Refusal {
    fn from(error: CloseError) -> Self {
        let code = error.code();
        let args = match error {
            CloseError::GoesOn | CloseError::NotNeeded | CloseError::NotClosing => Vec::new(),
            CloseError::NotStable { silent } => vec![("silent", silent.join(" "))],
            CloseError::Awaited { awaited, silent } => {
                vec![("awaited", awaited.to_string()), ("silent", silent.join(" "))]
            }
            CloseError::Other(closable) => {
                let Closable { log, size, root, .. } = *closable;
                vec![("log", log.to_string()), ("size", size.to_string()), ("root", root.to_string())]
            }
            CloseError::Wrong(SuccessionWrong(detail)) => vec![("detail", detail.to_owned())],
            CloseError::Log(error) => return error.into(),
        };
        Self::new(Code::FailedPrecondition, code, args)
    }
}

/// How the log stands.
pub(super) async fn standing(hub: &Hub) -> Result<wire::LogStanding, Refusal> {
    let (state, refill) = (hub.log.state(), hub.log.refill());
    let directory = state.directory();
    let stable = hub.witnesses.standing().stable;
    let awaited = || refill.standing().map(|standing| (standing.needed.unwrap_or_default(), standing.silent));
    let (closable, (awaited, silent)) = match refill.closable(&hub.witnesses.all()).await {
        Ok(closable) => (Some(closable), Default::default()),
        Err(CloseError::Awaited { awaited, silent }) => (None, (awaited, silent)),
        Err(CloseError::Log(error)) => return Err(error.into()),
        Err(_) => (None, awaited().unwrap_or_default()),
    };
    let decided = match &closable {
        Some(closable) => refill.decided(closable).await?,
        None => Vec::new(),
    };
    let needed = closable.as_ref().map_or(directory.policy().operators_required, |closable| closable.needed);
    let from = closable.as_ref().map_or(stable, |closable| closable.size);
    let above = hub.store.written_from(from.next_index()).await?;
    Ok(wire::LogStanding {
        log: state.log().0,
        size: state.size().0,
        begun: successions(directory),
        refilling: refill.is_open(),
        contradicted: refill.is_contradicted(),
        stable: stable.0,
        above: above.into_iter().map(|(writer, count)| wire::WriterCount { writer, count }).collect(),
        closing: refill.is_closing(),
        awaited: awaited as u64,
        closable: closable.map(to_wire),
        set_aside: hub.store.dropped_count().await?,
        decided: decided.iter().map(ToString::to_string).collect(),
        needed: u32::try_from(needed).unwrap_or(u32::MAX),
        silent,
        lock: refill.lock_contradicted().map(lock),
    })
}

fn lock(contradicted: LockContradicted) -> wire::LockContradicted {
    let LockContradicted { path, locked, found } = contradicted;
    wire::LockContradicted {
        path: path.display().to_string(),
        size: locked.size.0,
        root: locked.root.to_vec(),
        found: found.map(Hash::to_vec).unwrap_or_default(),
    }
}

fn to_wire(closable: Closable) -> wire::Closable {
    let Closable { log, size, root, states, quorum, needed: _ } = closable;
    wire::Closable {
        log: log.0,
        size: size.0,
        root: root.to_vec(),
        states: states.iter().map(ToString::to_string).collect(),
        quorum: u32::try_from(quorum).unwrap_or(u32::MAX),
    }
}

/// Begins to close the log. One that gives indexes is stopped, where that is forced: it lacks nothing that it knows of, so that
/// only its next start asks the nodes.
pub(super) async fn close(
    hub: &Hub,
    operator: &OperatorName,
    request: &wire::CloseLogRequest,
) -> Result<wire::LogStanding, Refusal> {
    let wire::CloseLogRequest { force } = *request;
    let refill = hub.log.refill();
    if !refill.is_open() && force {
        tracing::error!(%operator, "HUB_BEHIND: an operator says that nodes hold another log");
        refill.found_behind().await?;
        hub.log.halt("HUB_BEHIND");
        return standing(hub).await;
    }
    let to = refill.close(hub.witnesses.standing().stable, force).await?;
    tracing::warn!(%operator, %to, "an operator closes the log");
    hub.witnesses.forget_above(to);
    standing(hub).await
}

/// Goes on with a closing on which enough operators decided before the hub was started: nodes have spoken meanwhile.
pub(super) async fn go_on_decided(hub: &Hub) -> Result<(), Refusal> {
    if let Some(closed) = hub.log.refill().go_on_decided(&hub.witnesses.all()).await? {
        tracing::warn!(%closed, "the next log begins, as operators decided before this hub was started");
        hub.witnesses.forget_above(closed);
    }
    Ok(())
}

/// Takes an operator's decision on the closing.
pub(super) async fn succeed(
    hub: &Hub,
    operator: &OperatorName,
    request: wire::SucceedLogRequest,
) -> Result<wire::LogStanding, Refusal> {
    let signed = request.decision.ok_or(Refusal::malformed("decision"))?;
    let record::SignedDecision { decision, signature } = signed;
    let signed = SignedDecision { bytes: decision, signature };
    let said = signed.open(hub.log.state().directory()).map_err(CloseError::from)?;
    if said.operator != *operator {
        return Err(CloseError::from(SuccessionWrong("a decision of another operator")).into());
    }
    if hub.log.refill().decide(signed, &hub.witnesses.all()).await? {
        hub.witnesses.forget_above(said.size);
    }
    standing(hub).await
}

impl Hub {
    /// Refuses a log that is none of this leaf sequence, and a place that no such log has: one that was closed ends there, and
    /// below that its indexes mean the same in the next.
    pub(super) fn check_place(&self, number: u64, at: u64) -> Result<(), Refusal> {
        let state = self.log.state();
        let (log, current) = (LogNumber(number), state.log());
        let within = state.directory().closed_at(log).is_some_and(|closed| at <= closed.0);
        if log == current || within { Ok(()) } else { Err(Refusal::log_unknown(number, current)) }
    }

    /// Where the log was closed that a cursor is of, and the leaf that closed it; none where it is the one in force.
    pub(super) async fn closed(&self, log: LogNumber) -> Result<Option<(TreeSize, Vec<u8>)>, Refusal> {
        let Some(closed) = self.log.state().directory().closed_at(log) else { return Ok(None) };
        let index: LeafIndex = closed.next_index();
        let leaf = self.store.columns(index, index.size().next_index()).await?.pop();
        Ok(leaf.map(|columns| (closed, columns.leaf)))
    }
}
