//! Joining: from a join key to an identity, a chain and a journal.
//!
//! In scope: the whole way, safe to repeat at every step. Out of scope: making invitations (the hub's operators), renewal
//! (`renew`).
//!
//! # Order
//! 1. Keys are made and stored before anything is sent, so that a repeated join is the same node.
//! 2. A first connection, to anybody: it fetches the genesis, whose hash is in the join key. The genesis names the root, and
//!    the chain that was presented has to lead to it; before that nothing is believed and nothing secret is sent.
//! 3. A second connection, verified: the `key` record (stored before, never made twice) and a certificate request.
//! 4. The identity is stored, then the journal, whose first record is the `key` record, then the configuration.
//!
//! A directory that holds an identity and a journal has joined: no key changes it.

mod keys;
mod redeem;

use std::path::{Path, PathBuf};

use multaqa_certs::client::DialError;
use multaqa_certs::random::RandomError;
use multaqa_certs::request::RequestError;
use multaqa_certs::setup::SetupError;
use multaqa_certs::store::{self, Mode, TlsIdentity};
use multaqa_certs::verify::VerifyError;
use multaqa_proto::id::Writer;
use multaqa_proto::join_key::{JoinKey, JoinKeyMalformed};
use multaqa_proto::number::{LeafIndex, LogNumber};
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::output;
use multaqa_runtime::point::Point;
use thiserror::Error;

use crate::code;
use crate::config::Layout;
use crate::journal::{Identity, Journal};
use crate::link::Ended;
use crate::point;
use crate::renew::IssuedWrong;
use crate::store::StoreError;
use keys::Keys;

/// How a join ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The node.
    pub writer: Writer,
    /// Whether it had joined before, so that the key was not used.
    pub already: bool,
    /// Place of its `key` record on the log; none where it had joined before.
    pub index: Option<LeafIndex>,
}

/// Why a node did not join.
#[derive(Debug, Error)]
pub enum JoinError {
    /// The text is no join key.
    #[error(transparent)]
    Malformed(#[from] JoinKeyMalformed),
    /// The key is past its time.
    #[error("the join key was valid until {until}")]
    Expired {
        /// Until when, RFC 3339.
        until: String,
    },
    /// Another hub answered than the one that invited.
    #[error("the genesis is not the one that the join key names: {detail}")]
    Genesis {
        /// What differs.
        detail: String,
    },
    /// The key was used by another node.
    #[error("the join key of {writer} was used before, with other keys")]
    Used {
        /// The node.
        writer: Writer,
    },
    /// The hub opens no door to the key.
    #[error("the hub knows of no open invitation for the join key of {writer}")]
    NotOpen {
        /// The node.
        writer: Writer,
    },
    /// The hub refused.
    #[error("the hub refuses: {reason}: {detail}")]
    Refused {
        /// The hub's code.
        reason: String,
        /// What was said.
        detail: String,
    },
    /// No hub of the key answered.
    #[error("{detail}")]
    Line {
        /// Code of the failure.
        code: String,
        /// What failed.
        detail: String,
    },
    /// The hub's chain does not lead to the root of the genesis.
    #[error(transparent)]
    Chain(#[from] VerifyError),
    /// The certificate is not what was asked for.
    #[error("the certificate is not this node's: {detail}")]
    Certificate {
        /// What differs.
        detail: String,
    },
    /// The directory holds something else.
    #[error("{path}: {detail}", path = .path.display())]
    Directory {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// A key file cannot be used.
    #[error(transparent)]
    Keys(#[from] store::StoreError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] StoreError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The certificate request could not be made.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// TLS could not be set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

impl JoinError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => JoinKeyMalformed::CODE,
            Self::Expired { .. } => code::JOIN_KEY_EXPIRED,
            Self::Genesis { .. } => code::JOIN_GENESIS_WRONG,
            Self::Used { .. } => code::JOIN_KEY_USED,
            Self::NotOpen { .. } => code::JOIN_NOT_OPEN,
            Self::Refused { .. } => code::JOIN_REFUSED,
            Self::Line { .. } => code::LINE_DOWN,
            Self::Chain(error) => error.code(),
            Self::Certificate { .. } => code::JOIN_CERTIFICATE_WRONG,
            Self::Directory { .. } => code::JOIN_DIRECTORY_WRONG,
            Self::Keys(error) => error.code(),
            Self::Journal(error) => error.code(),
            Self::Random(error) => error.code(),
            Self::Request(error) => error.code(),
            Self::Setup(error) => error.code(),
        }
    }
    /// Arguments of the code's message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Malformed(wrong) => vec![("detail", wrong.0.to_owned())],
            Self::Expired { until } => vec![("until", until.clone())],
            Self::Genesis { detail } | Self::Certificate { detail } => vec![("detail", detail.clone())],
            Self::Line { code, detail } => vec![("detail", format!("{code}: {detail}"))],
            Self::Used { writer } | Self::NotOpen { writer } => vec![("writer", writer.to_string())],
            Self::Refused { reason, detail } => vec![("reason", reason.clone()), ("detail", detail.clone())],
            Self::Chain(error) => error.args(),
            Self::Directory { path, detail } => {
                vec![("path", path.display().to_string()), ("detail", detail.clone())]
            }
            Self::Keys(error) => error.args(),
            Self::Journal(error) => error.args(),
            Self::Random(error) => error.args(),
            Self::Request(error) => error.args(),
            Self::Setup(error) => error.args(),
        }
    }
}

impl From<JoinError> for Fault {
    fn from(error: JoinError) -> Self {
        Self { code: error.code(), args: error.args() }
    }
}

impl From<IssuedWrong> for JoinError {
    fn from(wrong: IssuedWrong) -> Self {
        match wrong {
            IssuedWrong::Chain(error) => Self::Chain(error),
            IssuedWrong::Request(error) => Self::Request(error),
            IssuedWrong::Other(detail) => Self::Certificate { detail },
        }
    }
}

impl From<Ended> for JoinError {
    fn from(ended: Ended) -> Self {
        match &ended {
            Ended::Call { code: Some(reason), refusing, detail, .. } if *refusing => {
                Self::Refused { reason: reason.clone(), detail: detail.clone() }
            }
            Ended::Refused(says) => Self::Refused { reason: says.code().to_owned(), detail: says.to_string() },
            Ended::Dial(DialError::Refused(error)) => Self::Chain(error.clone()),
            Ended::Dial(_)
            | Ended::Call { .. }
            | Ended::Unanswered(_)
            | Ended::Answer(_)
            | Ended::Clocks { .. }
            | Ended::Alarm(_)
            | Ended::Store(_)
            | Ended::Refilled
            | Ended::Verified
            | Ended::Succeeded
            | Ended::Renewed => {
                let code = ended.state().code().unwrap_or(code::LINE_DOWN).to_owned();
                Self::Line { code, detail: ended.to_string() }
            }
        }
    }
}

/// Joins with a pasted key; a directory that has joined stays as it is.
///
/// # Errors
/// [`JoinError`] names the rule. Repeat it: what was done stays done.
pub async fn join(key_text: &str, dir: &Path, clock: &Clock) -> Result<Joined, JoinError> {
    let layout = Layout::new(dir);
    if let Some(joined) = joined_before(&layout).await? {
        // A crash may have come before this.
        keys::forget(&layout)?;
        return Ok(joined);
    }
    let key = JoinKey::unpack(key_text)?;
    if clock.now_ms() > key.not_after_ms && !layout.joining().exists() {
        return Err(JoinError::Expired { until: output::instant(key.not_after_ms) });
    }
    store::create_dir(dir)?;
    let keys = Keys::load_or_make(&layout)?;
    pass(point::JOIN_KEYS_MADE, dir)?;
    let request = keys.key_record(&layout, &key, clock)?;
    pass(point::JOIN_RECORD_STORED, dir)?;
    let redeemed = redeem::redeem(&key, &request, &keys, clock).await?;
    pass(point::JOIN_REDEEMED, dir)?;
    store::create_dir(&layout.identity_dir())?;
    let pem = multaqa_certs::pem::encode("CERTIFICATE", &redeemed.root);
    store::replace(&layout.root(), pem.as_bytes(), Mode::Public)?;
    TlsIdentity { chain: redeemed.chain, key: keys.tls.clone() }.save(&layout.identity())?;
    pass(point::JOIN_IDENTITY_STORED, dir)?;
    let identity = Identity {
        member: key.member.clone(),
        node: key.node.clone(),
        genesis: key.genesis,
        log: LogNumber(redeemed.log),
        epoch: key.epoch,
        instance: multaqa_certs::random::bytes()?,
    };
    write_config(&layout, &key)?;
    Journal::create(&layout.journal(), identity, &request, redeemed.index).await?.close().await;
    pass(point::JOIN_JOURNAL_MADE, dir)?;
    keys::forget(&layout)?;
    Ok(Joined { writer: key.writer(), already: false, index: Some(redeemed.index) })
}

/// The process comes by a fail point, at which a test may have joining fail.
fn pass(point: Point, dir: &Path) -> Result<(), store::StoreError> {
    point.pass().map_err(|error| store::StoreError::Io { path: dir.to_owned(), why: error.to_string() })
}

/// Who the directory has joined as; none where it has not.
async fn joined_before(layout: &Layout) -> Result<Option<Joined>, JoinError> {
    if !layout.journal().exists() || !layout.identity().exists() {
        return Ok(None);
    }
    TlsIdentity::load(&layout.identity())?;
    match Journal::open(&layout.journal()).await {
        Ok(journal) => {
            let writer = journal.identity().writer();
            journal.close().await;
            Ok(Some(Joined { writer, already: true, index: None }))
        }
        // A crash, or a full disk, between making the file and filling it.
        Err(StoreError::Missing { .. } | StoreError::Empty { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn write_config(layout: &Layout, key: &JoinKey) -> Result<(), JoinError> {
    let hubs: Vec<String> = key.hubs.iter().map(|hub| format!("{hub:?}")).collect();
    let text = format!(
        "# Written by `multaqa-node join` for {}. Every key is explained in node.sample.toml.\n\n[node]\nhubs = [{}]\n",
        key.writer(),
        hubs.join(", ")
    );
    match store::create(&layout.config(), text.as_bytes(), Mode::Public) {
        // What an operator wrote there wins.
        Ok(()) | Err(store::StoreError::Exists { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
