//! Why nothing was published.

use std::fmt::Display;

use multaqa_certs::random::RandomError;

use crate::code;
use crate::file::Finding;
use crate::store::StoreError;

/// A rule that a record breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Stable code.
    pub code: &'static str,
    /// Arguments of the code's message.
    pub args: Vec<(&'static str, String)>,
}

impl Broken {
    pub(crate) fn with(code: &'static str, name: &'static str, value: impl Display) -> Self {
        Self { code, args: vec![(name, value.to_string())] }
    }
    pub(crate) fn and(mut self, name: &'static str, value: impl Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

/// Why nothing was published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// Files break rules; by file and line.
    #[error("{} findings", .0.len())]
    Refused(Vec<Finding>),
    /// A rule that no file is to blame for.
    #[error("{}", .0.code)]
    Broken(Broken),
    /// The journal or the replica.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system gave no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl From<Broken> for PublishError {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl PublishError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) => code::FILES_REFUSED,
            Self::Broken(broken) => broken.code,
            Self::Store(error) => error.code(),
            Self::Random(error) => error.code(),
        }
    }
    /// Arguments of the code's message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Refused(findings) => vec![("count", findings.len().to_string())],
            Self::Broken(broken) => broken.args.clone(),
            Self::Store(error) => error.args(),
            Self::Random(error) => error.args(),
        }
    }
}
