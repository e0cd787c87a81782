//! Going through all that matches once: how many there are, how many have which value of a facet, and the first ones in an order.
//!
//! Within a segment values are compared by their numbers in its dictionary, which are in the order of the values; across segments by
//! themselves. In scope: orders by fields. Out of scope: order by relevance, for which the index looks only at the best (`find`).

use std::collections::{BTreeMap, BinaryHeap};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader, TantivyError, i64_to_u64};

use super::ask::{Facet, Place};
use super::fields::facet_name;

/// In which order the first ones are wanted.
#[derive(Debug, Clone)]
pub(super) struct Ordered {
    /// Name of the column.
    pub(super) column: String,
    /// Whether it holds texts; else numbers.
    pub(super) text: bool,
    pub(super) descending: bool,
    /// How many.
    pub(super) limit: usize,
    /// After which key and id.
    pub(super) after: Option<(Key, String)>,
}

/// What is gathered.
#[derive(Debug, Clone)]
pub(super) struct Gather {
    pub(super) order: Option<Ordered>,
    pub(super) facets: Vec<Facet>,
}

/// By what a hit is ordered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
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
        if self.text { Some(Key::Text(text.to_owned())) } else { text.parse().ok().map(Key::Number) }
    }
}

impl Placed {
    /// The place after it.
    pub(super) fn place(&self) -> Place {
        let key = match &self.key {
            Key::Text(text) => text.clone(),
            Key::Number(number) => number.to_string(),
        };
        Place::After(key, self.id.clone())
    }
}

/// The values that order a segment.
enum Values {
    Text(StrColumn),
    Number(Column<i64>),
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
    values: Values,
    ids: StrColumn,
    descending: bool,
    limit: usize,
    after: Option<After>,
    /// The greatest on top.
    first: BinaryHeap<Entry>,
}

/// Goes through one segment.
pub(super) struct Segment {
    ordinal: SegmentOrdinal,
    total: u64,
    order: Option<Order>,
    facets: Vec<Option<(StrColumn, Vec<u32>)>>,
}

impl Collector for Gather {
    type Fruit = Gathered;
    type Child = Segment;

    fn for_segment(&self, ordinal: SegmentOrdinal, segment: &SegmentReader) -> Result<Segment, TantivyError> {
        let columns = segment.fast_fields();
        let facets = self.facets.iter().map(|facet| {
            let column = columns.str(&facet_name(*facet))?;
            Ok(column.map(|column| (column.clone(), vec![0; column.num_terms()])))
        });
        Ok(Segment {
            ordinal,
            total: 0,
            order: self.order.as_ref().map(|order| Order::new(order, segment)).transpose()?.flatten(),
            facets: facets.collect::<Result<_, TantivyError>>()?,
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Result<Gathered, TantivyError>>) -> Result<Gathered, TantivyError> {
        let mut all = Gathered { facets: vec![BTreeMap::new(); self.facets.len()], ..Gathered::default() };
        for segment in segments {
            let Gathered { total, first, facets } = segment?;
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
        Ok(all)
    }
}

impl Order {
    /// None where the segment lacks the columns: it holds no document then.
    fn new(order: &Ordered, segment: &SegmentReader) -> Result<Option<Self>, TantivyError> {
        let columns = segment.fast_fields();
        let Some(ids) = columns.str("id")? else { return Ok(None) };
        let values = if order.text {
            let Some(column) = columns.str(&order.column)? else { return Ok(None) };
            Values::Text(column)
        } else {
            Values::Number(columns.i64(&order.column)?)
        };
        let after =
            order.after.as_ref().map(|(key, id)| after(&values, &ids, order.descending, key, id)).transpose()?;
        Ok(Some(Self {
            values,
            ids,
            descending: order.descending,
            limit: order.limit,
            after,
            first: BinaryHeap::with_capacity(order.limit + 1),
        }))
    }

    fn collect(&mut self, doc: DocId) {
        let key = match &self.values {
            Values::Text(column) => column.ords().first(doc).unwrap_or_default(),
            Values::Number(column) => i64_to_u64(column.first(doc).unwrap_or_default()),
        };
        let key = if self.descending { !key } else { key };
        if self.first.len() >= self.limit && self.first.peek().is_none_or(|(last, ..)| *last < key) {
            return;
        }
        let id = self.ids.ords().first(doc).unwrap_or_default();
        if self.after.as_ref().is_some_and(|after| !after.precedes(key, id)) {
            return;
        }
        self.first.push((key, id, doc));
        if self.first.len() > self.limit {
            self.first.pop();
        }
    }

    fn placed(self, ordinal: SegmentOrdinal) -> Result<Vec<Placed>, TantivyError> {
        let placed = |(key, id, doc): Entry| {
            let key = if self.descending { !key } else { key };
            let key = match &self.values {
                Values::Text(column) => Key::Text(text(column, key)?),
                Values::Number(column) => Key::Number(column.first(doc).unwrap_or_default()),
            };
            Ok(Placed { key, id: text(&self.ids, id)?, address: DocAddress::new(ordinal, doc) })
        };
        self.first.iter().copied().map(placed).collect()
    }
}

impl After {
    fn precedes(&self, key: u64, id: u64) -> bool {
        key > self.key || (key == self.key && if self.exact { id >= self.id } else { self.inclusive })
    }
}

fn after(values: &Values, ids: &StrColumn, descending: bool, key: &Key, id: &str) -> Result<After, TantivyError> {
    // The first id after it: an id that the segment holds is not after itself.
    let id = first_from(ids, id)?;
    let id = id.0 + u64::from(id.1);
    let (key, exact) = match (values, key) {
        (Values::Text(column), Key::Text(key)) => first_from(column, key)?,
        (Values::Number(_), Key::Number(key)) => (i64_to_u64(*key), true),
        (Values::Text(_), Key::Number(_)) | (Values::Number(_), Key::Text(_)) => {
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

impl SegmentCollector for Segment {
    type Fruit = Result<Gathered, TantivyError>;

    fn collect(&mut self, doc: DocId, _score: Score) {
        self.total += 1;
        if let Some(order) = &mut self.order {
            order.collect(doc);
        }
        for (column, counts) in self.facets.iter_mut().flatten() {
            for value in column.term_ords(doc) {
                if let Some(count) = usize::try_from(value).ok().and_then(|value| counts.get_mut(value)) {
                    *count += 1;
                }
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        let facets = self.facets.into_iter().map(|facet| {
            let mut values = BTreeMap::new();
            let Some((column, counts)) = facet else { return Ok(values) };
            for (value, count) in (0..).zip(counts).filter(|(_, count)| *count > 0) {
                values.insert(text(&column, value)?, u64::from(count));
            }
            Ok(values)
        });
        Ok(Gathered {
            total: self.total,
            facets: facets.collect::<Result<_, TantivyError>>()?,
            first: self.order.map(|order| order.placed(self.ordinal)).transpose()?.unwrap_or_default(),
        })
    }
}
