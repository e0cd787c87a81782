//! `multaqa-hub members [list|suspend|reinstate]`: who is in, and who is not for the time being.

use clap::Subcommand;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::MemberCode;
use multaqa_proto::message::contradiction::Contradiction;
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::hub::{DirectoryMember, DirectoryNode, GetDirectoryResponse};
use multaqa_proto::wire::kind;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::output::{self, Table};
use serde::Serialize;

use super::screen::STATUSES;
use super::{Acted, As, Call, shown_name};
use crate::operator::problem::Problem;
use crate::operator::{Act, slug_of};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  multaqa-hub members --operator-dir operator
  multaqa-hub members suspend JO --operator-dir operator
A suspension cuts the member's open connections and voids what it submits until it is reinstated.")]
#[command(args_conflicts_with_subcommands = false)]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    operator: ListAs,
}

/// As [`As`], for the verb itself and for those below it.
#[derive(Debug, clap::Args)]
pub(super) struct ListAs {
    /// The operator's directory, made by `multaqa-hub init`
    #[arg(long, value_name = "DIR", env = super::OPERATOR_DIR, global = true)]
    operator_dir: Option<std::path::PathBuf>,
    /// Address of the hub, host:port; those in the operator's directory otherwise
    #[arg(long, value_name = "HOST:PORT", global = true)]
    hub: Option<String>,
}

impl ListAs {
    /// The operator, where its directory is named.
    pub(super) fn required(self) -> Result<As, Problem> {
        let Self { operator_dir, hub } = self;
        let operator_dir = operator_dir.ok_or_else(|| Problem::new("OPERATOR_DIR_MISSING", &[]))?;
        Ok(As { operator_dir, hub })
    }
}

#[derive(Debug, Subcommand)]
enum What {
    /// List members and their nodes
    List,
    /// Suspend a member: its nodes are cut off, what it submits is void
    Suspend {
        /// Code of the member
        code: MemberCode,
    },
    /// Reinstate a suspended member
    Reinstate {
        /// Code of the member
        code: MemberCode,
    },
}

#[derive(Serialize)]
struct MemberLine {
    code: String,
    class: String,
    name: std::collections::BTreeMap<String, String>,
    status: String,
    nodes: Vec<NodeLine>,
}

#[derive(Serialize)]
struct NodeLine {
    name: String,
    status: String,
    epoch: u64,
    connected: bool,
    cursor: u64,
    last_heard_ms: i64,
    /// When a copy of it was refused last; null since the hub started.
    copy_refused_ms: Option<i64>,
    contradictions: Vec<Contradiction>,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let operator = args.operator.required()?;
    match args.what {
        None | Some(What::List) => list(&operator, call).await,
        Some(What::Suspend { code }) => set(&operator, &code, "suspended", call).await,
        Some(What::Reinstate { code }) => set(&operator, &code, "active", call).await,
    }
}

async fn list(operator: &As, call: &Call) -> Result<Exit, Problem> {
    let mut operator = operator.connect(call).await?;
    let GetDirectoryResponse { members, equivocations, .. } = operator.directory().await?;
    let found: Vec<_> = equivocations.iter().map(Contradiction::from).collect();
    if call.common.json {
        output::print_json(&members.into_iter().map(|member| MemberLine::new(member, &found)).collect::<Vec<_>>())?;
        return Ok(Exit::Clean);
    }
    let now_ms = operator.clock().now_ms();
    let screen = call.screen;
    let headings = [
        "head-member",
        "head-class",
        "head-status",
        "head-name",
        "head-node",
        "head-node-status",
        "head-line",
        "head-cursor",
    ];
    let mut table = Table::new(screen.words(headings));
    for member in members {
        let (class, status) = (screen.class(&member.class), screen.token(&STATUSES, &member.status));
        let first = [member.code, class, status, shown_name(&member.name, screen.lang())];
        if member.nodes.is_empty() {
            table.row(&first);
        }
        for node in member.nodes {
            let (status, line) = (screen.token(&STATUSES, &node.status), line(screen, &node, now_ms));
            table.row(first.iter().chain(&[node.name, status, line, node.cursor.to_string()]));
        }
    }
    let found: String = found.iter().map(|found| found.text(screen) + "\n").collect();
    output::print(&(table.render() + &found))?;
    Ok(Exit::Clean)
}

/// A node's line to the hub: up, or when it was last heard.
fn line(screen: Screen<'_>, node: &DirectoryNode, now_ms: i64) -> String {
    if node.connected {
        screen.word("word-connected")
    } else if node.last_heard_ms == 0 {
        screen.word("word-never-heard")
    } else {
        screen.age(now_ms, node.last_heard_ms)
    }
}

async fn set(operator: &As, code: &MemberCode, status: &'static str, call: &Call) -> Result<Exit, Problem> {
    let mut operator = operator.connect(call).await?;
    let members = operator.directory().await?.members;
    let found = members.into_iter().find(|member| member.code == code.as_str());
    let member = found.ok_or_else(|| Problem::new("MEMBER_UNKNOWN", &[("member", code)]))?;
    if member.status == status {
        return Err(Problem::new("MEMBER_STATUS_SAME", &[("member", code), ("status", &status)]));
    }
    let DirectoryMember { code, class, name, status: _, nodes: _, revisions } = member;
    let slug = slug_of(&code)?;
    let what = Line::new(if status == "suspended" { "say-suspended" } else { "say-reinstated" }).with("member", &code);
    let act = Act::new("member", slug, &kind::Member { code, class, name, status: status.to_owned() });
    let done = operator.submit(act.replacing(record_ids(&revisions)?)).await?;
    let (effect, _) = operator.took_effect(done).await?;
    Acted::new(done, &effect).print(&what, call)
}

/// Record ids as the hub sends them.
pub(super) fn record_ids(ids: &[Vec<u8>]) -> Result<Vec<Hash>, Problem> {
    let id = |bytes: &Vec<u8>| Hash::from_slice(bytes).ok_or_else(|| Problem::hub_answer("a record id that is none"));
    ids.iter().map(id).collect()
}

impl MemberLine {
    fn new(member: DirectoryMember, found: &[Contradiction]) -> Self {
        let DirectoryMember { code, class, name, status, nodes, revisions: _ } = member;
        let nodes = nodes.into_iter().map(|node| NodeLine::new(&code, node, found)).collect();
        Self { code, class, name: name.into_iter().collect(), status, nodes }
    }
}
impl NodeLine {
    fn new(member: &str, node: DirectoryNode, found: &[Contradiction]) -> Self {
        let DirectoryNode { name, status, epoch, connected, cursor, last_heard_ms, invitation: _, copy_refused_ms } =
            node;
        let writer = format!("{member}/{name}");
        let contradictions = found.iter().filter(|found| found.writer == writer).cloned().collect();
        let copy_refused_ms = (copy_refused_ms > 0).then_some(copy_refused_ms);
        Self { name, status, epoch, connected, cursor, last_heard_ms, copy_refused_ms, contradictions }
    }
}
