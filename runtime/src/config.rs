//! Layered configuration: defaults < file < drop-ins < environment < flags, and the origin of each value.
//!
//! `T` and every structure in it carry `#[serde(default, deny_unknown_fields)]`; the schema is then the type itself.
//! Drop-ins are `<file>.d/*.toml`, in the order of their names. Variables are `MULTAQA_<SECTION>__<KEY>`: two underscores
//! between levels, commas between the items of a list. A variable of that family that names no key is refused. Programs that
//! share a machine share its environment: a program's own family (`MULTAQA_HUB__<KEY>`) names its keys once more, and those
//! of the others are passed over. `MULTAQA_LOG` is a short name of `MULTAQA_LOG__FILTER`.
//! Each layer is checked alone, over the defaults: rules over several keys belong after loading, not in deserialisation.
//!
//! Out of scope: secrets ([`crate::secret`]), of which a configuration holds only the place.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::code;
use crate::fault::Fault;
use crate::layer::{Layer, Origin, value_fault};
use crate::output::{self, Table};

/// What every variable of the configuration begins with.
pub const PREFIX: &str = "MULTAQA_";

/// Variables of the family that are not configuration: the common arguments' own.
pub const RESERVED: [&str; 2] = ["MULTAQA_LANG", "MULTAQA_CONFIG"];

/// The short name of the variable for the log filter, and its key.
const LOG: (&str, &str) = ("MULTAQA_LOG", "log.filter");

/// Where to look for values. Built by the binary, so that tests pass their own environment.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    file: Option<(PathBuf, Presence)>,
    variables: Vec<(OsString, OsString)>,
    reserved: Vec<&'static str>,
    family: Option<&'static str>,
    flags: Vec<(&'static str, &'static str, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    IfPresent,
}

impl Sources {
    /// The built-in values only.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A file that was asked for, with its drop-ins: a fault if it is not there.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some((path.into(), Presence::Required));
        self
    }

    /// The usual file, with its drop-ins; either may be missing.
    #[must_use]
    pub fn file_if_present(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some((path.into(), Presence::IfPresent));
        self
    }

    /// The environment, usually `std::env::vars_os()`; `reserved` names further variables that are not configuration, or with
    /// two underscores at their end the families of other programs.
    #[must_use]
    pub fn environment(
        mut self,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        reserved: &[&'static str],
    ) -> Self {
        self.variables = variables.into_iter().collect();
        self.variables.sort();
        self.reserved = reserved.to_vec();
        self
    }

    /// The family of variables that are this program's alone: their keys stand behind it.
    #[must_use]
    pub fn family(mut self, family: &'static str) -> Self {
        self.family = Some(family);
        self
    }

    /// A flag that sets a key, if it was given.
    #[must_use]
    pub fn flag(mut self, name: &'static str, key: &'static str, value: Option<impl ToString>) -> Self {
        self.flags.extend(value.map(|value| (name, key, value.to_string())));
        self
    }

    /// Reads, checks and merges all layers. Each fault names the file, variable or flag, and the key.
    pub fn load<T: Serialize + DeserializeOwned + Default>(&self) -> Result<Settings<T>, Fault> {
        let lists = list_keys(&T::default())?;
        let mut layers = vec![Layer::defaults::<T>()?];
        layers.extend(self.file_layers()?);
        layers.extend(self.variable_layers(&lists)?);
        layers.extend(self.flag_layers(&lists));
        layers.iter().try_for_each(Layer::check::<T>)?;
        merge(layers)
    }

    fn file_layers(&self) -> Result<Vec<Layer>, Fault> {
        let Some((path, presence)) = &self.file else {
            return Ok(Vec::new());
        };
        let missing = *presence == Presence::IfPresent && !path.exists();
        let main = (!missing).then(|| path.clone());
        main.into_iter().chain(drop_ins(path)?).map(|path| Layer::file(&path)).collect()
    }

    fn variable_layers(&self, lists: &[String]) -> Result<Vec<Layer>, Fault> {
        let mut layers = Vec::new();
        for (name, value) in &self.variables {
            let name = name.to_string_lossy();
            if !self.is_configuration(&name) {
                continue;
            }
            let own = self.family.and_then(|family| name.strip_prefix(family));
            let key = own.unwrap_or(&name[PREFIX.len()..]).to_ascii_lowercase().replace("__", ".");
            let key = if name == LOG.0 { LOG.1.to_owned() } else { key };
            let origin = Origin::Variable(name.into_owned());
            let text = value.to_str().ok_or_else(|| {
                Fault::new(code::CONFIG_BAD_VALUE).with("origin", &origin).with("key", &key).with("detail", "not UTF-8")
            })?;
            let listed = lists.contains(&key);
            layers.push(Layer::text(origin, &key, text, listed));
        }
        Ok(layers)
    }

    fn is_configuration(&self, name: &str) -> bool {
        let others = |reserved: &&str| *reserved == name || (reserved.ends_with("__") && name.starts_with(*reserved));
        name.starts_with(PREFIX) && !RESERVED.contains(&name) && !self.reserved.iter().any(others)
    }

    fn flag_layers(&self, lists: &[String]) -> Vec<Layer> {
        let layer = |(name, key, value): &(&str, &str, String)| {
            let listed = lists.iter().any(|list| list == key);
            Layer::text(Origin::Flag((*name).to_owned()), key, value, listed)
        };
        self.flags.iter().map(layer).collect()
    }
}

/// A loaded configuration.
#[derive(Debug, Clone)]
pub struct Settings<T> {
    /// The configuration itself.
    pub value: T,
    origins: BTreeMap<String, Origin>,
}

/// One line of `config show`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// The dotted key.
    pub key: String,
    /// The value in force; null where nothing is set.
    pub value: Value,
    /// Which layer set it.
    pub origin: Origin,
}

impl Shown {
    /// The value as a table shows it: text without quotes, nothing for null.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => self.value.to_string(),
        }
    }
}

impl<T: Serialize> Settings<T> {
    /// Every key with its value and origin, in the order of the keys.
    pub fn show(&self) -> Result<Vec<Shown>, Fault> {
        let shown =
            leaves(&self.value)?.into_iter().map(|(key, value)| Shown { origin: self.origin(&key), key, value });
        Ok(shown.collect())
    }

    /// Prints what [`Settings::show`] gives: `config show`. Headings of key, value and origin, and the word for the origin
    /// of what is built in, are in the reader's language.
    pub fn print(&self, json: bool, headings: &[String; 3], default: &str) -> Result<(), Fault> {
        let shown = self.show()?;
        if json {
            return output::print_json(&shown);
        }
        let mut table = Table::new(headings);
        for line in &shown {
            let origin = if line.origin == Origin::Default { default.to_owned() } else { line.origin.to_string() };
            table.row([&line.key, &line.text(), &origin]);
        }
        output::print(&table.render())
    }

    /// The origin of a key, of a part of it, or of what it is a part of.
    #[must_use]
    pub fn origin(&self, key: &str) -> Origin {
        let within = format!("{key}.");
        let ancestors = std::iter::successors(Some(key), |key| Some(key.rsplit_once('.')?.0));
        let inside = self.origins.range(within.clone()..);
        ancestors
            .filter_map(|key| self.origins.get(key))
            .chain(inside.take_while(|(key, _)| key.starts_with(&within)).map(|(_, origin)| origin))
            .next()
            .cloned()
            .unwrap_or(Origin::Default)
    }
}

fn merge<T: DeserializeOwned>(layers: Vec<Layer>) -> Result<Settings<T>, Fault> {
    let mut origins = BTreeMap::new();
    let mut builder = config::Config::builder();
    for layer in layers {
        let origin = layer.origin().clone();
        if origin != Origin::Default {
            origins.extend(layer.keys().into_iter().map(|key| (key, origin.clone())));
        }
        builder = builder.add_source(layer);
    }
    // Every layer passed alone: what fails here is a rule over several keys, which no single layer broke.
    let value = builder
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|error| value_fault(&Origin::Default, error))?;
    Ok(Settings { value, origins })
}

/// The drop-ins of a configuration file, by name; no directory means none.
fn drop_ins(file: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut name = file.as_os_str().to_owned();
    name.push(".d");
    let directory = PathBuf::from(name);
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut paths = std::fs::read_dir(&directory)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>())
        .map_err(|error| {
            Fault::new(code::CONFIG_FILE_UNREADABLE).with("file", directory.display()).with("detail", error)
        })?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    Ok(paths)
}

fn list_keys<T: Serialize>(value: &T) -> Result<Vec<String>, Fault> {
    let listed = |(key, value): (String, Value)| value.is_array().then_some(key);
    Ok(leaves(value)?.into_iter().filter_map(listed).collect())
}

/// The leaves of a value, by dotted key; a list is a leaf.
fn leaves<T: Serialize>(value: &T) -> Result<Vec<(String, Value)>, Fault> {
    let tree = serde_json::to_value(value).map_err(|error| {
        Fault::new(code::CONFIG_BAD_VALUE).with("origin", Origin::Default).with("key", "?").with("detail", error)
    })?;
    let mut found = Vec::new();
    collect_leaves(String::new(), tree, &mut found);
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

fn collect_leaves(key: String, value: Value, found: &mut Vec<(String, Value)>) {
    let Value::Object(inner) = value else {
        found.push((key, value));
        return;
    };
    if inner.is_empty() && !key.is_empty() {
        found.push((key, inner.into()));
        return;
    }
    for (name, value) in inner {
        let separator = if key.is_empty() { "" } else { "." };
        collect_leaves(format!("{key}{separator}{name}"), value, found);
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
