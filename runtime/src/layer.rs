//! One layer of a configuration: a file, a variable or a flag, as a tree of values with one origin.
//!
//! Each layer is deserialised alone, so that what it gets wrong is told with its name, before layers are merged.
//! Out of scope: which layers there are and in which order ([`crate::config`]).

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use config::{ConfigError, FileFormat, Map, Source, Value, ValueKind};
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

use crate::code;
use crate::fault::Fault;
use crate::near::nearest;

/// A configuration file of at most this many bytes is read.
pub const FILE_LIMIT: u64 = 1024 * 1024;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// A configuration file or drop-in.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A command-line flag, with its dashes.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => path.display().fmt(f),
            Self::Variable(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Values of one origin.
#[derive(Debug, Clone)]
pub struct Layer {
    origin: Origin,
    values: Map<String, Value>,
}

impl Layer {
    /// The built-in values.
    pub(crate) fn defaults<T: Serialize + Default>() -> Result<Self, Fault> {
        let origin = Origin::Default;
        let values = config::Config::try_from(&T::default())
            .and_then(|defaults| defaults.collect())
            .map_err(|error| value_fault(&origin, error))?;
        Ok(Self { origin, values })
    }

    /// A TOML file.
    pub(crate) fn file(path: &Path) -> Result<Self, Fault> {
        let text = read_text(path)?;
        let values = config::File::from_str(&text, FileFormat::Toml).collect().map_err(|error| {
            let detail = one_line(&error.to_string());
            let fault = Fault::new(code::CONFIG_SYNTAX).with("file", path.display());
            let place = ["line", "column"].map(|name| (name, number_after(&detail, name)));
            let known = place.into_iter().filter_map(|(name, number)| Some((name, number?)));
            known.fold(fault, |fault, (name, number)| fault.with(name, number)).with("detail", detail)
        })?;
        let origin = Origin::File(path.to_owned());
        Ok(Self { origin, values })
    }

    /// One value given as text. `listed` says that the key holds a list: commas separate its items.
    pub(crate) fn text(origin: Origin, key: &str, text: &str, listed: bool) -> Self {
        let leaf = if listed {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::new(None, items.map(Value::from).collect::<Vec<_>>())
        } else {
            Value::from(text)
        };
        let mut segments = key.rsplit('.');
        let last = segments.next().unwrap_or(key).to_owned();
        let values = segments.fold(Map::from_iter([(last, leaf)]), |inner, segment| {
            Map::from_iter([(segment.to_owned(), Value::from(inner))])
        });
        Self { origin, values }
    }

    /// Refuses what `T` has no place for: unknown keys and values of a wrong type.
    pub(crate) fn check<T: DeserializeOwned>(&self) -> Result<(), Fault> {
        Value::from(self.values.clone())
            .try_deserialize::<T>()
            .map(|_| ())
            .map_err(|error| value_fault(&self.origin, error))
    }

    /// Each value's dotted key; a list is one value.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        collect_keys("", &self.values, &mut keys);
        keys
    }

    /// Where this layer's values come from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.values.clone())
    }
}

/// The fault for a value that did not deserialise.
pub(crate) fn value_fault(origin: &Origin, error: ConfigError) -> Fault {
    let (key, detail) = locate(error);
    match unknown_field(&detail) {
        Some((field, known)) => unknown_key(origin, &key, field, &known),
        None => Fault::new(code::CONFIG_BAD_VALUE)
            .with("origin", origin)
            .with("key", if key.is_empty() { "?" } else { &key })
            .with("detail", detail),
    }
}

fn unknown_key(origin: &Origin, section: &str, field: &str, known: &[&str]) -> Fault {
    let within = |name: &str| {
        if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") }
    };
    let fault = match origin {
        Origin::Variable(name) => Fault::new(code::CONFIG_UNKNOWN_VARIABLE).with("variable", name),
        Origin::Default | Origin::File(_) | Origin::Flag(_) => {
            Fault::new(code::CONFIG_UNKNOWN_KEY).with("origin", origin)
        }
    };
    let nearest = nearest(field, known.iter().copied()).map_or_else(|| "none".to_owned(), within);
    fault.with("key", within(field)).with("nearest", nearest)
}

/// The key and the cause of a deserialiser's error.
fn locate(error: ConfigError) -> (String, String) {
    if let ConfigError::At { error, key, .. } = error {
        let (inner, detail) = locate(*error);
        return (key.unwrap_or(inner), detail);
    }
    if let ConfigError::Type { unexpected, expected, key, .. } = error {
        let detail = format!("{unexpected} is not {expected}");
        return (key.unwrap_or_default(), detail);
    }
    (String::new(), one_line(&error.to_string()))
}

/// Serde tells an unknown field only as text: ``unknown field `a`, expected one of `b`, `c` ``.
fn unknown_field(detail: &str) -> Option<(&str, Vec<&str>)> {
    let mut quoted = detail.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    Some((quoted.next()?, quoted.collect()))
}

fn collect_keys(prefix: &str, values: &Map<String, Value>, keys: &mut Vec<String>) {
    for (name, value) in values {
        let key = format!("{prefix}{name}");
        if let ValueKind::Table(inner) = &value.kind
            && !inner.is_empty()
        {
            collect_keys(&format!("{key}."), inner, keys);
        } else {
            keys.push(key);
        }
    }
}

fn read_text(path: &Path) -> Result<String, Fault> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(FILE_LIMIT + 1).read_to_string(&mut text))
        .map_err(|error| Fault::new(code::CONFIG_FILE_UNREADABLE).with("file", path.display()).with("detail", error))?;
    if text.len() as u64 > FILE_LIMIT {
        return Err(Fault::new(code::CONFIG_FILE_TOO_LARGE).with("file", path.display()).with("limit", FILE_LIMIT));
    }
    Ok(text)
}

/// The parser tells a place only as text: `at line 1, column 5`.
fn number_after(detail: &str, word: &str) -> Option<u32> {
    let (_, rest) = detail.split_once(&format!("{word} "))?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// A parser's picture of the line, without the picture.
fn one_line(detail: &str) -> String {
    let lines: Vec<&str> =
        detail.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains('|')).collect();
    lines.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_nests_by_its_key_and_splits_lists() {
        let layer = Layer::text(Origin::Flag("--x".into()), "a.b", "1, 2,", true);
        assert_eq!(layer.keys(), ["a.b"]);
        let list = layer.values["a"].clone().into_table().unwrap()["b"].clone();
        assert_eq!(list.into_array().unwrap().len(), 2);
    }

    #[test]
    fn a_syntax_error_has_a_line_and_a_column() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.toml");
        std::fs::write(&path, "a = 1\nthis is no TOML\n").unwrap();
        let fault = Layer::file(&path).unwrap_err();
        assert_eq!((fault.arg("line"), fault.arg("column")), (Some("2"), Some("6")), "{fault}");
        assert_eq!(number_after("no place", "line"), None);
    }

    #[test]
    fn reads_the_unknown_field_out_of_serdes_text() {
        let text = "unknown field `a`, expected one of `b`, `c`";
        assert_eq!(unknown_field(text), Some(("a", vec!["b", "c"])));
        assert_eq!(unknown_field("unknown field `a`, there are no fields"), Some(("a", vec![])));
        assert_eq!(unknown_field("invalid type"), None);
    }
}
