//! `multaqa-hub config show|check`: what is configured, and where each value comes from.

use clap::Subcommand;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::config::{Settings, Sources};
use multaqa_runtime::output;

use super::{Call, OPERATOR_DIR};
use crate::config::{Config, Places};
use crate::operator::problem::Problem;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-hub config show --config /var/lib/multaqa-hub/hub.toml
  MULTAQA_LIMITS__CONNECTIONS=64 multaqa-hub config check
MULTAQA_HUB__LIMITS__CONNECTIONS says the same where a node runs on the same machine and would refuse it.")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print every key with its value and where it comes from
    Show,
    /// Read all layers and say whether they are sound
    Check,
}

pub(super) fn run(args: &Args, call: &Call) -> Result<Exit, Problem> {
    let settings = load(call, Sources::new())?;
    if matches!(args.what, What::Check) {
        settings.value.check()?;
        settings.value.log.check()?;
    }
    match args.what {
        What::Show => settings.print(
            call.common.json,
            &call.screen.words(["head-key", "head-value", "head-origin"]),
            &call.screen.word("word-default"),
        )?,
        What::Check if call.common.json => output::print_json(&serde_json::json!({ "ok": true }))?,
        What::Check => output::print(&(call.screen.word("say-config-sound") + "\n"))?,
    }
    Ok(Exit::Clean)
}

/// All layers: the file asked for or the usual one, the environment, and the flags that `sources` holds.
pub(super) fn load(call: &Call, sources: Sources) -> Result<Settings<Config>, Problem> {
    let sources = match &call.common.config {
        Some(path) => sources.file(path),
        None => sources.file_if_present(Places::of(&Config::default().dir).config()),
    };
    let sources = sources.environment(std::env::vars_os(), &[OPERATOR_DIR, "MULTAQA_NODE__"]).family("MULTAQA_HUB__");
    Ok(sources.flag("--log", "log.filter", call.common.log.as_ref()).load()?)
}
