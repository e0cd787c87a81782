//! Cosigning: what is taken of whom, what is told to whom, and what a restart keeps.

use multaqa_proto::log::cosignature::{sign as cosign, witness_name};
use multaqa_proto::log::note;
use multaqa_proto::log::witness::Cosigned;
use multaqa_proto::wire::hub::tail_response::Event;

use super::*;

/// The newest checkpoint that a seal ends, with the reader at it.
async fn sealed(world: &World, node: &Node) -> (Intake, String) {
    world.hand.set(world.clock.now_ms() + 2_000);
    world.operator().await.submit(notice()).await.unwrap();
    let mut stream = node.sync(world).await.tail(wire::TailRequest { log: 1, from: 0 }).await.unwrap().into_inner();
    let mut intake = node.intake(world);
    loop {
        if let Event::Frame(frame) = stream.message().await.unwrap().unwrap().event.unwrap() {
            let (next, taken) = intake.accept(&frame).unwrap();
            intake = next;
            let newest = node.hello(world, 1).await.unwrap().checkpoint;
            if matches!(taken.last().unwrap().what, What::Seal(_)) && newest == intake.checkpoint() {
                return (intake, newest);
            }
        }
    }
}

fn notice() -> Act {
    let text = names(&[("ar".to_owned(), "إشعار".to_owned())]);
    Act::new("notice", "n", &kind::Notice { level: "info".to_owned(), text })
}

/// The note with a line of this node, by this key, at this time.
fn cosigned(checkpoint: &str, by: &Node, key: &SigningKey, time_s: i64) -> String {
    let name = witness_name(&"multaqa.example".parse().unwrap(), &by.member, &node_name());
    let (text, _) = note::split(checkpoint).unwrap();
    format!("{checkpoint}{}", cosign(&name, key, time_s.unsigned_abs(), text))
}

async fn hand_in(world: &World, node: &Node, checkpoint: &str) -> Result<(), Status> {
    let request = wire::CosignRequest { checkpoint: checkpoint.to_owned() };
    node.sync(world).await.cosign(request).await.map(drop)
}

/// What a new reader is told first.
async fn told(world: &World, node: &Node) -> Vec<String> {
    let from = node.hello(world, 1).await.unwrap().checkpoint.lines().nth(1).unwrap().parse().unwrap();
    let mut stream = node.sync(world).await.tail(wire::TailRequest { log: 1, from }).await.unwrap().into_inner();
    loop {
        match stream.message().await.unwrap().unwrap().event.unwrap() {
            Event::Cosigned(wire::Cosigned { checkpoints }) => return checkpoints,
            Event::Frame(_) | Event::Heartbeat(_) => {}
        }
    }
}

#[tokio::test]
async fn what_is_no_cosignature_of_the_peer_over_a_sealed_checkpoint_is_refused() {
    let world = World::witnessed_by(&["JO", "EG"]).await;
    let (jordan, morocco) = (world.state("JO").await, world.state("MA").await);
    let (_, note) = sealed(&world, &jordan).await;
    let now_s = world.clock.now_ms() / 1_000;
    let code_of = async |node: &Node, checkpoint: &str| refused(hand_in(&world, node, checkpoint).await);
    let good = |time_s| cosigned(&note, &jordan, &jordan.witness, time_s);

    let of_others = cosigned(&note, &morocco, &morocco.witness, now_s);
    assert_eq!(code_of(&morocco, &of_others).await, code(Code::PermissionDenied, "COSIGNER_NOT_WITNESS"));
    let bad = code(Code::InvalidArgument, "COSIGNATURE_BAD");
    assert_eq!(code_of(&jordan, &note).await, bad, "the log's line alone");
    assert_eq!(code_of(&jordan, &cosigned(&note, &jordan, &jordan.key, now_s)).await, bad, "the record key");
    assert_eq!(code_of(&jordan, &of_others).await, bad, "another node's line");
    assert_eq!(code_of(&jordan, "").await, bad);
    let unsigned = good(now_s).replacen("multaqa.example/log/1 ", "multaqa.example/log/2 ", 1);
    assert_eq!(code_of(&jordan, &unsigned).await, bad, "without the log's line");
    let genesis_checkpoint = {
        let store = crate::store::Store::open(&world.home.path().join("hub/hub.db")).await.unwrap();
        let batch = store.batch_ending_at(multaqa_proto::number::TreeSize(1)).await.unwrap().unwrap();
        store.close().await;
        batch.checkpoint
    };
    assert_eq!(code_of(&jordan, &cosigned(&genesis_checkpoint, &jordan, &jordan.witness, now_s)).await, bad, "no seal");
    let time = code(Code::InvalidArgument, "COSIGNATURE_TIME");
    assert_eq!(code_of(&jordan, &good(now_s - 301)).await, time);
    assert_eq!(code_of(&jordan, &good(now_s + 301)).await, time);
    hand_in(&world, &jordan, &good(now_s)).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_note_by_the_log_key_with_another_root_is_refused_as_another_history() {
    let world = World::witnessed_by(&["JO"]).await;
    let jordan = world.state("JO").await;
    let (intake, _) = sealed(&world, &jordan).await;
    let log_key = multaqa_certs::store::load_ed25519(&world.home.path().join("hub/log.key")).unwrap();
    let (size, root) = (intake.size(), Hash([9; 32]));
    let other = multaqa_proto::log::checkpoint::Checkpoint { log: LogNumber(1), size, root };
    let other = other.sign(&"multaqa.example".parse().unwrap(), &log_key);
    let other = cosigned(&other, &jordan, &jordan.witness, world.clock.now_ms() / 1_000);
    let refusal = refused(hand_in(&world, &jordan, &other).await);
    assert_eq!(refusal, code(Code::FailedPrecondition, "CURSOR_FORKED"));
    world.stop().await;
}

#[tokio::test]
async fn cosignatures_are_counted_told_to_new_readers_and_kept_over_a_restart() {
    let world = World::witnessed_by(&["JO", "EG"]).await;
    let (jordan, egypt, morocco) = (world.state("JO").await, world.state("EG").await, world.state("MA").await);
    let (intake, note) = sealed(&world, &jordan).await;
    let now_s = world.clock.now_ms() / 1_000;
    let standing = async |world: &World| world.operator().await.policy().await.unwrap().witnessing.unwrap();
    let size = intake.size().0;

    hand_in(&world, &jordan, &cosigned(&note, &jordan, &jordan.witness, now_s)).await.unwrap();
    let found = standing(&world).await;
    assert_eq!((found.states, found.quorum, found.witnessed, found.stable), (2, 2, size, 0));
    assert_eq!((found.witnesses[0].silent, found.witnesses[1].silent), (true, false), "EG is silent");
    hand_in(&world, &egypt, &cosigned(&note, &egypt, &egypt.witness, now_s)).await.unwrap();
    assert_eq!(standing(&world).await.stable, size);

    let notes = told(&world, &morocco).await;
    assert_eq!(notes.len(), 1, "one note with two lines");
    let opened = Cosigned::open(&notes[0], intake.directory().unwrap()).unwrap();
    let by: Vec<_> = opened.cosignatures.iter().map(|found| (found.witness.to_string(), found.time_s)).collect();
    assert_eq!(by, [("EG/gw1".to_owned(), now_s.unsigned_abs()), ("JO/gw1".to_owned(), now_s.unsigned_abs())]);

    let world = world.restart().await;
    assert_eq!(standing(&world).await.stable, size);
    assert_eq!(told(&world, &morocco).await, notes);
    world.stop().await;
}

#[tokio::test]
async fn who_follows_is_told_of_a_new_cosignature_within_a_round() {
    let world = World::witnessed_by(&["JO", "EG"]).await;
    let (jordan, egypt) = (world.state("JO").await, world.state("EG").await);
    let (intake, note) = sealed(&world, &jordan).await;
    let request = wire::TailRequest { log: 1, from: intake.size().0 };
    let mut stream = egypt.sync(&world).await.tail(request).await.unwrap().into_inner();
    let now_s = world.clock.now_ms() / 1_000;
    hand_in(&world, &jordan, &cosigned(&note, &jordan, &jordan.witness, now_s)).await.unwrap();
    let event = stream.message().await.unwrap().unwrap().event.unwrap();
    let Event::Cosigned(wire::Cosigned { checkpoints }) = event else { panic!("{event:?}") };
    assert!(checkpoints[0].contains("multaqa.example/witness/JO/gw1 "), "{checkpoints:?}");
    world.stop().await;
}
