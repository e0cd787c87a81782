//! `get`: one object with its payload.

use multaqa_proto::wire::node::{GetRequest, GetResponse};
use multaqa_runtime::output::{self, Table};
use serde_json::Value;

use super::client::Node;
use super::failure::Failure;
use super::list::{summary_value, title};
use super::publish::print;
use super::{Call, freshness, now_ms};
use crate::code;

/// Show one record with its payload, from the replica
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node get JO:service:sanad --lang ar
  multaqa-node get x-escwa:dataset:egdi-2003-2024 --json | jq .payload.observations")]
pub(crate) struct Args {
    /// Id of the object
    #[arg(value_name = "ID")]
    id: String,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let node = Node::connect(&call.dir()).await?;
        let answer = node.replica().get(GetRequest { id: self.id }).await?.into_inner();
        let payload = payload(&answer.payload_json)?;
        let now_ms = now_ms();
        let text =
            text(&answer, &payload, call, now_ms)? + &freshness::line(call.screen, answer.freshness.as_ref(), now_ms);
        let mut shown = answer.object.as_ref().map(summary_value).unwrap_or_default();
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("payload".to_owned(), payload);
            shown.insert("freshness".to_owned(), freshness::value(answer.freshness.as_ref()));
        }
        print(call, &text, &shown)
    }
}

fn text(answer: &GetResponse, payload: &Value, call: &Call, now_ms: i64) -> Result<String, Failure> {
    let Some(object) = &answer.object else { return Ok(String::new()) };
    let screen = call.screen;
    let mut table = Table::new([&object.id, &title(object, screen.lang())]);
    let accepted =
        format!("{} ({})", output::instant(object.accepted_at_ms), screen.age(now_ms, object.accepted_at_ms));
    let state = if object.withdrawn { "word-withdrawn" } else { "word-valid" };
    // Of a withdrawn object only the mark stays.
    let kept = |value: String| if object.withdrawn { String::new() } else { value };
    for (label, value) in [
        ("row-revision", kept(object.revision.to_string())),
        ("row-state", screen.word(state)),
        ("row-audience", kept(object.audience.join(" "))),
        ("row-authored", output::instant(object.authored_at_ms)),
        ("row-accepted", accepted),
        ("row-index", object.index.to_string()),
    ] {
        if !value.is_empty() {
            table.row([&screen.word(label), &value]);
        }
    }
    let payload = if payload.is_null() { String::new() } else { format!("{}\n", pretty(payload)?) };
    Ok(table.render() + &payload)
}

pub(super) fn payload(text: &str) -> Result<Value, Failure> {
    if text.is_empty() { Ok(Value::Null) } else { serde_json::from_str(text).map_err(|error| unexpected(&error)) }
}

fn pretty(value: &Value) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|error| unexpected(&error))
}

fn unexpected(error: &serde_json::Error) -> Failure {
    Failure::new(code::NODE_CALL_FAILED, [("detail", error.to_string())])
}
