//! Requests from right ones to mere bytes, made from the table of routes.
//!
//! Most are a route's own examples, some of whose values are swapped for odd ones; then bytes of the target and the body are changed.
//! In scope: making them. Out of scope: what an answer has to be (`bytes`).

use std::fmt;
use std::sync::Arc;

use axum::body::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::super::filter;
use super::super::route::{Form, Parameter, Place, Route, routes};
use super::{Value, json};

/// A request as a connection could carry it.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) method: Bytes,
    pub(super) target: Bytes,
    pub(super) headers: Vec<(&'static str, Bytes)>,
    pub(super) body: Bytes,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?} {:?} {:?}", self.method, self.target, self.headers, self.body)
    }
}

/// What the node gave to be given back.
#[derive(Debug, Default)]
pub(super) struct Real {
    pub(super) ids: Vec<String>,
    pub(super) tokens: Vec<String>,
    /// Targets of second pages.
    pub(super) pages: Vec<String>,
    pub(super) tags: Vec<String>,
}

/// Headers that steer anything.
const HEADERS: &[&str] = &[
    "accept",
    "accept-language",
    "accept-encoding",
    "if-none-match",
    "last-event-id",
    "content-type",
    "content-encoding",
    "range",
    "cookie",
];

/// Values of headers, each of some header.
const VALUES: &[&str] = &[
    "*/*",
    "application/json",
    "application/json; charset=utf-16",
    "text/csv",
    "text/html;q=0.9, */*;q=0.1",
    "application/atom+xml",
    "application/ld+json",
    "image/png",
    "application/vnd.sdmx.data+csv;version=2.0.0;labels=both",
    "application/vnd.sdmx.data+csv;version=9;labels=",
    "text/event-stream",
    "ar, fr;q=0.5",
    "fr-MA;q=2, *;q=-1",
    "gzip, zstd;q=0.5",
    "identity;q=0",
    "identity",
    "W/\"",
    "\"\", W/\"x\", *",
    "0",
    "2",
    "1.2.3",
    "18446744073709551615",
    "18446744073709551616",
    "bytes=0-1",
    ",;=,;q=",
];

/// Parts of targets at which readers part ways.
const PIECES: &[&str] = &[
    "%",
    "%F",
    "%00",
    "%C3%28",
    "%D8",
    "%ED%A0%80",
    "%FF",
    "%2F",
    "%25",
    "%0A",
    "&",
    "=",
    "&&",
    "?",
    ",",
    "+",
    ";",
    "/",
    "//",
    "/..",
    "*",
    ":",
    ".",
    "-",
    "~",
    "(",
    ")",
    "[",
    "]",
    "{",
    "\"",
    "%22",
    "'",
    "|",
    "%E2%80%AE",
    "%D8%A7",
    "AND",
    "NOT%20",
    "desc",
    "payload.",
    "c[FREQ]=A",
    "&pageSize=1",
    "&pageToken=",
    "&minPosition=9007199254740991",
    "&format=xlsx",
    "&format=jsonld",
    "&format=csv",
    "&lang=ar",
    "&total=true",
    "&facets=kind",
    "&fields=*",
];

/// See the module.
pub(super) fn asked(real: &Arc<Real>) -> impl Strategy<Value = Asked> + use<> {
    let (of, given) = (Arc::clone(real), select(real.pages.clone()));
    // Few routes take a body, which has the most ways to be wrong.
    let often = |route: &'static Route| std::iter::repeat_n(route, if route.takes.is_some() { 5 } else { 1 });
    let of_route =
        select(routes().flat_map(often).collect::<Vec<_>>()).prop_flat_map(move |route| of_route(route, &of));
    let page = (given, headers(real)).prop_map(|(target, headers)| Asked {
        method: Bytes::from_static(b"GET"),
        target: target.into(),
        headers,
        body: Bytes::new(),
    });
    let method = prop_oneof![select(&["GET", "POST", "DELETE", "QUERY"][..]).prop_map(Bytes::from), bytes(1, 8)];
    let raw = (method, bytes(1, 60), headers(real), body()).prop_map(|(method, target, headers, body)| {
        let target = [b"/", &target[..]].concat().into();
        Asked { method, target, headers, body }
    });
    let base = prop_oneof![12 => of_route, 3 => page, 1 => raw];
    let changes = |most| prop_oneof![2 => Just(Vec::new()), 1 => vec(change(), 1..most)];
    (base, changes(4), changes(3)).prop_map(|(asked, target, body)| Asked {
        target: changed(&asked.target, target),
        body: changed(&asked.body, body),
        ..asked
    })
}

fn of_route(route: &'static Route, real: &Arc<Real>) -> impl Strategy<Value = Asked> + use<> {
    let all: Vec<Parameter> = route.parameters.iter().flat_map(filter::each).collect();
    let of = |place: Place| all.iter().copied().filter(|parameter| parameter.place == place).collect::<Vec<_>>();
    let query = of(Place::Query);
    let most = query.len().min(4);
    let path: Vec<_> = of(Place::Path).into_iter().map(|parameter| (Just(parameter), value(parameter, real))).collect();
    let real_too = Arc::clone(real);
    let query = subsequence(query, 0..=most).prop_flat_map(move |given| {
        given.into_iter().map(|parameter| (Just(parameter), value(parameter, &real_too))).collect::<Vec<_>>()
    });
    let repeated = prop_oneof![6 => Just(false), 1 => Just(true)];
    let takes = route.takes.map(|takes| takes.example);
    let content = match takes {
        Some(example) => prop_oneof![
            3 => Just(Bytes::from_static(example.as_bytes())),
            3 => organisation(),
            3 => records(real),
            2 => body(),
        ]
        .boxed(),
        None => prop_oneof![15 => Just(Bytes::new()), 1 => body()].boxed(),
    };
    let method = prop_oneof![
        20 => Just(route.method.as_str()),
        3 => select(&["HEAD", "OPTIONS", "GET", "POST", "DELETE", "PATCH", "TRACE"][..])
    ];
    (method, path, query, repeated, headers(real), content).prop_map(
        move |(method, path, mut query, repeated, mut headers, body)| {
            let target = path.iter().fold(route.path.to_owned(), |target, (parameter, value)| {
                target.replace(&format!("{{{}}}", parameter.name), value)
            });
            if repeated {
                query.extend(query.first().cloned());
            }
            let query: Vec<_> = query.iter().map(|(parameter, value)| format!("{}={value}", parameter.name)).collect();
            let target = if query.is_empty() { target } else { format!("{target}?{}", query.join("&")) };
            if takes.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
                headers.push(("content-type", Bytes::from_static(JSON_TYPE.as_bytes())));
            }
            Asked { method: method.into(), target: target.into(), headers, body }
        },
    )
}

const JSON_TYPE: &str = "application/json";

/// A value of a parameter, percent-encoded.
fn value(parameter: Parameter, real: &Arc<Real>) -> BoxedStrategy<String> {
    // The rest of a path has slashes.
    let whole = parameter.name.starts_with('*');
    let example = if whole { parameter.example.to_owned() } else { encoded(parameter.example.as_bytes()) };
    let own: BoxedStrategy<String> = match parameter.form {
        Form::Id => select(real.ids.clone()).boxed(),
        Form::Whole { min, max } => {
            prop_oneof![Just(min), Just(max), Just(min.wrapping_sub(1)), Just(max + 1), any::<u64>(), 0..9_u64]
                .prop_map(|number| number.to_string())
                .boxed()
        }
        Form::OneOf(words) => select(words).prop_map(|word| encoded(word.as_bytes())).boxed(),
        Form::Flag => select(&["true", "false", "TRUE", ""][..]).prop_map(str::to_owned).boxed(),
        Form::Text { .. } if parameter.name == "pageToken" => select(real.tokens.clone()).boxed(),
        Form::Text { .. } if whole => "[a-z*]{0,12}(/[A-Za-z_*~+.,-]{0,12}){0,7}".boxed(),
        Form::Collection => select(&["records", "organisations", "indicators", "datasets", "codelists"][..])
            .prop_map(str::to_owned)
            .boxed(),
        Form::Text { .. } | Form::Words { .. } | Form::Facet => {
            "[a-zA-Z0-9ا-ي .,:*\"()_-]{0,40}".prop_map(|text| encoded(text.as_bytes())).boxed()
        }
    };
    let odd = prop_oneof![
        Just(String::new()),
        any::<String>().prop_map(|text| encoded(text.as_bytes())),
        bytes(0, 12).prop_map(|bytes| encoded(&bytes)),
        select(PIECES).prop_map(str::to_owned),
        (1..1_200_usize).prop_map(|length| "%D8%A7".repeat(length)),
    ];
    prop_oneof![4 => Just(example), 4 => own, 2 => odd].boxed()
}

fn headers(real: &Arc<Real>) -> impl Strategy<Value = Vec<(&'static str, Bytes)>> + use<> {
    let value = prop_oneof![
        6 => select(VALUES).prop_map(Bytes::from),
        1 => select(real.tags.clone()).prop_map(Bytes::from),
        1 => bytes(0, 30),
        1 => any::<String>().prop_map(Bytes::from),
    ];
    prop_oneof![2 => Just(Vec::new()), 1 => vec((select(HEADERS), value), 1..4)]
}

/// A record that may be published.
fn organisation() -> impl Strategy<Value = Bytes> {
    ("[a-z]{1,3}", "[a-zا-ي]{1,30}").prop_map(|(slug, name)| {
        let payload = json!({ "name": { "en": name }, "type": "ministry" });
        json!({ "id": format!("JO:organisation:{slug}"), "payload": payload }).to_string().into()
    })
}

/// Records that could be, with values that could not.
fn records(real: &Arc<Real>) -> impl Strategy<Value = Bytes> + use<> {
    let text = || {
        prop_oneof![
            select(&["ar", "en", "", "ministry", "2024-02-30", "x-escwa:indicator:egdi"][..]).prop_map(str::to_owned),
            any::<String>()
        ]
    };
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    let name = || {
        prop_oneof![
            5 => select(&["name", "title", "type", "en", "ar", "code", "unit", "status", "observations", "ref_area", "value", "indicator", "id"][..])
                .prop_map(str::to_owned),
            1 => any::<String>(),
        ]
    };
    let tree = leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((name(), inner), 0..5).prop_map(|members| members.into_iter().collect::<Value>()),
        ]
    });
    let id = prop_oneof![
        select(real.ids.clone()),
        select(&["JO:service:new", "JO:dataset:new", "JO:codelist:new", "JO:organisation:new"][..])
            .prop_map(str::to_owned),
        text(),
    ];
    let record = (id, tree.clone(), prop::option::of((select(&["refs", "audience", "id2", "valid_from"][..]), tree)));
    let record = record.prop_map(|(id, payload, more)| {
        let mut record = json!({ "id": id, "payload": payload });
        if let Some((name, value)) = more {
            record[name] = value;
        }
        record
    });
    prop_oneof![
        record.clone().prop_map(|record| record.to_string()),
        vec(record, 0..4).prop_map(|records| Value::from(records).to_string()),
    ]
    .prop_map(Bytes::from)
}

fn body() -> impl Strategy<Value = Bytes> {
    prop_oneof![
        bytes(0, 60),
        "[\\[\\]{}\",:0-9a-z\\\\. -]{0,60}".prop_map(Bytes::from),
        (1..200_usize, select(&["[", "{\"a\":", "[{\"payload\":["][..]))
            .prop_map(|(depth, open)| open.repeat(depth).into()),
        (0..90_usize).prop_map(|depth| ("[".repeat(depth) + &"]".repeat(depth)).into()),
        (60_000..70_000_usize).prop_map(|length| format!("\"{}\"", "x".repeat(length)).into()),
    ]
}

fn bytes(least: usize, most: usize) -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), least..most).prop_map(Bytes::from)
}

/// A change of bytes.
#[derive(Debug, Clone)]
enum Change {
    Put(Index, Bytes),
    Cut(Index, usize),
    Twice(Index, usize),
    Other(Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let piece = prop_oneof![6 => select(PIECES).prop_map(Bytes::from), 1 => bytes(1, 4)];
    prop_oneof![
        4 => (any::<Index>(), piece).prop_map(|(at, piece)| Change::Put(at, piece)),
        2 => (any::<Index>(), 1..4_usize).prop_map(|(at, length)| Change::Cut(at, length)),
        1 => (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Change::Twice(at, length)),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Other(at, byte)),
    ]
}

fn changed(bytes: &Bytes, changes: Vec<Change>) -> Bytes {
    let mut bytes = bytes.to_vec();
    for change in changes {
        let end = bytes.len();
        let at = |at: Index| at.index(end + 1);
        match change {
            Change::Put(place, piece) => drop(bytes.splice(at(place)..at(place), piece)),
            Change::Cut(place, length) => drop(bytes.drain(at(place)..(at(place) + length).min(end))),
            Change::Twice(place, length) => {
                let again = bytes[at(place)..(at(place) + length).min(end)].to_vec();
                drop(bytes.splice(at(place)..at(place), again));
            }
            Change::Other(place, byte) => bytes.iter_mut().skip(at(place)).take(1).for_each(|known| *known = byte),
        }
    }
    bytes.into()
}

fn encoded(bytes: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:,*".contains(&byte);
    bytes.iter().map(|byte| if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
