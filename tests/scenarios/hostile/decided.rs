//! What is asked of a node that caught the hub, and of the file that it wrote.

use std::fs;
use std::path::{Path, PathBuf};

use multaqa_demo::node::Node;
use multaqa_demo::process::{Output, Program};
use multaqa_tests::SOON;
use multaqa_tests::hostile::deed::{Caught, Deed, FROZEN};
use multaqa_tests::hostile::{CallName, HostileHub};
use serde_json::Value;

use super::stage::KNOWN;
use crate::networks::is;

/// What a finding is called in words: its name, English, French, Arabic. No numbers stand in these parts.
const WORDS: [(&str, [&str; 3]); 7] = [
    ("forked", ["the hub forked the log", "la plateforme a dédoublé le journal", "لقد شعّبت المنصة المركزية السجل"]),
    ("ordered", ["The log key signed a log of", "La clé du journal a signé un journal de", "وقّع مفتاح السجل سجلًا فيه"]),
    ("elsewhere", ["in which another entry", "une autre entrée", "قيد آخر"]),
    ("closed-below", ["was to be dropped", "devait être abandonné", "وأُريد إسقاطه"]),
    ("content", ["is not among its readers", "n'est pas parmi ses destinataires", "ضمن نطاق اطلاعه"]),
    ("shown", ["That the hub sent", "Que la plateforme ait envoyé", "أن المنصة المركزية أرسلت"]),
    ("not-shown", ["which the parts in the file do not show", "ne montrent pas", "لا تُظهرها أجزاء الملف"]),
];
/// The last line: whether it convinces by itself.
const ENOUGH: [&str; 3] = ["convinces anybody", "convainc quiconque", "حجة عند كل أحد"];
const NOT_ENOUGH: [&str; 3] = ["rests on the reporter's word", "repose sur la parole du rapporteur", "على ذمة المبلِّغ"];

/// The node alarms with the code of the deed, cosigns nothing more, reads on, and its one file convinces.
pub(super) fn is_caught(program: &Program, node: &mut Node, caught: &Caught, hub: &HostileHub, held: u64) {
    let member = node.member().to_owned();
    let status = node.wait_until(&format!("{:?}: it stands still", caught.deed), SOON, |status| {
        is(status, "alarm") && status["evidence"].as_array().is_some_and(|files| !files.is_empty())
    });
    let status = status.unwrap();
    assert_eq!(status["line"]["code"], caught.code, "{:?}: {status}", caught.deed);
    let freshness = &status["freshness"];
    assert_eq!((&freshness["state"], &freshness["alarm"]), (&"stale".into(), &caught.code.into()), "{status}");
    if !caught.deed.shows_late() {
        assert_eq!(freshness["size"], held, "{:?}: something of it was applied", caught.deed);
        assert_eq!(status["cosigned"]["size"], held, "{:?}", caught.deed);
    }
    reads_on(node);
    convinces(program, node, &status, caught);

    let after = node.json(&["status"]).unwrap();
    assert_eq!(after["cosigned"], status["cosigned"], "{:?}: it cosigned on", caught.deed);
    assert!(hub.cosigned(&member) <= after["cosigned"]["size"].as_u64().unwrap(), "{:?}", caught.deed);
    let greetings = hub.calls(&member).iter().filter(|call| call.call == CallName::Hello).count();
    assert_eq!(greetings, 1, "{:?}: it came back", caught.deed);
}

/// What it holds is still there for member systems.
pub(super) fn reads_on(node: &Node) {
    let read = node.json(&["get", KNOWN]).unwrap();
    assert_eq!(read["id"], KNOWN, "{read}");
    let listed = node.json(&["list", "organisation"]).unwrap();
    assert!(listed["objects"].as_array().is_some_and(|objects| !objects.is_empty()), "{listed}");
}

/// There is one file, and it says, which is given, with nothing but the genesis what it should, in three languages; altered, nothing.
pub(super) fn convinces(program: &Program, node: &Node, status: &Value, caught: &Caught) -> Value {
    let mut files: Vec<PathBuf> =
        fs::read_dir(node.dir().join("evidence")).unwrap().map(|entry| entry.unwrap().path()).collect();
    if caught.deed == Deed::AcceptForNever {
        // Nothing else comes in that time either, of which there is a file, too.
        files.retain(|file| !file.to_string_lossy().ends_with(&format!("-{}.mqe", FROZEN.code)));
    }
    let [file] = &files[..] else { panic!("{:?}: {files:?}", caught.deed) };
    assert!(file.to_string_lossy().ends_with(&format!("-{}.mqe", caught.code)), "{}", file.display());
    let genesis = status["genesis"].as_str().unwrap();
    let said = verify(program, file, genesis, &["--json"]).ok().unwrap().stdout;
    let decided: Value = serde_json::from_str(&said).unwrap();
    let reporter = format!("{}/gw1", node.member());
    assert_eq!((&decided["reporter"], &decided["code"]), (&reporter.into(), &caught.code.into()));
    let has = |list: &str| decided[list].as_array().unwrap().iter().any(|finding| finding["finding"] == caught.finding);
    let claimed = ["shown", "not-shown"].contains(&caught.finding);
    assert!(has(if claimed { "claimed" } else { "proven" }), "{:?}: {decided:#}", caught.deed);
    let enough = ["forked", "ordered", "closed-below"].contains(&caught.finding);
    assert_eq!(decided["proves_misbehaviour"], enough, "{:?}: {decided:#}", caught.deed);
    let (_, words) = WORDS.iter().find(|(finding, _)| *finding == caught.finding).unwrap();
    for (place, lang) in ["en", "fr", "ar"].iter().enumerate() {
        let text = verify(program, file, genesis, &["--lang", lang]).ok().unwrap().stdout;
        let verdict = if enough { ENOUGH } else { NOT_ENOUGH };
        assert!(text.contains(words[place]) && text.contains(verdict[place]), "{:?} in {lang}: {text}", caught.deed);
    }
    altered(program, file, genesis);
    decided
}

fn altered(program: &Program, file: &Path, genesis: &str) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    let place = middle + bytes[middle..].iter().position(u8::is_ascii_alphanumeric).unwrap();
    bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
    let copy = file.with_extension("altered");
    fs::write(&copy, bytes).unwrap();
    let refused = verify(program, &copy, genesis, &[]);
    assert!(refused.code == Some(1) && refused.stderr.contains("EVIDENCE_FILE_"), "{}", refused.stderr);
    fs::remove_file(copy).unwrap();
}

fn verify(program: &Program, file: &Path, genesis: &str, more: &[&str]) -> Output {
    let file = file.to_string_lossy();
    let args = ["verify-evidence", &file, "--genesis", genesis].into_iter().chain(more.iter().copied());
    program.run("multaqa-certs", args, None).unwrap()
}
