//! Every node's state against the hub's, from their files: a second look that uses neither the hub's nor the nodes' own check.
//!
//! Read are only the four columns that any store of a log must have, and what a node shows beside them (`rows`). Checked: the same leaves and signatures everywhere, so
//! the same root; every writer's chain without a gap; no content that its reader may not have or that is another than its
//! statement names; no content missing that the hub still has and the reader may read; and none left anywhere that a tombstone takes.

mod erased;
mod rows;
mod runs;

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::log::evidence::Evidence;
use multaqa_proto::log::leaf::{self, Leaf, LeafType};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::subtree::Root;
use multaqa_proto::log::succession::Succession;
use multaqa_proto::log::tree::root_of;
use multaqa_proto::number::{Epoch, LeafIndex, LogNumber, Seq, TreeSize};
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::record::{Parsed, Received};
use multaqa_proto::view::Readers;
use rows::Beside;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Row as _};

use crate::World;

/// An entry as a store holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Leaf bytes.
    pub leaf: Bytes,
    /// Signature bytes.
    pub signature: Bytes,
    /// Content bytes, where the store has them.
    pub content: Option<Bytes>,
}

/// Checks a federation, once it has settled. Nodes that do not run are checked as far as they got.
///
/// # Panics
/// At the first difference, naming node and index.
pub fn check(world: &mut World) {
    let size = world.settle();
    let joined = world.federation().nodes().filter(|node| node.dir().join("replica.db").exists());
    let nodes: Vec<_> = joined.map(|node| (node.member(), node.dir())).collect();
    let sizes = check_files(&world.hub().dir(), &nodes);
    for (member, held) in sizes {
        let runs = world.federation().nodes().any(|node| node.member() == member && node.process().is_some());
        assert!(!runs || held >= size, "{member}: {held} of {size}");
    }
}

/// Checks the files of a hub and of members' nodes, which may be at work. How many entries each node holds.
///
/// # Panics
/// At the first difference, naming node and index.
#[must_use]
pub fn check_files<'a>(hub: &Path, nodes: &[(&'a str, &Path)]) -> Vec<(&'a str, u64)> {
    // The hub seals by itself, so its log may grow at any time: it is read last, and each node up to where it was.
    let replicas: Vec<_> =
        nodes.iter().map(|(member, dir)| (*member, *dir, replica(&dir.join("replica.db")))).collect();
    let hub = entries(&hub.join("hub.db"));
    let records = fold(&hub);
    check_chains(&records.parsed);
    erased::check(&records);
    let withdrawn = replicas.iter().flat_map(|(_, _, (_, _, beside))| beside.withdrawn()).collect();
    let mut sizes = Vec::new();
    for (member, dir, (held, runs, beside)) in replicas {
        let held = &runs::complete(member, held, &runs, &hub);
        check_replica(member, held, &hub, &records);
        beside.check(member, held, &records, &withdrawn);
        rows::check_own(member, &dir.join("journal.db"), &records);
        sizes.push((member, held.len() as u64));
    }
    sizes
}

/// The entries of a replica, the runs between them, and what it says beside them, in one snapshot.
fn replica(database: &Path) -> (BTreeMap<u64, Held>, Vec<Root>, Beside) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(database).read_only(true);
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql("BEGIN").execute(&mut connection).await.unwrap();
        let held = read(&mut connection).await;
        (held, runs::read(&mut connection).await, Beside::read(&mut connection).await)
    })
}

/// The entries of a store, in their order.
#[must_use]
pub fn entries(database: &Path) -> Vec<Held> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(database).read_only(true);
        let mut connection = options.connect().await.unwrap();
        let held = (0..).zip(read(&mut connection).await).map(|(place, (index, held))| {
            assert_eq!(index, place, "{}: a gap", database.display());
            held
        });
        held.collect()
    })
}

/// Whether the newest entry of a hub's store is a seal, so that nothing stands unsealed.
#[must_use]
pub fn is_sealed(database: &Path) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let newest: Vec<u8> = runtime.block_on(async {
        let mut connection = SqliteConnectOptions::new().filename(database).read_only(true).connect().await.unwrap();
        let newest = sqlx::query_scalar("SELECT leaf FROM entry ORDER BY idx DESC LIMIT 1");
        newest.fetch_one(&mut connection).await.unwrap()
    });
    Leaf::parse(&newest.into()).unwrap().leaf_type == LeafType::Seal
}

/// The newest cosignature of each node that a hub's store holds: the note and the line.
#[must_use]
pub fn cosignatures(hub: &Path) -> Vec<(String, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(hub).read_only(true);
        let mut connection = options.connect().await.unwrap();
        let rows =
            sqlx::query("SELECT checkpoint, line FROM cosignature ORDER BY writer").fetch_all(&mut connection).await;
        rows.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
    })
}

async fn read(connection: &mut SqliteConnection) -> BTreeMap<u64, Held> {
    let rows = sqlx::query("SELECT idx, leaf, signature, content FROM entry ORDER BY idx").fetch_all(connection).await;
    let held = |row: &sqlx::sqlite::SqliteRow| {
        let content: Option<Vec<u8>> = row.get(3);
        // The hub erases by overwriting with zero bytes.
        let content = content.filter(|content| content.iter().any(|byte| *byte != 0));
        let bytes = |column: usize| Bytes::from(row.get::<Vec<u8>, _>(column));
        let held = Held { leaf: bytes(1), signature: bytes(2), content: content.map(Bytes::from) };
        (u64::try_from(row.get::<i64, _>(0)).unwrap(), held)
    };
    rows.unwrap().iter().map(held).collect()
}

/// The RFC 6962 root of a store's leaves.
#[must_use]
pub fn root(held: &[Held]) -> Hash {
    root_of(&held.iter().map(|entry| leaf::hash(&entry.leaf)).collect::<Vec<_>>())
}

struct Records {
    /// The record at each index; none for seals and evidence.
    parsed: Vec<Option<Parsed>>,
    state: LogState,
}

/// The state of a log after these entries, by the protocol's own fold.
#[must_use]
pub fn state(hub: &[Held]) -> LogState {
    fold(hub).state
}

/// Folds the hub's log with the protocol's own fold.
fn fold(hub: &[Held]) -> Records {
    let mut parsed = Vec::new();
    let mut state: Option<LogState> = None;
    for entry in hub {
        let leaf = Leaf::parse(&entry.leaf).unwrap();
        if leaf.leaf_type == LeafType::Seal {
            state.as_mut().unwrap().push_seal(&entry.leaf, &leaf, &Seal::parse(&leaf.body).unwrap());
            parsed.push(None);
            continue;
        }
        if leaf.leaf_type == LeafType::Evidence {
            let (state, evidence) = (state.as_mut().unwrap(), Evidence::parse(&leaf.body).unwrap());
            state.check_evidence(&evidence, &mut VerifiedRoots::default()).unwrap();
            state.push_evidence(&entry.leaf, &leaf, &evidence);
            parsed.push(None);
            continue;
        }
        if leaf.leaf_type == LeafType::Succession {
            let state = state.as_mut().unwrap();
            let held = state.check_succession(&Succession::parse(&leaf.body).unwrap()).unwrap();
            state.push_succession(&entry.leaf, &leaf, &held);
            parsed.push(None);
            continue;
        }
        let record = record(entry, &leaf);
        match &mut state {
            None => state = Some(LogState::open(LogNumber(1), &entry.leaf, &leaf, &record).unwrap()),
            Some(state) => {
                let content = record.content().map(Result::unwrap);
                state.push_record(&entry.leaf, &leaf, &record, content.as_ref());
            }
        }
        parsed.push(Some(record));
    }
    let state = state.unwrap();
    assert_eq!(state.root(), root(hub), "the fold's root is the leaves' root");
    Records { parsed, state }
}

fn record(entry: &Held, leaf: &Leaf) -> Parsed {
    let received =
        Received { statement: leaf.body.clone(), content: entry.content.clone(), signature: entry.signature.clone() };
    received.parse().unwrap()
}

fn check_chains(parsed: &[Option<Parsed>]) {
    let mut heads: BTreeMap<Writer, (Epoch, Seq, RecordId)> = BTreeMap::new();
    for (index, record) in parsed.iter().enumerate() {
        let Some(record) = record else { continue };
        let statement = &record.statement;
        let follows = match heads.get(&statement.writer) {
            Some((epoch, seq, previous)) if *epoch == statement.epoch => {
                statement.seq == seq.next() && statement.previous == Some(*previous)
            }
            before => before.is_none_or(|(epoch, ..)| *epoch < statement.epoch) && statement.seq == Seq(1),
        };
        assert!(follows, "entry {index} of {} does not follow the one before", statement.writer);
        heads.insert(statement.writer.clone(), (statement.epoch, statement.seq, record.record_id));
    }
}

fn check_replica(member: &str, held: &[Held], hub: &[Held], records: &Records) {
    let reader: MemberCode = member.parse().unwrap();
    let view = TreeSize(held.len() as u64);
    for (index, (own, theirs)) in held.iter().zip(hub).enumerate() {
        assert_eq!((&own.leaf, &own.signature), (&theirs.leaf, &theirs.signature), "{member}: entry {index}");
        let Some(record) = &records.parsed[index] else { continue };
        if let Some(content) = &own.content {
            assert_eq!(Hash::of(content), record.statement.content_hash, "{member}: content of entry {index}");
        }
        // Where the hub erased the content, nobody can say whose it was, and nobody may have it.
        let Some(content) = record.content() else {
            assert_eq!(own.content, None, "{member}: erased content of entry {index}");
            continue;
        };
        let content = content.unwrap();
        let readers = Readers::of(&content, &record.statement.writer);
        let may = readers.include(records.state.directory(), &reader, LeafIndex(index as u64), view);
        assert_eq!(own.content.is_some(), may, "{member}: content of entry {index} for {}", content.audience);
    }
    assert_eq!(root(held), root(&hub[..held.len()]), "{member}: root");
}
