//! One record of a file: id, audience, payload, and where each value stands.
//!
//! In scope: what a record passes by itself. Out of scope: the tree (`tree`), the payload's fields (`matching`), CSV (`csv`).

use std::collections::BTreeMap;
use std::fmt::Display;

use bytes::Bytes;
use multaqa_proto::check::Violation;
use multaqa_proto::id::{IdError, ObjectId};
use multaqa_proto::kind::{Class, KINDS, Kind};
use multaqa_proto::record::audience::Audience;
use multaqa_runtime::near::nearest;
use prost::Message as _;

use super::csv;
use super::finding::{Finding, NONE_NEAR, Place, violation};
use super::matching::Matcher;
use super::text::{FILE_MAX, Unreadable, beside, is_plain_name, text_of};
use super::tree::{Content, Node};
use crate::code;

/// The kind whose payload may come from a CSV file.
const DATASET: &str = "dataset";
/// The key that names that file.
pub(super) const CSV: &str = "csv";
/// The keys of a record.
const FIELDS: [&str; 3] = ["id", "audience", "payload"];

/// A record of a file that passes all checks that it passes by itself.
#[derive(Debug, Clone)]
pub struct Document {
    /// Id of the object.
    pub id: ObjectId,
    /// Its kind.
    pub kind: &'static Kind,
    /// The audience that the file names.
    pub audience: Option<Audience>,
    /// Serialised payload.
    pub payload: Bytes,
    /// The code in the INDICATOR column of its CSV file.
    pub csv_indicator: Option<String>,
    places: Places,
}

impl Document {
    /// A finding about this record, placed by the violation's path.
    #[must_use]
    pub fn finding(&self, violation: Violation) -> Finding {
        self.places.finding(violation)
    }

    /// Name of the file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.places.file
    }
}

/// Reads one record.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn read(file: &str, node: &Node, attachments: &BTreeMap<&str, &[u8]>) -> Result<Document, Vec<Finding>> {
    let places = Places { file: file.to_owned(), csv: None, by_path: BTreeMap::new(), lines: Vec::new() };
    let mut reader = DocumentReader { places, found: Vec::new() };
    let document = reader.read(node, attachments);
    let DocumentReader { places, found } = reader;
    match document {
        Some((id, kind, audience, payload, csv_indicator)) if found.is_empty() => {
            Ok(Document { id, kind, audience, payload, csv_indicator, places })
        }
        _ => Err(found),
    }
}

struct DocumentReader {
    places: Places,
    found: Vec<Finding>,
}

type Parts = (ObjectId, &'static Kind, Option<Audience>, Bytes, Option<String>);

impl DocumentReader {
    fn read(&mut self, node: &Node, attachments: &BTreeMap<&str, &[u8]>) -> Option<Parts> {
        self.places.by_path.insert(String::new(), node.place);
        let Content::Map(entries) = &node.content else {
            self.report(node.place, violation(code::VALUE_NOT_MAPPING, "", &[]));
            return None;
        };
        for (key, _) in entries.iter().filter(|(key, _)| !FIELDS.contains(&key.text.as_str())) {
            let near = nearest(&key.text, FIELDS).unwrap_or(NONE_NEAR);
            self.report(key.place, violation(code::FIELD_UNKNOWN, &key.text, &[("nearest", &near)]));
        }
        let id = self.id(node);
        let audience = node.get("audience").map(|(_, value)| self.audience(value));
        let (id, kind) = (id.clone()?, self.kind(&id?, node)?);
        let Some((key, payload)) = node.get("payload") else {
            self.report(node.place, violation("FIELD_REQUIRED", "payload", &[]));
            return None;
        };
        self.places.by_path.insert("payload".to_owned(), key.place);
        let (payload, csv_indicator) = self.payload(kind, payload, attachments)?;
        Some((id, kind, audience.flatten(), payload, csv_indicator))
    }

    fn id(&mut self, node: &Node) -> Option<ObjectId> {
        let Some((key, value)) = node.get("id") else {
            self.report(node.place, violation("FIELD_REQUIRED", "id", &[]));
            return None;
        };
        let Some(text) = value.scalar() else {
            self.report(key.place, violation(code::VALUE_NOT_TEXT, "id", &[]));
            return None;
        };
        self.places.by_path.insert("id".to_owned(), value.place);
        match text.parse() {
            Ok(id) => Some(id),
            Err(IdError { what, value: found, rule }) => {
                let args: [(&'static str, &dyn Display); 3] = [("value", &found), ("what", &what), ("rule", &rule)];
                self.report(value.place, violation("REFERENCE_MALFORMED", "id", &args));
                None
            }
        }
    }

    fn kind(&mut self, id: &ObjectId, node: &Node) -> Option<&'static Kind> {
        let place = node.get("id").map_or(node.place, |(_, value)| value.place);
        match Kind::find(id.kind()) {
            Some(kind) if kind.class != Class::Control && kind.default_audience().is_some() => Some(kind),
            Some(kind) => {
                self.report(place, violation(code::KIND_NOT_FROM_FILE, "id", &[("kind", &kind.name)]));
                None
            }
            None => {
                let near = nearest(id.kind(), KINDS.iter().map(|kind| kind.name)).unwrap_or(NONE_NEAR);
                self.report(place, violation(code::KIND_UNKNOWN, "id", &[("kind", &id.kind()), ("nearest", &near)]));
                None
            }
        }
    }

    fn audience(&mut self, node: &Node) -> Option<Audience> {
        self.places.by_path.insert("audience".to_owned(), node.place);
        let Content::List(items) = &node.content else {
            self.report(node.place, violation(code::VALUE_NOT_LIST, "audience", &[]));
            return None;
        };
        let mut parts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let path = format!("audience[{index}]");
            self.places.by_path.insert(path.clone(), item.place);
            match item.scalar().map(str::parse) {
                None => self.report(item.place, violation(code::VALUE_NOT_TEXT, &path, &[])),
                Some(Ok(part)) => parts.push(part),
                Some(Err(error)) => self.report(item.place, id_violation(&path, &error)),
            }
        }
        if parts.len() < items.len() {
            return None;
        }
        Audience::new(parts).map_err(|error| self.report(node.place, id_violation("audience", &error))).ok()
    }

    fn payload(
        &mut self,
        kind: &'static Kind,
        node: &Node,
        attachments: &BTreeMap<&str, &[u8]>,
    ) -> Option<(Bytes, Option<String>)> {
        let own: &[&str] = if kind.name == DATASET { &[CSV] } else { &[] };
        let mut matcher = Matcher::new("payload", &mut self.places.by_path);
        let mut message = matcher.message(&kind.message(), node, own);
        let faults = matcher.into_faults();
        let clean = faults.is_empty();
        for (place, violation) in faults {
            self.report(place, violation);
        }
        let mut indicator = None;
        if kind.name == DATASET
            && let Some((key, value)) = node.get(CSV)
        {
            if node.get("observations").is_some() {
                self.report(key.place, violation(code::CSV_AND_OBSERVATIONS, "payload.csv", &[]));
                return None;
            }
            let figures = self.figures(value, attachments)?;
            indicator = figures.indicator;
            self.places.lines = figures.lines;
            csv::fill(&mut message, figures.observations);
        }
        let payload = Bytes::from(message.encode_to_vec());
        let faults = kind.check(&payload);
        // A field that was refused above is missing in the message: it is not reported a second time.
        let told: Vec<String> = self.found.iter().map(|finding| finding.violation.path.clone()).collect();
        for fault in faults {
            let fault = rebase(fault);
            if clean || !told.iter().any(|path| path == &fault.path || path.starts_with(&format!("{}[", fault.path))) {
                self.found.push(self.places.finding(fault));
            }
        }
        Some((payload, indicator))
    }

    fn figures(&mut self, node: &Node, attachments: &BTreeMap<&str, &[u8]>) -> Option<csv::Figures> {
        let path = "payload.csv";
        self.places.by_path.insert(path.to_owned(), node.place);
        let Some(name) = node.scalar().filter(|name| is_plain_name(name)) else {
            let value = node.scalar().unwrap_or_default();
            self.report(node.place, violation(code::CSV_NAME_REFUSED, path, &[("value", &value)]));
            return None;
        };
        let name = beside(&self.places.file, name);
        let Some(bytes) = attachments.get(name.as_str()) else {
            self.report(node.place, violation(code::CSV_MISSING, path, &[("csv", &name)]));
            return None;
        };
        let whole = |code, place, args: &[(&'static str, &dyn Display)]| Finding {
            file: name.clone(),
            place,
            violation: violation(code, "", args),
        };
        let text = match text_of(bytes) {
            Ok(text) => text,
            Err(Unreadable::TooLarge) => {
                self.found.push(whole(code::FILE_TOO_LARGE, None, &[("max", &FILE_MAX), ("found", &bytes.len())]));
                return None;
            }
            Err(Unreadable::NotUtf8(line)) => {
                self.found.push(whole(code::FILE_NOT_UTF8, Some(Place::line(line)), &[]));
                return None;
            }
        };
        self.places.csv = Some(name.clone());
        match csv::read(text) {
            Ok(figures) => Some(figures),
            Err(faults) => {
                let located = |(place, violation)| Finding { file: name.clone(), place: Some(place), violation };
                self.found.extend(faults.into_iter().map(located));
                None
            }
        }
    }

    fn report(&mut self, place: Place, violation: Violation) {
        self.found.push(Finding { file: self.places.file.clone(), place: Some(place), violation });
    }
}

/// Where the values of a record stand, by path.
#[derive(Debug, Clone)]
struct Places {
    file: String,
    csv: Option<String>,
    by_path: BTreeMap<String, Place>,
    /// Lines of the observations in the CSV file.
    lines: Vec<Place>,
}

impl Places {
    fn finding(&self, violation: Violation) -> Finding {
        let (file, place) = self.locate(&violation.path);
        Finding { file, place, violation }
    }

    /// The place of the path, or of the nearest value around it.
    fn locate(&self, path: &str) -> (String, Option<Place>) {
        if let Some(csv) = &self.csv
            && let Some(rest) = path.strip_prefix("payload.observations")
        {
            let index =
                rest.strip_prefix('[').and_then(|r| r.split_once(']')).and_then(|(i, _)| i.parse::<usize>().ok());
            return (csv.clone(), index.and_then(|index| self.lines.get(index)).copied());
        }
        let known = std::iter::successors(Some(path), |path| around(path)).find_map(|path| self.by_path.get(path));
        (self.file.clone(), known.copied())
    }
}

/// The path of the value around one; none around the whole.
fn around(path: &str) -> Option<&str> {
    if path.is_empty() { None } else { Some(&path[..path.rfind(['.', '[']).unwrap_or(0)]) }
}

/// The violation of a payload as one of the file.
fn rebase(violation: Violation) -> Violation {
    let Violation { path, code, mut args } = violation;
    let path = if path.is_empty() { "payload".to_owned() } else { format!("payload.{path}") };
    if let Some((_, shown)) = args.iter_mut().find(|(name, _)| *name == "path") {
        shown.clone_from(&path);
    }
    Violation { path, code, args }
}

fn id_violation(path: &str, error: &IdError) -> Violation {
    let IdError { what, value, rule } = error;
    violation("REFERENCE_MALFORMED", path, &[("value", value), ("what", what), ("rule", rule)])
}
