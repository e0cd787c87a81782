//! `join`: from a join key to a node.

use std::io::Read;
use std::path::PathBuf;

use multaqa_proto::message::screen::Line;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::output;
use serde_json::json;

use super::Call;
use super::failure::Failure;
use crate::code;
use crate::join::{Joined, join};

/// Longest text that can be a join key, bytes.
const KEY_MAX: u64 = 16 * 1024;

/// Join a federation with the key that its operator gave
///
/// Makes the node's keys, proves to the hub that it holds them, and stores its identity in the directory. Safe to repeat
/// until it succeeds. Whoever holds the key can join in this node's place: give it by --key-file or on standard input. As an
/// argument it stands in the shell's history and in the list of processes, which other users of the machine see.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node join --key-file key.txt --dir /var/lib/multaqa-node
  ssh operator@hub multaqa-hub invite JO | multaqa-node join -")]
pub(crate) struct Args {
    /// `-` for standard input; or the join key itself, where nobody else uses the machine
    #[arg(value_name = "KEY", required_unless_present = "key_file", conflicts_with = "key_file")]
    key: Option<String>,
    /// File that holds the join key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let key = self.key()?;
        multaqa_certs::crypto::install();
        let dir = call.dir();
        let Joined { writer, already, index } = join(key.trim(), &dir, &Clock::system()).await.map_err(Fault::from)?;
        if call.common.json {
            let shown = json!({ "writer": writer.to_string(), "already": already, "index": index, "dir": dir });
            output::print_json(&shown)?;
        } else {
            let how = Line::new(if already { "say-joined-before" } else { "say-joined" }).with("writer", writer);
            let start = Line::new("say-start").with("command", format!("multaqa-node serve --dir {}", dir.display()));
            output::print(&format!("{}\n{}\n", call.screen.text(&how), call.screen.text(&start)))?;
        }
        Ok(())
    }

    fn key(&self) -> Result<String, Failure> {
        match (&self.key_file, self.key.as_deref()) {
            (Some(path), _) => {
                let name = path.display().to_string();
                let file = std::fs::File::open(path).map_err(|error| unreadable(&name, &error))?;
                read(&name, file)
            }
            (None, Some("-")) => read("-", std::io::stdin()),
            (None, key) => Ok(key.unwrap_or_default().to_owned()),
        }
    }
}

fn read(name: &str, from: impl Read) -> Result<String, Failure> {
    let mut text = String::new();
    from.take(KEY_MAX).read_to_string(&mut text).map_err(|error| unreadable(name, &error))?;
    Ok(text)
}

fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    Failure::new(code::PATH_UNREADABLE, [("file", name.to_owned()), ("detail", error.to_string())])
}
