//! The `[clients]` section: the port for the member's systems, and building it.
//!
//! Out of scope: who is let in (`clients`), what is served (`port`).

use std::net::SocketAddr;
use std::time::Duration;

use multaqa_certs::check::Certificate;
use multaqa_certs::store::{self, TlsIdentity};
use multaqa_certs::systems::{PortName, SystemAcceptor};
use multaqa_proto::text::Lang;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::{listen, output};
use serde::{Deserialize, Serialize};

use super::build::key_fault;
use super::{Layout, bad_value, seconds, within};
use crate::api::refusal::catalogue;
use crate::clients::{Clients, WARN_BEFORE_MS};
use crate::journal::Journal;
use crate::port::systems::Port;

/// The `[clients]` section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientsConfig {
    /// Address of the port for the member's systems; empty for none.
    pub listen: String,
    /// DNS names and IP addresses by which systems dial it; its certificate says them.
    pub names: Vec<String>,
    /// Requests that one system may have at once, on all its connections, 1 to 1024.
    pub requests_at_once: u64,
    /// Largest request that publishes, KiB, 64 to 32768.
    pub request_kib: u64,
    /// Longest time for a request, seconds, 1 to 600.
    pub seconds: u64,
}

/// Where the port listens and by what systems know it.
pub(super) struct PortPlace {
    address: SocketAddr,
    names: Vec<PortName>,
}

impl Default for ClientsConfig {
    fn default() -> Self {
        Self { listen: String::new(), names: Vec::new(), requests_at_once: 16, request_kib: 4_096, seconds: 30 }
    }
}

impl ClientsConfig {
    /// The port; none where it is off.
    pub(super) fn place(&self) -> Result<Option<PortPlace>, Fault> {
        let Self { listen, names, requests_at_once, request_kib, seconds } = self;
        within("clients.requests_at_once", *requests_at_once, 1, 1_024)?;
        within("clients.request_kib", *request_kib, 64, 32_768)?;
        within("clients.seconds", *seconds, 1, 600)?;
        let names = names.iter().map(|name| name.parse::<PortName>()).collect::<Result<Vec<_>, _>>();
        let names = names.map_err(|detail| bad_value("clients", "clients.names", detail))?;
        if listen.is_empty() {
            return Ok(None);
        }
        if names.is_empty() {
            return Err(bad_value("clients", "clients.names", "a port needs a name that its certificate can say"));
        }
        let not_address = |_| bad_value("clients", "clients.listen", format!("{listen:?} is not address:port"));
        Ok(Some(PortPlace { address: listen.parse().map_err(not_address)?, names }))
    }

    fn requests_at_once(&self) -> usize {
        usize::try_from(self.requests_at_once).unwrap_or(1)
    }
    fn request_max(&self) -> usize {
        usize::try_from(self.request_kib).unwrap_or(64) * 1024
    }
}

/// The member's systems that may ask.
pub(super) async fn open(
    layout: &Layout,
    identity: &TlsIdentity,
    journal: &Journal,
    config: &ClientsConfig,
    clock: &Clock,
) -> Result<Clients, Fault> {
    let leaf = identity.chain.first().and_then(|leaf| Certificate::read(leaf));
    let malformed = || store::StoreError::Malformed { path: layout.identity(), what: "certificate" };
    let federation = leaf.and_then(|leaf| leaf.federation()).ok_or_else(malformed).map_err(key_fault)?;
    let (dir, at_once) = (layout.clients(), config.requests_at_once());
    Ok(Clients::open(journal.clone(), &dir, federation, clock.clone(), at_once).await?)
}

/// The port for them, bound.
pub(super) async fn port(
    clients: &Clients,
    place: PortPlace,
    config: &ClientsConfig,
    clock: &Clock,
) -> Result<Port, Fault> {
    let PortPlace { address, names } = place;
    let listener = listen::tcp(address).await?;
    let (identity, _) = clients.port_identity(names.clone()).await?;
    let limits = multaqa_certs::server::Limits::default();
    let (ca, serials, plain) = (clients.ca().await?, clients.serials(), plain_text());
    let until_ms = clients.issuer_not_after_ms().await?.unwrap_or(i64::MAX);
    if until_ms < clock.now_ms().saturating_add(WARN_BEFORE_MS) {
        let until = output::instant(until_ms);
        tracing::warn!(until, "SYSTEMS_CA_ENDS: the issuing CA for member systems must be made anew");
    }
    let acceptor = SystemAcceptor::new(&ca, &identity, serials, seconds(clock), limits, &plain)
        .map_err(|error| Fault { code: error.code(), args: error.args() })?;
    if let Ok(address) = listener.local_addr() {
        clients.listens(acceptor.clone(), names, address);
    }
    let (request_max, within) = (config.request_max(), Duration::from_secs(config.seconds));
    Ok(Port { listener, acceptor, request_max, within })
}

/// What whoever speaks plain HTTP to the port is told, in all languages: it said none.
fn plain_text() -> String {
    let told = [Lang::En, Lang::Fr, Lang::Ar].map(|lang| catalogue().render(lang, "HANDSHAKE_PLAIN_HTTP", &[]));
    told.map(|told| format!("{}\n{}\n", told.text, told.next)).join("\n")
}
