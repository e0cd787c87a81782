//! Record proofs: a file with which somebody who knows nothing but the genesis decides who wrote a record and where it stands.
//!
//! The file holds the record with its inclusion proof below a signed checkpoint; all control leaves below a seal, each with its
//! inclusion proof, from which the verifier folds the directory itself: which key the log has, which keys the writer, who is a
//! witness; and the seal, whose chain over the control leaves shows that none is left out: neither a revocation nor a
//! suspension can be kept back. The seal stands above the record, so the key is judged at the record's own place, and what
//! became of it until the seal is known besides.
//!
//! In scope: the file and its parts ([`RecordProof`]); deciding ([`RecordProof::verify`], in `verify`). Out of scope: collecting
//! the parts (`node`), the words for what is proven (`certs`), whether the record breaks a rule of its kind or a later revision
//! replaced it: that takes records which are not for everybody.

mod error;
mod proven;
mod verify;

use prost::Message as _;
use prost::bytes::Bytes;

use crate::armour;
use crate::hash::{Hash, RecordId};
use crate::number::{LeafIndex, LogNumber};
use crate::sync::block::Entry;
use crate::wire::record as wire;

pub use error::RecordProofBad;
pub use proven::{Proven, SignedBy, Since, Vouched};

/// What the file says it is.
pub const LABEL: &str = "MULTAQA RECORD";

/// An entry with its inclusion proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenEntry {
    /// The entry.
    pub entry: Entry,
    /// Its inclusion path.
    pub path: Vec<Hash>,
}

/// A larger checkpoint with cosignatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// The checkpoint with the witnesses' lines, a signed note.
    pub checkpoint: String,
    /// That its tree begins with the tree of the proof's checkpoint.
    pub consistency: Vec<Hash>,
}

/// The parts of a file, not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordProof {
    /// Record id of the genesis.
    pub genesis: RecordId,
    /// Number of the log.
    pub log: LogNumber,
    /// The checkpoint with the witnesses' lines, a signed note.
    pub checkpoint: String,
    /// The record.
    pub record: ProvenEntry,
    /// The seal that closes the control leaves.
    pub seal: ProvenEntry,
    /// All control leaves below the seal, the genesis first.
    pub control: Vec<ProvenEntry>,
    /// Larger checkpoints, ascending: who cosigned one vouches for all that is below it.
    pub later: Vec<Later>,
}

impl RecordProof {
    /// The file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        armour::armour(LABEL, &self.to_wire().encode_to_vec())
    }
    /// Parses a file. Nothing of it is verified but its form: it has one spelling.
    ///
    /// # Errors
    /// [`RecordProofBad`] says what is wrong.
    pub fn parse(text: &[u8]) -> Result<Self, RecordProofBad> {
        let bytes = armour::open(LABEL, text).map_err(RecordProofBad::Armour)?;
        let message = wire::RecordProof::decode(&*bytes).map_err(|_| RecordProofBad::Undecodable)?;
        let proof = Self::from_wire(message)?;
        // Written anew it must be the same bytes: no unknown field and no other order passes.
        if proof.to_wire().encode_to_vec() == bytes { Ok(proof) } else { Err(RecordProofBad::NotCanonical) }
    }

    /// The message of the file.
    #[must_use]
    pub fn to_wire(&self) -> wire::RecordProof {
        wire::RecordProof {
            genesis: self.genesis.to_vec(),
            log: self.log.0,
            checkpoint: self.checkpoint.clone(),
            record: Some(self.record.to_wire()),
            seal: Some(self.seal.to_wire()),
            control: self.control.iter().map(ProvenEntry::to_wire).collect(),
            later: self.later.iter().map(Later::to_wire).collect(),
        }
    }
    fn from_wire(message: wire::RecordProof) -> Result<Self, RecordProofBad> {
        let wire::RecordProof { genesis, log, checkpoint, record, seal, control, later } = message;
        let missing = |field| RecordProofBad::Malformed { field };
        Ok(Self {
            genesis: Hash::from_slice(&genesis).ok_or(missing("genesis"))?,
            log: LogNumber(log),
            checkpoint,
            record: ProvenEntry::from_wire(record.ok_or(missing("record"))?)?,
            seal: ProvenEntry::from_wire(seal.ok_or(missing("seal"))?)?,
            control: control.into_iter().map(ProvenEntry::from_wire).collect::<Result<_, _>>()?,
            later: later.into_iter().map(Later::from_wire).collect::<Result<_, _>>()?,
        })
    }
}

impl Later {
    fn to_wire(&self) -> wire::LaterCheckpoint {
        let consistency = self.consistency.iter().map(|hash| hash.to_vec()).collect();
        wire::LaterCheckpoint { checkpoint: self.checkpoint.clone(), consistency }
    }
    fn from_wire(message: wire::LaterCheckpoint) -> Result<Self, RecordProofBad> {
        let wire::LaterCheckpoint { checkpoint, consistency } = message;
        Ok(Self { checkpoint, consistency: hashes(&consistency, "consistency")? })
    }
}

fn hashes(received: &[Vec<u8>], field: &'static str) -> Result<Vec<Hash>, RecordProofBad> {
    received.iter().map(|bytes| Hash::from_slice(bytes).ok_or(RecordProofBad::Malformed { field })).collect()
}

impl ProvenEntry {
    fn to_wire(&self) -> wire::ProvenEntry {
        let Entry { index, leaf, signature, content } = &self.entry;
        wire::ProvenEntry {
            index: index.0,
            leaf: leaf.to_vec(),
            signature: signature.to_vec(),
            content: content.as_ref().map(|content| content.to_vec()),
            path: self.path.iter().map(|hash| hash.to_vec()).collect(),
        }
    }
    fn from_wire(message: wire::ProvenEntry) -> Result<Self, RecordProofBad> {
        let wire::ProvenEntry { index, leaf, signature, content, path } = message;
        Ok(Self {
            entry: Entry {
                index: LeafIndex(index),
                leaf: leaf.into(),
                signature: signature.into(),
                content: content.map(Bytes::from),
            },
            path: hashes(&path, "path")?,
        })
    }
}
