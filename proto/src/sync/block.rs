//! Blocks: entries encoded and compressed once (zstd), unpacked within bounds.

use prost::Message as _;
use prost::bytes::Bytes;

use super::{FRAME_ENTRIES_MAX, UNPACKED_MAX};
use crate::alarm::Alarm;
use crate::number::LeafIndex;
use crate::wire::hub as wire;

/// An entry at its place: whole, or without content as a stub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Index.
    pub index: LeafIndex,
    /// Leaf bytes.
    pub leaf: Bytes,
    /// Serialised signature; empty for leaves that prove themselves.
    pub signature: Bytes,
    /// Serialised content.
    pub content: Option<Bytes>,
}

impl Entry {
    /// Bytes of the entry when whole, roughly as unpacked.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.leaf.len() + self.signature.len() + self.content.as_ref().map_or(0, Bytes::len) + 16
    }
}

/// Packs entries, with their contents or as stubs.
#[must_use]
pub fn pack(entries: &[Entry], whole: bool) -> wire::Block {
    let body = wire::BlockBody {
        indexes: entries.iter().map(|entry| entry.index.0).collect(),
        entries: entries
            .iter()
            .map(|entry| wire::Entry {
                leaf: entry.leaf.clone(),
                signature: entry.signature.clone(),
                content: entry.content.clone().filter(|_| whole),
            })
            .collect(),
    }
    .encode_to_vec();
    // Level 1 and an in-memory buffer of the bound's size: the encoder has no other way to fail.
    let data = zstd::bulk::compress(&body, 1).unwrap_or_default();
    wire::Block { data: data.into(), unpacked_bytes: body.len() as u64 }
}

/// Unpacks a block within the bounds.
///
/// # Errors
/// [`Alarm::FrameTooLarge`], [`Alarm::FrameBad`].
pub fn unpack(block: &wire::Block) -> Result<Vec<Entry>, Alarm> {
    let size = usize::try_from(block.unpacked_bytes).unwrap_or(usize::MAX);
    if size > UNPACKED_MAX {
        return Err(Alarm::FrameTooLarge { max: UNPACKED_MAX });
    }
    let body = zstd::bulk::decompress(&block.data, size).map_err(|_| Alarm::FrameBad("zstd"))?;
    if body.len() != size {
        return Err(Alarm::FrameBad("unpacked length"));
    }
    let wire::BlockBody { indexes, entries } =
        wire::BlockBody::decode(Bytes::from(body)).map_err(|_| Alarm::FrameBad("block body"))?;
    if indexes.len() != entries.len() || indexes.len() > FRAME_ENTRIES_MAX {
        return Err(Alarm::FrameBad("indexes"));
    }
    let entry = |(index, entry): (u64, wire::Entry)| {
        let wire::Entry { leaf, signature, content } = entry;
        Entry { index: LeafIndex(index), leaf, signature, content }
    };
    Ok(indexes.into_iter().zip(entries).map(entry).collect())
}
