//! SDMX-JSON 2.0: the head of a message, names by language, and structure messages.
//!
//! Two answers from the same position of the replica are the same bytes: the time in the head is when the log took what is newest, and the
//! id names the log's position.

use multaqa_proto::text::{Lang, LanguageMap, pick};
use multaqa_runtime::output::instant;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::Api;
use super::code;

/// A structure message. `meta` comes first, and in it `schema`: by those readers tell what it is.
#[derive(Debug, Serialize)]
pub(super) struct Message {
    meta: Meta,
    data: Data,
}

/// The head of a message.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    schema: &'static str,
    id: String,
    test: bool,
    prepared: String,
    content_languages: Vec<&'static str>,
    sender: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Value>,
}

impl Message {
    /// The same with references to what it is about and made from.
    pub(super) fn with_links(mut self, urns: &[String]) -> Self {
        self.meta.links = urns.iter().map(|urn| json!({ "rel": "related", "urn": urn })).collect();
        self
    }
}

/// The artefacts of a structure message.
#[expect(clippy::struct_field_names, reason = "the fields have the names of SDMX-JSON")]
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Data {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) agency_schemes: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) codelists: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) concept_schemes: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) data_structures: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) dataflows: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) data_constraints: Vec<Value>,
}

/// Which kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    Structure,
    Data,
}

impl Schema {
    const fn uri(self) -> &'static str {
        match self {
            Self::Structure => {
                "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/sdmx-json-structure-schema.json"
            }
            Self::Data => {
                "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json"
            }
        }
    }
}

impl Data {
    /// Whether no list or scheme has any item.
    pub(super) fn is_without_items(&self) -> bool {
        let lists =
            [(&self.agency_schemes, "agencies"), (&self.codelists, "codes"), (&self.concept_schemes, "concepts")];
        lists.into_iter().all(|(list, items)| list.iter().all(|artefact| artefact.get(items).is_none()))
    }
}

impl Api {
    /// A structure message of these artefacts.
    pub(super) fn message(&self, data: Data, lang: Lang) -> Message {
        Message { meta: self.meta(Schema::Structure, lang), data }
    }

    /// The head of a message.
    pub(super) fn meta(&self, schema: Schema, lang: Lang) -> Meta {
        let cursor = self.parts.replica.cursor();
        let (log, size, at) = cursor.map_or((0, 0, 0), |cursor| (cursor.log.0, cursor.size.0, cursor.accepted_at_ms));
        let member = self.parts.replica.member();
        let mut sender = Map::new();
        sender.insert("id".to_owned(), json!(code::id_of(member.as_str())));
        let intake = self.parts.intake.load();
        if let Some(known) = intake.directory().and_then(|directory| directory.member(member)) {
            put_names(&mut sender, "name", "names", &known.name, lang);
        }
        Meta {
            schema: schema.uri(),
            id: format!("{}-{log}-{size}", code::id_of(member.as_str())),
            test: false,
            prepared: instant(at),
            content_languages: Lang::ALL.iter().map(|lang| lang.as_str()).collect(),
            sender: Value::Object(sender),
            links: Vec::new(),
        }
    }
}

/// Puts a text: the best match for the language asked for, and all of them.
pub(super) fn put_names(into: &mut Map<String, Value>, one: &str, all: &str, names: &LanguageMap, lang: Lang) {
    if let Some((_, text)) = pick(names, lang) {
        into.insert(one.to_owned(), json!(text));
        into.insert(all.to_owned(), json!(names));
    }
}

/// An object with an id and a name; the id stands for a name that nobody gave.
pub(super) fn identified(id: &str, names: Option<&LanguageMap>, lang: Lang) -> Map<String, Value> {
    let mut object = Map::from_iter([("id".to_owned(), json!(id)), ("name".to_owned(), json!(id))]);
    if let Some(names) = names {
        put_names(&mut object, "name", "names", names, lang);
    }
    object
}
