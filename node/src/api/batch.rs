//! Records from systems, without files: `OutboxService.BatchPublish` and `BatchCheck`, which REST asks too.
//!
//! They pass the same rules on the same path as files (`file`, `outbox`, `publish`); what they break is told by its path in the
//! request, with line and column in the record's own text where it came as text. In scope: reading them into the tree that files are
//! read into, and paths. Out of scope: the rules, who may publish, the limit.

use std::collections::BTreeMap;

use multaqa_proto::check::Violation;
use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::new_record::PayloadOf;
use prost_types::value::Kind as Of;
use prost_types::{Struct, Value};
use serde::de::IgnoredAny;

use super::Api;
use super::outbox::{FINDINGS_MAX, finding, record};
use super::refusal::Refusal;
use crate::clients::authorise::Caller;
use crate::code;
use crate::file::tree::{self, Content, Key, Node};
use crate::file::{self, Finding, Place, Reading, violation};
use crate::publish::{self, PublishError};

/// Deepest nesting of a payload that comes as a message; that of JSON the tree bounds.
const DEPTH_MAX: usize = 32;
/// The field of a record that its payload is.
const PAYLOAD: &str = "payload";
/// Where stands what came without text.
const NOWHERE: Place = Place { line: 0, column: 0 };
/// Largest whole number that a double holds exactly.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

impl Api {
    pub(crate) async fn batch_publish(
        &self,
        caller: &Caller,
        request: wire::BatchPublishRequest,
    ) -> Result<wire::BatchPublishResponse, Refusal> {
        let published = self.publish_reading(caller, move || read(request.records)).await.map_err(refused)?;
        let placed = |published| {
            let record = record(published);
            wire::PublishedRecord { file: record.file.map(|name| path_of(&name)), ..record }
        };
        Ok(wire::BatchPublishResponse {
            records: published.into_iter().map(placed).collect(),
            freshness: Some(self.freshness()),
        })
    }

    pub(crate) async fn batch_check(
        &self,
        caller: &Caller,
        request: wire::BatchCheckRequest,
    ) -> Result<wire::BatchCheckResponse, Refusal> {
        let findings = by_path(self.check_reading(caller, move || read(request.records)).await?.findings);
        let findings_total = findings.len() as u64;
        Ok(wire::BatchCheckResponse {
            findings: findings.into_iter().take(FINDINGS_MAX).map(finding).collect(),
            freshness: Some(self.freshness()),
            findings_total,
        })
    }
}

/// Reads records.
fn read(records: Vec<wire::NewRecord>) -> Result<Reading, Refusal> {
    let malformed = |field: String| Err(Refusal::new("REQUEST_MALFORMED", [("field", field)]));
    if records.is_empty() {
        return malformed("records".to_owned());
    }
    let found = records.len();
    publish::not_too_many(found).map_err(PublishError::from)?;
    let (mut nodes, mut findings) = (Vec::with_capacity(found), Vec::new());
    for (number, record) in records.into_iter().enumerate() {
        let wire::NewRecord { id, audience, payload_of, record_json } = &record;
        let parts = !id.is_empty() || !audience.is_empty() || payload_of.is_some();
        if parts && !record_json.is_empty() {
            return malformed(format!("records[{number}].record_json"));
        }
        let name = name(number);
        match node(record) {
            Ok(node) => nodes.push((name, node)),
            Err(broken) => {
                let found = |(place, violation)| Finding { file: name.clone(), place, violation };
                findings.extend(broken.into_iter().map(found));
            }
        }
    }
    let mut reading = file::read_nodes(&nodes);
    reading.findings.extend(findings);
    reading.found = found;
    Ok(reading)
}

/// What a record is called until its findings are told: in the order of the request.
fn name(number: usize) -> String {
    format!("{number:04}")
}

/// Where in the request a record of this name stands.
fn path_of(name: &str) -> String {
    format!("records[{}]", name.parse::<usize>().unwrap_or_default())
}

/// What is broken before there is a tree, and where in its text.
type Broken = (Option<Place>, Violation);

fn node(record: wire::NewRecord) -> Result<Node, Vec<Broken>> {
    let wire::NewRecord { id, audience, payload_of, record_json } = record;
    if !record_json.is_empty() {
        return of_json("", &record_json);
    }
    let mut entries = Vec::new();
    if !id.is_empty() {
        entries.push((key("id"), text(id)));
    }
    if !audience.is_empty() {
        entries.push((key("audience"), of(Content::List(audience.into_iter().map(text).collect()))));
    }
    match payload_of {
        Some(PayloadOf::PayloadJson(json)) => {
            let payload = of_json(PAYLOAD, &json)?;
            entries.push((Key { text: PAYLOAD.to_owned(), place: payload.place }, payload));
        }
        Some(PayloadOf::Payload(fields)) => {
            let deep = || vec![(None, violation(code::PAYLOAD_NOT_JSON, PAYLOAD, &[("detail", &"too deep")]))];
            entries.push((key(PAYLOAD), of_struct(fields, DEPTH_MAX).ok_or_else(deep)?));
        }
        None => {}
    }
    Ok(of(Content::Map(entries)))
}

/// JSON at this path as the tree has it, which keeps the digits of numbers. What is YAML and no JSON is refused.
fn of_json(path: &str, json: &str) -> Result<Node, Vec<Broken>> {
    let bad = |place, detail: String| vec![(place, violation(code::PAYLOAD_NOT_JSON, path, &[("detail", &detail)]))];
    if let Err(error) = serde_json::from_str::<IgnoredAny>(json) {
        let place = Place { line: error.line(), column: error.column() };
        return Err(bad(Some(place), error.to_string()));
    }
    let (nodes, faults) = tree::read(json);
    if !faults.is_empty() {
        return Err(faults.into_iter().map(|(place, violation)| (Some(place), below(path, violation))).collect());
    }
    // No document is what JSON's null becomes.
    nodes.into_iter().next().ok_or_else(|| bad(None, "null".to_owned()))
}

fn of_struct(fields: Struct, depth: usize) -> Option<Node> {
    let depth = depth.checked_sub(1)?;
    let fields: BTreeMap<String, Value> = fields.fields.into_iter().collect();
    let entries = fields.into_iter().map(|(name, value)| Some((key(&name), of_value(value, depth)?)));
    Some(of(Content::Map(entries.collect::<Option<_>>()?)))
}

fn of_value(value: Value, depth: usize) -> Option<Node> {
    Some(match value.kind {
        None | Some(Of::NullValue(_)) => plain("null"),
        Some(Of::BoolValue(value)) => plain(&value.to_string()),
        Some(Of::NumberValue(number)) => plain(&digits(number)),
        Some(Of::StringValue(value)) => text(value),
        Some(Of::StructValue(fields)) => of_struct(fields, depth)?,
        Some(Of::ListValue(list)) => {
            let depth = depth.checked_sub(1)?;
            of(Content::List(list.values.into_iter().map(|value| of_value(value, depth)).collect::<Option<_>>()?))
        }
    })
}

/// A double as people write it: whole ones without a point.
fn digits(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() <= EXACT_MAX { format!("{number:.0}") } else { number.to_string() }
}

const fn of(content: Content) -> Node {
    Node { place: NOWHERE, content }
}

const fn text(text: String) -> Node {
    of(Content::Scalar { text, plain: false })
}

fn plain(text: &str) -> Node {
    of(Content::Scalar { text: text.to_owned(), plain: true })
}

fn key(text: &str) -> Key {
    Key { text: text.to_owned(), place: NOWHERE }
}

/// A refusal of what was read, in the words of whoever sent records.
fn refused(refusal: Refusal) -> Refusal {
    if refusal.code != code::FILES_REFUSED {
        return refusal;
    }
    Refusal { code: code::RECORDS_REFUSED, findings: by_path(refusal.findings), ..refusal }
}

/// Findings by their paths in the request, in the order of the records.
fn by_path(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| a.file.cmp(&b.file));
    let told = findings.into_iter().map(|Finding { file, place, violation }| {
        let place = place.filter(|place| *place != NOWHERE);
        Finding { file: String::new(), place, violation: below(&path_of(&file), violation) }
    });
    told.collect()
}

/// A violation of what stands below a path.
fn below(base: &str, violation: Violation) -> Violation {
    let Violation { path, code, mut args } = violation;
    let path = match path.as_str() {
        path if base.is_empty() => path.to_owned(),
        "" => base.to_owned(),
        path if path.starts_with('[') => format!("{base}{path}"),
        path => format!("{base}.{path}"),
    };
    if let Some((_, shown)) = args.iter_mut().find(|(name, _)| *name == "path") {
        shown.clone_from(&path);
    }
    Violation { path, code, args }
}

#[cfg(test)]
mod tests;
