//! The hub's process and the commands that are run for it: making it, serving, the operators' acts.
//!
//! Out of scope: nodes (`node`), the CA's own commands beyond `init` (run them with [`Hub::certs`]).

use std::ffi::OsStr;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::{Failure, disk};
use crate::json;
use crate::link::Target;
use crate::members::Member;
use crate::process::{Output, Process, Program};
use crate::wait::{DEADLINE, Seen, wait_for};

/// Name of the operator that acts.
const OPERATOR: &str = "first";

/// A federation's hub, its CA and its operator's directory, all below one directory.
#[derive(Debug)]
pub struct Hub {
    program: Program,
    root: PathBuf,
    process: Option<Process>,
    target: Target,
}

impl Hub {
    /// A hub that is still to be made below `root`.
    #[must_use]
    pub fn new(program: Program, root: &Path) -> Self {
        Self { program, root: root.to_owned(), process: None, target: Target::default() }
    }

    /// The hub's own directory.
    #[must_use]
    pub fn dir(&self) -> PathBuf {
        self.root.join("hub")
    }

    /// The directory of the CA, which belongs offline.
    #[must_use]
    pub fn ca_dir(&self) -> PathBuf {
        self.root.join("ca")
    }

    /// The directory of the operator's keys, which belongs on another machine.
    #[must_use]
    pub fn operator_dir(&self) -> PathBuf {
        self.root.join("operator")
    }

    /// Where the hub's log lines go.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.root.join("hub.log")
    }

    /// Where links lead.
    #[must_use]
    pub fn target(&self) -> Target {
        self.target.clone()
    }

    /// `multaqa-certs init`: the offline root and the issuing CAs.
    ///
    /// # Errors
    /// Where the command fails.
    pub fn make_ca(&self, federation: &str) -> Result<(), Failure> {
        let dir = self.ca_dir();
        let args = [OsStr::new("init"), OsStr::new("--dir"), dir.as_os_str(), OsStr::new("--federation")];
        self.certs(args.into_iter().chain([OsStr::new(federation)]))?.ok()?;
        Ok(())
    }

    /// `multaqa-hub init`: keys, genesis, the operator's directory. The hub will listen on a free loopback port.
    ///
    /// # Errors
    /// Where the command fails.
    pub fn init(&self, federation: &str) -> Result<(), Failure> {
        self.init_witnessed(federation, &[])
    }

    /// The same, with states whose nodes witness from the beginning.
    ///
    /// # Errors
    /// Where the command fails.
    pub fn init_witnessed(&self, federation: &str, witnesses: &[&str]) -> Result<(), Failure> {
        let (dir, ca, operator_dir) = (self.dir(), self.ca_dir(), self.operator_dir());
        let witnesses = format!("--witnesses={}", witnesses.join(","));
        let args: [&OsStr; 13] = [
            "init".as_ref(),
            "--dir".as_ref(),
            dir.as_ref(),
            "--ca".as_ref(),
            ca.as_ref(),
            "--federation".as_ref(),
            federation.as_ref(),
            "--operator".as_ref(),
            OPERATOR.as_ref(),
            "--operator-dir".as_ref(),
            operator_dir.as_ref(),
            "--listen".as_ref(),
            "127.0.0.1:0".as_ref(),
        ];
        let witnesses = Some(witnesses.as_str()).filter(|codes| !codes.ends_with('=')).map(OsStr::new);
        self.program.run("multaqa-hub", args.into_iter().chain(witnesses), None)?.ok()?;
        Ok(())
    }

    /// `multaqa-hub serve`: starts it and waits until it listens. Links lead to its new port from then on.
    ///
    /// # Errors
    /// Where it does not come up.
    pub fn start(&mut self) -> Result<SocketAddr, Failure> {
        let (config, announced) = (self.dir().join("hub.toml"), self.dir().join("hub.addr"));
        match fs::remove_file(&announced) {
            Err(why) if why.kind() != std::io::ErrorKind::NotFound => return Err(disk(announced)(why)),
            Ok(()) | Err(_) => {}
        }
        let args: [&OsStr; 3] = ["serve".as_ref(), "--config".as_ref(), config.as_ref()];
        let process = self.program.start("hub", "multaqa-hub", args, &self.log())?;
        let process = self.process.insert(process);
        let address = wait_for("the hub's address", DEADLINE, || {
            process.check()?;
            let text = fs::read_to_string(&announced).unwrap_or_default();
            let address = text.lines().next().and_then(|line| line.parse().ok());
            Ok(address.map_or_else(|| Seen::NotYet(text.clone()), Seen::Yes))
        })?;
        self.target.set(address);
        Ok(address)
    }

    /// The address on which the hub listens; none before its first start.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.target.get()
    }

    /// SIGTERM and a clean end.
    ///
    /// # Errors
    /// Where it ends badly. Nothing is done where it does not run.
    pub fn stop(&mut self) -> Result<(), Failure> {
        self.target.close();
        self.process.take().map_or(Ok(()), Process::stop)
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// Where it had ended before. Nothing is done where it does not run.
    pub fn kill9(&mut self) -> Result<(), Failure> {
        self.target.close();
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

    /// An operator's command, with the operator's directory and the hub's address. How it ended is for the caller to judge.
    ///
    /// # Errors
    /// Where it cannot be run.
    pub fn operator(&self, args: &[&str]) -> Result<Output, Failure> {
        self.operator_at(args, self.address())
    }

    fn operator_at(&self, args: &[&str], address: Option<SocketAddr>) -> Result<Output, Failure> {
        let dir = self.operator_dir();
        let mut all: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        all.extend([OsStr::new("--operator-dir"), dir.as_os_str()]);
        let address = address.map(|address| address.to_string());
        if let Some(address) = &address {
            all.extend([OsStr::new("--hub"), OsStr::new(address)]);
        }
        self.program.run("multaqa-hub", all, None)
    }

    /// A command of the hub's program as it stands: no directory, no address added.
    ///
    /// # Errors
    /// Where it cannot be run.
    pub fn cli(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Output, Failure> {
        self.program.run("multaqa-hub", args, None)
    }

    /// A command of `multaqa-certs`.
    ///
    /// # Errors
    /// Where it cannot be run.
    pub fn certs(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Output, Failure> {
        self.program.run("multaqa-certs", args, None)
    }

    /// `multaqa-hub invite`: admits the member if it is new; gives the join key. The operator reaches the hub at `address`,
    /// and so will the node: the key names it.
    ///
    /// # Errors
    /// Where the command fails.
    pub fn invite(&self, member: &Member, node: &str, address: SocketAddr, more: &[&str]) -> Result<String, Failure> {
        let names = member.names.each_ref().map(|(lang, name)| format!("{lang}={name}"));
        let mut args = vec!["invite", &member.code, "--node", node, "--class", &member.class];
        for name in &names {
            args.extend(["--name", name]);
        }
        args.extend(more);
        Ok(self.operator_at(&args, Some(address))?.ok()?.stdout.trim().to_owned())
    }

    /// `multaqa-hub group create`.
    ///
    /// # Errors
    /// Where the command fails.
    pub fn create_group(&self, slug: &str, history: &str, members: &[&str]) -> Result<(), Failure> {
        let name = format!("en={}", slug.to_uppercase());
        let mut args = vec!["group", "create", slug, "--history", history, "--name", &name];
        for member in members {
            args.extend(["--member", member]);
        }
        self.operator(&args)?.ok()?;
        Ok(())
    }

    /// `multaqa-hub status --json`.
    ///
    /// # Errors
    /// Where the command fails.
    pub fn status(&self) -> Result<Value, Failure> {
        json::parse(&self.operator(&["status", "--json"])?.ok()?.stdout)
    }

    /// `multaqa-hub policy --json`.
    ///
    /// # Errors
    /// Where the command fails.
    pub fn policy(&self) -> Result<Value, Failure> {
        json::parse(&self.operator(&["policy", "--json"])?.ok()?.stdout)
    }

    /// Leaves on the hub's log.
    ///
    /// # Errors
    /// Where the command fails.
    pub fn size(&self) -> Result<u64, Failure> {
        json::number(&self.status()?, "/size")
    }

    /// `multaqa-hub fsck --json`: the hub's store, recomputed from its records; beside a running hub too.
    ///
    /// # Errors
    /// Where the command fails.
    pub fn fsck(&self) -> Result<Value, Failure> {
        let dir = self.dir();
        let args: [&OsStr; 4] = ["fsck".as_ref(), "--dir".as_ref(), dir.as_ref(), "--json".as_ref()];
        json::parse(&self.cli(args)?.ok()?.stdout)
    }
}
