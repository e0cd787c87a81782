//! Audiences: who a record is for.
//!
//! In scope: the set, its text form, growth. Out of scope: who is entitled (`view`), defaults by kind (`kind`).

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::id::{GroupSlug, IdError, MemberCode};

/// Most parts that one audience may have.
pub const AUDIENCE_MAX: usize = 64;

/// One part of an audience.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Every member, and it may be shown outside the network.
    Public,
    /// Members of every class.
    Members,
    /// States and the secretariat.
    States,
    /// Members of a group.
    Group(GroupSlug),
    /// One member.
    Member(MemberCode),
}

impl FromStr for Part {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        match s.split_once(':') {
            None if s == "public" => Ok(Self::Public),
            None if s == "members" => Ok(Self::Members),
            None if s == "states" => Ok(Self::States),
            Some(("group", slug)) => Ok(Self::Group(slug.parse()?)),
            Some(("member", code)) => Ok(Self::Member(code.parse()?)),
            _ => Err(IdError {
                what: "audience",
                value: s.chars().take(80).collect(),
                rule: "public, members, states, group:<id> or member:<code>",
            }),
        }
    }
}
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("public"),
            Self::Members => f.write_str("members"),
            Self::States => f.write_str("states"),
            Self::Group(slug) => write!(f, "group:{slug}"),
            Self::Member(code) => write!(f, "member:{code}"),
        }
    }
}

/// A non-empty set of parts. The writer's own member always belongs to it without being named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Audience(BTreeSet<Part>);

impl Audience {
    /// An audience of these parts.
    ///
    /// # Errors
    /// Where there is none, or more than [`AUDIENCE_MAX`].
    pub fn new(parts: impl IntoIterator<Item = Part>) -> Result<Self, IdError> {
        let parts: BTreeSet<_> = parts.into_iter().collect();
        if parts.is_empty() || parts.len() > AUDIENCE_MAX {
            return Err(IdError {
                what: "audience",
                value: parts.len().to_string(),
                rule: "at least one and at most 64 parts",
            });
        }
        Ok(Self(parts))
    }
    /// From its text parts.
    ///
    /// # Errors
    /// Where a part is malformed, or as [`Audience::new`].
    pub fn parse<S: AsRef<str>>(parts: &[S]) -> Result<Self, IdError> {
        Self::new(parts.iter().map(|p| p.as_ref().parse()).collect::<Result<Vec<_>, _>>()?)
    }
    /// The parts, in their fixed order.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.0.iter()
    }
    /// The text parts, in their fixed order.
    #[must_use]
    pub fn to_strings(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
    /// Whether everyone that `earlier` names is certainly named here too.
    ///
    /// Judged on the parts alone, so that every reader decides alike: `public` and `members` include everybody;
    /// `states` includes only itself, since a group or a named member need not be a state.
    #[must_use]
    pub fn includes(&self, earlier: &Self) -> bool {
        let all = self.0.contains(&Part::Public) || self.0.contains(&Part::Members);
        earlier.0.iter().all(|part| self.0.contains(part) || (all && *part != Part::Public))
    }
}
impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_strings().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audience(parts: &[&str]) -> Audience {
        Audience::parse(parts).unwrap()
    }

    #[test]
    fn audiences_grow_and_never_shrink() {
        assert!(audience(&["states", "member:JO"]).includes(&audience(&["states"])));
        assert!(audience(&["members"]).includes(&audience(&["group:gcc", "states"])));
        assert!(audience(&["public"]).includes(&audience(&["members"])));
        assert!(!audience(&["members"]).includes(&audience(&["public"])));
        assert!(!audience(&["states"]).includes(&audience(&["group:gcc"])));
        assert!(!audience(&["group:gcc"]).includes(&audience(&["states"])));
    }

    #[test]
    fn parts_are_a_set_in_fixed_order() {
        assert_eq!(audience(&["member:SA", "states", "states"]).to_strings(), ["states", "member:SA"]);
        assert!(Audience::parse::<&str>(&[]).is_err());
        assert!(Audience::parse(&["everyone"]).is_err());
    }
}
