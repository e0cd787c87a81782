//! The wall clock, as a value that is passed along: the only place that reads it.
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

#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn system_ms() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => millis(since),
        Err(before) => -millis(before.duration()),
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
