//! `multaqa-hub`: see `cli` for its verbs.
use std::process::ExitCode;

fn main() -> ExitCode {
    multaqa_hub::main(std::env::args_os())
}
