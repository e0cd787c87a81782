//! When what is answered changed last, for `Last-Modified`.
//!
//! No clock says when an answer changed: contents of earlier entries may come late, and a scope may change what is seen. So it is when this
//! process first saw the replica where it is, which is never before what it holds came. Dates have whole seconds: within the second in which
//! that was there is no date, so no two states of the replica have the same one. Out of scope: headers (`port::rest::sdmx`).

use jiff::Timestamp;

use super::catalogue::Place;

/// Where the replica was seen, and since when, seconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    place: Place,
    since_s: i64,
}

impl Seen {
    /// The same after another look.
    pub(crate) fn again(seen: Option<Self>, place: Place, now_ms: i64) -> Self {
        let now = Self { place, since_s: now_ms.div_euclid(1000) };
        seen.filter(|seen| seen.place == place).unwrap_or(now)
    }

    /// Since when; none within the second in which that was.
    pub(crate) fn since(self, now_ms: i64) -> Option<Timestamp> {
        let past = now_ms.div_euclid(1000) > self.since_s;
        Timestamp::from_second(self.since_s).ok().filter(|_| past)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_stands_for_one_place_of_the_replica() {
        let first = Seen::again(None, (1, 10, 0), 5_400);
        assert_eq!((first.since(5_999), first.since(6_000)), (None, Timestamp::from_second(5).ok()));
        assert_eq!(Seen::again(Some(first), (1, 10, 0), 9_000), first);
        let filled = Seen::again(Some(first), (1, 10, 1), 9_000);
        assert_eq!(filled.since(10_000), Timestamp::from_second(9).ok());
    }
}
