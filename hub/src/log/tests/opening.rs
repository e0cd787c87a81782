//! Crashes, failures of the store, locks.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::*;
use crate::store::restored::{Reason, Restored};

#[tokio::test]
async fn a_crash_loses_nothing_that_was_answered_and_the_root_stays() {
    let world = Federation::new().await;
    let mut running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        let records = notes(&mut jo, &[&format!("a{round}"), &format!("b{round}")]);
        let parsed: Vec<_> = records.iter().map(|(_, record)| record.clone().parse().unwrap()).collect();
        acknowledged.extend(parsed.into_iter().zip(running.accept(&jo, records).await));
        let (size, root, checkpoint) =
            (running.log.state().size(), running.log.state().root(), running.log.checkpoint());
        running.crash().await;
        running = world.run().await;
        let state = running.log.state();
        assert_eq!((state.size(), state.root(), running.log.checkpoint()), (size, root, checkpoint));
        for (record, index) in &acknowledged {
            assert_eq!(running.store.index_of(record).await.unwrap(), Some(*index));
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn a_second_hub_on_one_store_is_refused() {
    let world = Federation::new().await;
    let running = world.run().await;
    let store = world.store().await;
    let second = Log::open(store.clone(), Fanout::new(store), world.log_key.clone(), world.clock.clone()).await;
    assert_eq!(second.unwrap_err().code(), "HUB_ALREADY_RUNNING");
    running.stop().await;
    world.run().await.stop().await;
}

#[tokio::test]
async fn a_restored_backup_gives_no_index() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    running.stop().await;
    let backup = std::fs::read(world.path()).unwrap();
    let running = world.run().await;
    running.accept(&jo.clone(), notes(&mut jo, &["published"])).await;
    running.stop().await;
    let newest = std::fs::read(world.path()).unwrap();

    let open = async || {
        let store = world.store().await;
        let opened =
            Log::open(store.clone(), Fanout::new(store.clone()), world.log_key.clone(), world.clock.clone()).await;
        store.close().await;
        opened.map(|(log, _)| log)
    };
    let lock = world.path().with_file_name("checkpoint.lock");
    std::fs::write(world.path(), backup).unwrap();
    let (behind, note) = (open().await.unwrap(), std::fs::read(&lock).unwrap());
    assert_eq!(*behind.frozen().borrow(), Some("HUB_REFILLING"));
    let records = notes(&mut jo.clone(), &["another"]).into_iter().map(|(_, record)| record).collect();
    assert_eq!(behind.submit(jo.writer(), records).await.unwrap_err().code(), "HUB_REFILLING");
    drop(behind);
    // Without its lock it waits for what the nodes in force say.
    std::fs::remove_file(&lock).unwrap();
    assert_eq!(*open().await.unwrap().frozen().borrow(), Some("HUB_REFILLING"));
    std::fs::write(&lock, note).unwrap();
    std::fs::write(world.path(), newest).unwrap();
    assert_eq!(*open().await.unwrap().frozen().borrow(), None);
    std::fs::write(&lock, "nonsense").unwrap();
    assert_eq!(open().await.unwrap_err().code(), "LOCK_UNUSABLE");
}

#[tokio::test]
async fn a_store_of_another_history_than_its_lock_gives_no_index_and_says_what_contradicts() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    running.stop().await;
    let common = std::fs::read(world.path()).unwrap();
    let lock = world.path().with_file_name("checkpoint.lock");
    let mut branches = Vec::new();
    for text in ["one", "other"] {
        std::fs::write(world.path(), &common).unwrap();
        let _first_time = std::fs::remove_file(&lock);
        let store = world.store().await;
        let restored = store.head().await.unwrap().size;
        let released = Restored { released: Some(restored), ..Restored::new(Reason::Behind, restored, 1) };
        store.note_restored(&released).await.unwrap();
        store.close().await;
        let running = world.run().await;
        running.accept(&jo.clone(), notes(&mut jo.clone(), &[text])).await;
        running.stop().await;
        branches.push((std::fs::read(world.path()).unwrap(), std::fs::read(&lock).unwrap()));
    }
    std::fs::write(world.path(), &branches[0].0).unwrap();
    let running = world.run().await;
    assert_eq!(*running.log.frozen().borrow(), Some("HUB_REFILLING"));
    let refill = running.log.refill().clone();
    assert!(refill.is_contradicted());
    let found = refill.lock_contradicted().unwrap();
    let root = running.store.root_at(found.locked.size).await.unwrap();
    assert_eq!((found.path.as_path(), found.found), (lock.as_path(), root));
    assert_ne!(found.found, Some(found.locked.root), "LOG_LOCK_CONTRADICTS");
    // Nodes that agree with the store do not decide it: whether the lock is foreign is the operator's to say.
    refill.tell(jo.writer(), None);
    assert!(!refill.try_finish().await.unwrap());
    drop(refill);
    running.stop().await;
    // Put aside, the nodes are asked in its place; with its own store it goes on.
    std::fs::remove_file(&lock).unwrap();
    let running = world.run().await;
    assert!(running.log.refill().is_open() && !running.log.refill().is_contradicted());
    running.log.refill().tell(jo.writer(), None);
    assert!(running.log.refill().try_finish().await.unwrap());
    running.stop().await;
    std::fs::write(world.path(), &branches[1].0).unwrap();
    std::fs::write(&lock, &branches[1].1).unwrap();
    let running = world.run().await;
    assert_eq!(*running.log.frozen().borrow(), None);
    running.stop().await;
}

#[tokio::test]
async fn the_log_opens_only_with_its_own_key() {
    let world = Federation::new().await;
    let store = world.store().await;
    let opened = Log::open(store.clone(), Fanout::new(store), key(50), world.clock.clone()).await;
    assert_eq!(opened.unwrap_err().code(), "LOG_KEY_WRONG");
}

#[tokio::test]
async fn a_store_that_refuses_a_commit_fails_that_commit_only() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    execute(&world.path(), "CREATE TRIGGER full BEFORE INSERT ON batch BEGIN SELECT RAISE(ABORT, 'full'); END").await;
    let records = notes(&mut jo, &["one", "two"]);
    let plain: Vec<_> = records.iter().map(|(_, record)| record.clone()).collect();
    let size = running.log.state().size();
    assert_eq!(running.log.submit(jo.writer(), plain).await.unwrap_err().code(), "BATCH_FAILED");
    assert_eq!((running.log.state().size(), running.log.halted()), (size, None));
    assert_eq!(*running.log.frozen().borrow(), Some("HUB_STORE_UNAVAILABLE"));
    execute(&world.path(), "DROP TRIGGER full").await;
    running.accept(&jo, records).await;
    assert_eq!(*running.log.frozen().borrow(), None);
    running.stop().await;
    assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
}

#[tokio::test]
async fn a_frozen_log_tries_a_seal_until_the_store_takes_commits_again() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    execute(&world.path(), "CREATE TRIGGER full BEFORE INSERT ON batch BEGIN SELECT RAISE(ABORT, 'full'); END").await;
    let records: Vec<_> = notes(&mut jo, &["one"]).into_iter().map(|(_, record)| record).collect();
    running.log.submit(jo.writer(), records).await.unwrap_err();
    let size = running.log.state().size();
    execute(&world.path(), "DROP TRIGGER full").await;
    let mut frozen = running.log.frozen();
    let thawed = frozen.wait_for(Option::is_none);
    tokio::time::timeout(Duration::from_mins(5), thawed).await.unwrap().unwrap();
    let mut committed = running.log.committed();
    committed.wait_for(|newest| *newest > size).await.unwrap();
    let newest = entries(&running).await.pop().unwrap();
    assert_eq!(Leaf::parse(&newest.entry.leaf).unwrap().leaf_type, LeafType::Seal);
    running.stop().await;
    assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
}

#[tokio::test]
async fn a_commit_that_does_not_end_freezes_the_log_until_it_does() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    running.stop().await;
    let store = world.store().await;
    let opened = Log::open(store.clone(), Fanout::new(store.clone()), key(1), world.clock.clone());
    let (log, mut sequencer) = opened.await.unwrap();
    sequencer.stuck = Duration::from_millis(20);
    let stop = CancellationToken::new();
    let task = tokio::spawn(sequencer.run(stop.clone()));
    let mut frozen = log.frozen();
    // Another process holds the store for a while.
    let mut other = sql(&world.path()).await;
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let records = notes(&mut jo, &["one"]).into_iter().map(|(_, record)| record).collect();
    let submitting = log.submit(jo.writer(), records);
    let stuck = async {
        frozen.wait_for(|code| *code == Some("HUB_COMMIT_STUCK")).await.unwrap();
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
        frozen.wait_for(Option::is_none).await.unwrap();
    };
    let (answer, ()) = tokio::join!(submitting, stuck);
    // On a busy machine SQLite may have given up waiting: then the record is to come again.
    assert!(answer.is_ok() || answer.unwrap_err().code() == "BATCH_FAILED");
    stop.cancel();
    task.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_head_that_moved_under_the_hub_halts_it() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    execute(&world.path(), "UPDATE head SET size = 1").await;
    let records: Vec<_> = notes(&mut jo, &["one"]).into_iter().map(|(_, record)| record).collect();
    assert_eq!(running.log.submit(jo.writer(), records.clone()).await.unwrap_err().code(), "HUB_HALTED");
    assert_eq!(running.log.submit(jo.writer(), records).await.unwrap_err().code(), "HUB_HALTED");
    assert_eq!(running.log.halted(), Some("HUB_STORE_ROWS_TOUCHED"));
}

#[tokio::test]
async fn a_damaged_store_does_not_open() {
    for damage in [
        "UPDATE batch SET root = zeroblob(32) WHERE size = (SELECT size FROM head)",
        "UPDATE head SET control_count = control_count + 1",
        "UPDATE entry SET leaf = zeroblob(80) WHERE idx = (SELECT size - 1 FROM head)",
        "UPDATE batch SET checkpoint = (SELECT checkpoint FROM batch WHERE size = 1)",
    ] {
        let world = Federation::new().await;
        let running = world.run().await;
        world.enrol(&running, &mut world.operator(), ["JO"]).await;
        running.stop().await;
        execute(&world.path(), damage).await;
        assert_eq!(world.store().await.load().await.unwrap_err().code(), "HUB_STORE_DAMAGED", "{damage}");
    }
}
