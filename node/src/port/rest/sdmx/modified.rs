//! `Last-Modified` and `If-Modified-Since` (RFC 9110, sections 8.8.2 and 13.1.3).
//!
//! Out of scope: since when an answer is as it is (`api::sdmx::modified`).

use axum::http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};

/// As a header has it.
pub(super) fn header(modified: Timestamp) -> Option<HeaderValue> {
    let said = DateTimePrinter::new().timestamp_to_rfc9110_string(&modified).ok()?;
    HeaderValue::try_from(said).ok()
}

/// Whether the client has what was there then: tags, where it has some, say it better.
pub(super) fn is_known(headers: &HeaderMap, modified: Timestamp) -> bool {
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
