//! `multaqa-certs`: the verbs, and how their outcome and errors are shown.
//!
//! In scope: parsing, the clock's one reading, text or JSON on standard output, errors in the reader's language on standard
//! error. Out of scope: what the verbs do (one file each under `cli/`, over the library).
//!
//! Exit codes: 0 done, 1 failed, 2 wrong use.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::SystemTime;

use clap::{CommandFactory as _, Parser, Subcommand};
use multaqa_proto::message::Catalogue;
use multaqa_proto::message::screen::Screen;
use multaqa_proto::text::Lang;
use serde::Serialize;

use crate::authority::AuthorityError;
use crate::code;
use crate::request::RequestError;
use crate::store::StoreError;
use crate::verify::VerifyError;

mod fingerprint;
mod init;
mod inspect;
mod issue;
mod request;
mod verify;

/// Identities of a Multaqa federation: make its CA, issue, look at and check certificates.
#[derive(Debug, Parser)]
#[command(name = "multaqa-certs", version, propagate_version = true)]
struct Cli {
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
    /// Language of error messages: ar, en or fr. By default that of LANG, else en.
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
    /// Make a private key and a request for it.
    Request(request::Args),
    /// Say in plain words what certificates or a request hold.
    Inspect(inspect::Args),
    /// Check a certificate against its profile and the root; name every rule that it breaks.
    Verify(verify::Args),
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
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let wrong_use = error.use_stderr();
            // The text could not be shown; the exit code still tells.
            let _unshown = error.print();
            return if wrong_use { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let lang = cli.lang.or_else(lang_of_environment).unwrap_or(Lang::En);
    let out = Out { json: cli.json };
    match act(cli.verb, &out) {
        Ok(code) => code,
        Err(failure) => {
            failure.show(lang, cli.json);
            ExitCode::FAILURE
        }
    }
}

fn act(verb: Verb, out: &Out) -> Result<ExitCode, Failure> {
    match verb {
        Verb::Init(args) => init::run(&args, out),
        Verb::Issue(args) => issue::run(&args, out),
        Verb::Request(args) => request::run(&args, out),
        Verb::Inspect(args) => inspect::run(&args, out),
        Verb::Verify(args) => verify::run(&args, out),
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
}

/// What stopped a verb.
struct Failure {
    code: &'static str,
    args: Vec<(&'static str, String)>,
    /// What happened, as the error itself says: for causes that the rendered text leaves out.
    detail: String,
}

macro_rules! failures {
    ($($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self { code: error.code(), args: error.args(), detail: error.to_string() }
            }
        }
    )*};
}
failures!(AuthorityError, RequestError, StoreError, VerifyError);

#[derive(Serialize)]
struct JsonFailure<'a> {
    code: &'a str,
    text: &'a str,
    act: &'a str,
    next: &'a str,
    detail: &'a str,
}

impl Failure {
    fn show(&self, lang: Lang, json: bool) {
        let catalogue = Catalogue::new(&[&code::MESSAGES]);
        let text = if json {
            let rendered = catalogue.render(lang, self.code, &self.args);
            let failure = JsonFailure {
                code: self.code,
                text: &rendered.text,
                act: &rendered.act,
                next: &rendered.next,
                detail: &self.detail,
            };
            serde_json::to_string(&failure).unwrap_or_else(|_| self.code.to_owned()) + "\n"
        } else {
            Screen::new(&catalogue, lang).failure(self.code, &self.args)
        };
        // Standard error may be closed; the exit code still tells.
        let _unshown = io::stderr().write_all(text.as_bytes());
    }
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
