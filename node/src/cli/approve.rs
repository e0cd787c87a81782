//! `approve`: what waits for this member, or the member's approval of it.

use multaqa_proto::hash::{RecordId, hex};
use multaqa_proto::message::proposal::changed;
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::node::{ApproveRequest, GetStatusRequest, WaitingApproval};
use multaqa_proto::wire::record::Proposal;
use serde_json::{Value, json};

use super::client::Node;
use super::failure::Failure;
use super::publish::{print, record_value, table};
use super::{Call, freshness, now_ms};
use crate::code;

/// List what waits for this member and what it would change, or approve it
///
/// Changes of a group and new policies take effect when enough states approved them. Approving twice changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node approve
  multaqa-node approve 5b1f0c5e6d7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e")]
pub(crate) struct Args {
    /// Record id of the record that waits, 64 hex digits; without it, all that wait are listed
    #[arg(value_name = "RECORD_ID")]
    record_id: Option<String>,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let Some(text) = self.record_id else { return list(call).await };
        let malformed = |_| Failure::new(code::RECORD_ID_MALFORMED, [("value", text.clone())]);
        let record_id: RecordId = text.parse().map_err(malformed)?;
        let node = Node::connect(&call.dir()).await?;
        let request = ApproveRequest { record_id: record_id.to_vec() };
        let screen = call.screen;
        let answer = match node.outbox().approve(request).await.map_err(Failure::from) {
            Ok(answer) => answer.into_inner(),
            Err(failure) if failure.code() == code::APPROVAL_GIVEN => {
                let target = failure.arg("id").unwrap_or_default();
                let line = Line::new("say-approved-before").with("target", target);
                let shown = json!({ "target": target, "already": true, "record": null, "freshness": null });
                return print(call, &(screen.text(&line) + "\n"), &shown);
            }
            Err(failure) => return Err(failure),
        };
        let approves = screen.text(&Line::new("say-approves").with("target", &answer.target));
        let text = approves
            + "\n"
            + &table(screen, answer.record.as_slice())
            + &freshness::line(screen, answer.freshness.as_ref(), now_ms());
        let shown = json!({
            "target": answer.target,
            "already": false,
            "record": answer.record.as_ref().map(record_value),
            "freshness": freshness::value(answer.freshness.as_ref()),
        });
        print(call, &text, &shown)
    }
}

async fn list(call: &Call) -> Result<(), Failure> {
    let screen = call.screen;
    let status = Node::connect(&call.dir()).await?.status().get_status(GetStatusRequest {}).await?.into_inner();
    let nothing = || screen.word("say-nothing-waits") + "\n";
    let waiting: String = status.approvals.iter().map(|approval| text(screen, approval)).collect();
    let waiting = if waiting.is_empty() { nothing() } else { waiting };
    let shown = json!({
        "approvals": status.approvals.iter().map(value).collect::<Vec<_>>(),
        "freshness": freshness::value(status.freshness.as_ref()),
    });
    print(call, &(waiting + &freshness::line(screen, status.freshness.as_ref(), status.now_ms)), &shown)
}

/// A record that waits for this member: what it is, line by line, and how to approve it.
pub(super) fn text(screen: Screen<'_>, approval: &WaitingApproval) -> String {
    let WaitingApproval { record_id, id, approved_by, needed, proposal } = approval;
    let (record, proposal) = (hex(record_id), proposal.clone().unwrap_or_default());
    let approved = if approved_by.is_empty() { "none".to_owned() } else { approved_by.join(" ") };
    let approvals = screen.text(&Line::new("say-approval").with("needed", needed).with("approved", approved));
    let command = Line::new("say-approve-with").with("command", format!("multaqa-node approve {record}"));
    let command = if proposal.overtaken { String::new() } else { format!("  {}\n", screen.text(&command)) };
    screen.proposal(id, &record, &proposal) + &format!("  {approvals}\n{command}")
}

/// The same as JSON.
pub(super) fn value(approval: &WaitingApproval) -> Value {
    let WaitingApproval { record_id, id, approved_by, needed, proposal } = approval;
    let proposal = proposal.clone().unwrap_or_default();
    let changes = changed(&proposal);
    let Proposal { proposed_by, kind, index, changes: _, overtaken } = proposal;
    json!({
        "record_id": hex(record_id),
        "id": id,
        "kind": kind,
        "proposed_by": proposed_by,
        "index": index,
        "changes": changes,
        "overtaken": overtaken,
        "approved_by": approved_by,
        "needed": needed,
    })
}
