//! What a reader has to know besides the single routes: for the document's own description, and for the page.
//!
//! Every number comes from where it is in force.

use super::super::limits::{BODY_MAX, DEPTH_MAX, HEAD_MAX, HEADERS_MAX, REPEATS, TARGET_MAX};
use super::super::render::{DOWNLOAD_BYTES_MAX, DOWNLOAD_ROWS_MAX};
use crate::publish::RECORDS_MAX;

/// One line.
pub(in crate::api::rest) const SUMMARY: &str =
    "What a member's systems read and publish through their own country's node.";

/// How a system is known.
pub(super) const CERTIFICATES: &str = "A client certificate of the node's own CA, over TLS 1.3: `multaqa-node client add NAME --csr FILE` issues it, and \
     `multaqa-node client allow NAME SCOPE...` says what it may do.";

/// A part of the overview.
pub(in crate::api::rest) struct Section {
    pub(in crate::api::rest) title: &'static str,
    /// In CommonMark, of which only code in backticks is used.
    pub(in crate::api::rest) paragraphs: Vec<String>,
    /// Rows of a table; the first is its heading.
    pub(in crate::api::rest) table: Vec<[String; 3]>,
}

/// All parts.
pub(in crate::api::rest) fn sections() -> Vec<Section> {
    vec![
        section(
            "Access",
            &[CERTIFICATES, "Reads need the scope `read:KIND`, publishing `publish:KIND`; `*` stands for all."],
        ),
        section(
            "Freshness",
            &[
                "Answers come from the node's own replica, also while the hub is out of reach. `Multaqa-State` says `live`, \
                 `stale` or `offline`, `Multaqa-As-Of` since when nothing newer is known, and `Multaqa-Position` how many leaves of \
                 the log the replica holds; `minPosition` waits for one, so that a system reads what it wrote.",
                "A body has a strong `ETag`; with `If-None-Match` an answer that has not changed is 304.",
            ],
        ),
        section(
            "Form",
            &[
                "JSON has the field names of the schema. Texts for people are maps by language (`ar`, `en`, `fr`), codes are text, \
                 times are RFC 3339 in UTC, decimals are text with the digits as published, and what is zero or empty is written.",
                "Lists are read in pages: `pageSize`, and the `next_page_token` of an answer as `pageToken` of the next request. A \
                 token belongs to its query.",
                "Answers are compressed where `Accept-Encoding` names `gzip` or `zstd`.",
            ],
        ),
        section(
            "Refusals",
            &[
                "A refusal is `application/problem+json` (RFC 9457) in the language of `Accept-Language`: `code` is stable and the \
               same as over gRPC, `at` names what is to blame, `help` the next step.",
            ],
        ),
        Section {
            title: "Limits",
            paragraphs: vec!["What is over a limit is refused by name, never cut.".to_owned()],
            table: limits(),
        },
    ]
}

fn section(title: &'static str, paragraphs: &[&str]) -> Section {
    Section { title, paragraphs: paragraphs.iter().map(|&text| text.to_owned()).collect(), table: Vec::new() }
}

fn limits() -> Vec<[String; 3]> {
    let row = |of: &str, value: String, refused: &str| [of.to_owned(), value, refused.to_owned()];
    let kib = |bytes: usize| format!("{} KiB", bytes / 1024);
    vec![
        row("Of", "At most".to_owned(), "Refused with"),
        row("path and query", kib(TARGET_MAX), "414 `TARGET_TOO_LONG`"),
        row("header fields together", kib(HEADERS_MAX), "431 `HEADERS_TOO_LARGE`"),
        row("header fields that are read at all", format!("{}, 100 fields", kib(HEAD_MAX)), "431 without a body"),
        row("body that does not publish", kib(BODY_MAX), "413 `MESSAGE_TOO_LARGE`"),
        row("body that publishes", "`clients.request_kib` (4096 KiB)".to_owned(), "413 `MESSAGE_TOO_LARGE`"),
        row("records in one body", RECORDS_MAX.to_string(), "400 `RECORDS_TOO_MANY`"),
        row("depth of a JSON body", DEPTH_MAX.to_string(), "400 `BODY_MALFORMED`"),
        row("values of one parameter", REPEATS.to_string(), "400 `PARAMETER_WRONG`"),
        row("items of a page", "500; 1000 of figures".to_owned(), "400 `PARAMETER_WRONG`"),
        row(
            "a download",
            format!("{DOWNLOAD_ROWS_MAX} rows, {} MiB", DOWNLOAD_BYTES_MAX / 1024 / 1024),
            "400 `DOWNLOAD_TOO_LARGE`",
        ),
        row("requests of a system at once", "`clients.requests_at_once` (16)".to_owned(), "429 `REQUESTS_TOO_MANY`"),
        row("time for a body to come", "half of `clients.seconds` (15 s)".to_owned(), "408 `BODY_TOO_SLOW`"),
        row("time to the beginning of an answer", "`clients.seconds` (30 s)".to_owned(), "503 `REQUEST_TOO_SLOW`"),
        row(
            "quiet HTTP/1.1 connection",
            "60 s, until the next request's header is whole".to_owned(),
            "the connection ends",
        ),
        row("connections", "512; 128 from one address; 64 of one system".to_owned(), "the connection ends"),
        row("streams of an HTTP/2 connection", "32".to_owned(), "RFC 9113, section 5.1.2"),
    ]
}

/// The overview as CommonMark with tables (GitHub's dialect).
pub(super) fn markdown() -> String {
    let table = |rows: &[[String; 3]]| {
        let line = |row: &[String; 3]| format!("| {} |", row.join(" | "));
        let (head, rest) = rows.split_first()?;
        let rest = rest.iter().map(line).collect::<Vec<_>>().join("\n");
        Some(format!("{}\n|---|---|---|\n{rest}", line(head)))
    };
    let section = |section: Section| {
        let Section { title, paragraphs, table: rows } = section;
        let parts = [format!("## {title}")].into_iter().chain(paragraphs).chain(table(&rows));
        parts.collect::<Vec<_>>().join("\n\n")
    };
    let sections = sections().into_iter().map(section).collect::<Vec<_>>().join("\n\n");
    format!("{SUMMARY}\n\n{sections}")
}
