//! The node's configuration, and building the node from it.
//!
//! In scope: keys and their defaults, where things lie in the node's directory. Out of scope: layers and origins
//! (`runtime::config`), running (`app`). Secrets are files in the directory; the configuration holds none.

mod clients;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use multaqa_certs::check::Certificate;
use multaqa_certs::client::{Dialer, Limits};
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::store::{self, TlsIdentity};
use multaqa_runtime::admin;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::listen;
use multaqa_runtime::telemetry::Logging;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, Notify, watch};

pub use self::clients::ClientsConfig;
use crate::api::page::PageKey;
use crate::app::{App, Parts};
use crate::code;
use crate::evidence::Files;
use crate::journal::{Identity, Journal};
use crate::link::{Tracker, split_address};
use crate::renew::{Der, Life, Renewer};
use crate::replica::{Opened, Replica};
use crate::search::{Indexer, Search};
use crate::store::StoreError;
use crate::sync::{Awaited, Sync, UnderWay};
use crate::watch::Changes;
use crate::witness::Witnessing;

/// Where a node's directory is by default.
pub const DIRECTORY: &str = "/var/lib/multaqa-node";

/// The configuration, as `node.toml` holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The node itself.
    pub node: NodeConfig,
    /// The line to the hub.
    pub line: LineConfig,
    /// The port for the member's systems.
    pub clients: ClientsConfig,
    /// The admin listener.
    pub admin: AdminConfig,
    /// Log lines.
    pub log: Logging,
}

/// The `[node]` section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeConfig {
    /// The node's directory: identity, keys, stores, socket.
    pub dir: PathBuf,
    /// Addresses of the hub, `host:port`, tried one after the other.
    pub hubs: Vec<String>,
}

/// The `[line]` section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineConfig {
    /// After so long without a sign of life from the hub a connection ends, 3 to 600 seconds.
    pub dead_after_seconds: u64,
    /// After so long without an answer or a seal from a hub that lives its log counts as frozen, 2 to 3600 seconds.
    pub frozen_after_seconds: u64,
    /// A replica that is further behind, in entries, catches up on a connection of its own.
    pub catch_up_from_entries: u64,
    /// Whether an empty replica starts by runs below a STABLE checkpoint instead of fetching every leaf of the log: what this
    /// member may read and little more. For metered lines. Such a node cannot give a hub that was restored the leaves that it
    /// does not have, and notices what was kept back below the checkpoint only once it fetches the log anew without.
    pub fast_start: bool,
    /// A witness cosigns the same checkpoint again after so long, 10 to 240 seconds: 60 on a line that costs nothing, 240 on one
    /// that is metered. Others call a cosignature fresh for 300, and it may take 30 to reach them.
    pub cosign_again_seconds: u64,
}

impl LineConfig {
    pub(crate) const fn dead_after(self) -> Duration {
        Duration::from_secs(self.dead_after_seconds)
    }
    pub(crate) const fn frozen_after(self) -> Duration {
        Duration::from_secs(self.frozen_after_seconds)
    }
    pub(crate) const fn cosign_again(self) -> Duration {
        Duration::from_secs(self.cosign_again_seconds)
    }
}

/// The `[admin]` section.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdminConfig {
    /// Loopback address of `/livez`, `/readyz` and `/metrics`; empty for none.
    pub listen: String,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self { dir: PathBuf::from(DIRECTORY), hubs: Vec::new() }
    }
}

impl Default for LineConfig {
    fn default() -> Self {
        Self {
            dead_after_seconds: 30,
            frozen_after_seconds: 60,
            catch_up_from_entries: 5_000,
            fast_start: false,
            cosign_again_seconds: 60,
        }
    }
}

/// Where things lie in a node's directory.
#[derive(Debug, Clone)]
pub struct Layout {
    dir: PathBuf,
}

impl Layout {
    /// The places under a directory.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }
    /// The configuration.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.dir.join("node.toml")
    }
    /// Own records, outbox, instance.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.dir.join("journal.db")
    }
    /// The log, verified and folded.
    #[must_use]
    pub fn replica(&self) -> PathBuf {
        self.dir.join("replica.db")
    }
    /// The search index: derived from the replica, may be removed while the node is stopped.
    #[must_use]
    pub fn search(&self) -> PathBuf {
        self.dir.join("search")
    }
    /// The socket of the local API.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.dir.join("node.sock")
    }
    /// The directory of the TLS identity.
    #[must_use]
    pub fn identity_dir(&self) -> PathBuf {
        self.dir.join("identity")
    }
    /// TLS key and chain.
    #[must_use]
    pub fn identity(&self) -> PathBuf {
        self.identity_dir().join("node.pem")
    }
    /// The federation's root certificate.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.identity_dir().join("root.pem")
    }
    /// The directory of the node's own keys.
    #[must_use]
    pub fn keys_dir(&self) -> PathBuf {
        self.dir.join("keys")
    }
    /// A key: `record`, `witness`, `session`, and while joining `tls`.
    #[must_use]
    pub fn key(&self, name: &str) -> PathBuf {
        self.keys_dir().join(format!("{name}.pem"))
    }
    /// The directory of the CA for the member's systems, and of the port's certificate.
    #[must_use]
    pub fn clients(&self) -> PathBuf {
        self.dir.join("clients")
    }
    /// What a join that was begun will send again.
    #[must_use]
    pub fn joining(&self) -> PathBuf {
        self.dir.join("join.json")
    }
}

impl Config {
    /// Where things lie.
    #[must_use]
    pub fn layout(&self) -> Layout {
        Layout::new(&self.node.dir)
    }

    /// Checks what no single key shows: `config check`.
    ///
    /// # Errors
    /// The first rule broken.
    pub fn check(&self) -> Result<(), Fault> {
        if self.node.hubs.is_empty() {
            return Err(Fault::new(code::CONFIG_HUB_MISSING));
        }
        if let Some(wrong) = self.node.hubs.iter().find(|address| split_address(address).is_none()) {
            return Err(Fault::new(code::CONFIG_HUB_MALFORMED).with("value", wrong));
        }
        let LineConfig {
            dead_after_seconds,
            frozen_after_seconds,
            catch_up_from_entries: _,
            fast_start: _,
            cosign_again_seconds,
        } = self.line;
        within("line.cosign_again_seconds", cosign_again_seconds, 10, 240)?;
        within("line.dead_after_seconds", dead_after_seconds, 3, 600)?;
        within("line.frozen_after_seconds", frozen_after_seconds, 2, 3_600)?;
        self.clients.place()?;
        self.admin_address().map(|_| ())
    }

    fn admin_address(&self) -> Result<Option<SocketAddr>, Fault> {
        let address = &self.admin.listen;
        if address.is_empty() {
            return Ok(None);
        }
        let parsed = address.parse();
        parsed.map(Some).map_err(|_| bad_value("admin", "admin.listen", format!("{address:?} is not address:port")))
    }

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
        let systems = clients::open(&layout, &identity, &journal, &self.clients, &clock).await?;
        let port = match self.clients.place()? {
            Some(place) => Some(clients::port(&systems, place, &self.clients, &clock).await?),
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
            clients: systems,
            pages: PageKey::new(&random_bytes()?),
            clock,
        };
        Ok(App::new(parts, sync, renewer, indexer, socket, port, admin))
    }
}

fn random_bytes<const N: usize>() -> Result<[u8; N], Fault> {
    multaqa_certs::random::bytes().map_err(|error| Fault { code: error.code(), args: error.args() })
}

fn within(key: &str, value: u64, min: u64, max: u64) -> Result<(), Fault> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    let origin = key.split('.').next().unwrap_or(key);
    Err(bad_value(origin, key, format!("{value} does not lie between {min} and {max}")))
}

fn bad_value(origin: &str, key: &str, detail: impl std::fmt::Display) -> Fault {
    let fault = Fault::new(multaqa_runtime::code::CONFIG_BAD_VALUE);
    fault.with("origin", origin).with("key", key).with("detail", detail)
}

/// A journal belongs to one node: beside another one's certificate it is a copy that went astray.
fn must_be_of(identity: &TlsIdentity, journal: &Identity) -> Result<(), StoreError> {
    let leaf = identity.chain.first().and_then(|leaf| Certificate::read(leaf));
    let named = leaf.and_then(|leaf| leaf.identity(&leaf.federation()?).ok());
    let found = PeerIdentity::Node(journal.member.clone(), journal.node.clone());
    match named {
        Some(expected @ PeerIdentity::Node(..)) if expected != found => {
            Err(StoreError::JournalForeign { expected: expected.to_string(), found: found.to_string() })
        }
        // Whatever else it is, the hub judges it.
        Some(_) | None => Ok(()),
    }
}

/// The dialler with the identity on disk, the root, the certificate's life.
fn dialer(layout: &Layout, identity: &TlsIdentity, clock: &Clock) -> Result<(Dialer, Der, Life), Fault> {
    let malformed = || store::StoreError::Malformed { path: layout.identity(), what: "certificate" };
    let life = Life::of(identity).ok_or_else(malformed).map_err(key_fault)?;
    let chain = store::load_chain(&layout.root()).map_err(key_fault)?;
    let root = chain.into_iter().next().ok_or_else(|| StoreError::Missing { path: layout.root() })?;
    let dialer = Dialer::new(identity, &root, None, seconds(clock), Limits::default())
        .map_err(|error| Fault { code: error.code(), args: error.args() })?;
    Ok((dialer, root, life))
}

/// The clock as TLS wants it.
pub(crate) fn seconds(clock: &Clock) -> multaqa_certs::crypto::Clock {
    let clock = clock.clone();
    Arc::new(move || u64::try_from(clock.now_ms() / 1_000).unwrap_or(0))
}

#[expect(clippy::needless_pass_by_value, reason = "it stands behind map_err")]
fn key_fault(error: multaqa_certs::store::StoreError) -> Fault {
    Fault { code: error.code(), args: error.args() }
}

#[cfg(test)]
mod tests {
    use multaqa_runtime::config::Sources;

    use super::*;

    fn with_hub(address: &str) -> Config {
        let node = NodeConfig { hubs: vec![address.to_owned()], ..NodeConfig::default() };
        Config { node, ..Config::default() }
    }

    #[test]
    fn the_sample_configuration_is_the_default_but_for_its_hub() {
        let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/node.sample.toml");
        let config: Config = Sources::new().file(sample).load().unwrap().value;
        let expected = with_hub("hub.example:7400");
        assert_eq!(config, expected);
        config.check().unwrap();
    }

    #[test]
    fn a_node_needs_the_address_of_a_hub() {
        let config = Config::default();
        assert_eq!(config.check().unwrap_err().code, code::CONFIG_HUB_MISSING);
        let config = with_hub("hub.example");
        assert_eq!(config.check().unwrap_err().code, code::CONFIG_HUB_MALFORMED);
        let line = LineConfig { dead_after_seconds: 2, ..LineConfig::default() };
        let config = Config { line, ..with_hub("hub.example:7400") };
        assert_eq!(config.check().unwrap_err().arg("key"), Some("line.dead_after_seconds"));
        for (clients, key) in [
            (ClientsConfig { listen: "0.0.0.0:7443".to_owned(), ..ClientsConfig::default() }, "clients.names"),
            (ClientsConfig { names: vec!["a b".to_owned()], ..ClientsConfig::default() }, "clients.names"),
            (
                ClientsConfig {
                    listen: "7443".to_owned(),
                    names: vec!["node.example".to_owned()],
                    ..Default::default()
                },
                "clients.listen",
            ),
            (ClientsConfig { seconds: 0, ..ClientsConfig::default() }, "clients.seconds"),
        ] {
            let config = Config { clients, ..with_hub("hub.example:7400") };
            assert_eq!(config.check().unwrap_err().arg("key"), Some(key));
        }
        let admin = AdminConfig { listen: "9400".to_owned() };
        let config = Config { admin, ..with_hub("hub.example:7400") };
        assert_eq!(config.check().unwrap_err().arg("key"), Some("admin.listen"));
    }
}
