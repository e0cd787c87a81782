//! The law of the house: which room may use which, one crypto provider, codes and their texts, commands that documents name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use multaqa_demo::dispatch::BINARIES;
use multaqa_demo::process::Program;
use multaqa_proto::message::review;
use serde_json::Value;

use crate::{PROGRAM, home};

/// What each room may use of ours, and what it never uses of the world: the table of the architecture.
const LAW: [(&str, &[&str], &[&str]); 8] = [
    ("multaqa-proto", &[], &["tokio", "sqlx", "axum", "hyper-util", "rustls"]),
    ("multaqa-runtime", &[], &["multaqa-proto", "sqlx", "tonic", "rustls"]),
    ("multaqa-certs", &["multaqa-proto"], &["sqlx", "tonic"]),
    ("multaqa-hub", &["multaqa-proto", "multaqa-certs", "multaqa-runtime"], &["multaqa-node"]),
    ("multaqa-node", &["multaqa-proto", "multaqa-certs", "multaqa-runtime"], &["multaqa-hub"]),
    (
        "multaqa-demo",
        &["multaqa-proto", "multaqa-certs", "multaqa-runtime", "multaqa-hub", "multaqa-node"],
        &["openssl"],
    ),
    (
        "multaqa-tests",
        &["multaqa-proto", "multaqa-certs", "multaqa-runtime", "multaqa-hub", "multaqa-node", "multaqa-demo"],
        &["openssl"],
    ),
    ("multaqa-fuzz", &["multaqa-node"], &["openssl"]),
];

fn cargo(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(args).arg("--offline").current_dir(home()).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The floors of rooms, from the ground up: a part uses what stands below it, never what stands beside or above. So stores and
/// loops know nothing of who asks, answers nothing of how they are rendered, and only the top knows how all is put together.
const FLOORS: [(&str, &[&str]); 4] = [
    (
        "certs",
        &[
            "code crypto name pem random word",
            "serials stream",
            "profile",
            "check",
            "store verify",
            "request setup",
            "client server signer",
            "authority",
            "cli systems",
        ],
    ),
    (
        "runtime",
        &[
            "clock code database digest fault heap near point retry",
            "backup boot layer lifecycle listen output secret",
            "config serve telemetry",
            "admin",
        ],
    ),
    (
        "hub",
        &[
            "code identity metrics point",
            "store",
            "fanout operator",
            "log",
            "config registry witnesses",
            "backup service",
            "app cli",
        ],
    ),
    (
        "node",
        &[
            "code evidence metrics point",
            "file store",
            "journal link",
            "clients config renew replica",
            "backup join publish search watch witness",
            "api sync",
            "port",
            "app cli",
        ],
    ),
];

/// What of the world they never use: who answers does not know in which protocol he is asked.
const NODE_OF_THE_WORLD: [(&str, &[&str]); 8] = [
    ("store", &["axum", "tonic", "hyper"]),
    ("replica", &["axum", "tonic", "hyper"]),
    ("journal", &["axum", "tonic", "hyper"]),
    ("search", &["axum", "tonic", "hyper"]),
    ("watch", &["axum", "tonic", "hyper"]),
    ("clients", &["axum", "tonic", "hyper"]),
    ("publish", &["axum", "tonic", "hyper"]),
    ("api", &["axum", "tonic", "hyper"]),
];

/// Direct dependencies of each package, those of its tests left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let used = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        all.filter(|dependency| dependency["kind"].is_null()).map(name).collect()
    };
    metadata["packages"].as_array().unwrap().iter().map(|package| (name(package), used(package))).collect()
}

#[test]
fn every_room_uses_only_what_it_may() {
    let found = dependencies();
    assert_eq!(found.keys().map(String::as_str).collect::<BTreeSet<_>>(), LAW.map(|(name, ..)| name).into());
    for (name, ours, never) in LAW {
        let used = &found[name];
        let foreign: Vec<_> =
            used.iter().filter(|used| used.starts_with("multaqa-") && !ours.contains(&used.as_str())).collect();
        assert!(foreign.is_empty(), "{name} may not use {foreign:?}");
        let broken: Vec<_> = never.iter().filter(|never| used.contains(**never)).collect();
        assert!(broken.is_empty(), "{name} never uses {broken:?}");
    }
}

/// The names that follow `crate::` in code: one, or those of a group (and of groups in it, which are no parts).
fn used_parts(code: &str) -> impl Iterator<Item = &str> {
    let word = |text: &'_ str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    code.split("crate::").skip(1).flat_map(move |used| {
        let all = used.strip_prefix('{').map_or(used, |group| &group[..group.find(';').unwrap_or(group.len())]);
        let names = if all.len() == used.len() { 1 } else { usize::MAX };
        all.split(',').take(names).map(str::trim).map(move |name| &name[..word(name)])
    })
}

#[test]
fn no_part_of_a_room_uses_what_stands_beside_or_above_it() {
    let mut files = 0;
    for path in sources() {
        let below = path.strip_prefix(home()).unwrap();
        let mut steps = below.iter().map(|step| step.to_str().unwrap().trim_end_matches(".rs"));
        let room = steps.next().unwrap();
        let Some((_, floors)) = FLOORS.iter().find(|(name, _)| *name == room) else { continue };
        let part = steps.nth(1).unwrap();
        // Unit tests, and the rigs that they share, may look at the whole.
        let is_test = |step: &str| ["tests", "testing", "test_support", "config_tests"].contains(&step);
        if ["lib", "main"].contains(&part) || is_test(part) || steps.any(is_test) {
            continue;
        }
        let floor = |part: &str| floors.iter().position(|floor| floor.split(' ').any(|on_it| on_it == part));
        let own = floor(part).unwrap_or_else(|| panic!("{part} of {room} stands on no floor"));
        files += 1;
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for used in used_parts(&code).filter(|used| *used != part) {
            assert!(floor(used).is_none_or(|floor| floor < own), "{} uses {used}", path.display());
        }
        let of_the_world = NODE_OF_THE_WORLD.iter().find(|(name, _)| *name == part);
        for used in of_the_world.into_iter().flat_map(|(_, never)| *never) {
            assert!(!code.contains(&format!("{used}::")), "{} uses {used}", path.display());
        }
    }
    assert!(files > 300, "{files}");
}

#[test]
fn there_is_one_crypto_provider() {
    for absent in ["ring", "openssl-sys", "native-tls"] {
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--workspace", "-i", absent])
            .current_dir(home())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{absent} is in the tree");
    }
}

#[test]
fn no_product_can_be_stopped_at_a_fail_point() {
    let has = |package: &str| {
        let tree = cargo(&["tree", "--edges", "normal,features", "--package", package]);
        tree.contains("multaqa-runtime feature \"fail-points\"")
    };
    let products = ["multaqa-hub", "multaqa-node", "multaqa-certs", "multaqa-demo"];
    assert_eq!(products.map(has), [false; 4]);
    assert!(has("multaqa-tests"), "a feature that nothing asks for would be missed by nobody");
    // Whatever is built together with the tests' crate shares its features; a release has no debug assertions all the same.
    let profiles = fs::read_to_string(home().join("Cargo.toml")).unwrap();
    assert!(!profiles.contains("debug-assertions"));
    let names: Vec<_> =
        multaqa_hub::point::ALL.iter().chain(multaqa_node::point::ALL).map(|point| point.name()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "two points of one name");
}

/// A room's name, its codes, its texts.
type Room = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

#[test]
fn every_code_is_its_rooms_own_and_told_in_three_languages() {
    let rooms: [Room; 6] = [
        ("proto", multaqa_proto::code::CODES, &multaqa_proto::code::MESSAGES),
        ("certs", multaqa_certs::code::CODES, &multaqa_certs::code::MESSAGES),
        ("runtime", multaqa_runtime::code::CODES, &multaqa_runtime::code::MESSAGES),
        ("hub", multaqa_hub::code::CODES, &multaqa_hub::code::MESSAGES),
        ("node", multaqa_node::code::CODES, &multaqa_node::code::MESSAGES),
        ("demo", multaqa_demo::code::CODES, &multaqa_demo::code::MESSAGES),
    ];
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for (room, codes, messages) in rooms {
        assert!(!codes.is_empty(), "{room}");
        assert_eq!(review(codes, messages), [""; 0], "{room}");
        for code in codes {
            assert_eq!(owners.insert(code, room), None, "{code} of {room} is another room's too");
            let screaming = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            assert!(code.chars().all(screaming), "{code}");
        }
    }
}

#[test]
fn every_file_says_what_is_in_scope() {
    // A file of unit tests stands under the header of what it tests.
    for path in sources().into_iter().filter(|path| !path.ends_with("tests.rs")) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//!"), "{} does not say what is in scope", path.display());
        let lines = text.lines().count();
        assert!(lines <= 500, "{} has {lines} lines", path.display());
    }
}

fn sources() -> Vec<std::path::PathBuf> {
    let rooms = [
        "proto/src",
        "certs/src",
        "runtime/src",
        "hub/src",
        "node/src",
        "deploy/demo/src",
        "tests/src",
        "tests/scenarios",
    ];
    let mut open: Vec<_> = rooms.map(|room| home().join(room)).into();
    let mut found = Vec::new();
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn the_commands_that_documents_name_exist() {
    let program = Program::new(PROGRAM);
    let aliases = fs::read_to_string(home().join(".cargo/config.toml")).unwrap();
    let readme = fs::read_to_string(home().join("README.md")).unwrap();
    for (binary, verb) in readme.lines().filter_map(command) {
        let help = program.run(&binary, [verb.as_str(), "--help"], None).unwrap();
        assert_eq!(help.code, Some(0), "{binary} {verb}");
    }
    let of_cargo: BTreeSet<&str> =
        readme.lines().filter_map(|line| line.strip_prefix("cargo ")?.split_whitespace().next()).collect();
    assert!(of_cargo.contains("demo") && of_cargo.contains("test"), "the two commands: {of_cargo:?}");
    let exists = |verb: &&str| {
        ["test", "build", "install", "run", "doc"].contains(verb) || aliases.contains(&format!("{verb} ="))
    };
    assert!(of_cargo.iter().all(exists), "{of_cargo:?}");
}

/// Binary and verb of a line that shows a command.
fn command(line: &str) -> Option<(String, String)> {
    let mut words = line.trim_start_matches(['$', ' ', '|', '`']).split_whitespace();
    let (binary, verb) = (words.next()?, words.next()?);
    let named = BINARIES.contains(&binary) && verb.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    named.then(|| (binary.to_owned(), verb.to_owned()))
}
