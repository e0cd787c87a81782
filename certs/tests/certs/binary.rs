//! The verbs of `multaqa-certs`, run as a program.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_multaqa-certs"))
        .args(args)
        .current_dir(dir)
        .env_remove("MULTAQA_LANG")
        .env("LANG", "C")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn ok(dir: &Path, args: &[&str]) -> String {
    let output = run(dir, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", stderr(&output));
    stdout(&output)
}

fn federation() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    ok(dir.path(), &["init", "--dir", "ca", "--federation", "multaqa.example"]);
    dir
}

#[test]
fn init_makes_a_ca_once() {
    let dir = federation();
    let mode = |name: &str| std::fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("ca"), 0o700);
    for name in ["root", "nodes-issuer", "hub-issuer", "operators-issuer"] {
        assert_eq!(mode(&format!("ca/{name}.key")), 0o600, "{name}");
        let verified = ok(dir.path(), &["verify", &format!("ca/{name}.pem"), "--root", "ca/root.pem"]);
        assert!(verified.starts_with(&format!("{name} certificate of multaqa.example")), "{verified}");
    }
    let again = run(dir.path(), &["init", "--dir", "ca", "--federation", "multaqa.example"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("(STORE_FILE_EXISTS)"), "{}", stderr(&again));
}

#[test]
fn issue_with_a_new_key_then_verify_inspect_and_fingerprint() {
    let dir = federation();
    let path = dir.path();
    let issued =
        ok(path, &["--json", "issue", "--dir", "ca", "--identity", "node/JO/gw1", "--new-key", "--out", "gw1.pem"]);
    let issued: serde_json::Value = serde_json::from_str(&issued).unwrap();
    assert_eq!(issued["identity"], "node/JO/gw1");
    assert_eq!(issued["holds_private_key"], true);
    assert_eq!(std::fs::metadata(path.join("gw1.pem")).unwrap().permissions().mode() & 0o777, 0o600);
    let verified = ok(path, &["verify", "gw1.pem", "--root", "ca/root.pem"]);
    assert!(verified.ends_with(": holds\n"), "{verified}");
    let inspected = ok(path, &["inspect", "gw1.pem"]);
    assert!(inspected.contains("spiffe://multaqa.example/node/JO/gw1"), "{inspected}");
    assert!(inspected.contains("a client's end of a connection"), "{inspected}");
    assert!(!inspected.contains("PRIVATE"), "{inspected}");
    let prints = ok(path, &["--json", "fingerprint", "gw1.pem"]);
    let prints: serde_json::Value = serde_json::from_str(&prints).unwrap();
    assert_eq!(prints.as_array().unwrap().len(), 2, "leaf and issuing CA");
    let identity = multaqa_certs::store::TlsIdentity::load(&path.join("gw1.pem")).unwrap();
    let hash = multaqa_proto::hash::Hash::of(&identity.chain[0]).to_string();
    assert_eq!(prints[0]["certificate_sha256"], hash);
}

#[test]
fn a_request_goes_to_the_ca_and_the_key_stays() {
    let dir = federation();
    let path = dir.path();
    ok(path, &["request", "--out-key", "hub.key", "--out-csr", "hub.csr"]);
    assert!(ok(path, &["inspect", "hub.csr"]).contains("P-256"));
    ok(
        path,
        &["issue", "--dir", "ca", "--identity", "hub/main", "--csr", "hub.csr", "--days", "2", "--out", "hub.pem"],
    );
    let key = std::fs::read_to_string(path.join("hub.key")).unwrap();
    let chain = std::fs::read_to_string(path.join("hub.pem")).unwrap();
    assert!(!chain.contains("PRIVATE"));
    let both = path.join("identity.pem");
    multaqa_certs::store::create(&both, (key + &chain).as_bytes(), multaqa_certs::store::Mode::Secret).unwrap();
    assert!(ok(path, &["verify", "identity.pem", "--root", "ca/root.pem"]).starts_with("hub certificate"));
    let again = run(path, &["issue", "--dir", "ca", "--identity", "hub/main", "--csr", "hub.csr", "--out", "hub.pem"]);
    assert!(stderr(&again).contains("(STORE_FILE_EXISTS)"), "{}", stderr(&again));
}

#[test]
fn a_renewed_identity_takes_the_place_of_the_old_one_only_when_told_to() {
    let dir = federation();
    let path = dir.path();
    let issue = ["issue", "--dir", "ca", "--identity", "hub/main", "--new-key", "--out", "hub.pem"];
    ok(path, &issue);
    let first = std::fs::read(path.join("hub.pem")).unwrap();
    assert!(stderr(&run(path, &issue)).contains("(STORE_FILE_EXISTS)"));
    assert_eq!(std::fs::read(path.join("hub.pem")).unwrap(), first);
    ok(path, &[issue.as_slice(), &["--replace"]].concat());
    assert_ne!(std::fs::read(path.join("hub.pem")).unwrap(), first);
    assert_eq!(std::fs::metadata(path.join("hub.pem")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(ok(path, &["verify", "hub.pem", "--root", "ca/root.pem"]).starts_with("hub certificate"));
}

#[test]
fn verify_names_every_broken_rule() {
    let dir = federation();
    let path = dir.path();
    ok(path, &["issue", "--dir", "ca", "--identity", "hub/main", "--new-key", "--out", "hub.pem"]);
    let output = run(path, &["verify", "hub.pem", "--root", "ca/root.pem", "--profile", "node", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let codes: Vec<&str> = report["broken"].as_array().unwrap().iter().map(|b| b["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["PROFILE_PURPOSE", "PROFILE_ROLE"]);
    let other = federation();
    let foreign = other.path().join("ca/root.pem");
    let output = run(path, &["verify", "hub.pem", "--root", foreign.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("CERT_FOREIGN"), "{}", stdout(&output));
}

#[test]
fn errors_speak_the_readers_language() {
    let dir = federation();
    std::fs::set_permissions(dir.path().join("ca/nodes-issuer.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let issue = ["issue", "--dir", "ca", "--identity", "node/JO/gw1", "--new-key", "--out", "x.pem"];
    for (lang, words) in [("ar", "غير مالكه"), ("fr", "d'autres peuvent"), ("en", "others can read")] {
        let output = run(dir.path(), &[&["--lang", lang], issue.as_slice()].concat());
        assert_eq!(output.status.code(), Some(1));
        let said = stderr(&output);
        assert!(said.contains("(STORE_KEY_EXPOSED)") && said.contains(words), "{said}");
        assert!(said.contains("chmod 600"), "{said}");
    }
    let output = run(dir.path(), &[&["--json"], issue.as_slice()].concat());
    let failure: serde_json::Value = serde_json::from_str(&stderr(&output)).unwrap();
    assert_eq!((failure["code"].as_str(), failure["act"].as_str()), (Some("STORE_KEY_EXPOSED"), Some("operator")));
    assert_eq!(failure["at"]["file"], "ca/nodes-issuer.key");
    let output = run(dir.path(), &["--json", "--lang", "fr", "issue"]);
    let failure: serde_json::Value = serde_json::from_str(&stderr(&output)).unwrap();
    assert_eq!((output.status.code(), failure["code"].as_str()), (Some(2), Some("USAGE_WRONG")));
}

#[test]
fn outcomes_speak_the_readers_language() {
    let dir = federation();
    for (lang, words) in [("ar", "صدرت شهادة لـ hub/main"), ("fr", "Émis pour hub/main"), ("en", "Issued to hub/main")]
    {
        let issue = ["issue", "--dir", "ca", "--identity", "hub/main", "--new-key", "--replace", "--out", "hub.pem"];
        let said = ok(dir.path(), &[&["--lang", lang], issue.as_slice()].concat());
        assert!(said.starts_with(words) && said.contains("hub.pem"), "{said}");
    }
    let verdict = |lang| ok(dir.path(), &["--lang", lang, "verify", "hub.pem", "--root", "ca/root.pem"]);
    assert!(verdict("ar").ends_with("سليمة\n") && verdict("fr").ends_with("conforme\n"));
    assert!(ok(dir.path(), &["--lang", "ar", "inspect", "hub.pem"]).contains("الغرض: طرف الخادم من الاتصال\n"));
    let french = ok(dir.path(), &["--lang", "fr", "inspect", "hub.pem"]);
    assert!(french.contains("validité\u{202f}: du 20") && french.contains("Z au 20"), "{french}");
}

#[test]
fn an_issuing_ca_is_made_anew_by_the_root_and_leaves_of_the_old_one_hold() {
    let dir = federation();
    let path = dir.path();
    ok(path, &["issue", "--dir", "ca", "--identity", "node/JO/gw1", "--new-key", "--out", "old.pem"]);
    let before = std::fs::read_to_string(path.join("ca/nodes-issuer.pem")).unwrap();
    let renew = ["renew-issuer", "--dir", "ca", "--issuer", "nodes-issuer"];
    let said = ok(path, &renew);
    assert!(said.contains("ca/nodes-issuer.previous.pem") && said.contains("systemctl restart multaqa-hub"), "{said}");
    assert_ne!(std::fs::read_to_string(path.join("ca/nodes-issuer.pem")).unwrap(), before);
    let previous = || std::fs::read_to_string(path.join("ca/nodes-issuer.previous.pem")).unwrap();
    assert_eq!(previous(), before);
    ok(path, &renew);
    assert!(previous().ends_with(&before) && previous().len() > before.len());
    ok(path, &["issue", "--dir", "ca", "--identity", "node/JO/gw1", "--new-key", "--out", "new.pem"]);
    for leaf in ["old.pem", "new.pem", "ca/nodes-issuer.pem"] {
        ok(path, &["verify", leaf, "--root", "ca/root.pem"]);
    }
    std::fs::rename(path.join("ca/root.key"), path.join("offline.key")).unwrap();
    assert!(stderr(&run(path, &renew)).contains("(STORE_FILE_MISSING)"));
    assert!(stderr(&run(path, &["renew-issuer", "--dir", "ca", "--issuer", "root"])).contains("(ISSUER_UNKNOWN)"));
}

#[test]
fn wrong_use_exits_with_2() {
    let dir = tempfile::tempdir().unwrap();
    for args in [
        vec!["issue", "--dir", "ca", "--identity", "node/JO/gw1", "--out", "x"],
        vec!["issue", "--dir", "ca", "--identity", "node/jo/gw1", "--new-key", "--out", "x"],
        vec!["init", "--dir", "ca", "--federation", "Not A Name"],
        vec!["verify", "x"],
        vec!["nothing"],
        vec![],
    ] {
        assert_eq!(run(dir.path(), &args).status.code(), Some(2), "{args:?}");
    }
    let missing = run(dir.path(), &["inspect", "none.pem"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(stderr(&missing).contains("(STORE_FILE_MISSING)"));
}

#[test]
fn completions_and_help_are_printed() {
    let dir = tempfile::tempdir().unwrap();
    assert!(ok(dir.path(), &["completions", "bash"]).contains("multaqa-certs"));
    for verb in ["init", "issue", "renew-issuer", "request", "inspect", "verify", "fingerprint"] {
        assert!(ok(dir.path(), &["help"]).contains(verb));
        ok(dir.path(), &[verb, "--help"]);
    }
}
