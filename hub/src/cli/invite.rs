//! `multaqa-hub invite MEMBER`: admits a member where it is new, invites one of its nodes, prints the join key.
//!
//! In scope: the `member` and `invitation` records. The one-time key is made here: the hub never sees its secret, only the
//! public half stands on the log. The join key goes to standard output and nowhere else.

use ed25519_dalek::SigningKey;
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::random;
use multaqa_proto::id::{MemberCode, NodeName, Writer};
use multaqa_proto::join_key::JoinKey;
use multaqa_proto::key::PublicKey;
use multaqa_proto::kind::MemberClass;
use multaqa_proto::message::screen::Line;
use multaqa_proto::number::Epoch;
use multaqa_proto::wire::hub::DirectoryMember;
use multaqa_proto::wire::kind;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::output;
use serde::Serialize;

use super::{As, Call, how_to_approve, parse_name};
use crate::operator::problem::Problem;
use crate::operator::{Act, Effect, Operator, names, slug_of};

/// Longest time that a join key may be valid, milliseconds: 30 days.
const VALID_MAX_MS: i64 = 30 * 24 * 3_600_000;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  multaqa-hub invite JO --name ar=الأردن --name en=Jordan --operator-dir operator
  multaqa-hub invite x-escwa --class secretariat --name en=ESCWA --node main --operator-dir operator
  multaqa-hub invite JO --operator-dir operator > jo-key.txt
The join key is a secret until it is used: hand it over as you would a password. It is used once, from a file or standard
input, so that it stands neither in the shell's history nor in the list of processes:
  multaqa-node join --key-file jo-key.txt
Inviting a node again opens a new epoch for it, which ends the old one: for a lost disk, or where it is frozen.")]
pub(super) struct Args {
    /// Code of the member: ISO 3166-1 alpha-2 for a state, x-<slug> for a body without a country
    member: MemberCode,
    /// Name of the node
    #[arg(long, default_value = "gw1")]
    node: NodeName,
    /// Class of a new member; state for a country's code
    #[arg(long, value_parser = ["state", "secretariat", "observer", "partner"])]
    class: Option<String>,
    /// Name of a new member in a language, such as ar=الأردن; may be given for each
    #[arg(long = "name", value_name = "LANG=NAME", value_parser = parse_name)]
    names: Vec<(String, String)>,
    /// How long the join key is valid: seconds, minutes, hours or days, such as 72h
    #[arg(long, default_value = "72h", value_parser = parse_valid)]
    valid: i64,
    #[command(flatten)]
    operator: As,
}

#[derive(Serialize)]
struct Invited<'a> {
    join_key: &'a str,
    member: &'a str,
    node: &'a str,
    epoch: u64,
    invitation: String,
    not_after: String,
    hubs: &'a [String],
    effect: &'static str,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let mut operator = args.operator.connect(call).await?;
    if operator.hubs().is_empty() {
        return Err(Problem::new("HUB_ADDRESS_MISSING", &[("dir", &args.operator.operator_dir.display())]));
    }
    // What no certificate can name would find out only after it was invited.
    PeerIdentity::Node(args.member.clone(), args.node.clone()).dns(operator.federation())?;
    let directory = operator.directory().await?;
    let known = directory.members.into_iter().find(|member| member.code == args.member.as_str());
    match &known {
        Some(member) => check_known(&args, member)?,
        None => admit(&mut operator, &args, call).await?,
    }
    let node = known.iter().flat_map(|member| &member.nodes).find(|node| node.name == args.node.as_str());
    if node.is_some_and(|node| ["active", "frozen"].contains(&node.status.as_str())) {
        let writer = Writer::Node(args.member.clone(), args.node.clone());
        call.explain(&call.screen.text(&Line::new("say-replaces-node").with("node", writer)));
    }
    let epoch = Epoch(node.map_or(0, |node| node.epoch)).next();
    let secret = SigningKey::from_bytes(&random::bytes()?);
    let not_after_ms = operator.clock().now_ms().saturating_add(args.valid);
    let done = operator.submit(invitation(&args, epoch, &secret, not_after_ms)?).await?;
    let (effect, _) = operator.took_effect(done).await?;
    let join_key = JoinKey {
        genesis: operator.genesis().record_id,
        member: args.member.clone(),
        node: args.node.clone(),
        epoch,
        invitation: done.record_id,
        secret,
        hubs: operator.hubs().to_vec(),
        not_after_ms,
    };
    print(&join_key, &effect, call)
}

/// A member that is there may be invited as what it is.
fn check_known(args: &Args, member: &DirectoryMember) -> Result<(), Problem> {
    if args.class.as_ref().is_some_and(|class| *class != member.class) {
        return Err(Problem::new("MEMBER_CLASS_FIXED", &[("member", &member.code), ("class", &member.class)]));
    }
    if member.status == "active" { Ok(()) } else { Err(Problem::new("MEMBER_SUSPENDED", &[("member", &member.code)])) }
}

async fn admit(operator: &mut Operator, args: &Args, call: &Call) -> Result<(), Problem> {
    let class = match &args.class {
        Some(class) => class.clone(),
        None if args.member.is_country() => MemberClass::State.to_string(),
        None => return Err(Problem::new("MEMBER_CLASS_MISSING", &[("member", &args.member)])),
    };
    let member =
        kind::Member { code: args.member.to_string(), class, name: names(&args.names), status: "active".to_owned() };
    let done = operator.submit(Act::new("member", slug_of(args.member.as_str())?, &member)).await?;
    match operator.took_effect(done).await?.0 {
        Effect::InForce => {
            let line = Line::new("say-admitted").with("member", &args.member).with("record", done.record_id);
            call.explain(&call.screen.text(&line));
            Ok(())
        }
        Effect::Pending { approved_by, needed } => {
            call.explain(&how_to_approve(call.screen, &done.record_id.to_string(), &approved_by, needed));
            Err(Problem::new("MEMBER_PENDING", &[("member", &args.member), ("record", &done.record_id)]))
        }
    }
}

fn invitation(args: &Args, epoch: Epoch, secret: &SigningKey, not_after_ms: i64) -> Result<Act, Problem> {
    let invitation = kind::Invitation {
        member: args.member.to_string(),
        node: args.node.to_string(),
        epoch: epoch.0,
        public_key: PublicKey::of(secret).as_bytes().to_vec(),
        not_after_ms,
    };
    let slug = format!("{}-{}-{epoch}", slug_of(args.member.as_str())?, args.node);
    Ok(Act::new("invitation", slug, &invitation))
}

fn print(join_key: &JoinKey, effect: &Effect, call: &Call) -> Result<Exit, Problem> {
    let text = join_key.pack();
    let pending = match effect {
        Effect::InForce => None,
        Effect::Pending { approved_by, needed } => Some((approved_by, *needed)),
    };
    let not_after = output::instant(join_key.not_after_ms);
    if call.common.json {
        output::print_json(&Invited {
            join_key: &text,
            member: join_key.member.as_str(),
            node: join_key.node.as_str(),
            epoch: join_key.epoch.0,
            invitation: join_key.invitation.to_string(),
            not_after,
            hubs: &join_key.hubs,
            effect: if pending.is_some() { "pending" } else { "in-force" },
        })?;
        return Ok(Exit::Clean);
    }
    let line = Line::new("say-join-key").with("node", join_key.writer()).with("until", not_after);
    call.explain(&call.screen.text(&line));
    if let Some((approved_by, needed)) = pending {
        call.explain(&how_to_approve(call.screen, &join_key.invitation.to_string(), approved_by, needed));
    }
    output::print(&format!("{}\n", text.as_str()))?;
    Ok(Exit::Clean)
}

/// Milliseconds of `90m`, `72h` or `3d`.
fn parse_valid(text: &str) -> Result<i64, String> {
    let units = [("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    let parsed = units.iter().find_map(|(unit, ms)| {
        let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
        count.checked_mul(*ms)
    });
    match parsed {
        Some(ms @ 1..=VALID_MAX_MS) => Ok(ms),
        Some(_) | None => Err("seconds, minutes, hours or days up to 30 days, such as 90m, 72h or 3d".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validity_is_seconds_to_days_within_bounds() {
        assert_eq!(parse_valid("90m"), Ok(5_400_000));
        assert_eq!(parse_valid("72h"), parse_valid("3d"));
        assert_eq!(parse_valid("60s"), parse_valid("1m"));
        for bad in ["", "72", "h", "0h", "-1h", "31d", "9223372036854775807d", "1w"] {
            assert!(parse_valid(bad).is_err(), "{bad}");
        }
    }
}
