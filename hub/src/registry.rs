//! Who may connect, and who is connected.
//!
//! In scope: the allow-list (`certs::serials`) kept in step with the directory and the issued certificates; sessions. Out of
//! scope: the handshake (`certs::server`), what a peer may call (`service`), issuing (`service::enrol`).
//!
//! The allow-list is derived, never edited: [`Registry::reconcile`] computes from the directory and the issued certificates
//! who may be connected, adds what is missing and takes off what is too much, which cuts open connections. It runs at start,
//! after each commit that changed the directory, and twice a minute for what only time changes. It reads the directory under
//! the lock that admissions take: one that is older than an admitted certificate would take it off again.
//! - A node's certificate holds (also past its life, for its renewal alone) while its member is in force and it was issued for the node's newest `key` record, whose keys
//!   are not suspended. One of an older epoch is retired for good; a suspension is undone by a reinstatement.
//! - An operator's holds while the newest policy names the operator.
//! - An invitation's one-time key holds until it is redeemed and the node has come back with its certificate: an answer that
//!   was lost can be asked for again. After its last moment it never holds.

mod sessions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use multaqa_certs::name::PeerIdentity;
use multaqa_certs::serials::{Serial, SerialState, Serials};
use multaqa_certs::server::Peer;
use multaqa_proto::directory::{Directory, Invitation};
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::Writer;
use multaqa_proto::number::LeafIndex;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;

use crate::log::Log;
use crate::point;
use crate::store::serials::{IssuedSerial, SerialStatus};
use crate::store::{Store, StoreError};
use sessions::Sessions;
pub use sessions::{Caller, Fenced, Greeting, Presented, Seen, StreamSlot};

/// How often what only time changes is looked at, and sessions are noted.
const TICK: Duration = Duration::from_secs(30);
/// Milliseconds of an hour.
const HOUR_MS: u64 = 3_600_000;
/// For so long after a store was restored nodes may show whose certificates they use, milliseconds: a day more than a node's
/// certificate lives.
const UNPROVEN_MS: i64 = 31 * 24 * 3_600_000;
/// Every index that a record may have is below this one.
const NEWEST: LeafIndex = LeafIndex(u64::MAX);

/// See the module. Clones share one registry.
#[derive(Debug, Clone)]
pub struct Registry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    allowed: Serials,
    store: Store,
    log: Log,
    clock: Clock,
    book: Mutex<Book>,
    sessions: Sessions,
}

/// What was issued and not revoked, and which one-time keys are open.
#[derive(Debug, Default)]
struct Book {
    issued: BTreeMap<Serial, Issued>,
    open: BTreeSet<[u8; 32]>,
    /// When each node was given certificates within the last hour, milliseconds since 1970 UTC.
    turns: BTreeMap<PeerIdentity, Vec<i64>>,
}

#[derive(Debug, Clone)]
struct Issued {
    identity: PeerIdentity,
    status: SerialStatus,
    key_record: Option<RecordId>,
}

impl Registry {
    /// Loads what was issued, and who was heard.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn load(store: Store, log: Log, clock: Clock, streams_per_node: u32) -> Result<Self, StoreError> {
        let mut book = Book::default();
        for serial in store.serials().await? {
            book.issued.insert(serial.serial, Issued::of(&serial));
        }
        let sessions = Sessions::new(store.nodes_seen().await?, streams_per_node);
        let inner = Inner { allowed: Serials::default(), store, log, clock, book: Mutex::new(book), sessions };
        let registry = Self(Arc::new(inner));
        registry.let_unproven();
        registry.reconcile().await?;
        Ok(registry)
    }

    /// The allow-list, for the acceptor.
    #[must_use]
    pub fn allowed(&self) -> Serials {
        self.0.allowed.clone()
    }

    /// A connection that passed the handshake.
    #[must_use]
    pub fn connected(&self, peer: Peer) -> Caller {
        self.0.sessions.connected(peer, self.0.clock.now_ms())
    }

    /// Notes what a node says of itself.
    ///
    /// # Errors
    /// [`Fenced`] where another process of the node is connected.
    pub fn greet(&self, caller: &Caller, node: &Writer, presented: Presented) -> Result<Greeting, Fenced> {
        self.0.sessions.greet(caller, node, presented, self.0.clock.now_ms())
    }

    /// The highest incarnation that was here of a node, where its own is not above it.
    #[must_use]
    pub fn regressed(&self, node: &Writer) -> Option<u64> {
        self.0.sessions.regressed(node)
    }

    /// Notes that a node was heard, and how far it was sent the log where that is known.
    pub fn heard(&self, node: &Writer, cursor: Option<multaqa_proto::number::TreeSize>) {
        self.0.sessions.heard(node, cursor, self.0.clock.now_ms());
    }

    /// What is known of a node; none where it was never heard.
    #[must_use]
    pub fn seen(&self, node: &Writer) -> Option<Seen> {
        self.0.sessions.seen(node)
    }

    /// A place for one more stream of a node or operator; none where it has all that it may have.
    #[must_use]
    pub fn stream(&self, node: &Writer) -> Option<StreamSlot> {
        self.0.sessions.stream(node)
    }

    /// Takes an issued certificate on the list. It must be in the store already.
    pub fn admit(&self, issued: &IssuedSerial) {
        let mut book = self.book();
        let entry = Issued::of(issued);
        // Its owner may have been suspended since the certificate was asked for.
        if holds(&entry, self.0.log.state().directory()) {
            self.0.allowed.add(issued.serial, issued.identity.clone(), SerialState::Pending);
        }
        book.issued.insert(issued.serial, entry);
    }

    /// Takes one of the turns that a node has within an hour to be given a certificate; false where none is left. Known since
    /// the start of the process only.
    #[must_use]
    pub fn take_turn(&self, node: &PeerIdentity, hourly: usize, now_ms: i64) -> bool {
        let mut book = self.book();
        let turns = book.turns.entry(node.clone()).or_default();
        turns.retain(|taken| taken.abs_diff(now_ms) < HOUR_MS);
        let left = turns.len() < hourly;
        if left {
            turns.push(now_ms);
        }
        left
    }

    /// Takes a certificate off the list for good and cuts its connections.
    ///
    /// # Errors
    /// Where the store fails; it is off the list all the same.
    pub async fn retire(&self, serial: &Serial) -> Result<(), StoreError> {
        self.book().issued.remove(serial);
        self.0.allowed.revoke(serial);
        self.0.store.set_serial_status(serial, SerialStatus::Revoked).await.map(|_| ())
    }

    /// A node uses its certificate: from here on it is the only one of its `key` record, and the invitation is closed.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn in_use(&self, serial: &Serial) -> Result<(), StoreError> {
        let used = self.book().issued.get(serial).cloned();
        let Some(Issued { status: SerialStatus::Pending, key_record: Some(key_record), .. }) = used else {
            return Ok(());
        };
        if !self.0.store.put_in_use(serial, &key_record).await? {
            return Ok(());
        }
        point::CERTIFICATE_IN_USE.pass()?;
        {
            let mut book = self.book();
            let others = |other: &Serial, issued: &mut Issued| other != serial && issued.key_record == Some(key_record);
            for (other, _) in book.issued.extract_if(.., others) {
                self.0.allowed.revoke(&other);
            }
            if let Some(used) = book.issued.get_mut(serial) {
                used.status = SerialStatus::Active;
            }
            self.0.allowed.activate(serial);
        }
        self.reconcile().await
    }

    /// A store that was restored does not know what was issued since, as long as such a certificate may live.
    fn let_unproven(&self) {
        let recent = |since: i64| self.0.clock.now_ms().saturating_sub(since) < UNPROVEN_MS;
        self.0.allowed.let_unproven(self.0.log.refill().restored_ms().is_some_and(recent));
    }

    /// Brings the allow-list in step with the directory. See the module for the rules.
    ///
    /// # Errors
    /// Where the store fails to note what was retired; the list is in step all the same.
    pub async fn reconcile(&self) -> Result<(), StoreError> {
        self.let_unproven();
        let retired = {
            let mut book = self.book();
            let state = self.0.log.state();
            let directory = state.directory();
            self.reconcile_invitations(&mut book, directory);
            for (serial, issued) in &book.issued {
                if holds(issued, directory) {
                    let state =
                        if issued.status == SerialStatus::Active { SerialState::Active } else { SerialState::Pending };
                    self.0.allowed.add(*serial, issued.identity.clone(), state);
                } else if self.0.allowed.revoke(serial) {
                    tracing::warn!(peer = %issued.identity, %serial, "taken off the allow-list");
                }
            }
            let old = |issued: &Issued| is_of_an_older_epoch(issued, directory);
            book.issued.extract_if(.., |_, issued| old(issued)).map(|(serial, _)| serial).collect::<Vec<_>>()
        };
        for serial in retired {
            self.0.store.set_serial_status(&serial, SerialStatus::Revoked).await?;
        }
        Ok(())
    }

    /// Keeps the list in step with the log until the drain: a task for `runtime::lifecycle::Tasks`.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn follow(self, shutdown: Shutdown) -> Result<(), Fault> {
        let mut committed = self.0.log.committed();
        let mut tick = tokio::time::interval(TICK);
        let mut folded = Arc::clone(self.0.log.state().directory());
        loop {
            let due = tokio::select! {
                biased;
                () = shutdown.draining() => break,
                changed = committed.changed() => {
                    if changed.is_err() {
                        shutdown.draining().await;
                        break;
                    }
                    false
                }
                _ = tick.tick() => true,
            };
            let directory = Arc::clone(self.0.log.state().directory());
            if due {
                self.take_in_operators().await?;
            }
            if due || !Arc::ptr_eq(&folded, &directory) {
                self.reconcile().await?;
                folded = directory;
            }
            if due {
                self.note_sessions().await?;
            }
        }
        Ok(self.note_sessions().await?)
    }

    /// Operators' certificates that were allowed beside the running hub. Nodes' are issued here and known already.
    async fn take_in_operators(&self) -> Result<(), StoreError> {
        let stored = self.0.store.serials().await?;
        let operators = stored.iter().filter(|serial| matches!(serial.identity, PeerIdentity::Operator(_)));
        let mut book = self.book();
        for serial in operators {
            book.issued.entry(serial.serial).or_insert_with(|| Issued::of(serial));
        }
        Ok(())
    }

    async fn note_sessions(&self) -> Result<(), StoreError> {
        for seen in self.0.sessions.changed() {
            self.0.store.note_node(&seen).await?;
        }
        Ok(())
    }

    fn reconcile_invitations(&self, book: &mut Book, directory: &Directory) {
        let now_ms = self.0.clock.now_ms();
        let used = |key_record| {
            let mut of_record = book.issued.values().filter(|issued| issued.key_record == Some(key_record));
            of_record.any(|issued| issued.status == SerialStatus::Active)
        };
        let open: BTreeSet<[u8; 32]> = directory
            .invitations()
            .filter(|(_, invitation)| may_redeem(invitation, directory, now_ms))
            .filter(|(_, invitation)| invitation.used_by.is_none_or(|key_record| !used(key_record)))
            .map(|(_, invitation)| *invitation.key.as_bytes())
            .collect();
        for key in open.difference(&book.open) {
            self.0.allowed.invite(*key);
        }
        for key in book.open.difference(&open) {
            self.0.allowed.uninvite(key);
        }
        book.open = open;
    }

    /// No step under the lock can panic half-way, so a poisoned book is a whole one.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Issued {
    fn of(serial: &IssuedSerial) -> Self {
        Self { identity: serial.identity.clone(), status: serial.status, key_record: serial.key_record }
    }
}

/// Whether an invitation's holder may connect.
fn may_redeem(invitation: &Invitation, directory: &Directory, now_ms: i64) -> bool {
    let writer = Writer::Node(invitation.member.clone(), invitation.node.clone());
    let suspended =
        directory.keys(&writer).iter().any(|keys| keys.epoch == invitation.epoch && keys.suspended.is_some());
    let superseded = directory.keys(&writer).iter().any(|keys| keys.epoch > invitation.epoch);
    let in_force = directory.member(&invitation.member).is_some_and(|member| member.active_at(NEWEST));
    now_ms <= invitation.not_after_ms && in_force && !suspended && !superseded
}

/// Whether a certificate's owner may connect.
fn holds(issued: &Issued, directory: &Directory) -> bool {
    match &issued.identity {
        PeerIdentity::Node(member, node) => {
            let writer = Writer::Node(member.clone(), node.clone());
            let newest = directory.keys(&writer).last();
            directory.member(member).is_some_and(|member| member.active_at(NEWEST))
                && newest.is_some_and(|keys| Some(keys.record_id) == issued.key_record && keys.suspended.is_none())
        }
        PeerIdentity::Operator(name) => directory.policy().operators.contains_key(name),
        PeerIdentity::Hub(_) | PeerIdentity::System { .. } | PeerIdentity::Invited(_) => false,
    }
}

fn is_of_an_older_epoch(issued: &Issued, directory: &Directory) -> bool {
    let PeerIdentity::Node(member, node) = &issued.identity else { return false };
    let keys = directory.keys(&Writer::Node(member.clone(), node.clone()));
    keys.last().is_some_and(|newest| Some(newest.record_id) != issued.key_record)
}
