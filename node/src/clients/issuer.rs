//! The issuing CA for systems, while the node runs: its making, the next one, the certificate of the port.
//!
//! A CA lives ten years. `status` and the log warn from [`WARN_BEFORE_MS`] before its end, since from then on certificates would be cut
//! short by it. The next one is made by a person's command alone; then both hold (`certs::systems`), until no certificate that
//! the one before signed is in use, which ends it by itself, or until a person retires it: at once, where its key may be in wrong
//! hands, because whoever has the key can make a certificate with the name and the serial of a system that is let in.
//!
//! In scope: that, and which systems still depend on the one before. Out of scope: keys and files (`certs::systems`), who is let in
//! (`clients`), serving (`port`).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use arc_swap::ArcSwap;
use multaqa_certs::random;
use multaqa_certs::store::{StoreError as FileError, TlsIdentity};
use multaqa_certs::systems::{CLIENT_DAYS_MAX, PortName, SystemAcceptor, SystemsCa, SystemsError};
use tokio::sync::MutexGuard;

use super::{Client, ClientError, Clients, Inner, Revoked};
use crate::journal::{StoredCertificate, StoredClient};

/// How long before its end the issuing CA is warned of, milliseconds: the longest life of a system's certificate.
pub(crate) const WARN_BEFORE_MS: i64 = CLIENT_DAYS_MAX as i64 * 24 * 3_600_000;

/// The issuing CA, as people are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issuer {
    /// Its last moment, milliseconds since 1970 UTC.
    pub(crate) not_after_ms: i64,
    /// What systems know the port by.
    pub(crate) ca_path: String,
    /// The last moment of the one before it.
    pub(crate) previous_not_after_ms: Option<i64>,
    /// Systems that have certificates of that one alone.
    pub(crate) left: Vec<String>,
}

/// The port, as far as its certificate goes.
#[derive(Debug)]
pub(super) struct PortEnd {
    acceptor: SystemAcceptor,
    names: Vec<PortName>,
    /// Where systems find the node.
    endpoint: String,
}

impl Clients {
    /// The CA for them; where there is none, it is made.
    ///
    /// # Errors
    /// Where its files cannot be used.
    pub(crate) async fn ca(&self) -> Result<Arc<SystemsCa>, ClientError> {
        let make = async || {
            let (inner, random) = (Arc::clone(&self.0), random::bytes()?);
            let open = move || {
                let identity = inner.journal.identity();
                SystemsCa::open(&inner.dir, &inner.federation, &identity.member, &identity.node, inner.now_ms(), random)
            };
            Ok::<_, ClientError>(ArcSwap::from_pointee(blocking(open).await?))
        };
        Ok(self.0.ca.get_or_try_init(make).await?.load_full())
    }

    /// The last moment of the CA, milliseconds since 1970 UTC; none where there is none so far.
    ///
    /// # Errors
    /// As [`Clients::ca`].
    pub(crate) async fn issuer_not_after_ms(&self) -> Result<Option<i64>, ClientError> {
        // Nothing is made by looking.
        let there = self.0.ca.initialized() || self.0.dir.join("ca.pem").exists();
        Ok(if there { Some(millis(self.ca().await?.not_after())) } else { None })
    }

    /// The CA, and how far the one before it is in use.
    ///
    /// # Errors
    /// As [`Clients::ca`].
    pub(crate) async fn issuer(&self) -> Result<Issuer, ClientError> {
        let ca = self.ca().await?;
        let depends = |client: &Client| {
            let certificates = &client.stored.certificates;
            !certificates.is_empty() && certificates.iter().all(|known| ca.is_of_previous(&known.certificate))
        };
        let left = self.list().into_iter().filter(|client| depends(client));
        Ok(Issuer {
            not_after_ms: millis(ca.not_after()),
            ca_path: ca.certificate_path().display().to_string(),
            previous_not_after_ms: ca.previous_not_after().map(millis),
            left: left.map(|client| client.stored.name.clone()).collect(),
        })
    }

    /// Makes the next CA; what is in use holds on.
    ///
    /// # Errors
    /// While the one before this one is in use, or where the disk refuses.
    pub(crate) async fn renew_issuer(&self) -> Result<Issuer, ClientError> {
        let turn = self.0.turn.lock().await;
        let (ca, inner, random) = (self.ca().await?, Arc::clone(&self.0), random::bytes()?);
        let renew = move || ca.renew(&inner.journal.identity().node, inner.now_ms(), random);
        self.take(blocking(renew).await?).await?;
        drop(turn);
        self.issuer().await
    }

    /// Ends the CA before this one: nobody comes in by it. Where there is none, nothing changes.
    ///
    /// # Errors
    /// Where the disk refuses; what was cut stays so.
    pub(crate) async fn retire_issuer(&self) -> Result<Issuer, ClientError> {
        let mut turn = self.0.turn.lock().await;
        self.retire(&mut turn).await?;
        drop(turn);
        self.issuer().await
    }

    async fn retire(&self, turn: &mut MutexGuard<'_, Revoked>) -> Result<(), ClientError> {
        let ca = self.ca().await?;
        if ca.previous_not_after().is_none() {
            return Ok(());
        }
        for client in self.list() {
            let mut certificates = client.stored.certificates.clone();
            certificates.retain(|known| !ca.is_of_previous(&known.certificate));
            if certificates.len() < client.stored.certificates.len() {
                let stored = StoredClient { certificates, ..client.stored.clone() };
                self.put(Client { stored, ..client.as_ref().shared() }, turn).await?;
            }
        }
        self.take(blocking(move || ca.retire()).await?).await
    }

    /// Puts a CA in the place of the one in force, at the port too.
    async fn take(&self, ca: SystemsCa) -> Result<(), ClientError> {
        if let Some(in_force) = self.0.ca.get() {
            in_force.store(Arc::new(ca));
        }
        let Some(PortEnd { acceptor, names, .. }) = self.0.port.get() else { return Ok(()) };
        let (identity, _) = self.port_identity(names.clone()).await?;
        Ok(acceptor.reload(self.ca().await?.as_ref(), &identity)?)
    }

    /// The identity of the port: the one that lies there while it is good, else a new one.
    ///
    /// # Errors
    /// Where the CA cannot issue it, or the disk refuses.
    pub(crate) async fn port_identity(&self, names: Vec<PortName>) -> Result<(TlsIdentity, bool), ClientError> {
        let (ca, now_ms, random) = (self.ca().await?, self.0.now_ms(), random::bytes()?);
        let path = self.0.dir.join("port.pem");
        let take = move || match TlsIdentity::load(&path) {
            Ok(found) if ca.keeps(&found, &names, now_ms) => Ok((found, false)),
            Ok(_) | Err(FileError::Missing { .. }) => {
                let made = ca.issue_port(&names, now_ms, random)?;
                made.save(&path)?;
                Ok((made, true))
            }
            Err(error) => Err(SystemsError::from(error)),
        };
        blocking(take).await
    }

    /// Says where systems find the node, and at which end.
    pub(crate) fn listens(&self, acceptor: SystemAcceptor, names: Vec<PortName>, address: SocketAddr) {
        let host = match names.first() {
            Some(PortName::Ip(IpAddr::V6(address))) => format!("[{address}]"),
            Some(name) => name.to_string(),
            None => return,
        };
        let endpoint = format!("{host}:{}", address.port());
        // A node has one port, and says so once.
        let _said = self.0.port.set(PortEnd { acceptor, names, endpoint });
    }

    /// Where systems find the node; empty while the port is off.
    pub(crate) fn endpoint(&self) -> String {
        self.0.port.get().map(|port| port.endpoint.clone()).unwrap_or_default()
    }

    /// Looks after what ends: the CA before this one where nobody uses it, and the certificate of the port. Says what was done.
    ///
    /// # Errors
    /// Where the disk refuses, or a certificate cannot be used; the one in use stays.
    pub(crate) async fn tend(&self) -> Result<Tended, ClientError> {
        let mut turn = self.0.turn.lock().await;
        let (ca, now_ms) = (self.ca().await?, self.0.clock.now_ms());
        let used = |known: &StoredCertificate| known.not_after_ms > now_ms && ca.is_of_previous(&known.certificate);
        let in_use = || self.list().iter().any(|client| client.stored.certificates.iter().any(used));
        if ca.previous_not_after().is_some() && !in_use() {
            self.retire(&mut turn).await?;
            return Ok(Tended { retired: true, renewed: false });
        }
        let Some(PortEnd { acceptor, names, .. }) = self.0.port.get() else { return Ok(Tended::default()) };
        let (identity, renewed) = self.port_identity(names.clone()).await?;
        if renewed {
            acceptor.reload(&ca, &identity)?;
        }
        Ok(Tended { retired: false, renewed })
    }
}

/// What [`Clients::tend`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tended {
    /// The CA before this one was ended.
    pub(crate) retired: bool,
    /// The certificate of the port was renewed.
    pub(crate) renewed: bool,
}

fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SystemsError> + Send + 'static,
) -> Result<T, ClientError> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| ClientError::Interrupted)??)
}

impl Inner {
    pub(super) fn now_ms(&self) -> u64 {
        u64::try_from(self.clock.now_ms()).unwrap_or(0)
    }
}
