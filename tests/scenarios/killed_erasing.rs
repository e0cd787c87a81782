//! Killed while withdrawn contents are erased: after the next start they go all the same, from every file.

use multaqa_hub::point as hub;
use multaqa_node::point as node;
use multaqa_runtime::point::Point;
use multaqa_tests::checker;
use multaqa_tests::record::Record;

use crate::world;

/// Where; the node's member, none for the hub.
const KILLS: [(Option<&str>, Point); 6] = [
    (None, hub::PURGE_BEGUN),
    (None, hub::PURGE_ENDED),
    (Some("JO"), node::OWN_ERASED),
    (Some("JO"), node::SCRUB_REWRITTEN),
    (Some("JO"), node::SCRUB_ENDED),
    (Some("EG"), node::SCRUB_REWRITTEN),
];

#[test]
fn what_is_withdrawn_goes_whoever_is_killed_while_it_is_erased() {
    let mut world = world(&["JO", "EG"]);
    for (number, (member, point)) in KILLS.into_iter().enumerate() {
        let marker = format!("Jasmine-to-be-forgotten-{number}-7f21");
        let record = Record::organisation("JO", &format!("gone-{number}"), &marker);
        world.publish("JO", std::slice::from_ref(&record));
        world.settle();

        let process = member.map_or_else(|| world.hub().process(), |member| world.node(member).process());
        let armed = world.points().arm(point, process.unwrap().pid());
        world.node("JO").cli(&["withdraw", record.id(), "--reason", "Published by mistake"]).unwrap().ok().unwrap();
        world.until_reached(&armed);
        match member {
            None => {
                world.hub_mut().kill9().unwrap();
                world.hub_mut().start().unwrap();
            }
            Some(member) => {
                world.node_mut(member).kill9().unwrap();
                world.node_mut(member).start().unwrap();
            }
        }
        world.settle();
        world.until_in_no_file(&marker);
    }
    let fsck = world.hub().fsck().unwrap();
    assert_eq!(fsck["ok"], true, "{fsck}");
    for member in ["JO", "EG"] {
        let fsck = world.node(member).fsck().unwrap();
        assert_eq!(fsck["ok"], true, "{member}: {fsck}");
    }
    checker::check(&mut world);
}
