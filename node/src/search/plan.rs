//! From the clauses of a query to what the index is asked.
//!
//! What matches is decided by the second column (stems) alone: a word that stands in the first one stands there too. What ranks is the
//! second column, with more for words that stand as they were written, and in titles. So a query of one word is a union of a few
//! terms, of which the index looks only at the best; one of several is an intersection of the second column, and what it gives
//! is ranked besides. In scope: that, filters, synonyms, beginnings of words. Out of scope: asking (`find`).
//!
//! Bounds: 32 words, each with 16 phrases of a set at most; a beginning of a word stands for the 64 most frequent words of 1,000 that
//! begin so; a phrase for 16 ways of reading its words.

use std::collections::{BTreeMap, HashSet};

use tantivy::query::{AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Term};
use tantivy::{Searcher, TantivyError};

use super::analysis::Token;
use super::arabic::{PREFIXES, is_arabic_word, without_article};
use super::ask::{Facet, SearchQuery};
use super::fields::Fields;
use super::parse::Clause;
use super::synonyms::{PHRASE_MAX, Synonyms};

/// Most words that a beginning of a word stands for.
const EXPANSIONS: usize = 64;
/// Most words of a dictionary that are looked at for them.
const SCANNED: usize = 1_000;
/// Most ways of reading the words of a phrase.
const READINGS: usize = 16;
/// How much it counts that a word stands as it was written; that one of its forms stands counts 1.
const AS_WRITTEN: f32 = 0.5;
/// The same in a title.
const TITLE_AS_WRITTEN: f32 = 2.0;
/// How much it counts that one of its forms stands in a title.
const TITLE: f32 = 2.0;
/// How much a word counts that a set gives.
const SYNONYM: f32 = 0.5;

/// Words that say little: beside others they need not stand. Normalised.
const SMALL: [&str; 26] = [
    "في", "من", "علي", "الي", "عن", "مع", "و", "او", "the", "of", "and", "in", "for", "to", "a", "on", "de", "la",
    "le", "les", "des", "du", "et", "en", "l", "d",
];

/// What the index is asked.
pub(super) struct Plan {
    /// What matches, without ranks.
    pub(super) matching: Box<dyn Query>,
    /// The same with ranks; none where all match alike.
    pub(super) ranking: Option<Box<dyn Query>>,
    /// What is shown of the hits.
    pub(super) marks: Marks,
}

/// Which words of a text are words of the query.
#[derive(Debug, Default)]
pub(super) struct Marks {
    stems: HashSet<String>,
    norms: HashSet<String>,
}

impl Marks {
    /// Those of words.
    #[cfg(test)]
    pub(super) fn of(words: &[Token]) -> Self {
        let mut marks = Self::default();
        mark(&mut marks, &Way::Words(words));
        marks
    }

    /// Whether a word is one of the query.
    pub(super) fn hold(&self, token: &Token) -> bool {
        self.norms.contains(&token.norm) || token.stems.iter().any(|stem| self.stems.contains(stem))
    }

    /// Whether the query has no words.
    pub(super) fn is_empty(&self) -> bool {
        self.stems.is_empty() && self.norms.is_empty()
    }
}

/// One of the things of which one has to stand.
enum Way<'a> {
    /// Words in their order.
    Words(&'a [Token]),
    /// Words that begin alike, after words in their order.
    Begun(&'a [Token], Vec<String>),
}

/// What has to stand: one of its ways, the asker's own first.
struct Wanted<'a> {
    ways: Vec<Way<'a>>,
}

/// Plans a query over what its clauses want.
pub(super) fn plan(
    searcher: &Searcher,
    fields: &Fields,
    synonyms: &Synonyms,
    query: &SearchQuery,
    clauses: &[Clause],
) -> Result<Plan, TantivyError> {
    let wanted = wanted(searcher, fields, synonyms, clauses)?;
    let mut marks = Marks::default();
    wanted.iter().flat_map(|wanted| &wanted.ways).for_each(|way| mark(&mut marks, way));
    let mut bounds = bounds(fields, query);
    for clause in clauses.iter().filter(|clause| clause.not) {
        bounds.push((Occur::MustNot, clause_alone(searcher, fields, clause)?));
    }
    if wanted.is_empty() {
        if !query.withdrawn {
            bounds.push((Occur::MustNot, code(Term::from_field_bool(fields.withdrawn, true))));
        }
        let matching: Box<dyn Query> = if bounds.is_empty() {
            Box::new(AllQuery)
        } else {
            bounds.push((Occur::Must, Box::new(AllQuery)));
            Box::new(BooleanQuery::new(bounds))
        };
        return Ok(Plan { matching, ranking: None, marks });
    }
    let ranking: Box<dyn Query> = match wanted.as_slice() {
        [one] if bounds.is_empty() && one.ways.iter().all(is_word) => {
            let ways = one.ways.iter().enumerate();
            union(ways.flat_map(|(n, way)| stems(fields, way, n).into_iter().chain(bonus(fields, way, n))).collect())
        }
        several => {
            let must = several.iter().map(|wanted| (Occur::Must, of_wanted(fields, wanted)));
            let ways = several.iter().flat_map(|wanted| wanted.ways.iter().enumerate());
            let more = ways.flat_map(|(n, way)| bonus(fields, way, n)).map(|bonus| (Occur::Should, bonus));
            let bounds = bounds.iter().map(|(occur, query)| (*occur, query.box_clone()));
            Box::new(BooleanQuery::new(must.chain(bounds).chain(more).collect()))
        }
    };
    let must = wanted.iter().map(|wanted| (Occur::Must, of_wanted(fields, wanted)));
    let mut all: Vec<_> = must.chain(bounds).collect();
    let matching: Box<dyn Query> = match all.len() {
        1 => all.remove(0).1,
        _ => Box::new(BooleanQuery::new(all)),
    };
    Ok(Plan { matching, ranking: Some(ranking), marks })
}

/// Whether a word stands where the asker may see it.
pub(super) fn stands(fields: &Fields, query: &SearchQuery, field: Field, text: &str) -> Box<dyn Query> {
    let word = term(field, text, IndexRecordOption::Basic);
    let bounds = bounds(fields, query);
    Box::new(BooleanQuery::new(std::iter::once((Occur::Must, word)).chain(bounds).collect()))
}

/// Words of titles: all but the last as they are, the last as the beginning of one.
pub(super) fn in_titles(
    searcher: &Searcher,
    fields: &Fields,
    query: &SearchQuery,
    words: &[Token],
    begun: bool,
) -> Result<(Box<dyn Query>, Marks), TantivyError> {
    let mut marks = Marks::default();
    let mut all = bounds(fields, query);
    for (n, word) in words.iter().enumerate() {
        let mut ways: Vec<_> = word
            .stems
            .iter()
            .map(|stem| term(fields.title_stem, stem, IndexRecordOption::WithFreqs))
            .chain([term(fields.title_norm, &word.norm, IndexRecordOption::WithFreqs)])
            .collect();
        marks.stems.extend(word.stems.iter().cloned());
        marks.norms.insert(word.norm.clone());
        if begun && n + 1 == words.len() {
            let longer = expand(searcher, fields.title_norm, &word.norm)?;
            ways.extend(longer.iter().map(|norm| term(fields.title_norm, norm, IndexRecordOption::WithFreqs)));
            marks.norms.extend(longer);
        }
        all.push((Occur::Must, union(ways)));
    }
    Ok((Box::new(BooleanQuery::new(all)), marks))
}

/// What has to stand, with what else each may be called.
fn wanted<'a>(
    searcher: &Searcher,
    fields: &Fields,
    synonyms: &'a Synonyms,
    clauses: &'a [Clause],
) -> Result<Vec<Wanted<'a>>, TantivyError> {
    let mut wanted = Vec::new();
    let positive = || clauses.iter().filter(|clause| !clause.not);
    let says_more = positive().any(|clause| clause.plain().is_none_or(|word| !SMALL.contains(&word.norm.as_str())));
    let mut rest: &[Clause] = clauses;
    while let Some((clause, after)) = rest.split_first() {
        rest = after;
        if clause.not {
            continue;
        }
        // The longest phrase of a set that begins here; a phrase of several words is asked for as it stands in the set.
        let run: Vec<Token> =
            std::iter::once(clause).chain(after).map_while(Clause::plain).take(PHRASE_MAX).cloned().collect();
        let set = (1..=run.len()).rev().map(|n| (n, synonyms.of(&run[..n]))).find(|(_, set)| !set.is_empty());
        if let Some((n, set)) = set {
            let own = (n == 1).then_some(Way::Words(&clause.words));
            wanted.push(Wanted {
                ways: own.into_iter().chain(set.into_iter().map(|phrase| Way::Words(phrase))).collect(),
            });
            rest = &after[n - 1..];
            continue;
        }
        if says_more && clause.plain().is_some_and(|word| SMALL.contains(&word.norm.as_str())) {
            continue;
        }
        wanted.push(Wanted { ways: vec![way(searcher, fields, clause)?] });
    }
    Ok(wanted)
}

fn way<'a>(searcher: &Searcher, fields: &Fields, clause: &'a Clause) -> Result<Way<'a>, TantivyError> {
    match clause.words.split_last() {
        Some((last, before)) if clause.prefix => Ok(Way::Begun(before, expand(searcher, fields.norm, &last.norm)?)),
        Some(_) | None => Ok(Way::Words(&clause.words)),
    }
}

fn clause_alone(searcher: &Searcher, fields: &Fields, clause: &Clause) -> Result<Box<dyn Query>, TantivyError> {
    Ok(union(stems(fields, &way(searcher, fields, clause)?, 0)))
}

fn of_wanted(fields: &Fields, wanted: &Wanted<'_>) -> Box<dyn Query> {
    union(wanted.ways.iter().enumerate().flat_map(|(n, way)| stems(fields, way, n)).collect())
}

fn is_word(way: &Way<'_>) -> bool {
    matches!(way, Way::Words([_]))
}

/// What matches one way, by stems.
fn stems(fields: &Fields, way: &Way<'_>, nth: usize) -> Vec<Box<dyn Query>> {
    let weight = if nth == 0 { 1.0 } else { SYNONYM };
    match way {
        Way::Words([word]) => {
            let stems = word.stems.iter().map(|stem| term(fields.stem, stem, IndexRecordOption::WithFreqs));
            stems.map(|stem| boosted(stem, weight)).collect()
        }
        Way::Words(words) => phrases(fields, words).into_iter().map(|phrase| boosted(phrase, weight)).collect(),
        Way::Begun(before, begun) => {
            let begun = union(begun.iter().map(|norm| term(fields.norm, norm, IndexRecordOption::WithFreqs)).collect());
            if before.is_empty() {
                return vec![begun];
            }
            let before = stems(fields, &Way::Words(before), 0);
            vec![Box::new(BooleanQuery::new(vec![(Occur::Must, union(before)), (Occur::Must, begun)]))]
        }
    }
}

/// What ranks one way higher.
fn bonus(fields: &Fields, way: &Way<'_>, nth: usize) -> Vec<Box<dyn Query>> {
    let weight = if nth == 0 { 1.0 } else { SYNONYM };
    let Way::Words(words) = way else { return Vec::new() };
    let of = |field, text: &String, by: f32| boosted(term(field, text, IndexRecordOption::WithFreqs), by * weight);
    let mut bonus = Vec::new();
    for word in *words {
        bonus.push(of(fields.norm, &word.norm, AS_WRITTEN));
        bonus.push(of(fields.title_norm, &word.norm, TITLE_AS_WRITTEN));
        bonus.extend(word.stems.iter().map(|stem| of(fields.title_stem, stem, TITLE)));
    }
    bonus
}

/// Words one after the other, in every way of reading them.
fn phrases(fields: &Fields, words: &[Token]) -> Vec<Box<dyn Query>> {
    let mut readings: Vec<Vec<Term>> = vec![Vec::new()];
    for word in words {
        let longer = readings.iter().flat_map(|reading| {
            let with = |stem: &String| [reading.clone(), vec![Term::from_field_text(fields.stem, stem)]].concat();
            word.stems.iter().map(with).collect::<Vec<_>>()
        });
        readings = longer.take(READINGS).collect();
    }
    readings.into_iter().map(|terms| Box::new(PhraseQuery::new(terms)) as Box<dyn Query>).collect()
}

/// Words that begin so, an Arabic one with any prefix before it: the most frequent ones.
fn expand(searcher: &Searcher, field: Field, norm: &str) -> Result<Vec<String>, TantivyError> {
    let mut begins = vec![norm.to_owned()];
    if is_arabic_word(norm) {
        let bare = without_article(norm);
        begins.push(bare.to_owned());
        begins.extend(PREFIXES.iter().map(|prefix| format!("{prefix}{bare}")));
    }
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field)?;
        for begin in &begins {
            let mut words = index.terms().range().ge(begin.as_bytes()).into_stream()?;
            for _ in 0..SCANNED {
                let Some((word, info)) = words.next() else { break };
                if !word.starts_with(begin.as_bytes()) {
                    break;
                }
                let word = String::from_utf8_lossy(word).into_owned();
                *found.entry(word).or_default() += u64::from(info.doc_freq);
            }
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, docs)| std::cmp::Reverse(*docs));
    Ok(found.into_iter().take(EXPANSIONS).map(|(word, _)| word).collect())
}

/// Filters, and the kinds that the caller may see.
fn bounds(fields: &Fields, query: &SearchQuery) -> Vec<(Occur, Box<dyn Query>)> {
    let kinds = query.kinds.iter().map(|kinds| (Facet("kind"), kinds));
    let filters = query.filters.iter().map(|(facet, values)| (*facet, values));
    let bound = |(facet, values): (Facet, &Vec<String>)| {
        let field = fields.facet(facet)?;
        let codes = values.iter().map(|value| code(Term::from_field_text(field, value))).collect();
        Some((Occur::Must, Box::new(ConstScoreQuery::new(union(codes), 0.0)) as Box<dyn Query>))
    };
    kinds.chain(filters).filter_map(bound).collect()
}

fn code(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn term(field: Field, text: &str, record: IndexRecordOption) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), record))
}

fn boosted(query: Box<dyn Query>, by: f32) -> Box<dyn Query> {
    if (by - 1.0).abs() < f32::EPSILON { query } else { Box::new(BoostQuery::new(query, by)) }
}

/// One of them; of none nothing matches.
fn union(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.len() {
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::union(queries)),
    }
}

fn mark(marks: &mut Marks, way: &Way<'_>) {
    let (Way::Words(words) | Way::Begun(words, _)) = way;
    marks.stems.extend(words.iter().flat_map(|word| word.stems.iter().cloned()));
    if let Way::Begun(_, begun) = way {
        marks.norms.extend(begun.iter().cloned());
    }
}
