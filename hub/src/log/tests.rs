//! The log over a real store: order, admission, commits, seals.

mod closing;
mod contradiction;
mod crash_points;
mod damage;
mod erasing;
mod flips;
mod opening;

use std::path::Path;

use multaqa_proto::hash::RecordId;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::Received;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};

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
