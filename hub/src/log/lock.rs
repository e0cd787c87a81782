//! Two locks: one hub at a time, and no log that is behind what was published.
//!
//! `hub.lock` is locked through the operating system for as long as the process lives. `checkpoint.lock` holds the newest
//! published checkpoint: written to a new file and synced while the commit is stored, renamed over the old one after it and
//! before its answers. At start the tree must contain that checkpoint. A tree ahead of it is a normal crash between the two; a
//! tree behind it is a restored backup, which is refilled before anything is sequenced upon it (`refill`); a tree that
//! contradicts it is another history: no index is given either, the nodes are asked, and it is for an operator to say what is right.
//! No crash leads there: where a log goes on upon another tree than the locked one, by an operator's word, the store says so in
//! the transaction that makes it so, and the lock is not asked until it is replaced.
//!
//! Its cost is one fsync a commit, beside that of the store and not after it. The directory is not synced: after a power cut
//! the file may be an older one, which is only behind. It lies beside the store unless `checkpoint_lock` names another place: on
//! another disk it also guards against a snapshot of the whole directory that is put back.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use multaqa_proto::hash::Hash;
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::state::LogState;

use super::LogError;
use crate::point;
use crate::store::{Store, StoreError};

/// The checkpoint lock's name beside a store.
pub(crate) const CHECKPOINT_LOCK: &str = "checkpoint.lock";

/// How a log stands to the checkpoint that was published last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Locked {
    /// It contains it.
    Contained,
    /// It is behind it.
    Ahead(Checkpoint),
    /// It holds another history.
    Contradicted(LockContradicted),
    /// There is no lock.
    Missing,
}

/// A checkpoint that was published last, and that the tree does not contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LockContradicted {
    /// The checkpoint lock.
    pub(crate) path: PathBuf,
    /// What it holds.
    pub(crate) locked: Checkpoint,
    /// The tree's root at that size.
    pub(crate) found: Option<Hash>,
}

/// The held locks; dropped with the process.
#[derive(Debug, Clone)]
pub(super) struct Lock {
    path: Arc<Path>,
    _held: Arc<File>,
}

/// The place of a store, held so that no hub starts on it meanwhile.
#[derive(Debug)]
pub(crate) struct Held(#[expect(dead_code, reason = "it is held until it is dropped")] Lock);

impl Held {
    /// Takes `hub.lock` beside the store.
    ///
    /// # Errors
    /// [`LogError::AlreadyRunning`], [`LogError::LockUnusable`].
    pub(crate) fn acquire(store: &Path) -> Result<Self, LogError> {
        Lock::acquire(store, None).map(Self)
    }
}

impl Lock {
    /// Takes `hub.lock` beside the store; the checkpoint lock is at its own place, or beside the store.
    ///
    /// # Errors
    /// [`LogError::AlreadyRunning`], [`LogError::LockUnusable`].
    pub(super) fn acquire(store: &Path, checkpoint: Option<&Path>) -> Result<Self, LogError> {
        let path = store.with_file_name("hub.lock");
        let unusable = |error: io::Error| LogError::LockUnusable { path: path.clone(), detail: error.to_string() };
        let held =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(unusable)?;
        match held.try_lock() {
            Ok(()) => {
                let beside = store.with_file_name(CHECKPOINT_LOCK);
                Ok(Self { path: checkpoint.unwrap_or(&beside).into(), _held: Arc::new(held) })
            }
            Err(TryLockError::WouldBlock) => Err(LogError::AlreadyRunning { path }),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }
    /// How the log stands to the locked checkpoint.
    ///
    /// # Errors
    /// [`LogError::LockUnusable`], or where the store fails.
    pub(super) async fn check(&self, store: &Store, state: &LogState, log_key: &PublicKey) -> Result<Locked, LogError> {
        let note = match std::fs::read_to_string(&self.path) {
            Ok(note) => note,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Locked::Missing),
            Err(error) => return Err(self.unusable(&error.to_string())),
        };
        // A store from before a succession is behind a lock of the log after it.
        let locked = Checkpoint::open_from(&note, state.directory().federation(), state.log(), log_key)
            .map_err(|bad| self.unusable(&bad.to_string()))?;
        if locked.size > state.size() {
            return Ok(Locked::Ahead(locked));
        }
        Ok(self.contradicted(store, locked).await?.map_or(Locked::Contained, Locked::Contradicted))
    }
    /// What contradicts a checkpoint that was locked, within a tree that reaches as far; none where the tree contains it.
    ///
    /// # Errors
    /// Where the store fails.
    pub(super) async fn contradicted(
        &self,
        store: &Store,
        locked: Checkpoint,
    ) -> Result<Option<LockContradicted>, StoreError> {
        let found = store.root_at(locked.size).await?;
        let contradicted = LockContradicted { path: self.path.to_path_buf(), locked, found };
        Ok(Some(contradicted).filter(|it| it.found != Some(it.locked.root)))
    }
    /// The error of a lock that cannot be used.
    pub(super) fn unusable(&self, detail: &str) -> LogError {
        LogError::LockUnusable { path: self.path.to_path_buf(), detail: detail.to_owned() }
    }
    /// Makes a checkpoint ready to be put in place. Nothing is locked by it.
    ///
    /// # Errors
    /// Where the file system fails.
    pub(super) fn prepare(&self, note: &str) -> io::Result<()> {
        point::LOCK_BEGUN.pass()?;
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(self.prepared())?;
        file.write_all(note.as_bytes())?;
        point::LOCK_UNSYNCED.pass()?;
        file.sync_data()
    }
    /// Replaces the locked checkpoint by the prepared one. It waits for no disk.
    ///
    /// # Errors
    /// Where the file system fails; the old one is still there then.
    pub(super) fn replace(&self) -> io::Result<()> {
        point::LOCK_WRITTEN.pass()?;
        std::fs::rename(self.prepared(), &self.path)?;
        point::LOCK_REPLACED.pass()
    }
    fn prepared(&self) -> PathBuf {
        self.path.with_extension("lock.new")
    }
}
