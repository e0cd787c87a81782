//! `multaqa-demo`: see the library.
use std::process::ExitCode;

fn main() -> ExitCode {
    multaqa_demo::main(std::env::args_os())
}
