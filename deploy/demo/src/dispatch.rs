//! One program that is all binaries: `PROGRAM multaqa-hub serve ...` runs the hub's `main`.
//!
//! So `cargo demo` builds one binary and still runs real processes, and the tests crate needs none of the other crates'
//! binaries. In scope: the dispatch, and the leash (see `process`). Out of scope: what the binaries do.

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::process::ExitCode;
use std::thread;

use rustix::process::{Signal, getpid, kill_process};

/// Names of the binaries, as installed.
pub const BINARIES: [&str; 3] = ["multaqa-hub", "multaqa-node", "multaqa-certs"];

/// Variable that tells a server that its standard input is a leash.
pub(crate) const LEASH: &str = "DEMO_LEASH";

/// Runs the binary that the first argument names; none where it names no binary.
///
/// `args` begins with the program's own name.
pub fn dispatch(args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let mut args = args.skip(1).peekable();
    let name = args.peek()?.to_str()?.to_owned();
    let main: fn(Args) -> ExitCode = match name.as_str() {
        "multaqa-hub" => |args| multaqa_hub::main(args),
        "multaqa-node" => |args| multaqa_node::main(args),
        "multaqa-certs" => |args| multaqa_certs::cli::run(args),
        _ => return None,
    };
    hold_leash();
    Some(main(args.collect::<Vec<_>>().into_iter()))
}

/// Ends this process with its parent, where it was started as a server on a leash.
pub fn hold_leash() {
    if std::env::var_os(LEASH).is_some() {
        thread::spawn(end_with_the_parent);
    }
}

type Args = std::vec::IntoIter<OsString>;

fn end_with_the_parent() {
    let mut nothing = [0_u8; 16];
    // Ends at the end of the pipe, or where there is no pipe at all.
    while io::stdin().lock().read(&mut nothing).is_ok_and(|n| n > 0) {}
    // A process that cannot signal itself has ended.
    let _ended = kill_process(getpid(), Signal::TERM);
}
