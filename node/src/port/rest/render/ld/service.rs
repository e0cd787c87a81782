//! A service as a cpsv:PublicService (CPSV-AP 3.2.0), its endpoint as a dcat:DataService (DCAT-AP 3.0.1).
//!
//! A live call goes through the caller's own node by the service's id, so the endpoint's address is the service's own name and its
//! description document is named by its hash (RFC 6920).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::node::{Node, iri, language, list, message, said, text};
use super::{Graph, Listed, page};

impl Graph<'_> {
    pub(super) fn service(&mut self, listed: &Listed) {
        let Listed { summary, payload } = listed;
        let urn = self.listing.urn(&summary.id);
        let authority = text(payload, "provider").map(|id| self.organisation(id, None)).unwrap_or_default();
        let concept = |graph: &mut Self, list, field| text(payload, field).map(|code| graph.concept(list, code));
        let (kind, status) = (concept(self, "service-type", "service_type"), concept(self, "status", "status"));
        let place = self.place(&summary.member);
        let events: Value = list(payload, "life_events").filter_map(Value::as_str).map(|e| self.event(e)).collect();
        let channels = self.channels(payload, &urn);
        let cost = |(at, cost): (usize, &Value)| self.cost(cost, format!("{urn}:cost:{at}"));
        let costs: Value = list(payload, "costs").enumerate().map(cost).collect();
        let node = Node::of_all(&["cpsv:PublicService", "dcat:Resource"])
            .put("dct:identifier", json!(summary.id))
            .put("dct:title", said(payload, "title"))
            .put("dct:description", said(payload, "description"))
            .put("cv:hasCompetentAuthority", authority.clone())
            .put("dct:type", kind.unwrap_or_default())
            .put("adms:status", status.unwrap_or_default())
            .put("dct:spatial", place)
            .put("cv:sector", self.concepts("cofog", payload, "sectors"))
            .put("cv:thematicArea", self.concepts("sdg-target", payload, "sdg_targets"))
            .put("dct:audience", self.concepts("target-group", payload, "target_groups"))
            .put("cv:isGroupedBy", events)
            .put("dcat:keyword", keywords(payload))
            .put("dct:language", self.languages(payload))
            .put("cv:hasChannel", channels)
            .put("cpsv:hasInput", self.items(payload, "inputs", "cv:Evidence", &urn))
            .put("cpsv:produces", self.items(payload, "outputs", "cv:Output", &urn))
            .put("cv:hasCost", costs)
            .put("cv:processingTime", duration(payload))
            .put("cv:hasLegalResource", list(payload, "legal_basis").map(legal).collect())
            .put("cv:contactPoint", message(payload, "contact").map(contact).unwrap_or_default())
            .put("schema:codeRepository", message(payload, "reuse").and_then(repository).unwrap_or_default())
            .put("dct:accessRights", rights(payload))
            .put("dct:relation", self.related(payload, false))
            .put("cv:relatedService", self.related(payload, true))
            .put("foaf:page", page(self.listing.url(&super::object_path(summary))));
        let service = self.add(urn.clone(), node);
        self.services.push(service);
        if let Some(endpoint) = message(payload, "endpoint") {
            self.endpoint(payload, endpoint, &urn, &authority);
        }
    }

    fn event(&mut self, code: &str) -> Value {
        let (id, names) = self.named("life-event", code);
        let node = Node::of_all(&["cv:LifeEvent", "cv:Event"])
            .put("dct:identifier", json!(code))
            .put("dct:title", names.clone())
            .put("skos:prefLabel", names);
        self.add(id, node)
    }

    fn languages(&self, payload: &Value) -> Value {
        let tags = list(payload, "languages").filter_map(Value::as_str);
        tags.map(|tag| language(tag, |own| self.listing.urn(own))).collect()
    }

    fn channels(&mut self, payload: &Value, urn: &str) -> Value {
        let channel = |(at, channel): (usize, &Value)| {
            let id = format!("{urn}:channel:{at}");
            let kind = text(channel, "type").map(|code| self.concept("channel", code));
            let node = Node::of("cv:Channel")
                .put("dct:identifier", json!(id))
                .put("dct:type", kind.unwrap_or_default())
                .put("dct:description", said(channel, "accessibility"))
                .put("foaf:page", text(channel, "url").map(page).unwrap_or_default());
            self.add(id, node)
        };
        list(payload, "channels").enumerate().map(channel).collect()
    }

    /// What is brought or given.
    fn items(&mut self, payload: &Value, field: &str, class: &str, urn: &str) -> Value {
        let item = |(at, item): (usize, &Value)| {
            let id = format!("{urn}:{field}:{at}");
            let node = Node::of(class)
                .put("dct:identifier", json!(id))
                .put("dct:title", said(item, "name"))
                .put("dct:description", said(item, "description"));
            self.add(id, node)
        };
        list(payload, field).enumerate().map(item).collect()
    }

    fn cost(&mut self, cost: &Value, id: String) -> Value {
        let currency = text(cost, "currency").map(|code| self.concept("currency", code));
        let value = text(cost, "amount").map(|amount| json!({ "@type": "xsd:double", "@value": amount }));
        let node = Node::of("cv:Cost")
            .put("dct:identifier", json!(id))
            .put("cv:hasValue", value.unwrap_or_default())
            .put("cv:currency", currency.unwrap_or_default())
            .put("dct:description", said(cost, "description"));
        self.add(id, node)
    }

    /// Related records: services that the document describes, or all others.
    fn related(&self, payload: &Value, services: bool) -> Value {
        let inside = |id: &&str| self.inside.contains(id) && id.split(':').nth(1) == Some("service");
        let ids = list(payload, "related").filter_map(Value::as_str).filter(|id| inside(id) == services);
        ids.map(|id| json!({ "@id": self.listing.urn(id) })).collect()
    }

    fn endpoint(&mut self, payload: &Value, endpoint: &Value, urn: &str, authority: &Value) {
        let formats = list(endpoint, "media_types").filter_map(Value::as_str).map(|media| {
            let id = format!("http://www.iana.org/assignments/media-types/{}", iri(media));
            json!({ "@id": id, "@type": ["dct:MediaType", "dct:MediaTypeOrExtent"] })
        });
        let standard = text(endpoint, "protocol").map(|protocol| {
            let id = self.listing.urn(&format!("code:protocol:{protocol}"));
            Node::of("dct:Standard").put("rdfs:label", json!(protocol)).with_id(&id)
        });
        let licence = message(payload, "reuse").and_then(|reuse| text(reuse, "licence")).map(super::dataset::licence);
        let node = Node::of("dcat:DataService")
            .put("dct:identifier", json!(format!("{urn}:endpoint")))
            .put("dct:title", said(payload, "title"))
            .put("dct:publisher", authority.clone())
            .put("dcat:endpointURL", json!({ "@id": urn }))
            .put("dcat:endpointDescription", described(endpoint).unwrap_or_default())
            .put("dct:format", formats.collect())
            .put("dct:conformsTo", standard.unwrap_or_default())
            .put("dct:accessRights", rights(payload))
            .put("dct:license", licence.unwrap_or_default())
            .put("dcat:keyword", keywords(payload))
            .put("schema:version", json!(text(endpoint, "version").unwrap_or_default()));
        let endpoint = self.add(format!("{urn}:endpoint"), node);
        self.endpoints.push(endpoint);
    }
}

fn keywords(payload: &Value) -> Value {
    let labels = list(payload, "keywords").filter_map(|keyword| super::texts_of(keyword, "label"));
    labels.flat_map(|labels| labels.as_array().cloned().unwrap_or_default()).collect()
}

fn duration(payload: &Value) -> Value {
    text(payload, "processing_time").map(|time| json!({ "@type": "xsd:duration", "@value": time })).unwrap_or_default()
}

fn legal(basis: &Value) -> Value {
    let node = Node::of("eli:LegalResource").put("dct:title", said(basis, "title"));
    match text(basis, "url") {
        Some(url) => node.with_id(&iri(url)),
        None => node.unnamed(),
    }
}

fn contact(contact: &Value) -> Value {
    Node::of_all(&["cv:ContactPoint", "vcard:Kind"])
        .put("vcard:fn", said(contact, "name"))
        .put("cv:email", json!(text(contact, "email").unwrap_or_default()))
        .put("cv:telephone", json!(text(contact, "telephone").unwrap_or_default()))
        .put("cv:contactPage", text(contact, "url").map(page).unwrap_or_default())
        .unnamed()
}

fn repository(reuse: &Value) -> Option<Value> {
    text(reuse, "repository").map(|url| json!({ "@id": iri(url) }))
}

/// Who may use it: the level, and the policy in words.
fn rights(payload: &Value) -> Value {
    let Some(access) = message(payload, "access") else { return Value::Null };
    Node::of("dct:RightsStatement")
        .put("skos:notation", json!(text(access, "level").unwrap_or_default()))
        .put("rdfs:label", said(access, "policy"))
        .unnamed()
}

/// The name of the description document by its hash; JSON carries the hash in base64.
fn described(endpoint: &Value) -> Option<Value> {
    let hash = STANDARD.decode(text(endpoint, "description_hash")?).ok()?;
    Some(json!({ "@id": format!("ni:///sha-256;{}", URL_SAFE_NO_PAD.encode(hash)) }))
}
