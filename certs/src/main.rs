//! `multaqa-certs`: see `cli` for its verbs.
use std::process::ExitCode;

fn main() -> ExitCode {
    multaqa_certs::cli::run(std::env::args_os())
}
