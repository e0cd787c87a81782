//! What the fuzz target (`tests/fuzz`) calls: the parsers of what systems send, without a node around them, and what must hold of what
//! they read. Whatever does not hold is a panic, which the target reports with the bytes that led to it.
//!
//! The first byte of an input says which parser reads the rest, a text:
//!
//! | byte | the rest is | must hold |
//! |---|---|---|
//! | `r` | path and query of a request over HTTP | what is read of it, written anew, is read as the same; its order, fields, facets and words are such |
//! | `s` | path and query after `/sdmx/` | a refusal has a code that the texts know |
//! | `q` | words of a search | every word is a piece of the text |
//! | `o` | an order | a refusal names a known one |
//! | `m` | a field mask, parted by commas | |
//! | `f` | a filter, `facet=value` | a facet is found by its own name |
//! | `t` | a page token, or the place in one | no text is a token by chance; a token leads to its place, under its query alone |
//! | `l` | a request of gRPC, as bytes | a mask and an order in it are read or refused |
//!
//! In scope: that. Out of scope: requests against a node that answers (`rest::tests::bytes`), inputs (`tests/fuzz/seeds`).

use axum::http::Uri;
use multaqa_proto::text::Lang;
use multaqa_proto::wire::node as wire;
use prost::Message as _;
use prost_types::FieldMask;

use super::rest;
use super::rest::call::part;
use super::rest::json::path_in_schema;
use super::rest::route::{Route, routes};
use crate::api::mask::{Mask, Of, PAYLOAD};
use crate::api::page::PageKey;
use crate::api::refusal::{Refusal, catalogue};
use crate::api::{json, list, sdmx};
use crate::search::analysis::Analysis;
use crate::search::parse::parse;
use crate::search::{Place, facet};

/// What the names of fields are those of.
const OBJECT: &str = "multaqa.node.v1.ObjectSummary";

/// Reads an input.
///
/// # Panics
/// Where something does not hold that must.
pub fn read(input: &[u8]) {
    let Some((parser, rest)) = input.split_first() else { return };
    if *parser == b'l' {
        return of_grpc(rest);
    }
    let Ok(text) = std::str::from_utf8(rest) else { return };
    match parser {
        b'r' => target(text),
        b's' => {
            let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
            sdmx::reads(path, query).unwrap_or_else(|refusal| known(&refusal));
        }
        b'q' => words(text),
        b'o' => order(text),
        b'm' => mask(text),
        b'f' => filter(text),
        b't' => token(text),
        _ => {}
    }
}

/// A refusal as it would be answered.
fn known(refusal: &Refusal) {
    for lang in Lang::ALL {
        let told = catalogue().render(lang, refusal.code, &refusal.args);
        assert!(!told.act.is_empty() && !told.text.is_empty(), "{} is no code", refusal.code);
    }
}

fn target(text: &str) {
    let Ok(target) = text.parse::<Uri>() else { return };
    for route in routes().filter(|route| at(route, target.path())) {
        let given = match rest::given(route, &target) {
            Ok(given) => given,
            Err(refusal) => return known(&refusal),
        };
        let query: Vec<&(&str, String)> = given.iter().filter(|(name, _)| !in_path(route, name)).collect();
        let written: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", part(value))).collect();
        let written = format!("{}?{}", target.path(), written.join("&")).parse::<Uri>();
        let again = written.map(|target| rest::given(route, &target));
        // What is written anew may be too long to be a target at all.
        let Ok(Ok(again)) = again else {
            assert!(text.len() > 20_000, "{text:?} is read, and not as it is written: {again:?}");
            continue;
        };
        assert_eq!(again, given, "{text:?}");
        for (name, value) in query {
            match *name {
                "orderBy" if value != "relevance" => {
                    let (name, rest) = value.split_once(' ').unwrap_or((value, ""));
                    let order = list::order(&format!("{} {rest}", path_in_schema(OBJECT, name)));
                    assert!(order.is_ok(), "{value:?} is offered, and no order");
                }
                "fields" => mask(&path_in_schema(OBJECT, value)),
                "facets" => filter(value),
                "q" => words(value),
                "pageToken" => token(value),
                _ => {}
            }
        }
    }
}

/// Whether a path could be one of a route's.
fn at(route: &Route, path: &str) -> bool {
    let (mut parts, mut given) = (route.path.split('/'), path.split('/'));
    loop {
        match (parts.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(_)) if part.starts_with("{*") => return true,
            (Some(part), Some(given)) if part == given || part.starts_with('{') => {}
            (Some(_) | None, _) => return false,
        }
    }
}

fn in_path(route: &Route, name: &str) -> bool {
    route.path.contains(&format!("{{{name}}}")) || route.path.contains(&format!("{{*{name}}}"))
}

fn words(text: &str) {
    let mut analysis = Analysis::new();
    let Ok(clauses) = parse(text, &mut analysis) else { return };
    for word in clauses.iter().flat_map(|clause| &clause.words) {
        let piece = text.get(word.from..word.to);
        assert!(piece.is_some_and(|piece| !piece.is_empty()), "{text:?}: {word:?}");
    }
}

fn order(text: &str) {
    if let Err(refusal) = list::order(text) {
        known(&refusal);
    }
}

fn mask(text: &str) {
    let paths = text.split(',').map(ToOwned::to_owned).collect();
    for of in [Of::Objects(None), Of::Objects(Some("service")), Of::Revisions("dataset"), Of::Figures] {
        let read = Mask::of(Some(&FieldMask { paths: Vec::clone(&paths) }), of);
        match read {
            Ok(Some(mask)) => drop(json::payload_within("service", &[], mask.below(PAYLOAD))),
            Ok(None) => {}
            Err(refusal) => known(&refusal),
        }
    }
}

fn filter(text: &str) {
    let (name, _) = text.split_once('=').unwrap_or((text, ""));
    if let Ok(found) = facet(name) {
        assert_eq!(found.name(), name);
    }
}

fn token(text: &str) {
    let list = |kind: &str| wire::ListRequest { kind: kind.to_owned(), ..wire::ListRequest::default() };
    let (key, query) = (PageKey::new(&[7; 32]), list("service"));
    let pages = key.of("List", &query);
    // Of the 128 bits that make a text a token, none is found by trying.
    assert!(text.is_empty() || pages.place::<String>(text).is_err(), "{text:?} is a token");
    assert!(text.is_empty() || pages.place::<Place>(text).is_err(), "{text:?} is a token");
    let given = pages.token(Some(text));
    let place = pages.place::<String>(&given);
    // A place that is longer than a token may be comes from no index.
    assert!(place.as_ref().is_ok_and(|place| place.as_deref() == Some(text)) || text.len() > 1_500, "{text:?}");
    assert!(key.of("Search", &query).place::<String>(&given).is_err(), "{text:?}: of another method");
    assert!(key.of("List", &list("dataset")).place::<String>(&given).is_err(), "{text:?}: of another query");
    if let Ok(Some(place)) = pages.place::<Place>(&given) {
        let again = pages.place::<Place>(&pages.token(Some(&place)));
        assert_eq!(again.ok().flatten(), Some(place));
    }
}

fn of_grpc(bytes: &[u8]) {
    let Ok(request) = wire::ListRequest::decode(bytes) else { return };
    order(&request.order_by);
    if let Some(asked) = &request.read_mask {
        Mask::of(Some(asked), Of::Objects(Some(&request.kind))).map_or_else(|refusal| known(&refusal), drop);
    }
    request.filters.iter().for_each(|filtered| filter(&filtered.facet));
    token(&request.page_token);
}

#[cfg(test)]
mod tests {
    use super::read;

    /// The inputs that the fuzz target begins with, each of which is read in the way that it is there for.
    #[test]
    fn what_must_hold_holds_of_the_seeds() {
        let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/seeds");
        let mut parsers = std::collections::BTreeSet::new();
        for entry in std::fs::read_dir(seeds).unwrap() {
            let input = std::fs::read(entry.unwrap().path()).unwrap();
            parsers.insert(char::from(input[0]));
            read(&input);
        }
        assert_eq!(parsers.into_iter().collect::<String>(), "flmoqrst");
    }
}
