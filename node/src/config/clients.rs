//! The `[clients]` section: the port for the member's systems.
//!
//! Out of scope: building it (`app::systems`), who is let in (`clients`), what is served (`port`).

use std::net::SocketAddr;

use multaqa_certs::systems::PortName;
use multaqa_runtime::fault::Fault;
use serde::{Deserialize, Serialize};

use super::rule::{bad_value, within};

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
pub(crate) struct PortPlace {
    pub(crate) address: SocketAddr,
    pub(crate) names: Vec<PortName>,
}

impl Default for ClientsConfig {
    fn default() -> Self {
        Self { listen: String::new(), names: Vec::new(), requests_at_once: 16, request_kib: 4_096, seconds: 30 }
    }
}

impl ClientsConfig {
    /// The port; none where it is off.
    pub(crate) fn place(&self) -> Result<Option<PortPlace>, Fault> {
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

    pub(crate) fn requests_at_once(&self) -> usize {
        usize::try_from(self.requests_at_once).unwrap_or(1)
    }
    pub(crate) fn request_max(&self) -> usize {
        usize::try_from(self.request_kib).unwrap_or(64) * 1024
    }
}
