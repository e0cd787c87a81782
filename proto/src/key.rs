//! Keys that sign records, checkpoints and possessions: ids, and the one way to verify.
//!
//! In scope: Ed25519 (RFC 8032) by `verify_strict`, the same everywhere; batch verification is not strict and is not used.
//! The algorithm belongs to the key in the directory, never to a message. Out of scope: where secret keys live (`certs`).

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use thiserror::Error;

use crate::hash::{Hash, PayloadType, hex, pae};

/// The first byte of what a key id hashes, for Ed25519.
const ED25519: u8 = 1;

/// Id of a key: the first 16 bytes of `SHA-256(algorithm || public key)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    /// From received bytes; none unless there are 16.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
    /// Of the bytes of a public key, whether or not they are one.
    pub(crate) fn of_bytes(public_key: &[u8]) -> Self {
        let hash = Hash::of_parts(&[&[ED25519], public_key]);
        let mut id = [0; 16];
        id.copy_from_slice(&hash.0[..16]);
        Self(id)
    }
}
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}
impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A signature that does not verify (code `SIGNATURE_BAD`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature does not verify")]
pub struct SignatureBad;

/// A public Ed25519 key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// From the 32 bytes; none where they are no point, or one of small order.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
        (!key.is_weak()).then_some(Self(key))
    }
    /// The public half of a secret key.
    #[must_use]
    pub fn of(secret: &SigningKey) -> Self {
        Self(secret.verifying_key())
    }
    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
    /// Its id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of_bytes(self.as_bytes())
    }
    /// Verifies a signature over the message itself, strictly.
    ///
    /// # Errors
    /// Where it does not verify.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureBad> {
        let signature = Signature::from_slice(signature).map_err(|_| SignatureBad)?;
        self.0.verify_strict(message, &signature).map_err(|_| SignatureBad)
    }
    /// Verifies a signature over the PAE of a body.
    ///
    /// # Errors
    /// Where it does not verify.
    pub fn verify_pae(&self, payload_type: PayloadType, body: &[u8], signature: &[u8]) -> Result<(), SignatureBad> {
        self.verify(&pae(payload_type, body), signature)
    }
}
impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ed25519:{}", self.id())
    }
}

/// Signs the PAE of a body; 64 bytes.
#[must_use]
pub fn sign_pae(secret: &SigningKey, payload_type: PayloadType, body: &[u8]) -> [u8; 64] {
    secret.sign(&pae(payload_type, body)).to_bytes()
}
