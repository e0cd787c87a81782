//! The process's frame: common arguments, the async runtime, the exit code.
//!
//! Out of scope: rendering faults (the binaries, from the Fluent texts) and wrong use, which clap reports with code 2.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::code;
use crate::fault::Fault;

/// How long threads that block may hold up the end of the process.
const BLOCKED: Duration = Duration::from_secs(1);

/// How a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: it did what it was told, or stopped when it was told.
    Clean,
    /// 1: it failed.
    Failure,
    /// 2: it was used wrongly.
    Usage,
    /// 7: its configuration is bad.
    Configuration,
}

impl Exit {
    /// The number that the parent process sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Configuration => 7,
        }
    }

    /// How a process ends that stops at this fault before it serves: the families `CONFIG_` and `SECRET_` are
    /// configuration.
    #[must_use]
    pub fn of(fault: &Fault) -> Self {
        let configuration = ["CONFIG_", "SECRET_"];
        if configuration.iter().any(|family| fault.code.starts_with(family)) {
            Self::Configuration
        } else {
            Self::Failure
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// The arguments that every binary has.
#[derive(Debug, Clone, Default, Args)]
pub struct Common {
    /// Configuration file; its drop-ins are in FILE.d
    #[arg(long, global = true, value_name = "FILE", env = "MULTAQA_CONFIG")]
    pub config: Option<PathBuf>,
    /// Print JSON instead of tables. A failure, a warning or a note is then one JSON object a line on standard error: level,
    /// code, text, act, next, at (file, line, column, field), args, findings
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of what is printed for people
    #[arg(long, global = true, env = "MULTAQA_LANG")]
    pub lang: Option<Language>,
    /// Log filter, such as `info` or `multaqa_hub=debug`; over what the configuration says [env: MULTAQA_LOG=]
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
}

impl Common {
    /// What the environment says of them, for a command line that cannot be parsed.
    #[must_use]
    pub fn of_environment() -> Self {
        let lang = std::env::var("MULTAQA_LANG").ok().and_then(|lang| Language::from_str(&lang, true).ok());
        Self { lang, ..Self::default() }
    }

    /// The language of what is printed for people: `--lang`, else that of the locale ([`locale`]), else English.
    #[must_use]
    pub fn language(&self, locale: Option<&str>) -> Language {
        self.lang.or_else(|| Language::of_locale(locale?)).unwrap_or(Language::En)
    }
}

/// The locale of messages by POSIX: `LC_ALL`, else `LC_MESSAGES`, else `LANG`, of those that are not empty.
#[must_use]
pub fn locale() -> Option<String> {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
}

/// A language of the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Arabic
    Ar,
    /// English
    En,
    /// French
    Fr,
}

impl Language {
    /// The BCP 47 tag, as in [`crate::code::MESSAGES`].
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    fn of_locale(locale: &str) -> Option<Self> {
        let language = locale.split(['_', '.', '@', '-']).next()?;
        Self::from_str(language, true).ok()
    }
}

/// Runs `main` on a multi-threaded async runtime and gives what it gives.
///
/// # Errors
/// The runtime could not be started.
pub fn run<T>(main: impl Future<Output = T>) -> Result<T, Fault> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::new(code::RUNTIME_NOT_STARTED).with("detail", error))?;
    let result = runtime.block_on(main);
    runtime.shutdown_timeout(BLOCKED);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        common: Common,
    }

    fn parse(args: &[&str]) -> Common {
        Program::parse_from([&["program"], args].concat()).common
    }

    #[test]
    fn the_flag_wins_over_the_locale_and_english_is_last() {
        let arabic = parse(&["--lang", "ar", "--json", "--config", "hub.toml"]);
        assert_eq!(arabic.language(Some("fr_FR.UTF-8")), Language::Ar);
        assert_eq!(arabic.config, Some("hub.toml".into()));
        assert!(arabic.json);
        let unsaid = Common::default();
        assert_eq!(unsaid.language(Some("fr_MA.UTF-8")).tag(), "fr");
        assert_eq!(unsaid.language(Some("ar")).tag(), "ar");
        assert_eq!(unsaid.language(Some("C.UTF-8")).tag(), "en");
        assert_eq!(unsaid.language(None), Language::En);
        assert!(Program::try_parse_from(["program", "--lang", "de"]).is_err());
    }

    #[test]
    fn exit_codes_tell_configuration_from_failure() {
        assert_eq!(Exit::of(&Fault::new(code::CONFIG_SYNTAX)).code(), 7);
        assert_eq!(Exit::of(&Fault::new(code::SECRET_TOO_OPEN)).code(), 7);
        assert_eq!(Exit::of(&Fault::new(code::LISTEN_FAILED)).code(), 1);
        assert_eq!((Exit::Clean.code(), Exit::Usage.code()), (0, 2));
    }

    #[test]
    fn runs_on_a_runtime_with_io_and_time() {
        let bound = run(async {
            tokio::time::timeout(Duration::from_mins(1), crate::listen::tcp(([127, 0, 0, 1], 0).into())).await
        });
        assert!(bound.unwrap().unwrap().is_ok());
    }
}
