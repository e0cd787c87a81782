//! The clock of one process, moved ahead of the machine's or behind it.
//!
//! Out of scope: how the process reads it (`runtime::clock`), clocks within the test's own process (`Clock::manual`).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Moves the clock of a process. Given up, the process tells the machine's time again.
#[derive(Debug)]
pub struct Steered {
    file: PathBuf,
    ahead_ms: AtomicI64,
}

impl Steered {
    /// Of the process of this id, which finds the directory in the variable `FAIL_POINTS`. It tells the machine's time so far.
    #[must_use]
    pub fn of(directory: &Path, pid: u32) -> Self {
        Self { file: directory.join(format!("clock.{pid}")), ahead_ms: AtomicI64::new(0) }
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        let by_ms = i64::try_from(by.as_millis()).unwrap();
        self.set(self.ahead_ms.load(Ordering::SeqCst) + by_ms);
    }

    /// Sets it so many milliseconds ahead of the machine's, or behind.
    pub fn set(&self, ahead_ms: i64) {
        self.ahead_ms.store(ahead_ms, Ordering::SeqCst);
        let written = self.file.with_extension("next");
        fs::write(&written, ahead_ms.to_string()).unwrap();
        // As a whole or not at all: the process may read it meanwhile.
        fs::rename(written, &self.file).unwrap();
    }
}

impl Drop for Steered {
    fn drop(&mut self) {
        let _never_set = fs::remove_file(&self.file);
    }
}
