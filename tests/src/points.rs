//! Fail points from the side of who breaks: where a process is to stop or a step to fail, and whether it came by.
//!
//! Out of scope: how a process stops (`runtime::point`), which points there are (`hub::point`, `node::point`).

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use multaqa_runtime::point::Point;

/// How a process is broken at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// It stops there, to be killed.
    Kill,
    /// Its step there fails, and it goes on.
    Fail,
}

/// The directory in which it is said where processes are to stop.
#[derive(Debug, Clone)]
pub struct FailPoints(PathBuf);

impl FailPoints {
    /// In this directory, which their processes find in the variable `FAIL_POINTS`.
    #[must_use]
    pub fn in_directory(directory: &Path) -> Self {
        Self(directory.to_owned())
    }

    /// The process of this id is to stop when it comes by next.
    #[must_use]
    pub fn arm(&self, point: Point, pid: u32) -> Armed {
        self.arm_how(point, Break::Kill, Some(pid))
    }

    /// Whatever process comes by first is to stop.
    #[must_use]
    pub fn arm_first(&self, point: Point) -> Armed {
        self.arm_how(point, Break::Kill, None)
    }

    /// The process of this id, or whatever process comes by first, is to stop and be killed there, or its step is to fail.
    #[must_use]
    pub fn arm_how(&self, point: Point, how: Break, pid: Option<u32>) -> Armed {
        let pid = pid.map(|pid| format!(".{pid}")).unwrap_or_default();
        let how = match how {
            Break::Kill => "",
            Break::Fail => ".fail",
        };
        self.make(format!("{}{pid}{how}", point.name()))
    }

    fn make(&self, name: String) -> Armed {
        fs::write(self.0.join(&name), "").unwrap();
        Armed { directory: self.0.clone(), name }
    }
}

/// A point at which a process is to stop, or a step to fail; given up, none is broken there any more.
#[derive(Debug)]
pub struct Armed {
    directory: PathBuf,
    name: String,
}

impl Armed {
    /// Whether the process stands there, where it does not move from, or its step failed.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        self.path(".reached").exists()
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.directory.join(format!("{}{ending}", self.name))
    }
}

impl fmt::Display for Armed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a process stands at {}", self.name)
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        // One of the two is there.
        for ending in ["", ".reached"] {
            let _missing = fs::remove_file(self.path(ending));
        }
    }
}
