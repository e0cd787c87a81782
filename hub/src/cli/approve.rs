//! `multaqa-hub approve [RECORD_ID]`: what waits for approvals, or an operator's approval of it.

use multaqa_proto::hash::RecordId;
use multaqa_proto::message::screen::Line;
use multaqa_proto::wire::kind;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::output;

use super::pending::Pending;
use super::{Acted, As, Call};
use crate::operator::problem::Problem;
use crate::operator::{Act, Effect, Operator};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  multaqa-hub approve --operator-dir operator            what waits, and what it would change
  multaqa-hub approve 5c1a... --operator-dir operator
Approving twice changes nothing. States approve from their own nodes: multaqa-node approve RECORD_ID")]
pub(super) struct Args {
    /// The record, 64 hex digits; without it, all that wait are listed
    record_id: Option<RecordId>,
    #[command(flatten)]
    operator: As,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let mut operator = args.operator.connect(call).await?;
    match args.record_id {
        Some(record_id) => approve(&mut operator, record_id, call).await,
        None => list(&mut operator, call).await,
    }
}

async fn list(operator: &mut Operator, call: &Call) -> Result<Exit, Problem> {
    let pending = waiting(operator).await?;
    if call.common.json {
        output::print_json(&pending)?;
    } else if pending.is_empty() {
        output::print(&(call.screen.word("say-nothing-waits") + "\n"))?;
    } else {
        output::print(&pending.iter().map(|pending| pending.text(call.screen)).collect::<String>())?;
    }
    Ok(Exit::Clean)
}

async fn approve(operator: &mut Operator, record_id: RecordId, call: &Call) -> Result<Exit, Problem> {
    let unknown = || Problem::new("APPROVAL_UNKNOWN", &[("record", &record_id)]);
    let pending = find(operator, record_id).await?.ok_or_else(unknown)?;
    let writer = operator.writer().to_string();
    if pending.approved_by.contains(&writer) {
        // Nothing is signed: a second approval would be one more record that changes nothing.
        let already = Acted::already(record_id, pending.approved_by, pending.needed);
        return already.print(&Line::new("say-approved-before").with("by", writer), call);
    }
    let done = operator.submit(approval(&writer, record_id)).await?;
    let effect = match find(operator, record_id).await? {
        Some(Pending { approved_by, needed, .. }) => Effect::Pending { approved_by, needed },
        None => Effect::InForce,
    };
    let approved = crate::operator::Done { record_id, index: done.index };
    Acted::new(approved, &effect).print(&Line::new("say-approved"), call)
}

async fn waiting(operator: &mut Operator) -> Result<Vec<Pending>, Problem> {
    Ok(operator.directory().await?.pending.into_iter().map(Pending::from).collect())
}

async fn find(operator: &mut Operator, record_id: RecordId) -> Result<Option<Pending>, Problem> {
    let record = record_id.to_string();
    Ok(waiting(operator).await?.into_iter().find(|pending| pending.record == record))
}

/// One approval an operator and record.
fn approval(writer: &str, record_id: RecordId) -> Act {
    let operator = writer.rsplit('/').next().unwrap_or(writer);
    let slug = format!("{operator}-{}", record_id.short());
    Act::new("approve", slug, &kind::Approve { record_id: record_id.to_vec() })
}
