//! Classes of members, from the council's statutes.
//!
//! In scope: the closed list. Out of scope: who publishes what (`kind`), which class a member has (`directory`).

use std::fmt;
use std::str::FromStr;

use crate::id::IdError;

/// Class of a member, fixed when it is admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberClass {
    /// A state.
    State,
    /// The technical secretariat.
    Secretariat,
    /// An observer.
    Observer,
    /// A partner: expert body, private sector, academia.
    Partner,
}

impl MemberClass {
    /// All classes.
    pub const ALL: [Self; 4] = [Self::State, Self::Secretariat, Self::Observer, Self::Partner];

    /// The class as records carry it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Secretariat => "secretariat",
            Self::Observer => "observer",
            Self::Partner => "partner",
        }
    }
}

impl fmt::Display for MemberClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl FromStr for MemberClass {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        Self::ALL.into_iter().find(|class| class.as_str() == s).ok_or_else(|| IdError {
            what: "member class",
            value: s.chars().take(80).collect(),
            rule: "state, secretariat, observer or partner",
        })
    }
}
