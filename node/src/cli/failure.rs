//! What went wrong, for the one who typed the command.
//!
//! In scope: codes and arguments from all rooms and from the node's answers, rendered in one of the three languages: what
//! happened, who must act, the next command. Out of scope: the texts (each room's `messages`).

use std::collections::HashMap;
use std::io::Write as _;

use multaqa_proto::message::screen::{Screen, plain};
use multaqa_proto::message::told::{At, Told};
use multaqa_proto::wire::node::Finding;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::fault::Fault;
use tonic_types::StatusExt as _;

use super::call::Call;
use crate::code;

/// A failure of a verb.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    code: String,
    args: Vec<(String, String)>,
    findings: Vec<Finding>,
    findings_total: u64,
}

impl Failure {
    pub(crate) fn new(code: &str, args: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let args = args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { code: code.to_owned(), args, findings: Vec::new(), findings_total: 0 }
    }

    /// The failure of files that break rules; `total` counts the findings that are not carried too.
    pub(crate) fn refused(findings: Vec<Finding>, total: u64) -> Self {
        Self { findings, findings_total: total, ..Self::new(code::FILES_REFUSED, [("count", total.to_string())]) }
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// The value of one argument.
    pub(crate) fn arg(&self, name: &str) -> Option<&str> {
        self.args.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Configuration and secrets have an exit code of their own.
    pub(crate) fn exit(&self) -> Exit {
        if self.code.starts_with("CONFIG_") || self.code.starts_with("SECRET_") {
            Exit::Configuration
        } else {
            Exit::Failure
        }
    }

    /// Prints it to standard error: lines for people, or one object.
    pub(crate) fn print(&self, call: &Call) {
        write(&if call.common.json { self.told(call.screen).line() } else { self.render(call.screen) });
    }

    fn told(&self, screen: Screen<'_>) -> Told {
        Told::failure(screen, &self.code, &self.arguments())
            .with(self.findings.iter().map(|finding| found(screen, finding)).collect())
    }

    fn arguments(&self) -> Vec<(&str, String)> {
        self.args.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
    }

    fn render(&self, screen: Screen<'_>) -> String {
        let mut lines: Vec<String> = self.findings.iter().map(|finding| finding_line(screen, finding)).collect();
        let more = self.findings_total.saturating_sub(self.findings.len() as u64);
        if more > 0 {
            lines.push(format!("… +{more}\n"));
        }
        lines.push(screen.failure(&self.code, &self.arguments()));
        lines.concat()
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::new(fault.code, fault.args)
    }
}

impl From<tonic::Status> for Failure {
    fn from(status: tonic::Status) -> Self {
        let Some(info) = status.get_details_error_info() else {
            let detail = format!("{:?}: {}", status.code(), status.message());
            return Self::new(code::NODE_CALL_FAILED, [("detail", detail)]);
        };
        let mut args: Vec<_> = info.metadata.into_iter().collect();
        args.sort();
        Self { code: info.reason, args, findings: Vec::new(), findings_total: 0 }
    }
}

/// Where standard error is closed there is nobody left to tell.
pub(super) fn write(text: &str) {
    let _closed = std::io::stderr().lock().write_all(text.as_bytes());
}

/// A finding as an object, at its place.
fn found(screen: Screen<'_>, finding: &Finding) -> Told {
    let Finding { file, line, column, path, code, args } = finding;
    let known = |number: u32| Some(number).filter(|number| *number > 0);
    let field = Some(path.clone()).filter(|path| !path.is_empty());
    let at = At { file: Some(file.clone()), line: known(*line), column: known(*column), field };
    Told::failure(screen, code, &sorted(args)).at(at)
}

/// `file:line:column: path: what (CODE) — next`; the path is left out where the text names it.
fn finding_line(screen: Screen<'_>, finding: &Finding) -> String {
    let Finding { file, line, column, path, code, args } = finding;
    let place = match (line, column) {
        (0, _) => file.clone(),
        (line, 0) => format!("{file}:{line}"),
        (line, column) => format!("{file}:{line}:{column}"),
    };
    let rendered = screen.rendered(code, &sorted(args));
    // Most texts name the path themselves.
    let path = if rendered.text.contains(path.as_str()) { String::new() } else { format!(" {path}:") };
    let next = if rendered.next.is_empty() { String::new() } else { format!(" — {}", rendered.next) };
    format!("{}:{} {} ({code}){next}\n", plain(&place), plain(&path), rendered.text)
}

fn sorted(args: &HashMap<String, String>) -> Vec<(&str, String)> {
    let mut args: Vec<_> = args.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    args.sort();
    args
}

#[cfg(test)]
mod tests {
    use multaqa_proto::text::Lang;

    use super::super::screen::screen;
    use super::*;

    fn finding() -> Finding {
        Finding {
            file: "a.yaml".to_owned(),
            line: 3,
            column: 5,
            path: "payload.titel".to_owned(),
            code: "FIELD_UNKNOWN".to_owned(),
            args: [("path", "payload.titel"), ("nearest", "title")].map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
        }
    }

    #[test]
    fn a_finding_is_one_line_with_place_path_rule_and_next_step() {
        let text = Failure::refused(vec![finding()], 1).render(screen(Lang::En));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("a.yaml:3:5: There is no field payload.titel; the nearest is “title”."), "{text}");
        assert!(lines[0].contains("(FIELD_UNKNOWN) — Correct the file"), "{text}");
        assert_eq!(lines[1], "The files break one rule; nothing was signed. (FILES_REFUSED)");
        assert!(lines[2].contains("who must act: the writer"), "{text}");
        assert!(lines[3].contains("`multaqa-node publish FILE`"), "{text}");
    }

    #[test]
    fn with_json_every_finding_is_an_object_at_its_place() {
        let told = Failure::refused(vec![finding()], 1).told(screen(Lang::En)).line();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!((&told["code"], &told["args"]["count"]), (&"FILES_REFUSED".into(), &"1".into()));
        let (found, at) = (&told["findings"][0], &told["findings"][0]["at"]);
        assert_eq!((&found["code"], &at["file"], &at["line"]), (&"FIELD_UNKNOWN".into(), &"a.yaml".into(), &3.into()));
        assert_eq!((&at["column"], &at["field"]), (&5.into(), &"payload.titel".into()));
    }

    /// One file for each rule that reading files knows: every finding brings the arguments of its text.
    #[test]
    fn every_finding_is_said_in_every_language() {
        let dataset = "id: JO:dataset:x\npayload: {csv: x.csv}\n";
        let header = "INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS";
        let files: [(&str, Option<String>); 15] = [
            ("a: [\n", None),
            ("a: &b !c\n", None),
            ("", None),
            ("id: 1\nid: 2\nrevision: 1\naudience: x\n", None),
            ("id: JO:poem:x\n", None),
            ("id: JO:member:x\n", None),
            ("id: JO:service:x\npayload:\n  titel: 1\n  title: 1\n  sectors: 1\n  maturity: x\n  status: []\n", None),
            ("id: JO:service:x\npayload: {endpoint: {description_hash: x}, maturity: 99999999999}\n", None),
            ("id: JO:dataset:x\npayload: {csv: x.csv, observations: []}\n", None),
            ("id: JO:dataset:x\npayload: {csv: ../x.csv}\n", None),
            (dataset, None),
            (dataset, Some("A,A\n".to_owned())),
            (dataset, Some(format!("{header},ACTION\nA\nA,JO,2024,1,A,D\nB,JO,2024,1,A,I\n"))),
            (dataset, Some(format!("{header}\n{}", "A,JO,2024,1,A\n".repeat(5_001)))),
            (dataset, Some(format!("{header}\nA,JO,24,x,\n"))),
        ];
        let mut codes = std::collections::BTreeSet::new();
        for (record, csv) in files {
            let file = crate::file::Named { name: "x.yaml".to_owned(), bytes: record.into() };
            let csv = csv.map(|csv| crate::file::Named { name: "x.csv".to_owned(), bytes: csv.into() });
            for finding in crate::file::read(&[file], csv.as_slice()).findings {
                let multaqa_proto::check::Violation { code, args, .. } = finding.violation;
                codes.insert(code);
                for lang in Lang::ALL {
                    let text = screen(lang).rendered(code, &args).text;
                    assert!(!text.starts_with(code), "{lang}: {text}");
                }
            }
        }
        assert!(codes.len() >= 27, "{codes:?}");
    }

    #[test]
    fn arguments_cannot_steer_the_terminal() {
        let wrong = Finding { file: "a\u{1b}[2J\u{202e}.yaml".to_owned(), line: 0, ..finding() };
        let text = Failure::refused(vec![wrong], 9).render(screen(Lang::Ar));
        assert!(text.starts_with("a\u{fffd}[2J\u{fffd}.yaml: "), "{text}");
        assert!(text.contains("+8"), "{text}");
    }

    #[test]
    fn configuration_has_its_own_exit_code() {
        assert_eq!(Failure::from(Fault::new("CONFIG_SYNTAX")).exit(), Exit::Configuration);
        assert_eq!(Failure::from(Fault::new("LISTEN_FAILED")).exit(), Exit::Failure);
    }

    #[test]
    fn a_status_without_details_is_not_hidden() {
        let failure = Failure::from(tonic::Status::internal("boom"));
        assert_eq!(failure.code(), code::NODE_CALL_FAILED);
        assert!(failure.render(screen(Lang::Fr)).contains("Internal: boom"));
    }
}
