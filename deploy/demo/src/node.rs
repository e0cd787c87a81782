//! A node's process, its directory, its line to the hub and the commands that are run for it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::failure::Failure;
use crate::json;
use crate::link::{Link, Target};
use crate::process::{Output, Process, Program};
use crate::wait::{DEADLINE, Seen, wait_for};

/// A member's node.
#[derive(Debug)]
pub struct Node {
    program: Program,
    member: String,
    name: String,
    dir: PathBuf,
    link: Link,
    process: Option<Process>,
    pub(crate) system_line: Option<String>,
}

impl Node {
    /// A node that is still to join, with its directory below `root` and a line of its own to the hub.
    ///
    /// # Errors
    /// Where there is no free port for the line.
    pub fn new(program: Program, root: &Path, member: &str, name: &str, hub: Target) -> Result<Self, Failure> {
        let dir = root.join(format!("{member}-{name}"));
        let (member, name, link) = (member.to_owned(), name.to_owned(), Link::open(hub)?);
        Ok(Self { program, member, name, dir, link, process: None, system_line: None })
    }

    /// Code of the member.
    #[must_use]
    pub fn member(&self) -> &str {
        &self.member
    }

    /// Its directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where its log lines go.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.dir.with_extension("log")
    }

    /// Its line to the hub.
    #[must_use]
    pub const fn link(&self) -> &Link {
        &self.link
    }

    /// `multaqa-node join -`. How it ended is for the caller to judge.
    ///
    /// # Errors
    /// Where it cannot be run.
    pub fn try_join(&self, join_key: &str) -> Result<Output, Failure> {
        let args: [&OsStr; 4] = ["join".as_ref(), "-".as_ref(), "--dir".as_ref(), self.dir.as_ref()];
        self.program.run("multaqa-node", args, Some(join_key))
    }

    /// The same, to succeed.
    ///
    /// # Errors
    /// Where the command fails.
    pub fn join(&self, join_key: &str) -> Result<(), Failure> {
        self.try_join(join_key)?.ok()?;
        Ok(())
    }

    /// `multaqa-node serve`: starts it and waits until it answers on its socket.
    ///
    /// # Errors
    /// Where it does not come up.
    pub fn start(&mut self) -> Result<(), Failure> {
        let args: [&OsStr; 3] = ["serve".as_ref(), "--dir".as_ref(), self.dir.as_ref()];
        let name = format!("node {}/{}", self.member, self.name);
        self.process = Some(self.program.start(&name, "multaqa-node", args, &self.log())?);
        wait_for(&format!("{name} on its socket"), DEADLINE, || {
            self.check()?;
            let status = self.cli(&["status", "--json"])?;
            Ok(if status.code == Some(0) { Seen::Yes(()) } else { Seen::NotYet(status.stderr) })
        })
    }

    /// SIGTERM and a clean end.
    ///
    /// # Errors
    /// Where it ends badly. Nothing is done where it does not run.
    pub fn stop(&mut self) -> Result<(), Failure> {
        self.process.take().map_or(Ok(()), Process::stop)
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// Where it had ended before. Nothing is done where it does not run.
    pub fn kill9(&mut self) -> Result<(), Failure> {
        self.process.take().map_or(Ok(()), Process::kill9)
    }

    /// Its process; none while it is stopped.
    #[must_use]
    pub const fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    /// Fails where the process has ended by itself.
    ///
    /// # Errors
    /// [`Failure::Died`].
    pub fn check(&mut self) -> Result<(), Failure> {
        self.process.as_mut().map_or(Ok(()), Process::check)
    }

    /// A command of this node, with its directory. How it ended is for the caller to judge.
    ///
    /// # Errors
    /// Where it cannot be run.
    pub fn cli(&self, args: &[&str]) -> Result<Output, Failure> {
        let all = args.iter().map(OsStr::new).chain([OsStr::new("--dir"), self.dir.as_os_str()]);
        self.program.run("multaqa-node", all, None)
    }

    /// What a command prints with `--json`.
    ///
    /// # Errors
    /// Where it fails or prints no JSON.
    pub fn json(&self, args: &[&str]) -> Result<Value, Failure> {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        json::parse(&self.cli(&args)?.ok()?.stdout)
    }

    /// `multaqa-node publish FILE...`.
    ///
    /// # Errors
    /// Where the command fails.
    pub fn publish(&self, files: &[PathBuf]) -> Result<(), Failure> {
        let dir = [OsStr::new("--dir"), self.dir.as_os_str()];
        let args = [OsStr::new("publish")].into_iter().chain(files.iter().map(|file| file.as_os_str())).chain(dir);
        self.program.run("multaqa-node", args, None)?.ok()?;
        Ok(())
    }

    /// Waits until `status --json` is as asked.
    ///
    /// # Errors
    /// Where it is not within the deadline, or the process has ended.
    pub fn wait_until(
        &mut self,
        what: &str,
        deadline: Duration,
        condition: impl Fn(&Value) -> bool,
    ) -> Result<Value, Failure> {
        let what = format!("{}/{}: {what}", self.member, self.name);
        wait_for(&what, deadline, || {
            self.check()?;
            let status = self.json(&["status"])?;
            Ok(if condition(&status) { Seen::Yes(status) } else { Seen::NotYet(status.to_string()) })
        })
    }

    /// `multaqa-node fsck --json`: journal and replica, recomputed from their records; beside a running node too.
    ///
    /// # Errors
    /// Where the command fails.
    pub fn fsck(&self) -> Result<Value, Failure> {
        self.json(&["fsck"])
    }

    /// The command line that a person types for a command of this node.
    #[must_use]
    pub fn line(&self, args: &[&str]) -> String {
        let dir = self.dir.to_string_lossy();
        let all: Vec<&str> = args.iter().copied().chain(["--dir", &dir]).collect();
        self.program.line("multaqa-node", &all)
    }
}
