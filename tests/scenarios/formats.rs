//! Lists as files of other programs, the documentation and the schema, fetched with curl over the port and read by programs that we
//! did not write: Python's csv, openpyxl, feedparser, pyshacl over the published shapes, Python's Protocol Buffers.
//!
//! `FOREIGN_PYTHON` names an interpreter that has them, `CONFORMANCE_DIR` the shapes; CI must set both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use multaqa_demo::figures;
use multaqa_tests::record::Record;
use serde_json::{Value, json};

use crate::clients::{PORT, request_with, text};
use crate::{foreign, home, world};

#[test]
fn what_is_open_is_read_by_programs_that_know_nothing_of_us() {
    let mut world = world(&["JO", figures::SECRETARIAT]);
    let Some(request) = request_with(&world, "open", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]) else {
        return;
    };
    world.configure("JO", PORT);
    for member in ["JO", figures::SECRETARIAT] {
        world.node(member).publish(&figures::files_of(member).unwrap()).unwrap();
    }
    world.publish("JO", &[Record::organisation("JO", "late", "Before")]);
    world.publish("JO", &[Record::organisation("JO", "late", "=HYPERLINK(\"https://example.org\")")]);
    world.settle_indexed("JO");
    let scopes = ["--allow", "read:*", "--allow", "publish:organisation"];
    let issued = world.json("JO", &[&["client", "add", "mof/open", "--csr", &request][..], &scopes].concat());
    let port = Port::of(&issued, world.scratch());
    if port.get("/v1/kinds", &[]).is_none() {
        return;
    }
    let listed = world.json("JO", &["list", "service", "--limit", "500"])["objects"].as_array().unwrap().len();
    tables_hold_the_whole_list(&port, listed);
    feeds_are_paged_and_newest_first(&port);
    every_other_list_is_a_table_too(&port);
    what_changed_is_a_feed_too(&port);
    catalogues_conform(&port, listed);
    what_cannot_be_is_refused_by_name(&port);
    the_documentation_loads_nothing(&port);
    the_schema_can_be_taken_along(&port);
}

/// The port, as curl asks it.
struct Port {
    node: String,
    certificate: PathBuf,
    ca: String,
    dir: PathBuf,
}

/// What curl was answered.
struct Got {
    status: String,
    headers: BTreeMap<String, String>,
    file: PathBuf,
}

impl Got {
    fn text(&self) -> String {
        std::fs::read_to_string(&self.file).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text()).unwrap()
    }
}

impl Port {
    fn of(issued: &Value, scratch: &Path) -> Self {
        let dir = scratch.join("got");
        std::fs::create_dir(&dir).unwrap();
        let node = format!("https://{}", text(issued, "/port/endpoint"));
        let ca = text(issued, "/port/ca_path").to_owned();
        Self { node, certificate: PathBuf::from(text(issued, "/path")), ca, dir }
    }

    /// None where there is no curl.
    fn get(&self, target: &str, headers: &[&str]) -> Option<Got> {
        let (file, heads) = (self.dir.join("body"), self.dir.join("head"));
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--cacert", &self.ca, "--cert"]).arg(&self.certificate);
        command.arg("--key").arg(self.certificate.with_extension("key"));
        command.arg("--dump-header").arg(&heads).arg("--output").arg(&file).arg(format!("{}{target}", self.node));
        for header in headers {
            command.args(["--header", header]);
        }
        let output = foreign(&mut command)?;
        assert!(output.status.success(), "{target}: {}", String::from_utf8_lossy(&output.stderr));
        let head = std::fs::read_to_string(&heads).unwrap();
        let status = head.split_ascii_whitespace().nth(1).unwrap().to_owned();
        let fields = head.lines().filter_map(|line| line.split_once(": "));
        let headers = fields.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
        Some(Got { status, headers, file })
    }

    fn ok(&self, target: &str) -> Got {
        let got = self.get(target, &[]).unwrap();
        assert_eq!(got.status, "200", "{target}: {}", String::from_utf8_lossy(&std::fs::read(&got.file).unwrap()));
        assert!(["live", "stale"].contains(&got.headers["multaqa-state"].as_str()), "{:?}", got.headers);
        got
    }
}

/// What a program finds in a file; none where the machine lacks it.
fn read(what: &str, got: &Got, more: &[PathBuf]) -> Option<Value> {
    let Ok(python) = std::env::var("FOREIGN_PYTHON") else {
        assert!(std::env::var("CI").is_err(), "CI must set FOREIGN_PYTHON");
        eprintln!("skipped: FOREIGN_PYTHON is not set");
        return None;
    };
    let mut command = Command::new(home().join(python));
    let output = command.arg(home().join("tests/foreign/formats.py")).arg(what).arg(&got.file).args(more).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn tables_hold_the_whole_list(port: &Port, listed: usize) {
    let csv = port.ok("/v1/services?format=csv&pageSize=1");
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8; header=present");
    let name = &csv.headers["content-disposition"];
    assert!(name.starts_with("attachment; filename=\"services-20") && name.ends_with(".csv\""), "{name}");
    let Some(found) = read("csv", &csv, &[]) else { return };
    assert_eq!(found["rows"].as_array().unwrap().len(), listed, "the whole list, whatever a page is");
    let again = port.get("/v1/services?format=csv", &[&format!("If-None-Match: {}", csv.headers["etag"])]).unwrap();
    assert_eq!(again.status, "304");

    let organisations = port.get("/v1/organisations?lang=en&bom=true", &["Accept: text/csv"]).unwrap();
    let found = read("csv", &organisations, &[]).unwrap();
    assert_eq!(found["mark"], true);
    let all = found["rows"].to_string();
    assert!(all.contains("'=HYPERLINK") && !all.contains("\"=HYPERLINK"), "{all}");

    let xlsx = port.ok("/v1/organisations?format=xlsx&lang=ar");
    let found = read("xlsx", &xlsx, &[]).unwrap();
    assert_eq!(
        (&found["right_to_left"], &found["title"], &found["formulas"]),
        (&json!(true), &json!("الجهات"), &json!([]))
    );
    assert!(found["rows"].to_string().contains("=HYPERLINK"), "as text, as it is");
    let all = read("xlsx", &port.ok("/v1/records?format=xlsx"), &[]).unwrap();
    assert!(all["rows"].as_array().unwrap().len() > listed + 10 && all["title"] == "Records");
}

fn feeds_are_paged_and_newest_first(port: &Port) {
    let first = port.get("/v1/records?pageSize=2&lang=fr", &["Accept: application/atom+xml"]).unwrap();
    assert_eq!(first.status, "200", "{}", first.text());
    assert_eq!(
        (first.headers["content-type"].as_str(), first.headers["content-language"].as_str()),
        ("application/atom+xml", "fr")
    );
    let Some(found) = read("atom", &first, &[]) else { return };
    let entries = found["entries"].as_array().unwrap();
    assert_eq!((entries.len(), text(&entries[0], "/id").ends_with(":JO:organisation:late")), (2, true), "{found}");
    assert!(text(&entries[0], "/updated") >= text(&entries[1], "/updated"));
    let next = text(&found, "/links/next").strip_prefix(&port.node).unwrap().to_owned();
    let second = read("atom", &port.get(&next, &["Accept: application/atom+xml"]).unwrap(), &[]).unwrap();
    let ids = |feed: &Value| {
        feed["entries"].as_array().unwrap().iter().map(|e| text(e, "/id").to_owned()).collect::<Vec<_>>()
    };
    assert!(ids(&second).iter().all(|id| !ids(&found).contains(id)), "{second}");
    let page = text(&entries[0], "/link").strip_prefix(&port.node).unwrap().to_owned();
    assert_eq!(port.ok(&page).json()["id"], "JO:organisation:late");
}

/// Of each list, the same number of rows in both formats as the list has in JSON, and a sheet from right to left.
fn every_other_list_is_a_table_too(port: &Port) {
    for (list, items, sheet, heading) in [
        ("/v1/search?q=services", "hits", "نتائج البحث", "مواضع الكلمات"),
        ("/v1/organisations/JO:organisation:late/history?", "revisions", "التنقيحات", "المحتوى · الاسم"),
        ("/v1/records/JO:organisation:late/history?", "revisions", "التنقيحات", "المحتوى · الاسم"),
        ("/v1/indicators/x-escwa:indicator:egdi/observations?", "observations", "القيم المرصودة", "العضو الناشر"),
        ("/v1/kinds?", "kinds", "أنواع التسجيلات", "يحق الاطلاع"),
        ("/v1/queue?all=true&", "records", "صندوق الصادر", "تاريخ التوقيع"),
    ] {
        let listed = whole(port, list, items);
        assert!(!listed.is_empty(), "{list}");
        let separated = if list.ends_with(['?', '&']) { list.to_owned() } else { format!("{list}&") };
        let csv = port.get(&format!("{separated}pageToken=none"), &["Accept: text/csv"]);
        let csv = if items == "kinds" { port.ok("/v1/kinds?format=csv") } else { csv.unwrap() };
        assert_eq!(csv.status, "200", "{list}: {}", csv.text());
        assert!(csv.headers["content-disposition"].starts_with("attachment; filename=\""), "{:?}", csv.headers);
        let Some(found) = read("csv", &csv, &[]) else { return };
        assert_eq!(found["rows"].as_array().unwrap().len(), listed.len(), "{list}");
        let found = read("xlsx", &port.ok(&format!("{separated}format=xlsx&lang=ar")), &[]).unwrap();
        assert_eq!((&found["right_to_left"], &found["title"]), (&json!(true), &json!(sheet)), "{list}");
        assert_eq!((found["rows"].as_array().unwrap().len(), &found["formulas"]), (listed.len(), &json!([])), "{list}");
        assert!(found["head"].as_array().unwrap().contains(&json!(heading)), "{list}: {}", found["head"]);
    }
}

/// All items of a list in JSON, page by page.
fn whole(port: &Port, list: &str, items: &str) -> Vec<Value> {
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let separator = if list.ends_with(['?', '&']) { "" } else { "&" };
        let asked = if token.is_empty() { list.to_owned() } else { format!("{list}{separator}pageToken={token}") };
        let page = port.ok(asked.trim_end_matches(['?', '&'])).json();
        all.extend(page[items].as_array().unwrap().iter().cloned());
        match page["next_page_token"].as_str().unwrap_or_default() {
            "" => return all,
            next => next.clone_into(&mut token),
        }
    }
}

fn what_changed_is_a_feed_too(port: &Port) {
    for list in ["/v1/search?q=services&", "/v1/organisations/JO:organisation:late/history?", "/v1/queue?all=true&"] {
        let Some(found) = read("atom", &port.ok(&format!("{list}format=atom&pageSize=1&lang=fr")), &[]) else { return };
        let first = &found["entries"][0];
        let next = found["links"]["next"].as_str().unwrap_or_else(|| panic!("{list}: {found}"));
        let next = next.strip_prefix(&port.node).unwrap();
        let second = read("atom", &port.get(next, &["Accept: application/atom+xml"]).unwrap(), &[]).unwrap();
        assert_eq!((found["entries"].as_array().unwrap().len(), &found["id"]), (1, &second["id"]), "{list}");
        assert!(text(first, "/updated") >= text(&second["entries"][0], "/updated"), "{list}: {found} {second}");
        assert_ne!(first["id"], second["entries"][0]["id"], "{list}");
        let object = text(first, "/link").strip_prefix(&port.node).unwrap().to_owned();
        assert_eq!(port.ok(&object).json()["kind"], object.split(':').nth(1).unwrap(), "{list}");
    }
    let refused = port.get("/v1/kinds?format=atom", &[]).unwrap();
    assert_eq!((refused.status.as_str(), &refused.json()["code"]), ("400", &json!("PARAMETER_WRONG")));
}

fn catalogues_conform(port: &Port, listed: usize) {
    let Some(dir) = std::env::var_os("CONFORMANCE_DIR") else {
        assert!(std::env::var("CI").is_err(), "CI must set CONFORMANCE_DIR");
        eprintln!("skipped: CONFORMANCE_DIR is not set");
        return;
    };
    let shapes = ["cpsv-ap-3.2.0.ttl", "dcat-ap-3.0.1.ttl"].map(|name| Path::new(&dir).join("shapes").join(name));
    let one = figures::id_of(&figures::sample_of("JO").unwrap()).unwrap();
    for (target, class, count) in [
        ("/v1/services?format=jsonld", "PublicService", listed),
        ("/v1/indicators?format=jsonld", "Catalog", 1),
        ("/v1/datasets?format=jsonld", "Catalog", 1),
        ("/v1/organisations?format=jsonld", "Catalog", 1),
        ("/v1/codelists?format=jsonld", "Catalog", 1),
        (&format!("/v1/services/{one}?format=jsonld"), "PublicService", 1),
    ] {
        let got = port.ok(target);
        assert_eq!(got.headers["content-type"], "application/ld+json");
        let Some(found) = read("jsonld", &got, &shapes) else { return };
        assert!(found["conforms"] == true && found["classes"][class] == count, "{target}: {}", found["text"]);
        assert_eq!(found["unnamed"], json!([]), "{target}: codes without names in Arabic, English and French");
    }
}

fn what_cannot_be_is_refused_by_name(port: &Port) {
    for (target, status, code) in [
        ("/v1/records?format=jsonld", "406", "FORMAT_NOT_OF_KIND"),
        ("/v1/services?format=pdf", "400", "PARAMETER_WRONG"),
        ("/v1/schema/multaqa/node/v1/none.proto", "404", "ROUTE_UNKNOWN"),
    ] {
        let got = port.get(target, &["Accept-Language: ar"]).unwrap();
        assert_eq!((got.status.as_str(), &got.json()["code"]), (status, &json!(code)), "{target}");
        assert_eq!(got.headers["content-type"], "application/problem+json");
    }
}

fn the_documentation_loads_nothing(port: &Port) {
    let english = port.ok("/docs?lang=en");
    assert!(english.headers["content-security-policy"].starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(english.text().contains("GET /v1/{collection}"));
    let arabic = port.get("/docs", &["Accept-Language: ar-JO"]).unwrap();
    assert_eq!(arabic.headers["content-language"], "ar");
    assert!(arabic.text().contains("<html lang=\"ar\" dir=\"rtl\">"));
    for (target, version) in [("/openapi.json", "3.1.1"), ("/openapi-3.0.json", "3.0.3")] {
        assert_eq!(port.ok(target).json()["openapi"], version);
    }
}

fn the_schema_can_be_taken_along(port: &Port) {
    let files = port.ok("/v1/schema").json();
    for file in files["files"].as_array().unwrap() {
        let name = text(file, "/name");
        let here = std::fs::read_to_string(home().join("proto/schema").join(name)).unwrap();
        assert_eq!(port.ok(text(file, "/path")).text(), here, "{name}");
    }
    let set = port.ok(text(&files, "/descriptors/path"));
    let Some(found) = read("descriptors", &set, &[]) else { return };
    for service in ["multaqa.node.v1.ReplicaService", "multaqa.node.v1.OutboxService"] {
        assert!(found["services"].as_array().unwrap().contains(&json!(service)), "{found}");
    }
}
