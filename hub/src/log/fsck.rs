//! Recomputes everything from the stored records and says what does not agree.
//!
//! From the leaves and contents alone: leaf hashes, every commit's root and checkpoint, signatures, record ids, content
//! hashes, chains, seals, the control chain, time. From those: every derived column, the head, the writers' newest
//! statements. What is erased must be named by a tombstone of its member after it. What follows from no record is bound by digests,
//! pages and indexes by SQLite's own check (`beside`): the header of `store` says what binds which table. Reads one snapshot in
//! chunks, changes nothing, and runs beside a hub at work. Out of scope: repairing, judging data records (the replica's check
//! does).

mod beside;
mod entry;
mod subtree;

use std::collections::BTreeMap;
use std::path::Path;

use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::{ObjectId, Writer};
use multaqa_proto::log::chain;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::frontier::Frontier;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::subtree::Root;
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::record::batch::VerifiedRoots;

use crate::store::{Batch, Columns, Head, Remains, Store, StoreError, commit_digest};

/// Entries that are read at once.
const CHUNK: u64 = 256;
/// Findings after which no more are noted.
const FINDINGS_MAX: usize = 1000;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Code of the rule that does not hold.
    pub code: &'static str,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What is wrong.
    pub what: String,
}

/// A place of the store.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Place {
    /// The table; empty where it is the file's.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub table: &'static str,
    /// Key of the row; none where it is not one row's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// The entry; none where it is not one entry's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<LeafIndex>,
}

/// Commits that end within a chunk, and the digests that their rows carry, by their ends.
type Commits = (Vec<Result<Batch, StoreError>>, BTreeMap<i64, Vec<u8>>);

/// The one row of `head`.
const HEAD: Place = Place { table: "head", row: None, index: None };

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// Entries that were looked at.
    pub size: TreeSize,
    /// Root computed from them.
    pub root: Hash,
    /// Contents that are missing, since the store was refilled from nodes that may not read them; no finding.
    pub missing: u64,
    /// What is wrong; at most 1000 findings.
    pub findings: Vec<Finding>,
}

/// Checks a store.
///
/// # Errors
/// Where it cannot be opened; what is wrong with what can be opened is a finding.
pub async fn fsck(path: &Path) -> Result<Report, StoreError> {
    let store = Store::open_read_only(path).await?;
    let mut check = Check::default();
    if check.file(&store).await {
        if let Err(error) = check.log(&store).await {
            check.unreadable(&error);
        }
        check.subtrees(&store).await;
        check.beside(&store).await;
    }
    store.close().await;
    Ok(check.report())
}

#[derive(Default)]
struct Check {
    findings: Vec<Finding>,
    missing: u64,
    state: Option<LogState>,
    frontier: Frontier,
    /// Roots of the subtrees that the entries complete.
    completed: Vec<Root>,
    roots: VerifiedRoots,
    /// Size at the newest commit.
    committed: TreeSize,
    /// Size just after the newest seal.
    sealed: TreeSize,
    /// Whether a root was wrong: those after it are too.
    root_wrong: bool,
    /// Whether any checkpoint was one of this log.
    opened: bool,
    /// Whether nothing after this can be checked.
    stopped: bool,
    /// What erasure leaves, or would leave, of the entries since the newest commit.
    remains: Vec<Remains>,
    /// Erased entries that no tombstone named so far.
    erased: BTreeMap<RecordId, (LeafIndex, ObjectId)>,
}

impl Check {
    /// Head, entries, commits, chains.
    async fn log(&mut self, store: &Store) -> Result<(), StoreError> {
        let head = store.head().await?;
        let mut from = TreeSize(0);
        while from < head.size && !self.stopped {
            let to = TreeSize((from.0 + CHUNK).min(head.size.0));
            let rows = store.rows(from.next_index(), to.next_index()).await?;
            let commits = store.commits_within(from, to).await?;
            let digests = store.commit_digests(from, to).await?;
            self.chunk(LogNumber::FIRST, (from, to), rows, (commits, digests));
            from = to;
        }
        let (entry, commit) = store.above(head.size).await?;
        if let Some(index) = entry {
            self.find(Some(index), "is stored but not below the head");
        }
        if let Some(size) = commit {
            self.find_commit(size, format!("a commit ending at {size} is stored, which is above the head"));
        }
        if entry.is_some() && commit.is_some() {
            self.find_in("HUB_HEAD_WRONG", HEAD, format!("the head is at {}, below what is stored", head.size));
        }
        self.end(&head, &store.chains().await?);
        Ok(())
    }

    fn find(&mut self, index: Option<LeafIndex>, what: impl std::fmt::Display) {
        let row = index.map(|index| index.to_string());
        self.find_in("HUB_ENTRY_WRONG", Place { table: "entry", row, index }, what);
    }

    /// Names the newest entry of the commit, too.
    fn find_commit(&mut self, size: TreeSize, what: impl std::fmt::Display) {
        let index = size.0.checked_sub(1).map(LeafIndex);
        self.find_in("HUB_COMMIT_WRONG", Place { table: "batch", row: Some(size.to_string()), index }, what);
    }

    fn find_in(&mut self, code: &'static str, place: Place, what: impl std::fmt::Display) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { code, place, what: what.to_string() });
        }
    }

    fn chunk(
        &mut self,
        log: LogNumber,
        (from, to): (TreeSize, TreeSize),
        rows: Vec<Result<Columns, StoreError>>,
        (commits, digests): Commits,
    ) {
        let mut ends = BTreeMap::new();
        for commit in commits {
            match commit {
                Ok(commit) => drop(ends.insert(commit.size.0, commit)),
                Err(bad) => self.unreadable(&bad),
            }
        }
        let mut rows = rows.into_iter();
        for index in (from.0..to.0).map(LeafIndex) {
            let row = match rows.next() {
                Some(Ok(row)) if LeafIndex::from_i64(row.idx) == Some(index) => row,
                Some(Err(error)) => return self.stop(index, &format!("cannot be read: {error}")),
                Some(Ok(_)) | None => return self.stop(index, "is missing"),
            };
            self.entry(log, index, &row);
            self.remains.push(row.remains);
            if let Some(commit) = ends.get(&index.size().0) {
                let remains = std::mem::take(&mut self.remains);
                if digests.get(&commit.size.to_i64()).map(Vec::as_slice)
                    != Some(&commit_digest(commit, remains.into_iter()))
                {
                    self.find_commit(commit.size, "the commit ending here does not fit its digest");
                }
                self.commit(commit);
            }
        }
    }

    fn stop(&mut self, index: LeafIndex, what: &str) {
        self.find(Some(index), format!("{what}; what follows cannot be checked"));
        self.stopped = true;
    }

    fn commit(&mut self, commit: &Batch) {
        if commit.first != self.committed {
            self.find_commit(
                commit.size,
                format!("the commit ending here begins at {}, not at {}", commit.first, self.committed),
            );
        }
        self.committed = commit.size;
        let root = self.frontier.root();
        if commit.frontier != self.frontier || commit.root != root {
            self.wrong_root(
                commit.size,
                format!("the entries up to here give the root {root}, {} is stored", commit.root),
            );
        }
        let Some(state) = &self.state else { return };
        if commit.accepted_at_ms != state.accepted_at_ms() {
            self.find_commit(commit.size, "the commit ending here has another time than its newest leaf");
            return;
        }
        let directory = state.directory();
        let opened =
            Checkpoint::open(&commit.checkpoint, directory.federation(), state.log(), &directory.policy().log_key);
        match opened {
            Err(bad) => self.find_commit(commit.size, bad),
            Ok(signed) if signed.size != commit.size => {
                self.find_commit(commit.size, format!("the checkpoint of this commit covers {} entries", signed.size));
            }
            Ok(signed) if signed.root != root => {
                self.wrong_root(
                    commit.size,
                    format!("the entries up to here give the root {root}, {} is signed", signed.root),
                );
            }
            Ok(_) => self.opened = true,
        }
    }

    /// Only the first wrong root says where; all after it are wrong too.
    fn wrong_root(&mut self, size: TreeSize, what: String) {
        if !self.root_wrong {
            self.root_wrong = true;
            self.find_commit(size, what);
        }
    }

    fn end(&mut self, head: &Head, stored: &[(Writer, chain::Head)]) {
        if self.committed != head.size {
            self.find_in(
                "HUB_HEAD_WRONG",
                HEAD,
                format!("the head is at {}, the newest commit ends at {}", head.size, self.committed),
            );
        }
        if !self.opened {
            self.find_in("HUB_HEAD_WRONG", HEAD, format!("no checkpoint is of log {}", head.log));
        }
        if self.stopped {
            return;
        }
        let unexplained: BTreeMap<LeafIndex, ObjectId> = std::mem::take(&mut self.erased).into_values().collect();
        for (index, object) in unexplained {
            self.find(Some(index), format!("has no content, and no tombstone of {object} names it"));
        }
        let Some(state) = self.state.take() else { return };
        if *head != Head::of(&state, self.sealed) {
            self.find_in("HUB_HEAD_WRONG", HEAD, "the head does not fit the entries");
        }
        let stored: BTreeMap<&Writer, &chain::Head> = stored.iter().map(|(writer, head)| (writer, head)).collect();
        for (writer, head) in state.chains().heads() {
            if stored.get(writer) != Some(&head) {
                self.find_chain(writer, "the stored chain head is not the writer's newest record");
            }
        }
        for writer in stored.keys().filter(|writer| state.chains().head(writer).is_none()) {
            self.find_chain(writer, "a chain head is stored of a writer who wrote nothing");
        }
    }

    fn find_chain(&mut self, writer: &Writer, what: &str) {
        let place = Place { table: "chain", row: Some(writer.to_string()), index: None };
        self.find_in("HUB_CHAIN_WRONG", place, what);
    }

    fn report(self) -> Report {
        let Self { findings, frontier, missing, .. } = self;
        Report { ok: findings.is_empty(), size: frontier.size(), root: frontier.root(), missing, findings }
    }
}
