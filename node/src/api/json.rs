//! Payloads as JSON: the field names of the schema, zeros written, numbers as numbers where JSON holds them exactly.

use multaqa_proto::kind::Kind;
use prost_reflect::{DynamicMessage, SerializeOptions};
use serde_json::Value;

use super::mask::Mask;

/// The largest whole number that every JSON reader holds exactly (RFC 8259, section 6).
const EXACT_MAX: u64 = (1 << 53) - 1;

/// A payload as JSON text; empty where this version does not know the kind, or the bytes are no message of it.
pub(super) fn payload(kind: &str, bytes: &[u8]) -> String {
    Kind::find(kind).and_then(|kind| value(kind, bytes)).map(|value| value.to_string()).unwrap_or_default()
}

/// The same, cut by a mask.
pub(super) fn payload_within(kind: &str, bytes: &[u8], mask: Option<&Mask>) -> String {
    let Some(mask) = mask else { return payload(kind, bytes) };
    let Some(mut value) = Kind::find(kind).and_then(|kind| value(kind, bytes)) else { return String::new() };
    mask.cut(&mut value);
    value.to_string()
}

fn value(kind: &Kind, bytes: &[u8]) -> Option<Value> {
    let options =
        SerializeOptions::new().use_proto_field_name(true).stringify_64_bit_integers(false).skip_default_fields(false);
    let message = DynamicMessage::decode(kind.message(), bytes).ok()?;
    let mut value = message.serialize_with_options(serde_json::value::Serializer, &options).ok()?;
    keep_exact(&mut value);
    Some(value)
}

/// Whole numbers that some readers would round become strings.
fn keep_exact(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            if size.is_some_and(|size| size > EXACT_MAX) {
                *value = Value::String(number.to_string());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(keep_exact),
        Value::Object(fields) => fields.values_mut().for_each(keep_exact),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::wire::kind::{Dataset, Invitation, Service, dataset};
    use prost::Message as _;
    use serde_json::json;

    use super::*;

    fn read(kind: &str, bytes: &[u8]) -> Value {
        serde_json::from_str(&payload(kind, bytes)).unwrap()
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
        assert_eq!(shown["observations"][1].get("value").unwrap_or(&Value::Null), &Value::Null);
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
