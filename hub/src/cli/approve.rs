//! `multaqa-hub approve RECORD_ID`: an operator's approval of a record that waits.

use multaqa_proto::hash::RecordId;
use multaqa_proto::message::screen::Line;
use multaqa_proto::wire::kind;
use multaqa_runtime::boot::Exit;

use super::{Acted, As, Call};
use crate::operator::problem::Problem;
use crate::operator::{Act, Effect};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  multaqa-hub approve 5c1a... --operator-dir operator
`multaqa-hub status` lists what waits. States approve from their own nodes: multaqa-node approve RECORD_ID")]
pub(super) struct Args {
    /// The record, 64 hex digits
    record_id: RecordId,
    #[command(flatten)]
    operator: As,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let mut operator = args.operator.connect(call).await?;
    let target = args.record_id.to_vec();
    let waits = operator.directory().await?.pending.into_iter().any(|pending| pending.record_id == target);
    if !waits {
        return Err(Problem::new("APPROVAL_UNKNOWN", &[("record", &args.record_id)]));
    }
    let act = approval(&operator.writer().to_string(), args.record_id);
    let done = operator.submit(act).await?;
    let pending = operator.directory().await?.pending.into_iter().find(|pending| pending.record_id == target);
    let effect = match pending {
        Some(pending) => Effect::Pending { approved_by: pending.approved_by, needed: pending.needed },
        None => Effect::InForce,
    };
    let approved = crate::operator::Done { record_id: args.record_id, index: done.index };
    Acted::new(approved, &effect).print(&Line::new("say-approved"), call)
}

/// One approval an operator and record: a second one is a new revision, which the fold finds stale.
fn approval(writer: &str, record_id: RecordId) -> Act {
    let operator = writer.rsplit('/').next().unwrap_or(writer);
    let slug = format!("{operator}-{}", record_id.short());
    Act::new("approve", slug, &kind::Approve { record_id: record_id.to_vec() })
}
