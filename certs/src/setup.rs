//! Why an end of TLS cannot be set up: what `client`, `server` and `systems` have in common.

use thiserror::Error;

use crate::verify::VerifyError;

/// A TLS configuration that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SetupError {
    /// A certificate does not hold.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// Key and certificate do not belong together, or the key is of no use.
    #[error("key and certificate cannot be used together: {why}")]
    Identity {
        /// What the TLS library said.
        why: String,
    },
}

impl SetupError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Verify(e) => e.code(),
            Self::Identity { .. } => "TLS_IDENTITY_UNUSABLE",
        }
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Verify(e) => e.args(),
            Self::Identity { why } => vec![("why", why.clone())],
        }
    }
}
