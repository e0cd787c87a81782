//! Figures as DCAT-AP 3.0.1: an indicator is a series, a dataset is a dataset of it; a code list is a SKOS scheme.

use serde_json::{Value, json};

use super::node::{Node, iri, list, said, text, undetermined};
use super::{Graph, Listed, page, time};
use crate::port::rest::call::part;

impl Graph<'_> {
    pub(super) fn dataset(&mut self, listed: &Listed) {
        let Listed { summary, payload } = listed;
        let urn = self.listing.urn(&summary.id);
        let publisher = self.member(&summary.member);
        let indicator = text(payload, "indicator").unwrap_or_default();
        let figures = format!("/v1/indicators/{}/observations", part(indicator));
        let distribution = Node::of("dcat:Distribution")
            .put("dct:title", said(payload, "title"))
            .put("dcat:accessURL", json!({ "@id": self.listing.url(&figures) }))
            .put("dct:license", text(payload, "licence").map(licence).unwrap_or_default());
        let distribution = self.add(format!("{urn}:figures"), distribution);
        let provenance =
            text(payload, "provenance").map(|told| Node::of("dct:ProvenanceStatement").put("rdfs:label", json!(told)));
        let series = json!({ "@id": self.listing.urn(indicator) });
        let inside = self.inside.contains(indicator);
        let node = Node::of_all(&["dcat:Dataset", "dcat:Resource"])
            .put("dct:identifier", json!(summary.id))
            .put("dct:title", said(payload, "title"))
            .put("dct:description", source(payload).unwrap_or_else(|| said(payload, "title")))
            .put("dct:publisher", publisher)
            .put("dct:issued", time(summary.authored_at_ms))
            .put("dct:modified", time(summary.accepted_at_ms))
            .put("dct:provenance", provenance.map(Node::unnamed).unwrap_or_default())
            .put("dcat:landingPage", text(payload, "source_url").map(page).unwrap_or_default())
            .put("dcat:distribution", distribution)
            .put(if inside { "dcat:inSeries" } else { "dct:relation" }, series);
        let dataset = self.add(urn, node);
        self.datasets.push(dataset);
    }

    pub(super) fn series(&mut self, listed: &Listed) {
        let Listed { summary, payload } = listed;
        let publisher = self.member(&summary.member);
        let node = Node::of_all(&["dcat:DatasetSeries", "dcat:Resource"])
            .put("dct:identifier", json!(summary.id))
            .put("skos:notation", json!(text(payload, "code").unwrap_or_default()))
            .put("dct:title", said(payload, "name"))
            .put("dct:description", said(payload, "definition"))
            .put("dct:publisher", publisher)
            .put("dct:issued", time(summary.authored_at_ms))
            .put("dct:modified", time(summary.accepted_at_ms))
            .put("dcat:landingPage", text(payload, "source_url").map(page).unwrap_or_default());
        self.add(self.listing.urn(&summary.id), node);
    }

    pub(super) fn scheme(&mut self, listed: &Listed) {
        let Listed { summary, payload } = listed;
        let urn = self.listing.urn(&summary.id);
        for code in list(payload, "codes") {
            let Some(notation) = text(code, "code") else { continue };
            let of = |code: &str| format!("{urn}:{}", part(code));
            let broader = text(code, "broader").map(|code| json!({ "@id": of(code) }));
            let node = Node::of("skos:Concept")
                .put("skos:notation", json!(notation))
                .put("skos:prefLabel", said(code, "label"))
                .put("skos:definition", said(code, "definition"))
                .put("skos:inScheme", json!({ "@id": urn }))
                .put("skos:broader", broader.unwrap_or_default());
            self.add(of(notation), node);
        }
        let node = Node::of_all(&["skos:ConceptScheme", "dcat:Resource"])
            .put("dct:identifier", json!(summary.id))
            .put("dct:title", said(payload, "title"))
            .put("dct:description", said(payload, "description"))
            .put("schema:version", json!(text(payload, "version").unwrap_or_default()))
            .put("foaf:page", text(payload, "source_url").map(page).unwrap_or_default());
        self.add(urn, node);
    }
}

/// A licence: its SPDX address where it is an identifier, else what it is called.
pub(super) fn licence(licence: &str) -> Value {
    let identifier = licence.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.+".contains(&byte));
    if identifier {
        return json!({ "@id": iri(&format!("https://spdx.org/licenses/{licence}")), "@type": "dct:LicenseDocument" });
    }
    Node::of("dct:LicenseDocument").put("rdfs:label", json!(licence)).unnamed()
}

/// Who published the figures: the one thing that a dataset says of itself in words, in no language.
fn source(payload: &Value) -> Option<Value> {
    text(payload, "source").map(undetermined)
}
