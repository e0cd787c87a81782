//! The command lines: help for every verb, exit codes, configuration with origins, errors in three languages.

use std::fs;
use std::path::Path;

use multaqa_demo::dispatch::BINARIES;
use multaqa_demo::process::{Output, Program};
use serde_json::Value;
use tempfile::TempDir;

use crate::PROGRAM;

fn run(binary: &str, args: &[&str]) -> Output {
    Program::new(PROGRAM).run(binary, args, None).unwrap()
}

fn run_with(binary: &str, variable: (&str, &str), args: &[&str]) -> Output {
    Program::new(PROGRAM).with(variable.0, variable.1).run(binary, args, None).unwrap()
}

/// The verbs that a program's help lists.
fn verbs(binary: &str) -> Vec<String> {
    let help = run(binary, &["--help"]).ok().unwrap().stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    listed
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|verb| verb != "help")
        .collect()
}

#[test]
fn every_verb_explains_itself() {
    for binary in BINARIES {
        let verbs = verbs(binary);
        assert!(verbs.len() >= 5, "{binary}: {verbs:?}");
        for verb in verbs {
            let help = run(binary, &[&verb, "--help"]).ok().unwrap().stdout;
            assert!(help.contains("Usage:"), "{binary} {verb}: {help}");
        }
        assert!(run(binary, &["--version"]).ok().unwrap().stdout.starts_with(binary));
        assert!(run(binary, &["completions", "bash"]).ok().unwrap().stdout.contains(binary));
    }
}

#[test]
fn the_verbs_are_those_that_were_promised() {
    let promised = [
        ("multaqa-hub", &["init", "serve", "invite", "members", "group", "approve", "status", "fsck", "config"][..]),
        (
            "multaqa-node",
            &[
                "join", "serve", "publish", "withdraw", "approve", "status", "list", "get", "history", "queue", "fsck",
                "config",
            ],
        ),
        ("multaqa-certs", &["init", "issue", "inspect", "verify", "verify-record", "fingerprint"]),
    ];
    for (binary, expected) in promised {
        let found = verbs(binary);
        assert!(expected.iter().all(|verb| found.iter().any(|found| found == verb)), "{binary}: {found:?}");
    }
}

#[test]
fn wrong_use_is_2_a_failure_is_1() {
    let dir = TempDir::new().unwrap();
    let nowhere = dir.path().join("nowhere").to_string_lossy().into_owned();
    for binary in BINARIES {
        assert_eq!(run(binary, &["no-such-verb"]).code, Some(2), "{binary}");
        assert_eq!(run(binary, &[]).code, Some(2), "{binary}");
    }
    assert_eq!(run("multaqa-node", &["get"]).code, Some(2));
    assert_eq!(run("multaqa-node", &["status", "--dir", &nowhere]).code, Some(1));
    assert_eq!(run("multaqa-hub", &["fsck", "--dir", &nowhere]).code, Some(1));
    assert_eq!(run("multaqa-certs", &["inspect", &nowhere]).code, Some(1));
}

/// A configuration file of each server, and the flags that name it.
fn configured(dir: &Path, binary: &str, text: &str) -> Vec<String> {
    let file = dir.join(format!("{}.toml", &binary["multaqa-".len()..]));
    fs::write(&file, text).unwrap();
    ["config", "show", "--json", "--config", &file.to_string_lossy()].map(str::to_owned).into()
}

fn show(args: &[String], variable: Option<(&str, &str)>, binary: &str) -> Output {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    variable.map_or_else(|| run(binary, &args), |variable| run_with(binary, variable, &args))
}

#[test]
fn a_bad_configuration_is_7_and_named_with_file_and_key() {
    for binary in ["multaqa-hub", "multaqa-node"] {
        let dir = TempDir::new().unwrap();
        let args = configured(dir.path(), binary, "no_such_key = 1\n");
        let output = show(&args, None, binary);
        assert_eq!(output.code, Some(7), "{binary}: {}", output.stderr);
        for expected in ["CONFIG_UNKNOWN_KEY", "no_such_key", ".toml"] {
            assert!(output.stderr.contains(expected), "{binary}: {}", output.stderr);
        }
        let args = configured(dir.path(), binary, "");
        let output = show(&args, Some(("MULTAQA_NO_SUCH_KEY", "1")), binary);
        assert_eq!(output.code, Some(7), "{binary}: {}", output.stderr);
        assert!(output.stderr.contains("MULTAQA_NO_SUCH_KEY"), "{binary}: {}", output.stderr);
        let args = configured(dir.path(), binary, "this is no TOML\n");
        assert_eq!(show(&args, None, binary).code, Some(7), "{binary}");
    }
}

#[test]
fn every_value_is_shown_with_its_origin() {
    for binary in ["multaqa-hub", "multaqa-node"] {
        let dir = TempDir::new().unwrap();
        let args = configured(dir.path(), binary, "[log]\nfilter = \"warn\"\n");
        let drop_ins = dir.path().join(format!("{}.toml.d", &binary["multaqa-".len()..]));
        fs::create_dir(&drop_ins).unwrap();
        let output = show(&args, None, binary).ok().unwrap();
        let shown: Value = serde_json::from_str(&output.stdout).unwrap();
        let origins: Vec<&str> = shown.as_array().unwrap().iter().filter_map(|line| line["origin"].as_str()).collect();
        assert!(origins.iter().any(|origin| origin.contains(".toml")), "{binary}: {origins:?}");
        assert!(origins.contains(&"default"), "{binary}: {origins:?}");

        fs::write(drop_ins.join("10-local.toml"), "[log]\nfilter = \"error\"\n").unwrap();
        let output = show(&args, None, binary).ok().unwrap();
        assert!(output.stdout.contains("10-local.toml"), "{binary}: {}", output.stdout);
        let output = show(&args, Some(("MULTAQA_LOG__FILTER", "debug")), binary).ok().unwrap();
        assert!(output.stdout.contains("MULTAQA_LOG__FILTER"), "{binary}: {}", output.stdout);
        let args: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--json").collect();
        let table = run(binary, &[&args[..], &["--lang", "en"]].concat()).ok().unwrap().stdout;
        assert!(table.starts_with("KEY") && table.contains("ORIGIN"), "{binary}: {table}");
        let table = run_with(binary, ("MULTAQA_LANG", "ar"), &args).ok().unwrap().stdout;
        assert!(table.contains("القيمة المبدئية") && !table.contains("ORIGIN"), "{binary}: {table}");
    }
}

#[test]
fn errors_are_told_in_three_languages_with_the_way_out() {
    let dir = TempDir::new().unwrap();
    let nowhere = dir.path().join("nowhere").to_string_lossy().into_owned();
    let commands = [
        ("multaqa-hub", vec!["fsck", "--dir", &nowhere]),
        ("multaqa-node", vec!["status", "--dir", &nowhere]),
        ("multaqa-certs", vec!["inspect", &nowhere]),
    ];
    for (binary, args) in commands {
        let said = ["ar", "en", "fr"].map(|lang| {
            let by_flag = run(binary, &[&args[..], &["--lang", lang]].concat());
            let by_variable = run_with(binary, ("MULTAQA_LANG", lang), &args);
            assert_eq!((by_flag.code, &by_flag.stderr), (Some(1), &by_variable.stderr), "{binary} {lang}");
            by_flag.stderr
        });
        let arabic = said[0].chars().filter(|c| ('\u{0621}'..='\u{064a}').contains(c)).count();
        assert!(arabic > 20, "{binary}: {}", said[0]);
        assert!(said[0] != said[1] && said[1] != said[2], "{binary}: {said:?}");
        let code = |text: &str| {
            text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'))
                .find(|word| word.contains('_') && word.len() > 5)
                .map(str::to_owned)
        };
        assert!(
            code(&said[1]).is_some() && code(&said[0]) == code(&said[1]) && code(&said[1]) == code(&said[2]),
            "{said:?}"
        );
        assert!(said.iter().all(|text| text.trim_end().lines().count() > 1), "{binary} says what to do next: {said:?}");
    }
}

/// Failures of all kinds and programs: wrong use, bad configuration, missing files, nobody there.
#[test]
fn with_json_every_failure_is_one_object_on_standard_error() {
    let dir = TempDir::new().unwrap();
    let nowhere = dir.path().join("nowhere").to_string_lossy().into_owned();
    let bad = dir.path().join("bad.toml").to_string_lossy().into_owned();
    fs::write(&bad, "[log]\nno_such_key = 1\n").unwrap();
    let failures: [(&str, &[&str], i32, &str); 12] = [
        ("multaqa-hub", &["no-such-verb"], 2, "USAGE_WRONG"),
        ("multaqa-node", &["list", "--limit", "0"], 2, "USAGE_WRONG"),
        ("multaqa-certs", &["issue"], 2, "USAGE_WRONG"),
        ("multaqa-hub", &["fsck", "--dir", &nowhere], 1, "HUB_STORE_MISSING"),
        ("multaqa-hub", &["status", "--operator-dir", &nowhere], 1, "OPERATOR_DIR_WRONG"),
        ("multaqa-hub", &["members"], 2, "OPERATOR_DIR_MISSING"),
        ("multaqa-hub", &["config", "check", "--config", &bad], 7, "CONFIG_UNKNOWN_KEY"),
        ("multaqa-node", &["config", "check", "--config", &bad], 7, "CONFIG_UNKNOWN_KEY"),
        ("multaqa-node", &["config", "check", "--dir", &nowhere], 7, "CONFIG_HUB_MISSING"),
        ("multaqa-node", &["status", "--dir", &nowhere], 1, "NODE_NOT_RUNNING"),
        ("multaqa-node", &["join", "--key-file", &nowhere, "--dir", &nowhere], 1, "PATH_UNREADABLE"),
        ("multaqa-certs", &["inspect", &nowhere], 1, "STORE_FILE_MISSING"),
    ];
    for (binary, args, code, expected) in failures {
        for lang in ["ar", "en", "fr"] {
            let output = run(binary, &[args, &["--json", "--lang", lang]].concat());
            assert_eq!(
                (output.code, output.stdout.as_str()),
                (Some(code), ""),
                "{}: {}",
                output.command,
                output.stderr
            );
            let told: Value = serde_json::from_str(&output.stderr).unwrap_or_else(|_| panic!("{}", output.stderr));
            let keys: Vec<&String> = told.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["act", "args", "at", "code", "findings", "level", "next", "text"], "{}", output.command);
            assert_eq!((&told["code"], &told["level"]), (&expected.into(), &"error".into()), "{}", output.command);
            let told = |name: &str| told[name].as_str().unwrap().to_owned();
            assert!(!told("text").is_empty() && told("next").contains(['`', ':']), "{}", output.stderr);
            let arabic = told("text").chars().any(|c| ('\u{0621}'..='\u{064a}').contains(&c));
            assert_eq!(arabic, lang == "ar", "{}", output.stderr);
        }
    }
    let output = run("multaqa-hub", &["config", "check", "--config", &bad, "--json"]);
    let told: Value = serde_json::from_str(&output.stderr).unwrap();
    assert_eq!((&told["at"]["file"], &told["at"]["field"]), (&bad.as_str().into(), &"log.no_such_key".into()));
    let sound = run("multaqa-hub", &["config", "check", "--json"]).ok().unwrap().stdout;
    assert_eq!(serde_json::from_str::<Value>(&sound).unwrap()["ok"], true);
}

#[test]
fn what_the_machine_says_is_said_in_the_readers_language_too() {
    let dir = TempDir::new().unwrap();
    let nowhere = dir.path().join("nowhere").to_string_lossy().into_owned();
    let join = ["join", "--key-file", &nowhere, "--dir", &nowhere, "--lang"];
    let said = ["ar", "en", "fr"].map(|lang| run("multaqa-node", &[&join[..], &[lang]].concat()).stderr);
    assert!(said[0].contains("لا وجود له (No such file or directory (os error 2))"), "{}", said[0]);
    assert!(said[1].contains("cannot be read: No such file or directory (os error 2)."), "{}", said[1]);
    assert!(said[2].contains("introuvable (No such file or directory (os error 2))"), "{}", said[2]);
}

#[test]
fn programs_on_one_machine_share_an_environment() {
    let show = ["config", "show", "--json"];
    let filter = |output: Output| -> (String, String) {
        let shown: Value = serde_json::from_str(&output.ok().unwrap().stdout).unwrap();
        let line = shown.as_array().unwrap().iter().find(|line| line["key"] == "log.filter").unwrap().clone();
        (line["value"].as_str().unwrap().to_owned(), line["origin"].as_str().unwrap().to_owned())
    };
    let others = [("multaqa-hub", "MULTAQA_NODE__DIR"), ("multaqa-node", "MULTAQA_HUB__LISTEN")];
    for (binary, foreign) in others {
        assert_eq!(run_with(binary, (foreign, "/x"), &show).code, Some(0), "{binary} {foreign}");
        let flag = filter(run_with(binary, ("MULTAQA_LOG", "warn"), &[&show[..], &["--log", "debug"]].concat()));
        assert_eq!(flag, ("debug".to_owned(), "--log".to_owned()), "{binary}");
        let variable = filter(run_with(binary, ("MULTAQA_LOG", "warn"), &show));
        assert_eq!(variable, ("warn".to_owned(), "MULTAQA_LOG".to_owned()), "{binary}");
    }
    assert_eq!(run_with("multaqa-hub", ("MULTAQA_HUB__LIMITS__CONNECTIONS", "7"), &show).code, Some(0));
    for (binary, own) in [("multaqa-hub", "MULTAQA_HUB__LISTNE"), ("multaqa-node", "MULTAQA_NODE__DRI")] {
        assert_eq!(run_with(binary, (own, "x"), &show).code, Some(7), "{binary} {own}");
    }
    let bad = run("multaqa-hub", &["config", "check", "--log", "a=b=c", "--json"]);
    assert!(bad.code == Some(7) && bad.stderr.contains("CONFIG_BAD_LOG_FILTER"), "{}", bad.stderr);
}

#[test]
fn a_wrong_directory_is_named_as_such() {
    let dir = TempDir::new().unwrap();
    let here = dir.path().to_string_lossy().into_owned();
    let file = dir.path().join("hub.toml").to_string_lossy().into_owned();
    fs::write(&file, format!("dir = {here:?}\n")).unwrap();
    let wrong: [(&[&str], &str); 4] = [
        (&["status", "--operator-dir", &here], "OPERATOR_DIR_WRONG"),
        (&["allow", "--dir", &here, "--certificate", &file], "HUB_DIR_WRONG"),
        (&["serve", "--config", &file], "HUB_DIR_WRONG"),
        (&["fsck", "--dir", &here], "HUB_STORE_MISSING"),
    ];
    for (args, code) in wrong {
        let output = run("multaqa-hub", &[args, &["--lang", "en"]].concat());
        assert!(output.code == Some(1) && output.stderr.contains(&format!("({code})\n")), "{}", output.stderr);
        assert!(
            output.stderr.contains("who must act: an operator") && output.stderr.contains("`multaqa-hub init`"),
            "{}",
            output.stderr
        );
    }
}
