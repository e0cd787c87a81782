//! Why an evidence file is refused: one variant for each rule.

use thiserror::Error;

use crate::armour::ArmourBad;
use crate::hash::RecordId;
use crate::id::Writer;
use crate::number::LeafIndex;

/// Why an evidence file is refused. Nothing of it counts then, not even what it claims.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EvidenceFileBad {
    /// It is not such a file, or its text was altered.
    #[error("not an evidence file: the file {0}")]
    Armour(ArmourBad),
    /// A message cannot be decoded.
    #[error("a message in it cannot be decoded")]
    Undecodable,
    /// A message is not spelled as it is written.
    #[error("a message in it is not spelled as it is written")]
    NotCanonical,
    /// A part is missing or of a wrong length.
    #[error("malformed: {field}")]
    Malformed {
        /// The part.
        field: &'static str,
    },
    /// The signature over all of it does not verify.
    #[error("the signature over the file does not verify")]
    Signature,
    /// Another key signed it than the one that its control records give the reporter.
    #[error("it is not signed by the record key of {reporter}")]
    SignerOther {
        /// The reporter.
        reporter: Writer,
    },
    /// It is of another federation.
    #[error("of the genesis {found}, {expected} was asked for")]
    GenesisOther {
        /// The genesis that the verifier trusts.
        expected: RecordId,
        /// The file's.
        found: RecordId,
    },
    /// A control leaf does not hold: its form, its place, its signature.
    #[error("the control leaf {index} does not hold: {why}")]
    ControlWrong {
        /// The leaf.
        index: LeafIndex,
        /// Why.
        why: &'static str,
    },
    /// The parts of what the node held contradict one another.
    #[error("what the node held contradicts itself: {0}")]
    Contradicts(&'static str),
}

impl EvidenceFileBad {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Armour(_) | Self::NotCanonical | Self::Signature => "EVIDENCE_FILE_ALTERED",
            Self::Undecodable | Self::Malformed { .. } => "EVIDENCE_FILE_MALFORMED",
            Self::SignerOther { .. } => "EVIDENCE_FILE_SIGNER_OTHER",
            Self::GenesisOther { .. } => "EVIDENCE_FILE_GENESIS_OTHER",
            Self::ControlWrong { .. } | Self::Contradicts(_) => "EVIDENCE_FILE_CONTRADICTS",
        }
    }
    /// Arguments of the code's message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::SignerOther { reporter } => vec![("writer", reporter.to_string())],
            Self::GenesisOther { expected, found } => {
                vec![("expected", expected.to_string()), ("found", found.to_string())]
            }
            Self::Armour(_)
            | Self::NotCanonical
            | Self::Signature
            | Self::Undecodable
            | Self::Malformed { .. }
            | Self::ControlWrong { .. }
            | Self::Contradicts(_) => vec![("detail", self.to_string())],
        }
    }
}
