//! Two locks beside the store: one hub at a time, and no log that is behind what was published.
//!
//! `hub.lock` is locked through the operating system for as long as the process lives. `checkpoint.lock` holds the newest
//! published checkpoint: written to a new file and synced while the commit is stored, renamed over the old one after it and
//! before its answers. At start the tree must contain that checkpoint. A tree ahead of it is a normal crash between the two; a
//! tree behind it or with another root is a restored backup, and nothing is sequenced upon it.
//!
//! Its cost is one fsync a commit, beside that of the store and not after it. The directory is not synced: after a power cut
//! the file may be an older one, which is only behind. Out of scope: a lock in another failure domain, refilling a restored hub.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::state::LogState;

use super::LogError;
use crate::point;
use crate::store::Store;

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
        Lock::acquire(store).map(Self)
    }
}

impl Lock {
    /// Takes `hub.lock` beside the store.
    ///
    /// # Errors
    /// [`LogError::AlreadyRunning`], [`LogError::LockUnusable`].
    pub(super) fn acquire(store: &Path) -> Result<Self, LogError> {
        let path = store.with_file_name("hub.lock");
        let unusable = |error: io::Error| LogError::LockUnusable { path: path.clone(), detail: error.to_string() };
        let held =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(unusable)?;
        match held.try_lock() {
            Ok(()) => Ok(Self { path: store.with_file_name("checkpoint.lock").into(), _held: Arc::new(held) }),
            Err(TryLockError::WouldBlock) => Err(LogError::AlreadyRunning { path }),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }
    /// Whether the log contains the locked checkpoint.
    ///
    /// # Errors
    /// [`LogError::BehindLock`], [`LogError::LockUnusable`], or where the store fails.
    pub(super) async fn check(&self, store: &Store, state: &LogState) -> Result<(), LogError> {
        let unusable = |detail: String| LogError::LockUnusable { path: self.path.to_path_buf(), detail };
        let note = match std::fs::read_to_string(&self.path) {
            Ok(note) => note,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(unusable(error.to_string())),
        };
        let directory = state.directory();
        let locked = Checkpoint::open(&note, directory.federation(), state.log(), &directory.policy().log_key)
            .map_err(|bad| unusable(bad.to_string()))?;
        if locked.size <= state.size() && store.root_at(locked.size).await? == Some(locked.root) {
            return Ok(());
        }
        Err(LogError::BehindLock { path: self.path.to_path_buf(), locked: locked.size, found: state.size() })
    }
    /// Makes a checkpoint ready to be put in place. Nothing is locked by it.
    ///
    /// # Errors
    /// Where the file system fails.
    pub(super) fn prepare(&self, note: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(self.prepared())?;
        file.write_all(note.as_bytes())?;
        file.sync_data()
    }
    /// Replaces the locked checkpoint by the prepared one. It waits for no disk.
    ///
    /// # Errors
    /// Where the file system fails; the old one is still there then.
    pub(super) fn replace(&self) -> io::Result<()> {
        point::LOCK_WRITTEN.reach();
        std::fs::rename(self.prepared(), &self.path)?;
        point::LOCK_REPLACED.reach();
        Ok(())
    }
    fn prepared(&self) -> PathBuf {
        self.path.with_extension("lock.new")
    }
}
