//! What waits for approvals is told with what it would change, is proposed once, and is approved once by each.

use serde_json::Value;

use crate::world;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_change_that_waits_is_told_proposed_once_and_approved_once() {
    let mut world = world(&["JO", "EG"]);
    world.hub().create_group("gulf", "full", &["JO"]).unwrap();
    let propose = ["group", "add", "gulf", "EG", "--json"];
    let proposed = json(&world.hub().operator(&propose).unwrap().ok().unwrap().stdout);
    assert_eq!(proposed["effect"], "pending");
    let record = proposed["record"].as_str().unwrap().to_owned();

    let again = world.hub().operator(&propose).unwrap();
    let refused = json(&again.stderr);
    assert_eq!((again.code, again.stdout.as_str(), &refused["code"]), (Some(1), "", &"PROPOSAL_PENDING".into()));
    assert_eq!((&refused["args"]["record"], &refused["act"]), (&record.as_str().into(), &"operator".into()));

    let records = || world.hub().status().unwrap()["control_count"].clone();
    let before = records();
    let twice = json(&world.hub().operator(&["approve", &record, "--json"]).unwrap().ok().unwrap().stdout);
    assert_eq!((&twice["effect"], &twice["approved_by"][0]), (&"already".into(), &"operator/first".into()));
    assert_eq!(records(), before, "no second approval was written");
    let said = world.hub().operator(&["approve", &record]).unwrap().ok().unwrap().stdout;
    assert!(said.contains("already approved by you"), "{said}");

    let listed = json(&world.hub().operator(&["approve", "--json"]).unwrap().ok().unwrap().stdout);
    let change = &listed[0]["changes"][0];
    assert_eq!((&listed[0]["kind"], &listed[0]["proposed_by"]), (&"group".into(), &"operator/first".into()));
    assert_eq!(
        (&change["field"], &change["before"], &change["after"]),
        (&"members".into(), &"JO".into(), &"EG JO".into())
    );
    for verb in ["approve", "status"] {
        let said = world.hub().operator(&[verb]).unwrap().ok().unwrap().stdout;
        assert!(said.contains("members: JO → EG JO (added: EG)") && said.contains(&record), "{said}");
    }

    world.until("JO", "the proposal reached it", |status| status["approvals"][0]["record_id"] == record.as_str());
    let shown = world.node("JO").cli(&["approve", "--lang", "ar"]).unwrap().ok().unwrap().stdout;
    assert!(shown.contains("الأعضاء: من «JO» إلى «EG JO» (أُضيف: EG)") && shown.contains(&record), "{shown}");
    assert_eq!(world.json("EG", &["approve"])["approvals"], Value::Array(Vec::new()), "not a state of the group");
    assert_eq!(world.json("JO", &["approve", &record])["already"], false);
    world.until("JO", "nothing waits", |status| status["approvals"].as_array().is_some_and(Vec::is_empty));
    let late = world.node("JO").cli(&["approve", &record, "--json"]).unwrap();
    assert_eq!((late.code, &json(&late.stderr)["code"]), (Some(1), &"APPROVAL_UNKNOWN".into()));
    assert_eq!(
        json(&world.hub().operator(&["approve", "--json"]).unwrap().ok().unwrap().stdout),
        Value::Array(Vec::new())
    );
}
