//! The hub's configuration: what may be set, and what holds where nothing is.
//!
//! In scope: the keys, their defaults, rules over one key. Out of scope: layers and origins (`runtime::config`), what is made
//! of it (`app`). Where files lie in the directory is fixed and not configurable: one place to back up, one to guard.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use multaqa_runtime::code::CONFIG_BAD_VALUE;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::telemetry::Logging;
use serde::{Deserialize, Serialize};

use crate::log::CHECKPOINT_LOCK;

/// The port that a hub listens on unless told otherwise.
pub const PORT: u16 = 7400;
/// The port of its admin listener.
pub const ADMIN_PORT: u16 = 7401;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The hub's directory, made by `multaqa-hub init`.
    pub dir: PathBuf,
    /// Where nodes and operators connect; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Addresses at which nodes reach the hub, `host:port`; they stand in join keys.
    pub advertise: Vec<String>,
    /// File that holds the newest published checkpoint. A path that does not begin with `/` is below `dir`; on another disk it
    /// also guards against a snapshot of the whole directory that is put back.
    pub checkpoint_lock: PathBuf,
    /// How long a drain may take before connections are cut, seconds.
    pub drain_seconds: u64,
    /// The admin listener.
    pub admin: Admin,
    /// Signs of life.
    pub line: Line,
    /// What peers may use.
    pub limits: Limits,
    /// Log lines.
    pub log: Logging,
}

/// The admin listener: `/livez`, `/readyz`, `/metrics`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admin {
    /// A loopback address; port 0 takes a free one.
    pub listen: SocketAddr,
}

/// Signs of life on connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Line {
    /// Pause after which a node that follows the log is told that nothing is new, 1 to 60 seconds.
    pub heartbeat_seconds: u64,
    /// After so long without a sign of life from its peer a connection is cut, 3 to 600 seconds.
    pub dead_after_seconds: u64,
}

/// What peers may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Open connections in total.
    pub connections: usize,
    /// Open connections from one address.
    pub connections_per_ip: usize,
    /// Records that one Submit stream may have unanswered, 1 to 4096.
    pub records_in_flight: u32,
    /// Streams (Submit, Tail, CatchUp) that one node or operator may have open.
    pub streams_per_node: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("/var/lib/multaqa-hub"),
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT)),
            advertise: Vec::new(),
            checkpoint_lock: PathBuf::from(CHECKPOINT_LOCK),
            drain_seconds: 20,
            admin: Admin::default(),
            line: Line::default(),
            limits: Limits::default(),
            log: Logging::default(),
        }
    }
}

impl Default for Admin {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, ADMIN_PORT)) }
    }
}

impl Default for Line {
    fn default() -> Self {
        Self { heartbeat_seconds: 10, dead_after_seconds: 30 }
    }
}

impl Config {
    /// Checks the rules over single keys.
    ///
    /// # Errors
    /// `CONFIG_BAD_VALUE`, the first that is broken.
    pub fn check(&self) -> Result<(), Fault> {
        let Line { heartbeat_seconds, dead_after_seconds } = self.line;
        within("line.heartbeat_seconds", heartbeat_seconds, 1, 60)?;
        within("line.dead_after_seconds", dead_after_seconds, 3, 600)
    }
}

fn within(key: &str, value: u64, min: u64, max: u64) -> Result<(), Fault> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    let detail = format!("{value} does not lie between {min} and {max}");
    Err(Fault::new(CONFIG_BAD_VALUE).with("origin", "hub").with("key", key).with("detail", detail))
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 1024, connections_per_ip: 128, records_in_flight: 1024, streams_per_node: 16 }
    }
}

/// Where things lie in a hub's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places(PathBuf);

impl Places {
    /// The places of this directory.
    #[must_use]
    pub fn of(dir: &Path) -> Self {
        Self(dir.to_owned())
    }
    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0
    }
    /// The configuration file.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.0.join("hub.toml")
    }
    /// The key that signs checkpoints.
    #[must_use]
    pub fn log_key(&self) -> PathBuf {
        self.0.join("log.key")
    }
    /// The key that takes over when the log key is lost; kept offline.
    #[must_use]
    pub fn standby_key(&self) -> PathBuf {
        self.0.join("standby.key")
    }
    /// The hub's TLS key and chain, one file.
    #[must_use]
    pub fn identity(&self) -> PathBuf {
        self.0.join("identity").join("hub.pem")
    }
    /// The nodes' issuing CA, with its key, and the certificates that it needs.
    #[must_use]
    pub fn issuing(&self) -> PathBuf {
        self.0.join("issuing")
    }
    /// The root certificate.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.0.join("root.pem")
    }
    /// The store.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.0.join("hub.db")
    }
    /// The addresses that a running hub listens on: federation, then admin, one a line.
    #[must_use]
    pub fn addresses(&self) -> PathBuf {
        self.0.join("hub.addr")
    }
}

#[cfg(test)]
mod tests {
    use multaqa_runtime::config::Sources;

    use super::*;

    fn sample() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/hub.sample.toml")
    }

    #[test]
    fn the_sample_says_every_default_and_nothing_else() {
        let settings = Sources::new().file(sample()).load::<Config>().unwrap();
        assert_eq!(settings.value, Config { advertise: vec!["hub.example.org:7400".to_owned()], ..Config::default() });
        let defaults = settings.show().unwrap();
        let left_out: Vec<_> = defaults.iter().filter(|line| line.origin.to_string() == "default").collect();
        assert!(left_out.is_empty(), "{left_out:?}");
    }

    #[test]
    fn signs_of_life_come_neither_never_nor_all_the_time() {
        Config::default().check().unwrap();
        for line in [
            Line { heartbeat_seconds: 0, ..Line::default() },
            Line { heartbeat_seconds: 61, ..Line::default() },
            Line { dead_after_seconds: 2, ..Line::default() },
        ] {
            let fault = Config { line, ..Config::default() }.check().unwrap_err();
            assert_eq!(fault.code, CONFIG_BAD_VALUE);
        }
    }

    #[test]
    fn the_environment_wins_over_the_file_and_unknown_keys_are_refused() {
        let set = |name: &str, value: &str| [(name.into(), value.into())];
        let load = |variables| Sources::new().file(sample()).environment(variables, &[]).load::<Config>();
        let value = load(set("MULTAQA_LIMITS__CONNECTIONS", "7")).unwrap().value;
        assert_eq!(value.limits.connections, 7);
        let fault = load(set("MULTAQA_LISTNE", "x")).unwrap_err();
        assert_eq!(fault.code, multaqa_runtime::code::CONFIG_UNKNOWN_VARIABLE);
    }
}
