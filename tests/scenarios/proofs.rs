//! A record that one country published is proven at another one's node, and a stranger decides offline with nothing but the
//! genesis; whatever was altered is refused. The hub proves places and prefixes over gRPC.

use std::fs;
use std::path::Path;

use multaqa_demo::process::Output;
use multaqa_proto::directory::Directory;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::join_key::JoinKey;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf;
use multaqa_proto::log::proof::{verify_consistency, verify_inclusion};
use multaqa_proto::number::LogNumber;
use multaqa_proto::record::Received;
use multaqa_proto::record_proof::RecordProof;
use multaqa_proto::wire::hub::proof_request::Of;
use multaqa_proto::wire::hub::{ProofRequest, ProofResponse, RecordPlace};
use multaqa_tests::raw::{RawClient, dialer};
use multaqa_tests::record::Record;
use multaqa_tests::refusals::refused;
use multaqa_tests::{SOON, World};
use serde_json::Value;

use crate::PROGRAM;

#[test]
fn a_record_is_proven_at_another_node_and_a_stranger_decides_offline() {
    let mut world = World::witnessed(PROGRAM, &["JO", "EG", "MA"], &["JO", "EG", "MA"]);
    let open = Record::organisation("JO", "open", "Open to all states");
    let inner = Record::organisation("JO", "inner", "For Morocco alone").for_audience("member:MA");
    world.publish("JO", &[open.clone(), inner.clone()]);
    world.settle();
    world.federation_mut().until_stable(SOON).unwrap();
    // Got by another way than the file: from a join key.
    let key = world.federation_mut().invite("JO", "gw2", &[]).unwrap();
    let genesis = JoinKey::unpack(&key).unwrap().genesis;

    let file = world.scratch().join("open.proof");
    let path = file.display().to_string();
    let asked = ["get", open.id(), "--proof", "--out", &path];
    let written = world.node("EG").cli(&asked).unwrap().ok().unwrap().stdout;
    assert!(written.contains(&format!("multaqa-certs verify-record {path} --genesis {genesis}")), "{written}");
    refused(&world.node("EG").cli(&asked).unwrap(), "PROOF_FILE_UNWRITABLE");
    what_is_proven_is_said_in_words(&world, &file, genesis);
    altered_files_are_refused(&world, &file, genesis);
    what_may_not_be_read_is_proven_as_a_stub(&world, &inner, genesis);

    let nowhere = world.node("EG").cli(&["get", open.id(), "--proof", "--at", "1000000"]).unwrap();
    refused(&nowhere, "PROOF_INDEX_UNKNOWN");
    let proof = RecordProof::parse(&fs::read(&file).unwrap()).unwrap();
    the_hub_proves_places_and_prefixes(&world, &proof);
}

fn verify(world: &World, file: &Path, genesis: &str, more: &[&str]) -> Output {
    let file = file.display().to_string();
    let args = [&["verify-record", &file, "--genesis", genesis], more].concat();
    world.hub().certs(args).unwrap()
}

fn what_is_proven_is_said_in_words(world: &World, file: &Path, genesis: RecordId) {
    let genesis = genesis.to_string();
    let said: Value = serde_json::from_str(&verify(world, file, &genesis, &["--json"]).ok().unwrap().stdout).unwrap();
    assert_eq!((&said["ok"], &said["genesis"]), (&Value::from(true), &Value::from(genesis.clone())));
    assert_eq!((&said["record"]["writer"], &said["record"]["key_by"]), (&"JO/gw1".into(), &"key".into()));
    assert_eq!(said["record"]["content"]["id"], "JO:organisation:open");
    assert_eq!((&said["witnesses"]["label"], &said["witnesses"]["states"]), (&"stable".into(), &3.into()));
    assert!(said["witnesses"]["cosigned_by"].as_array().unwrap().len() >= 2, "{said}");
    let words = ["en", "fr", "ar"].map(|lang| verify(world, file, &genesis, &["--lang", lang]).ok().unwrap().stdout);
    for (words, expected) in words.iter().zip(["stable: no other history", "aucune autre histoire", "مثبَّتة"]) {
        assert!(words.contains("JO/gw1") && words.contains(&genesis) && words.contains(expected), "{words}");
        assert!(!words.contains("say-"), "{words}");
    }
    // The genesis may be handed over as a file.
    let digits = world.scratch().join("genesis.txt");
    fs::write(&digits, genesis + "\n").unwrap();
    verify(world, file, &digits.display().to_string(), &[]).ok().unwrap();
    let leaf = world.scratch().join("genesis.json").display().to_string();
    world.node("MA").cli(&["backup", "genesis", "--out", &leaf]).unwrap().ok().unwrap();
    verify(world, file, &leaf, &[]).ok().unwrap();
}

fn altered_files_are_refused(world: &World, file: &Path, genesis: RecordId) {
    let text = fs::read(file).unwrap();
    let verified = |text: &[u8]| RecordProof::parse(text).and_then(|proof| proof.verify(genesis));
    assert!(verified(&text).is_ok());
    // Each bit of all bytes is flipped beside the code; here of some of a file as it comes from a node.
    for at in (0..text.len()).step_by(23) {
        let mut altered = text.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(verified(&altered).is_err(), "byte {at}");
    }
    let altered = world.scratch().join("altered.proof");
    let genesis = genesis.to_string();
    let mut other = text.clone();
    let middle = text.len() / 2;
    other[middle] = if other[middle] == b'A' { b'B' } else { b'A' };
    fs::write(&altered, &other).unwrap();
    let output = verify(world, &altered, &genesis, &[]);
    assert_eq!(output.code, Some(1), "{}", output.stdout);
    assert!(output.stdout.is_empty() && output.stderr.contains("PROOF_"), "{}", output.stderr);
    fs::write(&altered, &text[..text.len() - 1]).unwrap();
    refused(&verify(world, &altered, &genesis, &[]), "PROOF_FILE_ALTERED");
    refused(&verify(world, file, &Hash::of(b"another").to_string(), &[]), "PROOF_GENESIS_OTHER");
    refused(&verify(world, file, &file.display().to_string(), &[]), "GENESIS_UNREADABLE");
}

fn what_may_not_be_read_is_proven_as_a_stub(world: &World, inner: &Record, genesis: RecordId) {
    let index = world.json("MA", &["get", inner.id()])["index"].as_u64().unwrap().to_string();
    let prove = |member: &str| {
        let proof = world.json(member, &["get", inner.id(), "--proof", "--at", &index]);
        RecordProof::parse(proof["file"].as_str().unwrap().as_bytes()).unwrap().verify(genesis).unwrap()
    };
    let (stub, whole) = (prove("EG"), prove("MA"));
    assert_eq!((stub.content, stub.record_id), (None, whole.record_id));
    assert_eq!(whole.content.unwrap().id.to_string(), inner.id());
}

fn the_hub_proves_places_and_prefixes(world: &World, known: &RecordProof) {
    let identity = world.node("EG").dir().join("identity");
    let dialer = dialer(&identity.join("node.pem"), &identity.join("root.pem"));
    let client = RawClient::connect(world.hub().address().unwrap(), &dialer);
    let ask = |size, of| client.proof(ProofRequest { log: 1, size, of: Some(of) });
    let entry = &known.control[0].entry;
    let genesis = Received {
        statement: leaf::Leaf::parse(&entry.leaf).unwrap().body,
        content: entry.content.clone(),
        signature: entry.signature.clone(),
    };
    let directory = Directory::open(&genesis.parse().unwrap()).unwrap();
    let opened =
        |note: &str| Checkpoint::open(note, directory.federation(), LogNumber(1), &directory.policy().log_key).unwrap();
    let hashes = |proof: &ProofResponse| -> Vec<Hash> {
        proof.hashes.iter().map(|hash| Hash::from_slice(hash).unwrap()).collect()
    };
    let place = RecordPlace { writer: "JO/gw1".to_owned(), epoch: 1, seq: 2 };
    let included = ask(0, Of::Record(place)).unwrap();
    let newest = opened(&included.checkpoint);
    assert_eq!(included.index, known.record.entry.index.0);
    let leaf = leaf::hash(&included.leaf);
    assert!(verify_inclusion(leaf, included.index, newest.size.0, &hashes(&included), newest.root));
    let first = opened(&known.checkpoint);
    let grown = ask(0, Of::First(first.size.0)).unwrap();
    let second = opened(&grown.checkpoint);
    assert!(verify_consistency(first.size.0, first.root, second.size.0, second.root, &hashes(&grown)));
    assert!(ask(0, Of::Index(second.size.0 + 1000)).is_err());
}
