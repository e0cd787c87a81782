//! The golden vectors are what the design says: a second implementation makes them again, byte for byte, where there is
//! a Python 3; CI must have one.

use std::process::Command;

use crate::{foreign, home};

#[test]
fn the_vectors_are_those_that_the_generator_makes() {
    let script = home().join("proto/vectors/generate.py");
    let Some(output) = foreign(Command::new("python3").arg(script).arg("--check")) else { return };
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
