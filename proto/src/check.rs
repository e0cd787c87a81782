//! Checks of payloads: all violations at once, each with its field path and a stable code.
//!
//! In scope: `Violation`, the collector, the rules that kinds share. Out of scope: which field has which rule (`kind`),
//! the forms of single values (`check::form`), state (`judge`), file and line (the node's reader of files).
//!
//! Lists that decide what software does are *closed* (a status, an access level): an unknown value is a violation, and
//! a new value comes with a new version of the rules. All other codes are *open*: only their form is checked, unknown
//! ones are kept and shown as they are.
//!
//! The order of violations is fixed (fields in the order of the kind's file, languages by tag), since the first one names
//! why a record is void and every reader has to say the same.

pub(crate) mod form;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;
use std::ops::RangeInclusive;

use self::form::Decimal;
use crate::id::{IdError, ObjectId};
use crate::text::{self, Lang, TextFault, TextRule};

/// A rule that a payload breaks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Violation {
    /// Where: `title.ar`, `observations[3].value`; empty for the payload as a whole.
    pub path: String,
    /// The rule's stable code.
    pub code: &'static str,
    /// Arguments of the code's message; the first is always the path.
    pub args: Vec<(&'static str, String)>,
}

/// Whether a field may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Required,
    Optional,
}

/// Collects violations while a kind's file walks down the payload.
#[derive(Debug, Default)]
pub(crate) struct Check {
    path: Vec<Step>,
    found: Vec<Violation>,
}

#[derive(Debug)]
enum Step {
    Field(&'static str),
    Index(usize),
    Key(String),
}

/// Longest value that a message repeats, characters.
const SHOWN_MAX: usize = 80;

impl Check {
    /// All violations that the walk finds.
    pub(crate) fn run(walk: impl FnOnce(&mut Self)) -> Vec<Violation> {
        let mut check = Self::default();
        walk(&mut check);
        check.found
    }

    /// Reports a violation at the present path.
    pub(crate) fn report(&mut self, code: &'static str, args: &[(&'static str, &dyn Display)]) {
        let path = self.path();
        let shown = |value: &dyn Display| value.to_string().chars().take(SHOWN_MAX).collect::<String>();
        let args = std::iter::once(("path", path.clone())).chain(args.iter().map(|(name, v)| (*name, shown(*v))));
        let violation = Violation { args: args.collect(), path, code };
        self.found.push(violation);
    }

    /// Walks into a field.
    pub(crate) fn field<R>(&mut self, name: &'static str, walk: impl FnOnce(&mut Self) -> R) -> R {
        self.step(Step::Field(name), walk)
    }

    /// Walks into each item of a list of at most `max`.
    pub(crate) fn list<'i, T>(
        &mut self,
        name: &'static str,
        items: &'i [T],
        max: usize,
        mut walk: impl FnMut(&mut Self, &'i T),
    ) {
        self.field(name, |check| {
            if items.len() > max {
                check.report("LIST_TOO_LONG", &[("max", &max), ("found", &items.len())]);
                return;
            }
            for (index, item) in items.iter().enumerate() {
                check.step(Step::Index(index), |check| walk(check, item));
            }
        });
    }

    /// At least one item.
    pub(crate) fn not_empty<T>(&mut self, name: &'static str, items: &[T]) {
        if items.is_empty() {
            self.field(name, |check| check.report("FIELD_REQUIRED", &[]));
        }
    }

    /// At the present path: a key that no earlier item of its list has.
    pub(crate) fn unique<K: Ord>(&mut self, seen: &mut BTreeSet<K>, key: K, shown: &dyn Display) {
        if !seen.insert(key) {
            self.report("KEY_DUPLICATE", &[("value", shown)]);
        }
    }

    /// A language map.
    pub(crate) fn texts(&mut self, name: &'static str, texts: &HashMap<String, String>, rule: TextRule) {
        self.field(name, |check| {
            if texts.is_empty() && rule.required {
                check.report("FIELD_REQUIRED", &[]);
            }
            for (lang, text) in texts.iter().collect::<BTreeMap<_, _>>() {
                check.step(Step::Key(lang.chars().take(SHOWN_MAX).collect()), |check| {
                    if lang.parse::<Lang>().is_err() {
                        check.report("LANGUAGE_UNKNOWN", &[("value", lang)]);
                    }
                    check.text(text, rule);
                });
            }
        });
    }

    /// A text that has no language: a citation, a version.
    pub(crate) fn plain(&mut self, name: &'static str, text: &str, rule: TextRule) {
        self.value(name, text, if rule.required { Need::Required } else { Need::Optional }, |check| {
            check.text(text, rule);
        });
    }

    /// A value of a closed list.
    pub(crate) fn closed(&mut self, name: &'static str, value: &str, allowed: &[&str], need: Need) {
        self.value(name, value, need, |check| {
            if !allowed.contains(&value) {
                check.report("CODE_UNKNOWN", &[("value", &value), ("allowed", &allowed.join(", "))]);
            }
        });
    }

    /// A value of an open list: only its form.
    pub(crate) fn code(&mut self, name: &'static str, value: &str, need: Need) {
        self.value(name, value, need, |check| check.code_form(value));
    }

    /// Values of an open list, none twice.
    pub(crate) fn codes(&mut self, name: &'static str, values: &[String]) {
        let mut seen = BTreeSet::new();
        self.list(name, values, CODES_MAX, |check, value| {
            check.code_form(value);
            check.unique(&mut seen, value.clone(), value);
        });
    }

    /// A decimal; its value where it has the form.
    pub(crate) fn decimal(&mut self, name: &'static str, value: Option<&str>) -> Option<Decimal> {
        let value = value?;
        let parsed = Decimal::parse(value);
        if parsed.is_none() {
            self.field(name, |check| check.report("DECIMAL_MALFORMED", &[("value", &value)]));
        }
        parsed
    }

    /// A decimal between bounds.
    pub(crate) fn decimal_within(&mut self, name: &'static str, value: Option<&str>, min: u32, max: u32) {
        let bounds = Decimal::from(min)..=Decimal::from(max);
        if self.decimal(name, value).is_some_and(|value| !bounds.contains(&value)) {
            let found = value.unwrap_or_default();
            self.field(name, |check| check.report("OUT_OF_RANGE", &[("min", &min), ("max", &max), ("found", &found)]));
        }
    }

    /// A whole number between bounds.
    pub(crate) fn number(&mut self, name: &'static str, value: u64, bounds: RangeInclusive<u64>) {
        if !bounds.contains(&value) {
            let (min, max) = bounds.into_inner();
            self.field(name, |check| check.report("OUT_OF_RANGE", &[("min", &min), ("max", &max), ("found", &value)]));
        }
    }

    /// A value whose form a function knows.
    pub(crate) fn formed(
        &mut self,
        name: &'static str,
        value: &str,
        need: Need,
        code: &'static str,
        ok: fn(&str) -> bool,
    ) {
        self.value(name, value, need, |check| {
            if !ok(value) {
                check.report(code, &[("value", &value)]);
            }
        });
    }

    /// A date: YYYY, YYYY-MM or YYYY-MM-DD.
    pub(crate) fn date(&mut self, name: &'static str, value: &str, need: Need) {
        self.formed(name, value, need, "DATE_MALFORMED", form::is_date);
    }

    /// A web address.
    pub(crate) fn url(&mut self, name: &'static str, value: &str) {
        self.formed(name, value, Need::Optional, "URL_MALFORMED", form::is_url);
    }

    /// An id of any type.
    pub(crate) fn id<T: std::str::FromStr<Err = IdError>>(&mut self, name: &'static str, value: &str, need: Need) {
        self.value(name, value, need, |check| check.id_form::<T>(value));
    }

    /// Ids of any type, none twice.
    pub(crate) fn ids<T: std::str::FromStr<Err = IdError>>(&mut self, name: &'static str, values: &[String]) {
        let mut seen = BTreeSet::new();
        self.list(name, values, IDS_MAX, |check, value| {
            check.id_form::<T>(value);
            check.unique(&mut seen, value.clone(), value);
        });
    }

    /// The id of an object of a kind.
    pub(crate) fn object(&mut self, name: &'static str, value: &str, kind: &'static str, need: Need) {
        self.value(name, value, need, |check| check.object_form(value, kind));
    }

    /// Ids of objects of a kind, none twice.
    pub(crate) fn objects(&mut self, name: &'static str, values: &[String], kind: &'static str) {
        let mut seen = BTreeSet::new();
        self.list(name, values, CODES_MAX, |check, value| {
            check.object_form(value, kind);
            check.unique(&mut seen, value.clone(), value);
        });
    }

    /// Exactly so many bytes: a hash, a key, a signature.
    pub(crate) fn bytes(&mut self, name: &'static str, value: &[u8], expected: usize, need: Need) {
        self.field(name, |check| check.bytes_here(value, expected, need));
    }

    /// As [`Check::bytes`], at the present path.
    pub(crate) fn bytes_here(&mut self, value: &[u8], expected: usize, need: Need) {
        if value.is_empty() {
            if need == Need::Required {
                self.report("FIELD_REQUIRED", &[]);
            }
        } else if value.len() != expected {
            self.report("LENGTH_WRONG", &[("expected", &expected), ("found", &value.len())]);
        }
    }

    fn value(&mut self, name: &'static str, value: &str, need: Need, walk: impl FnOnce(&mut Self)) {
        self.field(name, |check| {
            if !value.is_empty() {
                walk(check);
            } else if need == Need::Required {
                check.report("FIELD_REQUIRED", &[]);
            }
        });
    }

    fn text(&mut self, text: &str, rule: TextRule) {
        for fault in text::faults(text, rule) {
            match fault {
                TextFault::Empty => self.report("TEXT_EMPTY", &[]),
                TextFault::TooLong { found } => {
                    self.report("TEXT_TOO_LONG", &[("max", &rule.max), ("found", &found)]);
                }
                TextFault::NotNfc => self.report("TEXT_NOT_NFC", &[]),
                TextFault::Bidi { found } => self.report("TEXT_BIDI_CONTROL", &[("character", &code_point(found))]),
                TextFault::Control { found } => self.report("TEXT_CONTROL", &[("character", &code_point(found))]),
            }
        }
    }

    fn code_form(&mut self, value: &str) {
        if !form::is_code(value) {
            self.report("CODE_MALFORMED", &[("value", &value)]);
        }
    }

    fn id_form<T: std::str::FromStr<Err = IdError>>(&mut self, value: &str) {
        if let Err(IdError { what, value, rule }) = value.parse::<T>() {
            self.report("REFERENCE_MALFORMED", &[("value", &value), ("what", &what), ("rule", &rule)]);
        }
    }

    fn object_form(&mut self, value: &str, kind: &'static str) {
        if value.parse::<ObjectId>().map_or(true, |id| id.kind() != kind) {
            let rule = format!("<code>:{kind}:<slug>");
            self.report("REFERENCE_MALFORMED", &[("value", &value), ("what", &"record id"), ("rule", &rule)]);
        }
    }

    fn step<R>(&mut self, step: Step, walk: impl FnOnce(&mut Self) -> R) -> R {
        self.path.push(step);
        let result = walk(self);
        self.path.pop();
        result
    }

    fn path(&self) -> String {
        self.path.iter().fold(String::new(), |path, step| match step {
            Step::Field(name) if path.is_empty() => (*name).to_owned(),
            Step::Field(name) => format!("{path}.{name}"),
            Step::Index(index) => format!("{path}[{index}]"),
            Step::Key(key) => format!("{path}.{key}"),
        })
    }
}

/// Most codes in one field.
const CODES_MAX: usize = 100;
/// Most ids in one field.
const IDS_MAX: usize = 500;

fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

#[cfg(test)]
pub(crate) mod tests;
