//! Answering a query from one state of the index.
//!
//! All that matches is gone through once, and gives total, facets and the best hits. In scope: that, bounds of what is asked. Out of
//! scope: what a query means (`parse`, `plan`), going through it (`walk`). All of it blocks.

use std::ops::ControlFlow;

use tantivy::schema::{IndexRecordOption, Term, Value as _};
use tantivy::{DocAddress, DocSet as _, Executor, Score, Searcher, TERMINATED, TantivyDocument, TantivyError};

use super::analysis::Analysis;
use super::ask::{
    By, COUNTS_MAX, Completed, Completion, Counts, FILTERS_MAX, Found, Hit, LIMIT_MAX, Place, SearchQuery, TEXT_MAX,
    VALUES_MAX,
};
use super::collect::{Gather, Gathered, Key, Ordered, Placed, Values};
use super::error::SearchError;
use super::fields::{Fields, title_name};
use super::highlight::highlights;
use super::parse::parse;
use super::plan::{Marks, Plan, plan};
use super::suggest::{complete, did_you_mean};
use super::synonyms::Synonyms;
use super::texts::Text;
use super::walk::Ready;
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
    Ok(())
}

/// Answers a query that was checked.
///
/// # Errors
/// [`SearchError`].
pub(super) fn find(
    served: &Served,
    fields: &Fields,
    synonyms: &Synonyms,
    executor: &Executor,
    query: &SearchQuery,
) -> Result<Found, SearchError> {
    let mut analysis = Analysis::new();
    let searcher = &served.searcher;
    let clauses = parse(&query.text, &mut analysis)?;
    let plan = plan(searcher, fields, synonyms, query, &clauses)?;
    let limit = query.limit.min(LIMIT_MAX) as usize;
    let ranked = plan.ranks && query.order.by == By::Relevance;
    let ready = Ready::new(searcher, &plan, ranked && limit > 0)?;
    let order = if limit > 0 { Some(ordered(searcher, fields, &ready, query, ranked, limit)?) } else { None };
    let Gathered { total, first, facets } =
        Gather { order, facets: query.facets.clone() }.from(searcher, &ready, executor)?;
    let (hits, rest) = first.split_at(limit.min(first.len()));
    let shown = |hit: &Placed, analysis: &mut Analysis| {
        let Placed { id, address, .. } = hit;
        let parts =
            if query.highlight { shown(searcher, fields, *address, &plan.marks, query, analysis)? } else { Vec::new() };
        Ok::<_, TantivyError>(Hit { id: id.clone(), score: hit.score(), highlights: parts })
    };
    let suggestion = if total == 0 { did_you_mean(searcher, fields, query, &clauses, &mut analysis)? } else { None };
    Ok(Found {
        hits: hits.iter().map(|hit| shown(hit, &mut analysis)).collect::<Result<_, _>>()?,
        total,
        facets: query.facets.iter().zip(facets).map(|(facet, values)| counts(*facet, values)).collect(),
        suggestion,
        next: hits.last().filter(|_| !rest.is_empty()).map(Placed::place),
        position: served.position,
    })
}

/// Titles that complete a text.
///
/// # Errors
/// [`SearchError`].
pub(super) fn completed(
    served: &Served,
    fields: &Fields,
    executor: &Executor,
    asked: &Completion,
) -> Result<Vec<Completed>, SearchError> {
    Ok(complete(&served.searcher, fields, executor, asked, &mut Analysis::new())?)
}

/// The best hits of a plan.
pub(super) fn best(
    searcher: &Searcher,
    plan: &Plan,
    executor: &Executor,
    limit: usize,
) -> Result<Vec<Placed>, TantivyError> {
    let order = Ordered { by: Values::Score, descending: true, limit, after: None };
    let gather = Gather { order: Some(order), facets: Vec::new() };
    Ok(gather.from(searcher, &Ready::new(searcher, plan, true)?, executor)?.first)
}

/// Any hit of a plan.
pub(super) fn any(searcher: &Searcher, plan: &Plan) -> Result<Option<DocAddress>, TantivyError> {
    let ready = Ready::new(searcher, plan, false)?;
    for (ordinal, segment) in (0..).zip(searcher.segment_readers()) {
        let mut found = None;
        ready.walk(segment, 0..segment.max_doc(), |docs, _| {
            found = docs.first().copied();
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(doc) = found {
            return Ok(Some(DocAddress::new(ordinal, doc)));
        }
    }
    Ok(None)
}

/// The order, one hit more than is shown: it says whether there are more.
fn ordered(
    searcher: &Searcher,
    fields: &Fields,
    ready: &Ready,
    query: &SearchQuery,
    ranked: bool,
    limit: usize,
) -> Result<Ordered, SearchError> {
    let by = match query.order.by {
        By::Relevance if ranked => Values::Score,
        By::Relevance | By::Id => Values::Text("id".to_owned()),
        By::Title => Values::Text(title_name(query.lang)),
        By::Authored => Values::Number("authored".to_owned()),
        By::Accepted => Values::Number("accepted".to_owned()),
    };
    let descending = if query.order.by == By::Relevance { ranked } else { query.order.descending };
    let mut ordered = Ordered { by, descending, limit: limit + 1, after: None };
    if let Some(place @ Place { key, id }) = &query.after {
        let key = ordered.key(key).ok_or_else(|| SearchError::PlaceWrong { place: place.to_string() })?;
        let stands = if ranked { score(searcher, fields, ready, id)?.map(Key::score) } else { None };
        ordered.after = Some((stands.unwrap_or(key), id.clone()));
    }
    Ok(ordered)
}

/// How well an object matches in this state; none where it does not.
fn score(searcher: &Searcher, fields: &Fields, ready: &Ready, id: &str) -> Result<Option<Score>, TantivyError> {
    let term = Term::from_field_text(fields.id, id);
    let mut score = None;
    for segment in searcher.segment_readers() {
        let Some(mut postings) = segment.inverted_index(fields.id)?.read_postings(&term, IndexRecordOption::Basic)?
        else {
            continue;
        };
        while postings.doc() != TERMINATED {
            let doc = postings.doc();
            ready.walk(segment, doc..doc + 1, |_, scores| {
                score = scores.first().copied().or(score);
                ControlFlow::Continue(())
            })?;
            postings.advance();
        }
    }
    Ok(score)
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

impl From<TantivyError> for SearchError {
    fn from(error: TantivyError) -> Self {
        Self::Failed { detail: error.to_string() }
    }
}
