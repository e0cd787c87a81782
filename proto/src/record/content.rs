//! What only the audience reads: the envelope of a payload.
//!
//! In scope: the domain type, parsing from received bytes, serialising once. Out of scope: the payload (`kind`).

use prost::Message as _;
use prost::bytes::Bytes;

use super::audience::Audience;
use super::form::FormError;
use crate::hash::{Hash, RecordId};
use crate::id::ObjectId;
use crate::number::{LogNumber, TreeSize};
use crate::wire::record as wire;

/// Largest serialised content, bytes.
pub const CONTENT_MAX: usize = 256 * 1024;
/// Most revisions that one object may have.
pub const REPLACES_MAX: usize = 4096;

/// A parsed content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Random bytes.
    pub salt: [u8; 32],
    /// The object.
    pub id: ObjectId,
    /// Revision of the object, from 1.
    pub revision: u64,
    /// Record ids of all earlier revisions, oldest first.
    pub replaces: Vec<RecordId>,
    /// Who it is for.
    pub audience: Audience,
    /// When the writer wrote it, milliseconds since 1970 UTC.
    pub authored_at_ms: i64,
    /// The newest checkpoint that the writer had verified; none before its first.
    pub seen: Option<Seen>,
    /// The payload.
    pub body: Body,
}

/// A checkpoint by its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Number of the log.
    pub log: LogNumber,
    /// Tree size.
    pub size: TreeSize,
    /// Root.
    pub root: Hash,
}

/// The payload of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Serialised message of the kind.
    Payload(Bytes),
    /// End-to-end encrypted; reserved, shown as unreadable.
    Sealed,
}

impl Content {
    /// The kind's name, as in the id.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.id.kind()
    }
    /// The payload bytes; none where it is sealed.
    #[must_use]
    pub fn payload(&self) -> Option<&Bytes> {
        match &self.body {
            Body::Payload(bytes) => Some(bytes),
            Body::Sealed => None,
        }
    }
    /// Parses received bytes. Unknown fields stay in the bytes, unread.
    ///
    /// # Errors
    /// [`FormError`] names the field that breaks the form.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        if bytes.len() > CONTENT_MAX {
            return Err(FormError::TooLarge { field: "content", max: CONTENT_MAX, found: bytes.len() });
        }
        let wire::Content { salt, id, kind, revision, replaces, audience, authored_at_ms, seen_checkpoint, body } =
            wire::Content::decode(bytes).map_err(|_| FormError::Undecodable { field: "content" })?;
        let id: ObjectId = id.parse()?;
        if kind != id.kind() {
            return Err(FormError::Malformed { field: "content.kind" });
        }
        if replaces.len() > REPLACES_MAX || revision != replaces.len() as u64 + 1 {
            return Err(FormError::Malformed { field: "content.revision" });
        }
        let hash = |bytes: &Vec<u8>| Hash::from_slice(bytes).ok_or(FormError::Malformed { field: "content.replaces" });
        Ok(Self {
            salt: salt.try_into().map_err(|_| FormError::Malformed { field: "content.salt" })?,
            id,
            revision,
            replaces: replaces.iter().map(hash).collect::<Result<_, _>>()?,
            audience: Audience::parse(&audience)?,
            authored_at_ms,
            seen: seen_checkpoint.map(Seen::parse).transpose()?,
            body: match body {
                Some(wire::content::Body::Payload(bytes)) => Body::Payload(bytes.into()),
                Some(wire::content::Body::Sealed(_)) => Body::Sealed,
                None => Body::Payload(Bytes::new()),
            },
        })
    }
    /// Serialises a content of one's own, once.
    #[must_use]
    pub fn serialise(&self) -> Bytes {
        let body = match &self.body {
            Body::Payload(bytes) => wire::content::Body::Payload(bytes.to_vec()),
            Body::Sealed => wire::content::Body::Sealed(wire::Sealed::default()),
        };
        wire::Content {
            salt: self.salt.to_vec(),
            id: self.id.to_string(),
            kind: self.id.kind().to_owned(),
            revision: self.revision,
            replaces: self.replaces.iter().map(|id| id.to_vec()).collect(),
            audience: self.audience.to_strings(),
            authored_at_ms: self.authored_at_ms,
            seen_checkpoint: self.seen.map(|s| wire::SeenCheckpoint {
                log: s.log.0,
                size: s.size.0,
                root: s.root.to_vec(),
            }),
            body: Some(body),
        }
        .encode_to_vec()
        .into()
    }
}

impl Seen {
    fn parse(seen: wire::SeenCheckpoint) -> Result<Self, FormError> {
        let wire::SeenCheckpoint { log, size, root } = seen;
        let root = Hash::from_slice(&root).ok_or(FormError::Malformed { field: "content.seen_checkpoint.root" })?;
        Ok(Self { log: LogNumber(log), size: TreeSize(size), root })
    }
}
