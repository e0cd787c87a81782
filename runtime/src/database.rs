//! What a database file says of itself, read from its first bytes.
//!
//! A store looks here before it opens a file: opening one with SQLite may already write to it (journal mode, recovery), and
//! a file that a later program wrote, or that is no database, must stay as it is. In scope: the header of SQLite's file
//! format 3 (<https://www.sqlite.org/fileformat2.html>, section 1.3). Out of scope: opening (each room's `store`), and what a
//! write-ahead log beside the file says, which each store reads once more when it has opened it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// First bytes of the format.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where the user version stands, big-endian.
const USER_VERSION: std::ops::Range<usize> = 60..64;

/// What the first bytes of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// There is no such file.
    Missing,
    /// The file has no bytes.
    Empty,
    /// The file is no SQLite database.
    Other,
    /// A database whose `user_version` was this when its first page was written last.
    Database {
        /// The version of its schema.
        version: i64,
    },
}

impl Header {
    /// Looks at a file; nothing is changed.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn of(path: &Path) -> io::Result<Self> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Missing),
            Err(error) => return Err(error),
        };
        let mut first = Vec::with_capacity(100);
        file.take(100).read_to_end(&mut first)?;
        Ok(Self::read(&first))
    }

    fn read(first: &[u8]) -> Self {
        let version = first.get(USER_VERSION).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        match version {
            _ if first.is_empty() => Self::Empty,
            Some(version) if first.starts_with(MAGIC) => Self::Database { version: i32::from_be_bytes(version).into() },
            Some(_) | None => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_their_first_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        assert_eq!(Header::of(&path).unwrap(), Header::Missing);
        let mut database = [0; 100];
        database[..16].copy_from_slice(MAGIC);
        database[63] = 7;
        let cases: [(&[u8], Header); 4] = [
            (b"", Header::Empty),
            (b"SQLite format 3\0", Header::Other),
            (&[b'x'; 200], Header::Other),
            (&database, Header::Database { version: 7 }),
        ];
        for (bytes, expected) in cases {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(Header::of(&path).unwrap(), expected);
        }
        assert!(Header::of(dir.path()).is_err(), "a directory");
    }
}
