//! Who witnesses changes by policy alone: proposed by an operator, agreed to by a quorum of those who witness, never below a
//! majority of the states.

use multaqa_tests::World;
use multaqa_tests::refusals::refused;
use serde_json::Value;

use crate::PROGRAM;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_silent_witness_leaves_by_a_policy_that_a_quorum_agrees_to() {
    let all = ["AE", "EG", "JO", "MA"];
    let mut world = World::witnessed(PROGRAM, &["AE", "EG", "JO"], &all);
    world.federation_mut().invite("MA", "gw1", &[]).unwrap();
    let policy = |world: &World| world.hub().policy().unwrap();
    assert_eq!((&policy(&world)["number"], &policy(&world)["witnessing"]["quorum"]), (&1.into(), &3.into()));

    refused(&world.hub().operator(&["policy", "witnesses", "remove", "AE", "MA"]).unwrap(), "WITNESSES_TOO_FEW");
    refused(&world.hub().operator(&["policy", "witnesses", "add", "SA"]).unwrap(), "WITNESS_NOT_STATE");
    refused(&world.hub().operator(&["policy", "witnesses", "add", "JO"]).unwrap(), "POLICY_UNCHANGED");

    let proposed = world.hub().operator(&["policy", "witnesses", "remove", "MA", "--json"]).unwrap().ok().unwrap();
    let proposed = json(&proposed.stdout);
    assert_eq!(proposed["effect"], "pending", "{proposed}");
    let record = proposed["record"].as_str().unwrap().to_owned();
    let waits = world.hub().operator(&["approve"]).unwrap().ok().unwrap().stdout;
    assert!(waits.contains("(removed: MA)"), "{waits}");
    for member in ["AE", "EG", "JO"] {
        assert_eq!(policy(&world)["number"], 1, "{member} has not agreed so far");
        world.until(member, "the proposal reached it", |status| status["approvals"][0]["record_id"] == record.as_str());
        assert_eq!(world.json(member, &["approve", &record])["already"], false);
        world.settle();
    }
    let now = policy(&world);
    let witnessing = &now["witnessing"];
    assert_eq!((&now["number"], &witnessing["states"], &witnessing["quorum"]), (&2.into(), &3.into(), &2.into()));
    world.until("JO", "it counts by the new policy", |status| status["witnessing"]["policy"] == 2);
    world.federation_mut().until_stable(multaqa_tests::SOON).unwrap();
    for (lang, said) in [("en", "witnesses"), ("fr", "témoins"), ("ar", "الشهود")] {
        let text = world.hub().operator(&["policy", "show", "--lang", lang]).unwrap().ok().unwrap().stdout;
        assert!(text.contains(said) && text.contains("JO") && !text.contains("MA"), "{lang}: {text}");
    }
}

#[test]
fn without_witnesses_in_the_policy_nothing_is_witnessed_and_nodes_are_live_all_the_same() {
    let mut world = crate::world(&["JO"]);
    let status = world.until("JO", "it is live", |status| status["line"]["state"] == "live");
    assert_eq!((&status["witnessing"]["no_witnesses"], &status["witnessing"]["stable"]), (&true.into(), &0.into()));
    let text = world.node("JO").cli(&["status"]).unwrap().ok().unwrap().stdout;
    assert!(text.contains("no witnesses in the policy"), "{text}");
}
