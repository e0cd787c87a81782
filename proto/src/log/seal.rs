//! Seals: the hub's unsigned leaves that fix time and the chain of control records under every checkpoint.
//!
//! In scope: their bytes and the control chain. Out of scope: when the hub writes one (`hub`).

use prost::Message as _;
use prost::bytes::Bytes;

use crate::hash::Hash;
use crate::record::form::FormError;
use crate::wire::record as wire;

/// Chain over the leaf hashes of all control leaves: `head_n = SHA-256(head_{n-1} || leaf_hash_n)`, `head_0` is 32 zero bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ControlChain {
    /// Control leaves so far.
    pub count: u64,
    /// The chain's head.
    pub head: Hash,
}

impl ControlChain {
    /// Adds a control leaf.
    pub fn push(&mut self, leaf_hash: Hash) {
        self.head = Hash::of_parts(&[&self.head.0, &leaf_hash.0]);
        self.count += 1;
    }
}

/// A parsed seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    /// The hub's time, milliseconds since 1970 UTC.
    pub time_ms: i64,
    /// The control chain before the seal.
    pub control: ControlChain,
}

impl Seal {
    /// Serialises a seal.
    #[must_use]
    pub fn serialise(&self) -> Bytes {
        wire::Seal {
            time_ms: self.time_ms,
            control_count: self.control.count,
            control_head: self.control.head.to_vec(),
        }
        .encode_to_vec()
        .into()
    }
    /// Parses received bytes.
    ///
    /// # Errors
    /// [`FormError`] names the field that breaks the form.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        let wire::Seal { time_ms, control_count, control_head } =
            wire::Seal::decode(bytes).map_err(|_| FormError::Undecodable { field: "seal" })?;
        let head = Hash::from_slice(&control_head).ok_or(FormError::Malformed { field: "seal.control_head" })?;
        if time_ms < 0 {
            return Err(FormError::Malformed { field: "seal.time_ms" });
        }
        Ok(Self { time_ms, control: ControlChain { count: control_count, head } })
    }
}
