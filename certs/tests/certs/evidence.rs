//! `verify-evidence`, run as a program, on files as nodes write them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use multaqa_proto::evidence::{ControlLeaf, Held, Report, Sent};
use multaqa_proto::hash::Hash;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::number::{Epoch, LogNumber, TreeSize};
use serde_json::Value;

use super::federation::{Federation, key};

fn run(path: &Path, genesis: &str, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_multaqa-certs"))
        .args(["verify-evidence", &path.display().to_string(), "--genesis", genesis])
        .args(more)
        .env_remove("MULTAQA_LANG")
        .env("LANG", "C")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A federation in which MA reads, and MA's file on a second log of the size that it holds.
fn forked() -> (Federation, Report) {
    let mut f = Federation::new(1);
    f.join("SA", "state", 10);
    f.join("MA", "state", 20);
    let (reader, _) = f.reader("MA").accept(&f.frame("MA", TreeSize(0))).unwrap();
    let other = Checkpoint { log: LogNumber(1), size: reader.size(), root: Hash::of(b"another history") };
    let note = other.sign(f.state.directory().federation(), &f.log_key);
    let control = f.entries.iter().map(|(_, entry)| ControlLeaf { entry: entry.clone(), seal_time_ms: 0 }).collect();
    let report = Report {
        genesis: f.state.directory().genesis(),
        log: LogNumber(1),
        reporter: "MA/gw1".parse().unwrap(),
        epoch: Epoch(1),
        caught_at_ms: 1_777_629_600_000,
        code: "ROOT_WRONG".to_owned(),
        args: BTreeMap::from([("size".to_owned(), reader.size().to_string())]),
        held: Held::of(&reader, control, None),
        sent: Sent::Checkpoints { notes: vec![note], prefix: None },
    };
    (f, report)
}

#[test]
fn what_is_proven_and_what_is_claimed_is_said_in_three_languages() {
    let (f, report) = forked();
    let genesis = f.state.directory().genesis().to_string();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("caught.mqe");
    std::fs::write(&path, report.sign(&key(21))).unwrap();

    let output = run(&path, &genesis, &[]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let order = [
        "MA/gw1 reports that at 2026-05-01T10:00:00Z",
        "Proven by",
        "two different logs of",
        "Claimed by",
        "(ROOT_WRONG)",
    ];
    let places: Vec<_> = order.iter().map(|part| said.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{said}");
    assert!(said.ends_with("whoever hands it over.\n"), "{said}");
    for (lang, part) in [("ar", "شعّبت المنصة المركزية السجل"), ("fr", "a dédoublé le journal")]
    {
        let said = text(&run(&path, &genesis, &["--lang", lang]).stdout);
        assert!(said.contains(part) && !said.contains("Proven"), "{said}");
    }
    let json: Value = serde_json::from_slice(&run(&path, &genesis, &["--json"]).stdout).unwrap();
    assert_eq!(
        (&json["ok"], &json["proves_misbehaviour"], &json["code"]),
        (&true.into(), &true.into(), &"ROOT_WRONG".into())
    );
    assert_eq!(json["proven"][0]["finding"], "forked", "{json}");
    assert_eq!(json["claimed"][0]["finding"], "shown", "{json}");
    // The genesis in a file.
    std::fs::write(dir.path().join("genesis"), &genesis).unwrap();
    assert_eq!(run(&path, &dir.path().join("genesis").display().to_string(), &[]).status.code(), Some(0));
}

#[test]
fn what_was_altered_or_is_anothers_is_refused_with_its_code() {
    let (f, report) = forked();
    let genesis = f.state.directory().genesis().to_string();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("caught.mqe");
    let refused = |text_of_file: &[u8], genesis: &str, code: &str| {
        std::fs::write(&path, text_of_file).unwrap();
        let output = run(&path, genesis, &[]);
        let said = text(&output.stderr);
        assert_eq!((output.status.code(), said.contains(code)), (Some(1), true), "{code}: {said}");
        assert!(output.stdout.is_empty());
    };
    let good = report.sign(&key(21)).into_bytes();
    for at in (0..good.len()).step_by(good.len() / 12) {
        let mut altered = good.clone();
        altered[at] ^= 1;
        refused(&altered, &genesis, "EVIDENCE_FILE_");
    }
    refused(&good[..good.len() - 30], &genesis, "EVIDENCE_FILE_ALTERED");
    refused(report.sign(&key(11)).as_bytes(), &genesis, "EVIDENCE_FILE_SIGNER_OTHER");
    refused(&good, &Hash::of(b"another").to_string(), "EVIDENCE_FILE_GENESIS_OTHER");
    refused(&good, "not-a-genesis-file", "STORE_FILE_MISSING");
    let mut left_out = report.clone();
    left_out.held.as_mut().unwrap().control.pop();
    refused(left_out.sign(&key(21)).as_bytes(), &genesis, "EVIDENCE_FILE_CONTRADICTS");
}
