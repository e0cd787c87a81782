//! A join whose line breaks, at whatever byte, is repeated with the same key in the same directory until it is done. Nobody
//! else's join is needed, and the log holds one key record.

use multaqa_demo::link::Direction;
use multaqa_proto::log::leaf::Leaf;
use multaqa_proto::record::statement::Statement;
use multaqa_tests::checker;

use crate::world;

/// After so many bytes the line is cut: in the handshakes, between them, in each call and in each answer.
const TO_HUB: [usize; 7] = [0, 1, 300, 1_400, 2_500, 3_500, 4_500];
const TO_NODE: [usize; 8] = [0, 1, 700, 1_500, 2_700, 3_300, 4_200, 5_200];

#[test]
fn a_join_that_breaks_at_any_byte_can_be_repeated() {
    let mut world = world(&["JO"]);
    let join_key = world.federation_mut().invite("EG", "gw1", &[]).unwrap();
    let cuts = TO_HUB.map(|bytes| (Direction::ToHub, bytes)).into_iter();
    let cuts = cuts.chain(TO_NODE.map(|bytes| (Direction::ToNode, bytes)));
    let (mut broken, mut joined) = (0, false);
    for (direction, bytes) in cuts {
        world.node("EG").link().cut_after(direction, bytes);
        let output = world.node("EG").try_join(&join_key).unwrap();
        world.node("EG").link().restore();
        if output.code == Some(0) {
            joined = true;
            continue;
        }
        assert!(!joined, "{direction:?} {bytes}: a node that has joined needs no line: {}", output.stderr);
        assert_eq!(output.code, Some(1), "{direction:?} {bytes}: {}", output.stderr);
        assert!(output.stderr.contains("multaqa-node"), "it says what to type: {}", output.stderr);
        broken += 1;
    }
    // What is left of the last allowance goes with a cut.
    world.node("EG").link().cut();
    world.node("EG").link().restore();
    assert!(broken >= 10, "only {broken} joins were broken");
    world.node("EG").join(&join_key).unwrap();
    world.node_mut("EG").start().unwrap();
    world.settle();
    let log = checker::entries(&world.hub().dir().join("hub.db"));
    let statements = log.iter().filter_map(|entry| Statement::parse(&Leaf::parse(&entry.leaf).unwrap().body).ok());
    assert_eq!(statements.filter(|statement| statement.writer.to_string() == "EG/gw1").count(), 1);
    checker::check(&mut world);
}
