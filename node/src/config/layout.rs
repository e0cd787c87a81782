//! Where things lie in a node's directory.

use std::path::{Path, PathBuf};

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
