//! `OperatorService`: what operators ask before and after they act. Their acts are records, sent by Submit.
//!
//! In scope: the caller's chain, the directory as the hub folds it, health. Out of scope: whether an act is allowed (the fold).

use std::collections::{BTreeMap, BTreeSet};

use multaqa_certs::name::PeerIdentity;
use multaqa_certs::profile::Profile;
use multaqa_proto::directory::approval::Pending;
use multaqa_proto::directory::{Directory, Group, History, Invitation, Member};
use multaqa_proto::id::{MemberCode, NodeName, OperatorName, Writer};
use multaqa_proto::message::contradiction::equivocations;
use multaqa_proto::message::witnessing::witnessing;
use multaqa_proto::number::{Epoch, LeafIndex};
use multaqa_proto::record::Received;
use multaqa_proto::wire::hub as wire;

use super::{Hub, Refusal};
use crate::identity::in_ms;
use crate::log::refill::Standing;

/// Every index that a record may have is below this one.
const NEWEST: LeafIndex = LeafIndex(u64::MAX);

/// The caller's newest record, and the genesis.
pub(super) async fn chain(hub: &Hub, operator: &OperatorName) -> Result<wire::GetChainResponse, Refusal> {
    let newest = hub.store.newest_of(&Writer::Operator(operator.clone())).await?;
    Ok(wire::GetChainResponse {
        newest: newest.map(|(_, record)| record.into()),
        genesis: Some(Received::clone(&hub.log.genesis()).into()),
    })
}

/// Members, nodes, groups, and what waits for approvals.
pub(super) fn directory(hub: &Hub) -> wire::GetDirectoryResponse {
    let state = hub.log.state();
    let directory = state.directory();
    let nodes = nodes_by_member(directory);
    let member = |(code, member): (&MemberCode, &Member)| wire::DirectoryMember {
        code: code.to_string(),
        class: member.class.to_string(),
        name: member.name.clone().into_iter().collect(),
        status: if member.active_at(NEWEST) { "active" } else { "suspended" }.to_owned(),
        nodes: nodes.get(code).into_iter().flatten().map(|name| node(hub, directory, code, name)).collect(),
        revisions: member.revisions.iter().map(|id| id.to_vec()).collect(),
    };
    wire::GetDirectoryResponse {
        members: directory.members().map(member).collect(),
        groups: directory.groups().map(|(slug, found)| group(slug.as_str(), found)).collect(),
        pending: directory.pending().map(|(id, waiting)| pending(directory, id.to_vec(), waiting)).collect(),
        equivocations: equivocations(directory),
    }
}

/// The policy in force, and how far its witnesses vouch for the log.
pub(super) fn policy(hub: &Hub) -> wire::GetPolicyResponse {
    let (state, standing) = (hub.log.state(), hub.witnesses.standing());
    wire::GetPolicyResponse {
        policy: Some(state.directory().policy().to_wire()),
        witnessing: Some(witnessing(&standing, state.size(), hub.clock.now_ms())),
    }
}

/// Health at a glance.
pub(super) async fn status(hub: &Hub) -> Result<wire::GetStatusResponse, Refusal> {
    let state = hub.log.state();
    let missing = hub.log.refill().missing_count().await?;
    Ok(wire::GetStatusResponse {
        restored: hub.log.refill().standing().map(|standing| restored(hub, standing, missing)),
        checkpoint: hub.log.checkpoint().to_string(),
        size: state.size().0,
        control_count: state.control().count,
        started_ms: hub.started_ms,
        hub_time_ms: hub.clock.now_ms(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        store_bytes: hub.store.bytes_on_disk().await?,
        halted: hub.log.frozen().borrow().unwrap_or_default().to_owned(),
        certificate_not_after_ms: in_ms(hub.acceptor.not_after()),
        issuing: hub.acceptor.issuing().into_iter().map(issuing).collect(),
    })
}

fn restored(hub: &Hub, standing: Standing, missing: u64) -> wire::Restored {
    let Standing { restored, open, goal, needed, silent } = standing;
    wire::Restored {
        reason: restored.reason.as_str().to_owned(),
        since_ms: restored.since_ms,
        from: restored.from.0,
        refilling: open,
        goal: goal.unwrap_or_default().0,
        awaited: needed.unwrap_or_default() as u64,
        missing,
        contradicted: hub.log.refill().is_contradicted(),
        silent,
    }
}

fn issuing((profile, not_after): (Profile, u64)) -> wire::IssuingCa {
    wire::IssuingCa { profile: profile.as_str().to_owned(), not_after_ms: in_ms(not_after) }
}

fn nodes_by_member(directory: &Directory) -> BTreeMap<MemberCode, BTreeSet<NodeName>> {
    let mut nodes: BTreeMap<MemberCode, BTreeSet<NodeName>> = BTreeMap::new();
    for (_, Invitation { member, node, .. }) in directory.invitations() {
        nodes.entry(member.clone()).or_default().insert(node.clone());
    }
    nodes
}

fn node(hub: &Hub, directory: &Directory, member: &MemberCode, name: &NodeName) -> wire::DirectoryNode {
    let writer = Writer::Node(member.clone(), name.clone());
    let seen = hub.registry.seen(&writer);
    let invited = |invitation: &Invitation| invitation.member == *member && invitation.node == *name;
    let newest = directory.invitations().filter(|(_, i)| invited(i)).max_by_key(|(_, i)| i.epoch);
    let (invitation, newest) = (newest.map(|(id, _)| id.to_vec()), newest.map(|(_, i)| i));
    let keys = directory.keys(&writer).last();
    let status = match (keys, newest) {
        (Some(keys), _) if keys.suspended.is_some() => "suspended",
        (Some(keys), _) if directory.is_frozen(&writer, keys.epoch, keys.record.id()) => "frozen",
        (Some(_), _) => "active",
        (None, Some(invitation)) if invitation.not_after_ms >= hub.clock.now_ms() => "invited",
        (None, _) => "expired",
    };
    wire::DirectoryNode {
        name: name.to_string(),
        status: status.to_owned(),
        epoch: newest.map_or(Epoch(0), |invitation| invitation.epoch).0,
        connected: seen.is_some_and(|seen| seen.connected),
        cursor: seen.map_or(0, |seen| seen.cursor.0),
        last_heard_ms: seen.map_or(0, |seen| seen.last_heard_ms),
        copy_refused_ms: seen.and_then(|seen| seen.copy_refused_ms).unwrap_or(0),
        invitation: invitation.unwrap_or_default(),
    }
}

fn group(slug: &str, group: &Group) -> wire::DirectoryGroup {
    let history = match group.history {
        History::Full => "full",
        History::FromJoin => "from-join",
    };
    wire::DirectoryGroup {
        slug: slug.to_owned(),
        name: group.name.clone().into_iter().collect(),
        history: history.to_owned(),
        members: group.members_at(NEWEST).into_iter().flatten().map(ToString::to_string).collect(),
        record_id: group.revisions.last().map(|id| id.to_vec()).unwrap_or_default(),
        revision: group.revisions.len() as u64,
        revisions: group.revisions.iter().map(|id| id.to_vec()).collect(),
    }
}

fn pending(directory: &Directory, record_id: Vec<u8>, pending: &Pending) -> wire::PendingRecord {
    let operators = pending.operators.iter().map(|name| PeerIdentity::Operator(name.clone()).to_string());
    let needed = pending.operators_needed + pending.states_needed;
    wire::PendingRecord {
        record_id,
        id: pending.id.to_string(),
        approved_by: operators.chain(pending.states.iter().map(ToString::to_string)).collect(),
        needed: u32::try_from(needed).unwrap_or(u32::MAX),
        proposal: Some(directory.proposal(pending)),
    }
}
