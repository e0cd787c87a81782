//! Why received bytes are not a record. Each variant has a stable code.

use thiserror::Error;

use crate::id::IdError;

/// Bytes that break the form of a record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormError {
    /// The bytes are not a message of the schema.
    #[error("{field} cannot be decoded")]
    Undecodable {
        /// The part.
        field: &'static str,
    },
    /// A field has the wrong length or contradicts another.
    #[error("{field} is malformed")]
    Malformed {
        /// The field.
        field: &'static str,
    },
    /// A part is larger than allowed.
    #[error("{field} has {found} bytes, {max} are allowed")]
    TooLarge {
        /// The part.
        field: &'static str,
        /// Limit, bytes.
        max: usize,
        /// Found, bytes.
        found: usize,
    },
    /// The content is not the one that the statement names.
    #[error("the content's hash is not the statement's")]
    ContentHash,
    /// An id breaks its grammar.
    #[error(transparent)]
    Id(#[from] IdError),
}

impl FormError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Undecodable { .. } => "RECORD_UNDECODABLE",
            Self::Malformed { .. } => "RECORD_MALFORMED",
            Self::TooLarge { .. } => "RECORD_TOO_LARGE",
            Self::ContentHash => "CONTENT_HASH_WRONG",
            Self::Id(_) => IdError::CODE,
        }
    }
    /// Arguments of the code's message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Undecodable { field } | Self::Malformed { field } => vec![("field", (*field).to_owned())],
            Self::TooLarge { field, max, found } => {
                vec![("field", (*field).to_owned()), ("max", max.to_string()), ("found", found.to_string())]
            }
            Self::ContentHash => Vec::new(),
            Self::Id(IdError { what, value, rule }) => {
                vec![("what", (*what).to_owned()), ("value", value.clone()), ("rule", (*rule).to_owned())]
            }
        }
    }
}
