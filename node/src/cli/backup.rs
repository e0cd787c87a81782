//! `backup create|verify|restore`: copies of the journal, made beside a running node, checked offline, put back.

use std::path::PathBuf;

use clap::Subcommand;
use multaqa_proto::message::screen::{Line, plain};
use multaqa_runtime::backup::Manifest;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::output;
use serde::Serialize;

use super::Call;
use super::failure::{self, Failure};
use crate::backup::{self, Holds};
use crate::config::Layout;

/// Back up the journal, check a backup, or put one back
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node backup create --out /backup/gw1-2026-11-22
  multaqa-node backup verify /backup/gw1-2026-11-22
  multaqa-node backup restore /backup/gw1-2026-11-22
A backup holds what only this node knows: own records, the outbox, what it cosigned. It holds no key: keys/ and identity/ have a
backup of their own. The replica is fetched again from the log. A node with a restored journal reads at once, and publishes once
it has seen that the log holds nothing newer of it; where it does, ask the operators for a new epoch.")]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Copy the journal into a new directory, beside a running node too
    Create {
        /// The backup, a directory to be made
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Check a backup from its records up, without the node
    Verify {
        /// The backup
        #[arg(value_name = "BACKUP")]
        backup: PathBuf,
    },
    /// Write leaf 0 into a file, from which a hub that lost its disk is rebuilt; nothing in it is secret
    Genesis {
        /// The file to be made
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Check a backup and put its journal where none is
    Restore {
        /// The backup
        #[arg(value_name = "BACKUP")]
        backup: PathBuf,
    },
}

/// What `--json` prints.
#[derive(Serialize)]
struct Told<'a> {
    backup: PathBuf,
    #[serde(flatten)]
    manifest: &'a Manifest<Holds>,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let (journal, clock) = (Layout::new(&call.dir()).journal(), Clock::system());
        match self.what {
            What::Create { out } => {
                let made = backup::create(&journal, &out, &clock).await?;
                tell(call, "say-backup-made", out, &made)
            }
            What::Verify { backup: path } => {
                let (manifest, report) = backup::verify(&path).await?;
                if !report.ok {
                    for finding in &report.findings {
                        failure::write(&format!("{}: {}\n", finding.code, plain(&finding.detail)));
                    }
                    return Err(backup::unsound(&path, &report).into());
                }
                tell(call, "say-backup-sound", path, &manifest)
            }
            What::Genesis { out } => {
                let id = backup::genesis(&journal, &Layout::new(&call.dir()).replica(), &out).await?;
                if call.common.json {
                    return Ok(output::print_json(&serde_json::json!({ "genesis": id.to_string(), "file": out }))?);
                }
                let line = Line::new("say-genesis").with("genesis", id).with("path", out.display());
                Ok(output::print(&(call.screen.text(&line) + "\n"))?)
            }
            What::Restore { backup: path } => {
                let manifest = backup::restore(&path, &Layout::new(&call.dir()), &clock).await?;
                tell(call, "say-restored", path, &manifest)
            }
        }
    }
}

fn tell(call: &Call, what: &'static str, backup: PathBuf, manifest: &Manifest<Holds>) -> Result<(), Failure> {
    if call.common.json {
        return Ok(output::print_json(&Told { backup, manifest })?);
    }
    let Holds { node, epoch, seq, .. } = &manifest.holds;
    let line = Line::new(what).with("path", backup.display()).with("node", node).with("epoch", epoch).with("seq", seq);
    Ok(output::print(&(call.screen.text(&line.with("at", &manifest.made_at)) + "\n"))?)
}
