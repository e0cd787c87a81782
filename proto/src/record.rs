//! Records: statement, content, signature.
//!
//! In scope: `Unverified` (received bytes) and `Verified` (only `verify` crosses). Out of scope: chains and places on the
//! log (`sync`, `log`), what a payload means (`kind`, `judge`).

pub mod audience;
pub mod content;
pub mod form;
