//! Clients that generators made of `/openapi-3.0.json`, as a ministry's developer makes them: in Python by openapi-python-client, in
//! TypeScript by openapi-typescript. Both list, get, search and check over the port, and none of the generators warns.
//!
//! `FOREIGN_PYTHON` names an interpreter with openapi-python-client and openapi-generator-cli, and beside it `openapi/node_modules` holds
//! openapi-typescript, typescript, openapi-fetch and undici; CI must have them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use multaqa_tests::World;
use multaqa_tests::record::Record;
use serde_json::{Value, json};

use crate::clients::{PORT, request, text};
use crate::{foreign, home, world};

/// Of media types that openapi-python-client does not know.
const PYTHON_CONFIGURATION: &str = "content_type_overrides:\n  application/protobuf: application/octet-stream\n";

#[test]
fn generated_clients_list_get_search_and_check() {
    let Ok(python) = std::env::var("FOREIGN_PYTHON").map(|python| home().join(python)) else {
        assert!(std::env::var("CI").is_err(), "CI must set FOREIGN_PYTHON");
        eprintln!("skipped: FOREIGN_PYTHON is not set");
        return;
    };
    let mut world = world(&["JO", "SA"]);
    let Some(request) = request(&world, "generated") else { return };
    world.configure("JO", PORT);
    world.publish("SA", &[Record::organisation("SA", "open", "Open")]);
    world.publish("JO", &[Record::organisation("JO", "own", "Own")]);
    world.settle_indexed("JO");
    let scopes = ["--allow", "read:*", "--allow", "publish:organisation"];
    let issued = world.json("JO", &[&["client", "add", "mof/generated", "--csr", &request][..], &scopes].concat());
    let document = fetched(&world, &issued);

    let clients = [in_python(&world, &python, &document, &issued), in_typescript(&world, &python, &document, &issued)];
    for said in clients.into_iter().flatten() {
        let expected = json!({
            "listed": ["JO:organisation:own", "SA:organisation:open"],
            "name": "Open",
            "accepted": true,
            "found": ["SA:organisation:open"],
            "facets": ["country", "kind"],
            "good": 0,
            "bad": ["id"],
            "refused": "OBJECT_UNKNOWN",
        });
        assert_eq!(said, expected);
    }
    a_generator_of_many_languages_warns_of_nothing(&python, &document);
}

/// The document as the port serves it, in a file.
fn fetched(world: &World, issued: &Value) -> PathBuf {
    let (file, certificate) = (world.scratch().join("openapi-3.0.json"), PathBuf::from(text(issued, "/path")));
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--fail", "--cacert", text(issued, "/port/ca_path"), "--cert"]).arg(&certificate);
    curl.arg("--key").arg(certificate.with_extension("key")).arg("-o").arg(&file);
    let output = curl.arg(format!("https://{}/openapi-3.0.json", text(issued, "/port/endpoint"))).output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    file
}

fn in_python(world: &World, python: &Path, document: &Path, issued: &Value) -> Option<Value> {
    let (made, configuration) = (world.scratch().join("made"), world.scratch().join("generator.yaml"));
    fs::create_dir(&made).unwrap();
    fs::write(&configuration, PYTHON_CONFIGURATION).unwrap();
    let mut generate = beside(python, "openapi-python-client");
    generate.args(["generate", "--meta", "none", "--fail-on-warning", "--path"]).arg(document);
    generate.arg("--config").arg(configuration).arg("--output-path").arg(made.join("multaqa_client"));
    let output = foreign(&mut generate)?;
    assert!(output.status.success() && !shown(&output).contains("WARNING"), "{}", shown(&output));
    let program = home().join("tests/foreign/generated.py");
    Some(said(Command::new(python).arg(program).arg(made), issued))
}

fn in_typescript(world: &World, python: &Path, document: &Path, issued: &Value) -> Option<Value> {
    // target/ci-tools/python/bin/python
    let modules = python.ancestors().nth(3)?.join("openapi/node_modules");
    let (made, tool) = (world.scratch().join("typescript"), |name: &str| Command::new(modules.join(".bin").join(name)));
    fs::create_dir(&made).unwrap();
    std::os::unix::fs::symlink(&modules, made.join("node_modules")).unwrap();
    fs::write(made.join("package.json"), r#"{ "type": "module" }"#).unwrap();
    fs::copy(home().join("tests/foreign/generated.ts"), made.join("generated.ts")).unwrap();
    let output = foreign(tool("openapi-typescript").arg(document).arg("-o").arg(made.join("schema.ts")))?;
    assert!(output.status.success() && !shown(&output).to_lowercase().contains("warn"), "{}", shown(&output));
    let strict = ["--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck", "--types", "node"];
    let output = foreign(tool("tsc").current_dir(&made).args(strict).arg("generated.ts"))?;
    assert!(output.status.success(), "{}", shown(&output));
    Some(said(Command::new("node").arg(made.join("generated.js")), issued))
}

/// What a program says that gets the port and the files of a system.
fn said(program: &mut Command, issued: &Value) -> Value {
    let certificate = PathBuf::from(text(issued, "/path"));
    program.arg(text(issued, "/port/endpoint")).arg(&certificate).arg(certificate.with_extension("key"));
    let output = program.arg(text(issued, "/port/ca_path")).output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// OpenAPI Generator: what it holds against a document it says by `validate`, or as warnings while it makes a client.
fn a_generator_of_many_languages_warns_of_nothing(python: &Path, document: &Path) {
    let made = document.with_file_name("php");
    let generate = ["generate", "-g", "php", "-o", &made.to_string_lossy(), "-i"];
    for args in [&["validate", "--recommend", "-i"][..], &generate] {
        let Some(output) = foreign(beside(python, "openapi-generator-cli").args(args).arg(document)) else { return };
        let shown = shown(&output);
        assert!(output.status.success() && !shown.contains("WARN") && !shown.contains("Warnings:"), "{shown}");
    }
}

/// A program that was installed with the interpreter, which finds what was installed with it.
fn beside(python: &Path, name: &str) -> Command {
    let bin = python.parent().unwrap();
    let path =
        [bin.as_os_str().to_owned(), std::env::var_os("PATH").unwrap_or_default()].join(std::ffi::OsStr::new(":"));
    let mut command = Command::new(bin.join(name));
    command.env("PATH", path);
    command
}

fn shown(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{}\n{out}\n{err}", output.status)
}
