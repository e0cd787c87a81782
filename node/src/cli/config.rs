//! `config`: what is configured, and where each value comes from.

use multaqa_runtime::config::{Settings, Sources};
use multaqa_runtime::output;

use super::Call;
use super::failure::Failure;
use crate::config::{Config, Layout};

/// Show or check the configuration: defaults, node.toml, drop-ins, MULTAQA_* variables, flags
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node config show --dir /var/lib/multaqa-node
  MULTAQA_ADMIN__LISTEN=127.0.0.1:9400 multaqa-node config check")]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Print every key with its value and where it comes from
    Show,
    /// Read all layers and say whether a node can be built from them
    Check,
}

impl Args {
    pub(crate) fn run(self, call: &Call) -> Result<(), Failure> {
        let settings = load(call, None)?;
        match self.what {
            What::Show => settings.print(
                call.common.json,
                &call.screen.words(["head-key", "head-value", "head-origin"]),
                &call.screen.word("word-default"),
            )?,
            What::Check => {
                settings.value.check()?;
                settings.value.log.check()?;
                if call.common.json {
                    output::print_json(&serde_json::json!({ "ok": true }))?;
                } else {
                    output::print(&(call.screen.word("say-config-sound") + "\n"))?;
                }
            }
        }
        Ok(())
    }
}

/// All layers: the file asked for or the one in the directory, the environment, the flags.
pub(super) fn load(call: &Call, fast_start: Option<bool>) -> Result<Settings<Config>, Failure> {
    let sources = match &call.common.config {
        Some(path) => Sources::new().file(path),
        None => Sources::new().file_if_present(Layout::new(&call.dir()).config()),
    };
    let dir = call.dir_given.as_ref().map(|dir| dir.display());
    let sources = sources.environment(std::env::vars_os(), &["MULTAQA_OPERATOR_DIR", "MULTAQA_HUB__"]);
    let sources = sources.flag("--dir", "node.dir", dir).flag("--fast-start", "line.fast_start", fast_start);
    Ok(sources.flag("--log", "log.filter", call.common.log.as_ref()).load()?)
}
