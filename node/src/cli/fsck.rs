//! `fsck`: everything recomputed from the entries.

use multaqa_proto::message::screen::{Line, plain};
use multaqa_runtime::fault::Fault;
use multaqa_runtime::output;

use super::Call;
use super::failure::Failure;
use crate::code;
use crate::config::Layout;
use crate::replica::fsck::{self, Held};

/// Check journal and replica from their records up; changes nothing, runs beside a serving node
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  multaqa-node fsck --dir /var/lib/multaqa-node --json
Exit code 1 where something is wrong, or there is no replica to check.")]
pub(crate) struct Args {}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let layout = Layout::new(&call.dir());
        let report = fsck::run(&layout.journal(), &layout.replica()).await.map_err(Fault::from)?;
        if call.common.json {
            output::print_json(&report)?;
        } else {
            let screen = call.screen;
            let line = |finding: &fsck::Finding| {
                let place =
                    finding.index.map_or_else(|| Line::new("say-node"), |i| Line::new("say-entry").with("index", i));
                let what = screen.rendered(finding.code, &[]).text;
                let fsck::Place { store, table, row } = &finding.place;
                let row = [*store, *table, row.as_deref().unwrap_or_default()].join(" ");
                let (row, detail) = (plain(row.trim()), plain(&finding.detail));
                format!("{}: {what} ({}: {row}: {detail})\n", screen.text(&place), finding.code)
            };
            let findings: String = report.findings.iter().map(line).collect();
            let verdict = Line::new(if report.ok { "say-sound" } else { "say-damaged" });
            let verdict = screen.text(&verdict.with("size", report.size).with("root", report.root)) + "\n";
            // Of a replica that is not there nothing is sound.
            let checked = report.replica == Held::Checked || !report.ok;
            output::print(&(findings + if checked { &verdict } else { "" }))?;
        }
        if report.ok {
            let dir = call.dir().display().to_string();
            return match report.replica {
                Held::Missing => Err(Failure::new(code::REPLICA_MISSING, [("dir", dir)])),
                Held::Empty => Err(Failure::new(code::REPLICA_EMPTY, [("dir", dir)])),
                Held::Checked => Ok(()),
            };
        }
        Err(Failure::new(code::FSCK_FOUND, [("count", report.findings.len().to_string())]))
    }
}
