//! The node of a Multaqa member: it publishes the member's records, follows the log, and answers from its replica.
//!
//! Map of the room:
//! - `join`: from a join key to an identity. `app`, `config`: the process. `code`: this room's codes and their texts.
//! - `journal`: own records, outbox. `replica`: the log, verified and folded. `store`: what both are made of.
//! - `backup`: copies of the journal, checked, put back.
//! - `renew`: the certificate, renewed before it ends.
//! - `link`: dialling the hub, its state. `sync`: submitting, following and cosigning the log. `metrics`: their names.
//! - `witness`: what other states vouch for, held against the own tree.
//! - `file`: record files, as people write them. `publish`: from files to signed records in the outbox.
//! - `search`: finding objects by words and facets.
//! - `watch`: what changes, for whoever watches.
//! - `clients`: the member's systems that may ask. `api`: what they are answered. `port`: the node's own socket and the port for them, over gRPC and HTTP. `cli`: one verb a file. `point`: places where a test may break the node.
pub mod api;
pub mod app;
mod backup;
mod cli;
pub mod clients;
pub mod code;
pub mod config;
pub mod evidence;
pub mod file;
pub mod join;
pub mod journal;
pub mod link;
mod metrics;
pub mod point;
pub mod port;
pub mod publish;
pub mod renew;
pub mod replica;
pub mod search;
pub mod store;
mod sync;
pub mod watch;
mod witness;

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program with its arguments, the program's name first.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    cli::main(args)
}
