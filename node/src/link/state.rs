//! What state the line to the hub is in, and what the log behind it does.
//!
//! Seven states, told apart by what is known: no connection · the hub refuses · the hub was caught · the hub answers and its log
//! stands still · entries are still to come · all is there, and too few others vouch for it · all is there. Out of scope: what is known (`tracker`).

use std::collections::BTreeMap;

use multaqa_proto::number::TreeSize;

/// A code with what its text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Stable code.
    pub code: String,
    /// Arguments of the code's message.
    pub args: BTreeMap<String, String>,
}

impl Cause {
    /// A code without arguments.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self { code: code.to_owned(), args: BTreeMap::new() }
    }
    /// With an argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: &(impl ToString + ?Sized)) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
    pub(super) fn of(code: &str, args: Vec<(&'static str, String)>) -> Self {
        Self { code: code.to_owned(), args: args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() }
    }
}

/// What state the line is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// No connection; it is tried again by itself.
    LineDown(Cause),
    /// The hub refuses this node; it is tried again by itself.
    HubRefusing(Cause),
    /// The hub was caught breaking a rule: nothing more is taken from it until an operator says so.
    Alarm(Cause),
    /// The hub answers, but its log takes no records, or does not move where it must: what it has may not be all there is.
    LogFrozen(Cause),
    /// Connected, with entries still to come.
    Behind {
        /// How many.
        by: u64,
    },
    /// Connected, and at the hub's newest checkpoint, for which too few other states vouch at present: what others see may differ.
    Unwitnessed {
        /// Since when, milliseconds since 1970 UTC.
        since_ms: i64,
        /// How many would be needed.
        cause: Cause,
    },
    /// Connected, and at the hub's newest checkpoint.
    Live,
}

impl LinkState {
    /// The state as one word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::LineDown(_) => "line-down",
            Self::HubRefusing(_) => "hub-refusing",
            Self::Alarm(_) => "alarm",
            Self::LogFrozen(_) => "log-frozen",
            Self::Behind { .. } => "behind",
            Self::Unwitnessed { .. } => "unwitnessed",
            Self::Live => "live",
        }
    }
    /// What explains the state; none where all is well.
    #[must_use]
    pub const fn cause(&self) -> Option<&Cause> {
        match self {
            Self::LineDown(cause)
            | Self::HubRefusing(cause)
            | Self::Alarm(cause)
            | Self::LogFrozen(cause)
            | Self::Unwitnessed { cause, .. } => Some(cause),
            Self::Behind { .. } | Self::Live => None,
        }
    }
    /// Its code.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.cause().map(|cause| cause.code.as_str())
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
    /// When the hub refused a copy of this node last, milliseconds since 1970 UTC; none since it started.
    pub copy_refused_ms: Option<i64>,
}
