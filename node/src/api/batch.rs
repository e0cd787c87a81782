//! Records from systems, without files: `OutboxService.BatchPublish` and `BatchCheck`.
//!
//! They pass the same rules on the same path as files (`file`, `publish`); what they break is told by its path in the request. In scope:
//! reading them into the tree that files are read into, and paths. Out of scope: the rules.

use std::collections::BTreeMap;

use multaqa_proto::check::Violation;
use multaqa_proto::id::ObjectId;
use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::new_record::PayloadOf;
use prost_types::value::Kind as Of;
use prost_types::{Struct, Value};
use serde::de::IgnoredAny;

use super::outbox::{FINDINGS_MAX, finding, record};
use super::refusal::Refusal;
use super::{Api, caller};
use crate::clients::authorise::{Asked, Caller};
use crate::clients::names_of_kinds;
use crate::code;
use crate::file::tree::{self, Content, Key, Node, Place};
use crate::file::{self, Finding, Reading, violation};
use crate::publish::{PublishError, RECORDS_MAX};

/// Deepest nesting of a payload that comes as a message; that of JSON the tree bounds.
const DEPTH_MAX: usize = 32;
/// Largest whole number that a double holds exactly.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

impl Api {
    pub(super) async fn batch_publish(
        &self,
        caller: &Caller,
        request: wire::BatchPublishRequest,
    ) -> Result<wire::BatchPublishResponse, Refusal> {
        let reading = read(caller, request.records)?;
        let published = self.publisher.publish_reading(reading).await.map_err(refused)?;
        let bare = |published| wire::PublishedRecord { file: String::new(), ..record(published) };
        Ok(wire::BatchPublishResponse {
            records: published.into_iter().map(bare).collect(),
            freshness: Some(self.freshness()),
        })
    }

    pub(super) async fn batch_check(
        &self,
        caller: &Caller,
        request: wire::BatchCheckRequest,
    ) -> Result<wire::BatchCheckResponse, Refusal> {
        let reading = read(caller, request.records)?;
        let findings = by_path(self.publisher.check_reading(reading).await?.findings);
        let findings_total = findings.len() as u64;
        Ok(wire::BatchCheckResponse {
            findings: findings.into_iter().take(FINDINGS_MAX).map(finding).collect(),
            freshness: Some(self.freshness()),
            findings_total,
        })
    }
}

/// Reads records; none where one of them is of a kind that the caller may not publish.
fn read(caller: &Caller, records: Vec<wire::NewRecord>) -> Result<Reading, Refusal> {
    // Who may publish nothing has nothing checked either.
    caller::may_publish_of(caller, "records")?;
    if records.is_empty() {
        return Err(Refusal::new("REQUEST_MALFORMED", [("field", "records".to_owned())]));
    }
    if records.len() > RECORDS_MAX {
        let args = [("max", RECORDS_MAX.to_string()), ("found", records.len().to_string())];
        return Err(Refusal::new(code::RECORDS_TOO_MANY, args));
    }
    for id in records.iter().filter_map(|record| record.id.parse::<ObjectId>().ok()) {
        // Of what is no kind, a finding says so.
        if names_of_kinds().any(|kind| kind == id.kind()) {
            caller::may(caller, &Asked::Publish { kind: id.kind(), resource: &id.to_string() })?;
        }
    }
    let (mut nodes, mut findings) = (Vec::with_capacity(records.len()), Vec::new());
    let found = records.len();
    for (number, record) in records.into_iter().enumerate() {
        let name = name(number);
        match node(record) {
            Ok(node) => nodes.push((name, node)),
            Err(violations) => {
                let found = |violation| Finding { file: name.clone(), place: None, violation };
                findings.extend(violations.into_iter().map(found));
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

fn node(record: wire::NewRecord) -> Result<Node, Vec<Violation>> {
    let wire::NewRecord { id, audience, payload_of } = record;
    let mut entries = Vec::new();
    if !id.is_empty() {
        entries.push((key("id"), text(id)));
    }
    if !audience.is_empty() {
        entries.push((key("audience"), of(Content::List(audience.into_iter().map(text).collect()))));
    }
    match payload_of {
        Some(PayloadOf::PayloadJson(json)) => entries.push((key("payload"), of_json(&json)?)),
        Some(PayloadOf::Payload(fields)) => {
            let deep = || vec![violation(code::PAYLOAD_NOT_JSON, "payload", &[("detail", &"too deep")])];
            entries.push((key("payload"), of_struct(fields, DEPTH_MAX).ok_or_else(deep)?));
        }
        None => {}
    }
    Ok(of(Content::Map(entries)))
}

/// JSON as the tree has it, which keeps the digits of numbers. What is YAML and no JSON is refused.
fn of_json(json: &str) -> Result<Node, Vec<Violation>> {
    let bad = |detail: String| vec![violation(code::PAYLOAD_NOT_JSON, "payload", &[("detail", &detail)])];
    if let Err(error) = serde_json::from_str::<IgnoredAny>(json) {
        return Err(bad(error.to_string()));
    }
    let (nodes, faults) = tree::read(json);
    if !faults.is_empty() {
        return Err(faults.into_iter().map(|(_, violation)| below("payload", violation)).collect());
    }
    // No document is what JSON's null becomes.
    nodes.into_iter().next().ok_or_else(|| bad("null".to_owned()))
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
    Node { place: Place { line: 1, column: 1 }, content }
}

const fn text(text: String) -> Node {
    of(Content::Scalar { text, plain: false })
}

fn plain(text: &str) -> Node {
    of(Content::Scalar { text: text.to_owned(), plain: true })
}

fn key(text: &str) -> Key {
    Key { text: text.to_owned(), place: Place { line: 1, column: 1 } }
}

fn refused(error: PublishError) -> Refusal {
    match error {
        PublishError::Refused(findings) => {
            let count = findings.len().to_string();
            let refusal = Refusal::new(code::RECORDS_REFUSED, [("count", count)]);
            Refusal { findings: by_path(findings), ..refusal }
        }
        error @ (PublishError::Broken(_) | PublishError::Store(_) | PublishError::Random(_)) => error.into(),
    }
}

/// Findings by their paths in the request, in the order of the records.
fn by_path(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| a.file.cmp(&b.file));
    let told = findings.into_iter().map(|Finding { file, place: _, violation }| {
        let number = file.parse::<usize>().unwrap_or_default();
        Finding { file: String::new(), place: None, violation: below(&format!("records[{number}]"), violation) }
    });
    told.collect()
}

/// A violation of what stands below a path.
fn below(base: &str, violation: Violation) -> Violation {
    let Violation { path, code, mut args } = violation;
    let path = match path.as_str() {
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
