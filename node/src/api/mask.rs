//! What of an object, a revision or a figure an answer holds (AIP-157, AIP-161): paths of fields, as `id`, `title.ar`,
//! `payload.channels.type`.
//!
//! Paths are those of the JSON: the fields of the message, and below `payload` those of the kind. A path goes through lists, all
//! items of which are cut alike, and through language maps by their keys. Each path must be one of the schema: of the kind that is
//! asked for, or of any where that is open. In scope: reading masks. Out of scope: cutting, which is done where messages are
//! made (`read`) and payloads written (`json`).

use std::collections::BTreeMap;

use multaqa_proto::kind::{Kind, descriptor_pool};
use multaqa_runtime::near::nearest;
use prost_reflect::{FieldDescriptor, Kind as FieldKind, MessageDescriptor};
use prost_types::FieldMask;
#[cfg(test)]
use serde_json::Value;

use super::refusal::Refusal;
use crate::clients::names_of_kinds;
use crate::code;
use crate::file::NONE_NEAR;

/// Most paths of a mask.
const PATHS_MAX: usize = 100;
/// Longest path, bytes.
const PATH_MAX: usize = 256;
/// The kind of what withdraws an object.
pub(crate) const TOMBSTONE: &str = "tombstone";
/// Under which name the payload is.
pub(crate) const PAYLOAD: &str = "payload";
/// The field that carries it on the wire.
const CARRIED: &str = "payload_json";

/// What an answer holds of each object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Mask {
    /// Nothing stands for all.
    kept: BTreeMap<String, Self>,
}

/// What a mask is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of<'k> {
    /// Objects of this kind, or of any.
    Objects(Option<&'k str>),
    /// Revisions of an object of this kind, of which some may be tombstones.
    Revisions(&'k str),
    /// Figures.
    Figures,
}

impl Of<'_> {
    /// The message, by its full name.
    const fn message(self) -> &'static str {
        match self {
            Self::Objects(_) => "multaqa.node.v1.ObjectSummary",
            Self::Revisions(_) => "multaqa.node.v1.Revision",
            Self::Figures => "multaqa.node.v1.ObservedValue",
        }
    }

    /// What payloads may be; none where there are none.
    fn payloads(self) -> Option<Vec<MessageDescriptor>> {
        let messages = |kinds: &[&str]| kinds.iter().filter_map(|kind| Kind::find(kind)).map(Kind::message).collect();
        match self {
            Self::Objects(Some(kind)) => Some(messages(&[kind])),
            Self::Objects(None) => Some(messages(&names_of_kinds().collect::<Vec<_>>())),
            Self::Revisions(kind) => Some(messages(&[kind, TOMBSTONE])),
            Self::Figures => None,
        }
    }
}

impl Mask {
    /// The mask of a request; none where all is asked for.
    ///
    /// # Errors
    /// `FIELD_PATH_UNKNOWN` with the nearest path, or `REQUEST_MALFORMED` where there are too many or too long ones.
    pub(crate) fn of(asked: Option<&FieldMask>, of: Of<'_>) -> Result<Option<Self>, Refusal> {
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
            known(path, of)?;
            mask.add(path);
        }
        Ok(Some(mask).filter(|_| !all))
    }

    /// Whether a field of this name is held, as a whole or in part.
    pub(crate) fn holds(&self, name: &str) -> bool {
        self.kept.is_empty() || self.kept.contains_key(name)
    }

    /// The mask of what is below a field; none where all of it is held.
    pub(crate) fn below(&self, name: &str) -> Option<&Self> {
        self.kept.get(name).filter(|below| !below.kept.is_empty())
    }

    /// Cuts JSON of the same names: what a mask means, for tests.
    #[cfg(test)]
    pub(crate) fn cut(&self, value: &mut Value) {
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

/// A field of this name as far as a mask keeps it: what it does not keep is as if it were not set.
pub(crate) fn kept<T: Default>(mask: Option<&Mask>, name: &str, value: T) -> T {
    if mask.is_none_or(|mask| mask.holds(name)) { value } else { T::default() }
}

/// Whether the schema has a path; where payloads may be of several messages it may be of any.
fn known(path: &str, of: Of<'_>) -> Result<(), Refusal> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let found = match (of.payloads().filter(|_| name == PAYLOAD), rest) {
        (Some(_), None) => return Ok(()),
        (Some(messages), Some(rest)) => within("payload.", rest, &messages),
        (None, _) => within("", path, descriptor_pool().get_message_by_name(of.message()).as_slice()),
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
        let carries = before.is_empty() && names.iter().any(|field| field.name() == CARRIED);
        let own = carries.then_some(PAYLOAD);
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
        Mask::of(Some(&FieldMask { paths }), Of::Objects(kind))
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
    }

    #[test]
    fn a_field_as_a_whole_counts_whatever_stands_beside_it() {
        for paths in [["payload", "payload.title.ar"], ["payload.title.ar", "payload"]] {
            let mask = mask(&paths, None).unwrap().unwrap();
            assert!(mask.holds(PAYLOAD) && mask.below(PAYLOAD).is_none() && !mask.holds("id"), "{paths:?}");
        }
        assert_eq!(mask(&["*", "id"], None).unwrap(), None);
        assert_eq!(mask(&[], None).unwrap(), None);
        assert_eq!(Mask::of(None, Of::Objects(None)).unwrap(), None);
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

    #[test]
    fn revisions_and_figures_have_masks_of_their_own() {
        let of = |path: &str, of: Of<'_>| Mask::of(Some(&FieldMask { paths: vec![path.to_owned()] }), of).map(drop);
        let nearest = |path: &str, of_what: Of<'_>| of(path, of_what).unwrap_err().args[1].1.clone();
        for path in ["state", "payload", "payload.title.ar", "payload.reason.ar", "authored_at_ms"] {
            of(path, Of::Revisions("service")).unwrap();
        }
        assert_eq!(nearest("payload.observations", Of::Revisions("service")), NONE_NEAR);
        assert_eq!(nearest("payload_json", Of::Revisions("service")), "payload");
        assert_eq!(nearest("stat", Of::Revisions("service")), "state");
        of("value", Of::Figures).unwrap();
        assert_eq!(nearest("vlaue", Of::Figures), "value");
        assert_eq!(
            (nearest("payload", Of::Figures), nearest("payload.x", Of::Figures)),
            (NONE_NEAR.to_owned(), NONE_NEAR.to_owned())
        );
    }

    proptest! {
        #[test]
        fn no_path_is_too_odd_to_be_refused(paths in prop::collection::vec("(payload|title|[.a-z*]{0,6}|\\PC{0,4}|[.])*", 0..5)) {
            let _ = Mask::of(Some(&FieldMask { paths }), Of::Objects(None));
        }
    }
}
