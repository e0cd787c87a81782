//! Writing to the index: documents, commits, merging.
//!
//! # The writer
//! Tantivy's writer has a thread that makes segments, one that keeps the list of them and one that merges. It is made when something is
//! to be written and given back at the end of each turn: an index that rests has no threads and takes no memory but what queries look at.
//!
//! # Merging
//! Tantivy merges nothing by itself here. Segments are merged when the indexer says so, one merge at a time, of so many documents at the
//! most that the pages of the files that a merge reads stay few.
//!
//! # Erasing
//! A deleted document stays in its segment until that is merged. After a withdrawal the commit says so (`unscrubbed`), the segments
//! with deleted documents are rewritten beside whatever else goes on, and the next commit takes the word back; a crash forgets nothing.
//!
//! In scope: that. Out of scope: when it is done (`indexer`).

use tantivy::index::SegmentId;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, MergePolicy as _, NoMergePolicy};
use tantivy::schema::Term;
use tantivy::{FutureResult, Index, IndexWriter, SegmentMeta, TantivyError};

use super::waiting::OnItsWay;
use super::{Covers, IndexError, Open};
use crate::replica::Object;
use crate::search::document::document;

/// Memory in which documents wait to be written, bytes: the least that tantivy takes.
const MEMORY: usize = 15_000_000;
/// Segments of a size that are merged into one.
const SEGMENTS: usize = 8;
/// Documents up to which segments are of one size.
const SMALL: u32 = 1_000;
/// Documents of a segment from which on it is not merged with others.
const LARGE: usize = 20_000;
/// Share of deleted documents from which on a segment is rewritten.
const DELETED: f32 = 0.3;

/// Tantivy's writer.
type Writer = IndexWriter<OnItsWay>;

/// A merge that is under way.
type Rewritten = FutureResult<Option<SegmentMeta>>;

impl Open {
    /// Puts objects in place of what was there of them; committed later.
    pub(in crate::search) fn put(&mut self, objects: &[Object]) -> Result<(), IndexError> {
        let writer = writer(&mut self.writer, &self.read)?;
        for object in objects {
            writer.delete_term(Term::from_field_text(self.fields.id, &object.summary.id));
            writer.add_document(self.room.take(document(&self.fields, &mut self.analysis, object)))?;
        }
        Ok(())
    }

    /// Takes an object out; committed later.
    pub(in crate::search) fn take(&mut self, id: &str) -> Result<(), IndexError> {
        writer(&mut self.writer, &self.read)?.delete_term(Term::from_field_text(self.fields.id, id));
        Ok(())
    }

    /// Makes what was put and taken durable and searchable, together with what the index covers.
    pub(in crate::search) fn commit(&mut self, covers: Covers) -> Result<(), IndexError> {
        let payload = serde_json::to_string(&covers).map_err(|error| std::io::Error::other(error.to_string()))?;
        let mut prepared = writer(&mut self.writer, &self.read)?.prepare_commit()?;
        prepared.set_payload(&payload);
        prepared.commit()?;
        self.covers = covers;
        Ok(self.reader.reload()?)
    }

    /// Segments that are to be merged, each group into one: those that hold deleted documents of withdrawn objects each alone, else some
    /// that are small.
    pub(in crate::search) fn due(&self) -> Result<Vec<Vec<SegmentId>>, IndexError> {
        let segments = self.index.searchable_segment_metas()?;
        if self.covers.unscrubbed {
            let deleted = segments.iter().filter(|segment| segment.num_deleted_docs() > 0);
            return Ok(deleted.map(|segment| vec![segment.id()]).collect());
        }
        let mut policy = LogMergePolicy::default();
        policy.set_min_num_segments(SEGMENTS);
        policy.set_min_layer_size(SMALL);
        policy.set_max_docs_before_merge(LARGE);
        policy.set_del_docs_ratio_before_merge(DELETED);
        // The smallest stand last.
        let groups = policy.compute_merge_candidates(&segments);
        let smallest = groups.last().map(|group| group.0[group.0.len().saturating_sub(SEGMENTS)..].to_vec());
        Ok(smallest.into_iter().collect())
    }

    /// Begins to merge groups of segments: futures that end when it is done.
    pub(in crate::search) fn merge(&mut self, groups: &[Vec<SegmentId>]) -> Result<Vec<Rewritten>, IndexError> {
        let writer = writer(&mut self.writer, &self.read)?;
        Ok(groups.iter().map(|group| writer.merge(group)).collect())
    }

    /// Whether none of these segments is left; their files are removed then.
    pub(in crate::search) fn are_gone(&mut self, segments: &[SegmentId]) -> Result<bool, IndexError> {
        self.reader.reload()?;
        writer(&mut self.writer, &self.read)?.garbage_collect_files().wait()?;
        Ok(self.index.searchable_segment_ids()?.iter().all(|id| !segments.contains(id)))
    }

    /// Gives the writer back. What was not committed is lost, and a merge that is under way is in vain.
    pub(in crate::search) fn rest(&mut self) {
        self.writer = None;
    }
}

/// The writer, made where there is none.
fn writer<'a>(writer: &'a mut Option<Writer>, index: &Index) -> Result<&'a mut Writer, TantivyError> {
    if let Some(there) = writer.take() {
        return Ok(writer.insert(there));
    }
    let options = IndexWriterOptions::builder()
        .memory_budget_per_thread(MEMORY)
        .num_worker_threads(1)
        .num_merge_threads(1)
        .build();
    let made: Writer = index.writer_with_options(options)?;
    made.set_merge_policy(Box::new(NoMergePolicy));
    Ok(writer.insert(made))
}

#[cfg(test)]
impl Open {
    /// Whether it holds a writer.
    pub(in crate::search) fn is_writing(&self) -> bool {
        self.writer.is_some()
    }
}
