//! A federation on one machine: a hub, its CA, its operator, and nodes of members, each a process of its own.
//!
//! Every step is the command that an administrator types; nothing is written past them. One thing differs from a real
//! federation: the CA's root key and the operator's keys lie on the hub's machine, where they never belong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::failure::{Failure, disk};
use crate::hub::Hub;
use crate::json;
use crate::members;
use crate::node::Node;
use crate::process::Program;
use crate::wait::{Seen, wait_for};

/// Name of the federation.
pub const NAME: &str = "demo.multaqa.example";
/// Name of a member's first node.
pub const FIRST_NODE: &str = "gw1";

/// The federation. Dropping it kills its processes and removes its directory, unless the directory was given.
#[derive(Debug)]
pub struct Federation {
    program: Program,
    hub: Hub,
    nodes: BTreeMap<String, Node>,
    dir: PathBuf,
    // Declared last, dropped last: the directory goes when no process writes to it.
    _temporary: Option<TempDir>,
}

impl Federation {
    /// A federation that is still to be made, in this directory or in a temporary one.
    ///
    /// # Errors
    /// Where the directory cannot be made.
    pub fn new(program: Program, dir: Option<&Path>) -> Result<Self, Failure> {
        let temporary = match dir {
            Some(dir) => {
                std::fs::create_dir_all(dir).map_err(disk(dir))?;
                None
            }
            None => Some(tempfile::Builder::new().prefix("multaqa-").tempdir().map_err(disk(std::env::temp_dir()))?),
        };
        let dir = match (&temporary, dir) {
            (Some(temporary), _) => temporary.path().to_owned(),
            (None, Some(dir)) => std::path::absolute(dir).map_err(disk(dir))?,
            (None, None) => PathBuf::new(),
        };
        let hub = Hub::new(program.clone(), &dir);
        Ok(Self { program, hub, nodes: BTreeMap::new(), dir, _temporary: temporary })
    }

    /// Makes the CA and the hub, and starts the hub.
    ///
    /// # Errors
    /// Where a step fails.
    pub fn start_hub(&mut self) -> Result<(), Failure> {
        self.start_hub_witnessed(&[])
    }

    /// The same, with states whose nodes witness from the beginning.
    ///
    /// # Errors
    /// Where a step fails.
    pub fn start_hub_witnessed(&mut self, witnesses: &[&str]) -> Result<(), Failure> {
        self.hub.make_ca(NAME)?;
        self.hub.init_witnessed(NAME, witnesses)?;
        self.hub.start()?;
        Ok(())
    }

    /// Invites a member's node: the join key, and the node with a line of its own to the hub, to be joined with it.
    ///
    /// # Errors
    /// Where the member is unknown or the invitation fails.
    pub fn invite(&mut self, member: &str, node: &str, more: &[&str]) -> Result<String, Failure> {
        let made = Node::new(self.program.clone(), &self.dir, member, node, self.hub.target())?;
        let join_key = self.hub.invite(&members::find(member)?, node, made.link().address(), more)?;
        self.nodes.insert(key(member, node), made);
        Ok(join_key)
    }

    /// Invites first nodes of these members, lets them join and starts them, side by side.
    ///
    /// # Errors
    /// Where a step fails.
    pub fn admit(&mut self, members: &[&str]) -> Result<(), Failure> {
        let mut keys = BTreeMap::new();
        for member in members {
            keys.insert((*member).to_owned(), self.invite(member, FIRST_NODE, &[])?);
        }
        let joining: Vec<_> = self.nodes.iter_mut().filter_map(|(name, node)| Some((node, keys.get(name)?))).collect();
        side_by_side(joining, |(node, join_key)| {
            node.join(join_key)?;
            node.start()
        })
    }

    /// Does something with all nodes at once.
    ///
    /// # Errors
    /// The first failure.
    pub fn with_each_node(&mut self, act: impl Fn(&mut Node) -> Result<(), Failure> + Sync) -> Result<(), Failure> {
        side_by_side(self.nodes.values_mut().collect(), act)
    }

    /// The directory of everything.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The program that is all binaries.
    #[must_use]
    pub const fn program(&self) -> &Program {
        &self.program
    }

    /// The hub.
    #[must_use]
    pub const fn hub(&self) -> &Hub {
        &self.hub
    }

    /// The hub, to start and stop it.
    pub const fn hub_mut(&mut self) -> &mut Hub {
        &mut self.hub
    }

    /// A member's first node (`JO`), or another one (`JO/gw2`).
    ///
    /// # Errors
    /// [`Failure::MemberUnknown`].
    pub fn node(&self, name: &str) -> Result<&Node, Failure> {
        self.nodes.get(name).ok_or_else(|| Failure::MemberUnknown { member: name.to_owned() })
    }

    /// As [`Federation::node`], to start and stop it.
    ///
    /// # Errors
    /// [`Failure::MemberUnknown`].
    pub fn node_mut(&mut self, name: &str) -> Result<&mut Node, Failure> {
        self.nodes.get_mut(name).ok_or_else(|| Failure::MemberUnknown { member: name.to_owned() })
    }

    /// All nodes.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// Fails where a process has ended by itself.
    ///
    /// # Errors
    /// [`Failure::Died`].
    pub fn check(&mut self) -> Result<(), Failure> {
        self.hub.check()?;
        self.nodes.values_mut().try_for_each(Node::check)
    }

    /// Waits until every running node has sent all that it wrote and holds all that the hub has: the size of the log.
    ///
    /// # Errors
    /// Where they do not agree within the deadline, or a process has ended.
    pub fn settle(&mut self, deadline: Duration) -> Result<u64, Failure> {
        wait_for("every node holds the whole log", deadline, || {
            self.check()?;
            let mut behind = Vec::new();
            let mut sizes = Vec::new();
            for node in self.nodes.values().filter(|node| node.process().is_some()) {
                let status = node.json(&["status"])?;
                sizes.push(json::number(&status, "/freshness/size").unwrap_or_default());
                if !settled(&status) {
                    behind.push(format!("{}: {status}", node.member()));
                }
            }
            // Read last: what the nodes hold can only be less.
            let size = self.hub.size()?;
            if behind.is_empty() && sizes.iter().all(|found| *found == size) {
                return Ok(Seen::Yes(size));
            }
            Ok(Seen::NotYet(format!("hub {size}, nodes {sizes:?}, {}", behind.join("; "))))
        })
    }
}

impl Federation {
    /// Waits until every running node knows that all that it holds is stable: the size of the log.
    ///
    /// # Errors
    /// Where it does not come so far within the deadline, or a process has ended.
    pub fn until_stable(&mut self, deadline: Duration) -> Result<u64, Failure> {
        wait_for("every node holds a stable log", deadline, || {
            self.check()?;
            let size = self.hub.size()?;
            for node in self.nodes.values().filter(|node| node.process().is_some()) {
                let status = node.json(&["status"])?;
                let (held, stable) =
                    (json::number(&status, "/witnessing/accepted")?, json::number(&status, "/witnessing/stable")?);
                if (held, stable) != (size, size) {
                    return Ok(Seen::NotYet(format!("hub {size}, {}: {held} held, {stable} stable", node.member())));
                }
            }
            Ok(Seen::Yes(size))
        })
    }
}

/// Nothing waits to be sent.
fn settled(status: &Value) -> bool {
    json::number(status, "/waiting").unwrap_or_default() == 0
}

/// The name of a node in a federation.
#[must_use]
pub fn key(member: &str, node: &str) -> String {
    if node == FIRST_NODE { member.to_owned() } else { format!("{member}/{node}") }
}

fn side_by_side<T: Send>(items: Vec<T>, act: impl Fn(T) -> Result<(), Failure> + Sync) -> Result<(), Failure> {
    let act = &act;
    let outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = items.into_iter().map(|item| scope.spawn(move || act(item))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    outcomes.into_iter().collect()
}
