//! The client kits of `deploy/clients`: each runs as its README says against a real node, with a certificate for a key that OpenSSL
//! made, and all say the same of what is shared.
//!
//! A kit whose runtime the machine lacks is skipped with a reason; CI must have all of them. `FOREIGN_PYTHON` names an
//! interpreter with grpcio and grpcio-tools.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use multaqa_demo::figures;
use multaqa_tests::World;
use multaqa_tests::record::Record;
use serde_json::Value;

use crate::clients::{PORT, request_with, text};
use crate::{foreign, home, world};

/// The interpreter and file of each kit that speaks REST.
const KITS: [(&str, &str); 5] = [
    ("python3", "python/read_and_publish.py"),
    ("node", "nodejs/read_and_publish.mjs"),
    ("java", "java/ReadAndPublish.java"),
    ("php", "php/read_and_publish.php"),
    ("sh", "curl/read_and_publish.sh"),
];
/// What `sh` needs besides.
const NEEDED: [&str; 2] = ["curl", "jq"];

#[test]
fn every_kit_reads_and_publishes_and_says_the_same() {
    let mut world = world(&["JO", "EG", figures::SECRETARIAT]);
    let Some(request) = request_with(&world, "kits", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]) else {
        return;
    };
    world.configure("JO", PORT);
    for member in [figures::SECRETARIAT, "JO", "EG"] {
        world.node(member).publish(&figures::files_of(member).unwrap()).unwrap();
        world.settle_indexed("JO");
    }
    // A seal that comes while a kit reads would make what it is told stale for a moment.
    world.settle_sealed();
    world.eventually("the words are found", |world| !found(world).is_empty());
    let scopes = ["--allow", "read:*", "--allow", "publish:organisation"];
    let issued = world.json("JO", &[&["client", "add", "mof/kits", "--csr", &request][..], &scopes].concat());

    let mut said = BTreeMap::new();
    for (interpreter, file) in KITS {
        if interpreter == "sh"
            && !NEEDED.iter().all(|program| foreign(Command::new(program).arg("--version")).is_some())
        {
            continue;
        }
        let url = format!("https://{}", text(&issued, "/port/endpoint"));
        let kit = Command::new(interpreter);
        said.extend(runs(&mut world, &issued, kit, file, &url).map(|said| (file, said)));
    }
    if let Some((python, generated)) = generated(&world) {
        let (file, endpoint) = ("python/read_and_publish_grpc.py", text(&issued, "/port/endpoint"));
        let mut kit = Command::new(python);
        kit.env("PYTHONPATH", generated);
        said.extend(runs(&mut world, &issued, kit, file, endpoint).map(|said| (file, said)));
    }
    they_say_what_the_node_says(&world, &said);
}

/// What the node's own command finds by the words that the kits search for: ids, the best first.
fn found(world: &World) -> Vec<String> {
    let found = world.json("JO", &["search", "الهوية الرقمية", "--limit", "5"]);
    let hits = found["hits"].as_array().unwrap();
    hits.iter().map(|hit| text(hit, "/object/id").to_owned()).collect()
}

/// Runs a kit as its README says: what it said of what it read. It publishes where its scopes let it, and is told why where not.
fn runs(world: &mut World, issued: &Value, mut kit: Command, file: &str, node: &str) -> Option<String> {
    let certificate = PathBuf::from(text(issued, "/path"));
    kit.arg(home().join("deploy/clients").join(file))
        .arg(node)
        .arg(&certificate)
        .arg(certificate.with_extension("key"));
    kit.arg(text(issued, "/port/ca_path"));
    let slug = format!("by-{}", Path::new(file).parent().unwrap().display());
    let slug = if file.contains("grpc") { format!("{slug}-grpc") } else { slug };
    let own = Record::organisation("JO", &slug, "Published by a client kit");
    let refused = foreign(again(&kit).arg(written(world, &Record::organisation("EG", &slug, "Not its own"))))?;
    assert_eq!(refused.status.code(), Some(1), "{file}: {}", shown(&refused));
    let why = String::from_utf8_lossy(&refused.stderr);
    // Over gRPC the finding stands in the status' details.
    let named = file.contains("grpc") || why.contains("EG");
    // That one sends the file itself.
    let code = if file.contains("grpc") { "FILES_REFUSED: " } else { "RECORDS_REFUSED: " };
    assert!(why.contains(code) && named, "{file}: {why}");
    let published = foreign(kit.arg(written(world, &own))).unwrap();
    assert!(published.status.success(), "{file}: {}", shown(&published));
    let said = String::from_utf8(published.stdout).unwrap();
    let (read, last) = said.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(last, format!("published: {}, revision 1", own.id()), "{file}");
    assert_eq!(String::from_utf8(refused.stdout).unwrap().trim_end(), read, "{file}");
    world.settle_sealed();
    assert!(world.has("EG", own.id()), "{file}");
    Some(read.to_owned())
}

/// The same program with the same arguments.
fn again(command: &Command) -> Command {
    let mut again = Command::new(command.get_program());
    again.args(command.get_args()).envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    again
}

fn written(world: &World, record: &Record) -> PathBuf {
    let file = world.scratch().join(record.id().replace(':', "-")).with_extension("json");
    fs::write(&file, record.json().to_string()).unwrap();
    file
}

fn shown(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{}\n{out}\n{err}", output.status)
}

/// An interpreter with grpcio, and the modules that it makes of the schema.
fn generated(world: &World) -> Option<(PathBuf, PathBuf)> {
    let Ok(python) = std::env::var("FOREIGN_PYTHON") else {
        assert!(std::env::var("CI").is_err(), "CI must set FOREIGN_PYTHON");
        eprintln!("skipped: FOREIGN_PYTHON is not set");
        return None;
    };
    let (python, out, schema) = (home().join(python), world.scratch().join("generated"), home().join("proto/schema"));
    fs::create_dir(&out).unwrap();
    let line = "\"$0\" -m grpc_tools.protoc -I \"$1\" --python_out=\"$2\" --grpc_python_out=\"$2\" $(find \"$1\" -name '*.proto')";
    let made = Command::new("sh").args(["-c", line]).arg(&python).arg(schema).arg(&out).output().unwrap();
    assert!(made.status.success(), "{}", shown(&made));
    Some((python, out))
}

/// All said the same, and that is what the node itself lists.
fn they_say_what_the_node_says(world: &World, said: &BTreeMap<&str, String>) {
    let mut all = said.iter();
    let Some((first, expected)) = all.next() else { return };
    for (file, said) in all {
        assert_eq!(said, expected, "{file} and {first}");
    }
    let listed = world.json("JO", &["list", "service", "--limit", "500"]);
    let services = listed["objects"].as_array().unwrap();
    assert!(services.len() > 3, "they fit on one page");
    let title = |service: &Value| service["title"]["ar"].as_str().unwrap().to_owned();
    let lines = services.iter().map(|service| format!("  {}  {}", text(service, "/id"), title(service)));
    let pages = services.len().div_ceil(3);
    let head = format!("services: {} on {pages} pages", services.len());
    let expected_head = std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n");
    assert!(expected.starts_with(&expected_head), "{expected}\n{expected_head}");
    for id in found(world) {
        assert!(expected.split_once("\nsearch: ").unwrap().1.contains(&id), "{id}: {expected}");
    }
    for part in ["\nrecord: ", ", live\n", "\nfigures: x-escwa:indicator:", " 20"] {
        assert!(expected.contains(part), "{part}: {expected}");
    }
}
