//! The replica: the whole log, verified and folded, from which the node answers.
//!
//! In scope: `replica.db`. Out of scope: verifying what the hub sent (`proto::sync::intake`), fetching it (`sync`).
//!
//! # Update rule
//! A frame that `Intake` accepted is applied in one transaction together with the cursor: entries, verdicts, objects, chains,
//! checkpoint. So whatever crash comes, the file holds a prefix of the log up to a signed checkpoint and its fold, and
//! applying a frame again is impossible, since it no longer begins at the cursor. That is why `synchronous=NORMAL` is enough
//! here: after a power cut the newest frames may be missing, cursor included, and are fetched again.
//!
//! # Start-up
//! The directory is not stored: it is folded anew from the control records, compared with the stored control chain, and tree
//! and checkpoint are compared with one another. A file that does not agree, is damaged or is another member's is deleted and
//! fetched again from the log. It is not kept beside: a forgotten copy would escape later withdrawals.
//!
//! # What binds each value
//! `fsck` finds any value that changed: leaves and signatures follow from the checkpoint's root, contents from their
//! statements, and all else is judged and folded anew from those. What was erased is bound by a tombstone that names it. The cursor's
//! row carries a digest besides, since its times and the fill are this replica's own.
//!
//! # Fast start
//! Below a STABLE checkpoint there may be the roots of complete subtrees in place of leaves that this member may not read (`run`). While
//! such a start is under way nothing is served, and nothing of it outlives the process (`start`).
//!
//! # Erasing
//! A tombstone takes the contents that it names from every table within the transaction that applies it, and notes that the file has to be
//! scrubbed, so that a crash does not forget it.

mod apply;
mod changes;
mod directory;
mod entry;
mod erase;
mod fall_back;
mod figures;
mod fill;
pub mod fsck;
mod give;
mod held;
mod notice;
mod object;
mod observation;
mod proof;
mod read;
mod run;
mod sealed;
mod since;
mod start;
mod subtree;
mod unerased;

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::kind::KINDS;
use multaqa_proto::number::{Epoch, LogNumber};
use multaqa_proto::sync::intake::Intake;
use sqlx::sqlite::SqliteSynchronous;

use crate::journal::Identity;
use crate::store::{self, Access, Kept, Layout, Store, StoreError};

pub use apply::Applied;
pub(crate) use changes::OBJECTS;
pub(crate) use figures::{Changed, CodeColumn, FigurePlace, FigureQuery};
pub use fill::{FillProgress, FillWanted};
pub(crate) use give::Gift;
pub use multaqa_proto::fold::Held;
pub(crate) use notice::Late;
pub use notice::Position;
pub use observation::{ObservationPage, ObservationQuery, ObservationRow};
pub(crate) use proof::{Collected, ProofError};
pub use read::{Cursor, ListQuery, Object, Page, Step, Summary};
pub use sealed::KeptCosignature;
pub(crate) use since::Since;
pub(crate) use start::Starting;
pub(crate) use unerased::Unerased;

/// How far the replica is. It has one row as soon as there is an entry, so it needs no tally.
const CURSOR: Kept = Kept { table: "cursor", key: "id", tallied: false };

/// Sealed checkpoints, and what witnesses cosigned of them. A row that vanishes comes again, or is computed.
const SEALED: Kept = Kept { table: "sealed", key: "size", tallied: false };
const COSIGNATURE: Kept = Kept { table: "cosignature", key: "witness", tallied: true };

static LAYOUT: Layout = Layout {
    name: "replica",
    migrations: &[include_str!("../migrations/replica/0001_replica.sql")],
    kept: &[CURSOR, SEALED, COSIGNATURE, run::RUN, run::STARTED],
    synchronous: SqliteSynchronous::Normal,
};

/// An open replica. Clones share it.
#[derive(Debug, Clone)]
pub struct Replica {
    store: Store,
    me: MemberCode,
    writer: Writer,
    epoch: Epoch,
    /// How far the file is, as its newest transaction left it: every answer says so.
    cursor: Arc<ArcSwapOption<Cursor>>,
    /// How far a fast start is, while one is under way.
    starting: Arc<ArcSwapOption<start::Starting>>,
    /// Who is told of changes.
    notices: notice::Notices,
}

/// A replica with the state that it was left in.
#[derive(Debug)]
pub struct Opened {
    /// The replica.
    pub replica: Replica,
    /// The reader's state at its cursor.
    pub intake: Intake,
    /// Why what was there was deleted, where it was.
    pub rebuilt: Option<String>,
}

impl Replica {
    /// Opens the replica of this node; makes it where it is missing, and makes it anew where it is damaged.
    ///
    /// # Errors
    /// [`StoreError::Newer`], or where the disk refuses.
    pub async fn open(path: &Path, identity: &Identity) -> Result<Opened, StoreError> {
        let opened = match Self::resume(path, identity).await {
            Err(error) if error.is_damage() => Err(error.to_string()),
            Ok((replica, Err(reason))) => {
                replica.close().await;
                Err(reason)
            }
            Ok((replica, Ok(intake))) => Ok((replica, intake)),
            Err(error) => return Err(error),
        };
        match opened {
            Ok((replica, intake)) => Ok(Opened { replica, intake, rebuilt: None }),
            Err(reason) => {
                store::remove(path).map_err(|error| StoreError::Failed {
                    store: LAYOUT.name,
                    transaction: "remove",
                    detail: error.to_string(),
                    damaged: false,
                })?;
                let store = Store::open(path, &LAYOUT, Access::Create).await?;
                let replica = Self::new(store, identity);
                replica.is_mine().await?;
                Ok(Opened { replica, intake: empty(identity), rebuilt: Some(reason) })
            }
        }
    }

    /// The state at the cursor; the inner error says why the file does not agree with itself.
    async fn resume(path: &Path, identity: &Identity) -> Result<(Self, Result<Intake, String>), StoreError> {
        let store = Store::open(path, &LAYOUT, Access::Create).await?;
        let replica = Self::new(store, identity);
        if !replica.is_mine().await? {
            return Ok((replica, Err("it is another member's".to_owned())));
        }
        let intake = match replica.load_state(identity.genesis).await? {
            None => Ok(empty(identity)),
            Some(Ok((state, checkpoint))) => {
                let intake = Intake::resume(identity.member.clone(), state, checkpoint);
                replica.adopt_kinds(&intake).await?;
                replica.move_to(replica.read_cursor().await?);
                Ok(intake)
            }
            Some(Err(reason)) => Err(reason),
        };
        Ok((replica, intake))
    }

    /// Opens the replica beside the node that owns it, to read.
    pub(crate) async fn open_to_read(path: &Path, identity: &Identity) -> Result<Self, StoreError> {
        Ok(Self::new(Store::open(path, &LAYOUT, Access::Read).await?, identity))
    }

    /// Whether the file is this member's; a new one becomes it. Another member's holds what this one may not read, and lacks
    /// what it may, though every root agrees: so the file carries its reader, as SQLite's application id.
    async fn is_mine(&self) -> Result<bool, StoreError> {
        let mut tx = self.store.begin("claim").await?;
        let at = tx.at;
        let found: i32 =
            sqlx::query_scalar("PRAGMA application_id").fetch_one(tx.conn()).await.map_err(|e| at.failed(e))?;
        let mine = self.application_id();
        if found == 0 {
            let claim = sqlx::AssertSqlSafe(format!("PRAGMA application_id = {mine}"));
            sqlx::raw_sql(claim).execute(tx.conn()).await.map_err(|e| at.failed(e))?;
            tx.commit().await?;
        }
        Ok(found == 0 || found == mine)
    }

    /// What says that a file is this member's.
    fn application_id(&self) -> i32 {
        let [first, second, third, ..] = Hash::of(self.me.as_str().as_bytes()).0;
        i32::from_be_bytes([1, first, second, third])
    }

    fn new(store: Store, identity: &Identity) -> Self {
        let (me, writer, epoch) = (identity.member.clone(), identity.writer(), identity.epoch);
        Self {
            store,
            me,
            writer,
            epoch,
            cursor: Arc::default(),
            starting: Arc::default(),
            notices: notice::Notices::default(),
        }
    }

    /// The member that reads it.
    #[must_use]
    pub fn member(&self) -> &MemberCode {
        &self.me
    }

    /// The same replica, read through a connection of its own.
    pub(crate) fn apart(self) -> Self {
        Self { store: self.store.apart(), ..self }
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.store.close().await;
    }
}

fn empty(identity: &Identity) -> Intake {
    let genesis: RecordId = identity.genesis;
    Intake::empty(identity.member.clone(), genesis, LogNumber::FIRST)
}

/// The kinds by which this program judges, as they are stored.
fn known_kinds() -> String {
    let mut names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    names.sort_unstable();
    names.join(" ")
}

#[cfg(test)]
mod crash_points;
#[cfg(test)]
mod flips;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
