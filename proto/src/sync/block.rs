//! Blocks: entries encoded and compressed once (zstd), unpacked within bounds.

use prost::DecodeError;
use prost::Message as _;
use prost::bytes::{Buf as _, Bytes};
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

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
///
/// # Panics
/// Where memory for the encoder is refused: better than a block that every reader would raise an alarm over.
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
    #[expect(clippy::expect_used, reason = "the output buffer has the encoder's own bound: only memory can fail it")]
    let data = zstd::bulk::compress(&body, 1).expect("zstd compresses into its bound");
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
    let fields = count(&body).map_err(|_| Alarm::FrameBad("block body"))?;
    if fields.indexes != fields.entries || fields.entries > FRAME_ENTRIES_MAX {
        return Err(Alarm::FrameBad("indexes"));
    }
    let wire::BlockBody { indexes, entries } =
        wire::BlockBody::decode(Bytes::from(body)).map_err(|_| Alarm::FrameBad("block body"))?;
    if indexes.len() != entries.len() {
        return Err(Alarm::FrameBad("indexes"));
    }
    let entry = |(index, entry): (u64, wire::Entry)| {
        let wire::Entry { leaf, signature, content } = entry;
        Entry { index: LeafIndex(index), leaf, signature, content }
    };
    Ok(indexes.into_iter().zip(entries).map(entry).collect())
}

/// How much a block's body says that it holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Fields {
    indexes: usize,
    entries: usize,
}

/// Counts before anything is made: an empty entry is two bytes here and a hundred when decoded.
fn count(mut body: &[u8]) -> Result<Fields, DecodeError> {
    let mut fields = Fields::default();
    while body.has_remaining() {
        let (tag, wire_type) = decode_key(&mut body)?;
        let rest = body;
        skip_field(wire_type, tag, &mut body, DecodeContext::default())?;
        match (tag, wire_type) {
            (1, WireType::Varint) => fields.indexes += 1,
            // Packed: each number ends with a byte below 0x80.
            (1, WireType::LengthDelimited) => {
                let mut packed = &rest[..rest.len() - body.len()];
                decode_varint(&mut packed)?;
                fields.indexes += packed.iter().filter(|byte| **byte < 0x80).count();
            }
            (2, _) => fields.entries += 1,
            _ => {}
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(body: &[u8]) -> wire::Block {
        let data = zstd::bulk::compress(body, 1).unwrap();
        wire::Block { data: data.into(), unpacked_bytes: body.len() as u64 }
    }

    fn entry(index: u64) -> Entry {
        let bytes = Bytes::from_static;
        Entry { index: LeafIndex(index), leaf: bytes(b"leaf"), signature: bytes(b"sig"), content: Some(bytes(b"c")) }
    }

    #[test]
    fn what_was_packed_is_unpacked_and_counted_without_decoding() {
        let entries: Vec<Entry> = (0..FRAME_ENTRIES_MAX as u64).map(|n| entry(n << (n % 40))).collect();
        assert_eq!(unpack(&pack(&entries, true)), Ok(entries.clone()));
        let unpacked_one_more = unpack(&pack(&[entries, vec![entry(1)]].concat(), true));
        assert_eq!(unpacked_one_more, Err(Alarm::FrameBad("indexes")));
        // Numbers that are not packed count as well; unknown fields do not.
        let loose = [0x08, 0x96, 0x01, 0x12, 0x00, 0x0a, 0x02, 0x96, 0x01, 0x12, 0x00, 0x18, 0x01];
        assert_eq!(count(&loose), Ok(Fields { indexes: 2, entries: 2 }));
        assert_eq!(unpack(&block(&loose)).unwrap().len(), 2);
    }

    #[test]
    fn a_block_of_empty_entries_is_refused_by_its_count() {
        let empty = [0x12, 0x00].repeat(UNPACKED_MAX / 2);
        assert_eq!(count(&empty), Ok(Fields { indexes: 0, entries: UNPACKED_MAX / 2 }));
        assert_eq!(unpack(&block(&empty)), Err(Alarm::FrameBad("indexes")));
        // As many indexes as entries, and still too many.
        let many = FRAME_ENTRIES_MAX + 1;
        let body = [[0x08, 0x01].repeat(many), [0x12, 0x00].repeat(many)].concat();
        assert_eq!(unpack(&block(&body)), Err(Alarm::FrameBad("indexes")));
        let larger = [0x12, 0x00].repeat(UNPACKED_MAX / 2 + 1);
        assert_eq!(unpack(&block(&larger)), Err(Alarm::FrameTooLarge { max: UNPACKED_MAX }));
    }

    #[test]
    fn a_body_that_ends_early_is_refused() {
        for body in [&[0x12, 0x05, 0x00][..], &[0x0a, 0x02, 0x01], &[0x80], &[0x0a, 0xff]] {
            assert_eq!(unpack(&block(body)), Err(Alarm::FrameBad("block body")), "{body:?}");
        }
    }
}
