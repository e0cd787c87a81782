//! What a system may do, as people write it: `read:KIND`, `publish:KIND`, `call:SERVICE`, with `*` for all.
//!
//! Kinds are those whose objects the replica holds and that are published from files. `*` names those of later versions too. A
//! service is named by its id; whether a call takes place, grants decide too. Out of scope: the decision (`authorise`).

use std::collections::BTreeSet;
use std::fmt;

use multaqa_proto::id::ObjectId;
use multaqa_proto::kind::{Class, KINDS};
use multaqa_runtime::near::nearest;

use super::ClientError;
use crate::file::NONE_NEAR;

/// All, or one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Which {
    /// Also of kinds that this version does not know.
    All,
    /// A kind, or the id of a service.
    One(String),
}

/// One thing that a system may do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// To read what is of a kind.
    Read(Which),
    /// To publish and withdraw what is of a kind, in the member's name.
    Publish(Which),
    /// To call a service.
    Call(Which),
}

/// All that a system may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scopes(BTreeSet<Scope>);

impl Which {
    pub(crate) fn holds(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => one == name,
        }
    }
}

/// Names of the kinds that scopes name.
pub(crate) fn names_of_kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().filter(|kind| kind.class != Class::Control && kind.name != "tombstone").map(|kind| kind.name)
}

impl Scopes {
    /// To read everything: what a system may do where nothing is said.
    pub(crate) fn read_all() -> Self {
        Self(BTreeSet::from([Scope::Read(Which::All)]))
    }

    /// Scopes as people write them.
    ///
    /// # Errors
    /// [`ClientError::Scope`] with the first that is none.
    pub(crate) fn parse(texts: &[String]) -> Result<Self, ClientError> {
        texts.iter().map(|text| parse(text)).collect::<Result<_, _>>().map(Self)
    }

    /// The same as text, in order.
    pub(crate) fn to_texts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, which) = match self {
            Self::Read(which) => ("read", which),
            Self::Publish(which) => ("publish", which),
            Self::Call(which) => ("call", which),
        };
        match which {
            Which::All => write!(f, "{verb}:*"),
            Which::One(one) => write!(f, "{verb}:{one}"),
        }
    }
}

fn parse(text: &str) -> Result<Scope, ClientError> {
    let wrong = |nearest: &str| {
        let value = text.chars().take(80).collect();
        ClientError::Scope { value, nearest: nearest.to_owned() }
    };
    let (verb, rest) = text.split_once(':').ok_or_else(|| wrong(NONE_NEAR))?;
    let kind = || match rest {
        "*" => Ok(Which::All),
        one if names_of_kinds().any(|name| name == one) => Ok(Which::One(one.to_owned())),
        one => Err(wrong(nearest(one, names_of_kinds()).unwrap_or(NONE_NEAR))),
    };
    let service = || match rest {
        "*" => Ok(Which::All),
        one => match one.parse::<ObjectId>() {
            Ok(id) if id.kind() == "service" => Ok(Which::One(one.to_owned())),
            Ok(_) | Err(_) => Err(wrong(NONE_NEAR)),
        },
    };
    match verb {
        "read" => kind().map(Scope::Read),
        "publish" => kind().map(Scope::Publish),
        "call" => service().map(Scope::Call),
        _ => Err(wrong(NONE_NEAR)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(texts: &[&str]) -> Result<Vec<String>, ClientError> {
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        Scopes::parse(&texts).map(|scopes| scopes.to_texts())
    }

    #[test]
    fn scopes_are_read_as_they_are_written_each_once() {
        let written = ["call:SA:service:absher", "publish:dataset", "read:*", "read:service", "read:*"];
        assert_eq!(scopes(&written).unwrap(), ["read:*", "read:service", "publish:dataset", "call:SA:service:absher"]);
        assert_eq!(Scopes::read_all().to_texts(), ["read:*"]);
    }

    #[test]
    fn what_is_no_scope_is_refused_with_the_nearest_kind() {
        for (text, near) in [
            ("read:servce", "service"),
            ("publish:poem-about-nothing", NONE_NEAR),
            ("read:member", NONE_NEAR),
            ("read", NONE_NEAR),
            ("write:service", NONE_NEAR),
            ("call:JO:dataset:x", NONE_NEAR),
            ("call:service", NONE_NEAR),
            ("read:*:x", NONE_NEAR),
            ("", NONE_NEAR),
        ] {
            let Err(ClientError::Scope { value, nearest }) = scopes(&["read:*", text]) else { panic!("{text}") };
            if near == "service" {
                assert_eq!(nearest, near);
            }
            assert_eq!(value, text);
        }
    }
}
