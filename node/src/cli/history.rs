//! `history`: all revisions of an object that reached this node.

use multaqa_proto::hash::hex;
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::node::{HistoryRequest, Revision};
use multaqa_runtime::output::{self, Table};
use serde_json::{Value, json};

use super::client::Node;
use super::failure::Failure;
use super::get::payload;
use super::publish::print;
use super::screen::RECORD_STATES;
use super::{Call, freshness, now_ms};

/// Most revisions that one request brings.
const PAGE: u32 = 500;

/// Show every revision of a record, void ones too, oldest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node history JO:service:sanad
  multaqa-node history x-escwa:indicator:egdi --json")]
pub(crate) struct Args {
    /// Id of the object
    #[arg(value_name = "ID")]
    id: String,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let node = Node::connect(&call.dir()).await?;
        let mut request = HistoryRequest { id: self.id.clone(), page_size: PAGE, ..Default::default() };
        let mut revisions: Vec<Revision> = Vec::new();
        let freshness = loop {
            let answer = node.replica().history(request.clone()).await?.into_inner();
            revisions.extend(answer.revisions);
            if answer.next_page_token.is_empty() {
                break answer.freshness;
            }
            request.page_token = answer.next_page_token;
        };
        let text = table(call.screen, &revisions) + &freshness::line(call.screen, freshness.as_ref(), now_ms());
        let revisions = revisions.iter().map(revision_value).collect::<Result<Vec<_>, _>>()?;
        let freshness = freshness::value(freshness.as_ref());
        print(call, &text, &json!({ "id": self.id, "revisions": revisions, "freshness": freshness }))
    }
}

fn table(screen: Screen<'_>, revisions: &[Revision]) -> String {
    let headings = ["head-revision", "head-index", "head-accepted", "head-writer", "head-state", "head-record"];
    let mut table = Table::new(screen.words(headings));
    for revision in revisions {
        let state = match revision.state.as_str() {
            "void" => screen.text(&Line::new("say-void").with("code", &revision.code)),
            "valid" if revision.tombstone => screen.word("word-withdraws"),
            state => screen.token(&RECORD_STATES, state),
        };
        // The content is erased, and the revision with it.
        let number = if revision.revision == 0 { "-".to_owned() } else { revision.revision.to_string() };
        table.row([
            &number,
            &revision.index.to_string(),
            &output::instant(revision.accepted_at_ms),
            &revision.writer,
            &state,
            &hex(&revision.record_id),
        ]);
    }
    table.render()
}

fn revision_value(revision: &Revision) -> Result<Value, Failure> {
    let Revision {
        revision,
        record_id,
        index,
        writer,
        authored_at_ms,
        accepted_at_ms,
        audience,
        state,
        code,
        payload_json,
        tombstone,
    } = revision;
    Ok(json!({
        "revision": revision,
        "record_id": hex(record_id),
        "index": index,
        "writer": writer,
        "authored_at_ms": authored_at_ms,
        "accepted_at_ms": accepted_at_ms,
        "audience": audience,
        "state": state,
        "code": code,
        "tombstone": tombstone,
        "payload": payload(payload_json)?,
    }))
}
