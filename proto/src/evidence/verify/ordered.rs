//! The entry at fault, where the log key signed a log with exactly the entries that were sent, and they break the rule by what
//! the hub itself signed.
//!
//! Most rules are broken by the entries of one frame alone. Seals carry two more: a seal states all control leaves below it,
//! so between two seals the reporter can hide none, and what the second one states must be what stands between them.
//! A stub between them may be a control leaf whose content the reporter left out: nothing is proven that some choice of the
//! stubs would explain. A key is unknown where a seal closes the control leaves, none of which, valid or void, names it.
//!
//! Out of scope: what no signature of the hub is on, so that it stays claimed: which contents were sent or kept back
//! (`WITHHELD`, `CONTROL_WITHHELD`, `OVER_SHARED`), that nothing came (`LOG_STANDS_STILL`), frames whose entries do not give the
//! signed root, older checkpoints that were sent again.

use super::{leaf_of, open, received, statement_of};
use crate::alarm::{Alarm, TimeDoubt};
use crate::evidence::{Finding, Held, Report, Sent};
use crate::hash::Hash;
use crate::id::Writer;
use crate::key::KeyId;
use crate::kind::is_control;
use crate::log::checkpoint::Checkpoint;
use crate::log::evidence::Evidence;
use crate::log::leaf::{Leaf, LeafType};
use crate::log::seal::{ControlChain, Seal};
use crate::log::state::LogState;
use crate::log::tree::leaf_hash;
use crate::number::LeafIndex;
use crate::record::form::FormError;
use crate::sync::block::Entry;
use crate::sync::intake::unpack_all;

/// Most leaves between two seals of which each choice is tried.
const LEAVES_MAX: usize = 512;
/// Most steps of trying.
const STEPS_MAX: u32 = 1 << 20;
/// Bytes of a public key.
const KEY_BYTES: usize = 32;

/// See the module.
pub(super) fn finding(report: &Report, state: &LogState, alarm: &Alarm) -> Option<Finding> {
    let (Sent::Frame(frame), Some(held), Some(index)) = (&report.sent, &report.held, alarm.index()) else {
        return None;
    };
    let entries = unpack_all(&frame.blocks).ok()?;
    let mut frontier = state.frontier().clone();
    for entry in &entries {
        frontier.push(leaf_hash(&entry.leaf));
    }
    let signed = open(state, &frame.checkpoint).or_else(|| open_next(state, &frame.checkpoint))?;
    let first = state.size().next_index();
    let covered = entries.iter().zip(first.0..).all(|(entry, at)| entry.index.0 == at);
    if !covered || signed.size != frontier.size() || signed.root != frontier.root() {
        return None;
    }
    let proven = Shown { held, entries: &entries }.breaks(alarm);
    proven.then_some(Finding::Ordered { size: signed.size, index, code: alarm.code() })
}

/// A checkpoint of the log that is to follow this one.
fn open_next(state: &LogState, note: &str) -> Option<Checkpoint> {
    let directory = state.directory();
    Checkpoint::open(note, directory.federation(), state.log().next(), &directory.policy().log_key).ok()
}

/// What stands on the signed log: what the reporter held, and the entries that were sent.
struct Shown<'r> {
    held: &'r Held,
    entries: &'r [Entry],
}

impl Shown<'_> {
    /// Whether they break the rule, whatever else the reporter left out.
    fn breaks(&self, alarm: &Alarm) -> bool {
        match alarm {
            // The content is not part of the leaf.
            Alarm::Form { form, .. } => !matches!(form, FormError::ContentHash),
            Alarm::FederationWrong { .. } | Alarm::SignatureBad { .. } => true,
            Alarm::EvidenceWrong { index, .. } => {
                self.leaf(*index).is_some_and(|leaf| Evidence::parse(&leaf.body).is_err())
            }
            Alarm::TimeWentBack { index } => self.leaf(*index).is_some_and(|own| {
                let mut before = self.before(*index).filter_map(leaf_of);
                before.any(|leaf| leaf.accepted_at_ms > own.accepted_at_ms)
            }),
            Alarm::Chain { index, writer, .. } => {
                let mut before = self.before(*index).filter_map(statement_of);
                before.any(|record| record.statement.writer == *writer)
            }
            Alarm::WriterFrozen { index, writer } => self.is_closed_at_held() || self.froze(*index, writer),
            // Whose keys and how many count is what the control leaves below say.
            Alarm::SuccessionWrong { index, .. } => self.is_closed(*index),
            // Both times stand in the one leaf.
            Alarm::TimeWrong { why, .. } => matches!(why, TimeDoubt::OfLeaf(_)),
            Alarm::SealWrong { index } => self.seal_contradicts(*index).unwrap_or(false),
            Alarm::KeyUnknown { index, .. } => self.is_closed(*index) && !self.is_named(*index),
            Alarm::FrameBad(_)
            | Alarm::FrameTooLarge { .. }
            | Alarm::LogGap { .. }
            | Alarm::CheckpointBad(_)
            | Alarm::LogRewound { .. }
            | Alarm::RootWrong { .. }
            | Alarm::GenesisWrong(_)
            | Alarm::LeafMismatch { .. }
            | Alarm::OverShared { .. }
            | Alarm::Withheld { .. }
            | Alarm::LogFork(_)
            | Alarm::LogStandsStill { .. }
            | Alarm::ClaimOverdue { .. }
            | Alarm::ViewWrong { .. }
            | Alarm::AcceptedLost { .. }
            | Alarm::AcceptedUnordered { .. }
            | Alarm::RunBad(_)
            | Alarm::ControlAcrossRun { .. }
            | Alarm::StartUnstable { .. }
            | Alarm::ControlWithheld { .. } => false,
        }
    }

    fn before(&self, index: LeafIndex) -> impl Iterator<Item = &Entry> {
        self.entries.iter().take_while(move |entry| entry.index < index)
    }

    fn leaf(&self, index: LeafIndex) -> Option<Leaf> {
        self.entries.iter().find(|entry| entry.index == index).and_then(leaf_of)
    }

    /// Whether evidence among the entries froze the writer.
    fn froze(&self, index: LeafIndex, writer: &Writer) -> bool {
        let evidence = self.before(index).filter_map(leaf_of).filter(|leaf| leaf.leaf_type == LeafType::Evidence);
        evidence.into_iter().any(|leaf| Evidence::parse(&leaf.body).is_ok_and(|evidence| evidence.writer() == writer))
    }

    /// The seal that the reporter held last, with how many leaves stand after it.
    fn newest_seal(&self) -> Option<(Seal, u64)> {
        let placed = self.held.seal.as_ref()?;
        let seal = Seal::parse(&Leaf::parse(&placed.leaf).ok()?.body).ok()?;
        Some((seal, self.held.size.0.checked_sub(placed.index.next().0)?))
    }

    /// Whether the control leaves that the reporter held are all there are: a seal that nothing follows states them.
    fn is_closed_at_held(&self) -> bool {
        self.newest_seal().is_some_and(|(seal, after)| after == 0 && seal.control == self.held.control_chain)
    }

    /// The same below an entry. Seals among the entries agree with the control leaves, or they would be at fault.
    fn is_closed(&self, index: LeafIndex) -> bool {
        self.before(index).map(seen).fold(self.is_closed_at_held(), |closed, seen| match seen {
            Seen::Seal(_) => true,
            Seen::Perhaps(_) => false,
            Seen::Control(_) | Seen::Nothing => closed,
        })
    }

    /// Whether some control leaf below the entry names the key by whose id it is signed.
    fn is_named(&self, index: LeafIndex) -> bool {
        let entry = self.entries.iter().find(|entry| entry.index == index);
        let Some(record) = entry.and_then(statement_of) else { return true };
        let sent = self.before(index).filter(|entry| matches!(seen(entry), Seen::Control(_)));
        let control = self.held.control.iter().map(|leaf| &leaf.entry).chain(sent);
        let mut contents = control.filter_map(|entry| entry.content.as_deref());
        contents.any(|content| content.windows(KEY_BYTES).any(|key| KeyId::of_bytes(key) == record.signature.key_id))
    }

    /// Whether a seal is not what the seal before it and the leaves between them give, whichever stubs are control leaves; none
    /// where there is no seal before it, or too many choices.
    fn seal_contradicts(&self, index: LeafIndex) -> Option<bool> {
        let own = Seal::parse(&self.leaf(index)?.body).ok()?;
        let (mut base, mut since) = (self.newest_seal(), Vec::new());
        for entry in self.before(index) {
            match seen(entry) {
                Seen::Seal(seal) => (base, since) = (Some((seal, 0)), Vec::new()),
                Seen::Control(hash) => since.push((hash, true)),
                Seen::Perhaps(hash) => since.push((hash, false)),
                Seen::Nothing => {}
            }
        }
        let (base, unseen) = base?;
        let certain = since.iter().filter(|(_, certain)| *certain).count() as u64;
        let possible = since.len() as u64 + unseen;
        let added = own.control.count.checked_sub(base.control.count);
        if own.time_ms < base.time_ms || added.is_none_or(|added| added < certain || added > possible) {
            return Some(true);
        }
        let tried = unseen == 0 && since.len() <= LEAVES_MAX;
        let given = tried.then(|| gives(base.control, &since, own.control, &mut { STEPS_MAX }));
        given.flatten().map(|gives| !gives)
    }
}

/// What a leaf is to the control chain.
enum Seen {
    Seal(Seal),
    Control(Hash),
    /// A stub: nobody can tell.
    Perhaps(Hash),
    Nothing,
}

fn seen(entry: &Entry) -> Seen {
    let hash = leaf_hash(&entry.leaf);
    let Some(leaf) = leaf_of(entry) else { return Seen::Perhaps(hash) };
    match leaf.leaf_type {
        LeafType::Seal => Seal::parse(&leaf.body).map_or(Seen::Perhaps(hash), Seen::Seal),
        LeafType::Genesis | LeafType::Evidence | LeafType::Succession => Seen::Control(hash),
        LeafType::Record => match received(entry, &leaf).parse().ok().and_then(|record| record.content()) {
            Some(Ok(content)) if is_control(content.kind()) => Seen::Control(hash),
            Some(_) => Seen::Nothing,
            None => Seen::Perhaps(hash),
        },
    }
}

/// Whether the chain goes on to the goal over the leaves, with all that are certain and some of the others; none where that takes
/// too many steps.
fn gives(chain: ControlChain, leaves: &[(Hash, bool)], goal: ControlChain, steps: &mut u32) -> Option<bool> {
    let Some(((hash, certain), rest)) = leaves.split_first() else { return Some(chain == goal) };
    *steps = steps.checked_sub(1)?;
    let mut with = chain;
    with.push(*hash);
    if with.count <= goal.count && gives(with, rest, goal, steps)? {
        return Some(true);
    }
    let enough = chain.count + rest.len() as u64 >= goal.count;
    if *certain || !enough { Some(false) } else { gives(chain, rest, goal, steps) }
}
