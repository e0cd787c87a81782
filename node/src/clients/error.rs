//! What may be wrong with a system or with what is asked for it, one variant a rule.

use multaqa_certs::name::PeerIdentity;
use multaqa_certs::random::RandomError;
use multaqa_certs::request::RequestError;
use multaqa_certs::setup::SetupError;
use multaqa_certs::store::StoreError as FileError;
use multaqa_certs::systems::SystemsError;
use multaqa_runtime::fault::Fault;
use thiserror::Error;

use crate::code;
use crate::store::StoreError;

/// See the module.
#[derive(Debug, Error)]
pub(crate) enum ClientError {
    /// A name that is not `<org>/<name>`.
    #[error("{value:?} is no name of a system")]
    Name { value: String },
    /// A system of this name is in force.
    #[error("there is a system {name}")]
    Exists { name: String },
    /// No system of this name.
    #[error("there is no system {name}")]
    Unknown { name: String },
    /// More systems than are kept.
    #[error("more than {max} systems")]
    TooMany { max: usize },
    /// A text that is no scope; the nearest kind, where it is the kind.
    #[error("{value:?} is no scope")]
    Scope { value: String, nearest: String },
    /// It may come in no more.
    #[error("{identity} was revoked")]
    Revoked { identity: PeerIdentity },
    /// It has too many requests at once.
    #[error("{identity} has {max} requests at once")]
    Busy { identity: PeerIdentity, max: usize },
    /// It has too many connections. Only the log says it: what comes in has no words yet.
    #[error("{identity} has {max} connections")]
    Crowded { identity: PeerIdentity, max: usize },
    /// It has as many downloads under way as it may have.
    #[error("{identity} has {} downloads", super::DOWNLOADS)]
    Downloading { identity: PeerIdentity },
    /// The node's CA for systems.
    #[error(transparent)]
    Systems(#[from] SystemsError),
    /// The port's certificate.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The journal.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The process ends.
    #[error("the process ends")]
    Interrupted,
}

impl ClientError {
    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => code::CLIENT_NAME_WRONG,
            Self::Exists { .. } => code::CLIENT_EXISTS,
            Self::Unknown { .. } => code::CLIENT_UNKNOWN,
            Self::TooMany { .. } => code::CLIENTS_TOO_MANY,
            Self::Scope { .. } => code::CLIENT_SCOPE_WRONG,
            Self::Revoked { .. } => code::CLIENT_REVOKED,
            Self::Busy { .. } | Self::Crowded { .. } => code::REQUESTS_TOO_MANY,
            Self::Downloading { .. } => code::DOWNLOADS_TOO_MANY,
            Self::Systems(error) => error.code(),
            Self::Setup(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Random(error) => error.code(),
            Self::Interrupted => code::NODE_ENDS,
        }
    }
    /// Arguments of the code's message.
    pub(crate) fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Name { value } => vec![("value", value.clone())],
            Self::Exists { name } | Self::Unknown { name } => vec![("name", name.clone())],
            Self::TooMany { max } => vec![("max", max.to_string())],
            Self::Scope { value, nearest } => vec![("value", value.clone()), ("nearest", nearest.clone())],
            Self::Revoked { identity } => vec![("identity", identity.to_string())],
            Self::Busy { identity, max } | Self::Crowded { identity, max } => {
                vec![("identity", identity.to_string()), ("max", max.to_string())]
            }
            Self::Downloading { identity } => {
                vec![("identity", identity.to_string()), ("max", super::DOWNLOADS.to_string())]
            }
            Self::Systems(error) => error.args(),
            Self::Setup(error) => error.args(),
            Self::Store(error) => error.args(),
            Self::Random(error) => error.args(),
            Self::Interrupted => vec![],
        }
    }
}

impl From<RequestError> for ClientError {
    fn from(error: RequestError) -> Self {
        Self::Systems(error.into())
    }
}

impl From<FileError> for ClientError {
    fn from(error: FileError) -> Self {
        Self::Systems(error.into())
    }
}

impl From<ClientError> for Fault {
    fn from(error: ClientError) -> Self {
        Self { code: error.code(), args: error.args() }
    }
}
