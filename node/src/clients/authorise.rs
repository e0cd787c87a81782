//! The one decision: whether a caller may do what it asks for. Pure, the same for every way of asking.
//!
//! A program on the node's own machine that may open the node's socket acts for the member and may do everything. A system may
//! do what its scopes say, and a denial names the system, what it asked for, and the scope that it lacks. In scope: deciding.
//! Out of scope: who the caller is (`clients`, `port`), finding out of which kind a thing is (`api`).

use std::sync::Arc;

use super::scope::{Scope, Which};
use super::{Client, names_of_kinds};

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// A program on this machine, over the node's own socket.
    Local,
    /// A system of this member, over the port.
    System(Arc<Client>),
}

/// What is asked for. `resource` is what a denial names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked<'a> {
    /// To read what is of this kind; none where this node cannot tell of which it is.
    Read { kind: Option<&'a str>, resource: &'a str },
    /// To publish or withdraw what is of this kind.
    Publish { kind: &'a str, resource: &'a str },
    /// What every system may: how the node is, which services there are.
    Common,
    /// What is for the member's own people alone.
    Own { resource: &'a str },
}

/// Kinds that a caller may read or publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// All, those of later versions too.
    All,
    /// These.
    Kinds(Vec<String>),
}

impl Allowed {
    /// Whether it holds a kind.
    pub(crate) fn holds(&self, kind: &str) -> bool {
        match self {
            Self::All => true,
            Self::Kinds(kinds) => kinds.iter().any(|known| known == kind),
        }
    }
}

/// Why something is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denied {
    /// Who asked.
    pub(crate) identity: String,
    /// For what.
    pub(crate) resource: String,
    /// The scope that would allow it; none where no scope does.
    pub(crate) missing: Option<String>,
}

/// Whether the caller may.
///
/// # Errors
/// [`Denied`] where it may not.
pub(crate) fn authorise(caller: &Caller, asked: &Asked<'_>) -> Result<(), Denied> {
    let client = match caller {
        Caller::Local => return Ok(()),
        Caller::System(client) => client,
    };
    let denied = |resource: &str, missing: Option<String>| Denied {
        identity: client.identity.to_string(),
        resource: resource.to_owned(),
        missing,
    };
    match *asked {
        Asked::Common => Ok(()),
        Asked::Own { resource } => Err(denied(resource, None)),
        Asked::Read { kind, resource } => {
            let holds = client.scopes.iter().any(|scope| match (scope, kind) {
                (Scope::Read(which), Some(kind)) => which.holds(kind),
                (Scope::Read(which), None) => *which == Which::All,
                (Scope::Publish(_) | Scope::Call(_), _) => false,
            });
            // Of other kinds no scope is given but that of all.
            let named = kind.filter(|kind| names_of_kinds().any(|name| name == *kind));
            let missing = || Some(format!("read:{}", named.unwrap_or("*")));
            if holds { Ok(()) } else { Err(denied(resource, missing())) }
        }
        Asked::Publish { kind, resource } => {
            let holds = client.scopes.iter().any(|scope| matches!(scope, Scope::Publish(which) if which.holds(kind)));
            let named = names_of_kinds().find(|name| *name == kind).unwrap_or("*");
            if holds { Ok(()) } else { Err(denied(resource, Some(format!("publish:{named}")))) }
        }
    }
}

/// All kinds that the caller may read: what a list without a kind shows.
///
/// # Errors
/// [`Denied`] where it is none.
pub(crate) fn readable(caller: &Caller, resource: &str) -> Result<Allowed, Denied> {
    all(caller, resource, "read:*", |kind| Asked::Read { kind, resource })
}

/// All kinds that the caller may publish: of which it sees what became of the records.
///
/// # Errors
/// [`Denied`] where it is none.
pub(crate) fn publishable(caller: &Caller, resource: &str) -> Result<Allowed, Denied> {
    // No kind has this name: only who may publish all may publish it.
    all(caller, resource, "publish:*", |kind| Asked::Publish { kind: kind.unwrap_or("*"), resource })
}

fn all<'a>(
    caller: &Caller,
    resource: &str,
    missing: &str,
    asked: impl Fn(Option<&'a str>) -> Asked<'a>,
) -> Result<Allowed, Denied> {
    let Err(denied) = authorise(caller, &asked(None)) else { return Ok(Allowed::All) };
    let kinds: Vec<String> =
        names_of_kinds().filter(|kind| authorise(caller, &asked(Some(kind))).is_ok()).map(ToOwned::to_owned).collect();
    if kinds.is_empty() {
        return Err(Denied { resource: resource.to_owned(), missing: Some(missing.to_owned()), ..denied });
    }
    Ok(Allowed::Kinds(kinds))
}
