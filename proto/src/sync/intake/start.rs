//! Fast start: a new reader takes the past up to a STABLE checkpoint with runs in place of what it may not read.
//!
//! # What comes as entries, and what in runs
//! Entries: all that the reader may read; all control leaves; its own member's records, erased ones too; the newest record of
//! every writer; and everything between a control leaf and the newest seal below it. All else lies in runs. So the state at the
//! end is the one that a full replay gives: chains, directory, control chain, seal time and tree, and so are all objects.
//!
//! # What a hub cannot do with a run
//! - Change, move or invent it, or let it overlap: the tree ends in a checkpoint that q states of the policy at its end vouch for.
//! - Hide a control leaf in it: a seal counts them all, and the start ends in one.
//! - Hide the seal that a control leaf is judged by: a run is never between the two. This is why other seals may lie in runs, which are
//!   half of a log that few write to. A kind whose rules ask for the seal time at a *data* record would have to be treated alike.
//! - Hide the newest record of a writer: its next one does not follow then, since chains are strict from the end on.
//!
//! # What a reader that started so does not have
//! The leaves in runs. It audits writers' chains from the end of the start on: below, a chain may go on further up across a run,
//! never further down. It notices contents that are kept back from there on only: a hub that hides a readable record within
//! a run is found out when the reader fetches the log anew without runs, or compares with others. It cannot give a hub that was
//! restored the leaves in runs. What it may read later, as a group's new member, it takes out of its runs by inclusion paths.
//!
//! Nothing of it counts before the end: the caller keeps what [`Start::accept`] gives apart, and serves it once [`Next::Done`] came.
//! In scope: the checks. Out of scope: choosing what is shown (`hub`), keeping it apart (`node`).

use std::collections::BTreeSet;
use std::sync::PoisonError;

use super::{Intake, Taken, What, unpack_all};
use crate::alarm::Alarm;
use crate::directory::Directory;
use crate::hash::Hash;
use crate::id::MemberCode;
use crate::log::checkpoint::Checkpoint;
use crate::log::proof::verify_consistency;
use crate::log::state::LogState;
use crate::log::witness::{Cosigned, Numbers};
use crate::number::{LeafIndex, TreeSize};
use crate::sync::FRAME_ENTRIES_MAX;
use crate::sync::run::Run;
use crate::wire::hub as wire;

/// A start that is under way.
#[derive(Debug, Clone)]
pub struct Start {
    intake: Intake,
    offer: wire::Start,
    end: TreeSize,
    /// Whether a run came since the newest seal.
    across_run: bool,
    /// What the hub said of contents that it lacks.
    excused: Option<TreeSize>,
}

/// What comes after a stretch.
#[derive(Debug)]
pub enum Next {
    /// The start goes on.
    More(Box<Start>),
    /// It is over, and everything of it holds: the reader goes on from here as any other.
    Done(Box<Intake>),
}

/// A stretch of the past: entries that were checked by themselves, and the runs between them.
#[derive(Debug)]
pub struct Stretch {
    /// Its first index.
    pub first: LeafIndex,
    /// Entries, ascending.
    pub entries: Vec<Taken>,
    /// Runs, ascending.
    pub runs: Vec<Run>,
    /// The view at which the hub judged what the reader may read.
    pub view: TreeSize,
}

impl Start {
    /// A start of a reader that has nothing, to where the hub offers.
    ///
    /// # Errors
    /// [`Alarm::CheckpointBad`] where the offer names no size.
    pub fn begin(intake: &Intake, offer: wire::Start) -> Result<Self, Alarm> {
        // Without a genesis nothing can be verified: who signed it is looked at where it ends.
        let end = claimed(&offer.checkpoint).ok_or(Alarm::CheckpointBad("malformed text"))?;
        let (mut intake, excused) = (intake.clone(), intake.withheld.excused());
        // What could explain a content that is not sent may lie in a run.
        intake.withheld.excuse(Some(TreeSize(u64::MAX)));
        Ok(Self { intake, offer, end, across_run: false, excused })
    }
    /// How far it is.
    #[must_use]
    pub fn size(&self) -> TreeSize {
        self.intake.size()
    }
    /// Where it ends.
    #[must_use]
    pub const fn end(&self) -> TreeSize {
        self.end
    }
    /// What the hub offered.
    #[must_use]
    pub const fn offer(&self) -> &wire::Start {
        &self.offer
    }
    /// The state so far, of which nothing counts yet.
    #[must_use]
    pub const fn intake(&self) -> &Intake {
        &self.intake
    }
    /// Verifies the next stretch, as [`Intake::accept`] does a frame; where it is the last one, all of the start.
    ///
    /// # Errors
    /// [`Alarm`] names the rule that the hub broke: then all that came before is worth nothing either.
    pub fn accept(&self, frame: &wire::Frame) -> Result<(Next, Stretch), Alarm> {
        let cursor = self.size();
        if frame.first != cursor.0 {
            return Err(Alarm::LogGap { expected: cursor, found: LeafIndex(frame.first) });
        }
        if frame.count == 0 || frame.count > self.end.0 - cursor.0 || frame.runs.len() > FRAME_ENTRIES_MAX + 1 {
            return Err(Alarm::FrameBad("it covers nothing, or passes the end of the start"));
        }
        let mut next = self.clone();
        next.intake.state = next.intake.state.map(LogState::anew);
        let stretch = next.cover(frame)?;
        next.intake.judge_audiences()?;
        if next.size() < self.end {
            return Ok((Next::More(Box::new(next)), stretch));
        }
        if !matches!(stretch.entries.last(), Some(Taken { what: What::Seal(_), entry, .. }) if entry.index.size() == self.end)
        {
            return Err(Alarm::FrameBad("the start does not end in a seal"));
        }
        Ok((Next::Done(Box::new(next.finish()?)), stretch))
    }

    /// Takes entries and runs in the order of the log: together they cover the stretch once.
    fn cover(&mut self, frame: &wire::Frame) -> Result<Stretch, Alarm> {
        let view = TreeSize(frame.view);
        let runs = frame.runs.iter().map(Run::from_wire).collect::<Result<Vec<_>, _>>().map_err(Alarm::RunBad)?;
        let (mut entries, mut next_runs) = (unpack_all(&frame.blocks)?.into_iter().peekable(), runs.iter().peekable());
        let (mut at, end, mut taken) = (frame.first, frame.first.saturating_add(frame.count), Vec::new());
        let roots = std::sync::Arc::clone(&self.intake.roots);
        let mut roots = roots.lock().unwrap_or_else(PoisonError::into_inner);
        while at < end {
            if let Some(entry) = entries.next_if(|entry| entry.index.0 == at) {
                at += 1;
                let entry = self.intake.take(entry, view, &mut roots)?;
                self.watch_seals(&entry)?;
                taken.push(entry);
            } else if let Some(run) = next_runs.next_if(|run| run.first().0 == at && run.end().0 <= end) {
                at = run.end().0;
                self.pass(run)?;
            } else {
                break;
            }
        }
        if at != end || entries.next().is_some() || next_runs.next().is_some() {
            return Err(Alarm::FrameBad("entries and runs do not cover the stretch once"));
        }
        Ok(Stretch { first: LeafIndex(frame.first), entries: taken, runs, view })
    }

    fn pass(&mut self, run: &Run) -> Result<(), Alarm> {
        let state = self.intake.state.as_mut().ok_or(Alarm::GenesisWrong("a run stands in its place"))?;
        self.across_run = true;
        if run.roots().all(|root| state.push_subtree(root)) {
            Ok(())
        } else {
            Err(Alarm::FrameBad("entries and runs do not cover the stretch once"))
        }
    }

    /// No run is between a control leaf and the newest seal below it.
    fn watch_seals(&mut self, taken: &Taken) -> Result<(), Alarm> {
        let control = match &taken.what {
            What::Seal(_) => {
                self.across_run = false;
                false
            }
            What::Record(record) => record.control.is_some(),
            What::Evidence(_) | What::Succession => true,
        };
        if control && self.across_run {
            return Err(Alarm::ControlAcrossRun { index: taken.entry.index });
        }
        Ok(())
    }

    /// The reader at the end, where that is STABLE.
    fn finish(self) -> Result<Intake, Alarm> {
        let Self { mut intake, offer, excused, .. } = self;
        if let Some(state) = &mut intake.state {
            stable(&offer, state.directory(), state.size(), state.root())?;
            intake.checkpoint = open(&offer.checkpoint, state.directory())?.note;
            state.end_runs();
        }
        intake.withheld.excuse(excused);
        Ok(intake)
    }
}

/// The states that make the checkpoint at the end of a start STABLE by the directory at that size, of which the tree has this root.
///
/// # Errors
/// [`Alarm::CheckpointBad`], [`Alarm::LogRewound`], [`Alarm::RootWrong`]; [`Alarm::StartUnstable`] where they are too few.
pub fn stable(
    offer: &wire::Start,
    directory: &Directory,
    size: TreeSize,
    computed: Hash,
) -> Result<BTreeSet<MemberCode>, Alarm> {
    let cosigned = open(&offer.checkpoint, directory)?;
    let Checkpoint { size: found, root: signed, .. } = cosigned.checkpoint;
    if found != size {
        return Err(Alarm::LogRewound { expected: size, found });
    }
    if signed != computed {
        return Err(Alarm::RootWrong { size, computed, signed });
    }
    let mut all = vec![cosigned];
    for later in &offer.later {
        let opened = open(&later.checkpoint, directory)?;
        let Checkpoint { size: larger, root, .. } = opened.checkpoint;
        let hashes = later.consistency.iter().map(|hash| Hash::from_slice(hash)).collect::<Option<Vec<_>>>();
        if !hashes.is_some_and(|hashes| verify_consistency(size.0, signed, larger.0, root, &hashes)) {
            return Err(Alarm::CheckpointBad("its tree does not begin with the tree of the start"));
        }
        all.push(opened);
    }
    let lines = all.iter().flat_map(|cosigned| &cosigned.cosignatures);
    let states: BTreeSet<MemberCode> = lines.filter_map(|line| line.witness.member().cloned()).collect();
    let numbers = Numbers::of(directory.policy().witnesses.len());
    if numbers.states == 0 || states.len() < numbers.quorum {
        return Err(Alarm::StartUnstable { size, states: states.len(), quorum: numbers.quorum });
    }
    Ok(states)
}

fn open(note: &str, directory: &Directory) -> Result<Cosigned, Alarm> {
    Cosigned::open(note, directory).map_err(|bad| Alarm::CheckpointBad(bad.0))
}

/// The size that a note names, whoever signed it.
fn claimed(note: &str) -> Option<TreeSize> {
    note.lines().nth(1)?.parse().ok().map(TreeSize).filter(|size| size.0 > 0)
}
