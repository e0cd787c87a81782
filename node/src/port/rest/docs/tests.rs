//! The page as a parser of XML reads it that knows nothing of how it was made.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::port::rest::route::routes;

fn pages() -> impl Iterator<Item = (Lang, &'static str)> {
    [Lang::Ar, Lang::En, Lang::Fr].into_iter().zip(PAGES.iter().map(|page| std::str::from_utf8(page).unwrap()))
}

/// Names of elements with their attributes' values.
fn elements(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    // Elements that have no end in HTML are closed for the parser.
    let mut xml = html.replace("<!doctype html>", "");
    for meta in ["<meta charset=\"utf-8\">", "initial-scale=1\">"] {
        xml = xml.replace(meta, &meta.replace('>', "/>"));
    }
    let mut reader = Reader::from_str(&xml);
    let mut found = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return found,
            Event::Start(element) | Event::Empty(element) => {
                let attribute = |attribute: quick_xml::events::attributes::Attribute<'_>| {
                    (attribute.key.as_ref().to_owned(), attribute.value.into_owned())
                };
                let attributes = element.attributes().map(|found| attribute(found.unwrap()));
                found.push((element.name().as_ref().to_owned(), attributes.collect()));
            }
            Event::End(_) | Event::Text(_) | Event::GeneralRef(_) => {}
            other @ (Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {
                panic!("{other:?}")
            }
        }
    }
}

#[test]
fn it_loads_nothing_and_runs_nothing() {
    for (lang, html) in pages() {
        for (name, attributes) in elements(html) {
            assert!(!["script", "link", "img", "iframe", "object", "form"].contains(&name.as_str()), "{lang}: {name}");
            for (attribute, value) in attributes {
                assert!(
                    !attribute.starts_with("on") && attribute != "style" && attribute != "src",
                    "{lang}: {attribute}"
                );
                if attribute == "href" {
                    assert!(value.starts_with('/') || value.starts_with('#'), "{lang}: {value}");
                }
            }
        }
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }
    assert!(POLICY.to_str().unwrap().starts_with("default-src 'none'; style-src 'sha256-"));
}

#[test]
fn every_route_and_every_link_inside_it_is_there() {
    for (lang, html) in pages() {
        let elements = elements(html);
        let with = |name: &str| {
            let all = elements.iter().flat_map(|(_, attributes)| attributes);
            all.filter(|(attribute, _)| attribute == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>()
        };
        let ids = with("id");
        for route in routes() {
            assert!(ids.contains(&route.operation), "{lang}: {}", route.operation);
        }
        for target in with("href").iter().filter_map(|href| href.strip_prefix('#')) {
            assert!(ids.contains(&target), "{lang}: nothing at #{target}");
        }
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), ids.len(), "{lang}");
    }
}

#[test]
fn arabic_runs_right_to_left_and_only_the_schema_is_english() {
    let document = openapi::document(Version::V31);
    for (lang, html) in pages() {
        let direction = if lang == Lang::Ar { "rtl" } else { "ltr" };
        assert!(html.contains(&format!("<html lang=\"{lang}\" dir=\"{direction}\">")));
        assert!(html.contains(of(lang).overview) && html.contains("<td lang=\"en\" dir=\"ltr\">"));
        let page = Page { document: &document, words: of(lang), lang };
        for (method, path, operation) in page.each() {
            let section = page.operation(method, path, operation);
            assert!(!section.contains("lang=\"en\""), "{lang}: {method} {path}: {section}");
        }
        assert!(!page.about().contains("lang=\"en\"") && !page.contents().contains("lang=\"en\""), "{lang}");
    }
    let arabic = pages().next().unwrap().1;
    assert!(arabic.contains("<h3>نشر تسجيلات باسم العضو</h3>") && arabic.contains("<h3>الحدود</h3>"));
    assert!(!arabic.contains("There is no") && arabic.contains("<code dir=\"ltr\">OBJECT_UNKNOWN</code>: لا توجد"));
}

#[test]
fn what_could_be_markup_is_text() {
    assert_eq!(inline("a <b> `<c>`"), "a &lt;b&gt; <code dir=\"ltr\">&lt;c&gt;</code>");
    let page = Page { document: &Value::Null, words: of(Lang::En), lang: Lang::En };
    assert_eq!(page.prose("- a\n- `b`"), "<ul>\n<li>a</li>\n<li><code dir=\"ltr\">b</code></li>\n</ul>\n");
    assert_eq!(page.prose("<a>"), "<p>&lt;a&gt;</p>\n");
}
