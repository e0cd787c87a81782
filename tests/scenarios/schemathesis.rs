//! The port as its own OpenAPI document says it is: schemathesis, which we did not write, makes requests of every operation from the
//! document, right and wrong ones, and finds no answer that the document does not describe, and none of the node's own fault.
//!
//! `FOREIGN_PYTHON` names an interpreter with schemathesis; CI must set it. What is asked is the same in every run.

use std::path::PathBuf;
use std::process::Command;

use multaqa_demo::figures;
use multaqa_tests::record::Record;

use crate::clients::{PORT, request_with, text};
use crate::{home, world};

/// Requests of each kind for each operation, at most.
const EXAMPLES: &str = "4";
/// SDMX answers what it does not serve by 501, as its standard says.
const CONFIGURATION: &str = r#"
[checks.negative_data_rejection]
expected-statuses = ["400", "403", "404", "405", "406", "409", "413", "414", "415", "431", "501"]

[[operations]]
include-path-regex = "^/sdmx/"

[operations.checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "501"]
"#;
/// Streams that go on for ever.
const ENDLESS: [&str; 1] = ["/v1/events"];

#[test]
fn every_operation_answers_as_the_document_says() {
    let Ok(python) = std::env::var("FOREIGN_PYTHON") else {
        assert!(std::env::var("CI").is_err(), "CI must set FOREIGN_PYTHON");
        eprintln!("skipped: FOREIGN_PYTHON is not set");
        return;
    };
    let mut world = world(&["JO", figures::SECRETARIAT]);
    let Some(request) = request_with(&world, "open", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]) else {
        return;
    };
    world.configure("JO", PORT);
    world.publish("JO", &[Record::organisation("JO", "own", "Own")]);
    for member in ["JO", figures::SECRETARIAT] {
        world.node(member).publish(&figures::files_of(member).unwrap()).unwrap();
    }
    // An index that is still made is refused with a status that no operation has otherwise.
    world.settle_indexed("JO");
    let scopes = ["--allow", "read:*", "--allow", "publish:*"];
    let issued = world.json("JO", &[&["client", "add", "mof/open", "--csr", &request][..], &scopes].concat());
    let (certificate, ca) = (PathBuf::from(text(&issued, "/path")), text(&issued, "/port/ca_path"));
    let node = format!("https://{}", text(&issued, "/port/endpoint"));
    std::fs::write(world.scratch().join("schemathesis.toml"), CONFIGURATION).unwrap();
    let report = world.scratch().join("report.json");

    let mut command = Command::new(home().join(python));
    command.current_dir(world.scratch()).args(["-m", "schemathesis.cli", "run", &format!("{node}/openapi.json")]);
    command.arg("--request-cert").arg(&certificate).arg("--request-cert-key").arg(certificate.with_extension("key"));
    command.args(["--tls-verify", ca, "--max-examples", EXAMPLES, "--no-shrink", "--no-color"]);
    command.args(["--generation-deterministic", "--continue-on-failure", "--request-timeout", "300"]);
    command.args(["--suppress-health-check", "all", "--warnings", "off"]);
    // What is well-formed may still be unknown, and what a schema cannot say is refused; both answers are in the document.
    command.args(["--exclude-checks", "positive_data_acceptance"]);
    for path in ENDLESS {
        command.args(["--exclude-path", path]);
    }
    command.args(["--report", "json", "--report-json-path"]).arg(&report);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    for operation in ["GET /v1/kinds", "POST /v1/records"] {
        assert!(std::fs::read_to_string(&report).unwrap().contains(operation), "{operation} was not asked: {said}");
    }
}
