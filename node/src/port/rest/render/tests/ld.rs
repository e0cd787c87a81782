//! JSON-LD as pyshacl judges it by the published shapes.

use multaqa_proto::wire::kind::{Codelist, Dataset, Indicator, Organisation, codelist};

use super::super::ld::{Catalogue, Names};
use super::*;

fn organisation() -> Listed {
    let name = all("وزارة الاقتصاد الرقمي", "Ministry of Digital Economy", "Ministère de l'économie numérique");
    let payload = Organisation {
        name: name.clone(),
        r#type: "ministry".to_owned(),
        homepage: "https://modee.jo.example/".to_owned(),
        ..Default::default()
    };
    listed("JO:organisation:modee", 3, name, &payload)
}

fn names() -> Names {
    let name = texts(&[("ar", "الأردن"), ("en", "Jordan")]);
    Names {
        organisations: [("JO:organisation:modee".to_owned(), organisation().payload)].into(),
        members: [("JO".to_owned(), name.into_iter().collect())].into(),
        codes: super::concepts::codes(),
    }
}

/// What pyshacl finds in a document.
fn judged(document: &Value) -> Option<Value> {
    let Some(dir) = std::env::var_os("CONFORMANCE_DIR") else {
        assert!(std::env::var("CI").is_err(), "CI must set CONFORMANCE_DIR");
        eprintln!("skipped: CONFORMANCE_DIR is not set");
        return None;
    };
    let shapes = ["cpsv-ap-3.2.0.ttl", "dcat-ap-3.0.1.ttl"].map(|name| Path::new(&dir).join("shapes").join(name));
    read("jsonld", document.to_string().as_bytes(), &shapes)
}

pub(super) fn catalogue(kind: &str, objects: impl IntoIterator<Item = Listed>) -> Value {
    let mut catalogue = Catalogue::new(listing(Some(kind), Texts::Each)).unwrap();
    objects.into_iter().for_each(|listed| catalogue.push(listed).unwrap());
    catalogue.finish(&names())
}

#[test]
fn services_conform_to_the_published_shapes() {
    for objects in [vec![rich(), minimal()], vec![minimal()], vec![]] {
        let count = objects.len();
        let Some(found) = judged(&catalogue("service", objects)) else { return };
        assert!(found["conforms"] == true, "{}", found["text"]);
        assert_eq!(found["classes"]["PublicService"].as_u64().unwrap_or(0), count as u64);
        assert_eq!(found["classes"]["CatalogRecord"].as_u64().unwrap_or(0), count as u64);
        assert_eq!(found["classes"]["Catalog"], 1);
    }
    for one in [rich(), minimal()] {
        let mut catalogue = Catalogue::new(listing(Some("service"), Texts::Each)).unwrap();
        catalogue.push(one).unwrap();
        let document = catalogue.finish_bare(&names());
        let found = judged(&document).unwrap();
        assert!(found["conforms"] == true && found["classes"]["PublicService"] == 1, "{}", found["text"]);
    }
}

#[test]
fn a_broken_document_is_found_not_to_conform() {
    let remove = |class: &str, property: &str| {
        let mut document = catalogue("service", [rich()]);
        let of = |node: &&mut Value| node["@type"].to_string().contains(class);
        let node = document["@graph"].as_array_mut().unwrap().iter_mut().find(of).unwrap();
        node.as_object_mut().unwrap().remove(property).unwrap();
        document
    };
    for (class, property) in [
        ("cpsv:PublicService", "dct:title"),
        ("cpsv:PublicService", "cv:hasCompetentAuthority"),
        ("cv:PublicOrganisation", "dct:spatial"),
        ("dcat:DataService", "dcat:endpointURL"),
        ("dcat:Catalog\"", "dct:publisher"),
        ("cv:Cost", "dct:identifier"),
    ] {
        let Some(found) = judged(&remove(class, property)) else { return };
        assert_eq!(found["conforms"], false, "{class} without {property}");
    }
}

#[test]
fn what_else_is_listed_conforms_too() {
    let text = |en: &str| texts(&[("en", en)]);
    let indicator = Indicator {
        code: "EGDI".to_owned(),
        name: text("Index"),
        definition: text("What it measures"),
        source_url: "https://figures.example/egdi".to_owned(),
        ..Default::default()
    };
    let dataset = Dataset {
        indicator: "x-escwa:indicator:egdi".to_owned(),
        title: text("Figures"),
        source: "The publisher".to_owned(),
        provenance: "As published".to_owned(),
        licence: "CC BY 4.0, as the publisher says".to_owned(),
        ..Default::default()
    };
    let code = |code: &str, broader: &str| codelist::Code {
        code: code.to_owned(),
        label: text(code),
        broader: broader.to_owned(),
        ..Default::default()
    };
    let codes = Codelist { title: text("Groups"), codes: vec![code("a", ""), code("b", "a")], ..Default::default() };
    let lists = [
        catalogue("organisation", [organisation()]),
        catalogue("indicator", [listed("x-escwa:indicator:egdi", 1, indicator.name.clone(), &indicator)]),
        catalogue("dataset", [listed("x-escwa:dataset:egdi", 2, dataset.title.clone(), &dataset)]),
        catalogue("codelist", [listed("x-escwa:codelist:groups", 3, codes.title.clone(), &codes)]),
    ];
    for (list, class) in lists.iter().zip(["PublicOrganisation", "DatasetSeries", "Dataset", "ConceptScheme"]) {
        let Some(found) = judged(list) else { return };
        assert!(found["conforms"] == true && found["classes"][class] == 1, "{class}: {}", found["text"]);
    }
}

#[test]
fn what_has_no_form_in_a_format_is_refused_by_name() {
    let refused = Catalogue::new(listing(None, Texts::Each)).err().unwrap();
    assert_eq!(refused.code, "FORMAT_NOT_OF_KIND");
}
