//! What the tombstones on the log take is not in the hub's store. That nodes hold no content that the hub has not is checked
//! with their entries.

use multaqa_proto::fold::{Erasure, Placed};
use multaqa_proto::number::LeafIndex;

use super::Records;

/// Checks every content against every tombstone after it.
pub(super) fn check(records: &Records) {
    let data = (0..).map(LeafIndex).zip(&records.parsed).filter_map(|(index, record)| {
        let record = record.as_ref()?;
        Some((index, record, record.content()?.unwrap()))
    });
    let data: Vec<_> = data.collect();
    let tombstones = data.iter().filter_map(|(index, record, content)| {
        let placed = Placed {
            index: *index,
            record_id: record.record_id,
            writer: &record.statement.writer,
            key_id: record.signature.key_id,
            accepted_at_ms: 0,
            content,
        };
        Erasure::of(records.state.directory(), &placed)
    });
    for erasure in tombstones.collect::<Vec<_>>() {
        for (index, record, content) in &data {
            let taken = erasure.takes(*index, &record.record_id, &record.statement.writer, content);
            assert!(!taken, "the hub holds entry {index}, which the tombstone at {} takes", erasure.below);
        }
    }
}
