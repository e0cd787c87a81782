//! The table of what is served over HTTP: one entry a method and path, from which the router and the OpenAPI document are built.
//!
//! Nothing is served that is not in it. An entry says what a request may hold (`Parameter`, `Takes`), what it is answered with
//! (`Gives`), which refusals it has besides those of every route (`COMMON_REFUSALS`), and which function answers. The frame
//! (`rest`) checks a request against its entry, so that a handler sees only parameters of the entry, each of its form.
//! `ROUTES` holds the tables of all rooms: a room adds its own slice there. Out of scope: what handlers do.

use std::pin::Pin;

use super::answer::Answer;
use super::call::Call;
use super::limits::PAGE_MAX;
use crate::api::refusal::Refusal;
use crate::code;

/// All tables.
pub(crate) static ROUTES: &[&[Route]] = &[
    super::read::ROUTES,
    super::search::ROUTES,
    super::events::ROUTES,
    super::outbox::ROUTES,
    super::status::ROUTES,
    super::openapi::ROUTES,
    super::docs::ROUTES,
    super::files::ROUTES,
    super::sdmx::ROUTES,
];

/// Every entry of all tables.
pub(crate) fn routes() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().copied().flatten()
}

/// A method at a path.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: Verb,
    /// Path with its parameters in braces, as RFC 6570 and axum write them: `/v1/{collection}/{id}`.
    pub(crate) path: &'static str,
    /// Name of the operation, in camelCase and of its own: `getRecord`.
    pub(crate) operation: &'static str,
    /// What it belongs to, for readers of the documentation: one of [`TAGS`].
    pub(crate) tag: &'static str,
    /// One line without a full stop.
    pub(crate) summary: &'static str,
    /// What it does, in whole sentences (CommonMark).
    pub(crate) description: &'static str,
    /// What path and query may hold, those of the path first. A header stands here only where it steers this route.
    pub(crate) parameters: &'static [Parameter],
    /// What the body holds; none where it must be empty.
    pub(crate) takes: Option<Takes>,
    /// What success looks like; the first is the usual one.
    pub(crate) gives: &'static [Gives],
    /// Codes of refusals besides [`COMMON_REFUSALS`].
    pub(crate) refusals: &'static [&'static str],
    /// The scope that a system needs, with `KIND` for the kind that is asked for; none where every system may.
    pub(crate) scope: Option<&'static str>,
    pub(crate) handler: Handler,
}

/// Answers a request that the frame has checked.
pub(crate) type Handler = fn(Call) -> Answering;

/// See [`Handler`].
pub(crate) type Answering = Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + Send>>;

/// Methods that are served. HEAD goes with GET, and OPTIONS with all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Delete,
}

impl Verb {
    /// The method's name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Text of at most so many characters, without control characters.
    Text { max: usize },
    /// The words of a search, of at most so many characters: any text is one.
    Words { max: usize },
    /// Id of an object: `<code>:<kind>:<slug>`.
    Id,
    /// A whole number.
    Whole { min: u64, max: u64 },
    /// `true` or `false`.
    Flag,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A value of a facet; the entry stands for a parameter of each facet (`filter::facets`), by its name.
    Facet,
    /// A collection of the table of kinds, or `records` for all kinds.
    Collection,
}

/// How often a query parameter may stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Many {
    /// Once.
    Once,
    /// Up to [`REPEATS`](super::limits::REPEATS) times, each time another value; `?a=1&a=2`.
    Repeated,
    /// Values parted by commas; `?a=1,2`, and `?a=1&a=2` as clients write it whose generator knows no other way.
    Commas,
}

/// A parameter of a route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    /// Name: camelCase in a query.
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) form: Form,
    pub(crate) many: Many,
    /// Whether it must be there; those of the path always must.
    pub(crate) required: bool,
    pub(crate) description: &'static str,
    /// A value that works.
    pub(crate) example: &'static str,
}

impl Parameter {
    /// A part of the path.
    pub(crate) const fn path(name: &'static str, form: Form, description: &'static str, example: &'static str) -> Self {
        Self { name, place: Place::Path, form, many: Many::Once, required: true, description, example }
    }

    /// An optional part of the query that stands once.
    pub(crate) const fn query(
        name: &'static str,
        form: Form,
        description: &'static str,
        example: &'static str,
    ) -> Self {
        Self { name, place: Place::Query, form, many: Many::Once, required: false, description, example }
    }

    /// The same with so many values.
    pub(crate) const fn many(self, many: Many) -> Self {
        Self { many, ..self }
    }

    /// A header that steers this route.
    pub(crate) const fn header(
        name: &'static str,
        form: Form,
        description: &'static str,
        example: &'static str,
    ) -> Self {
        Self { name, place: Place::Header, form, many: Many::Once, required: false, description, example }
    }
}

/// What a body holds, and how large it may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Takes {
    pub(crate) media: &'static str,
    pub(crate) shape: Shape,
    /// Whether it must be there.
    pub(crate) required: bool,
    /// Whether it publishes, so that the larger limit of the configuration (`clients.request_kib`) holds.
    pub(crate) publishes: bool,
    pub(crate) description: &'static str,
    /// A body that works, as text.
    pub(crate) example: &'static str,
}

/// An answer of success.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gives {
    pub(crate) status: u16,
    /// Its media type, by which `Accept` chooses.
    pub(crate) media: &'static str,
    /// Its name in `?format=`; empty where the route has no such parameter.
    pub(crate) format: &'static str,
    pub(crate) shape: Shape,
    pub(crate) description: &'static str,
}

impl Gives {
    /// A JSON document: the message of this name by the rules of `rest::json`; how fresh it is headers say.
    pub(crate) const fn json(message: &'static str, description: &'static str) -> Self {
        let shape = Shape::Message { name: message, without: &["freshness"] };
        Self { status: 200, media: JSON, format: "json", shape, description }
    }
}

/// The shape of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A message of the schema by its full name, by the rules of `rest::json`, without these of its fields.
    Message { name: &'static str, without: &'static [&'static str] },
    /// A shape that the documentation describes by itself, by name.
    Named(&'static str),
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

/// Media type of JSON (RFC 8259).
pub(crate) const JSON: &str = "application/json";

/// Tags with their descriptions, in the order in which readers see them.
pub(crate) const TAGS: &[(&str, &str)] = &[
    ("records", "What the member may read: lists, objects, their history and proofs, figures."),
    ("publishing", "Publishing and withdrawing in the member's name, and what became of it."),
    ("sdmx", "Figures and their structures as SDMX REST 2.2 has them."),
    ("node", "The node itself."),
];

/// Codes of refusals that every route has.
pub(crate) const COMMON_REFUSALS: &[&str] = &[
    code::CLIENT_REVOKED,
    code::CLIENT_DENIED,
    code::REQUESTS_TOO_MANY,
    code::REQUEST_TOO_SLOW,
    code::PARAMETER_UNKNOWN,
    code::PARAMETER_WRONG,
    code::PARAMETER_REPEATED,
    code::BODY_MALFORMED,
    code::BODY_UNEXPECTED,
    code::BODY_TOO_SLOW,
    code::MESSAGE_TOO_LARGE,
    code::ROUTE_UNKNOWN,
    code::METHOD_NOT_ALLOWED,
    code::MEDIA_NOT_OFFERED,
    code::TARGET_TOO_LONG,
    code::HEADERS_TOO_LARGE,
    code::STORE_FAILED,
];

/// The collection.
pub(crate) const COLLECTION: Parameter = Parameter::path(
    "collection",
    Form::Collection,
    "A collection of objects of one kind, or `records` for those of all kinds. `GET /v1/kinds` lists them.",
    "services",
);
/// The id of an object.
pub(crate) const ID: Parameter =
    Parameter::path("id", Form::Id, "Id of the object: `<member>:<kind>:<slug>`.", "JO:service:sanad");
/// The size of a page.
pub(crate) const PAGE_SIZE: Parameter = Parameter::query(
    "pageSize",
    Form::Whole { min: 1, max: PAGE_MAX },
    "Most items in the answer; 50 where it is left out.",
    "20",
);
/// Where the page before ended.
pub(crate) const PAGE_TOKEN: Parameter = Parameter::query(
    "pageToken",
    Form::Text { max: 2048 },
    "`next_page_token` of the page before this one; left out for the first. It belongs to its query.",
    "",
);
/// A position that the answer must have reached.
pub(crate) const MIN_POSITION: Parameter = Parameter::query(
    "minPosition",
    Form::Whole { min: 0, max: (1 << 53) - 1 },
    "Answers when the replica has reached this position of the log, so that a system reads what it wrote: it waits for a few \
     seconds at most, then refuses with 409 and `Retry-After`.",
    "1",
);

/// What of each object an answer holds.
pub(crate) const FIELDS: Parameter = Parameter::query(
    "fields",
    Form::Text { max: 256 },
    "What of each object the answer holds: names of its fields, and below `payload` those of the payload. A path goes through lists \
     and language maps. A path below `payload` asks for payloads.",
    "id,title.ar,payload.status",
)
.many(Many::Commas);

/// What of each revision an answer holds.
pub(crate) const FIELDS_OF_REVISION: Parameter = Parameter::query(
    "fields",
    Form::Text { max: 256 },
    "What of each revision the answer holds: names of its fields, and below `payload` those of the payload, of a tombstone's too. A \
     path goes through lists and language maps.",
    "revision,state,payload.status",
)
.many(Many::Commas);

/// What of each figure an answer holds.
pub(crate) const FIELDS_OF_FIGURE: Parameter = Parameter::query(
    "fields",
    Form::Text { max: 256 },
    "What of each figure the answer holds: names of its fields.",
    "time_period,value,provider",
)
.many(Many::Commas);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entry_is_whole_and_of_its_own() {
        let (mut operations, mut places) = (BTreeSet::new(), BTreeSet::new());
        for route in routes() {
            let Route { operation, path, summary, description, parameters, gives, refusals, tag, .. } = route;
            assert!(operations.insert(operation), "{operation} stands twice");
            assert!(places.insert((route.method.as_str(), path)), "{path} stands twice");
            assert!(TAGS.iter().any(|(name, _)| name == tag), "{operation}: {tag}");
            assert!(!summary.is_empty() && !summary.ends_with('.'), "{operation}: {summary}");
            assert!(description.ends_with('.') && !gives.is_empty(), "{operation}: {description}");
            let named: BTreeSet<&str> = path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .map(|name| name.trim_start_matches('*'))
                .collect();
            let of_path = parameters.iter().filter(|parameter| parameter.place == Place::Path);
            assert_eq!(of_path.map(|parameter| parameter.name.trim_start_matches('*')).collect::<BTreeSet<_>>(), named);
            let known = |code: &&str| {
                let rendered = crate::api::refusal::catalogue().render(multaqa_proto::text::Lang::En, code, &[]);
                assert!(!rendered.act.is_empty(), "{operation}: {code} is no code");
            };
            refusals.iter().chain(COMMON_REFUSALS).for_each(known);
        }
    }
}
