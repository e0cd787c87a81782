//! What the hostile hub does, one deed a variant, and what a node makes of each.
//!
//! The table says which alarm a deed raises, and what the evidence file then comes to for somebody who has nothing but the
//! genesis: `Forked` and `Ordered` convict the hub by its own signature; of the others the reporter's word is part.

use multaqa_proto::number::TreeSize;
use multaqa_proto::wire::hub::Outcome;

use super::history::{Branch, History};
use super::leaf::{alter_lane, date, date_seal, seal_anew};

/// One deed towards one member. The honest log goes on behind what the member holds: records of a writer for the states,
/// one of its own for itself, the withdrawal of another, an invitation and the key that redeems it, and at the end the suspension
/// of the writer's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
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
pub const TABLE: [Caught; 19] = [
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
];

/// Two branches, each shown to one of two members and cosigned by it.
pub const BRANCHES: [Caught; 2] =
    [caught(Deed::BranchWithout, "LOG_FORK", "forked"), caught(Deed::BranchWith, "LOG_FORK", "forked")];

/// A log that stands still for one member, five minutes long.
pub const FROZEN: Caught = caught(Deed::Freeze, "LOG_STANDS_STILL", "not-shown");

/// What is answered to a member's record.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    pub(super) index: u64,
    /// The checkpoint that comes with it.
    pub(super) checkpoint: String,
}

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
    /// All of them.
    pub const ALL: [Self; 28] = [
        Self::Honest,
        Self::ForkCosigned,
        Self::ForkGreeting,
        Self::ForkBehind,
        Self::Rewind,
        Self::BranchWithout,
        Self::BranchWith,
        Self::Freeze,
        Self::Drop,
        Self::Reorder,
        Self::Insert,
        Self::InsertUnknown,
        Self::AlterStatement,
        Self::AlterContent,
        Self::Backdate,
        Self::BackdateSeal,
        Self::HideSuspension,
        Self::LeaveOutSuspension,
        Self::HideKey,
        Self::WithholdMiddle,
        Self::WithholdNewest,
        Self::OverShare,
        Self::ReplayPolicy,
        Self::AcceptAndDrop,
        Self::ClaimDuplicate,
        Self::AcceptElsewhere,
        Self::AcceptUncovered,
        Self::AcceptForNever,
    ];

    /// Its name on the process's command line.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// Whether the entries are in order by themselves: a node takes and cosigns them, and finds out by what comes after.
    #[must_use]
    pub const fn shows_late(self) -> bool {
        matches!(self, Self::WithholdMiddle | Self::WithholdNewest | Self::BranchWithout | Self::BranchWith)
            || self.answers()
    }

    /// Whether it is about what the member submits.
    const fn answers(self) -> bool {
        matches!(
            self,
            Self::AcceptAndDrop
                | Self::ClaimDuplicate
                | Self::AcceptElsewhere
                | Self::AcceptUncovered
                | Self::AcceptForNever
        )
    }

    /// What a record is answered that comes to this branch; none where it is not answered.
    pub(super) fn answer(self, history: &History, branch: &Branch) -> Option<Answer> {
        let (size, end) = (branch.entries.len() as u64, branch.end(history));
        let newest = size.checked_sub(1)?;
        let answer = |outcome, index, checkpoint| Answer { outcome, index, checkpoint };
        let other = || history.sign(TreeSize(size), history.other_root(branch.entries.len()));
        match self {
            Self::AcceptAndDrop => Some(answer(Outcome::Accepted, newest, end)),
            Self::ClaimDuplicate => Some(answer(Outcome::Duplicate, newest, end)),
            Self::AcceptElsewhere => Some(answer(Outcome::Accepted, newest, other())),
            Self::AcceptUncovered => Some(answer(Outcome::Accepted, size, end)),
            Self::AcceptForNever => Some(answer(Outcome::Accepted, size, String::new())),
            Self::Honest
            | Self::ForkCosigned
            | Self::ForkGreeting
            | Self::ForkBehind
            | Self::Rewind
            | Self::BranchWithout
            | Self::BranchWith
            | Self::Freeze
            | Self::Drop
            | Self::Reorder
            | Self::Insert
            | Self::InsertUnknown
            | Self::AlterStatement
            | Self::AlterContent
            | Self::Backdate
            | Self::BackdateSeal
            | Self::HideSuspension
            | Self::LeaveOutSuspension
            | Self::HideKey
            | Self::WithholdMiddle
            | Self::WithholdNewest
            | Self::OverShare
            | Self::ReplayPolicy => None,
        }
    }

    /// Whether its cosigned checkpoints are passed on to the other of the two branches.
    pub(super) const fn is_branch(self) -> bool {
        matches!(self, Self::BranchWithout | Self::BranchWith)
    }

    /// What a member that holds so many entries is shown.
    pub(super) fn branch(self, history: &History, held: usize) -> Branch {
        let shared = |place: usize| history.shared(held)[place];
        let mut branch = Branch { entries: history.entries().to_vec(), ..Branch::default() };
        let entries = &mut branch.entries;
        match self {
            Self::Honest
            | Self::BranchWith
            | Self::AcceptAndDrop
            | Self::ClaimDuplicate
            | Self::AcceptElsewhere
            | Self::AcceptUncovered
            | Self::AcceptForNever => {}
            Self::ForkCosigned => {
                branch.cosigned = vec![history.sign(TreeSize(held as u64), history.other_root(held))];
            }
            Self::ForkGreeting => {
                branch.greeting = Some(history.sign(TreeSize(held as u64), history.other_root(held)));
            }
            Self::ForkBehind => {
                let size = TreeSize(entries.len() as u64);
                branch.end = Some(history.sign(size, history.other_root(entries.len())));
            }
            Self::Rewind => branch.greeting = Some(history.checkpoint(&entries[..held - 1])),
            Self::BranchWithout => {
                entries.remove(history.suspension(held));
                // As long as the other one: the newest entry is a seal, and here another one stands over it.
                entries.extend(entries.last().cloned());
                seal_anew(entries, held);
            }
            Self::Freeze => entries.truncate(held),
            Self::Drop => drop(entries.remove(shared(1))),
            Self::Reorder => history.exchange(entries, shared(1), shared(2)),
            Self::Insert => entries.insert(shared(1), history.forged(shared(0), shared(1), true)),
            Self::InsertUnknown => entries.insert(shared(1), history.forged(shared(0), shared(1), false)),
            Self::AlterStatement => alter_lane(&mut entries[shared(1)]),
            Self::AlterContent => entries[shared(1)].content.clone_from(&history.entries()[shared(0)].content),
            Self::Backdate => {
                let before = history.time(shared(1) - 1);
                date(&mut entries[shared(1)], before - 1);
            }
            Self::BackdateSeal => {
                let [before, seal] = history.seals_around(held);
                date_seal(&mut entries[seal], history.seal_time(before) - 1);
            }
            Self::HideSuspension => entries[history.suspension(held)].content = None,
            Self::LeaveOutSuspension => drop(entries.remove(history.suspension(held))),
            Self::HideKey => entries[history.key(held)].content = None,
            Self::WithholdMiddle => entries[shared(1)].content = None,
            Self::WithholdNewest => {
                let newest = history.shared(held).last().copied();
                entries[newest.expect("a record for the states")].content = None;
            }
            Self::OverShare => {
                branch.to_all.insert(history.kept(held));
            }
            Self::ReplayPolicy => {
                let after = history.key(held);
                let again = history.again(history.old_policy(), after);
                entries.insert(after, again);
            }
        }
        branch
    }
}

impl std::str::FromStr for Deed {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|deed| deed.name() == name).ok_or_else(|| format!("no deed {name}"))
    }
}
