use std::path::Path;

use multaqa_proto::hash::RecordId;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::Received;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};

use super::*;
use crate::log::fsck::fsck;
use crate::store::StoredEntry;
use crate::test_support::{
    Author, Federation, Running, accepted, draft, group, invitation, key, member, note, rejected, tombstone,
};

async fn sql(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

async fn execute(path: &Path, statement: &'static str) {
    sqlx::raw_sql(statement).execute(&mut sql(path).await).await.unwrap();
}

async fn entries(running: &Running) -> Vec<StoredEntry> {
    running.store.entries(LeafIndex(0), LeafIndex(u64::MAX >> 1)).await.unwrap()
}

fn notes(author: &mut Author, texts: &[&str]) -> Vec<(RecordId, Received)> {
    let code = author.writer().member().unwrap().to_string();
    let drafts: Vec<_> = texts.iter().map(|text| note(&format!("{code}:memo:{text}"), &["states"], text)).collect();
    author.sign(&drafts)
}

#[tokio::test]
async fn the_order_of_commits_is_the_order_of_indexes_for_many_writers_at_once() {
    let world = Federation::new().await;
    let running = world.run().await;
    let authors = world.enrol(&running, &mut world.operator(), ["JO", "EG", "MA"]).await;
    let submit = |mut author: Author| {
        let log = running.log.clone();
        async move {
            let mut indexes = Vec::new();
            for round in 0..20 {
                let records = notes(&mut author, &[&format!("a{round}"), &format!("b{round}")]);
                let records = records.into_iter().map(|(_, record)| record).collect();
                indexes.extend(log.submit(author.writer(), records).await.unwrap().iter().map(accepted));
            }
            indexes
        }
    };
    let [a, b, c] = authors.map(|author| tokio::spawn(submit(author)));
    let indexes = [a.await.unwrap(), b.await.unwrap(), c.await.unwrap()];
    assert!(indexes.iter().all(|own| own.is_sorted()));
    let stored = entries(&running).await;
    assert!(stored.iter().zip(0..).all(|(stored, index)| stored.entry.index == LeafIndex(index)));
    let mut all: Vec<LeafIndex> = indexes.concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 120);
    for index in all {
        let leaf = Leaf::parse(&stored[usize::try_from(index.0).unwrap()].entry.leaf).unwrap();
        assert_eq!(leaf.leaf_type, LeafType::Record);
    }
    running.stop().await;
    let report = fsck(&world.path()).await.unwrap();
    assert_eq!(report.findings, []);
}

#[tokio::test]
async fn a_crash_loses_nothing_that_was_answered_and_the_root_stays() {
    let world = Federation::new().await;
    let mut running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        let records = notes(&mut jo, &[&format!("a{round}"), &format!("b{round}")]);
        let ids: Vec<_> = records.iter().map(|(id, _)| *id).collect();
        acknowledged.extend(ids.into_iter().zip(running.accept(&jo, records).await));
        let (size, root, checkpoint) =
            (running.log.state().size(), running.log.state().root(), running.log.checkpoint());
        running.crash().await;
        running = world.run().await;
        let state = running.log.state();
        assert_eq!((state.size(), state.root(), running.log.checkpoint()), (size, root, checkpoint));
        for (id, index) in &acknowledged {
            assert_eq!(running.store.index_of(id).await.unwrap(), Some(*index));
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn a_record_has_one_index_however_often_it_comes() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let records = notes(&mut jo, &["one"]);
    let twice = [records.clone(), records.clone()].concat();
    let answers = running.submit(&jo, twice).await;
    let index = accepted(&answers[0]);
    assert_eq!(answers[1].outcome, Outcome::Duplicate(index));
    running.crash().await;
    let running = world.run().await;
    assert_eq!(running.submit(&jo, records).await[0].outcome, Outcome::Duplicate(index));
    running.stop().await;
}

#[tokio::test]
async fn one_bad_record_does_not_spoil_its_neighbours() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo, mut eg] = world.enrol(&running, &mut world.operator(), ["JO", "EG"]).await;
    let records = [notes(&mut jo, &["one"]), notes(&mut eg, &["foreign"]), notes(&mut jo, &["two"])].concat();
    let answers = running.submit(&jo, records).await;
    let (one, two) = (accepted(&answers[0]), accepted(&answers[2]));
    assert_eq!((rejected(&answers[1]), two), ("WRITER_NOT_PEER", one.size().next_index()));

    // A broken signature in the middle of a chain breaks the chain behind it, and nobody else's.
    let mut three = notes(&mut jo, &["three", "four", "five"]);
    let mut signature = three[1].1.signature.to_vec();
    *signature.last_mut().unwrap() ^= 1;
    three[1].1.signature = signature.into();
    let answers = running.submit(&jo, three).await;
    accepted(&answers[0]);
    assert_eq!([rejected(&answers[1]), rejected(&answers[2])], ["SIGNATURE_BAD", "CHAIN_GAP"]);
    running.stop().await;
}

#[tokio::test]
async fn what_breaks_the_form_or_speaks_for_others_is_never_ordered() {
    let world = Federation::new().await;
    let running = world.run().await;
    let mut operator = world.operator();
    let [jo] = world.enrol(&running, &mut operator, ["JO"]).await;
    let size = running.log.state().size();
    let code = async |author: &Author, received: Received| {
        let answers = running.log.submit(author.writer(), vec![received]).await.unwrap();
        rejected(&answers[0])
    };
    let good = notes(&mut jo.clone(), &["one"]).remove(0).1;
    assert_eq!(code(&jo, Received { content: None, ..good.clone() }).await, "CONTENT_MISSING");
    let huge = vec![0; 256 * 1024 + 1].into();
    assert_eq!(code(&jo, Received { content: Some(huge), ..good.clone() }).await, "RECORD_TOO_LARGE");
    let other = notes(&mut jo.clone(), &["two"]).remove(0).1.content;
    assert_eq!(code(&jo, Received { content: other, ..good.clone() }).await, "CONTENT_HASH_WRONG");
    assert_eq!(code(&jo, Received { statement: vec![0xff].into(), ..good }).await, "RECORD_UNDECODABLE");
    let foreign = jo.clone().sign(&[note("EG:memo:a", &["states"], "a")]).remove(0).1;
    assert_eq!(code(&jo, foreign).await, "OBJECT_FOREIGN");
    let data = operator.clone().sign(&[note("x-federation:memo:a", &["members"], "a")]).remove(0).1;
    assert_eq!(code(&operator, data).await, "PUBLISHER_NOT_ALLOWED");
    // A control record that would be void burns nothing.
    let again = operator.clone().sign(&[invitation("JO", 1)]).remove(0).1;
    assert_eq!(code(&operator, again).await, "EPOCH_WRONG");
    assert_eq!(running.log.state().size(), size);
    running.accept(&operator.clone(), operator.sign(&[member("EG")])).await;
    running.stop().await;
}

#[tokio::test]
async fn the_one_time_key_signs_the_key_record_and_nothing_else() {
    let world = Federation::new().await;
    let running = world.run().await;
    let mut operator = world.operator();
    let records = operator.sign(&[member("JO"), invitation("JO", i64::MAX)]);
    let invitation = records[1].0;
    running.accept(&operator, records).await;
    let invited = world.invited("JO");
    let answers = running.submit(&invited, notes(&mut invited.clone(), &["early"])).await;
    assert_eq!(rejected(&answers[0]), "KEY_UNKNOWN");
    running.accept(&invited, invited.clone().sign(&[world.key_draft("JO", invitation)])).await;
    running.stop().await;
}

#[tokio::test]
async fn a_policy_with_a_log_key_that_the_hub_does_not_hold_is_refused() {
    let world = Federation::new().await;
    let running = world.run().await;
    let mut operator = world.operator();
    let public = |key: &SigningKey| PublicKey::of(key).as_bytes().to_vec();
    let policy = multaqa_proto::wire::kind::Policy {
        number: 2,
        log_key: public(&key(77)),
        operators: vec![multaqa_proto::wire::kind::Operator { name: "first".to_owned(), record_key: public(&key(2)) }],
        operators_required: 1,
        witnesses: Vec::new(),
        rules: 1,
    };
    let records = operator.clone().sign(&[draft("x-federation:policy:p", &[], &["members"], &policy)]);
    assert_eq!(rejected(&running.submit(&operator, records).await[0]), "LOG_KEY_WRONG");
    running.accept(&operator.clone(), operator.sign(&[member("JO")])).await;
    running.stop().await;
}

#[tokio::test]
async fn a_commit_ends_at_a_control_record() {
    let world = Federation::new().await;
    let running = world.run().await;
    let mut operator = world.operator();
    let [mut jo] = world.enrol(&running, &mut operator, ["JO"]).await;
    let mut waiting = Vec::new();
    let records = operator.sign(&[member("EG"), group("gcc", "full", &[], &["JO"]), member("MA")]);
    for (author, records) in [(jo.clone(), notes(&mut jo, &["a", "b"])), (operator.clone(), records)] {
        let records = records.into_iter().map(|(_, record)| record).collect();
        waiting.push(running.log.queue(author.writer(), records).await.unwrap());
    }
    let mut controls = Vec::new();
    for answers in waiting {
        controls.push(answers.wait().await.unwrap().iter().map(accepted).collect::<Vec<_>>());
    }
    for control in controls.last().unwrap() {
        let commits = running.store.commits_within(TreeSize(control.0), TreeSize(control.0 + 2)).await.unwrap();
        let commit = commits.into_iter().next().unwrap().unwrap();
        let stored = running.store.entries(control.size().next_index(), commit.size.next_index()).await.unwrap();
        assert!(stored.iter().all(|stored| stored.record.is_none()), "only a seal may follow in the same commit");
    }
    running.stop().await;
}

#[tokio::test]
async fn withdrawn_contents_are_in_no_file_and_no_cache() {
    const MARKER: &[u8] = b"PLANTED-MARKER-7d1f";
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo, eg] = world.enrol(&running, &mut world.operator(), ["JO", "EG"]).await;
    let text = std::str::from_utf8(MARKER).unwrap();
    let long = format!("{} {text}", text.repeat(2000));
    let first = jo.sign(&[note("JO:memo:a", &["states"], text), note("JO:memo:b", &["states"], &long)]);
    let ids: Vec<_> = first.iter().map(|(id, _)| *id).collect();
    let indexes = running.accept(&jo, first).await;
    let found = |marker: &[u8]| {
        let files =
            std::fs::read_dir(world.dir.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files.filter(|bytes| bytes.windows(marker.len()).any(|window| window == marker)).count()
    };
    assert!(found(MARKER) > 0, "the search finds what is there");
    let cursor = TreeSize(indexes[0].0);
    let cached = running.fanout.segment(cursor).await.unwrap().unwrap();
    assert!(cached.bytes > long.len());

    // Another member's tombstone erases nothing.
    running.accept(&eg, eg.clone().sign(&[tombstone("EG:tombstone:a", "JO:memo:a", &ids[..1])])).await;
    assert!(running.store.record(indexes[0]).await.unwrap().unwrap().content.is_some());

    let stones =
        [tombstone("JO:tombstone:a", "JO:memo:a", &ids[..1]), tombstone("JO:tombstone:b", "JO:memo:b", &ids[1..])];
    let records = jo.sign(&stones);
    running.accept(&jo, records).await;
    assert_eq!(running.store.record(indexes[0]).await.unwrap().unwrap().content, None);
    let again = running.fanout.segment(cursor).await.unwrap().unwrap();
    assert!(again.bytes < text.len() + 2048, "{}", again.bytes);
    // What comes and goes in one commit never reaches a cache.
    let brief = jo.sign(&[note("JO:memo:c", &["states"], text)]);
    let stone = jo.sign(&[tombstone("JO:tombstone:c", "JO:memo:c", &[brief[0].0])]);
    let indexes = running.accept(&jo, [brief, stone].concat()).await;
    let segment = running.fanout.segment(TreeSize(indexes[0].0)).await.unwrap().unwrap();
    assert!(segment.blocks.iter().any(|block| *block.readers() == multaqa_proto::sync::merge::Readers::Everyone));
    running.stop().await;
    assert_eq!(found(MARKER), 0);
    assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
}

#[tokio::test]
async fn a_reader_in_the_way_of_an_erasure_holds_nobody_up_and_the_bytes_go_after_it() {
    const MARKER: &[u8] = b"PLANTED-MARKER-29aa";
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let mut reader = sql(&world.path()).await;
    let text = std::str::from_utf8(MARKER).unwrap();
    let first = jo.sign(&[note("JO:memo:a", &["states"], text)]);
    let id = first[0].0;
    running.accept(&jo, first).await;
    sqlx::raw_sql("BEGIN; SELECT COUNT(*) FROM entry").execute(&mut reader).await.unwrap();
    let records = jo.sign(&[tombstone("JO:tombstone:a", "JO:memo:a", &[id])]);
    running.accept(&jo, records).await;
    let wal = world.path().with_file_name("hub.db-wal");
    assert!(wal.metadata().unwrap().len() > 0, "the reader still needs it");
    running.accept(&jo.clone(), notes(&mut jo, &["next"])).await;
    sqlx::raw_sql("ROLLBACK").execute(&mut reader).await.unwrap();
    running.stop().await;
    for file in [world.path(), wal] {
        let bytes = std::fs::read(file).unwrap_or_default();
        assert!(!bytes.windows(MARKER.len()).any(|window| window == MARKER));
    }
}

#[tokio::test]
async fn seals_come_with_traffic_and_when_an_invitation_ends() {
    let world = Federation::new().await;
    let running = world.run().await;
    let mut operator = world.operator();
    let seals = async || -> Vec<Seal> {
        let leaves = entries(&running).await;
        let leaves = leaves.iter().map(|stored| Leaf::parse(&stored.entry.leaf).unwrap());
        leaves.filter(|leaf| leaf.leaf_type == LeafType::Seal).map(|leaf| Seal::parse(&leaf.body).unwrap()).collect()
    };
    world.hand.set(10_000);
    running.accept(&operator.clone(), operator.sign(&[member("JO"), invitation("JO", 60_000)])).await;
    let times = |seals: Vec<Seal>| seals.iter().map(|seal| seal.time_ms).collect::<Vec<_>>();
    assert_eq!(times(seals().await), [10_000], "not more than one a second");
    let mut committed = running.log.committed();
    committed.mark_unchanged();
    for (now, expected) in [(11_000, 2), (60_001, 3), (60_001 + 86_400_000, 4)] {
        world.hand.set(now);
        running.log.look_at_clock();
        committed.changed().await.unwrap();
        assert_eq!(times(seals().await).len(), expected);
        assert_eq!(running.log.state().seal_time_ms(), now);
    }
    let expired = world.invited("JO");
    let invited = running.log.state().directory().invitations().next().map(|(id, _)| *id).unwrap();
    let answers = running.submit(&expired, expired.clone().sign(&[world.key_draft("JO", invited)])).await;
    assert_eq!(rejected(&answers[0]), "INVITATION_EXPIRED");
    // The clock may go back; the log does not.
    world.hand.set(5);
    running.accept(&operator.clone(), operator.sign(&[member("EG")])).await;
    running.stop().await;
    assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
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
        opened.map(|_| ())
    };
    std::fs::write(world.path(), backup).unwrap();
    assert_eq!(open().await.unwrap_err().code(), "LOG_BEHIND_LOCK");
    std::fs::write(world.path(), newest).unwrap();
    open().await.unwrap();
    std::fs::write(world.path().with_file_name("checkpoint.lock"), "nonsense").unwrap();
    assert_eq!(open().await.unwrap_err().code(), "LOCK_UNUSABLE");
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
    execute(&world.path(), "DROP TRIGGER full").await;
    running.accept(&jo, records).await;
    running.stop().await;
    assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
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
        let found = found_after(column, "entry", "WHERE idx = 6").await;
        assert_eq!(found[0].0, Some(LeafIndex(6)), "{column}: {found:?}");
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
            "INSERT INTO entry SELECT 999, leaf, signature, content, NULL, object_id, writer, epoch, seq, control,
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

#[tokio::test]
async fn a_commit_is_bounded_by_bytes_too() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let long = "x".repeat(200_000);
    let drafts: Vec<_> = (0..9).map(|n| note(&format!("JO:memo:m{n}"), &["states"], &long)).collect();
    let (before, records) = (running.log.state().size(), jo.sign(&drafts));
    running.accept(&jo, records).await;
    let commits = running.store.commits_within(before, running.log.state().size()).await.unwrap();
    assert!(commits.iter().flatten().all(|commit| commit.bytes <= 768 * 1024), "{commits:?}");
    running.stop().await;
}

#[tokio::test]
async fn many_records_at_once_share_commits() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let texts: Vec<String> = (0..1500).map(|n| format!("t{n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let records: Vec<_> = texts.chunks(50).flat_map(|texts| notes(&mut jo, texts)).collect();
    let before = running.log.state().size();
    let answers = running.submit(&jo, records).await;
    assert!(answers.iter().map(accepted).is_sorted());
    let commits = running.store.commits_within(before, running.log.state().size()).await.unwrap();
    let sizes: Vec<u64> = commits.iter().flatten().map(|commit| commit.size.0 - commit.first.0).collect();
    assert!(sizes.iter().all(|size| *size <= 513), "{sizes:?}");
    assert!(sizes.len() < 100, "{sizes:?}");
    running.stop().await;
}
