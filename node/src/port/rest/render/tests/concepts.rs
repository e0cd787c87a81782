//! Codes of services as concepts with names, beside the federation's list of sectors.

use multaqa_proto::hash::RecordId;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::text::LanguageMap;
use multaqa_proto::wire::kind::{Codelist, codelist};
use serde_json::json;

use super::ld::catalogue;
use super::*;
use crate::port::rest::render::ld::Codes;
use crate::replica::{Object, Summary};

/// The federation's list of sectors.
pub(super) fn codes() -> Codes {
    let payload = Codelist {
        title: all("القطاعات", "Sectors", "Secteurs"),
        codes: vec![codelist::Code {
            code: "01".to_owned(),
            label: all("الخدمات العمومية العامة", "General public services", "Services généraux"),
            ..Default::default()
        }],
        ..Default::default()
    };
    let summary = Summary {
        id: "x-escwa:codelist:sectors".to_owned(),
        kind: "codelist".to_owned(),
        country: "x-escwa".to_owned(),
        revision: 1,
        record_id: RecordId::default(),
        index: LeafIndex(1),
        audience: Vec::new(),
        authored_at_ms: 0,
        accepted_at_ms: 0,
        title: LanguageMap::new(),
        withdrawn: false,
    };
    let mut codes = Codes::default();
    codes.add(&Object { summary, payload: payload.encode_to_vec().into() });
    codes
}

/// The node of a document that has this address.
fn node<'d>(document: &'d Value, id: &str) -> Option<&'d Value> {
    document["@graph"].as_array().unwrap().iter().find(|node| node["@id"] == id)
}

/// A name of a node by language.
fn name(node: &Value, property: &str, lang: &str) -> Option<String> {
    let names = node[property].as_array()?;
    names.iter().find(|name| name["@language"] == lang).map(|name| name["@value"].as_str().unwrap().to_owned())
}

#[test]
fn every_code_of_a_service_is_a_concept_with_its_names() {
    let document = catalogue("service", [rich(), minimal()]);
    let own = |rest: &str| format!("urn:multaqa:demo.multaqa.example:{rest}");
    let named =
        |id: &str, lang: &str| name(node(&document, id).unwrap_or_else(|| panic!("{id}")), "skos:prefLabel", lang);
    let sector = own("x-escwa:codelist:sectors:01");
    assert_eq!(named(&sector, "fr").as_deref(), Some("Services généraux"));
    assert_eq!(node(&document, &sector).unwrap()["skos:inScheme"]["@id"], own("x-escwa:codelist:sectors"));
    let finer = node(&document, &own("code:cofog:01.3")).unwrap();
    assert_eq!(
        (name(finer, "skos:prefLabel", "und").as_deref(), &finer["skos:broader"]["@id"]),
        (Some("01.3"), &json!(sector))
    );
    let status = own("code:status:production");
    assert_eq!(named(&status, "ar").as_deref(), Some("في الخدمة"));
    assert_eq!(
        name(node(&document, &own("code:status")).unwrap(), "dct:title", "en").as_deref(),
        Some("States of services")
    );
    assert_eq!(named(&own("code:channel:web"), "fr").as_deref(), Some("Site web"));
    let currency = "http://publications.europa.eu/resource/authority/currency/JOD";
    assert_eq!(named(currency, "en").as_deref(), Some("Jordanian dinar"));
    let concepts = document["@graph"].as_array().unwrap().iter().filter(|node| node["@type"] == "skos:Concept");
    for concept in concepts {
        assert!(concept["skos:prefLabel"].is_array() && concept["skos:inScheme"]["@id"].is_string(), "{concept}");
    }
}
