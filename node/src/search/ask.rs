//! What is asked of the search index, and what it answers: the types that the services code against.
//!
//! In scope: the types, their bounds. Out of scope: who may ask for what (`api`), finding (`find`), how a text is read (`parse`).

use std::fmt;
use std::str::FromStr;

use multaqa_proto::kind::facet::FACETS;
use multaqa_proto::text::Lang;
use multaqa_runtime::near::nearest;
use serde::{Deserialize, Serialize};

use super::error::SearchError;
use crate::file::NONE_NEAR;
use crate::replica::Position;

/// Longest text of a query, bytes.
pub const TEXT_MAX: usize = 1_000;
/// Most hits of one answer.
pub const LIMIT_MAX: u32 = 500;
/// Most values of one filter.
pub const VALUES_MAX: usize = 64;
/// Most filters of a query.
pub const FILTERS_MAX: usize = 16;
/// Most values that are counted of one facet: those with the most hits.
pub const COUNTS_MAX: usize = 200;

/// By what hits are filtered and counted: `kind`, `country`, `language`, `year`, and what the kinds name (`sector`, `status` ..).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Facet(pub(super) &'static str);

/// What hits are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// How well they match; of a query without words, all match alike.
    Relevance,
    /// Their id.
    Id,
    /// Their title in the language of the query.
    Title,
    /// When the writer wrote the newest revision.
    Authored,
    /// When the hub accepted the newest revision.
    Accepted,
}

/// An order of hits; hits that are equal in it are in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// By what.
    pub by: By,
    /// Greatest first. By relevance the best always come first.
    pub descending: bool,
}

/// Where an answer begins: after a hit. It is opaque to clients: `Found::next` gives it, and it holds for the same query only.
///
/// An answer is as of its own position. By relevance it begins after the hit as it ranks in that state, since scores change a little with
/// everything that is indexed; what moved past it in between comes twice, or not at all, and nothing else does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// By what the hit was ordered.
    #[serde(rename = "k")]
    pub key: String,
    /// Its id.
    #[serde(rename = "i")]
    pub id: String,
}

/// A query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    /// Words, "phrases", prefixes (`خدم*`) and `-words`; any text is a query. An empty one finds everything.
    pub text: String,
    /// Kinds that the caller may see; none for all. Nothing of another kind takes part in anything of the answer.
    pub kinds: Option<Vec<String>>,
    /// Facets with the values of which a hit has one at least.
    pub filters: Vec<(Facet, Vec<String>)>,
    /// The order of hits.
    pub order: Order,
    /// Most hits, 0 to [`LIMIT_MAX`].
    pub limit: u32,
    /// Where the answer begins; none for the first.
    pub after: Option<Place>,
    /// Facets of which values are counted.
    pub facets: Vec<Facet>,
    /// The language of the asker: by whose titles hits are ordered, and of which texts are shown first.
    pub lang: Lang,
    /// Withdrawn objects too, of which only id, kind and country are left: no word finds them.
    pub withdrawn: bool,
    /// Whether to show where the words stand.
    pub highlight: bool,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The hits, in order.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: u64,
    /// Values of the facets that were asked for.
    pub facets: Vec<Counts>,
    /// A text that differs little and finds something, where this one finds nothing.
    pub suggestion: Option<String>,
    /// Where the next answer begins; none after the last.
    pub next: Option<Place>,
    /// How far the index was.
    pub position: Position,
}

/// A hit.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Id of the object.
    pub id: String,
    /// How well it matches; 0 in other orders than by relevance.
    pub score: f32,
    /// Where the words stand in it, title first.
    pub highlights: Vec<Highlight>,
}

/// A part of a text in which words of the query stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// The field: `title`, `keywords[0].label`.
    pub path: String,
    /// Its language.
    pub lang: String,
    /// The text as it was published, in pieces; one after the other they are the part.
    pub pieces: Vec<Piece>,
    /// Whether text of the field before it is left out.
    pub cut_before: bool,
    /// Whether text of the field after it is left out.
    pub cut_after: bool,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether it is a word of the query.
    pub marked: bool,
}

/// How many hits have which value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// The facet.
    pub facet: Facet,
    /// Values with their hits, most hits first; [`COUNTS_MAX`] at most.
    pub values: Vec<(String, u64)>,
}

/// What to complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The beginning of a text.
    pub text: String,
    /// Kinds that the caller may see; none for all.
    pub kinds: Option<Vec<String>>,
    /// The language of the asker.
    pub lang: Lang,
    /// Most titles, at most 50.
    pub limit: u32,
}

/// A title that completes a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// The title.
    pub title: String,
    /// Its language.
    pub lang: String,
    /// Id of the object that has it.
    pub id: String,
}

impl Facet {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Default for SearchQuery {
    fn default() -> Self {
        Self {
            text: String::new(),
            kinds: None,
            filters: Vec::new(),
            order: Order { by: By::Id, descending: false },
            limit: 50,
            after: None,
            facets: Vec::new(),
            lang: Lang::Ar,
            withdrawn: false,
            highlight: false,
        }
    }
}

/// Text for a page token.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Place {
    type Err = serde_json::Error;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(s)
    }
}

/// What every object has, whatever its kind.
const COMMON: [&str; 4] = ["kind", "country", "language", "year"];

/// All facets, each once.
pub(super) fn facets() -> Vec<Facet> {
    let mut names: Vec<_> = COMMON.into_iter().chain(FACETS.iter().map(|facet| facet.name)).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(Facet).collect()
}

/// The facet of this name.
pub(crate) fn facet(name: &str) -> Result<Facet, SearchError> {
    let all = facets();
    if let Some(facet) = all.iter().find(|facet| facet.0 == name) {
        return Ok(*facet);
    }
    let names = || all.iter().map(|facet| facet.0);
    Err(SearchError::FacetUnknown {
        facet: name.to_owned(),
        nearest: nearest(name, names()).unwrap_or(NONE_NEAR).to_owned(),
        facets: names().collect::<Vec<_>>().join(", "),
    })
}
