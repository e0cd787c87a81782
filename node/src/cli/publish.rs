//! `publish`: record files to signed records in the outbox.

use std::path::{Path, PathBuf};

use multaqa_proto::hash::hex;
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::node::{CheckRequest, NamedFile, PublishRequest, PublishedRecord};
use multaqa_runtime::output::{self, Table};
use serde_json::json;
use tokio::io::AsyncReadExt as _;

use super::client::Node;
use super::failure::Failure;
use super::screen::RECORD_STATES;
use super::{Call, freshness, now_ms};
use crate::port::PUBLISH_MAX;

use crate::code;
use crate::file::{FILE_MAX, Named, attachments_of};

/// Publish records: all files are checked before anything is signed
///
/// A file is YAML or JSON, with one record or several (`---` between them). The node signs all records together and keeps
/// them; they are sent as soon as there is a line to the hub. Whatever is wrong is shown at once, with file, line and column.
#[derive(Debug, clap::Args)]
#[command(after_help = "A record file:
  id: JO:organisation:modee
  audience: [states]        # may be left out: the kind's default
  payload:
    name:
      ar: وزارة الاقتصاد الرقمي والريادة
      en: Ministry of Digital Economy and Entrepreneurship
    type: ministry

A dataset may name an SDMX-CSV file beside it: payload.csv: egdi-2003-2024.csv

Examples:
  multaqa-node publish services/*.yaml
  multaqa-node publish --check services/sanad.yaml")]
pub(crate) struct Args {
    /// Record files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only check the files; nothing is signed
    #[arg(long)]
    check: bool,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let (files, attachments) = self.load().await?;
        let node = Node::connect(&call.dir()).await?;
        if self.check {
            let documents = check(&node, files, attachments).await?;
            let text = call.screen.text(&Line::new("say-publishable").with("count", documents)) + "\n";
            let shown = json!({ "records": documents, "findings": [] });
            return print(call, &text, &shown);
        }
        let request = PublishRequest { files: files.clone(), attachments: attachments.clone() };
        let answer = match node.outbox().publish(request).await {
            Ok(answer) => answer.into_inner(),
            Err(status) => {
                let failure = Failure::from(status);
                // The error carries only the first findings.
                if failure.code() == code::FILES_REFUSED {
                    check(&node, files, attachments).await?;
                }
                return Err(failure);
            }
        };
        let text =
            table(call.screen, &answer.records) + &freshness::line(call.screen, answer.freshness.as_ref(), now_ms());
        let records: Vec<_> = answer.records.iter().map(record_value).collect();
        let shown = json!({ "records": records, "freshness": freshness::value(answer.freshness.as_ref()) });
        print(call, &text, &shown)
    }

    async fn load(&self) -> Result<(Vec<NamedFile>, Vec<NamedFile>), Failure> {
        let mut files = Vec::new();
        let mut attachments: Vec<NamedFile> = Vec::new();
        let mut total = 0;
        for path in &self.files {
            let file = read(path).await?;
            for name in attachments_of(&file) {
                let path = Path::new(&name);
                // A file that is not there is a finding of the record that names it.
                if attachments.iter().all(|known| known.name != name) && path.exists() {
                    let Named { name, bytes } = read(path).await?;
                    total += bytes.len();
                    attachments.push(NamedFile { name, bytes });
                }
            }
            let Named { name, bytes } = file;
            total += bytes.len();
            files.push(NamedFile { name, bytes });
            if total > PUBLISH_MAX {
                let args = [("max", PUBLISH_MAX.to_string()), ("found", total.to_string())];
                return Err(Failure::new(code::FILES_TOO_LARGE, args));
            }
        }
        Ok((files, attachments))
    }
}

/// Reads a file, at most one byte more than a record file may have: the node says that it is too large.
async fn read(path: &Path) -> Result<Named, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(code::PATH_UNREADABLE, [("file", path.display().to_string()), ("detail", error.to_string())])
    };
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(FILE_MAX as u64 + 1).read_to_end(&mut bytes).await.map_err(unreadable)?;
    Ok(Named { name: path.to_string_lossy().into_owned(), bytes })
}

/// The number of records that may be published.
async fn check(node: &Node, files: Vec<NamedFile>, attachments: Vec<NamedFile>) -> Result<u32, Failure> {
    let answer = node.outbox().check(CheckRequest { files, attachments }).await?.into_inner();
    if answer.findings_total > 0 {
        return Err(Failure::refused(answer.findings, answer.findings_total));
    }
    Ok(answer.documents)
}

pub(super) fn table(screen: Screen<'_>, records: &[PublishedRecord]) -> String {
    let mut table = Table::new(screen.words(["head-id", "head-revision", "head-state", "head-record"]));
    for PublishedRecord { file: _, id, revision, record_id, state } in records {
        table.row([id, &revision.to_string(), &screen.token(&RECORD_STATES, state), &hex(record_id)]);
    }
    table.render()
}

pub(super) fn record_value(record: &PublishedRecord) -> serde_json::Value {
    let PublishedRecord { file, id, revision, record_id, state } = record;
    json!({ "file": file, "id": id, "revision": revision, "record_id": hex(record_id), "state": state })
}

/// Prints JSON where it was asked for, else the text.
pub(super) fn print(call: &Call, text: &str, shown: &serde_json::Value) -> Result<(), Failure> {
    if call.common.json {
        output::print_json(shown)?;
    } else {
        output::print(text)?;
    }
    Ok(())
}
