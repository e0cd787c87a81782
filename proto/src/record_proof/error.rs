//! Why a record proof proves nothing: one variant for each rule.

use thiserror::Error;

use crate::armour::ArmourBad;
use crate::directory::{GenesisWrong, Void};
use crate::hash::RecordId;
use crate::id::Writer;
use crate::log::checkpoint::CheckpointBad;
use crate::log::evidence::EvidenceWrong;
use crate::log::succession::SuccessionWrong;
use crate::number::{LeafIndex, TreeSize};
use crate::record::form::FormError;

/// Why a record proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordProofBad {
    /// It is not such a file, or its text was altered.
    #[error("not a record proof: the file {0}")]
    Armour(ArmourBad),
    /// The message cannot be decoded.
    #[error("the message cannot be decoded")]
    Undecodable,
    /// The message is not spelled as it is written.
    #[error("the message is not spelled as it is written")]
    NotCanonical,
    /// A part is missing or of a wrong length.
    #[error("malformed: {field}")]
    Malformed {
        /// The part.
        field: &'static str,
    },
    /// It is of another federation.
    #[error("of the genesis {found}, {expected} was asked for")]
    GenesisOther {
        /// The genesis that the verifier trusts.
        expected: RecordId,
        /// The file's.
        found: RecordId,
    },
    /// The first control leaf is not the genesis.
    #[error(transparent)]
    Genesis(#[from] GenesisWrong),
    /// An entry breaks the form, or its parts do not belong together.
    #[error("entry {index}: {form}")]
    Form {
        /// The entry.
        index: LeafIndex,
        /// How.
        form: FormError,
    },
    /// The signature is not the one that the leaf names, or the entry is not what its place in the file asks for.
    #[error("entry {index} is not what the file says it is")]
    EntryWrong {
        /// The entry.
        index: LeafIndex,
    },
    /// An entry stands where it must not: control leaves ascend, and seal and record follow.
    #[error("entry {index} is out of order")]
    OrderWrong {
        /// The entry.
        index: LeafIndex,
    },
    /// The checkpoint is not the log's.
    #[error("{0}")]
    Checkpoint(#[from] CheckpointBad),
    /// A line under the checkpoint is none of a witness that counts, or does not verify.
    #[error("a cosignature does not count")]
    CosignatureBad,
    /// An inclusion proof does not lead to the checkpoint's root.
    #[error("entry {index} is not below the checkpoint")]
    NotIncluded {
        /// The entry.
        index: LeafIndex,
    },
    /// A later checkpoint's tree does not begin with the checkpoint's, or they do not ascend.
    #[error("the tree of {size} leaves is not shown to begin with the checkpoint's")]
    NotConsistent {
        /// The later checkpoint.
        size: TreeSize,
    },
    /// The writer has no such key at that place.
    #[error("entry {index}: {writer} has no such key")]
    KeyUnknown {
        /// The entry.
        index: LeafIndex,
        /// Writer.
        writer: Writer,
    },
    /// The signature does not verify.
    #[error("entry {index}: the signature of {writer} does not verify")]
    SignatureBad {
        /// The entry.
        index: LeafIndex,
        /// Writer.
        writer: Writer,
    },
    /// A control record does not follow the one before it of the same writer, or the writer is frozen.
    #[error("entry {index}: it does not follow in the chain of {writer}")]
    ChainWrong {
        /// The entry.
        index: LeafIndex,
        /// Writer.
        writer: Writer,
    },
    /// Evidence on the log proves nothing.
    #[error("entry {index}: {why}")]
    Evidence {
        /// The entry.
        index: LeafIndex,
        /// Why.
        why: EvidenceWrong,
    },
    /// A succession does not hold.
    #[error("entry {index}: {why}")]
    Succession {
        /// The entry.
        index: LeafIndex,
        /// Why.
        why: SuccessionWrong,
    },
    /// The control leaves are not all that the seal counts.
    #[error("the seal counts {sealed} control records, {given} agree with it")]
    ControlIncomplete {
        /// Control leaves by the seal.
        sealed: u64,
        /// Control leaves in the file.
        given: u64,
    },
    /// The record is void at its place.
    #[error("void: {}", void.code)]
    RecordVoid {
        /// The rule.
        void: Void,
    },
}

impl RecordProofBad {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Armour(_) => "PROOF_FILE_ALTERED",
            Self::Undecodable | Self::NotCanonical | Self::Malformed { .. } => "PROOF_MALFORMED",
            Self::GenesisOther { .. } => "PROOF_GENESIS_OTHER",
            Self::Genesis(_) => "PROOF_GENESIS_WRONG",
            Self::Form { .. } | Self::EntryWrong { .. } => "PROOF_ENTRY_WRONG",
            Self::OrderWrong { .. } => "PROOF_ORDER_WRONG",
            Self::Checkpoint(_) => "PROOF_CHECKPOINT_BAD",
            Self::CosignatureBad => "PROOF_COSIGNATURE_BAD",
            Self::NotIncluded { .. } => "PROOF_NOT_INCLUDED",
            Self::NotConsistent { .. } => "PROOF_NOT_CONSISTENT",
            Self::KeyUnknown { .. } => "PROOF_KEY_UNKNOWN",
            Self::SignatureBad { .. } => "PROOF_SIGNATURE_BAD",
            Self::ChainWrong { .. } => "PROOF_CHAIN_WRONG",
            Self::Evidence { .. } => "PROOF_EVIDENCE_WRONG",
            Self::Succession { .. } => "PROOF_SUCCESSION_WRONG",
            Self::ControlIncomplete { .. } => "PROOF_CONTROL_INCOMPLETE",
            Self::RecordVoid { .. } => "PROOF_RECORD_VOID",
        }
    }
    /// Arguments of the code's message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let entry = |index: &LeafIndex| ("index", index.to_string());
        match self {
            Self::Armour(bad) => vec![("detail", bad.to_string())],
            Self::Undecodable | Self::NotCanonical | Self::Malformed { .. } => vec![("detail", self.to_string())],
            Self::GenesisOther { expected, found } => {
                vec![("expected", expected.to_string()), ("found", found.to_string())]
            }
            Self::Genesis(wrong) => vec![("detail", wrong.0.to_owned())],
            Self::Form { index, form } => vec![entry(index), ("detail", form.to_string())],
            Self::EntryWrong { index } => vec![entry(index), ("detail", self.to_string())],
            Self::OrderWrong { index } | Self::NotIncluded { index } => vec![entry(index)],
            Self::Checkpoint(bad) => vec![("detail", bad.0.to_owned())],
            Self::CosignatureBad => Vec::new(),
            Self::NotConsistent { size } => vec![("size", size.to_string())],
            Self::KeyUnknown { index, writer }
            | Self::SignatureBad { index, writer }
            | Self::ChainWrong { index, writer } => vec![entry(index), ("writer", writer.to_string())],
            Self::Evidence { index, why } => vec![entry(index), ("detail", why.0.to_owned())],
            Self::Succession { index, why } => vec![entry(index), ("detail", why.0.to_owned())],
            Self::ControlIncomplete { sealed, given } => {
                vec![("sealed", sealed.to_string()), ("given", given.to_string())]
            }
            Self::RecordVoid { void } => vec![("rule", void.code.to_owned())],
        }
    }
}
