//! The private CA: an offline root, three issuing CAs, and what they sign.
//!
//! In scope: making and loading them, signing a leaf for a public key. Our policy builds every field; the caller says who and
//! when, nothing else. Out of scope: whether somebody may have a certificate (the hub's registry), the allow-list (`serials`).
//!
//! Files of a directory: `root.pem`, `root.key` (take it offline), and for each of `nodes-issuer`, `hub-issuer`,
//! `operators-issuer` a `.pem` and a `.key`, once it was renewed also a `.previous.pem`.

use std::path::Path;

use multaqa_proto::id::FederationName;
use rcgen::PublicKeyData as _;
use rustls::pki_types::CertificateDer;
use zeroize::Zeroizing;

use crate::check::Certificate;
use crate::name::PeerIdentity;
use crate::pem;
use crate::profile::{BACKDATE_SECONDS, Profile, Validity};
use crate::request::{PublicKey, Wiped};
use crate::serials::Serial;
use crate::signer;
use crate::store::{self, Mode, PrivateKey, StoreError};
use crate::verify::Trust;

mod dir;
mod error;

pub use dir::{
    Created, Renewed, certificate_path, init_dir, issue_new, issue_request, key_path, load_certificate, load_previous,
    load_root_certificate, previous_path, renew_issuer,
};
pub use error::AuthorityError;

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
        let pair = signer::generate()?;
        let validity = validity(Profile::Root, now_ms, u64::MAX)?;
        let params = Profile::Root.ca_params(federation, &Serial::from_random(random), validity);
        let certificate = params.self_signed(&pair.0).map_err(|e| signer::failed(&e))?;
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
        let pair = signer::generate()?;
        let validity = validity(profile, now_ms, self.0.not_after())?;
        let params = profile.ca_params(&self.0.federation, &Serial::from_random(random), validity);
        let certificate = signer::sign(&self.0.key, &self.0.certificate, &params, &pair.0)?;
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
    /// The last second of this CA's life, Unix time.
    #[must_use]
    pub fn not_after(&self) -> u64 {
        self.0.not_after()
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
        let der = signer::sign(&self.0.key, &self.0.certificate, &params, key.spki())?.to_vec();
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
        let of_key = signer::pair(&ca.key).map(|pair| pair.0.subject_public_key_info());
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

    /// Takes the place of what is there.
    fn save(&self, dir: &Path) -> Result<(), StoreError> {
        let armoured = pem::encode("PRIVATE KEY", self.key.der());
        store::replace(&key_path(dir, self.profile), armoured.as_bytes(), Mode::Secret)?;
        let armoured = pem::encode("CERTIFICATE", &self.certificate);
        store::replace(&certificate_path(dir, self.profile), armoured.as_bytes(), Mode::Public)
    }

    fn not_after(&self) -> u64 {
        Certificate::read(&self.certificate).map_or(0, |certificate| certificate.not_after())
    }
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
