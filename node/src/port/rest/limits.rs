//! What a request over HTTP may be: the limits that are not a parameter's own.
//!
//! What readers are told of them, with the values in force, is `openapi::overview`: on the page, in the document. Limits of the
//! configuration are `clients.request_kib`, `clients.requests_at_once` and `clients.seconds` (`config::clients`); those of connections
//! `api::port`, `clients` and `certs::server` have.
//!
//! Which limits gRPC has `api::port` says.

/// Longest target, bytes.
pub(crate) const TARGET_MAX: usize = 8 * 1024;
/// Most bytes of header fields, names and values together.
pub(crate) const HEADERS_MAX: usize = 16 * 1024;
/// Most bytes of a request's head that are read at all.
pub(crate) const HEAD_MAX: usize = 32 * 1024;
/// Most header fields of a request in HTTP/1.1, as hyper counts them.
pub(crate) const FIELDS_MAX: usize = 100;
/// Largest body that does not publish, bytes.
pub(crate) const BODY_MAX: usize = 64 * 1024;
/// Deepest nesting of a JSON body.
pub(crate) const DEPTH_MAX: usize = 64;
/// Most values of one parameter.
pub(crate) const REPEATS: usize = 32;
/// Most items of a page.
pub(crate) const PAGE_MAX: u64 = 500;
/// Most figures of a page.
pub(crate) const FIGURES_MAX: u64 = 1_000;
/// Most hits of a page of a search.
pub(crate) const HITS_MAX: u64 = 100;
/// Which part of the time for a request its body may take to come.
pub(crate) const BODY_PART: u32 = 2;
