//! The index on disk: opening it, what a commit of it covers.
//!
//! A commit of tantivy is one file that is renamed into place, and what the index covers (`Covers`) stands in it: so whatever crash
//! comes, the documents are those of that state. A directory that cannot be read, whose checksums do not hold, or that other rules
//! made, is removed and made anew: everything in it comes from the replica.
//!
//! In scope: that. Out of scope: whether its files hold (`check`), writing to it (`write`) and what that reads (`files`), what is indexed (`indexer`), what is found
//! (`find`). All of it blocks.

mod check;
mod files;
mod waiting;
mod write;

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tantivy::directory::{DirectoryLock, Lock};
use tantivy::{Directory as _, Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, Searcher, TantivyError};
use thiserror::Error;

use self::files::Files;
use self::waiting::{OnItsWay, Room};
use super::analysis::Analysis;
use super::fields::{Fields, RULES};
use crate::store::StoreError;

/// Blocks of texts that a segment keeps unpacked, of 16 KiB each: hits of a page stand in blocks of their own.
const BLOCKS: usize = 8;
/// Held as long as the index is open: tantivy's own lock is held while there is a writer alone.
const LOCK: &str = ".multaqa.lock";

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

/// An open index.
pub(super) struct Open {
    pub(super) fields: Fields,
    pub(super) covers: Covers,
    index: Index,
    /// The same as its writer reads it.
    read: Index,
    reader: IndexReader,
    /// There while something is written: it has threads of its own.
    writer: Option<IndexWriter<OnItsWay>>,
    room: Room,
    analysis: Analysis,
    _locked: DirectoryLock,
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
    match check::damaged(&index, &metas, dir) {
        Ok(files) if files.is_empty() => {}
        Ok(files) => return Ok(Err(format!("its checksums do not hold: {files:?}"))),
        Err(error) => return Ok(Err(error.to_string())),
    }
    match Open::new(fields, index, covers, dir).and_then(|open| Ok((check::fits(&open.searcher())?, open))) {
        Ok((true, open)) => Ok(Ok(open)),
        Ok((false, _)) => Ok(Err("its segments have other numbers of documents".to_owned())),
        // Two processes on one directory are no damage.
        Err(error @ TantivyError::LockFailure(..)) => Err(error.into()),
        Err(error) => Ok(Err(error.to_string())),
    }
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
    // Texts are packed where segments are made: a thread for it alone has memory of its own.
    let settings = IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() };
    let index = Index::builder().schema(fields.schema.clone()).settings(settings).create_in_dir(dir)?;
    let mut open = Open::new(fields, index, Covers::NOTHING, dir)?;
    open.commit(Covers::NOTHING)?;
    Ok(open)
}

impl Open {
    fn new(fields: Fields, index: Index, covers: Covers, dir: &Path) -> Result<Self, TantivyError> {
        let lock = Lock { filepath: PathBuf::from(LOCK), is_blocking: false };
        let locked = index.directory().acquire_lock(&lock).map_err(|error| TantivyError::LockFailure(error, None))?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).doc_store_cache_num_blocks(BLOCKS);
        let reader = reader.try_into()?;
        let read = Index::open(Files::open(dir)?)?;
        Ok(Self {
            fields,
            covers,
            index,
            read,
            reader,
            writer: None,
            room: Room::default(),
            analysis: Analysis::new(),
            _locked: locked,
        })
    }

    /// The index as its last commit left it.
    pub(super) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }
}
