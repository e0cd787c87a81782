//! `multaqa-hub group [list|create|add|remove]`: groups are audiences as well as committees.
//!
//! A change of an existing group needs two thirds of the states in it, never an operator alone: the verb proposes it and says
//! what each state types.

use std::collections::BTreeSet;

use clap::Subcommand;
use multaqa_proto::id::{GroupSlug, MemberCode};
use multaqa_proto::message::screen::Line;
use multaqa_proto::wire::hub::DirectoryGroup;
use multaqa_proto::wire::kind;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::output::{self, Table};
use serde::Serialize;

use super::members::{ListAs, record_ids};
use super::{Acted, As, Call, parse_name, shown_name};
use crate::operator::problem::Problem;
use crate::operator::{Act, Operator, names};

/// What who joins reads of what came before.
const HISTORIES: [(&str, &str); 2] = [("full", "word-full"), ("from-join", "word-from-join")];

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  multaqa-hub group create gcc --history full --member SA --member AE --name ar='مجلس التعاون' --name en=GCC
  multaqa-hub group add gcc KW
History: full lets who joins read what came before, from-join does not. It is fixed at creation.")]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    operator: ListAs,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List groups
    List,
    /// Create a group
    Create {
        /// Slug: audiences name it group:<slug>
        slug: GroupSlug,
        /// What who joins reads of what came before
        #[arg(long, value_parser = ["full", "from-join"])]
        history: String,
        /// Code of a member; may be repeated
        #[arg(long = "member", value_name = "CODE")]
        members: Vec<MemberCode>,
        /// Name in a language, such as en=GCC; may be given for each
        #[arg(long = "name", value_name = "LANG=NAME", value_parser = parse_name, required = true)]
        names: Vec<(String, String)>,
    },
    /// Propose to add members
    Add {
        /// The group
        slug: GroupSlug,
        /// Codes of the members
        #[arg(required = true)]
        members: Vec<MemberCode>,
    },
    /// Propose to remove members
    Remove {
        /// The group
        slug: GroupSlug,
        /// Codes of the members
        #[arg(required = true)]
        members: Vec<MemberCode>,
    },
}

#[derive(Serialize)]
struct GroupLine {
    slug: String,
    name: std::collections::BTreeMap<String, String>,
    history: String,
    members: Vec<String>,
    revision: u64,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let operator: As = args.operator.required()?;
    let mut operator = operator.connect(call).await?;
    match args.what.unwrap_or(What::List) {
        What::List => list(&mut operator, call).await,
        What::Create { slug, history, members, names: texts } => {
            if find(&mut operator, &slug).await?.is_some() {
                return Err(Problem::new("GROUP_EXISTS", &[("group", &slug)]));
            }
            let members = codes(&members.into_iter().collect());
            let group = kind::Group {
                slug: slug.to_string(),
                name: names(&texts),
                history,
                members,
                parent: String::new(),
                mandate: names(&[]),
            };
            act(&mut operator, Act::new("group", slug.as_str(), &group), &slug, call).await
        }
        What::Add { slug, members } => change(&mut operator, &slug, call, |all| all.extend(members)).await,
        What::Remove { slug, members } => {
            change(&mut operator, &slug, call, |all| all.retain(|member| !members.contains(member))).await
        }
    }
}

async fn list(operator: &mut Operator, call: &Call) -> Result<Exit, Problem> {
    let groups = operator.directory().await?.groups;
    if call.common.json {
        output::print_json(&groups.into_iter().map(GroupLine::from).collect::<Vec<_>>())?;
        return Ok(Exit::Clean);
    }
    let screen = call.screen;
    let mut table = Table::new(screen.words(["head-group", "head-name", "head-history", "head-members"]));
    for group in groups {
        let (name, history) = (shown_name(&group.name, screen.lang()), screen.token(&HISTORIES, &group.history));
        table.row([&group.slug, &name, &history, &group.members.join(" ")]);
    }
    output::print(&table.render())?;
    Ok(Exit::Clean)
}

async fn change(
    operator: &mut Operator,
    slug: &GroupSlug,
    call: &Call,
    edit: impl FnOnce(&mut BTreeSet<MemberCode>),
) -> Result<Exit, Problem> {
    let found = find(operator, slug).await?.ok_or_else(|| Problem::new("GROUP_UNKNOWN", &[("group", slug)]))?;
    let DirectoryGroup { slug: text, name, history, members, record_id: _, revision: _, revisions } = found;
    let before: BTreeSet<MemberCode> = members.iter().map(|code| code.parse()).collect::<Result<_, _>>()?;
    let mut after = before.clone();
    edit(&mut after);
    if before == after {
        return Err(Problem::new("GROUP_UNCHANGED", &[("group", slug)]));
    }
    let group =
        kind::Group { slug: text, name, history, members: codes(&after), parent: String::new(), mandate: names(&[]) };
    let proposal = Act::new("group", slug.as_str(), &group).replacing(record_ids(&revisions)?);
    act(operator, proposal, slug, call).await
}

async fn find(operator: &mut Operator, slug: &GroupSlug) -> Result<Option<DirectoryGroup>, Problem> {
    Ok(operator.directory().await?.groups.into_iter().find(|group| group.slug == slug.as_str()))
}

async fn act(operator: &mut Operator, act: Act, group: &GroupSlug, call: &Call) -> Result<Exit, Problem> {
    let done = operator.submit(act).await?;
    let (effect, _) = operator.took_effect(done).await?;
    Acted::new(done, &effect).print(&Line::new("say-group").with("group", group), call)
}

fn codes(codes: &BTreeSet<MemberCode>) -> Vec<String> {
    codes.iter().map(ToString::to_string).collect()
}

impl From<DirectoryGroup> for GroupLine {
    fn from(group: DirectoryGroup) -> Self {
        let DirectoryGroup { slug, name, history, members, record_id: _, revision, revisions: _ } = group;
        Self { slug, name: name.into_iter().collect(), history, members, revision }
    }
}
