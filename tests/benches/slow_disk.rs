//! A disk whose every fsync takes its time, however fast the machine's own is: a shim that is preloaded into hub, nodes and reference (`slow_fsync.c`).
//!
//! In scope: compiling it, the environment that loads it, how often a process called it. Out of scope: what else a slow disk
//! does; reads and writes stay as fast as the page cache.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use multaqa_demo::process::Program;
use tempfile::TempDir;

/// A file system without a disk.
const MEMORY: &str = "/dev/shm";
const SOURCE: &str = include_str!("slow_fsync.c");

/// The compiled shim. Dropping it removes it, and the counts.
pub(crate) struct SlowDisk {
    dir: TempDir,
    /// In memory: a file that grows beside it would make each fsync of the disk itself take longer.
    counts: TempDir,
    delay: Duration,
}

impl SlowDisk {
    /// Compiles the shim with the machine's C compiler.
    pub(crate) fn compile(delay: Duration) -> Self {
        let (dir, counts) = (tempfile::tempdir().unwrap(), tempfile::tempdir_in(MEMORY).unwrap());
        let source = dir.path().join("slow_fsync.c");
        fs::write(&source, SOURCE).unwrap();
        let slow = Self { dir, counts, delay };
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"]).arg(slow.library()).arg(source);
        let done = compile.status().expect("a C compiler (cc)");
        assert!(done.success(), "cc ended with {done}");
        slow
    }

    /// Variables for a process on this disk.
    pub(crate) fn variables(&self) -> [(&'static str, OsString); 3] {
        let delay = self.delay.as_micros().to_string();
        [
            ("LD_PRELOAD", self.library().into()),
            ("SLOW_FSYNC_US", delay.into()),
            ("SLOW_FSYNC_DIR", self.counts.path().into()),
        ]
    }

    /// The same program on this disk.
    pub(crate) fn under(&self, program: Program) -> Program {
        self.variables().into_iter().fold(program, |program, (name, value)| program.with(name, value))
    }

    /// How often a process has waited for the disk so far.
    pub(crate) fn count(&self, pid: u32) -> u64 {
        fs::metadata(self.counts.path().join(pid.to_string())).map_or(0, |counter| counter.len())
    }

    fn library(&self) -> PathBuf {
        self.dir.path().join("slow_fsync.so")
    }
}
