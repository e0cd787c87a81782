//! A member system as a foreign client: `tests/foreign/system.py`, a process that makes one call after the other.
//!
//! Out of scope: what it is to be answered (`clients`).

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use multaqa_tests::refusals::tabled;
use serde_json::{Value, json};

use super::text;
use crate::home;

/// A client in another language, on one connection.
pub(super) struct System {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl System {
    pub(super) fn start(issued: &Value) -> Option<Self> {
        let Ok(python) = std::env::var("FOREIGN_PYTHON") else {
            assert!(std::env::var("CI").is_err(), "CI must set FOREIGN_PYTHON");
            eprintln!("skipped: FOREIGN_PYTHON is not set");
            return None;
        };
        let certificate = PathBuf::from(text(issued, "/path"));
        let mut child = Command::new(home().join(python))
            .arg(home().join("tests/foreign/system.py"))
            .arg(text(issued, "/port/endpoint"))
            .args([&certificate, &certificate.with_extension("key")])
            .arg(text(issued, "/port/ca_path"))
            .arg(home().join("proto/schema"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Some(Self { child, stdin, stdout })
    }

    pub(super) fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.stdin, "{command}").unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{command}: {error}: {line:?}"))
    }

    /// What a method answers.
    pub(super) fn call(&mut self, service: &str, method: &str, request: &Value) -> Value {
        let answer = self.ask(&json!({ "service": service, "method": method, "request": request }));
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["ok"].clone()
    }

    /// The refusal of a method, which the table has.
    pub(super) fn refused(&mut self, service: &str, method: &str, request: &Value, code: &str) -> Value {
        let answer = self.ask(&json!({ "service": service, "method": method, "request": request }));
        let reason = answer.pointer("/error/ErrorInfo/reason").and_then(Value::as_str);
        assert_eq!(reason, Some(code), "{method}: {answer}");
        assert!(tabled(code), "{code} is not in the table");
        answer["error"].clone()
    }

    pub(super) fn ids(&mut self, request: &Value) -> Vec<String> {
        let listed = self.call("replica", "List", request);
        let objects = listed["objects"].as_array().cloned().unwrap_or_default();
        objects.iter().map(|object| text(object, "/id").to_owned()).collect()
    }
}

impl Drop for System {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}
