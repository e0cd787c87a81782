//! `status`: the node at a glance.

use multaqa_proto::hash::hex;
use multaqa_proto::message::begun::Begun;
use multaqa_proto::message::contradiction::Contradiction;
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::message::witnessing::Witnessing;
use multaqa_proto::wire::node::{self as wire, GetStatusRequest, GetStatusResponse, RetryAlarmRequest};
use multaqa_runtime::output::{self, Table};
use serde_json::{Value, json};

use super::client::Node;
use super::failure::Failure;
use super::publish::print;
use super::{Call, approve, freshness};
use crate::clients::WARN_BEFORE_MS;

const LINES: [(&str, &str); 7] = [
    ("line-down", "word-line-down"),
    ("hub-refusing", "word-hub-refusing"),
    ("alarm", "word-alarm"),
    ("log-frozen", "word-log-frozen"),
    ("behind", "word-behind"),
    ("unwitnessed", "word-unwitnessed"),
    ("live", "word-live"),
];

/// Show the node's state: line to the hub, position, outbox, what waits for approval
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node status
  multaqa-node status --retry-alarm
  multaqa-node status --json | jq .line.state")]
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
    let node = Line::new("say-node-of").with("writer", &writer).with("federation", &status.federation);
    let mut table = Table::new([screen.word("row-node"), screen.text(&node)]);
    let objects = status.objects.values().sum::<u64>();
    let mut kinds: Vec<_> = status.objects.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    kinds.sort();
    let started = format!("{} ({})", output::instant(status.started_ms), screen.age(status.now_ms, status.started_ms));
    // A node of an earlier version does not tell.
    let certificate =
        Some(status.certificate_not_after_ms).filter(|ms| *ms > 0).map(output::instant).unwrap_or_default();
    let chain = Line::new("say-chain").with("epoch", status.epoch).with("seq", status.seq);
    let witnessing = status.witnessing.clone().map(Witnessing::from);
    let outbox = Line::new("say-outbox").with("waiting", status.waiting).with("failed", status.failed);
    for (label, value) in [
        ("row-class", screen.class(&status.member_class)),
        ("row-version", status.version.clone()),
        ("row-started", started),
        ("row-certificate", certificate),
        ("row-issuer", status.issuer_not_after_ms.map(output::instant).unwrap_or_default()),
        ("row-members", status.members.to_string()),
        ("row-objects", if objects == 0 { "0".to_owned() } else { format!("{objects} ({})", kinds.join(", ")) }),
        ("row-chain", screen.text(&chain)),
        ("row-outbox", screen.text(&outbox)),
        ("row-blocked", status.blocked.clone()),
        ("row-root", hex(&status.root)),
        ("row-fast-start", status.fast_start.as_ref().map(|start| fast_start(screen, start)).unwrap_or_default()),
        ("row-search", status.search.as_ref().map(|index| search(screen, index)).unwrap_or_default()),
        ("row-witnesses", witnessing.as_ref().map(|found| found.text(screen)).unwrap_or_default()),
        (
            "row-cosigned",
            status.cosigned.as_ref().map(|found| cosigned(screen, found, status.now_ms)).unwrap_or_default(),
        ),
        ("row-copied", status.line.as_ref().map(|line| copied(screen, line, status.now_ms)).unwrap_or_default()),
        ("row-line", status.line.as_ref().map(|line| line_text(screen, line, status.now_ms)).unwrap_or_default()),
    ] {
        if !value.is_empty() {
            table.row([&screen.word(label), &value]);
        }
    }
    for begun in status.begun.iter().cloned().map(Begun::from) {
        table.row([&screen.word("row-log-begun"), &begun.text(screen, &output::instant(begun.at_ms))]);
    }
    for found in &status.equivocations {
        table.row([&screen.word("row-contradiction"), &Contradiction::from(found).text(screen)]);
    }
    for wire::Unerased { id, records } in &status.unerased {
        table.row([&screen.word("row-unerased"), &unerased(screen, id, *records)]);
    }
    for path in &status.evidence {
        table.row([&screen.word("row-evidence"), path]);
    }
    let blocked = status.equivocations.iter().find(|found| found.frozen && found.writer == writer);
    let blocked = blocked.map(|found| screen.failure("WRITER_FROZEN", &[("writer", found.writer.clone())]));
    let stands = (blocked.is_none() && !status.blocked.is_empty()).then(|| {
        let args: Vec<_> = status.blocked_args.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        screen.failure(&status.blocked, &args)
    });
    for silent in witnessing.iter().flat_map(|found| found.silent(screen, status.now_ms)) {
        table.row([&screen.word("row-silent"), &silent]);
    }
    let approvals: String = status.approvals.iter().map(|approval| approve::text(screen, approval)).collect();
    let why = status.line.as_ref().filter(|line| !line.code.is_empty()).map(|line| {
        let args: Vec<_> = line.args.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        screen.failure(&line.code, &args)
    });
    let clock = status.line.as_ref().filter(|line| !line.clock.is_empty() && line.clock != line.code);
    let clock = clock.map(|line| screen.failure(&line.clock, &[("seconds", (line.skew_ms.abs() / 1_000).to_string())]));
    let ends = status.issuer_not_after_ms.filter(|ms| *ms < status.now_ms.saturating_add(WARN_BEFORE_MS));
    let ends = ends.map(|ms| screen.failure("SYSTEMS_CA_ENDS", &[("until", output::instant(ms))]));
    let freshness = freshness::line(screen, status.freshness.as_ref(), status.now_ms);
    table.render()
        + &approvals
        + &freshness
        + &blocked.or(stands).unwrap_or_default()
        + &why.unwrap_or_default()
        + &clock.unwrap_or_default()
        + &ends.unwrap_or_default()
}

/// `covers 4711 entries`.
fn search(screen: Screen<'_>, index: &wire::SearchIndex) -> String {
    let line = Line::new(if index.rebuilding { "say-search-made" } else { "say-search" });
    screen.text(&line.with("size", index.size))
}

/// `up to 4711, all leaves from 4690 on`.
fn fast_start(screen: Screen<'_>, start: &wire::FastStart) -> String {
    let wire::FastStart { end, over, taken, leaves_from } = start;
    let line = Line::new(if *over { "say-fast-start" } else { "say-fast-start-going" });
    screen.text(&line.with("end", end).with("taken", taken).with("from", leaves_from))
}

/// What is left of a withdrawn object, and the command that erases it.
pub(super) fn unerased(screen: Screen<'_>, id: &str, records: u64) -> String {
    let command = format!("multaqa-node withdraw {id}");
    screen.text(&Line::new("say-unerased").with("id", id).with("count", records).with("command", command))
}

/// `size 62, 3 s ago`.
fn cosigned(screen: Screen<'_>, found: &wire::Cosigned, now_ms: i64) -> String {
    let line = Line::new("say-cosigned").with("size", found.size);
    screen.text(&line.with("age", screen.age(now_ms, found.time_ms)))
}

/// That the hub refused a copy of this node; nothing where it did not.
fn copied(screen: Screen<'_>, line: &wire::Line, now_ms: i64) -> String {
    let refused_ms = line.copy_refused_ms;
    let said = || screen.text(&Line::new("say-copied").with("age", screen.age(now_ms, refused_ms)));
    if refused_ms > 0 { said() } else { String::new() }
}

/// `log frozen since 2026-05-01T10:00:00Z (2 min ago)`.
fn line_text(screen: Screen<'_>, line: &wire::Line, now_ms: i64) -> String {
    let state = screen.token(&LINES, &line.state);
    let said = Line::new("say-line").with("state", state).with("since", output::instant(line.since_ms));
    let said = said.with("age", screen.age(now_ms, line.since_ms));
    let behind = (line.behind > 0).then(|| screen.text(&Line::new("say-behind").with("count", line.behind)));
    screen.text(&said) + &behind.unwrap_or_default()
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
        blocked_args,
        certificate_not_after_ms,
        line,
        equivocations,
        evidence,
        witnessing,
        cosigned,
        unerased,
        fast_start,
        begun,
        search,
        issuer_not_after_ms,
    } = status;
    let approvals: Vec<Value> = approvals.iter().map(approve::value).collect();
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
        "blocked_args": blocked_args,
        "objects": objects,
        "members": members,
        "approvals": approvals,
        "certificate_not_after_ms": certificate_not_after_ms,
        "issuer_not_after_ms": issuer_not_after_ms,
        "line": line.as_ref().map(line_value),
        "witnessing": witnessing.clone().map(Witnessing::from),
        "cosigned": cosigned.as_ref().map(|last| json!({ "size": last.size, "time_ms": last.time_ms })),
        "evidence": evidence,
        "fast_start": fast_start.as_ref().map(|start| {
            let wire::FastStart { end, over, taken, leaves_from } = start;
            json!({ "end": end, "over": over, "taken": taken, "leaves_from": leaves_from })
        }),
        "search": search.as_ref().map(|index| json!({ "size": index.size, "rebuilding": index.rebuilding })),
        "unerased": unerased.iter().map(|left| json!({ "id": left.id, "records": left.records })).collect::<Vec<_>>(),
        "begun": begun.iter().cloned().map(Begun::from).collect::<Vec<_>>(),
        "contradictions": equivocations.iter().map(Contradiction::from).collect::<Vec<_>>(),
    })
}

fn line_value(line: &wire::Line) -> Value {
    let wire::Line { state, since_ms, code, args, behind, heard_ms, hub, skew_ms, copy_refused_ms, clock } = line;
    json!({
        "state": state,
        "since_ms": since_ms,
        "code": code,
        "args": args,
        "behind": behind,
        "heard_ms": heard_ms,
        "hub": hub,
        "skew_ms": skew_ms,
        "clock": clock,
        "copy_refused_ms": Some(*copy_refused_ms).filter(|refused| *refused > 0),
    })
}

#[cfg(test)]
mod tests {
    use multaqa_proto::text::Lang;
    use multaqa_proto::wire::node::WaitingApproval;

    use super::super::screen::screen;
    use super::*;

    #[test]
    fn the_line_says_its_state_since_when_why_and_what_to_do() {
        let now_ms = 1_700_000_600_000;
        let with = |state: &str, code: &str, args: &[(&str, &str)]| {
            let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let (state, code, since_ms) = (state.to_owned(), code.to_owned(), now_ms - 120_000);
            let line = wire::Line { state, code, args, since_ms, ..Default::default() };
            GetStatusResponse { now_ms, line: Some(line), ..Default::default() }
        };
        let frozen = with("log-frozen", "LOG_UNANSWERED", &[("seconds", "60")]);
        let said = text(screen(Lang::En), &frozen);
        assert!(said.contains("line       log frozen since 2023-11-14T22:21:20Z (2 min ago)\n"), "{said}");
        assert!(said.contains("for 60 s: its log does not move. (LOG_UNANSWERED)"), "{said}");
        assert!(said.contains("`multaqa-hub status`"), "{said}");
        let arabic = text(screen(Lang::Ar), &frozen);
        assert!(arabic.contains("السجل متوقف منذ 2023-11-14T22:21:20Z (منذ دقيقتين)"), "{arabic}");
        let states = LINES.map(|(state, _)| text(screen(Lang::Fr), &with(state, "", &[])));
        let distinct: std::collections::BTreeSet<_> = states.iter().collect();
        assert_eq!(distinct.len(), LINES.len(), "{states:?}");
        assert_eq!(value(&frozen)["line"]["state"], "log-frozen");
    }

    #[test]
    fn the_end_of_the_issuing_ca_is_warned_of_two_years_before_with_the_command() {
        let ends = |issuer_not_after_ms| {
            let status = GetStatusResponse { now_ms: 1, issuer_not_after_ms, ..Default::default() };
            text(screen(Lang::En), &status)
        };
        let warned =
            |said: String| said.contains("SYSTEMS_CA_ENDS") && said.contains("`multaqa-node client issuer renew`");
        assert!(warned(ends(Some(WARN_BEFORE_MS))) && !warned(ends(Some(WARN_BEFORE_MS + 1))) && !warned(ends(None)));
    }

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
                proposal: None,
            }],
            ..Default::default()
        };
        let arabic = text(screen(Lang::Ar), &status);
        assert!(arabic.contains("المطلوب موافقة 4 دول؛ وافق: SA\n"), "{arabic}");
        let text = text(screen(Lang::En), &status);
        assert!(text.starts_with("node       JO/gw1 of multaqa.test\n"), "{text}");
        assert!(text.contains(&format!("multaqa-node approve {}", "02".repeat(32))), "{text}");
        assert!(!text.contains("blocked"), "{text}");
        assert_eq!(value(&status)["approvals"][0]["needed"], 4);
    }
}
