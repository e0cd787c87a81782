//! What the stories of a federation are told with. The stories are in `scenarios/`.
//!
//! - [`World`]: a federation of real processes (the demo's harness), which fails a story whose processes died or end badly.
//! - [`record`]: record files. [`files`]: a marker looked for in every file. [`raw`]: a client that keeps what it receives,
//!   [`forge`]: records that it may send. [`bulk`]: very many of them, as fast as the hub takes them.
//! - [`load`]: threads that publish and remember. [`points`]: where a process is to stop, to be killed. [`seed`]: choices.
//! - [`steered`]: the clock of one process.
//! - [`interposer`]: a faulty party between a node and the hub. [`unread`]: a node that opens streams and never reads them.
//! - [`hostile`]: a hub that lies, as a process of its own, and what nodes make of each deed.
//! - [`small_disk`]: a disk that a story may fill.
//! - [`checker`]: every node's state against the hub's, from their files.
//!
//! Here a failure is a panic: it ends the story that met it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc, reason = "a failure ends the story")]

pub mod bulk;
pub mod checker;
pub mod files;
pub mod forge;
pub mod hostile;
pub mod interposer;
pub mod load;
pub mod points;
pub mod raw;
pub mod record;
pub mod refusals;
pub mod seed;
pub mod small_disk;
pub mod steered;
pub mod unread;
mod world;

pub use world::{SOON, World};
