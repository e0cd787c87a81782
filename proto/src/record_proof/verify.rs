//! Deciding: from the genesis up, nothing taken on anybody's word.
//!
//! Order: the control leaves are folded to a directory; the seal must chain exactly these; the checkpoint must be signed by the
//! log key of that directory, each line under it by a witness that counts; every entry must stand below the checkpoint at the
//! place that it claims; last the record is judged at its own place.
//!
//! One thing is bounded, not known: the seal time below a `key` record, which says whether its invitation had expired. The
//! leaf's own time stands for it, which is never earlier, so that nothing passes here that is void on the log.

use std::collections::{BTreeMap, BTreeSet};

use super::{Later, Proven, ProvenEntry, RecordProof, RecordProofBad, SignedBy, Since, Vouched};
use crate::directory::apply::{ControlRecord, ControlVerdict};
use crate::directory::frozen::Equivocation;
use crate::directory::{Directory, NodeKeys, Void};
use crate::hash::{Hash, RecordId};
use crate::id::Writer;
use crate::kind::is_control;
use crate::log::checkpoint::{Checkpoint, CheckpointBad};
use crate::log::evidence::Evidence;
use crate::log::leaf::{Leaf, LeafType};
use crate::log::proof::{verify_consistency, verify_inclusion};
use crate::log::seal::{ControlChain, Seal};
use crate::log::succession::{Succession, spelled};
use crate::log::tree::leaf_hash;
use crate::log::witness::{Cosigned, Label, Numbers};
use crate::number::{Epoch, LeafIndex, LogNumber, Seq};
use crate::record::batch::VerifiedRoots;
use crate::record::{Parsed, Received};

/// The newest place that a record may have.
const NEWEST: LeafIndex = LeafIndex(u64::MAX);

impl RecordProof {
    /// Decides with nothing but the genesis.
    ///
    /// # Errors
    /// [`RecordProofBad`] names the first rule that does not hold; then nothing is proven.
    pub fn verify(&self, genesis: RecordId) -> Result<Proven, RecordProofBad> {
        if self.genesis != genesis {
            return Err(RecordProofBad::GenesisOther { expected: genesis, found: self.genesis });
        }
        let fold = Fold::of(self)?;
        let seal = self.seal(&fold)?;
        let cosigned = self.open(&self.checkpoint, &fold.directory)?;
        let later = self.open_later(&cosigned.checkpoint, &fold.directory)?;
        let entries = self.control.iter().chain([&self.seal, &self.record]);
        entries.into_iter().try_for_each(|entry| included(entry, &cosigned.checkpoint))?;
        self.conclude(fold, seal, cosigned, later)
    }

    /// The same with those witnesses' lines under its checkpoints that count by its own control leaves, in their order, and
    /// without later checkpoints under which none counts.
    ///
    /// # Errors
    /// Where the control leaves or the checkpoint do not hold.
    pub fn settled(mut self) -> Result<Self, RecordProofBad> {
        let directory = Fold::of(&self)?.directory;
        let log = self.log;
        let counted = |note: &str| {
            let cosigned = cosigned_of(log, note, &directory)?;
            Ok::<_, CheckpointBad>((spelled(&cosigned), cosigned.cosignatures.is_empty()))
        };
        let checkpoint = counted(&self.checkpoint)?.0;
        let later = std::mem::take(&mut self.later).into_iter().filter_map(|later| {
            let (checkpoint, none) = counted(&later.checkpoint).ok()?;
            (!none).then_some(Later { checkpoint, ..later })
        });
        (self.later, self.checkpoint) = (later.collect(), checkpoint);
        Ok(self)
    }

    /// The seal counts exactly the control leaves, and stands above them and the record.
    fn seal(&self, fold: &Fold) -> Result<Seal, RecordProofBad> {
        let entry = &self.seal.entry;
        let leaf = leaf_of(&self.seal)?;
        if leaf.leaf_type != LeafType::Seal || entry.content.is_some() {
            return Err(RecordProofBad::EntryWrong { index: entry.index });
        }
        let newest = self.control.last().map(|control| control.entry.index);
        if newest.is_some_and(|newest| newest >= entry.index) {
            return Err(RecordProofBad::OrderWrong { index: entry.index });
        }
        if self.record.entry.index >= entry.index {
            return Err(RecordProofBad::OrderWrong { index: self.record.entry.index });
        }
        let seal = Seal::parse(&leaf.body).map_err(|form| RecordProofBad::Form { index: entry.index, form })?;
        if seal.serialise() != leaf.body {
            return Err(RecordProofBad::EntryWrong { index: entry.index });
        }
        if seal.control != fold.chain {
            return Err(RecordProofBad::ControlIncomplete { sealed: seal.control.count, given: fold.chain.count });
        }
        Ok(seal)
    }

    /// The checkpoint by the log's key, and under it nothing but lines that count, in order.
    fn open(&self, note: &str, directory: &Directory) -> Result<Cosigned, RecordProofBad> {
        let cosigned = cosigned_of(self.log, note, directory)?;
        let alone =
            cosigned.checkpoint.text(directory.federation()).lines().count() + 2 == cosigned.note.lines().count();
        if alone && spelled(&cosigned) == note { Ok(cosigned) } else { Err(RecordProofBad::CosignatureBad) }
    }

    /// The later checkpoints, each with a tree that begins with the checkpoint's.
    fn open_later(&self, checkpoint: &Checkpoint, directory: &Directory) -> Result<Vec<Cosigned>, RecordProofBad> {
        let mut newest = checkpoint.size;
        let mut all = Vec::with_capacity(self.later.len());
        for Later { checkpoint: note, consistency } in &self.later {
            let cosigned = self.open(note, directory)?;
            let Checkpoint { size, root, .. } = cosigned.checkpoint;
            let begins = verify_consistency(checkpoint.size.0, checkpoint.root, size.0, root, consistency);
            if !begins || size <= newest {
                return Err(RecordProofBad::NotConsistent { size });
            }
            newest = size;
            all.push(cosigned);
        }
        Ok(all)
    }

    /// The record at its place.
    fn conclude(
        &self,
        mut fold: Fold,
        seal: Seal,
        cosigned: Cosigned,
        later: Vec<Cosigned>,
    ) -> Result<Proven, RecordProofBad> {
        let entry = &self.record.entry;
        let index = entry.index;
        let as_control = self.control.iter().find(|control| control.entry.index == index);
        if as_control.is_some_and(|control| *control != self.record) {
            return Err(RecordProofBad::EntryWrong { index });
        }
        let (leaf, record) = fold.record(&self.record)?;
        if !matches!((leaf.leaf_type, as_control), (LeafType::Record, _) | (LeafType::Genesis, Some(_))) {
            return Err(RecordProofBad::EntryWrong { index });
        }
        let form = |form| RecordProofBad::Form { index, form };
        let content = record.content().transpose().map_err(form)?;
        if let Some(void) = fold.void.remove(&index) {
            return Err(RecordProofBad::RecordVoid { void });
        }
        let effective = fold.effective.get(&index).copied();
        // A control leaf that the fold did not take would be missing below the seal, too.
        if effective.is_none() && content.as_ref().is_some_and(|content| is_control(content.kind())) {
            return Err(RecordProofBad::EntryWrong { index });
        }
        let (writer, key_id) = (&record.statement.writer, record.signature.key_id);
        let directory = &fold.directory;
        let since = since(directory, &record);
        if effective.is_none() {
            directory.judge_writer(writer, key_id, index).map_err(|void| RecordProofBad::RecordVoid { void })?;
            if since.equivocated.is_some_and(|evidence| evidence < index) {
                return Err(RecordProofBad::RecordVoid { void: Void::with("WRITER_FROZEN", "writer", writer) });
            }
        }
        let checkpoint = cosigned.checkpoint.clone();
        let vouched = |cosigned: Cosigned| {
            let size = cosigned.checkpoint.size;
            cosigned.cosignatures.into_iter().map(move |cosignature| Vouched { size, cosignature })
        };
        let cosignatures: Vec<Vouched> = std::iter::once(cosigned).chain(later).flat_map(vouched).collect();
        let states: BTreeSet<_> =
            cosignatures.iter().filter_map(|vouched| vouched.cosignature.witness.member().cloned()).collect();
        let numbers = Numbers::of(directory.policy().witnesses.len());
        Ok(Proven {
            federation: directory.federation().clone(),
            genesis: directory.genesis(),
            record_id: record.record_id,
            writer: writer.clone(),
            epoch: record.statement.epoch,
            seq: record.statement.seq,
            key_id,
            signed_by: signed_by(directory, &record),
            content_hash: record.statement.content_hash,
            content,
            effective,
            index,
            accepted_at_ms: leaf.accepted_at_ms,
            checkpoint,
            sealed: self.seal.entry.index,
            sealed_at_ms: seal.time_ms,
            control_count: seal.control.count,
            since,
            policy: directory.policy().number,
            numbers,
            label: label(numbers, states.len()),
            cosignatures,
            states,
        })
    }
}

/// A checkpoint of the log that the file names.
fn cosigned_of(log: LogNumber, note: &str, directory: &Directory) -> Result<Cosigned, CheckpointBad> {
    let cosigned = Cosigned::open(note, directory)?;
    if cosigned.checkpoint.log == log { Ok(cosigned) } else { Err(CheckpointBad("another log or spelling")) }
}

/// The directory and the control chain, folded from the control leaves.
struct Fold {
    directory: Directory,
    chain: ControlChain,
    roots: VerifiedRoots,
    /// Whether control records took effect, by place; those that are void are not in it.
    effective: BTreeMap<LeafIndex, bool>,
    void: BTreeMap<LeafIndex, Void>,
    /// The newest control record of each writer.
    newest: BTreeMap<Writer, (Epoch, Seq)>,
}

impl Fold {
    /// Over all control leaves.
    fn of(proof: &RecordProof) -> Result<Self, RecordProofBad> {
        let mut fold = Self::open(proof)?;
        for (control, before) in proof.control.iter().skip(1).zip(&proof.control) {
            if control.entry.index <= before.entry.index {
                return Err(RecordProofBad::OrderWrong { index: control.entry.index });
            }
            fold.take(control)?;
        }
        Ok(fold)
    }

    fn open(proof: &RecordProof) -> Result<Self, RecordProofBad> {
        let first = proof.control.first().ok_or(RecordProofBad::Malformed { field: "control" })?;
        let index = first.entry.index;
        let (leaf, record) = parse(first)?;
        if index != LeafIndex(0) || leaf.leaf_type != LeafType::Genesis || record.record_id != proof.genesis {
            return Err(RecordProofBad::EntryWrong { index });
        }
        let mut chain = ControlChain::default();
        chain.push(leaf_hash(&first.entry.leaf));
        let statement = &record.statement;
        Ok(Self {
            directory: Directory::open(&record)?,
            chain,
            roots: VerifiedRoots::default(),
            effective: BTreeMap::from([(index, true)]),
            void: BTreeMap::new(),
            newest: BTreeMap::from([(statement.writer.clone(), (statement.epoch, statement.seq))]),
        })
    }

    /// Takes the next control leaf.
    fn take(&mut self, proven: &ProvenEntry) -> Result<(), RecordProofBad> {
        let index = proven.entry.index;
        let leaf = leaf_of(proven)?;
        if leaf.leaf_type == LeafType::Succession {
            let wrong = |why| RecordProofBad::Succession { index, why };
            let held = Succession::parse(&leaf.body).and_then(|found| found.check(&self.directory)).map_err(wrong)?;
            if proven.entry.content.is_some() || held.closed.size.next_index() != index {
                return Err(RecordProofBad::EntryWrong { index });
            }
            self.directory.apply_succession(index, leaf.accepted_at_ms, &held);
        } else if leaf.leaf_type == LeafType::Evidence {
            let wrong = |why| RecordProofBad::Evidence { index, why };
            let evidence = Evidence::parse(&leaf.body).map_err(wrong)?;
            if proven.entry.content.is_some() {
                return Err(RecordProofBad::EntryWrong { index });
            }
            self.directory.check_evidence(&evidence, &mut self.roots).map_err(wrong)?;
            self.directory.apply_evidence(index, &evidence);
        } else {
            self.take_record(proven)?;
        }
        self.chain.push(leaf_hash(&proven.entry.leaf));
        Ok(())
    }

    fn take_record(&mut self, proven: &ProvenEntry) -> Result<(), RecordProofBad> {
        let index = proven.entry.index;
        let (leaf, record) = self.record(proven)?;
        let content = record.content().ok_or(RecordProofBad::EntryWrong { index })?;
        let content = content.map_err(|form| RecordProofBad::Form { index, form })?;
        if leaf.leaf_type != LeafType::Record || !is_control(content.kind()) {
            return Err(RecordProofBad::EntryWrong { index });
        }
        // A writer's chain only rises, so that nothing it once wrote takes effect a second time.
        let place = (record.statement.epoch, record.statement.seq);
        let writer = &record.statement.writer;
        let frozen = self.directory.is_frozen(writer, record.statement.epoch, record.signature.key_id);
        if frozen || self.newest.insert(writer.clone(), place).is_some_and(|before| before >= place) {
            return Err(RecordProofBad::ChainWrong { index, writer: writer.clone() });
        }
        let verdict = self.directory.apply(&ControlRecord {
            index,
            seal_time_ms: leaf.accepted_at_ms,
            record_id: record.record_id,
            writer,
            key_id: record.signature.key_id,
            epoch: record.statement.epoch,
            content: &content,
        });
        match verdict {
            ControlVerdict::Valid => drop(self.effective.insert(index, true)),
            ControlVerdict::Pending => drop(self.effective.insert(index, false)),
            ControlVerdict::Void(void) => drop(self.void.insert(index, void)),
        }
        Ok(())
    }

    /// Leaf and record of an entry, its signature by a key that the directory has for its writer.
    fn record(&mut self, proven: &ProvenEntry) -> Result<(Leaf, Parsed), RecordProofBad> {
        let index = proven.entry.index;
        let (leaf, record) = parse(proven)?;
        let statement = &record.statement;
        let federation = (leaf.leaf_type != LeafType::Genesis).then_some(self.directory.genesis());
        if statement.federation != federation {
            return Err(RecordProofBad::EntryWrong { index });
        }
        let writer = || statement.writer.clone();
        let key = self
            .directory
            .signing_key(&statement.writer, statement.epoch, statement.seq, record.signature.key_id)
            .ok_or_else(|| RecordProofBad::KeyUnknown { index, writer: writer() })?;
        record
            .signature
            .verify(record.record_id, &statement.writer, statement.epoch, &key, &mut self.roots)
            .map_err(|_| RecordProofBad::SignatureBad { index, writer: writer() })?;
        Ok((leaf, record))
    }
}

/// The leaf of an entry, with the signature that it names.
fn leaf_of(proven: &ProvenEntry) -> Result<Leaf, RecordProofBad> {
    let index = proven.entry.index;
    let leaf = Leaf::parse(&proven.entry.leaf).map_err(|form| RecordProofBad::Form { index, form })?;
    if Hash::of(&proven.entry.signature) != leaf.signature_hash {
        return Err(RecordProofBad::EntryWrong { index });
    }
    Ok(leaf)
}

/// Leaf and record of an entry; the content is the one that the statement names.
fn parse(proven: &ProvenEntry) -> Result<(Leaf, Parsed), RecordProofBad> {
    let leaf = leaf_of(proven)?;
    let received = Received {
        statement: leaf.body.clone(),
        content: proven.entry.content.clone(),
        signature: proven.entry.signature.clone(),
    };
    let index = proven.entry.index;
    Ok((leaf, received.parse().map_err(|form| RecordProofBad::Form { index, form })?))
}

fn included(proven: &ProvenEntry, checkpoint: &Checkpoint) -> Result<(), RecordProofBad> {
    let (index, leaf) = (proven.entry.index, leaf_hash(&proven.entry.leaf));
    if verify_inclusion(leaf, index.0, checkpoint.size.0, &proven.path, checkpoint.root) {
        Ok(())
    } else {
        Err(RecordProofBad::NotIncluded { index })
    }
}

/// What so many states are enough for.
const fn label(numbers: Numbers, states: usize) -> Label {
    if numbers.states > 0 && states >= numbers.quorum {
        Label::Stable
    } else if numbers.states > 0 && states >= numbers.witnessing() {
        Label::Witnessed
    } else {
        Label::Accepted
    }
}

fn signed_by(directory: &Directory, record: &Parsed) -> SignedBy {
    let statement = &record.statement;
    let key = |keys: &&NodeKeys| keys.epoch == statement.epoch && keys.record.id() == record.signature.key_id;
    match (&statement.writer, directory.keys(&statement.writer).iter().find(key)) {
        (Writer::Operator(_), _) => SignedBy::Policy,
        (Writer::Node(..), Some(keys)) => SignedBy::Key { record_id: keys.record_id, index: keys.from },
        (Writer::Node(..), None) => SignedBy::Invitation,
    }
}

fn since(directory: &Directory, record: &Parsed) -> Since {
    let (writer, key_id) = (&record.statement.writer, record.signature.key_id);
    let keys = directory.keys(writer).iter().find(|keys| keys.record.id() == key_id);
    let member = writer.member().and_then(|member| directory.member(member));
    let same = |what: &Equivocation| what.epoch == record.statement.epoch && what.key_id == key_id;
    let found = directory.equivocations().find(|(found, what)| *found == writer && same(what));
    Since {
        key_suspended: keys.and_then(|keys| keys.suspended),
        member_suspended: member.is_some_and(|member| !member.active_at(NEWEST)),
        equivocated: found.map(|(_, what)| what.index),
    }
}
