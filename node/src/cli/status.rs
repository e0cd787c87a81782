//! `status`: the node at a glance.

use multaqa_proto::hash::hex;
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::node::{GetStatusRequest, GetStatusResponse, RetryAlarmRequest, WaitingApproval};
use multaqa_runtime::output::{self, Table};
use serde_json::{Value, json};

use super::client::Node;
use super::failure::Failure;
use super::publish::print;
use super::{Call, freshness};

const CLASSES: [(&str, &str); 4] = [
    ("state", "word-state"),
    ("secretariat", "word-secretariat"),
    ("observer", "word-observer"),
    ("partner", "word-partner"),
];

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
        print(call, &text(call.screen, &answer), &value(&answer))
    }
}

fn text(screen: Screen<'_>, status: &GetStatusResponse) -> String {
    let writer = format!("{}/{}", status.member, status.node);
    let node = Line::new("say-node-of").with("writer", writer).with("federation", &status.federation);
    let mut table = Table::new([screen.word("row-node"), screen.text(&node)]);
    let objects = status.objects.values().sum::<u64>();
    let mut kinds: Vec<_> = status.objects.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    kinds.sort();
    let started = format!("{} ({})", output::instant(status.started_ms), screen.age(status.now_ms, status.started_ms));
    // A node of an earlier version does not tell.
    let certificate =
        Some(status.certificate_not_after_ms).filter(|ms| *ms > 0).map(output::instant).unwrap_or_default();
    let chain = Line::new("say-chain").with("epoch", status.epoch).with("seq", status.seq);
    let outbox = Line::new("say-outbox").with("waiting", status.waiting).with("failed", status.failed);
    for (label, value) in [
        ("row-class", screen.token(&CLASSES, &status.member_class)),
        ("row-version", status.version.clone()),
        ("row-started", started),
        ("row-certificate", certificate),
        ("row-members", status.members.to_string()),
        ("row-objects", format!("{objects} ({})", kinds.join(", "))),
        ("row-chain", screen.text(&chain)),
        ("row-outbox", screen.text(&outbox)),
        ("row-blocked", status.blocked.clone()),
        ("row-root", hex(&status.root)),
    ] {
        if !value.is_empty() {
            table.row([&screen.word(label), &value]);
        }
    }
    let approvals: String = status.approvals.iter().map(|approval| approval_line(screen, approval)).collect();
    table.render() + &approvals + &freshness::line(screen, status.freshness.as_ref(), status.now_ms)
}

fn approval_line(screen: Screen<'_>, approval: &WaitingApproval) -> String {
    let WaitingApproval { record_id, id, approved_by, needed } = approval;
    let approved = if approved_by.is_empty() { "none".to_owned() } else { approved_by.join(" ") };
    let line = Line::new("say-approval").with("id", id).with("needed", needed).with("approved", approved);
    format!("{}\n  multaqa-node approve {}\n", screen.text(&line), hex(record_id))
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
        certificate_not_after_ms,
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
        "certificate_not_after_ms": certificate_not_after_ms,
    })
}

fn approval_value(approval: &WaitingApproval) -> Value {
    let WaitingApproval { record_id, id, approved_by, needed } = approval;
    json!({ "record_id": hex(record_id), "id": id, "approved_by": approved_by, "needed": needed })
}

#[cfg(test)]
mod tests {
    use multaqa_proto::text::Lang;

    use super::super::screen::screen;
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
        let arabic = text(screen(Lang::Ar), &status);
        assert!(arabic.contains("(المطلوب موافقة 4 دول؛ وافق: SA)"), "{arabic}");
        let text = text(screen(Lang::En), &status);
        assert!(text.starts_with("node       JO/gw1 of multaqa.test\n"), "{text}");
        assert!(text.contains(&format!("multaqa-node approve {}", "02".repeat(32))), "{text}");
        assert!(!text.contains("blocked"), "{text}");
        assert_eq!(value(&status)["approvals"][0]["needed"], 4);
    }
}
