//! A federation under test.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use multaqa_demo::failure::Failure;
use multaqa_demo::federation::Federation;
use multaqa_demo::hub::Hub;
use multaqa_demo::node::Node;
use multaqa_demo::process::{Output, Program};
use multaqa_demo::wait::{DEADLINE, Seen, wait_for};
use serde_json::Value;
use tempfile::TempDir;

use crate::points::{Armed, FailPoints};
use crate::record::Record;
use crate::steered::Steered;
use crate::{checker, files};

/// The deadline of whatever a story waits for: it ends a story that hangs, and is never waited out where all is well.
pub const SOON: Duration = DEADLINE;

/// A federation of real processes. When it is dropped after a story that went well, nothing may have died meanwhile and
/// everything must end cleanly; after one that went badly, the ends of all log files are shown.
pub struct World {
    federation: Federation,
    // Record files lie outside of the federation's directory, in which markers are looked for.
    scratch: TempDir,
    written: std::cell::Cell<usize>,
}

impl World {
    /// A hub, and a node of each of these members, joined and serving; all hold the same log.
    #[must_use]
    pub fn start(program: &str, members: &[&str]) -> Self {
        Self::empty(program, None).with(members)
    }

    /// The same, with a policy that names these states as witnesses.
    #[must_use]
    pub fn witnessed(program: &str, members: &[&str], witnesses: &[&str]) -> Self {
        let mut world = Self::empty(program, None);
        world.federation.start_hub_witnessed(witnesses).unwrap();
        world.federation.admit(members).unwrap();
        world.settle();
        world
    }

    /// The same, of a program whose environment is given, and which nothing stops at any point.
    #[must_use]
    pub fn of(program: Program, members: &[&str]) -> Self {
        Self::made(program, None, tempfile::tempdir().unwrap()).with(members)
    }

    /// The same, a hub alone with a policy that names these states as witnesses.
    #[must_use]
    pub fn of_witnessed(program: Program, witnesses: &[&str]) -> Self {
        let mut world = Self::made(program, None, tempfile::tempdir().unwrap());
        world.federation.start_hub_witnessed(witnesses).unwrap();
        world
    }

    /// The same, a hub alone, in a directory that stays.
    #[must_use]
    pub fn kept(program: Program, dir: &Path) -> Self {
        Self::made(program, Some(dir), tempfile::tempdir().unwrap()).with(&[])
    }

    fn with(mut self, members: &[&str]) -> Self {
        self.federation.start_hub().unwrap();
        self.federation.admit(members).unwrap();
        self.settle();
        self
    }

    /// A federation of which nothing is made yet, in this directory or in a temporary one.
    #[must_use]
    pub fn empty(program: &str, dir: Option<&Path>) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let points = scratch.path().join("points");
        fs::create_dir(&points).unwrap();
        let program = Program::new(program).with("MULTAQA_LANG", "en").with("FAIL_POINTS", &points);
        Self::made(program, dir, scratch)
    }

    fn made(program: Program, dir: Option<&Path>, scratch: TempDir) -> Self {
        Self { federation: Federation::new(program, dir).unwrap(), scratch, written: std::cell::Cell::new(0) }
    }

    /// The federation.
    #[must_use]
    pub const fn federation(&self) -> &Federation {
        &self.federation
    }

    /// The federation, to add to it.
    pub const fn federation_mut(&mut self) -> &mut Federation {
        &mut self.federation
    }

    /// The hub.
    #[must_use]
    pub const fn hub(&self) -> &Hub {
        self.federation.hub()
    }

    /// The hub, to start and stop it.
    pub const fn hub_mut(&mut self) -> &mut Hub {
        self.federation.hub_mut()
    }

    /// A node: `JO` for the first of a member, `JO/gw2` for another one.
    #[must_use]
    pub fn node(&self, name: &str) -> &Node {
        self.federation.node(name).unwrap()
    }

    /// A node, to start and stop it.
    pub fn node_mut(&mut self, name: &str) -> &mut Node {
        self.federation.node_mut(name).unwrap()
    }

    /// A directory for the story's own files.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// Adds to a node's configuration and starts it anew with it.
    pub fn configure(&mut self, name: &str, toml: &str) {
        let node = self.node_mut(name);
        add(&node.dir().join("node.toml.d"), toml);
        node.stop().unwrap();
        node.start().unwrap();
    }

    /// Adds to the hub's configuration and starts it anew with it.
    pub fn configure_hub(&mut self, toml: &str) {
        let hub = self.hub_mut();
        add(&hub.dir().join("hub.toml.d"), toml);
        hub.stop().unwrap();
        hub.start().unwrap();
    }

    /// What the hub's admin listener answers: status and body.
    #[must_use]
    pub fn hub_admin(&self, path: &str) -> String {
        let addresses = fs::read_to_string(self.hub().dir().join("hub.addr")).unwrap();
        let mut stream = TcpStream::connect(addresses.lines().nth(1).unwrap()).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Where its processes are to stop.
    #[must_use]
    pub fn points(&self) -> FailPoints {
        FailPoints::in_directory(&self.scratch.path().join("points"))
    }

    /// The clock of a node's process, which tells the machine's time so far.
    #[must_use]
    pub fn clock(&self, name: &str) -> Steered {
        let pid = self.node(name).process().expect("a node that runs").pid();
        Steered::of(&self.scratch.path().join("points"), pid)
    }

    /// The clock of the hub's process, which tells the machine's time so far.
    #[must_use]
    pub fn hub_clock(&self) -> Steered {
        let pid = self.hub().process().expect("a hub that runs").pid();
        Steered::of(&self.scratch.path().join("points"), pid)
    }

    /// Waits until a process stands where it is to stop. Until it is killed it does not move from there.
    pub fn until_reached(&mut self, armed: &Armed) {
        wait_for(&armed.to_string(), SOON, || {
            self.federation.check()?;
            Ok(if armed.is_reached() { Seen::Yes(()) } else { Seen::NotYet("none stands there".to_owned()) })
        })
        .unwrap();
    }

    /// Waits until every running node holds the whole log and has sent everything; its size.
    pub fn settle(&mut self) -> u64 {
        self.federation.settle(SOON).unwrap()
    }

    /// The same, and until the log ends in a seal: while entries stand behind the newest one, the hub writes the next by itself,
    /// between any two looks. From here on the log stays as it is until somebody publishes or a day has passed.
    pub fn settle_sealed(&mut self) -> u64 {
        let store = self.hub().dir().join("hub.db");
        self.settle();
        self.eventually("the log ends in a seal", |_| checker::is_sealed(&store));
        self.settle()
    }

    /// The same as [`World::settle`], and until the search index of this node covers it too; it is made behind all else.
    pub fn settle_indexed(&mut self, name: &str) -> u64 {
        let size = self.settle();
        self.until(name, "the index has come as far", |status| {
            status["search"]["rebuilding"] == false && status["search"]["size"].as_u64() >= Some(size)
        });
        size
    }

    /// What two nodes say of themselves at one size of the log: after a seal, which the hub writes by itself, they are asked again.
    pub fn at_one_size(&mut self, names: [&str; 2]) -> [Value; 2] {
        wait_for("two nodes at one size", SOON, || {
            self.federation.check()?;
            let said = names.map(|name| self.json(name, &["status"]));
            let [one, other] = said.each_ref().map(|status| &status["freshness"]["size"]);
            Ok(if one == other { Seen::Yes(said) } else { Seen::NotYet(format!("{one}, {other}")) })
        })
        .unwrap()
    }

    /// Writes records into a file; its path.
    #[must_use]
    pub fn file(&self, records: &[Record]) -> PathBuf {
        let number = self.written.get();
        self.written.set(number + 1);
        let path = self.scratch.path().join(format!("records-{number}.yaml"));
        // JSON is YAML, and a file may hold several documents.
        let documents: Vec<String> = records.iter().map(|record| record.json().to_string()).collect();
        fs::write(&path, documents.join("\n---\n")).unwrap();
        path
    }

    /// A member's node publishes records, all signed together.
    pub fn publish(&self, name: &str, records: &[Record]) {
        self.node(name).publish(&[self.file(records)]).unwrap();
    }

    /// The same, whatever comes of it.
    #[must_use]
    pub fn try_publish(&self, name: &str, records: &[Record]) -> Output {
        let file = self.file(records);
        self.node(name).cli(&["publish", &file.to_string_lossy()]).unwrap()
    }

    /// What a node's command prints with `--json`.
    #[must_use]
    pub fn json(&self, name: &str, args: &[&str]) -> Value {
        self.node(name).json(args).unwrap()
    }

    /// Whether a node's replica has an object that is not withdrawn.
    #[must_use]
    pub fn has(&self, name: &str, id: &str) -> bool {
        let found = self.node(name).cli(&["get", id, "--json"]).unwrap();
        found.code == Some(0) && !found.stdout.contains("\"withdrawn\":true")
    }

    /// The state of an own record of a node, as `queue` tells it: the newest of this object, and its code.
    #[must_use]
    pub fn own_state(&self, name: &str, id: &str) -> Option<(String, String)> {
        let queue = self.json(name, &["queue", "--all"]);
        let own = queue["records"].as_array()?.iter().find(|own| own["id"] == id)?.clone();
        let text = |key: &str| own[key].as_str().unwrap_or_default().to_owned();
        Some((text("state"), text("code")))
    }

    /// Waits until a condition of the whole world holds.
    pub fn eventually(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        wait_for(what, SOON, || {
            self.federation.check()?;
            Ok(if condition(self) { Seen::Yes(()) } else { Seen::NotYet("it does not hold".to_owned()) })
        })
        .unwrap();
    }

    /// Waits until no file of the federation holds the marker.
    pub fn until_in_no_file(&mut self, marker: &str) {
        let everywhere = self.federation.dir().to_owned();
        wait_for("the marker is in no file", SOON, || {
            self.federation.check()?;
            let holding = files::holding(&everywhere, marker);
            Ok(if holding.is_empty() { Seen::Yes(()) } else { Seen::NotYet(format!("{holding:?}")) })
        })
        .unwrap();
    }

    /// What a node has logged so far. A state that is over before a command could ask for it stands there too.
    #[must_use]
    pub fn logged(&self, name: &str) -> String {
        fs::read_to_string(self.node(name).log()).unwrap()
    }

    /// Waits until a look at a node's status holds.
    pub fn until(&mut self, name: &str, what: &str, condition: impl Fn(&Value) -> bool) -> Value {
        self.node_mut(name).wait_until(what, SOON, condition).unwrap()
    }

    fn end(&mut self) -> Result<(), Failure> {
        self.federation.check()?;
        self.federation.with_each_node(Node::stop)?;
        self.federation.hub_mut().stop()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.show_logs();
        } else if let Err(failure) = self.end() {
            self.show_logs();
            std::panic::resume_unwind(Box::new(failure.to_string()));
        }
    }
}

impl World {
    #[expect(clippy::print_stderr, reason = "what a failed test shows")]
    fn show_logs(&self) {
        let logs = self.federation.nodes().map(Node::log).chain([self.hub().log()]);
        for log in logs {
            let text = fs::read_to_string(&log).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let end = &lines[lines.len().saturating_sub(25)..];
            eprintln!("--- {}\n{}", log.display(), end.join("\n"));
        }
    }
}

/// One more drop-in, read after those that are there.
fn add(drop_ins: &Path, toml: &str) {
    fs::create_dir_all(drop_ins).unwrap();
    let number = fs::read_dir(drop_ins).unwrap().count();
    fs::write(drop_ins.join(format!("{number:02}-story.toml")), toml).unwrap();
}
