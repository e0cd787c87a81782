//! The golden vectors are what the design says: a second implementation makes them again, byte for byte.

use std::process::Command;

use crate::home;

#[test]
fn the_vectors_are_those_that_the_generator_makes() {
    let script = home().join("proto/vectors/generate.py");
    let output = Command::new("python3").arg(script).arg("--check").output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
