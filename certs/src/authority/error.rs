//! Why nothing was issued, one variant a rule.

use std::path::PathBuf;

use multaqa_proto::id::FederationName;
use thiserror::Error;

use crate::name::{NameError, PeerIdentity};
use crate::profile::Profile;
use crate::random::RandomError;
use crate::request::RequestError;
use crate::store::StoreError;
use crate::verify::VerifyError;

/// Why nothing was issued.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuthorityError {
    /// A file cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A name cannot stand in a certificate.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A request is refused.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A CA's own certificate does not hold.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// This CA does not issue to that role.
    #[error("the {issuer} does not issue to {identity}")]
    WrongIssuer {
        /// The CA.
        issuer: Profile,
        /// Whom to.
        identity: PeerIdentity,
    },
    /// Not one of the three issuing CAs.
    #[error("a {profile} is no issuing CA")]
    NotIssuing {
        /// The profile.
        profile: Profile,
    },
    /// A longer life than the profile's was asked for, or none.
    #[error("a {profile} certificate lives 1 to {limit} days, {days} were asked for")]
    Life {
        /// The profile.
        profile: Profile,
        /// The days asked for.
        days: u32,
        /// The profile's days.
        limit: u64,
    },
    /// The CA is expired or about to be.
    #[error("the {issuer} certificate holds until {not_after} (Unix seconds): it issues nothing any more")]
    Expired {
        /// The CA.
        issuer: Profile,
        /// Its last second.
        not_after: u64,
    },
    /// Key and certificate of a CA do not belong together.
    #[error("{path} is not the key of the certificate beside it", path = .path.display())]
    KeyMismatch {
        /// The key file.
        path: PathBuf,
    },
    /// A federation's name has a part that is too long for DNS.
    #[error("{federation} has a part of more than 63 characters")]
    FederationName {
        /// The name.
        federation: FederationName,
    },
}

impl AuthorityError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(e) => e.code(),
            Self::Name(e) => e.code(),
            Self::Request(e) => e.code(),
            Self::Random(e) => e.code(),
            Self::Verify(e) => e.code(),
            Self::WrongIssuer { .. } => "ISSUER_WRONG",
            Self::NotIssuing { .. } => "ISSUER_UNKNOWN",
            Self::Life { .. } => "ISSUE_LIFE",
            Self::Expired { .. } => "ISSUER_EXPIRED",
            Self::KeyMismatch { .. } => "ISSUER_KEY_MISMATCH",
            Self::FederationName { .. } => "FEDERATION_NAME_LABEL",
        }
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Store(e) => e.args(),
            Self::Name(e) => e.args(),
            Self::Request(e) => e.args(),
            Self::Random(e) => e.args(),
            Self::Verify(e) => e.args(),
            Self::WrongIssuer { issuer, identity } => {
                vec![("issuer", issuer.to_string()), ("identity", identity.to_string())]
            }
            Self::NotIssuing { profile } => vec![("profile", profile.to_string())],
            Self::Life { profile, days, limit } => {
                vec![("profile", profile.to_string()), ("days", days.to_string()), ("limit", limit.to_string())]
            }
            Self::Expired { issuer, not_after } => {
                vec![("issuer", issuer.to_string()), ("not_after", crate::verify::date(*not_after))]
            }
            Self::KeyMismatch { path } => vec![("path", path.display().to_string())],
            Self::FederationName { federation } => vec![("federation", federation.to_string())],
        }
    }
}
