//! Matches a located tree with the descriptor of a message: every field that does not fit is reported, none is dropped.
//!
//! The field's type decides how a scalar is read, so `no`, `4.10` and `2024` in a text field are those texts. A field that
//! is null is left out. Bytes are Base64 (RFC 4648, section 4), as in the JSON that the node prints, or `sha256:` and 64 hex
//! digits. Out of scope: what a kind's rules say of the values (`proto::kind`).

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use multaqa_proto::hash::unhex;
use multaqa_runtime::near::nearest;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};

use super::finding::{Fault, NONE_NEAR, Place, violation};
use super::tree::{Content, Key, Node};
use crate::code;

/// Walks down a tree along a descriptor.
pub struct Matcher<'a> {
    path: String,
    places: &'a mut BTreeMap<String, Place>,
    faults: Vec<Fault>,
}

impl<'a> Matcher<'a> {
    /// A matcher that writes down where each value stands; `path` is the path of the message itself.
    pub fn new(path: &str, places: &'a mut BTreeMap<String, Place>) -> Self {
        Self { path: path.to_owned(), places, faults: Vec::new() }
    }

    /// What did not fit.
    #[must_use]
    pub fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    /// The message that the tree describes, without the fields that do not fit. Keys of `own` are not the message's: the
    /// caller reads them.
    pub fn message(&mut self, descriptor: &MessageDescriptor, node: &Node, own: &[&str]) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        let Content::Map(entries) = &node.content else {
            self.report(node.place, code::VALUE_NOT_MAPPING, &[]);
            return message;
        };
        for (key, value) in entries.iter().filter(|(key, _)| !own.contains(&key.text.as_str())) {
            self.within(&format!(".{}", key.text), |matcher| match descriptor.get_field_by_name(&key.text) {
                Some(field) => matcher.field(&mut message, &field, key, value),
                None => matcher.unknown(descriptor, key, own),
            });
        }
        message
    }

    fn unknown(&mut self, descriptor: &MessageDescriptor, key: &Key, own: &[&str]) {
        let fields: Vec<_> = descriptor.fields().map(|field| field.name().to_owned()).collect();
        let names = fields.iter().map(String::as_str).chain(own.iter().copied());
        let near = nearest(&key.text, names).unwrap_or(NONE_NEAR);
        self.report(key.place, code::FIELD_UNKNOWN, &[("nearest", &near)]);
    }

    fn field(&mut self, message: &mut DynamicMessage, field: &FieldDescriptor, key: &Key, node: &Node) {
        if node.is_null() {
            return;
        }
        // Lists and mappings begin a line below their key: what is wrong with them as a whole is shown at the key.
        let place = if node.scalar().is_some() { node.place } else { key.place };
        self.places.insert(self.path.clone(), place);
        let value = if field.is_map() {
            self.map(field, node, place)
        } else if field.is_list() {
            self.list(field, node, place)
        } else {
            self.single(&field.kind(), node)
        };
        if let Some(value) = value {
            message.set_field(field, value);
        }
    }

    fn list(&mut self, field: &FieldDescriptor, node: &Node, place: Place) -> Option<Value> {
        let Content::List(items) = &node.content else {
            self.report(place, code::VALUE_NOT_LIST, &[]);
            return None;
        };
        let kind = field.kind();
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            self.within(&format!("[{index}]"), |matcher| {
                matcher.places.insert(matcher.path.clone(), item.place);
                values.extend(matcher.single(&kind, item));
            });
        }
        Some(Value::List(values))
    }

    fn map(&mut self, field: &FieldDescriptor, node: &Node, place: Place) -> Option<Value> {
        let Kind::Message(entry) = field.kind() else { return None };
        let Content::Map(entries) = &node.content else {
            self.report(place, code::VALUE_NOT_MAPPING, &[]);
            return None;
        };
        let (key_kind, value_kind) = (entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind());
        let mut values: HashMap<MapKey, Value> = HashMap::new();
        for (key, value) in entries {
            self.within(&format!(".{}", key.text), |matcher| {
                let place = if value.scalar().is_some() { value.place } else { key.place };
                matcher.places.insert(matcher.path.clone(), place);
                let map_key = matcher.scalar(&key_kind, &key.text, true, key.place).and_then(Value::into_map_key);
                if let (Some(map_key), Some(value)) = (map_key, matcher.single(&value_kind, value)) {
                    values.insert(map_key, value);
                }
            });
        }
        Some(Value::Map(values))
    }

    fn single(&mut self, kind: &Kind, node: &Node) -> Option<Value> {
        match (kind, &node.content) {
            (Kind::Message(descriptor), _) => Some(Value::Message(self.message(descriptor, node, &[]))),
            (_, Content::Scalar { text, plain }) if !node.is_null() => self.scalar(kind, text, *plain, node.place),
            (_, Content::Scalar { .. } | Content::List(_) | Content::Map(_)) => {
                self.report(node.place, expected(kind), &[]);
                None
            }
        }
    }

    fn scalar(&mut self, kind: &Kind, text: &str, plain: bool, place: Place) -> Option<Value> {
        let value = match kind {
            Kind::String => Some(Value::String(text.to_owned())),
            Kind::Bool => match text {
                "true" if plain => Some(Value::Bool(true)),
                "false" if plain => Some(Value::Bool(false)),
                _ => None,
            },
            Kind::Bytes => bytes(text).map(|bytes| Value::Bytes(bytes.into())),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                return self.whole(text, place, i32::MIN, i32::MAX).map(Value::I32);
            }
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                return self.whole(text, place, i64::MIN, i64::MAX).map(Value::I64);
            }
            Kind::Uint32 | Kind::Fixed32 => return self.whole(text, place, u32::MIN, u32::MAX).map(Value::U32),
            Kind::Uint64 | Kind::Fixed64 => return self.whole(text, place, u64::MIN, u64::MAX).map(Value::U64),
            Kind::Double => text.parse().ok().filter(|n: &f64| n.is_finite()).map(Value::F64),
            Kind::Float => text.parse().ok().filter(|n: &f32| n.is_finite()).map(Value::F32),
            Kind::Enum(values) => values.get_value_by_name(text).map(|value| Value::EnumNumber(value.number())),
            Kind::Message(_) => None,
        };
        if value.is_none() {
            self.report(place, expected(kind), &[]);
        }
        value
    }

    /// A whole number in decimal digits within the range of its type.
    fn whole<T>(&mut self, text: &str, place: Place, min: T, max: T) -> Option<T>
    where
        T: TryFrom<i128> + Display + Copy,
    {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            self.report(place, code::VALUE_NOT_NUMBER, &[]);
            return None;
        }
        let value = text.parse::<i128>().ok().and_then(|n| T::try_from(n).ok());
        if value.is_none() {
            self.report(place, "OUT_OF_RANGE", &[("min", &min), ("max", &max), ("found", &text)]);
        }
        value
    }

    fn within(&mut self, step: &str, walk: impl FnOnce(&mut Self)) {
        let before = self.path.len();
        self.path.push_str(step);
        walk(self);
        self.path.truncate(before);
    }

    fn report(&mut self, place: Place, code: &'static str, args: &[(&'static str, &dyn Display)]) {
        self.faults.push((place, violation(code, &self.path, args)));
    }
}

/// The rule that a value breaks that is not of this type.
fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::String | Kind::Enum(_) => code::VALUE_NOT_TEXT,
        Kind::Bool => code::VALUE_NOT_BOOLEAN,
        Kind::Bytes => code::VALUE_NOT_BYTES,
        Kind::Message(_) => code::VALUE_NOT_MAPPING,
        Kind::Double
        | Kind::Float
        | Kind::Int32
        | Kind::Int64
        | Kind::Uint32
        | Kind::Uint64
        | Kind::Sint32
        | Kind::Sint64
        | Kind::Fixed32
        | Kind::Fixed64
        | Kind::Sfixed32
        | Kind::Sfixed64 => code::VALUE_NOT_NUMBER,
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    match text.strip_prefix("sha256:") {
        Some(digits) => unhex(digits).filter(|bytes| bytes.len() == 32),
        None => STANDARD.decode(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::kind::descriptor_pool;

    use super::super::tree;
    use super::*;

    fn matched(message: &str, yaml: &str) -> (DynamicMessage, Vec<(usize, usize, String, &'static str)>) {
        let (nodes, faults) = tree::read(yaml);
        assert_eq!(faults, []);
        let descriptor = descriptor_pool().get_message_by_name(message).unwrap();
        let mut places = BTreeMap::new();
        let mut matcher = Matcher::new("payload", &mut places);
        let message = matcher.message(&descriptor, &nodes[0], &[]);
        let faults = matcher.into_faults().into_iter();
        (message, faults.map(|(place, v)| (place.line, place.column, v.path, v.code)).collect())
    }

    fn text(message: &DynamicMessage, field: &str) -> String {
        message.get_field_by_name(field).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn texts_are_what_was_written_whatever_they_look_like() {
        let yaml =
            "code: NO\nunit: no\nminimum: 4.10\nmaximum: 1e3\nperiodicity: 2024\nsource: null\nsource_url: yes\n";
        let (message, faults) = matched("multaqa.kind.v1.Indicator", yaml);
        assert_eq!(faults, []);
        let found = ["code", "unit", "minimum", "maximum", "periodicity", "source", "source_url"];
        assert_eq!(found.map(|field| text(&message, field)), ["NO", "no", "4.10", "1e3", "2024", "", "yes"]);
        assert!(!message.has_field_by_name("source"));
    }

    #[test]
    fn everything_that_does_not_fit_is_reported_at_its_place() {
        let yaml = "titel: x\ntitle: x\nsectors: health\nmaturity: high\nreuse: [api]\nlanguages:\n- ar\n- [en]\n-\nchannels:\n- typ: web\nendpoint:\n  description_hash: zz\ncosts:\n- amount: 0\n  currency: {}\n";
        let (_, faults) = matched("multaqa.kind.v1.Service", yaml);
        let expected = [
            (1, 1, "payload.titel", "FIELD_UNKNOWN"),
            (2, 8, "payload.title", "VALUE_NOT_MAPPING"),
            (3, 10, "payload.sectors", "VALUE_NOT_LIST"),
            (4, 11, "payload.maturity", "VALUE_NOT_NUMBER"),
            (5, 8, "payload.reuse", "VALUE_NOT_MAPPING"),
            (8, 3, "payload.languages[1]", "VALUE_NOT_TEXT"),
            (9, 2, "payload.languages[2]", "VALUE_NOT_TEXT"),
            (11, 3, "payload.channels[0].typ", "FIELD_UNKNOWN"),
            (13, 21, "payload.endpoint.description_hash", "VALUE_NOT_BYTES"),
            (16, 13, "payload.costs[0].currency", "VALUE_NOT_TEXT"),
        ];
        assert_eq!(faults, expected.map(|(line, column, path, code)| (line, column, path.to_owned(), code)));
    }

    #[test]
    fn numbers_keep_to_the_range_of_their_type() {
        let number = |yaml: &str| {
            let (message, faults) = matched("multaqa.kind.v1.Service", yaml);
            (message.get_field_by_name("maturity").unwrap().as_u32().unwrap(), faults.first().map(|f| f.3))
        };
        assert_eq!(number("maturity: 3"), (3, None));
        assert_eq!(number("maturity: \"3\""), (3, None));
        assert_eq!(number("maturity: 4294967296"), (0, Some("OUT_OF_RANGE")));
        assert_eq!(number("maturity: -1"), (0, Some("OUT_OF_RANGE")));
        assert_eq!(number(&format!("maturity: {}", "9".repeat(60))), (0, Some("OUT_OF_RANGE")));
        for wrong in ["3.0", "0x3", "+3", "1_000", "٣", "true"] {
            assert_eq!(number(&format!("maturity: {wrong}")), (0, Some("VALUE_NOT_NUMBER")), "{wrong}");
        }
    }

    #[test]
    fn hashes_are_base64_or_named_hex() {
        let hash = |text: &str| {
            let yaml = format!("description_hash: {text}");
            let (message, faults) = matched("multaqa.kind.v1.Service.Endpoint", &yaml);
            (message.get_field_by_name("description_hash").unwrap().as_bytes().unwrap().to_vec(), faults.len())
        };
        assert_eq!(hash(&format!("sha256:{}", "01".repeat(32))), (vec![1; 32], 0));
        assert_eq!(hash(&STANDARD.encode([1; 32])), (vec![1; 32], 0));
        assert_eq!(hash("sha256:01").1, 1);
    }
}
