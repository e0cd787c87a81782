//! A marker looked for in every file below a directory, byte by byte, whatever the file is: databases, write-ahead logs,
//! journals, logs of processes.

use std::fs;
use std::path::{Path, PathBuf};

/// The files below a directory that hold the marker; sockets and what vanishes meanwhile are passed over.
#[must_use]
pub fn holding(directory: &Path, marker: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(kind) if kind.is_file() && holds(&fs::read(&path).unwrap_or_default(), marker) => found.push(path),
                Ok(_) | Err(_) => {}
            }
        }
    }
    found.sort();
    found
}

/// Whether bytes hold the marker.
#[must_use]
pub fn holds(bytes: &[u8], marker: &str) -> bool {
    let Some(first) = marker.as_bytes().first() else { return false };
    let starts = bytes.iter().enumerate().filter(|(_, byte)| *byte == first);
    starts.map(|(at, _)| &bytes[at..]).any(|rest| rest.starts_with(marker.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_found_at_any_depth_and_only_where_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("with"), b"\x00\xffMARKER\x00").unwrap();
        fs::write(dir.path().join("without"), b"MARKEMARKE").unwrap();
        assert_eq!(holding(dir.path(), "MARKER"), [deep.join("with")]);
        assert!(!holds(b"MARKER", "") && holds(b"MMARKER", "MARKER"));
    }
}
