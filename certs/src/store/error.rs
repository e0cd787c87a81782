//! Files that cannot be used, one variant a rule.

use std::path::PathBuf;

use thiserror::Error;

use super::FILE_MAX;

/// A file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("{path}: {why}", path = .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it said.
        why: String,
    },
    /// There is no such file.
    #[error("{path} does not exist", path = .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The group or others may read or write a key.
    #[error("{path} has mode {mode:04o}: a key must be its owner's alone (0600)", path = .path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A file stands where a new one should be made.
    #[error("{path} exists and is not overwritten", path = .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Longer than [`FILE_MAX`].
    #[error("{path} is longer than {FILE_MAX} bytes", path = .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The content is not what it should be.
    #[error("{path} holds no {what}", path = .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        what: &'static str,
    },
}

impl StoreError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "STORE_IO",
            Self::Missing { .. } => "STORE_FILE_MISSING",
            Self::Exposed { .. } => "STORE_KEY_EXPOSED",
            Self::Exists { .. } => "STORE_FILE_EXISTS",
            Self::TooLarge { .. } => "STORE_FILE_TOO_LARGE",
            Self::Malformed { .. } => "STORE_FILE_MALFORMED",
        }
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let (path, more) = match self {
            Self::Io { path, why } => (path, Some(("why", why.clone()))),
            Self::Exposed { path, mode } => (path, Some(("mode", format!("{mode:04o}")))),
            Self::Malformed { path, what } => (path, Some(("what", (*what).to_owned()))),
            Self::TooLarge { path } => (path, Some(("limit", FILE_MAX.to_string()))),
            Self::Missing { path } | Self::Exists { path } => (path, None),
        };
        std::iter::once(("path", path.display().to_string())).chain(more).collect()
    }
}
