//! Writers that contradicted themselves, by the evidence on the log.
//!
//! A node is frozen until its next epoch, which an operator's invitation opens. An operator has one epoch for ever: it is
//! frozen until a policy gives its name another key. An operator without whom no record of operators could take effect any
//! more is shown and not frozen, since nobody could give it that key.
//!
//! In scope: which evidence counts, who is frozen by it. Out of scope: the bytes of evidence (`log::evidence`).

use super::Directory;
use crate::id::Writer;
use crate::key::{KeyId, PublicKey};
use crate::log::evidence::{Evidence, EvidenceWrong};
use crate::number::{Epoch, LeafIndex, Seq};
use crate::record::batch::VerifiedRoots;

/// A contradiction that is proven on the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equivocation {
    /// Epoch of both statements.
    pub epoch: Epoch,
    /// Their place in the writer's chain.
    pub seq: Seq,
    /// The key that signed both.
    pub key_id: KeyId,
    /// Place of the evidence on the log.
    pub index: LeafIndex,
    /// Whether it freezes the writer.
    pub freezes: bool,
}

impl Directory {
    /// Contradictions on the log, oldest first for each writer.
    pub fn equivocations(&self) -> impl Iterator<Item = (&Writer, &Equivocation)> {
        self.equivocations.iter().flat_map(|(writer, found)| found.iter().map(move |found| (writer, found)))
    }
    /// Whether records of this writer, in this epoch and by this key, are refused.
    #[must_use]
    pub fn is_frozen(&self, writer: &Writer, epoch: Epoch, key_id: KeyId) -> bool {
        self.equivocation(writer, epoch, key_id).is_some_and(|found| found.freezes)
    }
    /// Whether a contradiction freezes its writer at present: its epoch is the newest, or its key is in force.
    #[must_use]
    pub fn freezes_now(&self, writer: &Writer, found: &Equivocation) -> bool {
        found.freezes
            && match writer {
                Writer::Operator(name) => self.policy().operators.get(name).is_some_and(|key| key.id() == found.key_id),
                Writer::Node(..) => self.keys(writer).last().is_some_and(|keys| keys.epoch == found.epoch),
            }
    }
    /// Whether evidence holds and is new: both signatures by the writer's record key of that epoch, nothing proven of that
    /// epoch and key before. The one-time key of an invitation is not the writer's: who signs twice with it is not frozen.
    ///
    /// # Errors
    /// [`EvidenceWrong`] says what does not hold.
    pub fn check_evidence(&self, evidence: &Evidence, roots: &mut VerifiedRoots) -> Result<(), EvidenceWrong> {
        let (writer, epoch, key_id) = (evidence.writer(), evidence.epoch(), evidence.key_id());
        if self.equivocation(writer, epoch, key_id).is_some() {
            return Err(EvidenceWrong("the writer's contradiction is on the log already"));
        }
        let key = self.record_key(writer, epoch, key_id).ok_or(EvidenceWrong("the writer has no such key"))?;
        evidence.verify(self.genesis, &key, roots)
    }
    /// Applies evidence that was checked.
    pub fn apply_evidence(&mut self, index: LeafIndex, evidence: &Evidence) {
        let (writer, key_id) = (evidence.writer().clone(), evidence.key_id());
        let freezes = self.can_do_without(&writer, key_id);
        let found = Equivocation { epoch: evidence.epoch(), seq: evidence.seq(), key_id, index, freezes };
        self.equivocations.entry(writer).or_default().push(found);
    }

    fn equivocation(&self, writer: &Writer, epoch: Epoch, key_id: KeyId) -> Option<&Equivocation> {
        let same = |found: &&Equivocation| match writer {
            Writer::Operator(_) => found.key_id == key_id,
            Writer::Node(..) => found.epoch == epoch,
        };
        self.equivocations.get(writer)?.iter().find(same)
    }

    /// Whether enough operators are left to act when this key signs no more.
    fn can_do_without(&self, writer: &Writer, key_id: KeyId) -> bool {
        let policy = self.policy();
        let left = policy.operators.iter().filter(|(name, key)| {
            let operator = Writer::Operator((*name).clone());
            let same = operator == *writer && key.id() == key_id;
            !same && !self.is_frozen(&operator, Epoch(1), key.id())
        });
        matches!(writer, Writer::Node(..)) || left.count() >= policy.operators_required
    }

    /// A key that signs records of this writer in this epoch; not the one-time key of an invitation.
    fn record_key(&self, writer: &Writer, epoch: Epoch, key_id: KeyId) -> Option<PublicKey> {
        match writer {
            Writer::Operator(_) => self.signing_key(writer, epoch, Seq(1), key_id),
            Writer::Node(..) => {
                let keys = self.keys(writer).iter().filter(|keys| keys.epoch == epoch).map(|keys| keys.record);
                keys.into_iter().find(|key| key.id() == key_id)
            }
        }
    }
}
