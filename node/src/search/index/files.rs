//! Files of the index as its writer reads them: with reads, piece by piece, and not mapped.
//!
//! A merge goes once through every byte of the segments that it merges, and each commit looks into all of them for what was replaced. Mapped,
//! all these pages would be resident: while an index of 100,000 records was made, 50 MB of them. Queries map the files.
//!
//! In scope: reading. Out of scope: all else of the directory, which is tantivy's.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::directory::error::{DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes, WatchCallback, WatchHandle, WritePtr,
};
use tantivy::{Directory, HasLen, TantivyError};

/// The directory of an index.
#[derive(Debug, Clone)]
pub(super) struct Files {
    dir: PathBuf,
    rest: MmapDirectory,
}

impl Files {
    pub(super) fn open(dir: &Path) -> Result<Self, OpenDirectoryError> {
        Ok(Self { dir: dir.to_owned(), rest: MmapDirectory::open(dir)? })
    }
}

impl Directory for Files {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        match Unmapped::open(&self.dir.join(path)) {
            Ok(file) => Ok(Arc::new(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(OpenReadError::FileDoesNotExist(path.to_owned()))
            }
            Err(error) => Err(OpenReadError::IoError { io_error: Arc::new(error), filepath: path.to_owned() }),
        }
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.rest.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.rest.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.rest.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.rest.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.rest.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.rest.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.rest.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> Result<WatchHandle, TantivyError> {
        self.rest.watch(callback)
    }
}

/// An open file, which lasts though its name is removed.
#[derive(Debug)]
struct Unmapped {
    file: File,
    len: usize,
}

impl Unmapped {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        Ok(Self { file, len })
    }
}

impl HasLen for Unmapped {
    fn len(&self) -> usize {
        self.len
    }
}

impl FileHandle for Unmapped {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        let mut bytes = vec![0; range.len()];
        self.file.read_exact_at(&mut bytes, range.start as u64)?;
        Ok(OwnedBytes::new(bytes))
    }
}
