//! Contents that a reader may read later than their entries came, a bounded page at a time.
//!
//! A reader that holds the entries in runs asks for inclusion paths too. What their paths share is read and computed once for a
//! page, which spans few blocks of 256 leaves then: a page comes soon, whatever it holds, and a reader that is cut off goes on
//! behind the last one. In scope: choosing the entries, their paths. Out of scope: the stream (`service::catchup`), what the
//! reader makes of it (`proto::sync::intake::opening`).

use std::collections::BTreeSet;

use multaqa_proto::hash::Hash;
use multaqa_proto::id::MemberCode;
use multaqa_proto::log::leaf::LEAF_MAX;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::subtree::{Plan, STEP};
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::batch::SIGNATURE_MAX;
use multaqa_proto::record::content::CONTENT_MAX;
use multaqa_proto::sync::UNPACKED_MAX;
use multaqa_proto::sync::block::Entry;
use multaqa_proto::view::Readers;

use super::{Fanout, FanoutError};
use crate::store::{Store, StoreError};

/// Rows that one page looks at.
const ROWS: u64 = 4096;
/// Entries that are read at once; of the largest, with a page that is almost full, 1.5 MiB.
const READ: usize = 4;
/// Bytes of entries after which a page is full; it may hold one read more.
const BYTES: usize = 512 * 1024;
// A full page, and one more read of the largest entries with what their fields cost, is what a node takes.
const _: () = assert!(BYTES + READ * (LEAF_MAX + SIGNATURE_MAX + CONTENT_MAX + 32) <= UNPACKED_MAX);
/// Blocks of 256 leaves that the entries of a page with paths lie in at most: their leaves are all read, 16,384.
const BLOCKS: usize = 64;

/// A page of contents that became readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FillPage {
    /// Whole entries, ascending.
    pub entries: Vec<Entry>,
    /// The inclusion path of each entry, where paths were asked for; empty of one that is not below their size.
    pub paths: Vec<Vec<Hash>>,
    /// Every index below this one has been looked at: the next page begins here.
    pub through: LeafIndex,
}

impl Fanout {
    /// One bounded page of the entries in `from..to` that `reader` may read at the state's size, and might not at `since`; with
    /// their inclusion paths in the tree of the size `paths_at`, where that is given.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn fill(
        &self,
        reader: &MemberCode,
        (from, to): (LeafIndex, LeafIndex),
        since: TreeSize,
        paths_at: Option<TreeSize>,
        state: &LogState,
    ) -> Result<FillPage, FanoutError> {
        let store = &self.0.store;
        let to = to.min(state.size().next_index());
        let rows = store.restricted(from, to, ROWS).await?;
        let mut through = to.max(from);
        if let (Some((last, _)), true) = (rows.last(), rows.len() as u64 == ROWS) {
            through = last.size().next_index();
        }
        let opened = |(index, readers): &(LeafIndex, Readers)| {
            let at = |view| readers.include(state.directory(), reader, *index, view);
            !at(since) && at(state.size())
        };
        let mut opened: Vec<LeafIndex> = rows.into_iter().filter(opened).map(|(index, _)| index).collect();
        if let Some(next) = paths_at.and_then(|_| beyond(&opened)) {
            through = opened[next];
            opened.truncate(next);
        }
        let (mut entries, mut bytes) = (Vec::new(), 0);
        for indexes in opened.chunks(READ) {
            // A content that was erased since its row was looked at stays a stub.
            let found = store.entries_at(indexes).await?.into_iter().map(|stored| stored.entry);
            for entry in found.filter(|entry| entry.content.is_some()) {
                bytes += entry.bytes();
                entries.push(entry);
            }
            if let (true, Some(last)) = (bytes >= BYTES, indexes.last()) {
                through = last.size().next_index();
                break;
            }
        }
        let paths = match paths_at {
            Some(size) => paths(store, &entries, size).await?,
            None => Vec::new(),
        };
        Ok(FillPage { entries, paths, through })
    }
}

/// The place of the first of these leaves that lies beyond the blocks of one page; none where all lie within.
fn beyond(leaves: &[LeafIndex]) -> Option<usize> {
    let mut blocks = BTreeSet::new();
    leaves.iter().position(|leaf| {
        blocks.insert(leaf.0 >> STEP);
        blocks.len() > BLOCKS
    })
}

/// Of each entry, its path in the tree of this size.
async fn paths(store: &Store, entries: &[Entry], size: TreeSize) -> Result<Vec<Vec<Hash>>, StoreError> {
    // Above that size the reader has the leaf.
    let plans: Vec<Plan> = entries.iter().map_while(|entry| Plan::inclusion(entry.index, size)).collect();
    let mut paths = store.prove_all(&plans).await?;
    paths.resize(entries.len(), Vec::new());
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_paths_ends_after_so_many_blocks_however_the_leaves_lie() {
        let every = |step: usize| (0..20_000).step_by(step).map(LeafIndex).collect::<Vec<_>>();
        assert_eq!(beyond(&every(256)), Some(BLOCKS));
        assert_eq!(beyond(&every(512)), None);
        assert_eq!(beyond(&every(1)), Some(BLOCKS * 256));
        assert_eq!(beyond(&[]), None);
    }
}
