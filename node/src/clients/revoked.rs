//! Serials that are let in no more, in a file beside the CA.
//!
//! The journal may be put back from a backup that is older than a revocation. The CA is in no backup of the journal, so what lies
//! beside it is as new as the CA itself: whatever the journal says, a serial of this file stays outside. Each stands there until
//! its certificate would have ended. One line each: the serial, a space, the last moment in milliseconds since 1970 UTC.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use multaqa_certs::serials::Serial;
use multaqa_certs::store::{self, Mode, StoreError};

/// Longest file that is read, bytes.
const FILE_MAX: u64 = 2 * 1024 * 1024;
/// Most serials that are kept: those that end last.
const SERIALS_MAX: usize = 30_000;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Revoked {
    path: PathBuf,
    /// The last moment of each certificate.
    ends: BTreeMap<Serial, i64>,
}

impl Revoked {
    /// What the file of this directory holds; nothing where there is none.
    ///
    /// # Errors
    /// Where it cannot be read, or holds what is no such line.
    pub(super) fn load(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join("revoked");
        let mut text = String::new();
        match std::fs::File::open(&path).and_then(|file| file.take(FILE_MAX).read_to_string(&mut text)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::Io { path, why: error.to_string() });
            }
            Ok(_) | Err(_) => {}
        }
        let line = |line: &str| {
            let (serial, end) = line.split_once(' ')?;
            Some((serial.parse().ok()?, end.parse().ok()?))
        };
        match text.lines().map(line).collect() {
            Some(ends) => Ok(Self { path, ends }),
            None => Err(StoreError::Malformed { path, what: "list of revoked serials" }),
        }
    }

    pub(super) fn holds(&self, serial: &Serial) -> bool {
        self.ends.contains_key(serial)
    }

    /// Adds serials with the last moments of their certificates; it is durable when this returns. Those past theirs are dropped.
    ///
    /// # Errors
    /// Where the disk refuses; then nothing is added.
    pub(super) fn add(&mut self, gone: impl IntoIterator<Item = (Serial, i64)>, now_ms: i64) -> Result<(), StoreError> {
        let mut ends = self.ends.clone();
        ends.extend(gone);
        ends.retain(|_, end| *end > now_ms);
        while ends.len() > SERIALS_MAX {
            let first = ends.iter().min_by_key(|(_, end)| **end).map(|(serial, _)| *serial);
            first.and_then(|serial| ends.remove(&serial));
        }
        if ends == self.ends {
            return Ok(());
        }
        let mut text = String::new();
        for (serial, end) in &ends {
            // Writing to a String cannot fail.
            let _written = writeln!(text, "{serial} {end}");
        }
        store::replace(&self.path, text.as_bytes(), Mode::Public)?;
        self.ends = ends;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serial(n: u8) -> Serial {
        Serial::from_random([n; 16])
    }

    #[test]
    fn what_is_added_is_read_again_until_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        let mut revoked = Revoked::load(dir.path()).unwrap();
        revoked.add([(serial(1), 100), (serial(2), 200)], 0).unwrap();
        assert_eq!(Revoked::load(dir.path()).unwrap(), revoked);
        revoked.add([(serial(3), 300)], 150).unwrap();
        let read = Revoked::load(dir.path()).unwrap();
        assert_eq!([1, 2, 3].map(|n| read.holds(&serial(n))), [false, true, true]);
        std::fs::write(dir.path().join("revoked"), "nothing of ours\n").unwrap();
        assert_eq!(Revoked::load(dir.path()).unwrap_err().code(), "STORE_FILE_MALFORMED");
    }
}
