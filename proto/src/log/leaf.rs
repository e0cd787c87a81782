//! Leaf bytes: `version u8, type u8, accepted_at u64 (big endian, ms since 1970), SHA-256(signature) 32 bytes, body`.
//!
//! The body is a serialised statement, or (for a seal) a serialised `Seal`, or (for evidence) a serialised `Evidence`, or (where a
//! log succeeds another) a serialised `Succession`. In scope: making and parsing.

use prost::bytes::Bytes;

use super::evidence::EVIDENCE_MAX;
use super::succession::SUCCESSION_MAX;
use super::tree::leaf_hash;
use crate::hash::Hash;
use crate::record::form::FormError;
use crate::record::statement::STATEMENT_BOUND;

const VERSION: u8 = 1;
const HEADER: usize = 1 + 1 + 8 + 32;
/// Largest leaf but for evidence and successions, bytes.
pub const LEAF_MAX: usize = HEADER + STATEMENT_BOUND;
/// Largest leaf of evidence, bytes.
pub const EVIDENCE_LEAF_MAX: usize = HEADER + EVIDENCE_MAX;
/// Largest leaf of a succession, bytes.
pub const SUCCESSION_LEAF_MAX: usize = HEADER + SUCCESSION_MAX;

/// What a leaf is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeafType {
    /// A writer's record.
    Record,
    /// The hub's seal.
    Seal,
    /// Leaf 0.
    Genesis,
    /// Two statements that contradict each other.
    Evidence,
    /// The first leaf of a log that succeeds another.
    Succession,
}

impl LeafType {
    const fn to_byte(self) -> u8 {
        match self {
            Self::Record => 1,
            Self::Seal => 2,
            Self::Genesis => 3,
            Self::Evidence => 4,
            Self::Succession => 5,
        }
    }
    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Record),
            2 => Some(Self::Seal),
            3 => Some(Self::Genesis),
            4 => Some(Self::Evidence),
            5 => Some(Self::Succession),
            _ => None,
        }
    }
    /// Largest leaf of this type, bytes.
    const fn max(self) -> usize {
        match self {
            Self::Record | Self::Seal | Self::Genesis => LEAF_MAX,
            Self::Evidence => EVIDENCE_LEAF_MAX,
            Self::Succession => SUCCESSION_LEAF_MAX,
        }
    }
}

/// A parsed leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// What it is.
    pub leaf_type: LeafType,
    /// When the hub accepted it, milliseconds since 1970 UTC.
    pub accepted_at_ms: i64,
    /// SHA-256 of the signature bytes; of the empty string where there is none.
    pub signature_hash: Hash,
    /// Statement, seal, evidence or succession, as received.
    pub body: Bytes,
}

impl Leaf {
    /// A leaf for a body and its signature bytes (empty for leaves that prove themselves).
    #[must_use]
    pub fn new(leaf_type: LeafType, accepted_at_ms: i64, signature: &[u8], body: Bytes) -> Self {
        Self { leaf_type, accepted_at_ms, signature_hash: Hash::of(signature), body }
    }
    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut out = Vec::with_capacity(HEADER + self.body.len());
        out.extend([VERSION, self.leaf_type.to_byte()]);
        out.extend(self.accepted_at_ms.to_be_bytes());
        out.extend(self.signature_hash.0);
        out.extend(&self.body);
        out.into()
    }
    /// Parses received bytes; the body shares them.
    ///
    /// # Errors
    /// [`FormError`] names the field that breaks the form.
    pub fn parse(bytes: &Bytes) -> Result<Self, FormError> {
        let malformed = FormError::Malformed { field: "leaf" };
        let Some((header, _)) = bytes.split_first_chunk::<HEADER>() else { return Err(malformed) };
        let [version, leaf_type, rest @ ..] = header;
        let (Some((time, hash)), VERSION) = (rest.split_first_chunk::<8>(), *version) else { return Err(malformed) };
        let leaf_type = LeafType::from_byte(*leaf_type).ok_or(malformed.clone())?;
        if bytes.len() > leaf_type.max() {
            return Err(FormError::TooLarge { field: "leaf", max: leaf_type.max(), found: bytes.len() });
        }
        let accepted_at_ms = i64::from_be_bytes(*time);
        if accepted_at_ms < 0 {
            return Err(malformed);
        }
        Ok(Self {
            leaf_type,
            accepted_at_ms,
            signature_hash: Hash::from_slice(hash).ok_or(malformed)?,
            body: bytes.slice(HEADER..),
        })
    }
}

/// RFC 6962 hash of leaf bytes.
#[must_use]
pub fn hash(leaf: &[u8]) -> Hash {
    leaf_hash(leaf)
}
