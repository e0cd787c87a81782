//! The page as a parser of XML reads it that knows nothing of how it was made.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::api::rest::route::routes;

fn pages() -> impl Iterator<Item = (Lang, &'static str)> {
    Lang::ALL.into_iter().zip(PAGES.iter().map(|page| std::str::from_utf8(page).unwrap()))
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
    assert!(POLICY.starts_with("default-src 'none'; style-src 'sha256-"));
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
fn arabic_runs_right_to_left_and_what_is_english_says_so() {
    for (lang, html) in pages() {
        let direction = if lang == Lang::Ar { "rtl" } else { "ltr" };
        assert!(html.contains(&format!("<html lang=\"{lang}\" dir=\"{direction}\">")));
        assert!(html.contains(of(lang).overview) && html.contains("<p lang=\"en\" dir=\"ltr\">"));
    }
}

#[test]
fn what_could_be_markup_is_text() {
    assert_eq!(inline("a <b> `<c>`"), "a &lt;b&gt; <code>&lt;c&gt;</code>");
    assert_eq!(prose("- a\n- `b`"), "<ul lang=\"en\" dir=\"ltr\">\n<li>a</li>\n<li><code>b</code></li>\n</ul>\n");
}
