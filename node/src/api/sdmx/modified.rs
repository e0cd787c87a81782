//! `Last-Modified` and `If-Modified-Since` (RFC 9110, sections 8.8.2 and 13.1.3).
//!
//! No clock says when an answer changed: contents of earlier entries may come late, and a scope may change what is seen. So it is when this
//! process first saw the replica where it is, which is never before what it holds came. Dates have whole seconds: within the second in which
//! that was there is no date, so no two states of the replica have the same one.

use axum::http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};

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

/// As a header has it.
pub(crate) fn header(modified: Timestamp) -> Option<HeaderValue> {
    let said = DateTimePrinter::new().timestamp_to_rfc9110_string(&modified).ok()?;
    HeaderValue::try_from(said).ok()
}

/// Whether the client has what was there then: tags, where it has some, say it better.
pub(crate) fn is_known(headers: &HeaderMap, modified: Timestamp) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        return false;
    }
    let since = headers.get(IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    since.and_then(|since| DateTimeParser::new().parse_timestamp(since).ok()).is_some_and(|since| modified <= since)
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

    #[test]
    fn a_client_is_asked_for_its_tags_first() {
        let modified = Timestamp::from_second(1_700_000_000).unwrap();
        let date = header(modified).unwrap();
        assert_eq!(date, "Tue, 14 Nov 2023 22:13:20 GMT");
        let mut headers = HeaderMap::new();
        assert!(!is_known(&headers, modified));
        headers.insert(IF_MODIFIED_SINCE, date);
        assert!(is_known(&headers, modified));
        headers.insert(IF_MODIFIED_SINCE, HeaderValue::from_static("Tue, 14 Nov 2023 22:13:19 GMT"));
        assert!(!is_known(&headers, modified));
        headers.insert(IF_MODIFIED_SINCE, HeaderValue::from_static("yesterday"));
        assert!(!is_known(&headers, modified));
        headers.insert(IF_MODIFIED_SINCE, HeaderValue::from_static("Tue, 14 Nov 2023 22:13:20 GMT"));
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("\"x\""));
        assert!(!is_known(&headers, modified));
    }
}
