//! A hostile hub: a process of its own, with the hub's certificate and the key of the log, which shows each node what its
//! deed says and is honest in all else. So a node that catches it caught the deed.
//!
//! - [`deed`]: what it may do, and what a node must make of it. `act`: what is shown for it. `history` and `leaf`: the logs that
//!   it makes up from the honest hub's store. `succeed`: logs after it. `start`: fast starts. `process`: its listener and TLS.
//!   `service`: what it answers.
//!
//! It holds the hub's keys and no member's: what a writer did not sign it cannot sign. Where a deed needs one, an operator
//! colludes. In scope: the process, and the handle
//! of a story on it. Out of scope: what becomes of single malformed frames (`multaqa_proto`'s tests of the reader).

mod act;
pub mod deed;
mod history;
mod leaf;
mod process;
mod service;
pub mod start;
mod succeed;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use multaqa_demo::process::Process;
use multaqa_demo::wait::{Seen, wait_for};
use serde::{Deserialize, Serialize};

use crate::{SOON, World};
use deed::Deed;

pub use process::main;

/// What the test program calls this process.
pub const VERB: &str = "hostile-hub";

/// The file of cosignatures that were made earlier, among a story's own: notes and lines, as JSON.
pub const EARLY: &str = "early.json";

/// A hostile hub that runs in the place of a world's hub, whose links lead to it. Dropping it kills it.
#[derive(Debug)]
pub struct HostileHub {
    process: Process,
    calls: PathBuf,
}

/// A call that a node made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The node's member.
    pub member: String,
    /// Which.
    pub call: CallName,
    /// The node's cursor, or the size of the checkpoint that it cosigned.
    pub size: u64,
}

/// Calls that are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallName {
    /// A greeting.
    Hello,
    /// A cosignature was handed in.
    Cosign,
}

impl HostileHub {
    /// Starts it on the store that the stopped hub left. These members are shown what their deeds say, all others the truth.
    #[must_use]
    pub fn start(world: &World, deeds: &[(&str, Deed)]) -> Self {
        assert!(world.hub().process().is_none(), "the honest hub must be stopped");
        let (hub, root) = (world.hub().dir(), world.federation().dir());
        let announced = hub.join("hub.addr");
        assert!(!announced.exists(), "the honest hub left its address");
        let calls = world.scratch().join("calls.jsonl");
        fs::write(&calls, "").unwrap();
        let early = world.scratch().join(EARLY);
        let mut args: Vec<String> = vec!["--dir".to_owned(), shown(&hub), "--calls".to_owned(), shown(&calls)];
        args.extend(["--operator".to_owned(), shown(&world.hub().operator_dir())]);
        if early.exists() {
            args.extend(["--early".to_owned(), shown(&early)]);
        }
        for node in world.federation().nodes() {
            args.extend(["--node".to_owned(), shown(node.dir())]);
        }
        for (member, deed) in deeds {
            args.extend(["--deed".to_owned(), format!("{member}={}", deed.name())]);
        }
        let program = world.federation().program();
        let args = args.iter().map(OsStr::new);
        let mut process = program.start("the hostile hub", VERB, args, &root.join("hostile.log")).unwrap();
        let address = wait_for("the hostile hub's address", SOON, || {
            process.check()?;
            let text = fs::read_to_string(&announced).unwrap_or_default();
            Ok(text.trim().parse().map_or_else(|_| Seen::NotYet(text.clone()), Seen::Yes))
        });
        world.hub().target().set(address.unwrap());
        Self { process, calls }
    }

    /// The calls of a member's node so far, in their order.
    #[must_use]
    pub fn calls(&self, member: &str) -> Vec<Call> {
        let text = fs::read_to_string(&self.calls).unwrap();
        let calls = text.lines().map(|line| serde_json::from_str::<Call>(line).unwrap());
        calls.filter(|call| call.member == member).collect()
    }

    /// The largest tree that a member's node cosigned; 0 for none.
    #[must_use]
    pub fn cosigned(&self, member: &str) -> u64 {
        let calls = self.calls(member).into_iter();
        calls.filter(|call| call.call == CallName::Cosign).map(|call| call.size).max().unwrap_or(0)
    }

    /// Ends it, which must be a clean end.
    pub fn stop(self) {
        self.process.stop().unwrap();
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
