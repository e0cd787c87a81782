//! `approve`: this member's approval of a record that waits for it.

use multaqa_proto::hash::RecordId;
use multaqa_proto::message::screen::Line;
use multaqa_proto::wire::node::ApproveRequest;
use serde_json::json;

use super::client::Node;
use super::failure::Failure;
use super::publish::{print, record_value, table};
use super::{Call, freshness, now_ms};
use crate::code;

/// Approve a record that waits for this member
///
/// Changes of a group and new policies take effect when enough states approved them. `status` lists what waits.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  multaqa-node approve 5b1f0c5e6d7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e")]
pub(crate) struct Args {
    /// Record id of the record that waits, 64 hex digits
    #[arg(value_name = "RECORD_ID")]
    record_id: String,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let record_id: RecordId = self
            .record_id
            .parse()
            .map_err(|_| Failure::new(code::RECORD_ID_MALFORMED, [("value", self.record_id.clone())]))?;
        let node = Node::connect(&call.dir()).await?;
        let request = ApproveRequest { record_id: record_id.to_vec() };
        let answer = node.outbox().approve(request).await?.into_inner();
        let screen = call.screen;
        let approves = screen.text(&Line::new("say-approves").with("target", &answer.target));
        let text = approves
            + "\n"
            + &table(screen, answer.record.as_slice())
            + &freshness::line(screen, answer.freshness.as_ref(), now_ms());
        let shown = json!({
            "target": answer.target,
            "record": answer.record.as_ref().map(record_value),
            "freshness": freshness::value(answer.freshness.as_ref()),
        });
        print(call, &text, &shown)
    }
}
