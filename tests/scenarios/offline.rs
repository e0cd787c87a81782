//! With the hub away, every read works and says its age; what is published waits, and drains by itself on return.

use multaqa_tests::checker;
use multaqa_tests::record::Record;

use crate::world;

#[test]
fn reads_go_on_and_publishing_waits_while_the_hub_is_away() {
    let mut world = world(&["JO", "EG"]);
    let known = Record::organisation("EG", "known", "Known");
    world.publish("EG", std::slice::from_ref(&known));
    world.settle();
    world.hub_mut().stop().unwrap();
    let status = world.until("JO", "it knows that its line is down", |status| {
        status["freshness"]["line_down_since_ms"].as_i64().is_some()
    });
    assert_ne!(status["freshness"]["state"], "live");

    let read = world.node("JO").cli(&["get", known.id()]).unwrap().ok().unwrap().stdout;
    assert!(read.contains("Known") && read.contains("as of ") && read.contains("line down since"), "{read}");
    for args in [&["list"][..], &["history", known.id()], &["status"]] {
        let text = world.node("JO").cli(args).unwrap().ok().unwrap().stdout;
        assert!(text.contains("line down since"), "{args:?}: {text}");
        let text = world.node("JO").cli(&[args, &["--lang", "ar"]].concat()).unwrap().ok().unwrap().stdout;
        assert!(text.contains("غير متصل؛ الخط إلى المنصة المركزية مقطوع منذ"), "{args:?}: {text}");
    }

    let waiting = Record::organisation("JO", "waiting", "Waiting");
    let said = world.try_publish("JO", std::slice::from_ref(&waiting)).ok().unwrap().stdout;
    assert!(said.contains("queued") && said.contains("line down since"), "{said}");
    assert_eq!(world.own_state("JO", waiting.id()).unwrap().0, "queued");
    assert_eq!(world.json("JO", &["status"])["waiting"], 1);

    // A node that starts without a hub serves its reads as well.
    world.node_mut("EG").stop().unwrap();
    world.node_mut("EG").start().unwrap();
    assert!(world.has("EG", known.id()));

    world.hub_mut().start().unwrap();
    world.settle();
    world.eventually("the record reaches Egypt", |world| world.has("EG", waiting.id()));
    world.eventually("its writer is told", |world| world.own_state("JO", waiting.id()).unwrap().0 == "valid");
    let status = world.until("JO", "its line is back", |status| status["freshness"]["line_down_since_ms"].is_null());
    assert_eq!(status["waiting"], 0);
    checker::check(&mut world);
}
