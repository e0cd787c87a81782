//! What may go wrong around a federation. What goes wrong inside it, its own programs say.

use std::path::PathBuf;

use thiserror::Error;

/// Why a step was not done.
#[derive(Debug, Error)]
pub enum Failure {
    /// A command ended with another code than 0 (code `DEMO_COMMAND_FAILED`).
    #[error("{command} ended with {code}: {stderr}")]
    Command {
        /// The command line.
        command: String,
        /// Its exit code, or the signal.
        code: String,
        /// What it wrote to standard error.
        stderr: String,
    },
    /// A file or directory (code `DEMO_DISK_FAILED`).
    #[error("{path}: {why}", path = .path.display())]
    Disk {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        why: String,
    },
    /// A command printed other JSON than expected (code `DEMO_JSON_UNEXPECTED`).
    #[error("no {what} in {found}")]
    Json {
        /// What was looked for.
        what: String,
        /// What was found.
        found: String,
    },
    /// A link cannot listen (code `DEMO_LINK_FAILED`).
    #[error("no link: {why}")]
    Link {
        /// What the operating system said.
        why: String,
    },
    /// No member has this code or number (code `DEMO_MEMBER_UNKNOWN`).
    #[error("no member {member}")]
    MemberUnknown {
        /// What was asked for.
        member: String,
    },
    /// A process ended by itself (code `DEMO_PROCESS_DIED`).
    #[error("{name} ended by itself with {status}; last lines of {log}:\n{tail}", log = .log.display())]
    Died {
        /// Which process.
        name: String,
        /// How it ended.
        status: String,
        /// Where its log lines are.
        log: PathBuf,
        /// The last of them.
        tail: String,
    },
    /// A program cannot be started (code `DEMO_PROGRAM_NOT_STARTED`).
    #[error("{program} cannot be started: {why}", program = .program.display())]
    NotStarted {
        /// Which.
        program: PathBuf,
        /// What the operating system said.
        why: String,
    },
    /// A record file has nothing that can be counted up (code `DEMO_RECORD_NOT_REVISED`).
    #[error("no revision of {path}: {why}", path = .path.display())]
    NotRevised {
        /// Which file.
        path: PathBuf,
        /// What is missing.
        why: String,
    },
    /// A process was told to stop and ended badly (code `DEMO_STOPPED_BADLY`).
    #[error("{name} was told to stop and ended with {status}; last lines of {log}:\n{tail}", log = .log.display())]
    StoppedBadly {
        /// Which process.
        name: String,
        /// How it ended.
        status: String,
        /// Where its log lines are.
        log: PathBuf,
        /// The last of them.
        tail: String,
    },
    /// Something did not come about in time (code `DEMO_TIMED_OUT`).
    #[error("{what}: not within {seconds} s; last seen: {seen}")]
    TimedOut {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
        /// What was there instead.
        seen: String,
    },
    /// The replicas are not what the hub has (code `DEMO_ROOTS_DIFFER`).
    #[error("the replicas of {members} differ from the hub's log")]
    RootsDiffer {
        /// Whose.
        members: String,
    },
}

impl Failure {
    /// The stable code of this failure.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Command { .. } => "DEMO_COMMAND_FAILED",
            Self::Disk { .. } => "DEMO_DISK_FAILED",
            Self::Json { .. } => "DEMO_JSON_UNEXPECTED",
            Self::Link { .. } => "DEMO_LINK_FAILED",
            Self::MemberUnknown { .. } => "DEMO_MEMBER_UNKNOWN",
            Self::Died { .. } => "DEMO_PROCESS_DIED",
            Self::NotStarted { .. } => "DEMO_PROGRAM_NOT_STARTED",
            Self::NotRevised { .. } => "DEMO_RECORD_NOT_REVISED",
            Self::StoppedBadly { .. } => "DEMO_STOPPED_BADLY",
            Self::TimedOut { .. } => "DEMO_TIMED_OUT",
            Self::RootsDiffer { .. } => "DEMO_ROOTS_DIFFER",
        }
    }

    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Command { command, code, stderr } => {
                vec![("command", command.clone()), ("code", code.clone()), ("stderr", stderr.clone())]
            }
            Self::Disk { path, why } | Self::NotRevised { path, why } => {
                vec![("path", path.display().to_string()), ("why", why.clone())]
            }
            Self::Json { what, found } => vec![("what", what.clone()), ("found", found.clone())],
            Self::Link { why } => vec![("why", why.clone())],
            Self::MemberUnknown { member } => vec![("member", member.clone())],
            Self::Died { name, status, log, tail } | Self::StoppedBadly { name, status, log, tail } => vec![
                ("name", name.clone()),
                ("status", status.clone()),
                ("log", log.display().to_string()),
                ("tail", tail.clone()),
            ],
            Self::NotStarted { program, why } => {
                vec![("program", program.display().to_string()), ("why", why.clone())]
            }
            Self::TimedOut { what, seconds, seen } => {
                vec![("what", what.clone()), ("seconds", seconds.to_string()), ("seen", seen.clone())]
            }
            Self::RootsDiffer { members } => vec![("members", members.clone())],
        }
    }
}

/// A failure of the disk at this path.
pub(crate) fn disk(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.into();
    move |why| Failure::Disk { path, why: why.to_string() }
}
