//! The formats as programs read them that we did not write: Python's csv, openpyxl, feedparser, and pyshacl over the published
//! shapes of CPSV-AP and DCAT-AP.
//!
//! `FOREIGN_PYTHON` names an interpreter that has them, `CONFORMANCE_DIR` the shapes; CI must set both. In scope: the lists that
//! all formats are tested with, and their readers. Out of scope: each format (its own file).

mod atom;
mod concepts;
mod csv;
mod items;
mod ld;
mod table;
mod xlsx;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use multaqa_proto::wire::kind::{Service, service};
use prost::Message;

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
        of: Of::Objects,
        about: String::new(),
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

fn row(read: &Value, at: usize) -> HashMap<String, Value> {
    let head = read["head"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
    head.zip(read["rows"][at].as_array().unwrap().iter().cloned()).collect()
}

#[test]
fn the_name_of_a_download_is_safe_everywhere() {
    assert_eq!(file_name("services", "JO", 1_767_225_600_000, "csv"), "services-JO-2026-01-01.csv");
    assert_eq!(file_name("a/../\"b\r\n", "x-escwa", 0, "xlsx"), "ab-x-escwa-1970-01-01.xlsx");
    assert_eq!(file_name("خدمات", "", 0, "csv"), "1970-01-01.csv");
}
