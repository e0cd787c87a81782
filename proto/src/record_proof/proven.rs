//! What a record proof that holds proves.

use std::collections::BTreeSet;

use crate::hash::{Hash, RecordId};
use crate::id::{FederationName, MemberCode, Writer};
use crate::key::KeyId;
use crate::log::checkpoint::Checkpoint;
use crate::log::witness::{Cosignature, Label, Numbers};
use crate::number::{Epoch, LeafIndex, Seq, TreeSize};
use crate::record::content::Content;

/// What a record proof that holds proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The federation's name.
    pub federation: FederationName,
    /// Its genesis.
    pub genesis: RecordId,
    /// The record.
    pub record_id: RecordId,
    /// Who wrote it.
    pub writer: Writer,
    /// Epoch of its writer's chain.
    pub epoch: Epoch,
    /// Its place in that chain.
    pub seq: Seq,
    /// The key that signed it.
    pub key_id: KeyId,
    /// Through what the key is the writer's.
    pub signed_by: SignedBy,
    /// SHA-256 of its content.
    pub content_hash: Hash,
    /// Its content, where the file shows it.
    pub content: Option<Content>,
    /// For a control record: whether it took effect; it waits for approvals otherwise.
    pub effective: Option<bool>,
    /// Its place on the log.
    pub index: LeafIndex,
    /// When the hub says that it took it, milliseconds since 1970 UTC.
    pub accepted_at_ms: i64,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Place of the seal up to which all control records are known.
    pub sealed: LeafIndex,
    /// When the hub says that it sealed, milliseconds since 1970 UTC.
    pub sealed_at_ms: i64,
    /// How many control records there are below it.
    pub control_count: u64,
    /// What became of the writer between the record and the seal.
    pub since: Since,
    /// Number of the policy.
    pub policy: u64,
    /// Numbers of its witnesses.
    pub numbers: Numbers,
    /// Cosignatures over the checkpoint, or over one that begins with its tree, that count.
    pub cosignatures: Vec<Vouched>,
    /// The states that they are of.
    pub states: BTreeSet<MemberCode>,
    /// What these are enough for.
    pub label: Label,
}

/// A cosignature that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// Size of the tree that it is over.
    pub size: TreeSize,
    /// The cosignature.
    pub cosignature: Cosignature,
}

/// Through what a key is its writer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedBy {
    /// A `key` record of the node.
    Key {
        /// That record.
        record_id: RecordId,
        /// Its place: the key is in force after it.
        index: LeafIndex,
    },
    /// The one-time key of an invitation.
    Invitation,
    /// A policy that names the operator.
    Policy,
}

/// What became of the writer between the record and the seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Since {
    /// The key was suspended at this place.
    pub key_suspended: Option<LeafIndex>,
    /// The member is not in force at the seal.
    pub member_suspended: bool,
    /// The writer contradicted itself, and the evidence stands at this place.
    pub equivocated: Option<LeafIndex>,
}
