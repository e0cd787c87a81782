//! What the tombstones on the log erase.
//!
//! In scope: reading them, as they are admitted, given back or stored. Out of scope: which contents a tombstone takes
//! (`proto::fold::Erasure`: the same everywhere), erasing (`store::erase`).

use std::sync::Arc;

use multaqa_proto::directory::Directory;
use multaqa_proto::fold::{Erasure, Placed};
use multaqa_proto::log::leaf::Leaf;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::content::Content;
use multaqa_proto::record::{Parsed, Received};

use crate::store::StoredEntry;

/// What a record erases when it stands at this index; none where it is no tombstone that holds there.
pub(crate) fn erasure(
    directory: &Arc<Directory>,
    record: &Parsed,
    content: &Content,
    index: LeafIndex,
) -> Option<Erasure> {
    let (writer, key_id) = (&record.statement.writer, record.signature.key_id);
    Erasure::of(directory, &Placed { index, record_id: record.record_id, writer, key_id, accepted_at_ms: 0, content })
}

/// The same of a stored entry; none where it says nothing that can be understood.
pub(crate) fn stored_erasure(directory: &Arc<Directory>, stored: &StoredEntry) -> Option<Erasure> {
    let entry = stored.entry.clone();
    let leaf = Leaf::parse(&entry.leaf).ok()?;
    let received = Received { statement: leaf.body, content: entry.content, signature: entry.signature };
    let record = received.parse().ok()?;
    let content = record.content()?.ok()?;
    erasure(directory, &record, &content, entry.index)
}
