//! Accepting connections: TLS 1.3, both sides authenticated, with deadlines.
//!
//! In scope: one TLS handshake for one accepted TCP connection, the peer as a typed value, changing the server's own
//! certificate while it runs. `systems` does the same for a node's own port with another list of peers. Out of scope: listening, how many connections at once, HTTP/2 (the server's own loop).
//!
//! A resumed session would skip the client's verifier, and a revoked peer would come back: no tickets are sent, no session
//! is kept, no early data taken.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::ClientCertVerifier;
use thiserror::Error;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::check::Certificate;
use crate::crypto::{ALPN_H2, ALPN_HTTP1, Clock, Time, VERSIONS, provider};
use crate::name::PeerIdentity;
use crate::profile::{Profile, Purpose};
use crate::serials::{Serial, Serials};
use crate::setup::SetupError;
use crate::store::TlsIdentity;
use crate::stream::{FrameBudget, Guarded};
use crate::verify::{ClientVerifier, Peers, Registered, Trust, VerifyError, with_refusal};

/// How long a refused connection is read before it is closed.
const HANG_UP: Duration = Duration::from_millis(500);
/// How much is read then, bytes.
const UNREAD: u64 = 256 * 1024;

/// An accepted connection's bytes.
pub type Stream = Guarded<tokio_rustls::server::TlsStream<TcpStream>>;

/// Deadlines and budgets of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the whole TLS handshake.
    pub handshake: Duration,
    /// From the handshake to the end of the HTTP/2 preface.
    pub preface: Duration,
    /// Control frames.
    pub frames: FrameBudget,
}

impl Default for Limits {
    fn default() -> Self {
        let ten_seconds = Duration::from_secs(10);
        Self { handshake: ten_seconds, preface: ten_seconds, frames: FrameBudget::default() }
    }
}

/// Who is connected.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Whom its certificate names, or which invitation it holds.
    pub identity: PeerIdentity,
    /// The certificate's serial; none for an invitation's holder.
    pub serial: Option<Serial>,
    /// Whether its certificate is past its last second: a node's whose serial is in use, so that it can be renewed. Nothing
    /// else may be allowed to it.
    pub past_life: bool,
    /// Whether its certificate is on the allow-list; true for an invitation's holder. One that is not may show whose it is,
    /// and nothing else may be allowed to it.
    pub proven: bool,
    /// Where it connects from.
    pub address: SocketAddr,
    /// Cancelled when the certificate is revoked or the invitation closed. Cancelling it ends this connection alone.
    pub cancel: CancellationToken,
}

/// Why a connection was not accepted.
#[derive(Debug, Error)]
pub enum AcceptError {
    /// The handshake took too long.
    #[error("no TLS handshake within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// The peer's certificate is refused.
    #[error(transparent)]
    Refused(#[from] VerifyError),
    /// TLS failed otherwise: another version, no certificate, a broken line.
    #[error("the TLS handshake failed: {0}")]
    Handshake(#[source] io::Error),
    /// The peer does not speak HTTP/2.
    #[error("the peer did not ask for HTTP/2 (ALPN h2)")]
    NoHttp2,
    /// The peer speaks HTTP without TLS.
    #[error("the peer speaks HTTP without TLS")]
    PlainHttp,
}

impl AcceptError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Timeout(_) => "HANDSHAKE_TIMEOUT",
            Self::Refused(e) => e.code(),
            Self::Handshake(_) => "HANDSHAKE_FAILED",
            Self::NoHttp2 => "HANDSHAKE_NO_HTTP2",
            Self::PlainHttp => "HANDSHAKE_PLAIN_HTTP",
        }
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Timeout(limit) => vec![("limit", limit.as_millis().to_string())],
            Self::Refused(e) => e.args(),
            Self::Handshake(why) => vec![("why", why.to_string())],
            Self::NoHttp2 | Self::PlainHttp => vec![],
        }
    }
}

/// Turns TCP connections into authenticated streams. Clones share one configuration.
#[derive(Clone)]
pub struct Acceptor {
    own: Arc<ArcSwap<Own>>,
    verifier: Arc<ClientVerifier>,
    clock: Clock,
    limits: Limits,
}

/// The server's own identity, ready for use.
struct Own {
    config: Arc<ServerConfig>,
    not_after: u64,
    /// Last second of the CA that issued it.
    issuer_not_after: u64,
}

impl Acceptor {
    /// An acceptor for the hub's identity, the root (DER), the issuing CAs whose leaves may come in, the allow-list.
    ///
    /// # Errors
    /// Where the root or a CA does not keep to its profile, or the identity is no hub of this root that is in force.
    pub fn new(
        identity: &TlsIdentity,
        root: &CertificateDer<'_>,
        issuers: Vec<CertificateDer<'static>>,
        serials: Serials,
        clock: Clock,
        limits: Limits,
    ) -> Result<Self, SetupError> {
        let verifier = Arc::new(ClientVerifier::new(Trust::new(root)?, issuers, serials)?);
        let own = configure(identity, &verifier, &clock)?;
        Ok(Self { own: Arc::new(ArcSwap::from_pointee(own)), verifier, clock, limits })
    }

    /// The last second of the own certificate's life, Unix time.
    #[must_use]
    pub fn not_after(&self) -> u64 {
        self.own.load().not_after
    }

    /// The issuing CAs of the own certificate and of those that are let in, each with the last second of its newest
    /// certificate's life, Unix time.
    #[must_use]
    pub fn issuing(&self) -> Vec<(Profile, u64)> {
        let own = (Profile::HubIssuer, self.own.load().issuer_not_after);
        self.verifier.issuing().into_iter().chain([own]).collect()
    }

    /// Takes another identity for the handshakes to come; open connections go on.
    ///
    /// # Errors
    /// As [`Acceptor::new`]; then the old identity stays.
    pub fn reload(&self, identity: &TlsIdentity) -> Result<(), SetupError> {
        self.own.store(Arc::new(configure(identity, &self.verifier, &self.clock)?));
        Ok(())
    }

    /// Does the handshake of one connection and registers it on the allow-list. Safe to drop half-way.
    ///
    /// # Errors
    /// Where the peer is refused, is too slow or does not speak the protocol; the connection is closed then.
    pub async fn accept(&self, tcp: TcpStream, address: SocketAddr) -> Result<(Stream, Peer), AcceptError> {
        let config = self.own.load().config.clone();
        shake(config, self.verifier.as_ref(), &self.clock, self.limits, Spoken::Http2, tcp, address).await
    }
}

/// Which HTTP a listener's peers may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoken {
    /// HTTP/2 alone, agreed by ALPN.
    Http2,
    /// HTTP/2 or HTTP/1.1, as agreed by ALPN; HTTP/1.1 where nothing was agreed.
    Both,
}

/// The handshake of one connection, registered with these peers.
pub(crate) async fn shake<V: Peers>(
    config: Arc<ServerConfig>,
    peers: &V,
    clock: &Clock,
    limits: Limits,
    spoken: Spoken,
    tcp: TcpStream,
    address: SocketAddr,
) -> Result<(Stream, Peer), AcceptError> {
    tcp.set_nodelay(true).map_err(AcceptError::Handshake)?;
    let handshake = TlsAcceptor::from(config).accept(tcp).into_fallible();
    let (outcome, refusal) = with_refusal(tokio::time::timeout(limits.handshake, handshake)).await;
    let tls = match outcome {
        Ok(Ok(tls)) => tls,
        Ok(Err((why, tcp))) => {
            hang_up(tcp).await;
            return Err(refusal.map_or(AcceptError::Handshake(why), AcceptError::Refused));
        }
        Err(_) => return Err(AcceptError::Timeout(limits.handshake)),
    };
    let session = tls.get_ref().1;
    let http2 = session.alpn_protocol() == Some(ALPN_H2);
    if !http2 && spoken == Spoken::Http2 {
        return Err(AcceptError::NoHttp2);
    }
    let leaf = session.peer_certificates().and_then(<[_]>::first);
    let leaf = leaf.ok_or(VerifyError::ChainLength { found: 0 })?;
    let Registered { identity, serial, past_life, proven, not_after, cancel } = peers.register(leaf, clock())?;
    let peer = Peer { identity, serial, past_life, proven, address, cancel: cancel.clone() };
    let stream = if http2 {
        Guarded::server(tls, cancel, limits.preface, limits.frames)
    } else {
        Guarded::http1(tls, cancel, limits.preface, limits.frames)
    };
    let stream = match not_after {
        Some(not_after) => stream.until(not_after, clock.clone()),
        None => stream,
    };
    Ok((stream, peer))
}

/// Closes a refused connection so that its alert arrives. A socket that is closed with unread bytes in it is reset, and a
/// reset overtakes what was not yet delivered; so what the peer sent meanwhile is read first, for a short time.
pub(crate) async fn hang_up(mut tcp: TcpStream) {
    let end = async {
        tcp.shutdown().await?;
        tokio::io::copy(&mut tcp.take(UNREAD), &mut tokio::io::sink()).await
    };
    // However it ends, the peer is refused.
    let _ended = tokio::time::timeout(HANG_UP, end).await;
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptor").field("not_after", &self.not_after()).finish_non_exhaustive()
    }
}

fn configure(identity: &TlsIdentity, verifier: &Arc<ClientVerifier>, clock: &Clock) -> Result<Own, SetupError> {
    let own = verifier.trust().check_chain(&identity.chain, Purpose::Server, clock())?;
    if !matches!(own.identity, PeerIdentity::Hub(_)) {
        return Err(VerifyError::WrongHub { expected: "hub".to_owned(), found: own.identity }.into());
    }
    let config = tls_config(provider(), verifier.clone(), identity, clock, Spoken::Http2)?;
    let issuer = identity.chain.get(1).and_then(|der| Certificate::read(der));
    let issuer_not_after = issuer.map_or(0, |issuer| issuer.not_after());
    Ok(Own { config: Arc::new(config), not_after: own.not_after, issuer_not_after })
}

/// TLS 1.3 alone, no session that could be resumed.
pub(crate) fn tls_config(
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn ClientCertVerifier>,
    identity: &TlsIdentity,
    clock: &Clock,
    spoken: Spoken,
) -> Result<ServerConfig, SetupError> {
    let unusable = |e: rustls::Error| SetupError::Identity { why: e.to_string() };
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(Time(clock.clone())))
        .with_protocol_versions(VERSIONS)
        .map_err(unusable)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain.clone(), identity.key.to_rustls())
        .map_err(unusable)?;
    config.alpn_protocols = match spoken {
        Spoken::Http2 => vec![ALPN_H2.to_vec()],
        Spoken::Both => vec![ALPN_H2.to_vec(), ALPN_HTTP1.to_vec()],
    };
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    Ok(config)
}
