//! Enrolment requests (PKCS#10, RFC 2986): from a request only the public key is taken.
//!
//! In scope: making a P-256 key with a request; reading a request, its size, curve and own signature. Out of scope: what the
//! certificate will say, which our policy alone decides (`profile`, `authority`).
//!
//! A request may ask for anything, CA:TRUE and the hub's name included: none of it is looked at.

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, SubjectPublicKeyInfo};
use thiserror::Error;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer as _;
use zeroize::Zeroizing;

use crate::check;
use crate::store::PrivateKey;

/// Longest request that is read, bytes of DER.
pub const REQUEST_MAX: usize = 4 * 1024;

/// Smallest RSA key of a member's system, bits.
pub const RSA_MIN: usize = 2048;
/// Largest RSA key of a member's system, bits.
pub const RSA_MAX: usize = 4096;

/// A request that is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequestError {
    /// Longer than [`REQUEST_MAX`].
    #[error("a request of {bytes} bytes, at most {REQUEST_MAX} are read")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// No PKCS#10.
    #[error("not a certificate request (PKCS#10)")]
    Malformed,
    /// A key on another curve.
    #[error("the request's key is {found}, only P-256 is issued to")]
    Curve {
        /// What it is.
        found: String,
    },
    /// A key that a member's system may not have.
    #[error("the request's key is {found}; a system's key is P-256, P-384, or RSA of {RSA_MIN} to {RSA_MAX} bits")]
    Key {
        /// What it is.
        found: String,
    },
    /// Not signed by the key in it.
    #[error("the request is not signed by its own key")]
    Signature,
    /// The key could not be made or used.
    #[error("the crypto library failed: {why}")]
    Crypto {
        /// What it said.
        why: String,
    },
}

impl RequestError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "CSR_TOO_LARGE",
            Self::Malformed => "CSR_MALFORMED",
            Self::Curve { .. } => "CSR_CURVE",
            Self::Key { .. } => "CSR_KEY_REFUSED",
            Self::Signature => "CSR_SIGNATURE",
            Self::Crypto { .. } => "CRYPTO_FAILED",
        }
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TooLarge { bytes } => vec![("bytes", bytes.to_string()), ("limit", REQUEST_MAX.to_string())],
            Self::Malformed | Self::Signature => vec![],
            Self::Curve { found } | Self::Key { found } => vec![("found", found.clone())],
            Self::Crypto { why } => vec![("why", why.clone())],
        }
    }
}

/// A public key whose holder has proved to hold it: P-256, or what a member's system may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki: SubjectPublicKeyInfo,
}

impl PublicKey {
    /// The key of a request (PKCS#10, DER). Checks size, curve and the request's own signature; ignores all else.
    ///
    /// # Errors
    /// One for each rule.
    pub fn from_request(der: &[u8]) -> Result<Self, RequestError> {
        Self::read(der, |spki| {
            let found = check::key_name(spki);
            if found == "P-256" { Ok(()) } else { Err(RequestError::Curve { found }) }
        })
    }

    /// The key of a request of a member's system (PKCS#10, DER): P-256, P-384, or RSA of [`RSA_MIN`] to [`RSA_MAX`] bits.
    ///
    /// # Errors
    /// One for each rule.
    pub fn of_system(der: &[u8]) -> Result<Self, RequestError> {
        Self::read(der, |spki| {
            let found = check::key_name(spki);
            if found == "P-256" || found == "P-384" {
                return Ok(());
            }
            match spki.parsed() {
                Ok(x509_parser::public_key::PublicKey::RSA(rsa)) => {
                    let bits = rsa.key_size();
                    if (RSA_MIN..=RSA_MAX).contains(&bits) {
                        return Ok(());
                    }
                    Err(RequestError::Key { found: format!("RSA of {bits} bits") })
                }
                Ok(_) | Err(_) => Err(RequestError::Key { found }),
            }
        })
    }

    fn read(
        der: &[u8],
        allowed: impl FnOnce(&x509_parser::x509::SubjectPublicKeyInfo<'_>) -> Result<(), RequestError>,
    ) -> Result<Self, RequestError> {
        if der.len() > REQUEST_MAX {
            return Err(RequestError::TooLarge { bytes: der.len() });
        }
        let (rest, request) = X509CertificationRequest::from_der(der).map_err(|_| RequestError::Malformed)?;
        if !rest.is_empty() {
            return Err(RequestError::Malformed);
        }
        let spki = &request.certification_request_info.subject_pki;
        allowed(spki)?;
        request.verify_signature().map_err(|_| RequestError::Signature)?;
        let spki = SubjectPublicKeyInfo::from_der(spki.raw).map_err(|_| RequestError::Malformed)?;
        Ok(Self { spki })
    }

    /// The key as SubjectPublicKeyInfo (RFC 5280 section 4.1), DER: to compare with [`check::Certificate::public_key`].
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        rcgen::PublicKeyData::subject_public_key_info(&self.spki)
    }

    pub(crate) fn spki(&self) -> &SubjectPublicKeyInfo {
        &self.spki
    }
}

/// A fresh P-256 key and a request for it.
#[derive(Debug)]
pub struct NewKey {
    /// The private key.
    pub key: PrivateKey,
    /// The request (PKCS#10, DER). Names nothing: the issuing CA decides what the certificate says.
    pub request: Vec<u8>,
}

impl NewKey {
    /// Makes both.
    ///
    /// # Errors
    /// Where the crypto library fails.
    pub fn generate() -> Result<Self, RequestError> {
        let failed = |e: rcgen::Error| RequestError::Crypto { why: e.to_string() };
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let key = PrivateKey::from_pkcs8(Zeroizing::new(pair.serialize_der()));
        let pair = Wiped(pair);
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        let request = params.serialize_request(&pair.0).map_err(failed)?.der().as_ref().to_vec();
        Ok(Self { key, request })
    }
}

/// rcgen keeps a copy of the private key and does not wipe it by itself.
pub(crate) struct Wiped(pub(crate) KeyPair);

impl Drop for Wiped {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, IsCa, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

    fn request_with(algorithm: &'static rcgen::SignatureAlgorithm, is_ca: IsCa) -> Vec<u8> {
        let pair = KeyPair::generate_for(algorithm).unwrap();
        let mut params = CertificateParams::new(vec!["main.hub.multaqa.example".to_owned()]).unwrap();
        params.is_ca = is_ca;
        params.serialize_request(&pair).unwrap().der().as_ref().to_vec()
    }

    #[test]
    fn a_fresh_request_is_read() {
        let new = NewKey::generate().unwrap();
        assert!(PublicKey::from_request(&new.request).is_ok());
        assert!(format!("{new:?}").contains("PrivateKey(redacted)"));
    }

    #[test]
    fn other_keys_and_damage_are_refused() {
        for algorithm in [&PKCS_ECDSA_P384_SHA384, &PKCS_ED25519] {
            let request = request_with(algorithm, IsCa::NoCa);
            assert_eq!(PublicKey::from_request(&request).unwrap_err().code(), "CSR_CURVE");
        }
        let mut request = NewKey::generate().unwrap().request;
        let last = request.len() - 1;
        request[last] ^= 1;
        assert_eq!(PublicKey::from_request(&request).unwrap_err().code(), "CSR_SIGNATURE");
        request.push(0);
        assert_eq!(PublicKey::from_request(&request).unwrap_err().code(), "CSR_MALFORMED");
        assert_eq!(PublicKey::from_request(&vec![0x30; 1 << 20]).unwrap_err().code(), "CSR_TOO_LARGE");
        assert_eq!(PublicKey::from_request(b"").unwrap_err().code(), "CSR_MALFORMED");
    }

    #[test]
    fn a_request_for_a_ca_gives_its_key_and_nothing_else() {
        let request = request_with(&PKCS_ECDSA_P256_SHA256, IsCa::Ca(BasicConstraints::Unconstrained));
        assert!(PublicKey::from_request(&request).is_ok());
    }
}
