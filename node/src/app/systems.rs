//! Building what the member's systems are served by: who is let in, and the port, bound.
//!
//! Out of scope: the port's keys and their rules (`config::clients`), serving it (`port::systems`).

use std::time::Duration;

use multaqa_certs::check::Certificate;
use multaqa_certs::store::{self, TlsIdentity};
use multaqa_certs::systems::SystemAcceptor;
use multaqa_proto::text::Lang;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::{listen, output};

use crate::api::refusal::catalogue;
use crate::clients::{Clients, WARN_BEFORE_MS};
use crate::config::{ClientsConfig, Layout, PortPlace};
use crate::journal::Journal;
use crate::port::systems::Port;

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
    let acceptor = SystemAcceptor::new(&ca, &identity, serials, clock.in_seconds(), limits, &plain)
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

/// A key or certificate on disk that cannot be used.
#[expect(clippy::needless_pass_by_value, reason = "it stands behind map_err")]
pub(super) fn key_fault(error: store::StoreError) -> Fault {
    Fault { code: error.code(), args: error.args() }
}
