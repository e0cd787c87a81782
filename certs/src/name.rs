//! Who a certificate speaks for.
//!
//! In scope: the typed identity, its URI (SPIFFE) and its DNS name, and that both agree letter by letter.
//! Out of scope: what else a certificate must hold (`profile`), whether it is in force (`serials`).
//!
//! The URI is the identity. The DNS name exists because issuing CAs are held to a zone by DNS name constraints, which no
//! verifier applies to URIs: a certificate needs both, and the DNS name is computed from the URI, never trusted alone.

use std::fmt;
use std::str::FromStr;

use multaqa_proto::hash::{hex, unhex};
use multaqa_proto::id::{FederationName, MemberCode, NodeName, OperatorName};
use thiserror::Error;

/// A peer, as its certificate names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeerIdentity {
    /// The hub: `spiffe://<federation>/hub/<name>`.
    Hub(NodeName),
    /// An operator of the hub: `spiffe://<federation>/operator/<name>`.
    Operator(OperatorName),
    /// A node of a member: `spiffe://<federation>/node/<code>/<name>`.
    Node(MemberCode, NodeName),
    /// A member's application, known by its own node only: `spiffe://<federation>/system/<code>/<org>/<name>`.
    System {
        /// The member.
        member: MemberCode,
        /// The organisation that runs it, a slug.
        org: NodeName,
        /// Its name, a slug.
        name: NodeName,
    },
    /// Whoever holds the secret of an open invitation, by its Ed25519 public key. Has no certificate name.
    Invited([u8; 32]),
}

/// A name that is no identity of this federation.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// It does not follow the grammar.
    #[error("{value:?} names no peer: {rule}")]
    Malformed {
        /// The text.
        value: String,
        /// The rule it breaks.
        rule: &'static str,
    },
    /// It belongs to another federation.
    #[error("{value:?} is not of the federation {federation}")]
    Foreign {
        /// The text.
        value: String,
        /// Ours.
        federation: String,
    },
    /// URI and DNS name say different things.
    #[error("the URI {uri:?} asks for the DNS name {expected:?}, found {found:?}")]
    Disagree {
        /// The URI.
        uri: String,
        /// The DNS name that agrees with it.
        expected: String,
        /// The DNS name found.
        found: String,
    },
}

impl NameError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "IDENTITY_MALFORMED",
            Self::Foreign { .. } => "IDENTITY_FOREIGN",
            Self::Disagree { .. } => "IDENTITY_NAMES_DISAGREE",
        }
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Malformed { value, .. } => vec![("value", value.clone())],
            Self::Foreign { value, federation } => {
                vec![("value", value.clone()), ("federation", federation.clone())]
            }
            Self::Disagree { uri, expected, found } => {
                vec![("uri", uri.clone()), ("expected", expected.clone()), ("found", found.clone())]
            }
        }
    }
}

const GRAMMAR: &str =
    "hub/<name>, operator/<name>, node/<code>/<name> or system/<code>/<org>/<name>, each part without a dot";

impl PeerIdentity {
    /// The URI name: `spiffe://<federation>/<identity>`.
    ///
    /// # Errors
    /// For an invitation, which has none, and for parts that are no single DNS label.
    pub fn uri(&self, federation: &FederationName) -> Result<String, NameError> {
        self.check_labels()?;
        Ok(format!("spiffe://{federation}/{self}"))
    }

    /// The DNS name that agrees with the URI: `<name>.<code>.nodes.<federation>`, `<name>.hub.<federation>`,
    /// `<name>.ops.<federation>` or `<name>.<org>.<code>.systems.<federation>`, in lower case.
    ///
    /// # Errors
    /// As [`PeerIdentity::uri`].
    pub fn dns(&self, federation: &FederationName) -> Result<String, NameError> {
        self.check_labels()?;
        let name = match self {
            Self::Hub(name) => format!("{name}.hub.{federation}"),
            Self::Operator(name) => format!("{name}.ops.{federation}"),
            Self::Node(code, name) => format!("{name}.{code}.nodes.{federation}"),
            Self::System { member, org, name } => format!("{name}.{org}.{member}.systems.{federation}"),
            Self::Invited(_) => return Err(self.malformed("an invitation has no certificate name")),
        };
        Ok(name.to_ascii_lowercase())
    }

    /// The identity of a URI name of this federation.
    ///
    /// # Errors
    /// Where it is of another federation or of no known form.
    pub fn from_uri(uri: &str, federation: &FederationName) -> Result<Self, NameError> {
        let cut = || uri.chars().take(200).collect::<String>();
        let rest = uri
            .strip_prefix("spiffe://")
            .ok_or_else(|| NameError::Malformed { value: cut(), rule: "spiffe://<federation>/<identity>" })?;
        let path = rest
            .strip_prefix(federation.as_str())
            .and_then(|rest| rest.strip_prefix('/'))
            .ok_or_else(|| NameError::Foreign { value: cut(), federation: federation.to_string() })?;
        let identity: Self = path.parse()?;
        if matches!(identity, Self::Invited(_)) {
            return Err(identity.malformed("an invitation has no certificate name"));
        }
        Ok(identity)
    }

    /// The identity of a pair of names that agree.
    ///
    /// # Errors
    /// As [`PeerIdentity::from_uri`], and where the DNS name is not the one that the URI asks for.
    pub fn from_names(uri: &str, dns: &str, federation: &FederationName) -> Result<Self, NameError> {
        let identity = Self::from_uri(uri, federation)?;
        let expected = identity.dns(federation)?;
        if expected == dns {
            Ok(identity)
        } else {
            Err(NameError::Disagree { uri: uri.to_owned(), expected, found: dns.chars().take(260).collect() })
        }
    }

    /// The member that the peer belongs to; none for hub, operators and invitations.
    #[must_use]
    pub const fn member(&self) -> Option<&MemberCode> {
        match self {
            Self::Node(member, _) | Self::System { member, .. } => Some(member),
            Self::Hub(_) | Self::Operator(_) | Self::Invited(_) => None,
        }
    }

    /// One word for the role: `hub`, `operator`, `node`, `system`, `invited`.
    #[must_use]
    pub const fn role(&self) -> &'static str {
        match self {
            Self::Hub(_) => "hub",
            Self::Operator(_) => "operator",
            Self::Node(..) => "node",
            Self::System { .. } => "system",
            Self::Invited(_) => "invited",
        }
    }

    /// Ids may hold dots, DNS labels may not: with dots two identities could share one DNS name.
    fn check_labels(&self) -> Result<(), NameError> {
        let dotted = match self {
            Self::Hub(name) => name.as_str().contains('.'),
            Self::Operator(name) => name.as_str().contains('.'),
            Self::Node(code, name) => code.as_str().contains('.') || name.as_str().contains('.'),
            Self::System { member, org, name } => {
                [member.as_str(), org.as_str(), name.as_str()].iter().any(|part| part.contains('.'))
            }
            Self::Invited(_) => return Err(self.malformed("an invitation has no certificate name")),
        };
        if dotted { Err(self.malformed(GRAMMAR)) } else { Ok(()) }
    }

    fn malformed(&self, rule: &'static str) -> NameError {
        NameError::Malformed { value: self.to_string(), rule }
    }
}

impl fmt::Display for PeerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hub(name) => write!(f, "hub/{name}"),
            Self::Operator(name) => write!(f, "operator/{name}"),
            Self::Node(code, name) => write!(f, "node/{code}/{name}"),
            Self::System { member, org, name } => write!(f, "system/{member}/{org}/{name}"),
            Self::Invited(key) => write!(f, "invited/{}", hex(key)),
        }
    }
}

impl FromStr for PeerIdentity {
    type Err = NameError;
    fn from_str(s: &str) -> Result<Self, NameError> {
        parse(s).ok_or_else(|| NameError::Malformed { value: s.chars().take(200).collect(), rule: GRAMMAR })
    }
}

fn parse(s: &str) -> Option<PeerIdentity> {
    let parts: Vec<&str> = s.split('/').collect();
    let identity = match parts.as_slice() {
        ["hub", name] => PeerIdentity::Hub(name.parse().ok()?),
        ["operator", name] => PeerIdentity::Operator(name.parse().ok()?),
        ["node", code, name] => PeerIdentity::Node(code.parse().ok()?, name.parse().ok()?),
        ["system", code, org, name] => {
            PeerIdentity::System { member: code.parse().ok()?, org: org.parse().ok()?, name: name.parse().ok()? }
        }
        ["invited", key] => return Some(PeerIdentity::Invited(unhex(key)?.try_into().ok()?)),
        _ => return None,
    };
    identity.check_labels().ok()?;
    Some(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn federation() -> FederationName {
        "multaqa.example".parse().unwrap()
    }

    #[test]
    fn each_identity_has_one_uri_and_one_dns_name() {
        for (text, dns) in [
            ("hub/main", "main.hub.multaqa.example"),
            ("operator/first", "first.ops.multaqa.example"),
            ("node/JO/gw1", "gw1.jo.nodes.multaqa.example"),
            ("node/x-escwa/main", "main.x-escwa.nodes.multaqa.example"),
            ("system/JO/mof/budget", "budget.mof.jo.systems.multaqa.example"),
        ] {
            let identity: PeerIdentity = text.parse().unwrap();
            assert_eq!(identity.to_string(), text);
            let uri = identity.uri(&federation()).unwrap();
            assert_eq!(uri, format!("spiffe://multaqa.example/{text}"));
            assert_eq!(identity.dns(&federation()).unwrap(), dns);
            assert_eq!(PeerIdentity::from_names(&uri, dns, &federation()).unwrap(), identity);
        }
    }

    #[test]
    fn names_that_disagree_or_come_from_elsewhere_are_refused() {
        let code = |uri: &str, dns: &str| PeerIdentity::from_names(uri, dns, &federation()).unwrap_err().code();
        let uri = "spiffe://multaqa.example/node/JO/gw1";
        assert_eq!(code(uri, "gw1.eg.nodes.multaqa.example"), "IDENTITY_NAMES_DISAGREE");
        assert_eq!(code(uri, "GW1.jo.nodes.multaqa.example"), "IDENTITY_NAMES_DISAGREE");
        assert_eq!(code("spiffe://other.example/node/JO/gw1", "x"), "IDENTITY_FOREIGN");
        assert_eq!(code("spiffe://multaqa.example.evil/node/JO/gw1", "x"), "IDENTITY_FOREIGN");
        for bad in ["node/jo/gw1", "node/JO/gw1/", "node//gw1", "hub/a.b", "node/x-a.b/c", "root/x", "hub/main?x", ""] {
            assert_eq!(code(&format!("spiffe://multaqa.example/{bad}"), "x"), "IDENTITY_MALFORMED", "{bad}");
        }
        assert_eq!(code("https://multaqa.example/hub/main", "x"), "IDENTITY_MALFORMED");
        let invited = format!("spiffe://multaqa.example/invited/{}", "0".repeat(64));
        assert_eq!(code(&invited, "x"), "IDENTITY_MALFORMED");
    }

    #[test]
    fn dots_cannot_make_two_identities_share_a_dns_name() {
        assert!("node/CC/a.x-b".parse::<PeerIdentity>().is_err());
        let made = PeerIdentity::Node("CC".parse().unwrap(), "a.x-b".parse().unwrap());
        assert!(made.dns(&federation()).is_err());
        assert!(made.uri(&federation()).is_err());
    }
}
