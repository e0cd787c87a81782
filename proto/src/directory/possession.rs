//! Proof that a node holds the keys it names: each signs the same statement of all of them.
//!
//! In scope: making and checking the proofs that stay in the `key` record, so that anyone can check them at any time.

use ed25519_dalek::SigningKey;
use prost::Message as _;

use crate::hash::{PayloadType, RecordId};
use crate::id::{MemberCode, NodeName};
use crate::key::{PublicKey, sign_pae};
use crate::number::Epoch;
use crate::wire::{kind, record};

/// A node's secret keys.
#[derive(Debug)]
pub struct NodeSecrets<'a> {
    /// Signs records.
    pub record: &'a SigningKey,
    /// Cosigns checkpoints.
    pub witness: &'a SigningKey,
    /// Authenticates live calls.
    pub session: &'a SigningKey,
}

/// What a `key` record is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Record id of the genesis.
    pub genesis: RecordId,
    /// Member.
    pub member: MemberCode,
    /// Node.
    pub node: NodeName,
    /// Record id of the invitation.
    pub invitation: RecordId,
}

/// The payload of a `key` record that redeems an invitation.
#[must_use]
pub fn prove(subject: &Subject, epoch: Epoch, secrets: &NodeSecrets<'_>) -> kind::Key {
    let public = |secret: &SigningKey| PublicKey::of(secret).as_bytes().to_vec();
    let mut key = kind::Key {
        member: subject.member.to_string(),
        node: subject.node.to_string(),
        epoch: epoch.0,
        invitation: subject.invitation.to_vec(),
        status: "active".to_owned(),
        record_key: public(secrets.record),
        witness_key: public(secrets.witness),
        session_key: public(secrets.session),
        record_proof: Vec::new(),
        witness_proof: Vec::new(),
        session_proof: Vec::new(),
    };
    let body = body(subject.genesis, &key);
    let sign = |secret| sign_pae(secret, PayloadType::Possession, &body).to_vec();
    key.record_proof = sign(secrets.record);
    key.witness_proof = sign(secrets.witness);
    key.session_proof = sign(secrets.session);
    key
}

/// The three keys that a `key` record names, where each signed the possession; none otherwise.
#[must_use]
pub fn proven(genesis: RecordId, key: &kind::Key) -> Option<[PublicKey; 3]> {
    let body = body(genesis, key);
    let check = |key: &[u8], proof: &[u8]| {
        let key = PublicKey::from_slice(key)?;
        key.verify_pae(PayloadType::Possession, &body, proof).ok().map(|()| key)
    };
    Some([
        check(&key.record_key, &key.record_proof)?,
        check(&key.witness_key, &key.witness_proof)?,
        check(&key.session_key, &key.session_proof)?,
    ])
}

fn body(genesis: RecordId, key: &kind::Key) -> Vec<u8> {
    record::Possession {
        genesis: genesis.to_vec(),
        member: key.member.clone(),
        node: key.node.clone(),
        invitation: key.invitation.clone(),
        record_key: key.record_key.clone(),
        witness_key: key.witness_key.clone(),
        session_key: key.session_key.clone(),
    }
    .encode_to_vec()
}
