//! `multaqa-certs`: the verbs, and how their outcome and errors are shown.
//!
//! In scope: parsing, the clock's one reading, text or JSON on standard output, errors in the reader's language on standard
//! error: lines for people, or with `--json` one object (`proto::message::told`). Out of scope: what the verbs do (one file each under `cli/`, over the library).
//!
//! Exit codes: 0 done, 1 failed, 2 wrong use.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::SystemTime;

use clap::{CommandFactory as _, Parser, Subcommand};
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::message::told::{Asked, Told};
use multaqa_proto::text::Lang;
use serde::Serialize;

use crate::authority::AuthorityError;
use crate::request::RequestError;
use crate::store::StoreError;
use crate::verify::VerifyError;

mod fingerprint;
mod init;
mod inspect;
mod issue;
mod offline;
mod renew_issuer;
mod request;
mod screen;
mod verify;
mod verify_evidence;
mod verify_record;

/// Identities of a Multaqa federation: make its CA, issue, look at and check certificates.
#[derive(Debug, Parser)]
#[command(name = "multaqa-certs", version, propagate_version = true)]
struct Cli {
    /// Print JSON instead of text. A failure is then one JSON object on standard error: level, code, text, act, next,
    /// at (file, line, column, field), args, findings.
    #[arg(long, global = true)]
    json: bool,
    /// Language of what is printed for people: ar, en or fr. By default that of LANG, else en.
    #[arg(long, global = true, env = "MULTAQA_LANG", value_name = "LANG")]
    lang: Option<Lang>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a federation's offline root and its three issuing CAs.
    Init(init::Args),
    /// Issue a certificate, for a request or with a new key.
    Issue(issue::Args),
    /// Make an issuing CA anew, with the root's key at hand.
    RenewIssuer(renew_issuer::Args),
    /// Make a private key and a request for it.
    Request(request::Args),
    /// Say in plain words what certificates or a request hold.
    Inspect(inspect::Args),
    /// Check a certificate against its profile and the root; name every rule that it breaks.
    Verify(verify::Args),
    /// Decide offline, with nothing but the genesis, who wrote a record and where it stands on the log.
    VerifyRecord(verify_record::Args),
    /// Decide offline, with nothing but the genesis, what an evidence file proves and what it only claims.
    VerifyEvidence(verify_evidence::Args),
    /// Print the SHA-256 of certificates and of their public keys.
    Fingerprint(fingerprint::Args),
    /// Print the completion script of a shell.
    Completions {
        /// bash, elvish, fish, powershell or zsh.
        shell: clap_complete::Shell,
    },
}

/// Runs the command line. The first argument is the program's name.
pub fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => return wrong_use(&error, Asked::of(&args)),
    };
    let out = Out { json: cli.json, screen: screen::screen(lang(cli.lang)) };
    match act(cli.verb, &out) {
        Ok(code) => code,
        Err(failure) => {
            failure.show(&out);
            ExitCode::FAILURE
        }
    }
}

/// Help and version are no errors; the rest is wrong use.
fn wrong_use(error: &clap::Error, asked: Asked) -> ExitCode {
    if error.use_stderr() && asked.json {
        let of_environment = || std::env::var("MULTAQA_LANG").ok()?.parse().ok();
        let screen = screen::screen(lang(asked.lang.or_else(of_environment)));
        write_error(&Told::wrong_use(screen, "multaqa-certs", &error.to_string()).line());
    } else {
        // The text could not be shown; the exit code still tells.
        let _unshown = error.print();
    }
    if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS }
}

fn lang(asked: Option<Lang>) -> Lang {
    asked.or_else(lang_of_environment).unwrap_or(Lang::En)
}

fn act(verb: Verb, out: &Out) -> Result<ExitCode, Failure> {
    match verb {
        Verb::Init(args) => init::run(&args, out),
        Verb::Issue(args) => issue::run(&args, out),
        Verb::RenewIssuer(args) => renew_issuer::run(&args, out),
        Verb::Request(args) => request::run(&args, out),
        Verb::Inspect(args) => inspect::run(&args, out),
        Verb::Verify(args) => verify::run(&args, out),
        Verb::VerifyRecord(args) => verify_record::run(&args, out),
        Verb::VerifyEvidence(args) => verify_evidence::run(&args, out),
        Verb::Fingerprint(args) => fingerprint::run(&args, out),
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "multaqa-certs", &mut script);
            write(&script)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Where a verb's outcome goes.
struct Out {
    json: bool,
    screen: Screen<'static>,
}

impl Out {
    /// Prints the value as JSON, or the text.
    fn show(&self, value: &impl Serialize, text: &str) -> Result<(), Failure> {
        if !self.json {
            return write(text.as_bytes());
        }
        let mut json = serde_json::to_vec_pretty(value)
            .map_err(|e| StoreError::Io { path: "/dev/stdout".into(), why: e.to_string() })?;
        json.push(b'\n');
        write(&json)
    }

    /// Prints the value as JSON, or the line.
    fn say(&self, value: &impl Serialize, line: &Line) -> Result<(), Failure> {
        self.show(value, &(self.screen.text(line) + "\n"))
    }
}

/// What stopped a verb.
struct Failure {
    code: &'static str,
    args: Vec<(&'static str, String)>,
}

macro_rules! failures {
    ($($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self { code: error.code(), args: error.args() }
            }
        }
    )*};
}
failures!(AuthorityError, RequestError, StoreError, VerifyError);

impl Failure {
    fn show(&self, out: &Out) {
        let Out { json, screen } = *out;
        let told = || Told::failure(screen, self.code, &self.args).line();
        write_error(&if json { told() } else { screen.failure(self.code, &self.args) });
    }
}

/// Standard error may be closed; the exit code still tells.
fn write_error(text: &str) {
    let _unshown = io::stderr().write_all(text.as_bytes());
}

/// Writes to standard output. A reader that has gone away is no failure.
fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(StoreError::Io { path: "/dev/stdout".into(), why: e.to_string() }.into())
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn lang_of_environment() -> Option<Lang> {
    // By POSIX, of those that are not empty.
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set)?.get(..2)?.parse().ok()
}

/// Unix time in milliseconds: this binary's one look at the clock.
#[expect(clippy::disallowed_methods, reason = "a short-lived command: its clock is read here and handed on")]
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
