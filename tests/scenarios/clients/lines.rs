//! The lines that `client` prints, pasted into a shell as they are.
//!
//! curl and buf must be there in CI. grpcurl, which is in no registry that CI has, is run where the machine has it.

use std::ffi::OsStr;
use std::process::{Command, Output};

use multaqa_tests::World;
use serde_json::Value;

use super::text;
use crate::home;

/// Programs whose line is printed, and whether CI must have them.
const PROGRAMS: [(&str, bool); 3] = [("curl", true), ("buf", true), ("grpcurl", false)];

/// Those of `client add`, wherever they are run, and those of `client show`, where the system keeps its files.
pub(super) fn the_lines_that_are_printed_work(world: &World, issued: &Value) {
    let shown = world.json("JO", &["client", "show", "mof/figures"]);
    for (program, needed) in PROGRAMS {
        for printed in [issued, &shown] {
            let line = text(printed, &format!("/commands/{program}"));
            assert!(line.starts_with(program) && line.contains(text(issued, "/port/endpoint")), "{line}");
            let output = pasted(world, line);
            if output.status.code() == Some(127) {
                assert!(!needed || std::env::var("CI").is_err(), "CI must have {program}");
                eprintln!("skipped: {program} is not installed");
                continue;
            }
            assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
            let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert!(listed["objects"].as_array().is_some_and(|objects| !objects.is_empty()), "{line}: {listed}");
        }
    }
}

fn pasted(world: &World, line: &str) -> Output {
    let tools = home().join("target/ci-tools/node_modules/.bin").into_os_string();
    let path = [std::env::var_os("PATH").unwrap_or_default(), tools].join(OsStr::new(":"));
    Command::new("sh").args(["-c", line]).current_dir(world.scratch()).env("PATH", path).output().unwrap()
}
