//! Whole files: what is found, where, and what is signed.

use std::path::{Path, PathBuf};

use multaqa_proto::wire::kind::{Dataset, Organisation};
use prost::Message as _;

use super::*;

const ORGANISATION: &str =
    "id: JO:organisation:modee\npayload:\n  name:\n    ar: وزارة الاقتصاد الرقمي والريادة\n  type: ministry\n";
const DATASET: &str = "id: JO:dataset:egdi\npayload:\n  indicator: x-escwa:indicator:egdi\n  title:\n    ar: أرقام\n  unit: INDEX\n  source: UN DESA\n  provenance: as published\n  csv: egdi.csv\n";

fn named(name: &str, text: &str) -> Named {
    Named { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

fn read_one(text: &str) -> Reading {
    read(&[named("a.yaml", text)], &[])
}

fn found(reading: &Reading) -> Vec<(String, usize, String, &'static str)> {
    let line = |finding: &Finding| finding.place.map_or(0, |place| place.line);
    reading.findings.iter().map(|f| (f.file.clone(), line(f), f.violation.path.clone(), f.violation.code)).collect()
}

fn codes(text: &str) -> Vec<&'static str> {
    read_one(text).findings.iter().map(|finding| finding.violation.code).collect()
}

#[test]
fn a_record_is_read_from_yaml_and_from_json() {
    let json = r#"{"id": "JO:organisation:modee", "audience": null,
        "payload": {"name": {"ar": "وزارة الاقتصاد الرقمي والريادة"}, "type": "ministry"}}"#;
    for text in [ORGANISATION.replace("payload", "audience: [public]\npayload"), ORGANISATION.to_owned()] {
        let reading = read_one(&text);
        assert_eq!(found(&reading), []);
        assert_eq!(reading.documents[0].id.to_string(), "JO:organisation:modee");
    }
    let reading = read(&[named("a.json", &json.replace("\"audience\": null,", ""))], &[]);
    assert_eq!(found(&reading), []);
    let organisation = Organisation::decode(reading.documents[0].payload.clone()).unwrap();
    assert_eq!(organisation.name["ar"], "وزارة الاقتصاد الرقمي والريادة");
}

#[test]
fn byte_order_mark_and_carriage_returns_do_no_harm() {
    let windows = format!("\u{feff}{}", ORGANISATION.replace('\n', "\r\n"));
    let reading = read_one(&windows);
    assert_eq!(found(&reading), []);
    assert_eq!(reading.documents[0].payload, read_one(ORGANISATION).documents[0].payload);
}

#[test]
fn all_records_of_all_files_are_checked_before_any_is_used() {
    let second = ORGANISATION.replace("type: ministry", "type: a b\n  homepage: nowhere\n  nmae: x");
    let files = [named("good.yaml", ORGANISATION), named("bad.yaml", &format!("{ORGANISATION}---\n{second}"))];
    let reading = read(&files, &[]);
    assert_eq!((reading.documents.len(), reading.found), (2, 3));
    let expected = [
        (13, "payload.nmae", "FIELD_UNKNOWN"),
        (11, "payload.type", "CODE_MALFORMED"),
        (12, "payload.homepage", "URL_MALFORMED"),
    ];
    assert_eq!(
        found(&reading),
        expected.map(|(line, path, code)| ("bad.yaml".to_owned(), line, path.to_owned(), code))
    );
    assert_eq!(reading.findings[0].violation.args[1], ("nearest", "name".to_owned()));
}

#[test]
fn a_missing_field_is_shown_where_it_should_stand() {
    let reading = read_one("id: JO:organisation:modee\n\npayload:\n  name: {}\n");
    let expected = [(4, "payload.name", "FIELD_REQUIRED"), (3, "payload.type", "FIELD_REQUIRED")];
    assert_eq!(found(&reading), expected.map(|(line, path, code)| ("a.yaml".to_owned(), line, path.to_owned(), code)));
}

#[test]
fn a_field_that_does_not_fit_is_reported_once() {
    let text = ORGANISATION.replace("    ar: وزارة الاقتصاد الرقمي والريادة", "    - x");
    assert_eq!(codes(&text), ["VALUE_NOT_MAPPING"]);
}

#[test]
fn the_envelope_has_its_rules() {
    let with = |from: &str, to: &str| codes(&ORGANISATION.replace(from, to));
    assert_eq!(with("id: JO:organisation:modee", "id: modee"), ["REFERENCE_MALFORMED"]);
    assert_eq!(with("id: JO:organisation:modee\n", "# \n"), ["FIELD_REQUIRED"]);
    assert_eq!(with("organisation", "organization"), ["KIND_UNKNOWN"]);
    assert_eq!(with("organisation", "member"), ["KIND_NOT_FROM_FILE"]);
    assert_eq!(with("organisation", "tombstone"), ["KIND_NOT_FROM_FILE"]);
    assert_eq!(with("payload:", "revision: 2\npayload:"), ["FIELD_UNKNOWN"]);
    assert_eq!(with("payload:", "audience: states\npayload:"), ["VALUE_NOT_LIST"]);
    assert_eq!(with("payload:", "audience: [states, everyone]\npayload:"), ["REFERENCE_MALFORMED"]);
    assert_eq!(with("payload:", "audience: []\npayload:"), ["REFERENCE_MALFORMED"]);
    assert_eq!(codes("- a\n"), ["VALUE_NOT_MAPPING"]);
    assert_eq!(codes("\n"), ["FILE_EMPTY"]);
}

#[test]
fn what_is_no_text_or_too_large_is_refused_whole() {
    let reading = read(&[Named { name: "a".to_owned(), bytes: b"id: a\nb: \xff\n".to_vec() }], &[]);
    assert_eq!(found(&reading), [("a".to_owned(), 2, String::new(), "FILE_NOT_UTF8")]);
    let reading = read(&[Named { name: "a".to_owned(), bytes: vec![b' '; FILE_MAX + 1] }], &[]);
    assert_eq!(found(&reading), [("a".to_owned(), 0, String::new(), "FILE_TOO_LARGE")]);
}

#[test]
fn figures_come_from_the_file_beside() {
    let csv = "INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nEGDI,JO,2024,0.7500,A\nEGDI,PS,2024,,O\n";
    let files = [named("figures/egdi.yaml", DATASET)];
    assert_eq!(attachments_of(&files[0]), ["figures/egdi.csv"]);
    let reading = read(&files, &[named("figures/egdi.csv", csv)]);
    assert_eq!(found(&reading), []);
    let dataset = Dataset::decode(reading.documents[0].payload.clone()).unwrap();
    assert_eq!(dataset.observations[0].value.as_deref(), Some("0.7500"));
    assert_eq!(dataset.observations[1].value, None);
    assert_eq!(reading.documents[0].csv_indicator.as_deref(), Some("EGDI"));
}

#[test]
fn wrong_figures_are_shown_in_the_csv_file() {
    let csv =
        "INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nEGDI,JO,2024,\"0,75\",A\nEGDI,PS,24,,O\nEGDI,SA,2024,,\n";
    let reading = read(&[named("egdi.yaml", DATASET)], &[named("egdi.csv", csv)]);
    let expected = [
        (2, "payload.observations[0].value", "DECIMAL_MALFORMED"),
        (3, "payload.observations[1].time_period", "PERIOD_MALFORMED"),
        (4, "payload.observations[2].obs_status", "STATUS_REQUIRED"),
    ];
    assert_eq!(found(&reading), expected.map(|(l, path, code)| ("egdi.csv".to_owned(), l, path.to_owned(), code)));
}

#[test]
fn a_csv_file_has_a_plain_name_and_must_be_there() {
    let codes = |name: &str| {
        let file = named("egdi.yaml", &DATASET.replace("egdi.csv", name));
        (attachments_of(&file).len(), read(&[file], &[]).findings.iter().map(|f| f.violation.code).collect::<Vec<_>>())
    };
    assert_eq!(codes("egdi.csv"), (1, vec!["CSV_MISSING"]));
    for name in ["../egdi.csv", "/etc/passwd", "..", "a\\b.csv", "[x]"] {
        assert_eq!(codes(name), (0, vec!["CSV_NAME_REFUSED"]), "{name}");
    }
    let both = DATASET.replace("  csv:", "  observations: []\n  csv:");
    assert_eq!(self::codes(&both), ["CSV_AND_OBSERVATIONS"]);
    let elsewhere = ORGANISATION.replace("  type:", "  csv: a.csv\n  type:");
    assert_eq!(self::codes(&elsewhere), ["FIELD_UNKNOWN"]);
}

/// Every record that the demonstration publishes passes the checks that it passes by itself.
#[test]
fn the_records_of_the_demonstration_are_without_fault() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/demo");
    let paths = record_files(&[demo.join("figures"), demo.join("samples")]);
    assert!(paths.len() > 30, "{} files", paths.len());
    let load = |path: &PathBuf| Named { name: path.display().to_string(), bytes: std::fs::read(path).unwrap() };
    let files: Vec<Named> = paths.iter().map(load).collect();
    let attachments: Vec<Named> = files.iter().flat_map(attachments_of).map(|name| load(&name.into())).collect();
    let reading = read(&files, &attachments);
    assert_eq!(found(&reading), []);
    assert!(reading.documents.len() >= files.len());
}

fn record_files(folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = folders.to_vec();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
