//! A whole federation on one machine: a CA, a hub and nodes as processes of their own, made by their real commands.
//!
//! Map of the room:
//! - [`federation`]: the members' hub and nodes together. [`hub`], [`node`]: one process each, and its commands.
//! - [`process`]: starting, stopping and watching programs. [`wait`]: waiting for a condition, the one place that pauses.
//! - [`link`]: the line between a node and the hub, which can be cut. [`dispatch`]: one program that is all binaries.
//! - [`members`]: who takes part. [`figures`]: which files belong to whom, and how a revision is made.
//! - `system`: a member system that asks at its node's port.
//! - `show`: what a person sees of it all: the demo's own command line.
//! - [`json`]: reading what commands print. [`memory`]: what processes take. [`failure`], [`code`]: what may go wrong.
//!
//! Out of scope: what hub and nodes do (their rooms), the stories that tests tell with it (`tests`).

pub mod code;
pub mod dispatch;
pub mod failure;
pub mod federation;
pub mod figures;
pub mod hub;
pub mod json;
pub mod link;
pub mod members;
pub mod memory;
pub mod node;
pub mod process;
mod show;
mod system;
pub mod wait;

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the binary that the first argument names, else the demo itself. `args` begins with the program's name.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.collect();
    dispatch::dispatch(args.clone().into_iter()).unwrap_or_else(|| show::main(args.into_iter()))
}
