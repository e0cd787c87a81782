//! Building the node from its configuration: stores and identity opened, listeners bound, parts put together.
//!
//! Out of scope: what runs (`app`), the port for systems (`systems`).

use std::sync::Arc;

use arc_swap::ArcSwap;
use multaqa_certs::client::{Dialer, Limits};
use multaqa_certs::store::{self, TlsIdentity};
use multaqa_runtime::admin;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::listen;
use tokio::sync::{Mutex, Notify, watch};

use super::App;
use super::systems::{self, key_fault};
use crate::api::Parts;
use crate::api::page::PageKey;
use crate::backup::must_be_of;
use crate::code;
use crate::config::{Config, Layout};
use crate::evidence::Files;
use crate::journal::Journal;
use crate::link::{Life, Tracker};
use crate::renew::{Der, Renewer};
use crate::replica::{Opened, Replica};
use crate::search::{Indexer, Search};
use crate::store::StoreError;
use crate::sync::{Awaited, Sync, UnderWay};
use crate::watch::Changes;
use crate::witness::Witnessing;

impl Config {
    /// Opens stores and identity and binds the listeners. Nothing is served or dialled before [`App::run`].
    ///
    /// # Errors
    /// [`code::NODE_NOT_JOINED`], stores and keys that cannot be used, addresses that cannot be bound.
    pub async fn build(self, clock: Clock) -> Result<App, Fault> {
        self.check()?;
        let layout = self.layout();
        if !layout.journal().exists() && !layout.identity().exists() {
            return Err(Fault::new(code::NODE_NOT_JOINED).with("dir", self.node.dir.display()));
        }
        let admin = match self.admin_address()? {
            Some(address) => Some(admin::bind(address).await?),
            None => None,
        };
        let socket = listen::unix(&layout.socket()).await?;
        let journal = Journal::open(&layout.journal()).await?;
        let identity = TlsIdentity::load(&layout.identity()).map_err(key_fault)?;
        must_be_of(&identity, journal.identity())?;
        let clients = systems::open(&layout, &identity, &journal, &self.clients, &clock).await?;
        let port = match self.clients.place()? {
            Some(place) => Some(systems::port(&clients, place, &self.clients, &clock).await?),
            None => None,
        };
        let (dialer, root, life) = dialer(&layout, &identity, &clock)?;
        let life = watch::Sender::new(life);
        let record_key = store::load_ed25519(&layout.key("record")).map_err(key_fault)?;
        let opened = Replica::open(&layout.replica(), journal.identity()).await?;
        let Opened { replica, mut intake, rebuilt } = opened;
        replica.teach(&mut intake).await?;
        if let Some(reason) = rebuilt {
            tracing::warn!(reason, "the replica was deleted and is fetched again from the log");
        }
        let tracker = Tracker::new(clock.clone(), self.line.frozen_after());
        let witness_key = Arc::new(store::load_ed25519(&layout.key("witness")).map_err(key_fault)?);
        let intake = Arc::new(ArcSwap::from_pointee(intake));
        let witnessing = Witnessing::load(replica.clone(), Arc::clone(&intake), tracker.clone()).await?;
        let (record_key, hubs) = (Arc::new(record_key), Arc::<[String]>::from(self.node.hubs));
        let renewer = Renewer {
            node: journal.identity().clone(),
            record_key: Arc::clone(&record_key),
            root,
            identity: layout.identity(),
            dialer: dialer.clone(),
            hubs: Arc::clone(&hubs),
            link: tracker.watch(),
            dead_after: self.line.dead_after(),
            life,
            clock: clock.clone(),
        };
        let evidence = Files::below(&self.node.dir);
        let sync = Sync {
            journal: journal.clone(),
            replica: replica.clone(),
            intake,
            witnessing,
            witness_key,
            record_key: Arc::clone(&record_key),
            identity: layout.identity(),
            evidence: evidence.clone(),
            run: random_bytes()?,
            dialer,
            hubs,
            life: renewer.life.subscribe(),
            tracker,
            line: self.line,
            clock: clock.clone(),
            outbox: Arc::new(Notify::new()),
            fill: Arc::new(Notify::new()),
            erased: Arc::new(Notify::new()),
            awaited: Awaited::default(),
            retry: Arc::new(Notify::new()),
            start: UnderWay::default(),
            applying: Arc::new(Mutex::new(())),
        };
        let search = Search::new();
        let indexer = Indexer::new(search.clone(), replica.clone(), layout.search());
        let parts = Parts {
            journal,
            changes: Changes::new(replica.clone()),
            replica,
            search,
            intake: Arc::clone(&sync.intake),
            link: sync.tracker.watch(),
            standing: sync.witnessing.standing(),
            outbox: Arc::clone(&sync.outbox),
            retry_alarm: Arc::clone(&sync.retry),
            record_key,
            life: renewer.life.subscribe(),
            evidence,
            clients,
            pages: PageKey::new(&random_bytes()?),
            clock,
        };
        Ok(App { parts, sync, renewer, indexer, socket, port, admin })
    }
}

fn random_bytes<const N: usize>() -> Result<[u8; N], Fault> {
    multaqa_certs::random::bytes().map_err(|error| Fault { code: error.code(), args: error.args() })
}

/// The dialler with the identity on disk, the root, the certificate's life.
fn dialer(layout: &Layout, identity: &TlsIdentity, clock: &Clock) -> Result<(Dialer, Der, Life), Fault> {
    let malformed = || store::StoreError::Malformed { path: layout.identity(), what: "certificate" };
    let life = Life::of(identity).ok_or_else(malformed).map_err(key_fault)?;
    let chain = store::load_chain(&layout.root()).map_err(key_fault)?;
    let root = chain.into_iter().next().ok_or_else(|| StoreError::Missing { path: layout.root() })?;
    let dialer = Dialer::new(identity, &root, None, clock.in_seconds(), Limits::default())
        .map_err(|error| Fault { code: error.code(), args: error.args() })?;
    Ok((dialer, root, life))
}
