//! Past segments, read from the immutable rows and merged at commits.

use multaqa_proto::number::TreeSize;
use multaqa_proto::sync::merge::Segment;

use crate::store::{Batch, Store, StoreError};

/// Most entries of a merged segment.
const ENTRIES_MAX: u64 = 1024;
/// Bytes of entries after which a merged segment ends.
const BYTES_MAX: u64 = 512 * 1024;
/// Commits that are looked at for one segment.
const COMMITS_MAX: u64 = 256;

/// The segment that begins at this index; none at the head. Within a commit, where only the cursor of a reader can lie that came
/// from before the log was refilled, it is the rest of that commit.
pub(super) async fn read(store: &Store, from: TreeSize) -> Result<Option<Segment>, StoreError> {
    let mut batches = store.batches(from, COMMITS_MAX).await?;
    if batches.first().is_none_or(|batch| batch.first != from) {
        match store.batch_around(from).await? {
            Some(around) if around.size > from => batches = vec![around],
            Some(_) | None => return Ok(None),
        }
    }
    let Some(last) = merged(&batches) else { return Ok(None) };
    let entries = store.entries(from.next_index(), last.size.next_index()).await?;
    let entries = entries.into_iter().map(|stored| (stored.readers(), stored.entry)).collect();
    Ok(Some(Segment::new(entries, last.checkpoint.clone())))
}

/// The last commit that still fits; the first one always does.
fn merged(batches: &[Batch]) -> Option<&Batch> {
    let first = batches.first()?;
    let mut bytes = 0;
    let mut fitting = batches.iter().take_while(|batch| {
        bytes += batch.bytes;
        batch.size.0 - first.first.0 <= ENTRIES_MAX && bytes <= BYTES_MAX
    });
    Some(fitting.by_ref().last().unwrap_or(first))
}
