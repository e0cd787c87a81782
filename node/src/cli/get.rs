//! `get`: one object with its payload, or the proof of its record.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use multaqa_proto::message::screen::Line;
use multaqa_proto::record_proof::{RecordProof, RecordProofBad};
use multaqa_proto::wire::node::proof_request::Of;
use multaqa_proto::wire::node::{GetRequest, GetResponse, ProofRequest, ProofResponse};
use multaqa_runtime::output::{self, Table};
use serde_json::Value;

use super::client::Node;
use super::failure::Failure;
use super::list::{summary_value, title};
use super::publish::print;
use super::status::unerased;
use super::{Call, freshness, now_ms};
use crate::code;

/// Show one record with its payload, from the replica
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node get JO:service:sanad --lang ar
  multaqa-node get JO:service:sanad --proof --out sanad.proof
  multaqa-node get x-escwa:dataset:egdi-2003-2024 --json | jq .payload.observations")]
pub(crate) struct Args {
    /// Id of the object
    #[arg(value_name = "ID")]
    id: String,
    /// Write the record's proof instead: a file by which anybody who has the genesis decides offline who wrote the record
    /// and where it stands (`multaqa-certs verify-record`). It shows the record's content
    #[arg(long)]
    proof: bool,
    /// Prove the record at this place of the log instead of the newest one; `history` shows the places
    #[arg(long, requires = "proof", value_name = "INDEX")]
    at: Option<u64>,
    /// The proof's file, which must not exist; by default the proof goes to standard output
    #[arg(long, requires = "proof", value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let node = Node::connect(&call.dir()).await?;
        if self.proof {
            return self.prove(&node, call).await;
        }
        let answer = node.replica().get(GetRequest { id: self.id, ..Default::default() }).await?.into_inner();
        let payload = payload(&answer.payload_json)?;
        let now_ms = now_ms();
        let text =
            text(&answer, &payload, call, now_ms)? + &freshness::line(call.screen, answer.freshness.as_ref(), now_ms);
        let mut shown = answer.object.as_ref().map(summary_value).unwrap_or_default();
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("payload".to_owned(), payload);
            if answer.unerased > 0 {
                shown.insert("unerased".to_owned(), Value::from(answer.unerased));
            }
            shown.insert("freshness".to_owned(), freshness::value(answer.freshness.as_ref()));
        }
        print(call, &text, &shown)
    }

    async fn prove(self, node: &Node, call: &Call) -> Result<(), Failure> {
        let of = self.at.map_or_else(|| Of::Id(self.id.clone()), Of::Index);
        let ProofResponse { file, label, proof: _, freshness: _ } =
            node.replica().proof(ProofRequest { of: Some(of) }).await?.into_inner();
        let bad = |bad: RecordProofBad| Failure::new(bad.code(), bad.args());
        let proof = RecordProof::parse(file.as_bytes()).map_err(bad)?;
        let proven = proof.verify(proof.genesis).map_err(bad)?;
        let mut shown = serde_json::json!({
            "record_id": proven.record_id,
            "index": proven.index,
            "genesis": proven.genesis,
            "size": proven.checkpoint.size,
            "states": proven.states.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "label": label,
        });
        let Some(path) = self.out else {
            shown["file"] = Value::from(file.clone());
            return print(call, &file, &shown);
        };
        write_private(&path, &file)?;
        let path = path.display().to_string();
        let line = Line::new("say-proof").with("record", &self.id).with("path", &path).with("index", proven.index);
        let line = line.with("size", proven.checkpoint.size).with("states", proven.states.len());
        let line = line.with("of", proven.numbers.states).with("label", &label).with("genesis", proven.genesis);
        shown["path"] = Value::from(path);
        print(call, &(call.screen.text(&line) + "\n"), &shown)
    }
}

/// Writes a new file that only its owner may read: the content may be for few.
fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let unwritable = |error: std::io::Error| {
        let args = [("path", path.display().to_string()), ("detail", error.to_string())];
        Failure::new(code::PROOF_FILE_UNWRITABLE, args)
    };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(unwritable)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(unwritable)
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
        ("row-standing", screen.standing(&object.standing)),
    ] {
        if !value.is_empty() {
            table.row([&screen.word(label), &value]);
        }
    }
    if answer.unerased > 0 {
        table.row([&screen.word("row-unerased"), &unerased(screen, &object.id, answer.unerased)]);
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
