//! A CA's P-384 key at work: what the federation's CAs and a node's own CA for systems do alike.
//!
//! In scope: making the key, reading it, signing with it. Out of scope: what is signed (`authority`, `systems`), keeping the key
//! (`store`).

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PublicKeyData};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::request::{RequestError, Wiped};
use crate::store::PrivateKey;

/// A new key.
pub(crate) fn generate() -> Result<Wiped, RequestError> {
    KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).map(Wiped).map_err(|e| failed(&e))
}

/// The pair of a stored key.
pub(crate) fn pair(key: &PrivateKey) -> Result<Wiped, RequestError> {
    let der = PrivatePkcs8KeyDer::from(key.der());
    KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P384_SHA384).map(Wiped).map_err(|e| failed(&e))
}

/// A certificate over a public key, by the CA that has this key and certificate.
pub(crate) fn sign(
    key: &PrivateKey,
    certificate: &CertificateDer<'static>,
    params: &CertificateParams,
    subject: &impl PublicKeyData,
) -> Result<CertificateDer<'static>, RequestError> {
    let pair = pair(key)?;
    let issuer = rcgen::Issuer::from_ca_cert_der(certificate, &pair.0).map_err(|e| failed(&e))?;
    Ok(params.signed_by(subject, &issuer).map_err(|e| failed(&e))?.der().clone())
}

/// A failure of the cryptographic library.
pub(crate) fn failed(error: &rcgen::Error) -> RequestError {
    RequestError::Crypto { why: error.to_string() }
}
