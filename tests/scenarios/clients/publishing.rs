//! A member system publishes and withdraws what its scopes name, and watches it.

use multaqa_demo::figures;
use multaqa_tests::World;
use multaqa_tests::record::Record;
use serde_json::{Value, json};

use super::system::System;
use super::text;

/// A service of this member that every node holds; its id.
pub(super) fn service() -> String {
    figures::id_of(&figures::sample_of("JO").unwrap()).unwrap()
}

/// A record file on the wire.
pub(super) fn file(record: &Record) -> Value {
    json!({ "name": "record.yaml", "bytes": base64(record.json().to_string().as_bytes()) })
}

/// Bytes as JSON carries them (RFC 4648, section 4).
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = |chunk: &[u8]| {
        let word = (0..3).fold(0_usize, |word, n| word << 8 | usize::from(chunk.get(n).copied().unwrap_or(0)));
        let letter = |n: usize| char::from(LETTERS[word >> (18 - 6 * n) & 63]);
        (0..4).map(|n| if n <= chunk.len() { letter(n) } else { '=' }).collect::<String>()
    };
    bytes.chunks(3).map(letters).collect()
}

pub(super) fn it_publishes_what_its_scopes_name(world: &mut World, system: &mut System) {
    let organisation = Record::organisation("JO", "mof", "Finance");
    let sample = std::fs::read(figures::sample_of("JO").unwrap()).unwrap();
    let sample = json!({ "name": "service.yaml", "bytes": base64(&sample) });
    let both = json!({ "files": [file(&organisation), sample] });
    let before = world.json("JO", &["status"])["seq"].clone();
    for method in ["Publish", "Check"] {
        let denied = system.refused("outbox", method, &both, "CLIENT_DENIED");
        assert_eq!(text(&denied, "/ErrorInfo/metadata/rule"), "publish:service");
        assert_eq!(text(&denied, "/ErrorInfo/metadata/resource"), service());
    }
    assert_eq!(world.json("JO", &["status"])["seq"], before, "one of the two was signed");
    let one = json!({ "files": [file(&organisation)] });
    assert_eq!(system.call("outbox", "Check", &one)["documents"], 1);
    let published = system.call("outbox", "Publish", &one);
    assert_eq!(text(&published, "/records/0/state"), "queued");
    world.settle();
    assert!(world.has("SA", "JO:organisation:mof"));

    let queue = system.call("outbox", "Queue", &json!({ "all": true, "page_size": 500 }));
    let shown: Vec<&str> = queue["records"].as_array().unwrap().iter().map(|record| text(record, "/id")).collect();
    assert!(shown.contains(&"JO:organisation:mof"), "{shown:?}");
    assert!(shown.iter().all(|id| id.starts_with("JO:organisation:")), "{shown:?}");

    let denied = system.refused("outbox", "Withdraw", &json!({ "id": service() }), "CLIENT_DENIED");
    assert!(text(&denied, "/ErrorInfo/metadata/rule") == "publish:service", "{denied}");
    system.call("outbox", "Withdraw", &json!({ "id": "JO:organisation:mof" }));
    world.settle();
    assert!(!world.has("SA", "JO:organisation:mof"));
}

pub(super) fn it_watches_what_it_publishes_as_records(world: &mut World, system: &mut System) {
    let from = system.call("replica", "List", &json!({ "page_size": 1 }))["freshness"]["size"].clone();
    let record = |slug: &str, name: &str| {
        let payload = json!({ "name": { "ar": name }, "type": "ministry" });
        json!({ "id": format!("JO:organisation:{slug}"), "payload": payload })
    };
    let wrong = json!({ "records": [record("moj", "عدل"), record("moe", "")] });
    let refused = system.refused("outbox", "BatchPublish", &wrong, "RECORDS_REFUSED");
    assert_eq!(text(&refused, "/BadRequest/fieldViolations/0/field"), "records[1].payload.name.ar");
    let checked = system.call("outbox", "BatchCheck", &wrong);
    assert_eq!(text(&checked, "/findings/0/code"), "TEXT_EMPTY");
    let foreign = json!({ "id": service(), "payload": {} });
    let both = json!({ "records": [record("moj", "عدل"), foreign] });
    let denied = system.refused("outbox", "BatchPublish", &both, "CLIENT_DENIED");
    assert_eq!(text(&denied, "/ErrorInfo/metadata/rule"), "publish:service");

    let records = json!({ "records": [record("moj", "عدل"), record("moe", "تعليم")] });
    for state in ["queued", "unchanged"] {
        let published = system.call("outbox", "BatchPublish", &records);
        assert_eq!((text(&published, "/records/0/state"), text(&published, "/records/1/state")), (state, state));
    }
    // The one that comes and the one that has come are told alike, each once.
    let watch = json!({ "kinds": ["organisation"], "members": ["JO"], "from_position": from, "payloads": true });
    let until = json!({ "service": "watch", "method": "Watch", "request": watch, "events": 2 });
    let events = system.ask(&until)["ok"].clone();
    let ids: Vec<&str> = events.as_array().unwrap().iter().map(|event| text(event, "/object/id")).collect();
    assert_eq!(ids, ["JO:organisation:moj", "JO:organisation:moe"], "{events}");
    assert!(text(&events[1], "/object/payload_json").contains("تعليم"));
    let resumed = json!({ "kinds": ["organisation"], "resume": events[0]["id"] });
    let until = json!({ "service": "watch", "method": "Watch", "request": resumed, "events": 1 });
    let again = system.ask(&until)["ok"].clone();
    assert_eq!(text(&again, "/0/object/id"), "JO:organisation:moe");
    // What was published is read where its position is asked for.
    let own = json!({ "id": "JO:organisation:moe", "min_position": events[1]["position"] });
    assert_eq!(text(&system.call("replica", "Get", &own), "/object/id"), "JO:organisation:moe");
    let named = json!({ "kinds": ["service"] });
    let denied = system.ask(&json!({ "service": "watch", "method": "Watch", "request": named, "events": 1 }));
    assert_eq!(text(&denied, "/error/ErrorInfo/reason"), "CLIENT_DENIED");
    world.settle();
}
