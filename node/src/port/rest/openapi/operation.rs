//! One route as an operation: its parameters, body, answers and refusals.

use std::collections::{BTreeMap, BTreeSet};

use multaqa_proto::kind::KINDS;
use multaqa_proto::kind::facet::Values;
use multaqa_proto::text::Lang;
use serde_json::{Map, Value, json};

use super::super::call::{ALL, FACET_MAX};
use super::super::filter;
use super::super::limits::REPEATS;
use super::super::problem::{self, PROBLEM};
use super::super::route::{COMMON_REFUSALS, Form, Many, Parameter, Place, Route, Takes, Verb, routes};
use super::schema::Schemas;
use super::{Version, named};
use crate::api::filter::values_of;
use crate::api::refusal::{Refusal, catalogue, retry_after};

/// A path as OpenAPI has it: a parameter that takes the rest of the path is written as any other.
pub(super) fn path(route: &Route) -> String {
    route.path.replace("{*", "{")
}

/// The operation of a route.
pub(super) fn of(route: &'static Route, schemas: &mut Schemas) -> Value {
    let own = route.parameters.iter().flat_map(filter::each).map(|given| parameter(&given, schemas));
    let shared = shared_of(route).into_iter().map(|name| json!({ "$ref": format!("#/components/parameters/{name}") }));
    let mut operation = json!({
        "operationId": route.operation,
        "tags": [route.tag],
        "summary": route.summary,
        "description": told(route),
        "parameters": own.chain(shared).collect::<Value>(),
        "responses": responses(route, schemas),
    });
    if let Some(takes) = &route.takes {
        operation["requestBody"] = body(takes, schemas);
    }
    if let Some(scope) = route.scope {
        operation["x-multaqa-scope"] = json!(scope);
    }
    operation
}

fn told(route: &Route) -> String {
    match route.scope {
        Some(scope) => format!("{}\n\nScope: `{scope}`.", route.description),
        None => format!("{}\n\nEvery system of the member may.", route.description),
    }
}

/// Names of the parameters that routes share, in components.
fn shared_of(route: &Route) -> Vec<&'static str> {
    let own = |name: &str| route.parameters.iter().any(|parameter| parameter.name.eq_ignore_ascii_case(name));
    let shared =
        [("AcceptLanguage", "Accept-Language", true), ("IfNoneMatch", "If-None-Match", route.method == Verb::Get)];
    shared.into_iter().filter(|(_, name, here)| *here && !own(name)).map(|(component, _, _)| component).collect()
}

/// Headers that steer every request.
pub(super) fn shared_parameters() -> Value {
    json!({
        "AcceptLanguage": {
            "name": "Accept-Language",
            "in": "header",
            "description": "Language of refusals and headings: `ar`, `en` or `fr` by weight (RFC 9110, section 12.5.4); English else.",
            "schema": { "type": "string" },
            "example": "ar, en;q=0.5",
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "description": "Tags of what the client has; where the answer would be the same it is 304 without a body.",
            "schema": { "type": "string" },
            "example": "\"0f1e2d3c4b5a69788796a5b4c3d2e1f0\"",
        },
    })
}

/// Headers of answers.
pub(super) fn headers(version: Version) -> Value {
    let text = |told: &str, required: bool| json!({ "description": told, "required": required, "schema": { "type": "string" } });
    let mut headers = json!({
        "AsOf": text("When the replica was last known to hold everything that the hub had (RFC 3339).", false),
        "Position": {
            "description": "Leaves of the log that the replica holds, for `minPosition`.",
            "schema": { "type": "integer", "minimum": 1 },
        },
        "State": {
            "description": "How fresh the answer is.",
            "required": true,
            "schema": { "type": "string", "enum": ["live", "stale", "offline"] },
        },
        "Tag": text("Strong tag of the body (RFC 9110, section 8.8.3), for `If-None-Match`.", false),
        "RetryAfter": { "description": "Seconds after which another try may work.", "schema": { "type": "integer", "minimum": 1 } },
        "Disposition": text("Name of the file (RFC 6266).", false),
    });
    if version == Version::V31 {
        headers["AsOf"]["schema"]["format"] = json!("date-time");
    }
    headers
}

fn parameter(parameter: &Parameter, schemas: &Schemas) -> Value {
    let one = match (parameter.form, values_of(parameter.name)) {
        (Form::Facet, Some(Values::Closed(values))) => form(Form::OneOf(values)),
        (own, _) => form(own),
    };
    let schema = match parameter.many {
        Many::Once => one,
        Many::Repeated | Many::Commas => json!({ "type": "array", "minItems": 1, "maxItems": REPEATS, "items": one }),
    };
    let place = match parameter.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
    };
    let mut entry = json!({
        "name": parameter.name.trim_start_matches('*'),
        "in": place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": schemas.exampled(schema),
    });
    if parameter.many != Many::Once {
        entry["style"] = json!("form");
        entry["explode"] = json!(parameter.many == Many::Repeated);
    }
    if !parameter.example.is_empty() {
        entry["example"] = example(parameter);
    }
    entry
}

fn form(form: Form) -> Value {
    match form {
        Form::Facet => json!({ "type": "string", "minLength": 1, "maxLength": FACET_MAX }),
        Form::Text { max } => {
            json!({ "type": "string", "maxLength": max, "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$" })
        }
        Form::Words { max } => json!({ "type": "string", "maxLength": max }),
        Form::Id => json!({ "type": "string", "maxLength": 200 }),
        Form::Whole { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::OneOf(words) => json!({ "type": "string", "enum": words }),
        Form::Collection => {
            let known: Vec<_> = KINDS.iter().filter_map(|kind| kind.collection).chain([ALL]).collect();
            json!({ "type": "string", "enum": known })
        }
    }
}

/// The example of a parameter in the type of its form.
fn example(parameter: &Parameter) -> Value {
    let typed = |text: &str| match parameter.form {
        Form::Whole { .. } => text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number)),
        Form::Flag => json!(text == "true"),
        Form::Text { .. } | Form::Words { .. } | Form::Id | Form::OneOf(_) | Form::Collection | Form::Facet => {
            json!(text)
        }
    };
    match parameter.many {
        Many::Once => typed(parameter.example),
        Many::Repeated => json!([typed(parameter.example)]),
        Many::Commas => parameter.example.split(',').map(typed).collect(),
    }
}

fn body(takes: &Takes, schemas: &mut Schemas) -> Value {
    let (schema, _) = schemas.of(takes.shape);
    let example: Value = serde_json::from_str(takes.example).unwrap_or_else(|_| json!(takes.example));
    let mut content = Map::new();
    content.insert(takes.media.to_owned(), json!({ "schema": schema, "example": example }));
    json!({ "description": takes.description, "required": takes.required, "content": content })
}

fn responses(route: &Route, schemas: &mut Schemas) -> Value {
    let mut responses: BTreeMap<String, Value> = BTreeMap::new();
    for gives in route.gives {
        let (schema, example) = schemas.of(gives.shape);
        let mut content = json!({ "schema": schema });
        if let Some(example) = example {
            content["example"] = example;
        }
        let answer = responses.entry(gives.status.to_string()).or_insert_with(
            || json!({ "description": gives.description, "headers": fresh(&[("ETag", "Tag")]), "content": {} }),
        );
        // By its type alone: a charset is a part of the header, not of the name.
        let media = gives.media.split(';').next().unwrap_or(gives.media).trim();
        answer["content"][media] = content;
    }
    if route.method == Verb::Get {
        let unchanged = json!({ "description": "The client has it already.", "headers": fresh(&[("ETag", "Tag")]) });
        responses.insert("304".to_owned(), unchanged);
    }
    for (status, codes) in refusals(route) {
        responses.insert(status.to_string(), refused(&codes, schemas.version));
    }
    json!(responses)
}

/// What every answer says of its freshness, and these headers more.
fn fresh(more: &[(&str, &str)]) -> Value {
    let always = [("Multaqa-As-Of", "AsOf"), ("Multaqa-Position", "Position"), ("Multaqa-State", "State")];
    let all = always
        .iter()
        .chain(more)
        .map(|(name, component)| ((*name).to_owned(), json!({ "$ref": format!("#/components/headers/{component}") })));
    Value::Object(all.collect())
}

/// Codes of a route's refusals by their status.
fn refusals(route: &Route) -> BTreeMap<u16, BTreeSet<&'static str>> {
    let mut found: BTreeMap<u16, BTreeSet<&'static str>> = BTreeMap::new();
    for code in route.refusals.iter().chain(COMMON_REFUSALS).copied() {
        found.entry(problem::status(&Refusal::new(code, [])).as_u16()).or_default().insert(code);
    }
    found
}

fn refused(codes: &BTreeSet<&'static str>, version: Version) -> Value {
    let codes: Vec<_> = codes.iter().copied().collect();
    let later = codes.iter().any(|code| retry_after(code).is_some());
    let told = codes.iter().map(|code| format!("- `{code}`: {}", example_of(code).0)).collect::<Vec<_>>().join("\n");
    let examples =
        codes.iter().map(|code| ((*code).to_owned(), json!({ "$ref": format!("#/components/examples/{code}") })));
    let content = json!({ "schema": named::problem_of(&codes, version), "examples": examples.collect::<Map<_, _>>() });
    let headers = if later { fresh(&[("Retry-After", "RetryAfter")]) } else { fresh(&[]) };
    json!({ "description": told, "headers": headers, "content": { PROBLEM: content } })
}

/// A problem of each code that any route has.
pub(super) fn problems() -> Value {
    let codes: BTreeSet<_> = routes().flat_map(|route| route.refusals).chain(COMMON_REFUSALS).copied().collect();
    let entry = |code: &'static str| {
        let (text, problem) = example_of(code);
        (code.to_owned(), json!({ "summary": text, "value": problem }))
    };
    Value::Object(codes.into_iter().map(entry).collect())
}

/// A code that some route refuses with, and what it says in a language with values that could be; none where no route does.
pub(in crate::port::rest) fn told_of(code: &str, lang: Lang) -> Option<(&'static str, String)> {
    let known =
        routes().flat_map(|route| route.refusals).chain(COMMON_REFUSALS).copied().find(|known| *known == code)?;
    Some((known, example_refusal(known).told(lang).text))
}

/// A refusal with values that could be.
fn example_refusal(code: &'static str) -> Refusal {
    Refusal::new(code, VALUES.map(|(name, value)| (name, value.to_owned())))
}

/// What a code says with values that could be.
fn example_of(code: &'static str) -> (String, Value) {
    let all = VALUES.map(|(name, value)| (name, value.to_owned()));
    let refusal = example_refusal(code);
    let told = catalogue().render(Lang::En, code, &refusal.args);
    let status = problem::status(&refusal);
    let said = |value: &str| told.text.contains(value) || told.next.contains(value);
    let args: BTreeMap<_, _> =
        all.iter().filter(|(_, value)| said(value)).map(|(name, value)| (*name, value)).collect();
    let problem = json!({
        "type": format!("urn:multaqa:code:{code}"),
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": told.text,
        "instance": "/v1/services",
        "code": code,
        "at": Value::Null,
        "act": told.act,
        "help": told.next,
        "args": args,
        "errors": [],
    });
    (told.text, problem)
}

/// Values of arguments of messages, by the argument's name.
const VALUES: [(&str, &str); 38] = [
    ("allowed", "GET, HEAD, OPTIONS"),
    ("character", "U+202E"),
    ("collection", "servces"),
    ("count", "2"),
    ("detail", "unexpected end of input"),
    ("done", "120000"),
    ("end", "812000"),
    ("expected", "1..500"),
    ("facet", "secter"),
    ("facets", "kind, country, sector, language, year"),
    ("field", "title.de"),
    ("fields", "id, title, payload"),
    ("format", "jsonld"),
    ("found", "9041"),
    ("id", "JO:service:sanad"),
    ("identity", "system/JO/mof/budget"),
    ("index", "3073"),
    ("kind", "servce"),
    ("kinds", "service, organisation, codelist, indicator, dataset"),
    ("known", "country, pageSize, pageToken"),
    ("max", "1000"),
    ("member", "ZZ"),
    ("method", "PATCH"),
    ("mib", "32"),
    ("name", "pagesize"),
    ("nearest", "pageSize"),
    ("of", "812000"),
    ("offered", "application/json"),
    ("path", "/v1/servces"),
    ("position", "3074"),
    ("reason", "JOURNAL_BEHIND"),
    ("resource", "JO:service:sanad"),
    ("rows", "10000"),
    ("rule", "read:service"),
    ("seconds", "30"),
    ("size", "52000"),
    ("value", "zero"),
    ("writer", "JO/gw1"),
];
