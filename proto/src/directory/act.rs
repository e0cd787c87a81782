//! Control payloads as domain types: one conversion that names every field of the wire message.
//!
//! In scope: parsing. Out of scope: whether the act is allowed (`apply`).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use prost::Message;

use super::{Group, History, Invitation, Policy};
use crate::hash::{Hash, RecordId};
use crate::id::{FEDERATION_CODE, FederationName, GroupSlug, MemberCode, OperatorName, Writer};
use crate::key::PublicKey;
use crate::kind::MemberClass;
use crate::number::Epoch;
use crate::wire::kind;

/// What an operator's record does once it takes effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// New rules.
    Policy(Policy),
    /// A node is invited.
    Invite(Invitation),
    /// A member is admitted, renamed, suspended or reinstated.
    Member {
        /// Code.
        code: MemberCode,
        /// Class.
        class: MemberClass,
        /// Name by language.
        name: BTreeMap<String, String>,
        /// Whether it is in force.
        active: bool,
    },
    /// A group is made or changed.
    Group {
        /// Slug.
        slug: GroupSlug,
        /// Name by language.
        name: BTreeMap<String, String>,
        /// History rule.
        history: History,
        /// Members after the act.
        members: BTreeSet<MemberCode>,
    },
    /// The keys of a node are suspended.
    SuspendKeys {
        /// The node.
        writer: Writer,
        /// The epoch of the keys.
        epoch: Epoch,
    },
    /// A message to everybody; changes nothing here.
    Notice,
}

impl Act {
    /// The act that an operator's record of this kind holds; none where the payload is malformed or of another kind.
    #[must_use]
    pub fn parse(kind: &str, payload: &[u8]) -> Option<Self> {
        match kind {
            "policy" => policy(decode(payload)?).map(Self::Policy),
            "invitation" => invitation(decode(payload)?).map(Self::Invite),
            "member" => member(decode(payload)?),
            "group" => group(decode(payload)?),
            "key" => suspension(decode(payload)?),
            "notice" => decode::<kind::Notice>(payload).map(|_| Self::Notice),
            _ => None,
        }
    }
}

impl Group {
    pub(super) fn new(name: BTreeMap<String, String>, history: History) -> Self {
        Self { name, history, members: Vec::new(), revisions: Vec::new() }
    }
}

/// Federation, root certificate, standby log key and first policy of a genesis payload.
pub(super) fn genesis(payload: &[u8]) -> Option<(FederationName, Vec<u8>, PublicKey, Policy)> {
    let kind::Genesis { federation, root_certificate, standby_log_key, policy: first } = decode(payload)?;
    Some((federation.parse().ok()?, root_certificate, PublicKey::from_slice(&standby_log_key)?, policy(first?)?))
}

/// The record id that an `approve` payload names.
pub(super) fn approve(payload: &[u8]) -> Option<RecordId> {
    let kind::Approve { record_id } = decode(payload)?;
    Hash::from_slice(&record_id)
}

pub(super) fn decode<M: Message + Default>(payload: &[u8]) -> Option<M> {
    M::decode(payload).ok()
}

impl Policy {
    /// The policy as its record carries it.
    #[must_use]
    pub fn to_wire(&self) -> kind::Policy {
        let Self { number, log_key, operators, operators_required, witnesses, rules } = self;
        let operator = |(name, key): (&OperatorName, &PublicKey)| kind::Operator {
            name: name.to_string(),
            record_key: key.as_bytes().to_vec(),
        };
        kind::Policy {
            number: *number,
            log_key: log_key.as_bytes().to_vec(),
            operators: operators.iter().map(operator).collect(),
            operators_required: u32::try_from(*operators_required).unwrap_or(u32::MAX),
            witnesses: witnesses.iter().map(ToString::to_string).collect(),
            rules: *rules,
        }
    }
}

fn policy(wire: kind::Policy) -> Option<Policy> {
    let kind::Policy { number, log_key, operators, operators_required, witnesses, rules } = wire;
    let operators: BTreeMap<_, _> = operators
        .into_iter()
        .map(|kind::Operator { name, record_key }| Some((name.parse().ok()?, PublicKey::from_slice(&record_key)?)))
        .collect::<Option<_>>()?;
    let operators_required = usize::try_from(operators_required).ok()?;
    if operators_required == 0 || operators_required > operators.len() {
        return None;
    }
    Some(Policy {
        number,
        log_key: PublicKey::from_slice(&log_key)?,
        operators,
        operators_required,
        witnesses: codes(&witnesses)?,
        rules,
    })
}

fn invitation(wire: kind::Invitation) -> Option<Invitation> {
    let kind::Invitation { member, node, epoch, public_key, not_after_ms } = wire;
    Some(Invitation {
        member: member.parse().ok()?,
        node: node.parse().ok()?,
        epoch: Epoch(epoch),
        key: PublicKey::from_slice(&public_key)?,
        not_after_ms,
        used_by: None,
    })
}

fn member(wire: kind::Member) -> Option<Act> {
    let kind::Member { code, class, name, status } = wire;
    let active = match status.as_str() {
        "active" => true,
        "suspended" => false,
        _ => return None,
    };
    let code: MemberCode = code.parse().ok()?;
    // The federation's own code belongs to no member.
    (code.as_str() != FEDERATION_CODE).then_some(())?;
    Some(Act::Member { code, class: class.parse().ok()?, name: sorted(name), active })
}

fn group(wire: kind::Group) -> Option<Act> {
    let kind::Group { slug, name, history, members, parent: _, mandate: _ } = wire;
    let history = match history.as_str() {
        "full" => History::Full,
        "from-join" => History::FromJoin,
        _ => return None,
    };
    Some(Act::Group { slug: slug.parse().ok()?, name: sorted(name), history, members: codes(&members)? })
}

fn suspension(wire: kind::Key) -> Option<Act> {
    let kind::Key { member, node, epoch, status, .. } = wire;
    let writer = Writer::Node(member.parse().ok()?, node.parse().ok()?);
    (status == "suspended").then_some(Act::SuspendKeys { writer, epoch: Epoch(epoch) })
}

fn codes(codes: &[String]) -> Option<BTreeSet<MemberCode>> {
    codes.iter().map(|code| code.parse().ok()).collect()
}

fn sorted(map: HashMap<String, String>) -> BTreeMap<String, String> {
    map.into_iter().collect()
}
