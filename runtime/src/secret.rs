//! Secrets: read from a file that only its owner may read, or from the service manager's credential directory.
//!
//! Never from the environment, flags or a configuration file: these hold a secret's place ([`SecretRef`]), which is no secret.
//! Out of scope: private keys of certificates, which the certs room's store keeps.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::code;
use crate::fault::Fault;

/// A secret of at most this many bytes is read.
pub const LIMIT: u64 = 64 * 1024;

/// Bytes that are wiped when dropped and that no formatter shows.
pub struct Secret {
    bytes: Zeroizing<Vec<u8>>,
    path: PathBuf,
}

/// Where a secret is: a path, or `credential:NAME` for a file of the credential directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum SecretRef {
    /// A file; group and others may have no permission on it.
    File(PathBuf),
    /// A name in the directory that `$CREDENTIALS_DIRECTORY` names.
    Credential(String),
}

impl SecretRef {
    /// Reads the secret; `credentials` is the value of `$CREDENTIALS_DIRECTORY`, if set.
    pub fn read(&self, credentials: Option<&Path>) -> Result<Secret, Fault> {
        match self {
            Self::File(path) => Secret::read(path, 0o077),
            Self::Credential(name) => Secret::read(&credential(name, credentials)?, 0o007),
        }
    }
}

impl From<String> for SecretRef {
    fn from(text: String) -> Self {
        match text.strip_prefix("credential:") {
            Some(name) => Self::Credential(name.to_owned()),
            None => Self::File(text.into()),
        }
    }
}

impl From<SecretRef> for String {
    fn from(place: SecretRef) -> Self {
        match place {
            SecretRef::File(path) => path.to_string_lossy().into_owned(),
            SecretRef::Credential(name) => format!("credential:{name}"),
        }
    }
}

impl Secret {
    /// The secret as it is in the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The secret as text, without the line end that editors add.
    pub fn text(&self) -> Result<&str, Fault> {
        std::str::from_utf8(&self.bytes)
            .map(|text| text.trim_end_matches(['\r', '\n']))
            .map_err(|_| Fault::new(code::SECRET_NOT_TEXT).with("path", self.path.display()))
    }

    /// The service manager keeps others out of its directory and shows its access list as group bits, so
    /// `forbidden` differs between the two places.
    fn read(path: &Path, forbidden: u32) -> Result<Self, Fault> {
        let unreadable = |error: std::io::Error| {
            Fault::new(code::SECRET_UNREADABLE).with("path", path.display()).with("detail", error)
        };
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & forbidden != 0 {
            return Err(Fault::new(code::SECRET_TOO_OPEN)
                .with("path", path.display())
                .with("mode", format!("{mode:04o}")));
        }
        // Room for all from the start: a vector that grows leaves copies behind.
        let mut bytes =
            Zeroizing::new(Vec::with_capacity(usize::try_from(metadata.len().min(LIMIT) + 1).unwrap_or(usize::MAX)));
        file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > LIMIT {
            return Err(Fault::new(code::SECRET_TOO_LARGE).with("path", path.display()).with("limit", LIMIT));
        }
        Ok(Self { bytes, path: path.to_owned() })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret(redacted, from {})", self.path.display())
    }
}

fn credential(name: &str, directory: Option<&Path>) -> Result<PathBuf, Fault> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if !plain || name.is_empty() || name.starts_with('.') {
        return Err(Fault::new(code::SECRET_BAD_NAME).with("name", name));
    }
    directory
        .map(|directory| directory.join(name))
        .ok_or_else(|| Fault::new(code::SECRET_NO_DIRECTORY).with("name", name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(directory: &Path, content: &[u8], mode: u32) -> PathBuf {
        let path = directory.join("secret");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        path
    }

    fn read(path: PathBuf) -> Result<Secret, Fault> {
        SecretRef::File(path).read(None)
    }

    #[test]
    fn reads_its_owners_file_and_shows_nothing() {
        let home = tempfile::tempdir().unwrap();
        let secret = read(file(home.path(), b"open sesame\n", 0o600)).unwrap();
        assert_eq!(secret.text().unwrap(), "open sesame");
        assert_eq!(secret.bytes(), b"open sesame\n");
        assert!(!format!("{secret:?}").contains("sesame"));
    }

    #[test]
    fn refuses_a_file_that_others_may_read() {
        let home = tempfile::tempdir().unwrap();
        for mode in [0o640, 0o604, 0o620] {
            let fault = read(file(home.path(), b"x", mode)).unwrap_err();
            assert_eq!(fault.code, code::SECRET_TOO_OPEN);
            assert_eq!(fault.arg("mode"), Some(format!("{mode:04o}").as_str()));
        }
    }

    #[test]
    fn refuses_what_is_missing_too_large_or_not_text() {
        let home = tempfile::tempdir().unwrap();
        let fault = read(home.path().join("none")).unwrap_err();
        assert_eq!(fault.code, code::SECRET_UNREADABLE);
        let fault = read(file(home.path(), &vec![b'x'; 65_537], 0o600)).unwrap_err();
        assert_eq!(fault.code, code::SECRET_TOO_LARGE);
        let secret = read(file(home.path(), &[0xff, 0xfe], 0o600)).unwrap();
        assert_eq!(secret.text().unwrap_err().code, code::SECRET_NOT_TEXT);
    }

    #[test]
    fn credentials_come_from_the_directory_and_by_plain_names_only() {
        let home = tempfile::tempdir().unwrap();
        file(home.path(), b"x", 0o440);
        let place = SecretRef::from("credential:secret".to_owned());
        assert_eq!(place.read(Some(home.path())).unwrap().bytes(), b"x");
        assert_eq!(place.read(None).unwrap_err().code, code::SECRET_NO_DIRECTORY);
        for name in ["", "..", "a/b", ".hidden"] {
            let place = SecretRef::Credential(name.to_owned());
            let fault = place.read(Some(home.path())).unwrap_err();
            assert_eq!(fault.code, code::SECRET_BAD_NAME, "{name:?}");
        }
        file(home.path(), b"x", 0o444);
        assert_eq!(place.read(Some(home.path())).unwrap_err().code, code::SECRET_TOO_OPEN);
        assert_eq!(String::from(place), "credential:secret");
    }
}
