//! Applying control records to the directory: one record, one verdict, nothing half-applied.
//!
//! In scope: every rule by which a control record takes effect, waits, or is void. Out of scope: signatures and chains,
//! which are checked before (`log::state`).

use std::collections::BTreeSet;

use super::act::{self, Act};
use super::possession::proven;
use super::{Directory, Group, Member, NodeKeys, Void};
use crate::hash::{Hash, RecordId};
use crate::id::{FEDERATION_CODE, MemberCode, Writer};
use crate::key::{KeyId, PublicKey};
use crate::kind::MemberClass;
use crate::number::{Epoch, LeafIndex};
use crate::record::content::Content;
use crate::wire::kind;

/// Every index that a record may have is below this one.
const NEWEST: LeafIndex = LeafIndex(u64::MAX);

/// What a control record did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlVerdict {
    /// It took effect, or completed another that did.
    Valid,
    /// It waits for approvals.
    Pending,
    /// It changes nothing.
    Void(Void),
}

/// A control record at its place on the log.
#[derive(Debug, Clone, Copy)]
pub struct ControlRecord<'a> {
    /// Index.
    pub index: LeafIndex,
    /// Time of the newest seal below it, milliseconds since 1970 UTC; 0 before the first.
    pub seal_time_ms: i64,
    /// Its id.
    pub record_id: RecordId,
    /// Who wrote it.
    pub writer: &'a Writer,
    /// The key that signed it.
    pub key_id: KeyId,
    /// Epoch of the statement.
    pub epoch: Epoch,
    /// Its content.
    pub content: &'a Content,
}

impl Directory {
    /// Applies a control record.
    pub fn apply(&mut self, record: &ControlRecord<'_>) -> ControlVerdict {
        match self.try_apply(record) {
            Ok(true) => ControlVerdict::Valid,
            Ok(false) => ControlVerdict::Pending,
            Err(void) => ControlVerdict::Void(void),
        }
    }

    /// Whether the record took effect (or waits).
    fn try_apply(&mut self, record: &ControlRecord<'_>) -> Result<bool, Void> {
        let content = record.content;
        let payload = content.payload().ok_or_else(|| malformed("payload"))?;
        if content.kind() == "key" && matches!(record.writer, Writer::Node(..)) {
            return self.enrol(record, payload).map(|()| true);
        }
        self.judge_writer(record.writer, record.key_id, record.index)?;
        if content.kind() == "approve" {
            let target = act::approve(payload).ok_or_else(|| malformed("payload"))?;
            if let Some(pending) = self.approve(target, record.writer, record.index)? {
                // A proposal that another one overtook has no effect; the approval of it stays valid.
                if self.check(&pending.act, &pending.replaces).is_ok() {
                    self.effect(record.index, target, pending.act);
                }
            }
            return Ok(true);
        }
        let Writer::Operator(author) = record.writer else {
            return Err(Void::with("PUBLISHER_NOT_ALLOWED", "kind", content.kind()));
        };
        if content.id.code().as_str() != FEDERATION_CODE {
            return Err(malformed("id"));
        }
        let act = Act::parse(content.kind(), payload).ok_or_else(|| malformed("payload"))?;
        self.check(&act, &content.replaces)?;
        let pending = self.propose(author, content.id.clone(), act, content.replaces.clone(), record.index);
        if pending.complete() {
            self.effect(record.index, record.record_id, pending.act);
            return Ok(true);
        }
        self.pending.insert(record.record_id, pending);
        Ok(false)
    }

    /// Whether an act fits what is in force.
    pub(super) fn check(&self, act: &Act, replaces: &[RecordId]) -> Result<(), Void> {
        let revisions: &[RecordId] = match act {
            Act::Policy(policy) => {
                if policy.number != self.policy().number + 1 {
                    return Err(Void::with("POLICY_OLD", "number", &policy.number));
                }
                return self.check_witnesses(&policy.witnesses);
            }
            Act::Invite(invitation) => {
                let writer = Writer::Node(invitation.member.clone(), invitation.node.clone());
                if self.member(&invitation.member).is_none() {
                    return Err(Void::with("MEMBER_UNKNOWN", "member", &invitation.member));
                }
                if invitation.epoch != self.next_epoch(&writer) {
                    return Err(Void::with("EPOCH_WRONG", "writer", &writer));
                }
                return Ok(());
            }
            Act::SuspendKeys { writer, epoch } => {
                let known = self.keys(writer).iter().any(|keys| keys.epoch == *epoch);
                return if known { Ok(()) } else { Err(Void::with("KEY_UNKNOWN", "writer", writer)) };
            }
            Act::Notice => return Ok(()),
            Act::Member { code, class, .. } => match self.member(code) {
                Some(member) if member.class != *class => return Err(malformed("class")),
                Some(member) => &member.revisions,
                None => &[],
            },
            Act::Group { slug, history, members, .. } => {
                if let Some(code) = members.iter().find(|code| self.member(code).is_none()) {
                    return Err(Void::with("MEMBER_UNKNOWN", "member", code));
                }
                match self.group(slug) {
                    Some(group) if group.history != *history => {
                        return Err(Void::with("GROUP_HISTORY_FIXED", "group", slug));
                    }
                    Some(group) => &group.revisions,
                    None => &[],
                }
            }
        };
        if revisions == replaces { Ok(()) } else { Err(Void::new("REPLACES_STALE")) }
    }

    /// Whether these may witness from here on: who comes in is a state in force, and where some go, those that stay are a
    /// majority of the states in force. So nobody is left out of the quorum by a few.
    fn check_witnesses(&self, after: &BTreeSet<MemberCode>) -> Result<(), Void> {
        let before = &self.policy().witnesses;
        let is_state = |code: &MemberCode| {
            let in_force = |member: &Member| member.class == MemberClass::State && member.active_at(NEWEST);
            self.member(code).is_some_and(in_force)
        };
        if let Some(code) = after.difference(before).find(|code| !is_state(code)) {
            return Err(Void::with("WITNESS_NOT_STATE", "member", code));
        }
        let states = self.members().filter(|(code, _)| is_state(code)).count();
        let staying = after.iter().filter(|code| is_state(code)).count();
        if before.is_subset(after) || staying * 2 > states {
            return Ok(());
        }
        let args = vec![("staying", staying.to_string()), ("states", states.to_string())];
        Err(Void { code: "WITNESSES_TOO_FEW", args })
    }

    /// Lets a checked act take effect at this index.
    fn effect(&mut self, at: LeafIndex, record_id: RecordId, act: Act) {
        match act {
            Act::Policy(policy) => self.policies.push((at, policy)),
            Act::Invite(invitation) => {
                self.invitations.insert(record_id, invitation);
            }
            Act::Member { code, class, name, active } => {
                let member = self.members.entry(code).or_insert_with(|| Member {
                    class,
                    name: name.clone(),
                    active: Vec::new(),
                    revisions: Vec::new(),
                });
                member.name = name;
                member.active.push((at, active));
                member.revisions.push(record_id);
            }
            Act::Group { slug, name, history, members } => {
                let group = self.groups.entry(slug).or_insert_with(|| Group::new(name.clone(), history));
                group.name = name;
                group.members.push((at, members));
                group.revisions.push(record_id);
            }
            Act::SuspendKeys { writer, epoch } => {
                let keys = self.keys.get_mut(&writer).into_iter().flatten();
                for keys in keys.filter(|keys| keys.epoch == epoch) {
                    keys.suspended.get_or_insert(at);
                }
            }
            Act::Notice => {}
        }
    }

    /// A node redeems its invitation.
    fn enrol(&mut self, record: &ControlRecord<'_>, payload: &[u8]) -> Result<(), Void> {
        let key: kind::Key = act::decode(payload).ok_or_else(|| malformed("payload"))?;
        let id = Hash::from_slice(&key.invitation).ok_or_else(|| malformed("invitation"))?;
        let invitation = match self.invitation(&id) {
            Some(invitation) => invitation,
            None if self.pending.contains_key(&id) => return Err(Void::new("INVITATION_PENDING")),
            None => return Err(Void::new("INVITATION_UNKNOWN")),
        };
        let writer = Writer::Node(invitation.member.clone(), invitation.node.clone());
        if writer != *record.writer
            || key.member != invitation.member.as_str()
            || key.node != invitation.node.as_str()
            || Epoch(key.epoch) != invitation.epoch
            || record.epoch != invitation.epoch
            || record.key_id != invitation.key.id()
            || key.status != "active"
        {
            return Err(Void::new("INVITATION_UNKNOWN"));
        }
        if invitation.used_by.is_some() {
            return Err(Void::new("INVITATION_USED"));
        }
        if record.seal_time_ms > invitation.not_after_ms {
            return Err(Void::new("INVITATION_EXPIRED"));
        }
        let [record_key, witness, session] = proven(self.genesis, &key).ok_or(Void::new("POSSESSION_BAD"))?;
        let distinct: BTreeSet<_> = [&record_key, &witness, &session].map(PublicKey::as_bytes).into();
        if distinct.len() != 3 {
            return Err(Void::new("POSSESSION_BAD"));
        }
        if let Some(invitation) = self.invitations.get_mut(&id) {
            invitation.used_by = Some(record.record_id);
        }
        self.keys.entry(writer).or_default().push(NodeKeys {
            epoch: record.epoch,
            record_id: record.record_id,
            from: record.index,
            suspended: None,
            record: record_key,
            witness,
            session,
        });
        Ok(())
    }
}

fn malformed(field: &'static str) -> Void {
    Void::with("RECORD_MALFORMED", "field", field)
}
