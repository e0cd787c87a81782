//! Nodes of a JSON-LD document: the context, language-tagged texts, fields of payloads. No vocabulary beyond the prefixes.

use multaqa_proto::text::{Lang, LanguageMap};
use serde_json::{Map, Value, json};

use crate::port::rest::call::part;

/// A node; properties without a value are left out.
pub(super) struct Node(Map<String, Value>);

impl Node {
    /// A node of this class.
    pub(super) fn of(class: &str) -> Self {
        Self(Map::from_iter([("@type".to_owned(), json!(class))]))
    }
    /// A node of these classes.
    pub(super) fn of_all(classes: &[&str]) -> Self {
        Self(Map::from_iter([("@type".to_owned(), json!(classes))]))
    }
    /// The same with a property.
    pub(super) fn put(mut self, property: &str, value: Value) -> Self {
        let empty = match &value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::String(text) => text.is_empty(),
            Value::Object(_) | Value::Bool(_) | Value::Number(_) => false,
        };
        if !empty {
            self.0.insert(property.to_owned(), value);
        }
        self
    }
    /// The node itself, without a name.
    pub(super) fn unnamed(self) -> Value {
        Value::Object(self.0)
    }
    pub(super) fn with_id(mut self, id: &str) -> Value {
        self.0.insert("@id".to_owned(), json!(id));
        Value::Object(self.0)
    }
}

/// The prefixes (JSON-LD 1.1, section 3.1).
pub(super) fn context() -> Value {
    json!({
        "adms": "http://www.w3.org/ns/adms#",
        "cpsv": "http://purl.org/vocab/cpsv#",
        "cv": "http://data.europa.eu/m8g/",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "eli": "http://data.europa.eu/eli/ontology#",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "org": "http://www.w3.org/ns/org#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "schema": "https://schema.org/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    })
}

/// Texts with their languages.
pub(super) fn texts(texts: &LanguageMap) -> Value {
    texts.iter().map(|(lang, text)| json!({ "@language": lang, "@value": text })).collect()
}

/// A text in each language of the network.
pub(super) fn each_lang(text: impl Fn(Lang) -> String) -> Value {
    Lang::ALL.iter().map(|lang| json!({ "@language": lang.as_str(), "@value": text(*lang) })).collect()
}

/// A name that is known in no language.
pub(super) fn undetermined(text: &str) -> Value {
    json!([{ "@language": "und", "@value": text }])
}

/// The texts of a field; none where it has none.
pub(super) fn texts_of(payload: &Value, field: &str) -> Option<Value> {
    let map = super::super::table::language_map(payload.get(field)?.as_object()?);
    (!map.is_empty()).then(|| texts(&map))
}

/// The texts of a field, or nothing.
pub(super) fn said(payload: &Value, field: &str) -> Value {
    texts_of(payload, field).unwrap_or_default()
}

/// The text of a field; none where it is empty.
pub(super) fn text<'v>(payload: &'v Value, field: &str) -> Option<&'v str> {
    payload.get(field)?.as_str().filter(|text| !text.is_empty())
}

/// The items of a field.
pub(super) fn list<'v>(payload: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    payload.get(field).and_then(Value::as_array).into_iter().flatten()
}

/// A message of a field; none where it is absent.
pub(super) fn message<'v>(payload: &'v Value, field: &str) -> Option<&'v Value> {
    payload.get(field).filter(|value| value.is_object())
}

/// An address as JSON-LD takes it: what may not stand in an IRI is percent-encoded.
pub(super) fn iri(url: &str) -> String {
    let bad = |c: char| c.is_control() || c.is_whitespace() || "<>\"{}|\\^`".contains(c);
    url.chars().map(|c| if bad(c) { part(&c.to_string()) } else { c.to_string() }).collect()
}

/// A language (BCP 47) as the authority of the European Union names it, else by its tag.
pub(super) fn language(tag: &str, own: impl Fn(&str) -> String) -> Value {
    const AUTHORITY: &str = "http://publications.europa.eu/resource/authority/language/";
    let id = match tag {
        "ar" => format!("{AUTHORITY}ARA"),
        "en" => format!("{AUTHORITY}ENG"),
        "fr" => format!("{AUTHORITY}FRA"),
        other => own(&format!("code:language:{other}")),
    };
    json!({ "@id": id, "@type": "dct:LinguisticSystem" })
}
