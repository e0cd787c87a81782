//! What fsck finds.

use multaqa_proto::number::LeafIndex;
use sqlx::Row as _;

use super::{execute, notes, sql};
use crate::log::fsck::fsck;
use crate::test_support::Federation;

/// Stores a changed value in one row of a sound store and gives what fsck finds.
async fn found_after(column: &str, table: &str, rest: &str) -> Vec<(Option<LeafIndex>, String)> {
    let world = Federation::new().await;
    world.hand.set(10_000);
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let indexes = running.accept(&jo.clone(), notes(&mut jo, &["one", "two", "three"])).await;
    assert_eq!(indexes[0], LeafIndex(5), "leaf 0, a member, a seal, its invitation, its key, and then these");
    running.stop().await;
    assert!(fsck(&world.path()).await.unwrap().ok);
    let mut connection = sql(&world.path()).await;
    let select = format!("SELECT CAST({column} AS BLOB) FROM {table} {rest}");
    let row = sqlx::query(sqlx::AssertSqlSafe(select)).fetch_one(&mut connection).await.unwrap();
    let mut value: Vec<u8> = row.get(0);
    let middle = value.len() / 2;
    value[middle] ^= 1;
    let kind = match column {
        "leaf" | "signature" | "content" | "record_id" | "root" | "frontier" | "control_head" => "BLOB",
        "checkpoint" | "writer" | "object_id" | "readers" => "TEXT",
        _ => "INTEGER",
    };
    let update = format!("UPDATE {table} SET {column} = CAST(? AS {kind}) {rest}");
    sqlx::query(sqlx::AssertSqlSafe(update)).bind(value).execute(&mut connection).await.unwrap();
    let report = fsck(&world.path()).await.unwrap();
    assert!(!report.ok);
    report.findings.into_iter().map(|finding| (finding.index, finding.what)).collect()
}

#[tokio::test]
async fn fsck_finds_a_flipped_bit_in_every_column() {
    for column in ["leaf", "signature", "content", "record_id", "object_id", "writer", "epoch", "seq", "readers"] {
        // The newest: the place after it is free.
        let found = found_after(column, "entry", "WHERE idx = 7").await;
        assert_eq!(found[0].0, Some(LeafIndex(7)), "{column}: {found:?}");
    }
    let found = found_after("seal_time_ms", "entry", "WHERE idx = 4").await;
    assert_eq!(found, [(Some(LeafIndex(4)), "column seal_time_ms does not fit the leaf and the content".to_owned())]);
    for column in ["checkpoint", "root", "frontier", "accepted_at_ms"] {
        let found = found_after(column, "batch", "WHERE size = 5").await;
        assert_eq!(found[0].0, Some(LeafIndex(4)), "{column}: {found:?}");
    }
    for column in ["epoch", "seq", "record_id"] {
        let found = found_after(column, "chain", "WHERE writer = 'JO/gw1'").await;
        assert!(found[0].1.contains("JO/gw1"), "{column}: {found:?}");
    }
    for column in ["control_count", "control_head", "seal_time_ms", "accepted_at_ms"] {
        let found = found_after(column, "head", "").await;
        assert_eq!(found, [(None, "the head does not fit the entries".to_owned())], "{column}");
    }
}

#[tokio::test]
async fn fsck_finds_what_is_missing_and_what_was_taken_away_without_a_tombstone() {
    for (damage, at, what) in [
        ("DELETE FROM entry WHERE idx = 6", Some(LeafIndex(6)), "is missing"),
        ("UPDATE entry SET content = NULL, readers = NULL WHERE idx = 6", Some(LeafIndex(6)), "no tombstone"),
        ("UPDATE entry SET content = NULL WHERE idx = 2", Some(LeafIndex(2)), "no object of its writer's"),
        ("DELETE FROM chain WHERE writer = 'JO/gw1'", None, "JO/gw1"),
        ("UPDATE batch SET first = 5 WHERE size = 7", Some(LeafIndex(6)), "begins at 5, not at 4"),
        ("DELETE FROM batch WHERE size = 3", Some(LeafIndex(3)), "begins at 3, not at 2"),
        (
            "INSERT INTO entry SELECT 999, leaf, signature, content, NULL, object_id, NULL, NULL, NULL, control,
             seal_time_ms, readers FROM entry WHERE idx = 6",
            Some(LeafIndex(999)),
            "not below the head",
        ),
        (
            "INSERT INTO batch SELECT 99, 98, bytes, checkpoint, root, frontier, accepted_at_ms FROM batch WHERE size = 7",
            None,
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
        let found = report.findings.iter().any(|f| f.index == at && f.what.contains(what));
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
