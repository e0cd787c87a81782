//! Cosignatures: C2SP `tlog-cosignature` v1, a witness's timestamped signature over a checkpoint's text.
//!
//! In scope: their bytes. Out of scope: when a node cosigns, what a quorum is.

use ed25519_dalek::{Signer as _, SigningKey};

use super::note;
use crate::id::{FederationName, MemberCode, NodeName};
use crate::key::PublicKey;

/// The name of a node's witness key: `<federation>/witness/<member>/<node>`.
#[must_use]
pub fn witness_name(federation: &FederationName, member: &MemberCode, node: &NodeName) -> String {
    format!("{federation}/witness/{member}/{node}")
}

/// The signature line of a cosignature at this time (seconds since 1970 UTC) over a checkpoint's text.
#[must_use]
pub fn sign(name: &str, witness_key: &SigningKey, time: u64, text: &str) -> String {
    let mut payload = time.to_be_bytes().to_vec();
    payload.extend(witness_key.sign(message(time, text).as_bytes()).to_bytes());
    let key_hash = note::key_hash(name, note::COSIGNATURE, PublicKey::of(witness_key).as_bytes());
    note::line(name, key_hash, &payload)
}

/// The time of the witness's cosignature among these lines, where it verifies.
#[must_use]
pub fn verify(lines: &[&str], name: &str, witness_key: &PublicKey, text: &str) -> Option<u64> {
    let key_hash = note::key_hash(name, note::COSIGNATURE, witness_key.as_bytes());
    let payload = note::signature(lines, name, key_hash)?;
    let (time, signature) = payload.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    witness_key.verify(message(time, text).as_bytes(), signature).ok().map(|()| time)
}

fn message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}
