//! The line to the hub: dialling, greeting, and what state it is in.
//!
//! In scope: one connection at a time, its status (`state`, `tracker`, `claim`), what shows an alarm (`caught`), how long
//! the certificate holds that it is dialled with (`life`). Out of scope: what is said on it (`sync`), joining (`join`).
//!
//! A connection is dialled once and never renewed behind our back: tonic would redial by itself, but before each connect a
//! new incarnation has to be durable.

mod caught;
mod claim;
mod life;
mod state;
mod tracker;

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use multaqa_certs::client::{DialError, Dialer};
use multaqa_certs::random;
use multaqa_certs::word::{HubSays, Told};
use thiserror::Error;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::code;
use crate::store::StoreError;
pub(crate) use caught::{Caught, Shown};
pub use life::Life;
pub use state::{Cause, LinkState, LinkStatus};
pub(crate) use tracker::{Held, Tracker};

/// Streams that are open at once on one connection, at most: Tail and Submit, and a call.
const STREAMS: u32 = 3;
/// Flow-control window of a stream, bytes: a frame unpacks to more, but is at most 1 MiB on the line.
const STREAM_WINDOW: u32 = 2 * 1024 * 1024;
/// Flow-control window of a connection, bytes.
const CONNECTION_WINDOW: u32 = 8 * 1024 * 1024;
// Streams that are not read leave room for the others.
const _: () = assert!(STREAMS * STREAM_WINDOW < CONNECTION_WINDOW);
/// Largest message that is read, bytes: what may be unpacked, where nothing compresses, and what stands around it.
pub(crate) const MESSAGE_MAX: usize = multaqa_proto::sync::UNPACKED_MAX + 128 * 1024;

/// The hub's code for a log that it is given back.
const HUB_REFILLING: &str = "HUB_REFILLING";
/// The hub's code for a log that takes no records.
const HUB_HALTED: &str = "HUB_HALTED";

/// A random number for the back-off; without randomness the longest delay is taken.
pub(crate) fn jitter() -> u64 {
    random::bytes().map_or(u64::MAX - 1, u64::from_le_bytes)
}

/// A connection to the hub, as the services' clients use it.
pub(crate) type Line = Told<Channel>;

/// Why a connection or a call ended.
#[derive(Debug, Error)]
pub(crate) enum Ended {
    /// No connection.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The hub refused our certificate.
    #[error(transparent)]
    Refused(HubSays),
    /// A call failed, or the hub ended it.
    #[error("{detail}")]
    Call {
        /// The hub's code, where it gave one.
        code: Option<String>,
        /// What the code's text names.
        args: BTreeMap<String, String>,
        /// Whether the hub says that this node may not.
        refusing: bool,
        /// What was said.
        detail: String,
    },
    /// The hub did not answer own records in time, though it answers otherwise.
    #[error("the hub answered none of the records that wait for {} s", .0.as_secs())]
    Unanswered(Duration),
    /// The hub answered what the protocol does not allow.
    #[error("the hub's answer breaks the protocol: {0}")]
    Answer(&'static str),
    /// What comes is dated far ahead of the own clock, and nobody says which of the two is wrong.
    #[error("what the hub sends is dated {} s ahead of this machine's clock", .ahead_ms / 1_000)]
    Clocks {
        /// How far, milliseconds.
        ahead_ms: i64,
    },
    /// The hub was caught.
    #[error("{}", .0.alarm)]
    Alarm(Caught),
    /// Our own store failed: nothing goes on.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The hub was given what it lacked.
    #[error("the hub was given what it lacked of the log")]
    Refilled,
    /// We ended it ourselves: the journal was verified and may be submitted from.
    #[error("the journal was verified")]
    Verified,
    /// We ended it ourselves: the log was closed, and the replica went back to there.
    #[error("the log was closed, and the next one has begun")]
    Succeeded,
    /// We ended it ourselves, to greet with the renewed certificate.
    #[error("the certificate was renewed")]
    Renewed,
}

impl From<Status> for Ended {
    fn from(status: Status) -> Self {
        if let Some(says) = HubSays::of(&status) {
            return Self::Refused(says);
        }
        let info = status.get_details_error_info();
        let (code, args) = info.map_or_else(Default::default, |info| (Some(info.reason), info.metadata));
        let refusing = matches!(
            status.code(),
            Code::PermissionDenied | Code::Unauthenticated | Code::FailedPrecondition | Code::AlreadyExists
        );
        let detail = format!("{:?}: {}", status.code(), status.message());
        Self::Call { code, args: args.into_iter().collect(), refusing, detail }
    }
}

impl From<tonic::transport::Error> for Ended {
    fn from(error: tonic::transport::Error) -> Self {
        match HubSays::of(&error) {
            Some(says) => Self::Refused(says),
            None => Self::Call { code: None, args: BTreeMap::new(), refusing: false, detail: chain(&error) },
        }
    }
}

impl Ended {
    /// The state of the line after this end.
    pub(crate) fn state(&self) -> LinkState {
        let cause = self.cause();
        match self {
            Self::Refused(_) | Self::Call { code: Some(_), refusing: true, .. } => LinkState::HubRefusing(cause),
            Self::Alarm(_) => LinkState::Alarm(cause),
            Self::Unanswered(_) | Self::Refilled | Self::Clocks { .. } => LinkState::LogFrozen(cause),
            Self::Dial(_)
            | Self::Call { .. }
            | Self::Answer(_)
            | Self::Store(_)
            | Self::Verified
            | Self::Succeeded
            | Self::Renewed => LinkState::LineDown(cause),
        }
    }

    /// Why the log takes no records, where that is what ended it: the hub answers otherwise.
    pub(crate) fn frozen(&self) -> Option<Cause> {
        let of_the_log = match self {
            Self::Unanswered(_) => true,
            Self::Call { code: Some(code), .. } => ["BATCH_FAILED", HUB_HALTED].contains(&code.as_str()),
            Self::Dial(_)
            | Self::Refused(_)
            | Self::Call { code: None, .. }
            | Self::Answer(_)
            | Self::Clocks { .. }
            | Self::Alarm(_)
            | Self::Store(_)
            | Self::Refilled
            | Self::Verified
            | Self::Succeeded
            | Self::Renewed => false,
        };
        of_the_log.then(|| self.cause())
    }

    /// What the hub says, as a code, where it says that it cannot serve the log at present.
    pub(crate) fn claim(&self) -> Option<&str> {
        match self {
            Self::Refilled => Some(HUB_REFILLING),
            Self::Call { code: Some(code), refusing: false, .. } => Some(code),
            Self::Call { .. }
            | Self::Dial(_)
            | Self::Refused(_)
            | Self::Unanswered(_)
            | Self::Answer(_)
            | Self::Clocks { .. }
            | Self::Alarm(_)
            | Self::Store(_)
            | Self::Verified
            | Self::Succeeded
            | Self::Renewed => None,
        }
    }

    fn cause(&self) -> Cause {
        let detailed = |code: &str| Cause::new(code).with("detail", self);
        match self {
            Self::Dial(error) => Cause::of(error.code(), error.args()),
            Self::Refused(says) => Cause::of(says.code(), says.args()),
            Self::Call { code: Some(code), args, .. } => Cause { code: code.clone(), args: args.clone() },
            Self::Call { code: None, .. } => detailed(code::LINK_CALL_FAILED),
            Self::Unanswered(limit) => Cause::new(code::LOG_UNANSWERED).with("seconds", &limit.as_secs()),
            Self::Answer(_) => detailed(code::LINK_ANSWER_BAD),
            Self::Clocks { ahead_ms } => Cause::new(code::CLOCKS_DIFFER).with("seconds", &(ahead_ms / 1_000)),
            Self::Alarm(caught) => Cause::of(caught.alarm.code(), caught.alarm.args()),
            Self::Store(error) => Cause::of(error.code(), error.args()),
            Self::Refilled => Cause::new(HUB_REFILLING),
            Self::Verified | Self::Succeeded | Self::Renewed => detailed(code::LINE_DOWN),
        }
    }
}

/// An error with its causes, since transport errors hide them.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// `host:port`, or `[v6]:port`; none where it is neither.
#[must_use]
pub(crate) fn split_address(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().ok()?;
    (!host.is_empty() && !host.contains(char::is_whitespace)).then_some((host, port))
}

/// One connection to the hub at this address. It ends after so long without a sign of life from the other side.
pub(crate) async fn connect(dialer: &Dialer, address: &str, dead_after: Duration) -> Result<Line, Ended> {
    let (host, port) = split_address(address).ok_or(Ended::Answer("an address that is not host:port"))?;
    let stream = dialer.dial(host, port).await?;
    let word = stream.word();
    let mut stream = Some(TokioIo::new(stream));
    let once = tower::service_fn(move |_| {
        let stream = stream.take();
        async move { stream.ok_or_else(|| io::Error::other("the connection has ended")) }
    });
    match endpoint(dead_after).connect_with_connector(once).await {
        Ok(channel) => Ok(Told::new(channel, word)),
        Err(error) => Err(word.said().map_or_else(|| error.into(), Ended::Refused)),
    }
}

/// HTTP/2 as a node speaks it with the hub.
#[must_use]
pub fn endpoint(dead_after: Duration) -> Endpoint {
    Endpoint::from_static("http://hub.multaqa")
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keep_alive_interval(dead_after * 2 / 3)
        .keep_alive_timeout(dead_after / 3)
        .keep_alive_while_idle(true)
        .http2_max_header_list_size(16 * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_host_and_port() {
        assert_eq!(split_address("hub.example:7400"), Some(("hub.example", 7400)));
        assert_eq!(split_address("[::1]:7400"), Some(("::1", 7400)));
        for bad in ["hub.example", ":7400", "hub:", "hub:x", "a b:1"] {
            assert_eq!(split_address(bad), None, "{bad}");
        }
    }
}
