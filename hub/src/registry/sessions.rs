//! Sessions: which nodes are connected at this moment, as what, and when each was last heard.
//!
//! In scope: open connections by node, the clone check, streams a node or operator. Out of scope: keeping it
//! (`store::nodes`), the allow-list (`registry`). The map holds one entry a node or operator that ever had a certificate, no
//! more.
//!
//! A connection is a shared marker: every request of it holds one, so it is gone when the last of them is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use multaqa_certs::name::PeerIdentity;
use multaqa_certs::serials::Serial;
use multaqa_certs::server::Peer;
use multaqa_proto::id::{MemberCode, OperatorName, Writer};
use multaqa_proto::number::TreeSize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::nodes::NodeSeen;

/// The peer of a connection, found in the extensions of its requests. Its identity comes from the handshake alone.
#[derive(Debug, Clone)]
pub struct Caller {
    identity: PeerIdentity,
    serial: Option<Serial>,
    past_life: bool,
    proven: bool,
    connection: Arc<()>,
}

impl Caller {
    /// Whom the certificate names, or which invitation the peer holds.
    #[must_use]
    pub const fn identity(&self) -> &PeerIdentity {
        &self.identity
    }
    /// The certificate's serial; none for an invitation's holder.
    #[must_use]
    pub const fn serial(&self) -> Option<&Serial> {
        self.serial.as_ref()
    }
    /// Whether its certificate is past its life: it may renew it and nothing else.
    #[must_use]
    pub const fn past_life(&self) -> bool {
        self.past_life
    }
    /// Whether its certificate is on the allow-list: one that is not may show whose it is and nothing else.
    #[must_use]
    pub const fn proven(&self) -> bool {
        self.proven
    }
    /// The node's member and writer, where the peer is a node.
    #[must_use]
    pub fn node(&self) -> Option<(&MemberCode, Writer)> {
        match &self.identity {
            PeerIdentity::Node(member, node) => Some((member, Writer::Node(member.clone(), node.clone()))),
            PeerIdentity::Hub(_)
            | PeerIdentity::Operator(_)
            | PeerIdentity::System { .. }
            | PeerIdentity::Invited(_) => None,
        }
    }
    /// The operator, where the peer is one.
    #[must_use]
    pub const fn operator(&self) -> Option<&OperatorName> {
        match &self.identity {
            PeerIdentity::Operator(name) => Some(name),
            PeerIdentity::Hub(_) | PeerIdentity::Node(..) | PeerIdentity::System { .. } | PeerIdentity::Invited(_) => {
                None
            }
        }
    }
    /// The writer that the peer speaks for; none for an invitation's holder.
    #[must_use]
    pub fn writer(&self) -> Option<Writer> {
        self.node().map(|(_, writer)| writer).or_else(|| self.operator().cloned().map(Writer::Operator))
    }
}

/// What a node says of itself when it connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presented {
    /// Random, made when its journal was made.
    pub instance: [u8; 16],
    /// Raised and kept before each connect.
    pub incarnation: u64,
    /// Up to where it has the log.
    pub cursor: TreeSize,
    /// Random, made when the process started; none of a node that says none, or that was heard before this hub started.
    pub run: Option<[u8; 16]>,
}

/// What the clone check makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Greeting {
    /// As expected.
    Welcome,
    /// The same instance was here with this incarnation or a higher one: a restored backup or a copy.
    Regressed {
        /// The highest incarnation that was here.
        known: u64,
    },
}

/// Why a node is not let in: another one like it is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fenced {
    /// Another instance of the node: it joined twice.
    Duplicate,
    /// The same instance in another process: one of the two is a copy.
    Copied,
}

/// A node as the hub knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Whether a connection of it is open.
    pub connected: bool,
    /// Up to where it was sent the log.
    pub cursor: TreeSize,
    /// When it was last heard, milliseconds since 1970 UTC.
    pub last_heard_ms: i64,
    /// When a copy of it, or another instance, was refused last, milliseconds since 1970 UTC; none since the hub started.
    pub copy_refused_ms: Option<i64>,
}

/// A place among a node's or operator's streams; given back when dropped.
#[derive(Debug)]
pub struct StreamSlot {
    _permit: OwnedSemaphorePermit,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Sessions {
    by_node: Mutex<BTreeMap<Writer, Session>>,
    streams_per_node: usize,
}

#[derive(Debug)]
struct Session {
    connections: Vec<Weak<()>>,
    presented: Option<(Presented, Weak<()>)>,
    /// The highest incarnation of the instance where the one that presented itself last has none above it.
    regressed: Option<u64>,
    copy_refused_ms: Option<i64>,
    cursor: TreeSize,
    last_heard_ms: i64,
    changed: bool,
    streams: Arc<Semaphore>,
}

impl Sessions {
    pub(super) fn new(seen: Vec<NodeSeen>, streams_per_node: u32) -> Self {
        let streams_per_node = usize::try_from(streams_per_node).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let session = |seen: NodeSeen| {
            let NodeSeen { writer, instance, incarnation, last_heard_ms, cursor } = seen;
            let presented = Some((Presented { instance, incarnation, cursor, run: None }, Weak::new()));
            (writer, Session { presented, cursor, last_heard_ms, ..Session::new(streams_per_node) })
        };
        Self { by_node: Mutex::new(seen.into_iter().map(session).collect()), streams_per_node }
    }

    pub(super) fn connected(&self, peer: Peer, now_ms: i64) -> Caller {
        let Peer { identity, serial, past_life, proven, address, cancel: _ } = peer;
        tracing::debug!(peer = %identity, %address, "connected");
        let caller = Caller { identity, serial, past_life, proven, connection: Arc::new(()) };
        if let Some((_, writer)) = caller.node() {
            self.with(&writer, |session| {
                session.connections.retain(is_open);
                session.connections.push(Arc::downgrade(&caller.connection));
                session.heard(now_ms);
            });
        }
        caller
    }

    /// What the rules are, in their order:
    /// - While a connection of the node is open on which another process of it greeted, a process that greets is a second one:
    ///   of another instance, or a copy of the same. It is refused, and the one that runs is told. After a crash the system
    ///   closes the old connection at once; after a power cut it counts as open until it is dead (`line.dead_after_seconds`).
    /// - A process that comes back is known by its run: whatever the hub still holds of it is left behind.
    /// - Otherwise an incarnation that is not above all seen was used before: by a copy, or before a backup was put back.
    pub(super) fn greet(
        &self,
        caller: &Caller,
        node: &Writer,
        presented: Presented,
        now_ms: i64,
    ) -> Result<Greeting, Fenced> {
        self.with(node, |session| {
            let before = session.presented.as_ref();
            let elsewhere = |by: &Weak<()>| is_open(by) && by.as_ptr() != Arc::as_ptr(&caller.connection);
            let open = before.filter(|(_, by)| elsewhere(by)).map(|(other, _)| *other);
            let same_run = |other: &Presented| other.run.is_some() && other.run == presented.run;
            if let Some(other) = open.filter(|other| !same_run(other)) {
                session.copy_refused_ms = Some(now_ms);
                let same = other.instance == presented.instance;
                return Err(if same { Fenced::Copied } else { Fenced::Duplicate });
            }
            let same = before.map(|(other, _)| *other).filter(|other| other.instance == presented.instance);
            // A process that greets twice on one connection, or comes back, raises its incarnation each time.
            let again = |other: &Presented| same_run(other) && other.incarnation == presented.incarnation;
            let used = same.filter(|other| other.incarnation >= presented.incarnation && !again(other));
            let regressed = used.map(|other| other.incarnation);
            // A copy that comes back must be seen each time, so the highest incarnation stays.
            let incarnation = regressed.unwrap_or(presented.incarnation);
            session.presented = Some((Presented { incarnation, ..presented }, Arc::downgrade(&caller.connection)));
            session.regressed = regressed;
            session.cursor = presented.cursor;
            session.heard(now_ms);
            Ok(regressed.map_or(Greeting::Welcome, |known| Greeting::Regressed { known }))
        })
    }

    /// The highest incarnation that was here, where the node's own is not above it: its records are not taken.
    pub(super) fn regressed(&self, node: &Writer) -> Option<u64> {
        self.lock().get(node)?.regressed
    }

    pub(super) fn heard(&self, node: &Writer, cursor: Option<TreeSize>, now_ms: i64) {
        self.with(node, |session| {
            session.cursor = cursor.unwrap_or(session.cursor);
            session.heard(now_ms);
        });
    }

    pub(super) fn seen(&self, node: &Writer) -> Option<Seen> {
        let sessions = self.lock();
        let session = sessions.get(node)?;
        let connected = session.connections.iter().any(is_open);
        let Session { cursor, last_heard_ms, copy_refused_ms, .. } = *session;
        Some(Seen { connected, cursor, last_heard_ms, copy_refused_ms })
    }

    pub(super) fn stream(&self, node: &Writer) -> Option<StreamSlot> {
        let streams = self.with(node, |session| Arc::clone(&session.streams));
        streams.try_acquire_owned().ok().map(|permit| StreamSlot { _permit: permit })
    }

    /// Nodes that were heard since the last call.
    pub(super) fn changed(&self) -> Vec<NodeSeen> {
        let mut sessions = self.lock();
        let changed = sessions.iter_mut().filter_map(|(writer, session)| {
            let (presented, _) = session.presented.as_ref()?;
            let &Presented { instance, incarnation, cursor: _, run: _ } = presented;
            let seen = NodeSeen {
                writer: writer.clone(),
                instance,
                incarnation,
                last_heard_ms: session.last_heard_ms,
                cursor: session.cursor,
            };
            std::mem::take(&mut session.changed).then_some(seen)
        });
        changed.collect()
    }

    fn with<T>(&self, node: &Writer, act: impl FnOnce(&mut Session) -> T) -> T {
        let mut sessions = self.lock();
        act(sessions.entry(node.clone()).or_insert_with(|| Session::new(self.streams_per_node)))
    }

    /// No step under the lock can panic half-way, so a poisoned map is a whole one.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Writer, Session>> {
        self.by_node.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn new(streams: usize) -> Self {
        Self {
            connections: Vec::new(),
            presented: None,
            regressed: None,
            copy_refused_ms: None,
            cursor: TreeSize(0),
            last_heard_ms: 0,
            changed: false,
            streams: Arc::new(Semaphore::new(streams)),
        }
    }
    fn heard(&mut self, now_ms: i64) {
        self.last_heard_ms = now_ms;
        self.changed = true;
    }
}

fn is_open(connection: &Weak<()>) -> bool {
    connection.strong_count() > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(sessions: &Sessions) -> Caller {
        let peer = Peer {
            identity: "node/JO/gw1".parse().unwrap(),
            serial: Some(Serial::from_random([1; 16])),
            past_life: false,
            proven: true,
            address: ([127, 0, 0, 1], 1).into(),
            cancel: tokio_util::sync::CancellationToken::new(),
        };
        sessions.connected(peer, 1_000)
    }

    /// Of a process of its own for each `run`.
    fn presented(instance: u8, incarnation: u64, run: u8) -> Presented {
        Presented { instance: [instance; 16], incarnation, cursor: TreeSize(5), run: Some([run; 16]) }
    }

    #[test]
    fn a_second_live_instance_is_refused_until_the_first_is_gone() {
        let sessions = Sessions::new(Vec::new(), 4);
        let (first, second) = (caller(&sessions), caller(&sessions));
        let node = first.writer().unwrap();
        assert_eq!(sessions.greet(&first, &node, presented(1, 1, 1), 0), Ok(Greeting::Welcome));
        assert_eq!(sessions.greet(&second, &node, presented(2, 1, 2), 7), Err(Fenced::Duplicate));
        assert_eq!(sessions.seen(&node).unwrap().copy_refused_ms, Some(7));
        drop(first);
        assert_eq!(sessions.greet(&second, &node, presented(2, 1, 2), 0), Ok(Greeting::Welcome));
    }

    #[test]
    fn a_copy_is_refused_while_the_other_runs_and_a_line_that_was_cut_is_not_taken_for_one() {
        let sessions = Sessions::new(Vec::new(), 4);
        let (first, copy, again) = (caller(&sessions), caller(&sessions), caller(&sessions));
        let node = first.writer().unwrap();
        assert_eq!(sessions.greet(&first, &node, presented(1, 1, 1), 0), Ok(Greeting::Welcome));
        for incarnation in [1, 2] {
            assert_eq!(sessions.greet(&copy, &node, presented(1, incarnation, 2), 0), Err(Fenced::Copied));
        }
        // The hub still holds its first connection.
        assert_eq!(sessions.greet(&again, &node, presented(1, 2, 1), 0), Ok(Greeting::Welcome));
        drop(again);
        drop(first);
        // The process is gone: the copy comes in, with a number that was used.
        assert_eq!(sessions.greet(&copy, &node, presented(1, 2, 2), 0), Ok(Greeting::Regressed { known: 2 }));
        assert_eq!(sessions.regressed(&node), Some(2));
        assert_eq!(sessions.greet(&copy, &node, presented(1, 3, 2), 0), Ok(Greeting::Welcome));
        assert_eq!(sessions.regressed(&node), None);
    }

    #[test]
    fn a_regressed_incarnation_is_reported_each_time_and_over_restarts() {
        let sessions = Sessions::new(Vec::new(), 4);
        let first = caller(&sessions);
        let node = first.writer().unwrap();
        assert_eq!(sessions.greet(&first, &node, presented(1, 7, 1), 0), Ok(Greeting::Welcome));
        let restarted = Sessions::new(sessions.changed(), 4);
        let second = caller(&restarted);
        for run in [2, 3] {
            let greeting = restarted.greet(&second, &node, presented(1, 6, run), 0);
            assert_eq!(greeting, Ok(Greeting::Regressed { known: 7 }));
        }
        assert_eq!(restarted.greet(&second, &node, presented(1, 8, 3), 0), Ok(Greeting::Welcome));
    }

    #[test]
    fn a_node_is_connected_while_one_of_its_connections_is_open() {
        let sessions = Sessions::new(Vec::new(), 1);
        let (first, second) = (caller(&sessions), caller(&sessions));
        let node = first.writer().unwrap();
        drop(first);
        assert!(sessions.seen(&node).unwrap().connected);
        drop(second);
        let seen = sessions.seen(&node).unwrap();
        let (cursor, copy_refused_ms) = (TreeSize(0), None);
        assert_eq!(seen, Seen { connected: false, cursor, last_heard_ms: 1_000, copy_refused_ms });
        let slot = sessions.stream(&node).unwrap();
        assert!(sessions.stream(&node).is_none());
        drop(slot);
        assert!(sessions.stream(&node).is_some());
    }
}
