//! A bounded number of connections to one file, opened when first needed and kept.
//!
//! sqlx's pool asks a connection that comes back whether it is there, which is a turn of SQLite's thread and a task for each
//! use: of a small query as much as the query itself. A file does not hang up. In scope: lending connections. Out of scope:
//! transactions (`store`).

use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// See the module. Clones share the connections.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    shared: Arc<Shared>,
    room: Arc<Semaphore>,
    patience: Duration,
}

#[derive(Debug)]
struct Shared {
    options: SqliteConnectOptions,
    idle: Mutex<Vec<SqliteConnection>>,
}

/// A connection on loan; dropped, it goes back, unless it was given up.
#[derive(Debug)]
pub(super) struct Lent {
    /// There until it is dropped.
    connection: Option<SqliteConnection>,
    sound: bool,
    shared: Arc<Shared>,
    _room: OwnedSemaphorePermit,
}

impl Connections {
    /// At most so many; who wants one more waits so long at most.
    pub(super) fn new(options: SqliteConnectOptions, most: usize, patience: Duration) -> Self {
        let shared = Shared { options, idle: Mutex::default() };
        Self { shared: Arc::new(shared), room: Arc::new(Semaphore::new(most)), patience }
    }
    /// One more to the same file, with a smaller cache: what is read once is not read again.
    pub(super) fn apart(&self) -> Self {
        Self::new(self.shared.options.clone().pragma("cache_size", "-256"), 1, self.patience)
    }
    pub(super) async fn lend(&self) -> Result<Lent, sqlx::Error> {
        let room = tokio::time::timeout(self.patience, Arc::clone(&self.room).acquire_owned());
        let room = room.await.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        let idle = self.shared.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.shared.options.connect().await?,
        };
        Ok(Lent { connection: Some(connection), sound: true, shared: Arc::clone(&self.shared), _room: room })
    }
    /// Closes those that are not on loan; nobody gets one any more.
    pub(super) async fn close(&self) {
        self.room.close();
        let idle = mem::take(&mut *self.shared.idle());
        for connection in idle {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "a connection to a store was not closed in order");
            }
        }
    }
}

impl Lent {
    /// It does not go back: it is closed, which rolls back whatever state it is in.
    pub(super) const fn give_up(&mut self) {
        self.sound = false;
    }
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for Lent {
    type Target = SqliteConnection;
    #[expect(clippy::expect_used, reason = "it is taken out when it is dropped, and not before")]
    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().expect("a connection on loan")
    }
}

impl DerefMut for Lent {
    #[expect(clippy::expect_used, reason = "it is taken out when it is dropped, and not before")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("a connection on loan")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| self.sound) {
            self.shared.idle().push(connection);
        }
    }
}
