//! Fail points: places in the code at which a test may stop a process, to kill it there.
//!
//! A room lists its points with [`points!`](crate::points) and comes by them with [`Point::reach`]. In a product that is
//! nothing at all: what looks is compiled only with the feature `fail-points`, which only the tests' crate asks for, and only
//! with debug assertions, which no release has. In scope: stopping, and breaking. Out of scope: which points there are (each
//! room's `point`), and who stops a process and kills it (`tests`).
//!
//! A point stands before a step (a write, a sync, a signature, an answer) or after it. Broken before it, the step is *lost*;
//! broken after it, it is *done but reported lost*.
//!
//! # How a thread is broken
//! A test of a room breaks its own thread with [`break_here`]: the next time that thread comes by the point, it is killed
//! there as a process is (it unwinds, and what it held is dropped), or the step there fails with an error ([`Point::pass`]).
//! Other tests, which run on other threads, are not touched.
//!
//! # How a process is broken
//! The variable `FAIL_POINTS` names a directory. Whoever wants the process PID to stop at the point NAME makes the file
//! `NAME.PID` there, or `NAME` for the first process that comes by. That process renames the file to `….reached`, which of
//! several threads only one can, and the thread stands there until the process is killed; the others go on. So a kill at a
//! point is one that was reached, never one that was hoped for. With `.fail` at the end of the name the process goes on, and the
//! step there fails with an error.

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
        broken::reach(self);
    }

    /// The process comes by here, at a step that may fail.
    ///
    /// # Errors
    /// Where a test has the step fail; never in a product.
    #[cfg(not(all(feature = "fail-points", debug_assertions)))]
    #[inline]
    pub const fn pass(self) -> std::io::Result<()> {
        Ok(())
    }

    /// The process comes by here, at a step that may fail.
    ///
    /// # Errors
    /// Where a test has the step fail; never in a product.
    #[cfg(all(feature = "fail-points", debug_assertions))]
    pub fn pass(self) -> std::io::Result<()> {
        self.reach();
        armed::pass(self)?;
        broken::pass(self)
    }
}

#[cfg(all(feature = "fail-points", debug_assertions))]
pub use broken::{Break, Broken, break_here};

/// What a step fails with that a test breaks.
#[cfg(all(feature = "fail-points", debug_assertions))]
fn broken_at(point: Point) -> std::io::Error {
    std::io::Error::other(format!("broken at {}", point.name()))
}

#[cfg(all(feature = "fail-points", debug_assertions))]
mod broken {
    use std::cell::Cell;
    use std::io;
    use std::marker::PhantomData;

    use super::Point;

    thread_local! {
        static BREAK: Cell<Option<(Point, Break, u32)>> = const { Cell::new(None) };
    }

    /// How a thread is broken at a point.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Break {
        /// It is killed: it unwinds without a word.
        Kill,
        /// The step fails with an error; the thread goes on.
        Fail,
    }

    /// A break that is asked of this thread; given up, it is asked no more.
    #[derive(Debug)]
    pub struct Broken(PhantomData<*const ()>);

    /// Breaks this thread once, when it comes by the point for the `nth` time from here on, counted from 1.
    #[must_use]
    pub fn break_here(point: Point, how: Break, nth: u32) -> Broken {
        BREAK.set(Some((point, how, nth)));
        Broken(PhantomData)
    }

    impl Broken {
        /// Whether the thread was broken.
        #[must_use]
        pub fn happened(&self) -> bool {
            BREAK.get().is_none()
        }
    }

    impl Drop for Broken {
        fn drop(&mut self) {
            BREAK.set(None);
        }
    }

    pub(super) fn reach(point: Point) {
        if takes(point, Break::Kill) {
            std::panic::resume_unwind(Box::new(point));
        }
    }

    pub(super) fn pass(point: Point) -> io::Result<()> {
        if takes(point, Break::Fail) { Err(super::broken_at(point)) } else { Ok(()) }
    }

    fn takes(point: Point, how: Break) -> bool {
        match BREAK.get() {
            Some((at, asked, nth)) if at == point && asked == how => {
                BREAK.set((nth > 1).then(|| (at, asked, nth - 1)));
                nth == 1
            }
            Some(_) | None => false,
        }
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
    use std::io;
    use std::path::{Path, PathBuf};
    use std::sync::OnceLock;

    use tokio::runtime::{Handle, RuntimeFlavor};
    use tokio::task::block_in_place;

    use super::Point;

    /// Where it is said at which points to stop; none where nobody says so.
    static DIRECTORY: OnceLock<Option<PathBuf>> = OnceLock::new();

    fn directory() -> Option<&'static Path> {
        DIRECTORY.get_or_init(|| std::env::var_os("FAIL_POINTS").map(PathBuf::from)).as_deref()
    }

    pub(super) fn reach(point: Point) {
        if !directory().is_some_and(|directory| takes(directory, point, std::process::id(), "")) {
            return;
        }
        // What else this worker was to do goes to another one: a test may ask the process for more before it is killed.
        match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
            Ok(RuntimeFlavor::MultiThread) => block_in_place(stand_still),
            Ok(_) | Err(_) => stand_still(),
        }
    }

    fn stand_still() {
        loop {
            std::thread::park();
        }
    }

    pub(super) fn pass(point: Point) -> io::Result<()> {
        let fails = directory().is_some_and(|directory| takes(directory, point, std::process::id(), ".fail"));
        if fails { Err(super::broken_at(point)) } else { Ok(()) }
    }

    /// Whether the process is to be broken here in this way. Says that it is.
    pub(super) fn takes(directory: &Path, point: Point, pid: u32, how: &str) -> bool {
        [format!("{}.{pid}{how}", point.name()), format!("{}{how}", point.name())].iter().any(|name| {
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
    fn a_thread_is_broken_once_where_and_how_it_was_asked() {
        use super::{Break, break_here};
        let broken = break_here(listed::SECOND, Break::Fail, 2);
        assert!(listed::FIRST.pass().is_ok() && listed::SECOND.pass().is_ok() && !broken.happened());
        std::thread::spawn(|| assert!(listed::SECOND.pass().is_ok())).join().unwrap();
        assert!(listed::SECOND.pass().is_err() && broken.happened() && listed::SECOND.pass().is_ok());
        let broken = break_here(listed::FIRST, Break::Kill, 1);
        assert!(std::panic::catch_unwind(|| listed::FIRST.reach()).is_err() && broken.happened());
        drop(break_here(listed::FIRST, Break::Kill, 1));
        listed::FIRST.reach();
    }

    #[cfg(all(feature = "fail-points", debug_assertions))]
    #[test]
    fn the_named_process_is_broken_once_and_says_so() {
        use super::armed::takes;
        let dir = tempfile::tempdir().unwrap();
        for how in ["", ".fail"] {
            let takes = |point, pid| takes(dir.path(), point, pid, how);
            std::fs::write(dir.path().join(format!("first.7{how}")), "").unwrap();
            assert!(!takes(listed::FIRST, 8) && !takes(listed::SECOND, 7));
            assert!(takes(listed::FIRST, 7) && !takes(listed::FIRST, 7));
            assert!(dir.path().join(format!("first.7{how}.reached")).exists());
            std::fs::write(dir.path().join(format!("first{how}")), "").unwrap();
            assert!(takes(listed::FIRST, 8));
        }
        std::fs::write(dir.path().join("first.fail"), "").unwrap();
        assert!(!takes(dir.path(), listed::FIRST, 7, ""), "one that is to fail does not stop");
    }
}
