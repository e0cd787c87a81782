//! The rules of log and sync, checked on steps in any order: submitting, committing, sealing, lines that carry frames twice or
//! not at all, nodes that crash back to an earlier cursor, members that come and go, withdrawals.
//!
//! Two halves: `reference` says in plain sets and numbers what PROTOCOL.md asks, `machine` does it with real records, trees
//! and frames. After each step they must agree: equal roots at equal size, every accepted record once and in its writer's
//! order, contents exactly where the audience allows, what tombstones take gone at the hub and at all nodes, no alarm from an
//! honest hub, and one from a hub that keeps back any record of a lane that the node knows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "model_sync/check.rs"]
mod check;
#[allow(dead_code, reason = "the stories use more of it")]
mod federation;
#[path = "model_sync/machine.rs"]
mod machine;
#[path = "model_sync/node.rs"]
mod node;
#[path = "model_sync/reference.rs"]
mod reference;

use std::io::Write as _;
use std::sync::LazyLock;

use machine::Machine;
use proptest::test_runner::{Config, RngSeed};
use proptest_state_machine::prop_state_machine;

/// The same histories in every run, and others by `MULTAQA_TEST_SEED`. It is printed past the test runner's capture.
static SEED: LazyLock<u64> = LazyLock::new(|| {
    let given = std::env::var("MULTAQA_TEST_SEED").ok().map(|seed| seed.parse().expect("a number"));
    let seed = given.unwrap_or(1);
    writeln!(std::io::stderr().lock(), "MULTAQA_TEST_SEED={seed}").unwrap();
    seed
});

/// How many histories; `MULTAQA_TEST_SEEDS` for more.
fn cases() -> u32 {
    std::env::var("MULTAQA_TEST_SEEDS").map_or(300, |cases| cases.parse().expect("a number"))
}

/// A step that cannot follow is drawn again.
fn config() -> Config {
    let (cases, rng_seed) = (cases(), RngSeed::Fixed(*SEED));
    Config { cases, max_local_rejects: cases * 1_000, failure_persistence: None, rng_seed, ..Config::default() }
}

prop_state_machine! {
    #![proptest_config(config())]
    #[test]
    fn log_and_nodes_do_what_the_protocol_says(sequential 1..60 => Machine);
}
