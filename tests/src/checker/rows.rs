//! What a node's two files say beside the entries: its cursor, its objects, its own records.
//!
//! Checked: the cursor stands where the entries end and its checkpoint is signed over their root; each object has its content,
//! and a withdrawn one its tombstone; no object is shown that any node knows to be withdrawn below the cursor; each own record
//! that was accepted stands on the log once, where the journal says.

use std::collections::BTreeMap;
use std::path::Path;

use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::content::Content;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{ConnectOptions as _, Row as _};

use super::{Held, Records, root};

/// Where the tombstone of each withdrawn object stands.
pub(super) type Withdrawn = BTreeMap<String, LeafIndex>;

/// What a replica says beside its entries, read together with them.
#[derive(Debug)]
pub(super) struct Beside {
    /// Size and checkpoint; none before the first frame.
    cursor: Option<(i64, String)>,
    objects: Vec<Object>,
}

#[derive(Debug)]
struct Object {
    id: String,
    index: LeafIndex,
    withdrawn: bool,
}

impl Beside {
    /// From the connection that reads the entries, in the same snapshot.
    pub(super) async fn read(connection: &mut SqliteConnection) -> Self {
        let cursor = sqlx::query("SELECT size, checkpoint FROM cursor").fetch_optional(&mut *connection).await.unwrap();
        let objects =
            sqlx::query("SELECT id, idx, withdrawn FROM object ORDER BY id").fetch_all(connection).await.unwrap();
        let object = |row: &SqliteRow| Object { id: row.get(0), index: index(row.get(1)), withdrawn: row.get(2) };
        Self { cursor: cursor.map(|row| (row.get(0), row.get(1))), objects: objects.iter().map(object).collect() }
    }

    /// What this replica knows to be withdrawn.
    pub(super) fn withdrawn(&self) -> Withdrawn {
        let withdrawn = self.objects.iter().filter(|object| object.withdrawn);
        withdrawn.map(|object| (object.id.clone(), object.index)).collect()
    }

    pub(super) fn check(&self, member: &str, held: &[Held], records: &Records, withdrawn: &Withdrawn) {
        self.check_cursor(member, held, records);
        let ids: BTreeMap<LeafIndex, String> = (0..).map(LeafIndex).zip(held).filter_map(content_id).collect();
        for Object { id, index, withdrawn: gone } in &self.objects {
            if *gone {
                let tombstone = held.get(usize::try_from(index.0).unwrap()).and_then(|held| held.content.as_ref());
                assert!(tombstone.is_some(), "{member}: {id} is withdrawn without a tombstone");
            } else {
                assert_eq!(ids.get(index), Some(id), "{member}: {id} is shown without its content");
                let below = |at: &&LeafIndex| at.0 < held.len() as u64;
                let known = withdrawn.get(id).filter(below);
                assert_eq!(known, None, "{member}: {id} is shown, and withdrawn");
            }
        }
    }

    fn check_cursor(&self, member: &str, held: &[Held], records: &Records) {
        let Some((size, note)) = &self.cursor else {
            return assert!(held.is_empty(), "{member}: entries without a cursor");
        };
        assert_eq!(*size, i64::try_from(held.len()).unwrap(), "{member}: the cursor without its rows");
        let directory = records.state.directory();
        let log = directory.log_at(TreeSize(held.len() as u64));
        let checkpoint = Checkpoint::open(note, directory.federation(), log, &directory.policy().log_key).unwrap();
        assert_eq!((checkpoint.size.0, checkpoint.root), (held.len() as u64, root(held)), "{member}: the checkpoint");
    }
}

fn content_id((index, held): (LeafIndex, &Held)) -> Option<(LeafIndex, String)> {
    let content = Content::parse(held.content.as_ref()?).ok()?;
    Some((index, content.id.to_string()))
}

/// Own records that the hub accepted stand on its log once, where the journal says.
pub(super) fn check_own(member: &str, journal: &Path, records: &Records) {
    let mut places: BTreeMap<RecordId, Vec<LeafIndex>> = BTreeMap::new();
    for (index, record) in (0..).map(LeafIndex).zip(&records.parsed) {
        if let Some(record) = record {
            places.entry(record.record_id).or_default().push(index);
        }
    }
    for (record_id, stands) in accepted(journal) {
        assert_eq!(
            places.get(&record_id),
            Some(&vec![stands]),
            "{member}: {record_id} was accepted: lost, moved or doubled"
        );
    }
}

fn accepted(journal: &Path) -> Vec<(RecordId, LeafIndex)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(journal).read_only(true);
        let mut connection = options.connect().await.unwrap();
        let rows = sqlx::query("SELECT record_id, idx FROM own WHERE state IN ('accepted', 'void') ORDER BY number")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let record = |row: &SqliteRow| (Hash::from_slice(&row.get::<Vec<u8>, _>(0)).unwrap(), index(row.get(1)));
        rows.iter().map(record).collect()
    })
}

fn index(number: i64) -> LeafIndex {
    LeafIndex(u64::try_from(number).unwrap())
}
