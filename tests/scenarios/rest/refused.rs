//! What is refused, and how it is told.

use std::process::Command;

use multaqa_tests::World;

use super::JSON;
use super::curl::Curl;
use crate::clients::text;

pub(super) fn problems_are_told_in_arabic(curl: &Curl) {
    let ask =
        |asked: &str| curl.ask(&["-H", &format!("accept-language: {asked}")], "/v1/organisations/JO:organisation:none");
    let arabic = ask("fr;q=0.3, ar-JO;q=0.9, en;q=0.5");
    assert_eq!((arabic.status, arabic.header("content-language")), (404, "ar"));
    let problem = arabic.json();
    assert_eq!((text(&problem, "/code"), text(&problem, "/args/id")), ("OBJECT_UNKNOWN", "JO:organisation:none"));
    assert!(text(&problem, "/detail").contains("لا توجد") && text(&problem, "/help").contains('`'), "{problem}");
    assert_eq!(text(&problem, "/instance"), "/v1/organisations/JO:organisation:none");
    assert_eq!(ask("fr").header("content-language"), "fr");
    assert_eq!(ask("de").header("content-language"), "en");
}

pub(super) fn bad_input_is_a_problem_each_time(curl: &Curl) {
    let long = format!("/v1/organisations?pageToken={}", "x".repeat(9_000));
    let wide = format!("cookie: {}", "x".repeat(20_000));
    let large = curl.scratch.join("large.json");
    std::fs::write(&large, format!("\"{}\"", "x".repeat(5 * 1024 * 1024))).unwrap();
    let large = format!("@{}", large.display());
    let deep = "[".repeat(100) + &"]".repeat(100);
    let (get, post): (&[&str], _) = (&[], |body| [&JSON[..], &["-d", body]].concat());
    for protocol in ["--http1.1", "--http2"] {
        for (args, target, status, code) in [
            (get, "/v1/nothing/at/all/here", 404, "ROUTE_UNKNOWN"),
            (get, "/v1/%ff%fe", 404, "ROUTE_UNKNOWN"),
            (get, "/v1/poems", 404, "COLLECTION_UNKNOWN"),
            (&["-X", "PUT"], "/v1/organisations", 405, "METHOD_NOT_ALLOWED"),
            (get, "/v1/organisations?colour=red", 400, "PARAMETER_UNKNOWN"),
            (get, "/v1/organisations?pageSize=-1", 400, "PARAMETER_WRONG"),
            (get, "/v1/organisations?pageSize=1&pageSize=2", 400, "PARAMETER_REPEATED"),
            (&["-H", "accept: image/png"], "/v1/organisations", 406, "MEDIA_NOT_OFFERED"),
            (&["-H", "content-type: text/yaml", "-d", "id: x"], "/v1/records", 415, "MEDIA_UNSUPPORTED"),
            (&post("{"), "/v1/records", 400, "BODY_MALFORMED"),
            (&post(&deep), "/v1/records", 400, "BODY_MALFORMED"),
            (&post(&large), "/v1/records", 413, "MESSAGE_TOO_LARGE"),
            (get, &long, 414, "TARGET_TOO_LONG"),
            (&["-H", &wide], "/v1/organisations", 431, "HEADERS_TOO_LARGE"),
            (get, "/v1/organisations/none", 400, "ID_MALFORMED"),
        ] {
            curl.refused(&[&[protocol], args].concat(), target, status, code);
        }
    }
    let options = curl.ask(&["-X", "OPTIONS"], "/v1/records");
    assert_eq!((options.status, options.header("allow")), (204, "GET, POST, HEAD, OPTIONS"));
}

pub(super) fn plain_http_is_told_to_speak_tls(curl: &Curl) {
    let output =
        Command::new("curl").args(["-sS", "-i", &format!("http://{}/v1/kinds", curl.endpoint)]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.starts_with("HTTP/1.1 400 ") && said.contains("https://"), "{said}");
}

pub(super) fn its_next_request_after_a_revocation_is_refused(world: &World, curl: &Curl) {
    let revoked = world.json("JO", &["client", "revoke", "mof/portal"]);
    assert!(revoked["client"]["revoked_ms"].is_i64());
    let output = curl.run(&[], "/v1/kinds");
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // The alert, or an end of the connection that was faster than it.
    assert!(["revoked", "alert", "reset", "pipe"].iter().any(|end| said.contains(end)), "{said}");
}
