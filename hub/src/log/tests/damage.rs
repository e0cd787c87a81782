//! What fsck finds where more than one value is wrong (one value: `flips`), and beside a hub at work.

use multaqa_proto::number::LeafIndex;

use super::{execute, notes};
use crate::log::fsck::fsck;
use crate::test_support::Federation;

#[tokio::test]
async fn fsck_finds_what_is_missing_and_what_was_taken_away_without_a_tombstone() {
    for (damage, at, what) in [
        ("DELETE FROM entry WHERE idx = 6", Some(LeafIndex(6)), "is missing"),
        ("UPDATE entry SET content = NULL, readers = NULL WHERE idx = 6", Some(LeafIndex(6)), "no tombstone"),
        ("UPDATE entry SET content = NULL WHERE idx = 2", Some(LeafIndex(2)), "no object of its writer's"),
        ("DELETE FROM chain WHERE writer = 'JO/gw1'", None, "not the writer's newest record"),
        ("UPDATE batch SET first = 5 WHERE size = 7", Some(LeafIndex(6)), "begins at 5, not at 4"),
        ("DELETE FROM batch WHERE size = 3", Some(LeafIndex(3)), "begins at 3, not at 2"),
        (
            "INSERT INTO entry SELECT 999, leaf, signature, content, NULL, object_id, NULL, NULL, NULL, control,
             seal_time_ms, readers FROM entry WHERE idx = 6",
            Some(LeafIndex(999)),
            "not below the head",
        ),
        (
            "INSERT INTO batch SELECT 99, 98, bytes, checkpoint, root, frontier, accepted_at_ms, digest FROM batch WHERE size = 7",
            Some(LeafIndex(98)),
            "a commit ending at 99",
        ),
    ] {
        let world = Federation::new().await;
        let running = world.run().await;
        let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
        running.accept(&jo.clone(), notes(&mut jo, &["one", "two", "three"])).await;
        running.stop().await;
        execute(&world.path(), damage).await;
        let report = fsck(&world.path()).await.unwrap();
        let found = report.findings.iter().any(|f| f.place.index == at && f.what.contains(what));
        assert!(found, "{damage}: {:?}", report.findings);
    }
}

#[tokio::test]
async fn fsck_runs_beside_a_hub_at_work_and_changes_nothing() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    for round in 0..10 {
        let records = notes(&mut jo, &[&format!("a{round}")]);
        let writer = jo.clone();
        let path = world.path();
        let (report, _) = tokio::join!(fsck(&path), running.accept(&writer, records));
        assert_eq!(report.unwrap().findings, []);
    }
    let report = fsck(&world.path()).await.unwrap();
    assert_eq!((report.size, report.root), (running.log.state().size(), running.log.state().root()));
    running.stop().await;
}
