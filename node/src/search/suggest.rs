//! Suggestions: a text that finds something in place of one that finds nothing, and titles that complete a text.
//!
//! Only words that stand in what the asker may see are suggested, and as they were published there. Bounds: three words of a text,
//! 200 words of each segment's dictionary within one or two letters of each, the 20 nearest of which are looked for. In scope: that.
//! Out of scope: hits (`find`).

use std::collections::BTreeMap;

use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Term;
use tantivy::{Executor, Searcher, TantivyError};

use super::analysis::{Analysis, Token};
use super::ask::{Completed, Completion, SearchQuery};
use super::fields::Fields;
use super::find::{any, best, texts_at};
use super::highlight::as_published;
use super::parse::{Clause, WORDS_MAX};
use super::plan;
use super::texts::Weight;

/// Most words that are replaced.
const REPLACED: usize = 3;
/// Most words of a segment's dictionary that are looked at.
const SCANNED: usize = 200;
/// Most words that are looked for.
const TRIED: usize = 20;
/// Fewest letters of a word that may be misspelt.
const LETTERS_MIN: usize = 3;
/// Letters from which on two may be wrong.
const LETTERS_LONG: usize = 6;
/// Most titles that are completed.
const TITLES_MAX: u32 = 50;

/// The text with words replaced that stand nowhere; none where there are none, or nothing is near.
pub(super) fn did_you_mean(
    searcher: &Searcher,
    fields: &Fields,
    query: &SearchQuery,
    clauses: &[Clause],
    analysis: &mut Analysis,
) -> Result<Option<String>, TantivyError> {
    let visible = SearchQuery { filters: Vec::new(), ..query.clone() };
    let (mut suggested, mut replaced, mut kept) = (String::new(), 0, 0);
    let words = clauses.iter().filter(|clause| !clause.not && !clause.prefix).flat_map(|clause| &clause.words);
    for word in words {
        if stands(searcher, fields, &visible, word)? {
            continue;
        }
        let near = if replaced < REPLACED { nearest(searcher, fields, &visible, word, analysis)? } else { None };
        let Some(near) = near else { return Ok(None) };
        suggested.push_str(query.text.get(kept..word.from).unwrap_or_default());
        suggested.push_str(&near);
        kept = word.to;
        replaced += 1;
    }
    suggested.push_str(query.text.get(kept..).unwrap_or_default());
    Ok((replaced > 0).then_some(suggested))
}

fn stands(searcher: &Searcher, fields: &Fields, query: &SearchQuery, word: &Token) -> Result<bool, TantivyError> {
    for stem in &word.stems {
        if any(searcher, &plan::stands(fields, query, fields.stem, stem))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The nearest word that the asker may see, the most frequent one of those that are equally near.
fn nearest(
    searcher: &Searcher,
    fields: &Fields,
    query: &SearchQuery,
    word: &Token,
    analysis: &mut Analysis,
) -> Result<Option<String>, TantivyError> {
    let letters = word.norm.chars().count();
    if letters < LETTERS_MIN || word.norm.bytes().any(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let farthest = if letters >= LETTERS_LONG { 2 } else { 1 };
    let mut found: BTreeMap<String, (u8, u64)> = BTreeMap::new();
    for distance in 1..=farthest {
        let fuzzy = FuzzyTermQuery::new(Term::from_field_text(fields.norm, &word.norm), distance, true);
        for segment in searcher.segment_readers() {
            let index = segment.inverted_index(fields.norm)?;
            let mut words = index.terms().search(fuzzy.automaton()?).into_stream()?;
            for _ in 0..SCANNED {
                let Some((near, info)) = words.next() else { break };
                let near = String::from_utf8_lossy(near).into_owned();
                let known = found.entry(near).or_insert((distance, 0));
                if known.0 == distance {
                    known.1 += u64::from(info.doc_freq);
                }
            }
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, (distance, docs))| (*distance, std::cmp::Reverse(*docs)));
    for (near, _) in found.into_iter().take(TRIED) {
        if let Some(address) = any(searcher, &plan::stands(fields, query, fields.norm, &near))? {
            let texts = texts_at(searcher, fields, address)?;
            // A word of an id stands in no text.
            return Ok(Some(as_published(&texts, &near, analysis).unwrap_or(near)));
        }
    }
    Ok(None)
}

/// Titles with the words of a text, the last of which may go on.
pub(super) fn complete(
    searcher: &Searcher,
    fields: &Fields,
    executor: &Executor,
    asked: &Completion,
    analysis: &mut Analysis,
) -> Result<Vec<Completed>, TantivyError> {
    let Completion { text, kinds, lang, limit } = asked;
    let limit = (*limit).clamp(1, TITLES_MAX) as usize;
    let mut words = analysis.tokens(text, None);
    words.truncate(WORDS_MAX);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let begun = words.last().is_some_and(|last| last.to == text.len());
    let query = SearchQuery { kinds: kinds.clone(), ..SearchQuery::default() };
    let plan = plan::in_titles(searcher, fields, &query, &words, begun)?;
    let mut completed: Vec<Completed> = Vec::new();
    // Revisions of neighbours often have one title: some more are read than are wanted.
    for hit in best(searcher, &plan, executor, limit * 2)? {
        let mut titles = texts_at(searcher, fields, hit.address)?;
        titles.retain(|text| text.weight == Weight::Title);
        titles.sort_by_key(|title| title.lang != lang.as_str());
        let holds = |title: &super::texts::Text, analysis: &mut Analysis| {
            analysis.tokens(&title.text, title.lang.parse().ok()).iter().any(|token| plan.marks.hold(token))
        };
        let Some(title) = titles.into_iter().find(|title| holds(title, analysis)) else { continue };
        if completed.len() < limit && completed.iter().all(|known| known.title != title.text) {
            completed.push(Completed { title: title.text, lang: title.lang, id: hit.id });
        }
    }
    Ok(completed)
}
