//! Figures as SDMX: pysdmx, a client that we did not write, walks structures and fetches all data over the node's port, and what it gets
//! is what the publishers' files hold, digit for digit.
//!
//! `FOREIGN_PYTHON` names an interpreter with pysdmx and the extras `data` and `json`; CI must set it. The refusals are asked for by curl.

use std::path::Path;
use std::process::Command;

use multaqa_demo::figures;
use multaqa_tests::World;
use multaqa_tests::refusals::tabled;
use serde_json::{Value, json};

use crate::clients::{PORT, request_with, text};
use crate::{foreign, home, world};

/// Jordan's own figure for the index that the secretariat publishes for all.
fn own_figure() -> Value {
    json!({
        "id": "JO:dataset:egdi-own",
        "payload": {
            "indicator": "x-escwa:indicator:egdi",
            "title": { "en": "Own estimate", "ar": "تقدير وطني" },
            "unit": "INDEX",
            "source": "Story",
            "provenance": "Written for this story.",
            "observations": [{ "ref_area": "JO", "time_period": "2024", "value": "0.70", "obs_status": "E" }],
        },
    })
}

/// A federation in which the secretariat and Jordan publish figures, and a system of Jordan's; none where the machine lacks openssl.
fn with_figures(scopes: &[&str]) -> Option<(World, Value)> {
    let mut world = world(&["x-escwa", "JO"]);
    let request = request_with(&world, "statistics", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])?;
    world.configure("JO", PORT);
    world.node("x-escwa").publish(&figures::files_of("x-escwa").unwrap()).unwrap();
    let file = world.scratch().join("own.yaml");
    std::fs::write(&file, own_figure().to_string()).unwrap();
    world.settle();
    world.node("JO").publish(&[file]).unwrap();
    world.settle();
    let allowed = scopes.iter().flat_map(|scope| ["--allow", scope]);
    let args: Vec<&str> = ["client", "add", "dos/statistics", "--csr", &request].into_iter().chain(allowed).collect();
    let issued = world.json("JO", &args);
    Some((world, issued))
}

#[test]
fn pysdmx_gets_every_figure_as_it_was_published() {
    let Ok(python) = std::env::var("FOREIGN_PYTHON") else {
        assert!(std::env::var("CI").is_err(), "CI must set FOREIGN_PYTHON");
        eprintln!("skipped: FOREIGN_PYTHON is not set");
        return;
    };
    let Some((_world, issued)) = with_figures(&["read:dataset", "read:indicator"]) else { return };
    let certificate = text(&issued, "/path");
    let output = Command::new(home().join(python))
        .arg(home().join("tests/foreign/sdmx.py"))
        .args([text(&issued, "/port/endpoint"), certificate])
        .arg(Path::new(certificate).with_extension("key"))
        .arg(text(&issued, "/port/ca_path"))
        .arg(home().join("deploy/demo/figures"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let flows: Vec<&str> = found["dataflows"].as_array().unwrap().iter().map(|flow| flow.as_str().unwrap()).collect();
    assert_eq!(flows.len(), indicators(), "{flows:?}");
    assert!(flows.contains(&"x-escwa:egdi") && flows.contains(&"x-escwa:internet-users"), "{flows:?}");
    let dimensions = ["FREQ", "INDICATOR", "REF_AREA", "SEX", "AGE", "DISABILITY", "PLACE", "PROVIDER", "TIME_PERIOD"];
    assert_eq!(found["dimensions"], json!(dimensions));
    assert_eq!(found["area"], "Jordan");
    assert!(found["international"].as_u64().unwrap() > 2_000 && found["missing"].as_u64().unwrap() > 50, "{found}");
    assert_eq!(found["national"], json!([["EGDI", "JO", "2024", "JO", "0.70"]]), "both stand");
    let narrowed = ["EG", "JO"].map(|area| ["2018", "2020", "2022", "2024"].map(|year| json!([area, year]))).concat();
    assert_eq!(found["narrowed"], json!(narrowed));
    assert_eq!((&found["newest"], &found["nowhere"]), (&json!(["2024"]), &json!("not found")));
    assert_eq!(found["areas"], json!([22]), "the index has a figure, or says why not, for each Arab state");
    assert!(found["discovered"][1].as_u64().unwrap() >= found["discovered"][3].as_u64().unwrap(), "{found}");
}

/// How many indicators the files hold.
fn indicators() -> usize {
    let files = figures::files_of("x-escwa").unwrap();
    files.iter().filter(|file| file.file_name().unwrap().to_string_lossy().starts_with("indicator-")).count()
}

/// Status, media type and body of what curl is answered.
fn asked(issued: &Value, target: &str, more: &[&str]) -> (u16, String, String) {
    let certificate = text(issued, "/path");
    let output = Command::new("curl")
        .args(["-sS", "--globoff", "--max-time", "60", "-w", "\n%{http_code} %{content_type}"])
        .args(["--cacert", text(issued, "/port/ca_path"), "--cert", certificate, "--key"])
        .arg(Path::new(certificate).with_extension("key"))
        .args(more)
        .arg(format!("https://{}{target}", text(issued, "/port/endpoint")))
        .output()
        .unwrap();
    assert!(output.status.success(), "{target}: {}", String::from_utf8_lossy(&output.stderr));
    let all = String::from_utf8(output.stdout).unwrap();
    let (body, last) = all.rsplit_once('\n').unwrap();
    let (status, media) = last.split_once(' ').unwrap();
    (status.parse().unwrap(), media.to_owned(), body.to_owned())
}

#[test]
fn what_is_asked_wrongly_is_refused_as_the_standard_says() {
    if foreign(Command::new("curl").arg("--version")).is_none() {
        return;
    }
    let Some((world, issued)) = with_figures(&["read:dataset"]) else { return };
    for (target, status, code) in [
        ("/sdmx/data/poem", 400, "SDMX_MALFORMED"),
        ("/sdmx/data/dataflow/x-escwa/egdi/*/A.B.C.D.E.F.G.H.I", 400, "SDMX_MALFORMED"),
        ("/sdmx/data?c[TIME_PERIOD]=ge:soon", 400, "SDMX_MALFORMED"),
        ("/sdmx/data?c[COLOUR]=red", 400, "PARAMETER_UNKNOWN"),
        ("/sdmx/data?attributes=COLOUR", 400, "SDMX_COMPONENT_UNKNOWN"),
        ("/sdmx/data/dataflow/x-escwa/none", 404, "SDMX_NOTHING_FOUND"),
        ("/sdmx/data/dataflow/x-escwa/egdi/*/A.*.XX/", 404, "SDMX_NOTHING_FOUND"),
        ("/sdmx/data?includeHistory=true", 501, "SDMX_NOT_IMPLEMENTED"),
        ("/sdmx/data?sort=TIME_PERIOD", 501, "SDMX_NOT_IMPLEMENTED"),
        ("/sdmx/schema/dataflow/x-escwa/egdi/1.0", 404, "ROUTE_UNKNOWN"),
        ("/sdmx/structure/dataflow", 403, "CLIENT_DENIED"),
        ("/sdmx/availability/dataflow/x-escwa/egdi?references=all", 403, "CLIENT_DENIED"),
    ] {
        let (found, media, body) = asked(&issued, target, &[]);
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((found, text(&problem, "/code")), (status, code), "{target}: {problem}");
        assert_eq!(media, "application/problem+json");
        assert!(tabled(code) || !code.starts_with("SDMX_"), "{code} is not in the table");
    }
    let xml = ["-H", "accept: application/vnd.sdmx.data+xml;version=3.0.0"];
    assert_eq!(asked(&issued, "/sdmx/data/dataflow/x-escwa/egdi", &xml).0, 406);
    let old = ["-H", "accept: application/vnd.sdmx.data+json;version=1.0.0"];
    assert_eq!(asked(&issued, "/sdmx/data/dataflow/x-escwa/egdi", &old).0, 406);

    // What the standard lets a client write in several ways is the same.
    let csv = ["-H", "accept: application/vnd.sdmx.data+csv;version=2.0.0"];
    let flow = "/sdmx/data/dataflow/x-escwa/egdi/*/A.EGDI.JO";
    let (status, media, plain) = asked(&issued, &format!("{flow}?c[TIME_PERIOD]=ge:2018+le:2024"), &csv);
    assert_eq!((status, media.as_str()), (200, "application/vnd.sdmx.data+csv;version=2.0.0"));
    assert_eq!(plain.lines().count(), 6, "{plain}");
    for same in [
        format!("{flow}/?c%5BTIME_PERIOD%5D=ge%3A2018%2Ble%3A2024"),
        "/sdmx/data/dataflow/x-escwa/egdi/~/A.EGDI.JO//?c[TIME_PERIOD]=ge:2018+le:2024".to_owned(),
    ] {
        assert_eq!(asked(&issued, &same, &csv).2, plain, "{same}");
    }
    let allowed = world.json("JO", &["client", "allow", "dos/statistics", "read:dataset", "read:indicator"]);
    assert_eq!(allowed["client"]["scopes"], json!(["read:dataset", "read:indicator"]));
    assert_eq!(asked(&issued, "/sdmx/structure/dataflow/", &[]).0, 200);
}
