//! The one crypto provider, its groups, and time as rustls wants it.
//!
//! In scope: aws-lc-rs with X25519MLKEM768 first and X25519 second (then P-256 and P-384 for a member's systems), the TLS 1.3 suites only. Out of scope: the
//! configurations made with it (`server`, `client`).

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{DigitallySignedStruct, SignatureScheme, SupportedCipherSuite, SupportedProtocolVersion};

/// The clock: Unix time in seconds.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The only protocol version that is spoken.
pub(crate) static VERSIONS: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
/// The application protocol of the federation, the only one that its servers speak.
pub(crate) const ALPN_H2: &[u8] = b"h2";
/// The application protocol that systems may speak besides (RFC 7301; RFC 9112).
pub(crate) const ALPN_HTTP1: &[u8] = b"http/1.1";

/// The provider: aws-lc-rs, TLS 1.3 suites, groups X25519MLKEM768 and X25519 in this order.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER
        .get_or_init(|| {
            let mut provider = aws_lc_rs::default_provider();
            provider.kx_groups = vec![aws_lc_rs::kx_group::X25519MLKEM768, aws_lc_rs::kx_group::X25519];
            provider.cipher_suites.retain(|suite| matches!(suite, SupportedCipherSuite::Tls13(_)));
            Arc::new(provider)
        })
        .clone()
}

/// The provider for a node's own port: the same, and the classical groups P-256 and P-384 after the others.
#[must_use]
pub fn provider_for_systems() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER
        .get_or_init(|| {
            let mut wider = provider().as_ref().clone();
            wider.kx_groups.extend([aws_lc_rs::kx_group::SECP256R1, aws_lc_rs::kx_group::SECP384R1]);
            Arc::new(wider)
        })
        .clone()
}

/// Makes the provider the process's default, for libraries that ask for one. Safe to repeat: the first one stays.
pub fn install() {
    if provider().as_ref().clone().install_default().is_err() {
        tracing::debug!("a default crypto provider is installed already");
    }
}

/// Time for rustls from our clock.
pub(crate) struct Time(pub(crate) Clock);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix((self.0)()))
    }
}
impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Time")
    }
}

pub(crate) fn unix(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// What peers may sign a handshake with: P-256 (leaves) and Ed25519 (invitations); P-384 only signs certificates, but
/// TLS announces both in one list.
pub(crate) fn schemes() -> Vec<SignatureScheme> {
    vec![SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::ED25519, SignatureScheme::ECDSA_NISTP384_SHA384]
}

/// What a member's systems may sign a handshake with.
pub(crate) fn schemes_of_systems() -> Vec<SignatureScheme> {
    vec![
        SignatureScheme::ECDSA_NISTP256_SHA256,
        SignatureScheme::ECDSA_NISTP384_SHA384,
        SignatureScheme::RSA_PSS_SHA256,
        SignatureScheme::RSA_PSS_SHA384,
        SignatureScheme::RSA_PSS_SHA512,
    ]
}

pub(crate) fn check_handshake_signature(
    message: &[u8],
    cert: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
) -> Result<HandshakeSignatureValid, rustls::Error> {
    verify_tls13_signature(message, cert, signed, &provider().signature_verification_algorithms)
}

pub(crate) fn no_tls12() -> rustls::Error {
    rustls::Error::General("TLS 1.2 is not spoken".to_owned())
}
