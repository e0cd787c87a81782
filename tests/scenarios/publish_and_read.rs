//! One country publishes, the others read it from their own replicas: services, and the secretariat's figures.

use std::collections::BTreeMap;
use std::fs;

use multaqa_demo::figures;
use multaqa_tests::record::Record;
use multaqa_tests::{World, checker};
use serde_json::Value;

use crate::world;

#[test]
fn what_one_country_publishes_the_others_read() {
    let mut world = world(&["x-escwa", "JO", "EG"]);
    for member in ["x-escwa", "JO"] {
        world.node(member).publish(&figures::files_of(member).unwrap()).unwrap();
    }
    world.settle();
    egypt_lists_gets_and_follows_jordans_service(&world);
    jordan_reads_the_figures_as_they_were_published(&world);
    every_answer_says_how_old_it_is(&world);
    a_faulty_file_is_refused_whole_with_every_fault(&world);
    the_same_file_again_changes_nothing(&world);
    a_revision_follows_the_one_before(&mut world);
    checker::check(&mut world);
}

fn egypt_lists_gets_and_follows_jordans_service(world: &World) {
    let sample = figures::sample_of("JO").unwrap();
    let id = figures::id_of(&sample).unwrap();
    let listed = world.json("EG", &["list", "service", "--country", "JO"]);
    let ids: Vec<&str> =
        listed["objects"].as_array().unwrap().iter().filter_map(|object| object["id"].as_str()).collect();
    assert!(ids.contains(&id.as_str()) && ids.iter().all(|id| id.starts_with("JO:service:")), "{ids:?}");

    let found = world.json("EG", &["get", &id]);
    let arabic = found["title"]["ar"].as_str().unwrap();
    assert!(arabic.chars().any(|c| ('\u{0621}'..='\u{064a}').contains(&c)), "{arabic}");
    let shown = world.node("EG").cli(&["get", &id, "--lang", "ar"]).unwrap().ok().unwrap().stdout;
    assert!(shown.contains(arabic), "{shown}");
    let french = world.node("EG").cli(&["list", "service", "--lang", "fr"]).unwrap().ok().unwrap().stdout;
    assert!(french.contains(found["title"]["fr"].as_str().unwrap()), "{french}");

    let history = world.json("EG", &["history", &id]);
    assert_eq!(history["revisions"].as_array().unwrap().len(), 1);
    assert_eq!(history["revisions"][0]["writer"], "JO/gw1");
    assert_eq!(history["revisions"][0]["state"], "valid");
}

/// Every figure of the file, and nothing else, in what another member's node gives.
fn jordan_reads_the_figures_as_they_were_published(world: &World) {
    let file =
        figures::files_of("x-escwa").unwrap().into_iter().find(|path| path.ends_with("dataset-egdi-2003-2024.yaml"));
    let csv = fs::read_to_string(file.unwrap().with_file_name("egdi-2003-2024.csv")).unwrap();
    let published: BTreeMap<_, _> = csv.lines().skip(1).map(figure).collect();
    assert!(published.len() > 200);

    let found = world.json("JO", &["get", "x-escwa:dataset:egdi-2003-2024"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let read: BTreeMap<_, _> = found["payload"]["observations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| ((text(&o["ref_area"]), text(&o["time_period"])), (text(&o["value"]), text(&o["obs_status"]))))
        .collect();
    assert_eq!(read, published);
    assert!(!text(&found["payload"]["source"]).is_empty());
}

type Figure = ((String, String), (String, String));

/// INDICATOR, REF_AREA, TIME_PERIOD, OBS_VALUE, OBS_STATUS: none of them holds a comma.
fn figure(line: &str) -> Figure {
    let columns: Vec<&str> = line.split(',').collect();
    let [_, area, period, value, status] = columns[..] else { panic!("{line}") };
    ((area.to_owned(), period.to_owned()), (value.to_owned(), status.to_owned()))
}

fn every_answer_says_how_old_it_is(world: &World) {
    for args in [
        &["list"][..],
        &["get", "x-escwa:indicator:egdi"],
        &["history", "x-escwa:indicator:egdi"],
        &["queue"],
        &["status"],
    ] {
        let text = world.node("EG").cli(args).unwrap().ok().unwrap().stdout;
        assert!(text.contains("as of "), "{args:?}: {text}");
        let found = world.json("EG", args);
        assert!(found["freshness"]["as_of_ms"].as_i64().is_some_and(|ms| ms > 0), "{args:?}: {found}");
    }
}

fn a_faulty_file_is_refused_whole_with_every_fault(world: &World) {
    let before = world.json("JO", &["status"])["seq"].clone();
    let path = world.scratch().join("faulty.yaml");
    let text = "id: JO:organisation:sound\npayload:\n  name: {en: Sound}\n  type: agency\n---\n\
                id: JO:organisation:faulty\npayload:\n  name:\n    de: Deutsch\n  type: NOT A CODE\n  colour: red\n";
    fs::write(&path, text).unwrap();
    let output = world.node("JO").cli(&["publish", &path.to_string_lossy()]).unwrap();
    assert_eq!(output.code, Some(1));
    for expected in
        ["faulty.yaml:9", "payload.name", "faulty.yaml:10", "payload.type", "faulty.yaml:11", "colour", "FILES_REFUSED"]
    {
        assert!(output.stderr.contains(expected), "{expected}: {}", output.stderr);
    }
    assert_eq!(world.json("JO", &["status"])["seq"], before, "something was signed");
}

fn the_same_file_again_changes_nothing(world: &World) {
    let record = Record::organisation("JO", "same", "Same");
    world.publish("JO", std::slice::from_ref(&record));
    let file = world.file(&[record]);
    let again = world.json("JO", &["publish", &file.to_string_lossy()]);
    assert_eq!(again["records"][0]["state"], "unchanged");
}

fn a_revision_follows_the_one_before(world: &mut World) {
    let id = "JO:organisation:same";
    world.publish("JO", &[Record::organisation("JO", "same", "Other")]);
    world.settle();
    let history = world.json("EG", &["history", id]);
    let states: Vec<_> =
        history["revisions"].as_array().unwrap().iter().map(|r| (r["revision"].clone(), r["state"].clone())).collect();
    assert_eq!(states, [(1.into(), "valid".into()), (2.into(), "valid".into())]);
    assert_eq!(world.json("EG", &["get", id])["title"]["en"], "Other");
}
