//! Waiting for a condition: the one place of demo and tests that pauses.

use std::thread;
use std::time::Duration;

use tokio::time::Instant;

use crate::failure::Failure;

/// Until when what is waited for must be there: whatever ends by itself, starts, drains or settles. It only ends a run that hangs, so
/// that it is far longer than a machine takes that does twenty other things; where all is well nothing waits for it.
pub const DEADLINE: Duration = Duration::from_mins(5);
/// How often a condition is looked at.
const INTERVAL: Duration = Duration::from_millis(20);

/// What a look at a condition finds.
pub enum Seen<T> {
    /// It holds.
    Yes(T),
    /// Not yet; what is there instead, for whoever reads why it timed out.
    NotYet(String),
}

/// Looks at a condition until it holds; fails at the deadline, or as soon as the look itself fails.
///
/// # Errors
/// [`Failure::TimedOut`] with what was seen last, or the look's own failure.
pub fn wait_for<T>(
    what: &str,
    deadline: Duration,
    mut look: impl FnMut() -> Result<Seen<T>, Failure>,
) -> Result<T, Failure> {
    let end = Instant::now() + deadline;
    loop {
        let seen = match look()? {
            Seen::Yes(found) => return Ok(found),
            Seen::NotYet(seen) => seen,
        };
        if Instant::now() >= end {
            return Err(Failure::TimedOut { what: what.to_owned(), seconds: deadline.as_secs(), seen });
        }
        thread::park_timeout(INTERVAL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_comes_true_is_found_and_one_that_does_not_is_named() {
        let mut looks = 0;
        let found = wait_for("three", DEADLINE, || {
            looks += 1;
            Ok(if looks == 3 { Seen::Yes(looks) } else { Seen::NotYet(String::new()) })
        });
        assert_eq!(found.unwrap(), 3);
        let never = wait_for::<()>("never", Duration::ZERO, || Ok(Seen::NotYet("nothing".to_owned())));
        assert_eq!(never.unwrap_err().to_string(), "never: not within 0 s; last seen: nothing");
    }
}
