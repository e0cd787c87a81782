//! The node as a process: sync, renewal, local API, the port for member systems, admin listener.
//!
//! In scope: what runs and how it ends; below it, how it is built from its configuration (`build`, and the port in `systems`). Out of
//! scope: keys and their rules (`config`), what is answered (`api`).
//!
//! Reads work from the first moment on, from the replica, whether or not the hub can be reached.

mod build;
mod systems;

use std::time::Duration;

use multaqa_runtime::admin::{Admin, Readiness};
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::{Shutdown, Tasks};
use multaqa_runtime::telemetry::Metrics;
use tokio::net::{TcpListener, UnixListener};

use crate::api::Parts;
use crate::port::systems::Port;
use crate::renew::{self, Renewer};
use crate::search::Indexer;
use crate::sync::{self, Sync};
use crate::{metrics, port};

/// How long a drain may take.
const DRAIN: Duration = Duration::from_secs(10);

/// A node that is built and not yet running.
pub struct App {
    parts: Parts,
    sync: Sync,
    renewer: Renewer,
    indexer: Indexer,
    socket: UnixListener,
    port: Option<Port>,
    admin: Option<TcpListener>,
}

impl App {
    /// What it answers from.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The address of the admin listener; none where there is none.
    #[must_use]
    pub fn admin_address(&self) -> Option<std::net::SocketAddr> {
        self.admin.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Runs until the drain, or until a part of it dies. Metrics are the process's, where it has any.
    ///
    /// # Errors
    /// The fault of the part that died.
    pub async fn run(self, shutdown: Shutdown, process_metrics: Option<Metrics>) -> Result<(), Fault> {
        let Self { parts, sync, renewer, indexer, socket, port, admin } = self;
        metrics::describe();
        let mut tasks = Tasks::new(shutdown.clone(), DRAIN);
        let readiness = Readiness::new();
        let serving = readiness.flag("api");
        if let (Some(listener), Some(metrics)) = (admin, process_metrics) {
            tasks.spawn("metrics", metrics.clone().upkeep(shutdown.clone()));
            tasks.spawn("admin", Admin { readiness, metrics, shutdown: shutdown.clone() }.run(listener));
        }
        tasks.spawn("sync", sync::run(sync, shutdown.clone()));
        tasks.spawn("renew", renew::run(renewer, shutdown.clone()));
        tasks.spawn("search", indexer.run(shutdown.clone()));
        let (journal, replica) = (parts.journal.clone(), parts.replica.clone());
        if let Some(port) = port {
            tasks.spawn("clients", port::systems::run(parts.clone(), port, shutdown.clone()));
        }
        tasks.spawn("api", port::serve(parts, socket, shutdown));
        serving.set(true);
        let ended = tasks.run().await;
        replica.close().await;
        journal.close().await;
        ended
    }
}
