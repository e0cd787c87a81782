//! What a request over HTTP may be: every limit that is not a parameter's own, in one table.
//!
//! | limit | value | refused with |
//! |---|---|---|
//! | target (path and query) | [`TARGET_MAX`] bytes | 414 `TARGET_TOO_LONG` |
//! | header fields together | [`HEADERS_MAX`] bytes; past [`HEAD_MAX`], or 100 fields in HTTP/1.1, without a problem | 431 `HEADERS_TOO_LARGE` |
//! | body that does not publish | [`BODY_MAX`] bytes | 413 `MESSAGE_TOO_LARGE` |
//! | body that publishes | `clients.request_kib` (4096 KiB) | 413 `MESSAGE_TOO_LARGE` |
//! | records in one body | [`RECORDS_MAX`](crate::publish::RECORDS_MAX) | 400 `RECORDS_TOO_MANY` |
//! | depth of a JSON body | [`DEPTH_MAX`] | 400 `BODY_MALFORMED` |
//! | values of one parameter | [`REPEATS`] | 400 `PARAMETER_WRONG` |
//! | items of a page | 500; 1000 of figures | 400 `PARAMETER_WRONG` |
//! | requests of a system at once | `clients.requests_at_once` (16); a stream of events is one | 429 `REQUESTS_TOO_MANY` |
//! | time for a body to come | half of `clients.seconds` (15 s) | 408 `BODY_TOO_SLOW` |
//! | time to the beginning of an answer | `clients.seconds` (30 s) | 503 `REQUEST_TOO_SLOW` |
//! | quiet HTTP/1.1 connection, until the next request's header is whole | 60 s | the connection ends |
//! | TLS handshake, then the first byte | 5 s each | the connection ends |
//! | connections | 512; 128 from one address; 64 of one system, or `clients.requests_at_once` where that is more | the connection ends |
//! | streams of an HTTP/2 connection | 32 | RFC 9113, section 5.1.2 |
//!
//! Which limits gRPC has `api::port` says.

/// Longest target, bytes.
pub(crate) const TARGET_MAX: usize = 8 * 1024;
/// Most bytes of header fields, names and values together.
pub(crate) const HEADERS_MAX: usize = 16 * 1024;
/// Most bytes of a request's head that are read at all.
pub(crate) const HEAD_MAX: usize = 32 * 1024;
/// Largest body that does not publish, bytes.
pub(crate) const BODY_MAX: usize = 64 * 1024;
/// Deepest nesting of a JSON body.
pub(crate) const DEPTH_MAX: usize = 64;
/// Most values of one parameter.
pub(crate) const REPEATS: usize = 32;
