//! The command line: one verb a file.
//!
//! In scope: arguments, the language, exit codes. Out of scope: what verbs do (their files).
//!
//! Results go to standard output, explanations and errors to standard error: lines for people, or with `--json` one object a
//! line (`proto::message::told`). Exit codes: 0 done, 1 failed, 2 used wrongly, 7 badly configured.

pub(crate) mod allow;
mod approve;
mod backup;
mod completions;
mod config;
mod drill;
mod fsck;
mod group;
pub(crate) mod init;
mod invite;
mod log;
mod members;
mod operator;
mod pending;
mod policy;
mod screen;
mod serve;
mod status;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use multaqa_proto::hash::RecordId;
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::message::told::{Asked, Told};
use multaqa_proto::text::Lang;
use multaqa_runtime::boot::{self, Common, Exit, Language};
use multaqa_runtime::clock::Clock;
use multaqa_runtime::output;
use serde::Serialize;

use crate::operator::dir::OperatorDir;
use crate::operator::problem::Problem;
use crate::operator::{Effect, Operator};

/// The variable that names an operator's directory; no part of the configuration.
pub(crate) const OPERATOR_DIR: &str = "MULTAQA_OPERATOR_DIR";

/// The hub of a Multaqa federation: it admits members, orders their signed records in one log, and sends each member what it
/// may read.
#[derive(Debug, Parser)]
#[command(name = "multaqa-hub", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
Start a federation:
  multaqa-certs init --dir ca --federation multaqa.example
  multaqa-hub init --dir hub --ca ca --federation multaqa.example --operator first --operator-dir operator \\
      --advertise hub.example.org:7400
  multaqa-hub serve --config hub/hub.toml
Admit a member and invite its node:
  multaqa-hub invite JO --name ar=الأردن --name en=Jordan --operator-dir operator")]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a hub's directory with its keys and the genesis of a new federation
    Init(init::Args),
    /// Run the hub
    Serve(serve::Args),
    /// Admit a member where it is new, and invite one of its nodes: prints a join key
    Invite(invite::Args),
    /// List, suspend or reinstate members
    Members(members::Args),
    /// List, create or change groups
    Group(group::Args),
    /// Make the directory of a further operator
    Operator(operator::Args),
    /// Show the policy in force, or propose who witnesses and which operators there are
    Policy(policy::Args),
    /// List what waits for approvals and what it would change, or approve it
    Approve(approve::Args),
    /// Show which log there is, or close one that nothing else brings together with what nodes hold
    Log(log::Args),
    /// Put an operator's renewed certificate on the allow-list, on the hub's machine
    Allow(allow::Args),
    /// Show the hub's health at a glance
    Status(status::Args),
    /// Check the log on disk from its records up, also beside a running hub
    Fsck(fsck::Args),
    /// Back up the store, check a backup, or put one back
    Backup(backup::Args),
    /// Rehearse a restoration on a copy
    Drill(drill::Args),
    /// Show or check the configuration
    Config(config::Args),
    /// Print completions for a shell
    Completions(completions::Args),
}

/// Which operator acts, and on which hub.
#[derive(Debug, clap::Args)]
struct As {
    /// The operator's directory, made by `multaqa-hub init`
    #[arg(long, value_name = "DIR", env = OPERATOR_DIR)]
    operator_dir: PathBuf,
    /// Address of the hub, host:port; those in the operator's directory otherwise
    #[arg(long, value_name = "HOST:PORT")]
    hub: Option<String>,
}

impl As {
    /// Connects; warns on standard error where the operator's certificate must be renewed.
    async fn connect(&self, call: &Call) -> Result<Operator, Problem> {
        let (dir, clock) = (OperatorDir::at(&self.operator_dir), Clock::system());
        if !dir.is_one() {
            return Err(Problem::new("OPERATOR_DIR_WRONG", &[("dir", &self.operator_dir.display())]));
        }
        if let Some(warning) = dir.certificate_ends(clock.now_ms())? {
            call.warn(&warning);
        }
        Operator::connect(dir, self.hub.clone(), clock).await
    }

    /// Connects to look; what keeps the operator from acting is a warning.
    async fn look(&self, call: &Call) -> Result<Operator, Problem> {
        let (operator, problem) = self.look_only(call).await?;
        if let Some(problem) = problem {
            call.warn(&problem);
        }
        Ok(operator)
    }

    /// Connects to look; what keeps the operator from acting is given beside.
    async fn look_only(&self, call: &Call) -> Result<(Operator, Option<Problem>), Problem> {
        let (dir, clock) = (OperatorDir::at(&self.operator_dir), Clock::system());
        if !dir.is_one() {
            return Err(Problem::new("OPERATOR_DIR_WRONG", &[("dir", &self.operator_dir.display())]));
        }
        if let Some(warning) = dir.certificate_ends(clock.now_ms())? {
            call.warn(&warning);
        }
        Operator::connect_to_look(dir, self.hub.clone(), clock).await
    }
}

/// What a verb needs to know of the call.
struct Call {
    common: Common,
    screen: Screen<'static>,
}

/// Runs the program. See [`crate::main`].
pub(crate) fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.collect();
    let Cli { common, verb } = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => return wrong_use(&error, Asked::of(&args)),
    };
    let screen = screen::screen(lang(&common));
    let call = Call { common, screen };
    let ended = boot::run(verb.run(&call)).map_err(Problem::from).flatten();
    match ended {
        Ok(exit) => exit.into(),
        Err(problem) => {
            call.tell(&problem);
            exit_of(&problem).into()
        }
    }
}

/// The language of what is printed for people.
fn lang(common: &Common) -> Lang {
    match common.language(boot::locale().as_deref()) {
        Language::Ar => Lang::Ar,
        Language::En => Lang::En,
        Language::Fr => Lang::Fr,
    }
}

/// Help and version go to standard output with code 0, wrong use to standard error with 2. Where neither can be written there
/// is nobody to tell.
fn wrong_use(error: &clap::Error, asked: Asked) -> ExitCode {
    if error.use_stderr() && asked.json {
        let lang = asked.lang.unwrap_or_else(|| lang(&Common::of_environment()));
        write_error(&Told::wrong_use(screen::screen(lang), "multaqa-hub", &error.to_string()).line());
    } else {
        let _unwritable = error.print();
    }
    u8::try_from(error.exit_code()).unwrap_or(Exit::Usage.code()).into()
}

impl Verb {
    async fn run(self, call: &Call) -> Result<Exit, Problem> {
        match self {
            Self::Init(args) => init::run(args, call).await,
            Self::Serve(args) => serve::run(args, call).await,
            Self::Invite(args) => invite::run(args, call).await,
            Self::Members(args) => members::run(args, call).await,
            Self::Group(args) => group::run(args, call).await,
            Self::Operator(args) => operator::run(args, call),
            Self::Policy(args) => policy::run(args, call).await,
            Self::Approve(args) => approve::run(args, call).await,
            Self::Log(args) => log::run(args, call).await,
            Self::Allow(args) => allow::run(args, call).await,
            Self::Status(args) => status::run(args, call).await,
            Self::Fsck(args) => fsck::run(args, call).await,
            Self::Backup(args) => backup::run(args, call).await,
            Self::Drill(args) => drill::run(args, call).await,
            Self::Config(args) => config::run(&args, call),
            Self::Completions(args) => completions::run(&args, &mut Cli::command()),
        }
    }
}

/// Families of codes that say that the configuration is bad.
const CONFIGURATION: [&str; 2] = ["CONFIG_", "SECRET_"];
/// Codes that say that the arguments are.
const USAGE: [&str; 5] =
    ["ID_MALFORMED", "OPERATOR_DIR_MISSING", "HUB_ADDRESS_MISSING", "HUB_ADDRESS_MALFORMED", "MEMBER_CLASS_MISSING"];

fn exit_of(problem: &Problem) -> Exit {
    if CONFIGURATION.iter().any(|family| problem.code.starts_with(family)) {
        Exit::Configuration
    } else if USAGE.contains(&problem.code.as_str()) {
        Exit::Usage
    } else {
        Exit::Failure
    }
}

impl Call {
    /// Tells a problem on standard error: what happened, code, who must act, what to do next.
    fn tell(&self, problem: &Problem) {
        write_error(&if self.common.json { told(self.screen, problem).line() } else { rendered(self.screen, problem) });
    }

    /// Tells of something that somebody should act upon; the verb goes on.
    fn warn(&self, problem: &Problem) {
        if self.common.json {
            write_error(&told(self.screen, problem).warning().line());
        } else {
            self.tell(problem);
        }
    }

    /// Explains something on standard error.
    fn explain(&self, text: &str) {
        write_error(&if self.common.json { Told::note(text).line() } else { format!("{text}\n") });
    }
}

/// Where standard error is closed there is nobody to tell.
fn write_error(text: &str) {
    let _unwritable = std::io::stderr().lock().write_all(text.as_bytes());
}

fn rendered(screen: Screen<'_>, problem: &Problem) -> String {
    let all = std::iter::once(problem).chain(&problem.also);
    all.map(|problem| screen.failure(&problem.code, &arguments(problem))).collect()
}

/// The same as an object; where several rules are broken, each of them is a finding.
fn told(screen: Screen<'_>, problem: &Problem) -> Told {
    let one = |problem: &Problem| Told::failure(screen, &problem.code, &arguments(problem));
    let all = std::iter::once(problem).chain(&problem.also).map(one);
    let findings = if problem.also.is_empty() { Vec::new() } else { all.collect() };
    one(problem).with(findings)
}

fn arguments(problem: &Problem) -> Vec<(&str, String)> {
    problem.args.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
}

/// What `--json` prints of an act.
#[derive(Debug, Serialize)]
struct Acted {
    record: String,
    /// Where the act stands; null where nothing was written.
    index: Option<u64>,
    /// in-force, pending, or already: done before, nothing was written.
    effect: &'static str,
    approved_by: Vec<String>,
    needed: u32,
}

impl Acted {
    fn new(done: crate::operator::Done, effect: &Effect) -> Self {
        let (word, approved_by, needed) = match effect {
            Effect::InForce => ("in-force", Vec::new(), 0),
            Effect::Pending { approved_by, needed } => ("pending", approved_by.clone(), *needed),
        };
        let (record, index) = (done.record_id.to_string(), Some(done.index.0));
        Self { record, index, effect: word, approved_by, needed }
    }

    /// What was approved before by the same operator.
    fn already(record: RecordId, approved_by: Vec<String>, needed: u32) -> Self {
        Self { record: record.to_string(), index: None, effect: "already", approved_by, needed }
    }

    /// Prints it; `what` says what was done.
    fn print(&self, what: &Line, call: &Call) -> Result<Exit, Problem> {
        let screen = call.screen;
        if call.common.json {
            output::print_json(self)?;
            return Ok(Exit::Clean);
        }
        let pending = self.effect != "in-force";
        let in_force = || Line::new("say-in-force").with("index", self.index.unwrap_or_default());
        let line = if pending { Line::new("say-waits") } else { in_force() };
        let line = line.with("what", screen.text(what)).with("record", &self.record);
        output::print(&(screen.text(&line) + "\n"))?;
        if pending {
            call.explain(&how_to_approve(screen, &self.record, &self.approved_by, self.needed));
        }
        Ok(Exit::Clean)
    }
}

/// What is missing until a record takes effect, and who types what.
fn how_to_approve(screen: Screen<'_>, record: &str, approved_by: &[String], needed: u32) -> String {
    let line = Line::new("say-approvals").with("given", approved_by.len()).with("needed", needed);
    screen.text(&line.with("by", approved_by.join(", ")).with("record", record))
}

/// A name in one language: `ar=...`.
fn parse_name(text: &str) -> Result<(String, String), String> {
    let (lang, name) = text.split_once('=').ok_or("a language, = and a name, such as en=Jordan")?;
    let lang: Lang = lang.parse().map_err(|_| "the language is ar, en or fr")?;
    Ok((lang.to_string(), name.trim().to_owned()))
}

/// The name to show in a table, in the language asked for where it has one.
fn shown_name(names: &std::collections::HashMap<String, String>, lang: Lang) -> String {
    let ordered = names.iter().map(|(lang, name)| (lang.clone(), name.clone())).collect();
    multaqa_proto::text::pick(&ordered, lang).map(|(_, name)| name.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_sound_and_every_verb_is_helped() {
        Cli::command().debug_assert();
        for verb in Cli::command().get_subcommands() {
            assert!(verb.get_about().is_some(), "{}", verb.get_name());
        }
    }

    #[test]
    fn exit_codes_tell_wrong_use_and_bad_configuration_from_failure() {
        let exit = |code: &'static str| exit_of(&Problem::new(code, &[])).code();
        assert_eq!(exit("CONFIG_SYNTAX"), 7);
        assert_eq!(exit("ID_MALFORMED"), 2);
        assert_eq!(exit("HUB_CALL_FAILED"), 1);
    }

    #[test]
    fn a_problem_says_what_who_and_what_next_in_each_language() {
        let problem = Problem::new("NODE_DUPLICATE", &[("node", &"JO/gw1")]);
        for lang in Lang::ALL {
            let text = rendered(screen::screen(lang), &problem);
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(text.contains("(NODE_DUPLICATE)\n") && text.contains("JO/gw1"), "{text}");
        }
    }

    #[test]
    fn with_json_a_problem_is_one_object_and_each_broken_rule_a_finding() {
        let broken = |code: &'static str, path: &'static str| Problem::new(code, &[("path", &path)]);
        let several = Problem { also: vec![broken("TEXT_EMPTY", "name.ar")], ..broken("FIELD_REQUIRED", "name") };
        let text = told(screen::screen(Lang::Ar), &several).line();
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((text.lines().count(), &told["code"]), (1, &"FIELD_REQUIRED".into()));
        assert_eq!(told["findings"][1]["at"]["field"], "name.ar");
        let alone = super::told(screen::screen(Lang::En), &broken("FIELD_REQUIRED", "name"));
        assert!(alone.findings.is_empty(), "{alone:?}");
    }

    #[test]
    fn approvals_are_explained_with_the_commands() {
        for lang in Lang::ALL {
            let text = how_to_approve(screen::screen(lang), "07", &["operator/first".to_owned()], 3);
            assert_eq!(text.lines().count(), 3, "{text}");
            for command in ["multaqa-node approve 07", "multaqa-hub approve 07", "operator/first"] {
                assert!(text.contains(command), "{text}");
            }
        }
    }

    #[test]
    fn names_have_a_language_of_the_network() {
        assert_eq!(parse_name("fr= Jordanie "), Ok(("fr".to_owned(), "Jordanie".to_owned())));
        assert!(parse_name("Jordan").is_err());
        assert!(parse_name("de=Jordanien").is_err());
    }
}
