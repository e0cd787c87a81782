//! A failure as a program reads it: with `--json` every command line prints this one shape, one object a line, on standard
//! error. Standard output holds results alone, so that what reads it never meets an error.
//!
//! In scope: the shape, the place at fault by the names of arguments, what a command line that cannot be parsed asked for.
//! Out of scope: texts for people (`screen`), printing (the binaries).

use std::collections::BTreeMap;
use std::ffi::OsString;

use serde::Serialize;

use super::Rendered;
use super::screen::{Screen, plain};
use crate::text::Lang;

/// How serious it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The command failed.
    Error,
    /// The command goes on; somebody should act.
    Warning,
    /// Something to know.
    Note,
}

/// Where it is wrong, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct At {
    /// File or directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Field of a record, or key of the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// How serious it is.
    pub level: Level,
    /// The stable code; empty for a note.
    pub code: String,
    /// What happened, in the language asked for.
    pub text: String,
    /// Who must act: one of [`super::ACTORS`], the same in every language.
    pub act: String,
    /// What to do next, in the language asked for.
    pub next: String,
    /// Where it is wrong; null where that is not known.
    pub at: Option<At>,
    /// The values that the text names.
    pub args: BTreeMap<String, String>,
    /// What is wrong in detail, of the same shape: one for each rule that is broken.
    pub findings: Vec<Self>,
}

impl Told {
    /// A failure in the language of a screen.
    #[must_use]
    pub fn failure(screen: Screen<'_>, code: &str, args: &[(&str, String)]) -> Self {
        let Rendered { text, act, next } = screen.rendered(code, args);
        let at = Some(At::of(code, args)).filter(|at| *at != At::default());
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { level: Level::Error, code: code.to_owned(), text, act, next, at, args, findings: Vec::new() }
    }

    /// Something to know.
    #[must_use]
    pub fn note(text: &str) -> Self {
        let nothing = String::new;
        let (code, act, next) = (nothing(), nothing(), nothing());
        let (text, args) = (text.to_owned(), BTreeMap::new());
        Self { level: Level::Note, code, text, act, next, at: None, args, findings: Vec::new() }
    }

    /// A command line that is no use of the program; `detail` is what the parser says.
    #[must_use]
    pub fn wrong_use(screen: Screen<'_>, program: &str, detail: &str) -> Self {
        let first = detail.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
        let detail = first.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        let detail = detail.strip_prefix("error: ").unwrap_or(&detail).to_owned();
        Self::failure(screen, "USAGE_WRONG", &[("program", program.to_owned()), ("detail", detail)])
    }

    /// The same, no failure of the command.
    #[must_use]
    pub fn warning(self) -> Self {
        Self { level: Level::Warning, ..self }
    }

    /// The same at this place.
    #[must_use]
    pub fn at(self, at: At) -> Self {
        Self { at: Some(at).filter(|at| *at != At::default()), ..self }
    }

    /// The same with what is wrong in detail.
    #[must_use]
    pub fn with(self, findings: Vec<Self>) -> Self {
        Self { findings, ..self }
    }

    /// One line of JSON.
    #[must_use]
    pub fn line(&self) -> String {
        // A structure of texts is always JSON; were it not, its code would still be told.
        serde_json::to_string(self).unwrap_or_else(|_| format!("{{\"code\":\"{}\"}}", plain(&self.code))) + "\n"
    }
}

impl At {
    /// The place that arguments name. What the protocol's own codes call a path is a field; elsewhere it is a file.
    #[must_use]
    pub fn of(code: &str, args: &[(&str, String)]) -> Self {
        let arg = |name: &str| args.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        let number = |name| arg(name).and_then(|text| text.parse().ok());
        let (path, of_protocol) = (arg("path"), crate::code::CODES.contains(&code));
        let (field, file) = if of_protocol { (path, None) } else { (None, path) };
        let origin = || arg("origin").filter(|origin| origin.contains(['/', '.']));
        let file = arg("file").or(file).or_else(|| arg("dir")).or_else(origin);
        let field = field.or_else(|| arg("field"));
        let key = || arg("key").filter(|_| code.starts_with("CONFIG_"));
        Self { file, line: number("line"), column: number("column"), field: field.or_else(key) }
    }
}

/// What a command line asked for that could not be parsed: how its fault is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// `--json` is among the arguments.
    pub json: bool,
    /// `--lang`, where it names a language of the network.
    pub lang: Option<Lang>,
}

impl Asked {
    /// What these arguments ask for; those behind `--` are values.
    #[must_use]
    pub fn of(args: &[OsString]) -> Self {
        let words = || args.iter().map(|arg| arg.to_string_lossy()).take_while(|arg| arg != "--");
        let inline = words().find_map(|arg| arg.strip_prefix("--lang=")?.parse().ok());
        let apart = || words().zip(words().skip(1)).find(|(flag, _)| flag == "--lang")?.1.parse().ok();
        Self { json: words().any(|arg| arg == "--json"), lang: inline.or_else(apart) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::message::Catalogue;

    fn told(code: &str, args: &[(&str, &str)]) -> Value {
        let catalogue = Catalogue::new(&[&crate::code::MESSAGES]);
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        serde_json::from_str(&Told::failure(Screen::new(&catalogue, Lang::Fr), code, &args).line()).unwrap()
    }

    #[test]
    fn a_failure_is_one_line_of_one_shape() {
        let told = told("LENGTH_WRONG", &[("path", "payload.key"), ("found", "3"), ("expected", "32")]);
        let keys: Vec<&String> = told.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["act", "args", "at", "code", "findings", "level", "next", "text"]);
        assert_eq!(
            (&told["level"], &told["code"], &told["act"]),
            (&json!("error"), &json!("LENGTH_WRONG"), &json!("writer"))
        );
        assert_eq!(told["at"], json!({ "field": "payload.key" }));
        assert!(told["text"].as_str().unwrap().contains("octets"), "{told}");
        assert_eq!(Told::note("a\nb").line().lines().count(), 1);
    }

    #[test]
    fn the_place_is_read_from_the_arguments() {
        let at = |code, args: &[(&str, &str)]| told(code, args)["at"].clone();
        assert_eq!(at("STORE_IO", &[("path", "/a/b.pem"), ("why", "x")]), json!({ "file": "/a/b.pem" }));
        let syntax = at("CONFIG_SYNTAX", &[("file", "hub.toml"), ("line", "3"), ("column", "7")]);
        assert_eq!(syntax, json!({ "file": "hub.toml", "line": 3, "column": 7 }));
        let value = at("CONFIG_BAD_VALUE", &[("origin", "/etc/hub.toml"), ("key", "admin.listen")]);
        assert_eq!(value, json!({ "file": "/etc/hub.toml", "field": "admin.listen" }));
        assert_eq!(at("CONFIG_BAD_VALUE", &[("origin", "MULTAQA_X"), ("key", "x")]), json!({ "field": "x" }));
        assert_eq!(at("HUB_CALL_FAILED", &[("detail", "x")]), Value::Null);
    }

    #[test]
    fn wrong_use_is_told_without_the_parsers_usage() {
        let catalogue = Catalogue::new(&[&crate::code::MESSAGES]);
        let said = "error: unexpected argument '--x' found\n\n  tip: a tip\n\nUsage: multaqa-hub [OPTIONS]\n";
        let told = Told::wrong_use(Screen::new(&catalogue, Lang::En), "multaqa-hub", said);
        assert_eq!(told.args["detail"], "unexpected argument '--x' found tip: a tip");
        assert!(told.next.contains("`multaqa-hub --help`"), "{told:?}");
    }

    #[test]
    fn what_was_asked_for_is_seen_in_what_cannot_be_parsed() {
        let asked = |args: &[&str]| Asked::of(&args.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(asked(&["x", "--json", "--lang", "ar"]), Asked { json: true, lang: Some(Lang::Ar) });
        assert_eq!(asked(&["x", "--lang=fr"]), Asked { json: false, lang: Some(Lang::Fr) });
        assert_eq!(asked(&["x", "--lang", "de", "--", "--json"]), Asked { json: false, lang: None });
    }
}
