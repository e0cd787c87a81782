//! Entries that a node gives back, at their places: checked by the rules that nodes check the hub by, made into commits.
//!
//! That they are what the log key signed is known from the outline. All the same every leaf is folded like one that comes from
//! outside: signature, key and chain of each record, seals, time. Pure. Out of scope: what can be checked of an entry by itself
//! (`check`), storing (`take`).

use ed25519_dalek::SigningKey;
use multaqa_proto::fold::Erasure;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::evidence::Evidence;
use multaqa_proto::log::leaf::LeafType;
use multaqa_proto::log::seal::Seal;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::succession::Succession;
use multaqa_proto::number::TreeSize;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::record::content::CONTENT_MAX;
use multaqa_proto::sync::UNPACKED_MAX;
use multaqa_proto::sync::block::Entry;

use super::check::{Checked, read};
use crate::log::erase::erasure;
use crate::store::{Commit, Head, StoredEntry};

/// Most entries of a commit.
const ENTRIES_MAX: usize = 1_024;
/// Bytes of entries after which a commit ends, so that it fits one frame.
const BYTES_MAX: usize = 512 * 1024;
/// Missing contents of a commit: when they come the largest must fit the frame too.
const MISSING_MAX: usize = 4;
// What a node takes of one frame.
const _: () = assert!(BYTES_MAX + (MISSING_MAX + 1) * (CONTENT_MAX + 1024) <= UNPACKED_MAX);

/// Commits of given entries, and the state after them.
#[derive(Debug)]
pub(super) struct Placed {
    /// The state after all of them.
    pub(super) state: LogState,
    /// Size just after the newest seal.
    pub(super) sealed: TreeSize,
    /// What to store, in order, each with the state after it.
    pub(super) commits: Vec<(Commit, LogState)>,
}

/// Checks entries that follow the state, and makes commits of them.
///
/// # Errors
/// What does not hold, in words.
pub(super) fn place(
    before: &LogState,
    sealed: TreeSize,
    entries: Vec<Entry>,
    roots: &mut VerifiedRoots,
    log_key: &SigningKey,
) -> Result<Placed, String> {
    place_checked(before, sealed, entries.into_iter().map(read), roots, log_key)
}

/// The same, of entries that were read before.
///
/// # Errors
/// As [`place`].
pub(super) fn place_checked(
    before: &LogState,
    sealed: TreeSize,
    entries: impl IntoIterator<Item = Result<Checked, String>>,
    roots: &mut VerifiedRoots,
    log_key: &SigningKey,
) -> Result<Placed, String> {
    let nothing = Placed { state: before.clone().anew(), sealed, commits: Vec::new() };
    let (open, erasures) = (Vec::new(), Vec::new());
    let mut into = Placer { placed: nothing, base: before.clone(), open, erasures, bytes: 0, missing: 0 };
    for checked in entries {
        let checked = checked?;
        let index = checked.index;
        into.take(checked, roots, log_key).map_err(|wrong| format!("entry {index}: {wrong}"))?;
    }
    into.close(log_key);
    Ok(into.placed)
}

struct Placer {
    placed: Placed,
    /// The state before the open commit.
    base: LogState,
    open: Vec<StoredEntry>,
    erasures: Vec<Erasure>,
    bytes: usize,
    missing: usize,
}

impl Placer {
    fn take(&mut self, checked: Checked, roots: &mut VerifiedRoots, log_key: &SigningKey) -> Result<(), String> {
        let Checked { index, bytes, leaf_bytes, leaf, record } = checked;
        let state = &mut self.placed.state;
        if index != state.size().next_index() {
            return Err("it does not follow the log".to_owned());
        }
        if leaf.accepted_at_ms < state.accepted_at_ms() {
            return Err("time goes back".to_owned());
        }
        let seal_time_ms = state.seal_time_ms();
        if !self.open.is_empty() && (self.open.len() >= ENTRIES_MAX || self.bytes + bytes > BYTES_MAX) {
            self.close(log_key);
        }
        let state = &mut self.placed.state;
        let mut cut = false;
        let stored = match leaf.leaf_type {
            LeafType::Genesis => return Err("a second genesis".to_owned()),
            LeafType::Seal => {
                let seal = Seal::parse(&leaf.body).map_err(|form| form.to_string())?;
                if seal != state.next_seal(seal.time_ms) || seal.time_ms < seal_time_ms {
                    return Err("the seal contradicts the control records before it".to_owned());
                }
                state.push_seal(&leaf_bytes, &leaf, &seal);
                self.placed.sealed = state.size();
                StoredEntry::seal(index, leaf_bytes)
            }
            LeafType::Evidence => {
                let evidence = Evidence::parse(&leaf.body).map_err(|wrong| wrong.to_string())?;
                state.check_evidence(&evidence, roots).map_err(|wrong| wrong.to_string())?;
                state.push_evidence(&leaf_bytes, &leaf, &evidence);
                cut = true;
                StoredEntry::evidence(index, leaf_bytes, seal_time_ms)
            }
            LeafType::Succession => {
                let succession = Succession::parse(&leaf.body).map_err(|wrong| wrong.to_string())?;
                let held = state.check_succession(&succession).map_err(|wrong| wrong.to_string())?;
                state.push_succession(&leaf_bytes, &leaf, &held);
                // Every checkpoint below it is of the log before.
                cut = true;
                StoredEntry::evidence(index, leaf_bytes, seal_time_ms)
            }
            LeafType::Record => {
                let (record, content) = record.ok_or("no record")?;
                state.check(&record, roots).map_err(|refused| refused.to_string())?;
                state.push_record(&leaf_bytes, &leaf, &record, content.as_ref());
                if let Some(content) = &content {
                    let stored = StoredEntry::record(index, leaf_bytes, &record, content, seal_time_ms);
                    self.erasures.extend(erasure(state.directory(), &record, content, index));
                    // Who is in a group must not change within a commit.
                    cut = stored.control.is_some();
                    stored
                } else {
                    self.missing += 1;
                    StoredEntry::erased(index, leaf_bytes, &record, None)
                }
            }
        };
        self.bytes += bytes;
        self.open.push(stored);
        if cut || self.missing >= MISSING_MAX {
            self.close(log_key);
        }
        Ok(())
    }

    fn close(&mut self, log_key: &SigningKey) {
        if self.open.is_empty() {
            return;
        }
        let (before, after) = (&self.base, &self.placed.state);
        let root = after.root();
        // The log key signs nothing new: every size below a signed checkpoint is in its tree.
        let checkpoint = Checkpoint { log: after.log(), size: after.size(), root };
        let moved = |(writer, head): (&_, &_)| {
            (before.chains().head(writer) != Some(*head)).then(|| (Clone::clone(writer), *head))
        };
        let commit = Commit {
            first: before.size(),
            entries: std::mem::take(&mut self.open),
            checkpoint: checkpoint.sign(after.directory().federation(), log_key),
            frontier: after.frontier().clone(),
            root,
            subtrees: after.completed().to_vec(),
            chains: after.chains().heads().filter_map(moved).collect(),
            erasures: std::mem::take(&mut self.erasures),
            head: Head::of(after, self.placed.sealed),
        };
        self.base = after.clone();
        (self.bytes, self.missing) = (0, 0);
        self.placed.commits.push((commit, after.clone()));
        self.placed.state = self.base.clone().anew();
    }
}
