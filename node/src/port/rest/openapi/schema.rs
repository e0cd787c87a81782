//! Schemas of messages, by the rules by which they are written: `rest::json` for answers, `api::json` for payloads.
//!
//! 3.1 is JSON Schema, in which null is a type; 3.0 has a word of its own for it. In scope: that. Out of scope: shapes that are no
//! message (`named`).

use std::collections::{BTreeMap, BTreeSet};

use multaqa_proto::kind::{KINDS, Kind};
use multaqa_proto::text::Lang;
use prost_reflect::{FieldDescriptor, Kind as Type, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::super::json::{descriptor, is_payload, name};
use super::super::route::Shape;
use super::{Version, comment, named};

/// Package of the payloads.
const PAYLOADS: &str = "multaqa.kind.v1";
/// The largest whole number of JSON (RFC 8259, section 6).
const EXACT_MAX: u64 = (1 << 53) - 1;
/// Messages of which a request may ask for a part (`fields`), so that no field has to be there.
const PARTS: [&str; 2] = ["multaqa.node.v1.ObjectSummary", "multaqa.node.v1.GetResponse"];

/// The schemas of a document, as they are needed.
pub(super) struct Schemas {
    pub(super) version: Version,
    found: BTreeMap<String, Value>,
    begun: BTreeSet<String>,
}

impl Schemas {
    pub(super) fn new(version: Version) -> Self {
        Self { version, found: BTreeMap::new(), begun: BTreeSet::new() }
    }

    pub(super) fn finish(self) -> BTreeMap<String, Value> {
        self.found
    }

    /// Adds a schema under a name; a reference to it.
    pub(super) fn add(&mut self, name: &str, schema: Value) -> Value {
        self.found.insert(name.to_owned(), schema);
        reference(name)
    }

    /// The schema of a body, and a body that fits it where one is known.
    pub(super) fn of(&mut self, shape: Shape) -> (Value, Option<Value>) {
        match shape {
            Shape::Message { name, without } => {
                let Some(message) = descriptor(name) else { return (json!({}), None) };
                (self.message(&message, without), Some(example(&message, without, 0)))
            }
            Shape::Named(name) => named::of(name, self),
            Shape::Text => (json!({ "type": "string" }), None),
            Shape::Bytes => match self.version {
                Version::V30 => (json!({ "type": "string", "format": "binary" }), None),
                Version::V31 => (json!({ "type": "string", "contentMediaType": "application/octet-stream" }), None),
            },
        }
    }

    /// A reference to the schema of a message without some of its fields.
    pub(super) fn message(&mut self, message: &MessageDescriptor, without: &[&str]) -> Value {
        let name = schema_name(message);
        if self.begun.insert(name.clone()) {
            let schema = self.object(message, without);
            self.found.insert(name.clone(), schema);
        }
        reference(&name)
    }

    fn object(&mut self, message: &MessageDescriptor, without: &[&str]) -> Value {
        let mut properties = Map::new();
        for field in message.fields().filter(|field| !without.contains(&field.name())) {
            properties.insert(name_of(&field), self.field(&field));
        }
        let told = comment::of_message(message);
        let mut schema = json!({ "type": "object", "properties": properties });
        if !told.is_empty() && !told.starts_with("See ") {
            schema["description"] = json!(told);
        }
        let whole = message.package_name() != PAYLOADS && !PARTS.contains(&message.full_name());
        let required: Vec<_> = schema["properties"].as_object().into_iter().flat_map(Map::keys).cloned().collect();
        if whole && !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema
    }

    fn field(&mut self, field: &FieldDescriptor) -> Value {
        let (_, time) = name(field);
        let absent = field.supports_presence() && !field.is_list();
        let told = comment::of_field(field);
        if is_payload(field) {
            let payload = if self.version == Version::V30 { self.payload_read() } else { self.payload() };
            return self.or_null(self.described(payload, told));
        }
        let value = if field.is_map() {
            self.map(field)
        } else {
            let one = self.one(field, time, told);
            if field.is_list() { json!({ "type": "array", "items": one }) } else { one }
        };
        let told = if time { told.replace(", milliseconds since 1970 UTC", "") } else { told.to_owned() };
        let described = self.described(value, &told);
        if absent || (time && !field.is_list()) { self.or_null(described) } else { described }
    }

    fn map(&mut self, field: &FieldDescriptor) -> Value {
        let entry = field.kind().as_message().and_then(|entry| entry.get_field(2));
        if !is_texts(field) {
            let value = entry.map_or_else(|| json!({}), |value| self.one(&value, false, ""));
            return json!({ "type": "object", "additionalProperties": value });
        }
        let of_lang = |lang: Lang| (lang.as_str().to_owned(), json!({ "type": "string" }));
        let texts = self.exampled(json!({
            "type": "object",
            "description": "A text for people by language.",
            "properties": Lang::ALL.map(of_lang).into_iter().collect::<Map<_, _>>(),
            "example": { "ar": "نص", "en": "Text", "fr": "Texte" },
        }));
        self.add("Texts", texts)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other types are whole numbers of the schema")]
    fn one(&mut self, field: &FieldDescriptor, time: bool, told: &str) -> Value {
        match field.kind() {
            Type::Message(message) => self.message(&message, &[]),
            Type::Bool => json!({ "type": "boolean" }),
            Type::Double | Type::Float => json!({ "type": "number" }),
            Type::Bytes if field.parent_message().package_name() == PAYLOADS => {
                json!({ "type": "string", "description": "Bytes in base64 (RFC 4648, section 4)." })
            }
            Type::Bytes => json!({ "type": "string", "pattern": "^([0-9a-f]{2})*$" }),
            Type::String => match comment::quoted(told) {
                Some(value) => self.exampled(json!({ "type": "string", "example": value })),
                None => json!({ "type": "string" }),
            },
            Type::Int64 if time => json!({ "type": "string", "format": "date-time" }),
            Type::Int32 | Type::Int64 | Type::Sint32 | Type::Sint64 => json!({ "type": "integer" }),
            Type::Uint32 => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
            _ => json!({ "type": "integer", "minimum": 0, "maximum": EXACT_MAX }),
        }
    }

    /// A payload of any kind, known or not.
    pub(super) fn payload(&mut self) -> Value {
        let kinds = KINDS.iter().filter(|kind| kind.collection.is_some()).map(Kind::message);
        let kinds: Vec<_> = kinds.map(|message| self.message(&message, &[])).collect();
        self.add(
            "Payload",
            json!({ "description": "The payload: which of these, the object's kind says.", "anyOf": kinds }),
        )
    }

    /// A payload in an answer, for generators: nothing in it says of which kind it is, so a client that they make of `anyOf` takes
    /// each for the first kind.
    fn payload_read(&mut self) -> Value {
        self.payload();
        let schemas = KINDS.iter().filter(|kind| kind.collection.is_some());
        let schemas: Vec<_> =
            schemas.map(|kind| format!("`{}`: {}", kind.name, schema_name(&kind.message()))).collect();
        let told = format!("The payload: the schema that fits it, the object's kind says ({}).", schemas.join(", "));
        self.add("AnyPayload", json!({ "type": "object", "description": told, "additionalProperties": true }))
    }

    /// The same with a description; beside a reference 3.0 allows none, so it is wrapped.
    fn described(&self, schema: Value, told: &str) -> Value {
        if told.is_empty() {
            return schema;
        }
        let mut schema = match (self.version, schema.get("$ref")) {
            (Version::V30, Some(_)) => json!({ "allOf": [schema] }),
            (Version::V30 | Version::V31, _) => schema,
        };
        schema["description"] = json!(told);
        schema
    }

    /// The same, or null.
    pub(super) fn or_null(&self, mut schema: Value) -> Value {
        if self.version == Version::V30 {
            schema["nullable"] = json!(true);
            return schema;
        }
        if let Some(kind) = schema.get("type").and_then(Value::as_str).map(ToOwned::to_owned) {
            schema["type"] = json!([kind, "null"]);
            return schema;
        }
        let told = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        let mut either = json!({ "anyOf": [schema, { "type": "null" }] });
        if let Some(told) = told {
            either["description"] = told;
        }
        either
    }

    /// `example` as the version writes it.
    pub(super) fn exampled(&self, mut schema: Value) -> Value {
        if self.version == Version::V31
            && let Some(example) = schema.as_object_mut().and_then(|schema| schema.remove("example"))
        {
            schema["examples"] = json!([example]);
        }
        schema
    }
}

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// `ListResponse`, `Service.Channel`.
fn schema_name(message: &MessageDescriptor) -> String {
    message.full_name().strip_prefix(message.package_name()).unwrap_or_default().trim_start_matches('.').to_owned()
}

/// The name of a field in JSON: payloads have those of the schema.
fn name_of(field: &FieldDescriptor) -> String {
    if field.parent_message().package_name() == PAYLOADS { field.name().to_owned() } else { name(field).0.to_owned() }
}

fn is_texts(field: &FieldDescriptor) -> bool {
    let told = comment::of_field(field);
    told.contains("y language") || told.contains("ar, en, fr")
}

/// Deepest message of an example.
const DEPTH_MAX: usize = 4;

/// A body of a message that fits its schema.
fn example(message: &MessageDescriptor, without: &[&str], depth: usize) -> Value {
    let fields = message.fields().filter(|field| !without.contains(&field.name()));
    fields.map(|field| (name_of(&field), sample(&field, depth))).collect::<Map<_, _>>().into()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other types are numbers")]
fn sample(field: &FieldDescriptor, depth: usize) -> Value {
    let (_, time) = name(field);
    let told = comment::of_field(field);
    if is_payload(field) {
        return json!({ "title": { "ar": "سند", "en": "Sanad" } });
    }
    if field.is_map() {
        return if is_texts(field) { json!({ "ar": "سند", "en": "Sanad" }) } else { json!({}) };
    }
    let one = match field.kind() {
        Type::Message(_) if depth >= DEPTH_MAX => {
            return if field.is_list() { json!([]) } else { Value::Null };
        }
        Type::Message(message) => example(&message, &[], depth + 1),
        Type::Bool => json!(false),
        Type::String => json!(sample_text(field.name(), told)),
        Type::Bytes => json!("5f".repeat(32)),
        Type::Int64 if time => json!("2026-05-01T08:30:00.000Z"),
        _ => json!(1),
    };
    if field.is_list() { json!([one]) } else { one }
}

fn sample_text<'t>(name: &str, told: &'t str) -> &'t str {
    match name {
        "id" | "dataset" | "indicator" => match name {
            "id" => "JO:service:sanad",
            "dataset" => "x-escwa:dataset:egdi-2003-2024",
            _ => "x-escwa:indicator:egdi",
        },
        "kind" => "service",
        "member" | "provider" | "ref_area" => "JO",
        "time_period" => "2024",
        "value" => "0.7500",
        "writer" => "JO/gw1",
        "audience" => "states",
        _ => comment::quoted(told).unwrap_or_default(),
    }
}
