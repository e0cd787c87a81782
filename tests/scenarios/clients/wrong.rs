//! What a person gives wrongly to `client`.

use std::process::Command;

use multaqa_tests::World;
use multaqa_tests::refusals::refused;
use serde_json::json;

use super::{request, request_with, text};
use crate::world;

#[test]
fn what_a_person_gives_wrongly_is_refused_and_nothing_is_issued() {
    let world = world(&["JO"]);
    let Some(good) = request(&world, "good") else { return };
    let add = |args: &[&str]| world.node("JO").cli(&[&["client", "add"], args].concat()).unwrap();
    let given = |name: &str, bytes: &[u8]| {
        let path = world.scratch().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_string_lossy().into_owned()
    };
    let weak = request_with(&world, "weak", &["-newkey", "rsa:1024"]).unwrap();
    refused(&add(&["mof/a", "--csr", &weak]), "CSR_KEY_REFUSED");
    refused(&add(&["mof/a", "--csr", &given("text.csr", b"not PEM")]), "CSR_MALFORMED");
    refused(&add(&["mof/a", "--csr", &given("long.csr", &vec![b'x'; 20_000])]), "CSR_TOO_LARGE");
    refused(&add(&["mof/a", "--csr", &broken(&world, &good)]), "CSR_SIGNATURE");
    refused(&add(&["mof/a", "--csr", "/nowhere.csr"]), "PATH_UNREADABLE");
    refused(&add(&["budget", "--csr", &good]), "CLIENT_NAME_WRONG");
    refused(&add(&["mof/a", "--csr", &good, "--allow", "read:servce"]), "CLIENT_SCOPE_WRONG");
    refused(&add(&["mof/a", "--csr", &good, "--days", "731"]), "SYSTEM_LIFE");
    assert_eq!(world.json("JO", &["client", "list"])["clients"], json!([]));

    let issued = world.json("JO", &["client", "add", "mof/a", "--csr", &good]);
    assert_eq!(issued["client"]["scopes"], json!(["read:*"]));
    assert_eq!((text(&issued, "/port/endpoint"), issued.get("commands")), ("", None), "the port is off");
    refused(&add(&["mof/a", "--csr", &good]), "STORE_FILE_EXISTS");
    let out = world.scratch().join("again.pem").to_string_lossy().into_owned();
    refused(&add(&["mof/a", "--csr", &good, "--out", &out]), "CLIENT_EXISTS");
    refused(&world.node("JO").cli(&["client", "revoke", "mof/none"]).unwrap(), "CLIENT_UNKNOWN");
}

/// The same request with another signature.
fn broken(world: &World, request: &str) -> String {
    let der = |name: &str| world.scratch().join(name).to_string_lossy().into_owned();
    let (from, to, pem) = (der("good.der"), der("broken.der"), der("broken.csr"));
    let convert = |args: &[&str]| {
        let output = Command::new("openssl").args(["req"]).args(args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    convert(&["-in", request, "-outform", "DER", "-out", &from]);
    let mut bytes = std::fs::read(&from).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&to, bytes).unwrap();
    convert(&["-inform", "DER", "-in", &to, "-out", &pem]);
    pem
}
