//! What crosses the wire between hub and nodes, as pure logic: blocks, frames, and the checks on them.
//!
//! In scope: encoding once for all readers (`merge`), verifying what is received (`intake`), what is kept back (`withheld`), stretches without entries (`run`). Out of scope: loops, streams, time.

pub mod block;
pub mod intake;
pub mod merge;
pub mod run;
mod withheld;

/// Largest frame, bytes as sent.
pub const FRAME_MAX: usize = 1024 * 1024;
/// Largest unpacked frame or page of contents, bytes: a frame's entries and what their fields cost, or the last read of a page.
pub const UNPACKED_MAX: usize = 2 * 1024 * 1024;
/// Most entries of one frame.
pub const FRAME_ENTRIES_MAX: usize = 4096;
