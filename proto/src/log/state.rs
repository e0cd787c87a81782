//! The state that the hub and every node fold from the log: tree, chains, directory, control chain, time.
//!
//! In scope: checking that a record may stand next, and adding leaves. The hub adds what it orders, a node what it is sent;
//! equal leaves give equal states. Out of scope: storing it, audiences, data kinds.

use std::sync::Arc;

use prost::bytes::Bytes;
use thiserror::Error;

use super::chain::{ChainError, Chains};
use super::evidence::{Evidence, EvidenceWrong};
use super::frontier::Frontier;
use super::leaf::{Leaf, LeafType};
use super::seal::{ControlChain, Seal};
use super::subtree::Root;
use super::succession::{Held, Succession, SuccessionWrong};
use super::tree::leaf_hash;
use crate::directory::apply::{ControlRecord, ControlVerdict};
use crate::directory::{Directory, GenesisWrong};
use crate::hash::Hash;
use crate::id::Writer;
use crate::kind::is_control;
use crate::number::{LogNumber, TreeSize};
use crate::record::Parsed;
use crate::record::batch::VerifiedRoots;
use crate::record::content::Content;

/// Why a record may not stand next on the log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotNext {
    /// It is of another federation.
    #[error("the record is of another federation")]
    FederationWrong,
    /// The writer contradicted itself, and evidence of it is on the log.
    #[error("{writer} is frozen: it signed two statements for one place")]
    WriterFrozen {
        /// Writer.
        writer: Writer,
    },
    /// The writer has no such key in this epoch.
    #[error("{writer} has no such key")]
    KeyUnknown {
        /// Writer.
        writer: Writer,
    },
    /// The signature does not verify.
    #[error("the signature of {writer} does not verify")]
    SignatureBad {
        /// Writer.
        writer: Writer,
    },
    /// It does not follow its writer's newest record.
    #[error("{writer}: {chain}")]
    Chain {
        /// Writer.
        writer: Writer,
        /// How.
        chain: ChainError,
    },
}

impl NotNext {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FederationWrong => "FEDERATION_WRONG",
            Self::WriterFrozen { .. } => "WRITER_FROZEN",
            Self::KeyUnknown { .. } => "KEY_UNKNOWN",
            Self::SignatureBad { .. } => "SIGNATURE_BAD",
            Self::Chain { chain, .. } => chain.code(),
        }
    }
    /// Arguments of the code's message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::FederationWrong => Vec::new(),
            Self::WriterFrozen { writer } | Self::KeyUnknown { writer } | Self::SignatureBad { writer } => {
                vec![("writer", writer.to_string())]
            }
            Self::Chain { writer, chain } => vec![("writer", writer.to_string()), ("detail", chain.to_string())],
        }
    }
}

/// See the module. Cloning is cheap but for the chains: one head a writer.
#[derive(Debug, Clone)]
pub struct LogState {
    log: LogNumber,
    frontier: Frontier,
    completed: Vec<Root>,
    control: ControlChain,
    chains: Chains,
    directory: Arc<Directory>,
    seal_time_ms: i64,
    accepted_at_ms: i64,
}

/// What a reader stores of the state beside the control records, to go on after a restart.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Number of the log.
    pub log: LogNumber,
    /// The tree.
    pub frontier: Frontier,
    /// The control chain.
    pub control: ControlChain,
    /// Writers' newest statements.
    pub chains: Chains,
    /// The directory, folded from the control records.
    pub directory: Directory,
    /// Time of the newest seal.
    pub seal_time_ms: i64,
    /// Time of the newest leaf.
    pub accepted_at_ms: i64,
}

impl LogState {
    /// The state after leaf 0.
    ///
    /// # Errors
    /// Where the record is no genesis.
    pub fn open(log: LogNumber, leaf_bytes: &Bytes, leaf: &Leaf, genesis: &Parsed) -> Result<Self, GenesisWrong> {
        if leaf.leaf_type != LeafType::Genesis {
            return Err(GenesisWrong("leaf 0 is of another type"));
        }
        let mut state = Self {
            log,
            frontier: Frontier::default(),
            completed: Vec::new(),
            control: ControlChain::default(),
            chains: Chains::default(),
            directory: Arc::new(Directory::open(genesis)?),
            seal_time_ms: 0,
            accepted_at_ms: 0,
        };
        let hash = state.push(leaf_bytes, leaf);
        state.control.push(hash);
        state.chains.advance(&genesis.statement, genesis.record_id);
        Ok(state)
    }
    /// From what was stored.
    #[must_use]
    pub fn from_stored(stored: Stored) -> Self {
        let Stored { log, frontier, control, chains, directory, seal_time_ms, accepted_at_ms } = stored;
        let (completed, directory) = (Vec::new(), Arc::new(directory));
        Self { log, frontier, completed, control, chains, directory, seal_time_ms, accepted_at_ms }
    }
    /// Number of the log.
    #[must_use]
    pub const fn log(&self) -> LogNumber {
        self.log
    }
    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        self.frontier.size()
    }
    /// Root over them.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }
    /// The tree.
    #[must_use]
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }
    /// The state as one to build a commit or a frame upon: nothing was completed in it so far.
    #[must_use]
    pub fn anew(self) -> Self {
        Self { completed: Vec::new(), ..self }
    }
    /// The stored subtrees that were completed since [`LogState::anew`], lower ones first: what a log stores beside its
    /// leaves.
    #[must_use]
    pub fn completed(&self) -> &[Root] {
        &self.completed
    }
    /// The control chain.
    #[must_use]
    pub const fn control(&self) -> ControlChain {
        self.control
    }
    /// Writers' newest statements.
    #[must_use]
    pub const fn chains(&self) -> &Chains {
        &self.chains
    }
    /// The directory.
    #[must_use]
    pub const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }
    /// Time of the newest seal, milliseconds since 1970 UTC; 0 before the first.
    #[must_use]
    pub const fn seal_time_ms(&self) -> i64 {
        self.seal_time_ms
    }
    /// Time of the newest leaf, milliseconds since 1970 UTC.
    #[must_use]
    pub const fn accepted_at_ms(&self) -> i64 {
        self.accepted_at_ms
    }
    /// The seal that would stand next.
    #[must_use]
    pub const fn next_seal(&self, time_ms: i64) -> Seal {
        Seal { time_ms, control: self.control }
    }
    /// Whether the record may stand next: federation, writer not frozen, chain, key, signature.
    ///
    /// # Errors
    /// [`NotNext`] names the broken rule.
    pub fn check(&self, record: &Parsed, roots: &mut VerifiedRoots) -> Result<(), NotNext> {
        let statement = &record.statement;
        let writer = || statement.writer.clone();
        if statement.federation != Some(self.directory.genesis()) {
            return Err(NotNext::FederationWrong);
        }
        if self.directory.is_frozen(&statement.writer, statement.epoch, record.signature.key_id) {
            return Err(NotNext::WriterFrozen { writer: writer() });
        }
        self.chains.check(statement).map_err(|chain| NotNext::Chain { writer: writer(), chain })?;
        let key = self
            .directory
            .signing_key(&statement.writer, statement.epoch, statement.seq, record.signature.key_id)
            .ok_or_else(|| NotNext::KeyUnknown { writer: writer() })?;
        record
            .signature
            .verify(record.record_id, &statement.writer, statement.epoch, &key, roots)
            .map_err(|_| NotNext::SignatureBad { writer: writer() })
    }
    /// What the directory would say of a control record that stood next; nothing is changed.
    #[must_use]
    pub fn foresee(&self, record: &Parsed, content: &Content) -> Option<ControlVerdict> {
        is_control(content.kind()).then(|| {
            let mut directory = Directory::clone(&self.directory);
            directory.apply(&self.control_record(record, content))
        })
    }
    /// Adds a checked record; the verdict of a control record.
    pub fn push_record(
        &mut self,
        leaf_bytes: &Bytes,
        leaf: &Leaf,
        record: &Parsed,
        content: Option<&Content>,
    ) -> Option<ControlVerdict> {
        let control = content.filter(|content| is_control(content.kind()));
        let verdict = control.map(|content| {
            let mut directory = Arc::clone(&self.directory);
            let verdict = Arc::make_mut(&mut directory).apply(&self.control_record(record, content));
            self.directory = directory;
            verdict
        });
        let hash = self.push(leaf_bytes, leaf);
        if verdict.is_some() {
            self.control.push(hash);
        }
        self.chains.advance(&record.statement, record.record_id);
        verdict
    }
    /// Adds a seal that was checked against [`LogState::next_seal`].
    pub fn push_seal(&mut self, leaf_bytes: &Bytes, leaf: &Leaf, seal: &Seal) {
        self.push(leaf_bytes, leaf);
        self.seal_time_ms = seal.time_ms;
    }

    /// Whether evidence may stand next: its signatures hold, and nothing of the kind is on the log before it.
    ///
    /// # Errors
    /// [`EvidenceWrong`] says what does not hold.
    pub fn check_evidence(&self, evidence: &Evidence, roots: &mut VerifiedRoots) -> Result<(), EvidenceWrong> {
        self.directory.check_evidence(evidence, roots)
    }
    /// Adds evidence that was checked: it is one of the control leaves, and freezes its writer.
    pub fn push_evidence(&mut self, leaf_bytes: &Bytes, leaf: &Leaf, evidence: &Evidence) {
        Arc::make_mut(&mut self.directory).apply_evidence(self.frontier.size().next_index(), evidence);
        let hash = self.push(leaf_bytes, leaf);
        self.control.push(hash);
    }

    /// Whether a succession may stand next: it holds, and this log is the one that it closes, at this size and with this root.
    ///
    /// # Errors
    /// [`SuccessionWrong`] says what does not hold.
    pub fn check_succession(&self, succession: &Succession) -> Result<Held, SuccessionWrong> {
        let held = succession.check(&self.directory)?;
        if held.closed.size != self.size() {
            return Err(SuccessionWrong("it does not stand at the closed size"));
        }
        if held.closed.root != self.root() {
            return Err(SuccessionWrong("the closed log is another one"));
        }
        Ok(held)
    }
    /// Adds a succession that was checked: it is one of the control leaves, and the log has its number from here on.
    pub fn push_succession(&mut self, leaf_bytes: &Bytes, leaf: &Leaf, held: &Held) {
        let directory = Arc::make_mut(&mut self.directory);
        directory.apply_succession(self.frontier.size().next_index(), leaf.accepted_at_ms, held);
        self.log = directory.log();
        let hash = self.push(leaf_bytes, leaf);
        self.control.push(hash);
    }

    /// Adds a part of a run (`sync::run`): leaves of which the reader has but the root. Whether it begins where the tree ends.
    /// Writers' chains may go on across it until [`LogState::end_runs`].
    #[must_use]
    pub fn push_subtree(&mut self, root: Root) -> bool {
        let follows = root.subtree.first() == self.size().next_index();
        if follows {
            let completed = &mut self.completed;
            self.frontier.push_subtree(root, |root| completed.extend(root.subtree.is_stored().then_some(root)));
            self.chains.pass_run();
        }
        follows
    }
    /// No further run comes.
    pub fn end_runs(&mut self) {
        self.chains.end_runs();
    }

    fn push(&mut self, leaf_bytes: &Bytes, leaf: &Leaf) -> Hash {
        let hash = leaf_hash(leaf_bytes);
        let completed = &mut self.completed;
        self.frontier.push_noting(hash, |root| completed.extend(root.subtree.is_stored().then_some(root)));
        self.accepted_at_ms = leaf.accepted_at_ms;
        hash
    }

    fn control_record<'a>(&self, record: &'a Parsed, content: &'a Content) -> ControlRecord<'a> {
        ControlRecord {
            index: self.size().next_index(),
            seal_time_ms: self.seal_time_ms,
            record_id: record.record_id,
            writer: &record.statement.writer,
            key_id: record.signature.key_id,
            epoch: record.statement.epoch,
            content,
        }
    }
}
