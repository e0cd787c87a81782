//! `queue`: own records and what became of them.

use multaqa_proto::hash::hex;
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::node::{QueueRequest, QueuedRecord};
use multaqa_runtime::output::{self, Table};
use serde_json::{Value, json};

use super::client::Node;
use super::failure::Failure;
use super::publish::print;
use super::screen::RECORD_STATES;
use super::{Call, freshness, now_ms};

/// Show own records that are on their way or came to nothing
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node queue
  multaqa-node queue --all --json")]
pub(crate) struct Args {
    /// Those that hold on the log too
    #[arg(long)]
    all: bool,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let node = Node::connect(&call.dir()).await?;
        let mut request = QueueRequest { all: self.all, ..Default::default() };
        let mut records: Vec<QueuedRecord> = Vec::new();
        let (waiting, freshness) = loop {
            let answer = node.outbox().queue(request.clone()).await?.into_inner();
            records.extend(answer.records);
            if answer.next_page_token.is_empty() {
                break (answer.waiting, answer.freshness);
            }
            request.page_token = answer.next_page_token;
        };
        let now_ms = now_ms();
        let screen = call.screen;
        let line = screen.text(&Line::new("say-waiting").with("count", waiting));
        let text = table(screen, &records) + &line + "\n" + &freshness::line(screen, freshness.as_ref(), now_ms);
        let records: Vec<Value> = records.iter().map(record_value).collect();
        let freshness = freshness::value(freshness.as_ref());
        print(call, &text, &json!({ "records": records, "waiting": waiting, "freshness": freshness }))
    }
}

fn table(screen: Screen<'_>, records: &[QueuedRecord]) -> String {
    let headings = ["head-sequence", "head-id", "head-state", "head-index", "head-code", "head-signed", "head-record"];
    let mut table = Table::new(screen.words(headings));
    for record in records {
        table.row([
            &record.seq.to_string(),
            &record.id,
            &screen.token(&RECORD_STATES, &record.state),
            &record.index.map(|index| index.to_string()).unwrap_or_default(),
            &record.code,
            &output::instant(record.signed_at_ms),
            &hex(&record.record_id),
        ]);
    }
    table.render()
}

fn record_value(record: &QueuedRecord) -> Value {
    let QueuedRecord { id, record_id, epoch, seq, state, index, code, args, signed_at_ms } = record;
    json!({
        "id": id,
        "record_id": hex(record_id),
        "epoch": epoch,
        "seq": seq,
        "state": state,
        "index": index,
        "code": code,
        "args": args,
        "signed_at_ms": signed_at_ms,
    })
}
