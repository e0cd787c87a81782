//! Dialling the hub: TLS 1.3, both sides authenticated, with deadlines.
//!
//! In scope: one TCP and TLS connection for one dial, changing the own certificate while running, the first connection of a
//! joiner. Out of scope: when to dial again, HTTP/2, what is said (hub's operators and node).
//!
//! The hub is known by its certificate, not by the address that was dialled. An address may be an IP address or a tunnel's end
//! on loopback, and the same hub may be reached by several; names of the public DNS prove nothing in a closed federation. What
//! must hold is stronger: a chain to the federation's own root through the hub's issuing CA, the strict profile of a hub, a URI
//! of role hub whose name is the expected one, and a DNS name that agrees with that URI. No server name is sent either (SNI):
//! the hub has one identity, and a listener on the line need not learn whom we call.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use ed25519_dalek::SigningKey;
use multaqa_proto::id::NodeName;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ED25519};
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use crate::crypto::{ALPN_H2, Clock, Time, VERSIONS, provider};
use crate::request::Wiped;
use crate::setup::SetupError;
use crate::store::{self, TlsIdentity};
use crate::stream::{FrameBudget, Guarded};
use crate::verify::{HubVerifier, Provisional, Trust, VerifyError, with_refusal};

/// A dialled connection's bytes.
pub type ClientStream = Guarded<tokio_rustls::client::TlsStream<TcpStream>>;

/// Deadlines and budgets of a dialled connection.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the look-up of the name and the TCP connection.
    pub connect: Duration,
    /// For the whole TLS handshake.
    pub handshake: Duration,
    /// Control frames that the hub may send.
    pub frames: FrameBudget,
}

impl Default for Limits {
    fn default() -> Self {
        let ten_seconds = Duration::from_secs(10);
        // The hub answers a fast writer with many small frames: far more than it should itself take.
        let frames = FrameBudget { per_second: 20_000, burst: 100_000 };
        Self { connect: ten_seconds, handshake: ten_seconds, frames }
    }
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub enum DialError {
    /// Nobody answered in time.
    #[error("{address} did not answer within {} ms", .limit.as_millis())]
    ConnectTimeout {
        /// Whom we dialled.
        address: String,
        /// The deadline.
        limit: Duration,
    },
    /// The name is unknown, or the connection was refused.
    #[error("{address} cannot be reached: {why}")]
    Connect {
        /// Whom we dialled.
        address: String,
        /// What the operating system said.
        #[source]
        why: io::Error,
    },
    /// The handshake took too long.
    #[error("{address} did not finish the TLS handshake within {} ms", .limit.as_millis())]
    HandshakeTimeout {
        /// Whom we dialled.
        address: String,
        /// The deadline.
        limit: Duration,
    },
    /// We refuse the certificate that the other side presented.
    #[error(transparent)]
    Refused(#[from] VerifyError),
    /// TLS failed otherwise.
    #[error("the TLS handshake with {address} failed: {why}")]
    Handshake {
        /// Whom we dialled.
        address: String,
        /// What the TLS library said.
        #[source]
        why: io::Error,
    },
    /// The other side does not speak HTTP/2.
    #[error("{address} does not speak HTTP/2 (ALPN h2)")]
    NoHttp2 {
        /// Whom we dialled.
        address: String,
    },
}

impl DialError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ConnectTimeout { .. } => "DIAL_TIMEOUT",
            Self::Connect { .. } => "DIAL_FAILED",
            Self::HandshakeTimeout { .. } => "DIAL_HANDSHAKE_TIMEOUT",
            Self::Refused(e) => e.code(),
            Self::Handshake { .. } => "DIAL_HANDSHAKE_FAILED",
            Self::NoHttp2 { .. } => "DIAL_NO_HTTP2",
        }
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::ConnectTimeout { address, limit } | Self::HandshakeTimeout { address, limit } => {
                vec![("address", address.clone()), ("limit", limit.as_millis().to_string())]
            }
            Self::Connect { address, why } | Self::Handshake { address, why } => {
                vec![("address", address.clone()), ("why", why.to_string())]
            }
            Self::Refused(e) => e.args(),
            Self::NoHttp2 { address } => vec![("address", address.clone())],
        }
    }
}

/// Dials the hub. Clones share one configuration.
#[derive(Clone)]
pub struct Dialer {
    config: Arc<ArcSwap<ClientConfig>>,
    verifier: Arc<dyn ServerCertVerifier>,
    clock: Clock,
    limits: Limits,
}

impl Dialer {
    /// A dialler with an identity, for the hub of this root (DER); only the hub of this name where one is given.
    ///
    /// The own certificate may be expired: the hub decides what to do with it.
    ///
    /// # Errors
    /// Where the root does not keep to its profile, or key and certificate do not belong together.
    pub fn new(
        identity: &TlsIdentity,
        root: &CertificateDer<'_>,
        expected_hub: Option<NodeName>,
        clock: Clock,
        limits: Limits,
    ) -> Result<Self, SetupError> {
        let verifier = Arc::new(HubVerifier::new(Trust::new(root)?, expected_hub));
        Self::with(identity, verifier, clock, limits)
    }

    /// A joiner's dialler that knows the root: presents a self-signed certificate of the invitation's one-time key.
    ///
    /// # Errors
    /// As [`Dialer::new`].
    pub fn joining(
        one_time_key: &SigningKey,
        root: &CertificateDer<'_>,
        expected_hub: Option<NodeName>,
        clock: Clock,
        limits: Limits,
    ) -> Result<Self, SetupError> {
        let identity = one_time_identity(one_time_key, clock())?;
        Self::new(&identity, root, expected_hub, clock, limits)
    }

    /// A joiner's dialler that does not know the root so far. It connects to anybody: see [`Provisional`] for what the caller
    /// must do with the chain before it believes a word.
    ///
    /// # Errors
    /// Where the crypto library fails.
    pub fn joining_provisional(
        one_time_key: &SigningKey,
        clock: Clock,
        limits: Limits,
    ) -> Result<(Self, Arc<Provisional>), SetupError> {
        let identity = one_time_identity(one_time_key, clock())?;
        let provisional = Arc::new(Provisional::default());
        Ok((Self::with(&identity, provisional.clone(), clock, limits)?, provisional))
    }

    /// Takes another identity for the dials to come; open connections go on.
    ///
    /// # Errors
    /// Where key and certificate do not belong together; then the old identity stays.
    pub fn reload(&self, identity: &TlsIdentity) -> Result<(), SetupError> {
        self.config.store(Arc::new(configure(identity, &self.verifier, &self.clock)?));
        Ok(())
    }

    /// Connects to a host (name or IP address) and does the handshake. Safe to drop half-way.
    ///
    /// # Errors
    /// Where nobody answers in time, or the other side is not the hub.
    pub async fn dial(&self, host: &str, port: u16) -> Result<ClientStream, DialError> {
        let address = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let limit = self.limits.connect;
        let tcp = tokio::time::timeout(limit, TcpStream::connect((host, port)))
            .await
            .map_err(|_| DialError::ConnectTimeout { address: address.clone(), limit })?
            .and_then(|tcp| tcp.set_nodelay(true).map(|()| tcp))
            .map_err(|why| DialError::Connect { address: address.clone(), why })?;
        self.handshake(tcp, address).await
    }

    async fn handshake(&self, tcp: TcpStream, address: String) -> Result<ClientStream, DialError> {
        let limit = self.limits.handshake;
        let connector = TlsConnector::from(self.config.load_full());
        let handshake = connector.connect(ServerName::IpAddress(std::net::Ipv4Addr::UNSPECIFIED.into()), tcp);
        let (outcome, refusal) = with_refusal(tokio::time::timeout(limit, handshake)).await;
        if let Some(refusal) = refusal {
            return Err(DialError::Refused(refusal));
        }
        let tls = match outcome {
            Err(_) => return Err(DialError::HandshakeTimeout { address, limit }),
            Ok(Err(why)) => return Err(DialError::Handshake { address, why }),
            Ok(Ok(tls)) => tls,
        };
        if tls.get_ref().1.alpn_protocol() != Some(ALPN_H2) {
            return Err(DialError::NoHttp2 { address });
        }
        Ok(Guarded::client(tls, CancellationToken::new(), self.limits.frames))
    }

    fn with(
        identity: &TlsIdentity,
        verifier: Arc<dyn ServerCertVerifier>,
        clock: Clock,
        limits: Limits,
    ) -> Result<Self, SetupError> {
        let config = configure(identity, &verifier, &clock)?;
        Ok(Self { config: Arc::new(ArcSwap::from_pointee(config)), verifier, clock, limits })
    }
}

fn configure(
    identity: &TlsIdentity,
    verifier: &Arc<dyn ServerCertVerifier>,
    clock: &Clock,
) -> Result<ClientConfig, SetupError> {
    let unusable = |e: rustls::Error| SetupError::Identity { why: e.to_string() };
    let mut config = ClientConfig::builder_with_details(provider(), Arc::new(Time(clock.clone())))
        .with_protocol_versions(VERSIONS)
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(verifier.clone())
        .with_client_auth_cert(identity.chain.clone(), identity.key.to_rustls())
        .map_err(unusable)?;
    config.alpn_protocols = vec![ALPN_H2.to_vec()];
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    config.enable_early_data = false;
    Ok(config)
}

/// A self-signed certificate around an invitation's one-time key. Only the key counts, so its dates are as the clock says.
fn one_time_identity(key: &SigningKey, now: u64) -> Result<TlsIdentity, SetupError> {
    let unusable = |e: rcgen::Error| SetupError::Identity { why: e.to_string() };
    let key = store::ed25519_pkcs8(key);
    let der = PrivatePkcs8KeyDer::from(key.der());
    let pair = Wiped(KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ED25519).map_err(unusable)?);
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "invitation");
    crate::profile::set_dates(&mut params, now.saturating_sub(3600), now.saturating_add(24 * 3600));
    let certificate = params.self_signed(&pair.0).map_err(unusable)?;
    Ok(TlsIdentity { chain: vec![certificate.der().clone()], key })
}
