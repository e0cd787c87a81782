//! What a writer says of a record for ever: its place in a chain and the hash of its content.
//!
//! In scope: parsing from received bytes, serialising once, the record id. Out of scope: whether the chain holds (`log::chain`).

use prost::Message as _;
use prost::bytes::Bytes;

use super::form::FormError;
use crate::hash::{Hash, RecordId, record_id};
use crate::id::Writer;
use crate::number::{Epoch, Seq};
use crate::wire::record as wire;

/// Serialised statements are shorter than this, bytes.
pub const STATEMENT_BOUND: usize = 256;

/// A parsed statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Record id of the genesis; none in the genesis itself.
    pub federation: Option<RecordId>,
    /// Who wrote the record.
    pub writer: Writer,
    /// Epoch of the writer's chain.
    pub epoch: Epoch,
    /// Place in the chain.
    pub seq: Seq,
    /// Record id of the statement before it; none for the first of an epoch.
    pub previous: Option<RecordId>,
    /// The writer's name for the audience set.
    pub lane: [u8; 16],
    /// SHA-256 of the serialised content.
    pub content_hash: Hash,
}

impl Statement {
    /// Parses received bytes.
    ///
    /// # Errors
    /// [`FormError`] names the field that breaks the form.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        if bytes.len() >= STATEMENT_BOUND {
            return Err(FormError::TooLarge { field: "statement", max: STATEMENT_BOUND - 1, found: bytes.len() });
        }
        let wire::Statement { federation, writer, epoch, seq, previous, lane, content_hash } =
            wire::Statement::decode(bytes).map_err(|_| FormError::Undecodable { field: "statement" })?;
        let malformed = |field| FormError::Malformed { field };
        let optional = |bytes: &[u8], field| match bytes {
            [] => Ok(None),
            bytes => Hash::from_slice(bytes).map(Some).ok_or(malformed(field)),
        };
        let statement = Self {
            federation: optional(&federation, "statement.federation")?,
            writer: writer.parse()?,
            epoch: Epoch(epoch),
            seq: Seq(seq),
            previous: optional(&previous, "statement.previous")?,
            lane: lane.try_into().map_err(|_| malformed("statement.lane"))?,
            content_hash: Hash::from_slice(&content_hash).ok_or(malformed("statement.content_hash"))?,
        };
        if epoch == 0 || i64::try_from(epoch).is_err() {
            return Err(malformed("statement.epoch"));
        }
        if seq == 0 || i64::try_from(seq).is_err() || (seq == 1) != statement.previous.is_none() {
            return Err(malformed("statement.seq"));
        }
        Ok(statement)
    }
    /// Serialises a statement of one's own, once.
    #[must_use]
    pub fn serialise(&self) -> Bytes {
        let optional = |hash: Option<Hash>| hash.map(Hash::to_vec).unwrap_or_default();
        wire::Statement {
            federation: optional(self.federation),
            writer: self.writer.to_string(),
            epoch: self.epoch.0,
            seq: self.seq.0,
            previous: optional(self.previous),
            lane: self.lane.to_vec(),
            content_hash: self.content_hash.to_vec(),
        }
        .encode_to_vec()
        .into()
    }
    /// The id of the record with this statement.
    #[must_use]
    pub fn record_id(&self) -> RecordId {
        record_id(&self.serialise())
    }
}
