//! Why a search is not answered: codes and arguments of their messages.
//!
//! Out of scope: the texts (`messages`), what a code means to a client (`api::refusal`).

use thiserror::Error;

use super::ask::{FILTERS_MAX, TEXT_MAX, VALUES_MAX};
use super::parse::WORDS_MAX;
use crate::code;

/// A search that is not answered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SearchError {
    /// The index is being checked or made anew. No part of it is answered meanwhile: a total or a filtered list that lacks objects
    /// looks like one that does not.
    #[error("the search index is being made: {done} of {of} entries")]
    Rebuilding {
        /// Entries of the replica that it covers.
        done: u64,
        /// Entries of the replica.
        of: u64,
    },
    /// The text is longer than [`TEXT_MAX`].
    #[error("the text has {found} bytes")]
    TextTooLong {
        /// Its bytes.
        found: usize,
    },
    /// The text has more than [`WORDS_MAX`] words.
    #[error("the text has {found} words")]
    WordsTooMany {
        /// Its words.
        found: usize,
    },
    /// More filters or values of one than are taken.
    #[error("more than {FILTERS_MAX} filters, or more than {VALUES_MAX} values of one")]
    FiltersTooMany,
    /// No kind names such a facet.
    #[error("there is no facet {facet}")]
    FacetUnknown {
        /// What was asked for.
        facet: String,
        /// The nearest that there is, `none` where none is near.
        nearest: String,
        /// All that there are.
        facets: String,
    },
    /// The place was given for another order.
    #[error("the place is none of this query")]
    PlaceWrong {
        /// The place.
        place: String,
    },
    /// The index cannot be read.
    #[error("the search index failed: {detail}")]
    Failed {
        /// What it said.
        detail: String,
    },
}

impl SearchError {
    /// Its stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Rebuilding { .. } => code::SEARCH_REBUILDING,
            Self::TextTooLong { .. } => code::SEARCH_TEXT_TOO_LONG,
            Self::WordsTooMany { .. } => code::SEARCH_WORDS_TOO_MANY,
            Self::FiltersTooMany => code::SEARCH_FILTERS_TOO_MANY,
            Self::FacetUnknown { .. } => code::SEARCH_FACET_UNKNOWN,
            Self::PlaceWrong { .. } => code::PAGE_TOKEN_BAD,
            Self::Failed { .. } => code::SEARCH_FAILED,
        }
    }

    /// Arguments of its message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Rebuilding { done, of } => vec![("done", done.to_string()), ("of", of.to_string())],
            Self::TextTooLong { found } => vec![("found", found.to_string()), ("max", TEXT_MAX.to_string())],
            Self::WordsTooMany { found } => vec![("found", found.to_string()), ("max", WORDS_MAX.to_string())],
            Self::FiltersTooMany => vec![("max", FILTERS_MAX.to_string()), ("values", VALUES_MAX.to_string())],
            Self::FacetUnknown { facet, nearest, facets } => {
                let facet = facet.chars().take(80).collect();
                vec![("facet", facet), ("nearest", nearest.clone()), ("facets", facets.clone())]
            }
            Self::PlaceWrong { place } => vec![("value", place.clone())],
            Self::Failed { detail } => vec![("detail", detail.clone())],
        }
    }
}
