//! A page of objects as JSON: written once, object by object, into the body that goes out.
//!
//! It is what `json` makes of a `ListResponse`, byte for byte, which a test compares; but of the largest answers that there are the
//! way over the message, its bytes and a tree of values costs many times what reading them does. In scope: that one message. Out of
//! scope: which objects a page has (`Api::page`), payloads (`api::json`), all other messages (`json`).

use std::io::Write as _;

use multaqa_proto::hash::hex;
use multaqa_proto::log::witness::Label;
use multaqa_proto::wire::node::{FacetCounts, FacetValue};
use multaqa_runtime::output;

use crate::api::json::{write_payload, write_text};
use crate::api::list::{Listed, Page, Shape};
use crate::api::mask::PAYLOAD;
use crate::replica::{Object, Summary};

use super::json::EXACT_MAX;

/// The body of a page.
#[derive(Debug, Default)]
pub(super) struct Body(Vec<u8>);

/// A page of which only what names it is wanted.
#[derive(Debug)]
pub(super) struct Unread;

impl Page for Unread {
    fn push(&mut self, _object: Object, _standing: Label, _shape: &Shape) -> usize {
        0
    }
}

impl Page for Body {
    fn push(&mut self, object: Object, standing: Label, shape: &Shape) -> usize {
        self.0.extend_from_slice(if self.0.is_empty() { br#"{"objects":["# } else { b"," });
        let mut fields = Fields { out: &mut self.0, shape, separator: b'{' };
        let Object { summary, payload } = object;
        let kind = summary.kind.clone();
        let withdrawn = summary.withdrawn;
        fields.summary(summary, standing);
        let shown = fields.payload(&kind, if withdrawn { None } else { Some(&payload) });
        fields.close();
        shown
    }
}

impl Body {
    /// The whole body, with what a page holds besides its objects.
    pub(super) fn end(self, listed: &Listed) -> Vec<u8> {
        let Self(mut out) = self;
        if out.is_empty() {
            out.extend_from_slice(br#"{"objects":["#);
        }
        out.extend_from_slice(br#"],"next_page_token":"#);
        write_text(&mut out, &listed.next);
        out.extend_from_slice(br#","facets":["#);
        for (place, FacetCounts { facet, values }) in listed.facets.iter().enumerate() {
            out.extend_from_slice(if place > 0 { br#",{"facet":"# } else { br#"{"facet":"# });
            write_text(&mut out, facet);
            out.extend_from_slice(br#","values":["#);
            for (place, FacetValue { value, count }) in values.iter().enumerate() {
                out.extend_from_slice(if place > 0 { br#",{"value":"# } else { br#"{"value":"# });
                write_text(&mut out, value);
                out.extend_from_slice(br#","count":"#);
                number(&mut out, *count);
                out.push(b'}');
            }
            out.extend_from_slice(b"]}");
        }
        out.extend_from_slice(br#"],"total":"#);
        match listed.total {
            Some(total) => number(&mut out, total),
            None => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
        out
    }
}

/// The fields of an object, those that the page shows.
struct Fields<'f> {
    out: &'f mut Vec<u8>,
    shape: &'f Shape,
    separator: u8,
}

impl Fields<'_> {
    fn summary(&mut self, summary: Summary, standing: Label) {
        let Summary {
            id,
            kind,
            country,
            revision,
            record_id,
            index,
            audience,
            authored_at_ms,
            accepted_at_ms,
            title,
            withdrawn,
        } = summary;
        self.text("id", &id);
        self.text("kind", &kind);
        self.text("member", &country);
        self.number("revision", revision);
        self.text("record_id", &hex(&record_id.0));
        if self.begin("title", "title") {
            let langs = self.shape.mask.as_ref().and_then(|mask| mask.below("title"));
            let mut separator = b'{';
            for (lang, text) in title.iter().filter(|(lang, _)| langs.is_none_or(|langs| langs.holds(lang))) {
                self.out.push(std::mem::replace(&mut separator, b','));
                write_text(self.out, lang);
                self.out.push(b':');
                write_text(self.out, text);
            }
            self.out.extend_from_slice(if separator == b'{' { b"{}" } else { b"}" });
        }
        if self.begin("audience", "audience") {
            let mut separator = b'[';
            for part in &audience {
                self.out.push(std::mem::replace(&mut separator, b','));
                write_text(self.out, part);
            }
            self.out.extend_from_slice(if separator == b'[' { b"[]" } else { b"]" });
        }
        self.time("authored_at_ms", "authored_at", authored_at_ms);
        self.time("accepted_at_ms", "accepted_at", accepted_at_ms);
        self.number("index", index.0);
        if self.begin("withdrawn", "withdrawn") {
            self.out.extend_from_slice(if withdrawn { b"true" } else { b"false" });
        }
        self.text("standing", standing.as_str());
    }

    /// The payload, null where there is none to show; how many bytes it became.
    fn payload(&mut self, kind: &str, payload: Option<&[u8]>) -> usize {
        if !self.begin(PAYLOAD, PAYLOAD) {
            return 0;
        }
        let begin = self.out.len();
        let mask = self.shape.mask.as_ref().and_then(|mask| mask.below(PAYLOAD));
        if !payload.is_some_and(|payload| write_payload(self.out, kind, payload, mask)) {
            self.out.extend_from_slice(b"null");
        }
        self.out.len() - begin
    }

    /// Begins a field, which the schema calls `field`; whether it is shown.
    fn begin(&mut self, field: &str, name: &str) -> bool {
        let shown = self.shape.shows(field);
        if shown {
            self.out.push(std::mem::replace(&mut self.separator, b','));
            self.out.push(b'"');
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(b"\":");
        }
        shown
    }

    fn text(&mut self, name: &str, text: &str) {
        if self.begin(name, name) {
            write_text(self.out, text);
        }
    }

    fn number(&mut self, name: &str, value: u64) {
        if self.begin(name, name) {
            number(self.out, value);
        }
    }

    fn time(&mut self, field: &str, name: &str, ms: i64) {
        if !self.begin(field, name) {
            return;
        }
        match ms {
            0 => self.out.extend_from_slice(b"null"),
            ms => write_text(self.out, &output::moment(ms)),
        }
    }

    fn close(self) {
        self.out.extend_from_slice(if self.separator == b'{' { b"{}" } else { b"}" });
    }
}

fn number(out: &mut Vec<u8>, number: u64) {
    let quote = if number > EXACT_MAX { "\"" } else { "" };
    // Writing to memory cannot fail.
    let _written = write!(out, "{quote}{number}{quote}");
}
