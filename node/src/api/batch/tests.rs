//! Records without files, through the socket.

use proptest::prelude::*;
use serde_json::json;
use tonic_types::StatusExt as _;

use super::*;
use crate::port::tests::Served;
use crate::publish::RECORDS_MAX;
use crate::publish::testing::TestNode;

const MODEE: &str = "JO:organisation:modee";

fn json(id: &str, payload: &serde_json::Value) -> wire::NewRecord {
    let payload_of = Some(PayloadOf::PayloadJson(payload.to_string()));
    wire::NewRecord { id: id.to_owned(), payload_of, ..Default::default() }
}

fn value(value: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    let kind = match value {
        Json::Null => Of::NullValue(0),
        Json::Bool(value) => Of::BoolValue(value),
        Json::Number(number) => Of::NumberValue(number.as_f64().unwrap()),
        Json::String(value) => Of::StringValue(value),
        Json::Array(values) => {
            Of::ListValue(prost_types::ListValue { values: values.into_iter().map(self::value).collect() })
        }
        Json::Object(fields) => Of::StructValue(Struct {
            fields: fields.into_iter().map(|(name, field)| (name, self::value(field))).collect(),
        }),
    };
    Value { kind: Some(kind) }
}

fn message(id: &str, payload: serde_json::Value) -> wire::NewRecord {
    let Some(Of::StructValue(payload)) = value(payload).kind else { panic!("an object") };
    wire::NewRecord { payload_of: Some(PayloadOf::Payload(payload)), ..json(id, &json!({})) }
}

#[tokio::test]
async fn records_are_published_together_and_a_repetition_changes_nothing() {
    let mut served = Served::of(TestNode::of("JO").await).await;
    let payload = json!({ "name": { "ar": "وزارة" }, "type": "ministry" });
    let records = vec![json(MODEE, &payload), message("JO:organisation:mof", payload.clone())];
    let publish = async |records: Vec<wire::NewRecord>| {
        served
            .client
            .outbox()
            .batch_publish(wire::BatchPublishRequest { records })
            .await
            .map(|a| a.into_inner().records)
    };
    let first = publish(records.clone()).await.unwrap();
    let states = |records: &[wire::PublishedRecord]| {
        records.iter().map(|r| (r.id.clone(), r.revision, r.state.clone(), r.file.clone())).collect::<Vec<_>>()
    };
    let queued = |at: &str, id: &str, state: &str| (id.to_owned(), 1, state.to_owned(), Some(at.to_owned()));
    let both = |state| [queued("records[0]", MODEE, state), queued("records[1]", "JO:organisation:mof", state)];
    assert_eq!(states(&first), both("queued"));
    let again = publish(records).await.unwrap();
    assert_eq!(states(&again), both("unchanged"));
    assert_eq!(again[0].record_id, first[0].record_id);
    let wider = wire::NewRecord { audience: vec!["members".to_owned()], ..json(MODEE, &payload) };
    assert_eq!(publish(vec![wider]).await.unwrap()[0].revision, 2);
    served.node.order_queued().await;
    assert_eq!(served.node.states().await.iter().filter(|(_, state, _)| *state == "accepted").count(), 3);
    let gone = wire::WithdrawRequest { id: MODEE.to_owned(), ..Default::default() };
    let gone = served.client.outbox().withdraw(gone).await.unwrap().into_inner();
    assert_eq!(gone.record.unwrap().file, None, "it stands in no file and in no list");
    served.stop().await;
}

#[tokio::test]
async fn what_records_break_is_told_by_its_path_and_nothing_is_signed() {
    let served = Served::of(TestNode::of("JO").await).await;
    let good = json!({ "name": { "ar": "a" }, "type": "ministry" });
    let mut records = vec![
        json("JO:organisation:good", &good),
        json("JO:organisation:a", &json!({ "name": { "ar": "" }, "type": "ministry" })),
        message("JO:organisation:b", json!({ "nmae": { "ar": "a" }, "type": "ministry" })),
        json("SA:organisation:c", &good),
        json("no id", &good),
        wire::NewRecord { payload_of: None, ..json("JO:organisation:d", &good) },
        wire::NewRecord {
            payload_of: Some(PayloadOf::PayloadJson("a: 1".to_owned())),
            ..json("JO:organisation:e", &good)
        },
        wire::NewRecord { audience: vec!["nobody".to_owned()], ..json("JO:organisation:f", &good) },
        json("JO:organisation:g", &json!([1])),
        json("JO:organisation:h", &json!(null)),
    ];
    let whole = |text: &str| wire::NewRecord { record_json: text.to_owned(), ..Default::default() };
    // The tenth comes after the second.
    records.extend([json("JO:organisation:i", &good), json("JO:poem:j", &good)]);
    records.push(whole(
        "{\n  \"id\": \"JO:organisation:k\",\n  \"payload\": {\"name\": {\"en\": \"K\"}, \"typ\": \"x\"}\n}",
    ));
    records.push(whole("{\"id\": \"JO:organisation:l\",\n \"payload\""));
    records.push(wire::NewRecord {
        payload_of: Some(PayloadOf::PayloadJson("{\n\"name\": {\"en\": \"\"}, \"type\": \"ministry\"}".to_owned())),
        ..json("JO:organisation:m", &good)
    });
    let checked = served.client.outbox().batch_check(wire::BatchCheckRequest { records: records.clone() }).await;
    let checked = checked.unwrap().into_inner();
    let found: Vec<_> = checked.findings.iter().map(|f| (f.path.as_str(), f.code.as_str())).collect();
    let expected = [
        ("records[1].payload.name.ar", "TEXT_EMPTY"),
        ("records[2].payload.nmae", "FIELD_UNKNOWN"),
        ("records[2].payload.name", "FIELD_REQUIRED"),
        ("records[3].id", "OBJECT_FOREIGN"),
        ("records[4].id", "REFERENCE_MALFORMED"),
        ("records[5].payload", "FIELD_REQUIRED"),
        ("records[6].payload", "PAYLOAD_NOT_JSON"),
        ("records[7].audience[0]", "REFERENCE_MALFORMED"),
        ("records[8].payload", "VALUE_NOT_MAPPING"),
        ("records[8].payload.name", "FIELD_REQUIRED"),
        ("records[8].payload.type", "FIELD_REQUIRED"),
        ("records[9].payload", "PAYLOAD_NOT_JSON"),
        ("records[11].id", "KIND_UNKNOWN"),
        ("records[12].payload.type", "FIELD_REQUIRED"),
        ("records[12].payload.typ", "FIELD_UNKNOWN"),
        ("records[13]", "PAYLOAD_NOT_JSON"),
        ("records[14].payload.name.en", "TEXT_EMPTY"),
    ];
    assert_eq!(found, expected);
    assert!(checked.findings.iter().all(|finding| finding.file.is_empty() && finding.args["path"] == finding.path));
    let place = |path: &str| {
        let found = checked.findings.iter().find(|finding| finding.path == path).unwrap();
        (found.line, found.column)
    };
    assert_eq!([place("records[12].payload.typ"), place("records[13]")], [(3, 36), (2, 10)], "in the record's text");
    assert_eq!(place("records[14].payload.name.en"), (2, 16), "in the payload's");
    assert_eq!([place("records[2].payload.nmae"), place("records[3].id")], [(0, 0); 2], "without text");

    let mut outbox = served.client.outbox();
    let refused = outbox.batch_publish(wire::BatchPublishRequest { records }).await.unwrap_err();
    let details = refused.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "RECORDS_REFUSED");
    assert_eq!(details.error_info().unwrap().metadata["count"], expected.len().to_string());
    let fields: Vec<_> = details.bad_request().unwrap().field_violations.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(fields, expected.map(|(path, _)| path)[..16], "the first, as a trailer holds no more");
    assert!(served.node.states().await.is_empty());

    let both = wire::NewRecord { record_json: "{}".to_owned(), ..json(MODEE, &good) };
    for (records, code) in [
        (Vec::new(), "REQUEST_MALFORMED"),
        (vec![json(MODEE, &good), both], "REQUEST_MALFORMED"),
        (vec![json(MODEE, &good); RECORDS_MAX + 1], "RECORDS_TOO_MANY"),
    ] {
        let refused = outbox.batch_publish(wire::BatchPublishRequest { records }).await.unwrap_err();
        assert_eq!(refused.get_details_error_info().unwrap().reason, code);
    }
    served.stop().await;
}

#[test]
fn numbers_of_messages_are_written_as_people_do() {
    assert_eq!([2024.0, -1.0, 0.75, 1e300].map(digits)[..3], ["2024", "-1", "0.75"]);
    let deep = (0..100).fold(json!(1), |deep, _| json!([deep]));
    assert!(node(message(MODEE, json!({ "name": deep }))).is_err());
}

proptest! {
    #[test]
    fn no_payload_is_too_odd_to_be_refused(text in "\\PC{0,60}", json in "[\\[\\]{}\",:0-9a-z. -]{0,40}") {
        for text in [text, json] {
            let _ = of_json(PAYLOAD, &text);
        }
    }
}
