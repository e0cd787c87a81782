//! The line to the hub: dialling, greeting, and what state it is in.
//!
//! In scope: one connection at a time and its status. Out of scope: what is said on it (`sync`), joining (`join`).
//!
//! A connection is dialled once and never renewed behind our back: tonic would redial by itself, but before each connect a
//! new incarnation has to be durable.

use std::io;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use multaqa_certs::client::{DialError, Dialer, HubSays, Told};
use multaqa_proto::alarm::Alarm;
use multaqa_proto::number::TreeSize;
use multaqa_runtime::clock::Clock;
use thiserror::Error;
use tokio::sync::watch;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::code;
use crate::store::StoreError;

/// Flow-control window of a stream, bytes: a frame unpacks to more, but is at most 1 MiB on the line.
const STREAM_WINDOW: u32 = 2 * 1024 * 1024;
/// Flow-control window of a connection, bytes: larger than all streams that we open on it together.
const CONNECTION_WINDOW: u32 = 8 * 1024 * 1024;
/// Largest message that is read, bytes: what may be unpacked, where nothing compresses, and what stands around it.
pub(crate) const MESSAGE_MAX: usize = multaqa_proto::sync::UNPACKED_MAX + 128 * 1024;

/// A connection to the hub, as the services' clients use it.
pub(crate) type Line = Told<Channel>;

/// What state the line is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// No connection; it is tried again by itself.
    LineDown {
        /// Code of the last failure.
        code: String,
        /// What failed.
        detail: String,
    },
    /// The hub refuses this node; it is tried again by itself.
    HubRefusing {
        /// Code of the refusal.
        code: String,
    },
    /// The hub was caught breaking a rule: nothing more is taken from it until an operator says so.
    Alarm {
        /// Code of the rule.
        code: String,
    },
    /// Connected, with entries still to come.
    Behind {
        /// How many.
        by: u64,
    },
    /// Connected, and at the hub's newest checkpoint.
    Live,
}

impl LinkState {
    /// The state as one word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::LineDown { .. } => "line-down",
            Self::HubRefusing { .. } => "hub-refusing",
            Self::Alarm { .. } => "alarm",
            Self::Behind { .. } => "behind",
            Self::Live => "live",
        }
    }
    /// The code that explains the state; none where all is well.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::LineDown { code, .. } | Self::HubRefusing { code } | Self::Alarm { code } => Some(code),
            Self::Behind { .. } | Self::Live => None,
        }
    }
}

/// The line at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkStatus {
    /// State.
    pub state: LinkState,
    /// Since when, milliseconds since 1970 UTC.
    pub since_ms: i64,
    /// When a checkpoint of the hub was verified last, milliseconds since 1970 UTC; none since the start.
    pub heard_ms: Option<i64>,
    /// Entries at the hub by its newest verified checkpoint.
    pub hub_size: Option<TreeSize>,
    /// The hub's clock minus ours, milliseconds.
    pub skew_ms: Option<i64>,
    /// Address of the hub in use.
    pub hub: Option<String>,
}

/// Keeps the status. Clones write the same one.
#[derive(Debug, Clone)]
pub(crate) struct Tracker {
    status: watch::Sender<LinkStatus>,
    clock: Clock,
}

impl Tracker {
    pub(crate) fn new(clock: Clock) -> Self {
        let state = LinkState::LineDown { code: code::LINE_DOWN.to_owned(), detail: "not dialled so far".to_owned() };
        let since_ms = clock.now_ms();
        let status = LinkStatus { state, since_ms, heard_ms: None, hub_size: None, skew_ms: None, hub: None };
        Self { status: watch::Sender::new(status), clock }
    }
    pub(crate) fn watch(&self) -> watch::Receiver<LinkStatus> {
        self.status.subscribe()
    }
    /// Enters a state; its time begins where it is another kind of state than before.
    pub(crate) fn enter(&self, state: LinkState) {
        let now_ms = self.clock.now_ms();
        self.status.send_modify(|status| {
            if status.state.as_str() != state.as_str() {
                status.since_ms = now_ms;
                crate::metrics::link(state.as_str());
                tracing::info!(state = state.as_str(), code = state.code(), "link");
            }
            status.state = state;
        });
    }
    /// A hub answered at this address.
    pub(crate) fn greeted(&self, hub: &str, hub_time_ms: i64) {
        let skew_ms = hub_time_ms.saturating_sub(self.clock.now_ms());
        self.status.send_modify(|status| {
            status.hub = Some(hub.to_owned());
            status.skew_ms = Some(skew_ms);
        });
    }
    /// A hub names its size to a node that cannot verify it yet: until it can, it counts as behind.
    pub(crate) fn hinted(&self, hub_size: TreeSize) {
        self.status.send_modify(|status| status.hub_size = Some(hub_size));
    }
    /// A checkpoint was verified, while the replica holds `size` entries.
    pub(crate) fn heard(&self, hub_size: TreeSize, size: TreeSize) {
        let now_ms = self.clock.now_ms();
        let hub_size = self.status.borrow().hub_size.map_or(hub_size, |known| known.max(hub_size));
        self.status.send_modify(|status| {
            status.heard_ms = Some(now_ms);
            status.hub_size = Some(hub_size);
        });
        let by = hub_size.0.saturating_sub(size.0);
        crate::metrics::behind(by);
        self.enter(if by == 0 { LinkState::Live } else { LinkState::Behind { by } });
    }
}

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
        /// Whether the hub says that this node may not.
        refusing: bool,
        /// What was said.
        detail: String,
    },
    /// The hub answered what the protocol does not allow.
    #[error("the hub's answer breaks the protocol: {0}")]
    Answer(&'static str),
    /// The hub was caught.
    #[error(transparent)]
    Alarm(#[from] Alarm),
    /// Our own store failed: nothing goes on.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// We ended it ourselves, to greet with the renewed certificate.
    #[error("the certificate was renewed")]
    Renewed,
}

impl From<Status> for Ended {
    fn from(status: Status) -> Self {
        if let Some(says) = HubSays::of(&status) {
            return Self::Refused(says);
        }
        let code = status.get_details_error_info().map(|info| info.reason);
        let refusing = matches!(
            status.code(),
            Code::PermissionDenied | Code::Unauthenticated | Code::FailedPrecondition | Code::AlreadyExists
        );
        Self::Call { code, refusing, detail: format!("{:?}: {}", status.code(), status.message()) }
    }
}

impl From<tonic::transport::Error> for Ended {
    fn from(error: tonic::transport::Error) -> Self {
        match HubSays::of(&error) {
            Some(says) => Self::Refused(says),
            None => Self::Call { code: None, refusing: false, detail: chain(&error) },
        }
    }
}

impl Ended {
    /// The state of the line after this end.
    pub(crate) fn state(&self) -> LinkState {
        let down = |code: &str| LinkState::LineDown { code: code.to_owned(), detail: self.to_string() };
        match self {
            Self::Dial(error) => down(error.code()),
            Self::Refused(says) => LinkState::HubRefusing { code: says.code().to_owned() },
            Self::Call { code: Some(code), refusing: true, .. } => LinkState::HubRefusing { code: code.clone() },
            Self::Call { code, .. } => down(code.as_deref().unwrap_or(code::LINK_CALL_FAILED)),
            Self::Answer(_) => down(code::LINK_ANSWER_BAD),
            Self::Alarm(alarm) => LinkState::Alarm { code: alarm.code().to_owned() },
            Self::Store(error) => down(error.code()),
            Self::Renewed => down(code::LINE_DOWN),
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

/// One connection to the hub at this address.
pub(crate) async fn connect(dialer: &Dialer, address: &str) -> Result<Line, Ended> {
    let (host, port) = split_address(address).ok_or(Ended::Answer("an address that is not host:port"))?;
    let stream = dialer.dial(host, port).await?;
    let word = stream.word();
    let mut stream = Some(TokioIo::new(stream));
    let once = tower::service_fn(move |_| {
        let stream = stream.take();
        async move { stream.ok_or_else(|| io::Error::other("the connection has ended")) }
    });
    let endpoint = Endpoint::from_static("http://hub.multaqa")
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10))
        .keep_alive_while_idle(true)
        .http2_max_header_list_size(16 * 1024);
    match endpoint.connect_with_connector(once).await {
        Ok(channel) => Ok(Told::new(channel, word)),
        Err(error) => Err(word.said().map_or_else(|| error.into(), Ended::Refused)),
    }
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

    #[test]
    fn a_state_keeps_its_time_until_it_changes() {
        let (clock, hand) = Clock::manual(1_000);
        let tracker = Tracker::new(clock);
        let watch = tracker.watch();
        tracker.heard(TreeSize(10), TreeSize(4));
        hand.set(2_000);
        tracker.heard(TreeSize(10), TreeSize(6));
        assert_eq!((watch.borrow().since_ms, watch.borrow().heard_ms), (1_000, Some(2_000)));
        assert_eq!(watch.borrow().state, LinkState::Behind { by: 4 });
        tracker.heard(TreeSize(10), TreeSize(10));
        assert_eq!((watch.borrow().since_ms, watch.borrow().state.clone()), (2_000, LinkState::Live));
        // An older checkpoint does not make the hub smaller.
        tracker.heard(TreeSize(8), TreeSize(8));
        assert_eq!(watch.borrow().state, LinkState::Behind { by: 2 });
    }
}
