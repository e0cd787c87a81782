//! The schema to take along: `.proto` files by the names by which they import one another, and their descriptors.
//!
//! They lie in the program itself, so they are those that it speaks. What they import from `google/protobuf` every compiler of
//! Protocol Buffers brings.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_DISPOSITION;
use multaqa_proto::wire::{DESCRIPTORS, FILES};
use serde_json::json;

use super::answer::Answer;
use super::call::{Call, no_route};
use super::route::{Form, Gives, JSON, Parameter, Route, Shape, Verb};
use crate::api::refusal::Refusal;

/// Where the descriptors are.
const SET: &str = "/v1/schema/descriptors";
/// Media types.
const PROTO: &str = "text/plain; charset=utf-8";
const BINARY: &str = "application/protobuf";

const PART: Form = Form::Text { max: 60 };

/// The routes of this file.
pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Verb::Get,
        path: "/v1/schema",
        operation: "listSchemaFiles",
        tag: "node",
        summary: "List the files of the schema",
        description: "The `.proto` files of this node, and the set of their descriptors, for clients that speak gRPC.",
        parameters: &[],
        takes: None,
        gives: &[Gives {
            status: 200,
            media: JSON,
            format: "",
            shape: Shape::Named("SchemaFiles"),
            description: "The files.",
        }],
        refusals: &[],
        scope: None,
        handler: |call| Box::pin(listed(call)),
    },
    Route {
        method: Verb::Get,
        path: SET,
        operation: "getDescriptors",
        tag: "node",
        summary: "Download the descriptors of the schema",
        description: "A serialised `google.protobuf.FileDescriptorSet` of all files with their comments, for \
                      `grpcurl -protoset`, `buf` and generators.",
        parameters: &[],
        takes: None,
        gives: &[Gives { status: 200, media: BINARY, format: "", shape: Shape::Bytes, description: "The set." }],
        refusals: &[],
        scope: None,
        handler: |call| Box::pin(descriptors(call)),
    },
    Route {
        method: Verb::Get,
        path: "/v1/schema/multaqa/{package}/{version}/{file}",
        operation: "getSchemaFile",
        tag: "node",
        summary: "Download a file of the schema",
        description: "A `.proto` file under the name by which others import it.",
        parameters: &[
            Parameter::path("package", PART, "Package.", "node"),
            Parameter::path("version", PART, "Version of the package.", "v1"),
            Parameter::path("file", PART, "Name of the file.", "replica.proto"),
        ],
        takes: None,
        gives: &[Gives { status: 200, media: PROTO, format: "", shape: Shape::Text, description: "The file." }],
        refusals: &[],
        scope: None,
        handler: |call| Box::pin(file(call)),
    },
];

#[expect(clippy::unused_async, reason = "called as every handler is")]
async fn listed(_call: Call) -> Result<Answer, Refusal> {
    let entry = |name: &str, path: String, bytes: usize| json!({ "name": name, "path": path, "bytes": bytes });
    let files: Vec<_> =
        FILES.iter().map(|(name, text)| entry(name, format!("/v1/schema/{name}"), text.len())).collect();
    let descriptors = entry("descriptors.binpb", SET.to_owned(), DESCRIPTORS.len());
    Ok(Answer::of(JSON, json!({ "files": files, "descriptors": descriptors }).to_string(), None))
}

#[expect(clippy::unused_async, reason = "called as every handler is")]
async fn descriptors(_call: Call) -> Result<Answer, Refusal> {
    let name = HeaderValue::from_static("attachment; filename=\"multaqa.binpb\"");
    Ok(Answer::of(BINARY, DESCRIPTORS, None).with(CONTENT_DISPOSITION, name))
}

#[expect(clippy::unused_async, reason = "called as every handler is")]
async fn file(call: Call) -> Result<Answer, Refusal> {
    let part = |name: &str| call.value(name).unwrap_or_default();
    let name = format!("multaqa/{}/{}/{}", part("package"), part("version"), part("file"));
    let found = FILES.iter().find(|(known, _)| *known == name);
    let (_, text) = found.ok_or_else(|| no_route(&format!("/v1/schema/{name}")))?;
    Ok(Answer::of(PROTO, *text, None))
}
