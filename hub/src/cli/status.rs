//! `multaqa-hub status`: the hub's health at a glance, and whose turn it is.
//!
//! The checkpoint is verified with the log key of the genesis before its root is shown.

mod nodes;

use multaqa_proto::directory::Directory;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::message::begun::Begun;
use multaqa_proto::message::contradiction::Contradiction;
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::message::witnessing::Witnessing;
use multaqa_proto::number::LogNumber;
use multaqa_proto::wire;
use multaqa_proto::wire::hub::{GetDirectoryResponse, GetStatusResponse, IssuingCa};
use multaqa_runtime::boot::Exit;
use multaqa_runtime::output::{self, Table};
use serde::Serialize;

use self::nodes::Nodes;
use super::pending::Pending;
use super::{As, Call};
use crate::identity::{ends_soon, issuer_ends_soon};
use crate::operator::Operator;
use crate::operator::problem::Problem;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  multaqa-hub status --operator-dir operator --json\nExit code 1 where the log is halted."
)]
pub(super) struct Args {
    #[command(flatten)]
    operator: As,
}

#[derive(Debug, PartialEq, Serialize)]
struct Status {
    version: String,
    up_ms: i64,
    clock_skew_ms: i64,
    log: u64,
    size: u64,
    root: String,
    control_count: u64,
    store_bytes: u64,
    certificate_not_after_ms: i64,
    issuing: Vec<Issuing>,
    /// Why nothing is ordered, as a code; null while records are.
    halted: Option<String>,
    members: Members,
    nodes: Nodes,
    groups: usize,
    pending: Vec<Pending>,
    /// Writers of which evidence stands on the log.
    contradictions: Vec<Contradiction>,
    /// How far witnesses vouch for the log, and who is silent.
    witnessing: Witnessing,
    /// How the log stands that was restored; null of one that never was.
    restored: Option<Restored>,
    /// The logs that succeeded another, oldest first.
    begun: Vec<Begun>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Restored {
    reason: String,
    since_ms: i64,
    from: u64,
    refilling: bool,
    /// The size that it has to reach; null where nobody said.
    goal: Option<u64>,
    /// Who still has to say how far they hold the log.
    awaited: u64,
    /// Contents that are missing.
    missing: u64,
    /// Whether nodes hold another log.
    contradicted: bool,
    /// Who has not said so far how far it holds the log, where that is asked.
    silent: Vec<String>,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Members {
    active: usize,
    suspended: usize,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Issuing {
    profile: String,
    not_after_ms: i64,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let mut operator = args.operator.look(call).await?;
    let (hub, directory) = (operator.status().await?, operator.directory().await?);
    let witnessing = operator.policy().await?.witnessing.unwrap_or_default().into();
    let now_ms = operator.clock().now_ms();
    let checkpoint = verified(&operator, &hub.checkpoint)?;
    let begun = operator.log().await?.begun.into_iter().map(Begun::from).collect();
    let status = Status { witnessing, begun, ..Status::new(hub, directory, &checkpoint, now_ms) };
    status.warnings(now_ms).iter().for_each(|warning| call.warn(warning));
    if call.common.json {
        output::print_json(&status)?;
    } else {
        output::print(&status.text(call.screen, now_ms))?;
    }
    Ok(if status.halted.is_none() { Exit::Clean } else { Exit::Failure })
}

/// The checkpoint, where the log key that the genesis names signed it.
fn verified(operator: &Operator, note: &str) -> Result<Checkpoint, Problem> {
    let bad = |detail: &str| Problem::new("CHECKPOINT_BAD", &[("detail", &detail)]);
    let genesis = Directory::open(operator.genesis()).map_err(|wrong| bad(wrong.0))?;
    let number = note.lines().next().and_then(|origin| origin.rsplit('/').next()?.parse().ok());
    let log = LogNumber(number.ok_or_else(|| bad("no log number"))?);
    Checkpoint::open(note, genesis.federation(), log, &genesis.policy().log_key).map_err(|wrong| bad(wrong.0))
}

impl Status {
    fn new(hub: GetStatusResponse, directory: GetDirectoryResponse, checkpoint: &Checkpoint, now_ms: i64) -> Self {
        let GetStatusResponse {
            checkpoint: _,
            size: _,
            control_count,
            started_ms,
            hub_time_ms,
            version,
            store_bytes,
            halted,
            certificate_not_after_ms,
            issuing,
            restored,
        } = hub;
        let GetDirectoryResponse { members, groups, pending, equivocations } = directory;
        let mut status = Self {
            version,
            up_ms: hub_time_ms.saturating_sub(started_ms),
            clock_skew_ms: hub_time_ms.saturating_sub(now_ms),
            log: checkpoint.log.0,
            size: checkpoint.size.0,
            root: checkpoint.root.to_string(),
            control_count,
            store_bytes,
            certificate_not_after_ms,
            issuing: issuing.into_iter().map(Issuing::from).collect(),
            halted: Some(halted).filter(|code| !code.is_empty()),
            members: Members::default(),
            nodes: Nodes::default(),
            groups: groups.len(),
            pending: pending.into_iter().map(Pending::from).collect(),
            contradictions: equivocations.iter().map(Contradiction::from).collect(),
            witnessing: wire::record::Witnessing::default().into(),
            restored: restored.map(Restored::from),
            begun: Vec::new(),
        };
        for member in members {
            let active = member.status == "active";
            *if active { &mut status.members.active } else { &mut status.members.suspended } += 1;
            for node in member.nodes {
                status.nodes.add(format!("{}/{}", member.code, node.name), &node, active, status.size);
            }
        }
        status
    }

    /// What must be renewed: the hub's certificate, issuing CAs.
    fn warnings(&self, now_ms: i64) -> Vec<Problem> {
        let until = self.certificate_not_after_ms;
        let own = ends_soon(until, now_ms);
        let own = own.then(|| Problem::new("HUB_CERTIFICATE_ENDS", &[("until", &output::instant(until))]));
        let ends = |issuing: &Issuing| {
            let until = output::instant(issuing.not_after_ms);
            Problem::new("ISSUER_ENDS", &[("issuer", &issuing.profile), ("until", &until)])
        };
        let ending = self.issuing.iter().filter(|issuing| issuer_ends_soon(issuing.not_after_ms, now_ms));
        own.into_iter().chain(ending.map(ends)).collect()
    }

    fn text(&self, screen: Screen<'_>, now_ms: i64) -> String {
        let log = Line::new("say-log").with("size", self.size).with("control", self.control_count);
        let hub = Line::new("say-hub").with("version", &self.version).with("up", screen.duration(self.up_ms));
        let hub = hub.with("store", screen.bytes(self.store_bytes)).with("skew", self.clock_skew_ms);
        let halted = self.halted.as_ref().map(|code| Line::new("say-halted").with("code", code));
        let members = Line::new("say-members").with("active", self.members.active);
        let lines = [
            ("row-log", log.with("root", &self.root)),
            ("row-hub", hub),
            ("row-ordering", halted.unwrap_or(Line::new("word-running"))),
            ("row-members", members.with("suspended", self.members.suspended)),
            ("row-nodes", self.nodes.line()),
        ];
        let mut rows: Vec<_> = lines.into_iter().map(|(label, line)| (label, screen.text(&line))).collect();
        let begun = |begun: &Begun| ("row-log-begun", begun.text(screen, &output::instant(begun.at_ms)));
        rows.extend(self.begun.iter().map(begun));
        rows.extend(self.restored.as_ref().map(|restored| ("row-restored", restored.text(screen, now_ms))));
        rows.push(("row-groups", self.groups.to_string()));
        rows.push(("row-witnesses", self.witnessing.text(screen)));
        rows.extend(self.witnessing.lines(screen, now_ms).into_iter().map(|line| ("row-witness", line)));
        rows.push(("row-certificate", output::instant(self.certificate_not_after_ms)));
        rows.extend(self.nodes.away.iter().map(|away| ("row-away", away.text(screen, now_ms))));
        rows.extend(self.nodes.copied.iter().map(|copied| ("row-copied", copied.text(screen, now_ms))));
        rows.extend(self.nodes.behind.iter().map(|node| ("row-behind", node.clone())));
        rows.extend(self.contradictions.iter().map(|found| ("row-contradiction", found.text(screen))));
        rows.extend(self.issuing.iter().map(|issuing| ("row-issuing", issuing.text())));
        let mut rows = rows.into_iter().map(|(label, text)| [screen.word(label), text]);
        let mut table = Table::new(rows.next().unwrap_or_default());
        rows.for_each(|row| table.row(row));
        let pending = self.pending.iter().map(|pending| pending.text(screen));
        let waits = (!self.pending.is_empty()).then(|| screen.word("row-pending") + "\n");
        table.render() + &waits.into_iter().chain(pending).collect::<String>()
    }
}

impl Issuing {
    fn text(&self) -> String {
        format!("{} {}", self.profile, output::instant(self.not_after_ms))
    }
}

impl Restored {
    fn text(&self, screen: Screen<'_>, now_ms: i64) -> String {
        let Self { reason: _, since_ms, from, refilling, goal, awaited, missing, contradicted, silent } = self;
        let line = Line::new(match (contradicted, refilling) {
            (true, _) => "say-contradicted",
            (false, true) => "say-refilling",
            (false, false) => "say-refilled",
        });
        let line = line.with("from", from).with("age", screen.age(now_ms, *since_ms)).with("missing", missing);
        let goal = goal.map_or_else(|| "?".to_owned(), |goal| goal.to_string());
        screen.text(&line.with("goal", goal).with("awaited", awaited).with("silent", silent.join(" ")))
    }
}

impl From<wire::hub::Restored> for Restored {
    fn from(restored: wire::hub::Restored) -> Self {
        let wire::hub::Restored { reason, since_ms, from, refilling, goal, awaited, missing, contradicted, silent } =
            restored;
        let goal = (goal > 0).then_some(goal);
        Self { reason, since_ms, from, refilling, goal, awaited, missing, contradicted, silent }
    }
}

impl From<IssuingCa> for Issuing {
    fn from(issuing: IssuingCa) -> Self {
        let IssuingCa { profile, not_after_ms } = issuing;
        Self { profile, not_after_ms }
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::hash::Hash;
    use multaqa_proto::number::TreeSize;
    use multaqa_proto::text::Lang;
    use multaqa_proto::wire::hub::{DirectoryMember, DirectoryNode, PendingRecord};
    use multaqa_proto::wire::record::Equivocation;

    use super::super::screen::screen;
    use super::nodes::Away;
    use super::*;

    fn node(name: &str, status: &str, connected: bool, cursor: u64) -> DirectoryNode {
        let (name, status) = (name.to_owned(), status.to_owned());
        DirectoryNode {
            name,
            status,
            epoch: 1,
            connected,
            cursor,
            last_heard_ms: 1_000,
            invitation: Vec::new(),
            copy_refused_ms: 0,
        }
    }

    fn status() -> Status {
        let member = |code: &str, status: &str, nodes| DirectoryMember {
            code: code.to_owned(),
            status: status.to_owned(),
            nodes,
            ..DirectoryMember::default()
        };
        let directory = GetDirectoryResponse {
            members: vec![
                member("JO", "active", vec![node("gw1", "active", true, 9_000), node("gw2", "active", true, 10)]),
                member("MA", "active", vec![node("gw1", "active", false, 5), node("gw2", "invited", false, 0)]),
                member("SA", "suspended", vec![node("gw1", "active", false, 5)]),
            ],
            groups: Vec::new(),
            equivocations: vec![Equivocation {
                writer: "JO/gw2".to_owned(),
                epoch: 1,
                seq: 4,
                index: 77,
                frozen: true,
            }],
            pending: vec![PendingRecord {
                record_id: vec![7; 32],
                id: "x-federation:group:gcc".to_owned(),
                approved_by: vec!["operator/first".to_owned()],
                needed: 3,
                proposal: None,
            }],
        };
        let hub = GetStatusResponse {
            control_count: 12,
            started_ms: 0,
            hub_time_ms: 61_000,
            version: "0.1.0".to_owned(),
            halted: String::new(),
            ..GetStatusResponse::default()
        };
        let checkpoint = Checkpoint { log: LogNumber(1), size: TreeSize(9_000), root: Hash([1; 32]) };
        Status::new(hub, directory, &checkpoint, 61_500)
    }

    #[test]
    fn nodes_are_connected_behind_away_invited_or_suspended() {
        let status = status();
        assert_eq!((status.members.active, status.members.suspended), (2, 1));
        assert_eq!(status.nodes.connected, 2);
        assert_eq!(status.nodes.behind, ["JO/gw2"]);
        assert_eq!(status.nodes.away, [Away { node: "MA/gw1".to_owned(), last_heard_ms: 1_000 }]);
        assert_eq!(status.nodes.invited, ["MA/gw2"]);
        assert_eq!(status.nodes.suspended, ["SA/gw1"]);
        assert_eq!(status.clock_skew_ms, -500);
    }

    #[test]
    fn the_text_names_who_is_away_and_what_waits() {
        let arabic = status().text(screen(Lang::Ar), 61_500);
        assert!(arabic.contains("MA/gw1، آخر اتصال: منذ دقيقة واحدة\n"), "{arabic}");
        let text = status().text(screen(Lang::En), 61_500);
        let row = |label: &str| text.lines().find_map(|line| line.strip_prefix(label)).map(str::trim_start);
        assert_eq!(row("away"), Some("MA/gw1, last heard: 1 min ago"), "{text}");
        assert_eq!(row("ordering"), Some("running"), "{text}");
        assert!(row("contradiction").is_some_and(|said| said.contains("JO/gw2") && said.contains("frozen")), "{text}");
        assert!(
            text.contains("approvals: 1 of 3 (operator/first)\n  approve with: multaqa-hub approve 0707"),
            "{text}"
        );
    }

    #[test]
    fn the_end_of_the_hubs_certificate_is_warned_of_from_two_days_before_it() {
        let ends = |not_after_ms| Status { certificate_not_after_ms: not_after_ms, ..status() }.warnings(0);
        let two_days_ms = 48 * 3_600_000;
        assert_eq!(ends(two_days_ms + 1), []);
        for not_after_ms in [two_days_ms, 1, -1] {
            assert_eq!(ends(not_after_ms)[0].code, "HUB_CERTIFICATE_ENDS");
        }
    }

    #[test]
    fn the_end_of_an_issuing_ca_is_warned_of_from_thirty_days_before_it_with_the_command() {
        let thirty_days_ms = 30 * 24 * 3_600_000;
        let ends = |not_after_ms| {
            let issuing = vec![Issuing { profile: "nodes-issuer".to_owned(), not_after_ms }];
            Status { certificate_not_after_ms: i64::MAX, issuing, ..status() }.warnings(0)
        };
        assert_eq!(ends(thirty_days_ms + 1), []);
        let warning = &ends(thirty_days_ms)[0];
        assert_eq!(warning.code, "ISSUER_ENDS");
        for lang in Lang::ALL {
            let text = super::super::rendered(screen(lang), warning);
            assert!(text.contains("multaqa-certs renew-issuer --dir CA --issuer nodes-issuer"), "{text}");
        }
    }
}
