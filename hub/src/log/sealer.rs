//! When a seal is due: the hub's unsigned leaf that fixes time and the control chain.
//!
//! At most one a second under traffic, when an invitation's expiry falls due, and daily; and after a commit that failed, until
//! one is stored (`sequencer`). So a log that takes records never stands unsealed for long, which is how a node tells that one
//! is frozen. In scope: that decision, as a pure
//! function of state and clock. Out of scope: writing the leaf (`sequencer`).

use multaqa_proto::log::state::LogState;
use multaqa_proto::number::TreeSize;

/// Least time between seals under traffic, milliseconds.
const TRAFFIC_MS: i64 = 1_000;
/// Most time between seals, milliseconds.
const IDLE_MS: i64 = 24 * 60 * 60 * 1_000;

/// What the decision needs besides the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sealer {
    /// Size just after the newest seal; 0 before the first.
    pub(crate) sealed: TreeSize,
}

impl Sealer {
    /// When the next seal is due, milliseconds since 1970 UTC; in the past where it is overdue.
    pub(crate) fn due_at(self, state: &LogState) -> i64 {
        let newest = state.seal_time_ms();
        let traffic = (state.size() > self.sealed).then_some(newest.saturating_add(TRAFFIC_MS));
        let idle = Some(newest.saturating_add(IDLE_MS));
        [traffic, idle, expiry(state)].into_iter().flatten().min().unwrap_or(newest)
    }
    /// Whether a seal is due.
    pub(crate) fn is_due(self, state: &LogState, now_ms: i64) -> bool {
        self.due_at(state) <= now_ms
    }
}

/// The first millisecond at which an invitation that is open by seal time has expired.
fn expiry(state: &LogState) -> Option<i64> {
    let open = |not_after_ms: &i64| *not_after_ms >= state.seal_time_ms();
    let invitations = state.directory().invitations().map(|(_, invitation)| invitation);
    let ends = invitations.filter(|i| i.used_by.is_none()).map(|i| i.not_after_ms).filter(open);
    ends.min().map(|end| end.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Federation;

    #[tokio::test]
    async fn seals_follow_traffic_deadlines_and_days() {
        let world = Federation::new().await;
        let mut state = world.store().await.load().await.unwrap().state;
        let unsealed = Sealer { sealed: TreeSize(0) };
        assert!(unsealed.is_due(&state, TRAFFIC_MS));
        assert!(!unsealed.is_due(&state, TRAFFIC_MS - 1));
        let sealed = Sealer { sealed: state.size() };
        assert_eq!(sealed.due_at(&state), IDLE_MS);
        // The one-time invitation of this world ends at 5000: by then its seal is due, and after it no more.
        world.invite_into(&mut state, 5_000);
        let sealed = Sealer { sealed: state.size() };
        assert_eq!(sealed.due_at(&state), 5_001);
        world.seal_into(&mut state, 5_001);
        let sealed = Sealer { sealed: state.size() };
        assert_eq!(sealed.due_at(&state), 5_001 + IDLE_MS);
    }
}
