//! Records that need several parties: they take effect at the index of the approval that completes them.
//!
//! An operator's record needs m of the n operators (its author counts as the first). A change of a group also needs two
//! thirds of the states in it, and a new policy, from four states on, the quorum of the witnesses: never operators alone.

use std::collections::BTreeSet;

use super::act::Act;
use super::{Directory, Void};
use crate::hash::RecordId;
use crate::id::{MemberCode, ObjectId, OperatorName, Writer};
use crate::kind::MemberClass;
use crate::log::witness::Numbers;
use crate::number::LeafIndex;

/// A record that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The object.
    pub id: ObjectId,
    /// The operator that wrote it.
    pub author: OperatorName,
    /// Where it stands.
    pub index: LeafIndex,
    pub(super) act: Act,
    pub(super) replaces: Vec<RecordId>,
    /// Operators that approved, the author among them.
    pub operators: BTreeSet<OperatorName>,
    /// How many operators are needed.
    pub operators_needed: usize,
    /// States that may approve.
    pub electorate: BTreeSet<MemberCode>,
    /// States that approved.
    pub states: BTreeSet<MemberCode>,
    /// How many states are needed.
    pub states_needed: usize,
}

impl Pending {
    /// Whether all needed approvals are there.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.operators.len() >= self.operators_needed && self.states.len() >= self.states_needed
    }
}

impl Directory {
    pub(super) fn propose(
        &self,
        author: &OperatorName,
        id: ObjectId,
        act: Act,
        replaces: Vec<RecordId>,
        at: LeafIndex,
    ) -> Pending {
        let (electorate, states_needed) = self.electorate(&act, at);
        Pending {
            id,
            author: author.clone(),
            index: at,
            act,
            replaces,
            operators: BTreeSet::from([author.clone()]),
            operators_needed: self.policy_at(at).operators_required,
            electorate,
            states: BTreeSet::new(),
            states_needed,
        }
    }

    /// Counts an approval; gives the pending record back where it is complete.
    pub(super) fn approve(&mut self, target: RecordId, by: &Writer, at: LeafIndex) -> Result<Option<Pending>, Void> {
        let unknown = || Void::with("APPROVAL_UNKNOWN", "record", &target);
        let operator_in_force = matches!(by, Writer::Operator(name) if self.policy_at(at).operators.contains_key(name));
        let pending = self.pending.get_mut(&target).ok_or_else(unknown)?;
        match by {
            Writer::Operator(name) if operator_in_force => {
                pending.operators.insert(name.clone());
            }
            Writer::Node(member, _) if pending.electorate.contains(member) => {
                pending.states.insert(member.clone());
            }
            Writer::Operator(_) | Writer::Node(..) => return Err(unknown()),
        }
        if pending.complete() { Ok(self.pending.remove(&target)) } else { Ok(None) }
    }

    fn electorate(&self, act: &Act, at: LeafIndex) -> (BTreeSet<MemberCode>, usize) {
        let is_state =
            |code: &&MemberCode| self.member(code).is_some_and(|m| m.class == MemberClass::State && m.active_at(at));
        match act {
            Act::Group { slug, .. } => {
                let members = self.group(slug).and_then(|group| group.members_at(at));
                let states: BTreeSet<_> = members.into_iter().flatten().filter(is_state).cloned().collect();
                let needed = (states.len() * 2).div_ceil(3);
                (states, needed)
            }
            Act::Policy(_) => {
                let states: BTreeSet<_> = self.policy_at(at).witnesses.iter().filter(is_state).cloned().collect();
                let needed = if states.len() >= 4 { Numbers::of(states.len()).quorum } else { 0 };
                (states, needed)
            }
            Act::Invite(_) | Act::Member { .. } | Act::SuspendKeys { .. } | Act::Notice => (BTreeSet::new(), 0),
        }
    }
}
