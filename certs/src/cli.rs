//! cli
use std::{ffi::OsString, process::ExitCode};
/// Run.
pub fn run(_args: impl Iterator<Item = OsString>) -> ExitCode { ExitCode::SUCCESS }
