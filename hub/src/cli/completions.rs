//! `multaqa-hub completions SHELL`: prints completions.

use clap_complete::Shell;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::output;

use crate::operator::problem::Problem;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  multaqa-hub completions bash > /etc/bash_completion.d/multaqa-hub")]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args, command: &mut clap::Command) -> Result<Exit, Problem> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, command, "multaqa-hub", &mut text);
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Clean)
}
