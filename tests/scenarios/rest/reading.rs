//! Reading: objects, lists, what is found, and what a client has already.

use std::process::Command;

use multaqa_tests::World;
use serde_json::{Value, json};

use super::curl::Curl;
use crate::clients::text;
use crate::{foreign, home};

pub(super) fn it_reads_over(curl: &Curl, protocol: &str) {
    let listed = curl.ask(&[protocol], "/v1/organisations?country=SA");
    let version = if protocol == "--http2" { "2" } else { "1.1" };
    assert_eq!((listed.status, listed.version.as_str()), (200, version));
    assert!(["live", "stale"].contains(&listed.header("multaqa-state")));
    assert!(listed.header("multaqa-position").parse::<u64>().unwrap() > 0);
    assert!(listed.header("multaqa-as-of").ends_with('Z') && listed.header("vary").contains("accept-language"));
    assert_eq!(
        (listed.header("content-type"), listed.header("cache-control")),
        ("application/json", "private, no-cache")
    );
    let objects = listed.json()["objects"].clone();
    let ids: Vec<&str> = objects.as_array().unwrap().iter().map(|object| text(object, "/id")).collect();
    assert_eq!(ids, ["SA:organisation:open", "SA:organisation:other"]);

    let one = curl.ask(&[protocol], "/v1/organisations/SA:organisation:open");
    let object = one.json();
    assert_eq!((text(&object, "/payload/name/en"), text(&object, "/member")), ("Open", "SA"));
    assert_eq!((text(&object, "/record_id").len(), &object["withdrawn"]), (64, &json!(false)));
    assert!(text(&object, "/accepted_at").ends_with('Z'), "{object}");
    let head = curl.ask(&[protocol, "--head"], "/v1/organisations/SA:organisation:open");
    assert_eq!((head.status, head.header("etag")), (200, one.header("etag")));

    let known = curl
        .ask(&[protocol, "-H", &format!("if-none-match: {}", one.header("etag"))], "/v1/records/SA:organisation:open");
    assert_eq!((known.status, known.body.as_str()), (304, ""), "under both its collections it is the same");
    assert!(known.headers.contains_key("multaqa-position") && known.header("etag") == one.header("etag"));
    let history = curl.ask(&[protocol], "/v1/organisations/SA:organisation:open/history").json();
    assert_eq!((text(&history, "/revisions/0/state"), text(&history, "/revisions/0/writer")), ("valid", "SA/gw1"));
    let kinds = curl.ask(&[protocol], "/v1/kinds").json();
    let organisation = kinds["kinds"].as_array().unwrap().iter().find(|kind| kind["kind"] == "organisation").unwrap();
    assert_eq!((&organisation["collection"], &organisation["may_publish"]), (&json!("organisations"), &json!(true)));
    assert_eq!(text(&curl.ask(&[protocol], "/v1/status").json(), "/member"), "JO");
    curl.refused(&[protocol], "/v1/datasets", 403, "CLIENT_DENIED");
}

pub(super) fn lists_are_paged_and_cut(curl: &Curl) {
    let first = curl.get("/v1/organisations?pageSize=1&country=SA");
    let token = text(&first, "/next_page_token").to_owned();
    assert_eq!(text(&first, "/objects/0/id"), "SA:organisation:open");
    assert_eq!(first["objects"][0].get("payload"), None, "no payloads were asked for");
    let second = curl.get(&format!("/v1/organisations?pageSize=1&country=SA&pageToken={token}"));
    assert_eq!(text(&second, "/objects/0/id"), "SA:organisation:other");
    curl.refused(&[], &format!("/v1/services?pageToken={token}"), 400, "PAGE_TOKEN_BAD");
    let cut = curl.get("/v1/organisations?country=SA&fields=id,accepted_at,payload.name.en");
    let object = &cut["objects"][0];
    assert_eq!(object.as_object().unwrap().keys().collect::<Vec<_>>(), ["accepted_at", "id", "payload"]);
    assert_eq!(object["payload"], json!({ "name": { "en": "Open" } }));
    let history = "/v1/organisations/SA:organisation:open/history";
    let revisions = curl.get(&format!("{history}?fields=state,payload.name.en"))["revisions"].clone();
    assert_eq!(revisions, json!([{ "state": "valid", "payload": { "name": { "en": "Open" } } }]));
    curl.refused(&[], &format!("{history}?fields=stat"), 400, "FIELD_PATH_UNKNOWN");
    let whole = curl.get("/v1/organisations?country=SA&payloads=true");
    assert_eq!(text(&whole, "/objects/1/payload/name/en"), "Other");
}

pub(super) fn it_finds_filters_and_counts(world: &mut World, curl: &Curl) {
    let position = curl.ask(&[], "/v1/kinds").header("multaqa-position").to_owned();
    world.eventually("the index has come as far", |_| {
        curl.ask(&[], &format!("/v1/search?q=open&minPosition={position}")).status == 200
    });
    let found = curl.get("/v1/search?q=open&country=SA&facets=kind,country");
    assert_eq!((text(&found, "/hits/0/object/id"), &found["total"]), ("SA:organisation:open", &json!(1)));
    let pieces = found["hits"][0]["highlights"][0]["pieces"].as_array().unwrap();
    assert!(pieces.iter().any(|piece| piece["marked"] == true && piece["text"] == "Open"), "{found}");
    assert_eq!((text(&found, "/facets/1/facet"), text(&found, "/facets/1/values/0/value")), ("country", "SA"));
    let titles = curl.get("/v1/suggest?q=ope");
    assert_eq!(text(&titles, "/titles/0/id"), "SA:organisation:open");
    let status = curl.get("/v1/services?status=production&facets=status&total=true&orderBy=accepted_at%20desc");
    let listed = status["objects"].as_array().unwrap().len();
    assert!(listed > 0 && status["total"].as_u64() == Some(listed as u64), "{status}");
    curl.refused(&[], "/v1/services?status=no-such-status", 400, "SEARCH_VALUE_UNKNOWN");
    curl.refused(&[], "/v1/services?facets=colour", 400, "SEARCH_FACET_UNKNOWN");
    let quoted = curl.ask(&[], "/v1/search?q=%22%28%5B*%5E%20OR%20AND%20-");
    assert_eq!(quoted.status, 200, "any text is a query: {}", quoted.body);
}

pub(super) fn what_it_has_is_not_sent_again_in_whatever_coding(curl: &Curl) {
    let plain = curl.ask(&[], "/v1/organisations?payloads=true");
    let mut tags = vec![plain.header("etag").to_owned()];
    for coding in ["gzip", "zstd"] {
        let coded =
            curl.ask(&["--compressed", "-H", &format!("accept-encoding: {coding}")], "/v1/organisations?payloads=true");
        assert_eq!((coded.header("content-encoding"), &coded.body), (coding, &plain.body));
        tags.push(coded.header("etag").to_owned());
    }
    assert!(tags[0] != tags[1] && tags[1] != tags[2], "{tags:?}");
    for tag in &tags {
        let again = curl.ask(&["-H", &format!("if-none-match: \"x\", {tag}")], "/v1/organisations?payloads=true");
        assert_eq!(again.status, 304, "{tag}");
    }
}

/// What every Python has: `http.client` over `ssl`.
pub(super) fn python_reads_with_what_it_has(curl: &Curl) {
    let script = home().join("tests/foreign/rest.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(&curl.endpoint).arg(&curl.certificate);
    let Some(output) = foreign(command.arg(curl.certificate.with_extension("key")).arg(&curl.ca)) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(read["ids"], json!(curl.ids("/v1/organisations")));
    assert_eq!((&read["alpn"], &read["again"], &read["problem"]), (&Value::Null, &json!(304), &json!("ROUTE_UNKNOWN")));
}
