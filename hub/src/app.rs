//! The hub as a process: everything is bound and loaded first, then served, then drained.
//!
//! In scope: putting the parts together, the listeners' stacks, the order of the end. Out of scope: arguments and signals
//! (`cli::serve`), what is served (`service`).
//!
//! The end: listeners take nothing new and streams end; what was submitted until then is still ordered and answered; then
//! the sequencer stops and the store is closed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use multaqa_certs::authority::{self, AuthorityError, Issuer};
use multaqa_certs::profile::Profile;
use multaqa_certs::server::{self, Acceptor};
use multaqa_certs::setup::SetupError;
use multaqa_certs::store::{self as files, Mode, StoreError as FileError, TlsIdentity};
use multaqa_runtime::admin::{self, Admin, Flag, Readiness};
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::{Shutdown, Tasks};
use multaqa_runtime::telemetry::Metrics;
use multaqa_runtime::{listen, serve};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Places};
use crate::fanout::Fanout;
use crate::identity;
use crate::log::{Log, Sequencer};
use crate::registry::Registry;
use crate::service::{self, Hub};
use crate::store::Store;
use crate::witnesses::Witnesses;

/// A hub that is bound and loaded, not serving.
pub struct App {
    config: Config,
    places: Places,
    clock: Clock,
    store: Store,
    log: Log,
    sequencer: Sequencer,
    fanout: Fanout,
    registry: Registry,
    witnesses: Witnesses,
    issuer: Issuer,
    acceptor: Acceptor,
    federation: TcpListener,
    admin: TcpListener,
    addresses: Addresses,
}

/// What a hub really listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// Nodes and operators.
    pub federation: SocketAddr,
    /// `/livez`, `/readyz`, `/metrics`.
    pub admin: SocketAddr,
}

impl Config {
    /// Binds the listeners, loads keys, certificates and the log.
    ///
    /// # Errors
    /// Where something is missing, damaged or in use.
    pub async fn build(self, clock: Clock) -> Result<App, Fault> {
        self.check()?;
        let places = Places::of(&self.dir);
        if !places.log_key().exists() {
            return Err(Fault::new("HUB_DIR_WRONG").with("dir", places.dir().display()).with("missing", "log.key"));
        }
        let federation = listen::tcp(self.listen).await?;
        let admin = admin::bind(self.admin.listen).await?;
        let addresses = Addresses { federation: bound(&federation)?, admin: bound(&admin)? };
        let log_key = files::load_ed25519(&places.log_key()).map_err(|error| file_fault(&error))?;
        let issuer = Issuer::load(&places.issuing(), Profile::NodesIssuer).map_err(|error| authority_fault(&error))?;
        let store = Store::open(&places.store()).await?;
        let fanout = Fanout::new(store.clone());
        let lock = places.dir().join(&self.checkpoint_lock);
        let (log, sequencer) =
            Log::open_with(store.clone(), fanout.clone(), log_key, clock.clone(), Some(&lock)).await?;
        // The log is ours alone from here on: what another process left is out of date.
        remove_addresses(&places)?;
        let streams = self.limits.streams_per_node;
        let registry = Registry::load(store.clone(), log.clone(), clock.clone(), streams).await?;
        let witnesses = Witnesses::load(store.clone(), log.clone(), clock.clone()).await?;
        let acceptor = acceptor(&places, &issuer, &registry, &clock)?;
        Ok(App {
            config: self,
            places,
            clock,
            store,
            log,
            sequencer,
            fanout,
            registry,
            witnesses,
            issuer,
            acceptor,
            federation,
            admin,
            addresses,
        })
    }
}

impl App {
    /// What it listens on.
    #[must_use]
    pub const fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Serves until the drain is done; the admin listener where there are metrics to show.
    ///
    /// # Errors
    /// The fault of the part that failed.
    pub async fn run(self, shutdown: Shutdown, metrics: Option<Metrics>) -> Result<(), Fault> {
        let readiness = Readiness::new();
        let serving = readiness.flag("serving");
        let mut tasks = Tasks::new(shutdown.clone(), Duration::from_secs(self.config.drain_seconds));
        let sequencer_stop = CancellationToken::new();
        let hub = Arc::new(Hub {
            store: self.store.clone(),
            log: self.log.clone(),
            fanout: self.fanout,
            registry: self.registry.clone(),
            witnesses: self.witnesses.clone(),
            issuer: self.issuer,
            acceptor: self.acceptor.clone(),
            clock: self.clock.clone(),
            shutdown: shutdown.clone(),
            records_in_flight: usize::try_from(self.config.limits.records_in_flight.clamp(1, 4096)).unwrap_or(1),
            heartbeat: Duration::from_secs(self.config.line.heartbeat_seconds),
            started_ms: self.clock.now_ms(),
        });
        let routes = service::routes(&hub)
            .map_err(|error| Fault::new("HUB_SCHEMA_UNUSABLE").with("detail", error))?
            .into_axum_router();
        drop(hub);

        tasks.spawn("health", follow_log(self.log.clone(), readiness.flag("log"), shutdown.clone()));
        tasks.spawn("sequencer", self.sequencer.run(sequencer_stop.clone()));
        tasks.spawn("registry", self.registry.clone().follow(shutdown.clone()));
        tasks.spawn("witnesses", self.witnesses.follow(shutdown.clone()));
        let (acceptor, path, clock) = (self.acceptor.clone(), self.places.identity(), self.clock.clone());
        tasks.spawn("identity", identity::follow(acceptor, path, clock, shutdown.clone()));
        let limits = serve::Limits {
            connections: self.config.limits.connections,
            connections_per_ip: self.config.limits.connections_per_ip,
            ..serve::Limits::default()
        }
        .dead_after(Duration::from_secs(self.config.line.dead_after_seconds));
        let (acceptor, registry) = (self.acceptor, self.registry);
        let accept = move |tcp, address| {
            let (acceptor, registry) = (acceptor.clone(), registry.clone());
            async move {
                let (stream, peer) = acceptor.accept(tcp, address).await?;
                Ok::<_, server::AcceptError>((stream, registry.connected(peer)))
            }
        };
        let federation = serve::serve("federation", self.federation, accept, routes, limits, shutdown.clone());
        tasks.spawn("federation", async move {
            federation.await;
            // Nobody can submit any more: what is queued is the last.
            sequencer_stop.cancel();
            Ok(())
        });
        if let Some(metrics) = metrics {
            tasks.spawn("metrics", metrics.clone().upkeep(shutdown.clone()));
            tasks.spawn("admin", Admin { readiness, metrics, shutdown }.run(self.admin));
        }
        write_addresses(&self.places, self.addresses)?;
        serving.set(true);
        tracing::info!(federation = %self.addresses.federation, admin = %self.addresses.admin, "serving");
        let ended = tasks.run().await;
        self.store.close().await;
        ended.and(remove_addresses(&self.places))
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

/// Ready while the log takes records.
async fn follow_log(log: Log, ready: Flag, shutdown: Shutdown) -> Result<(), Fault> {
    let mut frozen = log.frozen();
    loop {
        ready.set(frozen.borrow_and_update().is_none());
        tokio::select! {
            () = shutdown.draining() => return Ok(()),
            changed = frozen.changed() => if changed.is_err() {
                return Ok(());
            },
        }
    }
}

/// Tells the machine where the hub really listens: `host:port` of the federation listener, then of the admin listener.
fn write_addresses(places: &Places, addresses: Addresses) -> Result<(), Fault> {
    let text = format!("{}\n{}\n", addresses.federation, addresses.admin);
    files::replace(&places.addresses(), text.as_bytes(), Mode::Public).map_err(|error| file_fault(&error))
}

fn remove_addresses(places: &Places) -> Result<(), Fault> {
    let path = places.addresses();
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(file_fault(&FileError::Io { path, why: error.to_string() }))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn acceptor(places: &Places, issuer: &Issuer, registry: &Registry, clock: &Clock) -> Result<Acceptor, Fault> {
    let identity = TlsIdentity::load(&places.identity()).map_err(|error| file_fault(&error))?;
    let issuing = places.issuing();
    let root = authority::load_root_certificate(&issuing).map_err(|error| authority_fault(&error))?;
    let operators =
        authority::load_certificate(&issuing, Profile::OperatorsIssuer).map_err(|error| file_fault(&error))?;
    let mut issuers = vec![issuer.der().clone(), operators];
    // What they signed before they were renewed holds until its own end.
    for profile in [Profile::NodesIssuer, Profile::OperatorsIssuer] {
        issuers.extend(authority::load_previous(&issuing, profile).map_err(|error| file_fault(&error))?);
    }
    let limits = server::Limits::default();
    Acceptor::new(&identity, &root, issuers, registry.allowed(), clock.in_seconds(), limits)
        .map_err(|error| setup_fault(&error))
}

fn bound(listener: &TcpListener) -> Result<SocketAddr, Fault> {
    listener
        .local_addr()
        .map_err(|error| Fault::new(multaqa_runtime::code::LISTEN_FAILED).with("address", "?").with("detail", error))
}

fn file_fault(error: &FileError) -> Fault {
    Fault { code: error.code(), args: error.args() }
}
fn authority_fault(error: &AuthorityError) -> Fault {
    Fault { code: error.code(), args: error.args() }
}
fn setup_fault(error: &SetupError) -> Fault {
    Fault { code: error.code(), args: error.args() }
}
