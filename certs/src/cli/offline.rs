//! What the verbs that decide offline share: reading the file that was handed over, the genesis that decides, times.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use multaqa_proto::armour::TEXT_MAX;
use multaqa_proto::directory::Directory;
use multaqa_proto::hash::RecordId;
use multaqa_proto::log::genesis_file;

use super::Failure;
use crate::store::StoreError;

/// Largest file with a genesis, bytes.
const GENESIS_MAX: u64 = 512 * 1024;

/// The bytes of a file; of one that is larger than such files are, its beginning, which is refused as altered.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    bounded(path, TEXT_MAX as u64 + 1)
}

/// The genesis: its record id as 64 hex digits, or a file that holds these or leaf 0 (`multaqa-node backup genesis`).
pub(super) fn genesis(argument: &str) -> Result<RecordId, Failure> {
    if let Ok(id) = argument.parse() {
        return Ok(id);
    }
    let content = bounded(Path::new(argument), GENESIS_MAX)?;
    let of_text = |text: &str| text.trim().parse().ok().or_else(|| of_file(text));
    std::str::from_utf8(&content)
        .ok()
        .and_then(of_text)
        .ok_or_else(|| Failure { code: "GENESIS_UNREADABLE", args: vec![("value", argument.to_owned())] })
}

fn of_file(text: &str) -> Option<RecordId> {
    let record = genesis_file::read(text).ok()?.record.parse().ok()?;
    Directory::open(&record).ok().map(|directory| directory.genesis())
}

/// A time as RFC 3339 in UTC, to the second; a time that no calendar holds as its number of milliseconds.
pub(super) fn instant(unix_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(unix_ms)
        .map_or_else(|_| format!("{unix_ms} ms"), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn bounded(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    let failed = |error: &io::Error| {
        let path = path.to_owned();
        if error.kind() == io::ErrorKind::NotFound {
            StoreError::Missing { path }
        } else {
            StoreError::Io { path, why: error.to_string() }
        }
    };
    let mut content = Vec::new();
    let file = File::open(path).map_err(|error| failed(&error))?;
    file.take(max).read_to_end(&mut content).map_err(|error| failed(&error))?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_genesis_is_given_by_its_digits_or_by_a_file() {
        let digits = "ab".repeat(32);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("genesis");
        std::fs::write(&path, format!("{digits}\n")).unwrap();
        let path = path.display().to_string();
        assert_eq!(genesis(&digits).ok(), genesis(&path).ok());
        assert_eq!(genesis(&digits).ok().unwrap().to_string(), digits);
        std::fs::write(&path, "no genesis").unwrap();
        assert_eq!(genesis(&path).err().unwrap().code, "GENESIS_UNREADABLE");
        assert_eq!(genesis("no-such-file").err().unwrap().code, "STORE_FILE_MISSING");
    }
}
