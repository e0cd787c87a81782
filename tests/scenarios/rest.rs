//! Member systems over HTTP: curl over HTTP/1.1 and HTTP/2 with keys of OpenSSL, Python's own `http.client`.
//!
//! Without curl the stories are skipped; CI must have it. Map: `curl`: a system with it; `reading`, `publishing`, `refused`: parts of
//! the one long story here, which share its federation; `events`: streams.

mod curl;
mod events;
mod publishing;
mod reading;
mod refused;

use std::process::Command;

use multaqa_demo::figures;
use multaqa_tests::record::Record;
use serde_json::Value;

use crate::clients::text;
use crate::world;
use curl::Curl;
use publishing::{it_publishes_and_reads_its_own_write, records_that_break_rules_are_refused_and_checked};
use reading::{
    it_finds_filters_and_counts, it_reads_over, lists_are_paged_and_cut, python_reads_with_what_it_has,
    what_it_has_is_not_sent_again_in_whatever_coding,
};
use refused::{
    bad_input_is_a_problem_each_time, its_next_request_after_a_revocation_is_refused, plain_http_is_told_to_speak_tls,
    problems_are_told_in_arabic,
};

const JSON: [&str; 2] = ["-H", "content-type: application/json"];

#[test]
fn a_member_system_reads_and_publishes_with_curl() {
    let mut world = world(&["JO", "SA"]);
    world.publish("SA", &[Record::organisation("SA", "open", "Open"), Record::organisation("SA", "other", "Other")]);
    world.node("JO").publish(&figures::files_of("JO").unwrap()).unwrap();
    world.settle();
    let scopes = ["read:organisation", "read:service", "publish:organisation"];
    let Some((curl, issued)) = Curl::add(&mut world, "portal", &scopes) else { return };
    the_line_that_is_printed_works(&issued);
    for protocol in ["--http1.1", "--http2"] {
        it_reads_over(&curl, protocol);
    }
    lists_are_paged_and_cut(&curl);
    it_finds_filters_and_counts(&mut world, &curl);
    what_it_has_is_not_sent_again_in_whatever_coding(&curl);
    problems_are_told_in_arabic(&curl);
    it_publishes_and_reads_its_own_write(&mut world, &curl);
    records_that_break_rules_are_refused_and_checked(&curl);
    bad_input_is_a_problem_each_time(&curl);
    plain_http_is_told_to_speak_tls(&curl);
    python_reads_with_what_it_has(&curl);
    its_next_request_after_a_revocation_is_refused(&world, &curl);
}

/// The line for `curl` as it is printed, in a shell.
fn the_line_that_is_printed_works(issued: &Value) {
    let output = Command::new("sh").args(["-c", text(issued, "/commands/curl")]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(listed["objects"].as_array().is_some_and(|objects| !objects.is_empty()), "{listed}");
}

#[test]
fn reads_over_http_go_on_and_say_so_while_the_hub_is_away() {
    let mut world = world(&["JO"]);
    world.publish("JO", &[Record::organisation("JO", "known", "Known")]);
    world.settle();
    let Some((curl, _)) = Curl::add(&mut world, "portal", &["read:*", "publish:*"]) else { return };
    world.eventually("it is live", |_| curl.ask(&[], "/v1/kinds").header("multaqa-state") == "live");
    world.hub_mut().stop().unwrap();
    world.eventually("it is offline", |_| curl.ask(&[], "/v1/kinds").header("multaqa-state") == "offline");
    let read = curl.ask(&[], "/v1/organisations/JO:organisation:known");
    assert_eq!((read.status, text(&read.json(), "/payload/name/en")), (200, "Known"));
    assert_eq!(read.header("multaqa-state"), "offline");
    let unknown = curl.ask(&[], "/v1/organisations/JO:organisation:none");
    assert_eq!((unknown.status, unknown.header("multaqa-state")), (404, "offline"));
    let waiting = Record::organisation("JO", "waiting", "Waiting").json().to_string();
    let queued = curl.ask(&[&JSON[..], &["-d", &waiting]].concat(), "/v1/records");
    assert_eq!((queued.status, queued.header("multaqa-state")), (202, "offline"));
    assert_eq!(text(&curl.get("/v1/queue"), "/records/0/state"), "queued");
}
