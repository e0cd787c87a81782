//! `multaqa-hub backup create|verify|restore|rebuild|release`: copies of the hub's store, made beside a running hub, checked
//! offline, put back; and what there is where there is none.
//!
//! Out of scope: what is in one and what is checked (`backup`); keys, which are in none.

use std::path::PathBuf;

use clap::Subcommand;
use clap::builder::NonEmptyStringValueParser;
use multaqa_certs::store as files;
use multaqa_proto::log::release;
use multaqa_proto::message::screen::{Line, plain};
use multaqa_proto::number::TreeSize;
use multaqa_proto::text::Lang;
use multaqa_proto::wire::kind;
use multaqa_runtime::backup::Manifest;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::output;
use serde::Serialize;

use super::Call;
use super::screen::screen;
use crate::backup::{self, Holds};
use crate::config::Places;
use crate::operator::dir::OperatorDir;
use crate::operator::problem::Problem;
use crate::operator::{self, Act};
use crate::store::Store;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  multaqa-hub backup create --dir /var/lib/multaqa-hub --out /backup/hub-2026-11-22
  multaqa-hub backup verify /backup/hub-2026-11-22
  multaqa-hub backup restore /backup/hub-2026-11-22 --dir /var/lib/multaqa-hub
Without a backup, the keys in place, from a file that any node writes by `multaqa-node backup genesis`:
  multaqa-hub backup rebuild --genesis genesis.json --dir /var/lib/multaqa-hub
A backup holds the log and what the hub keeps beside it. It holds no key: log.key, identity/ and issuing/ have backups of
their own, and standby.key is offline. A restored hub fetches from the nodes what was published since, before it gives an
index again.")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Copy the store into a new directory, beside a running hub too
    Create {
        /// The hub's directory
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The backup, a directory to be made
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Check a backup from its records up, without the hub
    Verify {
        /// The backup
        #[arg(value_name = "BACKUP")]
        backup: PathBuf,
    },
    /// Check a backup and put it where no store is
    Restore {
        /// The backup
        #[arg(value_name = "BACKUP")]
        backup: PathBuf,
        /// The hub's directory, with its keys and without hub.db
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
    /// Make a store that the nodes fill, for a hub that lost its disk and its backups
    Rebuild {
        /// Leaf 0, as `multaqa-node backup genesis` writes it
        #[arg(long, value_name = "FILE")]
        genesis: PathBuf,
        /// The hub's directory, with its keys and without hub.db
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
    /// Let a restored log go on though nodes that may hold more of it cannot be asked; the hub must not run
    Release {
        /// The hub's directory
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Entries in the store, as `multaqa-hub fsck` shows them: a sign that it was looked at
        #[arg(long, value_name = "ENTRIES")]
        size: u64,
        /// Why; it stands on the log for everybody, as the first record after it goes on
        #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
        reason: String,
        /// The operator's directory, made by `multaqa-hub init`: its key signs that record
        #[arg(long, value_name = "DIR", env = super::OPERATOR_DIR)]
        operator_dir: PathBuf,
    },
}

/// What `--json` prints.
#[derive(Serialize)]
struct Told<'a> {
    backup: PathBuf,
    #[serde(flatten)]
    manifest: &'a Manifest<Holds>,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let (clock, screen) = (Clock::system(), call.screen);
    match args.what {
        What::Create { dir, out } => {
            call.explain(&screen.word("say-copying"));
            let made = backup::create(&Places::of(&dir).store(), &out, &clock).await?;
            tell(call, "say-backup-made", out, &made)
        }
        What::Verify { backup: path } => {
            call.explain(&screen.word("say-checking"));
            let (manifest, report) = backup::verify(&path).await?;
            if !report.ok {
                for finding in &report.findings {
                    call.explain(&plain(&finding.what));
                }
                return Err(backup::unsound(&path, &report).into());
            }
            tell(call, "say-backup-sound", path, &manifest)
        }
        What::Restore { backup: path, dir } => {
            if !dir.is_dir() {
                return Err(Problem::new("HUB_DIR_WRONG", &[("dir", &dir.display()), ("missing", &"log.key")]));
            }
            call.explain(&screen.word("say-checking"));
            let manifest = backup::restore(&path, &Places::of(&dir).store(), &clock).await?;
            tell(call, "say-restored", path, &manifest)?;
            call.explain(&screen.text(&Line::new("say-restored-next").with("dir", dir.display())));
            Ok(Exit::Clean)
        }
        What::Rebuild { genesis, dir } => {
            let places = Places::of(&dir);
            let log_key = files::load_ed25519(&places.log_key())?;
            let id = backup::rebuild(&places, &genesis, &log_key, &clock).await?;
            if call.common.json {
                output::print_json(&serde_json::json!({ "genesis": id.to_string() }))?;
            } else {
                output::print(&(screen.text(&Line::new("say-rebuilding").with("genesis", id)) + "\n"))?;
            }
            call.explain(&screen.text(&Line::new("say-rebuilding-next").with("dir", dir.display())));
            Ok(Exit::Clean)
        }
        What::Release { dir, size, reason, operator_dir } => {
            let operator = OperatorDir::at(&operator_dir);
            if !operator.is_one() {
                return Err(Problem::new("OPERATOR_DIR_WRONG", &[("dir", &operator_dir.display())]));
            }
            let act = released(size, &reason, operator.profile()?.name.as_str());
            let sign = async |store: &Store| operator::offline(&operator, store, act, &clock).await;
            backup::release(&Places::of(&dir).store(), TreeSize(size), &clock, sign).await?;
            if call.common.json {
                output::print_json(&serde_json::json!({ "released": size }))?;
            } else {
                output::print(&(screen.text(&Line::new("say-released").with("size", size)) + "\n"))?;
            }
            Ok(Exit::Clean)
        }
    }
}

/// What everybody is told of a log that was let go on.
fn released(size: u64, reason: &str, operator: &str) -> Act {
    let line = Line::new("say-released-notice").with("size", size).with("by", operator).with("reason", reason);
    let text = Lang::ALL.map(|lang| (lang.to_string(), screen(lang).text(&line))).into();
    Act::new("notice", release::slug(TreeSize(size)), &kind::Notice { level: "warning".to_owned(), text })
}

fn tell(call: &Call, what: &'static str, backup: PathBuf, manifest: &Manifest<Holds>) -> Result<Exit, Problem> {
    if call.common.json {
        output::print_json(&Told { backup, manifest })?;
        return Ok(Exit::Clean);
    }
    let Holds { size, root, .. } = &manifest.holds;
    let line = Line::new(what).with("path", backup.display()).with("size", size).with("root", root);
    output::print(&(call.screen.text(&line.with("at", &manifest.made_at)) + "\n"))?;
    Ok(Exit::Clean)
}
