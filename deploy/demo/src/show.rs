//! `cargo demo`: a federation on this machine, made step by step, shown as it comes about, and then yours to play with.
//!
//! In scope: the arguments and the order of things. The steps are in `steps`, what is shown in `screen` and `report`, what
//! the keys do in `keys`.

mod keys;
mod report;
mod screen;
mod steps;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use multaqa_proto::text::Lang;

use crate::failure::Failure;
use crate::federation::Federation;
use crate::process::Program;
use keys::Events;
use screen::Screen;

/// A Multaqa federation on this machine: a CA, a hub and five nodes as processes of their own.
#[derive(Debug, Parser)]
#[command(
    name = "multaqa-demo",
    version,
    after_help = "Keys while it runs, each followed by Enter: c N cuts the line of \
    member N, r N reconnects it, p N publishes a revision of a sample, s shows the state, q quits."
)]
struct Args {
    /// Compare the replicas with the hub's log as soon as all is published, and exit.
    #[arg(long)]
    exit_when_ready: bool,
    /// Directory for everything, kept afterwards; by default a temporary one. Must not hold a federation.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Language of the screen and of error messages: ar, en or fr.
    #[arg(long, env = "MULTAQA_LANG", value_name = "LANG", default_value = "en")]
    lang: Lang,
}

/// Runs the demo with its arguments, the program's name first.
pub(crate) fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            // Help goes to standard output with code 0, wrong use to standard error with 2. Where neither can be written
            // there is nobody to tell.
            let _unwritable = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2).into();
        }
    };
    let screen = Screen::new(args.lang);
    match show(&args, &screen) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            screen.failure(&failure);
            ExitCode::FAILURE
        }
    }
}

fn show(args: &Args, screen: &Screen) -> Result<(), Failure> {
    let events = Events::listen(!args.exit_when_ready);
    let path =
        std::env::current_exe().map_err(|why| Failure::Disk { path: "this program".into(), why: why.to_string() })?;
    let program = Program::new(path).with("MULTAQA_LANG", args.lang.as_str());
    let mut federation = Federation::new(program, args.dir.as_deref())?;
    for step in steps::STEPS {
        screen.step(&step(&mut federation)?);
        if events.quit_asked() {
            return steps::stop(&mut federation);
        }
    }
    report::overview(&federation, screen)?;
    let outcome = if args.exit_when_ready {
        report::compare(&mut federation, screen)
    } else {
        keys::obey(&mut federation, &events, screen)
    };
    steps::stop(&mut federation)?;
    outcome
}
