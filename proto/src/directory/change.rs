//! What a record that waits would change, part by part, against what is in force: for those who are asked to approve it.
//!
//! In scope: the comparison, finding the same proposal among those that wait. Out of scope: the words for it
//! (`message::proposal`), counting approvals (`approval`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::act::Act;
use super::approval::Pending;
use super::{Directory, History, Member, Policy};
use crate::hash::RecordId;
use crate::id::Writer;
use crate::number::LeafIndex;
use crate::record::content::Content;
use crate::wire::record as wire;

/// Every index that a record may have is below this one.
const NEWEST: LeafIndex = LeafIndex(u64::MAX);

impl Directory {
    /// A record that waits, with what it would change.
    #[must_use]
    pub fn proposal(&self, pending: &Pending) -> wire::Proposal {
        wire::Proposal {
            proposed_by: Writer::Operator(pending.author.clone()).to_string(),
            kind: pending.id.kind().to_owned(),
            index: pending.index.0,
            changes: self.changes(&pending.act).0,
            overtaken: self.is_overtaken(pending),
        }
    }

    /// The record that waits with the very change that this content proposes, and could still take effect.
    #[must_use]
    pub fn same_pending(&self, content: &Content) -> Option<(&RecordId, &Pending)> {
        let act = Act::parse(content.kind(), content.payload()?)?;
        let same = |pending: &Pending| pending.id == content.id && pending.act == act;
        self.pending().find(|(_, pending)| same(pending) && !self.is_overtaken(pending))
    }

    fn is_overtaken(&self, pending: &Pending) -> bool {
        self.check(&pending.act, &pending.replaces).is_err()
    }

    fn changes(&self, act: &Act) -> Changes {
        let mut changes = Changes(Vec::new());
        match act {
            Act::Policy(policy) => changes.policy(self.policy(), policy),
            Act::Invite(invitation) => {
                let writer = Writer::Node(invitation.member.clone(), invitation.node.clone());
                let before = self.keys(&writer).last().map(|keys| keys.epoch);
                changes.add("node", "", &writer);
                changes.add("epoch", before.map_or_else(String::new, |epoch| epoch.to_string()), invitation.epoch);
                changes.add("valid-until", "", instant(invitation.not_after_ms));
            }
            Act::Member { code, class, name, active } => {
                let member = self.member(code);
                changes.add("member", member.map_or_else(String::new, |_| code.to_string()), code);
                changes.add("class", member.map_or_else(String::new, |member| member.class.to_string()), class);
                changes.names(member.map(|member| &member.name), name);
                let before = |member: &Member| status(member.active_at(NEWEST)).to_owned();
                changes.add("status", member.map(before).unwrap_or_default(), status(*active));
            }
            Act::Group { slug, name, history, members } => {
                let group = self.group(slug);
                changes.add("group", group.map_or_else(String::new, |_| slug.to_string()), slug);
                changes.names(group.map(|group| &group.name), name);
                changes.add("history", group.map_or("", |group| word(group.history)), word(*history));
                let before = group.and_then(|group| group.members_at(NEWEST));
                changes.add("members", before.map(list).unwrap_or_default(), list(members));
            }
            Act::SuspendKeys { writer, epoch } => {
                changes.add("node", "", writer);
                changes.add("epoch", "", epoch);
                changes.add("status", status(true), status(false));
            }
            Act::Notice => {}
        }
        changes
    }
}

/// The parts that differ.
struct Changes(Vec<wire::Change>);

impl Changes {
    fn add(&mut self, field: impl Into<String>, before: impl Display, after: impl Display) {
        let (before, after) = (before.to_string(), after.to_string());
        if before != after {
            self.0.push(wire::Change { field: field.into(), before, after });
        }
    }

    fn names(&mut self, before: Option<&BTreeMap<String, String>>, after: &BTreeMap<String, String>) {
        let nothing = BTreeMap::new();
        let before = before.unwrap_or(&nothing);
        for lang in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            let text = |names: &BTreeMap<String, String>| names.get(lang).cloned().unwrap_or_default();
            self.add(format!("name.{lang}"), text(before), text(after));
        }
    }

    fn policy(&mut self, before: &Policy, after: &Policy) {
        self.add("number", before.number, after.number);
        self.add("operators", list(before.operators.keys()), list(after.operators.keys()));
        for (name, key) in &after.operators {
            let known = before.operators.get(name).map(|known| known.id().to_string()).unwrap_or_default();
            self.add(format!("key.{name}"), known, key.id());
        }
        self.add("operators-required", before.operators_required, after.operators_required);
        self.add("witnesses", list(&before.witnesses), list(&after.witnesses));
        self.add("log-key", before.log_key.id(), after.log_key.id());
        self.add("rules", before.rules, after.rules);
    }
}

fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(" ")
}

const fn status(active: bool) -> &'static str {
    if active { "active" } else { "suspended" }
}

const fn word(history: History) -> &'static str {
    match history {
        History::Full => "full",
        History::FromJoin => "from-join",
    }
}

fn instant(unix_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(unix_ms)
        .map_or_else(|_| format!("{unix_ms} ms"), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
