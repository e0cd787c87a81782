//! Publishing, withdrawing, and records that break rules.

use multaqa_demo::figures;
use multaqa_tests::World;
use multaqa_tests::record::Record;
use serde_json::{Value, json};

use super::JSON;
use super::curl::Curl;
use crate::clients::text;

pub(super) fn it_publishes_and_reads_its_own_write(world: &mut World, curl: &Curl) {
    let mof = Record::organisation("JO", "mof", "Finance");
    let both = json!([mof.json(), Record::organisation("JO", "moi", "Interior").json()]).to_string();
    let publish = || curl.ask(&[&JSON[..], &["-d", &both]].concat(), "/v1/records");
    let published = publish();
    assert_eq!(published.status, 202, "{}", published.body);
    let records = published.json()["records"].clone();
    assert_eq!((text(&records, "/0/id"), text(&records, "/1/state")), (mof.id(), "queued"));
    let index = || {
        let queue = curl.get("/v1/queue?all=true&pageSize=500");
        let own = queue["records"].as_array().unwrap().iter().find(|record| record["id"] == mof.id()).cloned();
        own.and_then(|own| own["index"].as_u64())
    };
    world.eventually("the record has its place", |_| index().is_some());
    // A node waits some seconds for a position, and then says when to ask again.
    let target = format!("/v1/organisations/{}?minPosition={}", mof.id(), index().unwrap() + 1);
    world.eventually("it reads its own write", |_| {
        let own = curl.ask(&[], &target);
        assert!(own.status == 200 || own.json()["code"] == "POSITION_NOT_REACHED", "{}", own.body);
        own.status == 200
    });
    let own = curl.ask(&[], &target);
    assert_eq!(text(&own.json(), "/payload/name/en"), "Finance");
    assert!(own.header("multaqa-position").parse::<u64>().unwrap() > index().unwrap());
    let again = publish();
    assert_eq!((again.status, text(&again.json(), "/records/0/state")), (200, "unchanged"));
    let never = curl.ask(&[], &format!("/v1/organisations/{}?minPosition=9007199254740991", mof.id()));
    assert_eq!((never.status, never.json()["code"].as_str()), (409, Some("POSITION_NOT_REACHED")));
    assert!(never.header("retry-after").parse::<u64>().is_ok());

    let reason = "/v1/organisations/JO:organisation:moi?reasonAr=%D8%AE%D8%B7%D8%A3&reasonEn=wrong";
    let apart = "/v1/organisations/JO:organisation:moi?reasonAr=%D8%AE%D8%B7%D8%A3&reasonFr=mal%20cre%CC%81e%CC%81";
    let problem = curl.refused(&["-X", "DELETE"], apart, 400, "TEXT_NOT_NFC");
    assert_eq!(text(&problem, "/at"), "reasonFr", "{problem}");
    let withdrawn = curl.ask(&["-X", "DELETE"], reason);
    assert_eq!((withdrawn.status, text(&withdrawn.json(), "/record/state")), (202, "queued"));
    world.eventually("it is gone", |_| !curl.ids("/v1/organisations").contains(&"JO:organisation:moi".to_owned()));
    assert!(curl.ids("/v1/organisations?withdrawn=true").contains(&"JO:organisation:moi".to_owned()));
    assert_eq!(curl.get("/v1/organisations/JO:organisation:moi")["payload"], Value::Null);
}

pub(super) fn records_that_break_rules_are_refused_and_checked(curl: &Curl) {
    let good = Record::organisation("JO", "good", "Good").json();
    let bad = json!({ "id": "JO:organisation:bad", "payload": { "name": { "en": "Bad" }, "typ": "agency" } });
    let both = json!([good, bad]).to_string();
    let column = bad.to_string().find("\"typ\"").unwrap() + 1;
    let args = [&JSON[..], &["-d", &both, "-H", "accept-language: fr"]].concat();
    let problem = curl.refused(&args, "/v1/records", 400, "RECORDS_REFUSED");
    let broken = problem["errors"].as_array().unwrap().iter().find(|error| error["code"] == "FIELD_UNKNOWN").cloned();
    let broken = broken.unwrap_or_else(|| panic!("{problem}"));
    assert_eq!((text(&broken, "/record"), text(&broken, "/at")), ("records[1]", "payload.typ"));
    assert_eq!((&broken["line"], &broken["column"]), (&json!(1), &json!(column)));
    assert!(!text(&broken, "/detail").is_empty());
    let checked = curl.ask(&args, "/v1/records:check").json();
    assert_eq!((&checked["documents"], checked["findings"].as_array().unwrap().is_empty()), (&json!(2), false));
    assert!(!curl.ids("/v1/organisations").contains(&"JO:organisation:good".to_owned()), "one of the two was signed");
    let service = std::fs::read_to_string(figures::sample_of("JO").unwrap()).unwrap();
    let id = figures::id_of(&figures::sample_of("JO").unwrap()).unwrap();
    assert!(service.contains(&id));
    let denied = json!([{ "id": id, "payload": {} }]).to_string();
    let denied = curl.refused(&[&JSON[..], &["-d", &denied]].concat(), "/v1/records:check", 403, "CLIENT_DENIED");
    assert_eq!(text(&denied, "/args/rule"), "publish:service");
}
