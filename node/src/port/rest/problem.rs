//! Refusals over HTTP: `application/problem+json` (RFC 9457) in the client's language.
//!
//! | member | is |
//! |---|---|
//! | `type` | `urn:multaqa:code:CODE` |
//! | `title`, `status` | the status line |
//! | `detail` | what happened |
//! | `instance` | the path that was asked for |
//! | `code` | the stable code, the same as `ErrorInfo.reason` over gRPC |
//! | `at` | the parameter, or the path of the field in the body, that is to blame; null where none is |
//! | `act` | who must act: `system`, `reader`, `writer`, `member-node`, `operator`, `hub` |
//! | `help` | the next step |
//! | `args` | the values that the text names |
//! | `errors` | of records, what they break: each with `record` (`records[3]`), `at`, `line`, `column`, `code`, `detail` |
//!
//! In scope: the one conversion. Out of scope: what a code means (`api::refusal`), the texts (`messages`).

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Response, StatusCode};
use multaqa_proto::text::Lang;
use multaqa_proto::wire::node as wire;
use serde_json::{Value, json};

use super::route::{Place, Route};
use crate::api::refusal::{Category, Refusal, catalogue, field_of, retry_after};
use crate::code;
use crate::file::Finding;

/// The media type.
pub(crate) const PROBLEM: &str = "application/problem+json";
/// Findings that a problem carries; `POST /v1/records:check` gives more.
const ERRORS_MAX: usize = 100;

/// A rule that a record breaks, in a language.
#[derive(Debug)]
pub(crate) struct Broken {
    /// Which record, from 0: `records[3]`; of files, the file.
    pub(crate) record: String,
    /// Path of the field in it.
    pub(crate) at: String,
    /// Line and column in the record's own text, from 1; null where it has none.
    pub(crate) line: Option<usize>,
    pub(crate) column: Option<usize>,
    pub(crate) code: String,
    pub(crate) detail: String,
}

impl Broken {
    /// As it stands in a body.
    pub(crate) fn shown(self) -> Value {
        let Self { record, at, line, column, code, detail } = self;
        json!({ "record": record, "at": at, "line": line, "column": column, "code": code, "detail": detail })
    }
}

/// A refusal as a response. `route` is where it was met, if it came so far.
pub(crate) fn response(refusal: &Refusal, lang: Lang, path: &str, route: Option<&Route>) -> Response<Body> {
    let mut response = Response::new(Body::from(written(refusal, lang, path, route)));
    *response.status_mut() = status(refusal);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang.as_str()));
    if let Some(after) = retry_after(refusal.code) {
        headers.insert(RETRY_AFTER, after.as_secs().max(1).into());
    }
    response
}

/// A refusal as the text of a problem.
pub(crate) fn text(refusal: &Refusal, lang: Lang, path: &str) -> String {
    written(refusal, lang, path, None)
}

fn written(refusal: &Refusal, lang: Lang, path: &str, route: Option<&Route>) -> String {
    let (status, told) = (status(refusal), refusal.told(lang));
    let arg = |name: &str| refusal.args.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let args: BTreeMap<&str, &str> = refusal.args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let errors = refusal.findings.iter().take(ERRORS_MAX).map(|finding| broken(finding, lang).shown());
    // A value has a JSON form, whatever it holds.
    let problem = json!({
        "type": format!("urn:multaqa:code:{}", refusal.code),
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": told.text,
        "instance": path,
        "code": refusal.code,
        "at": at(refusal.code, arg, route),
        "act": told.act,
        "help": told.next,
        "args": args,
        "errors": errors.collect::<Vec<Value>>(),
    });
    problem.to_string()
}

/// A finding in a language.
pub(crate) fn broken(finding: &Finding, lang: Lang) -> Broken {
    let Finding { file, place, violation } = finding;
    let told = catalogue().render(lang, violation.code, &violation.args);
    let (record, at) = of_record(file, &violation.path);
    Broken {
        record,
        at,
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
        code: violation.code.to_owned(),
        detail: told.text,
    }
}

/// The same of a finding on the wire.
pub(crate) fn broken_of(finding: &wire::Finding, lang: Lang) -> Broken {
    let wire::Finding { file, line, column, path, code, args } = finding;
    let mut args: Vec<(&str, String)> = args.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    args.sort();
    let place = |number: &u32| usize::try_from(*number).ok().filter(|number| *number > 0);
    let (record, at) = of_record(file, path);
    Broken {
        record,
        at,
        line: place(line),
        column: place(column),
        code: code.clone(),
        detail: catalogue().render(lang, code, &args).text,
    }
}

/// Record and path in it: `records[3].payload.title.ar` is of the record `records[3]`.
fn of_record(file: &str, path: &str) -> (String, String) {
    let of_request = path.starts_with("records[").then(|| path.find(']')).flatten();
    match of_request.map(|end| path.split_at(end + 1)) {
        Some((record, rest)) if file.is_empty() => {
            (record.to_owned(), rest.strip_prefix('.').unwrap_or(rest).to_owned())
        }
        Some(_) | None => (file.to_owned(), path.to_owned()),
    }
}

/// What is to blame, by the name that the route has for it.
fn at<'a>(code: &str, arg: impl Fn(&str) -> Option<&'a str>, route: Option<&Route>) -> Option<String> {
    if let code::PARAMETER_UNKNOWN | code::PARAMETER_WRONG | code::PARAMETER_REPEATED | code::PARAMETER_MISSING = code {
        return arg("name").map(ToOwned::to_owned);
    }
    if code == code::SDMX_MALFORMED {
        let of_query = |name: &&str| {
            route.is_some_and(|route| route.parameters.iter().any(|p| p.place == Place::Query && p.name == *name))
        };
        // Whatever is no parameter of the query is a part of the path.
        return Some(arg("name").filter(of_query).unwrap_or("path").to_owned());
    }
    // Each facet is a parameter.
    if code == code::SEARCH_VALUE_UNKNOWN {
        return arg("facet").map(ToOwned::to_owned);
    }
    let field = match code {
        code::COLLECTION_UNKNOWN => "collection",
        code::OBJECT_UNKNOWN => "id",
        _ => match field_of(code, arg)? {
            "member" => "country",
            "read_mask" => "fields",
            "filters" => "facets",
            "text" => "q",
            "resume" => "Last-Event-ID",
            "reason.ar" => "reasonAr",
            "reason.en" => "reasonEn",
            "reason.fr" => "reasonFr",
            field => field,
        },
    };
    let written = camel(field);
    let named = |place: Place, name: &str| {
        route.is_some_and(|route| route.parameters.iter().any(|known| known.place == place && known.name == name))
    };
    let of_route = [&written, field]
        .into_iter()
        .find(|name| [Place::Path, Place::Query, Place::Header].into_iter().any(|place| named(place, name)));
    Some(of_route.unwrap_or(field).to_owned())
}

/// `page_token` as `pageToken`.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut name, part| {
        let mut letters = part.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// The status: of a rule of HTTP the one that RFC 9110 or 6585 has for it, else what the category means.
pub(crate) fn status(refusal: &Refusal) -> StatusCode {
    match refusal.code {
        code::METHOD_NOT_ALLOWED => StatusCode::METHOD_NOT_ALLOWED,
        code::BODY_TOO_SLOW => StatusCode::REQUEST_TIMEOUT,
        code::CONDITION_UNSUPPORTED => StatusCode::PRECONDITION_FAILED,
        // The client's own doing (`api::position`).
        code::POSITION_NOT_REACHED => StatusCode::CONFLICT,
        code::MEDIA_NOT_OFFERED | code::FORMAT_NOT_OF_KIND => StatusCode::NOT_ACCEPTABLE,
        code::MESSAGE_TOO_LARGE | code::SDMX_ANSWER_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
        code::TARGET_TOO_LONG => StatusCode::URI_TOO_LONG,
        code::MEDIA_UNSUPPORTED => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        code::HEADERS_TOO_LARGE => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        code::SDMX_CHANGES_UNTOLD | code::SDMX_PAST_ERASED => StatusCode::UNPROCESSABLE_ENTITY,
        code::SDMX_NOT_IMPLEMENTED => StatusCode::NOT_IMPLEMENTED,
        code::STORE_FULL => StatusCode::INSUFFICIENT_STORAGE,
        _ => of(refusal.category()),
    }
}

const fn of(category: Category) -> StatusCode {
    match category {
        Category::Invalid => StatusCode::BAD_REQUEST,
        // A 401 would have to name a scheme (RFC 9110, section 11.6.1), and certificates have none.
        Category::Unknown | Category::Denied => StatusCode::FORBIDDEN,
        Category::Missing | Category::Unimplemented => StatusCode::NOT_FOUND,
        Category::Exists | Category::Precondition => StatusCode::CONFLICT,
        Category::Exhausted => StatusCode::TOO_MANY_REQUESTS,
        Category::TooSlow | Category::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Category::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_fields_are_those_of_the_query() {
        assert_eq!([camel("page_token"), camel("kind"), camel("min_position")], ["pageToken", "kind", "minPosition"]);
    }
}
