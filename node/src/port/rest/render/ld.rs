//! JSON-LD: services as CPSV-AP 3.2.0, figures as DCAT-AP 3.0.1, in a catalogue whose records say when each came.
//!
//! | kind | becomes |
//! |---|---|
//! | service | cpsv:PublicService, its endpoint a dcat:DataService |
//! | organisation | cv:PublicOrganisation |
//! | indicator | dcat:DatasetSeries |
//! | dataset | dcat:Dataset with its figures as dcat:Distribution |
//! | codelist | skos:ConceptScheme |
//!
//! The context stands in the document, so nobody has to fetch one. Codes are concepts with names in the languages of the network
//! (`concept`). Names that are known nowhere stand as the id with the language `und` (BCP 47), never as a guess; authorities of
//! the European Union name what they are lists of (languages, currencies), all else has a name of this federation's
//! (`urn:multaqa:<federation>:...`). In scope: the documents. Out of scope: gathering the names of organisations, members and
//! codes (`rest`).

mod concept;
mod dataset;
mod node;
mod service;

use std::collections::{BTreeMap, BTreeSet};

use multaqa_proto::text::LanguageMap;
use multaqa_runtime::output::instant;
use serde_json::{Value, json};

pub(in crate::port) use self::concept::Codes;
use self::node::{Node, texts_of};
use super::{DOWNLOAD_BYTES_MAX, DOWNLOAD_ROWS_MAX, Listed, Listing, label, object_path, too_large};
use crate::api::refusal::Refusal;
use crate::code;

/// Media type.
pub(in crate::port) const MEDIA_TYPE: &str = "application/ld+json";
/// The kinds that this format knows.
pub(in crate::port) const KINDS: [&str; 5] = ["service", "organisation", "codelist", "indicator", "dataset"];

/// Names that the objects of a list refer to.
#[derive(Debug, Clone, Default)]
pub(in crate::port) struct Names {
    /// Payloads of organisations by their ids.
    pub(in crate::port) organisations: BTreeMap<String, Value>,
    /// Names of members by their codes.
    pub(in crate::port) members: BTreeMap<String, LanguageMap>,
    /// Names of codes.
    pub(in crate::port) codes: Codes,
}

/// A list that is being gathered.
pub(in crate::port) struct Catalogue {
    listing: Listing,
    objects: Vec<Listed>,
    bytes: usize,
}

impl Catalogue {
    /// # Errors
    /// `FORMAT_NOT_OF_KIND` where the kind has none.
    pub(in crate::port) fn new(listing: Listing) -> Result<Self, Refusal> {
        let kind = listing.kind.map_or("", |kind| kind.name);
        if KINDS.contains(&kind) {
            return Ok(Self { listing, objects: Vec::new(), bytes: 0 });
        }
        let args = [("format", "jsonld".to_owned()), ("kinds", KINDS.join(", "))];
        Err(Refusal::new(code::FORMAT_NOT_OF_KIND, args))
    }

    /// One more object.
    ///
    /// # Errors
    /// `DOWNLOAD_TOO_LARGE` where it would be one too many.
    pub(in crate::port) fn push(&mut self, listed: Listed) -> Result<(), Refusal> {
        self.bytes += listed.payload.to_string().len();
        if self.objects.len() >= DOWNLOAD_ROWS_MAX || self.bytes > DOWNLOAD_BYTES_MAX {
            return Err(too_large());
        }
        if !listed.summary.withdrawn {
            self.objects.push(listed);
        }
        Ok(())
    }

    /// Ids of the organisations whose names the document shows, at most as many as a download has objects.
    pub(in crate::port) fn organisations(&self) -> BTreeSet<String> {
        let provider = |listed: &Listed| listed.payload.get("provider")?.as_str().map(ToOwned::to_owned);
        self.objects.iter().filter_map(provider).collect()
    }

    /// The objects alone, without a catalogue around them.
    pub(in crate::port) fn finish_bare(self, names: &Names) -> Value {
        let Self { listing, objects, .. } = self;
        let mut graph = Graph::new(&listing, names, &objects);
        graph.objects(&objects);
        graph.document()
    }

    /// The document: a dcat:Catalog with everything that its objects refer to.
    pub(in crate::port) fn finish(self, names: &Names) -> Value {
        let Self { listing, objects, .. } = self;
        let mut graph = Graph::new(&listing, names, &objects);
        graph.objects(&objects);
        let records: Value = objects.iter().map(|listed| graph.record(listed)).collect();
        let newest = objects.iter().map(|listed| listed.summary.accepted_at_ms).max();
        graph.catalog(records, newest.map(time));
        graph.document()
    }
}

/// A document that grows.
struct Graph<'a> {
    listing: &'a Listing,
    names: &'a Names,
    /// Ids of the objects that the document describes: only these may be linked to as what they are.
    inside: BTreeSet<&'a str>,
    nodes: BTreeMap<String, Value>,
    services: Vec<Value>,
    datasets: Vec<Value>,
    endpoints: Vec<Value>,
}

impl<'a> Graph<'a> {
    fn new(listing: &'a Listing, names: &'a Names, objects: &'a [Listed]) -> Self {
        let inside = objects.iter().map(|listed| listed.summary.id.as_str()).collect();
        let (nodes, services, datasets, endpoints) = Default::default();
        Self { listing, names, inside, nodes, services, datasets, endpoints }
    }

    /// Adds a node under its own id; the same id names the same thing.
    fn add(&mut self, id: String, node: Node) -> Value {
        let reference = json!({ "@id": id });
        let named = node.with_id(&id);
        self.nodes.entry(id).or_insert(named);
        reference
    }

    fn objects(&mut self, objects: &[Listed]) {
        for listed in objects {
            self.object(listed);
        }
    }

    fn object(&mut self, listed: &Listed) {
        match listed.summary.kind.as_str() {
            "service" => self.service(listed),
            "organisation" => {
                self.organisation(&listed.summary.id, Some(&listed.payload));
            }
            "dataset" => self.dataset(listed),
            "indicator" => self.series(listed),
            "codelist" => self.scheme(listed),
            _ => {}
        }
    }

    /// When an object came into the catalogue.
    fn record(&mut self, listed: &Listed) -> Value {
        let summary = &listed.summary;
        let urn = self.listing.urn(&summary.id);
        let node = Node::of("dcat:CatalogRecord")
            .put("dct:identifier", json!(summary.id))
            .put("dct:issued", time(summary.authored_at_ms))
            .put("dct:modified", time(summary.accepted_at_ms))
            .put("foaf:primaryTopic", json!({ "@id": urn, "@type": "dcat:Resource" }))
            .put("foaf:page", page(self.listing.url(&object_path(summary))));
        self.add(format!("{urn}:record"), node)
    }

    fn catalog(&mut self, records: Value, newest: Option<Value>) {
        let Listing { federation, member, kind, .. } = self.listing;
        let publisher = self.member(member);
        let titles = || node::each_lang(|lang| label::feed(*kind, federation, lang));
        let id = self.listing.urn(&format!("list:{}", kind.map_or("record", |kind| kind.name)));
        let services = std::mem::take(&mut self.services);
        if !services.is_empty() {
            // DCAT-AP has no word for services in a catalogue; in CPSV-AP they are parts of a dataset of descriptions.
            let described = Node::of("dcat:Dataset")
                .put("dct:title", titles())
                .put("dct:description", titles())
                .put("dct:publisher", publisher.clone())
                .put("dct:hasPart", json!(services));
            let described = self.add(format!("{id}:descriptions"), described);
            self.datasets.push(described);
        }
        let node = Node::of("dcat:Catalog")
            .put("dct:title", titles())
            .put("dct:description", titles())
            .put("dct:publisher", publisher)
            .put("dct:modified", newest.unwrap_or_default())
            .put("foaf:homepage", page(self.listing.url("/docs")))
            .put("dcat:dataset", json!(std::mem::take(&mut self.datasets)))
            .put("dcat:service", json!(std::mem::take(&mut self.endpoints)))
            .put("dcat:record", records);
        self.add(id, node);
    }

    /// A member as who publishes.
    fn member(&mut self, code: &str) -> Value {
        let name = self.names.members.get(code).map_or_else(|| node::undetermined(code), node::texts);
        let node = Node::of_all(&["foaf:Agent", "org:Organization"])
            .put("foaf:name", name.clone())
            .put("dct:title", name)
            .put("dct:identifier", json!(code));
        self.add(self.listing.urn(&format!("member:{code}")), node)
    }

    /// The country or body that something belongs to.
    fn place(&mut self, code: &str) -> Value {
        let name = self.names.members.get(code).map_or_else(|| node::undetermined(code), node::texts);
        let node = Node::of("dct:Location").put("dct:identifier", json!(code)).put("skos:prefLabel", name);
        self.add(self.listing.urn(&format!("place:{code}")), node)
    }

    /// An organisation; from the record where there is one.
    fn organisation(&mut self, id: &str, payload: Option<&Value>) -> Value {
        let named = payload.or_else(|| self.names.organisations.get(id));
        let name = named.and_then(|payload| texts_of(payload, "name")).unwrap_or_else(|| node::undetermined(id));
        let place = self.place(id.split(':').next().unwrap_or_default());
        let short = named.and_then(|payload| texts_of(payload, "short_name"));
        let homepage = named.and_then(|payload| node::text(payload, "homepage")).map(page);
        let node = Node::of_all(&["cv:PublicOrganisation", "org:Organization", "foaf:Agent"])
            .put("skos:prefLabel", name.clone())
            .put("skos:altLabel", short.unwrap_or_default())
            .put("foaf:name", name.clone())
            .put("dct:title", name)
            .put("dct:identifier", json!(id))
            .put("dct:spatial", place)
            .put("foaf:homepage", homepage.unwrap_or_default());
        self.add(self.listing.urn(id), node)
    }

    fn document(self) -> Value {
        let graph: Vec<_> = self.nodes.into_values().collect();
        json!({ "@context": node::context(), "@graph": graph })
    }
}

fn time(ms: i64) -> Value {
    json!({ "@type": "xsd:dateTime", "@value": instant(ms) })
}

fn page(url: impl AsRef<str>) -> Value {
    json!({ "@id": node::iri(url.as_ref()), "@type": "foaf:Document" })
}
