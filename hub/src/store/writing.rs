//! The writer's connection within a transaction.
//!
//! Its begin stands in the text of its first statement and its end is a plain statement, where sqlx's own take two turns of
//! SQLite's thread each. Dropped before its
//! end, or failed, the connection is closed, which rolls back whatever state it is in: where no space is left SQLite may have
//! taken the transaction back by itself. In scope: that. Out of scope: what is written (`append`).

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection};

use super::{Store, StoreError};

/// The begin of the transaction, which costs no turn of its own.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE; ";

#[derive(Debug)]
pub(super) struct Writing {
    connection: PoolConnection<Sqlite>,
    open: bool,
}

impl Writing {
    /// A connection whose first statement's text starts with [`BEGIN`].
    pub(super) async fn open(store: &Store) -> Result<Self, StoreError> {
        Ok(Self { connection: store.writer.acquire().await?, open: true })
    }
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        sqlx::query("COMMIT").execute(&mut *self).await?;
        self.open = false;
        Ok(())
    }
}

impl Deref for Writing {
    type Target = SqliteConnection;
    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if self.open {
            self.connection.close_on_drop();
        }
    }
}
