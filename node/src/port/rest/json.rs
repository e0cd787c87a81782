//! Messages of the schema as JSON, by rules that hold for every answer.
//!
//! | in the schema | in JSON |
//! |---|---|
//! | a field's name | the same, in snake_case as in record files |
//! | a time, `int64 NAME_ms` | `NAME` (without `_ms`), RFC 3339 in UTC with milliseconds; null for 0 and where it is absent |
//! | `bytes` (record ids, hashes) | lower-case hexadecimal |
//! | `string payload_json` | `payload`, the object itself by the field names of its kind; null where there is none |
//! | other whole numbers | a number; a string of its digits from 2^53 on, where JSON readers would round it |
//! | an optional field that is absent | null |
//! | zeros, empty texts, lists and maps | written |
//! | a map | an object, its keys in order |
//!
//! A time that is a difference (`skew_ms`) keeps name and number. Fields that a route leaves out are named in its entry
//! (`Shape::Message`), as `freshness` is where headers say it. Rendering is a pure function of the message, byte for byte, so that
//! its hash is a tag. Out of scope: payloads (`api::json`).

use multaqa_proto::hash::hex;
use multaqa_proto::kind::descriptor_pool;
use multaqa_runtime::output;
use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage as _, Value};

use super::route::Shape;
use crate::api::refusal::Refusal;
use crate::code;

/// The largest whole number that every JSON reader holds exactly (RFC 8259, section 6).
pub(super) const EXACT_MAX: u64 = (1 << 53) - 1;
/// The message of an object.
pub(crate) const OBJECT: &str = "multaqa.node.v1.ObjectSummary";
/// That of a revision.
pub(crate) const REVISION: &str = "multaqa.node.v1.Revision";
/// That of a figure.
pub(crate) const FIGURE: &str = "multaqa.node.v1.ObservedValue";
/// Messages of which a body may hold a part of each.
const CUT: [&str; 3] = [OBJECT, REVISION, FIGURE];
/// Under which name a payload is.
const PAYLOAD: &str = "payload";
/// A number of milliseconds that is no time.
const DIFFERENCES: [&str; 1] = ["skew_ms"];

/// The name of a field in JSON, and whether it is a time.
#[must_use]
pub(crate) fn name(field: &FieldDescriptor) -> (&str, bool) {
    let name = field.name();
    if is_payload(field) {
        return (PAYLOAD, false);
    }
    match name.strip_suffix("_ms") {
        Some(bare) if field.kind() == Kind::Int64 && !DIFFERENCES.contains(&name) => (bare, true),
        Some(_) | None => (name, false),
    }
}

/// Whether a field holds a payload's JSON text.
#[must_use]
pub(crate) fn is_payload(field: &FieldDescriptor) -> bool {
    field.name() == "payload_json"
}

/// What of each object, revision or figure a body holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Everything.
    All,
    /// Everything but the payload, which was not asked for.
    Summary,
    /// Fields of these names of the schema, and `payload`.
    Only(Vec<String>),
}

impl Kept {
    fn holds(&self, field: &FieldDescriptor) -> bool {
        match self {
            Self::All => true,
            Self::Summary => !is_payload(field),
            Self::Only(names) => {
                names.iter().any(|name| name == if is_payload(field) { PAYLOAD } else { field.name() })
            }
        }
    }
}

/// A message in the shape that a route's entry says.
///
/// # Errors
/// `NODE_CALL_FAILED` where the entry names another message, which a test of the table keeps from happening.
pub(crate) fn render(shape: Shape, message: &impl Message, kept: &Kept) -> Result<String, Refusal> {
    let failed = |detail: &str| Refusal::new(code::NODE_CALL_FAILED, [("detail", detail.to_owned())]);
    let Shape::Message { name, without } = shape else { return Err(failed("an answer without a message")) };
    let descriptor = descriptor(name).ok_or_else(|| failed(name))?;
    let dynamic = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice()).map_err(|_| failed(name))?;
    let mut out = String::with_capacity(1024);
    Writer { kept }.message(&mut out, &dynamic, without);
    Ok(out)
}

/// The name in the schema of a field of this message that JSON has under this name, the rest of the path behind it.
#[must_use]
pub(crate) fn path_in_schema(message: &str, path: &str) -> String {
    let (first, rest) = path.split_once('.').map_or((path, ""), |(first, rest)| (first, rest));
    let message = descriptor(message);
    let field = message.and_then(|message| {
        let found = message.fields().find(|field| !is_payload(field) && name(field).0 == first);
        found.map(|field| field.name().to_owned())
    });
    let first = field.unwrap_or_else(|| first.to_owned());
    if rest.is_empty() { first } else { format!("{first}.{rest}") }
}

/// The message of this full name.
#[must_use]
pub(crate) fn descriptor(name: &str) -> Option<MessageDescriptor> {
    descriptor_pool().get_message_by_name(name)
}

struct Writer<'w> {
    kept: &'w Kept,
}

impl Writer<'_> {
    fn message(&self, out: &mut String, message: &DynamicMessage, without: &[&str]) {
        let descriptor = message.descriptor();
        let cut = CUT.contains(&descriptor.full_name());
        let shown = |field: &FieldDescriptor| !without.contains(&field.name()) && (!cut || self.kept.holds(field));
        out.push('{');
        let mut first = true;
        for field in descriptor.fields().filter(shown) {
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            let (name, time) = name(&field);
            write_text(out, name);
            out.push(':');
            if field.supports_presence() && !message.has_field(&field) {
                out.push_str("null");
                continue;
            }
            let value = message.get_field(&field);
            match (value.as_str(), value.as_i64()) {
                (Some(json), _) if is_payload(&field) => out.push_str(if json.is_empty() { "null" } else { json }),
                (_, Some(0)) if time => out.push_str("null"),
                (_, Some(ms)) if time => write_text(out, &output::moment(ms)),
                (_, _) => self.value(out, &value),
            }
        }
        out.push('}');
    }

    fn value(&self, out: &mut String, value: &Value) {
        match value {
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::I32(number) | Value::EnumNumber(number) => write_number(out, i64::from(*number)),
            Value::I64(number) => write_number(out, *number),
            Value::U32(number) => write_number(out, i64::from(*number)),
            Value::U64(number) => match i64::try_from(*number) {
                Ok(number) => write_number(out, number),
                Err(_) => write_text(out, &number.to_string()),
            },
            Value::F32(number) => out.push_str(&serde_json::Value::from(*number).to_string()),
            Value::F64(number) => out.push_str(&serde_json::Value::from(*number).to_string()),
            Value::String(text) => write_text(out, text),
            Value::Bytes(bytes) => write_text(out, &hex(bytes)),
            Value::Message(message) => self.message(out, message, &[]),
            Value::List(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    self.value(out, item);
                }
                out.push(']');
            }
            Value::Map(entries) => {
                let mut entries: Vec<_> = entries.iter().map(|(key, value)| (text_of(key), value)).collect();
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                out.push('{');
                for (place, (key, value)) in entries.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    write_text(out, key);
                    out.push(':');
                    self.value(out, value);
                }
                out.push('}');
            }
        }
    }
}

fn text_of(key: &MapKey) -> String {
    match key {
        MapKey::Bool(key) => key.to_string(),
        MapKey::I32(key) => key.to_string(),
        MapKey::I64(key) => key.to_string(),
        MapKey::U32(key) => key.to_string(),
        MapKey::U64(key) => key.to_string(),
        MapKey::String(key) => key.clone(),
    }
}

fn write_number(out: &mut String, number: i64) {
    if number.unsigned_abs() > EXACT_MAX {
        write_text(out, &number.to_string());
    } else {
        out.push_str(&number.to_string());
    }
}

/// A JSON string.
fn write_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use multaqa_proto::wire::node as wire;
    use serde_json::{Value as Json, json};

    use super::*;

    fn shown(name: &'static str, without: &'static [&'static str], message: &impl Message) -> Json {
        serde_json::from_str(&render(Shape::Message { name, without }, message, &Kept::All).unwrap()).unwrap()
    }

    #[test]
    fn times_hashes_payloads_and_zeros_are_as_the_table_says() {
        let object = wire::ObjectSummary {
            id: "JO:service:a\"b".to_owned(),
            record_id: vec![0xab, 0x01],
            title: [("fr", "été"), ("ar", "خدمة")].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            authored_at_ms: 1_700_000_000_123,
            ..Default::default()
        };
        let response = wire::GetResponse {
            object: Some(object),
            payload_json: r#"{"maturity":0}"#.to_owned(),
            freshness: Some(wire::Freshness::default()),
            unerased: 1 << 60,
        };
        let shown = shown("multaqa.node.v1.GetResponse", &["freshness"], &response);
        assert_eq!(shown["object"]["authored_at"], "2023-11-14T22:13:20.123Z");
        assert_eq!(shown["object"]["accepted_at"], Json::Null);
        assert_eq!(shown["object"]["record_id"], "ab01");
        assert_eq!(shown["object"]["title"], json!({"ar": "خدمة", "fr": "été"}));
        assert_eq!((&shown["object"]["revision"], &shown["object"]["audience"]), (&json!(0), &json!([])));
        assert_eq!((&shown["object"]["withdrawn"], &shown["payload"]), (&json!(false), &json!({"maturity": 0})));
        assert_eq!(shown["unerased"], "1152921504606846976");
        assert_eq!(shown.get("freshness"), None);
    }

    #[test]
    fn of_an_object_only_what_is_asked_for_is_there() {
        let object = || wire::ObjectSummary { payload_json: "{}".to_owned(), ..Default::default() };
        let listed = wire::ListResponse { objects: vec![object()], ..Default::default() };
        let shape = Shape::Message { name: "multaqa.node.v1.ListResponse", without: &["freshness"] };
        let keys = |kept: &Kept| {
            let shown: Json = serde_json::from_str(&render(shape, &listed, kept).unwrap()).unwrap();
            assert_eq!(shown["next_page_token"], "");
            shown["objects"][0].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        let paths = ["authored_at", "payload.name.ar", "id", "nothing"].map(|path| path_in_schema(OBJECT, path));
        assert_eq!(paths, ["authored_at_ms", "payload.name.ar", "id", "nothing"]);
        assert_eq!(
            keys(&Kept::Only(vec!["authored_at_ms".to_owned(), "payload".to_owned()])),
            ["authored_at", "payload"]
        );
        assert!(keys(&Kept::All).contains(&"payload".to_owned()));
        assert!(!keys(&Kept::Summary).contains(&"payload".to_owned()));
    }

    #[test]
    fn what_is_absent_is_null_and_a_difference_is_a_number() {
        let line = wire::Line { skew_ms: -5, ..Default::default() };
        assert_eq!(shown("multaqa.node.v1.Line", &[], &line)["skew_ms"], json!(-5));
        let value = shown("multaqa.node.v1.ObservedValue", &[], &wire::ObservedValue::default());
        assert_eq!((&value["value"], &value["unit"]), (&Json::Null, &json!("")));
        let empty = shown("multaqa.node.v1.GetResponse", &[], &wire::GetResponse::default());
        assert_eq!((&empty["object"], &empty["payload"], &empty["freshness"]), (&Json::Null, &Json::Null, &Json::Null));
    }
}
