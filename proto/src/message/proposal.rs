//! A record that waits, in words: what it would change, from what to what, and who wants it.
//!
//! In scope: lines for people and the same as JSON, shared by hub and node. Out of scope: what changes (`directory::change`),
//! who approved and the command to approve (each program's own texts).

use std::collections::BTreeSet;

use serde::Serialize;

use super::screen::{Line, Screen, plain};
use crate::wire::record::{Change, Proposal};

/// Words for the kinds that may wait.
const KINDS: [(&str, &str); 6] = [
    ("policy", "kind-policy"),
    ("invitation", "kind-invitation"),
    ("member", "kind-member"),
    ("group", "kind-group"),
    ("key", "kind-key"),
    ("notice", "kind-notice"),
];

/// Words for the parts of them; a part with a name in it, such as `name.ar`, by what stands before the dot.
const FIELDS: [(&str, &str); 17] = [
    ("node", "field-node"),
    ("epoch", "field-epoch"),
    ("valid-until", "field-valid-until"),
    ("member", "field-member"),
    ("class", "field-class"),
    ("name", "field-name"),
    ("status", "field-status"),
    ("group", "field-group"),
    ("history", "field-history"),
    ("members", "field-members"),
    ("number", "field-number"),
    ("operators", "field-operators"),
    ("operators-required", "field-operators-required"),
    ("key", "field-key"),
    ("witnesses", "field-witnesses"),
    ("log-key", "field-log-key"),
    ("rules", "field-rules"),
];

/// Parts that are lists.
const LISTS: [&str; 3] = ["members", "operators", "witnesses"];

/// One part that changes, as JSON shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Which part.
    pub field: String,
    /// What is in force; empty where there is nothing.
    pub before: String,
    /// What would be.
    pub after: String,
    /// What a list gains.
    pub added: Vec<String>,
    /// What a list loses.
    pub removed: Vec<String>,
}

/// What would change, as JSON shows it.
#[must_use]
pub fn changed(proposal: &Proposal) -> Vec<Changed> {
    proposal.changes.iter().map(Changed::of).collect()
}

impl Changed {
    fn of(change: &Change) -> Self {
        let Change { field, before, after } = change;
        let items = |text: &str| -> BTreeSet<String> {
            let listed = LISTS.contains(&field.as_str());
            text.split_whitespace().filter(|_| listed).map(str::to_owned).collect()
        };
        let (old, new) = (items(before), items(after));
        let [added, removed] = [(&new, &old), (&old, &new)].map(|(a, b)| a.difference(b).cloned().collect());
        Self { field: field.clone(), before: before.clone(), after: after.clone(), added, removed }
    }
}

impl Screen<'_> {
    /// Lines for a proposal of this object, each with a line end: what it is and who wants it, then each part that changes.
    #[must_use]
    pub fn proposal(&self, id: &str, record: &str, proposal: &Proposal) -> String {
        let Proposal { proposed_by, kind, index, changes: _, overtaken } = proposal;
        let head = Line::new("change-head").with("kind", self.token(&KINDS, kind)).with("id", id);
        let head = head.with("by", proposed_by).with("index", index);
        let mut lines = vec![self.text(&head), self.indented(&Line::new("change-record").with("record", record))];
        lines.extend(changed(proposal).iter().map(|part| self.part(part)));
        if *overtaken {
            lines.push(self.indented(&Line::new("change-overtaken")));
        }
        lines.join("\n") + "\n"
    }

    fn part(&self, part: &Changed) -> String {
        let Changed { field, before, after, added, removed } = part;
        let (stem, name) = field.split_once('.').unwrap_or((field, ""));
        let word = self.token(&FIELDS, stem);
        let word = if name.is_empty() { word } else { format!("{word} ({})", plain(name)) };
        let line = Line::new(match (before.is_empty(), after.is_empty()) {
            (true, _) => "change-new",
            (false, true) => "change-none",
            (false, false) => "change-from-to",
        });
        let line = line.with("field", word).with("before", before).with("after", after);
        let differs = |id, items: &[String]| {
            let line = Line::new(id).with("items", items.join(" "));
            if items.is_empty() || before.is_empty() { String::new() } else { format!(" {}", self.text(&line)) }
        };
        let line = line.with("added", differs("change-added", added));
        self.indented(&line.with("removed", differs("change-removed", removed)))
    }

    fn indented(&self, line: &Line) -> String {
        format!("  {}", self.text(line))
    }
}
