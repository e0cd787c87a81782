//! A small disk of one's own: a tmpfs that a story may fill, in a namespace of its own.
//!
//! A test runs itself again within a new mount namespace (`unshare`), as an ordinary user where the kernel lets users have
//! namespaces, as root otherwise. In scope: the namespace, mounting, filling, making space. Out of scope: what programs do then.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set for the test within the namespace.
const INSIDE: &str = "SMALL_DISKS_INSIDE";

/// Runs a test again within a namespace in which it may mount; true for the run that is within it. Where the machine allows
/// no such namespace, that is said and nothing is tested.
///
/// # Panics
/// Where the run within fails, with what it printed; in CI also where there ought to be a namespace and is none.
#[must_use]
#[expect(clippy::print_stderr, reason = "a skipped check must say so")]
pub fn within(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let Some(way) = ["-Urm", "-m"].into_iter().find(|way| works(way)) else {
        assert!(std::env::var_os("CI").is_none() || !promised(), "this machine should have user namespaces");
        eprintln!("skipped: {test}: no namespace with a small disk can be made here");
        return false;
    };
    let run = Command::new("unshare")
        .arg(way)
        .arg(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success() && stdout.contains("1 passed"), "within the namespace: {stdout}\n{stderr}");
    false
}

/// Whether a tmpfs can be mounted in a namespace that is made so.
fn works(way: &str) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let mut probe = Command::new("unshare");
    probe.args([way, "mount", "-t", "tmpfs", "-o", "size=64k", "none"]).arg(dir.path());
    probe.output().is_ok_and(|output| output.status.success())
}

/// Whether the kernel says that users may have namespaces, and no filter of a container's stands before it.
fn promised() -> bool {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let allowed = read("/proc/sys/user/max_user_namespaces").trim().parse::<u64>().is_ok_and(|count| count > 0);
    let restricted = read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").trim() == "1";
    let filtered = !read("/proc/self/status").lines().any(|line| line.starts_with("Seccomp:") && line.ends_with('0'));
    allowed && !restricted && !filtered && !Path::new("/.dockerenv").exists()
}

/// A disk at a directory.
#[derive(Debug)]
pub struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// Mounts a disk of so many KiB at a directory, which is made.
    #[must_use]
    pub fn mount(at: &Path, kib: u32) -> Self {
        fs::create_dir_all(at).unwrap();
        mount(["-t".into(), "tmpfs".into(), "-o".into(), format!("size={kib}k").into(), "none".into(), at.into()]);
        Self { at: at.to_owned() }
    }

    /// Makes it larger or smaller.
    pub fn resize(&self, kib: u32) {
        self.remount(&format!("size={kib}k"));
    }

    /// Lets nobody write to it any more.
    pub fn freeze(&self) {
        self.remount("ro");
    }

    /// Lets everybody write to it again.
    pub fn thaw(&self) {
        self.remount("rw");
    }

    /// Takes what space is left, to the last page.
    pub fn fill(&self) {
        let mut file = File::options().create(true).append(true).open(self.filler()).unwrap();
        for piece in [64 * 1024, 4096, 1] {
            while file.write_all(&vec![0x5a; piece]).is_ok() {}
        }
    }

    /// Gives it back.
    pub fn make_space(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.at.join("filler")
    }

    fn remount(&self, option: &str) {
        mount(["-o".into(), format!("remount,{option}").into(), self.at.clone().into()]);
    }
}

fn mount(args: impl IntoIterator<Item = OsString>) {
    let output = Command::new("mount").args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
