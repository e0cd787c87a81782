//! The issuing CA for systems is made anew: who is connected goes on, who trusts the old one still knows the port, and its end cuts
//! whoever has nothing else.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::{PORT, request, text};
use crate::{foreign, world};

#[test]
fn systems_move_to_the_next_issuing_ca_without_a_gap() {
    let mut world = world(&["JO"]);
    let (Some(first), Some(second)) = (request(&world, "first"), request(&world, "second")) else { return };
    if foreign(Command::new("curl").arg("--version")).is_none() {
        return;
    }
    world.configure("JO", PORT);
    let old = world.json("JO", &["client", "add", "mof/old", "--csr", &first]);
    let moved = world.json("JO", &["client", "add", "mof/moved", "--csr", &second]);
    // What a system was given when it came: one CA.
    let known = world.scratch().join("known.pem");
    std::fs::copy(text(&old, "/port/ca_path"), &known).unwrap();
    let shown = world.json("JO", &["client", "issuer", "show"]);
    assert_eq!((&shown["issuer"]["previous_not_after_ms"], &shown["issuer"]["left"]), (&Value::Null, &json!([])));
    assert_eq!(world.json("JO", &["status"])["issuer_not_after_ms"], shown["issuer"]["not_after_ms"]);

    let renewed = world.json("JO", &["client", "issuer", "renew"]);
    assert_eq!(renewed["issuer"]["left"], json!(["mof/moved", "mof/old"]));
    let again = world.node("JO").cli(&["client", "issuer", "renew"]).unwrap();
    assert!(again.code == Some(1) && again.stderr.contains("SYSTEMS_CA_OVERLAP"), "{}", again.stderr);
    let out = world.scratch().join("next.pem").to_string_lossy().into_owned();
    let next = world.json("JO", &["client", "renew", "mof/moved", "--csr", &second, "--out", &out]);
    let key = Path::new(text(&moved, "/path")).with_extension("key");
    let old_key = Path::new(text(&old, "/path")).with_extension("key");
    let endpoint = text(&old, "/port/endpoint").to_owned();
    let asks = |ca: &Path, certificate: &str, key: &Path| asks(&endpoint, ca, certificate, key);
    let both = Path::new(text(&next, "/port/ca_path"));
    // Old and new certificates, with the CA's file of before and of now, also after a start.
    for (ca, certificate, key) in [
        (known.as_path(), text(&old, "/path"), &old_key),
        (both, text(&old, "/path"), &old_key),
        (known.as_path(), text(&moved, "/path"), &key),
        (both, &*out, &key),
    ] {
        let answer = asks(ca, certificate, key);
        assert!(answer.status.success(), "{certificate}: {}", String::from_utf8_lossy(&answer.stderr));
    }
    assert_eq!(world.json("JO", &["client", "issuer", "show"])["issuer"]["left"], json!(["mof/old"]));
    for lang in ["ar", "en", "fr"] {
        let said = world.node("JO").cli(&["client", "issuer", "show", "--lang", lang]).unwrap().ok().unwrap();
        assert!(said.stdout.contains("mof/old"), "{}", said.stdout);
    }

    let retired = world.json("JO", &["client", "issuer", "retire"]);
    assert_eq!((&retired["issuer"]["previous_not_after_ms"], &retired["issuer"]["left"]), (&Value::Null, &json!([])));
    assert!(asks(both, &out, &key).status.success(), "who has a certificate of the next one goes on");
    assert!(!asks(both, text(&old, "/path"), &old_key).status.success(), "it was cut");
    assert!(!asks(both, text(&moved, "/path"), &key).status.success(), "it was cut");
    let strange = asks(&known, &out, &key);
    assert_eq!(strange.status.code(), Some(60), "the port is not what the old CA vouches for");
    assert!(!both.with_file_name("ca.previous.key").exists(), "its key is gone");
    assert_eq!(world.node("JO").fsck().unwrap()["findings"], json!([]));
}

fn asks(endpoint: &str, ca: &Path, certificate: &str, key: &Path) -> Output {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--fail", "--max-time", "300", "--cert", certificate, "--cacert"]).arg(ca).arg("--key").arg(key);
    curl.arg(format!("https://{endpoint}/v1/status")).output().unwrap()
}
