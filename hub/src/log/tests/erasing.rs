//! What is withdrawn is gone.

use multaqa_proto::wire::kind as wire;

use super::*;

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
async fn a_hub_that_goes_on_leaves_no_erased_byte_in_its_files() {
    const MARKER: &[u8] = b"PLANTED-MARKER-71c3";
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let first = jo.sign(&[note("JO:memo:a", &["states"], std::str::from_utf8(MARKER).unwrap())]);
    let id = first[0].0;
    running.accept(&jo, first).await;
    let held = || {
        let files = [world.path(), world.path().with_file_name("hub.db-wal")].map(|file| std::fs::read(file).unwrap());
        files.iter().any(|bytes| bytes.windows(MARKER.len()).any(|window| window == MARKER))
    };
    assert!(held());
    let records = jo.sign(&[tombstone("JO:tombstone:a", "JO:memo:a", &[id])]);
    running.accept(&jo, records).await;
    // The next commit comes after what the one before left to do.
    running.accept(&jo.clone(), notes(&mut jo, &["next"])).await;
    assert!(!held());
    running.stop().await;
}

/// Rows of many sizes, erased in any order: SQLite moves rows when pages run empty, and `secure_delete`
/// does not reach the copies that it leaves behind.
#[tokio::test]
async fn no_copy_of_an_erased_row_stays_behind_when_its_neighbours_change() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let marker = |n: usize| format!("planted-{n:03}-marker;");
    let mut waiting = Vec::new();
    for first in (0..160).step_by(20) {
        let drafts: Vec<_> = (first..first + 20)
            .map(|n| note(&format!("JO:memo:m{n}"), &["states"], &marker(n).repeat(1 + (n * 37) % 23)))
            .collect();
        let records = jo.sign(&drafts);
        waiting.extend((first..).zip(records.iter().map(|(id, _)| *id)));
        running.accept(&jo, records).await;
    }
    for round in 0..12 {
        let gone: Vec<_> = (0..10).map(|turn| waiting.remove((round * 131 + turn * 7) % waiting.len())).collect();
        let stones: Vec<_> = gone
            .iter()
            .map(|(n, id)| tombstone(&format!("JO:tombstone:m{n}"), &format!("JO:memo:m{n}"), &[*id]))
            .collect();
        let records = jo.sign(&stones);
        running.accept(&jo, records).await;
    }
    running.stop().await;
    let file = std::fs::read(world.path()).unwrap();
    let holds = |n: usize| file.windows(marker(0).len()).any(|window| window == marker(n).as_bytes());
    let (kept, gone): (Vec<usize>, Vec<usize>) =
        (0..160).partition(|n| waiting.iter().any(|(waiting, _)| waiting == n));
    assert!(kept.iter().all(|n| holds(*n)));
    assert_eq!(gone.len(), 120);
    assert_eq!(gone.into_iter().filter(|n| holds(*n)).collect::<Vec<_>>(), [0; 0]);
    assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
}

#[tokio::test]
async fn a_tombstone_erases_what_it_names_where_it_reaches_all_its_readers() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo, eg] = world.enrol(&running, &mut world.operator(), ["JO", "EG"]).await;
    let organisation = wire::Organisation {
        name: [("ar".to_owned(), "x".to_owned())].into(),
        r#type: "agency".to_owned(),
        ..Default::default()
    };
    // The second is void, and for more readers than the first; the third is of another object.
    let drafts = [
        draft("JO:organisation:a", &[], &["states"], &organisation),
        draft("JO:organisation:a", &[], &["members"], &organisation),
        draft("JO:organisation:b", &[], &["states"], &organisation),
    ];
    let records = jo.sign(&drafts);
    let ids: Vec<RecordId> = records.iter().map(|(id, _)| *id).collect();
    let at = running.accept(&jo, records).await;
    let stone = |target: &str, revisions: &[RecordId]| wire::Tombstone {
        id: target.to_owned(),
        revisions: revisions.iter().map(|id| id.to_vec()).collect(),
        ..Default::default()
    };
    let left = || async {
        let mut left = Vec::new();
        for index in &at {
            left.push(running.store.record(*index).await.unwrap().unwrap().content.is_some());
        }
        left
    };
    let all = &ids[..];
    let steps: [(&str, &str, &[RecordId], [bool; 3]); 7] = [
        ("for few of the readers", "member:JO", all, [true, true, true]),
        ("of another record", "states", &[RecordId::of(b"another")], [true, true, true]),
        ("of a kind that stays", "states", &[], [true, true, true]),
        ("for all readers of the first", "states", all, [false, true, true]),
        ("the same once more", "states", all, [false, true, true]),
        ("for all readers of the second, of the first", "members", &ids[..1], [false, true, true]),
        ("for all readers of the second", "members", &ids[1..2], [false, false, true]),
    ];
    for (n, (what, audience, revisions, expected)) in steps.into_iter().enumerate() {
        let target = if revisions.is_empty() { "JO:tombstone:t0" } else { "JO:organisation:a" };
        let named = if revisions.is_empty() { all } else { revisions };
        let records = jo.sign(&[draft(&format!("JO:tombstone:t{n}"), &[], &[audience], &stone(target, named))]);
        running.accept(&jo, records).await;
        assert_eq!(left().await, expected, "{what}");
    }
    // Another member's, which is void.
    let foreign = eg.clone().sign(&[draft("EG:tombstone:t", &[], &["members"], &stone("JO:organisation:b", all))]);
    running.accept(&eg, foreign).await;
    assert_eq!(left().await, [false, false, true]);
    running.stop().await;
    assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
}

/// What is gone without a tombstone that names it is found.
#[tokio::test]
async fn what_no_tombstone_names_is_missed() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let records = jo.sign(&[note("JO:memo:a", &["states"], "one"), note("JO:memo:a", &["states"], "two")]);
    let ids: Vec<_> = records.iter().map(|(id, _)| *id).collect();
    let at = running.accept(&jo, records).await;
    running.accept(&jo.clone(), jo.sign(&[tombstone("JO:tombstone:a", "JO:memo:a", &ids[..1])])).await;
    running.stop().await;
    assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
    let mut connection = sql(&world.path()).await;
    let erase = "UPDATE entry SET content = zeroblob(length(content)), readers = replace(hex(zeroblob(length(readers))), '00', ' ') WHERE idx = ?";
    sqlx::query(erase).bind(at[1].to_i64()).execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    let found = fsck(&world.path()).await.unwrap().findings;
    let places: Vec<_> = found.iter().map(|finding| (finding.code, finding.place.index)).collect();
    assert_eq!(places, [("HUB_ENTRY_WRONG", Some(at[1]))], "{found:?}");
}
