//! The node's side of a frame: everything is verified before anything is applied.
//!
//! A frame is taken whole or not at all: `accept` gives the next state and the entries, and leaves the present state alone,
//! so that a caller that cannot store them loses nothing. Checked: blocks cover the run once from the cursor on, leaves fit
//! signatures and contents, every writer's key, signature and chain, seals, time, the audience, and last the root against the
//! signed checkpoint. Out of scope: data kinds (`judge`), storing (`node`).

pub mod opening;
pub mod start;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use prost::bytes::Bytes;

use super::block::{Entry, unpack};
use super::withheld::Withheld;
use super::{FRAME_ENTRIES_MAX, UNPACKED_MAX};
use crate::alarm::{Alarm, CLOCKS_MS, TimeDoubt};
use crate::directory::Directory;
use crate::directory::apply::ControlVerdict;
use crate::hash::{Hash, RecordId};
use crate::id::{MemberCode, Writer};
use crate::log::checkpoint::Checkpoint;
use crate::log::evidence::{Evidence, EvidenceWrong};
use crate::log::leaf::{Leaf, LeafType};
use crate::log::seal::Seal;
use crate::log::state::{LogState, NotNext};
use crate::log::succession::{Succession, SuccessionWrong};
use crate::number::{LeafIndex, LogNumber, TreeSize};
use crate::record::batch::VerifiedRoots;
use crate::record::content::Content;
use crate::record::form::FormError;
use crate::record::statement::Statement;
use crate::record::{Parsed, Received};
use crate::view::Readers;
use crate::wire::hub as wire;

/// A verified entry.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The entry as received.
    pub entry: Entry,
    /// Its leaf.
    pub leaf: Leaf,
    /// Time of the newest seal below it, milliseconds since 1970 UTC; 0 before the first.
    pub seal_time_ms: i64,
    /// What it is.
    pub what: What,
}

impl Taken {
    /// The time that the entry states, milliseconds since 1970 UTC: that of its leaf, or a later one of its seal.
    #[must_use]
    pub fn time_ms(&self) -> i64 {
        match &self.what {
            What::Seal(seal) => seal.time_ms.max(self.leaf.accepted_at_ms),
            What::Record(_) | What::Evidence(_) | What::Succession => self.leaf.accepted_at_ms,
        }
    }
}

/// What an entry is.
#[derive(Debug, Clone)]
pub enum What {
    /// A record, or the genesis.
    Record(Box<TakenRecord>),
    /// A seal.
    Seal(Seal),
    /// Evidence of a writer's contradiction.
    Evidence(Box<Evidence>),
    /// The beginning of the next log.
    Succession,
}

/// A verified record.
#[derive(Debug, Clone)]
pub struct TakenRecord {
    /// The record.
    pub record: Parsed,
    /// Its content where it is shown; an error where the writer signed something malformed (the record is void then).
    pub content: Option<Result<Content, FormError>>,
    /// What it did to the directory, for a control record.
    pub control: Option<ControlVerdict>,
}

/// The state of a reader.
#[derive(Debug, Clone)]
pub struct Intake {
    me: MemberCode,
    genesis: RecordId,
    log: LogNumber,
    state: Option<LogState>,
    /// Shared by all states of this reader: what was verified stays verified, whether or not its frame was taken.
    roots: Arc<Mutex<VerifiedRoots>>,
    checkpoint: String,
    /// Contents received under a view that the cursor has not reached: judged when it has. One for each audience and writer.
    unjudged: BTreeMap<(TreeSize, Readers), (LeafIndex, Writer)>,
    withheld: Withheld,
}

impl Intake {
    /// A reader that has nothing yet but the hash of the genesis it joined.
    #[must_use]
    pub fn empty(me: MemberCode, genesis: RecordId, log: LogNumber) -> Self {
        Self {
            me,
            genesis,
            log,
            state: None,
            roots: Arc::default(),
            checkpoint: String::new(),
            unjudged: BTreeMap::new(),
            withheld: Withheld::default(),
        }
    }
    /// A reader that goes on from what it stored: state and the checkpoint at its cursor.
    #[must_use]
    pub fn resume(me: MemberCode, state: LogState, checkpoint: String) -> Self {
        let (genesis, log) = (state.directory().genesis(), state.log());
        Self { state: Some(state), checkpoint, ..Self::empty(me, genesis, log) }
    }
    /// The state; none before the first frame.
    #[must_use]
    pub const fn state(&self) -> Option<&LogState> {
        self.state.as_ref()
    }
    /// The directory; none before the first frame.
    #[must_use]
    pub fn directory(&self) -> Option<&Directory> {
        self.state.as_ref().map(|state| state.directory().as_ref())
    }
    /// The cursor.
    #[must_use]
    pub fn size(&self) -> TreeSize {
        self.state.as_ref().map_or(TreeSize(0), LogState::size)
    }
    /// Number of the log.
    #[must_use]
    pub fn log(&self) -> LogNumber {
        self.state.as_ref().map_or(self.log, LogState::log)
    }
    /// The checkpoint at the cursor, a signed note; empty before the first frame.
    #[must_use]
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }
    /// Opens a checkpoint of this log that a heartbeat or a greeting carries: it may not be behind the cursor. None for one of a
    /// later log, which says nothing before its succession is here.
    ///
    /// # Errors
    /// [`Alarm::CheckpointBad`], [`Alarm::LogRewound`], [`Alarm::RootWrong`] (another root at the cursor's own size).
    pub fn open_checkpoint(&self, note: &str) -> Result<Option<Checkpoint>, Alarm> {
        let Some(state) = &self.state else { return Ok(None) };
        let directory = state.directory();
        let checkpoint = Checkpoint::open_from(note, directory.federation(), state.log(), &directory.policy().log_key)
            .map_err(|bad| Alarm::CheckpointBad(bad.0))?;
        if checkpoint.log > state.log() {
            return Ok(None);
        }
        if checkpoint.size < state.size() {
            return Err(Alarm::LogRewound { expected: state.size(), found: checkpoint.size });
        }
        if checkpoint.size == state.size() {
            agree(state, &checkpoint)?;
        }
        Ok(Some(checkpoint))
    }
    /// What a heartbeat with this checkpoint, of a log that takes records, says of contents that were kept back: nothing that
    /// could explain a suspect is still to come.
    ///
    /// # Errors
    /// [`Alarm::Withheld`].
    pub fn overdue(&self, checkpoint: &Checkpoint) -> Result<(), Alarm> {
        if checkpoint.size == self.size() { self.withheld.overdue(checkpoint.size) } else { Ok(()) }
    }
    /// Learns from a stored record whom its lane is for; for what was read before a restart.
    pub fn learn(&mut self, statement: &Statement, content: &Content) {
        self.withheld.learn(statement, content);
    }
    /// Notes that the hub says that it lacks contents itself of entries below this size, as one that was rebuilt does: what it does
    /// not send of them is then not suspect. What it ordered since it has. `None` where it says no such thing. As long as it says
    /// so the size does not rise. None where all of it is known.
    #[must_use]
    pub fn excused(&self, below: Option<TreeSize>) -> Option<Self> {
        let known = self.withheld.excused();
        let below = below.map(|size| known.map_or(size, |known| known.min(size)));
        (known != below).then(|| {
            let mut next = self.clone();
            next.withheld.excuse(below);
            next
        })
    }
    /// Whether a frame ends at or below the cursor: it came before, so nothing of it is to be applied.
    #[must_use]
    pub fn has(&self, frame: &wire::Frame) -> bool {
        frame.count > 0 && frame.first.saturating_add(frame.count) <= self.size().0
    }
    /// Verifies a frame. The next state and its entries; this state stays as it is.
    ///
    /// # Errors
    /// [`Alarm`] names the rule that the hub broke.
    pub fn accept(&self, frame: &wire::Frame) -> Result<(Self, Vec<Taken>), Alarm> {
        let entries = unpack_all(&frame.blocks)?;
        let cursor = self.size();
        if frame.first != cursor.0 {
            return Err(Alarm::LogGap { expected: cursor, found: LeafIndex(frame.first) });
        }
        let covered = entries.iter().zip(cursor.0..).all(|(entry, index)| entry.index.0 == index);
        if entries.is_empty() || entries.len() as u64 != frame.count || !covered {
            return Err(Alarm::FrameBad("blocks do not cover the run once"));
        }
        let size = TreeSize(cursor.0.saturating_add(frame.count));
        if frame.view < size.0 {
            // By an old view nobody may read what is new, and whoever has left still may.
            return Err(Alarm::ViewWrong { view: TreeSize(frame.view), size });
        }
        let mut next = self.clone();
        next.state = next.state.map(LogState::anew);
        let mut roots = self.roots.lock().unwrap_or_else(PoisonError::into_inner);
        let view = TreeSize(frame.view);
        let taken =
            entries.into_iter().map(|entry| next.take(entry, view, &mut roots)).collect::<Result<Vec<_>, _>>()?;
        drop(roots);
        next.judge_audiences()?;
        next.judge_stubs(view)?;
        if let Some(state) = &next.state {
            let checkpoint = open_checkpoint(state, &frame.checkpoint)?;
            if checkpoint.size != state.size() {
                return Err(Alarm::LogRewound { expected: state.size(), found: checkpoint.size });
            }
            agree(state, &checkpoint)?;
        }
        next.checkpoint.clone_from(&frame.checkpoint);
        Ok((next, taken))
    }
    /// Verifies contents of entries that this reader holds as stubs: `stub` gives leaf and signature bytes at an index.
    ///
    /// # Errors
    /// [`Alarm`] names the rule that the hub broke.
    pub fn fill(
        &self,
        fill: &wire::Fill,
        mut stub: impl FnMut(LeafIndex) -> Option<(Bytes, Bytes)>,
    ) -> Result<Vec<Entry>, Alarm> {
        let entries = unpack_all(&fill.blocks)?;
        for entry in &entries {
            let mismatch = Alarm::LeafMismatch { index: entry.index };
            if stub(entry.index) != Some((entry.leaf.clone(), entry.signature.clone())) {
                return Err(mismatch);
            }
            let form = |form| Alarm::Form { index: entry.index, form };
            let leaf = Leaf::parse(&entry.leaf).map_err(form)?;
            let record = received(entry, &leaf).parse().map_err(form)?;
            let Some(content) = record.content() else { return Err(mismatch) };
            let (Some(state), Ok(content)) = (&self.state, content) else { continue };
            let (writer, view) = (&record.statement.writer, TreeSize(fill.view));
            let readable = Readers::of(&content, writer).include(state.directory(), &self.me, entry.index, view);
            if view <= state.size() && !readable {
                return Err(Alarm::OverShared { index: entry.index, writer: writer.clone() });
            }
        }
        Ok(entries)
    }

    fn take(&mut self, entry: Entry, view: TreeSize, roots: &mut VerifiedRoots) -> Result<Taken, Alarm> {
        let index = entry.index;
        let form = |form| Alarm::Form { index, form };
        let leaf = Leaf::parse(&entry.leaf).map_err(form)?;
        if Hash::of(&entry.signature) != leaf.signature_hash {
            return Err(Alarm::LeafMismatch { index });
        }
        let Some(state) = &mut self.state else { return self.take_genesis(entry, leaf) };
        if leaf.accepted_at_ms < state.accepted_at_ms() {
            return Err(Alarm::TimeWentBack { index });
        }
        let seal_time_ms = state.seal_time_ms();
        let what = match leaf.leaf_type {
            LeafType::Genesis => return Err(Alarm::GenesisWrong("a second genesis")),
            LeafType::Evidence => {
                let wrong = |EvidenceWrong(why)| Alarm::EvidenceWrong { index, why };
                if !entry.signature.is_empty() || entry.content.is_some() {
                    return Err(wrong(EvidenceWrong("it comes with a signature or a content")));
                }
                let evidence = Evidence::parse(&leaf.body).map_err(wrong)?;
                state.check_evidence(&evidence, roots).map_err(wrong)?;
                state.push_evidence(&entry.leaf, &leaf, &evidence);
                What::Evidence(Box::new(evidence))
            }
            LeafType::Succession => {
                let wrong = |SuccessionWrong(why)| Alarm::SuccessionWrong { index, why };
                if !entry.signature.is_empty() || entry.content.is_some() {
                    return Err(wrong(SuccessionWrong("it comes with a signature or a content")));
                }
                let succession = Succession::parse(&leaf.body).map_err(wrong)?;
                let held = state.check_succession(&succession).map_err(wrong)?;
                state.push_succession(&entry.leaf, &leaf, &held);
                What::Succession
            }
            LeafType::Seal => {
                let seal = Seal::parse(&leaf.body).map_err(form)?;
                if seal != state.next_seal(seal.time_ms) || seal.time_ms < seal_time_ms {
                    return Err(Alarm::SealWrong { index });
                }
                if seal.time_ms.abs_diff(leaf.accepted_at_ms) > CLOCKS_MS.unsigned_abs() {
                    let why = TimeDoubt::OfLeaf(leaf.accepted_at_ms);
                    return Err(Alarm::TimeWrong { index, found_ms: seal.time_ms, why });
                }
                state.push_seal(&entry.leaf, &leaf, &seal);
                What::Seal(seal)
            }
            LeafType::Record => {
                let record = received(&entry, &leaf).parse().map_err(form)?;
                state.check(&record, roots).map_err(|refused| not_next(index, refused))?;
                let content = record.content();
                if content.is_none() && matches!(record.statement.writer, Writer::Operator(_)) {
                    return Err(Alarm::ControlWithheld { index });
                }
                let readable = content.as_ref().and_then(|content| content.as_ref().ok());
                let control = state.push_record(&entry.leaf, &leaf, &record, readable);
                if control.is_none() && !matches!(content, Some(Err(_))) {
                    self.withheld.take(index, &record, readable, view, state.directory());
                }
                if control.is_none()
                    && let Some(content) = readable
                {
                    let writer = &record.statement.writer;
                    let readers = Readers::of(content, writer).within(state.directory(), &self.me, index);
                    self.unjudged.entry((view, readers)).or_insert_with(|| (index, writer.clone()));
                }
                What::Record(Box::new(TakenRecord { record, content, control }))
            }
        };
        Ok(Taken { entry, leaf, seal_time_ms, what })
    }

    fn take_genesis(&mut self, entry: Entry, leaf: Leaf) -> Result<Taken, Alarm> {
        let index = entry.index;
        let record = received(&entry, &leaf).parse().map_err(|form| Alarm::Form { index, form })?;
        if record.record_id != self.genesis {
            return Err(Alarm::GenesisWrong("not the one that was joined"));
        }
        let state =
            LogState::open(self.log, &entry.leaf, &leaf, &record).map_err(|wrong| Alarm::GenesisWrong(wrong.0))?;
        self.state = Some(state);
        let content = record.content();
        let what = What::Record(Box::new(TakenRecord { record, content, control: Some(ControlVerdict::Valid) }));
        Ok(Taken { entry, leaf, seal_time_ms: 0, what })
    }

    fn judge_stubs(&mut self, view: TreeSize) -> Result<(), Alarm> {
        let Some(state) = &self.state else { return Ok(()) };
        self.withheld.close(&self.me, state.directory(), state.size(), view)
    }

    /// Judges what was received under views that the cursor has reached.
    fn judge_audiences(&mut self) -> Result<(), Alarm> {
        let Some(state) = &self.state else { return Ok(()) };
        while let Some(entry) = self.unjudged.first_entry() {
            let ((view, readers), (index, writer)) = (entry.key(), entry.get());
            if *view > state.size() {
                break;
            }
            if !readers.include(state.directory(), &self.me, *index, *view) {
                return Err(Alarm::OverShared { index: *index, writer: writer.clone() });
            }
            entry.remove();
        }
        Ok(())
    }
}

fn received(entry: &Entry, leaf: &Leaf) -> Received {
    Received { statement: leaf.body.clone(), content: entry.content.clone(), signature: entry.signature.clone() }
}

pub(crate) fn unpack_all(blocks: &[wire::Block]) -> Result<Vec<Entry>, Alarm> {
    let total: u64 = blocks.iter().map(|block| block.unpacked_bytes).fold(0, u64::saturating_add);
    if total > UNPACKED_MAX as u64 {
        return Err(Alarm::FrameTooLarge { max: UNPACKED_MAX });
    }
    let mut entries = Vec::new();
    for block in blocks {
        entries.extend(unpack(block)?);
        if entries.len() > FRAME_ENTRIES_MAX {
            return Err(Alarm::FrameBad("too many entries"));
        }
    }
    entries.sort_by_key(|entry| entry.index);
    Ok(entries)
}

fn open_checkpoint(state: &LogState, note: &str) -> Result<Checkpoint, Alarm> {
    let directory = state.directory();
    Checkpoint::open(note, directory.federation(), state.log(), &directory.policy().log_key)
        .map_err(|bad| Alarm::CheckpointBad(bad.0))
}

fn agree(state: &LogState, checkpoint: &Checkpoint) -> Result<(), Alarm> {
    let (size, computed, signed) = (state.size(), state.root(), checkpoint.root);
    if computed == signed { Ok(()) } else { Err(Alarm::RootWrong { size, computed, signed }) }
}

fn not_next(index: LeafIndex, refused: NotNext) -> Alarm {
    match refused {
        NotNext::FederationWrong => Alarm::FederationWrong { index },
        NotNext::WriterFrozen { writer } => Alarm::WriterFrozen { index, writer },
        NotNext::KeyUnknown { writer } => Alarm::KeyUnknown { index, writer },
        NotNext::SignatureBad { writer } => Alarm::SignatureBad { index, writer },
        NotNext::Chain { writer, chain } => Alarm::Chain { index, writer, chain },
    }
}
