//! `completions`: for the shell.

use clap::CommandFactory as _;
use clap_complete::Shell;
use multaqa_runtime::output;

use super::Program;
use super::failure::Failure;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  multaqa-node completions bash > /etc/bash_completion.d/multaqa-node")]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

impl Args {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Program::command(), "multaqa-node", &mut script);
        output::print(&String::from_utf8_lossy(&script))?;
        Ok(())
    }
}
