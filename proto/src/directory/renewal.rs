//! How a node asks for a certificate, the first and each next one: signed by its record key, so that a stolen TLS key alone
//! renews nothing, nor a stolen join key with a copy of the `key` record.
//!
//! In scope: the signed form, made and opened. Out of scope: whether the node may have one, and how old an asking may be (the
//! hub), when to ask (the node).

use ed25519_dalek::SigningKey;
use prost::Message as _;
use thiserror::Error;

use crate::hash::{Hash, PayloadType, RecordId};
use crate::id::{MemberCode, NodeName, Writer};
use crate::key::{PublicKey, sign_pae};
use crate::wire::record as wire;

/// Longest form that is read, bytes.
pub const RENEWAL_MAX: usize = 512;

/// What a node asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// Record id of the genesis.
    pub genesis: RecordId,
    /// Member.
    pub member: MemberCode,
    /// Node.
    pub node: NodeName,
    /// SHA-256 of the certificate request (PKCS#10, DER).
    pub certificate_request: Hash,
    /// The node's time, milliseconds since 1970 UTC.
    pub asked_at_ms: i64,
}

/// A renewal as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRenewal {
    /// The serialised form.
    pub bytes: Vec<u8>,
    /// The record key's signature over its PAE.
    pub signature: [u8; 64],
}

/// Why received bytes are no renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RenewalWrong {
    /// The signature does not verify (code `SIGNATURE_BAD`).
    #[error("the renewal is not signed by the node's record key")]
    Signature,
    /// A part breaks the form (code `REQUEST_MALFORMED`).
    #[error("{field} of the renewal is malformed")]
    Malformed {
        /// Which part.
        field: &'static str,
    },
}

impl Renewal {
    /// The node's writer.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer::Node(self.member.clone(), self.node.clone())
    }

    /// Serialises and signs it.
    #[must_use]
    pub fn sign(&self, record: &SigningKey) -> SignedRenewal {
        let bytes = wire::Renewal {
            genesis: self.genesis.to_vec(),
            member: self.member.to_string(),
            node: self.node.to_string(),
            certificate_request: self.certificate_request.to_vec(),
            asked_at_ms: self.asked_at_ms,
        }
        .encode_to_vec();
        let signature = sign_pae(record, PayloadType::Renewal, &bytes);
        SignedRenewal { bytes, signature }
    }

    /// Opens received bytes: the signature first, then the form of those same bytes.
    ///
    /// # Errors
    /// [`RenewalWrong`] names what does not hold.
    pub fn open(bytes: &[u8], signature: &[u8], record: &PublicKey) -> Result<Self, RenewalWrong> {
        let malformed = |field| RenewalWrong::Malformed { field };
        if bytes.len() > RENEWAL_MAX {
            return Err(malformed("renewal"));
        }
        record.verify_pae(PayloadType::Renewal, bytes, signature).map_err(|_| RenewalWrong::Signature)?;
        let form = wire::Renewal::decode(bytes).map_err(|_| malformed("renewal"))?;
        let wire::Renewal { genesis, member, node, certificate_request, asked_at_ms } = form;
        Ok(Self {
            genesis: Hash::from_slice(&genesis).ok_or(malformed("renewal.genesis"))?,
            member: member.parse().map_err(|_| malformed("renewal.member"))?,
            node: node.parse().map_err(|_| malformed("renewal.node"))?,
            certificate_request: Hash::from_slice(&certificate_request)
                .ok_or(malformed("renewal.certificate_request"))?,
            asked_at_ms,
        })
    }
}
