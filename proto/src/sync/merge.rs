//! The hub's side of a frame: entries grouped by audience, packed once in two forms, put together for each reader.
//!
//! In scope: grouping, choosing the form by entitlement. Out of scope: reading entries, flow control (`hub`).

use std::sync::OnceLock;

use super::block::{Entry, pack};
use crate::directory::Directory;
use crate::id::MemberCode;
use crate::number::{LeafIndex, TreeSize};
pub use crate::view::Readers;
use crate::wire::hub as wire;

/// Entries of one audience set, packed when first needed and then shared by all readers.
#[derive(Debug)]
pub struct SharedBlock {
    readers: Readers,
    /// Control records before the block's first entry, within the segment.
    section: u64,
    entries: Vec<Entry>,
    whole: OnceLock<wire::Block>,
    stubs: OnceLock<wire::Block>,
}

impl SharedBlock {
    fn new(readers: Readers, section: u64, first: Entry) -> Self {
        Self { readers, section, entries: vec![first], whole: OnceLock::new(), stubs: OnceLock::new() }
    }
    /// The block as this reader may see it, with everything below `view` folded.
    #[must_use]
    pub fn for_reader(&self, reader: &MemberCode, directory: &Directory, view: TreeSize) -> wire::Block {
        let form = if self.readable(reader, directory, view) {
            self.whole.get_or_init(|| pack(&self.entries, true))
        } else {
            self.stubs.get_or_init(|| pack(&self.entries, false))
        };
        form.clone()
    }
    /// Whether this reader may see the contents.
    #[must_use]
    pub fn readable(&self, reader: &MemberCode, directory: &Directory, view: TreeSize) -> bool {
        let at = self.entries.first().map_or(LeafIndex(0), |entry| entry.index);
        self.readers.include(directory, reader, at, view)
    }
    /// Who may read the contents.
    #[must_use]
    pub const fn readers(&self) -> &Readers {
        &self.readers
    }
}

/// A run of entries that ends at a checkpoint.
#[derive(Debug)]
pub struct Segment {
    /// First index.
    pub first: LeafIndex,
    /// Number of entries.
    pub count: u64,
    /// Checkpoint at `first + count`, a signed note.
    pub checkpoint: String,
    /// Its blocks.
    pub blocks: Vec<SharedBlock>,
    /// Unpacked bytes of all entries, whole.
    pub bytes: usize,
}

impl Segment {
    /// Groups consecutive entries by who may read them.
    ///
    /// Groups are cut at control records (`Readers::Everyone`), because who is in a group may change there and a block is
    /// judged at its first index.
    #[must_use]
    pub fn new(entries: Vec<(Readers, Entry)>, checkpoint: String) -> Self {
        let first = entries.first().map_or(LeafIndex(0), |(_, entry)| entry.index);
        let (count, bytes) = (entries.len() as u64, entries.iter().map(|(_, entry)| entry.bytes()).sum());
        let (mut blocks, mut section): (Vec<SharedBlock>, u64) = (Vec::new(), 0);
        for (readers, entry) in entries {
            let everyone = readers == Readers::Everyone;
            section += u64::from(everyone && entry.content.is_some());
            match blocks.iter_mut().find(|block| block.readers == readers && (everyone || block.section == section)) {
                Some(block) => block.entries.push(entry),
                None => blocks.push(SharedBlock::new(readers, section, entry)),
            }
        }
        Self { first, count, checkpoint, blocks, bytes }
    }
    /// Packs every block as those read it who may: the form that is asked for in any case.
    pub fn pack(&self) {
        for block in &self.blocks {
            block.whole.get_or_init(|| pack(&block.entries, true));
        }
    }
    /// Tree size at the segment's checkpoint.
    #[must_use]
    pub const fn end(&self) -> TreeSize {
        TreeSize(self.first.0 + self.count)
    }
}

/// One frame over consecutive segments, as this reader may see them; none for no segments.
#[must_use]
pub fn frame<S: AsRef<Segment>>(
    segments: &[S],
    reader: &MemberCode,
    directory: &Directory,
    view: TreeSize,
) -> Option<wire::Frame> {
    let (first, last) = (segments.first()?.as_ref(), segments.last()?.as_ref());
    let blocks = segments.iter().flat_map(|segment| &segment.as_ref().blocks);
    Some(wire::Frame {
        first: first.first.0,
        count: last.end().0 - first.first.0,
        blocks: blocks.map(|block| block.for_reader(reader, directory, view)).collect(),
        checkpoint: last.checkpoint.clone(),
        view: view.0,
        runs: Vec::new(),
    })
}
