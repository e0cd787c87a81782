//! What is written against what the library says, of any message and of any bytes.

use multaqa_proto::kind::KINDS;
use multaqa_proto::wire::kind::{Dataset, Invitation, Service, dataset};
use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind as Type, MapKey, MessageDescriptor, ReflectMessage as _, SerializeOptions,
    Value,
};
use serde_json::{Value as Json, json};

use super::super::mask::{Mask, Of};
use super::write::EXACT_MAX;
use super::*;

fn read(kind: &str, bytes: &[u8]) -> Json {
    serde_json::from_str(&payload(kind, bytes)).unwrap()
}

/// The same by the library's own rules; numbers that it writes and others round become strings.
fn reference(message: &DynamicMessage) -> Json {
    let options =
        SerializeOptions::new().use_proto_field_name(true).stringify_64_bit_integers(false).skip_default_fields(false);
    let mut value = message.serialize_with_options(serde_json::value::Serializer, &options).unwrap();
    keep_exact(&mut value);
    // As text, since the reader of numbers is a bit off for some.
    serde_json::from_str(&value.to_string()).unwrap()
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
fn any_value(field: &FieldDescriptor, bytes: &mut impl Iterator<Item = u8>, depth: usize) -> Value {
    let mut next = || bytes.next().unwrap_or(0);
    let number = u64::from_be_bytes(std::array::from_fn(|_| next()));
    let four = std::array::from_fn(|_| next());
    match field.kind() {
        Type::Bool => Value::Bool(number % 2 == 1),
        Type::Int32 | Type::Sint32 | Type::Sfixed32 => Value::I32(i32::from_be_bytes(four)),
        Type::Int64 | Type::Sint64 | Type::Sfixed64 => Value::I64(number.cast_signed()),
        Type::Uint32 | Type::Fixed32 => Value::U32(u32::from_be_bytes(four)),
        Type::Uint64 | Type::Fixed64 => Value::U64(number),
        // A score, which is the one float of the schema, is never shown by these plans: of floats those that all write alike.
        Type::Float => Value::F32(f32::from(four[0]) / 4.0 - 20.0),
        Type::Double => Value::F64(f64::from(i32::from_be_bytes(four)) / 4.0),
        Type::String => Value::String(any_text(number)),
        Type::Bytes => Value::Bytes(number.to_be_bytes()[..usize::from(four[0] % 9)].to_vec().into()),
        Type::Message(message) => Value::Message(any_message(DynamicMessage::new(message), bytes, depth)),
        Type::Enum(_) if four[0] < 32 => Value::EnumNumber(i32::from_be_bytes(four)),
        Type::Enum(_) => Value::EnumNumber(i32::from(four[0] % 6)),
    }
}

/// A text of up to eight characters: what JSON escapes, what other scripts write, what stands beyond the first plane, or nothing.
fn any_text(number: u64) -> String {
    let signs: Vec<char> = "aZ0./\"\\\0\n\u{1f}\u{7f}\u{2028}\u{feff}مé\u{1f3db}".chars().collect();
    let bytes = number.to_be_bytes();
    let count = usize::from(bytes[0] % 9);
    bytes.iter().cycle().skip(1).take(count).map(|byte| signs[usize::from(*byte) % signs.len()]).collect()
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
            let entry = |n: usize| (MapKey::String(format!("l{n}")), any_value(&of, bytes, depth - 1));
            Value::Map((0..count).map(entry).collect())
        } else if field.is_list() {
            Value::List((0..count).map(|_| any_value(&field, bytes, depth - 1)).collect())
        } else {
            any_value(&field, bytes, depth - 1)
        };
        message.set_field(&field, value);
    }
    message
}

/// All messages of the schema that JSON writes as they are: the library knows special forms of some others.
fn messages() -> Vec<MessageDescriptor> {
    fn plain(message: &MessageDescriptor) -> bool {
        let within = |field: FieldDescriptor| field.kind().as_message().is_none_or(plain);
        !message.full_name().starts_with("google.") && message.fields().all(within)
    }
    let all = multaqa_proto::kind::descriptor_pool().all_messages();
    all.filter(|message| !message.is_map_entry() && plain(message)).collect()
}

fn plans() -> Plans {
    let messages = messages();
    Plans::new(messages.iter().map(|message| (message.full_name(), message.clone())))
}

fn written(plans: &Plans, message: &MessageDescriptor, bytes: &[u8]) -> Option<Json> {
    let mut out = Vec::new();
    let plan = plans.get(message.full_name()).unwrap();
    write::message(&mut out, (plans, plan), bytes, None).ok()?;
    Some(serde_json::from_slice(&out).unwrap())
}

/// Paths of fields of this message, as masks name them.
fn paths(message: &MessageDescriptor, before: &str, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    for field in message.fields() {
        let path = format!("{before}{}", field.name());
        if field.is_map() {
            found.extend(["l0", "l1"].map(|key| format!("{path}.{key}")));
        } else if let Some(below) = field.kind().as_message().filter(|_| depth > 0) {
            found.extend(paths(below, &format!("{path}."), depth - 1));
        }
        found.push(path);
    }
    found
}

/// What happens to bytes on their way.
#[derive(Debug, Clone)]
enum Change {
    /// One is another one.
    To(prop::sample::Index, u8),
    /// Some are gone.
    Lost(prop::sample::Index, usize),
    /// Some come between.
    Added(prop::sample::Index, Vec<u8>),
    /// Some come once more, elsewhere.
    Again(prop::sample::Index, usize, prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    // Small numbers, of which keys and lengths are made, more often than others.
    let byte = || prop_oneof![0_u8..64, any::<u8>()];
    let at = any::<prop::sample::Index>;
    prop_oneof![
        3 => (at(), byte()).prop_map(|(at, to)| Change::To(at, to)),
        1 => (at(), 1_usize..6).prop_map(|(at, count)| Change::Lost(at, count)),
        2 => (at(), prop::collection::vec(byte(), 1..6)).prop_map(|(at, bytes)| Change::Added(at, bytes)),
        1 => (at(), 1_usize..40, at()).prop_map(|(at, count, to)| Change::Again(at, count, to)),
    ]
}

impl Change {
    fn happen(&self, bytes: &mut Vec<u8>) {
        let some = |bytes: &[u8], at: &prop::sample::Index, count: usize| {
            let at = at.index(bytes.len() + 1);
            at..bytes.len().min(at + count)
        };
        match self {
            Self::To(at, to) if !bytes.is_empty() => {
                let at = at.index(bytes.len());
                bytes[at] = *to;
            }
            Self::To(..) => {}
            Self::Lost(at, count) => drop(bytes.drain(some(bytes, at, *count))),
            Self::Added(at, more) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Again(at, count, to) => {
                let again = bytes[some(bytes, at, *count)].to_vec();
                let to = to.index(bytes.len() + 1);
                bytes.splice(to..to, again);
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_what_the_library_says(bytes in prop::collection::vec(prop::num::u8::ANY, 0..2_000)) {
        let plans = plans();
        for of in messages() {
            let message = any_message(DynamicMessage::new(of.clone()), &mut bytes.iter().copied(), 4);
            prop_assert_eq!(written(&plans, &of, &message.encode_to_vec()), Some(reference(&message)), "{}", of.full_name());
        }
    }

    /// Fields in any order, twice, in pieces: as the library merges them.
    #[test]
    fn what_comes_in_pieces_is_one_message(
        first in prop::collection::vec(prop::num::u8::ANY, 0..500),
        second in prop::collection::vec(prop::num::u8::ANY, 0..500),
    ) {
        let plans = plans();
        for of in messages() {
            let encoded = |bytes: &[u8]| any_message(DynamicMessage::new(of.clone()), &mut bytes.iter().copied(), 4).encode_to_vec();
            let both = [encoded(&first), encoded(&second)].concat();
            let message = DynamicMessage::decode(of.clone(), both.as_slice()).unwrap();
            prop_assert_eq!(written(&plans, &of, &both), Some(reference(&message)), "{}", of.full_name());
        }
    }

    /// Bytes that are almost a message are one to both or to neither: several changed, lost, added or repeated.
    #[test]
    fn bytes_that_are_no_message_are_none_to_the_library_either(
        bytes in prop::collection::vec(prop::num::u8::ANY, 0..300),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let plans = plans();
        for of in messages() {
            let mut changed = any_message(DynamicMessage::new(of.clone()), &mut bytes.iter().copied(), 4).encode_to_vec();
            for change in &changes {
                change.happen(&mut changed);
            }
            for bytes in [&changed, &bytes] {
                let said = DynamicMessage::decode(of.clone(), bytes.as_slice()).ok();
                prop_assert_eq!(written(&plans, &of, bytes), said.as_ref().map(reference), "{}", of.full_name());
            }
        }
    }

    #[test]
    fn what_a_mask_keeps_is_what_it_cuts_of_the_whole(
        bytes in prop::collection::vec(prop::num::u8::ANY, 0..1_000),
        chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
    ) {
        for kind in KINDS {
            let message = any_message(DynamicMessage::new(kind.message()), &mut bytes.iter().copied(), 4);
            let known = paths(&kind.message(), "payload.", 3);
            let paths = chosen.iter().map(|index| known[index.index(known.len())].clone()).collect();
            let mask = Mask::of(Some(&prost_types::FieldMask { paths }), Of::Objects(Some(kind.name))).unwrap().unwrap();
            let mut whole = json!({ "payload": reference(&message) });
            mask.cut(&mut whole);
            let shown = payload_within(kind.name, &message.encode_to_vec(), mask.below("payload"));
            prop_assert_eq!(serde_json::from_str::<Json>(&shown).unwrap(), whole["payload"].clone(), "{}", kind.name);
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
    let shown = |not_after_ms| read("invitation", &Invitation { not_after_ms, ..Default::default() }.encode_to_vec());
    assert_eq!(shown(1_700_000_000_000)["not_after_ms"], json!(1_700_000_000_000_i64));
    assert_eq!(shown(i64::MAX)["not_after_ms"], json!("9223372036854775807"));
}

#[test]
fn a_choice_that_another_one_overrules_has_to_be_readable_too() {
    let plans = plans();
    let request = messages().into_iter().find(|of| of.full_name() == "multaqa.hub.v1.RefillRequest").unwrap();
    // Field 1, a message, as a number or with half a field in it; then field 2, the choice that counts.
    for overruled in [&[0x08, 0x00][..], &[0x0a, 0x01, 0x08]] {
        let bytes = [overruled, &[0x12, 0x00]].concat();
        assert_eq!(written(&plans, &request, &bytes), None, "{bytes:?}");
        assert!(DynamicMessage::decode(request.clone(), bytes.as_slice()).is_err());
    }
    assert!(written(&plans, &request, &[0x0a, 0x00, 0x12, 0x00]).is_some());
}

#[test]
fn what_this_version_does_not_know_has_no_json() {
    assert_eq!(payload("poem", &[]), "");
    assert_eq!(payload("service", &[0xff]), "");
}
