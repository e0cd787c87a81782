//! The index on disk: opening it, checking it, writing to it, committing with what it covers.
//!
//! A commit of tantivy is one file that is renamed into place, and what the index covers (`Covers`) stands in it: so whatever crash
//! comes, the documents are those of that state. A directory that cannot be read, whose checksums do not hold, or that other rules
//! made, is removed and made anew: everything in it comes from the replica.
//!
//! # Erasing
//! A deleted document stays in its segment until that is merged. After a withdrawal the commit says so (`unscrubbed`), the segments
//! with deleted documents are rewritten beside whatever else goes on, and the next commit takes the word back; a crash forgets nothing.
//!
//! In scope: that. Out of scope: what is indexed (`indexer`), what is found (`find`). All of it blocks.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tantivy::index::{SegmentComponent, SegmentId};
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::schema::Term;
use tantivy::{
    FutureResult, Index, IndexMeta, IndexReader, IndexWriter, ReloadPolicy, Searcher, SegmentMeta, TantivyError,
};
use thiserror::Error;

use super::analysis::Analysis;
use super::document::document;
use super::fields::{Fields, RULES};
use crate::replica::Object;
use crate::store::StoreError;

/// Memory in which documents wait to be written, bytes: the least that tantivy takes.
const MEMORY: usize = 15_000_000;
/// Segments of a size that are merged into one.
const SEGMENTS: usize = 8;
/// Share of deleted documents from which on a segment is rewritten.
const DELETED: f32 = 0.3;

/// What an index holds, in its commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Covers {
    /// By which rules its documents were made.
    pub(super) rules: u32,
    /// Number of the log.
    pub(super) log: u64,
    /// Entries of the replica.
    pub(super) size: u64,
    /// How far the replica's fill was; an index that is not complete has none.
    pub(super) fill: Option<String>,
    /// Whether documents of withdrawn objects may be left in the files.
    pub(super) unscrubbed: bool,
}

/// Why the index cannot be kept up.
#[derive(Debug, Error)]
pub(crate) enum IndexError {
    /// The replica cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index cannot be read or written.
    #[error("{0}")]
    Index(#[from] TantivyError),
    /// A directory cannot be made or removed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It broke off in the middle.
    #[error("the indexer broke off")]
    Broken,
}

/// A segment that is being rewritten.
pub(super) type Rewritten = FutureResult<Option<SegmentMeta>>;

/// An open index.
pub(super) struct Open {
    pub(super) fields: Fields,
    index: Index,
    writer: IndexWriter,
    reader: IndexReader,
    analysis: Analysis,
    pub(super) covers: Covers,
}

impl Covers {
    pub(super) const NOTHING: Self = Self { rules: RULES, log: 0, size: 0, fill: None, unscrubbed: false };
}

/// Opens what is in the directory; none where there is nothing that holds, and why. Nothing is changed.
pub(super) fn open(dir: &Path) -> Result<Result<Open, String>, IndexError> {
    if !dir.join("meta.json").exists() || !dir.join(".managed.json").exists() {
        return Ok(Err("there is none".to_owned()));
    }
    let fields = Fields::new();
    let index = match Index::open_in_dir(dir) {
        Ok(index) => index,
        Err(error) => return Ok(Err(error.to_string())),
    };
    if index.schema() != fields.schema {
        return Ok(Err("it has other fields".to_owned()));
    }
    let metas = match index.load_metas() {
        Ok(metas) => metas,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let covers = metas.payload.as_deref().and_then(|payload| serde_json::from_str::<Covers>(payload).ok());
    let Some(covers) = covers.filter(|covers| covers.rules == RULES) else {
        return Ok(Err("it was made by other rules".to_owned()));
    };
    match damaged(&index, &metas, dir) {
        Ok(files) if files.is_empty() => {}
        Ok(files) => return Ok(Err(format!("its checksums do not hold: {files:?}"))),
        Err(error) => return Ok(Err(error.to_string())),
    }
    match Open::new(fields, index, covers).and_then(|open| Ok((fits(&open.searcher())?, open))) {
        Ok((true, open)) => Ok(Ok(open)),
        Ok((false, _)) => Ok(Err("its segments have other numbers of documents".to_owned())),
        // Two processes on one directory are no damage.
        Err(error @ TantivyError::LockFailure(..)) => Err(error.into()),
        Err(error) => Ok(Err(error.to_string())),
    }
}

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
fn damaged(index: &Index, metas: &IndexMeta, dir: &Path) -> Result<Vec<PathBuf>, TantivyError> {
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
fn fits(searcher: &Searcher) -> Result<bool, TantivyError> {
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

/// Removes what is in the directory.
pub(super) fn remove(dir: &Path) -> Result<(), IndexError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes an empty index: a directory that only the node's user may open, since it holds what is not public.
pub(super) fn create(dir: &Path) -> Result<Open, IndexError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let fields = Fields::new();
    let index = Index::create_in_dir(dir, fields.schema.clone())?;
    let mut open = Open::new(fields, index, Covers::NOTHING)?;
    open.commit(Covers::NOTHING)?;
    Ok(open)
}

impl Open {
    fn new(fields: Fields, index: Index, covers: Covers) -> Result<Self, TantivyError> {
        let options = IndexWriterOptions::builder()
            .memory_budget_per_thread(MEMORY)
            .num_worker_threads(1)
            .num_merge_threads(1)
            .build();
        let writer: IndexWriter = index.writer_with_options(options)?;
        let mut merging = LogMergePolicy::default();
        merging.set_min_num_segments(SEGMENTS);
        merging.set_del_docs_ratio_before_merge(DELETED);
        writer.set_merge_policy(Box::new(merging));
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { fields, index, writer, reader, analysis: Analysis::new(), covers })
    }

    /// The index as its last commit left it.
    pub(super) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// Puts objects in place of what was there of them; committed later.
    pub(super) fn put(&mut self, objects: &[Object]) -> Result<(), IndexError> {
        for object in objects {
            self.take(&object.summary.id);
            self.writer.add_document(document(&self.fields, &mut self.analysis, object))?;
        }
        Ok(())
    }

    /// Takes an object out; committed later.
    pub(super) fn take(&self, id: &str) {
        self.writer.delete_term(Term::from_field_text(self.fields.id, id));
    }

    /// Makes what was put and taken durable and searchable, together with what the index covers.
    pub(super) fn commit(&mut self, covers: Covers) -> Result<Searcher, IndexError> {
        let payload = serde_json::to_string(&covers).map_err(|error| std::io::Error::other(error.to_string()))?;
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&payload);
        prepared.commit()?;
        self.covers = covers;
        self.reader.reload()?;
        Ok(self.searcher())
    }

    /// Begins to rewrite the segments that hold deleted documents: which they are, and futures that end when they are rewritten.
    pub(super) fn scrub(&mut self) -> Result<(Vec<SegmentId>, Vec<Rewritten>), IndexError> {
        let segments = self.index.searchable_segment_metas()?;
        let deleted: Vec<_> =
            segments.iter().filter(|segment| segment.num_deleted_docs() > 0).map(SegmentMeta::id).collect();
        let rewritten = deleted.iter().map(|id| self.writer.merge(&[*id])).collect();
        Ok((deleted, rewritten))
    }

    /// Whether none of these segments is left; their files are removed then.
    pub(super) fn are_gone(&mut self, segments: &[SegmentId]) -> Result<bool, IndexError> {
        self.reader.reload()?;
        self.writer.garbage_collect_files().wait()?;
        Ok(self.index.searchable_segment_ids()?.iter().all(|id| !segments.contains(id)))
    }
}
