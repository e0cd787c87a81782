//! Why the log gives no answer, or does not open.

use std::path::PathBuf;

use multaqa_runtime::fault::Fault;
use thiserror::Error;

use super::refill::REFILLING;
use crate::store::StoreError;

/// Why the log gives no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LogError {
    /// The sequencer stands still: not before a restart.
    #[error("the log takes no records: {why}")]
    Halted {
        /// The code of what stopped it.
        why: String,
    },
    /// The commit could not be stored: to be submitted again; what was stored is answered as a duplicate.
    #[error("the commit could not be stored: {detail}")]
    BatchFailed {
        /// What the store said.
        detail: String,
    },
    /// Another process sequences this log.
    #[error("another hub holds {}", path.display())]
    AlreadyRunning {
        /// The lock file.
        path: PathBuf,
    },
    /// A lock file cannot be used.
    #[error("{} cannot be used: {detail}", path.display())]
    LockUnusable {
        /// The lock file.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// The log lacks what was published, and is being refilled.
    #[error("the log is being refilled by the nodes")]
    Refilling,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LogError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Halted { .. } => "HUB_HALTED",
            Self::BatchFailed { .. } => "BATCH_FAILED",
            Self::AlreadyRunning { .. } => "HUB_ALREADY_RUNNING",
            Self::LockUnusable { .. } => "LOCK_UNUSABLE",
            Self::Refilling => REFILLING,
            Self::Store(store) => store.code(),
        }
    }
    /// Arguments of the code's message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Halted { why } => vec![("why", why.clone())],
            Self::BatchFailed { detail } => vec![("detail", detail.clone())],
            Self::AlreadyRunning { path } => vec![("path", path.display().to_string())],
            Self::LockUnusable { path, detail } => {
                vec![("path", path.display().to_string()), ("detail", detail.clone())]
            }
            Self::Refilling => Vec::new(),
            Self::Store(store) => store.args(),
        }
    }
}

impl From<LogError> for Fault {
    fn from(error: LogError) -> Self {
        Self { code: error.code(), args: error.args() }
    }
}
