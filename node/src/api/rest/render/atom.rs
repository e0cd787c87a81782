//! Atom 1.0 (RFC 4287): a page of a list as a feed, newest record first.
//!
//! Each object is an entry with a lasting id, its newest state and the member that it belongs to as author. Texts say their
//! language. The library escapes.

use multaqa_proto::text::{self, Lang, LanguageMap};
use multaqa_runtime::output::instant;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::Value;

use super::{Listed, Listing, label, object_path, table};

/// Media type.
pub(in crate::api) const MEDIA_TYPE: &str = "application/atom+xml";
/// Namespace.
const ATOM: &str = "http://www.w3.org/2005/Atom";
/// Fields whose text tells what an object is, in the order of preference.
const SUMMARIES: [&str; 3] = ["description", "definition", "short_name"];

/// The feed. `objects` are taken in the order of their places on the log, newest first.
///
/// # Errors
/// Never in memory.
pub(in crate::api) fn feed(listing: &Listing, objects: &[Listed]) -> std::io::Result<Vec<u8>> {
    let mut newest: Vec<_> = objects.iter().collect();
    newest.sort_by_key(|listed| std::cmp::Reverse(listed.summary.index));
    let updated = newest.first().map_or(listing.as_of_ms, |listed| listed.summary.accepted_at_ms);
    let lang = listing.lang;
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let feed = writer.create_element("feed").with_attributes([("xmlns", ATOM), ("xml:lang", lang.as_str())]);
    feed.write_inner_content(|writer| {
        let of = listing.path.split(['?', '&']).filter(|part| !part.starts_with("pageToken=")).collect::<Vec<_>>();
        element(writer, "id", &listing.urn(&format!("list:{}", of.join(":"))))?;
        told(writer, "title", lang.as_str(), &label::feed(listing.kind, &listing.federation, lang))?;
        element(writer, "updated", &instant(updated))?;
        author(writer, &listing.member)?;
        writer.create_element("generator").write_text_content(BytesText::new("Multaqa"))?;
        link(writer, "self", MEDIA_TYPE, &listing.url(&listing.path))?;
        if let Some(next) = &listing.next {
            link(writer, "next", MEDIA_TYPE, &listing.url(next))?;
        }
        newest.iter().try_for_each(|listed| entry(writer, listing, listed))
    })?;
    Ok(writer.into_inner())
}

fn entry(writer: &mut Writer<Vec<u8>>, listing: &Listing, listed: &Listed) -> std::io::Result<()> {
    let Listed { summary, payload } = listed;
    let title: LanguageMap = summary.title.clone().into_iter().collect();
    writer.create_element("entry").write_inner_content(|writer| {
        element(writer, "id", &listing.urn(&summary.id))?;
        // A withdrawn object has no title, and every entry has to have one.
        let (lang, shown) = text::pick(&title, listing.lang).unwrap_or(("", &summary.id));
        told(writer, "title", lang, shown)?;
        element(writer, "updated", &instant(summary.accepted_at_ms))?;
        element(writer, "published", &instant(summary.authored_at_ms))?;
        author(writer, &summary.member)?;
        writer.create_element("category").with_attribute(("term", summary.kind.as_str())).write_empty()?;
        link(writer, "alternate", "application/json", &listing.url(&object_path(summary)))?;
        if let Some((lang, shown)) = about(payload, listing.lang) {
            told(writer, "summary", &lang, &shown)?;
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
