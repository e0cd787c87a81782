//! Fail points: places in the code at which a test may stop a process, to kill it there.
//!
//! A room lists its points with [`points!`](crate::points) and comes by them with [`Point::reach`]. In a product that is
//! nothing at all: what looks is compiled only with the feature `fail-points`, which only the tests' crate asks for, and only
//! with debug assertions, which no release has. In scope: stopping. Out of scope: which points there are (each room's
//! `point`), and who stops a process and kills it (`tests`).
//!
//! # How a process is stopped
//! The variable `FAIL_POINTS` names a directory. Whoever wants the process PID to stop at the point NAME makes the file
//! `NAME.PID` there, or `NAME` for the first process that comes by. That process renames the file to `….reached`, which of
//! several threads only one can, and the thread stands there until the process is killed; the others go on. So a kill at a
//! point is one that was reached, never one that was hoped for. Other ways to break are other endings of the file's name.

/// A place in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Point(&'static str);

impl Point {
    /// A point of this name, which is a file's name too.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// The process comes by here.
    #[cfg(not(all(feature = "fail-points", debug_assertions)))]
    #[inline]
    pub const fn reach(self) {}

    /// The process comes by here. Does not return where a test stops it.
    #[cfg(all(feature = "fail-points", debug_assertions))]
    pub fn reach(self) {
        armed::reach(self);
    }
}

/// Lists the points of a room: a constant for each, and `ALL` of them.
#[macro_export]
macro_rules! points {
    ($($(#[$doc:meta])+ $point:ident = $name:literal,)+) => {
        $($(#[$doc])+ pub const $point: $crate::point::Point = $crate::point::Point::new($name);)+

        /// All points of this room.
        pub const ALL: &[$crate::point::Point] = &[$($point),+];
    };
}

#[cfg(all(feature = "fail-points", debug_assertions))]
mod armed {
    use std::path::{Path, PathBuf};
    use std::sync::OnceLock;

    use super::Point;

    /// Where it is said at which points to stop; none where nobody says so.
    static DIRECTORY: OnceLock<Option<PathBuf>> = OnceLock::new();

    pub(super) fn reach(point: Point) {
        let directory = DIRECTORY.get_or_init(|| std::env::var_os("FAIL_POINTS").map(PathBuf::from));
        if directory.as_ref().is_some_and(|directory| stops(directory, point, std::process::id())) {
            loop {
                std::thread::park();
            }
        }
    }

    /// Whether the process is to stop here. Says that it does.
    pub(super) fn stops(directory: &Path, point: Point, pid: u32) -> bool {
        [format!("{}.{pid}", point.name()), point.name().to_owned()].iter().any(|name| {
            let reached = directory.join(format!("{name}.reached"));
            std::fs::rename(directory.join(name), reached).is_ok()
        })
    }
}

#[cfg(test)]
mod tests {
    #[expect(unreachable_pub, reason = "a room's list is public")]
    mod listed {
        crate::points! {
            /// The first.
            FIRST = "first",
            /// The second.
            SECOND = "second",
        }
    }

    #[test]
    fn a_list_holds_every_point_and_unless_a_test_says_so_none_stops() {
        assert_eq!(listed::ALL, [listed::FIRST, listed::SECOND]);
        assert_eq!(listed::SECOND.name(), "second");
        for point in listed::ALL {
            point.reach();
        }
    }

    #[cfg(all(feature = "fail-points", debug_assertions))]
    #[test]
    fn the_named_process_stops_once_and_says_so() {
        use super::armed::stops;
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("first.7"), "").unwrap();
        assert!(!stops(dir.path(), listed::FIRST, 8) && !stops(dir.path(), listed::SECOND, 7));
        assert!(stops(dir.path(), listed::FIRST, 7) && !stops(dir.path(), listed::FIRST, 7));
        assert!(dir.path().join("first.7.reached").exists());
        std::fs::write(dir.path().join("first"), "").unwrap();
        assert!(stops(dir.path(), listed::FIRST, 8) && dir.path().join("first.reached").exists());
    }
}
