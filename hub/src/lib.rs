//! The hub of a federation: admits members, orders records, enforces audiences, fans out. No catalogue, no search, no portal.
//!
//! Map of the room:
//! - `config`, `app`: what is configured, and the process made of it. `identity`: its certificate, taken anew when its file changes.
//! - `registry`: who may connect and who is connected. `service`: one endpoint a file, over mutual TLS.
//! - `witnesses`: what nodes cosigned, and whom it is forwarded to.
//! - `log`: the door of the log, the sequencer, its check. `store`: what is kept on disk. `fanout`: what readers are sent.
//! - `backup`: copies of the store, checked, put back.
//! - `operator`: the operators' side of the line. `cli`: one verb a file.
//! - `code`, `metrics`, `point`: codes with their texts, numbers with their names, places where a test may break it.
#![allow(
    rustdoc::private_intra_doc_links,
    reason = "the hub is a program: who reads its pages has the source, and contracts name what keeps them"
)]

pub mod app;
mod backup;
pub mod cli;
pub mod code;
pub mod config;
pub mod fanout;
mod identity;
pub mod log;
pub mod metrics;
pub mod operator;
pub mod point;
pub mod registry;
pub mod service;
pub mod store;
#[cfg(test)]
mod test_support;
pub mod witnesses;

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program with its arguments, the program's name first.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    cli::run(args)
}
