//! Atom 1.0 (RFC 4287): a page of a list as a feed, newest record first.
//!
//! | list | an entry is | its id, below `urn:multaqa:FEDERATION:` |
//! |---|---|---|
//! | objects, hits | an object in its newest state | the object's |
//! | revisions | a record of the object at its place | `record:` and the record id |
//! | own records | a record and what became of it, which its category says | `record:` and the record id |
//!
//! Its author is the member, or the writer. Texts say their language. The library escapes.

use multaqa_proto::hash::hex;
use multaqa_proto::id::ObjectId;
use multaqa_proto::kind::Kind;
use multaqa_proto::text::{self, Lang, LanguageMap};
use multaqa_proto::wire::node as wire;
use multaqa_runtime::output::instant;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::Value;

use super::item::{self, Answered};
use super::{Listed, Listing, label, object_path, path_of, table};
use crate::api::refusal::Refusal;

/// Media type.
pub(in crate::port) const MEDIA_TYPE: &str = "application/atom+xml";
/// Namespace.
const ATOM: &str = "http://www.w3.org/2005/Atom";
/// Fields whose text tells what an object is, in the order of preference.
const SUMMARIES: [&str; 3] = ["description", "definition", "short_name"];

/// Fields whose text is what an object is called, in the order of preference.
const TITLES: [&str; 2] = ["title", "name"];

/// An entry.
#[derive(Debug, Clone)]
pub(in crate::port) struct Entry {
    /// Its lasting name inside the federation.
    id: String,
    title: LanguageMap,
    /// What stands for a title where there is none, as every entry has to have one.
    bare: String,
    updated_ms: i64,
    /// When it was written; 0 where nobody knows any more.
    published_ms: i64,
    author: String,
    category: String,
    /// Path of the object on the node.
    path: String,
    /// What tells what it is, and its language.
    about: Option<(String, String)>,
    /// Place in the order, greatest first.
    place: (u64, u64),
}

impl Entry {
    /// An item of a list; none of what has no time.
    ///
    /// # Errors
    /// `DOWNLOAD_FAILED` where a payload is no JSON.
    pub(in crate::port) fn of(answered: Answered, listing: &Listing) -> Result<Option<Self>, Refusal> {
        Ok(Some(match answered {
            Answered::Object(object) => Self::of_object(&Listed::of(*object)?, listing.lang),
            Answered::Hit(hit) => Self::of_hit(*hit),
            Answered::Revision(revision) => Self::of_revision(&revision, listing)?,
            Answered::Queued(queued) => Self::of_queued(&queued, listing),
            Answered::Figure(_) => return Ok(None),
        }))
    }

    /// An object in its newest state.
    pub(super) fn of_object(listed: &Listed, lang: Lang) -> Self {
        let Listed { summary, payload } = listed;
        Self {
            id: summary.id.clone(),
            title: summary.title.clone().into_iter().collect(),
            bare: summary.id.clone(),
            updated_ms: summary.accepted_at_ms,
            published_ms: summary.authored_at_ms,
            author: summary.member.clone(),
            category: summary.kind.clone(),
            path: object_path(summary),
            about: about(payload, lang),
            place: (0, summary.index),
        }
    }

    fn of_hit(hit: wire::SearchHit) -> Self {
        let wire::SearchHit { object, score: _, highlights } = hit;
        let listed = Listed { summary: object.unwrap_or_default(), payload: Value::Null };
        // The title stands there already.
        let found = highlights.iter().find(|found| !TITLES.contains(&found.path.as_str()));
        let about = found.map(|found| (found.lang.clone(), item::highlight(found)));
        Self { about, ..Self::of_object(&listed, Lang::En) }
    }

    fn of_revision(revision: &wire::Revision, listing: &Listing) -> Result<Self, Refusal> {
        let payload = item::payload(&revision.payload_json)?;
        let title = TITLES.iter().find_map(|field| payload.get(field)?.as_object());
        let reason = payload.get("reason").and_then(Value::as_object).map(table::language_map);
        let reason = reason.as_ref().and_then(|reason| text::pick(reason, listing.lang));
        let reason = reason.map(|(lang, text)| (lang.to_owned(), text.to_owned()));
        Ok(Self {
            id: record(&revision.record_id),
            title: title.map(table::language_map).unwrap_or_default(),
            bare: listing.about.clone(),
            updated_ms: revision.accepted_at_ms,
            published_ms: revision.authored_at_ms,
            author: revision.writer.clone(),
            category: revision.state.clone(),
            path: path_of(listing.kind, &listing.about),
            about: reason.or_else(|| about(&payload, listing.lang)),
            place: (0, revision.index),
        })
    }

    fn of_queued(queued: &wire::QueuedRecord, listing: &Listing) -> Self {
        let kind = queued.id.parse::<ObjectId>().ok().and_then(|id| Kind::find(id.kind()));
        let detail = item::detail(queued, listing.lang);
        Self {
            id: record(&queued.record_id),
            title: LanguageMap::default(),
            bare: queued.id.clone(),
            updated_ms: queued.signed_at_ms,
            published_ms: queued.signed_at_ms,
            author: listing.member.clone(),
            category: queued.state.clone(),
            path: path_of(kind, &queued.id),
            about: Some((listing.lang.as_str().to_owned(), detail)).filter(|(_, detail)| !detail.is_empty()),
            place: (queued.epoch, queued.seq),
        }
    }
}

fn record(record_id: &[u8]) -> String {
    format!("record:{}", hex(record_id))
}

/// The feed. Entries are taken in the order of their places, newest first.
///
/// # Errors
/// Never in memory.
pub(in crate::port) fn feed(listing: &Listing, mut entries: Vec<Entry>) -> std::io::Result<Vec<u8>> {
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.place));
    let updated = entries.iter().map(|entry| entry.updated_ms).max().unwrap_or(listing.as_of_ms);
    let lang = listing.lang;
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let feed = writer.create_element("feed").with_attributes([("xmlns", ATOM), ("xml:lang", lang.as_str())]);
    feed.write_inner_content(|writer| {
        let of = listing.path.split(['?', '&']).filter(|part| !part.starts_with("pageToken=")).collect::<Vec<_>>();
        element(writer, "id", &listing.urn(&format!("list:{}", of.join(":"))))?;
        told(writer, "title", lang.as_str(), &label::list(listing))?;
        element(writer, "updated", &instant(updated))?;
        author(writer, &listing.member)?;
        writer.create_element("generator").write_text_content(BytesText::new("Multaqa"))?;
        link(writer, "self", MEDIA_TYPE, &listing.url(&listing.path))?;
        if let Some(next) = &listing.next {
            link(writer, "next", MEDIA_TYPE, &listing.url(next))?;
        }
        entries.iter().try_for_each(|entry| written(writer, listing, entry))
    })?;
    Ok(writer.into_inner())
}

fn written(writer: &mut Writer<Vec<u8>>, listing: &Listing, entry: &Entry) -> std::io::Result<()> {
    let Entry { id, title, bare, updated_ms, published_ms, author: by, category, path, about, place: _ } = entry;
    writer.create_element("entry").write_inner_content(|writer| {
        element(writer, "id", &listing.urn(id))?;
        let (lang, shown) = text::pick(title, listing.lang).unwrap_or(("", bare));
        told(writer, "title", lang, shown)?;
        element(writer, "updated", &instant(*updated_ms))?;
        if *published_ms > 0 {
            element(writer, "published", &instant(*published_ms))?;
        }
        author(writer, by)?;
        writer.create_element("category").with_attribute(("term", category.as_str())).write_empty()?;
        link(writer, "alternate", "application/json", &listing.url(path))?;
        if let Some((lang, shown)) = about {
            told(writer, "summary", lang, shown)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// What tells what an object is, and its language.
fn about(payload: &Value, asked: Lang) -> Option<(String, String)> {
    let texts = SUMMARIES.iter().find_map(|field| payload.get(field)?.as_object().filter(|texts| !texts.is_empty()))?;
    text::pick(&table::language_map(texts), asked).map(|(lang, text)| (lang.to_owned(), text.to_owned()))
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, content: &str) -> std::io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::new(&legal(content)))?;
    Ok(())
}

fn told(writer: &mut Writer<Vec<u8>>, name: &str, lang: &str, content: &str) -> std::io::Result<()> {
    let element = writer.create_element(name).with_attribute(("type", "text"));
    let element = if lang.is_empty() { element } else { element.with_attribute(("xml:lang", lang)) };
    element.write_text_content(BytesText::new(&legal(content)))?;
    Ok(())
}

fn author(writer: &mut Writer<Vec<u8>>, member: &str) -> std::io::Result<()> {
    writer.create_element("author").write_inner_content(|writer| element(writer, "name", member))?;
    Ok(())
}

fn link(writer: &mut Writer<Vec<u8>>, rel: &str, media_type: &str, href: &str) -> std::io::Result<()> {
    let attributes = [("rel", rel), ("type", media_type), ("href", href)];
    writer.create_element("link").with_attributes(attributes).write_empty()?;
    Ok(())
}

/// A text without the characters that XML 1.0 cannot carry in any form (section 2.2).
fn legal(text: &str) -> String {
    let may = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(may).collect()
}
