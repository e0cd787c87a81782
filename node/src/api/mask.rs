//! What of an object an answer holds (AIP-157, AIP-161): paths of fields, as `id`, `title.ar`, `payload.channels.type`.
//!
//! Paths are those of the JSON: the fields of `ObjectSummary`, and below `payload` those of the kind. A path goes through lists, all
//! items of which are cut alike, and through language maps by their keys. Each path must be one of the schema: of the kind that is
//! asked for, or of any where that is open. In scope: reading masks, cutting objects and JSON by them. Out of scope: rendering (`json`).

use std::collections::BTreeMap;

use multaqa_proto::kind::{Kind, descriptor_pool};
use multaqa_proto::wire::node as wire;
use multaqa_runtime::near::nearest;
use prost_reflect::{FieldDescriptor, Kind as FieldKind, MessageDescriptor};
use prost_types::FieldMask;
use serde_json::Value;

use super::refusal::Refusal;
use crate::clients::names_of_kinds;
use crate::code;
use crate::file::NONE_NEAR;

/// Most paths of a mask.
const PATHS_MAX: usize = 100;
/// Longest path, bytes.
const PATH_MAX: usize = 256;
/// Under which name the payload is.
pub(super) const PAYLOAD: &str = "payload";
/// The field that carries it on the wire.
const CARRIED: &str = "payload_json";

/// What an answer holds of each object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Mask {
    /// Nothing stands for all.
    kept: BTreeMap<String, Self>,
}

impl Mask {
    /// The mask of a request about objects of this kind, or of any; none where all is asked for.
    ///
    /// # Errors
    /// `FIELD_PATH_UNKNOWN` with the nearest path, or `REQUEST_MALFORMED` where there are too many or too long ones.
    pub(super) fn of(asked: Option<&FieldMask>, kind: Option<&str>) -> Result<Option<Self>, Refusal> {
        let Some(FieldMask { paths }) = asked.filter(|mask| !mask.paths.is_empty()) else { return Ok(None) };
        if paths.len() > PATHS_MAX || paths.iter().any(|path| path.len() > PATH_MAX) {
            return Err(Refusal::new("REQUEST_MALFORMED", [("field", "read_mask".to_owned())]));
        }
        let mut mask = Self::default();
        let mut all = false;
        for path in paths.iter().map(|path| path.trim()) {
            if path == "*" {
                all = true;
                continue;
            }
            known(path, kind)?;
            mask.add(path);
        }
        Ok(Some(mask).filter(|_| !all))
    }

    /// Whether a field of this name is held, as a whole or in part.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.kept.is_empty() || self.kept.contains_key(name)
    }

    /// The mask of what is below a field; none where all of it is held.
    pub(super) fn below(&self, name: &str) -> Option<&Self> {
        self.kept.get(name).filter(|below| !below.kept.is_empty())
    }

    /// Cuts JSON of the same names.
    pub(super) fn cut(&self, value: &mut Value) {
        if self.kept.is_empty() {
            return;
        }
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| self.kept.contains_key(name));
                for (name, value) in fields {
                    if let Some(below) = self.below(name) {
                        below.cut(value);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.cut(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Cuts an object; its payload is cut where it is rendered.
    pub(super) fn cut_summary(&self, summary: wire::ObjectSummary) -> wire::ObjectSummary {
        let keep = |name: &str| self.holds(name);
        let wire::ObjectSummary {
            id,
            kind,
            member,
            revision,
            record_id,
            mut title,
            audience,
            authored_at_ms,
            accepted_at_ms,
            index,
            withdrawn,
            standing,
            payload_json,
        } = summary;
        if let Some(below) = self.below("title") {
            title.retain(|lang, _| below.holds(lang));
        }
        wire::ObjectSummary {
            id: kept(keep("id"), id),
            kind: kept(keep("kind"), kind),
            member: kept(keep("member"), member),
            revision: kept(keep("revision"), revision),
            record_id: kept(keep("record_id"), record_id),
            title: kept(keep("title"), title),
            audience: kept(keep("audience"), audience),
            authored_at_ms: kept(keep("authored_at_ms"), authored_at_ms),
            accepted_at_ms: kept(keep("accepted_at_ms"), accepted_at_ms),
            index: kept(keep("index"), index),
            withdrawn: kept(keep("withdrawn"), withdrawn),
            standing: kept(keep("standing"), standing),
            payload_json: kept(keep(PAYLOAD), payload_json),
        }
    }

    fn add(&mut self, path: &str) {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let known = self.kept.contains_key(name);
        let below = self.kept.entry(name.to_owned()).or_default();
        match rest {
            // A field that is held as a whole stays so.
            Some(rest) if !known || !below.kept.is_empty() => below.add(rest),
            Some(_) => {}
            None => below.kept.clear(),
        }
    }
}

fn kept<T: Default>(keep: bool, value: T) -> T {
    if keep { value } else { T::default() }
}

/// Whether the schema has a path; for objects of any kind it may be of any.
fn known(path: &str, kind: Option<&str>) -> Result<(), Refusal> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let found = if name == PAYLOAD {
        let Some(rest) = rest else { return Ok(()) };
        let messages: Vec<MessageDescriptor> = match kind {
            Some(kind) => Kind::find(kind).map(Kind::message).into_iter().collect(),
            None => names_of_kinds().filter_map(Kind::find).map(Kind::message).collect(),
        };
        within("payload.", rest, &messages)
    } else {
        let summary = descriptor_pool().get_message_by_name("multaqa.node.v1.ObjectSummary");
        within("", path, summary.as_slice())
    };
    found.map_err(|near| {
        let near = near.unwrap_or_else(|| NONE_NEAR.to_owned());
        Refusal::new(code::FIELD_PATH_UNKNOWN, [("path", path.to_owned()), ("nearest", near)])
    })
}

/// Looks a path up in one of these messages; the nearest path where none has it.
fn within(before: &str, path: &str, messages: &[MessageDescriptor]) -> Result<(), Option<String>> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let fields: Vec<_> = messages.iter().filter_map(|message| message.get_field_by_name(name)).collect();
    if fields.is_empty() || name == CARRIED {
        let names: Vec<_> = messages.iter().flat_map(MessageDescriptor::fields).collect();
        let own = before.is_empty().then_some(PAYLOAD);
        let names = names.iter().map(FieldDescriptor::name).filter(|name| *name != CARRIED).chain(own);
        let near = if name == CARRIED { own } else { nearest(name, names) };
        return Err(near.map(|near| format!("{before}{near}")));
    }
    let Some(rest) = rest else { return Ok(()) };
    let mut below = Vec::new();
    for field in fields {
        match field.kind() {
            FieldKind::Message(entry) if field.is_map() => match rest.split_once('.') {
                // A key by itself: any.
                None if !rest.is_empty() => return Ok(()),
                None => {}
                Some((_, rest)) => {
                    if let FieldKind::Message(value) = entry.map_entry_value_field().kind() {
                        return within(&format!("{before}{name}."), rest, &[value]);
                    }
                }
            },
            FieldKind::Message(message) => below.push(message),
            FieldKind::Double
            | FieldKind::Float
            | FieldKind::Int32
            | FieldKind::Int64
            | FieldKind::Uint32
            | FieldKind::Uint64
            | FieldKind::Sint32
            | FieldKind::Sint64
            | FieldKind::Fixed32
            | FieldKind::Fixed64
            | FieldKind::Sfixed32
            | FieldKind::Sfixed64
            | FieldKind::Bool
            | FieldKind::String
            | FieldKind::Bytes
            | FieldKind::Enum(_) => {}
        }
    }
    let before = format!("{before}{name}.");
    if below.is_empty() { Err(Some(before.trim_end_matches('.').to_owned())) } else { within(&before, rest, &below) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn mask(paths: &[&str], kind: Option<&str>) -> Result<Option<Mask>, Refusal> {
        let paths = paths.iter().map(ToString::to_string).collect();
        Mask::of(Some(&FieldMask { paths }), kind)
    }

    fn near(path: &str, kind: Option<&str>) -> String {
        let refusal = mask(&["id", path], kind).unwrap_err();
        assert_eq!((refusal.code, refusal.args[0].1.as_str()), (code::FIELD_PATH_UNKNOWN, path));
        refusal.args[1].1.clone()
    }

    #[test]
    fn what_is_not_asked_for_is_cut() {
        let mask =
            mask(&["id", "title.ar", "payload.channels.type", "payload.title"], Some("service")).unwrap().unwrap();
        let mut value = json!({
            "id": "x", "kind": "service", "title": {"ar": "a", "en": "b"},
            "payload": {"title": {"ar": "a", "en": "b"}, "channels": [{"type": "web", "url": "u"}, {"type": "app"}], "status": "pilot"},
        });
        mask.cut(&mut value);
        let expected = json!({
            "id": "x", "title": {"ar": "a"},
            "payload": {"title": {"ar": "a", "en": "b"}, "channels": [{"type": "web"}, {"type": "app"}]},
        });
        assert_eq!(value, expected);
        let title = [("ar".to_owned(), "a".to_owned()), ("en".to_owned(), "b".to_owned())].into();
        let whole = wire::ObjectSummary { id: "x".to_owned(), revision: 7, title, ..Default::default() };
        let cut = mask.cut_summary(whole);
        assert_eq!((cut.id.as_str(), cut.revision, cut.title.len(), cut.title["ar"].as_str()), ("x", 0, 1, "a"));
    }

    #[test]
    fn a_field_as_a_whole_counts_whatever_stands_beside_it() {
        for paths in [["payload", "payload.title.ar"], ["payload.title.ar", "payload"]] {
            let mask = mask(&paths, None).unwrap().unwrap();
            assert!(mask.holds(PAYLOAD) && mask.below(PAYLOAD).is_none() && !mask.holds("id"), "{paths:?}");
        }
        assert_eq!(mask(&["*", "id"], None).unwrap(), None);
        assert_eq!(mask(&[], None).unwrap(), None);
        assert_eq!(Mask::of(None, None).unwrap(), None);
    }

    #[test]
    fn an_unknown_path_is_refused_with_the_nearest() {
        assert_eq!(near("titel", None), "title");
        assert_eq!(near("payload_json", None), "payload");
        assert_eq!(near("payload.sectrs", Some("service")), "payload.sectors");
        assert_eq!(near("payload.channels.tpe", Some("service")), "payload.channels.type");
        assert_eq!(near("payload.status.x", Some("service")), "payload.status");
        assert_eq!(near("payload.observations", Some("service")), NONE_NEAR);
        assert!(mask(&["payload.observations.value"], None).unwrap().is_some());
        assert_eq!(near("", None), NONE_NEAR);
        assert_eq!(mask(&["id"; PATHS_MAX + 1], None).unwrap_err().code, "REQUEST_MALFORMED");
        assert_eq!(mask(&[&"a".repeat(PATH_MAX + 1)], None).unwrap_err().code, "REQUEST_MALFORMED");
    }

    proptest! {
        #[test]
        fn no_path_is_too_odd_to_be_refused(paths in prop::collection::vec("(payload|title|[.a-z*]{0,6}|\\PC{0,4}|[.])*", 0..5)) {
            let _ = Mask::of(Some(&FieldMask { paths }), None);
        }
    }
}
