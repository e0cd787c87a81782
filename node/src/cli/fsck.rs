//! `fsck`: everything recomputed from the entries.

use multaqa_runtime::fault::Fault;
use multaqa_runtime::output;

use super::Call;
use super::failure::Failure;
use crate::code;
use crate::config::Layout;
use crate::replica::fsck;

/// Check journal and replica from their records up; changes nothing, runs beside a serving node
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  multaqa-node fsck --dir /var/lib/multaqa-node --json
Exit code 1 where something is wrong.")]
pub(crate) struct Args {}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let layout = Layout::new(&call.dir());
        let report = fsck::run(&layout.journal(), &layout.replica()).await.map_err(Fault::from)?;
        if call.common.json {
            output::print_json(&report)?;
        } else {
            let line = |finding: &fsck::Finding| {
                let place = finding.index.map_or("node".to_owned(), |index| format!("entry {index}"));
                format!("{place}: {} ({})\n", finding.detail, finding.code)
            };
            let findings: String = report.findings.iter().map(line).collect();
            let verdict = if report.ok { "sound" } else { "DAMAGED" };
            output::print(&format!("{findings}{verdict}: {} entries, root {}\n", report.size, report.root))?;
        }
        if report.ok {
            return Ok(());
        }
        Err(Failure::new(code::FSCK_FOUND, [("count", report.findings.len().to_string())]))
    }
}
