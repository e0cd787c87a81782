//! Whether the files of an index hold what was written into them.
//!
//! In scope: checksums, and the numbers that no checksum covers. Out of scope: what is done about damage (`index`, `indexer`).

use std::path::{Path, PathBuf};

use tantivy::index::SegmentComponent;
use tantivy::{Index, IndexMeta, Searcher, TantivyError};

/// What every segment has.
const COMPONENTS: [SegmentComponent; 6] = [
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::Terms,
    SegmentComponent::Store,
    SegmentComponent::FastFields,
    SegmentComponent::FieldNorms,
];

/// Files of the index that are missing or whose bytes do not fit their checksums. Which files there are the segments say, not the
/// list that tantivy keeps for removing them: a damaged list would excuse what it leaves out.
pub(super) fn damaged(index: &Index, metas: &IndexMeta, dir: &Path) -> Result<Vec<PathBuf>, TantivyError> {
    let mut damaged = Vec::new();
    for segment in &metas.segments {
        let deleted = segment.has_deletes().then_some(SegmentComponent::Delete);
        for component in COMPONENTS.into_iter().chain(deleted) {
            let path = segment.relative_path(component);
            if !dir.join(&path).exists() || !index.directory().validate_checksum(&path)? {
                damaged.push(path);
            }
        }
    }
    Ok(damaged)
}

/// Whether the segments hold as many documents as is said of them where no checksum is.
pub(super) fn fits(searcher: &Searcher) -> Result<bool, TantivyError> {
    for segment in searcher.segment_readers() {
        let rows = segment.fast_fields().str("id")?.map_or(0, |column| column.num_rows());
        let alive = segment
            .alive_bitset()
            .map_or(segment.max_doc(), |alive| u32::try_from(alive.num_alive_docs()).unwrap_or(u32::MAX));
        if rows != segment.max_doc() || alive != segment.num_docs() {
            return Ok(false);
        }
    }
    Ok(true)
}
