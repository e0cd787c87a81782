//! Who the other side is: chain, profile, allow-list, at every handshake.
//!
//! In scope: the verifiers that rustls calls on both sides, the chain check for whoever learns the root later, the one-time
//! key of an invitation. Out of scope: TLS configurations (`server`, `client`), what an identity may do (hub, node).
//!
//! The order at the hub: webpki chain to the root through *our* issuing CAs (what the peer sends between is ignored) → the
//! root's own dates, which webpki does not look at → strict profile → allow-list. A leaf with an Ed25519 key is never one
//! of ours: it is a self-signed certificate around an invitation's one-time key, TLS 1.3 proves that the peer holds the key,
//! and the list of open invitations decides.
//!
//! rustls carries only a few errors through to its caller, and chooses the alert by them. Verifiers therefore leave the exact
//! reason in a slot of the task that runs the handshake, and give rustls the error whose alert tells the peer most.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, OnceLock};

use multaqa_proto::id::{FederationName, NodeName};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error as TlsError, OtherError, RootCertStore,
    SignatureScheme,
};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::check::{Broken, CERTIFICATE_MAX, Certificate};
use crate::crypto;
use crate::name::PeerIdentity;
use crate::profile::{Profile, Purpose};
use crate::serials::{Serial, SerialError, Serials};

/// Why a certificate is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// It cannot be read, or is longer than we read.
    #[error("the certificate cannot be read: {why}")]
    Malformed {
        /// What is wrong.
        why: String,
    },
    /// No certificate was sent, or a chain that is not leaf and issuing CA.
    #[error("a chain of {found} certificates, 2 are needed: leaf and issuing CA")]
    ChainLength {
        /// How many.
        found: usize,
    },
    /// It, or its CA, is past its last second.
    #[error("the certificate held until {not_after}, it is {now}", not_after = date(*.not_after), now = date(*.now))]
    Expired {
        /// Its last second, Unix time.
        not_after: u64,
        /// The clock, Unix seconds.
        now: u64,
    },
    /// It, or its CA, is before its first second.
    #[error("the certificate holds from {not_before}, it is {now}", not_before = date(*.not_before), now = date(*.now))]
    NotYetValid {
        /// Its first second, Unix time.
        not_before: u64,
        /// The clock, Unix seconds.
        now: u64,
    },
    /// The root is outside its own dates.
    #[error("the root holds from {not_before} to {not_after}, it is {now}",
        not_before = date(*.not_before), not_after = date(*.not_after), now = date(*.now))]
    RootExpired {
        /// The root's first second, Unix time.
        not_before: u64,
        /// The root's last second, Unix time.
        not_after: u64,
        /// The clock, Unix seconds.
        now: u64,
    },
    /// Signed by none of the federation's issuing CAs.
    #[error("the certificate was not issued by the federation's CA")]
    Foreign,
    /// Issued for the other side of a connection.
    #[error("the certificate is not for this purpose: a {wanted} was expected")]
    Purpose {
        /// `server` or `client`.
        wanted: &'static str,
    },
    /// Another reason of the chain check, a name outside the issuing CA's zone for one.
    #[error("the chain does not hold: {why}")]
    Chain {
        /// What the chain check said.
        why: String,
    },
    /// It does not keep to its profile.
    #[error("{}", list(.0))]
    Profile(Vec<Broken>),
    /// The allow-list, or the list of open invitations, does not have it.
    #[error(transparent)]
    Serial(#[from] SerialError),
    /// Not the hub that was dialled.
    #[error("the hub {expected} was expected, {found} answered")]
    WrongHub {
        /// The name expected.
        expected: String,
        /// Who answered.
        found: PeerIdentity,
    },
    /// While joining, another chain than at first.
    #[error("another certificate chain than on the first connection")]
    ProvisionalChanged,
}

impl VerifyError {
    /// The stable code of this error; for a broken profile that of the first rule broken.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "CERT_MALFORMED",
            Self::ChainLength { .. } => "CERT_CHAIN_LENGTH",
            Self::Expired { .. } => "CERT_EXPIRED",
            Self::NotYetValid { .. } => "CERT_NOT_YET_VALID",
            Self::RootExpired { .. } => "CERT_ROOT_EXPIRED",
            Self::Foreign => "CERT_FOREIGN",
            Self::Purpose { .. } => "CERT_PURPOSE",
            Self::Chain { .. } => "CERT_CHAIN",
            Self::Profile(broken) => broken.first().map_or("CERT_MALFORMED", |first| first.code),
            Self::Serial(e) => e.code(),
            Self::WrongHub { .. } => "CERT_WRONG_HUB",
            Self::ProvisionalChanged => "CERT_PROVISIONAL_CHANGED",
        }
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Malformed { why } | Self::Chain { why } => vec![("why", why.clone())],
            Self::ChainLength { found } => vec![("found", found.to_string())],
            Self::Expired { not_after, now } => vec![("not_after", date(*not_after)), ("now", date(*now))],
            Self::NotYetValid { not_before, now } => vec![("not_before", date(*not_before)), ("now", date(*now))],
            Self::RootExpired { not_before, not_after, now } => {
                vec![("not_before", date(*not_before)), ("not_after", date(*not_after)), ("now", date(*now))]
            }
            Self::Foreign | Self::ProvisionalChanged => vec![],
            Self::Purpose { wanted } => vec![("wanted", (*wanted).to_owned())],
            Self::Profile(broken) => broken.first().map_or_else(Vec::new, Broken::args),
            Self::Serial(e) => e.args(),
            Self::WrongHub { expected, found } => vec![("expected", expected.clone()), ("found", found.to_string())],
        }
    }
}

/// A moment for people: RFC 3339, UTC.
pub(crate) fn date(unix_seconds: u64) -> String {
    let seconds = i64::try_from(unix_seconds).ok();
    let timestamp = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    timestamp.map_or_else(|| unix_seconds.to_string(), |timestamp| timestamp.to_string())
}

fn list(broken: &[Broken]) -> String {
    broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
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
        if now < self.not_before || now > self.not_after {
            let (not_before, not_after) = (self.not_before, self.not_after);
            return Err(VerifyError::RootExpired { not_before, not_after, now });
        }
        self.identify(&certificate, purpose)
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

/// The hub's verifier of its peers.
#[derive(Debug)]
pub struct ClientVerifier {
    trust: Trust,
    issuers: Vec<CertificateDer<'static>>,
    serials: Serials,
}

impl ClientVerifier {
    /// A verifier of leaves from these issuing CAs (for nodes and operators; several of one kind while one replaces another).
    ///
    /// # Errors
    /// Where a CA is foreign or does not keep to its profile.
    pub fn new(trust: Trust, issuers: Vec<CertificateDer<'static>>, serials: Serials) -> Result<Self, VerifyError> {
        for issuer in &issuers {
            let profile = read(issuer)?.likely_profile();
            let expected = if profile == Profile::OperatorsIssuer { profile } else { Profile::NodesIssuer };
            trust.check_issuer(issuer, expected)?;
        }
        Ok(Self { trust, issuers, serials })
    }

    /// Registers the connection of a peer that has passed the handshake; from here on a revocation cuts it.
    ///
    /// # Errors
    /// Where it was revoked since.
    pub(crate) fn register(&self, leaf: &CertificateDer<'_>) -> Result<Registered, VerifyError> {
        let certificate = read(leaf)?;
        if let Some(key) = certificate.ed25519() {
            let cancel = self.serials.register_invited(&key)?;
            return Ok(Registered { identity: PeerIdentity::Invited(key), serial: None, cancel });
        }
        let leaf = self.trust.identify(&certificate, Purpose::Client)?;
        let cancel = self.serials.register(&leaf.serial, &leaf.identity)?;
        Ok(Registered { identity: leaf.identity, serial: Some(leaf.serial), cancel })
    }

    pub(crate) fn trust(&self) -> &Trust {
        &self.trust
    }

    fn check(&self, leaf: &CertificateDer<'_>, now: u64) -> Result<(), VerifyError> {
        let certificate = read(leaf)?;
        if let Some(key) = certificate.ed25519() {
            return Ok(self.serials.check_invited(&key)?);
        }
        let leaf = self.trust.check_leaf(leaf, &self.issuers, Purpose::Client, now)?;
        Ok(self.serials.check(&leaf.serial, &leaf.identity)?)
    }
}

/// A connection on the allow-list.
pub(crate) struct Registered {
    pub(crate) identity: PeerIdentity,
    pub(crate) serial: Option<Serial>,
    pub(crate) cancel: CancellationToken,
}

impl ClientCertVerifier for ClientVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }
    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        self.check(leaf, now.as_secs()).map(|()| ClientCertVerified::assertion()).map_err(refuse)
    }
    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Err(crypto::no_tls12())
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        crypto::check_handshake_signature(message, cert, signed)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        crypto::schemes()
    }
}

/// A node's or operator's verifier of the hub, once the root is known.
#[derive(Debug)]
pub struct HubVerifier {
    trust: Trust,
    expected: Option<NodeName>,
}

impl HubVerifier {
    /// A verifier that accepts the hub of this root; only the one of this name where one is given.
    #[must_use]
    pub const fn new(trust: Trust, expected: Option<NodeName>) -> Self {
        Self { trust, expected }
    }

    fn check(&self, chain: &[CertificateDer<'_>], now: u64) -> Result<(), VerifyError> {
        let found = self.trust.check_chain(chain, Purpose::Server, now)?.identity;
        match (&self.expected, &found) {
            (None, PeerIdentity::Hub(_)) => Ok(()),
            (Some(expected), PeerIdentity::Hub(name)) if name == expected => Ok(()),
            (expected, _) => {
                let expected = expected.as_ref().map_or("hub".to_owned(), |name| format!("hub/{name}"));
                Err(VerifyError::WrongHub { expected, found })
            }
        }
    }
}

/// The verifier of a joiner that does not know the root so far.
///
/// It lets any chain through and pins the first one, so that a reconnection cannot reach somebody else. The chain proves
/// nothing until the caller, having fetched the genesis and checked its hash, passes it to [`verify_chain`] with the root that
/// the genesis names. Until then nothing that the other side says may be believed and nothing secret sent.
#[derive(Debug, Default)]
pub struct Provisional {
    pinned: OnceLock<Vec<CertificateDer<'static>>>,
}

impl Provisional {
    /// The chain that the other side presented, leaf first; none before the first handshake.
    #[must_use]
    pub fn chain(&self) -> Option<&[CertificateDer<'static>]> {
        self.pinned.get().map(Vec::as_slice)
    }

    fn check(&self, chain: &[CertificateDer<'_>]) -> Result<(), VerifyError> {
        if chain.len() > 4 {
            return Err(VerifyError::ChainLength { found: chain.len() });
        }
        for certificate in chain {
            read(certificate)?;
        }
        let pinned = self.pinned.get_or_init(|| chain.iter().map(|der| der.clone().into_owned()).collect());
        let same = pinned.len() == chain.len() && pinned.iter().zip(chain).all(|(a, b)| a.as_ref() == b.as_ref());
        if same { Ok(()) } else { Err(VerifyError::ProvisionalChanged) }
    }
}

macro_rules! server_verifier {
    ($name:ident, |$verifier:ident, $chain:ident, $now:ident| $check:expr) => {
        impl ServerCertVerifier for $name {
            fn verify_server_cert(
                &self,
                leaf: &CertificateDer<'_>,
                intermediates: &[CertificateDer<'_>],
                _name: &ServerName<'_>,
                _ocsp: &[u8],
                now: UnixTime,
            ) -> Result<ServerCertVerified, TlsError> {
                let chain: Vec<CertificateDer<'_>> =
                    std::iter::once(leaf).chain(intermediates).map(|der| CertificateDer::from(der.as_ref())).collect();
                let ($verifier, $chain, $now) = (self, chain.as_slice(), now.as_secs());
                $check.map(|()| ServerCertVerified::assertion()).map_err(refuse)
            }
            fn verify_tls12_signature(
                &self,
                _message: &[u8],
                _cert: &CertificateDer<'_>,
                _signed: &DigitallySignedStruct,
            ) -> Result<HandshakeSignatureValid, TlsError> {
                Err(crypto::no_tls12())
            }
            fn verify_tls13_signature(
                &self,
                message: &[u8],
                cert: &CertificateDer<'_>,
                signed: &DigitallySignedStruct,
            ) -> Result<HandshakeSignatureValid, TlsError> {
                crypto::check_handshake_signature(message, cert, signed)
            }
            fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
                crypto::schemes()
            }
        }
    };
}
server_verifier!(HubVerifier, |verifier, chain, now| verifier.check(chain, now));
server_verifier!(Provisional, |verifier, chain, _now| verifier.check(chain));

tokio::task_local! {
    static REFUSAL: RefCell<Option<VerifyError>>;
}

/// Runs a handshake; with its outcome comes the reason for which our verifier refused the peer, if it did.
pub(crate) async fn with_refusal<F: Future>(handshake: F) -> (F::Output, Option<VerifyError>) {
    let both = async {
        let outcome = handshake.await;
        (outcome, REFUSAL.with(RefCell::take))
    };
    REFUSAL.scope(RefCell::new(None), both).await
}

/// Leaves the reason in the task's slot and gives rustls the error whose alert says most.
fn refuse(error: VerifyError) -> TlsError {
    let for_alert = match &error {
        VerifyError::Malformed { .. } | VerifyError::ChainLength { .. } => CertificateError::BadEncoding,
        VerifyError::Expired { .. } | VerifyError::NotYetValid { .. } | VerifyError::RootExpired { .. } => {
            CertificateError::Expired
        }
        VerifyError::Foreign | VerifyError::Chain { .. } => CertificateError::UnknownIssuer,
        VerifyError::Purpose { .. } => CertificateError::InvalidPurpose,
        VerifyError::Serial(_) => CertificateError::Revoked,
        VerifyError::WrongHub { .. } => CertificateError::NotValidForName,
        VerifyError::Profile(_) | VerifyError::ProvisionalChanged => {
            CertificateError::Other(OtherError(Arc::new(error.clone())))
        }
    };
    // Outside a handshake of ours nobody asks for the reason.
    let _outside = REFUSAL.try_with(|slot| *slot.borrow_mut() = Some(error));
    TlsError::InvalidCertificate(for_alert)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "rustls adds reasons; all others are faults of the chain")]
fn from_tls(error: &TlsError, purpose: Purpose) -> VerifyError {
    let TlsError::InvalidCertificate(error) = error else {
        return VerifyError::Chain { why: error.to_string() };
    };
    match error {
        CertificateError::BadEncoding | CertificateError::UnhandledCriticalExtension => {
            VerifyError::Malformed { why: error.to_string() }
        }
        CertificateError::ExpiredContext { time, not_after } => {
            VerifyError::Expired { not_after: not_after.as_secs(), now: time.as_secs() }
        }
        CertificateError::NotValidYetContext { time, not_before } => {
            VerifyError::NotYetValid { not_before: not_before.as_secs(), now: time.as_secs() }
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => VerifyError::Foreign,
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            VerifyError::Purpose { wanted: if purpose == Purpose::Server { "server" } else { "client" } }
        }
        other => VerifyError::Chain { why: other.to_string() },
    }
}

fn read<'a>(der: &'a CertificateDer<'_>) -> Result<Certificate<'a>, VerifyError> {
    Certificate::read(der.as_ref()).ok_or_else(|| VerifyError::Malformed {
        why: format!("{} bytes that are no X.509 certificate of at most {CERTIFICATE_MAX} bytes", der.len()),
    })
}

fn keep(broken: Vec<Broken>) -> Result<(), VerifyError> {
    if broken.is_empty() { Ok(()) } else { Err(VerifyError::Profile(broken)) }
}
