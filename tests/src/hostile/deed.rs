//! What the hostile hub does, one deed a variant, and what a node makes of each.
//!
//! The table says which alarm a deed raises, and what the evidence file then comes to for somebody who has nothing but the
//! genesis: `Forked` and `Ordered` convict the hub by its own signature; of the others the reporter's word is part.

macro_rules! deeds {
    ($($(#[$doc:meta])* $deed:ident,)*) => {
        /// One deed towards one member. The honest log goes on behind what the member holds: records of a writer for the states,
        /// one of its own for itself, the withdrawal of another, an invitation and the key that redeems it, and at the end the
        /// suspension of the writer's key.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Deed {
            $($(#[$doc])* $deed,)*
        }

        impl Deed {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$deed),*];
        }
    };
}

deeds! {
    /// None.
    Honest,
    /// Passes on a cosigned checkpoint of another log, of the size that the member holds and cosigned.
    ForkCosigned,
    /// Greets with another log of the size that the member holds.
    ForkGreeting,
    /// Goes on from another log than the member holds.
    ForkBehind,
    /// Greets with less than the member holds.
    Rewind,
    /// Of two branches the one that hides the suspension, with seals that fit; both are passed on as cosigned.
    BranchWithout,
    /// The other one of the two.
    BranchWith,
    /// Shows nothing that is new.
    Freeze,
    /// Leaves out a record.
    Drop,
    /// Exchanges two records of one writer.
    Reorder,
    /// Orders a record in a writer's name and under its key's id, signed by another key.
    Insert,
    /// The same under the other key's own id.
    InsertUnknown,
    /// Changes what a writer stated.
    AlterStatement,
    /// Shows another content than the writer's.
    AlterContent,
    /// Dates a record before the one that stands before it.
    Backdate,
    /// Dates a seal before the seal before.
    BackdateSeal,
    /// Shows the suspension of a key without its content.
    HideSuspension,
    /// Leaves the suspension out and keeps the seals.
    LeaveOutSuspension,
    /// Shows a new node's key without its content.
    HideKey,
    /// Shows a stub for a record in the middle of its lane, of a writer who then wrote in a lane that is not for the reader, and
    /// withdrew another object.
    WithholdMiddle,
    /// Shows a stub for the newest record for the states but what withdraws another one; the writer wrote on for itself, too.
    WithholdNewest,
    /// Shows what a writer keeps for itself.
    OverShare,
    /// Orders an old policy again.
    ReplayPolicy,
    /// Answers that a record stands where another entry does.
    AcceptAndDrop,
    /// The same of a record that it says was on the log before.
    ClaimDuplicate,
    /// Answers with a checkpoint of another log than it shows.
    AcceptElsewhere,
    /// Answers with a checkpoint that does not cover the index.
    AcceptUncovered,
    /// Answers without a checkpoint, and never orders anything more.
    AcceptForNever,
    /// Judges by a log of no entries who may read, so that a stub is for nobody.
    ViewBehind,
    /// Shows what a writer keeps for itself, judged by a log that nobody ever reaches.
    ViewBeyond,
    /// Lets a seal state a time of days to come, which lets deadlines pass.
    SealAhead,
    /// Dates all that is new an hour ahead.
    DateAhead,
    /// Says that it is an hour later, and then dates what is new before that.
    SayLater,
    /// Says that it lacks contents, and keeps back what it orders afterwards.
    LackAndWithhold,
    /// Says for ever that it was restored, and takes what it is offered.
    RefillForEver,
    /// Says for ever that its store takes no records.
    HaltForEver,
    /// Refuses each greeting since it is stopping.
    DrainForEver,
    /// Shows nothing that is new, and ends each stream after a while.
    FreezeAndCut,
    /// Begins log 2 without any operator.
    SucceedUndecided,
    /// Begins log 2 by a decision that another key signed in the operator's name.
    SucceedStrange,
    /// Begins log 2 by a decision that the operator made on another closing.
    SucceedReplayed,
    /// Begins log 2 with an operator, and without a quorum of states.
    SucceedUnwitnessed,
    /// Begins log 2 with an operator, on another tree than the log's.
    SucceedElsewhere,
    /// Begins log 2 below the closed size that it names.
    SucceedMisplaced,
    /// Says in the greeting that the log was closed below what the member holds, without any operator.
    CloseUndecided,
    /// The same with an operator and a quorum, from cosignatures of before: states have vouched for more since.
    CloseOlder,
    /// In a fast start, gives another hash for a run.
    StartForged,
    /// In a fast start, hides a control record in a run.
    StartHidesControl,
    /// In a fast start, hides the seal by which a control record is judged.
    StartHidesSeal,
    /// In a fast start, hides in a run what the member may read.
    StartHidesRecord,
    /// Ends a fast start where too few states vouch for the log.
    StartUnstable,
    /// Passes on cosignatures that the states' keys did not make.
    ForgeCosignatures,
    /// Signs a checkpoint of more entries than there can be.
    ClaimEndless,
    /// Sends a checkpoint with two lines of the log, of which one is none.
    SignTwice,
    /// Sends a checkpoint under a signature of an unknown kind.
    SignStrangely,
    /// Sends a checkpoint with a megabyte of lines.
    SignAtLength,
}

/// What a node makes of a deed.
#[derive(Debug, Clone, Copy)]
pub struct Caught {
    /// The deed.
    pub deed: Deed,
    /// Code of the alarm.
    pub code: &'static str,
    /// What the evidence file comes to beyond who signed it: proven or claimed, as the finding says itself.
    pub finding: &'static str,
}

const fn caught(deed: Deed, code: &'static str, finding: &'static str) -> Caught {
    Caught { deed, code, finding }
}

/// Deeds that are caught by what a single node is sent.
pub const TABLE: [Caught; 27] = [
    caught(Deed::ForkCosigned, "LOG_FORK", "forked"),
    caught(Deed::ForkGreeting, "ROOT_WRONG", "forked"),
    caught(Deed::ForkBehind, "ROOT_WRONG", "shown"),
    caught(Deed::Rewind, "LOG_REWOUND", "shown"),
    caught(Deed::Drop, "CHAIN_GAP", "ordered"),
    caught(Deed::Reorder, "CHAIN_GAP", "ordered"),
    caught(Deed::Insert, "SIGNATURE_BAD", "ordered"),
    caught(Deed::InsertUnknown, "KEY_UNKNOWN", "ordered"),
    caught(Deed::AlterStatement, "SIGNATURE_BAD", "ordered"),
    caught(Deed::AlterContent, "CONTENT_HASH_WRONG", "shown"),
    caught(Deed::Backdate, "TIME_WENT_BACK", "ordered"),
    caught(Deed::BackdateSeal, "SEAL_WRONG", "ordered"),
    caught(Deed::HideSuspension, "CONTROL_WITHHELD", "shown"),
    caught(Deed::LeaveOutSuspension, "SEAL_WRONG", "ordered"),
    caught(Deed::HideKey, "SEAL_WRONG", "shown"),
    caught(Deed::OverShare, "OVER_SHARED", "content"),
    caught(Deed::ReplayPolicy, "CHAIN_FORK", "ordered"),
    caught(Deed::WithholdMiddle, "WITHHELD", "not-shown"),
    caught(Deed::WithholdNewest, "WITHHELD", "not-shown"),
    caught(Deed::LackAndWithhold, "WITHHELD", "not-shown"),
    caught(Deed::ViewBehind, "VIEW_WRONG", "shown"),
    caught(Deed::ViewBeyond, "VIEW_WRONG", "not-shown"),
    caught(Deed::SealAhead, "TIME_WRONG", "ordered"),
    caught(Deed::SignTwice, "CHECKPOINT_BAD", "shown"),
    caught(Deed::SignStrangely, "CHECKPOINT_BAD", "shown"),
    caught(Deed::SignAtLength, "CHECKPOINT_BAD", "shown"),
    caught(Deed::ClaimEndless, "CHECKPOINT_BAD", "shown"),
];

/// Two branches, each shown to one of two members and cosigned by it.
pub const BRANCHES: [Caught; 2] =
    [caught(Deed::BranchWithout, "LOG_FORK", "forked"), caught(Deed::BranchWith, "LOG_FORK", "forked")];

/// A log that stands still for one member, five minutes long.
pub const FROZEN: Caught = caught(Deed::Freeze, "LOG_STANDS_STILL", "not-shown");

/// The same where the hub ends each stream before the five minutes are over.
pub const FROZEN_IN_PIECES: Caught = caught(Deed::FreezeAndCut, "LOG_STANDS_STILL", "not-shown");

/// What the hub says for ever, each five minutes long.
pub const CLAIMS: [Caught; 3] = [
    caught(Deed::RefillForEver, "CLAIM_OVERDUE", "not-shown"),
    caught(Deed::HaltForEver, "CLAIM_OVERDUE", "not-shown"),
    caught(Deed::DrainForEver, "CLAIM_OVERDUE", "not-shown"),
];

/// Times that contradict the clocks of the states, or what the hub said itself.
pub const TIMES: [Caught; 2] =
    [caught(Deed::DateAhead, "TIME_WRONG", "shown"), caught(Deed::SayLater, "TIME_WRONG", "not-shown")];

/// A log 2 that does not succeed log 1.
pub const SUCCESSIONS: [Caught; 8] = [
    caught(Deed::SucceedUndecided, "SUCCESSION_WRONG", "ordered"),
    caught(Deed::SucceedStrange, "SUCCESSION_WRONG", "ordered"),
    caught(Deed::SucceedReplayed, "SUCCESSION_WRONG", "ordered"),
    caught(Deed::SucceedUnwitnessed, "SUCCESSION_WRONG", "ordered"),
    caught(Deed::SucceedElsewhere, "SUCCESSION_WRONG", "forked"),
    caught(Deed::SucceedMisplaced, "SUCCESSION_WRONG", "ordered"),
    caught(Deed::CloseUndecided, "SUCCESSION_WRONG", "shown"),
    caught(Deed::CloseOlder, "LOG_FORK", "closed-below"),
];

/// Fast starts of a node that has nothing.
pub const STARTS: [Caught; 4] = [
    caught(Deed::StartForged, "ROOT_WRONG", "not-shown"),
    caught(Deed::StartHidesControl, "SEAL_WRONG", "not-shown"),
    caught(Deed::StartHidesSeal, "CONTROL_ACROSS_RUN", "not-shown"),
    caught(Deed::StartUnstable, "START_UNSTABLE", "not-shown"),
];

/// Deeds by which nothing is gained: no rule is broken by them, or nothing of them counts, and the node says how things are.
pub const IN_VAIN: [Deed; 2] = [Deed::ForgeCosignatures, Deed::StartHidesRecord];

/// Records that are accepted and dropped: their writer misses them.
pub const ANSWERS: [Caught; 4] = [
    caught(Deed::AcceptAndDrop, "ACCEPTED_LOST", "elsewhere"),
    caught(Deed::ClaimDuplicate, "ACCEPTED_LOST", "elsewhere"),
    caught(Deed::AcceptElsewhere, "LOG_FORK", "forked"),
    caught(Deed::AcceptUncovered, "ACCEPTED_UNORDERED", "shown"),
];

/// A record that is accepted and for which five minutes long no place comes.
pub const NEVER: Caught = caught(Deed::AcceptForNever, "ACCEPTED_UNORDERED", "not-shown");

impl Deed {
    /// Its name on the process's command line.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// Whether the entries are in order by themselves: a node takes and cosigns them, and finds out by what comes after.
    #[must_use]
    pub const fn shows_late(self) -> bool {
        matches!(
            self,
            Self::WithholdMiddle
                | Self::WithholdNewest
                | Self::LackAndWithhold
                | Self::ViewBeyond
                | Self::BranchWithout
                | Self::BranchWith
        ) || self.answers()
    }

    /// Whether it is about what the member submits.
    pub(super) const fn answers(self) -> bool {
        matches!(
            self,
            Self::AcceptAndDrop
                | Self::ClaimDuplicate
                | Self::AcceptElsewhere
                | Self::AcceptUncovered
                | Self::AcceptForNever
        )
    }
}

impl std::str::FromStr for Deed {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|deed| deed.name() == name).ok_or_else(|| format!("no deed {name}"))
    }
}
