//! The journal: what this node alone knows. Own records, the outbox, the node's instance, alarms.
//!
//! In scope: `journal.db`, written with `synchronous=FULL`. Out of scope: what the log says (`replica`), sending (`sync`).
//!
//! # The outbox
//! A record is signed once and stored before it is first submitted; it is never signed again, whatever becomes of it. It is
//! *queued* until the hub gave it an index, then *accepted*; when it comes back on the own replica it is known to hold, or to
//! be *void*. A record that the hub refuses for good is *rejected*: it has no index, its successors can have none either,
//! and its place of the chain is not used again, because a hub that lied could order the first statement later and so make
//! the writer look as if it had signed two. So the outbox is then *blocked* until an operator invites the node to a new epoch.
//! Everything that a hub may refuse is checked before signing, so this should not happen.
//!
//! # What binds each value
//! `fsck` finds any value that changed: `own` is bound by its statement, a digest over what was signed and one over its state
//! (`standing`); numbers have no gap, and SQLite's own count says how many there are. All other rows carry a digest, and their
//! tables a tally (`store::kept`).

mod answered;
mod client;
mod fsck;
mod instance;
mod outbox;
mod own;
mod restored;
mod standing;
mod taken_back;
mod witness;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use multaqa_proto::hash::RecordId;
use multaqa_proto::id::{MemberCode, NodeName, Writer};
use multaqa_proto::number::{Epoch, LeafIndex, LogNumber, Seq};
use multaqa_proto::record::Received;
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::content::Content;
use serde::Serialize;
use sqlx::sqlite::SqliteSynchronous;
use tokio::sync::{Mutex, OwnedMutexGuard, RwLock};

use crate::store::{Access, Kept, Layout, Store, StoreError};

pub(crate) use answered::Answered;
use answered::Lowest;
#[cfg(test)]
pub(crate) use client::samples_of_clients;
pub(crate) use client::{StoredCertificate, StoredClient};
pub(crate) use outbox::Fate;
use outbox::Fresh;
pub(crate) use taken_back::TakenBack;
pub use witness::{LastCosigned, Sealed};

/// Who the node is.
const META: Kept = Kept { table: "meta", key: "id", tallied: true };
/// Lanes in use.
const LANE: Kept = Kept { table: "lane", key: "audience", tallied: true };
/// What blocks the outbox.
const BLOCKED: Kept = Kept { table: "blocked", key: "id", tallied: true };
/// The alarm that stands.
const ALARM: Kept = Kept { table: "alarm", key: "id", tallied: true };
/// What was cosigned last.
const WITNESS: Kept = Kept { table: "witness", key: "id", tallied: true };
/// Systems of the member.
const CLIENT: Kept = Kept { table: "client", key: "name", tallied: true };
/// Their certificates.
const CLIENT_CERTIFICATE: Kept = Kept { table: "client_certificate", key: "serial", tallied: true };

static LAYOUT: Layout = Layout {
    name: "journal",
    migrations: &[include_str!("../migrations/journal/0001_journal.sql")],
    kept: &[META, LANE, BLOCKED, ALARM, WITNESS, CLIENT, CLIENT_CERTIFICATE],
    synchronous: SqliteSynchronous::Full,
};

/// Who the node is, fixed when it joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Member.
    pub member: MemberCode,
    /// Node.
    pub node: NodeName,
    /// Record id of the genesis.
    pub genesis: RecordId,
    /// Number of the log.
    pub log: LogNumber,
    /// Open epoch of the node's chain.
    pub epoch: Epoch,
    /// Random; made with the journal.
    pub instance: [u8; 16],
}

impl Identity {
    /// The node as a writer.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer::Node(self.member.clone(), self.node.clone())
    }
}

/// A signed record of one's own.
#[derive(Debug, Clone)]
pub struct OwnRecord {
    /// Its id.
    pub record_id: RecordId,
    /// Its bytes, with content.
    pub record: Received,
    /// When it was signed, milliseconds since 1970 UTC.
    pub signed_at_ms: i64,
}

/// What became of an own record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OwnState {
    /// Stored, not yet on the log.
    Queued,
    /// On the log.
    Accepted,
    /// Refused by the hub, without an index.
    Rejected,
    /// On the log, without effect.
    Void,
}

impl OwnState {
    /// The state as one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Void => "void",
        }
    }
}

/// An own record as the outbox lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Number in the order of signing.
    pub row: u64,
    /// Epoch.
    pub epoch: Epoch,
    /// Place in the chain.
    pub seq: Seq,
    /// Id.
    pub record_id: RecordId,
    /// Id of the object.
    pub object_id: String,
    /// State.
    pub state: OwnState,
    /// Place on the log.
    pub index: Option<LeafIndex>,
    /// Code of the rule that it breaks.
    pub code: Option<String>,
    /// Arguments of the code's message.
    pub args: BTreeMap<String, String>,
    /// When it was signed, milliseconds since 1970 UTC.
    pub signed_at_ms: i64,
    /// Whether it came back on this node's replica.
    pub seen: bool,
}

/// Which own records to list.
#[derive(Debug, Clone, Copy)]
pub struct OwnQuery {
    /// Only those after this number; 0 for all.
    pub after: u64,
    /// At most so many; more than 500 count as 500.
    pub limit: u32,
    /// Only those that have not come back, or came to nothing.
    pub open_only: bool,
}

/// Own records by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OwnCounts {
    /// Not yet on the log.
    pub queued: u64,
    /// On the log.
    pub accepted: u64,
    /// Refused.
    pub rejected: u64,
    /// Without effect.
    pub void: u64,
}

impl OwnCounts {
    /// Each state with its count.
    pub(crate) fn by_state(self) -> [(&'static str, u64); 4] {
        let Self { queued, accepted, rejected, void } = self;
        [("queued", queued), ("accepted", accepted), ("rejected", rejected), ("void", void)]
    }
}

/// An own record that the replica does not hold yet.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Place in the chain.
    pub seq: Seq,
    /// Id.
    pub record_id: RecordId,
    /// Content.
    pub content: Content,
}

/// A broken rule that stays shown until an operator acts: the hub's (alarm) or the outbox's (block).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredAlarm {
    /// Code.
    pub code: String,
    /// Arguments of the code's message.
    pub args: BTreeMap<String, String>,
    /// When it was found, milliseconds since 1970 UTC.
    pub at_ms: i64,
}

/// An open journal. Clones share it.
#[derive(Debug, Clone)]
pub struct Journal {
    store: Store,
    identity: Arc<Identity>,
    turn: Arc<Mutex<()>>,
    /// Keys of lanes that were asked for: what is kept of one never changes.
    lanes: Arc<RwLock<BTreeMap<Audience, [u8; 16]>>>,
    /// What was appended last, until it is asked for to be submitted: it need not be read back.
    fresh: Arc<Fresh>,
    /// Below it no answer is awaited.
    lowest: Arc<Lowest>,
}

impl Journal {
    /// Makes the journal of a node that has joined, with its `key` record, which stands on the log at `index`. Where the
    /// journal exists already and is of the same node it is opened as it is.
    ///
    /// # Errors
    /// [`StoreError::JournalForeign`] where it is another's; otherwise where the disk refuses.
    pub async fn create(
        path: &Path,
        identity: Identity,
        key_record: &OwnRecord,
        index: LeafIndex,
    ) -> Result<Self, StoreError> {
        let store = Store::open(path, &LAYOUT, Access::Create).await?;
        let journal = Self::new(store, identity);
        if let Some(found) = instance::load(&journal.store).await? {
            let made = Self::new(journal.store, found);
            made.must_be(&journal.identity)?;
            return Ok(made);
        }
        journal.begin_chain(key_record, index).await?;
        Ok(journal)
    }

    /// Opens the journal of a node that has joined.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Newer`], or where it is damaged.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, Access::Write).await
    }

    pub(crate) async fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, Access::Read).await
    }

    async fn open_with(path: &Path, access: Access) -> Result<Self, StoreError> {
        let store = Store::open(path, &LAYOUT, access).await?;
        match instance::load(&store).await? {
            Some(identity) => Ok(Self::new(store, identity)),
            None => Err(StoreError::Missing { path: path.to_owned() }),
        }
    }

    fn new(store: Store, identity: Identity) -> Self {
        let (turn, lanes, fresh, lowest) = Default::default();
        Self { store, identity: Arc::new(identity), turn, lanes, fresh, lowest }
    }

    fn must_be(&self, expected: &Identity) -> Result<(), StoreError> {
        let name = |identity: &Identity| {
            format!("{} epoch {} of {}", identity.writer(), identity.epoch, identity.genesis.short())
        };
        let (expected, found) = (name(expected), name(&self.identity));
        if expected == found { Ok(()) } else { Err(StoreError::JournalForeign { expected, found }) }
    }

    /// Who the node is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The turn to publish: held from [`Journal::next_place`] to [`Journal::append`], so that publications do not take the
    /// same place.
    pub async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.store.close().await;
    }
}

#[cfg(test)]
mod tests;
