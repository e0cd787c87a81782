//! Evidence files: what a node that caught a hub hands on, and what others make of it with nothing but the genesis.

mod signed;

use std::collections::BTreeMap;

use multaqa_proto::evidence::{
    ControlLeaf, EvidenceFile, EvidenceFileBad, Finding, Held, PlacedLeaf, Prefix, Report, Sent, Verified,
};
use multaqa_proto::hash::Hash;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf::{Leaf, LeafType, hash};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::log::tree::{consistency_proof, inclusion_path};
use multaqa_proto::number::{Epoch, LeafIndex, LogNumber, TreeSize};
use multaqa_proto::sync::block::{Entry, pack, unpack};
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::wire::hub::Frame;

use super::federation::{Federation, Plan, key, organisation};

/// SA and MA, of whom MA reads; a record of SA for all, and one for itself, are still to come.
fn halfway() -> (Federation, Intake) {
    let mut f = Federation::new(1);
    for (code, seed) in [("SA", 10), ("MA", 20)] {
        f.join(code, "state", seed);
    }
    f.seal();
    let (reader, _) = f.reader("MA").accept(&f.frame("MA", TreeSize(0))).unwrap();
    f.write("SA/gw1", &Plan::new("SA:organisation:open", &["states"], &organisation("for all")));
    f.write("SA/gw1", &Plan::new("SA:organisation:own", &["member:SA"], &organisation("for itself")));
    (f, reader)
}

/// The control leaves below a size.
fn control(f: &Federation, size: TreeSize) -> Vec<ControlLeaf> {
    let mut seal_time_ms = 0;
    let mut control = Vec::new();
    for (_, entry) in f.entries.iter().take(usize::try_from(size.0).unwrap()) {
        let leaf = Leaf::parse(&entry.leaf).unwrap();
        match leaf.leaf_type {
            LeafType::Seal => seal_time_ms = Seal::parse(&leaf.body).unwrap().time_ms,
            LeafType::Record if !is_control(entry) => {}
            LeafType::Record | LeafType::Genesis | LeafType::Evidence | LeafType::Succession => {
                control.push(ControlLeaf { entry: entry.clone(), seal_time_ms });
            }
        }
    }
    control
}

/// The newest seal below a size.
fn seal(f: &Federation, size: TreeSize) -> Option<PlacedLeaf> {
    let below = usize::try_from(size.0).unwrap();
    let leaves: Vec<_> = f.entries.iter().take(below).map(|(_, entry)| hash(&entry.leaf)).collect();
    let is_seal = |entry: &&Entry| Leaf::parse(&entry.leaf).unwrap().leaf_type == LeafType::Seal;
    let seal = f.entries.iter().take(below).map(|(_, entry)| entry).rfind(is_seal)?;
    let path = inclusion_path(&leaves, usize::try_from(seal.index.0).unwrap());
    Some(PlacedLeaf { index: seal.index, leaf: seal.leaf.clone(), path })
}

fn is_control(entry: &Entry) -> bool {
    let content = multaqa_proto::record::content::Content::parse(entry.content.as_ref().unwrap()).unwrap();
    multaqa_proto::kind::is_control(content.kind())
}

/// MA's report.
fn report(f: &Federation, reader: &Intake, code: &str, sent: Sent) -> Report {
    Report {
        genesis: f.state.directory().genesis(),
        log: LogNumber(1),
        reporter: "MA/gw1".parse().unwrap(),
        epoch: Epoch(1),
        caught_at_ms: 1_700_000_000_000,
        code: code.to_owned(),
        args: BTreeMap::from([("detail".to_owned(), "what the node said".to_owned())]),
        held: Held::of(reader, control(f, reader.size()), seal(f, reader.size())),
        sent,
    }
}

fn verify(f: &Federation, report: &Report) -> Verified {
    EvidenceFile::open(report.sign(&key(21)).as_bytes()).unwrap().verify(f.state.directory().genesis()).unwrap()
}

/// The frame with its entries changed, below a checkpoint that the log key signs over what it then holds.
fn signed_anew(f: &Federation, reader: &Intake, change: impl FnOnce(&mut Vec<Entry>)) -> Frame {
    let frame = f.frame("MA", reader.size());
    let mut entries: Vec<Entry> = frame.blocks.iter().flat_map(|block| unpack(block).unwrap()).collect();
    entries.sort_by_key(|entry| entry.index);
    change(&mut entries);
    let mut frontier = reader.state().unwrap().frontier().clone();
    for entry in &entries {
        frontier.push(hash(&entry.leaf));
    }
    let checkpoint = Checkpoint { log: LogNumber(1), size: frontier.size(), root: frontier.root() };
    let checkpoint = checkpoint.sign(f.state.directory().federation(), &f.log_key);
    Frame { blocks: vec![pack(&entries, true)], checkpoint, ..frame }
}

fn forked_note(f: &Federation, size: TreeSize) -> String {
    let checkpoint = Checkpoint { log: LogNumber(1), size, root: Hash::of(b"another history") };
    checkpoint.sign(f.state.directory().federation(), &f.log_key)
}

fn code(reader: &Intake, frame: &Frame) -> &'static str {
    reader.accept(frame).map(|_| "taken").unwrap_err().code()
}

#[test]
fn two_signed_logs_of_one_size_are_a_fork_that_anybody_sees() {
    let (f, reader) = halfway();
    let sent = Sent::Checkpoints { notes: vec![forked_note(&f, reader.size())], prefix: None };
    let verified = verify(&f, &report(&f, &reader, "ROOT_WRONG", sent));
    let forked =
        verified.proven().any(|finding| matches!(finding, Finding::Forked { size, .. } if *size == reader.size()));
    assert!(forked && verified.proves_misbehaviour(), "{verified:?}");
    assert!(verified.proven().any(|finding| matches!(finding, Finding::Reported { .. })));
    assert!(verified.claimed().any(|finding| matches!(finding, Finding::Shown { .. })));
}

#[test]
fn an_older_note_that_is_no_prefix_is_a_fork_by_the_consistency_proof() {
    let (f, reader) = halfway();
    let size = TreeSize(reader.size().0 - 2);
    let leaves: Vec<_> =
        f.entries.iter().map(|(_, entry)| hash(&entry.leaf)).take(usize::try_from(reader.size().0).unwrap()).collect();
    let first = usize::try_from(size.0).unwrap();
    let root = multaqa_proto::log::tree::root_of(&leaves[..first]);
    let prefix = Some(Prefix { size, root, hashes: consistency_proof(&leaves, first) });
    let sent = |notes| Sent::Checkpoints { notes, prefix: prefix.clone() };
    let verified = verify(&f, &report(&f, &reader, "LOG_FORK", sent(vec![forked_note(&f, size)])));
    assert!(verified.proves_misbehaviour(), "{verified:?}");
    // The true note of that size proves nothing, nor where the reporter says that its tree was another one.
    let honest = Checkpoint { log: LogNumber(1), size, root }.sign(f.state.directory().federation(), &f.log_key);
    let verified = verify(&f, &report(&f, &reader, "LOG_FORK", sent(vec![honest.clone()])));
    assert!(!verified.proves_misbehaviour(), "{verified:?}");
    for hashes in [consistency_proof(&leaves, first), Vec::new()] {
        let prefix = Some(Prefix { size, root: Hash::of(b"what I held"), hashes });
        let verified =
            verify(&f, &report(&f, &reader, "LOG_FORK", Sent::Checkpoints { notes: vec![honest.clone()], prefix }));
        assert!(!verified.proves_misbehaviour(), "{verified:?}");
    }
}

#[test]
fn an_entry_that_no_honest_hub_orders_is_proven_where_the_log_key_signed_it() {
    let (f, reader) = halfway();
    let forged = |entries: &mut Vec<Entry>| {
        let entry = &mut entries[0];
        let mut signature = entry.signature.to_vec();
        *signature.last_mut().unwrap() ^= 1;
        entry.signature = signature.into();
        let leaf = Leaf::parse(&entry.leaf).unwrap();
        entry.leaf = Leaf::new(LeafType::Record, leaf.accepted_at_ms, &entry.signature, leaf.body).to_bytes();
    };
    let frame = signed_anew(&f, &reader, forged);
    assert_eq!(code(&reader, &frame), "SIGNATURE_BAD");
    let verified = verify(&f, &report(&f, &reader, "SIGNATURE_BAD", Sent::Frame(frame.clone())));
    let index = reader.size().next_index();
    let ordered = |v: &Verified| {
        v.proven().any(|f| matches!(f, Finding::Ordered { index: at, code: "SIGNATURE_BAD", .. } if *at == index))
    };
    assert!(ordered(&verified) && verified.proves_misbehaviour(), "{verified:?}");
    // Under the checkpoint of the true log it proves nothing: the reporter may have altered the entry.
    let unsigned = Frame { checkpoint: f.checkpoint(), ..frame };
    let verified = verify(&f, &report(&f, &reader, "SIGNATURE_BAD", Sent::Frame(unsigned)));
    assert!(!ordered(&verified) && !verified.proves_misbehaviour(), "{verified:?}");
    assert!(verified.claimed().any(|finding| matches!(finding, Finding::Shown { .. })));
}

#[test]
fn what_only_the_reporter_says_is_claimed() {
    let (f, reader) = halfway();
    // A dropped entry: nobody but the node knows what was sent.
    let frame = signed_anew(&f, &reader, |entries| drop(entries.remove(0)));
    let short = Frame { checkpoint: f.checkpoint(), count: frame.count - 1, ..frame };
    let verified = verify(&f, &report(&f, &reader, code(&reader, &short), Sent::Frame(short)));
    assert!(!verified.proves_misbehaviour(), "{verified:?}");
    assert!(verified.claimed().any(|finding| matches!(finding, Finding::Shown { .. })));
    // A rule that its parts do not show.
    let honest = f.frame("MA", reader.size());
    let verified = verify(&f, &report(&f, &reader, "SEAL_WRONG", Sent::Frame(honest)));
    assert!(verified.claimed().any(|finding| matches!(finding, Finding::NotShown { .. })), "{verified:?}");
}

#[test]
fn a_content_for_others_is_proven_to_be_its_writers_and_claimed_to_have_been_sent() {
    let (f, reader) = halfway();
    let frame = f.frame("SA", reader.size());
    assert_eq!(code(&reader, &frame), "OVER_SHARED");
    let verified = verify(&f, &report(&f, &reader, "OVER_SHARED", Sent::Frame(frame)));
    let sa = "SA/gw1".parse().unwrap();
    let content = |finding: &Finding| matches!(finding, Finding::Content { writer, member, .. } if *writer == sa && member.as_str() == "MA");
    assert!(verified.proven().any(content), "{verified:?}");
    assert!(
        !verified.proves_misbehaviour() && verified.claimed().any(|finding| matches!(finding, Finding::Shown { .. }))
    );
}

#[test]
fn contradictions_of_writers_among_the_control_leaves_are_proven() {
    let (mut f, _) = halfway();
    let pair = f.contradiction("SA/gw1", ["SA:organisation:a", "SA:organisation:b"]);
    f.order(pair[0].clone());
    f.put_evidence(pair);
    let (reader, _) = f.reader("MA").accept(&f.frame("MA", TreeSize(0))).unwrap();
    let sent = Sent::Checkpoints { notes: vec!["no note".to_owned()], prefix: None };
    let verified = verify(&f, &report(&f, &reader, "CHECKPOINT_BAD", sent));
    let sa = "SA/gw1".parse().unwrap();
    assert!(verified.proven().any(|finding| matches!(finding, Finding::Contradicted { writer, .. } if *writer == sa)));
}

#[test]
fn a_file_without_control_leaves_names_a_reporter_that_nobody_can_check() {
    let (f, reader) = halfway();
    let sent = Sent::Checkpoints { notes: vec![forked_note(&f, reader.size())], prefix: None };
    let mut anonymous = report(&f, &reader, "ROOT_WRONG", sent);
    anonymous.held.as_mut().unwrap().control.clear();
    let verified = verify(&f, &anonymous);
    assert_eq!(verified.proven().count(), 0, "{verified:?}");
    assert!(verified.claimed().any(|finding| matches!(finding, Finding::ReporterUnknown { .. })));
    // Before the first frame there is nothing to hold: another federation's first frame.
    let other = Federation::new(2);
    let empty = f.reader("MA");
    let verified = verify(&f, &report(&f, &empty, "GENESIS_WRONG", Sent::Frame(other.frame("MA", TreeSize(0)))));
    assert!(verified.claimed().any(|finding| matches!(finding, Finding::Shown { .. })), "{verified:?}");
}

#[test]
fn a_file_that_was_altered_or_contradicts_itself_is_refused() {
    let (f, reader) = halfway();
    let genesis = f.state.directory().genesis();
    let sent = || Sent::Checkpoints { notes: vec![forked_note(&f, reader.size())], prefix: None };
    let good = report(&f, &reader, "ROOT_WRONG", sent());
    let text = good.sign(&key(21)).into_bytes();
    let decided = |text: &[u8]| EvidenceFile::open(text).and_then(|file| file.verify(genesis));
    decided(&text).unwrap();
    for at in 0..text.len() {
        for bit in [0, 1, 5] {
            let mut altered = text.clone();
            altered[at] ^= 1 << bit;
            assert!(decided(&altered).is_err(), "byte {at}");
        }
    }
    for cut in 0..text.len() {
        assert!(decided(&text[..cut]).is_err(), "the first {cut} bytes");
    }
    let refused = |report: &Report, seed| decided(report.sign(&key(seed)).as_bytes()).unwrap_err().code();
    assert_eq!(refused(&good, 11), "EVIDENCE_FILE_SIGNER_OTHER");
    let other = EvidenceFile::open(&text).unwrap().verify(Hash::of(b"another federation"));
    assert!(matches!(other, Err(EvidenceFileBad::GenesisOther { .. })));
    // A reporter that leaves out, turns round or invents parts of what it held.
    let with = |change: &dyn Fn(&mut Held)| {
        let mut changed = good.clone();
        change(changed.held.as_mut().unwrap());
        refused(&changed, 21)
    };
    assert_eq!(with(&|held| drop(held.control.pop())), "EVIDENCE_FILE_CONTRADICTS");
    assert_eq!(with(&|held| held.control.swap(1, 2)), "EVIDENCE_FILE_CONTRADICTS");
    assert_eq!(with(&|held| held.checkpoint = forked_note(&f, held.size)), "EVIDENCE_FILE_CONTRADICTS");
    assert_eq!(with(&|held| held.control[2].seal_time_ms = i64::MAX), "EVIDENCE_FILE_CONTRADICTS");
    assert_eq!(with(&|held| held.control_chain.count += 1), "EVIDENCE_FILE_CONTRADICTS");
}
