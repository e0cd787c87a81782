//! An answer that the log does not bear out: what stands at the index that it named, and how far its own checkpoint reaches.
//!
//! That the reporter signed the record, and that another entry stands at the index, is proven. That the hub gave the answer,
//! only the reporter says: an answer is not signed. Out of scope: two signed logs of one size (`verify`).

use super::{open, verified};
use crate::alarm::Alarm;
use crate::evidence::{EvidenceFileBad, Finding, PlacedLeaf, Report, Sent};
use crate::hash::{RecordId, record_id};
use crate::log::leaf::{Leaf, LeafType};
use crate::log::proof::verify_inclusion;
use crate::log::state::LogState;
use crate::log::tree::leaf_hash;
use crate::record::batch::VerifiedRoots;

/// The rule that the answer breaks.
pub(super) fn replay(report: &Report, state: &LogState) -> Result<(), Alarm> {
    let Sent::Answer { record, index, checkpoint, standing } = &report.sent else { return Ok(()) };
    let (index, record_id) = (*index, record_id(&record.statement));
    if let Some(signed) = open(state, checkpoint).filter(|signed| signed.size.0 <= index.0) {
        return Err(Alarm::AcceptedUnordered { index, record_id, size: signed.size });
    }
    let other = standing.as_ref().is_some_and(|leaf| leaf.index == index && stands_other(leaf, record_id, state));
    if other { Err(Alarm::AcceptedLost { index, record_id }) } else { Ok(()) }
}

/// That another entry stands at the index than the record, which the reporter signed.
pub(super) fn finding(report: &Report, state: &LogState) -> Result<Option<Finding>, EvidenceFileBad> {
    let Sent::Answer { record, index, standing, .. } = &report.sent else { return Ok(None) };
    let parsed =
        record.clone().parse().map_err(|_| EvidenceFileBad::Contradicts("the answered record breaks the form"))?;
    let signed = verified(state.directory(), &parsed, &mut VerifiedRoots::default());
    if parsed.statement.writer != report.reporter || record.content.is_some() || signed.is_none() {
        return Err(EvidenceFileBad::Contradicts("the answered record is not the reporter's"));
    }
    let Some(standing) = standing else { return Ok(None) };
    let Some(hash) = included(standing, state) else {
        return Err(EvidenceFileBad::Contradicts("what stands at the index is not on its log"));
    };
    let other = standing.index == *index && stands_other(standing, parsed.record_id, state);
    let (index, record, writer) = (*index, parsed.record_id, parsed.statement.writer);
    Ok(other.then(|| Finding::Elsewhere { size: state.size(), index, leaf: hash, record, writer }))
}

/// The leaf's hash, where it stands in the reporter's tree.
fn included(standing: &PlacedLeaf, state: &LogState) -> Option<crate::hash::Hash> {
    let (hash, PlacedLeaf { index, path, .. }) = (leaf_hash(&standing.leaf), standing);
    verify_inclusion(hash, index.0, state.size().0, path, state.root()).then_some(hash)
}

/// Whether a leaf of the reporter's tree is another entry than the record.
fn stands_other(standing: &PlacedLeaf, record: RecordId, state: &LogState) -> bool {
    let is_record = Leaf::parse(&standing.leaf)
        .is_ok_and(|leaf| leaf.leaf_type == LeafType::Record && record_id(&leaf.body) == record);
    included(standing, state).is_some() && !is_record
}
