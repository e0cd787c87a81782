//! Every fail point of hub and node is broken by a test, in both ways: the process is killed there, and the step fails there.
//!
//! Which tests do that stands here; each of them goes through its list and fails where a point of it is not reached. A point
//! that is in no list, as a new one is, is missed here.

use std::fs;

use multaqa_hub::point as hub;
use multaqa_node::point as node;
use multaqa_runtime::point::Point;

use crate::home;

/// A list of points, what it is called, and the test that breaks each of them in both ways.
const TABLE: [(&str, &[Point], &str); 14] = [
    ("point::SEQUENCER", hub::SEQUENCER, "hub/src/log/tests/crash_points.rs"),
    ("hub::BESIDE", hub::BESIDE, "tests/scenarios/killed_cosigning.rs"),
    ("hub::REDEEM_ORDERED", hub::REDEEMING, "tests/scenarios/killed_beginning.rs"),
    ("hub::CERTIFICATE_IN_USE", hub::RENEWING, "tests/scenarios/killed_renewing.rs"),
    ("hub::BEGINNING", hub::BEGINNING, "tests/scenarios/killed_beginning.rs"),
    ("point::STORES", node::STORES, "node/src/replica/crash_points.rs"),
    ("point::CLOSING", hub::CLOSING, "hub/src/log/tests/closing.rs"),
    ("point::RELEASING", hub::RELEASING, "hub/src/log/tests/closing.rs"),
    ("point::FALLING_BACK", node::FALLING_BACK, "node/src/replica/tests/fallen_back.rs"),
    ("point::FILLING", node::FILLING, "node/src/replica/tests/broken_fill.rs"),
    ("point::SEARCHING", node::SEARCHING, "node/src/search/tests/broken.rs"),
    ("node::COSIGNING", node::COSIGNING, "tests/scenarios/killed_cosigning.rs"),
    ("node::JOIN_JOURNAL_MADE", node::JOINING, "tests/scenarios/killed_beginning.rs"),
    ("node::RENEWAL_STORED", node::RENEWING, "tests/scenarios/killed_renewing.rs"),
];

#[test]
fn every_fail_point_is_broken_in_both_ways() {
    for point in hub::ALL.iter().chain(node::ALL) {
        let broken = TABLE.iter().any(|(_, points, _)| points.contains(point));
        assert!(
            broken,
            "no test breaks {}: put it into a list of its room, and the list's test through it",
            point.name()
        );
    }
    for (name, _, test) in TABLE {
        let text = fs::read_to_string(home().join(test)).unwrap();
        for word in [name, "Break::Kill", "Break::Fail"] {
            assert!(text.contains(word), "{test} does not go through {name}: {word}");
        }
    }
}

#[test]
fn what_stands_under_load_and_before_an_answer_is_in_the_lists_that_are_broken() {
    for point in node::UNDER_LOAD {
        assert!(node::STORES.contains(point), "{}", point.name());
    }
    for point in hub::UNANSWERED {
        assert!(hub::SEQUENCER.contains(point) || hub::BESIDE.contains(point), "{}", point.name());
    }
}
