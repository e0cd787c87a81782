//! That the reporter's log was closed: by a succession that does not hold, or below what a quorum had cosigned of it.
//!
//! In the second case the operators' decision and the states' cosignatures are signed, so it is proven whoever sent what. What is
//! wrong with a succession that does not hold, anybody can see; that the hub sent it in a greeting, only the reporter says. Where it
//! stands among the entries of a signed log 2 that convicts the hub (`ordered`). Out of scope: what a succession must hold
//! (`log::succession`).

use std::collections::BTreeSet;

use super::{Report, Sent, fold};
use crate::alarm::{Alarm, Fork};
use crate::evidence::Finding;
use crate::id::MemberCode;
use crate::log::leaf::{Leaf, LeafType};
use crate::log::state::LogState;
use crate::log::succession::{Held, Succession, SuccessionWrong};
use crate::log::witness::{Cosigned, Numbers};
use crate::number::TreeSize;
use crate::sync::intake::unpack_all;

/// The rule that the succession of a greeting breaks.
pub(super) fn replay(report: &Report, state: &LogState) -> Result<(), Alarm> {
    let index = state.size().next_index();
    let held = check(report, state).map_err(|SuccessionWrong(why)| Alarm::SuccessionWrong { index, why })?;
    let (Some((stable, _)), Sent::Succession { cosigned, .. }) =
        (stable(report, state, held.closed.size), &report.sent)
    else {
        return Ok(());
    };
    let (ours, theirs) = (cosigned.first().cloned().unwrap_or_default(), String::new());
    let fork = Fork { size: stable, held: state.root(), signed: held.closed.root, ours, theirs };
    Err(Alarm::LogFork(Box::new(fork)))
}

/// That the log was closed below what a quorum had cosigned.
pub(super) fn finding(report: &Report, state: &LogState) -> Option<Finding> {
    let Sent::Succession { .. } = &report.sent else { return None };
    let closed = check(report, state).ok()?.closed;
    let (stable, states) = stable(report, state, closed.size)?;
    Some(Finding::ClosedBelow { log: closed.log, closed: closed.size, stable, states })
}

/// The checkpoints at which successions among what was sent close the log.
pub(super) fn checkpoints(report: &Report) -> Vec<String> {
    let leaves = match &report.sent {
        Sent::Succession { leaf, .. } => vec![leaf.clone()],
        Sent::Frame(frame) => {
            let entries = unpack_all(&frame.blocks).unwrap_or_default();
            entries.into_iter().map(|entry| entry.leaf).collect()
        }
        Sent::Fill { .. } | Sent::Checkpoints { .. } | Sent::Answer { .. } => Vec::new(),
    };
    let leaves = leaves.iter().filter_map(|leaf| Leaf::parse(leaf).ok());
    let successions = leaves.filter(|leaf| leaf.leaf_type == LeafType::Succession);
    successions.filter_map(|leaf| Succession::parse(&leaf.body).ok()).map(|found| found.closed).collect()
}

/// The succession that was sent, by the directory at the closed size.
fn check(report: &Report, state: &LogState) -> Result<Held, SuccessionWrong> {
    let malformed = SuccessionWrong("its leaf is malformed");
    let Sent::Succession { leaf, .. } = &report.sent else { return Err(malformed) };
    let leaf = Leaf::parse(leaf).map_err(|_| malformed)?;
    let succession = Succession::parse(&leaf.body)?;
    let closed = succession.closed_checkpoint(state.directory())?;
    let below = report.held.as_ref().filter(|held| closed.size < held.size);
    match below.and_then(|held| fold(report.genesis, held, closed.size).ok()) {
        Some((directory, _)) => succession.check(&directory),
        None => succession.check(state.directory()),
    }
}

/// What a quorum cosigned above a size of the reporter's log: the least of their sizes, and who.
fn stable(report: &Report, state: &LogState, closed: TreeSize) -> Option<(TreeSize, BTreeSet<MemberCode>)> {
    let Sent::Succession { cosigned, .. } = &report.sent else { return None };
    let directory = state.directory();
    let opened = cosigned.iter().filter_map(|note| Cosigned::open(note, directory).ok());
    let above: Vec<Cosigned> = opened.filter(|cosigned| cosigned.checkpoint.size > closed).collect();
    let lines = above.iter().flat_map(|cosigned| &cosigned.cosignatures);
    let states: BTreeSet<MemberCode> = lines.filter_map(|line| line.witness.member().cloned()).collect();
    let numbers = Numbers::of(directory.policy().witnesses.len());
    let least = above.iter().map(|cosigned| cosigned.checkpoint.size).min()?;
    (numbers.states > 0 && states.len() >= numbers.quorum).then_some((least, states))
}
