//! Who the other side is: chain, profile, allow-list, at every handshake.
//!
//! In scope: the verifiers that rustls calls on both sides, the chain check for whoever learns the root later, the one-time
//! key of an invitation. Out of scope: TLS configurations (`server`, `client`), what an identity may do (hub, node).
//!
//! The order at the hub: webpki chain to the root through *our* issuing CAs (what the peer sends between is ignored) → the
//! root's own dates, which webpki does not look at → strict profile → allow-list, which may let in an expired node (`peer`). A leaf with an Ed25519 key is never one
//! of ours: it is a self-signed certificate around an invitation's one-time key, TLS 1.3 proves that the peer holds the key,
//! and the list of open invitations decides.
//!
//! `peer` holds the hub's verifier, `hub` those of the other side, `refusal` what passes between them and rustls.

use std::fmt;
use std::sync::Arc;

use multaqa_proto::id::FederationName;
use rustls::RootCertStore;
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::pki_types::CertificateDer;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};

use crate::check::{Broken, CERTIFICATE_MAX, Certificate};
use crate::crypto;
use crate::name::PeerIdentity;
use crate::profile::{Profile, Purpose};
use crate::serials::Serial;

/// What all verifiers have in common, on both sides: TLS 1.3 alone, our signature schemes.
macro_rules! handshake_signatures {
    () => {
        fn verify_tls12_signature(
            &self,
            _message: &[u8],
            _cert: &rustls::pki_types::CertificateDer<'_>,
            _signed: &rustls::DigitallySignedStruct,
        ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
            Err($crate::crypto::no_tls12())
        }
        fn verify_tls13_signature(
            &self,
            message: &[u8],
            cert: &rustls::pki_types::CertificateDer<'_>,
            signed: &rustls::DigitallySignedStruct,
        ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
            $crate::crypto::check_handshake_signature(message, cert, signed)
        }
        fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
            $crate::crypto::schemes()
        }
    };
}
use handshake_signatures;

mod error;
mod hub;
mod peer;
mod refusal;

pub use error::VerifyError;
pub use hub::{HubVerifier, Provisional};
pub use peer::ClientVerifier;
pub(crate) use peer::Registered;
pub(crate) use refusal::{from_tls, refuse, with_refusal};

/// Whom a listener lets in: the verifier of their certificates, and the list on which their connections are registered.
pub(crate) trait Peers: ClientCertVerifier {
    /// Registers the connection of a peer that has passed the handshake; from here on a revocation cuts it.
    ///
    /// # Errors
    /// Where it was revoked since.
    fn register(&self, leaf: &CertificateDer<'_>, now: u64) -> Result<Registered, VerifyError>;
}

/// A moment for people: RFC 3339, UTC.
pub(crate) fn date(unix_seconds: u64) -> String {
    let seconds = i64::try_from(unix_seconds).ok();
    let timestamp = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    timestamp.map_or_else(|| unix_seconds.to_string(), |timestamp| timestamp.to_string())
}

/// A leaf that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Whom it names.
    pub identity: PeerIdentity,
    /// Its serial.
    pub serial: Serial,
    /// The federation, as the root names it.
    pub federation: FederationName,
    /// Its last second, Unix time.
    pub not_after: u64,
}

/// A root that keeps to its profile, and what follows from it.
#[derive(Clone)]
pub struct Trust {
    root: CertificateDer<'static>,
    not_before: u64,
    not_after: u64,
    federation: FederationName,
    anchors: Arc<RootCertStore>,
    clients: Arc<dyn ClientCertVerifier>,
}

impl Trust {
    /// Takes a root certificate (DER) whose hash the caller trusts. Checks its profile and its own signature, not its dates.
    ///
    /// # Errors
    /// Where it cannot be read or does not keep to the root's profile.
    pub fn new(root: &CertificateDer<'_>) -> Result<Self, VerifyError> {
        let certificate = read(root)?;
        let federation = certificate
            .federation()
            .ok_or_else(|| VerifyError::Malformed { why: "the root's subject names no federation (O)".to_owned() })?;
        keep(certificate.broken_rules(Profile::Root, &federation))?;
        if !certificate.signed_by(&certificate) {
            return Err(VerifyError::Foreign);
        }
        let mut anchors = RootCertStore::empty();
        let malformed = |e: &dyn fmt::Display| VerifyError::Malformed { why: e.to_string() };
        anchors.add(root.clone().into_owned()).map_err(|e| malformed(&e))?;
        let anchors = Arc::new(anchors);
        let clients = WebPkiClientVerifier::builder_with_provider(anchors.clone(), crypto::provider())
            .clear_root_hint_subjects()
            .build()
            .map_err(|e| malformed(&e))?;
        let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
        Ok(Self { root: root.clone().into_owned(), not_before, not_after, federation, anchors, clients })
    }

    /// The federation that the root names.
    #[must_use]
    pub fn federation(&self) -> &FederationName {
        &self.federation
    }
    /// The root certificate, DER.
    #[must_use]
    pub fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// Checks an issuing CA's certificate: signed by the root, of this profile. Not its dates: every chain check does that.
    ///
    /// # Errors
    /// Where it is foreign, unreadable or does not keep to the profile.
    pub fn check_issuer(&self, der: &CertificateDer<'_>, profile: Profile) -> Result<(), VerifyError> {
        let certificate = read(der)?;
        if !certificate.signed_by(&read(&self.root)?) {
            return Err(VerifyError::Foreign);
        }
        keep(certificate.broken_rules(profile, &self.federation))
    }

    /// Checks a leaf: chain through these issuing CAs, the root's dates, strict profile. The CAs must be checked already.
    ///
    /// # Errors
    /// The first of these that fails.
    pub fn check_leaf(
        &self,
        leaf: &CertificateDer<'_>,
        issuers: &[CertificateDer<'_>],
        purpose: Purpose,
        now: u64,
    ) -> Result<Leaf, VerifyError> {
        let certificate = read(leaf)?;
        let time = crypto::unix(now);
        let chain = match purpose {
            Purpose::Client => self.clients.verify_client_cert(leaf, issuers, time).map(|_| ()),
            Purpose::Server => ParsedCertificate::try_from(leaf).and_then(|parsed| {
                let algorithms = crypto::provider().signature_verification_algorithms.all;
                verify_server_cert_signed_by_trust_anchor(&parsed, &self.anchors, issuers, time, algorithms)
            }),
        };
        chain.map_err(|error| from_tls(&error, purpose))?;
        self.check_root_dates(now)?;
        self.identify(&certificate, purpose)
    }

    /// The root's own dates, which webpki does not look at.
    fn check_root_dates(&self, now: u64) -> Result<(), VerifyError> {
        let (not_before, not_after) = (self.not_before, self.not_after);
        if now < not_before || now > not_after {
            return Err(VerifyError::RootExpired { not_before, not_after, now });
        }
        Ok(())
    }

    /// Checks a chain of leaf and issuing CA, as a peer presents it: the CA's profile too.
    ///
    /// # Errors
    /// As [`Trust::check_leaf`] and [`Trust::check_issuer`].
    pub fn check_chain(&self, chain: &[CertificateDer<'_>], purpose: Purpose, now: u64) -> Result<Leaf, VerifyError> {
        let [leaf, issuer] = chain else { return Err(VerifyError::ChainLength { found: chain.len() }) };
        let verified = self.check_leaf(leaf, std::slice::from_ref(issuer), purpose, now)?;
        let profile = Profile::of(&verified.identity).unwrap_or(Profile::Root);
        self.check_issuer(issuer, profile.issuer())?;
        Ok(verified)
    }

    /// Strict profile alone, for a leaf whose chain was checked at the handshake.
    fn identify(&self, certificate: &Certificate<'_>, purpose: Purpose) -> Result<Leaf, VerifyError> {
        let usual = if purpose == Purpose::Server { Profile::Hub } else { Profile::Node };
        let identity = certificate.identity(&self.federation);
        let profile = identity.as_ref().ok().and_then(Profile::of).unwrap_or(usual);
        keep(certificate.broken_rules(profile, &self.federation))?;
        match (identity, certificate.serial()) {
            (Ok(identity), Some(serial)) => {
                let federation = self.federation.clone();
                Ok(Leaf { identity, serial, federation, not_after: certificate.not_after() })
            }
            (Err(error), _) => Err(VerifyError::Malformed { why: error.to_string() }),
            (Ok(_), None) => Err(VerifyError::Malformed { why: "no serial of ours".to_owned() }),
        }
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust").field("federation", &self.federation).finish_non_exhaustive()
    }
}

/// Checks a presented chain (leaf, issuing CA) against a root (DER) at a moment (Unix seconds), for whichever side of a
/// connection the leaf says to be. For whoever learns the root after the handshake: compare `federation` and `identity`.
///
/// # Errors
/// The first rule broken.
pub fn verify_chain(root: &CertificateDer<'_>, chain: &[CertificateDer<'_>], now: u64) -> Result<Leaf, VerifyError> {
    let leaf = chain.first().ok_or(VerifyError::ChainLength { found: 0 })?;
    let purpose = if read(leaf)?.allows(Purpose::Server) { Purpose::Server } else { Purpose::Client };
    Trust::new(root)?.check_chain(chain, purpose, now)
}

pub(crate) fn read<'a>(der: &'a CertificateDer<'_>) -> Result<Certificate<'a>, VerifyError> {
    Certificate::read(der.as_ref()).ok_or_else(|| VerifyError::Malformed {
        why: format!("{} bytes that are no X.509 certificate of at most {CERTIFICATE_MAX} bytes", der.len()),
    })
}

fn keep(broken: Vec<Broken>) -> Result<(), VerifyError> {
    if broken.is_empty() { Ok(()) } else { Err(VerifyError::Profile(broken)) }
}
