//! All binaries in one, for tests: `cargo test` builds this program and not the other crates' binaries.
use std::process::ExitCode;

fn main() -> ExitCode {
    multaqa_demo::dispatch::dispatch(std::env::args_os()).unwrap_or(ExitCode::from(2))
}
