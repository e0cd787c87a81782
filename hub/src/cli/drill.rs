//! `multaqa-hub drill restore`: rehearses the restoration of the newest backup on a copy; changes nothing, runs beside the hub.

use std::path::PathBuf;

use clap::Subcommand;
use multaqa_proto::message::screen::{Line, plain};
use multaqa_runtime::boot::Exit;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::output;

use super::Call;
use crate::backup::drill::{self, Drill};
use crate::config::Places;
use crate::operator::problem::Problem;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  multaqa-hub drill restore --dir /var/lib/multaqa-hub
  multaqa-hub drill restore --dir /var/lib/multaqa-hub --backup /backup/hub-2026-11-22 --json
Exit code 1 where the backup cannot be put back, is not sound, or is no part of the live log.")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Put a backup back in a directory of its own, check it, and compare it with the live log
    Restore {
        /// The hub's directory
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The backup to rehearse with; otherwise one is made
        #[arg(long, value_name = "BACKUP")]
        backup: Option<PathBuf>,
        /// Where to work: as much space as the store takes, twice
        #[arg(long, value_name = "DIR")]
        scratch: Option<PathBuf>,
    },
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let What::Restore { dir, backup, scratch } = args.what;
    let (clock, scratch) = (Clock::system(), scratch.unwrap_or_else(std::env::temp_dir));
    call.explain(&call.screen.word("say-drilling"));
    let drilled = drill::drill(&Places::of(&dir).store(), backup, &scratch, &clock).await?;
    if call.common.json {
        output::print_json(&drilled)?;
    } else {
        output::print(&text(call, &drilled))?;
    }
    Ok(if drilled.ok { Exit::Clean } else { Exit::Failure })
}

fn text(call: &Call, drilled: &Drill) -> String {
    let screen = call.screen;
    let duration = |ms: i64| screen.duration(ms);
    let Drill { made_at, size, root, live_size, to_refill, holders, create_ms, restore_ms, check_ms, .. } = drilled;
    let verdict = Line::new(if drilled.ok { "say-drill-sound" } else { "say-drill-failed" });
    let verdict = verdict.with("at", made_at).with("size", size).with("root", root);
    let times =
        Line::new("say-drill-times").with("create", duration(*create_ms)).with("restore", duration(*restore_ms));
    let refill = Line::new("say-drill-refill").with("live", live_size).with("missing", to_refill);
    let holders = if holders.is_empty() { "-".to_owned() } else { holders.join(", ") };
    let lines = [verdict, times.with("check", duration(*check_ms)), refill.with("holders", holders)];
    let findings = drilled.findings.iter().map(|finding| plain(&finding.what) + "\n");
    let agrees = (!drilled.root_agrees).then(|| screen.text(&Line::new("say-drill-other").with("size", size)) + "\n");
    lines.iter().map(|line| screen.text(line) + "\n").chain(agrees).chain(findings).collect()
}
