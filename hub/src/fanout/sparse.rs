//! The past as a fast start shows it: entries that the reader may read or needs, runs between them.
//!
//! In scope: choosing them, a frame at a time. What is chosen is looked up anew for each frame, so that nothing is kept for a
//! reader but where it is. Out of scope: why these are shown, and that the reader verifies it (`proto::sync::intake::start`).

use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use multaqa_proto::id::MemberCode;
use multaqa_proto::log::state::LogState;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::block::Entry;
use multaqa_proto::sync::merge::{Segment, frame};
use multaqa_proto::sync::run::Run;
use multaqa_proto::sync::{FRAME_ENTRIES_MAX, FRAME_MAX};
use multaqa_proto::view::Readers;
use multaqa_proto::wire::hub as wire;

use super::{Fanout, FanoutError};
use crate::store::{Store, StoreError};

/// Leaves that one frame covers at most.
const LEAVES_MAX: u64 = 1 << 18;
/// Rows of one reading.
const ROWS: u64 = 4096;
/// Entries of one reading.
const READ: usize = 64;

/// What a fast start shows its reader whoever may read it; made once for each stream.
#[derive(Debug)]
pub(crate) struct Shown {
    end: TreeSize,
    /// Newest records of writers, the member's own erased ones, the last seal.
    alone: BTreeSet<u64>,
    /// Control leaves, each from the newest seal below it on, ascending.
    controls: Vec<RangeInclusive<u64>>,
}

impl Fanout {
    /// What a start from `from` to `end` shows this member in any case.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn shown(&self, member: &MemberCode, from: TreeSize, end: TreeSize) -> Result<Shown, FanoutError> {
        let store = &self.0.store;
        let mut alone = store.newest_and_erased(member, end).await?;
        alone.extend(end.0.checked_sub(1));
        Ok(Shown { end, alone, controls: store.sealed_controls(from.next_index(), end).await? })
    }
    /// The next frame of a start; none at its end.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn sparse(
        &self,
        shown: &Shown,
        reader: &MemberCode,
        from: TreeSize,
        state: &LogState,
    ) -> Result<Option<wire::Frame>, FanoutError> {
        if from >= shown.end {
            return Ok(None);
        }
        let store = &self.0.store;
        let (indexes, to) = choose(store, shown, reader, from.0, state).await?;
        let (entries, to) = read(store, &indexes, to).await?;
        let mut gaps: Vec<Range<u64>> = Vec::new();
        let mut at = from.0;
        for (_, entry) in &entries {
            gaps.push(at..entry.index.0);
            at = entry.index.0 + 1;
        }
        gaps.push(at..to);
        gaps.retain(|gap| !gap.is_empty());
        let runs = store.runs(&gaps).await?.iter().map(Run::to_wire).collect();
        let segment = Arc::new(Segment::new(entries, String::new()));
        let view = state.size();
        let framed = frame(std::slice::from_ref(&segment), reader, state.directory(), view).unwrap_or_default();
        Ok(Some(wire::Frame { first: from.0, count: to - from.0, runs, view: view.0, ..framed }))
    }
}

/// The indexes to show from `from` on, and how far they were looked for.
async fn choose(
    store: &Store,
    shown: &Shown,
    reader: &MemberCode,
    from: u64,
    state: &LogState,
) -> Result<(BTreeSet<u64>, u64), StoreError> {
    let mut to = shown.end.0.min(from + LEAVES_MAX);
    let mut chosen: BTreeSet<u64> = shown.alone.range(from..to).copied().collect();
    let later = shown.controls.iter().skip_while(|span| *span.end() < from).take_while(|span| *span.start() < to);
    for span in later {
        chosen.extend((*span.start()).max(from)..=(*span.end()).min(to - 1));
    }
    let mut at = from;
    while at < to {
        let rows = store.restricted(LeafIndex(at), LeafIndex(to), ROWS).await?;
        let whole = (rows.len() as u64) < ROWS;
        at = rows.last().map_or(to, |(index, ..)| index.0 + 1);
        let readable =
            |(index, readers): &&(LeafIndex, Readers)| readers.include(state.directory(), reader, *index, state.size());
        chosen.extend(rows.iter().filter(readable).map(|(index, _)| index.0));
        if whole {
            break;
        }
        if chosen.range(..at).count() >= FRAME_ENTRIES_MAX {
            to = at;
        }
    }
    chosen.split_off(&to);
    Ok((chosen, to))
}

type Entries = Vec<(Readers, Entry)>;

/// As many of these entries as one frame holds, and where it ends.
async fn read(store: &Store, indexes: &BTreeSet<u64>, to: u64) -> Result<(Entries, u64), StoreError> {
    let (mut entries, mut bytes) = (Vec::new(), 0);
    let indexes: Vec<LeafIndex> = indexes.iter().copied().map(LeafIndex).collect();
    for chunk in indexes.chunks(READ) {
        for stored in store.entries_at(chunk).await? {
            bytes += stored.entry.bytes();
            if !entries.is_empty() && (bytes > FRAME_MAX || entries.len() >= FRAME_ENTRIES_MAX) {
                return Ok((entries, stored.entry.index.0));
            }
            entries.push((stored.readers(), stored.entry));
        }
    }
    Ok((entries, to))
}
