//! Where a log can be closed: at the largest size for which a quorum vouches, once nothing else can be stable further.
//!
//! In scope: what nodes and witnesses say of it, whose branch is taken. Out of scope: closing it there (`closing`), what nodes
//! said of the log (`book`).

use std::collections::{BTreeMap, BTreeSet};

use multaqa_proto::hash::Hash;
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::succession::Decision;
use multaqa_proto::log::witness::{Cosigned, Numbers};
use multaqa_proto::number::{LogNumber, TreeSize};

use super::{CloseError, Refill, begins};
use crate::store::StoreError;

/// Where the log can be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closable {
    /// Number of the log that would begin.
    pub(crate) log: LogNumber,
    /// The size.
    pub(crate) size: TreeSize,
    /// The root there.
    pub(crate) root: Hash,
    /// States that vouch for it.
    pub(crate) states: BTreeSet<MemberCode>,
    /// How many are a quorum.
    pub(crate) quorum: usize,
    /// How many operators have to decide on it.
    pub(crate) needed: usize,
}

impl Closable {
    /// Whether a decision is on this closing.
    pub(super) fn is_of(&self, decision: &Decision) -> bool {
        (decision.log, decision.size, decision.root) == (self.log, self.size, self.root)
    }
}

impl Refill {
    /// Whether entries are to be taken from a node that offers these notes: while the log is being closed, where they show that
    /// witnesses made its branch stable beyond this tree, or where with this node, which showed who it is, so many have spoken that no
    /// branch can be; any will do then.
    pub(crate) fn leads(&self, notes: &[Cosigned], node: Option<&Writer>) -> bool {
        let state = self.state();
        let numbers = Numbers::of(state.directory().policy().witnesses.len());
        !self.is_closing()
            || nth(&votes(notes), numbers.quorum).is_some_and(|size| size > state.size())
            || node.is_some_and(|node| self.book().lacking_after(&state, node) == 0)
            || numbers.quorum == 0
    }

    /// Those of the notes that are over this tree.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn held_of(&self, notes: Vec<Cosigned>) -> Result<Vec<Cosigned>, StoreError> {
        let (size, mut held) = (self.state().size(), Vec::new());
        for note in notes {
            if note.checkpoint.size <= size && self.contains(&note.checkpoint).await? {
                held.push(note);
            }
        }
        Ok(held)
    }

    /// Where the log can be closed by these cosigned notes.
    ///
    /// # Errors
    /// [`CloseError::NotClosing`], [`CloseError::Awaited`], [`CloseError::NotStable`], or where the store fails.
    pub(crate) async fn closable(&self, notes: &[String]) -> Result<Closable, CloseError> {
        let state = self.state();
        if !self.is_closing() || self.has_succeeded(&state) {
            return Err(CloseError::NotClosing);
        }
        let (awaited, silent) = {
            let book = self.book();
            (book.lacking(&state), book.silent(&state))
        };
        if awaited > 0 {
            return Err(CloseError::Awaited { awaited, silent });
        }
        let numbers = Numbers::of(state.directory().policy().witnesses.len());
        let log = state.log().next();
        if numbers.quorum == 0 {
            let (size, root, needed) = (state.size(), state.root(), state.directory().policy().operators_required);
            return Ok(Closable { log, size, root, states: BTreeSet::new(), quorum: 0, needed });
        }
        let opened = notes.iter().filter_map(|note| Cosigned::open(note, state.directory()).ok()).collect();
        let votes = votes(&self.held_of(opened).await?);
        let not_stable = || CloseError::NotStable { silent: silent.clone() };
        let size = nth(&votes, numbers.quorum).filter(|size| *size >= begins(&state)).ok_or_else(not_stable)?;
        let root = self.0.store.root_at(size).await?.ok_or_else(not_stable)?;
        let awaited = self.may_be_stable_elsewhere(&state, size).await?.saturating_sub(numbers.quorum - 1);
        if awaited > 0 {
            return Err(CloseError::Awaited { awaited, silent });
        }
        let states = votes.into_iter().filter(|(_, voted)| *voted >= size).map(|(state, _)| state).collect();
        let needed = self.0.store.directory_at(size).await?.policy().operators_required;
        Ok(Closable { log, size, root, states, quorum: numbers.quorum, needed })
    }

    /// So many states may have cosigned more than this size, or another branch: those that said so, and those that said nothing.
    async fn may_be_stable_elsewhere(&self, state: &LogState, size: TreeSize) -> Result<usize, StoreError> {
        let witnesses = &state.directory().policy().witnesses;
        let said: Vec<Option<Vec<Checkpoint>>> = {
            let book = self.book();
            witnesses.iter().map(|witness| book.cosigned_by(witness)).collect()
        };
        let (mut silent, mut here, mut elsewhere) = (0, 0, 0);
        for said in said {
            let Some(cosigned) = said else {
                silent += 1;
                continue;
            };
            let (mut more, mut other) = (false, false);
            for checkpoint in cosigned {
                let beyond = checkpoint.size > state.size();
                let contained = !beyond && self.contains(&checkpoint).await?;
                more |= checkpoint.size > size && (contained || beyond);
                other |= !contained;
            }
            (here, elsewhere) = (here + usize::from(more), elsewhere + usize::from(other));
        }
        Ok(silent + here.max(elsewhere))
    }
}

/// The largest size that each state cosigned.
fn votes(notes: &[Cosigned]) -> BTreeMap<MemberCode, TreeSize> {
    let mut votes: BTreeMap<MemberCode, TreeSize> = BTreeMap::new();
    for note in notes {
        for state in note.cosignatures.iter().filter_map(|found| found.witness.member()) {
            let so_far = votes.entry(state.clone()).or_default();
            *so_far = note.checkpoint.size.max(*so_far);
        }
    }
    votes
}

/// The n-th largest vote.
fn nth(votes: &BTreeMap<MemberCode, TreeSize>, nth: usize) -> Option<TreeSize> {
    let mut sizes: Vec<TreeSize> = votes.values().copied().collect();
    sizes.sort_unstable_by_key(|size| std::cmp::Reverse(*size));
    sizes.get(nth.checked_sub(1)?).copied()
}
