//! A list as a table: columns from the descriptor of the kind, cells from the payload.
//!
//! Columns stand in the order of the schema, whatever the objects hold, so that two downloads of a list can be compared. A
//! language map is a column a language, or one in the language asked for; what lies in a message is flattened (`reuse.offer`);
//! a list is one cell, its items joined with `"; "`, and each field of the items of a list is a column of its own, in which the
//! items keep their places. In scope: that. Out of scope: what each list says of its items
//! (`item`), the formats (`csv`, `xlsx`), headings (`label`).

use multaqa_proto::kind::Kind;
use multaqa_proto::text::{self, Lang, LanguageMap};
use prost_reflect::{FieldDescriptor, Kind as Type, MessageDescriptor};
use serde_json::{Map, Value};

use super::item::{Item, Of};
use super::{Listing, Texts};

/// Between the items of a list.
const BETWEEN: &str = "; ";
/// Most items of a list that a cell shows; the number of the others follows them.
const ITEMS_MAX: usize = 100;
/// Deepest message in a message that has columns.
const DEPTH_MAX: usize = 4;
/// Under which name an item has a payload, where that is one of its fields.
const PAYLOAD: &str = "payload";
/// Fields whose text is a decimal.
const DECIMALS: [&str; 6] = ["value", "amount", "satisfaction", "minimum", "maximum", "weight"];

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// Fields that lead to it, outermost first.
    pub(super) path: Vec<String>,
    /// Language of its texts, where it has one of several.
    pub(super) lang: Option<Lang>,
    form: Form,
    /// Whether it is of what the list says of an item, and not of a payload.
    own: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    /// A language map.
    Texts,
    Number,
    Decimal,
    Boolean,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Empty,
    Text(String),
    /// A whole number.
    Number(u64),
    /// A decimal, with the digits as published.
    Decimal(String),
    Boolean(bool),
}

impl Column {
    /// Whether it is a part of what `fields` names by this path, or what it names is a part of it.
    fn is_of(&self, field: &str) -> bool {
        let name = self.name();
        let within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let named = |field: &str| within(&name, field) || within(field, &name);
        // The payload of an object stands beside what the list says of it, that of a revision in it.
        let below = field.strip_prefix(PAYLOAD).and_then(|rest| rest.strip_prefix('.'));
        named(field) || (!self.own && (field == PAYLOAD || below.is_some_and(named)))
    }

    /// Name for programs: `title.ar`, `reuse.offer`.
    pub(super) fn name(&self) -> String {
        let lang = self.lang.map(|lang| lang.as_str().to_owned());
        self.path.iter().cloned().chain(lang).collect::<Vec<_>>().join(".")
    }
}

/// The columns of a list.
pub(super) fn columns(listing: &Listing) -> Vec<Column> {
    let mut columns = Vec::new();
    for &(name, form) in listing.of.own() {
        let path = vec![name.to_owned()];
        match form {
            Form::Texts => of_texts(&path, true, listing.texts, &mut columns),
            Form::Text | Form::Number | Form::Decimal | Form::Boolean => {
                columns.push(Column { path, lang: None, form, own: true });
            }
        }
    }
    match (listing.of, listing.kind.map(Kind::message)) {
        (Of::Objects, Some(message)) => of_message(&message, &[], listing.texts, &mut columns),
        (Of::Objects, None) => of_texts(&["title".to_owned()], false, listing.texts, &mut columns),
        (Of::Revisions, Some(message)) => {
            let payload = PAYLOAD.to_owned();
            of_message(&message, std::slice::from_ref(&payload), listing.texts, &mut columns);
            // That of a tombstone is its reason.
            of_texts(&[payload, "reason".to_owned()], true, listing.texts, &mut columns);
        }
        (Of::Hits | Of::Revisions | Of::Figures | Of::Queue | Of::Kinds, _) => {}
    }
    if !listing.fields.is_empty() {
        columns.retain(|column| listing.fields.iter().any(|field| column.is_of(field)));
    }
    columns
}

fn of_message(message: &MessageDescriptor, under: &[String], texts: Texts, columns: &mut Vec<Column>) {
    // A payload below another field is what the list says of the item.
    let own = under.first().is_some_and(|first| first == PAYLOAD);
    for field in message.fields() {
        let path: Vec<_> = under.iter().cloned().chain([field.name().to_owned()]).collect();
        let kind = field.kind();
        match kind.as_message() {
            Some(_) if field.is_map() => of_texts(&path, own, texts, columns),
            Some(inner) if path.len() < DEPTH_MAX => of_message(inner, &path, texts, columns),
            Some(_) | None => columns.push(Column { path, lang: None, form: form(&field), own }),
        }
    }
}

fn of_texts(path: &[String], own: bool, texts: Texts, columns: &mut Vec<Column>) {
    let column = |lang| Column { path: path.to_vec(), lang, form: Form::Texts, own };
    match texts {
        Texts::Each => columns.extend(Lang::ALL.map(|lang| column(Some(lang)))),
        Texts::Asked => columns.push(column(None)),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever is no number and no boolean is shown as text")]
fn form(field: &FieldDescriptor) -> Form {
    match field.kind() {
        Type::Bool => Form::Boolean,
        Type::Int32 | Type::Uint32 | Type::Uint64 | Type::Int64 => Form::Number,
        Type::String if DECIMALS.contains(&field.name()) => Form::Decimal,
        _ => Form::Text,
    }
}

/// The cells of an item, one for each column.
pub(super) fn row(columns: &[Column], item: &Item, lang: Lang) -> Vec<Cell> {
    let from = |column: &Column| if column.own { &item.own } else { &item.payload };
    columns.iter().map(|column| cell(from(column), column, lang)).collect()
}

fn cell(value: &Value, column: &Column, lang: Lang) -> Cell {
    let mut found = Found::default();
    walk(value, &column.path, &mut |value| shown(value, column, lang), &mut found);
    let Found { listed, texts, more } = found;
    if listed {
        let mut joined = if texts.iter().all(String::is_empty) { String::new() } else { texts.join(BETWEEN) };
        if more > 0 {
            joined = format!("{joined}{BETWEEN}… (+{more})");
        }
        return if joined.is_empty() { Cell::Empty } else { Cell::Text(joined) };
    }
    let Some(text) = texts.into_iter().next().filter(|text| !text.is_empty()) else { return Cell::Empty };
    match column.form {
        Form::Text | Form::Texts => Cell::Text(text),
        Form::Decimal => Cell::Decimal(text),
        Form::Boolean => Cell::Boolean(text == "true"),
        Form::Number => text.parse().map_or(Cell::Text(text), Cell::Number),
    }
}

#[derive(Default)]
struct Found {
    /// Whether a list was passed on the way.
    listed: bool,
    texts: Vec<String>,
    /// Items that are not among the texts.
    more: usize,
}

fn walk(value: &Value, path: &[String], shown: &mut impl FnMut(&Value) -> String, found: &mut Found) {
    if let Value::Array(items) = value {
        found.listed = true;
        for item in items {
            if found.texts.len() < ITEMS_MAX {
                walk(item, path, shown, found);
            } else {
                found.more += 1;
            }
        }
        return;
    }
    match path.split_first() {
        None => found.texts.push(shown(value)),
        Some((first, rest)) => walk(value.get(first).unwrap_or(&Value::Null), rest, shown, found),
    }
}

fn shown(value: &Value, column: &Column, lang: Lang) -> String {
    match value {
        Value::Object(texts) if column.form == Form::Texts => in_language(texts, column.lang, lang),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// The text of a language; where any will do, the one to show, which says its language where it is another.
fn in_language(texts: &Map<String, Value>, wanted: Option<Lang>, asked: Lang) -> String {
    if let Some(lang) = wanted {
        return texts.get(lang.as_str()).and_then(Value::as_str).unwrap_or_default().to_owned();
    }
    match text::pick(&language_map(texts), asked) {
        Some((lang, text)) if lang == asked.as_str() => text.to_owned(),
        Some((lang, text)) => format!("{text} [{lang}]"),
        None => String::new(),
    }
}

/// A language map from JSON.
pub(super) fn language_map(texts: &Map<String, Value>) -> LanguageMap {
    texts.iter().filter_map(|(lang, text)| Some((lang.clone(), text.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
impl Column {
    /// A column of text.
    pub(super) fn of(path: &[&str], lang: Option<Lang>) -> Self {
        Self { path: path.iter().map(|&field| field.to_owned()).collect(), lang, form: Form::Text, own: true }
    }
}
