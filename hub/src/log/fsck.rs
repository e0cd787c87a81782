//! Recomputes everything from the stored records and says what does not agree.
//!
//! From the leaves and contents alone: leaf hashes, every commit's root and checkpoint, signatures, record ids, content
//! hashes, chains, seals, the control chain, time. From those: every derived column, the head, the writers' newest
//! statements. What is erased must have a tombstone of its member after it. Reads one snapshot in chunks, changes nothing,
//! and runs beside a hub at work. Out of scope: repairing, judging data records (the replica's check does).

use std::collections::BTreeMap;
use std::path::Path;

use multaqa_proto::hash::Hash;
use multaqa_proto::id::{ObjectId, Writer};
use multaqa_proto::log::chain;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::tree::{Frontier, leaf_hash};
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::record::{Parsed, Received};
use prost::bytes::Bytes;

use super::erase::erasure;
use crate::store::{Batch, Columns, Head, Store, StoreError, StoredEntry};

/// Entries that are read at once.
const CHUNK: u64 = 256;
/// Findings after which no more are noted.
const FINDINGS_MAX: usize = 1000;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The entry; none where it is not one entry's.
    pub index: Option<LeafIndex>,
    /// What is wrong.
    pub what: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// Entries that were looked at.
    pub size: TreeSize,
    /// Root computed from them.
    pub root: Hash,
    /// What is wrong; at most 1000 findings.
    pub findings: Vec<Finding>,
}

/// Checks a store.
///
/// # Errors
/// Where it cannot be read; what is wrong with what can be read is a finding.
pub async fn fsck(path: &Path) -> Result<Report, StoreError> {
    let store = Store::open_read_only(path).await?;
    let mut check = Check::default();
    let head = match store.head().await {
        Ok(head) => head,
        Err(bad @ StoreError::RowBad { .. }) => {
            check.find(None, bad);
            return Ok(check.report());
        }
        Err(error) => return Err(error),
    };
    let mut from = TreeSize(0);
    while from < head.size && !check.stopped {
        let to = TreeSize((from.0 + CHUNK).min(head.size.0));
        let rows = store.columns(from.next_index(), to.next_index()).await?;
        let commits = store.commits_within(from, to).await?;
        check.chunk(head.log, (from, to), rows, commits);
        from = to;
    }
    let (entry, commit) = store.above(head.size).await?;
    if let Some(index) = entry {
        check.find(Some(index), "is stored but not below the head");
    }
    if let Some(size) = commit {
        check.find(None, format!("a commit ending at {size} is stored, which is above the head"));
    }
    match store.chains().await {
        Ok(chains) => check.end(&head, &chains),
        Err(bad @ StoreError::RowBad { .. }) => check.find(None, bad),
        Err(error) => return Err(error),
    }
    store.close().await;
    Ok(check.report())
}

#[derive(Default)]
struct Check {
    findings: Vec<Finding>,
    state: Option<LogState>,
    frontier: Frontier,
    roots: VerifiedRoots,
    /// Size at the newest commit.
    committed: TreeSize,
    /// Size just after the newest seal.
    sealed: TreeSize,
    /// Whether a root was wrong: those after it are too.
    root_wrong: bool,
    /// Whether nothing after this can be checked.
    stopped: bool,
    /// Last erased entry of each object.
    erased: BTreeMap<ObjectId, LeafIndex>,
    /// Last tombstone of each object.
    tombstones: BTreeMap<ObjectId, LeafIndex>,
}

impl Check {
    fn find(&mut self, index: Option<LeafIndex>, what: impl std::fmt::Display) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { index, what: what.to_string() });
        }
    }

    fn chunk(
        &mut self,
        log: LogNumber,
        (from, to): (TreeSize, TreeSize),
        rows: Vec<Columns>,
        commits: Vec<Result<Batch, StoreError>>,
    ) {
        let mut ends = BTreeMap::new();
        for commit in commits {
            match commit {
                Ok(commit) => drop(ends.insert(commit.size.0, commit)),
                Err(bad) => self.find(None, bad),
            }
        }
        let mut rows = rows.into_iter();
        for index in (from.0..to.0).map(LeafIndex) {
            let row = rows.next().filter(|row| LeafIndex::from_i64(row.idx) == Some(index));
            let Some(row) = row else {
                self.find(Some(index), "is missing; what follows cannot be checked");
                self.stopped = true;
                return;
            };
            self.entry(log, index, &row);
            if let Some(commit) = ends.get(&index.size().0) {
                self.commit(commit);
            }
        }
    }

    fn entry(&mut self, log: LogNumber, index: LeafIndex, row: &Columns) {
        let bytes = Bytes::from(row.leaf.clone());
        self.frontier.push(leaf_hash(&bytes));
        let leaf = match Leaf::parse(&bytes) {
            Ok(leaf) => leaf,
            Err(form) => {
                self.find(Some(index), format!("the leaf breaks the form: {form}"));
                return self.skip(&bytes);
            }
        };
        if Hash::of(&row.signature) != leaf.signature_hash {
            self.find(Some(index), "the leaf does not fit the signature");
        }
        if self.state.as_ref().is_some_and(|state| leaf.accepted_at_ms < state.accepted_at_ms()) {
            self.find(Some(index), "time goes back");
        }
        match leaf.leaf_type {
            LeafType::Seal => self.seal(index, &bytes, &leaf, row),
            LeafType::Evidence => {
                self.find(Some(index), "evidence is not known to this version");
                self.skip(&bytes);
            }
            LeafType::Genesis | LeafType::Record => self.record(log, index, &bytes, &leaf, row),
        }
    }

    fn seal(&mut self, index: LeafIndex, bytes: &Bytes, leaf: &Leaf, row: &Columns) {
        self.columns(row, &StoredEntry::seal(index, bytes.clone()));
        if row.content.is_some() {
            self.find(Some(index), "a seal has a content");
        }
        let (Some(state), Ok(seal)) = (&mut self.state, Seal::parse(&leaf.body)) else {
            self.find(Some(index), "the seal breaks the form");
            return self.skip(bytes);
        };
        let right = seal == state.next_seal(seal.time_ms) && seal.time_ms >= state.seal_time_ms();
        state.push_seal(bytes, leaf, &seal);
        self.sealed = state.size();
        if !right {
            self.find(Some(index), "the seal contradicts the control records before it");
        }
    }

    fn record(&mut self, log: LogNumber, index: LeafIndex, bytes: &Bytes, leaf: &Leaf, row: &Columns) {
        let received = |content: Option<Vec<u8>>| Received {
            statement: leaf.body.clone(),
            content: content.map(Bytes::from),
            signature: row.signature.clone().into(),
        };
        let record = received(row.content.clone()).parse().or_else(|form| {
            self.find(Some(index), format!("the record breaks the form: {form}"));
            received(None).parse()
        });
        let Ok(record) = record else { return self.skip(bytes) };
        let content = record.content().and_then(|content| {
            content.inspect_err(|form| self.find(Some(index), format!("the content breaks the form: {form}"))).ok()
        });
        if index == LeafIndex(0) {
            return self.genesis(log, bytes, leaf, &record, row);
        }
        let Some(state) = &mut self.state else { return };
        let refused = state.check(&record, &mut self.roots).err();
        let seal_time_ms = state.seal_time_ms();
        state.push_record(bytes, leaf, &record, content.as_ref());
        if let Some(refused) = refused {
            self.find(Some(index), refused);
        }
        match &content {
            Some(content) => {
                self.columns(row, &StoredEntry::record(index, bytes.clone(), &record, content, seal_time_ms));
                let erasure = erasure(&record.statement.writer, content, index);
                self.tombstones.extend(erasure.map(|erasure| (erasure.object, index)));
            }
            None if row.content.is_none() => self.without_content(index, bytes, &record, row),
            None => {}
        }
    }

    fn genesis(&mut self, log: LogNumber, bytes: &Bytes, leaf: &Leaf, record: &Parsed, row: &Columns) {
        match LogState::open(log, bytes, leaf, record) {
            Ok(state) => self.state = Some(state),
            Err(wrong) => {
                self.find(Some(LeafIndex(0)), format!("{wrong}; what follows cannot be checked"));
                self.stopped = true;
            }
        }
        if let Some(Ok(content)) = record.content() {
            self.columns(row, &StoredEntry::record(LeafIndex(0), bytes.clone(), record, &content, 0));
        }
    }

    /// A record without content: erased, which a tombstone after it must explain.
    fn without_content(&mut self, index: LeafIndex, bytes: &Bytes, record: &Parsed, row: &Columns) {
        let object: Option<ObjectId> = row.object_id.as_ref().and_then(|id| id.parse().ok());
        self.columns(row, &StoredEntry::erased(index, bytes.clone(), record, object.clone()));
        let own = |object: &ObjectId| record.statement.writer.member() == Some(object.code());
        match object.filter(own) {
            Some(object) => drop(self.erased.insert(object, index)),
            None => self.find(Some(index), "has no content and names no object of its writer's"),
        }
    }

    fn columns(&mut self, row: &Columns, expected: &StoredEntry) {
        for column in row.differing(&Columns::from(expected)) {
            self.find(Some(expected.entry.index), format!("column {column} does not fit the leaf and the content"));
        }
    }

    /// Counts a leaf that says nothing that can be understood.
    fn skip(&mut self, bytes: &Bytes) {
        if let Some(state) = &mut self.state {
            let leaf = Leaf::new(LeafType::Seal, state.accepted_at_ms(), &[], Bytes::new());
            let seal = state.next_seal(state.seal_time_ms());
            state.push_seal(bytes, &leaf, &seal);
        } else {
            self.stopped = true;
        }
    }

    fn commit(&mut self, commit: &Batch) {
        let newest = commit.size.0.checked_sub(1).map(LeafIndex);
        if commit.first != self.committed {
            self.find(newest, format!("the commit ending here begins at {}, not at {}", commit.first, self.committed));
        }
        self.committed = commit.size;
        let root = self.frontier.root();
        if commit.frontier != self.frontier || commit.root != root {
            self.wrong_root(newest, format!("the entries up to here give the root {root}, {} is stored", commit.root));
        }
        let Some(state) = &self.state else { return };
        if commit.accepted_at_ms != state.accepted_at_ms() {
            self.find(newest, "the commit ending here has another time than its newest leaf");
            return;
        }
        let directory = state.directory();
        let opened =
            Checkpoint::open(&commit.checkpoint, directory.federation(), state.log(), &directory.policy().log_key);
        match opened {
            Err(bad) => self.find(newest, bad),
            Ok(signed) if signed.size != commit.size => {
                self.find(newest, format!("the checkpoint of this commit covers {} entries", signed.size));
            }
            Ok(signed) if signed.root != root => {
                self.wrong_root(
                    newest,
                    format!("the entries up to here give the root {root}, {} is signed", signed.root),
                );
            }
            Ok(_) => {}
        }
    }

    /// Only the first wrong root says where; all after it are wrong too.
    fn wrong_root(&mut self, index: Option<LeafIndex>, what: String) {
        if !self.root_wrong {
            self.root_wrong = true;
            self.find(index, what);
        }
    }

    fn end(&mut self, head: &Head, stored: &[(Writer, chain::Head)]) {
        if self.stopped {
            return;
        }
        if self.committed != head.size {
            self.find(None, format!("the head is at {}, the newest commit ends at {}", head.size, self.committed));
        }
        let unexplained = |(object, last): (&ObjectId, &LeafIndex)| {
            self.tombstones.get(object).is_none_or(|tombstone| tombstone < last).then_some((*last, object.to_string()))
        };
        let unexplained: Vec<_> = self.erased.iter().filter_map(unexplained).collect();
        for (index, object) in unexplained {
            self.find(Some(index), format!("has no content, and no tombstone withdrew {object}"));
        }
        let Some(state) = self.state.take() else { return };
        if *head != Head::of(&state, self.sealed) {
            self.find(None, "the head does not fit the entries");
        }
        let stored: BTreeMap<&Writer, &chain::Head> = stored.iter().map(|(writer, head)| (writer, head)).collect();
        for (writer, head) in state.chains().heads() {
            if stored.get(writer) != Some(&head) {
                self.find(None, format!("the stored chain head of {writer} is not its newest record"));
            }
        }
        for writer in stored.keys().filter(|writer| state.chains().head(writer).is_none()) {
            self.find(None, format!("a chain head of {writer} is stored, who wrote nothing"));
        }
    }

    fn report(self) -> Report {
        let Self { findings, frontier, .. } = self;
        Report { ok: findings.is_empty(), size: frontier.size(), root: frontier.root(), findings }
    }
}
