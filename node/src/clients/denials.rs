//! What a system was refused for want of a scope, since the process began: told in the log without letting one system fill it.
//!
//! Of each scope that it lacks the first refusal is told at once, and any more as a count, once a minute at most; all are counted, so
//! that `client show` says how many there were and when the last one was. Kept in memory: one entry for each scope that there is. Out of
//! scope: what is refused (`authorise`), what the refused are told (`api::caller`).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long refusals of one sort are counted before they are told, milliseconds.
const TELL_EVERY_MS: i64 = 60_000;

/// Refusals of one system.
#[derive(Debug, Default)]
pub(crate) struct Denials(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    in_all: InAll,
    by_rule: BTreeMap<String, Untold>,
}

/// How many there were, and when the last one was, milliseconds since 1970 UTC; 0 where there was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct InAll {
    pub(crate) times: u64,
    pub(crate) last_ms: i64,
}

/// Refusals that the log does not say yet.
#[derive(Debug)]
struct Untold {
    times: u64,
    told_ms: i64,
}

impl Untold {
    /// How many are to be told; none before a minute is over, or where there are none.
    fn due(&mut self, now_ms: i64) -> Option<u64> {
        // A clock that was set back lets nothing wait for it.
        let waited = now_ms < self.told_ms || now_ms - self.told_ms >= TELL_EVERY_MS;
        (waited && self.times > 0).then(|| {
            self.told_ms = now_ms;
            std::mem::take(&mut self.times)
        })
    }
}

impl Denials {
    /// Counts a refusal for want of this scope; how many the log is to say.
    pub(crate) fn count(&self, rule: &str, now_ms: i64) -> Option<u64> {
        let mut counted = self.lock();
        counted.in_all.times += 1;
        counted.in_all.last_ms = now_ms;
        if let Some(untold) = counted.by_rule.get_mut(rule) {
            untold.times += 1;
            return untold.due(now_ms);
        }
        counted.by_rule.insert(rule.to_owned(), Untold { times: 0, told_ms: now_ms });
        Some(1)
    }

    /// What was counted and not told for a minute, by the scope that lacks.
    pub(crate) fn due(&self, now_ms: i64) -> Vec<(String, u64)> {
        let mut counted = self.lock();
        let due = counted.by_rule.iter_mut().filter_map(|(rule, untold)| Some((rule.clone(), untold.due(now_ms)?)));
        due.collect()
    }

    /// All of them.
    pub(crate) fn in_all(&self) -> InAll {
        self.lock().in_all
    }

    /// No step under the lock can panic half-way.
    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_and_the_rest_counted_a_minute_long() {
        let denials = Denials::default();
        assert_eq!(denials.count("read:service", 1_000), Some(1));
        for at in 0..10_000 {
            assert_eq!(denials.count("read:service", 1_001 + at), None);
        }
        assert_eq!(denials.count("publish:service", 11_001), Some(1), "another scope is another thing");
        assert_eq!(denials.due(60_999), []);
        assert_eq!(denials.due(61_000), [("read:service".to_owned(), 10_000)]);
        assert_eq!(denials.due(200_000), [], "nothing is told twice");
        assert_eq!(denials.count("read:service", 200_001), Some(1));
        assert_eq!(denials.in_all(), InAll { times: 10_003, last_ms: 200_001 });
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nothing_up() {
        let denials = Denials::default();
        assert_eq!(denials.count("read:*", 1_000_000), Some(1));
        assert_eq!(denials.count("read:*", 1_000_001), None);
        assert_eq!(denials.count("read:*", 5), Some(2));
    }
}
