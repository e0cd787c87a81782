//! The evidence files below a node's directory: `evidence/<UTC time>-<CODE>.mqe`, each readable by its owner alone.
//!
//! In scope: names, writing as a whole or not at all, that the same alarm does not fill the disk, listing. Out of scope: what
//! they hold (`proto::evidence`), collecting it (`sync::evidence`). Nothing here deletes a file: evidence is precious, and
//! which of it is not wanted any more is for people to say.

use std::fs;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use multaqa_certs::store::{self, Mode, StoreError};
use multaqa_proto::evidence::{EvidenceFile, Report};
use multaqa_runtime::output;

/// End of the files' names.
const SUFFIX: &str = ".mqe";
/// Most files of one code.
const SAME_MAX: usize = 4;
/// Most files.
const FILES_MAX: usize = 64;

/// The directory of the files. It is made with the first of them.
#[derive(Debug, Clone)]
pub struct Files(PathBuf);

impl Files {
    /// Below a node's directory.
    #[must_use]
    pub fn below(dir: &Path) -> Self {
        Self(dir.join("evidence"))
    }

    /// The files, oldest first; none where the directory cannot be read.
    #[must_use]
    pub fn list(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().filter_map(Result::ok);
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| named(path, SUFFIX)).collect();
        paths.sort();
        paths
    }

    /// Writes a file; its path. The newest of the same code says the same, or there are as many as there may be: that one's path.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn write(&self, report: &Report, record_key: &SigningKey) -> Result<PathBuf, StoreError> {
        let all = self.list();
        let same: Vec<&PathBuf> = all.iter().filter(|path| named(path, &format!("-{}{SUFFIX}", report.code))).collect();
        if let Some(newest) = same.last() {
            let full = same.len() >= SAME_MAX || all.len() >= FILES_MAX;
            if full || says_the_same(newest, report) {
                return Ok((*newest).clone());
            }
        } else if let (true, Some(newest)) = (all.len() >= FILES_MAX, all.last()) {
            return Ok(newest.clone());
        }
        store::create_dir(&self.0)?;
        let path = self.0.join(format!("{}-{}{SUFFIX}", instant(report.caught_at_ms), report.code));
        match store::create(&path, report.sign(record_key).as_bytes(), Mode::Secret) {
            // Within the same second: the first one stays.
            Ok(()) | Err(StoreError::Exists { .. }) => Ok(path),
            Err(error) => Err(error),
        }
    }
}

fn named(path: &Path, end: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(end))
}

/// Whether a file reports the same rule, broken in the same way by the same message.
fn says_the_same(path: &Path, report: &Report) -> bool {
    let opened = fs::read(path).ok().and_then(|text| EvidenceFile::open(&text).ok());
    opened.is_some_and(|file| file.report().args == report.args && file.report().sent == report.sent)
}

/// A time as part of a name: `20260501T100000Z`.
fn instant(unix_ms: i64) -> String {
    output::instant(unix_ms).replace(['-', ':'], "")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt as _;

    use multaqa_proto::evidence::Sent;
    use multaqa_proto::hash::Hash;
    use multaqa_proto::number::{Epoch, LogNumber};

    use super::*;

    fn report(code: &str, detail: &str, second: i64) -> Report {
        Report {
            genesis: Hash::of(b"genesis"),
            log: LogNumber(1),
            reporter: "JO/gw1".parse().unwrap(),
            epoch: Epoch(1),
            caught_at_ms: 1_777_629_600_000 + second * 1000,
            code: code.to_owned(),
            args: BTreeMap::from([("detail".to_owned(), detail.to_owned())]),
            held: None,
            sent: Sent::Checkpoints { notes: Vec::new(), prefix: None },
        }
    }

    #[test]
    fn the_same_alarm_does_not_fill_the_disk_and_another_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let (files, key) = (Files::below(dir.path()), SigningKey::from_bytes(&[7; 32]));
        let first = files.write(&report("LOG_GAP", "a", 0), &key).unwrap();
        assert_eq!(first.file_name().unwrap(), "20260501T100000Z-LOG_GAP.mqe");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&first), mode(first.parent().unwrap())), (0o600, 0o700));
        EvidenceFile::open(&fs::read(&first).unwrap()).unwrap();
        for second in 1..5 {
            assert_eq!(files.write(&report("LOG_GAP", "a", second), &key).unwrap(), first);
        }
        for second in 5..100 {
            files.write(&report("LOG_GAP", &format!("other {second}"), second), &key).unwrap();
        }
        assert_eq!(files.list().len(), SAME_MAX);
        files.write(&report("SEAL_WRONG", "a", 100), &key).unwrap();
        assert_eq!(files.list().len(), SAME_MAX + 1);
        for number in 0..100 {
            files.write(&report(&format!("CODE_{number}"), "a", 200), &key).unwrap();
        }
        assert_eq!(files.list().len(), FILES_MAX);
        assert!(files.list().contains(&first));
    }
}
