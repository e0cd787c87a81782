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

/// Jordan's own figures for the index that the secretariat publishes for all, by period.
fn own_figures(slug: &str, figures: &[(&str, &str)]) -> Value {
    let figure = |(period, value): &(&str, &str)| json!({ "ref_area": "JO", "time_period": period, "value": value, "obs_status": "E" });
    json!({
        "id": format!("JO:dataset:{slug}"),
        "payload": {
            "indicator": "x-escwa:indicator:egdi",
            "title": { "en": "Own estimate", "ar": "تقدير وطني" },
            "unit": "INDEX",
            "source": "Story",
            "provenance": "Written for this story.",
            "observations": figures.iter().map(figure).collect::<Vec<_>>(),
        },
    })
}

/// The federation's names for ages that figures may carry.
fn ages() -> Value {
    let label = json!({ "en": "60 years and over", "ar": "60 سنة فأكثر", "fr": "60 ans et plus" });
    json!({
        "id": "x-escwa:codelist:age",
        "payload": { "title": { "en": "Ages", "ar": "الأعمار", "fr": "Âges" }, "codes": [{ "code": "Y_GE60", "label": label }] },
    })
}

/// Publishes a record at a node.
fn put(world: &World, node: &str, record: &Value) {
    let file = world.scratch().join("record.yaml");
    std::fs::write(&file, record.to_string()).unwrap();
    world.node(node).publish(&[file]).unwrap();
}

/// A federation in which the secretariat and Jordan publish figures, and a system of Jordan's; none where the machine lacks openssl.
fn with_figures(scopes: &[&str]) -> Option<(World, Value)> {
    let mut world = world(&["x-escwa", "JO"]);
    let request = request_with(&world, "statistics", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])?;
    world.configure("JO", PORT);
    world.node("x-escwa").publish(&figures::files_of("x-escwa").unwrap()).unwrap();
    put(&world, "x-escwa", &ages());
    world.settle();
    put(&world, "JO", &own_figures("egdi-own", &[("2024", "0.70")]));
    world.settle_sealed();
    let allowed = scopes.iter().flat_map(|scope| ["--allow", scope]);
    let args: Vec<&str> = ["client", "add", "dos/statistics", "--csr", &request].into_iter().chain(allowed).collect();
    let issued = world.json("JO", &args);
    Some((world, issued))
}

/// What pysdmx finds, of all that there is or of what changed since a moment; none where the machine lacks it.
fn pysdmx(issued: &Value, since: Option<&str>) -> Option<Value> {
    let Ok(python) = std::env::var("FOREIGN_PYTHON") else {
        assert!(std::env::var("CI").is_err(), "CI must set FOREIGN_PYTHON");
        eprintln!("skipped: FOREIGN_PYTHON is not set");
        return None;
    };
    let certificate = text(issued, "/path");
    let output = Command::new(home().join(python))
        .arg(home().join("tests/foreign/sdmx.py"))
        .args([text(issued, "/port/endpoint"), certificate])
        .arg(Path::new(certificate).with_extension("key"))
        .arg(text(issued, "/port/ca_path"))
        .arg(home().join("deploy/demo/figures"))
        .args(since)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn pysdmx_gets_every_figure_as_it_was_published() {
    let Some((_world, issued)) = with_figures(&["read:dataset", "read:indicator", "read:codelist"]) else { return };
    let Some(found) = pysdmx(&issued, None) else { return };
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
    assert_eq!((&found["extended"], &found["available"]), (&json!("60 years and over"), &json!([22])));
    let lists = found["lists"].as_object().unwrap();
    assert!(lists.len() == 4 && lists.values().all(|codes| codes.as_u64().unwrap() > 3), "{lists:?}");
    let absent = found["absent"].as_object().unwrap();
    assert_eq!(absent["report"], "not implemented", "the standard has 501 for resources that a service does not have");
    assert!(absent.iter().all(|(what, told)| what == "report" || told == "not found"), "{absent:?}");
    assert_eq!(found["areas"], json!([22]), "the index has a figure, or says why not, for each Arab state");
    assert!(found["discovered"][1].as_u64().unwrap() >= found["discovered"][3].as_u64().unwrap(), "{found}");
}

/// When the log took the newest revision of a dataset, as the port tells it.
fn accepted(issued: &Value, id: &str) -> String {
    let (status, _, body) = asked(issued, &format!("/v1/datasets/{id}"), &[]);
    assert_eq!(status, 200, "{body}");
    text(&serde_json::from_str(&body).unwrap(), "/accepted_at").to_owned()
}

#[test]
fn pysdmx_learns_what_was_revised_left_out_and_withdrawn() {
    if foreign(Command::new("curl").arg("--version")).is_none() {
        return;
    }
    let Some((mut world, issued)) = with_figures(&["read:dataset", "read:indicator"]) else { return };
    let own = "JO:dataset:egdi-own";
    let revise = |world: &mut World, figures: &[(&str, &str)]| {
        put(world, "JO", &own_figures("egdi-own", figures));
        world.settle();
    };
    put(&world, "JO", &own_figures("egdi-second", &[("2010", "0.10")]));
    revise(&mut world, &[("2023", "0.60"), ("2024", "0.71")]);
    // pysdmx asks by whole seconds: the next one begins after all of this.
    let second = |moment: &str| moment.get(..19).unwrap().to_owned();
    let before = second(&accepted(&issued, own));
    let mut count = 0;
    let since = loop {
        count += 1;
        revise(&mut world, &[("2023", "0.60"), ("2024", &format!("0.7{count:03}"))]);
        let moment = second(&accepted(&issued, own));
        if moment > before {
            break moment;
        }
    };
    revise(&mut world, &[("2024", "0.72")]);
    let since = format!("{since}+00:00");
    let Some(found) = pysdmx(&issued, Some(&since)) else { return };
    assert_eq!(found["rows"], json!([["R", "JO", "JO", "2024", "0.72"], ["D", "JO", "JO", "2023", ""]]));
    assert_eq!(found["sets"], json!([["Replace", 9, 1], ["Delete", 9, 1]]));

    world.node("JO").cli(&["withdraw", "JO:dataset:egdi-second"]).unwrap().ok().unwrap();
    world.eventually("the withdrawal is there", |world| !world.has("JO", "JO:dataset:egdi-second"));
    let found = pysdmx(&issued, Some(&since)).unwrap();
    assert_eq!(found["rows"], json!([["D", "", "JO", "", ""], ["R", "JO", "JO", "2024", "0.72"]]), "by a partial key");
    assert_eq!(found["sets"], json!([["Delete", 2, 1], ["Replace", 9, 1]]));
    let untold = format!("/sdmx/data?updatedAfter={}&c[OBS_VALUE]=ge:0", since.replace('+', "%2B"));
    let (status, _, body) = asked(&issued, &untold, &[]);
    assert_eq!((status, body.contains("SDMX_CHANGES_UNTOLD")), (422, true), "{body}");
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
        .args(["-sS", "--globoff", "--max-time", "300", "-w", "\n%{http_code} %{content_type}"])
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
        ("/sdmx/data?sort=COLOUR", 400, "SDMX_COMPONENT_UNKNOWN"),
        ("/sdmx/schema/dataflow/x-escwa/egdi/1.0.0", 403, "CLIENT_DENIED"),
        ("/sdmx/metadata/metadataflow/x-escwa", 501, "SDMX_NOT_IMPLEMENTED"),
        ("/sdmx/registration/id/1", 501, "SDMX_NOT_IMPLEMENTED"),
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

    let plain = asked(&issued, "/sdmx/data/dataflow/x-escwa/egdi/+/A.*.JO?limit=1", &["-H", "accept: text/csv"]);
    assert_eq!((plain.0, plain.1.as_str()), (200, "application/vnd.sdmx.data+csv;version=2.0.0"));

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
    let lists = "/sdmx/structure/codelist/x-escwa";
    assert_eq!(asked(&issued, lists, &[]).0, 404, "code lists need a scope of their own");
    unchanged_is_told_by_tag_and_by_date(&issued, flow);
}

fn unchanged_is_told_by_tag_and_by_date(issued: &Value, target: &str) {
    let field = |head: &str, name: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
        line.map(|line| line.split_once(": ").unwrap().1.trim().to_owned())
    };
    // A date stands for a whole second, and is told once that is over.
    let head = loop {
        let (status, _, head) = asked(issued, target, &["--head"]);
        assert_eq!(status, 200, "{head}");
        if field(&head, "last-modified").is_some() {
            break head;
        }
    };
    assert_eq!(field(&head, "vary").as_deref(), Some("accept, accept-encoding, accept-language"));
    let date = field(&head, "last-modified").unwrap();
    let tag = field(&head, "etag").unwrap();
    assert_eq!(asked(issued, target, &["-H", &format!("if-modified-since: {date}")]).0, 304, "{date}");
    assert_eq!(asked(issued, target, &["-H", "if-modified-since: Sun, 06 Nov 1994 08:49:37 GMT"]).0, 200);
    assert_eq!(asked(issued, target, &["-H", &format!("if-none-match: {tag}")]).0, 304);
    assert_eq!(
        asked(issued, target, &["-H", &format!("if-modified-since: {date}"), "-H", "if-none-match: \"x\""]).0,
        200
    );
}
