//! The node as a process: sync, renewal, local API, the port for member systems, admin listener.
//!
//! In scope: what runs and how it ends. Out of scope: building it (`config`), what the API answers (`api`).
//!
//! Reads work from the first moment on, from the replica, whether or not the hub can be reached.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use ed25519_dalek::SigningKey;
use multaqa_proto::directory::Directory;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::witness::Standing;
use multaqa_proto::sync::intake::Intake;
use multaqa_runtime::admin::{Admin, Readiness};
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::{Shutdown, Tasks};
use multaqa_runtime::telemetry::Metrics;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Notify, watch};

use crate::api::page::PageKey;
use crate::clients::Clients;
use crate::evidence::Files;
use crate::journal::Journal;
use crate::link::LinkStatus;
use crate::port::systems::Port;
use crate::renew::{self, Life, Renewer};
use crate::replica::Replica;
use crate::search::{Indexer, Search};
use crate::sync::{self, Sync};
use crate::watch::Changes;
use crate::{metrics, port};

/// How long a drain may take.
const DRAIN: Duration = Duration::from_secs(10);

/// What the local API answers from.
#[derive(Clone)]
pub struct Parts {
    /// Own records and outbox.
    pub journal: Journal,
    /// The log, verified and folded.
    pub replica: Replica,
    /// Finding objects by words and facets.
    pub search: Search,
    /// The reader's state at the replica's cursor; it changes with each frame.
    pub intake: Arc<ArcSwap<Intake>>,
    /// The line to the hub.
    pub link: watch::Receiver<LinkStatus>,
    /// How far other states vouch for the log.
    pub standing: watch::Receiver<Standing>,
    /// To be notified when records were queued.
    pub outbox: Arc<Notify>,
    /// To be notified when the operator wants another try after an alarm.
    pub retry_alarm: Arc<Notify>,
    /// The key that signs own records.
    pub record_key: Arc<SigningKey>,
    /// From when to when the certificate in use holds.
    pub life: watch::Receiver<Life>,
    /// What it caught the hub at.
    pub evidence: Files,
    /// The member's systems that may ask.
    pub clients: Clients,
    /// Changes of the replica, for whoever watches.
    pub changes: Changes,
    /// What binds page tokens.
    pub pages: PageKey,
    /// The clock.
    pub clock: Clock,
}

impl Parts {
    /// The directory at the replica's cursor; none before the first frame.
    #[must_use]
    pub fn directory(&self) -> Option<Arc<Directory>> {
        self.intake.load().state().map(LogState::directory).cloned()
    }
}

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
    pub(crate) fn new(
        parts: Parts,
        sync: Sync,
        renewer: Renewer,
        indexer: Indexer,
        socket: UnixListener,
        port: Option<Port>,
        admin: Option<TcpListener>,
    ) -> Self {
        Self { parts, sync, renewer, indexer, socket, port, admin }
    }

    /// What the local API answers from.
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
