//! All binaries in one, for tests: `cargo test` builds this program and not the other crates' binaries.
use std::process::ExitCode;

fn main() -> ExitCode {
    multaqa_demo::main(std::env::args_os())
}
