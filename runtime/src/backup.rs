//! Backups: a directory of files with a manifest that names each with its size and SHA-256.
//!
//! In scope: writing one as a whole or not at all, reading and checking one, putting a file of it in its place. Out of scope:
//! what is copied into it and how it is checked beyond its bytes (each room's `backup`).
//!
//! # Order
//! A backup is made in a directory with a temporary name beside its own, 0700. Each file is 0600 and synced, the manifest comes
//! last, then the directory is synced and takes its name, and the directory around it is synced. So after a crash there is a
//! whole backup or none; what was left over has a name that begins with a dot and ends in `.partial`. Nothing that exists is
//! overwritten. A file is put in its place in the same way.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::code;
use crate::fault::Fault;

/// The manifest's name in a backup.
pub const MANIFEST: &str = "manifest.json";
/// The form of backups that this program writes and reads.
const FORMAT: u32 = 1;
/// Longest manifest that is read, bytes.
const MANIFEST_MAX: u64 = 256 * 1024;
/// Bytes that are read at once.
const CHUNK: usize = 256 * 1024;

/// What a backup says of itself. `T` is what the room adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest<T> {
    /// The form; 1.
    pub format: u32,
    /// Whose backup it is: `hub` or `node`.
    pub of: String,
    /// Version of the program that made it.
    pub program: String,
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// What the room says of the content.
    pub holds: T,
    /// The files, the manifest left out.
    pub files: Vec<FileLine>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLine {
    /// Name in the backup's directory; no path.
    pub name: String,
    /// Size, bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// A backup that is being made. Dropped before [`Draft::finish`], it leaves nothing.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    partial: PathBuf,
    files: Vec<String>,
    finished: bool,
}

impl Draft {
    /// Begins a backup that will be the directory `path`.
    ///
    /// # Errors
    /// [`code::BACKUP_EXISTS`], [`code::BACKUP_FAILED`].
    pub fn begin(path: &Path) -> Result<Self, Fault> {
        if path.symlink_metadata().is_ok() {
            return Err(Fault::new(code::BACKUP_EXISTS).with("path", path.display()));
        }
        let partial = partial(path)?;
        DirBuilder::new().mode(0o700).create(&partial).map_err(failed(&around(path)))?;
        Ok(Self { path: path.to_owned(), partial, files: Vec::new(), finished: false })
    }

    /// The place of a file, made empty and for its owner alone.
    ///
    /// # Errors
    /// [`code::BACKUP_FAILED`].
    pub fn file(&mut self, name: &str) -> Result<PathBuf, Fault> {
        let path = self.partial.join(name);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.map_err(failed(&around(&self.path)))?;
        self.files.push(name.to_owned());
        Ok(path)
    }

    /// Syncs everything, writes the manifest and gives the backup its name.
    ///
    /// # Errors
    /// [`code::BACKUP_FAILED`], [`code::BACKUP_EXISTS`].
    pub fn finish<T: Serialize>(
        mut self,
        of: &str,
        program: &str,
        made_at: String,
        holds: T,
    ) -> Result<Manifest<T>, Fault> {
        let lines = self.files.iter().map(|name| {
            let path = self.partial.join(name);
            let line = line(&path, name).map_err(failed(&around(&self.path)))?;
            File::open(&path).and_then(|file| file.sync_all()).map_err(failed(&around(&self.path)))?;
            Ok(line)
        });
        let files = lines.collect::<Result<Vec<_>, Fault>>()?;
        let (of, program) = (of.to_owned(), program.to_owned());
        let manifest = Manifest { format: FORMAT, of, program, made_at, holds, files };
        let path = self.partial.join(MANIFEST);
        let refused = failed(&around(&self.path));
        let text = serde_json::to_string_pretty(&manifest).map_err(io::Error::other).map_err(&refused)?;
        write_new(&path, text.as_bytes()).map_err(&refused)?;
        sync_dir(&self.partial)?;
        if self.path.symlink_metadata().is_ok() {
            return Err(Fault::new(code::BACKUP_EXISTS).with("path", self.path.display()));
        }
        fs::rename(&self.partial, &self.path).map_err(failed(&self.path))?;
        self.finished = true;
        sync_dir(&around(&self.path))?;
        Ok(manifest)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = fs::remove_dir_all(&self.partial)
        {
            tracing::warn!(path = %self.partial.display(), %error, "left over from a backup that failed");
        }
    }
}

/// Reads a backup's manifest and checks every file against it: all are there, none has another size or digest.
///
/// # Errors
/// [`code::BACKUP_MISSING`], [`code::BACKUP_MANIFEST_BAD`], [`code::BACKUP_OF_OTHER`], [`code::BACKUP_FILE_CHANGED`],
/// [`code::BACKUP_FAILED`].
pub fn check<T: DeserializeOwned>(path: &Path, of: &str) -> Result<Manifest<T>, Fault> {
    let manifest = read(path, of)?;
    for expected in &manifest.files {
        let file = path.join(&expected.name);
        let changed = |detail: String| {
            let fault = Fault::new(code::BACKUP_FILE_CHANGED).with("path", path.display());
            fault.with("file", &expected.name).with("detail", detail)
        };
        let found = match line(&file, &expected.name) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(changed("missing".to_owned())),
            Err(error) => return Err(failed(&file)(error)),
        };
        if found.bytes != expected.bytes {
            return Err(changed(format!("{} bytes, {} expected", found.bytes, expected.bytes)));
        }
        if found.sha256 != expected.sha256 {
            return Err(changed(format!("SHA-256 {}", found.sha256)));
        }
    }
    Ok(manifest)
}

fn read<T: DeserializeOwned>(path: &Path, of: &str) -> Result<Manifest<T>, Fault> {
    let file = path.join(MANIFEST);
    let bad =
        |detail: String| Fault::new(code::BACKUP_MANIFEST_BAD).with("path", path.display()).with("detail", detail);
    let mut text = String::new();
    match File::open(&file) {
        Ok(open) => {
            let read = open.take(MANIFEST_MAX).read_to_string(&mut text);
            read.map_err(|error| bad(error.to_string()))?;
        }
        Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) => {
            return Err(Fault::new(code::BACKUP_MISSING).with("path", path.display()));
        }
        Err(error) => return Err(failed(&file)(error)),
    }
    // Whose it is comes first: what another room says of its content cannot be understood here.
    let whole: Manifest<serde_json::Value> = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    if whole.format != FORMAT {
        return Err(bad(format!("form {}, this program knows {FORMAT}", whole.format)));
    }
    if whole.of != of {
        let fault = Fault::new(code::BACKUP_OF_OTHER).with("path", path.display());
        return Err(fault.with("found", whole.of).with("expected", of));
    }
    let manifest: Manifest<T> = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    let plain = |name: &str| !name.is_empty() && Path::new(name).file_name().is_some_and(|last| last == name);
    match manifest.files.iter().find(|file| !plain(&file.name)) {
        Some(file) => Err(bad(format!("a file name that is a path: {}", file.name))),
        None => Ok(manifest),
    }
}

/// Copies a file of a backup to where it is wanted, 0600, and syncs it. The copy has a temporary name until `settle` is done
/// with it, and then its own. What a database that was there before still had to write, beside it, must be gone, too: it would be
/// taken for the copy's own.
///
/// # Errors
/// [`code::RESTORE_TARGET_USED`] where something is there already, [`code::BACKUP_FAILED`], or the fault of `settle`.
pub async fn put<E: From<Fault>>(
    from: &Path,
    to: &Path,
    settle: impl AsyncFnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let used = || Fault::new(code::RESTORE_TARGET_USED).with("path", to.display());
    if to.symlink_metadata().is_ok() {
        return Err(used().into());
    }
    let unwritten = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| found.len() > 0);
    if let Some(left) = beside(to).into_iter().find(unwritten) {
        return Err(Fault::new(code::RESTORE_TARGET_USED).with("path", left.display()).into());
    }
    let partial = Partial(partial(to)?);
    copy(from, &partial.0).map_err(failed(&around(to)))?;
    settle(&partial.0).await?;
    File::open(&partial.0).and_then(|file| file.sync_all()).map_err(failed(&around(to)))?;
    // Unlike a renaming, a link overwrites nothing.
    let linked = fs::hard_link(&partial.0, to);
    linked.map_err(|error| if error.kind() == io::ErrorKind::AlreadyExists { used() } else { failed(to)(error) })?;
    drop(partial);
    Ok(sync_dir(&around(to))?)
}

/// Where `SQLite` keeps what a database still has to write.
fn beside(path: &Path) -> [PathBuf; 2] {
    ["-wal", "-journal"].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        name.into()
    })
}

/// A file that is removed in the end.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.0.display(), %error, "left over from a file that was put in its place");
        }
    }
}

/// Copies a file, 0600; the copy must not exist.
///
/// # Errors
/// Where the disk refuses.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut copy = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut File::open(from)?, &mut copy)?;
    copy.sync_all()
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn line(path: &Path, name: &str) -> io::Result<FileLine> {
    let (mut file, mut hasher) = (File::open(path)?, Sha256::new());
    let (mut chunk, mut bytes) = (vec![0; CHUNK], 0);
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        hasher.update(&chunk[..read]);
        bytes += read as u64;
    }
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    let digits = hasher.finalize().into_iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    Ok(FileLine { name: name.to_owned(), bytes, sha256: digits.collect() })
}

/// A name beside `path` for what is not whole.
fn partial(path: &Path) -> Result<PathBuf, Fault> {
    let name = path.file_name().ok_or_else(|| failed(path)(io::Error::other("it has no name")))?;
    let name = format!(".{}.{}.partial", name.to_string_lossy(), std::process::id());
    Ok(around(path).join(name))
}

/// The directory around a path: what is made of a backup has a name of its own there, which is gone where it fails.
#[must_use]
pub fn around(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

fn sync_dir(path: &Path) -> Result<(), Fault> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(failed(path))
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Fault + use<> {
    let path = path.to_owned();
    move |error| Fault::new(code::BACKUP_FAILED).with("path", path.display()).with("detail", error)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn made(home: &Path) -> PathBuf {
        let path = home.join("backup");
        let mut draft = Draft::begin(&path).unwrap();
        fs::write(draft.file("one.db").unwrap(), "content").unwrap();
        let manifest = draft.finish("hub", "0.1.0", "2026-01-01T00:00:00Z".to_owned(), 7_u64).unwrap();
        assert_eq!(check::<u64>(&path, "hub").unwrap(), manifest);
        path
    }

    #[test]
    fn a_backup_is_whole_for_its_owner_alone_and_never_overwritten() {
        let home = tempfile::tempdir().unwrap();
        let path = made(home.path());
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join("one.db")), mode(&path.join(MANIFEST))), (0o700, 0o600, 0o600));
        assert_eq!(Draft::begin(&path).unwrap_err().code, code::BACKUP_EXISTS);
        let digest = check::<u64>(&path, "hub").unwrap().files.remove(0).sha256;
        assert_eq!(digest, "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73");
    }

    #[test]
    fn what_is_not_finished_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let mut draft = Draft::begin(&home.path().join("backup")).unwrap();
        draft.file("one.db").unwrap();
        drop(draft);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn every_change_is_found() {
        let home = tempfile::tempdir().unwrap();
        let path = made(home.path());
        let (file, manifest) = (path.join("one.db"), path.join(MANIFEST));
        let refused = || check::<u64>(&path, "hub").unwrap_err().code;
        assert_eq!(check::<u64>(&path, "node").unwrap_err().code, code::BACKUP_OF_OTHER);
        for other in ["kontent", "content ", ""] {
            fs::write(&file, other).unwrap();
            assert_eq!(refused(), code::BACKUP_FILE_CHANGED);
        }
        fs::remove_file(&file).unwrap();
        assert_eq!(refused(), code::BACKUP_FILE_CHANGED);
        let text = fs::read_to_string(&manifest).unwrap();
        for bad in [text.replace("one.db", "../one.db"), text.replace("\"format\": 1", "\"format\": 2"), "{".to_owned()]
        {
            fs::write(&manifest, bad).unwrap();
            assert_eq!(refused(), code::BACKUP_MANIFEST_BAD);
        }
        fs::remove_file(&manifest).unwrap();
        assert_eq!(refused(), code::BACKUP_MISSING);
        fs::write(home.path().join("file"), "").unwrap();
        assert_eq!(check::<u64>(&home.path().join("file"), "hub").unwrap_err().code, code::BACKUP_MISSING);
    }

    #[tokio::test]
    async fn a_file_is_put_where_nothing_is() {
        let home = tempfile::tempdir().unwrap();
        let (from, to) = (made(home.path()).join("one.db"), home.path().join("to.db"));
        let refused = put::<Fault>(&from, &to, async |_| Err(Fault::new("NO"))).await;
        assert_eq!(refused.unwrap_err().code, "NO");
        assert!(!to.exists());
        put::<Fault>(&from, &to, async |copy| fs::write(copy, "settled").map_err(failed(copy))).await.unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "settled");
        let again = put::<Fault>(&from, &to, async |_| Ok(())).await;
        assert_eq!(again.unwrap_err().code, code::RESTORE_TARGET_USED);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2);
        // A database that was put away without what lies beside it.
        for left in ["to.db-wal", "to.db-journal"] {
            fs::rename(&to, home.path().join("away")).unwrap();
            fs::write(home.path().join(left), "of the one before").unwrap();
            let refused = put::<Fault>(&from, &to, async |_| Ok(())).await.unwrap_err();
            assert_eq!(refused.code, code::RESTORE_TARGET_USED);
            assert!(refused.args.iter().any(|(_, value)| value.ends_with(left)), "{refused:?}");
            fs::remove_file(home.path().join(left)).unwrap();
            fs::rename(home.path().join("away"), &to).unwrap();
        }
    }
}
