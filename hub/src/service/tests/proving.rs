//! Proofs over the wire, and the rows that they are made from.

use multaqa_proto::directory::Directory;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf;
use multaqa_proto::log::proof::{verify_consistency, verify_inclusion};
use multaqa_proto::wire::hub::proof_request::Of;
use sqlx::{Connection as _, SqliteConnection};

use super::*;
use crate::log::fsck::fsck;

/// A proof with its checkpoint opened.
struct Proof {
    checkpoint: Checkpoint,
    index: u64,
    leaf: Vec<u8>,
    hashes: Vec<Hash>,
}

impl Proof {
    fn includes(&self) -> bool {
        let Checkpoint { size, root, .. } = &self.checkpoint;
        verify_inclusion(leaf::hash(&self.leaf), self.index, size.0, &self.hashes, *root)
    }
    fn begins_with(&self, first: &Checkpoint) -> bool {
        let Checkpoint { size, root, .. } = &self.checkpoint;
        verify_consistency(first.size.0, first.root, size.0, *root, &self.hashes)
    }
}

async fn directory(world: &World, node: &Node) -> Directory {
    let request = wire::TailRequest { log: 1, from: 0 };
    let mut stream = node.sync(world).await.tail(request).await.unwrap().into_inner();
    let (intake, _) = follow(&mut stream, node.intake(world), 0).await;
    intake.directory().unwrap().clone()
}

#[tokio::test]
async fn entries_are_proven_at_any_commit_s_size_and_trees_to_begin_with_smaller_ones() {
    let world = World::start().await;
    let mut node = world.state("JO").await;
    let directory = directory(&world, &node).await;
    let mut sync = node.sync(&world).await;
    let mut ask = async |size: u64, of: Of| {
        let response = sync.proof(wire::ProofRequest { log: 1, size, of: Some(of) }).await?.into_inner();
        let log_key = &directory.policy().log_key;
        let opened = Checkpoint::open(&response.checkpoint, directory.federation(), LogNumber(1), log_key);
        Ok::<_, Status>(Proof {
            checkpoint: opened.unwrap(),
            index: response.index,
            leaf: response.leaf,
            hashes: response.hashes.iter().map(|hash| Hash::from_slice(hash).unwrap()).collect(),
        })
    };
    let place = |seq| Of::Record(wire::RecordPlace { writer: "JO/gw1".to_owned(), epoch: 1, seq });
    let records: Vec<_> = (0..3).map(|n| node.record(&format!("early-{n}"), &["members"])).collect();
    let answers = node.submit(&world, vec![records]).await.unwrap();
    let early = ask(0, place(3)).await.unwrap();
    assert!(early.includes());
    assert_eq!(early.index, answers[1].index);
    // Past two stored roots, so that proofs are made from rows and from leaves.
    for batch in 0..4 {
        let records = (0..200).map(|n| node.record(&format!("r-{batch}-{n}"), &["members"])).collect();
        node.submit(&world, vec![records]).await.unwrap();
    }
    let (old, newest) = (early.checkpoint.size.0, ask(0, Of::First(1)).await.unwrap().checkpoint.size.0);
    assert!(newest > 800);
    for index in (0..newest).step_by(61).chain([255, 256, 511, newest - 1]) {
        let proof = ask(0, Of::Index(index)).await.unwrap();
        assert!(proof.includes() && proof.index == index, "{index}");
    }
    assert!(ask(old, Of::Index(old - 1)).await.unwrap().includes());
    assert!(ask(0, Of::First(old)).await.unwrap().begins_with(&early.checkpoint));
    assert!(ask(old, Of::First(old)).await.unwrap().hashes.is_empty());

    let range = code(Code::OutOfRange, "RANGE_WRONG");
    assert_eq!(refused(ask(0, Of::Index(newest)).await.map(|_| ())), range);
    assert_eq!(refused(ask(old, Of::Index(old)).await.map(|_| ())), range);
    assert_eq!(refused(ask(old, Of::First(old + 1)).await.map(|_| ())), range);
    assert_eq!(refused(ask(newest + 1, Of::Index(0)).await.map(|_| ())), range);
    assert_eq!(refused(ask(0, place(1_000_000)).await.map(|_| ())), code(Code::NotFound, "RECORD_NOT_ON_LOG"));
    let mut between = Vec::new();
    for size in old + 1..newest {
        if let Err(status) = ask(size, Of::Index(0)).await {
            between.push(refused(Err::<(), _>(status)));
        }
    }
    assert!(between.len() > 100 && between.iter().all(|b| *b == code(Code::NotFound, "CHECKPOINT_UNKNOWN")));
    let bare = wire::ProofRequest { log: 1, size: 0, of: None };
    assert_eq!(refused(sync.proof(bare.clone()).await), code(Code::InvalidArgument, "REQUEST_MALFORMED"));
    let other = wire::ProofRequest { log: 2, ..bare };
    assert_eq!(refused(sync.proof(other).await), code(Code::FailedPrecondition, "LOG_UNKNOWN"));
    drop(sync);

    let store = world.home.path().join("hub").join("hub.db");
    check_rows(&store, newest).await;
    world.stop().await;
}

/// One row for 256 entries; each that is altered, missing or too many is found.
async fn check_rows(store: &Path, size: u64) {
    let mut file = SqliteConnection::connect(&format!("sqlite://{}", store.display())).await.unwrap();
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM subtree").fetch_one(&mut file).await.unwrap();
    assert_eq!(rows.cast_unsigned(), size / 256);
    assert!(fsck(store).await.unwrap().ok);
    for (harm, repair) in [
        (
            "UPDATE subtree SET hash = zeroblob(32) WHERE number = 1",
            "UPDATE subtree SET hash = kept.hash FROM kept WHERE subtree.number = kept.number",
        ),
        ("DELETE FROM subtree WHERE number = 2", "INSERT INTO subtree SELECT * FROM kept WHERE number = 2"),
        ("INSERT INTO subtree VALUES (16, 0, zeroblob(32))", "DELETE FROM subtree WHERE height = 16"),
    ] {
        sqlx::raw_sql("CREATE TEMP TABLE IF NOT EXISTS kept AS SELECT * FROM subtree")
            .execute(&mut file)
            .await
            .unwrap();
        sqlx::raw_sql(harm).execute(&mut file).await.unwrap();
        let found = fsck(store).await.unwrap().findings;
        assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["HUB_SUBTREE_WRONG"], "{harm}");
        sqlx::raw_sql(repair).execute(&mut file).await.unwrap();
        assert!(fsck(store).await.unwrap().ok, "{harm}");
    }
    file.close().await.unwrap();
}
