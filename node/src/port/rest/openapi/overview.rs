//! What a reader has to know besides the single routes: for the document's own description, and for the page.
//!
//! Every number comes from where it is in force: a text has places (`{}`) for its values, so that it is the same text in every
//! language whatever they are. A test pins what all limits say together, so that nobody changes one unseen.

use multaqa_runtime::serve::Limits;

use super::super::limits::{
    BODY_MAX, BODY_PART, DEPTH_MAX, FIELDS_MAX, FIGURES_MAX, HEAD_MAX, HEADERS_MAX, HITS_MAX, PAGE_MAX, REPEATS,
    TARGET_MAX,
};
use super::super::render::{DOWNLOAD_BYTES_MAX, DOWNLOAD_ROWS_MAX};
use crate::clients::{CONNECTIONS, DOWNLOADS};
use crate::config::ClientsConfig;
use crate::port::systems;
use crate::publish::RECORDS_MAX;

/// One line.
pub(in crate::port::rest) const SUMMARY: &str =
    "What a member's systems read and publish through their own country's node.";

/// How a system is known.
pub(super) const CERTIFICATES: &str = "A client certificate of the node's own CA, over TLS 1.3: `multaqa-node client add NAME --csr FILE` issues it, and \
     `multaqa-node client allow NAME SCOPE...` says what it may do.";

/// A part of the overview.
pub(in crate::port::rest) struct Section {
    pub(in crate::port::rest) title: &'static str,
    /// In CommonMark, of which only code in backticks is used.
    pub(in crate::port::rest) paragraphs: Vec<&'static str>,
    /// Rows of a table; the first is its heading.
    pub(in crate::port::rest) table: Vec<[Text; 3]>,
}

/// A text with places for values.
pub(in crate::port::rest) struct Text {
    /// With `{}` for each value.
    pub(in crate::port::rest) template: &'static str,
    pub(in crate::port::rest) values: Vec<String>,
}

impl Text {
    fn plain(template: &'static str) -> Self {
        Self { template, values: Vec::new() }
    }

    /// A template, perhaps in another language, with the values in their places.
    pub(in crate::port::rest) fn filled(&self, template: &str) -> String {
        let mut values = self.values.iter();
        let mut parts = template.split("{}");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + values.next().map_or("{}", String::as_str) + part)
    }
}

/// All parts.
pub(in crate::port::rest) fn sections() -> Vec<Section> {
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
                "Every list is also a download: `format=csv` or `xlsx`, the sheet right to left in Arabic; `format=atom` is a feed of its \
                 newest items where they have a time.",
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
            paragraphs: vec!["What is over a limit is refused by name, never cut."],
            table: limits(),
        },
    ]
}

fn section(title: &'static str, paragraphs: &[&'static str]) -> Section {
    Section { title, paragraphs: paragraphs.to_vec(), table: Vec::new() }
}

fn limits() -> Vec<[Text; 3]> {
    let kib = |bytes: usize| (bytes / 1024).to_string();
    let ClientsConfig { requests_at_once, request_kib, seconds, .. } = ClientsConfig::default();
    let Limits { connections, connections_per_ip, streams, idle, .. } = systems::limits();
    let multaqa_certs::server::Limits { handshake, preface, .. } = multaqa_certs::server::Limits::default();
    let row = |of, value, values: Vec<String>, refused| {
        [Text::plain(of), Text { template: value, values }, Text::plain(refused)]
    };
    let one = |value: String| vec![value];
    vec![
        row("Of", "At most", Vec::new(), "Refused with"),
        row("path and query", "{} KiB", one(kib(TARGET_MAX)), "414 `TARGET_TOO_LONG`"),
        row("header fields together", "{} KiB", one(kib(HEADERS_MAX)), "431 `HEADERS_TOO_LARGE`"),
        row(
            "header fields that are read at all",
            "{} KiB, {} fields",
            vec![kib(HEAD_MAX), FIELDS_MAX.to_string()],
            "431 without a body",
        ),
        row("body that does not publish", "{} KiB", one(kib(BODY_MAX)), "413 `MESSAGE_TOO_LARGE`"),
        row(
            "body that publishes",
            "`clients.request_kib` ({} KiB)",
            one(request_kib.to_string()),
            "413 `MESSAGE_TOO_LARGE`",
        ),
        row("records in one body", "{}", one(RECORDS_MAX.to_string()), "400 `RECORDS_TOO_MANY`"),
        row("depth of a JSON body", "{}", one(DEPTH_MAX.to_string()), "400 `BODY_MALFORMED`"),
        row("values of one parameter", "{}", one(REPEATS.to_string()), "400 `PARAMETER_WRONG`"),
        row(
            "items of a page",
            "{}; {} of figures; {} of hits",
            [PAGE_MAX, FIGURES_MAX, HITS_MAX].map(|max| max.to_string()).to_vec(),
            "400 `PARAMETER_WRONG`",
        ),
        row(
            "a download",
            "{} rows, {} MiB",
            vec![DOWNLOAD_ROWS_MAX.to_string(), (DOWNLOAD_BYTES_MAX / 1024 / 1024).to_string()],
            "400 `DOWNLOAD_TOO_LARGE`",
        ),
        row(
            "downloads of a system under way, until they are read",
            "{}",
            one(DOWNLOADS.to_string()),
            "429 `DOWNLOADS_TOO_MANY`",
        ),
        row(
            "requests of a system at once",
            "`clients.requests_at_once` ({}); a stream of events is one",
            one(requests_at_once.to_string()),
            "429 `REQUESTS_TOO_MANY`",
        ),
        row(
            "time for a body to come",
            "half of `clients.seconds` ({} s)",
            one((seconds / u64::from(BODY_PART)).to_string()),
            "408 `BODY_TOO_SLOW`",
        ),
        row(
            "time to the beginning of an answer",
            "`clients.seconds` ({} s)",
            one(seconds.to_string()),
            "503 `REQUEST_TOO_SLOW`",
        ),
        row(
            "quiet HTTP/1.1 connection",
            "{} s, until the next request's header is whole",
            one(idle.as_secs().to_string()),
            "the connection ends",
        ),
        row(
            "TLS handshake, then the first byte",
            "{} s, then {} s",
            [handshake, preface].map(|time| time.as_secs().to_string()).to_vec(),
            "the connection ends",
        ),
        row(
            "connections",
            "{}; {} from one address; {} of one system, or `clients.requests_at_once` where that is more",
            [connections, connections_per_ip, CONNECTIONS].map(|max| max.to_string()).to_vec(),
            "the connection ends",
        ),
        row("streams of an HTTP/2 connection", "{}", one(streams.to_string()), "RFC 9113, section 5.1.2"),
    ]
}

/// The overview as CommonMark with tables (GitHub's dialect).
pub(super) fn markdown() -> String {
    let table = |rows: &[[Text; 3]]| {
        let line = |row: &[Text; 3]| {
            format!("| {} |", row.iter().map(|text| text.filled(text.template)).collect::<Vec<_>>().join(" | "))
        };
        let (head, rest) = rows.split_first()?;
        let rest = rest.iter().map(line).collect::<Vec<_>>().join("\n");
        Some(format!("{}\n|---|---|---|\n{rest}", line(head)))
    };
    let section = |section: Section| {
        let Section { title, paragraphs, table: rows } = section;
        let paragraphs = paragraphs.into_iter().map(ToOwned::to_owned);
        let parts = [format!("## {title}")].into_iter().chain(paragraphs).chain(table(&rows));
        parts.collect::<Vec<_>>().join("\n\n")
    };
    let sections = sections().into_iter().map(section).collect::<Vec<_>>().join("\n\n");
    format!("{SUMMARY}\n\n{sections}")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Whoever changes a limit brings this table with it, and README where that names it.
    const TOLD: &str = "\
path and query: 8 KiB
header fields together: 16 KiB
header fields that are read at all: 32 KiB, 100 fields
body that does not publish: 64 KiB
body that publishes: `clients.request_kib` (4096 KiB)
records in one body: 1024
depth of a JSON body: 64
values of one parameter: 32
items of a page: 500; 1000 of figures; 100 of hits
a download: 10000 rows, 32 MiB
downloads of a system under way, until they are read: 2
requests of a system at once: `clients.requests_at_once` (16); a stream of events is one
time for a body to come: half of `clients.seconds` (15 s)
time to the beginning of an answer: `clients.seconds` (30 s)
quiet HTTP/1.1 connection: 60 s, until the next request's header is whole
TLS handshake, then the first byte: 10 s, then 10 s
connections: 512; 128 from one address; 64 of one system, or `clients.requests_at_once` where that is more
streams of an HTTP/2 connection: 32";

    #[test]
    fn the_limits_in_force_are_those_that_are_told() {
        let told: Vec<String> = limits()[1..]
            .iter()
            .map(|[of, value, _]| format!("{}: {}", of.template, value.filled(value.template)))
            .collect();
        assert_eq!(told.join("\n"), TOLD);
        for [of, value, refused] in limits() {
            for text in [of, value, refused] {
                assert_eq!(text.template.matches("{}").count(), text.values.len(), "{}", text.template);
            }
        }
    }

    #[test]
    fn readme_names_them_as_they_are() {
        let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
        let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
        let ClientsConfig { requests_at_once, request_kib, seconds, .. } = ClientsConfig::default();
        let Limits { connections, idle, .. } = systems::limits();
        for told in [
            format!("Limits: {requests_at_once} requests at once for each system"),
            format!("{} MiB for a request that publishes and {} KiB for others", request_kib / 1024, BODY_MAX / 1024),
            format!("{seconds} s, {connections} connections"),
            format!("HTTP/1.1 connection is kept for {} s", idle.as_secs()),
        ] {
            assert!(readme.contains(&told), "README does not say: {told}");
        }
    }

    #[test]
    fn the_schema_names_the_limit_of_records() {
        for message in ["multaqa.node.v1.BatchPublishRequest", "multaqa.node.v1.BatchCheckRequest"] {
            let message = super::super::super::json::descriptor(message).unwrap();
            let told = super::super::comment::of_field(&message.get_field_by_name("records").unwrap());
            assert!(told.contains(&format!("1 to {RECORDS_MAX}")), "{told}");
        }
    }
}
