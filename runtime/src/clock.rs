//! The wall clock, as a value that is passed along: the only place that reads it.
//!
//! A test may have one process tell another time than the machine: as with [`crate::point`], only with the feature `fail-points`
//! and debug assertions. The file `clock.PID` in the directory that `FAIL_POINTS` names holds how many milliseconds the clock of
//! the process PID is ahead of the machine's; where there is none it tells the machine's time.
//!
//! Out of scope: deadlines and intervals, which are `tokio::time`'s; rendering of times ([`crate::output`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells the time in Unix milliseconds. Clones tell the same time.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

/// Moves a manual [`Clock`].
#[derive(Debug, Clone)]
pub struct Hand(Arc<AtomicI64>);

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start_ms` until its hand is moved.
    #[must_use]
    pub fn manual(start_ms: i64) -> (Self, Hand) {
        let time = Arc::new(AtomicI64::new(start_ms));
        (Self(Source::Manual(Arc::clone(&time))), Hand(time))
    }

    /// Milliseconds since the Unix epoch; negative before it, never out of range.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System => system_ms(),
            Source::Manual(time) => time.load(Ordering::SeqCst),
        }
    }

    /// The same clock in Unix seconds, as TLS wants it; 0 before the epoch.
    #[must_use]
    pub fn in_seconds(&self) -> Arc<dyn Fn() -> u64 + Send + Sync> {
        let clock = self.clone();
        Arc::new(move || u64::try_from(clock.now_ms() / 1_000).unwrap_or(0))
    }
}

impl Hand {
    /// Moves the clock forward; parts of a millisecond are dropped.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(millis(by), Ordering::SeqCst);
    }

    /// Sets the clock, also backwards.
    pub fn set(&self, now_ms: i64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }
}

fn system_ms() -> i64 {
    machine_ms().saturating_add(steered::ahead_ms())
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn machine_ms() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => millis(since),
        Err(before) => -millis(before.duration()),
    }
}

#[cfg(not(all(feature = "fail-points", debug_assertions)))]
mod steered {
    #[inline]
    pub(super) const fn ahead_ms() -> i64 {
        0
    }
}

#[cfg(all(feature = "fail-points", debug_assertions))]
mod steered {
    use std::path::PathBuf;
    use std::sync::OnceLock;

    /// The file that says how far this process's clock is ahead; none where nobody may say so.
    static FILE: OnceLock<Option<PathBuf>> = OnceLock::new();

    pub(super) fn ahead_ms() -> i64 {
        let file = FILE.get_or_init(|| {
            let directory = std::env::var_os("FAIL_POINTS").map(PathBuf::from);
            directory.map(|directory| directory.join(format!("clock.{}", std::process::id())))
        });
        let said = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
        said.and_then(|ahead| ahead.trim().parse().ok()).unwrap_or(0)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_clock_moves_only_by_its_hand() {
        let (clock, hand) = Clock::manual(1_000);
        let other = clock.clone();
        hand.advance(Duration::from_millis(500));
        assert_eq!((clock.now_ms(), other.now_ms()), (1_500, 1_500));
        let seconds = clock.in_seconds();
        assert_eq!(seconds(), 1);
        hand.set(-7);
        assert_eq!((clock.now_ms(), seconds()), (-7, 0));
    }

    #[test]
    fn system_clock_is_in_milliseconds() {
        let now = Clock::system().now_ms();
        // 2024-01-01 and 2100-01-01: a unit mistaken by a thousand falls outside.
        assert!((1_704_067_200_000..4_102_444_800_000).contains(&now));
    }
}
