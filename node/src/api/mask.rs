//! What of an object, a revision or a figure an answer holds (AIP-157, AIP-161): paths of fields, as `id`, `title.ar`,
//! `payload.channels.type`.
//!
//! Paths are those of the JSON: the fields of the message, and below `payload` those of the kind. A path goes through lists, all
//! items of which are cut alike, and through language maps by their keys. Each path must be one of the schema: of the kind that is
//! asked for, or of any where that is open. In scope: reading masks, cutting messages by them. Out of scope: cutting payloads, which
//! is where they are written (`json`).

use std::collections::BTreeMap;

use multaqa_proto::kind::{Kind, descriptor_pool};
use multaqa_proto::wire::node as wire;
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

    /// Cuts an object; its payload is cut where it is rendered.
    pub(crate) fn cut_summary(&self, summary: wire::ObjectSummary) -> wire::ObjectSummary {
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

    /// Cuts a revision; its payload is cut where it is rendered.
    pub(crate) fn cut_revision(&self, revision: wire::Revision) -> wire::Revision {
        let keep = |name: &str| self.holds(name);
        let wire::Revision {
            revision,
            record_id,
            index,
            writer,
            authored_at_ms,
            accepted_at_ms,
            audience,
            state,
            code,
            payload_json,
            tombstone,
        } = revision;
        wire::Revision {
            revision: kept(keep("revision"), revision),
            record_id: kept(keep("record_id"), record_id),
            index: kept(keep("index"), index),
            writer: kept(keep("writer"), writer),
            authored_at_ms: kept(keep("authored_at_ms"), authored_at_ms),
            accepted_at_ms: kept(keep("accepted_at_ms"), accepted_at_ms),
            audience: kept(keep("audience"), audience),
            state: kept(keep("state"), state),
            code: kept(keep("code"), code),
            payload_json: kept(keep(PAYLOAD), payload_json),
            tombstone: kept(keep("tombstone"), tombstone),
        }
    }

    /// Cuts a figure.
    pub(crate) fn cut_figure(&self, figure: wire::ObservedValue) -> wire::ObservedValue {
        let keep = |name: &str| self.holds(name);
        let wire::ObservedValue {
            indicator,
            ref_area,
            time_period,
            value,
            obs_status,
            unit,
            sex,
            age,
            disability,
            place,
            dataset,
            provider,
        } = figure;
        wire::ObservedValue {
            indicator: kept(keep("indicator"), indicator),
            ref_area: kept(keep("ref_area"), ref_area),
            time_period: kept(keep("time_period"), time_period),
            value: kept(keep("value"), value),
            obs_status: kept(keep("obs_status"), obs_status),
            unit: kept(keep("unit"), unit),
            sex: kept(keep("sex"), sex),
            age: kept(keep("age"), age),
            disability: kept(keep("disability"), disability),
            place: kept(keep("place"), place),
            dataset: kept(keep("dataset"), dataset),
            provider: kept(keep("provider"), provider),
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
        let mask = |paths: &[&str], of| {
            let paths = paths.iter().map(ToString::to_string).collect();
            Mask::of(Some(&FieldMask { paths }), of).unwrap().unwrap()
        };
        let revision = wire::Revision { revision: 3, state: "valid".to_owned(), index: 9, ..Default::default() };
        let cut = mask(&["state", "payload.title"], Of::Revisions("service")).cut_revision(revision);
        assert_eq!(cut, wire::Revision { state: "valid".to_owned(), ..Default::default() });
        let figure = wire::ObservedValue { value: Some("1".to_owned()), unit: "PT".to_owned(), ..Default::default() };
        let cut = mask(&["value"], Of::Figures).cut_figure(figure);
        assert_eq!(cut, wire::ObservedValue { value: Some("1".to_owned()), ..Default::default() });
    }

    proptest! {
        #[test]
        fn no_path_is_too_odd_to_be_refused(paths in prop::collection::vec("(payload|title|[.a-z*]{0,6}|\\PC{0,4}|[.])*", 0..5)) {
            let _ = Mask::of(Some(&FieldMask { paths }), Of::Objects(None));
        }
    }
}
