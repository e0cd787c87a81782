//! Answering a query from one state of the index.
//!
//! By relevance the index looks only at what can be among the best, and what matches is counted beside; in other orders, and for facets,
//! one walk over what matches gathers all. In scope: that, bounds of what is asked. Out of scope: what a query means (`parse`, `plan`).
//! All of it blocks.

use tantivy::collector::{Count, TopDocs};
use tantivy::schema::Value as _;
use tantivy::{DocAddress, Searcher, TantivyDocument, TantivyError};

use super::analysis::Analysis;
use super::ask::{
    By, COUNTS_MAX, Completed, Completion, Counts, DEPTH_MAX, FILTERS_MAX, Found, Hit, LIMIT_MAX, Place, SearchQuery,
    TEXT_MAX, VALUES_MAX,
};
use super::collect::{Gather, Gathered, Ordered, Placed};
use super::error::SearchError;
use super::fields::{Fields, title_name};
use super::highlight::highlights;
use super::parse::parse;
use super::plan::{Marks, Plan, plan};
use super::suggest::{complete, did_you_mean};
use super::synonyms::Synonyms;
use super::texts::Text;
use crate::replica::Position;

/// One state of the index.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) searcher: Searcher,
    pub(super) position: Position,
}

/// Refuses what is too much, whatever the index holds.
///
/// # Errors
/// [`SearchError`].
pub(super) fn check(query: &SearchQuery) -> Result<(), SearchError> {
    if query.text.len() > TEXT_MAX {
        return Err(SearchError::TextTooLong { found: query.text.len() });
    }
    if query.filters.len() > FILTERS_MAX || query.filters.iter().any(|(_, values)| values.len() > VALUES_MAX) {
        return Err(SearchError::FiltersTooMany);
    }
    match query.from {
        Place::Offset(offset) if offset.saturating_add(query.limit) > DEPTH_MAX => Err(SearchError::TooDeep),
        Place::Offset(_) | Place::After(..) => Ok(()),
    }
}

/// Answers a query that was checked.
///
/// # Errors
/// [`SearchError`].
pub(super) fn find(
    served: &Served,
    fields: &Fields,
    synonyms: &Synonyms,
    query: &SearchQuery,
) -> Result<Found, SearchError> {
    let mut analysis = Analysis::new();
    let searcher = &served.searcher;
    let clauses = parse(&query.text, &mut analysis)?;
    let Plan { matching, ranking, marks } = plan(searcher, fields, synonyms, query, &clauses)?;
    let limit = query.limit.min(LIMIT_MAX) as usize;
    let ranked = ranking.filter(|_| query.order.by == By::Relevance);
    let order = if ranked.is_some() { None } else { Some(ordered(query, limit)?) };
    let offset = match &query.from {
        Place::Offset(offset) => *offset as usize,
        Place::After(..) if ranked.is_none() => 0,
        place @ Place::After(..) => return Err(SearchError::PlaceWrong { place: place.to_string() }),
    };
    let gathered = if order.is_none() && query.facets.is_empty() {
        Gathered { total: searcher.search(&*matching, &Count)? as u64, ..Gathered::default() }
    } else {
        searcher.search(&*matching, &Gather { order, facets: query.facets.clone() })?
    };
    let Gathered { total, first, facets } = gathered;
    let (hits, next) = match ranked {
        Some(ranking) => best(searcher, &*ranking, limit, offset, total)?,
        None => page(&first, limit, offset),
    };
    let shown = |(address, id, score): (DocAddress, String, f32), analysis: &mut Analysis| {
        let parts =
            if query.highlight { shown(searcher, fields, address, &marks, query, analysis)? } else { Vec::new() };
        Ok::<_, TantivyError>(Hit { id, score, highlights: parts })
    };
    let suggestion = if total == 0 { did_you_mean(searcher, fields, query, &clauses, &mut analysis)? } else { None };
    Ok(Found {
        hits: hits.into_iter().map(|hit| shown(hit, &mut analysis)).collect::<Result<_, _>>()?,
        total,
        facets: query.facets.iter().zip(facets).map(|(facet, values)| counts(*facet, values)).collect(),
        suggestion,
        next,
        position: served.position,
    })
}

/// Titles that complete a text.
///
/// # Errors
/// [`SearchError`].
pub(super) fn completed(served: &Served, fields: &Fields, asked: &Completion) -> Result<Vec<Completed>, SearchError> {
    Ok(complete(&served.searcher, fields, asked, &mut Analysis::new())?)
}

/// Document, id and score.
type Chosen = (DocAddress, String, f32);

fn best(
    searcher: &Searcher,
    ranking: &dyn tantivy::query::Query,
    limit: usize,
    offset: usize,
    total: u64,
) -> Result<(Vec<Chosen>, Option<Place>), TantivyError> {
    if limit == 0 {
        return Ok((Vec::new(), None));
    }
    let top = searcher.search(ranking, &TopDocs::with_limit(limit).and_offset(offset).order_by_score())?;
    let reached = offset + top.len();
    let more = !top.is_empty() && (reached as u64) < total;
    let next = u32::try_from(reached).ok().filter(|reached| more && *reached < DEPTH_MAX).map(Place::Offset);
    let mut hits: Vec<Chosen> = top
        .into_iter()
        .map(|(score, address)| Ok((address, id_at(searcher, address)?, score)))
        .collect::<Result<_, TantivyError>>()?;
    hits.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.1.cmp(&b.1)));
    Ok((hits, next))
}

fn ordered(query: &SearchQuery, limit: usize) -> Result<Ordered, SearchError> {
    let (column, text) = match query.order.by {
        By::Relevance | By::Id => ("id".to_owned(), true),
        By::Title => (title_name(query.lang), true),
        By::Authored => ("authored".to_owned(), false),
        By::Accepted => ("accepted".to_owned(), false),
    };
    let descending = query.order.descending && query.order.by != By::Relevance;
    let mut ordered = Ordered { column, text, descending, limit: limit + 1, after: None };
    match &query.from {
        Place::Offset(offset) => ordered.limit += *offset as usize,
        Place::After(key, id) => {
            let key = ordered.key(key).ok_or_else(|| SearchError::PlaceWrong { place: query.from.to_string() })?;
            ordered.after = Some((key, id.clone()));
        }
    }
    Ok(ordered)
}

fn page(first: &[Placed], limit: usize, offset: usize) -> (Vec<Chosen>, Option<Place>) {
    let shown = first.get(offset..).unwrap_or_default();
    let (shown, rest) = shown.split_at(limit.min(shown.len()));
    let next = shown.last().filter(|_| !rest.is_empty()).map(Placed::place);
    (shown.iter().map(|hit| (hit.address, hit.id.clone(), 0.0)).collect(), next)
}

fn counts(facet: super::ask::Facet, values: std::collections::BTreeMap<String, u64>) -> Counts {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by_key(|(_, hits)| std::cmp::Reverse(*hits));
    values.truncate(COUNTS_MAX);
    Counts { facet, values }
}

fn shown(
    searcher: &Searcher,
    fields: &Fields,
    address: DocAddress,
    marks: &Marks,
    query: &SearchQuery,
    analysis: &mut Analysis,
) -> Result<Vec<super::ask::Highlight>, TantivyError> {
    Ok(highlights(&texts_at(searcher, fields, address)?, marks, query.lang, analysis))
}

/// The texts of a document.
pub(super) fn texts_at(searcher: &Searcher, fields: &Fields, address: DocAddress) -> Result<Vec<Text>, TantivyError> {
    let document: TantivyDocument = searcher.doc(address)?;
    let bytes = document.get_first(fields.texts).and_then(|value| value.as_bytes());
    let texts = serde_json::from_slice(bytes.unwrap_or(b"[]"));
    texts.map_err(|error| TantivyError::InternalError(format!("texts of a document: {error}")))
}

/// The id of a document.
pub(super) fn id_at(searcher: &Searcher, address: DocAddress) -> Result<String, TantivyError> {
    let segment = searcher.segment_reader(address.segment_ord);
    let mut id = String::new();
    if let Some(column) = segment.fast_fields().str("id")?
        && let Some(number) = column.term_ords(address.doc_id).next()
    {
        column.ord_to_str(number, &mut id)?;
    }
    Ok(id)
}

impl From<TantivyError> for SearchError {
    fn from(error: TantivyError) -> Self {
        Self::Failed { detail: error.to_string() }
    }
}
