//! Why the node's own CA issued nothing, one variant a rule.

use std::path::PathBuf;

use thiserror::Error;

use super::CLIENT_DAYS_MAX;
use crate::name::NameError;
use crate::request::RequestError;
use crate::store::StoreError;

/// Why nothing was issued.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SystemsError {
    /// A file cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A name cannot stand in a certificate.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A request is refused.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A longer life than allowed was asked for, or none.
    #[error("a system's certificate lives 1 to {CLIENT_DAYS_MAX} days, {days} were asked for")]
    Life {
        /// The days asked for.
        days: u32,
    },
    /// The CA has reached its end.
    #[error("the node's CA for systems held until {}", crate::verify::date(*.not_after))]
    CaExpired {
        /// Its last second, Unix time.
        not_after: u64,
    },
    /// There is a CA before this one, and no more than one is kept.
    #[error("the CA for systems before this one is in use, until {} at most", crate::verify::date(*.not_after))]
    CaOverlap {
        /// Its last second, Unix time.
        not_after: u64,
    },
    /// What lies there is no CA of this node's federation with its key.
    #[error("{path} holds no CA of this federation with its key", path = .path.display())]
    CaWrong {
        /// The file.
        path: PathBuf,
    },
    /// A port without a name.
    #[error("the port for systems has no name")]
    NoName,
}

impl SystemsError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(e) => e.code(),
            Self::Name(e) => e.code(),
            Self::Request(e) => e.code(),
            Self::Life { .. } => "SYSTEM_LIFE",
            Self::CaExpired { .. } => "SYSTEMS_CA_EXPIRED",
            Self::CaOverlap { .. } => "SYSTEMS_CA_OVERLAP",
            Self::CaWrong { .. } => "SYSTEMS_CA_WRONG",
            Self::NoName => "SYSTEMS_PORT_NAMELESS",
        }
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Store(e) => e.args(),
            Self::Name(e) => e.args(),
            Self::Request(e) => e.args(),
            Self::Life { days } => vec![("days", days.to_string()), ("limit", CLIENT_DAYS_MAX.to_string())],
            Self::CaExpired { not_after } | Self::CaOverlap { not_after } => {
                vec![("not_after", crate::verify::date(*not_after))]
            }
            Self::CaWrong { path } => vec![("path", path.display().to_string())],
            Self::NoName => vec![],
        }
    }
}
