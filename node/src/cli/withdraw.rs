//! `withdraw`: takes an object back.

use std::collections::HashMap;

use multaqa_proto::text::Lang;
use multaqa_proto::wire::node::WithdrawRequest;
use serde_json::json;

use super::client::Node;
use super::failure::Failure;
use super::publish::{print, record_value, table};
use super::{Call, freshness, now_ms};

/// Withdraw an object: its contents are erased everywhere, its place on the log stays
///
/// All its records are withdrawn, void ones too, for everybody who could read them. The id cannot be used again. What another
/// node of this member published under it meanwhile stays until it is withdrawn once more; `get` and `status` show it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  multaqa-node withdraw JO:service:sanad --reason-ar \"حلّت محلها خدمة أخرى\" --reason \"Replaced by another service\"")]
pub(crate) struct Args {
    /// Id of the object
    #[arg(value_name = "ID")]
    id: String,
    /// Why, in the language of `--lang` (English where there is none)
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Why, in Arabic
    #[arg(long, value_name = "TEXT")]
    reason_ar: Option<String>,
    /// Why, in French
    #[arg(long, value_name = "TEXT")]
    reason_fr: Option<String>,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let Self { id, reason, reason_ar, reason_fr } = self;
        let texts = [(call.screen.lang(), reason), (Lang::Ar, reason_ar), (Lang::Fr, reason_fr)];
        let reason: HashMap<_, _> =
            texts.into_iter().filter_map(|(lang, text)| Some((lang.as_str().to_owned(), text?))).collect();
        let node = Node::connect(&call.dir()).await?;
        let answer = node.outbox().withdraw(WithdrawRequest { id, reason }).await?.into_inner();
        let text = table(call.screen, answer.record.as_slice())
            + &freshness::line(call.screen, answer.freshness.as_ref(), now_ms());
        let record = answer.record.as_ref().map(record_value);
        let shown = json!({ "record": record, "freshness": freshness::value(answer.freshness.as_ref()) });
        print(call, &text, &shown)
    }
}
