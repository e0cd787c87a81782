//! One commit before it is stored: which records it takes, at which index, and what the state is after it.
//!
//! Pure. Records are taken in order until the commit is full or a control leaf was taken (who is in a group must not
//! change inside a commit). A record that may not stand next is answered and left out; those after it are judged as if it
//! had never come. One that its writer signed for a place that another statement of it has is not ordered either, but the two
//! go on the log as evidence. A seal that is due closes the commit. Out of scope: storing (`store`), answering (`sequencer`).

use std::collections::{HashMap, VecDeque};

use ed25519_dalek::SigningKey;
use multaqa_proto::fold::Erasure;
use multaqa_proto::hash::RecordId;
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::evidence::{Evidence, Signed};
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::state::LogState;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::batch::VerifiedRoots;
use prost::bytes::Bytes;

use super::admit::{Admitted, Refusal, place};
use super::erase::erasure;
use super::sealer::Sealer;
use super::{Outcome, Queued};
use crate::store::{Commit, Head, Place, StoredEntry};

/// Most records of one commit.
pub(super) const RECORDS_MAX: usize = 512;
/// Bytes of the records of one commit, so that its entries fit one frame however badly they compress.
const BYTES_MAX: usize = 700 * 1024;

/// What the plan builds upon.
#[derive(Debug)]
pub(super) struct Base<'a> {
    pub(super) state: &'a LogState,
    pub(super) sealer: Sealer,
    /// Indexes of those records that are on the log already.
    pub(super) known: HashMap<RecordId, LeafIndex>,
    /// Those statements on the log, with their signatures, at whose place another one is asked for.
    pub(super) standing: Vec<Signed>,
    /// Time of the commit's leaves, not before the newest leaf.
    pub(super) now_ms: i64,
    /// Whether to seal in any case: to see whether the store takes commits.
    pub(super) probing: bool,
    pub(super) log_key: &'a SigningKey,
}

/// A planned commit.
#[derive(Debug)]
pub(super) struct Plan {
    /// The state after it.
    pub(super) state: LogState,
    /// The sealer after it.
    pub(super) sealer: Sealer,
    /// What to store; none where nothing is to be.
    pub(super) commit: Option<Commit>,
    /// The records that were taken, with their outcomes, in order.
    pub(super) taken: Vec<(Queued, Outcome)>,
}

/// Plans the next commit from the front of the queue.
pub(super) fn plan(base: Base<'_>, queue: &mut VecDeque<Queued>, roots: &mut VerifiedRoots) -> Plan {
    let mut plan = Planner {
        state: base.state.clone().anew(),
        known: base.known,
        standing: base.standing,
        now_ms: base.now_ms,
        log_key: base.log_key,
        entries: Vec::new(),
        erasures: Vec::new(),
        bytes: 0,
    };
    let mut taken = Vec::new();
    while let Some(queued) = queue.pop_front_if(|queued| plan.has_room(&queued.admitted)) {
        let control = plan.state.control();
        let outcome = plan.take(&queued.admitted, roots);
        taken.push((queued, outcome));
        if plan.state.control() != control {
            break;
        }
    }
    let sealer = plan.seal(base.sealer, base.probing);
    let Planner { state, entries, erasures, .. } = plan;
    let commit = (!entries.is_empty()).then(|| commit(base.state, &state, entries, erasures, sealer, base.log_key));
    Plan { state, sealer, commit, taken }
}

struct Planner<'a> {
    state: LogState,
    known: HashMap<RecordId, LeafIndex>,
    standing: Vec<Signed>,
    now_ms: i64,
    log_key: &'a SigningKey,
    entries: Vec<StoredEntry>,
    erasures: Vec<Erasure>,
    bytes: usize,
}

impl Planner<'_> {
    /// One record always fits.
    fn has_room(&self, next: &Admitted) -> bool {
        self.entries.len() < RECORDS_MAX && (self.entries.is_empty() || self.bytes + next.bytes() <= BYTES_MAX)
    }
    fn take(&mut self, admitted: &Admitted, roots: &mut VerifiedRoots) -> Outcome {
        if let Some(index) = self.known.get(&admitted.record_id()) {
            return Outcome::Duplicate(*index);
        }
        let placed = place(&self.state, admitted, roots).and_then(|()| self.push(admitted));
        match placed {
            Ok(index) => {
                self.known.insert(admitted.record_id(), index);
                Outcome::Accepted(index)
            }
            Err(refusal) => {
                let Refusal { code, args } = self.prove(admitted, roots).unwrap_or(refusal);
                Outcome::Rejected { code, args }
            }
        }
    }
    /// Puts evidence on the log where the writer signed another statement for the place of this record; the refusal then.
    fn prove(&mut self, admitted: &Admitted, roots: &mut VerifiedRoots) -> Option<Refusal> {
        let record = &admitted.record;
        let statement = &record.statement;
        let same_place = |signed: &&Signed| {
            let standing = &signed.statement;
            (&standing.writer, standing.epoch, standing.seq) == (&statement.writer, statement.epoch, statement.seq)
        };
        let planned = self.planned(&Place::of(record));
        let standing = planned.as_ref().or_else(|| self.standing.iter().find(same_place))?.clone();
        let claimed = Signed::parse(record.bytes.statement.clone(), record.bytes.signature.clone()).ok()?;
        let evidence = Evidence::of(standing, claimed).ok()?;
        self.state.check_evidence(&evidence, roots).ok()?;
        let leaf = Leaf::new(LeafType::Evidence, self.now_ms, &[], evidence.serialise());
        let (bytes, index, seal_time_ms): (Bytes, _, _) =
            (leaf.to_bytes(), self.state.size().next_index(), self.state.seal_time_ms());
        self.state.push_evidence(&bytes, &leaf, &evidence);
        self.bytes += bytes.len();
        self.entries.push(StoredEntry::evidence(index, bytes, seal_time_ms));
        let frozen = self.state.check(record, roots).err()?;
        tracing::error!(writer = %statement.writer, epoch = %statement.epoch, seq = %statement.seq, %index, "a writer signed two statements for one place");
        Some(frozen.into())
    }
    /// The statement that this commit has at the place of another.
    fn planned(&self, asked: &Place) -> Option<Signed> {
        let same = |place: &Place| (&place.writer, place.epoch, place.seq) == (&asked.writer, asked.epoch, asked.seq);
        let stored = self.entries.iter().find(|stored| stored.record.as_ref().is_some_and(same))?;
        let leaf = Leaf::parse(&stored.entry.leaf).ok()?;
        Signed::parse(leaf.body, stored.entry.signature.clone()).ok()
    }
    fn push(&mut self, admitted: &Admitted) -> Result<LeafIndex, Refusal> {
        let Admitted { record, content } = admitted;
        let (index, seal_time_ms) = (self.state.size().next_index(), self.state.seal_time_ms());
        let leaf = Leaf::new(LeafType::Record, self.now_ms, &record.bytes.signature, record.bytes.statement.clone());
        let bytes = leaf.to_bytes();
        if admitted.is_control() {
            let mut next = self.state.clone();
            next.push_record(&bytes, &leaf, record, Some(content));
            if next.directory().policy().log_key != PublicKey::of(self.log_key) {
                return Err(Refusal { code: "LOG_KEY_WRONG", args: Vec::new() });
            }
            self.state = next;
        } else {
            self.state.push_record(&bytes, &leaf, record, Some(content));
        }
        self.bytes += admitted.bytes();
        self.entries.push(StoredEntry::record(index, bytes, record, content, seal_time_ms));
        self.erasures.extend(erasure(self.state.directory(), record, content, index));
        Ok(index)
    }
    fn seal(&mut self, sealer: Sealer, probing: bool) -> Sealer {
        if !probing && !sealer.is_due(&self.state, self.now_ms) {
            return sealer;
        }
        let seal = self.state.next_seal(self.now_ms.max(self.state.seal_time_ms()));
        let leaf = Leaf::new(LeafType::Seal, self.now_ms, &[], seal.serialise());
        let (bytes, index): (Bytes, _) = (leaf.to_bytes(), self.state.size().next_index());
        self.state.push_seal(&bytes, &leaf, &seal);
        self.entries.push(StoredEntry::seal(index, bytes));
        Sealer { sealed: self.state.size() }
    }
}

fn commit(
    before: &LogState,
    after: &LogState,
    entries: Vec<StoredEntry>,
    erasures: Vec<Erasure>,
    sealer: Sealer,
    log_key: &SigningKey,
) -> Commit {
    let root = after.root();
    let checkpoint = Checkpoint { log: after.log(), size: after.size(), root };
    let moved =
        |(writer, head): (&_, &_)| (before.chains().head(writer) != Some(*head)).then(|| (Clone::clone(writer), *head));
    Commit {
        first: before.size(),
        entries,
        checkpoint: checkpoint.sign(after.directory().federation(), log_key),
        frontier: after.frontier().clone(),
        root,
        subtrees: after.completed().to_vec(),
        chains: after.chains().heads().filter_map(moved).collect(),
        erasures,
        head: Head::of(after, sealer.sealed),
    }
}
