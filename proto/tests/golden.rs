//! Golden vectors: bytes made by `vectors/generate.py` from the protocol page alone, which this crate must reproduce.
//!
//! In scope: every signed or hashed format, from typed fields to bytes and back, and what must be refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use multaqa_proto::directory::possession::{NodeSecrets, Subject, prove, proven};
use multaqa_proto::directory::renewal::{Renewal, RenewalWrong};
use multaqa_proto::hash::{Hash, PayloadType, hex, pae, record_id, unhex};
use multaqa_proto::id::Writer;
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::cosignature;
use multaqa_proto::log::evidence::{Evidence, Signed};
use multaqa_proto::log::frontier::Frontier;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::proof::{verify_consistency, verify_inclusion};
use multaqa_proto::log::seal::{ControlChain, Seal};
use multaqa_proto::log::succession::{CosignedCheckpoint, Decision, Succession};
use multaqa_proto::log::tree::{consistency_proof, inclusion_path, leaf_hash, root_of, run_of};
use multaqa_proto::number::{Epoch, LogNumber, Seq, TreeSize};
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::batch::{self, Signature, VerifiedRoots};
use multaqa_proto::record::content::{Body, Content, Seen};
use multaqa_proto::record::lane;
use multaqa_proto::record::statement::Statement;
use multaqa_proto::wire;
use prost::Message as _;
use prost::bytes::Bytes;
use serde_json::Value;

/// The vectors of a file by name; fails where there is none.
fn vectors(file: &str) -> Vec<(String, Value, Value)> {
    let path = format!("{}/vectors/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let file: Value = serde_json::from_str(&text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert!(!vectors.is_empty());
    let text = |v: &Value| v["name"].as_str().unwrap().to_owned();
    vectors.iter().map(|v| (text(v), v["inputs"].clone(), v["expected"].clone())).collect()
}

/// The vectors that are bytes (`false`) or verdicts (`true`).
fn by_verdict(file: &str, verdicts: bool) -> Vec<(String, Value, Value)> {
    let is_verdict = |name: &str| name.starts_with("verify ") || name.starts_with("parse ");
    let found: Vec<_> = vectors(file).into_iter().filter(|(name, ..)| is_verdict(name) == verdicts).collect();
    assert!(!found.is_empty(), "{file}");
    found
}

fn text<'a>(v: &'a Value, key: &str) -> &'a str {
    v[key].as_str().unwrap_or_else(|| panic!("{key} in {v}"))
}
fn bytes(v: &Value, key: &str) -> Vec<u8> {
    unhex(text(v, key)).unwrap()
}
fn number(v: &Value, key: &str) -> u64 {
    v[key].as_u64().unwrap_or_else(|| panic!("{key} in {v}"))
}
fn hash(v: &Value, key: &str) -> Hash {
    text(v, key).parse().unwrap()
}
fn hashes(v: &Value) -> Vec<Hash> {
    v.as_array().unwrap().iter().map(|h| h.as_str().unwrap().parse().unwrap()).collect()
}
fn optional_hash(v: &Value, key: &str) -> Option<Hash> {
    (!text(v, key).is_empty()).then(|| hash(v, key))
}
fn secret(v: &Value, key: &str) -> SigningKey {
    SigningKey::from_bytes(&bytes(v, key).try_into().unwrap())
}
fn accepted(expected: &Value) -> bool {
    match text(expected, "verify") {
        "accepted" => true,
        "refused" => false,
        other => panic!("{other}"),
    }
}

#[test]
fn statements_and_their_ids() {
    for (name, i, e) in vectors("statement") {
        let statement = Statement {
            federation: optional_hash(&i, "federation"),
            writer: text(&i, "writer").parse().unwrap(),
            epoch: Epoch(number(&i, "epoch")),
            seq: Seq(number(&i, "seq")),
            previous: optional_hash(&i, "previous"),
            lane: bytes(&i, "lane").try_into().unwrap(),
            content_hash: hash(&i, "content_hash"),
        };
        let serialised = statement.serialise();
        assert_eq!(hex(&serialised), text(&e, "bytes"), "{name}");
        assert_eq!(record_id(&serialised), hash(&e, "record_id"), "{name}");
        assert!(serialised.len() < 256);
        // Numbers that SQLite cannot hold are refused on the way in.
        if i64::try_from(statement.seq.0).is_ok() && i64::try_from(statement.epoch.0).is_ok() {
            assert_eq!(Statement::parse(&serialised), Ok(statement), "{name}");
        } else {
            assert!(Statement::parse(&serialised).is_err(), "{name}");
        }
    }
}

#[test]
fn contents_and_their_hashes() {
    for (name, i, e) in vectors("content") {
        let seen = i["seen_checkpoint"].as_object().map(|_| &i["seen_checkpoint"]);
        let audience: Vec<&str> = i["audience"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
        let content = Content {
            salt: bytes(&i, "salt").try_into().unwrap(),
            id: text(&i, "id").parse().unwrap(),
            revision: number(&i, "revision"),
            replaces: hashes(&i["replaces"]),
            audience: Audience::parse(&audience).unwrap(),
            authored_at_ms: i["authored_at_ms"].as_i64().unwrap(),
            seen: seen.map(|seen| Seen {
                log: LogNumber(number(seen, "log")),
                size: TreeSize(number(seen, "size")),
                root: hash(seen, "root"),
            }),
            body: Body::Payload(bytes(&i, "payload").into()),
        };
        let serialised = content.serialise();
        assert_eq!(hex(&serialised), text(&e, "bytes"), "{name}");
        assert_eq!(Hash::of(&serialised), hash(&e, "content_hash"), "{name}");
        assert_eq!(Content::parse(&serialised), Ok(content), "{name}");
    }
}

#[test]
fn lanes() {
    for (name, i, e) in vectors("lane") {
        let audience: Vec<&str> = i["audience"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
        let mut content = Content {
            salt: [1; 32],
            id: "JO:organisation:a".parse().unwrap(),
            revision: 1,
            replaces: Vec::new(),
            audience: Audience::parse(&audience).unwrap(),
            authored_at_ms: 0,
            seen: None,
            body: Body::Payload(Bytes::new()),
        };
        let key = bytes(&i, "key").try_into().unwrap();
        let made = lane::bind(&text(&i, "writer").parse().unwrap(), key, &mut content);
        assert_eq!(hex(&made), text(&e, "lane"), "{name}");
        assert_eq!((&content.salt[..16], &content.salt[16..]), (&key[..], &[1; 16][..]), "{name}");
    }
}

#[test]
fn signed_records_entries_and_stubs() {
    let optional = |v: &Value| v["content"].as_str().map(|_| Bytes::from(bytes(v, "content")));
    for (name, i, e) in vectors("record") {
        let record = wire::record::SignedRecord {
            statement: bytes(&i, "statement").into(),
            content: optional(&i),
            signature: bytes(&i, "signature").into(),
        };
        assert_eq!(hex(&record.encode_to_vec()), text(&e, "bytes"), "{name}");
    }
    for (name, i, e) in vectors("stub") {
        let entry = wire::hub::Entry {
            leaf: bytes(&i, "leaf").into(),
            signature: bytes(&i, "signature").into(),
            content: optional(&i),
        };
        assert_eq!(hex(&entry.encode_to_vec()), text(&e, "bytes"), "{name}");
    }
}

#[test]
fn pre_authentication_encoding() {
    let types = [
        ("multaqa/statement/v1", PayloadType::Statement),
        ("multaqa/batch/v1", PayloadType::Batch),
        ("multaqa/possession/v1", PayloadType::Possession),
    ];
    let types: BTreeMap<_, _> = types.into();
    for (name, i, e) in vectors("pae") {
        let encoded = pae(types[text(&i, "type")], &bytes(&i, "body"));
        assert_eq!(hex(&encoded), text(&e, "bytes"), "{name}");
    }
}

#[test]
fn keys_and_strict_signatures() {
    for (name, i, e) in vectors("key") {
        let key = PublicKey::of(&secret(&i, "seed"));
        assert_eq!(hex(key.as_bytes()), text(&e, "public_key"), "{name}");
        assert_eq!(key.id().to_string(), text(&e, "key_id"), "{name}");
    }
    for (name, i, e) in vectors("signature") {
        let key = PublicKey::from_slice(&bytes(&i, "public_key"));
        let verified = key.is_some_and(|key| key.verify(&bytes(&i, "message"), &bytes(&i, "signature")).is_ok());
        assert_eq!(verified, accepted(&e), "{name}");
    }
}

#[test]
fn batch_signatures() {
    for (name, i, e) in by_verdict("batch", false) {
        let secret = secret(&i, "seed");
        let (writer, epoch) = (text(&i, "writer").parse().unwrap(), Epoch(number(&i, "epoch")));
        let ids = hashes(&i["record_ids"]);
        for (statement, id) in i["statements"].as_array().unwrap().iter().zip(&ids) {
            assert_eq!(record_id(&unhex(statement.as_str().unwrap()).unwrap()), *id, "{name}");
        }
        let made: Vec<_> = batch::sign(&secret, &writer, epoch, &ids).iter().map(|s| hex(s)).collect();
        let expected: Vec<_> =
            e["records"].as_array().unwrap().iter().map(|r| text(r, "signature").to_owned()).collect();
        assert_eq!(made, expected, "{name}");
    }
    for (name, i, e) in by_verdict("batch", true) {
        let verified = PublicKey::from_slice(&bytes(&i, "public_key")).is_some_and(|key| {
            let writer: Writer = text(&i, "writer").parse().unwrap();
            Signature::parse(&bytes(&i, "signature")).is_ok_and(|signature| {
                let (id, epoch) = (hash(&i, "record_id"), Epoch(number(&i, "epoch")));
                let mut roots = VerifiedRoots::default();
                let first = signature.verify(id, &writer, epoch, &key, &mut roots).is_ok();
                assert_eq!(signature.verify(id, &writer, epoch, &key, &mut roots).is_ok(), first, "cached: {name}");
                first
            })
        });
        assert_eq!(verified, accepted(&e), "{name}");
    }
}

#[test]
fn proofs_of_possession() {
    for (name, i, e) in by_verdict("possession", false) {
        let subject = Subject {
            genesis: hash(&i, "genesis"),
            member: text(&i, "member").parse().unwrap(),
            node: text(&i, "node").parse().unwrap(),
            invitation: hash(&i, "invitation"),
        };
        let [record, witness, session] = ["record_seed", "witness_seed", "session_seed"].map(|seed| secret(&i, seed));
        let secrets = NodeSecrets { record: &record, witness: &witness, session: &session };
        let mut key = prove(&subject, Epoch(1), &secrets);
        for (made, expected) in [
            (&key.record_proof, "record_proof"),
            (&key.witness_proof, "witness_proof"),
            (&key.session_proof, "session_proof"),
        ] {
            assert_eq!(hex(made), text(&e, expected), "{name}");
        }
        assert!(proven(subject.genesis, &key).is_some(), "{name}");
        key.witness_proof[0] ^= 1;
        assert!(proven(subject.genesis, &key).is_none(), "{name}");
    }
    for (name, i, e) in by_verdict("possession", true) {
        let (body, proof) = (bytes(&i, "possession"), bytes(&i, "proof"));
        let verified = PublicKey::from_slice(&bytes(&i, "public_key"))
            .is_some_and(|key| key.verify_pae(PayloadType::Possession, &body, &proof).is_ok());
        assert_eq!(verified, accepted(&e), "{name}");
    }
}

#[test]
fn renewals() {
    for (name, i, e) in by_verdict("renewal", false) {
        let renewal = Renewal {
            genesis: hash(&i, "genesis"),
            member: text(&i, "member").parse().unwrap(),
            node: text(&i, "node").parse().unwrap(),
            certificate_request: Hash::of(&bytes(&i, "request")),
            asked_at_ms: i["asked_at_ms"].as_i64().unwrap(),
        };
        assert_eq!(renewal.certificate_request, hash(&i, "certificate_request"), "{name}");
        let record = secret(&i, "record_seed");
        let signed = renewal.sign(&record);
        assert_eq!(hex(&signed.bytes), text(&e, "bytes"), "{name}");
        assert_eq!(hex(&pae(PayloadType::Renewal, &signed.bytes)), text(&e, "message"), "{name}");
        assert_eq!(hex(&signed.signature), text(&e, "signature"), "{name}");
        let opened = Renewal::open(&signed.bytes, &signed.signature, &PublicKey::of(&record));
        assert_eq!(opened, Ok(renewal), "{name}");
    }
    for (name, i, e) in by_verdict("renewal", true) {
        let (body, signature) = (bytes(&i, "renewal"), bytes(&i, "signature"));
        let opened = PublicKey::from_slice(&bytes(&i, "public_key"))
            .ok_or(RenewalWrong::Signature)
            .and_then(|key| Renewal::open(&body, &signature, &key));
        assert_eq!(opened.is_ok(), accepted(&e), "{name}");
        let malformed = matches!(opened, Err(RenewalWrong::Malformed { .. }));
        assert_eq!(malformed, name.starts_with("parse "), "{name}");
    }
}

#[test]
fn leaves_and_seals() {
    for (name, i, e) in by_verdict("leaf", false) {
        let leaf_type = match number(&i, "type") {
            1 => LeafType::Record,
            2 => LeafType::Seal,
            3 => LeafType::Genesis,
            4 => LeafType::Evidence,
            5 => LeafType::Succession,
            other => panic!("{other}"),
        };
        let time = i["accepted_at_ms"].as_i64().unwrap();
        let leaf = Leaf::new(leaf_type, time, &bytes(&i, "signature"), bytes(&i, "body").into());
        let made = leaf.to_bytes();
        assert_eq!(hex(&made), text(&e, "bytes"), "{name}");
        assert_eq!(leaf_hash(&made), hash(&e, "leaf_hash"), "{name}");
        assert_eq!(Leaf::parse(&made), Ok(leaf), "{name}");
    }
    for (name, i, _) in by_verdict("leaf", true) {
        assert!(Leaf::parse(&bytes(&i, "bytes").into()).is_err(), "{name}");
    }
    for (name, i, e) in vectors("seal") {
        let mut control = ControlChain::default();
        for hash in hashes(&i["control_leaf_hashes"]) {
            control.push(hash);
        }
        assert_eq!(control.head, hash(&e, "control_head"), "{name}");
        let seal = Seal { time_ms: i["time_ms"].as_i64().unwrap(), control };
        assert_eq!(hex(&seal.serialise()), text(&e, "bytes"), "{name}");
        assert_eq!(Seal::parse(&seal.serialise()), Ok(seal), "{name}");
    }
}

#[test]
fn evidence_of_contradictions() {
    for (name, i, e) in by_verdict("evidence", false) {
        let signed = |v: &Value| Signed::parse(bytes(v, "statement").into(), bytes(v, "signature").into()).unwrap();
        let [one, other] = [0, 1].map(|n| signed(&i["statements"][n]));
        let evidence = Evidence::of(one, other).unwrap();
        assert_eq!(hex(&evidence.serialise()), text(&e, "bytes"), "{name}");
        assert_eq!(Evidence::parse(&evidence.serialise()), Ok(evidence.clone()), "{name}");
        assert_eq!(evidence.statements().each_ref().map(|s| s.record_id).to_vec(), hashes(&e["record_ids"]), "{name}");
    }
    for (name, i, e) in by_verdict("evidence", true) {
        let key = PublicKey::from_slice(&bytes(&i, "public_key")).unwrap();
        let parsed = Evidence::parse(&bytes(&i, "evidence"));
        assert_eq!(parsed.is_err(), name.starts_with("parse "), "{name}");
        let verified =
            parsed.and_then(|parsed| parsed.verify(hash(&i, "federation"), &key, &mut VerifiedRoots::default()));
        assert_eq!(verified.is_ok(), accepted(&e), "{name}");
    }
}

#[test]
fn successions_of_logs() {
    for (name, i, e) in by_verdict("succession", false) {
        let decision = |v: &Value| {
            let decision = Decision {
                genesis: hash(v, "genesis"),
                log: LogNumber(number(v, "log")),
                size: TreeSize(number(v, "size")),
                root: hash(v, "root"),
                operator: text(v, "operator").parse().unwrap(),
                decided_at_ms: v["decided_at_ms"].as_i64().unwrap(),
                reason: text(v, "reason").to_owned(),
            };
            decision.sign(&secret(v, "seed"))
        };
        let cosigned = |v: &Value| CosignedCheckpoint {
            note: text(v, "checkpoint").to_owned(),
            consistency: hashes(&v["consistency"]),
        };
        let succession = Succession {
            log: LogNumber(number(&i, "log")),
            closed: text(&i, "closed").to_owned(),
            cosigned: i["cosigned"].as_array().unwrap().iter().map(cosigned).collect(),
            decisions: i["decisions"].as_array().unwrap().iter().map(decision).collect(),
        };
        for (signed, expected) in succession.decisions.iter().zip(e["decisions"].as_array().unwrap()) {
            assert_eq!(hex(&signed.bytes), text(expected, "decision"), "{name}");
            assert_eq!(hex(&signed.signature), text(expected, "signature"), "{name}");
        }
        assert_eq!(hex(&succession.serialise()), text(&e, "bytes"), "{name}");
        assert_eq!(Succession::parse(&succession.serialise()), Ok(succession), "{name}");
    }
    for (name, i, _) in by_verdict("succession", true) {
        assert!(Succession::parse(&bytes(&i, "bytes")).is_err(), "{name}");
    }
}

#[test]
fn checkpoints() {
    for (name, i, e) in by_verdict("checkpoint", false) {
        let federation = text(&i, "federation").parse().unwrap();
        let (log, key) = (LogNumber(number(&i, "log")), secret(&i, "seed"));
        let checkpoint = Checkpoint { log, size: TreeSize(number(&i, "size")), root: hash(&i, "root") };
        let signed = checkpoint.sign(&federation, &key);
        assert_eq!(signed, text(&e, "note"), "{name}");
        assert_eq!(Checkpoint::open(&signed, &federation, log, &PublicKey::of(&key)), Ok(checkpoint), "{name}");
    }
    for (name, i, e) in by_verdict("checkpoint", true) {
        let (federation, log) = text(&i, "origin").split_once("/log/").unwrap();
        let (federation, log) = (federation.parse().unwrap(), LogNumber(log.parse().unwrap()));
        let opened = PublicKey::from_slice(&bytes(&i, "public_key"))
            .is_some_and(|key| Checkpoint::open(text(&i, "note"), &federation, log, &key).is_ok());
        assert_eq!(opened, accepted(&e), "{name}");
    }
}

#[test]
fn cosignatures() {
    for (name, i, e) in by_verdict("cosignature", false) {
        let Writer::Node(member, node) = text(&i, "writer").parse().unwrap() else { panic!("{name}") };
        let key_name = cosignature::witness_name(&text(&i, "federation").parse().unwrap(), &member, &node);
        assert_eq!(key_name, text(&e, "key_name"), "{name}");
        let line = cosignature::sign(&key_name, &secret(&i, "seed"), number(&i, "time"), text(&i, "checkpoint_text"));
        assert_eq!(line, text(&e, "line"), "{name}");
    }
    for (name, i, e) in by_verdict("cosignature", true) {
        let time = PublicKey::from_slice(&bytes(&i, "public_key")).and_then(|key| {
            let line = text(&i, "line").strip_suffix('\n').unwrap();
            cosignature::verify(&[line], text(&i, "key_name"), &key, text(&i, "checkpoint_text"))
        });
        assert_eq!(time.is_some(), accepted(&e), "{name}");
        assert_eq!(time, e["time"].as_u64(), "{name}");
    }
}

#[test]
fn merkle_trees() {
    for (name, i, e) in vectors("merkle") {
        let data = i["leaf_data"].as_array().unwrap();
        let leaves: Vec<Hash> = data.iter().map(|d| leaf_hash(&unhex(d.as_str().unwrap()).unwrap())).collect();
        let root = hash(&e, "root");
        assert_eq!(root_of(&leaves), root, "{name}");
        let mut frontier = Frontier::default();
        for leaf in &leaves {
            frontier.push(*leaf);
        }
        assert_eq!(frontier.root(), root, "{name}");
        let subtrees: Vec<Hash> = e["subtrees"].as_array().unwrap().iter().map(|s| hash(s, "hash")).collect();
        assert_eq!(run_of(&leaves, 0), subtrees, "{name}");
        for (index, path) in e["inclusion"].as_array().unwrap().iter().enumerate() {
            assert_eq!(inclusion_path(&leaves, index), hashes(path), "{name}");
        }
        for (first, proof) in (1..).zip(e["consistency"].as_array().unwrap()) {
            assert_eq!(consistency_proof(&leaves, first), hashes(proof), "{name}");
        }
    }
}

/// The vectors that others computed from RFC 6962, found through `CONFORMANCE_DIR`; they must be there in CI.
#[test]
fn merkle_conformance() {
    let Ok(dir) = std::env::var("CONFORMANCE_DIR") else {
        assert!(std::env::var("CI").is_err(), "CI must set CONFORMANCE_DIR");
        eprintln!("skipped: CONFORMANCE_DIR is not set");
        return;
    };
    let file = std::fs::read_to_string(format!("{dir}/merkle_vectors.json")).unwrap();
    let all: Value = serde_json::from_str(&file).unwrap();
    let leaf = |i: u64| leaf_hash(format!("entry-{i}").as_bytes());
    let leaves = |n: u64| (0..n).map(leaf).collect::<Vec<_>>();
    let mut roots = BTreeMap::new();
    for v in all["roots"].as_array().unwrap() {
        let (size, root) = (number(v, "size"), hash(v, "root"));
        assert_eq!(root_of(&leaves(size)), root, "{size}");
        roots.insert(size, root);
    }
    let root = |size: u64| roots.get(&size).copied().unwrap_or_else(|| root_of(&leaves(size)));
    for v in all["inclusion"].as_array().unwrap() {
        let (size, index, path) = (number(v, "size"), number(v, "index"), hashes(&v["path"]));
        assert_eq!(inclusion_path(&leaves(size), usize::try_from(index).unwrap()), path);
        assert!(verify_inclusion(leaf(index), index, size, &path, root(size)));
    }
    for v in all["consistency"].as_array().unwrap() {
        let (old, new, path) = (number(v, "old"), number(v, "new"), hashes(&v["path"]));
        assert_eq!(consistency_proof(&leaves(new), usize::try_from(old).unwrap()), path);
        assert!(verify_consistency(old, root(old), new, root(new), &path));
    }
    for v in all["compact_ranges"].as_array().unwrap() {
        let (first, end) = (number(v, "first"), number(v, "end"));
        let run: Vec<Hash> = (first..end).map(leaf).collect();
        let expected: Vec<Hash> = v["subtrees"].as_array().unwrap().iter().map(|s| hash(s, "hash")).collect();
        assert_eq!(run_of(&run, first), expected, "{first}..{end}");
    }
}
