//! Order first, judge after: a record that became void while its writer was away keeps its place, changes nothing, and its
//! writer is told.

use multaqa_demo::federation::key;
use multaqa_tests::checker;
use multaqa_tests::record::Record;

use crate::world;

#[test]
fn a_revision_that_came_too_late_is_void_and_its_writer_is_told() {
    let mut world = world(&["JO", "EG"]);
    let join_key = world.federation_mut().invite("JO", "gw2", &[]).unwrap();
    let second = key("JO", "gw2");
    world.node(&second).join(&join_key).unwrap();
    world.node_mut(&second).start().unwrap();
    let record = |name: &str| [Record::organisation("JO", "shared", name)];
    let id = "JO:organisation:shared";
    world.publish("JO", &record("First"));
    world.settle();

    // Both nodes of one member revise the same object while the second one's line is down.
    world.node(&second).link().cut();
    world.until(&second, "it knows that its line is down", |status| status["freshness"]["line_down_since_ms"].is_i64());
    world.publish("JO", &record("Second, in time"));
    world.eventually("the first is ordered", |world| world.own_state("JO", id).unwrap().0 == "valid");
    world.publish(&second, &record("Second, too late"));
    world.node(&second).link().restore();
    world.settle();

    world.eventually("its writer is told", |world| world.own_state(&second, id).unwrap().0 == "void");
    let (_, code) = world.own_state(&second, id).unwrap();
    assert!(code.contains("STALE"), "{code}");
    assert_eq!(world.json(&second, &["status"])["failed"], 1);
    let text = world.node(&second).cli(&["queue"]).unwrap().ok().unwrap().stdout;
    assert!(text.contains("void") && text.contains(&code), "{text}");
    for member in ["JO", "EG"] {
        assert_eq!(world.json(member, &["get", id])["title"]["en"], "Second, in time");
        let history = world.json(member, &["history", id]);
        let states: Vec<&str> =
            history["revisions"].as_array().unwrap().iter().filter_map(|r| r["state"].as_str()).collect();
        assert_eq!(states, ["valid", "valid", "void"]);
    }
    checker::check(&mut world);
}

#[test]
fn what_a_suspended_member_signed_while_it_was_away_is_void() {
    let mut world = world(&["JO", "EG"]);
    world.node("EG").link().cut();
    let status =
        |down: bool| move |status: &serde_json::Value| status["freshness"]["line_down_since_ms"].is_i64() == down;
    world.until("EG", "it knows that its line is down", status(true));
    let record = Record::organisation("EG", "meanwhile", "Meanwhile");
    world.publish("EG", std::slice::from_ref(&record));
    world.hub().operator(&["members", "suspend", "EG"]).unwrap().ok().unwrap();
    world.node("EG").link().restore();
    world.eventually("the hub has suspended it", |world| {
        let members = world.hub().operator(&["members", "--json"]).unwrap().ok().unwrap().stdout;
        let members: serde_json::Value = serde_json::from_str(&members).unwrap();
        members.as_array().unwrap().iter().any(|member| member["code"] == "EG" && member["status"] == "suspended")
    });
    assert_eq!(world.own_state("EG", record.id()).unwrap().0, "queued");
    assert!(!world.has("JO", record.id()));

    world.hub().operator(&["members", "reinstate", "EG"]).unwrap().ok().unwrap();
    world.until("EG", "its line is back", status(false));
    world.settle();
    world.eventually("the record is in force after all", |world| world.has("JO", record.id()));
    checker::check(&mut world);
}
