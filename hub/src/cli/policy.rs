//! `multaqa-hub policy [show|witnesses|operators]`: the rules in force, who witnesses, and which operators there are.
//!
//! A new policy needs operators, and from four witnesses on a quorum of those in force: the verb proposes it and says what each
//! state types. Some may leave only while those that stay are a majority of the states; the fold says so too, but then the
//! record is on the log. Out of scope: what is changed of the operators (`operators`), their directories (`cli::operator`).

mod operators;

use std::collections::BTreeSet;

use clap::Subcommand;
use multaqa_proto::id::MemberCode;
use multaqa_proto::key::PublicKey;
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::message::witnessing::Witnessing;
use multaqa_proto::wire::hub::{DirectoryMember, GetPolicyResponse};
use multaqa_proto::wire::kind;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::output::{self, Table};
use serde::Serialize;

use super::members::ListAs;
use super::{Acted, As, Call};
use crate::operator::problem::Problem;
use crate::operator::{Act, Done, Effect, Operator};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  multaqa-hub policy --operator-dir operator
  multaqa-hub policy witnesses add JO EG MA --operator-dir operator
  multaqa-hub policy witnesses remove SA --operator-dir operator
  multaqa-hub policy operators add second=KEY --required 2 --operator-dir operator
  multaqa-hub policy operators remove second --required 1 --operator-dir operator
`multaqa-hub operator new` makes an operator's directory and prints its KEY.
With n witnesses f = (n - 1) / 3 may be faulty, and q = (n + f + 1) / 2, rounded up, make an entry stable.")]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    operator: ListAs,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show the policy in force
    Show,
    /// Propose who witnesses
    #[command(subcommand)]
    Witnesses(Change),
    /// Propose which operators there are, and how many have to agree
    #[command(subcommand)]
    Operators(operators::Change),
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Propose that more states witness
    Add {
        /// Codes of the states
        #[arg(required = true)]
        states: Vec<MemberCode>,
    },
    /// Propose that states witness no longer; those that stay must be a majority of all
    Remove {
        /// Codes of the states
        #[arg(required = true)]
        states: Vec<MemberCode>,
    },
}

#[derive(Debug, Serialize)]
struct Shown {
    number: u64,
    operators: Vec<String>,
    operators_required: u32,
    log_key: String,
    rules: u32,
    witnessing: Witnessing,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let operator: As = args.operator.required()?;
    let mut operator = operator.connect(call).await?;
    match args.what.unwrap_or(What::Show) {
        What::Show => show(&mut operator, call).await,
        What::Witnesses(Change::Add { states }) => change(&mut operator, call, |all| all.extend(states)).await,
        What::Witnesses(Change::Remove { states }) => {
            change(&mut operator, call, |all| all.retain(|state| !states.contains(state))).await
        }
        What::Operators(change) => operators::change(&mut operator, call, change).await,
    }
}

async fn show(operator: &mut Operator, call: &Call) -> Result<Exit, Problem> {
    let shown = Shown::of(operator.policy().await?)?;
    if call.common.json {
        output::print_json(&shown)?;
    } else {
        output::print(&shown.text(call.screen, operator.clock().now_ms()))?;
    }
    Ok(Exit::Clean)
}

async fn change(
    operator: &mut Operator,
    call: &Call,
    edit: impl FnOnce(&mut BTreeSet<MemberCode>),
) -> Result<Exit, Problem> {
    let policy = in_force(operator.policy().await?)?;
    let before: BTreeSet<MemberCode> = policy.witnesses.iter().map(|code| code.parse()).collect::<Result<_, _>>()?;
    let mut after = before.clone();
    edit(&mut after);
    check(&before, &after, &operator.directory().await?.members)?;
    let number = policy.number + 1;
    let proposal = kind::Policy { number, witnesses: after.iter().map(ToString::to_string).collect(), ..policy };
    propose(operator, call, &proposal).await
}

async fn propose(operator: &mut Operator, call: &Call, proposal: &kind::Policy) -> Result<Exit, Problem> {
    let number = proposal.number;
    let done = operator.submit(Act::new("policy", number.to_string(), proposal)).await?;
    let effect = took_effect(operator, done, proposal).await?;
    Acted::new(done, &effect).print(&Line::new("say-policy").with("number", number), call)
}

/// Whether these may witness from here on.
fn check(
    before: &BTreeSet<MemberCode>,
    after: &BTreeSet<MemberCode>,
    members: &[DirectoryMember],
) -> Result<(), Problem> {
    if before == after {
        return Err(Problem::new("POLICY_UNCHANGED", &[]));
    }
    let in_force = members.iter().filter(|member| member.class == "state" && member.status == "active");
    let states: BTreeSet<&str> = in_force.map(|member| member.code.as_str()).collect();
    if let Some(code) = after.difference(before).find(|code| !states.contains(code.as_str())) {
        return Err(Problem::new("WITNESS_NOT_STATE", &[("member", code)]));
    }
    let staying = after.iter().filter(|code| states.contains(code.as_str())).count();
    if before.is_subset(after) || staying * 2 > states.len() {
        return Ok(());
    }
    Err(Problem::new("WITNESSES_TOO_FEW", &[("staying", &staying), ("states", &states.len())]))
}

async fn took_effect(operator: &mut Operator, done: Done, proposal: &kind::Policy) -> Result<Effect, Problem> {
    let id = done.record_id.to_vec();
    let pending = operator.directory().await?.pending.into_iter().find(|pending| pending.record_id == id);
    if let Some(pending) = pending {
        return Ok(Effect::Pending { approved_by: pending.approved_by, needed: pending.needed });
    }
    if in_force(operator.policy().await?)? == *proposal {
        return Ok(Effect::InForce);
    }
    Err(Problem::new("ACT_WITHOUT_EFFECT", &[("record", &done.record_id), ("index", &done.index)]))
}

fn in_force(answer: GetPolicyResponse) -> Result<kind::Policy, Problem> {
    answer.policy.ok_or_else(|| Problem::hub_answer("no policy"))
}

impl Shown {
    fn of(answer: GetPolicyResponse) -> Result<Self, Problem> {
        let witnessing = answer.witnessing.clone().unwrap_or_default().into();
        let kind::Policy { number, log_key, operators, operators_required, witnesses: _, rules } = in_force(answer)?;
        let log_key = PublicKey::from_slice(&log_key).ok_or_else(|| Problem::hub_answer("no log key"))?;
        Ok(Self {
            number,
            operators: operators.into_iter().map(|operator| operator.name).collect(),
            operators_required,
            log_key: log_key.id().to_string(),
            rules,
            witnessing,
        })
    }

    fn text(&self, screen: Screen<'_>, now_ms: i64) -> String {
        let operators = Line::new("say-operators").with("required", self.operators_required);
        let operators = operators.with("count", self.operators.len()).with("names", self.operators.join(" "));
        let mut table = Table::new([screen.word("row-policy"), self.number.to_string()]);
        table.row([screen.word("row-operators"), screen.text(&operators)]);
        table.row([screen.word("row-log-key"), self.log_key.clone()]);
        table.row([screen.word("row-rules"), self.rules.to_string()]);
        table.row([screen.word("row-witnesses"), self.witnessing.text(screen)]);
        for line in self.witnessing.lines(screen, now_ms) {
            table.row([screen.word("row-witness"), line]);
        }
        table.render()
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::text::Lang;
    use multaqa_proto::wire::record;

    use super::super::screen::screen;
    use super::*;

    fn member(code: &str, class: &str, status: &str) -> DirectoryMember {
        let (code, class, status) = (code.to_owned(), class.to_owned(), status.to_owned());
        DirectoryMember { code, class, status, ..DirectoryMember::default() }
    }

    #[test]
    fn witnesses_are_states_in_force_and_those_that_stay_a_majority() {
        let mut members: Vec<_> = ["AE", "EG", "JO", "MA"].map(|code| member(code, "state", "active")).into();
        members.push(member("SA", "state", "suspended"));
        members.push(member("x-escwa", "secretariat", "active"));
        let set = |codes: &[&str]| codes.iter().map(|code| code.parse().unwrap()).collect::<BTreeSet<MemberCode>>();
        let refused = |before: &[&str], after: &[&str]| {
            check(&set(before), &set(after), &members).err().map(|problem| problem.code)
        };
        let all = ["AE", "EG", "JO", "MA"];
        assert_eq!(refused(&[], &["JO"]), None, "the first come one by one");
        assert_eq!(refused(&all, &["AE", "EG", "JO"]), None);
        assert_eq!(refused(&all, &["AE", "EG"]).as_deref(), Some("WITNESSES_TOO_FEW"), "two of four are no majority");
        assert_eq!(refused(&all, &all).as_deref(), Some("POLICY_UNCHANGED"));
        for no_state in ["SA", "x-escwa", "KW"] {
            assert_eq!(refused(&["JO"], &["JO", no_state]).as_deref(), Some("WITNESS_NOT_STATE"));
        }
    }

    #[test]
    fn the_policy_is_told_with_its_witnesses_in_each_language() {
        let witness =
            |state: &str, time_ms, silent| record::Witness { state: state.to_owned(), size: 7, time_ms, silent };
        let witnesses = vec![witness("EG", 1_000, false), witness("JO", 0, true)];
        let witnessing = record::Witnessing { states: 2, quorum: 2, accepted: 9, witnesses, ..Default::default() };
        let operators = vec![kind::Operator { name: "first".to_owned(), record_key: vec![1; 32] }];
        let log_key = PublicKey::of(&ed25519_dalek::SigningKey::from_bytes(&[7; 32]));
        let policy = kind::Policy {
            number: 3,
            log_key: log_key.as_bytes().to_vec(),
            operators,
            operators_required: 1,
            witnesses: vec!["EG".to_owned(), "JO".to_owned()],
            rules: 1,
        };
        let answer = GetPolicyResponse { policy: Some(policy), witnessing: Some(witnessing) };
        let shown = Shown::of(answer).unwrap();
        for lang in Lang::ALL {
            let text = shown.text(screen(lang), 2_000);
            assert!(["first", "EG", "JO", &log_key.id().to_string()].iter().all(|part| text.contains(part)), "{text}");
        }
    }
}
