//! What a member is shown, deed by deed: the honest log with the one change.
//!
//! Out of scope: finding what a deed is about and signing (`history`), a log 2 (`succeed`), a fast start (`start`).

use multaqa_proto::alarm::CLOCKS_MS;
use multaqa_proto::number::TreeSize;
use multaqa_proto::wire::hub::{Outcome, Wanted};

use super::deed::Deed;
use super::history::{Branch, History};
use super::leaf::{alter_lane, date, date_seal, postpone, seal_anew};
use super::succeed;
use crate::checker::Held;

/// An hour, milliseconds.
const HOUR_MS: i64 = 12 * CLOCKS_MS;

/// What is answered to a member's record.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    pub(super) index: u64,
    /// The checkpoint that comes with it.
    pub(super) checkpoint: String,
}

impl Deed {
    /// What a record is answered that comes to this branch; none where it is not answered.
    pub(super) fn answer(self, history: &History, branch: &Branch) -> Option<Answer> {
        let (size, end) = (branch.entries.len() as u64, branch.end(history));
        let newest = size.checked_sub(1).filter(|_| self.answers())?;
        let (outcome, index, checkpoint) = if self == Self::AcceptAndDrop {
            (Outcome::Accepted, newest, end)
        } else if self == Self::ClaimDuplicate {
            (Outcome::Duplicate, newest, end)
        } else if self == Self::AcceptElsewhere {
            (Outcome::Accepted, newest, history.sign(TreeSize(size), history.other_root(branch.entries.len())))
        } else if self == Self::AcceptUncovered {
            (Outcome::Accepted, size, end)
        } else {
            (Outcome::Accepted, size, String::new())
        };
        Some(Answer { outcome, index, checkpoint })
    }

    /// Whether it is about a fast start.
    pub(super) const fn starts(self) -> bool {
        matches!(
            self,
            Self::StartForged
                | Self::StartHidesControl
                | Self::StartHidesSeal
                | Self::StartHidesRecord
                | Self::StartUnstable
        )
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
            | Self::AcceptForNever
            | Self::StartForged
            | Self::StartHidesControl
            | Self::StartHidesSeal
            | Self::StartHidesRecord
            | Self::StartUnstable => {}
            Self::ForkCosigned
            | Self::ForkGreeting
            | Self::ForkBehind
            | Self::Rewind
            | Self::ForgeCosignatures
            | Self::ClaimEndless
            | Self::SignTwice
            | Self::SignStrangely
            | Self::SignAtLength => self.sign(history, held, &mut branch),
            Self::FreezeAndCut
            | Self::RefillForEver
            | Self::HaltForEver
            | Self::DrainForEver
            | Self::LackAndWithhold
            | Self::ViewBehind
            | Self::ViewBeyond
            | Self::SayLater => self.say(history, held, &mut branch),
            Self::SucceedUndecided
            | Self::SucceedStrange
            | Self::SucceedReplayed
            | Self::SucceedUnwitnessed
            | Self::SucceedElsewhere
            | Self::SucceedMisplaced
            | Self::CloseUndecided
            | Self::CloseOlder => succeed::show(self, history, held, &mut branch),
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
            Self::Backdate | Self::BackdateSeal | Self::SealAhead | Self::DateAhead => {
                self.date(history, held, entries);
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

    /// Checkpoints that are not the log's, or not as they are to be.
    fn sign(self, history: &History, held: usize, branch: &mut Branch) {
        let (size, note) = (TreeSize(held as u64), history.checkpoint(&branch.entries));
        let other = |held| history.other_root(held);
        if self == Self::ForkCosigned {
            branch.cosigned = vec![history.sign(size, other(held))];
        } else if self == Self::ForkGreeting {
            branch.greeting = Some(history.sign(size, other(held)));
        } else if self == Self::ForkBehind {
            let end = branch.entries.len();
            branch.end = Some(history.sign(TreeSize(end as u64), other(end)));
        } else if self == Self::Rewind {
            branch.greeting = Some(history.checkpoint(&branch.entries[..held - 1]));
        } else if self == Self::ForgeCosignatures {
            branch.cosigned = vec![history.forged_cosignatures(&note)];
        } else if self == Self::ClaimEndless {
            branch.end = Some(history.sign(TreeSize(u64::MAX), other(held)));
        } else if self == Self::SignTwice {
            branch.end = Some(history.doubled(&note));
        } else if self == Self::SignStrangely {
            branch.end = Some(history.under_another_algorithm(&branch.entries));
        } else {
            branch.end = Some(format!("{note}{}", "\u{2014} nobody AAAAAA==\n".repeat(50_000)));
        }
    }

    /// What the hub says beside the log, and no signature covers.
    fn say(self, history: &History, held: usize, branch: &mut Branch) {
        let entries = &mut branch.entries;
        let middle = history.shared(held)[1];
        if self == Self::FreezeAndCut {
            entries.truncate(held);
            branch.cut = true;
        } else if self == Self::RefillForEver {
            branch.wanted = Some(Wanted { entries: true, ..Wanted::default() });
        } else if self == Self::HaltForEver {
            entries.truncate(held);
            branch.frozen = "HUB_STORE_UNAVAILABLE";
        } else if self == Self::DrainForEver {
            branch.refuses = Some("HUB_DRAINING");
        } else if self == Self::LackAndWithhold {
            branch.wanted = Some(Wanted { contents: true, ..Wanted::default() });
            branch.greeting = Some(history.checkpoint(&entries[..held]));
            entries[middle].content = None;
        } else if self == Self::ViewBehind {
            branch.view = Some(0);
            entries[middle].content = None;
        } else if self == Self::ViewBeyond {
            branch.view = Some(u64::MAX);
            branch.to_all.insert(history.kept(held));
        } else {
            branch.ahead_ms = HOUR_MS;
            branch.greeting = Some(history.checkpoint(&entries[..held]));
        }
    }

    /// Times that are not those at which the log was written.
    fn date(self, history: &History, held: usize, entries: &mut [Held]) {
        let [before, seal] = history.seals_around(held);
        if self == Self::Backdate {
            let middle = history.shared(held)[1];
            date(&mut entries[middle], history.time(middle - 1) - 1);
        } else if self == Self::BackdateSeal {
            date_seal(&mut entries[seal], history.seal_time(before) - 1);
        } else if self == Self::SealAhead {
            date_seal(&mut entries[seal], history.seal_time(seal) + 72 * HOUR_MS);
        } else {
            entries[held..].iter_mut().for_each(|entry| postpone(entry, HOUR_MS));
            seal_anew(entries, held);
        }
    }
}
