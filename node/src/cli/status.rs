//! `status`: the node at a glance.

use multaqa_proto::hash::hex;
use multaqa_proto::wire::node::{GetStatusRequest, GetStatusResponse, RetryAlarmRequest, WaitingApproval};
use multaqa_runtime::output::{self, Table};
use serde_json::{Value, json};

use super::client::Node;
use super::failure::Failure;
use super::publish::print;
use super::{Call, freshness};

/// Show the node's state: line to the hub, position, outbox, what waits for approval
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node status
  multaqa-node status --retry-alarm
  multaqa-node status --json | jq .freshness.state")]
pub(crate) struct Args {
    /// After an alarm: take from the hub again, and show the state then
    #[arg(long)]
    retry_alarm: bool,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let node = Node::connect(&call.dir()).await?;
        if self.retry_alarm {
            node.status().retry_alarm(RetryAlarmRequest {}).await?;
        }
        let answer = node.status().get_status(GetStatusRequest {}).await?.into_inner();
        print(call, &text(&answer), &value(&answer))
    }
}

fn text(status: &GetStatusResponse) -> String {
    let mut table = Table::new(&["node", &format!("{}/{} of {}", status.member, status.node, status.federation)]);
    let objects = status.objects.values().sum::<u64>();
    let mut kinds: Vec<_> = status.objects.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    kinds.sort();
    let started = format!("{} ({})", output::instant(status.started_ms), output::age(status.now_ms, status.started_ms));
    for (name, value) in [
        ("class", status.member_class.clone()),
        ("version", status.version.clone()),
        ("started", started),
        ("members", status.members.to_string()),
        ("objects", format!("{objects} ({})", kinds.join(", "))),
        ("own chain", format!("epoch {}, seq {}", status.epoch, status.seq)),
        ("outbox", format!("{} waiting, {} failed", status.waiting, status.failed)),
        ("outbox blocked", status.blocked.clone()),
        ("root", hex(&status.root)),
    ] {
        if !value.is_empty() {
            table.row([name, &value]);
        }
    }
    let approvals: String = status.approvals.iter().map(approval_line).collect();
    table.render() + &approvals + &freshness::line(status.freshness.as_ref(), status.now_ms)
}

fn approval_line(approval: &WaitingApproval) -> String {
    let WaitingApproval { record_id, id, approved_by, needed } = approval;
    let (approved, record_id) = (approved_by.join(" "), hex(record_id));
    format!(
        "waits for approval: {id} ({needed} states needed; approved by: {approved})\n  multaqa-node approve {record_id}\n"
    )
}

fn value(status: &GetStatusResponse) -> Value {
    let GetStatusResponse {
        federation,
        member,
        member_class,
        node,
        version,
        started_ms,
        now_ms,
        freshness,
        root,
        genesis,
        epoch,
        seq,
        waiting,
        failed,
        objects,
        members,
        approvals,
        blocked,
    } = status;
    let approvals: Vec<Value> = approvals.iter().map(approval_value).collect();
    json!({
        "federation": federation,
        "member": member,
        "member_class": member_class,
        "node": node,
        "version": version,
        "started_ms": started_ms,
        "now_ms": now_ms,
        "freshness": freshness::value(freshness.as_ref()),
        "root": hex(root),
        "genesis": hex(genesis),
        "epoch": epoch,
        "seq": seq,
        "waiting": waiting,
        "failed": failed,
        "blocked": blocked,
        "objects": objects,
        "members": members,
        "approvals": approvals,
    })
}

fn approval_value(approval: &WaitingApproval) -> Value {
    let WaitingApproval { record_id, id, approved_by, needed } = approval;
    json!({ "record_id": hex(record_id), "id": id, "approved_by": approved_by, "needed": needed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_the_command_for_each_approval() {
        let status = GetStatusResponse {
            member: "JO".to_owned(),
            node: "gw1".to_owned(),
            federation: "multaqa.test".to_owned(),
            approvals: vec![WaitingApproval {
                record_id: vec![2; 32],
                id: "x-federation:group:gcc".to_owned(),
                approved_by: vec!["SA".to_owned()],
                needed: 4,
            }],
            ..Default::default()
        };
        let text = text(&status);
        assert!(text.starts_with("node       JO/gw1 of multaqa.test\n"), "{text}");
        assert!(text.contains(&format!("multaqa-node approve {}", "02".repeat(32))), "{text}");
        assert!(!text.contains("blocked"), "{text}");
        assert_eq!(value(&status)["approvals"][0]["needed"], 4);
    }
}
