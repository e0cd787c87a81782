//! Programs as child processes: commands that end, and servers that go on until they are told.
//!
//! In scope: a clean environment, deadlines, captured output, signals, noticing a death, and that no child outlives its
//! parent. Out of scope: which commands there are (`hub`, `node`).
//!
//! A server's standard input is a leash: an open pipe that nobody writes to. When the parent ends in whatever way, the
//! kernel closes it, and `dispatch` ends the server. No orphan keeps a port or a directory.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::dispatch::LEASH;
use crate::failure::{Failure, disk};
use crate::wait::{DEADLINE, Seen, wait_for};

/// Log lines shown of a process that died.
const TAIL: usize = 20;

/// The program that is all binaries, and what its children find in their environment.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    variables: Vec<(OsString, OsString)>,
}

/// What a command printed and how it ended.
#[derive(Debug, Clone)]
pub struct Output {
    /// The command line, for people.
    pub command: String,
    /// Exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// The output of a command that ended with 0.
    ///
    /// # Errors
    /// [`Failure::Command`] where it did not.
    pub fn ok(self) -> Result<Self, Failure> {
        if self.code == Some(0) {
            return Ok(self);
        }
        let code = self.code.map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        Err(Failure::Command { command: self.command, code, stderr: self.stderr })
    }
}

impl Program {
    /// A program that dispatches to all binaries (see `dispatch`).
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), variables: Vec::new() }
    }

    /// The same, with a variable for its children.
    #[must_use]
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Runs one of the binaries to its end.
    ///
    /// # Errors
    /// Where it cannot be started or goes on beyond the [`DEADLINE`]. How it ended is for the caller to judge.
    pub fn run(
        &self,
        binary: &str,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
        input: Option<&str>,
    ) -> Result<Output, Failure> {
        let mut command = self.command(binary);
        command.args(args);
        let shown = shown(&command);
        let (mut stdout, mut stderr) = (scratch()?, scratch()?);
        let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
        command.stdin(stdin).stdout(handle(&stdout)?).stderr(handle(&stderr)?);
        let mut child = Reaped(command.spawn().map_err(|why| self.not_started(&why))?);
        if let (Some(mut stdin), Some(text)) = (child.0.stdin.take(), input) {
            // A command that has ended without reading says itself why.
            let _closed = stdin.write_all(text.as_bytes());
        }
        let status = wait_for(&shown, DEADLINE, || Ok(ended(&mut child.0)))?;
        Ok(Output { command: shown, code: status.code(), stdout: content(&mut stdout)?, stderr: content(&mut stderr)? })
    }

    /// Starts one of the binaries as a server, in a process group of its own, its lines appended to `log`.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn start(
        &self,
        name: &str,
        binary: &str,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
        log: &Path,
    ) -> Result<Process, Failure> {
        let file = File::options().create(true).append(true).open(log).map_err(disk(log))?;
        let mut command = self.command(binary);
        command.args(args).env(LEASH, "1").process_group(0);
        command.stdin(Stdio::piped()).stdout(handle(&file)?).stderr(handle(&file)?);
        let child = command.spawn().map_err(|why| self.not_started(&why))?;
        Ok(Process { name: name.to_owned(), child, log: log.to_owned() })
    }

    /// The command line that a person types for the same.
    #[must_use]
    pub fn line(&self, binary: &str, args: &[&str]) -> String {
        let program = self.path.to_string_lossy();
        [program.as_ref(), binary].into_iter().chain(args.iter().copied()).collect::<Vec<_>>().join(" ")
    }

    fn command(&self, binary: &str) -> Command {
        let mut command = Command::new(&self.path);
        command.arg(binary);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MULTAQA_") {
                command.env_remove(name);
            }
        }
        command.env("LANG", "C.UTF-8").envs(self.variables.iter().cloned());
        command
    }

    fn not_started(&self, why: &std::io::Error) -> Failure {
        Failure::NotStarted { program: self.path.clone(), why: why.to_string() }
    }
}

/// A server that runs. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where its log lines are.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Fails where the process has ended by itself.
    ///
    /// # Errors
    /// [`Failure::Died`] with its last lines.
    pub fn check(&mut self) -> Result<(), Failure> {
        match ended(&mut self.child) {
            Seen::NotYet(_) => Ok(()),
            Seen::Yes(status) => {
                let (name, status) = (self.name.clone(), status.to_string());
                Err(Failure::Died { name, status, log: self.log.clone(), tail: tail(&self.log) })
            }
        }
    }

    /// SIGTERM, then waits for the end of the drain, which must be a clean one.
    ///
    /// # Errors
    /// Where it had ended before, does not end within the [`DEADLINE`], or ends with another code than 0.
    pub fn stop(mut self) -> Result<(), Failure> {
        self.check()?;
        self.signal(Signal::TERM);
        let what = format!("the end of {}", self.name);
        let status = wait_for(&what, DEADLINE, || Ok(ended(&mut self.child)))?;
        if status.success() {
            return Ok(());
        }
        let (name, status) = (self.name.clone(), status.to_string());
        Err(Failure::StoppedBadly { name, status, log: self.log.clone(), tail: tail(&self.log) })
    }

    /// SIGKILL: the process gets no chance to finish anything.
    ///
    /// # Errors
    /// Where it had ended before.
    pub fn kill9(mut self) -> Result<(), Failure> {
        self.check()
        // The drop does it.
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        // An error means that it has ended, which is what the signal is for.
        let _ended = pid.map(|pid| kill_process(pid, signal));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// A child that is killed when it is given up.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        end(&mut self.0);
    }
}

fn end(child: &mut Child) {
    // Errors mean that it has ended and been waited for.
    let _ended = child.kill();
    let _status = child.wait();
}

fn ended(child: &mut Child) -> Seen<ExitStatus> {
    match child.try_wait() {
        Ok(Some(status)) => Seen::Yes(status),
        Ok(None) => Seen::NotYet("it runs".to_owned()),
        Err(why) => Seen::NotYet(why.to_string()),
    }
}

fn shown(command: &Command) -> String {
    let words = command.get_args().map(OsStr::to_string_lossy);
    words.collect::<Vec<_>>().join(" ")
}

fn scratch() -> Result<File, Failure> {
    tempfile::tempfile().map_err(disk(std::env::temp_dir()))
}

fn handle(file: &File) -> Result<Stdio, Failure> {
    Ok(file.try_clone().map_err(disk("a file's handle"))?.into())
}

fn content(file: &mut File) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(disk("a command's output"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}
