//! Accepting a member's systems: the handshakes of the federation's listener with three differences.
//!
//! Systems come with programs that people have at hand, so the classical groups P-256 and P-384 are taken too, and HTTP/1.1 beside
//! HTTP/2: as ALPN agrees (RFC 7301), and HTTP/1.1 where a client offers no protocol; one that offers only others is refused by
//! the alert of RFC 7301, section 3.2. And who speaks HTTP without TLS is told so in words, since the port looks like any other to
//! whoever got its address alone.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::{SystemVerifier, SystemsCa};
use crate::crypto::{Clock, provider_for_systems};
use crate::serials::Serials;
use crate::server::{AcceptError, Limits, Peer, Spoken, Stream, hang_up, shake, tls_config};
use crate::setup::SetupError;
use crate::store::TlsIdentity;

/// Turns TCP connections of systems into authenticated streams. Clones share one configuration.
#[derive(Clone)]
pub struct SystemAcceptor {
    shown: Arc<ArcSwap<Shown>>,
    serials: Serials,
    clock: Clock,
    limits: Limits,
    /// What whoever speaks plain HTTP is told.
    plain: Arc<str>,
}

/// What handshakes are done with.
struct Shown {
    config: Arc<ServerConfig>,
    verifier: Arc<SystemVerifier>,
}

impl Shown {
    fn new(ca: &SystemsCa, port: &TlsIdentity, serials: Serials, clock: &Clock) -> Result<Self, SetupError> {
        let verifier = Arc::new(SystemVerifier::new(ca, serials)?);
        let config = tls_config(provider_for_systems(), verifier.clone(), port, clock, Spoken::Both)?;
        Ok(Self { config: Arc::new(config), verifier })
    }
}

impl SystemAcceptor {
    /// An acceptor for clients of this CA on this list, which shows them the port's identity. `plain` is what whoever speaks
    /// plain HTTP is told, text of a few lines.
    ///
    /// # Errors
    /// Where CA or identity cannot be used.
    pub fn new(
        ca: &SystemsCa,
        port: &TlsIdentity,
        serials: Serials,
        clock: Clock,
        limits: Limits,
        plain: &str,
    ) -> Result<Self, SetupError> {
        let shown = Arc::new(ArcSwap::from_pointee(Shown::new(ca, port, serials.clone(), &clock)?));
        Ok(Self { shown, serials, clock, limits, plain: plain.into() })
    }

    /// Takes another CA, or another identity of the port, for the handshakes to come; open connections go on.
    ///
    /// # Errors
    /// As [`SystemAcceptor::new`]; then the old identity stays.
    pub fn reload(&self, ca: &SystemsCa, port: &TlsIdentity) -> Result<(), SetupError> {
        self.shown.store(Arc::new(Shown::new(ca, port, self.serials.clone(), &self.clock)?));
        Ok(())
    }

    /// Does the handshake of one connection and registers it on the allow-list. Safe to drop half-way.
    ///
    /// # Errors
    /// Where the peer is refused, is too slow or does not speak the protocol; the connection is closed then.
    pub async fn accept(&self, tcp: TcpStream, address: SocketAddr) -> Result<(Stream, Peer), AcceptError> {
        let mut first = [0; 1];
        let peeked = tokio::time::timeout(self.limits.handshake, tcp.peek(&mut first)).await;
        peeked.map_err(|_| AcceptError::Timeout(self.limits.handshake))?.map_err(AcceptError::Handshake)?;
        // A handshake begins with the record type 22; methods of HTTP begin with a capital letter (RFC 9110, section 9.1).
        if first[0].is_ascii_uppercase() {
            return Err(self.answer_plain(tcp).await);
        }
        let shown = self.shown.load_full();
        shake(Arc::clone(&shown.config), shown.verifier.as_ref(), &self.clock, self.limits, Spoken::Both, tcp, address)
            .await
    }

    async fn answer_plain(&self, mut tcp: TcpStream) -> AcceptError {
        let (length, text) = (self.plain.len(), &self.plain);
        let answer = format!(
            "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{text}"
        );
        let told = tokio::time::timeout(self.limits.handshake, tcp.write_all(answer.as_bytes())).await;
        if let Ok(Ok(())) = told {
            hang_up(tcp).await;
        }
        AcceptError::PlainHttp
    }
}

impl fmt::Debug for SystemAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemAcceptor").field("verifier", &self.shown.load().verifier).finish_non_exhaustive()
    }
}
