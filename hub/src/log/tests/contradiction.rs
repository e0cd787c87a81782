//! A writer that signs two records for one place: evidence on the log once, then nothing more of it, until its next epoch.

use multaqa_proto::log::evidence::Evidence;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::number::Epoch;
use multaqa_proto::record::ChainPlace;

use super::*;
use crate::test_support::{invitation_in, key};

/// The evidence on the log, with its indexes.
async fn evidence(running: &Running) -> Vec<(LeafIndex, Evidence)> {
    let found = entries(running).await.into_iter().filter_map(|stored| {
        let leaf = Leaf::parse(&stored.entry.leaf).unwrap();
        let index = stored.entry.index;
        (leaf.leaf_type == LeafType::Evidence).then(|| (index, Evidence::parse(&leaf.body).unwrap()))
    });
    found.collect()
}

/// One record and another for its place.
fn pair(author: &mut Author) -> [(RecordId, Received); 2] {
    let mut copy = author.clone();
    [notes(author, &["one"]).remove(0), notes(&mut copy, &["other"]).remove(0)]
}

async fn code(running: &Running, author: &Author, record: (RecordId, Received)) -> &'static str {
    rejected(&running.submit(author, vec![record]).await[0])
}

#[tokio::test]
async fn a_second_statement_at_a_place_is_evidence_and_freezes_its_writer_until_its_next_epoch() {
    let world = Federation::new().await;
    let running = world.run().await;
    let mut operator = world.operator();
    let [mut jo, mut eg] = world.enrol(&running, &mut operator, ["JO", "EG"]).await;
    let [one, other] = pair(&mut jo);
    let before = running.log.state().control().count;
    let index = running.accept(&jo, vec![one.clone()]).await[0];
    // In between, so that the place is not the newest.
    let later = notes(&mut jo, &["later"]);
    running.accept(&jo, later).await;
    assert_eq!(code(&running, &jo, other.clone()).await, "WRITER_FROZEN");
    let found = evidence(&running).await;
    assert_eq!(found.len(), 1);
    let ids: std::collections::BTreeSet<_> = found[0].1.statements().iter().map(|signed| signed.record_id).collect();
    assert_eq!(ids, [one.0, other.0].into());
    assert_eq!(running.log.state().control().count, before + 1);

    // Whatever it sends from here on is refused, and no more evidence comes of it; what was ordered is known.
    let third = notes(&mut jo.clone(), &["third"]).remove(0);
    let mut forked = jo.clone();
    forked.place.seq = one.1.clone().parse().unwrap().statement.seq;
    for record in [other, third, notes(&mut forked, &["once-more"]).remove(0)] {
        assert_eq!(code(&running, &jo, record).await, "WRITER_FROZEN");
    }
    assert_eq!(running.submit(&jo, vec![one]).await[0].outcome, Outcome::Duplicate(index));
    assert_eq!(evidence(&running).await.len(), 1);
    let going_on = notes(&mut eg, &["going-on"]);
    running.accept(&eg, going_on).await;

    // Frozen after a restart, too, and the store agrees with itself.
    running.stop().await;
    assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
    let running = world.run().await;
    let fourth = notes(&mut jo.clone(), &["fourth"]).remove(0);
    assert_eq!(code(&running, &jo, fourth).await, "WRITER_FROZEN");
    let state = running.log.state();
    assert!(state.directory().equivocations().all(|(writer, found)| state.directory().freezes_now(writer, found)));

    // Its next epoch.
    let invited = operator.sign(&[invitation_in("JO", 2, i64::MAX)]);
    let id = invited[0].0;
    running.accept(&operator, invited).await;
    let mut anew = world.invited("JO");
    (anew.place.epoch, anew.key) = (Epoch(2), key(9));
    let redeemed = anew.sign(&[world.key_draft_in("JO", id, Epoch(2))]);
    running.accept(&anew, redeemed).await;
    anew.key = Federation::node_key("JO");
    let record = notes(&mut anew, &["again"]);
    running.accept(&anew, record).await;
    running.stop().await;
    assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
}

#[tokio::test]
async fn of_two_statements_in_one_request_the_first_is_ordered_and_the_second_is_evidence() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let [one, other] = pair(&mut jo);
    let after = notes(&mut jo, &["after"]).remove(0);
    let answers = running.submit(&jo, vec![one, other, after]).await;
    accepted(&answers[0]);
    assert_eq!([rejected(&answers[1]), rejected(&answers[2])], ["WRITER_FROZEN"; 2]);
    assert_eq!(evidence(&running).await.len(), 1);
    running.stop().await;
    assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
}

#[tokio::test]
async fn nobody_is_frozen_by_what_is_not_signed() {
    let world = Federation::new().await;
    let running = world.run().await;
    let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
    let [one, other] = pair(&mut jo);
    let (first, signature) = (one.1.clone(), one.1.signature.clone());
    running.accept(&jo, vec![one]).await;
    // The signature of the record that stands there, another key's, the one-time key's.
    let borrowed = (other.0, Received { signature, ..other.1.clone() });
    assert_eq!(code(&running, &jo, borrowed).await, "CHAIN_FORK");
    let place = ChainPlace { seq: first.parse().unwrap().statement.seq, ..jo.place.clone() };
    for (key, place) in [(key(77), place), (jo.key.clone(), world.invited("JO").place)] {
        let mut author = Author { place, key };
        assert_eq!(code(&running, &jo, notes(&mut author, &["forged"]).remove(0)).await, "CHAIN_FORK");
    }
    assert_eq!(evidence(&running).await.len(), 0);
    let next = notes(&mut jo, &["next"]);
    running.accept(&jo, next).await;
    running.stop().await;
}

#[tokio::test]
async fn an_operator_without_whom_nobody_could_act_is_shown_and_not_frozen() {
    let world = Federation::new().await;
    let running = world.run().await;
    let mut operator = world.operator();
    let mut copy = operator.clone();
    let signed = operator.sign(&[member("JO")]);
    running.accept(&operator, signed).await;
    let other = copy.sign(&[member("EG")]).remove(0);
    assert_eq!(code(&running, &operator, other).await, "CHAIN_FORK");
    assert_eq!(evidence(&running).await.len(), 1);
    let state = running.log.state();
    assert!(state.directory().equivocations().all(|(_, found)| !found.freezes));
    let signed = operator.sign(&[member("MA")]);
    running.accept(&operator, signed).await;
    running.stop().await;
    assert_eq!(fsck(&world.path()).await.unwrap().findings, []);
}
