//! The OpenAPI document: what is served over HTTP, for programs that make clients, tests and pages of it.
//!
//! Version 3.1 at `/openapi.json`, and 3.0 beside it for generators that know no newer one. It is made of the table of routes and
//! of the descriptors of the schema with their comments, so that it cannot say anything else than what is served; a test holds
//! the two against each other. In scope: the document and where it is served. Out of scope: the page that people read (`docs`),
//! the table (`route`).

mod comment;
mod named;
mod operation;
pub(super) mod overview;
mod schema;

use std::sync::LazyLock;

use axum::body::Bytes;
use serde_json::{Map, Value, json};

pub(super) use self::operation::told_of;
use super::answer::Answer;
use super::call::Call;
use super::route::{Gives, JSON, Route, Shape, TAGS, Verb, routes};
use crate::api::refusal::Refusal;

/// A version of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// 3.0.3, whose schemas are a dialect of their own.
    V30,
    /// 3.1.1, whose schemas are JSON Schema 2020-12.
    V31,
}

/// The routes of this file.
pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Verb::Get,
        path: "/openapi.json",
        operation: "getOpenApi",
        tag: "node",
        summary: "Read this document",
        description: "What is served here, as OpenAPI 3.1.",
        parameters: &[],
        takes: None,
        gives: &[document_in("The document.")],
        refusals: &[],
        scope: None,
        handler: |call| Box::pin(served(call, &V31)),
    },
    Route {
        method: Verb::Get,
        path: "/openapi-3.0.json",
        operation: "getOpenApi30",
        tag: "node",
        summary: "Read this document for older generators",
        description: "The same as OpenAPI 3.0, which has no word for client certificates: those are described in words.",
        parameters: &[],
        takes: None,
        gives: &[document_in("The document.")],
        refusals: &[],
        scope: None,
        handler: |call| Box::pin(served(call, &V30)),
    },
];

/// The documents as they are served.
static V31: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(document(Version::V31).to_string()));
static V30: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(document(Version::V30).to_string()));

const fn document_in(description: &'static str) -> Gives {
    Gives { status: 200, media: JSON, format: "", shape: Shape::Named("OpenApi"), description }
}

#[expect(clippy::unused_async, reason = "called as every handler is")]
async fn served(_call: Call, document: &'static LazyLock<Bytes>) -> Result<Answer, Refusal> {
    Ok(Answer::of(JSON, Bytes::clone(document), None))
}

/// The document in a version.
pub(super) fn document(version: Version) -> Value {
    let mut schemas = schema::Schemas::new(version);
    let mut paths: Map<String, Value> = Map::new();
    for route in routes() {
        let operation = operation::of(route, &mut schemas);
        let item = paths.entry(operation::path(route)).or_insert_with(|| json!({}));
        item[route.method.as_str().to_ascii_lowercase()] = operation;
    }
    let tags: Vec<_> = TAGS.iter().map(|(name, told)| json!({ "name": name, "description": told })).collect();
    let problem = named::problem(&mut schemas);
    schemas.add("Problem", problem);
    let components = json!({
        "schemas": schemas.finish(),
        "parameters": operation::shared_parameters(),
        "headers": operation::headers(version),
        "examples": operation::problems(),
    });
    let mut document = json!({
        "openapi": match version { Version::V30 => "3.0.3", Version::V31 => "3.1.1" },
        "info": info(version),
        "servers": [{ "url": "/", "description": "The node that answered." }],
        "tags": tags,
        "paths": paths,
        "components": components,
    });
    // 3.0 has no word for it, and generators warn of each that they do not know: what it is, the description says.
    if version == Version::V31 {
        document["security"] = json!([{ SCHEME: [] }]);
        document["components"]["securitySchemes"] =
            json!({ SCHEME: { "type": "mutualTLS", "description": overview::CERTIFICATES } });
    }
    document
}

/// Name of the one way to be known.
const SCHEME: &str = "clientCertificate";

fn info(version: Version) -> Value {
    let mut licence = json!({ "name": env!("CARGO_PKG_LICENSE") });
    let mut info = json!({
        "title": "Multaqa node",
        "version": env!("CARGO_PKG_VERSION"),
        "description": overview::markdown(),
    });
    match version {
        Version::V31 => {
            licence["identifier"] = json!(env!("CARGO_PKG_LICENSE"));
            info["summary"] = json!(overview::SUMMARY);
        }
        Version::V30 => licence["url"] = json!("https://spdx.org/licenses/Apache-2.0.html"),
    }
    info["license"] = licence;
    info
}

#[cfg(test)]
mod tests;
