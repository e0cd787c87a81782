//! The directory: who is in, which keys speak for them, which rules are in force, at every index of the log.
//!
//! A pure fold of control records, the same at the hub and at every node. What it holds is versioned by index, since a
//! record is judged at its own index and an audience at a reader's view. In scope: look-ups. Out of scope: applying a
//! control record (`directory::apply`), approvals (`directory::approval`), evidence (`directory::frozen`), which log is in force
//! (`directory::succeeded`), who may read what (`view`).

pub mod act;
pub mod apply;
pub mod approval;
pub mod change;
pub mod frozen;
pub mod possession;
pub mod renewal;
pub mod succeeded;

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::hash::RecordId;
use crate::id::{FederationName, GroupSlug, MemberCode, NodeName, OperatorName, Writer};
use crate::key::{KeyId, PublicKey};
use crate::kind::MemberClass;
use crate::number::{Epoch, LeafIndex, Seq};
use crate::record::Parsed;
use crate::record::batch::VerifiedRoots;
use approval::Pending;
use frozen::Equivocation;
use succeeded::Succeeded;

/// Why a record changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Void {
    /// The stable code of the broken rule.
    pub code: &'static str,
    /// Arguments of the code's message.
    pub args: Vec<(&'static str, String)>,
}

impl Void {
    /// A broken rule without arguments.
    #[must_use]
    pub const fn new(code: &'static str) -> Self {
        Self { code, args: Vec::new() }
    }
    /// A broken rule with one argument.
    #[must_use]
    pub fn with(code: &'static str, name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        Self { code, args: vec![(name, value.to_string())] }
    }
}

/// The rules in force from an index on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Number, from 1.
    pub number: u64,
    /// The key that signs checkpoints.
    pub log_key: PublicKey,
    /// Operators' record keys by name.
    pub operators: BTreeMap<OperatorName, PublicKey>,
    /// How many operators an operator record needs.
    pub operators_required: usize,
    /// States whose nodes witness.
    pub witnesses: BTreeSet<MemberCode>,
    /// Version of the rules.
    pub rules: u32,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Class.
    pub class: MemberClass,
    /// Name by language.
    pub name: BTreeMap<String, String>,
    /// Whether it is in force, from each index on.
    pub active: Vec<(LeafIndex, bool)>,
    /// Record ids of its revisions, oldest first.
    pub revisions: Vec<RecordId>,
}

impl Member {
    /// Whether the member is in force at this index.
    #[must_use]
    pub fn active_at(&self, at: LeafIndex) -> bool {
        last_at(&self.active, at).copied().unwrap_or(false)
    }
}

/// What who joins a group reads of what came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// Everything.
    Full,
    /// Nothing.
    FromJoin,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Name by language.
    pub name: BTreeMap<String, String>,
    /// History rule, fixed at creation.
    pub history: History,
    /// Its members, from each index on.
    pub members: Vec<(LeafIndex, BTreeSet<MemberCode>)>,
    /// Record ids of its revisions, oldest first.
    pub revisions: Vec<RecordId>,
}

impl Group {
    /// Its members at this index.
    #[must_use]
    pub fn members_at(&self, at: LeafIndex) -> Option<&BTreeSet<MemberCode>> {
        last_at(&self.members, at)
    }
}

/// An invitation of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Member.
    pub member: MemberCode,
    /// Node.
    pub node: NodeName,
    /// Epoch that its chain begins with.
    pub epoch: Epoch,
    /// The one-time key.
    pub key: PublicKey,
    /// Until when, by seal time, milliseconds since 1970 UTC.
    pub not_after_ms: i64,
    /// The `key` record that redeemed it.
    pub used_by: Option<RecordId>,
}

/// The keys of a node in one epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeKeys {
    /// Epoch.
    pub epoch: Epoch,
    /// The `key` record.
    pub record_id: RecordId,
    /// In force after this index.
    pub from: LeafIndex,
    /// Suspended from this index on.
    pub suspended: Option<LeafIndex>,
    /// Signs records.
    pub record: PublicKey,
    /// Cosigns checkpoints.
    pub witness: PublicKey,
    /// Authenticates live calls.
    pub session: PublicKey,
}

/// A genesis that cannot be opened (code `GENESIS_WRONG`).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a genesis: {0}")]
pub struct GenesisWrong(pub &'static str);

/// See the module.
#[derive(Debug, Clone)]
pub struct Directory {
    genesis: RecordId,
    federation: FederationName,
    root_certificate: Vec<u8>,
    standby_log_key: PublicKey,
    policies: Vec<(LeafIndex, Policy)>,
    members: BTreeMap<MemberCode, Member>,
    groups: BTreeMap<GroupSlug, Group>,
    invitations: BTreeMap<RecordId, Invitation>,
    keys: BTreeMap<Writer, Vec<NodeKeys>>,
    pending: BTreeMap<RecordId, Pending>,
    equivocations: BTreeMap<Writer, Vec<Equivocation>>,
    successions: Vec<Succeeded>,
}

impl Directory {
    /// Opens the genesis: an operator that it names must have signed it.
    ///
    /// # Errors
    /// [`GenesisWrong`] says what is missing. Whether it is the expected genesis, the caller compares by [`Directory::genesis`].
    pub fn open(record: &Parsed) -> Result<Self, GenesisWrong> {
        let wrong = GenesisWrong;
        let content = record.content().ok_or(wrong("no content"))?.map_err(|_| wrong("malformed content"))?;
        if content.kind() != "genesis" || record.statement.federation.is_some() {
            return Err(wrong("another kind of record"));
        }
        let payload = content.payload().ok_or(wrong("no payload"))?;
        let (federation, root_certificate, standby_log_key, policy) =
            act::genesis(payload).ok_or(wrong("malformed payload"))?;
        let Writer::Operator(author) = &record.statement.writer else { return Err(wrong("not by an operator")) };
        let key = policy.operators.get(author).ok_or(wrong("not by one of its operators"))?;
        record
            .signature
            .verify(
                record.record_id,
                &record.statement.writer,
                record.statement.epoch,
                key,
                &mut VerifiedRoots::default(),
            )
            .map_err(|_| wrong("the signature does not verify"))?;
        Ok(Self {
            genesis: record.record_id,
            federation,
            root_certificate,
            standby_log_key,
            policies: vec![(LeafIndex(0), policy)],
            members: BTreeMap::new(),
            groups: BTreeMap::new(),
            invitations: BTreeMap::new(),
            keys: BTreeMap::new(),
            pending: BTreeMap::new(),
            equivocations: BTreeMap::new(),
            successions: Vec::new(),
        })
    }
    /// Record id of the genesis: the federation's identity.
    #[must_use]
    pub const fn genesis(&self) -> RecordId {
        self.genesis
    }
    /// The federation's name.
    #[must_use]
    pub const fn federation(&self) -> &FederationName {
        &self.federation
    }
    /// The root certificate, DER.
    #[must_use]
    pub fn root_certificate(&self) -> &[u8] {
        &self.root_certificate
    }
    /// The log key that takes over when the active one is lost.
    #[must_use]
    pub const fn standby_log_key(&self) -> &PublicKey {
        &self.standby_log_key
    }
    /// The policy in force at this index.
    #[must_use]
    pub fn policy_at(&self, at: LeafIndex) -> &Policy {
        last_at(&self.policies, at).unwrap_or(&self.policies[0].1)
    }
    /// The newest policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        self.policy_at(LeafIndex(u64::MAX))
    }
    /// A member.
    #[must_use]
    pub fn member(&self, code: &MemberCode) -> Option<&Member> {
        self.members.get(code)
    }
    /// All members by code.
    pub fn members(&self) -> impl Iterator<Item = (&MemberCode, &Member)> {
        self.members.iter()
    }
    /// A group.
    #[must_use]
    pub fn group(&self, slug: &GroupSlug) -> Option<&Group> {
        self.groups.get(slug)
    }
    /// All groups by slug.
    pub fn groups(&self) -> impl Iterator<Item = (&GroupSlug, &Group)> {
        self.groups.iter()
    }
    /// All invitations by record id.
    pub fn invitations(&self) -> impl Iterator<Item = (&RecordId, &Invitation)> {
        self.invitations.iter()
    }
    /// An invitation.
    #[must_use]
    pub fn invitation(&self, id: &RecordId) -> Option<&Invitation> {
        self.invitations.get(id)
    }
    /// The keys of a node, one set an epoch, oldest first.
    #[must_use]
    pub fn keys(&self, writer: &Writer) -> &[NodeKeys] {
        self.keys.get(writer).map_or(&[], Vec::as_slice)
    }
    /// All nodes that ever had keys.
    pub fn writers(&self) -> impl Iterator<Item = (&Writer, &[NodeKeys])> {
        self.keys.iter().map(|(writer, keys)| (writer, keys.as_slice()))
    }
    /// Records that wait for approvals.
    pub fn pending(&self) -> impl Iterator<Item = (&RecordId, &Pending)> {
        self.pending.iter()
    }
    /// The epoch that the next invitation of this node opens.
    #[must_use]
    pub fn next_epoch(&self, writer: &Writer) -> Epoch {
        let invited = self.invitations.values().filter(|i| Writer::Node(i.member.clone(), i.node.clone()) == *writer);
        invited.map(|i| i.epoch).max().unwrap_or_default().next()
    }
    /// The key by which a writer may have signed a statement: known for this epoch, whether or not it is in force.
    ///
    /// The one-time key of an invitation signs the first record of its epoch and nothing else.
    #[must_use]
    pub fn signing_key(&self, writer: &Writer, epoch: Epoch, seq: Seq, key_id: KeyId) -> Option<PublicKey> {
        match writer {
            Writer::Operator(name) => self
                .policies
                .iter()
                .filter_map(|(_, policy)| policy.operators.get(name))
                .find(|key| key.id() == key_id && epoch == Epoch(1))
                .copied(),
            Writer::Node(member, node) => self
                .keys(writer)
                .iter()
                .filter(|keys| keys.epoch == epoch)
                .map(|keys| keys.record)
                .chain(
                    self.invitations
                        .values()
                        .filter(|i| seq == Seq(1) && i.epoch == epoch && i.member == *member && i.node == *node)
                        .map(|i| i.key),
                )
                .find(|key| key.id() == key_id),
        }
    }
    /// Whether a writer's key is in force for a record at this index.
    ///
    /// # Errors
    /// [`Void`] names the rule: an unknown or suspended key, a suspended member, a former operator.
    pub fn judge_writer(&self, writer: &Writer, key_id: KeyId, at: LeafIndex) -> Result<(), Void> {
        match writer {
            Writer::Operator(name) => match self.policy_at(at).operators.get(name) {
                Some(key) if key.id() == key_id => Ok(()),
                _ => Err(Void::with("OPERATOR_UNKNOWN", "operator", name)),
            },
            Writer::Node(member, _) => {
                let known = self.keys(writer).iter().find(|keys| keys.record.id() == key_id && keys.from < at);
                let keys = known.ok_or_else(|| Void::with("KEY_UNKNOWN", "writer", writer))?;
                if keys.suspended.is_some_and(|from| from <= at) {
                    return Err(Void::with("KEY_SUSPENDED", "writer", writer));
                }
                if !self.member(member).is_some_and(|m| m.active_at(at)) {
                    return Err(Void::with("MEMBER_SUSPENDED", "member", member));
                }
                Ok(())
            }
        }
    }
}

/// The value in force at an index, of values that each begin at one.
fn last_at<T>(versions: &[(LeafIndex, T)], at: LeafIndex) -> Option<&T> {
    versions.iter().rev().find(|(from, _)| *from <= at).map(|(_, value)| value)
}
