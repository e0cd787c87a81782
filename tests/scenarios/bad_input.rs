//! What is malformed, oversized, badly signed, foreign or wrongly chained is never ordered; what is well-formed and wrong is
//! ordered and void. Each answer has a code, no bad record spoils its neighbours, and nothing is half-applied.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::number::{Epoch, Seq};
use multaqa_proto::record::Received;
use multaqa_proto::record::content::CONTENT_MAX;
use multaqa_proto::wire::hub::{Answer, Outcome};
use multaqa_proto::wire::record as wire;
use multaqa_tests::forge::{Forge, damaged, id_of};
use multaqa_tests::raw::{RawClient, dialer};
use multaqa_tests::record::Record;
use multaqa_tests::refusals::{refused, tabled};
use multaqa_tests::{World, checker};
use prost::Message as _;

use crate::world;

#[test]
fn bad_records_are_refused_or_void_and_spoil_nothing() {
    let mut world = world(&["JO", "EG"]);
    world.node_mut("JO").stop().unwrap();
    let dir = world.node("JO").dir().to_owned();
    let client = RawClient::connect(
        world.hub().address().unwrap(),
        &dialer(&dir.join("identity/node.pem"), &dir.join("identity/root.pem")),
    );
    client.hello().unwrap();
    let mut forge = Forge::of(&world, "JO");
    each_bad_record_is_refused_with_its_code(&client, &forge);
    a_record_of_another_writer_ends_the_stream(&client, &forge);
    let good = its_neighbours_are_accepted(&client, &mut forge);
    let (empty, unknown) = well_formed_and_wrong_is_void_and_unknown_kinds_are_kept(&client, &mut forge);
    drop(client);
    the_readers_judge_alike(&mut world, &good, &empty, &unknown);
    a_node_that_lags_behind_its_own_chain_signs_nothing(&mut world);
}

/// Sends records, each in a request of its own; the answers.
fn submit(client: &RawClient, records: &[Received]) -> Vec<Answer> {
    let requests = records.iter().map(|record| vec![record.clone()]).collect();
    client.submit(requests).unwrap()
}

/// What may be wrong with a record before it has a place: what, the code, the record.
fn bad_records(forge: &Forge) -> Vec<(&'static str, &'static str, Received)> {
    let good = forge.organisation("JO:organisation:good", "Good");
    let at = |change: &dyn Fn(&mut Forge)| {
        let mut forge = forge.clone();
        change(&mut forge);
        forge.organisation("JO:organisation:good", "Good")
    };
    let statement = |change: &dyn Fn(&mut wire::Statement)| {
        let mut statement = wire::Statement::decode(good.statement.clone()).unwrap();
        change(&mut statement);
        Received { statement: statement.encode_to_vec().into(), ..good.clone() }
    };
    let content = |change: &dyn Fn(&mut wire::Content)| {
        let mut content = wire::Content::decode(good.content.clone().unwrap()).unwrap();
        change(&mut content);
        Received { content: Some(content.encode_to_vec().into()), ..good.clone() }
    };
    let signature = |change: &dyn Fn(&mut wire::Signature)| {
        let mut signature = wire::Signature::decode(good.signature.clone()).unwrap();
        change(&mut signature);
        Received { signature: signature.encode_to_vec().into(), ..good.clone() }
    };
    let garbage: Bytes = vec![0xff; 40].into();
    let [first, second] = forge.pair("JO:organisation:one", "JO:organisation:two");
    vec![
        ("a statement of garbage", "RECORD_UNDECODABLE", Received { statement: garbage.clone(), ..good.clone() }),
        ("a content of garbage", "RECORD_UNDECODABLE", Received { content: Some(garbage.clone()), ..good.clone() }),
        ("a signature of garbage", "RECORD_UNDECODABLE", Received { signature: garbage, ..good.clone() }),
        (
            "a statement cut off",
            "RECORD_UNDECODABLE",
            Received { statement: good.statement.slice(..good.statement.len() - 7), ..good.clone() },
        ),
        ("a previous that is no hash", "RECORD_MALFORMED", statement(&|s| s.previous.truncate(31))),
        ("place 0", "RECORD_MALFORMED", statement(&|s| s.seq = 0)),
        ("epoch 0", "RECORD_MALFORMED", statement(&|s| s.epoch = 0)),
        ("a salt that is too short", "RECORD_MALFORMED", content(&|c| c.salt.truncate(8))),
        ("a batch of none", "RECORD_MALFORMED", signature(&|s| s.count = 0)),
        ("a batch of too many", "RECORD_MALFORMED", signature(&|s| s.count = 4_097)),
        ("a writer that is none", "ID_MALFORMED", statement(&|s| s.writer.truncate(2))),
        ("an object id that is none", "ID_MALFORMED", content(&|c| c.id = c.id.replace(':', "/"))),
        ("a statement that is too large", "RECORD_TOO_LARGE", statement(&|s| s.lane = vec![0; 300])),
        (
            "a content that is too large",
            "RECORD_TOO_LARGE",
            Received { content: Some(vec![0; CONTENT_MAX + 1].into()), ..good.clone() },
        ),
        ("a signature that is too large", "RECORD_TOO_LARGE", signature(&|s| s.path = vec![vec![0; 32]; 30])),
        (
            "another content",
            "CONTENT_HASH_WRONG",
            Received { content: forge.organisation("JO:organisation:good", "Other").content, ..good.clone() },
        ),
        ("no content", "CONTENT_MISSING", Received { content: None, ..good.clone() }),
        (
            "a signature with a wrong bit",
            "SIGNATURE_BAD",
            Received { signature: damaged(&good.signature), ..good.clone() },
        ),
        ("the path of its neighbour", "SIGNATURE_BAD", Received { signature: second.signature, ..first }),
        ("another key's signature", "KEY_UNKNOWN", at(&|forge| forge.key = SigningKey::from_bytes(&[7; 32]))),
        ("a lane for others", "LANE_WRONG", statement(&|s| s.lane[0] ^= 1)),
        ("a gap", "CHAIN_GAP", at(&|forge| forge.place.seq = Seq(forge.place.seq.0 + 1))),
        ("another predecessor", "CHAIN_PREVIOUS_WRONG", at(&|forge| forge.place.previous = Some(Hash::of(b"another")))),
        (
            "a place that is taken",
            "CHAIN_FORK",
            at(&|forge| {
                (forge.place.seq, forge.place.previous) = (Seq(1), None);
            }),
        ),
        (
            "an epoch that nobody opened",
            "KEY_UNKNOWN",
            at(&|forge| {
                (forge.place.epoch, forge.place.seq, forge.place.previous) = (Epoch(2), Seq(1), None);
            }),
        ),
        ("another federation", "FEDERATION_WRONG", at(&|forge| forge.place.federation = Some(Hash::of(b"another")))),
        ("another member's object", "OBJECT_FOREIGN", forge.organisation("EG:organisation:good", "Foreign")),
    ]
}

fn each_bad_record_is_refused_with_its_code(client: &RawClient, forge: &Forge) {
    let cases = bad_records(forge);
    let records: Vec<Received> = cases.iter().map(|(.., record)| record.clone()).collect();
    let answers = submit(client, &records);
    assert_eq!(answers.len(), cases.len());
    for ((what, code, _), answer) in cases.iter().zip(&answers) {
        assert!(tabled(code), "{code} is not in the table");
        assert_eq!((answer.outcome(), answer.code.as_str()), (Outcome::Rejected, *code), "{what}");
    }
}

fn a_record_of_another_writer_ends_the_stream(client: &RawClient, forge: &Forge) {
    let mut forge = forge.clone();
    forge.place.writer = "EG/gw1".parse().unwrap();
    let refused = client.submit(vec![vec![forge.organisation("EG:organisation:forged", "Forged")]]).unwrap_err();
    assert_eq!((refused.code(), refused.message()), (tonic::Code::PermissionDenied, "WRITER_NOT_PEER"), "{refused}");
}

/// All bad ones between two good ones, in one request; and what was ordered is known when it comes again.
fn its_neighbours_are_accepted(client: &RawClient, forge: &mut Forge) -> RecordId {
    let first = forge.organisation("JO:organisation:first", "First");
    forge.follow(&first);
    let second = forge.organisation("JO:organisation:second", "Second");
    let bad = bad_records(forge);
    forge.follow(&second);
    let between = bad.iter().map(|(.., record)| record.clone());
    let request = [first.clone()].into_iter().chain(between).chain([second.clone()]).collect();
    let answers = client.submit(vec![request]).unwrap();
    let expected = bad.iter().map(|(_, code, _)| *code);
    let codes: Vec<&str> = answers.iter().map(|answer| answer.code.as_str()).collect();
    assert_eq!(codes, [""].into_iter().chain(expected).chain([""]).collect::<Vec<_>>());
    let again = submit(client, &[first.clone(), second]);
    assert!(again.iter().all(|answer| answer.outcome() == Outcome::Duplicate), "{again:?}");
    assert_eq!([again[0].index, again[1].index], [answers[0].index, answers[answers.len() - 1].index]);
    id_of(&first)
}

fn well_formed_and_wrong_is_void_and_unknown_kinds_are_kept(
    client: &RawClient,
    forge: &mut Forge,
) -> (RecordId, RecordId) {
    let nameless = forge.record("JO:organisation:nameless", Vec::new());
    forge.follow(&nameless);
    let unknown = forge.record("JO:poem:moallaqa", b"qifa nabki".to_vec());
    forge.follow(&unknown);
    let answers = submit(client, &[nameless.clone(), unknown.clone()]);
    assert!(answers.iter().all(|answer| answer.outcome() == Outcome::Accepted), "{answers:?}");
    (id_of(&nameless), id_of(&unknown))
}

fn the_readers_judge_alike(world: &mut World, good: &RecordId, nameless: &RecordId, unknown: &RecordId) {
    world.settle();
    let history = |world: &World, id: &str| world.json("EG", &["history", id])["revisions"][0].clone();
    let first = history(world, "JO:organisation:first");
    assert_eq!((&first["record_id"], &first["state"]), (&good.to_string().into(), &"valid".into()));
    let void = history(world, "JO:organisation:nameless");
    assert_eq!((&void["record_id"], &void["state"]), (&nameless.to_string().into(), &"void".into()), "{void}");
    assert_eq!(void["code"], "FIELD_REQUIRED");
    assert!(!world.has("EG", "JO:organisation:nameless") && !world.has("EG", "JO:organisation:good"));
    let poem = history(world, "JO:poem:moallaqa");
    assert_eq!(poem["record_id"], unknown.to_string(), "an unknown kind is kept and forwarded");
    checker::check(world);
    for check in [world.hub().fsck().unwrap(), world.node("EG").fsck().unwrap()] {
        assert_eq!(check["ok"], true, "{check}");
    }
}

/// The log holds records of this node's chain that its journal does not: a restored backup looks like this.
fn a_node_that_lags_behind_its_own_chain_signs_nothing(world: &mut World) {
    world.node_mut("JO").start().unwrap();
    let status =
        world.until("JO", "it stops signing", |status| status["blocked"].as_str().is_some_and(|code| !code.is_empty()));
    assert_eq!(status["blocked"], "JOURNAL_BEHIND", "{status}");
    world.eventually("it reads on", |world| world.has("JO", "JO:organisation:first"));
    refused(&world.try_publish("JO", &[Record::organisation("JO", "new", "New")]), "OUTBOX_BLOCKED");
}
