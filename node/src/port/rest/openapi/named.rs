//! Shapes of bodies that are no message of the schema: what a route's entry names by `Shape::Named`.
//!
//! A test holds every name of the table against this file.

use serde_json::{Value, json};

use super::Version;
use super::schema::{Schemas, reference};
use crate::publish::RECORDS_MAX;

/// The schema of a shape, and a body that fits it where one is known.
pub(super) fn of(name: &str, schemas: &mut Schemas) -> (Value, Option<Value>) {
    let (schema, example) = match name {
        "Kinds" => kinds(schemas),
        "Records" => records(schemas),
        // What generators make should take records here too.
        "Checked" if schemas.version == Version::V30 => return of("Records", schemas),
        "Checked" => checked(),
        "Findings" => findings(schemas),
        "OpenApi" => (json!({ "type": "object", "required": ["openapi", "info", "paths"] }), None),
        "JsonLd" => json_ld(),
        "SchemaFiles" => files(schemas),
        "SdmxStructures" => {
            let lists =
                ["agencySchemes", "codelists", "conceptSchemes", "dataStructures", "dataflows", "dataConstraints"];
            sdmx(&lists, schemas)
        }
        "SdmxData" => sdmx(&["dataSets", "structures"], schemas),
        _ => (json!({}), None),
    };
    (schemas.add(name, schema), example)
}

/// Whether a name is known here.
#[cfg(test)]
pub(super) fn knows(name: &str) -> bool {
    let mut schemas = Schemas::new(Version::V31);
    let _ = of(name, &mut schemas);
    schemas.finish().get(name).is_some_and(|schema| *schema != json!({}))
}

/// A message of SDMX-JSON 2.0 by its parts: SDMX publishes its schema under the address in `meta.schema`.
fn sdmx(lists: &[&str], schemas: &mut Schemas) -> (Value, Option<Value>) {
    let part = schemas
        .add("SdmxPart", json!({ "type": "object", "description": "A part of a message, as SDMX-JSON 2.0 has it." }));
    let list = |name: &&str| ((*name).to_owned(), json!({ "type": "array", "items": part }));
    let lists: serde_json::Map<String, Value> = lists.iter().map(list).collect();
    let meta = json!({
        "type": "object",
        "required": ["schema", "id", "prepared", "sender"],
        "properties": {
            "schema": { "type": "string", "description": "Address of the schema of SDMX-JSON 2.0." },
            "id": { "type": "string", "description": "Member, number of the log and position that the answer was read at." },
            "prepared": { "type": "string", "description": "When the log took what is newest in the answer (RFC 3339)." },
            "sender": { "type": "object", "description": "The member of this node." },
        },
    });
    let meta = schemas.add("SdmxMeta", meta);
    let schema = json!({
        "type": "object",
        "required": ["meta", "data"],
        "properties": { "meta": meta, "data": { "type": "object", "properties": lists } },
    });
    (schema, None)
}

fn kinds(schemas: &mut Schemas) -> (Value, Option<Value>) {
    let kind = json!({
        "type": "object",
        "required": ["kind", "collection", "message", "may_read", "may_publish"],
        "properties": {
            "kind": { "type": "string", "description": "Name, as in ids." },
            "collection": { "type": "string", "description": "Collection of its objects in paths." },
            "message": { "type": "string", "description": "Full name of the payload's message in the schema." },
            "may_read": { "type": "boolean", "description": "Whether the asking system may read it." },
            "may_publish": { "type": "boolean", "description": "Whether the asking system may publish it." },
        },
    });
    let kind = schemas.add("KnownKind", kind);
    let schema = json!({
        "type": "object",
        "required": ["kinds"],
        "properties": { "kinds": { "type": "array", "items": kind } },
    });
    let example = json!({ "kinds": [{
        "kind": "service",
        "collection": "services",
        "message": "multaqa.kind.v1.Service",
        "may_read": true,
        "may_publish": false,
    }] });
    (schema, Some(example))
}

fn records(schemas: &mut Schemas) -> (Value, Option<Value>) {
    let payload = schemas.payload();
    let record = json!({
        "type": "object",
        "description": "A record as in a record file.",
        "required": ["id", "payload"],
        "additionalProperties": false,
        "properties": {
            "id": {
                "type": "string",
                "maxLength": 200,
                "description": "Id of the object, `<member>:<kind>:<slug>`; the member is this node's own.",
            },
            "audience": {
                "type": "array",
                "minItems": 1,
                "items": { "type": "string", "maxLength": 200 },
                "description": "Who may read it: `public`, `members`, `states`, `group:<slug>`, `member:<code>`; the kind's \
                                usual audience where it is left out.",
            },
            "payload": payload,
        },
    });
    // `Record` is a type of some languages.
    let record = schemas.add("RecordFile", record);
    let list = json!({ "type": "array", "minItems": 1, "maxItems": RECORDS_MAX, "items": record });
    let list = schemas.add("RecordFiles", list);
    (json!({ "oneOf": [record, list] }), None)
}

/// What is checked may be anything: what it breaks is a finding and no refusal.
fn checked() -> (Value, Option<Value>) {
    let told = "Records as for publishing; whatever else they are, the answer says what they break.";
    (json!({ "description": told }), None)
}

fn broken(schemas: &mut Schemas) -> Value {
    let place = |told: &str| json!({ "type": "integer", "minimum": 1, "description": told });
    let line = schemas.or_null(place("Line in the record's own text, from 1."));
    let column = schemas.or_null(place("Column in characters, from 1."));
    let broken = json!({
        "type": "object",
        "description": "A rule that a record breaks.",
        "required": ["record", "at", "line", "column", "code", "detail"],
        "properties": {
            "record": { "type": "string", "description": "Which record, from 0: `records[3]`." },
            "at": { "type": "string", "description": "Path of the field: `payload.title.ar`." },
            "line": line,
            "column": column,
            "code": { "type": "string", "description": "Stable code of the rule." },
            "detail": { "type": "string", "description": "What is wrong, in the language asked for." },
        },
    });
    schemas.add("Broken", broken)
}

fn findings(schemas: &mut Schemas) -> (Value, Option<Value>) {
    let broken = broken(schemas);
    let schema = json!({
        "type": "object",
        "required": ["documents", "findings_total", "findings"],
        "properties": {
            "documents": { "type": "integer", "minimum": 0, "description": "Records that were read." },
            "findings_total": { "type": "integer", "minimum": 0, "description": "Number of all findings." },
            "findings": { "type": "array", "maxItems": 2000, "items": broken },
        },
    });
    (schema, Some(json!({ "documents": 1, "findings_total": 0, "findings": [] })))
}

fn json_ld() -> (Value, Option<Value>) {
    let schema = json!({
        "type": "object",
        "description": "JSON-LD 1.1 with its context: services by CPSV-AP 3.2.0, figures by DCAT-AP 3.0.1.",
        "required": ["@context", "@graph"],
        "properties": {
            "@context": { "type": "object" },
            "@graph": { "type": "array", "items": { "type": "object" } },
        },
    });
    let node = json!({ "@id": "urn:multaqa:demo.multaqa.example:JO:service:sanad", "@type": "cpsv:PublicService" });
    (schema, Some(json!({ "@context": { "cpsv": "http://purl.org/vocab/cpsv#" }, "@graph": [node] })))
}

fn files(schemas: &mut Schemas) -> (Value, Option<Value>) {
    let file = json!({
        "type": "object",
        "required": ["name", "path", "bytes"],
        "properties": {
            "name": { "type": "string", "description": "Name by which other files import it." },
            "path": { "type": "string", "description": "Where it is downloaded." },
            "bytes": { "type": "integer", "minimum": 0 },
        },
    });
    let file = schemas.add("SchemaFile", file);
    let schema = json!({
        "type": "object",
        "required": ["files", "descriptors"],
        "properties": { "files": { "type": "array", "items": file }, "descriptors": file },
    });
    (schema, None)
}

/// The schema of refusals (RFC 9457).
pub(super) fn problem(schemas: &mut Schemas) -> Value {
    let broken = broken(schemas);
    let at = schemas.or_null(json!({
        "type": "string",
        "description": "The parameter, or the path of the field in the body, that is to blame; null where none is.",
    }));
    json!({
        "type": "object",
        "description": "Why a request was refused (RFC 9457), in the language of `Accept-Language`.",
        "required": ["type", "title", "status", "detail", "instance", "code", "at", "act", "help", "args", "errors"],
        "properties": {
            "type": { "type": "string", "format": "uri", "description": "`urn:multaqa:code:CODE`" },
            "title": { "type": "string", "description": "The words of the status line." },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string", "description": "What happened." },
            "instance": { "type": "string", "description": "The path that was asked for." },
            "code": { "type": "string", "description": "Stable code, the same as over gRPC." },
            "at": at,
            "act": { "type": "string", "description": "Who must act." },
            "help": { "type": "string", "description": "The next step." },
            "args": { "type": "object", "additionalProperties": { "type": "string" } },
            "errors": { "type": "array", "items": broken, "description": "What records break; else empty." },
        },
    })
}

/// A problem with one of these codes. A generator makes a type of whatever has no name, so for those that read 3.0 all problems are
/// of one.
pub(super) fn problem_of(codes: &[&str], version: Version) -> Value {
    if version == Version::V30 {
        return reference("Problem");
    }
    let code = json!({ "type": "object", "properties": { "code": { "type": "string", "enum": codes } } });
    json!({ "allOf": [reference("Problem"), code] })
}
