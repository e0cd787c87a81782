//! What witnesses cost: the fan-out while subscribers cosign and one asks for proofs, against the same without.
//!
//! Two federations stand side by side, one whose policy names all states as witnesses and one that names none. The same load is
//! published to their readers (`readers`) in turn, never to both at once, and the medians are compared. Each subscriber of a
//! state cosigns every sealed checkpoint that it was sent, the full node as nodes do; ten proofs a second are asked for.
//! Out of scope: what the fan-out is of what the machine can do (`fan_out`).

use multaqa_demo::members;

use crate::Setting;
use crate::readers::{Readers, Run};
use crate::report::{Aim, Figure};

/// Records of one run: a third of those of the large replicas, so that several checkpoints are sealed meanwhile.
const SHARE: usize = 3;
/// Whether each run is the one that is cosigned: what gets slower or faster with time counts for both.
const COSIGNED: [bool; 6] = [false, true, true, false, false, true];

/// Runs the bench.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    let states: Vec<String> =
        members::all().unwrap().into_iter().filter(|m| m.class == "state").map(|m| m.code).collect();
    let states: Vec<&str> = states.iter().map(String::as_str).collect();
    let (mut plain, mut witnessed) = (Readers::of(setting, &[]), Readers::of(setting, &states));
    let count = setting.records / SHARE;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for cosigned in COSIGNED {
        let (readers, runs) = if cosigned { (&mut witnessed, &mut with) } else { (&mut plain, &mut without) };
        let records = readers.sign(&["states"], true, count);
        runs.push(readers.publish(records));
    }
    let seconds: f64 = with.iter().map(|run| run.elapsed().as_secs_f64()).sum();
    let cosignatures: usize = with.iter().map(|run| run.beside.cosignatures).sum();
    let proofs: usize = with.iter().map(|run| run.beside.proofs).sum();
    assert!(cosignatures > 0, "nobody cosigned in {seconds:.1} s: too few records for a sealed checkpoint?");
    assert!(proofs > 0, "no proof was answered in {seconds:.1} s");
    let figure = Figure::new("fan-out while states cosign", median(&with), "deliveries/s")
        .against("the same in a federation without witnesses", median(&without))
        .aim(Aim::RatioAtLeast(0.9))
        .note(format!(
            "{cosignatures} cosignatures of subscribers taken and {proofs} proofs answered in {seconds:.1} s measured, \
             {} states as witnesses",
            states.len()
        ))
        .note(format!("{count} records a run; with cosigning {}; without {}", each(&with), each(&without)));
    vec![figure]
}

/// The middle one of an odd number.
fn median(runs: &[Run]) -> f64 {
    let mut rates: Vec<f64> = runs.iter().map(Run::deliveries_a_second).collect();
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn each(runs: &[Run]) -> String {
    let rates: Vec<String> = runs.iter().map(|run| format!("{:.0}", run.deliveries_a_second())).collect();
    rates.join(", ")
}
