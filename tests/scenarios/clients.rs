//! Member systems at a node's port: certificates for OpenSSL's keys, a client that we did not write, scopes, revocation.
//!
//! `FOREIGN_PYTHON` names an interpreter with grpcio and grpcio-tools; CI must set it.

mod issuer;
mod lines;
mod publishing;
mod system;
mod wrong;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use multaqa_demo::figures;
use multaqa_tests::World;
use multaqa_tests::record::Record;
use serde_json::{Value, json};

use self::lines::the_lines_that_are_printed_work;
use self::publishing::{
    base64, file, it_publishes_what_its_scopes_name, it_watches_what_it_publishes_as_records, service,
};
use self::system::System;
use crate::{foreign, world};

/// A port on this machine, with any number.
pub(crate) const PORT: &str = "[clients]\nlisten = \"127.0.0.1:0\"\nnames = [\"127.0.0.1\", \"localhost\"]\n";

#[test]
fn a_member_system_reads_and_publishes_what_its_scopes_name() {
    let mut world = world(&["JO", "SA"]);
    let Some(request) = request(&world, "figures") else { return };
    world.configure("JO", PORT);
    world.publish("SA", &[Record::organisation("SA", "open", "Open")]);
    world.publish("JO", &[Record::organisation("JO", "own", "Own")]);
    world.node("JO").publish(&figures::files_of("JO").unwrap()).unwrap();
    world.settle();
    let scopes = ["--allow", "read:organisation", "--allow", "publish:organisation"];
    let issued = world.json("JO", &[&["client", "add", "mof/figures", "--csr", &request][..], &scopes].concat());
    the_certificate_holds_for_openssl(&world, &issued);
    openssl_comes_in_with_a_classical_group(&issued);
    plain_http_is_told_to_speak_tls(&issued);
    the_lines_that_are_printed_work(&world, &issued);
    who_has_no_certificate_of_this_node_stays_outside(&mut world, &issued);

    // What is proven below stands under a seal.
    for id in ["SA:organisation:open".to_owned(), service()] {
        world.eventually("the record can be proven", |world| {
            world.node("JO").cli(&["get", &id, "--proof", "--json"]).unwrap().code == Some(0)
        });
    }
    let Some(mut system) = System::start(&issued) else { return };
    it_reads_what_its_scopes_name(&world, &mut system);
    it_reads_page_by_page_what_a_mask_names(&mut system);
    it_publishes_what_its_scopes_name(&mut world, &mut system);
    it_watches_what_it_publishes_as_records(&mut world, &mut system);
    what_is_the_members_own_is_not_for_it(&mut system);
    health_and_reflection_are_served(&mut system);
    errors_say_everything_in_the_language_asked_for(&mut system);
    its_scopes_change_at_its_next_request(&world, &mut system);
    a_revocation_is_in_force_on_the_open_connection(&world, &mut system);
}

/// A key and a certificate request that OpenSSL makes; the request's path.
pub(crate) fn request(world: &World, name: &str) -> Option<String> {
    request_with(world, name, &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
}

pub(crate) fn request_with(world: &World, name: &str, key: &[&str]) -> Option<String> {
    let file = |extension: &str| world.scratch().join(name).with_extension(extension);
    let mut command = Command::new("openssl");
    // What the request asks for counts for nothing.
    command.args(["req", "-new", "-nodes", "-subj", "/CN=main.hub.demo.multaqa.example"]).args(key);
    command.arg("-keyout").arg(file("key")).arg("-out").arg(file("csr"));
    let output = foreign(&mut command)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(file("csr").to_string_lossy().into_owned())
}

pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {value}"))
}

fn the_certificate_holds_for_openssl(world: &World, issued: &Value) {
    assert_eq!(text(issued, "/client/identity"), "system/JO/mof/figures");
    assert_eq!(issued["client"]["scopes"], json!(["read:organisation", "publish:organisation"]));
    let (certificate, ca) = (text(issued, "/path"), text(issued, "/port/ca_path"));
    assert_eq!(Path::new(certificate), world.scratch().join("figures.pem"));
    for (purpose, holds) in [("sslclient", true), ("sslserver", false)] {
        let mut command = Command::new("openssl");
        let output = foreign(command.args(["verify", "-x509_strict", "-purpose", purpose, "-CAfile", ca, certificate]));
        let output = output.unwrap();
        assert_eq!(output.status.success(), holds, "{purpose}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let listed = world.json("JO", &["client", "list"]);
    assert_eq!(text(&listed, "/clients/0/certificates/0/certificate"), std::fs::read_to_string(certificate).unwrap());
    for (lang, may) in [("en", "may"), ("fr", "droits"), ("ar", "الصلاحيات")] {
        let shown = world.node("JO").cli(&["client", "show", "mof/figures", "--lang", lang]).unwrap().ok().unwrap();
        assert!(shown.stdout.contains(may) && shown.stdout.contains("read:organisation"), "{}", shown.stdout);
    }
}

/// What `openssl s_client` says of a connection with this certificate, after the node's last word.
fn s_client(issued: &Value, certificate: &str, more: &[&str]) -> String {
    let key = Path::new(certificate).with_extension("key");
    let output = Command::new("openssl")
        .args(["s_client", "-connect", text(issued, "/port/endpoint"), "-alpn", "h2", "-ign_eof"])
        .args(["-CAfile", text(issued, "/port/ca_path"), "-verify_return_error", "-cert", certificate, "-key"])
        .arg(key)
        .args(more)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

fn openssl_comes_in_with_a_classical_group(issued: &Value) {
    for (group, key) in [("P-256", "prime256v1"), ("P-384", "secp384r1"), ("X25519", "X25519")] {
        let said = s_client(issued, text(issued, "/path"), &["-groups", group]);
        assert!(said.contains("TLSv1.3") && said.contains("Verify return code: 0 (ok)"), "{group}: {said}");
        assert!(said.contains(key) && said.contains("ALPN protocol: h2"), "{group}: {said}");
        assert!(!said.contains("alert"), "{group}: {said}");
    }
    let old = s_client(issued, text(issued, "/path"), &["-tls1_2"]);
    assert!(old.contains("alert protocol version"), "{old}");
}

fn plain_http_is_told_to_speak_tls(issued: &Value) {
    let mut stream = TcpStream::connect(text(issued, "/port/endpoint")).unwrap();
    write!(stream, "GET /v1/services HTTP/1.1\r\nhost: node\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    for said in ["https://", "ca.pem", "multaqa-node client add", "شهادة", "certificat client"] {
        assert!(answer.contains(said), "{said}: {answer}");
    }
}

fn who_has_no_certificate_of_this_node_stays_outside(world: &mut World, issued: &Value) {
    world.configure("SA", PORT);
    let request = request_with(world, "foreign", &["-newkey", "rsa:2048"]).unwrap();
    let other = world.json("SA", &["client", "add", "moi/other", "--csr", &request]);
    let said = s_client(issued, text(&other, "/path"), &[]);
    assert!(said.contains("alert unknown ca"), "{said}");
    let said = s_client(&other, text(&other, "/path"), &[]);
    assert!(said.contains("Verify return code: 0 (ok)") && !said.contains("alert"), "at its own node: {said}");
}

fn it_reads_what_its_scopes_name(world: &World, system: &mut System) {
    let organisations = system.ids(&json!({ "kind": "organisation" }));
    for id in ["JO:organisation:own", "SA:organisation:open"] {
        assert!(organisations.iter().any(|listed| listed == id), "{id}: {organisations:?}");
    }
    let got = system.call("replica", "Get", &json!({ "id": "SA:organisation:open" }));
    assert!(["live", "stale"].contains(&text(&got, "/freshness/state")), "{got}");
    assert!(text(&got, "/payload_json").contains("Open"));
    let history = system.call("replica", "History", &json!({ "id": "SA:organisation:open" }));
    assert_eq!(text(&history, "/revisions/0/writer"), "SA/gw1");
    assert_eq!(text(&system.call("status", "GetStatus", &json!({})), "/member"), "JO");

    // What there is of other kinds is neither listed nor said to be there.
    let service = service();
    assert_eq!(system.ids(&json!({})), organisations);
    for (method, request) in [
        ("List", json!({ "kind": "service" })),
        ("Get", json!({ "id": service })),
        ("Get", json!({ "id": "SA:service:none" })),
        ("History", json!({ "id": service })),
        ("Proof", json!({ "id": service })),
    ] {
        let denied = system.refused("replica", method, &request, "CLIENT_DENIED");
        assert_eq!(text(&denied, "/code"), "PERMISSION_DENIED");
        assert_eq!(text(&denied, "/ErrorInfo/metadata/identity"), "system/JO/mof/figures");
        assert_eq!(text(&denied, "/ErrorInfo/metadata/rule"), "read:service");
        // Every answer says how fresh it is, a refusal too.
        assert!(["live", "stale"].contains(&text(&denied, "/multaqa-state")), "{denied}");
        assert!(text(&denied, "/multaqa-position").parse::<u64>().unwrap() > 0, "{denied}");
        let named = request.as_object().unwrap().values().next().unwrap().as_str().unwrap();
        assert!(text(&denied, "/ErrorInfo/metadata/resource").contains(named), "{denied}");
    }
    let figures = json!({ "indicator": "SA:indicator:none" });
    let denied = system.refused("replica", "Observations", &figures, "CLIENT_DENIED");
    assert_eq!(text(&denied, "/ErrorInfo/metadata/rule"), "read:dataset");
    // By its place a record is judged by what the proof would show, and what that is the denial does not say.
    let index = world.json("JO", &["get", &service])["index"].clone();
    let denied = system.refused("replica", "Proof", &json!({ "index": index }), "CLIENT_DENIED");
    assert_eq!(text(&denied, "/ErrorInfo/metadata/resource"), format!("entries/{index}"));
    assert_eq!(text(&denied, "/ErrorInfo/metadata/rule"), "read:*");
    assert!(!denied.to_string().contains(&service), "{denied}");
    let proven = system.call("replica", "Proof", &json!({ "id": "SA:organisation:open" }));
    assert!(!text(&proven, "/file").is_empty());
}

fn it_reads_page_by_page_what_a_mask_names(system: &mut System) {
    let query = json!({ "kind": "organisation", "page_size": 1, "read_mask": "id,payload.name.en" });
    let first = system.call("replica", "List", &query);
    let object = &first["objects"][0];
    let payload: Value = serde_json::from_str(text(object, "/payload_json")).unwrap();
    assert_eq!(payload.as_object().unwrap().keys().collect::<Vec<_>>(), ["name"], "{first}");
    assert!(object.get("record_id").is_none() && object.get("title").is_none(), "{first}");
    let wrong = json!({ "kind": "organisation", "read_mask": "id,payload.nmae" });
    let unknown = system.refused("replica", "List", &wrong, "FIELD_PATH_UNKNOWN");
    assert_eq!(text(&unknown, "/ErrorInfo/metadata/nearest"), "payload.name");
    assert_eq!(text(&unknown, "/BadRequest/fieldViolations/0/field"), "read_mask");

    let wrong = json!({ "kind": "organisation", "order_by": "titel.en desc" });
    let unknown = system.refused("replica", "List", &wrong, "ORDER_UNKNOWN");
    assert_eq!(text(&unknown, "/ErrorInfo/metadata/nearest"), "title.en");

    // Its own query takes the token, whatever the size of the page, and no other does.
    let page_token = first["next_page_token"].clone();
    let with = |more: Value| {
        let fields =
            [&query, &json!({ "page_token": page_token }), &more].map(|part| part.as_object().unwrap().clone());
        Value::Object(fields.into_iter().flatten().collect())
    };
    let second = system.call("replica", "List", &with(json!({ "page_size": 2 })));
    assert_ne!(second["objects"][0]["id"], object["id"]);
    for other in [json!({ "read_mask": "id" }), json!({ "member": "SA" }), json!({ "withdrawn": true })] {
        let bad = system.refused("replica", "List", &with(other), "PAGE_TOKEN_BAD");
        assert_eq!(text(&bad, "/BadRequest/fieldViolations/0/field"), "page_token");
    }

    let size: u64 = text(&second, "/freshness/size").parse().unwrap();
    system.call("replica", "List", &json!({ "kind": "organisation", "min_position": size }));
    let far = json!({ "kind": "organisation", "min_position": size + 1_000_000 });
    let early = system.refused("replica", "List", &far, "POSITION_NOT_REACHED");
    assert_eq!(text(&early, "/RetryInfo/retryDelay"), "1s");
}

fn what_is_the_members_own_is_not_for_it(system: &mut System) {
    let approve = json!({ "record_id": base64(&[7; 32]) });
    for (service, method, request) in [("outbox", "Approve", approve), ("status", "RetryAlarm", json!({}))] {
        let denied = system.refused(service, method, &request, "CLIENT_LOCAL_ONLY");
        assert_eq!(text(&denied, "/ErrorInfo/metadata/resource"), method);
    }
    let raw = json!({ "service": "raw", "method": "/multaqa.node.v1.ClientService/ListClients", "hex": "" });
    let answer = system.ask(&raw);
    assert_eq!(text(&answer, "/error/ErrorInfo/reason"), "METHOD_UNKNOWN", "clients are not told of one another");
}

fn health_and_reflection_are_served(system: &mut System) {
    for service in ["ReplicaService", "SearchService", "OutboxService", "StatusService", "WatchService"] {
        let request = json!({ "service": format!("multaqa.node.v1.{service}") });
        assert_eq!(text(&system.call("health", "Check", &request), "/status"), "SERVING", "{service}");
    }
    let services = system.ask(&json!({ "service": "reflection", "method": "" }))["ok"].clone();
    let expected = [
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "multaqa.node.v1.OutboxService",
        "multaqa.node.v1.ReplicaService",
        "multaqa.node.v1.SearchService",
        "multaqa.node.v1.StatusService",
        "multaqa.node.v1.WatchService",
    ];
    assert_eq!(services, json!(expected));
}

fn errors_say_everything_in_the_language_asked_for(system: &mut System) {
    let wrong = json!({ "id": "nothing" });
    let malformed = system.refused("replica", "Get", &wrong, "ID_MALFORMED");
    assert_eq!(text(&malformed, "/BadRequest/fieldViolations/0/field"), "id");
    let said = |lang: &str, system: &mut System| {
        let wrong = json!({ "service": "replica", "method": "Get", "request": wrong, "lang": lang });
        let answer = system.ask(&wrong)["error"].clone();
        assert!(!text(&answer, "/Help/links/0/description").is_empty(), "{answer}");
        (text(&answer, "/LocalizedMessage/locale").to_owned(), text(&answer, "/LocalizedMessage/message").to_owned())
    };
    let (en, ar, fr) = (said("en", system), said("ar-JO,en;q=0.5", system), said("fr", system));
    assert_eq!([en.0, ar.0, fr.0], ["en", "ar", "fr"]);
    assert!(en.1 != ar.1 && ar.1 != fr.1 && fr.1 != en.1);
    let token = json!({ "kind": "organisation", "page_token": "*" });
    system.refused("replica", "List", &token, "PAGE_TOKEN_BAD");

    let list = "/multaqa.node.v1.ReplicaService/List";
    for (method, hex, times, code) in [
        (list, "ff", 1, "MESSAGE_MALFORMED"),
        (list, "0a01", 40_000, "MESSAGE_TOO_LARGE"),
        ("/multaqa.node.v1.ReplicaService/Nothing", "", 1, "METHOD_UNKNOWN"),
        ("/nothing/at/all", "00", 1, "METHOD_UNKNOWN"),
    ] {
        let answer = system.ask(&json!({ "service": "raw", "method": method, "hex": hex, "times": times }));
        assert_eq!(text(&answer, "/error/ErrorInfo/reason"), code, "{answer}");
    }
}

fn its_scopes_change_at_its_next_request(world: &World, system: &mut System) {
    let services = json!({ "kind": "service" });
    system.refused("replica", "List", &services, "CLIENT_DENIED");
    let allowed = world.json("JO", &["client", "allow", "mof/figures", "read:*"]);
    assert_eq!(allowed["client"]["scopes"], json!(["read:*"]));
    assert!(!system.ids(&services).is_empty());
    let one = json!({ "files": [file(&Record::organisation("JO", "late", "Late"))] });
    system.refused("outbox", "Publish", &one, "CLIENT_DENIED");
}

fn a_revocation_is_in_force_on_the_open_connection(world: &World, system: &mut System) {
    let organisations = json!({ "kind": "organisation" });
    assert!(!system.ids(&organisations).is_empty());
    let revoked = world.json("JO", &["client", "revoke", "mof/figures"]);
    assert!(revoked["client"]["revoked_ms"].is_i64() && revoked["client"]["certificates"] == json!([]));
    // The connection is cut; where the request was faster than the cut, it is refused by name.
    for _ in 0..3 {
        let answer = system.ask(&json!({ "service": "replica", "method": "List", "request": organisations }));
        let code = text(&answer, "/error/code");
        assert!(["UNAVAILABLE", "UNAUTHENTICATED"].contains(&code), "{answer}");
    }
    let issued = world.json("JO", &["client", "show", "mof/figures"]);
    let certificate = world.scratch().join("figures.pem");
    let said = s_client(&issued, &certificate.to_string_lossy(), &[]);
    assert!(said.contains("alert certificate revoked"), "{said}");
    assert_eq!(world.json("JO", &["client", "revoke", "mof/figures"]), revoked, "twice changes nothing");
    let fsck = world.node("JO").fsck().unwrap();
    assert_eq!(fsck["findings"], json!([]), "{fsck}");
}
