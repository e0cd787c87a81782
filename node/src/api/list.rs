//! Lists of objects: of a kind or of all that the caller may read, with their payloads where those are asked for.
//!
//! A plain list, by id, is answered from the replica's tables. Orders, filters, facets and totals are the search index's, which
//! finds ids; the objects themselves are always the replica's, as they are at that moment. Out of scope: the queries (`replica`,
//! `search`), tokens (`page`), what is cut of each object (`mask`).

use multaqa_proto::kind::Kind;
use multaqa_proto::text::Lang;
use multaqa_proto::wire::node as wire;
use multaqa_runtime::near::nearest;

use super::mask::{Mask, PAYLOAD};
use super::page::Pages;
use super::read::given;
use super::refusal::Refusal;
use super::{Api, caller, json, page};
use crate::clients::authorise::{Allowed, Asked, Caller};
use crate::clients::names_of_kinds;
use crate::code;
use crate::file::NONE_NEAR;
use crate::replica::{ListQuery, Object, Summary};
use crate::search::{By, Counts, Facet, Found, Order, Place, Search, SearchQuery};

/// The most bytes of payloads that an answer holds; a page ends early where there are more.
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
struct Shape {
    payloads: bool,
    mask: Option<Mask>,
}

impl Api {
    pub(super) async fn list(
        &self,
        caller: &Caller,
        request: wire::ListRequest,
    ) -> Result<wire::ListResponse, Refusal> {
        self.must_serve()?;
        let pages = self.parts.pages.of("List", &query_of(&request));
        let kind = given(request.kind.clone()).map(listed).transpose()?;
        let kinds = readable(caller, kind.as_deref())?;
        let shape = Shape::of(&request, kind.as_deref())?;
        let country = given(request.member.clone()).map(|code| self.member(&code)).transpose()?;
        let (order, lang) = order(&request.order_by)?;
        let limit = page::size(request.page_size, 50, 500);
        let plain = request.filters.is_empty() && request.facets.is_empty() && !request.total;
        self.reached(request.min_position).await?;
        if plain && order == (Order { by: By::Id, descending: false }) {
            let after = pages.place(&request.page_token)?;
            let withdrawn = request.withdrawn;
            let query = ListQuery { kind, kinds, country, after, limit, withdrawn };
            return self.by_id(&query, &shape, &pages).await;
        }
        let country = country.map(|code| wire::Filter { facet: "country".to_owned(), values: vec![code] });
        let filters = request.filters.iter().chain(&country);
        let query = SearchQuery {
            kinds: kind.map(|kind| vec![kind]).or(kinds),
            filters: filters.map(|filter| filtered(&self.parts.search, filter)).collect::<Result<_, _>>()?,
            order,
            limit,
            from: pages.place(&request.page_token)?.unwrap_or(Place::Offset(0)),
            facets: facets(&self.parts.search, &request.facets)?,
            lang,
            withdrawn: request.withdrawn,
            ..SearchQuery::default()
        };
        self.index_reached(request.min_position).await?;
        self.found(query, &shape, &pages, request.total).await
    }

    async fn by_id(&self, query: &ListQuery, shape: &Shape, pages: &Pages) -> Result<wire::ListResponse, Refusal> {
        let (objects, next) = if shape.payloads {
            let found = self.parts.replica.list_whole(query).await?;
            let all = found.items.len();
            let objects = self.objects(found.items, shape);
            let last = objects.last().map(|(id, _)| id.clone());
            let next = if objects.len() < all { last } else { found.next };
            (objects.into_iter().map(|(_, object)| object).collect(), next)
        } else {
            let found = self.parts.replica.list(query).await?;
            (found.items.into_iter().map(|found| self.bare(found, shape)).collect(), found.next)
        };
        Ok(wire::ListResponse {
            objects,
            next_page_token: pages.token(next),
            freshness: Some(self.served()?),
            ..Default::default()
        })
    }

    async fn found(
        &self,
        query: SearchQuery,
        shape: &Shape,
        pages: &Pages,
        total: bool,
    ) -> Result<wire::ListResponse, Refusal> {
        let withdrawn = query.withdrawn;
        let mut found = self.parts.search.find(query.clone()).await?;
        let objects = if shape.payloads {
            let held = self.parts.replica.get_many(&ids(&found)).await?;
            // The index may be a moment behind.
            let held: Vec<Object> = held.into_iter().filter(|held| withdrawn || !held.summary.withdrawn).collect();
            let all = held.len();
            let objects = self.objects(held, shape);
            if objects.len() < all {
                // Where the next page begins, the index says of a page that ends there.
                let fitting = found.hits.iter().position(|hit| Some(&hit.id) == objects.last().map(|(id, _)| id));
                let limit = fitting.map_or(1, |at| u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1));
                found.next = self.parts.search.find(SearchQuery { limit, ..query }).await?.next;
            }
            objects.into_iter().map(|(_, object)| object).collect()
        } else {
            let held = self.parts.replica.summaries(&ids(&found)).await?;
            let held = held.into_iter().filter(|held| withdrawn || !held.withdrawn);
            held.map(|held| self.bare(held, shape)).collect()
        };
        let mut freshness = self.served()?;
        freshness.size = freshness.size.min(found.position.size.0);
        Ok(wire::ListResponse {
            objects,
            next_page_token: pages.token(found.next),
            freshness: Some(freshness),
            facets: found.facets.into_iter().map(counts).collect(),
            total: total.then_some(found.total),
        })
    }

    /// As many of these objects as one answer takes, with their ids and payloads.
    fn objects(&self, found: Vec<Object>, shape: &Shape) -> Vec<(String, wire::ObjectSummary)> {
        let mut objects = Vec::with_capacity(found.len());
        let mut bytes = 0;
        for found in found {
            let id = found.summary.id.clone();
            let object = self.object(found, shape.mask.as_ref());
            bytes += object.payload_json.len();
            if bytes > PAYLOADS_MAX && !objects.is_empty() {
                break;
            }
            objects.push((id, object));
        }
        objects
    }

    fn bare(&self, found: Summary, shape: &Shape) -> wire::ObjectSummary {
        cut(self.summary(found), shape.mask.as_ref())
    }

    /// An object with its payload, as far as the mask goes.
    pub(super) fn object(&self, found: Object, mask: Option<&Mask>) -> wire::ObjectSummary {
        let Object { summary, payload } = found;
        let payload_json = if summary.withdrawn || mask.is_some_and(|mask| !mask.holds(PAYLOAD)) {
            String::new()
        } else {
            json::payload_within(&summary.kind, &payload, mask.and_then(|mask| mask.below(PAYLOAD)))
        };
        cut(wire::ObjectSummary { payload_json, ..self.summary(summary) }, mask)
    }
}

impl Shape {
    fn of(request: &wire::ListRequest, kind: Option<&str>) -> Result<Self, Refusal> {
        let mask = Mask::of(request.read_mask.as_ref(), kind)?;
        let named = request.read_mask.as_ref().is_some_and(|mask| !mask.paths.is_empty());
        let payloads = mask.as_ref().map_or(request.payloads || named, |mask| mask.holds(PAYLOAD));
        Ok(Self { payloads, mask })
    }
}

/// What a token is bound to.
fn query_of(request: &wire::ListRequest) -> wire::ListRequest {
    wire::ListRequest { page_size: 0, page_token: String::new(), min_position: 0, ..request.clone() }
}

fn cut(object: wire::ObjectSummary, mask: Option<&Mask>) -> wire::ObjectSummary {
    match mask {
        Some(mask) => mask.cut_summary(object),
        None => object,
    }
}

fn ids(found: &Found) -> Vec<String> {
    found.hits.iter().map(|hit| hit.id.clone()).collect()
}

/// The order that a text names, and the language of the titles that it is by.
///
/// # Errors
/// `ORDER_UNKNOWN` with the nearest.
pub(super) fn order(text: &str) -> Result<(Order, Lang), Refusal> {
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

/// A filter as the index takes it.
///
/// # Errors
/// `SEARCH_FACET_UNKNOWN`.
pub(super) fn filtered(search: &Search, filter: &wire::Filter) -> Result<(Facet, Vec<String>), Refusal> {
    Ok((search.facet(&filter.facet)?, filter.values.clone()))
}

/// Facets as the index takes them, each once.
///
/// # Errors
/// `SEARCH_FACET_UNKNOWN`.
pub(super) fn facets(search: &Search, names: &[String]) -> Result<Vec<Facet>, Refusal> {
    let mut facets = Vec::new();
    for name in names {
        let facet = search.facet(name)?;
        if !facets.contains(&facet) {
            facets.push(facet);
        }
    }
    Ok(facets)
}

/// Counts on the wire.
pub(super) fn counts(counts: Counts) -> wire::FacetCounts {
    let Counts { facet, values } = counts;
    let values = values.into_iter().map(|(value, count)| wire::FacetValue { value, count }).collect();
    wire::FacetCounts { facet: facet.name().to_owned(), values }
}

/// Kinds that a list is of where it names none; none where that is all kinds, or it names one that the caller may read.
///
/// # Errors
/// The denial.
pub(super) fn readable(caller: &Caller, kind: Option<&str>) -> Result<Option<Vec<String>>, Refusal> {
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
pub(super) fn listed(kind: String) -> Result<String, Refusal> {
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
