//! `multaqa-hub status`: the hub's health at a glance, and whose turn it is.
//!
//! The checkpoint is verified with the log key of the genesis before its root is shown.

use multaqa_proto::directory::Directory;
use multaqa_proto::hash::hex;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::number::LogNumber;
use multaqa_proto::wire::hub::{DirectoryNode, GetDirectoryResponse, GetStatusResponse, PendingRecord};
use multaqa_runtime::boot::Exit;
use multaqa_runtime::output;
use serde::Serialize;

use super::{As, Call};
use crate::operator::Operator;
use crate::operator::problem::Problem;

/// A connected node that is further behind than this many entries is shown as behind.
const BEHIND: u64 = 4096;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  multaqa-hub status --operator-dir operator --json\nExit code 1 where the log is halted."
)]
pub(super) struct Args {
    #[command(flatten)]
    operator: As,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Status {
    version: String,
    up_ms: i64,
    clock_skew_ms: i64,
    log: u64,
    size: u64,
    root: String,
    control_count: u64,
    store_bytes: u64,
    /// Why nothing is ordered, as a code; null while records are.
    halted: Option<String>,
    members: Members,
    nodes: Nodes,
    groups: usize,
    pending: Vec<Pending>,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Members {
    active: usize,
    suspended: usize,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Nodes {
    connected: usize,
    behind: Vec<String>,
    away: Vec<Away>,
    invited: Vec<String>,
    suspended: Vec<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Away {
    node: String,
    last_heard_ms: i64,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Pending {
    record: String,
    id: String,
    approved_by: Vec<String>,
    needed: u32,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let mut operator = args.operator.connect().await?;
    let (hub, directory) = (operator.status().await?, operator.directory().await?);
    let now_ms = operator.clock().now_ms();
    let checkpoint = verified(&operator, &hub.checkpoint)?;
    let status = Status::new(hub, directory, &checkpoint, now_ms);
    if call.common.json {
        output::print_json(&status)?;
    } else {
        output::print(&status.text(now_ms))?;
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
        } = hub;
        let GetDirectoryResponse { members, groups, pending } = directory;
        let mut status = Self {
            version,
            up_ms: hub_time_ms.saturating_sub(started_ms),
            clock_skew_ms: hub_time_ms.saturating_sub(now_ms),
            log: checkpoint.log.0,
            size: checkpoint.size.0,
            root: checkpoint.root.to_string(),
            control_count,
            store_bytes,
            halted: Some(halted).filter(|code| !code.is_empty()),
            members: Members::default(),
            nodes: Nodes::default(),
            groups: groups.len(),
            pending: pending.into_iter().map(Pending::from).collect(),
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

    fn text(&self, now_ms: i64) -> String {
        let mut lines = vec![
            ("log", format!("{} entries, {} of them control, root {}", self.size, self.control_count, self.root)),
            (
                "hub",
                format!(
                    "version {}, up {}, store {}, clock {} ms from ours",
                    self.version,
                    output::duration(self.up_ms),
                    output::bytes(self.store_bytes),
                    self.clock_skew_ms,
                ),
            ),
            ("ordering", self.halted.as_ref().map_or("running".to_owned(), |code| format!("HALTED: {code}"))),
            ("members", format!("{} active, {} suspended", self.members.active, self.members.suspended)),
            ("nodes", self.nodes.text()),
            ("groups", self.groups.to_string()),
        ];
        let ages = self.nodes.away.iter().map(|away| {
            let heard =
                if away.last_heard_ms == 0 { "never".to_owned() } else { output::age(now_ms, away.last_heard_ms) };
            ("away", format!("{}, last heard: {heard}", away.node))
        });
        lines.extend(ages);
        lines.extend(self.nodes.behind.iter().map(|node| ("behind", node.clone())));
        lines.extend(self.pending.iter().map(|pending| ("pending", pending.text())));
        let lines: Vec<String> = lines.into_iter().map(|(name, value)| format!("{name:<9} {value}")).collect();
        lines.join("\n") + "\n"
    }
}

impl Nodes {
    fn add(&mut self, name: String, node: &DirectoryNode, member_active: bool, size: u64) {
        if !member_active || node.status == "suspended" {
            self.suspended.push(name);
        } else if node.status == "invited" || node.status == "expired" {
            self.invited.push(name);
        } else if !node.connected {
            self.away.push(Away { node: name, last_heard_ms: node.last_heard_ms });
        } else {
            self.connected += 1;
            if node.cursor.saturating_add(BEHIND) < size {
                self.behind.push(name);
            }
        }
    }

    fn text(&self) -> String {
        format!(
            "{} connected ({} behind), {} away, {} invited, {} suspended",
            self.connected,
            self.behind.len(),
            self.away.len(),
            self.invited.len(),
            self.suspended.len(),
        )
    }
}

impl Pending {
    fn text(&self) -> String {
        format!(
            "{}, {} of {} approvals; approve with: multaqa-hub approve {}",
            self.id,
            self.approved_by.len(),
            self.needed,
            self.record,
        )
    }
}

impl From<PendingRecord> for Pending {
    fn from(pending: PendingRecord) -> Self {
        let PendingRecord { record_id, id, approved_by, needed } = pending;
        Self { record: hex(&record_id), id, approved_by, needed }
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::hash::Hash;
    use multaqa_proto::number::TreeSize;
    use multaqa_proto::wire::hub::DirectoryMember;

    use super::*;

    fn node(name: &str, status: &str, connected: bool, cursor: u64) -> DirectoryNode {
        let (name, status) = (name.to_owned(), status.to_owned());
        DirectoryNode { name, status, epoch: 1, connected, cursor, last_heard_ms: 1_000, invitation: Vec::new() }
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
            pending: vec![PendingRecord {
                record_id: vec![7; 32],
                id: "x-federation:group:gcc".to_owned(),
                approved_by: vec!["operator/first".to_owned()],
                needed: 3,
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
        let text = status().text(61_500);
        assert!(text.contains("away      MA/gw1, last heard: 1 min ago\n"), "{text}");
        assert!(text.contains("ordering  running\n"), "{text}");
        assert!(text.contains("1 of 3 approvals; approve with: multaqa-hub approve 0707"), "{text}");
    }
}
