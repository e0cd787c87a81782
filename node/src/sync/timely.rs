//! Whether what the hub orders is dated by the time at which it does.
//!
//! Deadlines are judged by the times on the log, which the hub writes alone: dated ahead they pass early, dated back they never
//! do. Within the log time never goes back, and a seal states the time of its leaf (`proto::sync::intake`). Beyond that:
//! - the hub says what time it is with the checkpoint at its head: what comes above that head is not dated more than
//!   [`CLOCKS_MS`] before that time, whatever any other clock says (`TIME_WRONG`);
//! - nothing is dated more than that ahead of this node's clock, where enough other states' cosignatures are fresh by it, so that
//!   they agree with it (`TIME_WRONG`).
//!
//! A node's own clock may be the wrong one, and is no ground to accuse anybody: where the other states are ahead of it too, what
//! comes is taken, and `status` says that the clock is to be set. Where nobody says which clock is right, nothing is taken and
//! nothing is claimed (`CLOCKS_DIFFER`): it goes on by itself once the clock is set, or others are heard. A whole log that is
//! fetched anew is old, and is never too old by these rules. In scope: these rules. Out of scope: what the line shows (`link`).

use std::sync::{Arc, Mutex, PoisonError};

use multaqa_proto::alarm::{Alarm, CLOCKS_MS, TimeDoubt};
use multaqa_proto::number::TreeSize;
use multaqa_proto::sync::intake::Taken;

use super::Session;
use crate::link::Ended;
use crate::witness::Others;

/// What the hub said last of its head and its time; shared by the loops of a session.
#[derive(Debug, Clone, Default)]
pub(super) struct Said(Arc<Mutex<Option<(TreeSize, i64)>>>);

impl Said {
    /// The hub has so many entries, and says that it is this time.
    pub(super) fn note(&self, size: TreeSize, hub_time_ms: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((size, hub_time_ms));
    }
    fn newest(&self) -> Option<(TreeSize, i64)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Entries that may not be taken as they are dated.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Doubt {
    Hub(Alarm),
    /// Nobody says which clock is right. By so many milliseconds they are ahead.
    Clocks(i64),
}

/// What is dated as it cannot be.
fn doubt(taken: &[Taken], said: Option<(TreeSize, i64)>, now_ms: i64, others: Others) -> Option<Doubt> {
    taken.iter().find_map(|taken| {
        let index = taken.entry.index;
        let found_ms = taken.time_ms();
        let before = said.filter(|(size, hub_ms)| index.0 >= size.0 && hub_ms.saturating_sub(found_ms) > CLOCKS_MS);
        if let Some((_, hub_ms)) = before {
            return Some(Doubt::Hub(Alarm::TimeWrong { index, found_ms, why: TimeDoubt::OfHub(hub_ms) }));
        }
        let ahead_ms = found_ms.saturating_sub(now_ms);
        match others {
            Others::Agree | Others::Unknown if ahead_ms <= CLOCKS_MS => None,
            Others::Agree => Some(Doubt::Hub(Alarm::TimeWrong { index, found_ms, why: TimeDoubt::OfClocks(now_ms) })),
            Others::Unknown => Some(Doubt::Clocks(ahead_ms)),
            Others::Ahead => None,
        }
    })
}

impl Session {
    /// What was verified is dated as it can be; `caught` makes an alarm of it.
    pub(super) fn must_be_timely(&self, taken: &[Taken], caught: impl FnOnce(Alarm) -> Ended) -> Result<(), Ended> {
        let (sync, now_ms) = (&self.sync, self.sync.clock.now_ms());
        let others = Others::of(&sync.witnessing.standing().borrow(), sync.replica.member(), now_ms);
        match doubt(taken, self.said.newest(), now_ms, others) {
            None => Ok(()),
            Some(Doubt::Hub(alarm)) => Err(caught(alarm)),
            Some(Doubt::Clocks(ahead_ms)) => Err(Ended::Clocks { ahead_ms }),
        }
    }
}
