//! How old an answer is.
//!
//! An answer is *as of* the moment when the replica was last known to hold everything that the hub had: when a checkpoint at
//! the replica's position was verified, or where the replica is behind, when the hub accepted the newest entry that it
//! holds. *live*: connected and at the newest checkpoint; *stale*: connected and behind, silent for long, stopped by an alarm,
//! at the end of a log that stands still, or of one for which too few other states vouch; *offline*: no line, or the hub refuses the node.

use multaqa_proto::wire::node::Freshness;

use crate::link::{LinkState, LinkStatus};
use crate::replica::Cursor;

/// A line that brought no checkpoint for so long is not live, milliseconds.
const SILENT: i64 = 5 * 60 * 1000;

pub(crate) fn of(cursor: Option<&Cursor>, link: &LinkStatus, now_ms: i64) -> Freshness {
    let LinkStatus { state, since_ms, heard_ms, hub_size, skew_ms: _, hub: _, copy_refused_ms: _ } = link;
    let silent = heard_ms.is_none_or(|heard| now_ms.saturating_sub(heard) > SILENT);
    let (word, down, alarm, frozen) = match state {
        LinkState::Live if silent => ("stale", None, "", ""),
        LinkState::Live => ("live", None, "", ""),
        LinkState::Behind { .. } | LinkState::Unwitnessed { .. } => ("stale", None, "", ""),
        LinkState::Alarm(cause) => ("stale", None, cause.code.as_str(), ""),
        LinkState::LogFrozen(cause) => ("stale", None, "", cause.code.as_str()),
        LinkState::LineDown(_) | LinkState::HubRefusing(_) => ("offline", Some(*since_ms), "", ""),
    };
    let at = |cursor: &Cursor| {
        let whole = hub_size.is_none_or(|hub_size| cursor.size >= hub_size);
        let known = if whole { heard_ms.unwrap_or(cursor.applied_at_ms) } else { cursor.accepted_at_ms };
        known.max(cursor.accepted_at_ms)
    };
    Freshness {
        as_of_ms: cursor.map_or(0, at),
        log: cursor.map_or(0, |cursor| cursor.log.0),
        size: cursor.map_or(0, |cursor| cursor.size.0),
        state: word.to_owned(),
        line_down_since_ms: down,
        line_code: down.and_then(|_| state.code()).unwrap_or_default().to_owned(),
        alarm: alarm.to_owned(),
        frozen: frozen.to_owned(),
        unwitnessed_since_ms: match state {
            LinkState::Unwitnessed { since_ms, .. } => Some(*since_ms),
            LinkState::LineDown(_)
            | LinkState::HubRefusing(_)
            | LinkState::Alarm(_)
            | LinkState::LogFrozen(_)
            | LinkState::Behind { .. }
            | LinkState::Live => None,
        },
        fills: cursor.map_or(0, |cursor| cursor.fills),
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::hash::Hash;
    use multaqa_proto::number::{LogNumber, TreeSize};

    use super::*;
    use crate::link::Cause;

    fn cursor(size: u64) -> Cursor {
        Cursor {
            log: LogNumber(1),
            size: TreeSize(size),
            root: Hash([7; 32]),
            seal_time_ms: 0,
            accepted_at_ms: 1_000,
            applied_at_ms: 1_100,
            checkpoint: String::new(),
            fills: 0,
        }
    }

    fn link(state: LinkState, heard_ms: Option<i64>, hub_size: u64) -> LinkStatus {
        LinkStatus {
            state,
            since_ms: 5_000,
            heard_ms,
            hub_size: Some(TreeSize(hub_size)),
            skew_ms: None,
            hub: None,
            copy_refused_ms: None,
        }
    }

    fn down() -> LinkState {
        LinkState::LineDown(Cause::new("DIAL_FAILED"))
    }

    #[test]
    fn a_quiet_log_is_as_fresh_as_its_last_checkpoint() {
        let found = of(Some(&cursor(9)), &link(LinkState::Live, Some(8_000), 9), 9_000);
        assert_eq!((found.as_of_ms, found.state.as_str(), found.size), (8_000, "live", 9));
        let found = of(Some(&cursor(9)), &link(LinkState::Live, Some(8_000), 9), 8_000 + SILENT + 1);
        assert_eq!(found.state, "stale");
    }

    #[test]
    fn behind_it_is_as_old_as_the_newest_entry_that_it_holds() {
        let found = of(Some(&cursor(9)), &link(LinkState::Behind { by: 3 }, Some(8_000), 12), 9_000);
        assert_eq!((found.as_of_ms, found.state.as_str()), (1_000, "stale"));
        let found = of(Some(&cursor(9)), &link(down(), Some(8_000), 12), 9_000);
        assert_eq!((found.as_of_ms, found.state.as_str()), (1_000, "offline"));
    }

    #[test]
    fn without_a_line_it_says_since_when_and_why() {
        let found = of(Some(&cursor(9)), &link(down(), None, 0), 9_000);
        assert_eq!(
            (found.as_of_ms, found.line_down_since_ms, found.line_code.as_str()),
            (1_100, Some(5_000), "DIAL_FAILED")
        );
        let refusing = LinkState::HubRefusing(Cause::new("SERIAL_NOT_ACTIVE"));
        assert_eq!(of(None, &link(refusing, None, 0), 0).line_code, "SERIAL_NOT_ACTIVE");
    }

    #[test]
    fn a_frozen_log_is_neither_live_nor_a_line_that_is_down() {
        let frozen = LinkState::LogFrozen(Cause::new("LOG_SEAL_OVERDUE"));
        let found = of(Some(&cursor(9)), &link(frozen, Some(8_000), 9), 9_000);
        assert_eq!((found.state.as_str(), found.frozen.as_str()), ("stale", "LOG_SEAL_OVERDUE"));
        assert_eq!((found.line_down_since_ms, found.alarm.as_str()), (None, ""));
    }

    #[test]
    fn a_log_that_too_few_vouch_for_is_not_live_and_says_since_when() {
        let unwitnessed = LinkState::Unwitnessed { since_ms: 7_000, cause: Cause::new("LOG_UNWITNESSED") };
        let found = of(Some(&cursor(9)), &link(unwitnessed, Some(8_000), 9), 9_000);
        assert_eq!((found.state.as_str(), found.unwitnessed_since_ms), ("stale", Some(7_000)));
        assert_eq!((found.line_down_since_ms, found.frozen.as_str()), (None, ""));
        assert_eq!(of(Some(&cursor(9)), &link(LinkState::Live, Some(8_000), 9), 9_000).unwitnessed_since_ms, None);
    }

    #[test]
    fn an_alarm_is_told_apart_from_a_line_that_is_down() {
        let alarm = LinkState::Alarm(Cause::new("ROOT_WRONG"));
        let found = of(Some(&cursor(9)), &link(alarm, Some(8_000), 9), 9_000);
        assert_eq!(
            (found.alarm.as_str(), found.line_down_since_ms, found.state.as_str()),
            ("ROOT_WRONG", None, "stale")
        );
    }
}
