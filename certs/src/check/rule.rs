//! The rules of the profiles, and what it is to break one.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

/// A rule of the profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// X.509 version 3.
    Version,
    /// Signed with ECDSA and SHA-384.
    Signature,
    /// A key on the profile's curve: P-384 for a CA, P-256 for a leaf.
    Key,
    /// No longer life than the profile's.
    Life,
    /// A positive serial of exactly 16 bytes.
    Serial,
    /// CA or not, with the profile's path length, critical.
    Ca,
    /// Exactly the profile's key usage, critical.
    KeyUsage,
    /// Exactly the profile's one extended key usage.
    Purpose,
    /// The issuing CA's DNS zone, no IP addresses, critical.
    Zone,
    /// Exactly one DNS name and one URI.
    Names,
    /// URI and DNS name that agree, of this federation.
    NamesAgree,
    /// A name of the profile's role.
    Role,
    /// Subject and authority key identifiers.
    KeyIds,
    /// No extension beyond the profile's, none twice.
    Extensions,
    /// A CA's subject that names the federation.
    Subject,
}

impl Rule {
    /// The stable code of breaking it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Version => "PROFILE_VERSION",
            Self::Signature => "PROFILE_SIGNATURE",
            Self::Key => "PROFILE_KEY",
            Self::Life => "PROFILE_LIFE",
            Self::Serial => "PROFILE_SERIAL",
            Self::Ca => "PROFILE_CA",
            Self::KeyUsage => "PROFILE_KEY_USAGE",
            Self::Purpose => "PROFILE_PURPOSE",
            Self::Zone => "PROFILE_ZONE",
            Self::Names => "PROFILE_NAMES",
            Self::NamesAgree => "PROFILE_NAMES_AGREE",
            Self::Role => "PROFILE_ROLE",
            Self::KeyIds => "PROFILE_KEY_IDS",
            Self::Extensions => "PROFILE_EXTENSIONS",
            Self::Subject => "PROFILE_SUBJECT",
        }
    }
}

/// A rule that a certificate breaks.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
#[error("{code}: a {profile} certificate needs {needs}, found {found}")]
pub struct Broken {
    /// The rule.
    #[serde(skip)]
    pub rule: Rule,
    /// Its code.
    pub code: &'static str,
    /// The profile that asks for it.
    pub profile: &'static str,
    /// What the profile asks for.
    pub needs: String,
    /// What the certificate holds.
    pub found: String,
}

impl Broken {
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        vec![("profile", self.profile.to_owned()), ("found", self.found.clone())]
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
