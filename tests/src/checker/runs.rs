//! Replicas that began with a fast start: the runs in place of leaves, held against the hub's leaves.

use std::collections::BTreeMap;

use multaqa_proto::hash::Hash;
use multaqa_proto::log::subtree::{Root, Subtree};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::{Held, root};

/// The runs of a replica, from the connection that reads its entries.
pub(super) async fn read(connection: &mut SqliteConnection) -> Vec<Root> {
    let rows = sqlx::query("SELECT first, height, hash FROM run ORDER BY first").fetch_all(connection).await;
    let run = |row: &SqliteRow| {
        let (first, height) = (u64::try_from(row.get::<i64, _>(0)).unwrap(), row.get::<u32, _>(1));
        let subtree = Subtree { height, number: first >> height };
        Root { subtree, hash: Hash::from_slice(&row.get::<Vec<u8>, _>(2)).unwrap() }
    };
    rows.unwrap().iter().map(run).collect()
}

/// All entries in their order: what lies in a run is the hub's, as a stub, where the run is over exactly those leaves.
pub(super) fn complete(member: &str, mut held: BTreeMap<u64, Held>, runs: &[Root], hub: &[Held]) -> Vec<Held> {
    for Root { subtree, hash } in runs {
        let (first, end) = (subtree.first().0, subtree.complete_at().0);
        let covered = &hub[usize::try_from(first).unwrap()..usize::try_from(end).unwrap()];
        assert_eq!(root(covered), *hash, "{member}: the run from {first} to {end}");
        for (index, entry) in (first..).zip(covered) {
            let before = held.insert(index, Held { content: None, ..entry.clone() });
            assert_eq!(before, None, "{member}: entry {index} is held, and lies in a run");
        }
    }
    let all = (0..).zip(held).map(|(place, (index, held))| {
        assert_eq!(index, place, "{member}: a gap");
        held
    });
    all.collect()
}
