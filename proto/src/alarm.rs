//! Every way in which a hub can be caught by what it sends. Each variant names one rule; none is retried.
//!
//! In scope: the alarms and their codes. Out of scope: what a node does then (it stops the stream, goes on serving reads).

use thiserror::Error;

use crate::hash::{Hash, RecordId};
use crate::id::Writer;
use crate::log::chain::ChainError;
use crate::log::evidence::EvidenceWrong;
use crate::log::succession::SuccessionWrong;
use crate::number::{LeafIndex, TreeSize};
use crate::record::form::FormError;
use crate::sync::run::RunBad;

/// A rule that the hub broke.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Alarm {
    /// A frame cannot be unpacked, or its blocks do not cover its run once.
    #[error("the frame is malformed: {0}")]
    FrameBad(&'static str),
    /// A frame is larger than allowed.
    #[error("the frame unpacks to more than {max} bytes")]
    FrameTooLarge {
        /// Limit, bytes.
        max: usize,
    },
    /// The frame does not begin at the cursor.
    #[error("the frame begins at {found}, the cursor is {expected}")]
    LogGap {
        /// The cursor.
        expected: TreeSize,
        /// First index of the frame.
        found: LeafIndex,
    },
    /// The checkpoint is not one of this log by its key.
    #[error("the checkpoint is refused: {0}")]
    CheckpointBad(&'static str),
    /// A checkpoint is older than what it must cover.
    #[error("the checkpoint covers {found} entries, {expected} are expected")]
    LogRewound {
        /// Entries expected.
        expected: TreeSize,
        /// Entries covered.
        found: TreeSize,
    },
    /// The entries do not give the checkpoint's root.
    #[error("root {computed} computed, {signed} signed at size {size}")]
    RootWrong {
        /// Tree size.
        size: TreeSize,
        /// Root over the entries.
        computed: Hash,
        /// Root in the checkpoint.
        signed: Hash,
    },
    /// The log key signed two histories.
    #[error("{0}")]
    LogFork(Box<Fork>),
    /// The line is up, and neither entries nor cosignatures of other states come: the log is hidden, or all others are away.
    #[error("neither entries nor cosignatures of other states came for five minutes")]
    LogStandsStill {
        /// Since when, milliseconds since 1970 UTC.
        since_ms: i64,
    },
    /// For longer than a claim may stand the hub said that it cannot serve the log, and did not serve it.
    #[error("the hub has said {claim} for longer than five minutes, and gives nothing meanwhile")]
    ClaimOverdue {
        /// What it says, as a code.
        claim: String,
        /// Since when, milliseconds since 1970 UTC.
        since_ms: i64,
    },
    /// The hub judged who may read by a log that is not its own: an older one than it sends, or a larger one than it has.
    #[error("the hub judged who may read by a log of {view} entries, and it has {size}")]
    ViewWrong {
        /// Entries that it says it had folded.
        view: TreeSize,
        /// Entries that it sent, or had later by its own checkpoint.
        size: TreeSize,
    },
    /// An entry is dated by a time that is not the one at which it was ordered.
    #[error("entry {index} is dated {}, and {why}", instant(*found_ms))]
    TimeWrong {
        /// Index.
        index: LeafIndex,
        /// The time that it states, milliseconds since 1970 UTC.
        found_ms: i64,
        /// What contradicts that.
        why: TimeDoubt,
    },
    /// Leaf 0 is not the genesis that the node joined.
    #[error("the genesis is another one: {0}")]
    GenesisWrong(&'static str),
    /// A leaf or its parts break the form.
    #[error("entry {index}: {form}")]
    Form {
        /// Index.
        index: LeafIndex,
        /// What breaks.
        form: FormError,
    },
    /// The leaf does not fit the signature or the stub that the node holds.
    #[error("entry {index}: the leaf does not fit what is sent with it")]
    LeafMismatch {
        /// Index.
        index: LeafIndex,
    },
    /// The record is of another federation.
    #[error("entry {index} is of another federation")]
    FederationWrong {
        /// Index.
        index: LeafIndex,
    },
    /// Evidence that proves nothing, or nothing new.
    #[error("entry {index}: the evidence proves nothing: {why}")]
    EvidenceWrong {
        /// Index.
        index: LeafIndex,
        /// What does not hold.
        why: &'static str,
    },
    /// A succession that does not hold.
    #[error("the log that begins at {index} does not succeed this one: {why}")]
    SuccessionWrong {
        /// Index.
        index: LeafIndex,
        /// What does not hold.
        why: &'static str,
    },
    /// A record of a writer whose contradiction is proven on the log.
    #[error("entry {index}: {writer} is frozen by the evidence before it")]
    WriterFrozen {
        /// Index.
        index: LeafIndex,
        /// Writer.
        writer: Writer,
    },
    /// No such key of that writer is known at its place.
    #[error("entry {index}: {writer} has no such key")]
    KeyUnknown {
        /// Index.
        index: LeafIndex,
        /// Writer.
        writer: Writer,
    },
    /// The writer's signature does not verify.
    #[error("entry {index}: the signature of {writer} does not verify")]
    SignatureBad {
        /// Index.
        index: LeafIndex,
        /// Writer.
        writer: Writer,
    },
    /// The writer's chain is broken.
    #[error("entry {index} of {writer}: {chain}")]
    Chain {
        /// Index.
        index: LeafIndex,
        /// Writer.
        writer: Writer,
        /// How.
        chain: ChainError,
    },
    /// A seal contradicts the control records before it.
    #[error("the seal at {index} contradicts the control records before it")]
    SealWrong {
        /// Index.
        index: LeafIndex,
    },
    /// Time on the log went back.
    #[error("time goes back at {index}")]
    TimeWentBack {
        /// Index.
        index: LeafIndex,
    },
    /// A content outside this member's audience was sent.
    #[error("entry {index} of {writer} is not for this member")]
    OverShared {
        /// Index.
        index: LeafIndex,
        /// Writer.
        writer: Writer,
    },
    /// A content that this member may read was kept back.
    #[error("entry {index} of {writer} came without its content, which this member may read")]
    Withheld {
        /// Index.
        index: LeafIndex,
        /// Writer.
        writer: Writer,
    },
    /// The hub answered that a record of this node's own stands at an index, and it does not.
    #[error("the hub answered that {record_id} stands at {index}, and it does not")]
    AcceptedLost {
        /// The index that it named.
        index: LeafIndex,
        /// The record.
        record_id: RecordId,
    },
    /// The hub answered that a record of this node's own stands at an index, and the log does not reach it.
    #[error("the hub answered that {record_id} stands at {index}, and its log ends at {size}")]
    AcceptedUnordered {
        /// The index that it named.
        index: LeafIndex,
        /// The record.
        record_id: RecordId,
        /// Entries of the log by the checkpoint that came with the answer, or by the newest one five minutes later.
        size: TreeSize,
    },
    /// A run breaks the form.
    #[error("a run is malformed: {0}")]
    RunBad(RunBad),
    /// In a fast start a run stands between a control leaf and the seal that it is judged by.
    #[error("entry {index} is a control leaf that a run parts from the seal below it")]
    ControlAcrossRun {
        /// Index.
        index: LeafIndex,
    },
    /// A fast start goes to a checkpoint for which too few states vouch.
    #[error("{states} of {quorum} states vouch for the log at {size}, where a fast start ends")]
    StartUnstable {
        /// Tree size of the checkpoint.
        size: TreeSize,
        /// States that vouch for it, by the policy at its size.
        states: usize,
        /// How many that policy asks for.
        quorum: usize,
    },
    /// An operator's record came without content.
    #[error("entry {index}: an operator's record was sent without its content")]
    ControlWithheld {
        /// Index.
        index: LeafIndex,
    },
}

/// What contradicts the time that an entry states, in each case by more than [`CLOCKS_MS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TimeDoubt {
    /// A seal states another time than its own leaf.
    #[error("its leaf says {}", instant(*.0))]
    OfLeaf(i64),
    /// The hub had said before that it is later, and that the log ends below the entry.
    #[error("the hub had said {} before it was ordered", instant(*.0))]
    OfHub(i64),
    /// The node's clock is far below, and other states' cosignatures agree with it.
    #[error("it was {} by the clocks of this node and of other states", instant(*.0))]
    OfClocks(i64),
}

/// Clocks of the federation may differ by so much, milliseconds: certificates are backdated as far.
pub const CLOCKS_MS: i64 = 5 * 60 * 1_000;

/// Two histories of one log, each signed by its key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("root {held} held, {signed} signed at size {size}")]
pub struct Fork {
    /// Tree size at which they differ.
    pub size: TreeSize,
    /// Root of the history that the node holds.
    pub held: Hash,
    /// Root in the other note.
    pub signed: Hash,
    /// The signed note of the history that the node holds: at this size where it has that one, otherwise a later one.
    pub ours: String,
    /// The signed note of the other history, with the cosignatures that it came with.
    pub theirs: String,
}

impl Alarm {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FrameBad(_) => "FRAME_BAD",
            Self::FrameTooLarge { .. } => "FRAME_TOO_LARGE",
            Self::LogGap { .. } => "LOG_GAP",
            Self::CheckpointBad(_) => "CHECKPOINT_BAD",
            Self::LogRewound { .. } => "LOG_REWOUND",
            Self::RootWrong { .. } => "ROOT_WRONG",
            Self::LogFork(_) => "LOG_FORK",
            Self::LogStandsStill { .. } => "LOG_STANDS_STILL",
            Self::ClaimOverdue { .. } => "CLAIM_OVERDUE",
            Self::ViewWrong { .. } => "VIEW_WRONG",
            Self::TimeWrong { .. } => "TIME_WRONG",
            Self::GenesisWrong(_) => "GENESIS_WRONG",
            Self::Form { form, .. } => form.code(),
            Self::LeafMismatch { .. } => "LEAF_MISMATCH",
            Self::FederationWrong { .. } => "FEDERATION_WRONG",
            Self::EvidenceWrong { .. } => EvidenceWrong::CODE,
            Self::SuccessionWrong { .. } => SuccessionWrong::CODE,
            Self::WriterFrozen { .. } => "WRITER_FROZEN",
            Self::KeyUnknown { .. } => "KEY_UNKNOWN",
            Self::SignatureBad { .. } => "SIGNATURE_BAD",
            Self::Chain { chain, .. } => chain.code(),
            Self::SealWrong { .. } => "SEAL_WRONG",
            Self::TimeWentBack { .. } => "TIME_WENT_BACK",
            Self::OverShared { .. } => "OVER_SHARED",
            Self::Withheld { .. } => "WITHHELD",
            Self::ControlWithheld { .. } => "CONTROL_WITHHELD",
            Self::RunBad(_) => "RUN_BAD",
            Self::ControlAcrossRun { .. } => "CONTROL_ACROSS_RUN",
            Self::StartUnstable { .. } => "START_UNSTABLE",
            Self::AcceptedLost { .. } => "ACCEPTED_LOST",
            Self::AcceptedUnordered { .. } => "ACCEPTED_UNORDERED",
        }
    }
    /// The entry at fault; none where the whole frame is.
    #[must_use]
    pub const fn index(&self) -> Option<LeafIndex> {
        match self {
            Self::FrameBad(_)
            | Self::FrameTooLarge { .. }
            | Self::LogGap { .. }
            | Self::CheckpointBad(_)
            | Self::LogRewound { .. }
            | Self::RootWrong { .. }
            | Self::LogFork(_)
            | Self::LogStandsStill { .. }
            | Self::ClaimOverdue { .. }
            | Self::ViewWrong { .. }
            | Self::GenesisWrong(_)
            | Self::RunBad(_)
            | Self::StartUnstable { .. } => None,
            Self::Form { index, .. }
            | Self::LeafMismatch { index }
            | Self::FederationWrong { index }
            | Self::EvidenceWrong { index, .. }
            | Self::SuccessionWrong { index, .. }
            | Self::WriterFrozen { index, .. }
            | Self::KeyUnknown { index, .. }
            | Self::SignatureBad { index, .. }
            | Self::Chain { index, .. }
            | Self::SealWrong { index }
            | Self::TimeWentBack { index }
            | Self::TimeWrong { index, .. }
            | Self::OverShared { index, .. }
            | Self::Withheld { index, .. }
            | Self::AcceptedLost { index, .. }
            | Self::AcceptedUnordered { index, .. }
            | Self::ControlAcrossRun { index }
            | Self::ControlWithheld { index } => Some(*index),
        }
    }
    /// Arguments of the code's message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let mut args = vec![("detail", self.to_string())];
        args.extend(self.index().map(|index| ("index", index.to_string())));
        match self {
            Self::WriterFrozen { writer, .. }
            | Self::KeyUnknown { writer, .. }
            | Self::SignatureBad { writer, .. }
            | Self::Chain { writer, .. }
            | Self::OverShared { writer, .. }
            | Self::Withheld { writer, .. } => args.push(("writer", writer.to_string())),
            Self::Form { form, .. } => args.extend(form.args()),
            Self::FrameTooLarge { max } => args.push(("max", max.to_string())),
            Self::LogGap { expected, found } => {
                args.extend([("expected", expected.to_string()), ("found", found.to_string())]);
            }
            Self::LogRewound { expected, found } => {
                args.extend([("expected", expected.to_string()), ("found", found.to_string())]);
            }
            Self::RootWrong { size, .. } => args.push(("size", size.to_string())),
            Self::LogFork(fork) => args.push(("size", fork.size.to_string())),
            Self::LogStandsStill { since_ms } => args.push(("since", instant(*since_ms))),
            Self::ClaimOverdue { claim, since_ms } => {
                args.extend([("claim", claim.clone()), ("since", instant(*since_ms))]);
            }
            Self::ViewWrong { view, size } => args.extend([("view", view.to_string()), ("size", size.to_string())]),
            Self::TimeWrong { found_ms, why, .. } => {
                let (TimeDoubt::OfLeaf(other_ms) | TimeDoubt::OfHub(other_ms) | TimeDoubt::OfClocks(other_ms)) = why;
                args.extend([("found", instant(*found_ms)), ("clock", instant(*other_ms))]);
            }
            Self::AcceptedLost { record_id, .. } => args.push(("record", record_id.to_string())),
            Self::AcceptedUnordered { record_id, size, .. } => {
                args.extend([("record", record_id.to_string()), ("size", size.to_string())]);
            }
            Self::StartUnstable { size, states, quorum } => args.extend([
                ("size", size.to_string()),
                ("states", states.to_string()),
                ("quorum", quorum.to_string()),
            ]),
            Self::FrameBad(_)
            | Self::CheckpointBad(_)
            | Self::GenesisWrong(_)
            | Self::LeafMismatch { .. }
            | Self::FederationWrong { .. }
            | Self::EvidenceWrong { .. }
            | Self::SuccessionWrong { .. }
            | Self::SealWrong { .. }
            | Self::TimeWentBack { .. }
            | Self::RunBad(_)
            | Self::ControlAcrossRun { .. }
            | Self::ControlWithheld { .. } => {}
        }
        args
    }
}

fn instant(unix_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(unix_ms)
        .map_or_else(|_| format!("{unix_ms} ms"), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
