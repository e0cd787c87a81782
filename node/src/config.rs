//! The node's configuration.
//!
//! In scope: keys, their defaults and rules, and where things lie in its directory (`layout`). Out of scope: layers and origins
//! (`runtime::config`), building the node from it (`app`). Secrets are files in the directory; the configuration holds none.

mod clients;
mod layout;
mod rule;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use multaqa_runtime::fault::Fault;
use multaqa_runtime::telemetry::Logging;
use serde::{Deserialize, Serialize};

pub use self::clients::ClientsConfig;
pub(crate) use self::clients::PortPlace;
pub use self::layout::Layout;
use self::rule::{bad_value, within};
use crate::code;
use crate::link::split_address;

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

    pub(crate) fn admin_address(&self) -> Result<Option<SocketAddr>, Fault> {
        let address = &self.admin.listen;
        if address.is_empty() {
            return Ok(None);
        }
        let parsed = address.parse();
        parsed.map(Some).map_err(|_| bad_value("admin", "admin.listen", format!("{address:?} is not address:port")))
    }
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
