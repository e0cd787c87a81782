//! The nodes in the hub's status: how many are connected, and who is away, behind, invited, suspended or copied.
//!
//! Out of scope: the rest of the status.

use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::hub::DirectoryNode;
use serde::Serialize;

/// A connected node that is further behind than this many entries is shown as behind.
const BEHIND: u64 = 4096;

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Nodes {
    pub(super) connected: usize,
    pub(super) behind: Vec<String>,
    pub(super) away: Vec<Away>,
    pub(super) invited: Vec<String>,
    pub(super) suspended: Vec<String>,
    /// Nodes of which a copy was refused.
    pub(super) copied: Vec<Copied>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Copied {
    pub(super) node: String,
    pub(super) copy_refused_ms: i64,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Away {
    pub(super) node: String,
    pub(super) last_heard_ms: i64,
}

impl Nodes {
    pub(super) fn add(&mut self, name: String, node: &DirectoryNode, member_active: bool, size: u64) {
        if node.copy_refused_ms > 0 {
            self.copied.push(Copied { node: name.clone(), copy_refused_ms: node.copy_refused_ms });
        }
        if !member_active || node.status == "suspended" || node.status == "frozen" {
            self.suspended.push(name);
        } else if node.status == "invited" || node.status == "expired" {
            self.invited.push(name);
        } else if !node.connected {
            self.away.push(Away { node: name, last_heard_ms: node.last_heard_ms });
        } else {
            self.connected += 1;
            if node.cursor.saturating_add(BEHIND) < size {
                self.behind.push(name);
            }
        }
    }

    pub(super) fn line(&self) -> Line {
        let line = Line::new("say-nodes").with("connected", self.connected).with("behind", self.behind.len());
        let line = line.with("away", self.away.len()).with("invited", self.invited.len());
        line.with("suspended", self.suspended.len())
    }
}

impl Copied {
    pub(super) fn text(&self, screen: Screen<'_>, now_ms: i64) -> String {
        let Self { node, copy_refused_ms } = self;
        let age = screen.age(now_ms, *copy_refused_ms);
        screen.text(&Line::new("say-copied").with("node", node).with("age", age))
    }
}

impl Away {
    pub(super) fn text(&self, screen: Screen<'_>, now_ms: i64) -> String {
        let Self { node, last_heard_ms } = self;
        let never = *last_heard_ms == 0;
        let age = if never { screen.word("word-never") } else { screen.age(now_ms, *last_heard_ms) };
        screen.text(&Line::new("say-away").with("node", node).with("age", age))
    }
}
