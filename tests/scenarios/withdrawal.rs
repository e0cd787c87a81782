//! Withdrawn means erased: the content goes from every file of every process, and the log still verifies.

use multaqa_tests::record::Record;
use multaqa_tests::{checker, files};

use crate::world;

const MARKER: &str = "Yasmin-to-be-forgotten-c04d55";

#[test]
fn a_withdrawn_content_is_in_no_file_of_any_process() {
    let mut world = world(&["JO", "EG", "MA"]);
    let first = Record::organisation("JO", "gone", MARKER);
    let second = Record::organisation("JO", "gone", &format!("{MARKER} again"));
    let kept = Record::organisation("JO", "kept", "Kept");
    world.publish("JO", &[first.clone(), kept.clone()]);
    world.settle();
    world.publish("JO", &[second]);
    world.settle();
    let everywhere = world.federation().dir().to_owned();
    let holding = files::holding(&everywhere, MARKER);
    for place in ["hub", "JO-gw1", "EG-gw1", "MA-gw1"] {
        assert!(holding.iter().any(|path| path.starts_with(everywhere.join(place))), "{place}: {holding:?}");
    }

    // Who is away meanwhile erases it on return.
    world.node_mut("MA").stop().unwrap();
    world.node("JO").cli(&["withdraw", first.id(), "--reason", "Published by mistake"]).unwrap().ok().unwrap();
    world.eventually("Egypt sees the withdrawal", |world| !world.has("EG", first.id()));
    world.node_mut("MA").start().unwrap();
    world.settle();
    world.until_in_no_file(MARKER);

    for member in ["JO", "EG", "MA"] {
        assert!(!world.has(member, first.id()) && world.has(member, kept.id()), "{member}");
        let check = world.node(member).fsck().unwrap();
        assert_eq!(check["ok"], true, "{check}");
        let history = world.json(member, &["history", first.id()]);
        assert!(history["revisions"].as_array().unwrap().iter().any(|r| r["tombstone"] == true), "{history}");
    }
    let check = world.hub().fsck().unwrap();
    assert_eq!(check["ok"], true, "{check}");
    checker::check(&mut world);

    // The id cannot come back.
    let again = world.try_publish("JO", &[Record::organisation("JO", "gone", "Back")]);
    assert_eq!(again.code, Some(1), "{}", again.stdout);
}
