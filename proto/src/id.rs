//! Ids: members, nodes, operators, writers, groups, objects.
//!
//! In scope: their grammar, parsing and printing. Out of scope: whether they exist (that is the directory's to say).
//! Every id is ASCII and stable for life; which members exist is data, no code knows them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Longest slug, bytes.
pub const SLUG_MAX: usize = 64;
/// Longest member code, bytes (`x-` and a slug of 22).
pub const MEMBER_CODE_MAX: usize = 24;
/// Longest node or operator name, bytes.
pub const NAME_MAX: usize = 24;
/// The code under which operators' records are filed; no member may carry it.
pub const FEDERATION_CODE: &str = "x-federation";

/// An id that does not follow its grammar (code `ID_MALFORMED`).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{value:?} is not a {what}: {rule}")]
pub struct IdError {
    /// Which id was expected.
    pub what: &'static str,
    /// The text that was given.
    pub value: String,
    /// The rule it breaks.
    pub rule: &'static str,
}

impl IdError {
    /// The stable code of this error.
    pub const CODE: &'static str = "ID_MALFORMED";
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $ok:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(s: &str) -> Result<Self, IdError> {
                let ok: fn(&str) -> bool = $ok;
                if ok(s) {
                    Ok(Self(s.to_owned()))
                } else {
                    Err(IdError { what: $what, value: s.chars().take(80).collect(), rule: $rule })
                }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&self.0)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

text_id!(
    /// Name of a federation: a lower-case DNS name, also its SPIFFE trust domain and the stem of log origins.
    FederationName,
    "federation name",
    "a lower-case DNS name of 1 to 64 characters",
    |s| s.len() <= 64 && s.split('.').all(is_slug)
);
text_id!(
    /// Code of a member: ISO 3166-1 alpha-2 for a state, `x-<slug>` for a body without a country.
    MemberCode,
    "member code",
    "two capital letters (ISO 3166-1) or x- and a slug, at most 24 characters",
    |s| is_state_code(s) || (s.len() <= MEMBER_CODE_MAX && s.strip_prefix("x-").is_some_and(is_slug))
);
text_id!(
    /// Name of a node within its member.
    NodeName,
    "node name",
    "a slug of at most 24 characters",
    |s| s.len() <= NAME_MAX && is_slug(s)
);
text_id!(
    /// Name of an operator.
    OperatorName,
    "operator name",
    "a slug of at most 24 characters",
    |s| s.len() <= NAME_MAX && is_slug(s)
);
text_id!(
    /// Slug of a group; audiences name it `group:<slug>`.
    GroupSlug,
    "group",
    "a slug of at most 64 characters",
    |s| s.len() <= SLUG_MAX && is_slug(s)
);

impl MemberCode {
    /// Whether the code is of the form that states have. What class a member is of, the directory says.
    #[must_use]
    pub fn is_country(&self) -> bool {
        is_state_code(&self.0)
    }
}

/// Who wrote a record: `<member>/<node>` or `operator/<name>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Writer {
    /// A node of a member.
    Node(MemberCode, NodeName),
    /// An operator of the hub.
    Operator(OperatorName),
}

impl Writer {
    /// The member that the writer speaks for; none for an operator.
    #[must_use]
    pub fn member(&self) -> Option<&MemberCode> {
        match self {
            Self::Node(member, _) => Some(member),
            Self::Operator(_) => None,
        }
    }
}

impl FromStr for Writer {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        let (left, right) = s.split_once('/').ok_or_else(|| IdError {
            what: "writer",
            value: s.chars().take(80).collect(),
            rule: "<member>/<node> or operator/<name>",
        })?;
        if left == "operator" {
            Ok(Self::Operator(right.parse()?))
        } else {
            Ok(Self::Node(left.parse()?, right.parse()?))
        }
    }
}
impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(member, node) => write!(f, "{member}/{node}"),
            Self::Operator(name) => write!(f, "operator/{name}"),
        }
    }
}
impl serde::Serialize for Writer {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Id of an object: `<code>:<kind>:<slug>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    code: MemberCode,
    kind: String,
    slug: String,
}

impl ObjectId {
    /// An id from its parts.
    ///
    /// # Errors
    /// Where kind or slug is not a slug.
    pub fn new(code: &MemberCode, kind: &str, slug: &str) -> Result<Self, IdError> {
        format!("{code}:{kind}:{slug}").parse()
    }
    /// The member that the object belongs to, or `x-federation`.
    #[must_use]
    pub fn code(&self) -> &MemberCode {
        &self.code
    }
    /// The kind's name.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }
    /// The slug.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.slug
    }
}

impl FromStr for ObjectId {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        let fail = |rule| IdError { what: "record id", value: s.chars().take(120).collect(), rule };
        let mut parts = s.splitn(3, ':');
        let (Some(code), Some(kind), Some(slug)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(fail("<code>:<kind>:<slug>"));
        };
        if kind.len() > 32 || !is_slug(kind) || slug.len() > SLUG_MAX || !is_slug(slug) {
            return Err(fail(
                "<code>:<kind>:<slug>, kind and slug of a-z, 0-9, '-' and '.', at most 32 and 64 characters",
            ));
        }
        Ok(Self { code: code.parse()?, kind: kind.to_owned(), slug: slug.to_owned() })
    }
}
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.code, self.kind, self.slug)
    }
}
impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn is_state_code(s: &str) -> bool {
    s.len() == 2 && s.bytes().all(|b| b.is_ascii_uppercase())
}

fn is_slug(s: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    edge(s.bytes().next())
        && edge(s.bytes().last())
        && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_round_trip() {
        for text in ["JO/gw1", "x-escwa/main", "operator/first"] {
            assert_eq!(text.parse::<Writer>().unwrap().to_string(), text);
        }
        assert!("jo/gw1".parse::<Writer>().is_err());
        assert!("JO".parse::<Writer>().is_err());
        assert!("JO/GW".parse::<Writer>().is_err());
    }

    #[test]
    fn object_ids_keep_their_parts() {
        let id: ObjectId = "JO:service:sanad".parse().unwrap();
        assert_eq!((id.code().as_str(), id.kind(), id.slug()), ("JO", "service", "sanad"));
        for bad in ["JO:service", "JO::x", "JO:service:-a", "JO:service:a b", "J:service:a", "JO:service:سند"] {
            assert!(bad.parse::<ObjectId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_longest_writer_fits_a_statement() {
        const { assert!(MEMBER_CODE_MAX + 1 + NAME_MAX < 64) }
    }
}
