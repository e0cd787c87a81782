//! Payloads as JSON: the field names of the schema in its order, zeros written, numbers as numbers where JSON holds them exactly.
//!
//! Written straight from the message: a page of lists has fifty of them, and a tree of values between the two costs more than all
//! else of the page. The order of what is written is fixed, so that the same payload is the same text: languages of a map stand by
//! their names.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use multaqa_proto::kind::Kind;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind as Type, MapKey, ReflectMessage as _, Value};
use serde_json::Value as Json;

use super::mask::Mask;

/// The largest whole number that every JSON reader holds exactly (RFC 8259, section 6).
const EXACT_MAX: u64 = (1 << 53) - 1;

/// A payload as JSON text; empty where this version does not know the kind, or the bytes are no message of it.
pub(super) fn payload(kind: &str, bytes: &[u8]) -> String {
    read(kind, bytes).map(|message| text(&message)).unwrap_or_default()
}

/// The same, cut by a mask.
pub(super) fn payload_within(kind: &str, bytes: &[u8], mask: Option<&Mask>) -> String {
    let whole = payload(kind, bytes);
    let Some(mask) = mask else { return whole };
    let Ok(mut value) = serde_json::from_str::<Json>(&whole) else { return whole };
    mask.cut(&mut value);
    value.to_string()
}

fn read(kind: &str, bytes: &[u8]) -> Option<DynamicMessage> {
    DynamicMessage::decode(Kind::find(kind)?.message(), bytes).ok()
}

fn text(message: &DynamicMessage) -> String {
    let mut out = Vec::with_capacity(1_024);
    write_message(&mut out, message);
    // Only texts and JSON's own signs were written.
    String::from_utf8(out).unwrap_or_default()
}

fn write_message(out: &mut Vec<u8>, message: &DynamicMessage) {
    let mut separator = b'{';
    for field in message.descriptor().fields() {
        // What may be absent and is, is left out.
        if field.supports_presence() && !message.has_field(&field) {
            continue;
        }
        out.push(separator);
        separator = b',';
        write_text(out, field.name());
        out.push(b':');
        write_value(out, &message.get_field(&field), &field);
    }
    close(out, separator, b'{', b'}');
}

fn write_value(out: &mut Vec<u8>, value: &Value, field: &FieldDescriptor) {
    match value {
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::I32(number) => write_signed(out, i64::from(*number)),
        Value::I64(number) => write_signed(out, *number),
        Value::U32(number) => write_unsigned(out, u64::from(*number)),
        Value::U64(number) => write_unsigned(out, *number),
        Value::F32(number) => write_double(out, f64::from(*number)),
        Value::F64(number) => write_double(out, *number),
        Value::String(value) => write_text(out, value),
        Value::Bytes(bytes) => write_text(out, &STANDARD.encode(bytes)),
        Value::EnumNumber(number) => match name_of(field, *number) {
            Some(name) => write_text(out, &name),
            None => write_signed(out, i64::from(*number)),
        },
        Value::Message(message) => write_message(out, message),
        Value::List(items) => {
            let mut separator = b'[';
            for item in items {
                out.push(separator);
                separator = b',';
                write_value(out, item, field);
            }
            close(out, separator, b'[', b']');
        }
        Value::Map(entries) => {
            let Type::Message(entry) = field.kind() else { return };
            let value_field = entry.map_entry_value_field();
            let mut entries: Vec<(String, &Value)> =
                entries.iter().map(|(key, value)| (text_of_key(key), value)).collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            let mut separator = b'{';
            for (key, value) in entries {
                out.push(separator);
                separator = b',';
                write_text(out, &key);
                out.push(b':');
                write_value(out, value, &value_field);
            }
            close(out, separator, b'{', b'}');
        }
    }
}

/// Ends what began with `open`, which stands there unless nothing was written.
fn close(out: &mut Vec<u8>, separator: u8, open: u8, end: u8) {
    if separator == open {
        out.push(open);
    }
    out.push(end);
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    // Writing a text to memory cannot fail.
    let _written = serde_json::to_writer(out, text);
}

/// Whole numbers that some readers would round become strings.
fn write_signed(out: &mut Vec<u8>, number: i64) {
    let quote = if number.unsigned_abs() > EXACT_MAX { "\"" } else { "" };
    let _written = write!(out, "{quote}{number}{quote}");
}

fn write_unsigned(out: &mut Vec<u8>, number: u64) {
    let quote = if number > EXACT_MAX { "\"" } else { "" };
    let _written = write!(out, "{quote}{number}{quote}");
}

/// What is no number in JSON is a text, as protobuf's own JSON has it.
fn write_double(out: &mut Vec<u8>, number: f64) {
    let _written = match number {
        number if number.is_nan() => write!(out, "\"NaN\""),
        f64::INFINITY => write!(out, "\"Infinity\""),
        f64::NEG_INFINITY => write!(out, "\"-Infinity\""),
        number => return drop(serde_json::to_writer(out, &number)),
    };
}

fn name_of(field: &FieldDescriptor, number: i32) -> Option<String> {
    field.kind().as_enum().and_then(|names| names.get_value(number)).map(|value| value.name().to_owned())
}

fn text_of_key(key: &MapKey) -> String {
    match key {
        MapKey::Bool(key) => key.to_string(),
        MapKey::I32(key) => key.to_string(),
        MapKey::I64(key) => key.to_string(),
        MapKey::U32(key) => key.to_string(),
        MapKey::U64(key) => key.to_string(),
        MapKey::String(key) => key.clone(),
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::kind::KINDS;
    use multaqa_proto::wire::kind::{Dataset, Invitation, Service, dataset};
    use proptest::prelude::*;
    use prost::Message as _;
    use prost_reflect::SerializeOptions;
    use serde_json::json;

    use super::*;

    fn read(kind: &str, bytes: &[u8]) -> Json {
        serde_json::from_str(&payload(kind, bytes)).unwrap()
    }

    /// The same by the library's own rules; numbers that it writes and others round become strings.
    fn reference(message: &DynamicMessage) -> Json {
        let options = SerializeOptions::new()
            .use_proto_field_name(true)
            .stringify_64_bit_integers(false)
            .skip_default_fields(false);
        let mut value = message.serialize_with_options(serde_json::value::Serializer, &options).unwrap();
        keep_exact(&mut value);
        value
    }

    fn keep_exact(value: &mut Json) {
        match value {
            Json::Number(number) => {
                let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
                if size.is_some_and(|size| size > EXACT_MAX) {
                    *value = Json::String(number.to_string());
                }
            }
            Json::Array(items) => items.iter_mut().for_each(keep_exact),
            Json::Object(fields) => fields.values_mut().for_each(keep_exact),
            Json::Null | Json::Bool(_) | Json::String(_) => {}
        }
    }

    /// A value of a field's type, made from bytes.
    fn any(field: &FieldDescriptor, bytes: &mut impl Iterator<Item = u8>, depth: usize) -> Value {
        let mut next = || bytes.next().unwrap_or(0);
        let number = u64::from_be_bytes(std::array::from_fn(|_| next()));
        let four = std::array::from_fn(|_| next());
        match field.kind() {
            Type::Bool => Value::Bool(number % 2 == 1),
            Type::Int32 | Type::Sint32 | Type::Sfixed32 => Value::I32(i32::from_be_bytes(four)),
            Type::Int64 | Type::Sint64 | Type::Sfixed64 => Value::I64(number.cast_signed()),
            Type::Uint32 | Type::Fixed32 => Value::U32(u32::from_be_bytes(four)),
            Type::Uint64 | Type::Fixed64 => Value::U64(number),
            Type::Float => Value::F32(0.5),
            Type::Double => Value::F64(0.75),
            Type::String => Value::String(format!("\"{}\\\u{1f}ملتقى", number % 10)),
            Type::Bytes => Value::Bytes(number.to_be_bytes().to_vec().into()),
            Type::Message(message) => Value::Message(any_message(DynamicMessage::new(message), bytes, depth)),
            Type::Enum(_) => Value::EnumNumber(i32::from(four[0] % 3)),
        }
    }

    fn any_message(mut message: DynamicMessage, bytes: &mut impl Iterator<Item = u8>, depth: usize) -> DynamicMessage {
        for field in message.descriptor().fields() {
            let count = usize::from(bytes.next().unwrap_or(0) % 3);
            if depth == 0 || count == 0 {
                continue;
            }
            let entry = field
                .kind()
                .as_message()
                .filter(|_| field.is_map())
                .map(prost_reflect::MessageDescriptor::map_entry_value_field);
            let value = if let Some(of) = entry {
                let entry = |n: usize| (MapKey::String(format!("l{n}")), any(&of, bytes, depth - 1));
                Value::Map((0..count).map(entry).collect())
            } else if field.is_list() {
                Value::List((0..count).map(|_| any(&field, bytes, depth - 1)).collect())
            } else {
                any(&field, bytes, depth - 1)
            };
            message.set_field(&field, value);
        }
        message
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_the_library_says(bytes in prop::collection::vec(prop::num::u8::ANY, 0..2_000)) {
            for kind in KINDS {
                let message = self::any_message(DynamicMessage::new(kind.message()), &mut bytes.iter().copied(), 4);
                let written: Json = serde_json::from_str(&text(&message)).unwrap();
                prop_assert_eq!(written, reference(&message), "{}", kind.name);
            }
        }
    }

    #[test]
    fn the_same_payload_is_the_same_text() {
        let title = |langs: [&str; 3]| langs.map(|lang| (lang.to_owned(), lang.to_owned())).into();
        let texts = [["ar", "en", "fr"], ["fr", "ar", "en"]]
            .map(|langs| payload("service", &Service { title: title(langs), ..Default::default() }.encode_to_vec()));
        assert_eq!(texts[0], texts[1]);
        assert!(texts[0].starts_with(r#"{"title":{"ar":"ar","en":"en","fr":"fr"},"description":{},"provider":"""#));
    }

    #[test]
    fn fields_have_the_names_of_the_schema_and_zeros_are_written() {
        let service = Service { service_type: "data-api".to_owned(), ..Default::default() };
        let shown = read("service", &service.encode_to_vec());
        assert_eq!(
            (&shown["service_type"], &shown["maturity"], &shown["sectors"]),
            (&json!("data-api"), &json!(0), &json!([]))
        );
    }

    #[test]
    fn figures_keep_their_digits_and_no_value_is_no_zero() {
        let observation = dataset::Observation { value: Some("0.7500".to_owned()), ..Default::default() };
        let observations = vec![observation, dataset::Observation::default()];
        let shown = read("dataset", &Dataset { observations, ..Default::default() }.encode_to_vec());
        assert_eq!(shown["observations"][0]["value"], "0.7500");
        assert_eq!(shown["observations"][1].get("value").unwrap_or(&Json::Null), &Json::Null);
    }

    #[test]
    fn whole_numbers_are_numbers_while_they_are_exact() {
        let shown =
            |not_after_ms| read("invitation", &Invitation { not_after_ms, ..Default::default() }.encode_to_vec());
        assert_eq!(shown(1_700_000_000_000)["not_after_ms"], json!(1_700_000_000_000_i64));
        assert_eq!(shown(i64::MAX)["not_after_ms"], json!("9223372036854775807"));
    }

    #[test]
    fn what_this_version_does_not_know_has_no_json() {
        assert_eq!(payload("poem", &[]), "");
        assert_eq!(payload("service", &[0xff]), "");
    }
}
