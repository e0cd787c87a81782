//! The private CA: an offline root, three issuing CAs, and what they sign.
//!
//! In scope: making and loading them, signing a leaf for a public key. Our policy builds every field; the caller says who and
//! when, nothing else. Out of scope: whether somebody may have a certificate (the hub's registry), the allow-list (`serials`).
//!
//! Files of a directory: `root.pem`, `root.key` (take it offline), and for each of `nodes-issuer`, `hub-issuer`,
//! `operators-issuer` a `.pem` and a `.key`.

use std::path::{Path, PathBuf};

use multaqa_proto::id::FederationName;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PublicKeyData as _};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::check::Certificate;
use crate::name::{NameError, PeerIdentity};
use crate::pem;
use crate::profile::{BACKDATE_SECONDS, Profile, Validity};
use crate::random::{self, RandomError};
use crate::request::{NewKey, PublicKey, RequestError, Wiped};
use crate::serials::Serial;
use crate::store::{self, Mode, PrivateKey, StoreError, TlsIdentity};
use crate::verify::{Trust, VerifyError};

/// Why nothing was issued.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuthorityError {
    /// A file cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A name cannot stand in a certificate.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A request is refused.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A CA's own certificate does not hold.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// This CA does not issue to that role.
    #[error("the {issuer} does not issue to {identity}")]
    WrongIssuer {
        /// The CA.
        issuer: Profile,
        /// Whom to.
        identity: PeerIdentity,
    },
    /// Not one of the three issuing CAs.
    #[error("a {profile} is no issuing CA")]
    NotIssuing {
        /// The profile.
        profile: Profile,
    },
    /// A longer life than the profile's was asked for, or none.
    #[error("a {profile} certificate lives 1 to {limit} days, {days} were asked for")]
    Life {
        /// The profile.
        profile: Profile,
        /// The days asked for.
        days: u32,
        /// The profile's days.
        limit: u64,
    },
    /// The CA is expired or about to be.
    #[error("the {issuer} certificate holds until {not_after} (Unix seconds): it issues nothing any more")]
    Expired {
        /// The CA.
        issuer: Profile,
        /// Its last second.
        not_after: u64,
    },
    /// Key and certificate of a CA do not belong together.
    #[error("{path} is not the key of the certificate beside it", path = .path.display())]
    KeyMismatch {
        /// The key file.
        path: PathBuf,
    },
    /// A federation's name has a part that is too long for DNS.
    #[error("{federation} has a part of more than 63 characters")]
    FederationName {
        /// The name.
        federation: FederationName,
    },
}

impl AuthorityError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(e) => e.code(),
            Self::Name(e) => e.code(),
            Self::Request(e) => e.code(),
            Self::Random(e) => e.code(),
            Self::Verify(e) => e.code(),
            Self::WrongIssuer { .. } => "ISSUER_WRONG",
            Self::NotIssuing { .. } => "ISSUER_UNKNOWN",
            Self::Life { .. } => "ISSUE_LIFE",
            Self::Expired { .. } => "ISSUER_EXPIRED",
            Self::KeyMismatch { .. } => "ISSUER_KEY_MISMATCH",
            Self::FederationName { .. } => "FEDERATION_NAME_LABEL",
        }
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Store(e) => e.args(),
            Self::Name(e) => e.args(),
            Self::Request(e) => e.args(),
            Self::Random(e) => e.args(),
            Self::Verify(e) => e.args(),
            Self::WrongIssuer { issuer, identity } => {
                vec![("issuer", issuer.to_string()), ("identity", identity.to_string())]
            }
            Self::NotIssuing { profile } => vec![("profile", profile.to_string())],
            Self::Life { profile, days, limit } => {
                vec![("profile", profile.to_string()), ("days", days.to_string()), ("limit", limit.to_string())]
            }
            Self::Expired { issuer, not_after } => {
                vec![("issuer", issuer.to_string()), ("not_after", crate::verify::date(*not_after))]
            }
            Self::KeyMismatch { path } => vec![("path", path.display().to_string())],
            Self::FederationName { federation } => vec![("federation", federation.to_string())],
        }
    }
}

/// The offline root of a federation.
#[derive(Debug)]
pub struct Root(Ca);

/// An issuing CA.
#[derive(Debug)]
pub struct Issuer(Ca);

#[derive(Debug)]
struct Ca {
    profile: Profile,
    federation: FederationName,
    certificate: CertificateDer<'static>,
    key: PrivateKey,
}

/// A leaf certificate that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCert {
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// Its serial: what the allow-list takes.
    pub serial: Serial,
    /// The last moment of its life, Unix milliseconds.
    pub not_after_ms: u64,
}

impl Root {
    /// Makes a root with a fresh key.
    ///
    /// # Errors
    /// Where the name has too long a part, or the crypto library fails.
    pub fn create(federation: &FederationName, now_ms: u64, random: [u8; 16]) -> Result<Self, AuthorityError> {
        if federation.as_str().split('.').any(|label| label.len() > 63) {
            return Err(AuthorityError::FederationName { federation: federation.clone() });
        }
        let pair = generate_p384()?;
        let validity = validity(Profile::Root, now_ms, u64::MAX)?;
        let params = Profile::Root.ca_params(federation, &Serial::from_random(random), validity);
        let certificate = params.self_signed(&pair.0).map_err(|e| crypto(&e))?;
        Ok(Self(Ca::new(Profile::Root, federation, certificate.der().clone(), &pair)))
    }

    /// Loads the root of a directory, with its key.
    ///
    /// # Errors
    /// Where a file is missing, exposed, damaged or does not keep to the profile.
    pub fn load(dir: &Path) -> Result<Self, AuthorityError> {
        Ca::load(dir, Profile::Root, None).map(Self)
    }

    /// Makes an issuing CA with a fresh key.
    ///
    /// # Errors
    /// Where the profile is none of the three, the root is expired or the crypto library fails.
    pub fn issue_issuer(&self, profile: Profile, now_ms: u64, random: [u8; 16]) -> Result<Issuer, AuthorityError> {
        if !Profile::ISSUERS.contains(&profile) {
            return Err(AuthorityError::NotIssuing { profile });
        }
        let pair = generate_p384()?;
        let validity = validity(profile, now_ms, self.0.not_after())?;
        let params = profile.ca_params(&self.0.federation, &Serial::from_random(random), validity);
        let certificate = self.0.sign(&params, &pair.0)?;
        Ok(Issuer(Ca::new(profile, &self.0.federation, certificate, &pair)))
    }

    /// The root certificate, DER.
    #[must_use]
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.0.certificate
    }
    /// The federation that it is the root of.
    #[must_use]
    pub fn federation(&self) -> &FederationName {
        &self.0.federation
    }
}

impl Issuer {
    /// Loads an issuing CA of a directory (its `root.pem` too) and checks it against the root.
    ///
    /// # Errors
    /// Where a file is missing, exposed, damaged or does not keep to the profile.
    pub fn load(dir: &Path, profile: Profile) -> Result<Self, AuthorityError> {
        if !Profile::ISSUERS.contains(&profile) {
            return Err(AuthorityError::NotIssuing { profile });
        }
        let root = load_root_certificate(dir)?;
        Ca::load(dir, profile, Some(&root)).map(Self)
    }

    /// Signs a leaf for a peer of this CA's role, with the profile's full life.
    ///
    /// # Errors
    /// Where the peer is of another role, a name is malformed, the CA is expired or the crypto library fails.
    pub fn issue(
        &self,
        identity: &PeerIdentity,
        key: &PublicKey,
        now_ms: u64,
        random: [u8; 16],
    ) -> Result<IssuedCert, AuthorityError> {
        self.issue_until(identity, key, now_ms, random, None)
    }

    /// As [`Issuer::issue`], for so many days, at most the profile's.
    ///
    /// # Errors
    /// As [`Issuer::issue`], and where the days are none or too many.
    pub fn issue_for_days(
        &self,
        identity: &PeerIdentity,
        key: &PublicKey,
        now_ms: u64,
        random: [u8; 16],
        days: u32,
    ) -> Result<IssuedCert, AuthorityError> {
        self.issue_until(identity, key, now_ms, random, Some(days))
    }

    /// A leaf with this CA's certificate, as a peer presents them.
    #[must_use]
    pub fn chain(&self, issued: &IssuedCert) -> Vec<CertificateDer<'static>> {
        vec![CertificateDer::from(issued.der.clone()), self.0.certificate.clone()]
    }
    /// This CA's certificate, DER.
    #[must_use]
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.0.certificate
    }
    /// Which of the three it is.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.0.profile
    }
    /// The federation that it issues for.
    #[must_use]
    pub fn federation(&self) -> &FederationName {
        &self.0.federation
    }

    fn issue_until(
        &self,
        identity: &PeerIdentity,
        key: &PublicKey,
        now_ms: u64,
        random: [u8; 16],
        days: Option<u32>,
    ) -> Result<IssuedCert, AuthorityError> {
        let profile = Profile::of(identity)
            .filter(|profile| profile.issuer() == self.0.profile)
            .ok_or_else(|| AuthorityError::WrongIssuer { issuer: self.0.profile, identity: identity.clone() })?;
        let mut validity = validity(profile, now_ms, self.0.not_after())?;
        if let Some(days) = days {
            let seconds = u64::from(days) * 24 * 3600;
            if days == 0 || seconds > profile.life_seconds() {
                return Err(AuthorityError::Life { profile, days, limit: profile.life_seconds() / (24 * 3600) });
            }
            validity.not_after = validity.not_after.min(now_ms / 1000 + seconds);
        }
        let serial = Serial::from_random(random);
        let params = profile.leaf_params(&self.0.federation, identity, &serial, validity)?;
        let der = self.0.sign(&params, key.spki())?.to_vec();
        Ok(IssuedCert { der, serial, not_after_ms: validity.not_after * 1000 })
    }
}

impl Ca {
    fn new(profile: Profile, federation: &FederationName, certificate: CertificateDer<'static>, pair: &Wiped) -> Self {
        let key = PrivateKey::from_pkcs8(Zeroizing::new(pair.0.serialize_der()));
        Self { profile, federation: federation.clone(), certificate, key }
    }

    fn load(dir: &Path, profile: Profile, root: Option<&CertificateDer<'static>>) -> Result<Self, AuthorityError> {
        let certificate = load_certificate(dir, profile)?;
        let trust = Trust::new(root.unwrap_or(&certificate))?;
        if root.is_some() {
            trust.check_issuer(&certificate, profile)?;
        }
        let path = key_path(dir, profile);
        let key = store::load_key(&path)?;
        let federation = trust.federation().clone();
        let ca = Self { profile, federation, certificate, key };
        let of_key = ca.pair().map(|pair| pair.0.subject_public_key_info());
        let of_certificate = Certificate::read(&ca.certificate).map(|certificate| certificate.public_key().to_vec());
        match (of_key, of_certificate) {
            (Ok(key), Some(certificate)) if key == certificate => Ok(ca),
            _ => Err(AuthorityError::KeyMismatch { path }),
        }
    }

    fn save_new(&self, dir: &Path) -> Result<(), StoreError> {
        let armoured = pem::encode("PRIVATE KEY", self.key.der());
        store::create(&key_path(dir, self.profile), armoured.as_bytes(), Mode::Secret)?;
        let armoured = pem::encode("CERTIFICATE", &self.certificate);
        store::create(&certificate_path(dir, self.profile), armoured.as_bytes(), Mode::Public)
    }

    fn pair(&self) -> Result<Wiped, AuthorityError> {
        let der = PrivatePkcs8KeyDer::from(self.key.der());
        KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P384_SHA384).map(Wiped).map_err(|e| crypto(&e))
    }

    fn sign(
        &self,
        params: &CertificateParams,
        subject: &impl rcgen::PublicKeyData,
    ) -> Result<CertificateDer<'static>, AuthorityError> {
        let pair = self.pair()?;
        let issuer = rcgen::Issuer::from_ca_cert_der(&self.certificate, &pair.0).map_err(|e| crypto(&e))?;
        Ok(params.signed_by(subject, &issuer).map_err(|e| crypto(&e))?.der().clone())
    }

    fn not_after(&self) -> u64 {
        Certificate::read(&self.certificate).map_or(0, |certificate| certificate.not_after())
    }
}

/// What [`init_dir`] made.
#[derive(Debug)]
pub struct Created {
    /// The root, with its key.
    pub root: Root,
    /// Issuing CA for nodes.
    pub nodes: Issuer,
    /// Issuing CA for the hub.
    pub hub: Issuer,
    /// Issuing CA for operators.
    pub operators: Issuer,
}

/// Makes a federation's root and its three issuing CAs in a directory.
///
/// # Errors
/// Where one of the files exists (nothing is overwritten), the disk refuses or the crypto library fails.
pub fn init_dir(dir: &Path, federation: &FederationName, now_ms: u64) -> Result<Created, AuthorityError> {
    let profiles = std::iter::once(Profile::Root).chain(Profile::ISSUERS);
    for path in profiles.flat_map(|profile| [key_path(dir, profile), certificate_path(dir, profile)]) {
        if path.exists() {
            return Err(StoreError::Exists { path }.into());
        }
    }
    store::create_dir(dir)?;
    let root = Root::create(federation, now_ms, random::bytes()?)?;
    let issuer = |profile| root.issue_issuer(profile, now_ms, random::bytes()?);
    let nodes = issuer(Profile::NodesIssuer)?;
    let hub = issuer(Profile::HubIssuer)?;
    let operators = issuer(Profile::OperatorsIssuer)?;
    for ca in [&root.0, &nodes.0, &hub.0, &operators.0] {
        ca.save_new(dir)?;
    }
    Ok(Created { root, nodes, hub, operators })
}

/// Makes a key and a certificate for a peer with the issuing CA of a directory.
///
/// # Errors
/// Where the CA cannot be loaded or does not issue.
pub fn issue_new(
    dir: &Path,
    identity: &PeerIdentity,
    now_ms: u64,
    days: Option<u32>,
) -> Result<(TlsIdentity, IssuedCert), AuthorityError> {
    let new = NewKey::generate()?;
    let (chain, issued) = issue_request(dir, identity, &new.request, now_ms, days)?;
    Ok((TlsIdentity { chain, key: new.key }, issued))
}

/// Signs a request (PKCS#10, DER) for a peer with the issuing CA of a directory; the chain, leaf first, and the leaf.
///
/// # Errors
/// Where the request is refused, the CA cannot be loaded or does not issue.
pub fn issue_request(
    dir: &Path,
    identity: &PeerIdentity,
    request: &[u8],
    now_ms: u64,
    days: Option<u32>,
) -> Result<(Vec<CertificateDer<'static>>, IssuedCert), AuthorityError> {
    let profile = Profile::of(identity)
        .ok_or_else(|| AuthorityError::WrongIssuer { issuer: Profile::Root, identity: identity.clone() })?;
    let key = PublicKey::from_request(request)?;
    let authority = Issuer::load(dir, profile.issuer())?;
    let issued = authority.issue_until(identity, &key, now_ms, random::bytes()?, days)?;
    Ok((authority.chain(&issued), issued))
}

/// The root certificate of a directory.
///
/// # Errors
/// Where the file is missing or damaged.
pub fn load_root_certificate(dir: &Path) -> Result<CertificateDer<'static>, AuthorityError> {
    Ok(load_certificate(dir, Profile::Root)?)
}

/// The certificate of a CA of a directory, unchecked.
///
/// # Errors
/// Where the file is missing or damaged.
pub fn load_certificate(dir: &Path, profile: Profile) -> Result<CertificateDer<'static>, StoreError> {
    let path = certificate_path(dir, profile);
    let mut chain = store::load_chain(&path)?;
    if chain.len() != 1 {
        return Err(StoreError::Malformed { path, what: "single certificate" });
    }
    Ok(chain.remove(0))
}

/// Where a CA's certificate lies in a directory.
#[must_use]
pub fn certificate_path(dir: &Path, profile: Profile) -> PathBuf {
    dir.join(format!("{profile}.pem"))
}

/// Where a CA's key lies in a directory.
#[must_use]
pub fn key_path(dir: &Path, profile: Profile) -> PathBuf {
    dir.join(format!("{profile}.key"))
}

/// From five minutes ago for the profile's life, never beyond the issuer's.
fn validity(profile: Profile, now_ms: u64, issuer_not_after: u64) -> Result<Validity, AuthorityError> {
    let now = now_ms / 1000;
    if issuer_not_after <= now {
        return Err(AuthorityError::Expired { issuer: profile.issuer(), not_after: issuer_not_after });
    }
    let not_after = now.saturating_add(profile.life_seconds()).min(issuer_not_after);
    Ok(Validity { not_before: now.saturating_sub(BACKDATE_SECONDS), not_after })
}

fn generate_p384() -> Result<Wiped, AuthorityError> {
    KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).map(Wiped).map_err(|e| crypto(&e))
}

fn crypto(error: &rcgen::Error) -> AuthorityError {
    AuthorityError::Request(RequestError::Crypto { why: error.to_string() })
}
