//! A request as a handler sees it: who asks, and parameters that are what the route's entry says.
//!
//! In scope: checking path, query and body against the entry. Out of scope: the entry (`route`), what is answered (handlers).

use axum::body::Bytes;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, IF_NONE_MATCH};
use axum::http::{HeaderMap, Uri};
use multaqa_proto::id::ObjectId;
use multaqa_proto::kind::{KINDS, Kind};
use multaqa_proto::text::Lang;
use multaqa_proto::wire::node::Freshness;
use multaqa_runtime::near::nearest;
use prost::Message;
use prost_types::FieldMask;
use serde::de::IgnoredAny;

use super::answer::Answer;
use super::filter;
use super::json::{self, Kept};
use super::limits::{DEPTH_MAX, REPEATS};
use super::route::{Form, Gives, JSON, Many, Parameter, Place, Route, Takes, Verb};
use crate::api::Api;
use crate::api::refusal::Refusal;
use crate::clients::authorise::Caller;
use crate::code;
use crate::file::NONE_NEAR;

/// Longest value of a facet, characters.
pub(crate) const FACET_MAX: usize = 200;
/// Header fields that make a request hang on what there is.
const CONDITIONS: [&str; 4] = ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"];
/// The collection of all kinds.
pub(crate) const ALL: &str = "records";

/// See the module.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) api: Api,
    pub(crate) caller: Caller,
    pub(crate) route: &'static Route,
    /// What is given, of the answers that the route offers.
    pub(crate) gives: &'static Gives,
    /// The language that the client likes best.
    pub(crate) lang: Lang,
    /// Path and query as they came.
    pub(crate) target: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(super) given: Given,
}

impl Call {
    /// The value of a parameter; none where it was not given.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.given.values(name).next()
    }

    /// The same as the text of a message's field: empty where it was not given.
    pub(crate) fn text(&self, name: &str) -> String {
        self.value(name).unwrap_or_default().to_owned()
    }

    /// All values of a parameter.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.given.values(name)
    }

    /// The value of a whole number; none where it was not given.
    pub(crate) fn whole(&self, name: &str) -> Option<u64> {
        self.value(name).and_then(|text| text.parse().ok())
    }

    /// The size of a page; 0 for the usual one.
    pub(crate) fn page_size(&self) -> u32 {
        self.whole("pageSize").and_then(|size| u32::try_from(size).ok()).unwrap_or(0)
    }

    /// The position that the answer must have reached; 0 for any.
    pub(crate) fn min_position(&self) -> u64 {
        self.whole("minPosition").unwrap_or(0)
    }

    /// Whether a flag was given as `true`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.value(name) == Some("true")
    }

    /// The kind of the path's collection; none for all kinds.
    pub(crate) fn kind(&self) -> Option<&'static Kind> {
        self.value("collection").and_then(Kind::of_collection)
    }

    /// The id of the path, which is of the path's collection.
    ///
    /// # Errors
    /// `OBJECT_UNKNOWN` where it is of another kind.
    pub(crate) fn id(&self) -> Result<String, Refusal> {
        let id = self.text("id");
        let fits = |kind: &Kind| id.parse::<ObjectId>().is_ok_and(|id| id.kind() == kind.name);
        if self.kind().is_none_or(fits) { Ok(id) } else { Err(Refusal::new(code::OBJECT_UNKNOWN, [("id", id)])) }
    }

    /// A message in the shape that the route gives.
    ///
    /// # Errors
    /// As [`json::render`].
    pub(crate) fn json_of(&self, message: &impl Message, freshness: Option<Freshness>) -> Result<Answer, Refusal> {
        self.json_within(message, &Kept::All, freshness)
    }

    /// The same with as much of each object.
    ///
    /// # Errors
    /// As [`json::render`].
    pub(crate) fn json_within(
        &self,
        message: &impl Message,
        kept: &Kept,
        freshness: Option<Freshness>,
    ) -> Result<Answer, Refusal> {
        json::render(self.gives.shape, message, kept).map(|body| Answer::of(JSON, body, freshness))
    }

    /// Path and query of the same request with another value of a parameter, or without it.
    pub(crate) fn target_with(&self, name: &str, value: Option<&str>) -> String {
        let place = |name: &str| self.route.parameters.iter().find(|known| known.name == name).map(|known| known.place);
        let given = || self.given.all();
        let path = given()
            .filter(|(name, _)| place(name) == Some(Place::Path))
            .fold(self.route.path.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), &part(value)));
        let listed =
            |name: &str| self.route.parameters.iter().any(|known| known.name == name && known.many == Many::Commas);
        let mut query: Vec<(&str, String)> = Vec::new();
        for (known, value) in
            given().filter(|(known, _)| *known != name && !matches!(place(known), Some(Place::Path | Place::Header)))
        {
            match query.last_mut().filter(|(before, _)| *before == known && listed(known)) {
                Some((_, values)) => *values = format!("{values},{}", part(value)),
                None => query.push((known, part(value))),
            }
        }
        query.extend(value.map(|value| (name, part(value))));
        let query: Vec<_> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    /// What of each object `fields` asks for, as a message asks it and as a body holds it.
    pub(crate) fn fields(&self, otherwise: Kept) -> (Option<FieldMask>, Kept) {
        self.fields_of(json::OBJECT, otherwise)
    }

    /// The same of what this message is.
    pub(crate) fn fields_of(&self, message: &str, otherwise: Kept) -> (Option<FieldMask>, Kept) {
        let paths: Vec<String> = self.values("fields").map(|path| json::path_in_schema(message, path)).collect();
        let first = |path: &String| path.split('.').next().unwrap_or_default().to_owned();
        let kept = match &paths[..] {
            [] => return (None, otherwise),
            paths if paths.iter().any(|path| path == "*") => Kept::All,
            paths => Kept::Only(paths.iter().map(first).collect()),
        };
        (Some(FieldMask { paths }), kept)
    }
}

/// A text as a part of a target: whatever may not stand there is percent-encoded (RFC 3986, section 2.1).
pub(crate) fn part(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The tags that the client has.
pub(super) fn none_match(headers: &HeaderMap) -> Option<String> {
    let lists: Vec<&str> = headers.get_all(IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok()).collect();
    (!lists.is_empty()).then(|| lists.join(","))
}

/// Parameters that a request gave, each of the form that its entry says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Given(Vec<(&'static str, String)>);

impl Given {
    /// Checks what a request gave.
    ///
    /// # Errors
    /// `ROUTE_UNKNOWN` for a part of the path that there is not, `PARAMETER_*` for the query.
    pub(super) fn check(
        route: &Route,
        path: &[(String, String)],
        query: Vec<(String, String)>,
        headers: &HeaderMap,
    ) -> Result<Self, Refusal> {
        let mut given = Self::default();
        for (name, value) in path {
            let (parameter, name) = find(route, Place::Path, name).ok_or_else(|| no_route(value))?;
            given.add(parameter, name, value.clone())?;
        }
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in query {
            let (parameter, name) = find(route, Place::Query, &name).ok_or_else(|| unknown(route, &name))?;
            if parameter.many == Many::Once && seen.contains(&name) {
                return Err(Refusal::new(code::PARAMETER_REPEATED, [("name", name.to_owned())]));
            }
            seen.push(name);
            match parameter.many {
                Many::Once | Many::Repeated => given.add(parameter, name, value)?,
                Many::Commas => value.split(',').try_for_each(|value| given.add(parameter, name, value.to_owned()))?,
            }
        }
        for parameter in route.parameters.iter().filter(|parameter| parameter.place == Place::Header) {
            if let Some(value) = headers.get(parameter.name).map(|value| String::from_utf8_lossy(value.as_bytes())) {
                given.add(parameter, parameter.name, value.into_owned())?;
            }
        }
        let missing = route.parameters.iter().find(|parameter| parameter.required && !given.has(parameter.name));
        match missing {
            Some(parameter) => Err(Refusal::new(code::PARAMETER_MISSING, [("name", parameter.name.to_owned())])),
            None => Ok(given),
        }
    }

    fn add(&mut self, parameter: &Parameter, name: &'static str, value: String) -> Result<(), Refusal> {
        check(parameter, name, &value)?;
        if self.values(name).count() >= REPEATS {
            return Err(wrong(name, &value, &format!("{{1,{REPEATS}}}")));
        }
        self.0.push((name, value));
        Ok(())
    }

    fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// All of them, in the order in which they came.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// The parameter of this name, and the name that is its own, or a facet's.
fn find(route: &Route, place: Place, name: &str) -> Option<(&'static Parameter, &'static str)> {
    let mut of_place = route.parameters.iter().filter(|parameter| parameter.place == place);
    of_place.find_map(|parameter| {
        if parameter.form == Form::Facet {
            return filter::facets().iter().find(|facet| **facet == name).map(|facet| (parameter, *facet));
        }
        (parameter.name.trim_start_matches('*') == name).then_some((parameter, parameter.name))
    })
}

fn unknown(route: &Route, name: &str) -> Refusal {
    let known = route.parameters.iter().filter(|parameter| parameter.place == Place::Query);
    let known: Vec<&str> = known
        .flat_map(|known| if known.form == Form::Facet { filter::facets().to_vec() } else { vec![known.name] })
        .collect();
    let listed = if known.is_empty() { NONE_NEAR.to_owned() } else { known.join(", ") };
    let near = nearest(name, known.iter().copied()).unwrap_or(NONE_NEAR).to_owned();
    Refusal::new(code::PARAMETER_UNKNOWN, [("name", cut(name)), ("nearest", near), ("known", listed)])
}

/// Whether a part of a path names a collection.
pub(super) fn is_collection(part: &str) -> bool {
    part == ALL || Kind::of_collection(part).is_some()
}

/// Nothing is served at a path with this in it.
pub(super) fn no_route(path: &str) -> Refusal {
    Refusal::new(code::ROUTE_UNKNOWN, [("path", cut(path))])
}

fn wrong(name: &str, value: &str, expected: &str) -> Refusal {
    let name = name.trim_start_matches('*').to_owned();
    let args = [("name", name), ("value", cut(value)), ("expected", expected.to_owned())];
    Refusal::new(code::PARAMETER_WRONG, args)
}

fn check(parameter: &Parameter, name: &str, value: &str) -> Result<(), Refusal> {
    let wrong = |expected: &str| Err(wrong(name, value, expected));
    match parameter.form {
        Form::Facet if value.is_empty() || value.chars().count() > FACET_MAX => wrong(&format!(".{{1,{FACET_MAX}}}")),
        Form::Text { max } | Form::Words { max } if value.chars().count() > max => wrong(&format!(".{{0,{max}}}")),
        Form::Text { .. } if value.chars().any(char::is_control) => wrong(r"[^\p{Cc}]*"),
        Form::Whole { min, max } => match value.parse::<u64>() {
            // One way to write a number.
            Ok(number) if (min..=max).contains(&number) && number.to_string() == value => Ok(()),
            Ok(_) | Err(_) => wrong(&format!("{min}..{max}")),
        },
        Form::Flag if !["true", "false"].contains(&value) => wrong("true | false"),
        Form::OneOf(words) if !words.contains(&value) => wrong(&words.join(" | ")),
        Form::Collection if !is_collection(value) => {
            let known = KINDS.iter().filter_map(|kind| kind.collection).chain([ALL]);
            let near = nearest(value, known.clone()).unwrap_or(NONE_NEAR).to_owned();
            let known = known.collect::<Vec<_>>().join(", ");
            let args = [("collection", cut(value)), ("nearest", near), ("known", known)];
            Err(Refusal::new(code::COLLECTION_UNKNOWN, args))
        }
        Form::Id => crate::api::read::object_id(value).map(drop),
        Form::Text { .. } | Form::Words { .. } | Form::Flag | Form::OneOf(_) | Form::Collection | Form::Facet => Ok(()),
    }
}

/// Refuses a condition on what is published or withdrawn: nothing here evaluates it, and who sends one means that otherwise nothing is
/// done (RFC 9110, section 13.1.1). On what is read, `If-None-Match` is looked at and others change nothing.
///
/// # Errors
/// `CONDITION_UNSUPPORTED`.
pub(super) fn check_conditions(method: Verb, headers: &HeaderMap) -> Result<(), Refusal> {
    let found = CONDITIONS.into_iter().find(|name| method != Verb::Get && headers.contains_key(*name));
    found.map_or(Ok(()), |header| Err(Refusal::new(code::CONDITION_UNSUPPORTED, [("header", header.to_owned())])))
}

/// A body without the mark that some programs put before UTF-8, which readers may pass over (RFC 8259, section 8.1).
pub(super) fn unmarked(body: Bytes) -> Bytes {
    if body.starts_with(b"\xef\xbb\xbf") { body.slice(3..) } else { body }
}

/// Checks type and form of a body.
///
/// # Errors
/// `MEDIA_UNSUPPORTED`, `BODY_UNEXPECTED`, `BODY_MALFORMED`.
pub(super) fn check_body(takes: Option<&Takes>, headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let detail = |detail: &str| Refusal::new(code::BODY_MALFORMED, [("detail", detail.to_owned())]);
    let Some(takes) = takes else {
        return if body.is_empty() { Ok(()) } else { Err(Refusal::new(code::BODY_UNEXPECTED, [])) };
    };
    if body.is_empty() && !takes.required {
        return Ok(());
    }
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = named.split(';').next().unwrap_or_default().trim();
    let coded =
        headers.get(CONTENT_ENCODING).is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if !essence.eq_ignore_ascii_case(takes.media) || coded {
        return Err(Refusal::new(code::MEDIA_UNSUPPORTED, [("expected", takes.media.to_owned())]));
    }
    if body.is_empty() {
        return Err(detail("it is empty"));
    }
    if depth(body) > DEPTH_MAX {
        return Err(detail(&format!("nested deeper than {DEPTH_MAX}")));
    }
    serde_json::from_slice::<IgnoredAny>(body).map(drop).map_err(|error| malformed(&error))
}

fn malformed(error: &serde_json::Error) -> Refusal {
    Refusal::new(code::BODY_MALFORMED, [("detail", cut(&error.to_string()))])
}

/// How deep brackets are nested outside of strings.
fn depth(body: &[u8]) -> usize {
    let (mut deepest, mut open, mut quoted, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' if !quoted => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A value as a refusal repeats it.
fn cut(text: &str) -> String {
    text.chars().take(120).collect()
}
