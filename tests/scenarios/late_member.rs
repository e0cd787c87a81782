//! A state that is admitted late catches up with everything that it may read, and verifies the whole log.

use multaqa_tests::checker;
use multaqa_tests::record::{Record, many};

use crate::world;

#[test]
fn a_state_admitted_late_reads_what_was_published_before() {
    let mut world = world(&["JO"]);
    let before = Record::organisation("JO", "before", "Before");
    let private = Record::organisation("JO", "private", "Private").for_audience("member:JO");
    world.publish("JO", &[before.clone(), private.clone()]);
    world.publish("JO", &many("JO", "bulk", 200));
    world.settle();
    world.federation_mut().admit(&["EG"]).unwrap();
    world.settle();
    assert!(world.has("EG", before.id()));
    assert!(!world.has("EG", private.id()));
    let listed = world.json("EG", &["list", "organisation", "--limit", "1000"]);
    assert_eq!(listed["objects"].as_array().unwrap().len(), 201);

    let after = Record::organisation("EG", "after", "After");
    world.publish("EG", std::slice::from_ref(&after));
    world.settle();
    assert!(world.has("JO", after.id()));
    checker::check(&mut world);
}
