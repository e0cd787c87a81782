//! Records that wait for approvals, as `status` and `approve` show them: what each would change, who wants it, who approved.

use multaqa_proto::hash::hex;
use multaqa_proto::message::proposal::{Changed, changed};
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::hub::PendingRecord;
use multaqa_proto::wire::record::Proposal;
use serde::Serialize;

/// See the module; the JSON is this structure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Pending {
    pub(super) record: String,
    id: String,
    kind: String,
    proposed_by: String,
    index: u64,
    changes: Vec<Changed>,
    overtaken: bool,
    pub(super) approved_by: Vec<String>,
    pub(super) needed: u32,
    #[serde(skip)]
    proposal: Proposal,
}

impl From<PendingRecord> for Pending {
    fn from(pending: PendingRecord) -> Self {
        let PendingRecord { record_id, id, approved_by, needed, proposal } = pending;
        let proposal = proposal.unwrap_or_default();
        let changes = changed(&proposal);
        let Proposal { proposed_by, kind, index, changes: _, overtaken } = proposal.clone();
        Self {
            record: hex(&record_id),
            id,
            kind,
            proposed_by,
            index,
            changes,
            overtaken,
            approved_by,
            needed,
            proposal,
        }
    }
}

impl Pending {
    /// What it is, line by line, and how to approve it.
    pub(super) fn text(&self, screen: Screen<'_>) -> String {
        let Self { record, id, approved_by, needed, proposal, .. } = self;
        let line = Line::new("say-pending").with("given", approved_by.len()).with("needed", needed);
        let line = line.with("by", approved_by.join(" "));
        let approvals = format!("  {}\n", screen.text(&line));
        let command = Line::new("say-approve-with").with("command", format!("multaqa-hub approve {record}"));
        let command = if self.overtaken { String::new() } else { format!("  {}\n", screen.text(&command)) };
        screen.proposal(id, record, proposal) + &approvals + &command
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::text::Lang;
    use multaqa_proto::wire::record::Change;

    use super::super::screen::screen;
    use super::*;

    fn pending() -> Pending {
        let change = |field: &str, before: &str, after: &str| Change {
            field: field.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        };
        Pending::from(PendingRecord {
            record_id: vec![7; 32],
            id: "x-federation:group:gcc".to_owned(),
            approved_by: vec!["operator/first".to_owned()],
            needed: 3,
            proposal: Some(Proposal {
                proposed_by: "operator/first".to_owned(),
                kind: "group".to_owned(),
                index: 9,
                changes: vec![
                    change("members", "AE SA", "KW SA"),
                    change("name.ar", "", "الخليج"),
                    change("class", "state", ""),
                ],
                overtaken: false,
            }),
        })
    }

    #[test]
    fn what_waits_is_told_from_what_to_what() {
        let text = pending().text(screen(Lang::En));
        let expected = [
            "group: x-federation:group:gcc, proposed by operator/first (entry 9)",
            &format!("  record: {}", "07".repeat(32)),
            "  members: AE SA → KW SA (added: KW) (removed: AE)",
            "  name (ar): الخليج",
            "  class: state → nothing",
            "  approvals: 1 of 3 (operator/first)",
            &format!("  approve with: multaqa-hub approve {}", "07".repeat(32)),
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
        let arabic = pending().text(screen(Lang::Ar));
        assert!(arabic.contains("  الأعضاء: من «AE SA» إلى «KW SA» (أُضيف: KW) (أُزيل: AE)\n"), "{arabic}");
        let overtaken =
            Pending { proposal: Proposal { overtaken: true, ..pending().proposal }, overtaken: true, ..pending() };
        let text = overtaken.text(screen(Lang::En));
        assert!(text.contains("overtaken") && !text.contains("approve with"), "{text}");
    }

    #[test]
    fn the_json_says_what_a_list_gains_and_loses() {
        let shown = serde_json::to_value(pending()).unwrap();
        assert_eq!((&shown["kind"], &shown["proposed_by"]), (&"group".into(), &"operator/first".into()));
        assert_eq!(shown["changes"][0]["added"], serde_json::json!(["KW"]));
        assert_eq!(shown["changes"][0]["removed"], serde_json::json!(["AE"]));
    }
}
