//! Record files: what people write to publish records.
//!
//! A file is YAML or JSON, with one record or several (`---` between them). A record has an `id`, optionally an `audience`
//! (a list; else the kind's default), and a `payload`: the fields of the kind's message by their names in the schema. A
//! dataset may name a CSV file beside it (`payload.csv`) in place of `observations`.
//!
//! Everything that is wrong is found in one go and carries file, line, column, field path and code. In scope: reading and
//! the checks that a record passes by itself. Out of scope: whether it holds at its place (`publish`).

pub mod csv;
pub mod document;
pub mod matching;
pub mod tree;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;

use multaqa_proto::check::Violation;
use multaqa_proto::id::ObjectId;

pub use self::document::Document;
pub use self::matching::NONE_NEAR;
use self::tree::{Node, Place};
use crate::code;

/// Largest file, bytes.
pub const FILE_MAX: usize = 8 * 1024 * 1024;
/// Longest value that a message repeats, characters.
const SHOWN_MAX: usize = 80;

/// A file as it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Name, as findings show it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A rule that a file breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Name of the file.
    pub file: String,
    /// Where in it; none for the file as a whole.
    pub place: Option<Place>,
    /// The rule. Its path is that of the file: `payload.title.ar`.
    pub violation: Violation,
}

/// What files hold.
#[derive(Debug, Default)]
pub struct Reading {
    /// Records without fault, in the order of the files.
    pub documents: Vec<Document>,
    /// Records that were found, faulty ones too.
    pub found: usize,
    /// The ids of those that name one, faulty ones too.
    pub ids: Vec<ObjectId>,
    /// Everything that is wrong.
    pub findings: Vec<Finding>,
}

/// Reads record files; `attachments` are the CSV files that they may name, by their names.
#[must_use]
pub fn read(files: &[Named], attachments: &[Named]) -> Reading {
    let attachments = attachments.iter().map(|file| (file.name.as_str(), file.bytes.as_slice())).collect();
    let mut reading = Reading::default();
    for file in files {
        read_file(file, &attachments, &mut reading);
    }
    reading
}

/// Reads records that came otherwise than in a file, each with the name by which findings call it.
#[must_use]
pub fn read_nodes(records: &[(String, Node)]) -> Reading {
    let mut reading = Reading { found: records.len(), ..Reading::default() };
    for (name, node) in records {
        read_node(name, node, &BTreeMap::new(), &mut reading);
    }
    reading
}

fn read_node(name: &str, node: &Node, attachments: &BTreeMap<&str, &[u8]>, reading: &mut Reading) {
    reading.ids.extend(node.get("id").and_then(|(_, id)| id.scalar()?.parse::<ObjectId>().ok()));
    match document::read(name, node, attachments) {
        Ok(document) => reading.documents.push(document),
        Err(findings) => reading.findings.extend(findings),
    }
}

/// Names of the CSV files that a record file names: under its directory, as [`read`] looks for them.
#[must_use]
pub fn attachments_of(file: &Named) -> Vec<String> {
    let Ok(text) = text_of(&file.bytes) else { return Vec::new() };
    let (nodes, _) = tree::read(text);
    let named = |node: &Node| Some(node.get("payload")?.1.get(document::CSV)?.1.scalar()?.to_owned());
    nodes.iter().filter_map(named).filter(|name| is_plain_name(name)).map(|name| beside(&file.name, &name)).collect()
}

/// A violation with its arguments, of which the first is the path and long ones are cut.
pub(crate) fn violation(code: &'static str, path: &str, args: &[(&'static str, &dyn Display)]) -> Violation {
    let shown = |value: &dyn Display| value.to_string().chars().take(SHOWN_MAX).collect::<String>();
    let args = std::iter::once(("path", path.to_owned())).chain(args.iter().map(|(name, v)| (*name, shown(*v))));
    Violation { path: path.to_owned(), code, args: args.collect() }
}

fn read_file(file: &Named, attachments: &BTreeMap<&str, &[u8]>, reading: &mut Reading) {
    let whole = |code, place, args: &[(&'static str, &dyn Display)]| Finding {
        file: file.name.clone(),
        place,
        violation: violation(code, "", args),
    };
    let text = match text_of(&file.bytes) {
        Ok(text) => text,
        Err(Unreadable::TooLarge) => {
            reading.findings.push(whole(
                code::FILE_TOO_LARGE,
                None,
                &[("max", &FILE_MAX), ("found", &file.bytes.len())],
            ));
            return;
        }
        Err(Unreadable::NotUtf8(line)) => {
            reading.findings.push(whole(code::FILE_NOT_UTF8, Some(Place::line(line)), &[]));
            return;
        }
    };
    let (nodes, faults) = tree::read(text);
    let sound = faults.is_empty();
    let located = |(place, violation)| Finding { file: file.name.clone(), place: Some(place), violation };
    reading.findings.extend(faults.into_iter().map(located));
    if nodes.is_empty() && sound {
        reading.findings.push(whole(code::FILE_EMPTY, None, &[]));
    }
    for node in &nodes {
        reading.found += 1;
        read_node(&file.name, node, attachments, reading);
    }
}

enum Unreadable {
    TooLarge,
    NotUtf8(usize),
}

/// The text of a file, without the byte order mark that editors add.
fn text_of(bytes: &[u8]) -> Result<&str, Unreadable> {
    if bytes.len() > FILE_MAX {
        return Err(Unreadable::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        Unreadable::NotUtf8(before.matches('\n').count() + 1)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A name without a directory.
fn is_plain_name(name: &str) -> bool {
    Path::new(name).file_name().is_some_and(|plain| plain == name) && !name.contains(['/', '\\'])
}

/// The name of a file in the same directory as another.
fn beside(file: &str, name: &str) -> String {
    Path::new(file).with_file_name(name).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
