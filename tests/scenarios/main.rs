//! Stories of a federation, told over real processes, real sockets and real TLS. One story a file; each has a federation of
//! its own, and all may run at the same time. The harness is `multaqa_tests` over the demo's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a failure ends the story, and what is skipped is said"
)]

mod approvals;
mod backups;
mod bad_files;
mod bad_identity;
mod bad_input;
mod caught;
mod cli;
mod client_kits;
mod clients;
mod contradiction;
mod cut_in_the_middle;
mod fast_start;
mod fenced;
mod foreign_client;
mod formats;
mod full_disk;
mod generated;
mod golden;
mod hostile;
mod house;
mod hub_restart;
mod joining;
mod killed;
mod killed_beginning;
mod killed_cosigning;
mod killed_erasing;
mod killed_renewing;
mod late_group_member;
mod late_member;
mod late_replica;
mod lost;
mod networks;
mod networks_catch_up;
mod networks_frozen;
mod networks_joining;
mod networks_spoiled;
mod networks_unread;
mod newer_schema;
mod node_restart;
mod offline;
mod partitions;
mod points;
mod proofs;
mod publish_and_read;
mod rebuilt;
mod refusals;
mod renewal;
mod rest;
mod restored;
mod schemathesis;
mod sdmx;
mod search;
mod selective_sharing;
mod strangers;
mod succession;
mod the_demo;
mod void;
mod withdrawal;
mod witness_frozen;
mod witness_policy;
mod witnessed;

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Output};

use multaqa_tests::World;

/// The program that is all binaries.
const PROGRAM: &str = env!("CARGO_BIN_EXE_multaqa-under-test");

/// A federation of these members, settled.
fn world(members: &[&str]) -> World {
    World::start(PROGRAM, members)
}

/// The repository.
fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What a program that is not ours answers; none where the machine lacks it, and then CI fails.
#[expect(clippy::print_stderr, reason = "a skipped check must say so")]
fn foreign(command: &mut Command) -> Option<Output> {
    match command.output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let program = command.get_program().to_string_lossy();
            assert!(std::env::var("CI").is_err(), "CI must have {program}");
            eprintln!("skipped: {program} is not installed");
            None
        }
        output => Some(output.unwrap()),
    }
}
