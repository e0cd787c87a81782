//! A log 2 that does not succeed log 1: too few decided it, or others, or it is another closing, another tree, another place.

use multaqa_tests::hostile::deed::SUCCESSIONS;

use super::play;
use super::stage::Stage;

#[test]
fn a_log_that_does_not_succeed_the_one_that_is_followed_is_refused_with_evidence() {
    let victims = ["EG", "MA"];
    let mut stage = Stage::build(&victims);
    stage.keep_cosignatures();
    stage.go_on();
    for deeds in SUCCESSIONS.chunks(victims.len()) {
        let places: Vec<_> = victims.into_iter().zip(deeds.iter().copied()).collect();
        play(&mut stage, &places);
    }
}
