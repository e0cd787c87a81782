//! Why a certificate is refused, one variant a rule.

use thiserror::Error;

use super::date;
use crate::check::Broken;
use crate::name::PeerIdentity;
use crate::serials::SerialError;

/// Why a certificate is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// It cannot be read, or is longer than we read.
    #[error("the certificate cannot be read: {why}")]
    Malformed {
        /// What is wrong.
        why: String,
    },
    /// No certificate was sent, or a chain that is not leaf and issuing CA.
    #[error("a chain of {found} certificates, 2 are needed: leaf and issuing CA")]
    ChainLength {
        /// How many.
        found: usize,
    },
    /// It, or its CA, is past its last second.
    #[error("the certificate held until {not_after}, it is {now}", not_after = date(*.not_after), now = date(*.now))]
    Expired {
        /// Its last second, Unix time.
        not_after: u64,
        /// The clock, Unix seconds.
        now: u64,
    },
    /// It, or its CA, is before its first second.
    #[error("the certificate holds from {not_before}, it is {now}", not_before = date(*.not_before), now = date(*.now))]
    NotYetValid {
        /// Its first second, Unix time.
        not_before: u64,
        /// The clock, Unix seconds.
        now: u64,
    },
    /// The root is outside its own dates.
    #[error("the root holds from {not_before} to {not_after}, it is {now}",
        not_before = date(*.not_before), not_after = date(*.not_after), now = date(*.now))]
    RootExpired {
        /// The root's first second, Unix time.
        not_before: u64,
        /// The root's last second, Unix time.
        not_after: u64,
        /// The clock, Unix seconds.
        now: u64,
    },
    /// Signed by none of the federation's issuing CAs.
    #[error("the certificate was issued by another CA")]
    Foreign,
    /// Issued for the other side of a connection.
    #[error("the certificate is not for this purpose: a {wanted} was expected")]
    Purpose {
        /// `server` or `client`.
        wanted: &'static str,
    },
    /// Another reason of the chain check, a name outside the issuing CA's zone for one.
    #[error("the chain does not hold: {why}")]
    Chain {
        /// What the chain check said.
        why: String,
    },
    /// It does not keep to its profile.
    #[error("{}", list(.0))]
    Profile(Vec<Broken>),
    /// The allow-list, or the list of open invitations, does not have it.
    #[error(transparent)]
    Serial(#[from] SerialError),
    /// Not the hub that was dialled.
    #[error("the hub {expected} was expected, {found} answered")]
    WrongHub {
        /// The name expected.
        expected: String,
        /// Who answered.
        found: PeerIdentity,
    },
    /// While joining, another chain than at first.
    #[error("another certificate chain than on the first connection")]
    ProvisionalChanged,
}

impl VerifyError {
    /// The stable code of this error; for a broken profile that of the first rule broken.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "CERT_MALFORMED",
            Self::ChainLength { .. } => "CERT_CHAIN_LENGTH",
            Self::Expired { .. } => "CERT_EXPIRED",
            Self::NotYetValid { .. } => "CERT_NOT_YET_VALID",
            Self::RootExpired { .. } => "CERT_ROOT_EXPIRED",
            Self::Foreign => "CERT_FOREIGN",
            Self::Purpose { .. } => "CERT_PURPOSE",
            Self::Chain { .. } => "CERT_CHAIN",
            Self::Profile(broken) => broken.first().map_or("CERT_MALFORMED", |first| first.code),
            Self::Serial(e) => e.code(),
            Self::WrongHub { .. } => "CERT_WRONG_HUB",
            Self::ProvisionalChanged => "CERT_PROVISIONAL_CHANGED",
        }
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Malformed { why } | Self::Chain { why } => vec![("why", why.clone())],
            Self::ChainLength { found } => vec![("found", found.to_string())],
            Self::Expired { not_after, now } => vec![("not_after", date(*not_after)), ("now", date(*now))],
            Self::NotYetValid { not_before, now } => vec![("not_before", date(*not_before)), ("now", date(*now))],
            Self::RootExpired { not_before, not_after, now } => {
                vec![("not_before", date(*not_before)), ("not_after", date(*not_after)), ("now", date(*now))]
            }
            Self::Foreign | Self::ProvisionalChanged => vec![],
            Self::Purpose { wanted } => vec![("wanted", (*wanted).to_owned())],
            Self::Profile(broken) => broken.first().map_or_else(Vec::new, Broken::args),
            Self::Serial(e) => e.args(),
            Self::WrongHub { expected, found } => vec![("expected", expected.clone()), ("found", found.to_string())],
        }
    }
}

fn list(broken: &[Broken]) -> String {
    broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
