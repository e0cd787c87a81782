//! States by their signs: what is frozen, behind, unwitnessed and live.

use multaqa_proto::log::witness::{Numbers, Vote};
use multaqa_runtime::clock::Hand;

use super::*;

const START_MS: i64 = 1_700_000_000_000;

fn tracker() -> (Tracker, Hand) {
    let (clock, hand) = Clock::manual(START_MS);
    (Tracker::new(clock, Duration::from_mins(1)), hand)
}

fn sealed(size: u64) -> Held {
    Held { size: TreeSize(size), unsealed: false, accepted_at_ms: START_MS }
}

fn state(tracker: &Tracker) -> (&'static str, String) {
    let state = tracker.watch().borrow().state.clone();
    (state.as_str(), state.code().unwrap_or_default().to_owned())
}

fn is(word: &'static str, code: &str) -> (&'static str, String) {
    (word, code.to_owned())
}

#[test]
fn a_state_keeps_its_time_until_it_changes() {
    let (tracker, hand) = tracker();
    let watch = tracker.watch();
    tracker.heard(TreeSize(10), sealed(4));
    hand.set(START_MS + 1_000);
    tracker.heard(TreeSize(10), sealed(6));
    assert_eq!((watch.borrow().since_ms, watch.borrow().heard_ms), (START_MS, Some(START_MS + 1_000)));
    assert_eq!(watch.borrow().state, LinkState::Behind { by: 4 });
    tracker.heard(TreeSize(10), sealed(10));
    assert_eq!((watch.borrow().since_ms, watch.borrow().state.clone()), (START_MS + 1_000, LinkState::Live));
    // An older checkpoint does not make the hub smaller.
    tracker.heard(TreeSize(8), sealed(8));
    assert_eq!(watch.borrow().state, LinkState::Behind { by: 2 });
}

#[test]
fn a_log_is_frozen_while_the_hub_says_so_and_a_line_that_breaks_is_another_state() {
    let (tracker, _) = tracker();
    tracker.told("HUB_STORE_UNAVAILABLE");
    tracker.heard(TreeSize(9), sealed(9));
    assert_eq!(state(&tracker), is("log-frozen", "HUB_HALTED"));
    assert_eq!(tracker.watch().borrow().state.cause().unwrap().args["why"], "HUB_STORE_UNAVAILABLE");
    tracker.enter(LinkState::LineDown(Cause::new("DIAL_FAILED")));
    assert_eq!(state(&tracker), is("line-down", "DIAL_FAILED"));
    tracker.told("");
    tracker.heard(TreeSize(9), sealed(9));
    assert_eq!(state(&tracker), is("live", ""));
}

#[test]
fn own_records_that_wait_freeze_the_log_also_for_a_node_that_is_behind() {
    let (tracker, _) = tracker();
    tracker.heard(TreeSize(9), sealed(4));
    tracker.submitting(Some(Cause::new(code::LOG_UNANSWERED)));
    assert_eq!(state(&tracker), is("log-frozen", "LOG_UNANSWERED"));
    tracker.submitting(None);
    assert_eq!(state(&tracker), is("behind", ""));
}

#[test]
fn a_log_that_stays_unsealed_is_frozen_and_a_quiet_one_is_not() {
    let (tracker, hand) = tracker();
    let unsealed = Held { unsealed: true, ..sealed(9) };
    tracker.heard(TreeSize(9), unsealed);
    hand.advance(Duration::from_millis(59_999));
    tracker.heard(TreeSize(9), unsealed);
    assert_eq!(state(&tracker), is("live", ""));
    hand.advance(Duration::from_millis(1));
    tracker.heard(TreeSize(9), unsealed);
    assert_eq!(state(&tracker), is("log-frozen", "LOG_SEAL_OVERDUE"));
    tracker.heard(TreeSize(10), sealed(10));
    assert_eq!(state(&tracker), is("live", ""));
    hand.advance(Duration::from_hours(24));
    tracker.heard(TreeSize(10), sealed(10));
    assert_eq!(state(&tracker), is("live", ""), "sealed, and the next seal is due only now");
    hand.advance(Duration::from_mins(10));
    tracker.heard(TreeSize(10), sealed(10));
    assert_eq!(state(&tracker), is("log-frozen", "LOG_SEAL_OVERDUE"));
}

#[test]
fn entries_that_are_still_to_come_may_hold_the_seal() {
    let (tracker, hand) = tracker();
    let unsealed = Held { unsealed: true, ..sealed(9) };
    tracker.heard(TreeSize(20), unsealed);
    hand.advance(Duration::from_hours(48));
    tracker.heard(TreeSize(20), unsealed);
    assert_eq!(state(&tracker), is("behind", ""));
}

/// Four states, of which these cosigned at these seconds after the start; two others than JO are needed.
fn witnessed(tracker: &Tracker, cosigned: &[(&str, u64)]) {
    let start_s = u64::try_from(START_MS / 1_000).unwrap();
    let vote = |after: u64| Vote { size: TreeSize(9), time_s: start_s + after };
    let of = |code: &&str| cosigned.iter().find(|(found, _)| found == code).map(|(_, after)| vote(*after));
    let votes = ["EG", "JO", "MA", "SA"].iter().map(|code| (code.parse().unwrap(), of(code))).collect();
    let standing = Standing { numbers: Numbers::of(4), votes, ..Standing::default() };
    tracker.witnessed(standing, &"JO".parse().unwrap());
}

#[test]
fn a_node_is_live_while_enough_others_vouch_for_the_log() {
    let (tracker, hand) = tracker();
    tracker.begin("");
    tracker.heard(TreeSize(9), sealed(9));
    assert_eq!(state(&tracker), is("live", ""), "without witnesses nothing is asked of them");
    witnessed(&tracker, &[("JO", 0), ("EG", 0)]);
    assert_eq!(state(&tracker), is("unwitnessed", "LOG_UNWITNESSED"), "one's own and one other's are not two others'");
    witnessed(&tracker, &[("EG", 0), ("SA", 1)]);
    assert_eq!(state(&tracker), is("live", ""));
    tracker.heard(TreeSize(12), sealed(9));
    assert_eq!(state(&tracker), is("behind", ""));
    tracker.heard(TreeSize(12), sealed(12));
    hand.advance(Duration::from_mins(4));
    witnessed(&tracker, &[("EG", 240), ("SA", 1)]);
    hand.set(START_MS + 300_000);
    tracker.heard(TreeSize(12), sealed(12));
    assert_eq!(state(&tracker), is("live", ""));
    hand.set(START_MS + 301_001);
    tracker.heard(TreeSize(12), sealed(12));
    assert_eq!(state(&tracker), is("unwitnessed", "LOG_UNWITNESSED"));
    let found = tracker.watch().borrow().state.clone();
    assert!(matches!(found, LinkState::Unwitnessed { since_ms, .. } if since_ms == START_MS + 301_000), "{found:?}");
}

#[test]
fn a_log_that_goes_nowhere_while_the_line_is_up_is_frozen_and_thaws_with_the_first_cosignature() {
    let (tracker, hand) = tracker();
    tracker.begin("");
    tracker.heard(TreeSize(9), sealed(9));
    witnessed(&tracker, &[("EG", 0), ("SA", 0)]);
    tracker.spoke();
    hand.advance(Duration::from_mins(5) - Duration::from_millis(1));
    tracker.heard(TreeSize(9), sealed(9));
    assert_eq!(state(&tracker), is("live", ""));
    hand.advance(Duration::from_millis(1));
    tracker.heard(TreeSize(9), sealed(9));
    assert_eq!(state(&tracker), is("log-frozen", "LOG_STANDS_STILL"));
    assert!(tracker.is_frozen());
    assert_eq!(tracker.stands_still(), Some(Alarm::LogStandsStill { since_ms: START_MS }));
    // Told again what was known, or the own one, nothing goes on.
    witnessed(&tracker, &[("EG", 0), ("SA", 0), ("JO", 300)]);
    assert_eq!(state(&tracker), is("log-frozen", "LOG_STANDS_STILL"));
    // Five minutes old is not older than five minutes.
    witnessed(&tracker, &[("EG", 300), ("SA", 0)]);
    assert_eq!(state(&tracker), is("live", ""));
    hand.advance(Duration::from_millis(1));
    tracker.look_at_clock();
    assert_eq!(state(&tracker), is("unwitnessed", "LOG_UNWITNESSED"));
    tracker.enter(LinkState::LineDown(Cause::new("DIAL_FAILED")));
    witnessed(&tracker, &[("EG", 300), ("SA", 300)]);
    assert_eq!(state(&tracker), is("line-down", "DIAL_FAILED"));
}

#[test]
fn entries_keep_a_log_moving_where_nobody_cosigns() {
    let (tracker, hand) = tracker();
    tracker.begin("");
    witnessed(&tracker, &[]);
    for minutes in 1..20 {
        hand.advance(Duration::from_mins(4));
        tracker.heard(TreeSize(minutes), sealed(minutes));
        assert_eq!(state(&tracker), is("unwitnessed", "LOG_UNWITNESSED"));
    }
}

#[test]
fn checkpoints_that_grow_without_their_entries_move_nothing() {
    let (tracker, hand) = tracker();
    tracker.begin("");
    tracker.heard(TreeSize(9), sealed(9));
    witnessed(&tracker, &[("EG", 0), ("SA", 0)]);
    tracker.spoke();
    for size in 10..15 {
        assert_ne!(state(&tracker).0, "log-frozen");
        hand.advance(Duration::from_mins(1));
        tracker.heard(TreeSize(size), sealed(9));
    }
    assert_eq!(state(&tracker), is("log-frozen", "LOG_STANDS_STILL"));
    tracker.heard(TreeSize(15), sealed(10));
    assert_eq!(state(&tracker).0, "behind");
}

#[test]
fn what_is_stored_after_a_session_has_ended_hides_no_alarm() {
    let (tracker, _) = tracker();
    tracker.begin("");
    tracker.heard(TreeSize(9), sealed(4));
    tracker.over();
    tracker.enter(LinkState::Alarm(Cause::new("VIEW_WRONG")));
    tracker.heard(TreeSize(9), sealed(9));
    assert_eq!(state(&tracker), is("alarm", "VIEW_WRONG"));
    tracker.begin("");
    tracker.heard(TreeSize(9), sealed(9));
    assert_eq!(state(&tracker), is("live", ""));
}

#[test]
fn who_cuts_the_line_gains_no_time() {
    let (tracker, hand) = tracker();
    for session in 0..6 {
        tracker.begin("");
        tracker.heard(TreeSize(9), sealed(9));
        witnessed(&tracker, &[("EG", 0), ("SA", 0)]);
        assert_eq!(tracker.is_frozen(), session == 5, "{session}: nothing is cosigned before something comes");
        tracker.spoke();
        tracker.heard(TreeSize(9), sealed(9));
        assert_eq!(state(&tracker).0 == "log-frozen", session == 5, "{session}");
        hand.advance(Duration::from_mins(1));
        tracker.over();
        // Without a line nothing can come.
        tracker.enter(LinkState::LineDown(Cause::new("DIAL_FAILED")));
        hand.advance(Duration::from_hours(1));
    }
    tracker.begin("");
    tracker.heard(TreeSize(10), sealed(10));
    assert_ne!(state(&tracker).0, "log-frozen");
}

#[test]
fn what_a_hub_claims_for_five_minutes_is_shown_as_that_and_ends_where_it_serves() {
    let (tracker, hand) = tracker();
    tracker.refilling();
    assert_eq!(state(&tracker), is("log-frozen", "HUB_REFILLING"));
    hand.advance(Duration::from_mins(4));
    tracker.claimed("HUB_DRAINING");
    tracker.enter(LinkState::LineDown(Cause::new("HUB_DRAINING")));
    assert_eq!(tracker.claim_overdue(), None);
    hand.advance(Duration::from_mins(1));
    let claim = "HUB_DRAINING".to_owned();
    assert_eq!(tracker.claim_overdue(), Some(Alarm::ClaimOverdue { claim, since_ms: START_MS }));
    assert_eq!(state(&tracker), is("log-frozen", "CLAIM_OVERDUE"));
    tracker.begin("");
    tracker.heard(TreeSize(9), sealed(9));
    assert_eq!((state(&tracker), tracker.claim_overdue()), (is("live", ""), None));
}
