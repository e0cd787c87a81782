//! What others than the hub know of the log, and what the log holds: from their files, without their help.

use std::collections::{BTreeMap, BTreeSet};

use multaqa_proto::hash::{Hash, RecordId, record_id};
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::content::Content;
use multaqa_tests::World;
use multaqa_tests::checker::{Held, entries};
use multaqa_tests::load::Answered;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};

/// Where each record stands.
pub(super) type Indexes = BTreeMap<RecordId, LeafIndex>;

/// Acknowledged records and their places, as they were told at any time.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeSet<(RecordId, LeafIndex)>);

impl Known {
    /// Notes what a node's journal holds as accepted, whether or not its process runs.
    pub(super) fn look_into(&mut self, world: &World, member: &str) {
        let journal = world.node(member).dir().join("journal.db");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let rows = runtime.block_on(async {
            let mut journal = SqliteConnectOptions::new().filename(&journal).read_only(true).connect().await.unwrap();
            sqlx::query("SELECT record_id, idx FROM own WHERE idx IS NOT NULL").fetch_all(&mut journal).await.unwrap()
        });
        self.0.extend(rows.iter().map(|row| {
            let index = u64::try_from(row.get::<i64, _>(1)).unwrap();
            (Hash::from_slice(row.get(0)).unwrap(), LeafIndex(index))
        }));
    }

    /// Notes the hub's own answers.
    pub(super) fn hear(&mut self, answered: &[Answered]) {
        self.0.extend(answered.iter().map(|answered| (answered.record_id, answered.index)));
    }

    /// Every record stands where it was said to stand.
    pub(super) fn must_be_on(&self, indexes: &Indexes) {
        for (record_id, index) in &self.0 {
            assert_eq!(indexes.get(record_id), Some(index), "acknowledged: {record_id} at {index}");
        }
    }
}

/// The records of the hub's log; none stands twice.
pub(super) fn indexes(world: &World) -> Indexes {
    let mut indexes = Indexes::new();
    for (index, (leaf, _)) in (0..).zip(log(world)) {
        if matches!(leaf.leaf_type, LeafType::Seal | LeafType::Evidence | LeafType::Succession) {
            continue;
        }
        let before = indexes.insert(record_id(&leaf.body), LeafIndex(index));
        assert_eq!(before, None, "entry {index} stands twice");
    }
    indexes
}

/// Ids of all objects on the hub's log.
pub(super) fn objects(world: &World) -> BTreeSet<String> {
    let contents = log(world).into_iter().filter_map(|(_, held)| held.content);
    contents.map(|content| Content::parse(&content).unwrap().id.to_string()).collect()
}

fn log(world: &World) -> Vec<(Leaf, Held)> {
    let held = entries(&world.hub().dir().join("hub.db"));
    held.into_iter().map(|held| (Leaf::parse(&held.leaf).unwrap(), held)).collect()
}
