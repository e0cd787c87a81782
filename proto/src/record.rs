//! Records: statement, content, signature.
//!
//! In scope: received bytes (`Received`), their parsed form (`Parsed`), making one's own (`Draft`). Out of scope: chains and
//! places on the log (`log`), what a payload means (`kind`, `judge`).

pub mod audience;
pub mod batch;
pub mod content;
pub mod form;
pub mod lane;
pub mod statement;

use ed25519_dalek::SigningKey;
use prost::bytes::Bytes;

use crate::hash::{Hash, RecordId, record_id};
use crate::id::Writer;
use crate::number::{Epoch, Seq};
use crate::wire::record as wire;
use batch::Signature;
use content::Content;
use form::FormError;
use statement::Statement;

/// A record as it was received: three byte strings that are carried and stored as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Serialised statement.
    pub statement: Bytes,
    /// Serialised content; none where it was erased or is withheld.
    pub content: Option<Bytes>,
    /// Serialised signature.
    pub signature: Bytes,
}

impl From<wire::SignedRecord> for Received {
    fn from(record: wire::SignedRecord) -> Self {
        let wire::SignedRecord { statement, content, signature } = record;
        Self { statement, content, signature }
    }
}
impl From<Received> for wire::SignedRecord {
    fn from(record: Received) -> Self {
        let Received { statement, content, signature } = record;
        Self { statement, content, signature }
    }
}

impl Received {
    /// Bytes of its parts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.statement.len() + self.content.as_ref().map_or(0, Bytes::len) + self.signature.len()
    }
    /// Parses statement and signature, and checks that the content is the one that the statement names.
    ///
    /// # Errors
    /// [`FormError`] names the part that breaks the form; `content` where its hash is another.
    pub fn parse(self) -> Result<Parsed, FormError> {
        let statement = Statement::parse(&self.statement)?;
        let signature = Signature::parse(&self.signature)?;
        if let Some(content) = &self.content
            && Hash::of(content) != statement.content_hash
        {
            return Err(FormError::ContentHash);
        }
        Ok(Parsed { record_id: record_id(&self.statement), statement, signature, bytes: self })
    }
}

/// A record whose form holds. Whether its signature does, `log::state` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// Its id.
    pub record_id: RecordId,
    /// What the writer says for ever.
    pub statement: Statement,
    /// The signature over it.
    pub signature: Signature,
    /// The received bytes.
    pub bytes: Received,
}

impl Parsed {
    /// The content, parsed; none where the record has none here.
    ///
    /// # Errors
    /// [`FormError`] names the field that breaks the form.
    pub fn content(&self) -> Option<Result<Content, FormError>> {
        self.bytes.content.as_deref().map(Content::parse)
    }
}

/// Where a writer's next record stands in its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainPlace {
    /// Record id of the genesis; none for the genesis itself.
    pub federation: Option<RecordId>,
    /// The writer.
    pub writer: Writer,
    /// Its open epoch.
    pub epoch: Epoch,
    /// The place of the next record.
    pub seq: Seq,
    /// The record before it; none where `seq` is 1.
    pub previous: Option<RecordId>,
}

/// A record of one's own before it is signed.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The content.
    pub content: Content,
    /// The key of the writer's lane for the audience set: it takes the first half of the content's salt.
    pub lane: [u8; 16],
}

/// Signs drafts together, in order, from this place of the chain on. Each part is serialised once.
#[must_use]
pub fn sign(place: &ChainPlace, drafts: &[Draft], secret: &SigningKey) -> Vec<(RecordId, Received)> {
    let (mut seq, mut previous) = (place.seq, place.previous);
    let parts: Vec<_> = drafts
        .iter()
        .map(|draft| {
            let mut content = draft.content.clone();
            let lane = lane::bind(&place.writer, draft.lane, &mut content);
            let content = content.serialise();
            let statement = Statement {
                federation: place.federation,
                writer: place.writer.clone(),
                epoch: place.epoch,
                seq,
                previous,
                lane,
                content_hash: Hash::of(&content),
            }
            .serialise();
            let id = record_id(&statement);
            (seq, previous) = (seq.next(), Some(id));
            (id, statement, content)
        })
        .collect();
    let ids: Vec<_> = parts.iter().map(|(id, ..)| *id).collect();
    let signatures = batch::sign(secret, &place.writer, place.epoch, &ids);
    parts
        .into_iter()
        .zip(signatures)
        .map(|((id, statement, content), signature)| (id, Received { statement, content: Some(content), signature }))
        .collect()
}
