//! What is malformed, oversized, badly signed, foreign or wrongly chained is never ordered; what is well-formed and wrong is
//! ordered and void. Each answer has a code, no bad record spoils its neighbours, and nothing is half-applied.

use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::number::Seq;
use multaqa_proto::record::Received;
use multaqa_proto::record::content::CONTENT_MAX;
use multaqa_proto::wire::hub::{Answer, Outcome};
use multaqa_tests::forge::{Forge, damaged, id_of};
use multaqa_tests::raw::{RawClient, dialer};
use multaqa_tests::{World, checker};

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

fn each_bad_record_is_refused_with_its_code(client: &RawClient, forge: &Forge) {
    let good = forge.organisation("JO:organisation:good", "Good");
    let at = |change: &dyn Fn(&mut Forge)| {
        let mut forge = forge.clone();
        change(&mut forge);
        forge.organisation("JO:organisation:good", "Good")
    };
    let cases: [(&str, Received); 9] = [
        ("RECORD_UNDECODABLE", Received { content: Some(vec![0xff; 40].into()), ..good.clone() }),
        (
            "CONTENT_HASH_WRONG",
            Received { content: forge.organisation("JO:organisation:good", "Other").content, ..good.clone() },
        ),
        ("SIGNATURE_BAD", Received { signature: damaged(&good.signature), ..good.clone() }),
        ("CONTENT_MISSING", Received { content: None, ..good.clone() }),
        ("RECORD_TOO_LARGE", Received { content: Some(vec![0; CONTENT_MAX + 1].into()), ..good.clone() }),
        ("CHAIN_GAP", at(&|forge| forge.place.seq = Seq(forge.place.seq.0 + 1))),
        ("CHAIN_PREVIOUS_WRONG", at(&|forge| forge.place.previous = Some(Hash::of(b"another")))),
        ("FEDERATION_WRONG", at(&|forge| forge.place.federation = Some(Hash::of(b"another")))),
        ("OBJECT_FOREIGN", forge.organisation("EG:organisation:good", "Foreign")),
    ];
    let answers = submit(client, &cases.clone().map(|(_, record)| record));
    let codes: Vec<&str> = answers.iter().map(|answer| answer.code.as_str()).collect();
    assert_eq!(codes, cases.each_ref().map(|(code, _)| *code));
    assert!(answers.iter().all(|answer| answer.outcome() == Outcome::Rejected), "{answers:?}");
}

fn a_record_of_another_writer_ends_the_stream(client: &RawClient, forge: &Forge) {
    let mut forge = forge.clone();
    forge.place.writer = "EG/gw1".parse().unwrap();
    let refused = client.submit(vec![vec![forge.organisation("EG:organisation:forged", "Forged")]]).unwrap_err();
    assert_eq!(refused.code(), tonic::Code::PermissionDenied, "{refused}");
}

/// A bad one between two good ones, all in one request.
fn its_neighbours_are_accepted(client: &RawClient, forge: &mut Forge) -> RecordId {
    let first = forge.organisation("JO:organisation:first", "First");
    forge.follow(&first);
    let second = forge.organisation("JO:organisation:second", "Second");
    let bad = Received { signature: damaged(&second.signature), ..second.clone() };
    forge.follow(&second);
    let outcomes = |answers: Vec<Answer>| answers.iter().map(Answer::outcome).collect::<Vec<_>>();
    let answers = client.submit(vec![vec![first.clone(), bad, second.clone()]]).unwrap();
    assert_eq!(outcomes(answers.clone()), [Outcome::Accepted, Outcome::Rejected, Outcome::Accepted], "{answers:?}");
    let again = submit(client, &[first.clone(), second]);
    assert_eq!(outcomes(again.clone()), [Outcome::Duplicate; 2]);
    assert_eq!([again[0].index, again[1].index], [answers[0].index, answers[2].index]);
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
    assert!(!void["code"].as_str().unwrap().is_empty());
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
    let refused = world.try_publish("JO", &[multaqa_tests::record::Record::organisation("JO", "new", "New")]);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
}
