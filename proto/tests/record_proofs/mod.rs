//! Record proofs: what is proven with nothing but the genesis, and that nothing altered, left out or added passes.

use multaqa_proto::hash::Hash;
use multaqa_proto::id::MemberCode;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::cosignature::{sign, witness_name};
use multaqa_proto::log::leaf::Leaf;
use multaqa_proto::log::subtree::{Plan as ProofPlan, Rows};
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::log::witness::{Cosigned, Label, with_lines};
use multaqa_proto::number::{LeafIndex, LogNumber};
use multaqa_proto::record::Received;
use multaqa_proto::record_proof::{Later, Proven, ProvenEntry, RecordProof, RecordProofBad, SignedBy};
use multaqa_proto::sync::merge::Readers;
use multaqa_proto::wire::kind;
use prost::bytes::Bytes;

use super::federation::{Federation, Plan, key, organisation};

/// The proof of the record at an index, under the newest checkpoint and the newest seal.
fn proof(f: &Federation, index: LeafIndex) -> RecordProof {
    let mut rows = Rows::default();
    f.entries.iter().for_each(|(_, entry)| rows.leaf(entry.index, leaf_hash(&entry.leaf)));
    let proven = |index: u64| {
        let plan = ProofPlan::inclusion(LeafIndex(index), f.state.size()).unwrap();
        let entry = f.entries[usize::try_from(index).unwrap()].1.clone();
        ProvenEntry { entry, path: plan.prove_from(&rows).unwrap() }
    };
    let is_seal = |entry: &Bytes| entry[1] == 2;
    let seal = f.entries.iter().rposition(|(_, entry)| is_seal(&entry.leaf)).unwrap() as u64;
    let control = (0..seal).filter(|index| {
        let (readers, entry) = &f.entries[usize::try_from(*index).unwrap()];
        matches!(readers, Readers::Everyone) && !is_seal(&entry.leaf)
    });
    RecordProof {
        genesis: f.state.directory().genesis(),
        log: LogNumber(1),
        checkpoint: f.checkpoint(),
        record: proven(index.0),
        seal: proven(seal),
        control: control.map(proven).collect(),
        later: Vec::new(),
    }
}

fn verified(proof: &RecordProof) -> Result<Proven, RecordProofBad> {
    RecordProof::parse(proof.to_text().as_bytes())?.verify(proof.genesis)
}

fn code(proof: &RecordProof) -> &'static str {
    verified(proof).unwrap_err().code()
}

fn publish(f: &mut Federation, id: &str) -> LeafIndex {
    let index = f.state.size().next_index();
    f.write("SA/gw1", &Plan::new(id, &["states"], &organisation("said")));
    index
}

fn suspend_keys(f: &mut Federation) {
    let payload = kind::Key {
        member: "SA".to_owned(),
        node: "gw1".to_owned(),
        epoch: 1,
        status: "suspended".to_owned(),
        ..kind::Key::default()
    };
    f.write("operator/first", &Plan::new("x-federation:key:sa-gw1", &["members"], &payload));
}

/// SA with one record and a seal above it.
fn small() -> (Federation, LeafIndex) {
    let mut f = Federation::new(1);
    f.join("SA", "state", 10);
    let index = publish(&mut f, "SA:organisation:said");
    f.seal();
    (f, index)
}

#[test]
fn the_genesis_alone_proves_who_wrote_a_record_and_where_it_stands() {
    let (f, index) = small();
    let proven = verified(&proof(&f, index)).unwrap();
    assert_eq!((proven.writer.to_string().as_str(), proven.index), ("SA/gw1", index));
    assert_eq!(proven.content.unwrap().id.to_string(), "SA:organisation:said");
    assert_eq!(proven.checkpoint.size, f.state.size());
    assert_eq!((proven.control_count, proven.sealed), (4, LeafIndex(5)));
    assert!(matches!(proven.signed_by, SignedBy::Key { index: LeafIndex(3), .. }), "{:?}", proven.signed_by);
    assert_eq!((proven.label, proven.effective), (Label::Accepted, None));
    // A control record is proven, too: the key record by its invitation's one-time key, and the genesis itself.
    let key_record = verified(&proof(&f, LeafIndex(3))).unwrap();
    assert_eq!((key_record.signed_by, key_record.effective), (SignedBy::Invitation, Some(true)));
    let genesis = verified(&proof(&f, LeafIndex(0))).unwrap();
    assert_eq!((genesis.record_id, genesis.signed_by), (f_genesis(&f), SignedBy::Policy));
}

#[test]
fn a_stub_proves_the_statement_and_shows_no_content() {
    let (f, index) = small();
    let mut proof = proof(&f, index);
    proof.record.entry.content = None;
    let proven = verified(&proof).unwrap();
    assert_eq!((proven.content, proven.writer.to_string().as_str()), (None, "SA/gw1"));
}

#[test]
fn every_altered_byte_is_refused() {
    let (f, index) = small();
    let proof = proof(&f, index);
    let text = proof.to_text();
    assert!(RecordProof::parse(text.as_bytes()).unwrap().verify(proof.genesis).is_ok());
    let accepted = |altered: &[u8]| RecordProof::parse(altered).is_ok_and(|proof| proof.verify(f_genesis(&f)).is_ok());
    for at in 0..text.len() {
        let mut altered = text.clone().into_bytes();
        altered[at] ^= 1 << (at % 8);
        assert!(!accepted(&altered), "byte {at}, bit {}", at % 8);
        let mut shorter = text.clone().into_bytes();
        shorter.remove(at);
        assert!(!accepted(&shorter), "without byte {at}");
    }
    let other = Hash::of(b"another genesis");
    assert_eq!(proof.verify(other).unwrap_err().code(), "PROOF_GENESIS_OTHER");
}

fn f_genesis(f: &Federation) -> Hash {
    f.state.directory().genesis()
}

#[test]
fn every_flipped_bit_of_the_message_is_refused() {
    let (f, index) = small();
    let proof = proof(&f, index);
    let message = multaqa_proto::armour::open("MULTAQA RECORD", proof.to_text().as_bytes()).unwrap();
    for at in 0..message.len() {
        let mut altered = message.clone();
        altered[at] ^= 1 << (at % 8);
        let text = multaqa_proto::armour::armour("MULTAQA RECORD", &altered);
        let outcome = RecordProof::parse(text.as_bytes()).and_then(|proof| proof.verify(f_genesis(&f)));
        assert!(outcome.is_err(), "byte {at}, bit {}: {outcome:?}", at % 8);
    }
}

#[test]
fn no_control_record_can_be_kept_back() {
    let (mut f, index) = small();
    suspend_keys(&mut f);
    let later = publish(&mut f, "SA:organisation:later");
    f.seal();
    // What was written before the suspension stays proven, and the suspension is told.
    let sound = proof(&f, index);
    assert_eq!(verified(&sound).unwrap().since.key_suspended, Some(LeafIndex(6)));
    // What came after it is void.
    let void = proof(&f, later);
    assert_eq!(code(&void), "PROOF_RECORD_VOID");
    for hidden in 1..sound.control.len() {
        let mut proof = void.clone();
        proof.control.remove(hidden);
        let refused = code(&proof);
        assert!(["PROOF_CONTROL_INCOMPLETE", "PROOF_KEY_UNKNOWN", "PROOF_CHAIN_WRONG"].contains(&refused), "{refused}");
    }
    // Nor does the seal before the suspension help, under which it is rightly missing.
    let mut proof = void.clone();
    let seal = f.entries.iter().position(|(_, entry)| entry.leaf[1] == 2).unwrap();
    let earlier = proof_at(&f, seal);
    (proof.seal, proof.control) = (earlier, void.control[..4].to_vec());
    assert_eq!(code(&proof), "PROOF_ORDER_WRONG");
}

/// An entry with its proof.
fn proof_at(f: &Federation, index: usize) -> ProvenEntry {
    proof(f, LeafIndex(index as u64)).record
}

#[test]
fn entries_stand_at_their_own_places_only() {
    let (f, index) = small();
    let sound = proof(&f, index);
    let mut moved = sound.clone();
    moved.record.entry.index = LeafIndex(2);
    assert_eq!(code(&moved), "PROOF_NOT_INCLUDED");
    let mut swapped = sound.clone();
    swapped.control.swap(1, 2);
    assert_eq!(code(&swapped), "PROOF_ORDER_WRONG");
    let mut twice = sound.clone();
    twice.control.insert(2, sound.control[1].clone());
    assert_eq!(code(&twice), "PROOF_ORDER_WRONG");
    let mut pathless = sound.clone();
    pathless.control[2].path.pop();
    assert_eq!(code(&pathless), "PROOF_NOT_INCLUDED");
    let mut data = sound.clone();
    data.control.push(sound.record.clone());
    assert_eq!(code(&data), "PROOF_ENTRY_WRONG");
    let mut unsealed = sound.clone();
    unsealed.seal = sound.record.clone();
    assert_eq!(code(&unsealed), "PROOF_ENTRY_WRONG");
    let mut headless = sound;
    headless.control.remove(0);
    assert_eq!(code(&headless), "PROOF_ENTRY_WRONG");
}

#[test]
fn a_checkpoint_by_another_key_and_of_another_log_is_refused() {
    let (f, index) = small();
    let sound = proof(&f, index);
    let checkpoint = |log, key: u8| {
        let (size, root) = (f.state.size(), f.state.root());
        Checkpoint { log, size, root }.sign(f.state.directory().federation(), &super::key(key))
    };
    for forged in [checkpoint(LogNumber(1), 99), checkpoint(LogNumber(2), 100), checkpoint(LogNumber(1), 101)] {
        assert_eq!(code(&RecordProof { checkpoint: forged, ..sound.clone() }), "PROOF_CHECKPOINT_BAD");
    }
    let twice = sound.checkpoint.lines().last().unwrap().to_owned() + "\n";
    let doubled = RecordProof { checkpoint: format!("{}{twice}", sound.checkpoint), ..sound };
    assert_eq!(code(&doubled), "PROOF_CHECKPOINT_BAD", "of two lines of the log readers might take either");
}

/// Three states that witness, each with a node; a record of SA under a seal.
fn witnessed() -> (Federation, LeafIndex) {
    let mut f = Federation::new(1);
    for (code, seed) in [("SA", 10), ("MA", 20), ("KW", 30)] {
        f.join(code, "state", seed);
    }
    let operators = [("first", 1), ("second", 2), ("third", 3)];
    let public = |seed| multaqa_proto::key::PublicKey::of(&key(seed)).as_bytes().to_vec();
    let policy = kind::Policy {
        number: 2,
        log_key: public(100),
        operators: operators
            .map(|(name, seed)| kind::Operator { name: name.to_owned(), record_key: public(seed) })
            .to_vec(),
        operators_required: 1,
        witnesses: ["SA", "MA", "KW"].map(str::to_owned).to_vec(),
        rules: 1,
    };
    f.write("operator/first", &Plan::new("x-federation:policy:2", &["members"], &policy));
    let index = publish(&mut f, "SA:organisation:said");
    f.seal();
    (f, index)
}

fn line(f: &Federation, code: &str, seed: u8, time_s: u64) -> String {
    let (federation, member) = (f.state.directory().federation(), code.parse::<MemberCode>().unwrap());
    let name = witness_name(federation, &member, &"gw1".parse().unwrap());
    let text = f.checkpoint();
    sign(&name, &key(seed), time_s, text.split_inclusive("\n\n").next().unwrap().strip_suffix('\n').unwrap())
}

#[test]
fn cosignatures_count_by_the_policy_that_the_control_records_give() {
    let (f, index) = witnessed();
    let (ma, sa, kw) = (line(&f, "MA", 22, 7), line(&f, "SA", 12, 8), line(&f, "KW", 32, 9));
    let with = |lines: &[&String]| {
        let checkpoint = with_lines(&f.checkpoint(), lines.iter().map(|line| line.as_str()));
        RecordProof { checkpoint, ..proof(&f, index) }
    };
    let sound = |lines: &[&String]| verified(&with(lines)).unwrap();
    assert_eq!((sound(&[]).label, sound(&[]).numbers.states), (Label::Accepted, 3));
    // f = 0 of 3, so one state witnesses, and two make it stable.
    assert_eq!(sound(&[&ma]).label, Label::Witnessed);
    let stable = sound(&[&kw, &ma, &sa]);
    assert_eq!((stable.label, stable.states.len(), stable.cosignatures[1].cosignature.time_s), (Label::Stable, 3, 7));
    let canonical = Cosigned::open(&with(&[&sa, &kw]).checkpoint, f.state.directory()).unwrap();
    assert_eq!(canonical.cosignatures.len(), 2);
    // Each line has its one place, and counts or is not there.
    for refused in [with(&[&sa, &kw]), with(&[&ma, &ma]), with(&[&line(&f, "MA", 32, 7)])] {
        assert_eq!(code(&refused), "PROOF_COSIGNATURE_BAD");
    }
    let text = with(&[&kw, &ma]).to_text();
    let message = multaqa_proto::armour::open("MULTAQA RECORD", text.as_bytes()).unwrap();
    let from = message.windows(3).position(|window| window == "\u{2014}".as_bytes()).unwrap();
    for at in from..from + 420 {
        let mut altered = message.clone();
        altered[at] ^= 1 << (at % 8);
        let text = multaqa_proto::armour::armour("MULTAQA RECORD", &altered);
        let outcome = RecordProof::parse(text.as_bytes()).and_then(|proof| proof.verify(f_genesis(&f)));
        assert!(outcome.is_err(), "byte {at}: {outcome:?}");
    }
}

#[test]
fn who_cosigned_a_larger_tree_vouches_for_the_smaller_one() {
    let (mut f, index) = witnessed();
    let (ma, mut proof) = (line(&f, "MA", 22, 7), proof(&f, index));
    proof.checkpoint = with_lines(&proof.checkpoint, [ma.as_str()]);
    let first = f.state.size();
    publish(&mut f, "SA:organisation:later");
    f.seal();
    let lines = [line(&f, "KW", 32, 9), line(&f, "SA", 12, 8)];
    let mut rows = Rows::default();
    f.entries.iter().for_each(|(_, entry)| rows.leaf(entry.index, leaf_hash(&entry.leaf)));
    let consistency = ProofPlan::consistency(first, f.state.size()).unwrap().prove_from(&rows).unwrap();
    let checkpoint = with_lines(&f.checkpoint(), lines.iter().map(String::as_str));
    proof.later.push(Later { checkpoint, consistency });
    let proven = verified(&proof).unwrap();
    assert_eq!((proven.label, proven.states.len(), proven.checkpoint.size), (Label::Stable, 3, first));
    assert_eq!(proven.cosignatures[1].size, f.state.size());
    assert_eq!(proof.clone().settled().unwrap(), proof);
    let mut unordered = proof.clone();
    unordered.later[0].checkpoint = with_lines(&f.checkpoint(), [lines[1].as_str(), lines[0].as_str()]);
    assert_eq!(code(&unordered), "PROOF_COSIGNATURE_BAD");
    assert_eq!(unordered.settled().unwrap(), proof);
    let mut other = proof.clone();
    other.later[0].consistency[0].0[0] ^= 1;
    assert_eq!(code(&other), "PROOF_NOT_CONSISTENT");
    let mut twice = proof.clone();
    twice.later.push(proof.later[0].clone());
    assert_eq!(code(&twice), "PROOF_NOT_CONSISTENT");
    let message = multaqa_proto::armour::open("MULTAQA RECORD", proof.to_text().as_bytes()).unwrap();
    for at in message.len() - 600..message.len() {
        let mut altered = message.clone();
        altered[at] ^= 1 << (at % 8);
        let text = multaqa_proto::armour::armour("MULTAQA RECORD", &altered);
        let outcome = RecordProof::parse(text.as_bytes()).and_then(|proof| proof.verify(f_genesis(&f)));
        assert!(outcome.is_err(), "byte {at}: {outcome:?}");
    }
}

#[test]
fn a_writer_that_contradicted_itself_is_told_and_proves_nothing_more() {
    let (mut f, index) = small();
    let both = f.contradiction("SA/gw1", ["SA:organisation:one", "SA:organisation:other"]);
    f.put_evidence(both);
    f.seal();
    let sound = verified(&proof(&f, index)).unwrap();
    assert_eq!(sound.since.equivocated, Some(LeafIndex(6)));
    assert_eq!(sound.control_count, 5);
    let mut hidden = proof(&f, index);
    hidden.control.pop();
    assert_eq!(code(&hidden), "PROOF_CONTROL_INCOMPLETE");
    // What it writes afterwards is void, though the hub orders it.
    let (_, after) =
        f.sign("SA/gw1", &[Plan::new("SA:organisation:after", &["states"], &organisation("after"))]).remove(0);
    let index = f.state.size().next_index();
    f.order_nonetheless(after);
    f.seal();
    assert_eq!(code(&proof(&f, index)), "PROOF_RECORD_VOID");
}

/// A log that its hub signed, of which no node would take the end.
#[test]
fn no_control_record_counts_a_second_time_or_after_its_writer_was_frozen() {
    let (sound, index) = small();
    assert!(verified(&proof(&sound, index)).is_ok());
    let mut again = sound.clone();
    let admission = &sound.entries[1].1;
    let statement = Leaf::parse(&admission.leaf).unwrap().body;
    let (signature, content) = (admission.signature.clone(), admission.content.clone());
    again.order_nonetheless(Received { statement, content, signature });
    again.seal();
    assert_eq!(code(&proof(&again, index)), "PROOF_CHAIN_WRONG");

    let mut frozen = sound;
    let pair = ["a", "b"].map(|name| {
        let id = format!("x-federation:notice:{name}");
        frozen.sign("operator/first", &[Plan::new(&id, &["members"], &organisation(name))]).remove(0).1
    });
    frozen.order(pair[0].clone());
    frozen.put_evidence(pair);
    frozen.seal();
    assert!(verified(&proof(&frozen, index)).is_ok());
    let plan = Plan::new("x-federation:notice:c", &["members"], &organisation("c"));
    let (_, notice) = frozen.sign("operator/first", &[plan]).remove(0);
    frozen.order_nonetheless(notice);
    frozen.seal();
    assert_eq!(code(&proof(&frozen, index)), "PROOF_CHAIN_WRONG");
}
