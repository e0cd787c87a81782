//! Fan-out over a real log: segments from ring and store, fills, erasure.

use multaqa_proto::id::MemberCode;
use multaqa_proto::number::LogNumber;
use multaqa_proto::sync::block::{Entry, unpack};
use multaqa_proto::sync::intake::{Intake, Taken, What};
use multaqa_proto::sync::merge::frame;

use super::*;
use crate::test_support::{Author, Federation, Running, group, note, tombstone};

/// All segments from a cursor to the head, as this reader may see them: index, leaf and content of each entry.
async fn all(fanout: &Fanout, running: &Running, reader: &str, mut from: TreeSize) -> Vec<Entry> {
    let (reader, state): (MemberCode, _) = (reader.parse().unwrap(), running.log.state());
    let mut entries = Vec::new();
    while let Some(segment) = fanout.segment(from).await.unwrap() {
        from = segment.end();
        let frame = frame(&[segment], &reader, state.directory(), state.size()).unwrap();
        entries.extend(frame.blocks.iter().flat_map(|block| unpack(block).unwrap()));
    }
    assert_eq!(from, state.size());
    entries.sort_by_key(|entry| entry.index);
    entries
}

async fn publish(running: &Running, author: &mut Author, slugs: &[String], audience: &str) {
    let code = author.writer().member().unwrap().to_string();
    let drafts: Vec<_> = slugs.iter().map(|slug| note(&format!("{code}:memo:{slug}"), &[audience], slug)).collect();
    let records = author.sign(&drafts);
    running.accept(author, records).await;
}

#[tokio::test]
async fn ring_and_store_give_every_reader_the_same_entries() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo, mut eg] = world.enrol(&running, &mut world.operator(), ["JO", "EG"]).await;
    for round in 0..30 {
        publish(&running, &mut jo, &[format!("a{round}")], "states").await;
        publish(&running, &mut eg, &[format!("b{round}"), format!("c{round}")], "member:EG").await;
    }
    let cold = Fanout::new(running.store.clone());
    for (reader, hidden) in [("JO", 60), ("EG", 0)] {
        // The first commit was there before the ring.
        let warm = all(&running.fanout, &running, reader, TreeSize(1)).await;
        assert_eq!(warm, all(&cold, &running, reader, TreeSize(1)).await);
        let covered = warm.iter().zip(1..).all(|(entry, index)| entry.index == LeafIndex(index));
        assert!(covered && warm.len() as u64 == running.log.state().size().0 - 1);
        let seals = warm.iter().filter(|entry| entry.signature.is_empty()).count();
        assert_eq!(warm.iter().filter(|entry| entry.content.is_none()).count(), hidden + seals);
    }
    // Past commits are merged, and kept for the next reader.
    let first = cold.segment(TreeSize(1)).await.unwrap().unwrap();
    assert!(first.count > 60);
    assert!(Arc::ptr_eq(&first, &cold.segment(TreeSize(1)).await.unwrap().unwrap()));
    running.stop().await;
}

/// What a node verifies of all that it is sent, from nothing on.
async fn taken(fanout: &Fanout, running: &Running, world: &Federation, reader: &str) -> (Intake, Vec<Taken>) {
    let (me, state): (MemberCode, _) = (reader.parse().unwrap(), running.log.state());
    let mut intake = Intake::empty(me.clone(), world.genesis_id, LogNumber(1));
    let mut all = Vec::new();
    while let Some(segment) = fanout.segment(intake.size()).await.unwrap() {
        let frame = frame(&[segment], &me, state.directory(), state.size()).unwrap();
        let (next, taken) = intake.accept(&frame).unwrap();
        intake = next;
        all.extend(taken);
    }
    (intake, all)
}

#[tokio::test]
async fn a_node_verifies_everything_that_it_is_sent_to_the_same_root() {
    let world = Federation::new().await;
    world.hand.set(1_000_000);
    let running = world.run().await;
    let mut operator = world.operator();
    let [mut jo, mut eg, _] = world.enrol(&running, &mut operator, ["JO", "EG", "MA"]).await;
    let records = operator.sign(&[group("open", "full", &[], &["JO", "EG"]), group("shut", "from-join", &[], &["JO"])]);
    running.accept(&operator, records).await;
    for round in 0..6 {
        world.hand.advance(std::time::Duration::from_millis(700));
        publish(&running, &mut jo, &[format!("a{round}"), format!("b{round}")], "group:open").await;
        publish(&running, &mut jo, &[format!("c{round}")], "group:shut").await;
        publish(&running, &mut eg, &[format!("d{round}")], "member:MA").await;
    }
    let records = jo.sign(&[note("JO:memo:gone", &["states"], "gone")]);
    let stone = jo.sign(&[tombstone("JO:tombstone:gone", "JO:memo:gone", &[records[0].0])]);
    running.accept(&jo, [records, stone].concat()).await;
    let cold = Fanout::new(running.store.clone());
    // Of 6 rounds: JO reads its own, EG the open group and its own, MA what is for it; all read the tombstone.
    for (reader, contents) in [("JO", 18 + 1), ("EG", 18 + 1), ("MA", 6 + 1)] {
        for fanout in [&running.fanout, &cold] {
            let (intake, taken) = taken(fanout, &running, &world, reader).await;
            let (state, head) = (intake.state().unwrap(), running.log.state());
            assert_eq!((state.size(), state.root()), (head.size(), head.root()));
            assert_eq!((state.seal_time_ms(), state.control()), (head.seal_time_ms(), head.control()));
            assert_eq!(intake.checkpoint(), &*running.log.checkpoint());
            let data = taken.iter().filter(|taken| match &taken.what {
                What::Record(record) => record.content.is_some() && record.control.is_none(),
                What::Seal(_) | What::Evidence(_) | What::Succession => false,
            });
            assert_eq!(data.count(), contents, "{reader}");
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn every_cursor_up_to_the_head_is_known() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let before = running.log.state().size();
    publish(&running, &mut jo, &["a".to_owned(), "b".to_owned(), "c".to_owned()], "states").await;
    let head = running.log.state().size();
    for fanout in [&running.fanout, &Fanout::new(running.store.clone())] {
        assert_eq!(fanout.segment(before).await.unwrap().unwrap().first, before.next_index());
        assert!(fanout.segment(head).await.unwrap().is_none());
        for unknown in [TreeSize(head.0 + 1), TreeSize(u64::MAX >> 1)] {
            assert_eq!(fanout.segment(unknown).await.unwrap_err(), FanoutError::CursorUnknown(unknown));
            assert_eq!(fanout.root_at(unknown).await.unwrap(), None);
        }
        assert_eq!(fanout.root_at(head).await.unwrap(), Some(running.log.state().root()));
        assert!(fanout.root_at(TreeSize(0)).await.unwrap().is_some());
    }
    // A reader from before a refilling may stand within a commit: it is sent the rest of it.
    let within = TreeSize(before.0 + 1);
    let rest = running.fanout.segment(within).await.unwrap().unwrap();
    assert_eq!(rest.first, within.next_index());
    let ends = running.store.commits_within(within, head).await.unwrap();
    assert!(ends.iter().any(|commit| commit.as_ref().unwrap().size == rest.end()));
    assert!(running.fanout.root_at(within).await.unwrap().is_some());
    running.stop().await;
}

#[tokio::test]
async fn who_joins_a_group_is_filled_with_what_its_history_shows() {
    let world = Federation::new().await;
    let running = world.run().await;
    let mut operator = world.operator();
    let [mut jo, eg, ma] = world.enrol(&running, &mut operator, ["JO", "EG", "MA"]).await;
    let groups = operator.sign(&[group("open", "full", &[], &["JO"]), group("shut", "from-join", &[], &["JO"])]);
    let ids: Vec<_> = groups.iter().map(|(id, _)| *id).collect();
    running.accept(&operator, groups).await;
    let slugs = |stem: &str| (0..20).map(|n| format!("{stem}{n}")).collect::<Vec<_>>();
    publish(&running, &mut jo, &slugs("o"), "group:open").await;
    publish(&running, &mut jo, &slugs("s"), "group:shut").await;
    publish(&running, &mut jo, &slugs("p"), "states").await;
    let since = running.log.state().size();

    let reader: MemberCode = "EG".parse().unwrap();
    let fill = async |reader: &MemberCode| {
        let state = running.log.state();
        let range = (LeafIndex(0), since.next_index());
        let page = running.fanout.fill(reader, range, since, None, &state).await.unwrap();
        assert_eq!(page.through, since.next_index());
        // Who holds runs asks for paths: below that size, each is what is proven of its entry alone.
        let size = TreeSize(since.0 - 30);
        let shown = running.fanout.fill(reader, range, since, Some(size), &state).await.unwrap();
        assert_eq!((&shown.entries, shown.through), (&page.entries, page.through));
        assert_eq!((shown.paths.len(), page.paths.len()), (page.entries.len(), 0));
        for (entry, path) in shown.entries.iter().zip(shown.paths) {
            let plan = multaqa_proto::log::subtree::Plan::inclusion(entry.index, size);
            let alone = match &plan {
                Some(plan) => running.store.prove(plan).await.unwrap(),
                None => Vec::new(),
            };
            assert_eq!(path, alone, "{}", entry.index);
        }
        page.entries
    };
    assert_eq!(fill(&reader).await, []);

    let grown = operator
        .sign(&[group("open", "full", &ids[..1], &["JO", "EG"]), group("shut", "from-join", &ids[1..], &["JO", "EG"])]);
    let approved: Vec<_> = grown.iter().map(|(id, _)| *id).collect();
    running.accept(&operator, grown).await;
    // A change of a group takes two thirds of its states: here JO's approval.
    for id in approved {
        let approve = multaqa_proto::wire::kind::Approve { record_id: id.to_vec() };
        let slug = format!("JO:approve:{}", id.short());
        let records = jo.sign(&[crate::test_support::draft(&slug, &[], &["members"], &approve)]);
        running.accept(&jo, records).await;
    }
    let filled = fill(&reader).await;
    assert_eq!(filled.len(), 20);
    for entry in &filled {
        let content = multaqa_proto::record::content::Content::parse(entry.content.as_ref().unwrap()).unwrap();
        assert!(content.id.slug().starts_with('o'));
    }
    assert_eq!(fill(ma.writer().member().unwrap()).await, []);
    assert_eq!(eg.writer().member(), Some(&reader));
    running.stop().await;
}

#[tokio::test]
async fn a_page_of_contents_is_bounded_and_the_next_begins_where_it_ends() {
    let world = Federation::new().await;
    let running = world.run().await;
    let mut operator = world.operator();
    let [mut jo, _eg] = world.enrol(&running, &mut operator, ["JO", "EG"]).await;
    let since = running.log.state().size();
    let long = "x".repeat(60_000);
    for n in 0..20 {
        let records = jo.sign(&[note(&format!("JO:memo:m{n}"), &["states"], &long)]);
        running.accept(&jo, records).await;
    }
    let state = running.log.state();
    let (reader, mut from, mut pages, mut seen): (MemberCode, _, _, _) =
        ("EG".parse().unwrap(), LeafIndex(0), 0, Vec::new());
    // At size 0 nobody could read anything: all is new.
    while from < state.size().next_index() {
        let page = running.fanout.fill(&reader, (from, LeafIndex(u64::MAX)), TreeSize(0), None, &state).await.unwrap();
        let bytes: usize = page.entries.iter().map(Entry::bytes).sum();
        assert!(bytes < 1024 * 1024 && page.through > from);
        seen.extend(page.entries.iter().map(|entry| entry.index));
        (from, pages) = (page.through, pages + 1);
    }
    assert!(pages > 1 && seen.is_sorted());
    assert_eq!(seen.iter().filter(|index| index.0 >= since.0).count(), 20);
    running.stop().await;
}
