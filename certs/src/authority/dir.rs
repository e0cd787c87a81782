//! The CA as a directory of files: making it, issuing with it.

use std::path::{Path, PathBuf};

use multaqa_proto::id::FederationName;
use rustls::pki_types::CertificateDer;

use super::{AuthorityError, IssuedCert, Issuer, Root};
use crate::name::PeerIdentity;
use crate::profile::Profile;
use crate::random;
use crate::request::{NewKey, PublicKey};
use crate::store::{self, StoreError, TlsIdentity};

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
