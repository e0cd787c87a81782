//! `multaqa-hub fsck`: checks the log on disk from its records up; changes nothing, runs beside a serving hub.

use std::path::PathBuf;

use multaqa_runtime::boot::Exit;
use multaqa_runtime::output;

use super::Call;
use crate::config::Places;
use crate::operator::problem::Problem;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  multaqa-hub fsck --dir /var/lib/multaqa-hub --json\nExit code 1 where something is wrong."
)]
pub(super) struct Args {
    /// The hub's directory
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let report = crate::log::fsck::fsck(&Places::of(&args.dir).store()).await?;
    if call.common.json {
        output::print_json(&report)?;
    } else {
        for finding in &report.findings {
            let place = finding.index.map_or("log".to_owned(), |index| format!("entry {index}"));
            output::print(&format!("{place}: {}\n", finding.what))?;
        }
        let verdict = if report.ok { "sound" } else { "DAMAGED" };
        output::print(&format!("{verdict}: {} entries, root {}\n", report.size, report.root))?;
    }
    Ok(if report.ok { Exit::Clean } else { Exit::Failure })
}
