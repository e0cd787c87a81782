//! How long to wait before the next attempt: exponential, jittered, bounded. Pure.
//!
//! Out of scope: what is worth retrying (the caller's), waiting, and randomness, which is a parameter.

use std::time::Duration;

/// Delays of a series of failed attempts. Each lies between `floor` and a ceiling that doubles up to `cap`.
#[derive(Debug, Clone)]
pub struct Backoff {
    floor: Duration,
    cap: Duration,
    failures: u32,
}

impl Default for Backoff {
    /// 0.5 s to 30 s.
    fn default() -> Self {
        Self::between(Duration::from_millis(500), Duration::from_secs(30))
    }
}

impl Backoff {
    /// Delays from `floor` to `cap`; a cap below the floor counts as the floor.
    #[must_use]
    pub fn between(floor: Duration, cap: Duration) -> Self {
        Self { floor, cap: cap.max(floor), failures: 0 }
    }

    /// The delay before the next attempt; `random` is any uniformly random number.
    pub fn next(&mut self, random: u64) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let doubled = 2_u32.saturating_pow(self.failures.min(31));
        let ceiling = self.floor.saturating_mul(doubled).min(self.cap);
        let span = u64::try_from(ceiling.saturating_sub(self.floor).as_micros()).unwrap_or(u64::MAX);
        self.floor + Duration::from_micros(random.checked_rem(span.saturating_add(1)).unwrap_or(0))
    }

    /// An attempt succeeded: the next failure starts anew.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures since the last success.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOOR: Duration = Duration::from_millis(500);

    /// The largest delay that the step can give: `random` is the span itself.
    fn largest(backoff: &Backoff, ceiling_ms: u64) -> Duration {
        backoff.clone().next((ceiling_ms - 500) * 1_000)
    }

    #[test]
    fn grows_to_the_cap_and_starts_anew_after_success() {
        let mut backoff = Backoff::default();
        for ceiling_ms in [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            assert_eq!(largest(&backoff, ceiling_ms).as_millis(), ceiling_ms.into());
            backoff.next(0);
        }
        assert_eq!(backoff.failures(), 7);
        backoff.reset();
        assert_eq!(largest(&backoff, 1_000), Duration::from_secs(1));
    }

    #[test]
    fn stays_in_bounds_for_any_random_number_and_any_number_of_failures() {
        let mut backoff = Backoff::default();
        for random in (0..10_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)) {
            let delay = backoff.next(random);
            assert!(delay >= FLOOR && delay <= Duration::from_secs(30));
        }
        let mut flat = Backoff::between(FLOOR, FLOOR);
        assert_eq!(flat.next(u64::MAX), FLOOR);
    }
}
