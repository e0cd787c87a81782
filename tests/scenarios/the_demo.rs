//! `cargo demo`, as the README shows it: unattended, and with keys.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use multaqa_demo::process::{Output, Program};
use serde_json::Value;

use crate::{PROGRAM, foreign};

fn demo(args: &[&str], typed: &str) -> Output {
    // The program is the demo itself where its first argument names no binary.
    Program::new(PROGRAM).run(args[0], &args[1..], Some(typed)).unwrap()
}

/// The directory that the demo named.
fn directory(shown: &str) -> &str {
    let hub = shown.lines().find_map(|line| line.split_once("/ca").map(|(before, _)| before)).unwrap();
    &hub[hub.find('/').unwrap()..]
}

#[test]
fn unattended_it_exits_when_every_replica_has_the_hubs_root() {
    let output = demo(&["--exit-when-ready", "--lang", "ar"], "").ok().unwrap();
    let roots: Vec<&str> = output
        .stdout
        .lines()
        .filter_map(|line| line.trim().strip_prefix("\u{2713} ")?.split_whitespace().nth(2))
        .collect();
    assert_eq!(roots.len(), 6, "{}", output.stdout);
    assert!(roots.iter().all(|root| root.len() == 64 && *root == roots[0]), "{roots:?}");
    assert!(output.stdout.contains("النسخ") || output.stdout.contains("الجذور"), "{}", output.stdout);
    assert!(!Path::new(directory(&output.stdout)).exists(), "its temporary directory is gone");
}

#[test]
fn the_line_for_a_member_system_works_as_it_is_shown() {
    let mut demo =
        Command::new(PROGRAM).args(["--lang", "en"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let shown = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = shown.into_iter().find(|line| line.starts_with("  curl --cacert ")).unwrap();
    let output = foreign(Command::new("sh").args(["-c", &format!("{line} --silent")]));
    demo.stdin.take().unwrap().write_all(b"q\n").unwrap();
    assert!(demo.wait().unwrap().success());
    let Some(output) = output.filter(|output| output.status.code() != Some(127)) else {
        assert!(std::env::var("CI").is_err(), "CI must have curl");
        return;
    };
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let objects = listed["objects"].as_array().unwrap();
    assert_eq!(objects.len(), 3, "{listed}");
    assert!(objects.iter().all(|object| object["member"] == "EG"), "of other countries too: {listed}");
}

#[test]
fn keys_cut_a_country_publish_there_and_reconnect_it() {
    let output = demo(&["--lang", "en"], "c 2\np JO\ns\np 9\nr 2\nsomething else\nq\n").ok().unwrap();
    let shown = &output.stdout;
    let lines = [
        "The line of JO is cut",
        "JO has published a revision of JO:service:",
        "JO: ",
        "The line of JO is back",
        "Keys, each followed by Enter",
    ];
    let places: Vec<_> =
        lines.iter().map(|line| shown.find(line).unwrap_or_else(|| panic!("{line}: {shown}"))).collect();
    assert!(places[0] < places[1] && places[1] < places[3], "{shown}");
    let published = shown.lines().find(|line| line.contains("JO has published")).unwrap();
    assert!(published.ends_with("waiting to be sent: 1"), "{published}");
    assert!(output.stderr.contains("DEMO_MEMBER_UNKNOWN"), "{}", output.stderr);
}
