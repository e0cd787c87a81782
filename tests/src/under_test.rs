//! All binaries in one, for tests: `cargo test` builds this program and not the other crates' binaries. Beside them it is the
//! hostile hub.
use std::process::ExitCode;

use multaqa_demo::dispatch;
use multaqa_tests::hostile;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|verb| verb == hostile::VERB) {
        dispatch::hold_leash();
        return hostile::main(std::env::args_os().skip(1));
    }
    multaqa_demo::main(std::env::args_os())
}
