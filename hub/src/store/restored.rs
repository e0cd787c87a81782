//! That the store was restored from a backup or is being rebuilt: a hub that starts on it gives no index before it is whole.
//!
//! In scope: the one row that says so. Out of scope: what is done about it (`log::refill`).

use multaqa_proto::number::TreeSize;
use sqlx::{Row as _, SqliteConnection};

use super::error::touched;
use super::kept::{Key, RESTORED, change};
use super::{Store, StoreError};

/// How the store came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// From a backup.
    Backup,
    /// From the genesis alone: all else comes from the nodes.
    Rebuilt,
    /// A hub found itself behind what it had published.
    Behind,
    /// An operator closes the log: it went back to where it was stable.
    Closing,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Restored {
    /// How it came here.
    pub(crate) reason: Reason,
    /// When, milliseconds since 1970 UTC.
    pub(crate) since_ms: i64,
    /// Entries that it had then.
    pub(crate) from: TreeSize,
    /// The size at which an operator let it go on, whatever others hold.
    pub(crate) released: Option<TreeSize>,
    /// Entries that it had when it was whole again; none before.
    pub(crate) done: Option<TreeSize>,
}

impl Reason {
    /// The reason as one word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Rebuilt => "rebuilt",
            Self::Behind => "behind",
            Self::Closing => "closing",
        }
    }
    fn parse(text: &str) -> Option<Self> {
        [Self::Backup, Self::Rebuilt, Self::Behind, Self::Closing].into_iter().find(|reason| reason.as_str() == text)
    }
}

impl Restored {
    /// Just now.
    pub(crate) const fn new(reason: Reason, from: TreeSize, since_ms: i64) -> Self {
        Self { reason, since_ms, from, released: None, done: None }
    }
}

impl Store {
    /// What is noted; none of a store that was never restored.
    ///
    /// # Errors
    /// Where the store fails or the row is bad.
    pub(crate) async fn restored(&self) -> Result<Option<Restored>, StoreError> {
        let row = sqlx::query("SELECT reason, since_ms, from_size, released_size, done_size FROM restored")
            .fetch_optional(&self.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let bad = |column| StoreError::RowBad { table: "restored", column, row: "hub".to_owned() };
        let size = |size: Option<i64>, column| size.map(|size| TreeSize::from_i64(size).ok_or(bad(column))).transpose();
        Ok(Some(Restored {
            reason: Reason::parse(&row.try_get::<String, _>(0)?).ok_or(bad("reason"))?,
            since_ms: row.try_get(1)?,
            from: TreeSize::from_i64(row.try_get(2)?).ok_or(bad("from_size"))?,
            released: size(row.try_get(3)?, "released_size")?,
            done: size(row.try_get(4)?, "done_size")?,
        }))
    }

    /// Notes it, in place of what was noted before.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn note_restored(&self, restored: &Restored) -> Result<(), StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        write_restored(&mut tx, restored).await?;
        Ok(tx.commit().await?)
    }
}

/// Notes it within a transaction.
pub(super) async fn write_restored(tx: &mut SqliteConnection, restored: &Restored) -> Result<(), StoreError> {
    let Restored { reason, since_ms, from, released, done } = restored;
    let write = sqlx::query(
        "INSERT INTO restored (what, reason, since_ms, from_size, released_size, done_size)
         VALUES ('hub', ?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (what) DO UPDATE SET reason = ?1, since_ms = ?2, from_size = ?3, released_size = ?4, done_size = ?5",
    )
    .bind(reason.as_str())
    .bind(since_ms)
    .bind(from.to_i64())
    .bind(released.map(TreeSize::to_i64))
    .bind(done.map(TreeSize::to_i64));
    let done = change(tx, RESTORED, Key::Text("hub"), write).await?;
    touched("restored", 1, done)
}
