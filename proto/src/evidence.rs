//! Evidence files: what a node that caught a hub hands on, so that others decide without it, offline.
//!
//! The file holds the reader's state before (the tree under the checkpoint that the log key signed, all control leaves, the
//! writers' newest statements), what the hub sent then, and the code of the rule that this breaks, all signed by the node.
//! Whoever verifies it rebuilds the state and takes what was sent as the node did: the same rule must break. What follows from
//! signatures and hashes alone is *proven*; that the hub sent it, and that the state was all there was, the node only *claims*.
//!
//! In scope: the file and its parts, signing (`Report`); opening (`EvidenceFile`); deciding (`verify`); what comes of it
//! (`finding`). Out of scope: collecting the parts and writing files (`node`), words (`certs`), contradictions of writers on the
//! log (`log::evidence`).

mod convert;
mod error;
mod finding;
mod verify;

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use prost::Message as _;
use prost::bytes::Bytes;

use crate::armour;
use crate::hash::{Hash, PayloadType, RecordId};
use crate::id::Writer;
use crate::key::{PublicKey, sign_pae};
use crate::log::chain::Head;
use crate::log::frontier::Frontier;
use crate::log::seal::ControlChain;
use crate::number::{Epoch, LeafIndex, LogNumber, TreeSize};
use crate::record::Received;
use crate::sync::block::Entry;
use crate::sync::intake::Intake;
use crate::wire::hub as wire;

pub use error::EvidenceFileBad;
pub use finding::{Finding, Verified};

/// What the file says it is.
pub const LABEL: &str = "MULTAQA EVIDENCE";

/// What a node caught a hub at.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Record id of the genesis.
    pub genesis: RecordId,
    /// Number of the log.
    pub log: LogNumber,
    /// The node.
    pub reporter: Writer,
    /// Open epoch of its chain.
    pub epoch: Epoch,
    /// When it was caught by the node's clock, milliseconds since 1970 UTC.
    pub caught_at_ms: i64,
    /// Code of the rule.
    pub code: String,
    /// Arguments of the code's message.
    pub args: BTreeMap<String, String>,
    /// What the node held before; none before its first frame.
    pub held: Option<Held>,
    /// What it was sent.
    pub sent: Sent,
}

/// A reader's state at its cursor.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Entries that were applied.
    pub size: TreeSize,
    /// The tree over them.
    pub frontier: Frontier,
    /// The checkpoint at that size, a signed note.
    pub checkpoint: String,
    /// The chain over the control leaves.
    pub control_chain: ControlChain,
    /// Time of the newest seal, milliseconds since 1970 UTC.
    pub seal_time_ms: i64,
    /// Time of the newest leaf, milliseconds since 1970 UTC.
    pub accepted_at_ms: i64,
    /// All control leaves, the genesis first; empty where they could not be given.
    pub control: Vec<ControlLeaf>,
    /// The newest statement of each writer.
    pub heads: BTreeMap<Writer, Head>,
    /// The newest seal; none before the first, and where it could not be given.
    pub seal: Option<PlacedLeaf>,
}

/// A leaf at its place, with the proof that it stands there below the checkpoint of what the reporter held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedLeaf {
    /// Its index.
    pub index: LeafIndex,
    /// Its bytes.
    pub leaf: Bytes,
    /// The inclusion proof.
    pub path: Vec<Hash>,
}

/// A control leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlLeaf {
    /// The entry.
    pub entry: Entry,
    /// Time of the newest seal below it, milliseconds since 1970 UTC; 0 before the first.
    pub seal_time_ms: i64,
}

/// What a hub sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    /// Entries.
    Frame(wire::Frame),
    /// Contents of entries that the node held as stubs: leaf and signature bytes of these.
    Fill {
        /// Contents.
        fill: wire::Fill,
        /// The stubs.
        stubs: BTreeMap<LeafIndex, (Bytes, Bytes)>,
    },
    /// Checkpoints.
    Checkpoints {
        /// The one that was sent first, then others that it contradicts.
        notes: Vec<String>,
        /// What the reporter's own tree was at the first one's size, where that is smaller.
        prefix: Option<Prefix>,
    },
    /// The answer that a record of the reporter's own stands at an index of the log.
    Answer {
        /// The record, without its content.
        record: Received,
        /// The index that the answer named.
        index: LeafIndex,
        /// The checkpoint that came with the answer, a signed note; empty where none came.
        checkpoint: String,
        /// What stands at the index; none where the log does not reach it.
        standing: Option<PlacedLeaf>,
    },
    /// That the reporter's log was closed.
    Succession {
        /// Leaf bytes of the succession.
        leaf: Bytes,
        /// What the reporter knows to be cosigned of that log: signed notes.
        cosigned: Vec<String>,
    },
}

/// A smaller tree with which a reader's tree begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix {
    /// Its size.
    pub size: TreeSize,
    /// Its root.
    pub root: Hash,
    /// The consistency proof from it to the reader's tree.
    pub hashes: Vec<Hash>,
}

impl Held {
    /// What a reader holds; none before its first frame. The control leaves and the newest seal are for the caller to give.
    #[must_use]
    pub fn of(intake: &Intake, control: Vec<ControlLeaf>, seal: Option<PlacedLeaf>) -> Option<Self> {
        let state = intake.state()?;
        Some(Self {
            size: state.size(),
            frontier: state.frontier().clone(),
            checkpoint: intake.checkpoint().to_owned(),
            control_chain: state.control(),
            seal_time_ms: state.seal_time_ms(),
            accepted_at_ms: state.accepted_at_ms(),
            control,
            heads: state.chains().heads().map(|(writer, head)| (writer.clone(), *head)).collect(),
            seal,
        })
    }
}

impl Report {
    /// The file's text, signed by the reporter.
    #[must_use]
    pub fn sign(&self, record_key: &SigningKey) -> String {
        let report = self.to_wire().encode_to_vec();
        let signature = sign_pae(record_key, PayloadType::Report, &report).to_vec();
        let public_key = PublicKey::of(record_key).as_bytes().to_vec();
        armour::armour(LABEL, &wire::SignedReport { report, public_key, signature }.encode_to_vec())
    }
}

/// A file that is what its key signed. Whose key that is, [`EvidenceFile::verify`] says.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceFile {
    report: Report,
    key: PublicKey,
}

impl EvidenceFile {
    /// Opens a file: its text, its spelling and its signature must hold.
    ///
    /// # Errors
    /// [`EvidenceFileBad`] says what is wrong.
    pub fn open(text: &[u8]) -> Result<Self, EvidenceFileBad> {
        let bytes = armour::open(LABEL, text).map_err(EvidenceFileBad::Armour)?;
        let undecodable = |_| EvidenceFileBad::Undecodable;
        let signed = wire::SignedReport::decode(&*bytes).map_err(undecodable)?;
        if signed.encode_to_vec() != bytes {
            return Err(EvidenceFileBad::NotCanonical);
        }
        let wire::SignedReport { report, public_key, signature } = signed;
        let key = PublicKey::from_slice(&public_key).ok_or(EvidenceFileBad::Malformed { field: "public_key" })?;
        key.verify_pae(PayloadType::Report, &report, &signature).map_err(|_| EvidenceFileBad::Signature)?;
        let parsed = Report::from_wire(wire::Report::decode(&*report).map_err(undecodable)?)?;
        // Written anew it must be the same bytes: no unknown field and no other order passes.
        if parsed.to_wire().encode_to_vec() != report {
            return Err(EvidenceFileBad::NotCanonical);
        }
        Ok(Self { report: parsed, key })
    }
    /// What the node reports.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }
}
