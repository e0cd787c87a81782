//! SHA-256 values with a name, and DSSE's pre-authentication encoding.
//!
//! In scope: `Hash`, hex, `pae`. Out of scope: Merkle trees (`log::tree`).

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// A SHA-256 value: a record id, a content hash, a tree root.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

/// Id of a record: `SHA-256(PAE("multaqa/statement/v1", statement))`.
pub type RecordId = Hash;

impl Hash {
    /// SHA-256 of the bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
    /// SHA-256 of the parts, one after the other.
    #[must_use]
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
    /// From received bytes; none unless there are 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
    /// The bytes, owned.
    #[must_use]
    pub fn to_vec(self) -> Vec<u8> {
        self.0.to_vec()
    }
    /// The first eight hex digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        hex(&self.0[..4])
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}
impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl FromStr for Hash {
    type Err = HexError;
    fn from_str(s: &str) -> Result<Self, HexError> {
        unhex(s).and_then(|b| Self::from_slice(&b)).ok_or(HexError)
    }
}
impl serde::Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// Text that is not 64 hex digits (code `ID_MALFORMED`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hex digits")]
pub struct HexError;

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).map(char::from).collect()
}

/// Bytes of a hex text; none where it is not hex.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    bytes.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// What the payload of a PAE is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadType {
    /// A serialised `Statement`: its hash is the record id.
    Statement,
    /// A serialised `BatchStatement`: what record keys sign.
    Batch,
    /// A serialised `Possession`: what proves that a node holds its keys.
    Possession,
    /// A serialised `Renewal`: what asks for a node's certificate.
    Renewal,
    /// A serialised `Report`: what a node says that it caught a hub at.
    Report,
    /// A serialised `Decision`: that an operator closes a log.
    Succession,
}

impl PayloadType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Statement => "multaqa/statement/v1",
            Self::Batch => "multaqa/batch/v1",
            Self::Possession => "multaqa/possession/v1",
            Self::Renewal => "multaqa/renewal/v1",
            Self::Report => "multaqa/report/v1",
            Self::Succession => "multaqa/succession/v1",
        }
    }
}

/// DSSE v1 pre-authentication encoding: `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`.
#[must_use]
pub fn pae(payload_type: PayloadType, body: &[u8]) -> Vec<u8> {
    let name = payload_type.as_str();
    let mut out = format!("DSSEv1 {} {} {} ", name.len(), name, body.len()).into_bytes();
    out.extend_from_slice(body);
    out
}

/// The id of the record with this statement.
#[must_use]
pub fn record_id(statement: &[u8]) -> RecordId {
    Hash::of(&pae(PayloadType::Statement, statement))
}
