//! Keys and certificates on disk.
//!
//! In scope: files 0600 in directories 0700, replaced as a whole, refused when others can read them; PEM sections in them.
//! Out of scope: which keys there are and where (authority, hub, node).
//!
//! A write goes to a new file beside the old one, is synced, takes the old one's name, and the directory is synced: after a
//! crash there is the old content or the new one. An identity is one file, key and chain together, so that a renewal cannot
//! leave a key without its certificate. All calls block on the disk: in async code run them by `spawn_blocking`.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use ed25519_dalek::SigningKey;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use crate::check::Certificate;
use crate::pem;

mod error;

pub use error::StoreError;

/// Longest file that is read, bytes.
pub const FILE_MAX: u64 = 64 * 1024;

/// A private key (PKCS#8, DER). Wiped when dropped, never printed.
#[derive(Clone)]
pub struct PrivateKey(Zeroizing<Vec<u8>>);

impl PrivateKey {
    /// From PKCS#8 bytes, not looked into.
    #[must_use]
    pub const fn from_pkcs8(der: Zeroizing<Vec<u8>>) -> Self {
        Self(der)
    }
    pub(crate) fn der(&self) -> &[u8] {
        &self.0
    }
    pub(crate) fn to_rustls(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.0.to_vec()))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(redacted)")
    }
}

/// A TLS identity: a leaf certificate, its issuing CA's, and the leaf's key.
#[derive(Debug, Clone)]
pub struct TlsIdentity {
    /// Leaf first, then the issuing CA. The root is left out: peers have it.
    pub chain: Vec<CertificateDer<'static>>,
    /// The leaf's private key.
    pub key: PrivateKey,
}

impl TlsIdentity {
    /// Writes key and chain as one file, 0600, in place of what is there.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn save(&self, path: &Path) -> Result<(), StoreError> {
        replace(path, self.to_pem().as_bytes(), Mode::Secret)
    }
    /// As [`TlsIdentity::save`], refusing to overwrite.
    ///
    /// # Errors
    /// Where there is a file, or the disk refuses.
    pub fn save_new(&self, path: &Path) -> Result<(), StoreError> {
        create(path, self.to_pem().as_bytes(), Mode::Secret)
    }
    /// Reads what [`TlsIdentity::save`] wrote.
    ///
    /// # Errors
    /// Where the file is missing, exposed or holds no key with a chain.
    pub fn load(path: &Path) -> Result<Self, StoreError> {
        let text = read(path, Mode::Secret)?;
        let malformed = || StoreError::Malformed { path: path.to_owned(), what: "private key with its certificates" };
        let key = pem::private_key(&text).ok_or_else(malformed)?;
        let chain = pem::certificates(&text).ok_or_else(malformed)?;
        Ok(Self { chain, key: PrivateKey::from_pkcs8(key) })
    }

    /// From when to when the leaf holds, Unix seconds; none where it cannot be read.
    #[must_use]
    pub fn life(&self) -> Option<(u64, u64)> {
        let leaf = Certificate::read(self.chain.first()?)?;
        Some((leaf.not_before(), leaf.not_after()))
    }

    fn to_pem(&self) -> Zeroizing<String> {
        let sections: Vec<_> = std::iter::once(pem::encode("PRIVATE KEY", self.key.der()))
            .chain(self.chain.iter().map(|certificate| pem::encode("CERTIFICATE", certificate)))
            .collect();
        let mut text = Zeroizing::new(String::with_capacity(sections.iter().map(|section| section.len()).sum()));
        for section in &sections {
            text.push_str(section);
        }
        text
    }
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Its owner alone: 0600, and refused when it is found otherwise.
    Secret,
    /// Everybody: 0644.
    Public,
}

/// Makes a directory with its parents, 0700; one that exists stays as it is.
///
/// # Errors
/// Where the disk refuses.
pub fn create_dir(path: &Path) -> Result<(), StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|e| io_error(path, &e))
}

/// Writes a file as a whole, in place of what is there.
///
/// # Errors
/// Where the disk refuses; then the old file is untouched.
pub fn replace(path: &Path, content: &[u8], mode: Mode) -> Result<(), StoreError> {
    let temporary = write_temporary(path, content, mode)?;
    fs::rename(&temporary, path).map_err(|e| {
        discard(&temporary);
        io_error(path, &e)
    })?;
    sync_parent(path)
}

/// Writes a new file as a whole.
///
/// # Errors
/// [`StoreError::Exists`] where there is one; otherwise where the disk refuses.
pub fn create(path: &Path, content: &[u8], mode: Mode) -> Result<(), StoreError> {
    let temporary = write_temporary(path, content, mode)?;
    // A link, not a rename: it fails where the name is taken.
    let linked = fs::hard_link(&temporary, path);
    discard(&temporary);
    linked.map_err(|e| {
        let taken = e.kind() == io::ErrorKind::AlreadyExists;
        if taken { StoreError::Exists { path: path.to_owned() } } else { io_error(path, &e) }
    })?;
    sync_parent(path)
}

/// Removes a file; that there is none is as well.
///
/// # Errors
/// Where the disk refuses.
pub fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(|e| io_error(path, &e)).and_then(|()| sync_parent(path)),
    }
}

/// Reads a file of at most [`FILE_MAX`] bytes; the copy in memory is wiped when dropped.
///
/// # Errors
/// Where it is missing, too long, or a secret that others can read or write.
pub fn read(path: &Path, mode: Mode) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let file = File::open(path).map_err(|e| {
        let missing = e.kind() == io::ErrorKind::NotFound;
        if missing { StoreError::Missing { path: path.to_owned() } } else { io_error(path, &e) }
    })?;
    let metadata = file.metadata().map_err(|e| io_error(path, &e))?;
    let bits = metadata.permissions().mode() & 0o777;
    if mode == Mode::Secret && bits & 0o077 != 0 {
        return Err(StoreError::Exposed { path: path.to_owned(), mode: bits });
    }
    if metadata.len() > FILE_MAX {
        return Err(StoreError::TooLarge { path: path.to_owned() });
    }
    let expected = usize::try_from(metadata.len()).unwrap_or(0);
    // Sized at once: a buffer that grows leaves copies of a key behind.
    let mut content = Zeroizing::new(Vec::with_capacity(expected + 1));
    file.take(FILE_MAX).read_to_end(&mut content).map_err(|e| io_error(path, &e))?;
    Ok(content)
}

/// Writes a private key, 0600, in place of what is there.
///
/// # Errors
/// Where the disk refuses.
pub fn save_key(path: &Path, key: &PrivateKey) -> Result<(), StoreError> {
    replace(path, pem::encode("PRIVATE KEY", key.der()).as_bytes(), Mode::Secret)
}

/// Reads a private key.
///
/// # Errors
/// Where it is missing, exposed or no PKCS#8 key.
pub fn load_key(path: &Path) -> Result<PrivateKey, StoreError> {
    let text = read(path, Mode::Secret)?;
    let malformed = StoreError::Malformed { path: path.to_owned(), what: "private key (PKCS#8)" };
    pem::private_key(&text).map(PrivateKey::from_pkcs8).ok_or(malformed)
}

/// Reads the certificates of a file, in order.
///
/// # Errors
/// Where it is missing or holds none.
pub fn load_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, StoreError> {
    let text = read(path, Mode::Public)?;
    pem::certificates(&text).ok_or(StoreError::Malformed { path: path.to_owned(), what: "certificate" })
}

/// An Ed25519 key in PKCS#8 version 1 (RFC 8410, section 7): this prefix and the 32-byte seed.
const ED25519_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// An Ed25519 key as PKCS#8.
#[must_use]
pub fn ed25519_pkcs8(key: &SigningKey) -> PrivateKey {
    let mut der = Zeroizing::new(Vec::with_capacity(48));
    der.extend_from_slice(&ED25519_PREFIX);
    der.extend_from_slice(key.as_bytes());
    PrivateKey(der)
}

/// Writes an Ed25519 key (log, operator, record, witness, session), 0600, in place of what is there.
///
/// # Errors
/// Where the disk refuses.
pub fn save_ed25519(path: &Path, key: &SigningKey) -> Result<(), StoreError> {
    save_key(path, &ed25519_pkcs8(key))
}

/// As [`save_ed25519`], refusing to overwrite.
///
/// # Errors
/// Where there is a file, or the disk refuses.
pub fn create_ed25519(path: &Path, key: &SigningKey) -> Result<(), StoreError> {
    create(path, pem::encode("PRIVATE KEY", ed25519_pkcs8(key).der()).as_bytes(), Mode::Secret)
}

/// Reads what [`save_ed25519`] wrote.
///
/// # Errors
/// Where it is missing, exposed or no such key.
pub fn load_ed25519(path: &Path) -> Result<SigningKey, StoreError> {
    let key = load_key(path)?;
    let seed = key.der().strip_prefix(&ED25519_PREFIX).and_then(|seed| <&[u8; 32]>::try_from(seed).ok());
    let malformed = StoreError::Malformed { path: path.to_owned(), what: "Ed25519 private key (PKCS#8)" };
    seed.map(SigningKey::from_bytes).ok_or(malformed)
}

fn write_temporary(path: &Path, content: &[u8], mode: Mode) -> Result<PathBuf, StoreError> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let temporary = path.with_file_name(format!(".{name}.{}.{number}.new", std::process::id()));
    let bits = if mode == Mode::Secret { 0o600 } else { 0o644 };
    let open = || OpenOptions::new().write(true).create_new(true).mode(bits).open(&temporary);
    let opened = open().or_else(|e| {
        // Left behind by a process of the same number that died half-way.
        if e.kind() == io::ErrorKind::AlreadyExists {
            fs::remove_file(&temporary)?;
            return open();
        }
        Err(e)
    });
    let written = opened.and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    match written {
        Ok(()) => Ok(temporary),
        Err(e) => {
            discard(&temporary);
            Err(io_error(path, &e))
        }
    }
}

fn discard(temporary: &Path) {
    if let Err(error) = fs::remove_file(temporary)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %temporary.display(), %error, "a temporary file could not be removed");
    }
}

fn sync_parent(path: &Path) -> Result<(), StoreError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|dir| dir.sync_all()).map_err(|e| io_error(parent, &e))
}

fn io_error(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Io { path: path.to_owned(), why: error.to_string() }
}

#[cfg(test)]
mod tests;
