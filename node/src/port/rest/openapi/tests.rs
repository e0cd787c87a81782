//! The document against the table of routes, and as a validator and a JSON Schema library read it that we did not write.
//!
//! `FOREIGN_PYTHON` names an interpreter with openapi-spec-validator; CI must set it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::*;

fn served() -> BTreeSet<(String, String)> {
    routes().map(|route| (operation::path(route), route.method.as_str().to_ascii_lowercase())).collect()
}

#[test]
fn every_route_is_in_it_and_nothing_else() {
    for version in [Version::V30, Version::V31] {
        let document = document(version);
        let paths = document["paths"].as_object().unwrap();
        let methods = |(path, item): (&String, &Value)| {
            item.as_object().unwrap().keys().map(|method| (path.clone(), method.clone())).collect::<Vec<_>>()
        };
        assert_eq!(paths.iter().flat_map(methods).collect::<BTreeSet<_>>(), served());
    }
}

#[test]
fn every_shape_of_the_table_is_described() {
    for route in routes() {
        let shapes = route.gives.iter().map(|gives| gives.shape).chain(route.takes.map(|takes| takes.shape));
        for shape in shapes {
            match shape {
                Shape::Named(name) => assert!(named::knows(name), "{}: {name}", route.operation),
                Shape::Message { name, .. } => {
                    assert!(super::super::json::descriptor(name).is_some(), "{}: {name}", route.operation);
                }
                Shape::Text | Shape::Bytes => {}
            }
        }
    }
}

#[test]
fn every_operation_says_what_may_come_of_it() {
    let document = document(Version::V31);
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(operation["description"].as_str().unwrap().len() > 20, "{name}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.contains_key("403") && responses.contains_key("429"), "{name}");
            for (status, response) in responses {
                assert!(!response["description"].as_str().unwrap().is_empty(), "{name}: {status}");
                assert!(response["headers"]["Multaqa-State"].is_object(), "{name}: {status}");
            }
        }
    }
    let text = document.to_string();
    assert!(!text.contains("milliseconds since 1970 UTC\""), "a time is told as a number");
}

#[test]
fn the_limits_in_force_are_told() {
    let told = document(Version::V31)["info"]["description"].as_str().unwrap().to_owned();
    for limit in ["| path and query | 8 KiB |", "RECORDS_TOO_MANY", "DOWNLOAD_TOO_LARGE", "10000 rows"] {
        assert!(told.contains(limit), "{limit}: {told}");
    }
}

#[test]
fn a_validator_that_we_did_not_write_finds_nothing() {
    let Ok(python) = std::env::var("FOREIGN_PYTHON") else {
        assert!(std::env::var("CI").is_err(), "CI must set FOREIGN_PYTHON");
        eprintln!("skipped: FOREIGN_PYTHON is not set");
        return;
    };
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dir = tempfile::tempdir().unwrap();
    let judged = |name: &str, document: &Value| {
        let file = dir.path().join(name);
        std::fs::write(&file, document.to_string()).unwrap();
        let mut command = Command::new(home.join(&python));
        let output = command.arg(home.join("tests/foreign/openapi.py")).arg(&file).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    for (name, version) in [("3.1", Version::V31), ("3.0", Version::V30)] {
        let found = judged(name, &document(version));
        assert_eq!(found["faults"], json!([]), "{name}");
        assert!(found["examples"].as_u64().unwrap() > 50, "{name}: {found}");
    }
    let mut broken = document(Version::V31);
    broken["paths"]["/v1/status"]["get"]["responses"]["200"]["content"]["application/json"]["example"] = json!([]);
    assert_eq!(judged("example", &broken)["faults"].as_array().unwrap().len(), 1);
    let mut broken = document(Version::V30);
    broken["paths"]["/v1/status"]["get"]["responses"]["200"].as_object_mut().unwrap().remove("description");
    assert_ne!(judged("description", &broken)["faults"], json!([]));
}
