//! From the clauses of a query to what is looked for in the index.
//!
//! What matches is decided by the column of stems: a word that stands as it was asked stands there too; words one after the
//! other by the column of pairs of stems, in which a phrase of two words is one term. What ranks is how much these say of a document, with
//! more for words that stand as they were written, and in titles. In scope: that, filters, synonyms, beginnings of words. Out of
//! scope: going through what matches (`walk`).
//!
//! Bounds: 32 words, each with 16 phrases of a set at most; a beginning of a word stands for the 64 most frequent words of 1,000 that
//! begin so; a phrase for 16 ways of reading its words.

use std::collections::{BTreeMap, HashSet};

use tantivy::schema::{Field, Term};
use tantivy::{Searcher, TantivyError};

use super::analysis::Token;
use super::arabic::{PREFIXES, is_arabic_word, without_article};
use super::ask::{Facet, SearchQuery};
use super::fields::{Fields, pair};
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

/// What is looked for.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Each of them has to stand; of none, all documents match.
    pub(super) must: Vec<Group>,
    /// Of each of them, not all may stand.
    pub(super) not: Vec<Vec<Group>>,
    /// What need not stand, and ranks where it does.
    pub(super) more: Vec<Leaf>,
    /// Whether the query has words, so that not all match alike.
    pub(super) ranks: bool,
    /// What is shown of the hits.
    pub(super) marks: Marks,
}

/// One of them has to stand; of none nothing does.
#[derive(Debug)]
pub(super) struct Group(pub(super) Vec<Leaf>);

/// What a list of the index says.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) what: What,
    /// How much it counts; none where it only has to stand.
    pub(super) weight: Option<f32>,
}

/// What stands in a document.
#[derive(Debug)]
pub(super) enum What {
    /// A term.
    Term(Term),
    /// Terms one after the other, two at least, of a column with places.
    Phrase(Vec<Term>),
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
    /// Normalised words that begin alike.
    Begun(Vec<String>),
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
    let mut plan = Plan { must: bounds(fields, query), ranks: !wanted.is_empty(), ..Plan::default() };
    for clause in clauses.iter().filter(|clause| clause.not) {
        let not = of_clause(searcher, fields, clause)?;
        plan.not.push(not.iter().map(|wanted| of_wanted(fields, wanted)).collect());
    }
    if wanted.is_empty() && !query.withdrawn {
        plan.not.push(vec![Group(vec![must(Term::from_field_bool(fields.withdrawn, true))])]);
    }
    for wanted in &wanted {
        plan.must.push(of_wanted(fields, wanted));
        for (n, way) in wanted.ways.iter().enumerate() {
            plan.more.extend(bonus(fields, way, n));
            mark(&mut plan.marks, way);
        }
    }
    Ok(plan)
}

/// A word of a column, where the asker may see it.
pub(super) fn stands(fields: &Fields, query: &SearchQuery, field: Field, text: &str) -> Plan {
    let word = Group(vec![must(Term::from_field_text(field, text))]);
    Plan { must: std::iter::once(word).chain(bounds(fields, query)).collect(), ..Plan::default() }
}

/// Words of titles: all but the last as they are, the last as the beginning of one.
pub(super) fn in_titles(
    searcher: &Searcher,
    fields: &Fields,
    query: &SearchQuery,
    words: &[Token],
    begun: bool,
) -> Result<Plan, TantivyError> {
    let mut plan = Plan { must: bounds(fields, query), ranks: true, ..Plan::default() };
    for (n, word) in words.iter().enumerate() {
        let stems = word.stems.iter().map(|stem| leaf(fields.title_stem, stem, 1.0));
        let mut ways: Vec<_> = stems.chain([leaf(fields.title_norm, &word.norm, 1.0)]).collect();
        plan.marks.stems.extend(word.stems.iter().cloned());
        plan.marks.norms.insert(word.norm.clone());
        if begun && n + 1 == words.len() {
            let longer = expand(searcher, fields.title_norm, &word.norm)?;
            ways.extend(longer.iter().map(|norm| leaf(fields.title_norm, norm, 1.0)));
            plan.marks.norms.extend(longer);
        }
        plan.must.push(Group(ways));
    }
    Ok(plan)
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
        wanted.extend(of_clause(searcher, fields, clause)?);
    }
    Ok(wanted)
}

/// What a clause wants by itself: its words; of one that ends in the beginning of a word, that and the words before it.
fn of_clause<'a>(searcher: &Searcher, fields: &Fields, clause: &'a Clause) -> Result<Vec<Wanted<'a>>, TantivyError> {
    let words = |words: &'a [Token]| Wanted { ways: vec![Way::Words(words)] };
    match clause.words.split_last() {
        Some((last, before)) if clause.prefix => {
            let begun = Wanted { ways: vec![Way::Begun(expand(searcher, fields.norm, &last.norm)?)] };
            Ok(Some(before).filter(|before| !before.is_empty()).map(words).into_iter().chain([begun]).collect())
        }
        Some(_) | None => Ok(vec![words(&clause.words)]),
    }
}

fn of_wanted(fields: &Fields, wanted: &Wanted<'_>) -> Group {
    Group(wanted.ways.iter().enumerate().flat_map(|(n, way)| stands_as(fields, way, n)).collect())
}

/// What matches one way.
fn stands_as(fields: &Fields, way: &Way<'_>, nth: usize) -> Vec<Leaf> {
    let weight = if nth == 0 { 1.0 } else { SYNONYM };
    match way {
        Way::Words([word]) => word.stems.iter().map(|stem| leaf(fields.stem, stem, weight)).collect(),
        Way::Words(words) => phrases(fields, words, weight),
        Way::Begun(begun) => begun.iter().map(|norm| leaf(fields.norm, norm, weight)).collect(),
    }
}

/// What ranks one way higher.
fn bonus(fields: &Fields, way: &Way<'_>, nth: usize) -> Vec<Leaf> {
    let weight = if nth == 0 { 1.0 } else { SYNONYM };
    let Way::Words(words) = way else { return Vec::new() };
    let mut bonus = Vec::new();
    for word in *words {
        bonus.push(leaf(fields.norm, &word.norm, AS_WRITTEN * weight));
        bonus.push(leaf(fields.title_norm, &word.norm, TITLE_AS_WRITTEN * weight));
        bonus.extend(word.stems.iter().map(|stem| leaf(fields.title_stem, stem, TITLE * weight)));
    }
    bonus
}

/// Words one after the other, in every way of reading them.
fn phrases<'a>(fields: &Fields, words: &'a [Token], weight: f32) -> Vec<Leaf> {
    let mut readings: Vec<Vec<&'a str>> = vec![Vec::new()];
    for word in words {
        let with = |reading: &Vec<&'a str>, stem: &'a String| [reading.as_slice(), &[stem.as_str()]].concat();
        let longer = readings.iter().flat_map(|reading| word.stems.iter().map(move |stem| with(reading, stem)));
        readings = longer.take(READINGS).collect();
    }
    let phrase = |reading: Vec<&'a str>| {
        let pairs = reading.windows(2).filter_map(|two| <&[&str; 2]>::try_from(two).ok());
        let mut terms: Vec<_> = pairs.map(|[a, b]| Term::from_field_text(fields.pair, &pair(a, b))).collect();
        let what = if terms.len() == 1 { What::Term(terms.remove(0)) } else { What::Phrase(terms) };
        Leaf { what, weight: Some(weight) }
    };
    readings.into_iter().map(phrase).collect()
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
fn bounds(fields: &Fields, query: &SearchQuery) -> Vec<Group> {
    let kinds = query.kinds.iter().map(|kinds| (Facet("kind"), kinds));
    let filters = query.filters.iter().map(|(facet, values)| (*facet, values));
    let bound = |(facet, values): (Facet, &Vec<String>)| {
        let field = fields.facet(facet)?;
        Some(Group(values.iter().map(|value| must(Term::from_field_text(field, value))).collect()))
    };
    kinds.chain(filters).filter_map(bound).collect()
}

fn must(term: Term) -> Leaf {
    Leaf { what: What::Term(term), weight: None }
}

fn leaf(field: Field, text: &str, weight: f32) -> Leaf {
    Leaf { what: What::Term(Term::from_field_text(field, text)), weight: Some(weight) }
}

fn mark(marks: &mut Marks, way: &Way<'_>) {
    match way {
        Way::Words(words) => marks.stems.extend(words.iter().flat_map(|word| word.stems.iter().cloned())),
        Way::Begun(begun) => marks.norms.extend(begun.iter().cloned()),
    }
}
