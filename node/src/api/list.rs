//! Lists of objects: of a kind or of all that the caller may read, with their payloads where those are asked for.
//!
//! A plain list, by id, is answered from the replica's tables by one statement. Orders, filters, facets and totals are the search
//! index's, which finds ids; the objects themselves are always the replica's, as they are at that moment. The page that they go into
//! is whoever's asks, so that each protocol writes them once (`Page`). Out of scope: the queries (`replica`, `search`), what a filter
//! may say (`filter`), tokens (`page`), what is cut of each object (`mask`).

use bytes::Bytes;
use multaqa_proto::kind::Kind;
use multaqa_proto::log::witness::{Label, Standing};
use multaqa_proto::text::Lang;
use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::Freshness;
use multaqa_runtime::near::nearest;
use prost::Message as _;

use super::filter::counts;
use super::mask::{Mask, Of, PAYLOAD};
use super::page::{Pages, Tagging};
use super::read::{given, summarised};
use super::refusal::Refusal;
use super::{Api, caller, json, page};
use crate::clients::authorise::{Allowed, Asked, Caller};
use crate::clients::names_of_kinds;
use crate::code;
use crate::file::NONE_NEAR;
use crate::replica::{ListQuery, Object, Summary};
use crate::search::{By, Found, Order, SearchQuery};

/// The bytes of payloads after which a page ends, with the object that makes it as many.
const PAYLOADS_MAX: usize = 8 * 1024 * 1024;
/// Orders, and what they are by.
const ORDERS: [(&str, By, Lang); 6] = [
    ("id", By::Id, Lang::Ar),
    ("title.ar", By::Title, Lang::Ar),
    ("title.en", By::Title, Lang::En),
    ("title.fr", By::Title, Lang::Fr),
    ("authored_at_ms", By::Authored, Lang::Ar),
    ("accepted_at_ms", By::Accepted, Lang::Ar),
];

/// What each object of a list is to hold.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) payloads: bool,
    pub(crate) mask: Option<Mask>,
}

/// Where the objects of a page go, one after the other.
pub(crate) trait Page: Send {
    /// Takes an object with its payload, where the shape has payloads; how many bytes of payload it became.
    fn push(&mut self, object: Object, standing: Label, shape: &Shape) -> usize;
}

/// What a page holds besides its objects.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Token of the next page; empty on the last.
    pub(crate) next: String,
    pub(crate) freshness: Freshness,
    pub(crate) facets: Vec<wire::FacetCounts>,
    pub(crate) total: Option<u64>,
    /// Names what the page shows of this query, as it would with payloads where it was read without.
    pub(crate) tag: [u8; 16],
}

/// Which part of a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// All that was asked for.
    Whole,
    /// No payloads: for the tag.
    Bare,
}

impl Api {
    pub(crate) async fn list(
        &self,
        caller: &Caller,
        request: wire::ListRequest,
    ) -> Result<wire::ListResponse, Refusal> {
        let mut objects = Vec::new();
        let Listed { next, freshness, facets, total, tag: _ } =
            self.page(caller, request, Reading::Whole, &mut objects).await?;
        Ok(wire::ListResponse { objects, next_page_token: next, freshness: Some(freshness), facets, total })
    }

    /// A page of a list, whose objects go into `page`.
    pub(crate) async fn page(
        &self,
        caller: &Caller,
        request: wire::ListRequest,
        reading: Reading,
        page: &mut impl Page,
    ) -> Result<Listed, Refusal> {
        self.must_serve()?;
        let pages = self.parts.pages.of("List", &query_of(&request));
        let kind = given(request.kind.clone()).map(listed).transpose()?;
        let kinds = readable(caller, kind.as_deref())?;
        let mut shape = Shape::of(&request, kind.as_deref())?;
        shape.payloads &= reading == Reading::Whole;
        let country = given(request.member.clone()).map(|code| self.member(&code)).transpose()?;
        let (order, lang) = order(&request.order_by)?;
        let limit = page::size(request.page_size, 50, 500);
        let plain = request.filters.is_empty() && request.facets.is_empty() && !request.total;
        self.reached(request.min_position).await?;
        let filling = Filling { page, shape, tagging: pages.tagging(), standing: self.standing() };
        if plain && order == (Order { by: By::Id, descending: false }) {
            let after = pages.place(&request.page_token)?;
            let withdrawn = request.withdrawn;
            let query = ListQuery { kind, kinds, country, after, limit, withdrawn };
            return self.by_id(&query, &pages, filling).await;
        }
        let query = SearchQuery {
            kinds: kind.map(|kind| vec![kind]).or(kinds),
            filters: self.filtered(request.filters, country)?,
            order,
            limit,
            after: pages.place(&request.page_token)?,
            facets: self.facets(&request.facets)?,
            lang,
            withdrawn: request.withdrawn,
            ..SearchQuery::default()
        };
        self.index_reached(request.min_position).await?;
        self.found(query, &pages, request.total, filling).await
    }

    async fn by_id<P: Page>(
        &self,
        query: &ListQuery,
        pages: &Pages,
        mut filling: Filling<'_, P>,
    ) -> Result<Listed, Refusal> {
        let found = if filling.shape.payloads {
            self.parts.replica.list_whole(query).await?
        } else {
            let crate::replica::Page { items, next } = self.parts.replica.list(query).await?;
            crate::replica::Page { items: items.into_iter().map(bare).collect(), next }
        };
        let next = filling.take(found.items).map_or(found.next, Some);
        Ok(filling.end(pages.token(next), self.served()?, Vec::new(), None))
    }

    async fn found<P: Page>(
        &self,
        query: SearchQuery,
        pages: &Pages,
        total: bool,
        mut filling: Filling<'_, P>,
    ) -> Result<Listed, Refusal> {
        let withdrawn = query.withdrawn;
        let mut found = self.parts.search.find(query.clone()).await?;
        let (held, looked) = if filling.shape.payloads {
            self.parts.replica.get_first(&ids(&found)).await?
        } else {
            let held = self.parts.replica.summaries(&ids(&found)).await?;
            (held.into_iter().map(bare).collect(), found.hits.len())
        };
        // What was not looked at any more is on the next page.
        let unread = found.hits.get(looked).and(looked.checked_sub(1)).and_then(|last| found.hits.get(last));
        let unread = unread.map(|last| last.id.clone());
        // The index may be a moment behind.
        let held = held.into_iter().filter(|held| withdrawn || !held.summary.withdrawn).collect();
        if let Some(last) = filling.take(held).or(unread) {
            // Where the next page begins, the index says of a page that ends there.
            let fitting = found.hits.iter().position(|hit| hit.id == last);
            let limit = fitting.map_or(1, |at| u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1));
            found.next = self.parts.search.find(SearchQuery { limit, ..query }).await?.next;
        }
        let mut freshness = self.served()?;
        freshness.size = freshness.size.min(found.position.size.0);
        let facets = found.facets.into_iter().map(counts).collect();
        Ok(filling.end(pages.token(found.next), freshness, facets, total.then_some(found.total)))
    }

    /// How far the log is vouched for at this moment, without who does.
    fn standing(&self) -> Standing {
        let standing = self.parts.standing.borrow();
        Standing { witnessed: standing.witnessed, stable: standing.stable, ..Standing::default() }
    }

    /// An object with its payload, as far as the mask goes.
    pub(crate) fn object(&self, found: Object, mask: Option<&Mask>) -> wire::ObjectSummary {
        let standing = self.parts.standing.borrow().label(found.summary.index);
        shown(found, standing, mask)
    }
}

/// A page that is filled.
struct Filling<'p, P> {
    page: &'p mut P,
    shape: Shape,
    tagging: Tagging,
    /// As it is for all of the page.
    standing: Standing,
}

impl<P: Page> Filling<'_, P> {
    /// Takes objects until they are as much as one answer holds; the id of the last one where others are left.
    fn take(&mut self, objects: Vec<Object>) -> Option<String> {
        let (mut bytes, mut left) = (0, objects.len());
        for object in objects {
            let standing = self.standing.label(object.summary.index);
            self.tagging.add(&entry_of(&object.summary, standing));
            let id = object.summary.id.clone();
            bytes += self.page.push(object, standing, &self.shape);
            left -= 1;
            if bytes > PAYLOADS_MAX && left > 0 {
                return Some(id);
            }
        }
        None
    }

    fn end(mut self, next: String, freshness: Freshness, facets: Vec<wire::FacetCounts>, total: Option<u64>) -> Listed {
        self.tagging.add(next.as_bytes());
        for facet in &facets {
            self.tagging.add(&facet.encode_to_vec());
        }
        self.tagging.add(&total.map_or_else(Vec::new, |total| total.to_be_bytes().to_vec()));
        Listed { next, freshness, facets, total, tag: self.tagging.tag() }
    }
}

/// What decides what is shown of an object: the record that it is as, that record's place, and how far others vouch for it. An object
/// that is withdrawn is as its tombstone, so what erases a payload makes another entry of it.
fn entry_of(summary: &Summary, standing: Label) -> Vec<u8> {
    let numbers = [summary.index.0, summary.accepted_at_ms.cast_unsigned()];
    let mut entry: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    entry.extend_from_slice(&summary.record_id.0);
    entry.push(u8::from(summary.withdrawn));
    entry.extend_from_slice(standing.as_str().as_bytes());
    entry
}

impl Page for Vec<wire::ObjectSummary> {
    fn push(&mut self, object: Object, standing: Label, shape: &Shape) -> usize {
        let object = if shape.payloads {
            shown(object, standing, shape.mask.as_ref())
        } else {
            summarised(object.summary, standing, shape.mask.as_ref())
        };
        let bytes = object.payload_json.len();
        self.push(object);
        bytes
    }
}

/// An object on the wire with its payload, as far as the mask goes.
fn shown(found: Object, standing: Label, mask: Option<&Mask>) -> wire::ObjectSummary {
    let Object { summary, payload } = found;
    let payload_json = if summary.withdrawn || mask.is_some_and(|mask| !mask.holds(PAYLOAD)) {
        String::new()
    } else {
        json::payload_within(&summary.kind, &payload, mask.and_then(|mask| mask.below(PAYLOAD)))
    };
    wire::ObjectSummary { payload_json, ..summarised(summary, standing, mask) }
}

fn bare(summary: Summary) -> Object {
    Object { summary, payload: Bytes::new() }
}

impl Shape {
    fn of(request: &wire::ListRequest, kind: Option<&str>) -> Result<Self, Refusal> {
        let mask = Mask::of(request.read_mask.as_ref(), Of::Objects(kind))?;
        let named = request.read_mask.as_ref().is_some_and(|mask| !mask.paths.is_empty());
        let payloads = mask.as_ref().map_or(request.payloads || named, |mask| mask.holds(PAYLOAD));
        Ok(Self { payloads, mask })
    }

    /// Whether a page shows a field of this name of each object.
    pub(crate) fn shows(&self, name: &str) -> bool {
        self.mask.as_ref().map_or(name != PAYLOAD || self.payloads, |mask| mask.holds(name))
    }
}

/// What a token is bound to.
fn query_of(request: &wire::ListRequest) -> wire::ListRequest {
    wire::ListRequest { page_size: 0, page_token: String::new(), min_position: 0, ..request.clone() }
}

fn ids(found: &Found) -> Vec<String> {
    found.hits.iter().map(|hit| hit.id.clone()).collect()
}

/// The order that a text names, and the language of the titles that it is by.
///
/// # Errors
/// `ORDER_UNKNOWN` with the nearest.
pub(crate) fn order(text: &str) -> Result<(Order, Lang), Refusal> {
    let mut words = text.split_ascii_whitespace();
    let name = words.next().unwrap_or("id");
    let descending = match words.next() {
        None | Some("asc") => Some(false),
        Some("desc") => Some(true),
        Some(_) => None,
    };
    let known = ORDERS.iter().find(|(known, ..)| *known == name);
    if let (Some(&(_, by, lang)), Some(descending), None) = (known, descending, words.next()) {
        return Ok((Order { by, descending }, lang));
    }
    let names = || ORDERS.iter().map(|(name, ..)| *name);
    let nearest = nearest(name, names()).unwrap_or(NONE_NEAR).to_owned();
    let (order, orders) = (text.chars().take(80).collect(), names().collect::<Vec<_>>().join(", "));
    Err(Refusal::new(code::ORDER_UNKNOWN, [("order", order), ("nearest", nearest), ("orders", orders)]))
}

/// Kinds that a list is of where it names none; none where that is all kinds, or it names one that the caller may read.
///
/// # Errors
/// The denial.
pub(crate) fn readable(caller: &Caller, kind: Option<&str>) -> Result<Option<Vec<String>>, Refusal> {
    if let Some(kind) = kind {
        caller::may(caller, &Asked::Read { kind: Some(kind), resource: &collection(kind) })?;
        return Ok(None);
    }
    match caller::may_read_of(caller, "records")? {
        Allowed::All => Ok(None),
        Allowed::Kinds(kinds) => Ok(Some(kinds)),
    }
}

/// What a denial names of a list: the collection, which is the same word in every language.
fn collection(kind: &str) -> String {
    let known = Kind::find(kind).and_then(|known| known.collection);
    known.unwrap_or(kind).to_owned()
}

/// A kind whose objects the replica has.
///
/// # Errors
/// `LIST_KIND_UNKNOWN` with the nearest.
pub(crate) fn listed(kind: String) -> Result<String, Refusal> {
    let kinds = names_of_kinds;
    if kinds().any(|name| name == kind) {
        return Ok(kind);
    }
    let near = nearest(&kind, kinds()).unwrap_or(NONE_NEAR).to_owned();
    let kinds = kinds().collect::<Vec<_>>().join(", ");
    Err(Refusal::new(code::LIST_KIND_UNKNOWN, [("kind", kind), ("nearest", near), ("kinds", kinds)]))
}

#[cfg(test)]
mod tests;
