//! `multaqa-node`: see `cli` for its verbs.
use std::process::ExitCode;

fn main() -> ExitCode {
    multaqa_node::main(std::env::args_os())
}
