//! The formats as programs read them that we did not write: Python's csv, openpyxl, feedparser, and pyshacl over the published
//! shapes of CPSV-AP and DCAT-AP.
//!
//! `FOREIGN_PYTHON` names an interpreter that has them, `CONFORMANCE_DIR` the shapes; CI must set both.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use multaqa_proto::wire::kind::{Codelist, Dataset, Indicator, Organisation, Service, codelist, dataset, service};
use prost::Message;
use serde_json::json;

use super::csv::Csv;
use super::ld::{Catalogue, Names};
use super::xlsx::Xlsx;
use super::*;
use crate::api::json;

type Texts3 = HashMap<String, String>;

/// What a list of this kind says besides its objects.
pub(super) fn listing(kind: Option<&str>, texts: Texts) -> Listing {
    Listing {
        federation: "demo.multaqa.example".to_owned(),
        member: "JO".to_owned(),
        origin: "https://node.jo.example:7443".to_owned(),
        path: "/v1/services?member=JO&pageSize=2".to_owned(),
        next: Some("/v1/services?member=JO&pageSize=2&pageToken=abc".to_owned()),
        kind: kind.map(|kind| Kind::find(kind).unwrap()),
        lang: Lang::En,
        texts,
        fields: Vec::new(),
        as_of_ms: 1_767_225_600_000,
    }
}

fn listed(id: &str, index: u64, title: Texts3, payload: &impl Message) -> Listed {
    let kind = id.split(':').nth(1).unwrap();
    let summary = ObjectSummary {
        id: id.to_owned(),
        kind: kind.to_owned(),
        member: id.split(':').next().unwrap().to_owned(),
        revision: 1,
        title,
        audience: vec!["states".to_owned(), "member:x-escwa".to_owned()],
        authored_at_ms: 1_767_000_000_000,
        accepted_at_ms: 1_767_000_000_000 + i64::try_from(index).unwrap() * 60_000,
        index,
        standing: "stable".to_owned(),
        ..Default::default()
    };
    let payload = serde_json::from_str(&json::payload(kind, &payload.encode_to_vec())).unwrap();
    Listed { summary, payload }
}

fn texts(pairs: &[(&str, &str)]) -> Texts3 {
    pairs.iter().map(|(lang, text)| ((*lang).to_owned(), (*text).to_owned())).collect()
}

fn all(ar: &str, en: &str, fr: &str) -> Texts3 {
    texts(&[("ar", ar), ("en", en), ("fr", fr)])
}

/// A service with every field of the schema.
fn rich() -> Listed {
    let title = all("سند: <الهوية> & «التوقيع»", "=Sanad <identity> & \"signature\"", "Sanad : identité");
    let list = |items: &[&str]| items.iter().map(|&item| item.to_owned()).collect::<Vec<_>>();
    let item =
        || service::Item { name: all("طلب", "Form", "Formulaire"), description: texts(&[("ar", "نموذج")]) };
    let word = |ar: &str, en: &str| service::Keyword { label: texts(&[("ar", ar), ("en", en)]) };
    let payload = Service {
        title: title.clone(),
        description: all("وصف، من سطرين\nثانٍ", "Two lines,\r\nhere", "Deux lignes"),
        provider: "JO:organisation:modee".to_owned(),
        service_type: "verification".to_owned(),
        sectors: list(&["01.3", "04"]),
        life_events: list(&["starting-a-business"]),
        keywords: vec![word("هوية", "identity"), word("توقيع", "-signature")],
        target_groups: list(&["youth", "rural"]),
        channels: vec![
            service::Channel {
                r#type: "web".to_owned(),
                url: "https://sanad.jo.example/a b?q={x}".to_owned(),
                accessibility: all("متوافق", "WCAG 2.2 AA", "WCAG 2.2 AA"),
            },
            service::Channel { r#type: "office".to_owned(), ..Default::default() },
        ],
        languages: list(&["ar", "en", "ber"]),
        status: "production".to_owned(),
        status_since: "2022-05".to_owned(),
        maturity: 4,
        sdg_targets: list(&["16.6", "16.10"]),
        reuse: Some(service::Reuse {
            offer: "code".to_owned(),
            repository: "https://code.jo.example/sanad".to_owned(),
            licence: "Apache-2.0".to_owned(),
        }),
        inputs: vec![item(), item()],
        outputs: vec![item()],
        costs: vec![service::Cost {
            amount: "2.500".to_owned(),
            currency: "JOD".to_owned(),
            description: texts(&[("en", "a year")]),
        }],
        processing_time: "PT15M".to_owned(),
        satisfaction: Some("87.50".to_owned()),
        legal_basis: vec![
            service::LegalBasis { title: all("قانون", "Law", "Loi"), url: "https://law.jo.example/15".to_owned() },
            service::LegalBasis { title: texts(&[("ar", "نظام")]), url: String::new() },
        ],
        contact: Some(service::Contact {
            name: all("الدعم", "Support", "Assistance"),
            email: "help@sanad.jo.example".to_owned(),
            telephone: "+96265300222".to_owned(),
            url: "https://sanad.jo.example/help".to_owned(),
        }),
        endpoint: Some(service::Endpoint {
            protocol: "rest".to_owned(),
            description_hash: vec![7; 32],
            operations: list(&["verify"]),
            media_types: list(&["application/json"]),
            version: "2.1".to_owned(),
            environment: "production".to_owned(),
        }),
        access: Some(service::Access {
            level: "members".to_owned(),
            policy: all("باتفاق", "By agreement", "Sur accord"),
        }),
        service_level: all("99,9", "99.9", "99,9"),
        assurance_level: "high".to_owned(),
        related: list(&["JO:service:minimal", "EG:service:elsewhere"]),
    };
    listed("JO:service:sanad", 7, title, &payload)
}

/// A service with what is required and no more, in one language, of an organisation that nobody knows.
fn minimal() -> Listed {
    let title = texts(&[("ar", "خدمة")]);
    let payload = Service {
        title: title.clone(),
        description: title.clone(),
        provider: "JO:organisation:unknown".to_owned(),
        service_type: "information".to_owned(),
        status: "planned".to_owned(),
        ..Default::default()
    };
    listed("JO:service:minimal", 9, title, &payload)
}

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
    }
}

/// What a program that we did not write finds in bytes; none where the machine lacks it.
fn read(what: &str, bytes: &[u8], more: &[PathBuf]) -> Option<Value> {
    let Ok(python) = std::env::var("FOREIGN_PYTHON") else {
        assert!(std::env::var("CI").is_err(), "CI must set FOREIGN_PYTHON");
        eprintln!("skipped: FOREIGN_PYTHON is not set");
        return None;
    };
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rendered");
    std::fs::write(&file, bytes).unwrap();
    let script = home.join("tests/foreign/formats.py");
    let output = Command::new(home.join(python)).arg(script).arg(what).arg(&file).args(more).output().unwrap();
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
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

fn catalogue(kind: &str, objects: impl IntoIterator<Item = Listed>) -> Value {
    let mut catalogue = Catalogue::new(listing(Some(kind), Texts::Each)).unwrap();
    objects.into_iter().for_each(|listed| catalogue.push(listed).unwrap());
    catalogue.finish(&names())
}

fn row(read: &Value, at: usize) -> HashMap<String, Value> {
    let head = read["head"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
    head.zip(read["rows"][at].as_array().unwrap().iter().cloned()).collect()
}

#[test]
fn python_reads_the_csv_as_it_was_written() {
    let mut csv = Csv::new(&listing(Some("service"), Texts::Each), true).unwrap();
    for listed in [rich(), minimal()] {
        csv.push(&listed).unwrap();
    }
    let Some(read) = read("csv", &csv.finish().unwrap(), &[]) else { return };
    assert_eq!(read["mark"], true);
    let (rich, minimal) = (row(&read, 0), row(&read, 1));
    let head: Vec<_> = read["head"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(head[..5], ["id", "kind", "member", "revision", "standing"]);
    let title = head.iter().position(|name| *name == "title.ar").unwrap();
    assert_eq!(head[title..title + 4], ["title.ar", "title.en", "title.fr", "description.ar"]);
    for (column, expected) in [
        ("id", "JO:service:sanad"),
        ("audience", "states; member:x-escwa"),
        ("accepted_at", "2025-12-29T09:27:00Z"),
        ("title.ar", "سند: <الهوية> & «التوقيع»"),
        ("title.en", "'=Sanad <identity> & \"signature\""),
        ("description.en", "Two lines,\r\nhere"),
        ("sectors", "01.3; 04"),
        ("keywords.label.en", "identity; -signature"),
        ("channels.type", "web; office"),
        ("channels.url", "https://sanad.jo.example/a b?q={x}; "),
        ("maturity", "4"),
        ("satisfaction", "87.50"),
        ("contact.telephone", "'+96265300222"),
        ("withdrawn", "false"),
    ] {
        assert_eq!(rich[column], expected, "{column}");
    }
    assert_eq!(
        (&minimal["title.en"], &minimal["satisfaction"], &minimal["maturity"]),
        (&json!(""), &json!(""), &json!("0"))
    );
}

#[test]
fn one_language_is_one_column_and_another_language_is_said() {
    let asked = Listing { lang: Lang::Fr, ..listing(Some("service"), Texts::Asked) };
    let mut csv = Csv::new(&asked, false).unwrap();
    for listed in [rich(), minimal()] {
        csv.push(&listed).unwrap();
    }
    let Some(read) = read("csv", &csv.finish().unwrap(), &[]) else { return };
    assert_eq!((&row(&read, 0)["title"], &row(&read, 1)["title"]), (&json!("Sanad : identité"), &json!("خدمة [ar]")));
    assert!(!row(&read, 0).contains_key("title.ar") && read["mark"] == false);
}

#[test]
fn a_table_has_the_fields_that_were_asked_for() {
    let columns = |fields: &[&str], texts| {
        let fields = fields.iter().map(|&field| field.to_owned()).collect();
        let listing = Listing { fields, ..listing(Some("service"), texts) };
        table::columns(&listing).iter().map(table::Column::name).collect::<Vec<_>>().join(",")
    };
    assert_eq!(
        columns(&["id", "title.ar", "payload.reuse"], Texts::Each),
        "id,title.ar,reuse.offer,reuse.repository,reuse.licence"
    );
    assert_eq!(columns(&["title.ar"], Texts::Asked), "title");
    assert!(columns(&["payload"], Texts::Asked).contains("contact.email"));
}

#[test]
fn a_long_list_says_how_many_of_its_items_are_not_shown() {
    let observation = |n: u32| dataset::Observation {
        ref_area: "JO".to_owned(),
        time_period: (1_000 + n).to_string(),
        value: Some(format!("-0.{n}")),
        ..Default::default()
    };
    let observations = (0..250).map(observation).collect();
    let payload = Dataset { title: texts(&[("en", "Figures")]), observations, ..Default::default() };
    let mut csv = Csv::new(&listing(Some("dataset"), Texts::Each), false).unwrap();
    csv.push(&listed("JO:dataset:d", 1, payload.title.clone(), &payload)).unwrap();
    let text = String::from_utf8(csv.finish().unwrap()).unwrap();
    assert!(text.contains("; 1099; … (+150)"), "{text}");
}

#[test]
fn openpyxl_reads_the_sheet_and_finds_no_formula() {
    let arabic = Listing { lang: Lang::Ar, ..listing(Some("service"), Texts::Each) };
    let mut xlsx = Xlsx::new(&arabic).unwrap();
    for listed in [rich(), minimal()] {
        xlsx.push(&listed).unwrap();
    }
    let bytes = xlsx.finish().unwrap();
    let Some(read) = read("xlsx", &bytes, &[]) else { return };
    assert_eq!((&read["title"], &read["right_to_left"]), (&json!("الخدمات المشتركة"), &json!(true)));
    assert_eq!((&read["frozen"], &read["formulas"]), (&json!("B2"), &json!([])));
    let rich = row(&read, 0);
    assert_eq!(rich["المعرّف"], "JO:service:sanad");
    assert_eq!(rich["العنوان (الإنجليزية)"], "=Sanad <identity> & \"signature\"");
    assert_eq!((&rich["مستوى النضج"], &rich["مسحوبة"]), (&json!(4), &json!(false)));
    let satisfaction =
        read["head"].as_array().unwrap().iter().position(|name| name == "نسبة رضا المستخدمين (%)").unwrap();
    assert_eq!((&read["rows"][0][satisfaction], &read["formats"][0][satisfaction]), (&json!(87.5), &json!("0.00")));
    assert!(read["widths"].as_array().unwrap().len() > 3, "{}", read["widths"]);

    let mut again = Xlsx::new(&arabic).unwrap();
    for listed in [super::tests::rich(), minimal()] {
        again.push(&listed).unwrap();
    }
    assert_eq!(again.finish().unwrap(), bytes, "the same list is the same file");
    let french = Xlsx::new(&Listing { lang: Lang::Fr, ..arabic }).unwrap().finish().unwrap();
    let read = super::tests::read("xlsx", &french, &[]).unwrap();
    assert_eq!(
        (&read["right_to_left"], &read["head"][2], &read["rows"]),
        (&json!(false), &json!("Membre"), &json!([]))
    );
}

#[test]
fn feedparser_reads_the_feed_newest_first() {
    let feed = atom::feed(&listing(Some("service"), Texts::Each), &[rich(), minimal()]).unwrap();
    let Some(read) = read("atom", &feed, &[]) else { return };
    assert_eq!(read["updated"], "2025-12-29T09:29:00Z");
    assert_eq!(read["links"]["self"], "https://node.jo.example:7443/v1/services?member=JO&pageSize=2");
    assert!(read["links"]["next"].as_str().unwrap().ends_with("&pageToken=abc"), "{read}");
    let (first, second) = (&read["entries"][0], &read["entries"][1]);
    assert_eq!((&first["title"], &first["lang"]), (&json!("خدمة"), &json!("ar")));
    assert_eq!((&second["title"], &second["lang"]), (&json!("=Sanad <identity> & \"signature\""), &json!("en")));
    assert_eq!((&second["author"], &second["updated"]), (&json!("JO"), &json!("2025-12-29T09:27:00Z")));
    assert_eq!(second["id"], "urn:multaqa:demo.multaqa.example:JO:service:sanad");
    assert!(second["summary"].as_str().unwrap().starts_with("Two lines,"), "{second}");
}

#[test]
fn a_feed_of_nothing_and_of_what_is_withdrawn_is_a_feed() {
    let mut withdrawn = minimal();
    withdrawn.summary = ObjectSummary { withdrawn: true, title: HashMap::new(), ..withdrawn.summary };
    withdrawn.payload = Value::Null;
    let all_kinds = Listing { next: None, ..listing(None, Texts::Each) };
    let feeds = [atom::feed(&all_kinds, &[]).unwrap(), atom::feed(&all_kinds, &[withdrawn]).unwrap()];
    let Some(empty) = read("atom", &feeds[0], &[]) else { return };
    assert_eq!((&empty["entries"], &empty["links"]["next"]), (&json!([]), &Value::Null));
    assert_eq!(read("atom", &feeds[1], &[]).unwrap()["entries"][0]["title"], "JO:service:minimal");
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

#[test]
fn a_download_is_bounded_and_the_refusal_says_how_to_go_on() {
    let mut csv = Csv::new(&listing(Some("service"), Texts::Each), false).unwrap();
    let one = minimal();
    let refused = (0..=DOWNLOAD_ROWS_MAX).find_map(|_| csv.push(&one).err()).unwrap();
    assert_eq!(refused.code, "DOWNLOAD_TOO_LARGE");
    for lang in Lang::ALL {
        let told = refused.told(lang);
        assert!(told.text.contains("10000") && told.next.contains("country="), "{lang}: {} {}", told.text, told.next);
    }
}

#[test]
fn the_name_of_a_download_is_safe_everywhere() {
    assert_eq!(file_name("services", "JO", 1_767_225_600_000, "csv"), "services-JO-2026-01-01.csv");
    assert_eq!(file_name("a/../\"b\r\n", "x-escwa", 0, "xlsx"), "ab-x-escwa-1970-01-01.xlsx");
    assert_eq!(file_name("خدمات", "", 0, "csv"), "1970-01-01.csv");
}
