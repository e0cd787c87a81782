//! What is gathered of all that matches: how many there are, how many have which value of a facet, and the first ones in an order.
//!
//! Within a segment values are compared by their numbers in its dictionary, which are in the order of the values; across segments by
//! themselves. Hits that are equal in an order are in that of their ids, so each order is one of all hits, and a place in it is a
//! key and an id. Parts of segments are gone through side by side. Out of scope: what matches (`walk`).

use std::collections::{BTreeMap, BinaryHeap};
use std::ops::{ControlFlow, Range};

use tantivy::columnar::{Cardinality, Column, StrColumn};
use tantivy::{DocAddress, DocId, Executor, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyError, i64_to_u64};

use super::ask::{Facet, Place};
use super::fields::facet_name;
use super::walk::Ready;

/// Documents of a part of a segment.
const PART: DocId = 1 << 17;

/// In which order the first ones are wanted.
#[derive(Debug, Clone)]
pub(super) struct Ordered {
    pub(super) by: Values<String, String>,
    pub(super) descending: bool,
    /// How many.
    pub(super) limit: usize,
    /// After which key and id.
    pub(super) after: Option<(Key, String)>,
}

/// What orders hits: their scores, a column of texts, or one of numbers.
#[derive(Debug, Clone)]
pub(super) enum Values<T, N> {
    Score,
    Text(T),
    Number(N),
}

/// What is gathered.
#[derive(Debug, Clone, Default)]
pub(super) struct Gather {
    pub(super) order: Option<Ordered>,
    pub(super) facets: Vec<Facet>,
}

/// By what a hit is ordered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// The bits of a score: none is negative, so they are in its order.
    Score(u32),
    Text(String),
    Number(i64),
}

/// A hit in an order.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) key: Key,
    pub(super) id: String,
    pub(super) address: DocAddress,
}

/// What was gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) total: u64,
    pub(super) first: Vec<Placed>,
    /// By the place of the facet in what was asked.
    pub(super) facets: Vec<BTreeMap<String, u64>>,
}

impl Ordered {
    /// The key of a place in this order; none where it is a place of another.
    pub(super) fn key(&self, text: &str) -> Option<Key> {
        match self.by {
            Values::Score => text.parse().ok().filter(|score: &Score| *score >= 0.0).map(Key::score),
            Values::Text(_) => Some(Key::Text(text.to_owned())),
            Values::Number(_) => text.parse().ok().map(Key::Number),
        }
    }
}

impl Key {
    /// That of a score.
    pub(super) fn score(score: Score) -> Self {
        Self::Score(score.max(0.0).to_bits())
    }
}

impl Placed {
    /// The place after it.
    pub(super) fn place(&self) -> Place {
        let key = match &self.key {
            Key::Score(bits) => Score::from_bits(*bits).to_string(),
            Key::Text(text) => text.clone(),
            Key::Number(number) => number.to_string(),
        };
        Place { key, id: self.id.clone() }
    }

    /// How well it matches; 0 in an order by anything else.
    pub(super) const fn score(&self) -> Score {
        match &self.key {
            Key::Score(bits) => Score::from_bits(*bits),
            Key::Text(_) | Key::Number(_) => 0.0,
        }
    }
}

impl Gather {
    /// Gathers from all that matches.
    pub(super) fn from(
        &self,
        searcher: &Searcher,
        ready: &Ready,
        executor: &Executor,
    ) -> Result<Gathered, TantivyError> {
        let parts = (0..).zip(searcher.segment_readers()).flat_map(|(ordinal, segment)| {
            let starts = (0..segment.max_doc()).step_by(PART as usize);
            starts.map(move |first| (ordinal, segment, first..segment.max_doc().min(first + PART)))
        });
        let part = |(ordinal, segment, among): (SegmentOrdinal, &SegmentReader, Range<DocId>)| {
            let mut part = Part::new(self, ordinal, segment)?;
            ready.walk(segment, among, |docs, scores| {
                part.take(docs, scores);
                ControlFlow::Continue(())
            })?;
            part.gathered()
        };
        Ok(self.merged(executor.map(part, parts)?))
    }

    fn merged(&self, parts: Vec<Gathered>) -> Gathered {
        let mut all = Gathered { facets: vec![BTreeMap::new(); self.facets.len()], ..Gathered::default() };
        for Gathered { total, first, facets } in parts {
            all.total += total;
            all.first.extend(first);
            for (sum, counts) in all.facets.iter_mut().zip(facets) {
                for (value, n) in counts {
                    *sum.entry(value).or_default() += n;
                }
            }
        }
        if let Some(order) = &self.order {
            all.first.sort_by(|a, b| {
                let by_key = if order.descending { b.key.cmp(&a.key) } else { a.key.cmp(&b.key) };
                by_key.then_with(|| a.id.cmp(&b.id))
            });
            all.first.truncate(order.limit);
        }
        all
    }
}

/// Where what is wanted begins, in the numbers of a segment.
struct After {
    key: u64,
    /// Whether hits with this key come after it, if their ids do; else they all do, or none does.
    exact: bool,
    /// Whether hits with this key come after it where it is not exact.
    inclusive: bool,
    /// The first id after it.
    id: u64,
}

/// Key, number of the id and document: less comes first.
type Entry = (u64, u64, DocId);

struct Order {
    by: Values<StrColumn, Column<i64>>,
    ids: StrColumn,
    descending: bool,
    limit: usize,
    after: Option<After>,
    /// The greatest on top.
    first: BinaryHeap<Entry>,
    /// Room for the values of some documents.
    texts: Vec<Option<u64>>,
    numbers: Vec<Option<i64>>,
}

/// What is gathered of a part of a segment.
struct Part {
    ordinal: SegmentOrdinal,
    total: u64,
    order: Option<Order>,
    facets: Vec<Option<Counter>>,
}

/// Counts the values of a facet.
struct Counter {
    column: StrColumn,
    counts: Vec<u32>,
    /// Room for the values of some documents.
    values: Vec<Option<u64>>,
}

impl Part {
    fn new(gather: &Gather, ordinal: SegmentOrdinal, segment: &SegmentReader) -> Result<Self, TantivyError> {
        let columns = segment.fast_fields();
        let facets = gather.facets.iter().map(|facet| {
            let column = columns.str(&facet_name(*facet))?;
            Ok(column.map(|column| Counter { counts: vec![0; column.num_terms()], column, values: Vec::new() }))
        });
        Ok(Self {
            ordinal,
            total: 0,
            order: gather.order.as_ref().map(|order| Order::new(order, segment)).transpose()?.flatten(),
            facets: facets.collect::<Result<_, TantivyError>>()?,
        })
    }

    fn take(&mut self, docs: &[DocId], scores: &[Score]) {
        self.total += docs.len() as u64;
        if let Some(order) = &mut self.order {
            order.take(docs, scores);
        }
        for counter in self.facets.iter_mut().flatten() {
            counter.take(docs);
        }
    }

    fn gathered(self) -> Result<Gathered, TantivyError> {
        let facets =
            self.facets.into_iter().map(|counter| counter.map_or_else(|| Ok(BTreeMap::new()), Counter::counted));
        Ok(Gathered {
            total: self.total,
            facets: facets.collect::<Result<_, TantivyError>>()?,
            first: self.order.map(|order| order.placed(self.ordinal)).transpose()?.unwrap_or_default(),
        })
    }
}

impl Counter {
    fn take(&mut self, docs: &[DocId]) {
        let Self { column, counts, values } = self;
        let mut count = |value: u64| {
            if let Some(count) = usize::try_from(value).ok().and_then(|value| counts.get_mut(value)) {
                *count += 1;
            }
        };
        if column.ords().get_cardinality() == Cardinality::Multivalued {
            docs.iter().flat_map(|doc| column.term_ords(*doc)).for_each(count);
            return;
        }
        values.clear();
        values.resize(docs.len(), None);
        column.ords().first_vals(docs, values);
        values.iter().flatten().for_each(|value| count(*value));
    }

    fn counted(self) -> Result<BTreeMap<String, u64>, TantivyError> {
        let counted = (0..).zip(self.counts).filter(|(_, count)| *count > 0);
        counted.map(|(value, count)| Ok((text(&self.column, value)?, u64::from(count)))).collect()
    }
}

impl Order {
    /// None where the segment lacks the columns: it holds no document then.
    fn new(order: &Ordered, segment: &SegmentReader) -> Result<Option<Self>, TantivyError> {
        let columns = segment.fast_fields();
        let Some(ids) = columns.str("id")? else { return Ok(None) };
        let by = match &order.by {
            Values::Score => Values::Score,
            Values::Text(column) => match columns.str(column)? {
                Some(column) => Values::Text(column),
                None => return Ok(None),
            },
            Values::Number(column) => Values::Number(columns.i64(column)?),
        };
        let after = order.after.as_ref().map(|(key, id)| after(&by, &ids, order.descending, key, id)).transpose()?;
        let first = BinaryHeap::with_capacity(order.limit + 1);
        let (descending, limit) = (order.descending, order.limit);
        Ok(Some(Self { by, ids, descending, limit, after, first, texts: Vec::new(), numbers: Vec::new() }))
    }

    fn take(&mut self, docs: &[DocId], scores: &[Score]) {
        match &self.by {
            Values::Score => {
                for (doc, score) in docs.iter().zip(scores) {
                    self.first.offer(self.limit, self.after.as_ref(), &self.ids, *doc, !u64::from(score.to_bits()));
                }
            }
            Values::Text(column) => {
                self.texts.clear();
                self.texts.resize(docs.len(), None);
                column.ords().first_vals(docs, &mut self.texts);
                for (doc, number) in docs.iter().zip(&self.texts) {
                    let key = number.unwrap_or_default();
                    let key = if self.descending { !key } else { key };
                    self.first.offer(self.limit, self.after.as_ref(), &self.ids, *doc, key);
                }
            }
            Values::Number(column) => {
                self.numbers.clear();
                self.numbers.resize(docs.len(), None);
                column.first_vals(docs, &mut self.numbers);
                for (doc, number) in docs.iter().zip(&self.numbers) {
                    let key = i64_to_u64(number.unwrap_or_default());
                    let key = if self.descending { !key } else { key };
                    self.first.offer(self.limit, self.after.as_ref(), &self.ids, *doc, key);
                }
            }
        }
    }

    fn placed(self, ordinal: SegmentOrdinal) -> Result<Vec<Placed>, TantivyError> {
        let placed = |(key, id, doc): Entry| {
            let key = if self.descending { !key } else { key };
            let key = match &self.by {
                Values::Score => Key::Score(u32::try_from(key).unwrap_or_default()),
                Values::Text(column) => Key::Text(text(column, key)?),
                Values::Number(column) => Key::Number(column.first(doc).unwrap_or_default()),
            };
            Ok(Placed { key, id: text(&self.ids, id)?, address: DocAddress::new(ordinal, doc) })
        };
        self.first.iter().copied().map(placed).collect()
    }
}

/// Keeps the first ones.
trait Offer {
    fn offer(&mut self, limit: usize, after: Option<&After>, ids: &StrColumn, doc: DocId, key: u64);
}

impl Offer for BinaryHeap<Entry> {
    fn offer(&mut self, limit: usize, after: Option<&After>, ids: &StrColumn, doc: DocId, key: u64) {
        if self.len() >= limit && self.peek().is_none_or(|(last, ..)| *last < key) {
            return;
        }
        if after.is_some_and(|after| key < after.key) {
            return;
        }
        let id = ids.ords().first(doc).unwrap_or_default();
        if after.is_some_and(|after| !after.precedes(key, id)) {
            return;
        }
        self.push((key, id, doc));
        if self.len() > limit {
            self.pop();
        }
    }
}

impl After {
    fn precedes(&self, key: u64, id: u64) -> bool {
        key > self.key || (key == self.key && if self.exact { id >= self.id } else { self.inclusive })
    }
}

fn after(
    values: &Values<StrColumn, Column<i64>>,
    ids: &StrColumn,
    descending: bool,
    key: &Key,
    id: &str,
) -> Result<After, TantivyError> {
    // The first id after it: an id that the segment holds is not after itself.
    let id = first_from(ids, id)?;
    let id = id.0 + u64::from(id.1);
    let (key, exact) = match (values, key) {
        (Values::Text(column), Key::Text(key)) => first_from(column, key)?,
        (Values::Number(_), Key::Number(key)) => (i64_to_u64(*key), true),
        (Values::Score, Key::Score(bits)) => (u64::from(*bits), true),
        (Values::Score | Values::Text(_) | Values::Number(_), _) => {
            return Err(TantivyError::InvalidArgument("the place is of another order".to_owned()));
        }
    };
    Ok(After { key: if descending { !key } else { key }, exact, inclusive: !descending, id })
}

/// The number of the first value that is not less, and whether it is equal; one beyond the last where there is none.
fn first_from(column: &StrColumn, value: &str) -> Result<(u64, bool), TantivyError> {
    let terms = column.num_terms() as u64;
    let (mut low, mut high) = (0, terms);
    while low < high {
        let middle = low.midpoint(high);
        if text(column, middle)?.as_str() < value { low = middle + 1 } else { high = middle }
    }
    Ok((low, low < terms && text(column, low)? == value))
}

fn text(column: &StrColumn, number: u64) -> Result<String, TantivyError> {
    let mut text = String::new();
    column.ord_to_str(number, &mut text)?;
    Ok(text)
}
