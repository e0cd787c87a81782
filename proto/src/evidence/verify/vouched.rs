//! What other states had cosigned of the log of which the hub gave nothing more: whoever says that it has none, or nothing new, says
//! it against these.
//!
//! Out of scope: whether the hub did say so, which no signature of its covers.

use std::collections::BTreeSet;

use super::{Report, Sent};
use crate::evidence::Finding;
use crate::id::MemberCode;
use crate::log::state::LogState;
use crate::log::witness::{Cosigned, millis};

/// The alarms of a hub that gives nothing.
const SILENCE: [&str; 2] = ["LOG_STANDS_STILL", "CLAIM_OVERDUE"];

/// See the module.
pub(super) fn finding(report: &Report, state: &LogState) -> Option<Finding> {
    let Sent::Checkpoints { notes, .. } = &report.sent else { return None };
    let opened = notes.iter().filter(|_| SILENCE.contains(&report.code.as_str()));
    let opened: Vec<Cosigned> = opened.filter_map(|note| Cosigned::open(note, state.directory()).ok()).collect();
    let me = report.reporter.member();
    let others = opened.iter().flat_map(|cosigned| {
        let lines = cosigned.cosignatures.iter().filter(|line| line.witness.member() != me);
        lines.map(|line| (cosigned.checkpoint.size, line))
    });
    let others: Vec<_> = others.collect();
    let size = others.iter().map(|(size, _)| *size).max()?;
    let newest = || others.iter().filter(|(at, _)| *at == size).map(|(_, line)| line);
    let states: BTreeSet<MemberCode> = newest().filter_map(|line| line.witness.member().cloned()).collect();
    let time_ms = newest().map(|line| millis(line.time_s)).max()?;
    Some(Finding::Vouched { size, states, time_ms })
}
