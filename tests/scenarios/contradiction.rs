//! A node that signs two records for one place of its chain, as a copy of its disk would: the evidence is on the log for
//! everybody, nothing more of it is ordered, it is told what to do, and with a new invitation it goes on.

use std::fs;

use multaqa_proto::number::Seq;
use multaqa_proto::record::ChainPlace;
use multaqa_proto::wire::hub::Outcome;
use multaqa_tests::forge::Forge;
use multaqa_tests::raw::{RawClient, dialer};
use multaqa_tests::record::Record;
use multaqa_tests::refusals::refused;
use multaqa_tests::{World, checker};
use serde_json::Value;

use crate::world;

#[test]
fn a_writer_that_contradicts_itself_is_frozen_and_shown_until_it_is_invited_anew() {
    let mut world = world(&["JO", "EG"]);
    world.publish("JO", &[Record::organisation("JO", "first", "First")]);
    world.settle();
    let newest = Forge::of(&world, "JO").place;
    world.publish("JO", &[Record::organisation("JO", "second", "Second")]);
    world.settle();
    world.node_mut("JO").stop().unwrap();
    the_copy_signs_at_the_same_place(&world, newest);

    world.settle();
    let evidence = shown_to_everybody(&world);
    world.node_mut("JO").start().unwrap();
    let status = world.until("JO", "it stops signing", |status| status["blocked"] == "WRITER_FROZEN");
    assert_eq!(status["contradictions"][0]["evidence"], evidence, "{status}");
    let said = world.node("JO").cli(&["status"]).unwrap();
    assert!(said.stdout.contains("(WRITER_FROZEN)") && said.stdout.contains("multaqa-hub invite"), "{}", said.stdout);
    refused(&world.try_publish("JO", &[Record::organisation("JO", "third", "Third")]), "OUTBOX_BLOCKED");
    checker::check(&mut world);
    fsck(&world);

    // A new epoch, in a new directory.
    world.node_mut("JO").stop().unwrap();
    let (old, aside) = (world.node("JO").dir().to_owned(), world.scratch().join("JO-frozen"));
    fs::rename(&old, &aside).unwrap();
    let join_key = world.federation_mut().invite("JO", "gw1", &[]).unwrap();
    world.node("JO").join(&join_key).unwrap();
    world.node_mut("JO").start().unwrap();
    world.settle();
    world.publish("JO", &[Record::organisation("JO", "again", "Again")]);
    world.settle();
    assert!(world.has("EG", "JO:organisation:again"));
    assert_eq!(world.json("EG", &["status"])["contradictions"][0]["frozen"], false);
    checker::check(&mut world);
    fsck(&world);
}

/// With the node's own key and certificate, at the place of its newest record.
fn the_copy_signs_at_the_same_place(world: &World, place: ChainPlace) {
    let dir = world.node("JO").dir().to_owned();
    let dialer = dialer(&dir.join("identity/node.pem"), &dir.join("identity/root.pem"));
    let copy = RawClient::connect(world.hub().address().unwrap(), &dialer);
    let mut forge = Forge { place, ..Forge::of(world, "JO") };
    let other = forge.organisation("JO:organisation:other", "Other");
    forge.place.seq = Seq(forge.place.seq.0 - 1);
    let earlier = forge.organisation("JO:organisation:earlier", "Earlier");
    let answers = copy.submit(vec![vec![other.clone()], vec![other, earlier]]).unwrap();
    let codes: Vec<_> = answers.iter().map(|answer| (answer.outcome(), answer.code.as_str())).collect();
    assert_eq!(codes, [(Outcome::Rejected, "WRITER_FROZEN"); 3]);
}

/// The same evidence at the other node, at the hub, and in what the operators see; its place on the log.
fn shown_to_everybody(world: &World) -> Value {
    let node = world.json("EG", &["status"])["contradictions"].clone();
    assert_eq!(
        (node.as_array().unwrap().len(), &node[0]["writer"], &node[0]["frozen"]),
        (1, &"JO/gw1".into(), &true.into())
    );
    assert_eq!(world.hub().status().unwrap()["contradictions"], node);
    let members = world.hub().operator(&["members", "--json"]).unwrap().ok().unwrap().stdout;
    let members: Value = serde_json::from_str(&members).unwrap();
    let jo = members.as_array().unwrap().iter().find(|member| member["code"] == "JO").unwrap();
    assert_eq!((&jo["nodes"][0]["status"], &jo["nodes"][0]["contradictions"]), (&"frozen".into(), &node));
    let said = world.hub().operator(&["members"]).unwrap().ok().unwrap().stdout;
    assert!(said.contains("JO/gw1 signed two records for place"), "{said}");
    node[0]["evidence"].clone()
}

fn fsck(world: &World) {
    for check in [world.hub().fsck().unwrap(), world.node("EG").fsck().unwrap(), world.node("JO").fsck().unwrap()] {
        assert_eq!(check["ok"], true, "{check}");
    }
}
