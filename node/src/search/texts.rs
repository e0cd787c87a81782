//! What of a payload can be searched: its texts, and its facets.
//!
//! Read along the descriptor of the kind's message, so that a kind that comes later is searched by itself: every language map is a
//! text, and so are the strings that `proto::kind::plain` names; those on top that are called `title` or `name` are its title, and
//! `keywords`, `short_name` and the `code` of an indicator weigh more than the rest. Facets are the fields that `proto::kind::facet`
//! names. In scope: that walk. Out of scope: words (`analysis`), the document (`document`).

use std::collections::BTreeSet;

use multaqa_proto::kind::Kind;
use multaqa_proto::kind::facet::FACETS;
use multaqa_proto::kind::plain::PLAIN;
use prost_reflect::{DynamicMessage, MapKey, ReflectMessage as _, Value};
use serde::{Deserialize, Serialize};

use super::ask::Facet;

/// Most texts that are kept of an object.
const TEXTS_MAX: usize = 2_000;
/// Most values that are kept of a facet of one object.
const VALUES_MAX: usize = 500;
/// Longest value of a facet, bytes.
const VALUE_MAX: usize = 200;

/// How much a text says of what its object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Weight {
    #[serde(rename = "t")]
    Title,
    #[serde(rename = "k")]
    Keyword,
    #[serde(rename = "p")]
    Prose,
}

/// A text.
#[expect(clippy::struct_field_names, reason = "a text's text is what it is called everywhere")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Text {
    #[serde(rename = "w")]
    pub(super) weight: Weight,
    /// Its field: "keywords[0].label".
    #[serde(rename = "p")]
    pub(super) path: String,
    /// Empty where it has none.
    #[serde(rename = "l")]
    pub(super) lang: String,
    #[serde(rename = "t")]
    pub(super) text: String,
}

/// What can be searched of a payload.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Searchable {
    /// Titles first.
    pub(super) texts: Vec<Text>,
    /// Values by facet.
    pub(super) facets: Vec<(Facet, BTreeSet<String>)>,
}

/// Reads a payload; empty where this version does not know the kind, or the bytes are no message of it.
pub(super) fn read(kind: &str, payload: &[u8]) -> Searchable {
    let Some(kind) = Kind::find(kind) else { return Searchable::default() };
    let Ok(message) = DynamicMessage::decode(kind.message(), payload) else { return Searchable::default() };
    let mut texts = Vec::new();
    collect(&message, "", &mut texts);
    for plain in PLAIN.iter().filter(|plain| plain.kind == kind.name) {
        if let Some(text) = message.get_field_by_name(plain.field).as_deref().and_then(Value::as_str)
            && !text.is_empty()
        {
            let (path, lang) = (plain.field.to_owned(), String::new());
            texts.push(Text { weight: weight(&path), path, lang, text: text.to_owned() });
        }
    }
    texts.sort_by_key(|text| text.weight);
    let facets = FACETS.iter().filter(|facet| facet.kind == kind.name).map(|facet| {
        let mut values = BTreeSet::new();
        values_at(&message, facet.path, &mut values);
        if facet.name == "year" {
            values = values.iter().filter_map(|period| period.get(..4)).map(ToOwned::to_owned).collect();
        }
        (Facet(facet.name), values)
    });
    Searchable { texts, facets: facets.collect() }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other values hold no texts")]
fn collect(message: &DynamicMessage, path: &str, texts: &mut Vec<Text>) {
    for field in message.descriptor().fields() {
        let value = message.get_field(&field);
        let path = if path.is_empty() { field.name().to_owned() } else { format!("{path}.{}", field.name()) };
        match value.as_ref() {
            Value::Map(map) => {
                let mut of: Vec<_> = map.iter().filter_map(|(lang, text)| language_and_text(lang, text)).collect();
                of.sort_unstable();
                let room = TEXTS_MAX.saturating_sub(texts.len());
                texts.extend(of.into_iter().take(room).map(|(lang, text)| Text {
                    weight: weight(&path),
                    path: path.clone(),
                    lang: lang.to_owned(),
                    text: text.to_owned(),
                }));
            }
            Value::Message(inner) if message.has_field(&field) => collect(inner, &path, texts),
            Value::List(items) => {
                let inner = items.iter().enumerate().filter_map(|(n, item)| Some((n, item.as_message()?)));
                inner.for_each(|(n, item)| collect(item, &format!("{path}[{n}]"), texts));
            }
            _ => {}
        }
    }
}

fn language_and_text<'a>(lang: &'a MapKey, text: &'a Value) -> Option<(&'a str, &'a str)> {
    Some((lang.as_str()?, text.as_str()?))
}

fn weight(path: &str) -> Weight {
    let top = path.split(['.', '[']).next().unwrap_or(path);
    match top {
        "title" | "name" if top == path => Weight::Title,
        "keywords" | "short_name" | "code" => Weight::Keyword,
        _ => Weight::Prose,
    }
}

/// The strings at a path, through messages and lists.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other values are no codes")]
fn values_at(message: &DynamicMessage, path: &str, values: &mut BTreeSet<String>) {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let Some(field) = message.descriptor().get_field_by_name(name) else { return };
    let value = message.get_field(&field);
    let items = value.as_list().unwrap_or_else(|| std::slice::from_ref(&*value));
    for item in items {
        if values.len() >= VALUES_MAX {
            return;
        }
        match item {
            Value::String(text) if rest.is_empty() && !text.is_empty() && text.len() <= VALUE_MAX => {
                values.insert(text.clone());
            }
            Value::Message(inner) => values_at(inner, rest, values),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use multaqa_proto::wire::kind::{Dataset, Indicator, Service, dataset, service};
    use prost::Message as _;

    use super::*;

    fn map(lang: &str, text: &str) -> HashMap<String, String> {
        HashMap::from([(lang.to_owned(), text.to_owned())])
    }

    #[test]
    fn every_language_map_is_a_text_and_titles_come_first() {
        let service = Service {
            description: map("ar", "وصف"),
            title: map("en", "Sanad"),
            keywords: vec![service::Keyword { label: map("fr", "identité") }],
            access: Some(service::Access { level: "open".to_owned(), policy: map("en", "Anyone") }),
            sectors: vec!["01.3".to_owned(), "09".to_owned()],
            ..Default::default()
        };
        let found = read("service", &service.encode_to_vec());
        let texts: Vec<_> = found.texts.iter().map(|text| (text.path.as_str(), text.lang.as_str())).collect();
        assert_eq!(
            texts,
            [("title", "en"), ("keywords[0].label", "fr"), ("description", "ar"), ("access.policy", "en")]
        );
        let of = |name| &found.facets.iter().find(|(facet, _)| facet.name() == name).unwrap().1;
        assert_eq!(of("sector").iter().collect::<Vec<_>>(), ["01.3", "09"]);
        assert_eq!((of("access").len(), of("reuse").len()), (1, 0));
    }

    #[test]
    fn years_of_figures_are_the_years_of_their_periods() {
        let at = |time_period: &str| dataset::Observation {
            ref_area: "JO".to_owned(),
            time_period: time_period.to_owned(),
            ..Default::default()
        };
        let dataset = Dataset { observations: vec![at("2022"), at("2024-Q1"), at("2024-Q2")], ..Default::default() };
        let found = read("dataset", &dataset.encode_to_vec());
        let years = &found.facets.iter().find(|(facet, _)| facet.name() == "year").unwrap().1;
        assert_eq!(years.iter().collect::<Vec<_>>(), ["2022", "2024"]);
    }

    #[test]
    fn plain_texts_are_texts_without_a_language() {
        let dataset = Dataset {
            title: map("en", "Internet users"),
            source: "World Bank, WDI".to_owned(),
            licence: "CC-BY-4.0".to_owned(),
            ..Default::default()
        };
        let found = read("dataset", &dataset.encode_to_vec());
        let texts: Vec<_> = found.texts.iter().map(|text| (text.path.as_str(), text.lang.as_str())).collect();
        assert_eq!(texts, [("title", "en"), ("source", "")]);
        let indicator = Indicator { code: "EGDI".to_owned(), ..Default::default() };
        let found = read("indicator", &indicator.encode_to_vec());
        assert_eq!((found.texts[0].weight, found.texts[0].text.as_str()), (Weight::Keyword, "EGDI"));
    }

    #[test]
    fn what_cannot_be_read_has_nothing_to_search() {
        assert_eq!(read("poem", &[]), Searchable::default());
        assert_eq!(read("service", &[0xff]), Searchable::default());
    }
}
