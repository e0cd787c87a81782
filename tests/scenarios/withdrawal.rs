//! Withdrawn means erased: the content goes from every file of every process, and the log still verifies.

use multaqa_demo::federation::key;
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

#[test]
fn what_another_gateway_published_meanwhile_is_told_and_withdrawn_once_more() {
    let mut world = world(&["JO", "EG"]);
    let join_key = world.federation_mut().invite("JO", "gw2", &[]).unwrap();
    let second = key("JO", "gw2");
    world.node(&second).join(&join_key).unwrap();
    world.node_mut(&second).start().unwrap();
    let record = |name: &str| Record::organisation("JO", "gone", name);
    let id = "JO:organisation:gone";
    world.publish("JO", &[record("Gone")]);
    world.settle();

    world.node(&second).link().cut();
    world.until(&second, "it knows that its line is down", |status| status["freshness"]["line_down_since_ms"].is_i64());
    world.node("JO").cli(&["withdraw", id]).unwrap().ok().unwrap();
    world.eventually("Egypt sees the withdrawal", |world| !world.has("EG", id));
    world.publish(&second, &[record(MARKER)]);
    world.node(&second).link().restore();
    world.settle();

    // Egypt reads what the tombstone does not name; the writer's member sees that it does, and what to do.
    for node in ["JO", &second] {
        world.until(node, "it tells what is left", |status| {
            status["unerased"][0]["id"] == id && status["unerased"][0]["records"] == 1
        });
        assert_eq!(world.json(node, &["get", id])["unerased"], 1);
        for (args, lang, said) in [
            (&["get", id][..], "en", "1 record is left"),
            (&["status"], "fr", "1 fiche"),
            (&["status"], "ar", "تسجيلة واحدة"),
        ] {
            let text = world.node(node).cli(&[args, &["--lang", lang]].concat()).unwrap().ok().unwrap().stdout;
            assert!(text.contains(said) && text.contains(&format!("multaqa-node withdraw {id}")), "{lang}: {text}");
        }
    }
    let everywhere = world.federation().dir().to_owned();
    let holding = files::holding(&everywhere, MARKER);
    assert!(holding.iter().any(|path| path.starts_with(everywhere.join("EG-gw1"))), "{holding:?}");
    let status = world.json("EG", &["status"]);
    assert_eq!(status["unerased"], serde_json::json!([]), "what is another member's is not told: {status}");

    world.node("JO").cli(&["withdraw", id]).unwrap().ok().unwrap();
    world.settle();
    world.until_in_no_file(MARKER);
    world.until(&second, "nothing is left", |status| status["unerased"] == serde_json::json!([]));
    let again = world.node("JO").cli(&["withdraw", id]).unwrap();
    assert!(again.code == Some(1) && again.stderr.contains("OBJECT_WITHDRAWN"), "{}", again.stderr);
    for member in ["JO", &second, "EG"] {
        let check = world.node(member).fsck().unwrap();
        assert_eq!(check["ok"], true, "{check}");
    }
    assert_eq!(world.hub().fsck().unwrap()["ok"], true);
    checker::check(&mut world);
}
