//! `multaqa-hub fsck`: checks the log on disk from its records up; changes nothing, runs beside a serving hub.

use std::path::PathBuf;

use multaqa_proto::message::screen::{Line, plain};
use multaqa_runtime::boot::Exit;
use multaqa_runtime::output;

use super::Call;
use crate::config::Places;
use crate::log::fsck::{Finding, Place};
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
        for Finding { code, place: Place { table, row, index }, what } in &report.findings {
            let entry = index.map_or_else(|| Line::new("say-whole-log"), |i| Line::new("say-entry").with("index", i));
            let (entry, rule) = (call.screen.text(&entry), call.screen.rendered(code, &[]).text);
            let place = [*table, row.as_deref().unwrap_or_default()].join(" ");
            output::print(&format!("{entry}: {rule} ({code}: {}: {})\n", plain(place.trim()), plain(what)))?;
        }
        let verdict = Line::new(if report.ok { "say-sound" } else { "say-damaged" });
        let verdict = verdict.with("size", report.size).with("root", report.root);
        output::print(&(call.screen.text(&verdict) + "\n"))?;
    }
    Ok(if report.ok { Exit::Clean } else { Exit::Failure })
}
