//! Going through all that matches, once: which documents they are, and how well each matches.
//!
//! A segment is gone through in windows of 4,096 documents. In a window the lists of a word's terms set bits and add to scores, block by
//! block as they are stored; what has to stand is then an intersection of bits, and only what is left is looked at one by one. So every
//! answer has its total and its counts, and takes about as long as its lists are, whatever the words are: two common words cost
//! no more than each of them alone. tantivy's own ways are either the best hits without a total (block-max WAND), or a call for each
//! document and list.
//!
//! The parts of a score are added in one order for all documents of a segment: of one state of the index a document has one score,
//! to the last bit, so that a page can begin after it.
//!
//! In scope: that. Out of scope: what is to match (`plan`), what is gathered of it (`collect`).

use std::ops::{ControlFlow, Range};

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;
use tantivy::query::{Bm25Weight, EnableScoring, PhraseQuery, Query as _, Scorer, Weight};
use tantivy::schema::{IndexRecordOption, Term};
use tantivy::{DocId, Score, Searcher, SegmentReader, TERMINATED, TantivyError};

use super::plan::{Group, Leaf, Plan, What};

/// Documents of a window.
const WINDOW: usize = 1 << 12;
/// The same, as a number of documents.
const DOCS: DocId = 1 << 12;
/// Words that hold a bit for each of them.
const WORDS: usize = WINDOW / 64;

/// A bit for each document of a window.
type Bits = [u64; WORDS];
/// A score for each document of a window.
type Scores = [Score; WINDOW];

/// A plan with what of it is the same for all segments.
pub(super) struct Ready {
    must: Vec<Vec<Source>>,
    not: Vec<Vec<Vec<Source>>>,
    more: Vec<Source>,
    scored: bool,
}

/// Where the documents of a leaf come from.
enum Source {
    Term { term: Term, weight: Option<Bm25Weight> },
    Phrase { weight: Box<dyn Weight>, boost: Option<Score> },
}

impl Ready {
    /// A plan over this state of the index, with scores or without.
    pub(super) fn new(searcher: &Searcher, plan: &Plan, scored: bool) -> Result<Self, TantivyError> {
        let group = |group: &Group| group.0.iter().map(|leaf| source(searcher, leaf, scored)).collect();
        let unscored = |group: &Group| group.0.iter().map(|leaf| source(searcher, leaf, false)).collect();
        let not = plan.not.iter().map(|groups| groups.iter().map(unscored).collect());
        let more = plan.more.iter().filter(|_| scored);
        Ok(Self {
            must: plan.must.iter().map(group).collect::<Result<_, _>>()?,
            not: not.collect::<Result<_, _>>()?,
            more: more.map(|leaf| source(searcher, leaf, scored)).collect::<Result<_, _>>()?,
            scored,
        })
    }

    /// Gives what matches among these documents of a segment, with its scores, in the order of the documents, until it is told to end.
    pub(super) fn walk(
        &self,
        segment: &SegmentReader,
        among: Range<DocId>,
        mut each: impl FnMut(&[DocId], &[Score]) -> ControlFlow<()>,
    ) -> Result<(), TantivyError> {
        let mut must: Vec<Vec<Cursor>> = cursors(&self.must, segment)?;
        // The rarest first: where it has nothing, nothing else is read.
        must.sort_by_key(|group| group.iter().map(Cursor::size).sum::<u64>());
        let mut not = self.not.iter().map(|groups| cursors(groups, segment)).collect::<Result<Vec<_>, _>>()?;
        let mut more = open(&self.more, segment)?;
        let mut scores: Scores = [0.0; WINDOW];
        let (mut docs, mut of) = (Vec::with_capacity(WINDOW), Vec::with_capacity(WINDOW));
        let mut first = among.start;
        while first < among.end {
            if let Some(lead) = must.first_mut() {
                first = lead.iter_mut().map(|cursor| cursor.at_least(first)).min().unwrap_or(TERMINATED);
                if first >= among.end {
                    break;
                }
            }
            let window = first..among.end.min(first.saturating_add(DOCS));
            first = window.end;
            if self.scored {
                scores.fill(0.0);
            }
            let mut bits = all(&window);
            if !intersect(&mut bits, &mut must, &window, self.scored.then_some(&mut scores)) {
                continue;
            }
            for groups in &mut not {
                let mut without = all(&window);
                if intersect(&mut without, groups, &window, None) {
                    bits.iter_mut().zip(without).for_each(|(bits, without)| *bits &= !without);
                }
            }
            for cursor in &mut more {
                cursor.take(&window, None, Some(&mut scores));
            }
            docs.clear();
            of.clear();
            for doc in stand(&bits, &window).filter(|doc| !segment.is_deleted(*doc)) {
                docs.push(doc);
                of.push(scores[place(doc, &window)]);
            }
            if each(&docs, &of).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn source(searcher: &Searcher, leaf: &Leaf, scored: bool) -> Result<Source, TantivyError> {
    let boost = leaf.weight.filter(|_| scored);
    match &leaf.what {
        What::Term(term) => {
            let weight = boost.map(|boost| {
                let weight = Bm25Weight::for_terms(searcher, std::slice::from_ref(term))?;
                Ok::<_, TantivyError>(weight.boost_by(boost))
            });
            Ok(Source::Term { term: term.clone(), weight: weight.transpose()? })
        }
        What::Phrase(terms) => {
            let scoring = match boost {
                Some(_) => EnableScoring::enabled_from_searcher(searcher),
                None => EnableScoring::disabled_from_searcher(searcher),
            };
            Ok(Source::Phrase { weight: PhraseQuery::new(terms.clone()).weight(scoring)?, boost })
        }
    }
}

fn cursors(groups: &[Vec<Source>], segment: &SegmentReader) -> Result<Vec<Vec<Cursor>>, TantivyError> {
    groups.iter().map(|group| open(group, segment)).collect()
}

/// Those of which the segment has something.
fn open(sources: &[Source], segment: &SegmentReader) -> Result<Vec<Cursor>, TantivyError> {
    sources.iter().filter_map(|source| Cursor::open(source, segment).transpose()).collect()
}

/// What stands in each of the groups; whether anything does.
fn intersect(
    bits: &mut Bits,
    groups: &mut [Vec<Cursor>],
    window: &Range<DocId>,
    mut scores: Option<&mut Scores>,
) -> bool {
    for group in groups {
        let mut these = [0; WORDS];
        for cursor in group {
            cursor.take(window, Some(&mut these), scores.as_deref_mut());
        }
        bits.iter_mut().zip(these).for_each(|(bits, these)| *bits &= these);
        if bits.iter().all(|bits| *bits == 0) {
            return false;
        }
    }
    true
}

/// All documents of a window.
fn all(window: &Range<DocId>) -> Bits {
    let documents = window.len();
    let word = |n: usize| match documents.saturating_sub(n * 64) {
        0 => 0,
        some @ 1..64 => (1 << some) - 1,
        _ => u64::MAX,
    };
    std::array::from_fn(word)
}

fn stand<'a>(bits: &'a Bits, window: &'a Range<DocId>) -> impl Iterator<Item = DocId> + 'a {
    (window.start..).step_by(64).zip(bits).flat_map(|(from, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            let lowest = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            (lowest < 64).then(|| from + lowest)
        })
    })
}

/// Place of a document in its window.
const fn place(doc: DocId, window: &Range<DocId>) -> usize {
    (doc - window.start) as usize & (WINDOW - 1)
}

/// A place in a list of documents, which only goes forward.
enum Cursor {
    Term { postings: Box<BlockSegmentPostings>, at: usize, rank: Option<(FieldNormReader, Bm25Weight)> },
    Phrase { scorer: Box<dyn Scorer>, scored: bool },
}

impl Cursor {
    fn open(source: &Source, segment: &SegmentReader) -> Result<Option<Self>, TantivyError> {
        match source {
            Source::Term { term, weight } => {
                let option = match weight {
                    Some(_) => IndexRecordOption::WithFreqs,
                    None => IndexRecordOption::Basic,
                };
                let index = segment.inverted_index(term.field())?;
                let Some(postings) = index.read_block_postings(term, option)? else { return Ok(None) };
                let rank = match weight {
                    Some(weight) => Some((segment.get_fieldnorms_reader(term.field())?, weight.clone())),
                    None => None,
                };
                Ok(Some(Self::Term { postings: Box::new(postings), at: 0, rank }))
            }
            Source::Phrase { weight, boost } => {
                let scorer = weight.scorer(segment, boost.unwrap_or(1.0))?;
                Ok(Some(Self::Phrase { scorer, scored: boost.is_some() }))
            }
        }
    }

    /// About how many documents it has.
    fn size(&self) -> u64 {
        match self {
            Self::Term { postings, .. } => u64::from(postings.doc_freq()),
            Self::Phrase { scorer, .. } => u64::from(scorer.size_hint()),
        }
    }

    /// Goes to the first document that is not before this one; [`TERMINATED`] where there is none.
    fn at_least(&mut self, doc: DocId) -> DocId {
        match self {
            Self::Term { postings, at, .. } => {
                match postings.docs().last() {
                    None => return TERMINATED,
                    Some(last) if *last < doc => *at = postings.seek(doc),
                    Some(_) => *at += postings.docs()[*at..].partition_point(|other| *other < doc),
                }
                postings.docs().get(*at).copied().unwrap_or(TERMINATED)
            }
            Self::Phrase { scorer, .. } if scorer.doc() < doc => scorer.seek(doc),
            Self::Phrase { scorer, .. } => scorer.doc(),
        }
    }

    /// Sets the bits of its documents in a window, and adds to their scores.
    fn take(&mut self, window: &Range<DocId>, bits: Option<&mut Bits>, scores: Option<&mut Scores>) {
        if self.at_least(window.start) >= window.end {
            return;
        }
        let mut none = [0; WORDS];
        let bits = bits.unwrap_or(&mut none);
        let set = |bits: &mut Bits, place: usize| bits[place / 64] |= 1 << (place % 64);
        match self {
            Self::Term { postings, at, rank } => {
                let mut ranked = rank.as_ref().zip(scores);
                loop {
                    let docs = &postings.docs()[*at..];
                    let these = &docs[..docs.partition_point(|doc| *doc < window.end)];
                    for doc in these {
                        set(bits, place(*doc, window));
                    }
                    if let Some(((lengths, weight), scores)) = &mut ranked {
                        for (doc, times) in these.iter().zip(&postings.freqs()[*at..]) {
                            scores[place(*doc, window)] += weight.score(lengths.fieldnorm_id(*doc), *times);
                        }
                    }
                    if these.len() < docs.len() {
                        *at += these.len();
                        return;
                    }
                    postings.advance();
                    *at = 0;
                    if postings.docs().is_empty() {
                        return;
                    }
                }
            }
            Self::Phrase { scorer, scored } => {
                let mut scores = scores.filter(|_| *scored);
                let mut doc = scorer.doc();
                while doc < window.end {
                    set(bits, place(doc, window));
                    if let Some(scores) = &mut scores {
                        scores[place(doc, window)] += scorer.score();
                    }
                    doc = scorer.advance();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
