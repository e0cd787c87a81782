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
mod finding;
pub mod matching;
mod text;
pub mod tree;

use std::collections::BTreeMap;
use std::fmt::Display;

use multaqa_proto::id::ObjectId;

pub use self::document::Document;
pub(crate) use self::finding::violation;
pub use self::finding::{Finding, NONE_NEAR, Place};
pub use self::text::FILE_MAX;
use self::text::{Unreadable, beside, is_plain_name, text_of};
use self::tree::Node;
use crate::code;

/// A file as it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Name, as findings show it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
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

#[cfg(test)]
mod tests;
