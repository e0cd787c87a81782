//! The CA as a directory of files: making it, issuing with it.

use std::path::{Path, PathBuf};

use multaqa_proto::id::FederationName;
use rustls::pki_types::CertificateDer;

use super::{AuthorityError, IssuedCert, Issuer, Root};
use crate::check::Certificate;
use crate::name::PeerIdentity;
use crate::pem;
use crate::profile::Profile;
use crate::random;
use crate::request::{NewKey, PublicKey};
use crate::store::{self, Mode, StoreError, TlsIdentity};

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
/// Where one of the files exists (nothing is overwritten), the disk refuses or the crypto library fails; then none is left.
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
        ca.save_new(dir).inspect_err(|_| forget(dir))?;
    }
    Ok(Created { root, nodes, hub, operators })
}

/// What [`renew_issuer`] made.
#[derive(Debug)]
pub struct Renewed {
    /// The issuing CA, with its new key.
    pub issuer: Issuer,
    /// Its last second, Unix time.
    pub not_after: u64,
}

/// Makes an issuing CA of a directory anew, with the root's key: another key, the profile's full life. The certificates before
/// it that have not ended are kept beside it ([`previous_path`]), since leaves that they signed hold until their own end.
///
/// Where it is interrupted, key and certificate may not belong together: it is then run again.
///
/// # Errors
/// Where the root or its key is missing, damaged or expired, the profile is no issuing CA, or the disk refuses.
pub fn renew_issuer(dir: &Path, profile: Profile, now_ms: u64) -> Result<Renewed, AuthorityError> {
    if !Profile::ISSUERS.contains(&profile) {
        return Err(AuthorityError::NotIssuing { profile });
    }
    let root = Root::load(dir)?;
    let before = load_certificate(dir, profile)?;
    let issuer = root.issue_issuer(profile, now_ms, random::bytes()?)?;
    let mut previous = load_previous(dir, profile)?;
    previous.retain(|der| *der != before);
    previous.insert(0, before);
    let holds = |der: &CertificateDer<'_>| Certificate::read(der).is_some_and(|c| c.not_after() >= now_ms / 1000);
    previous.retain(holds);
    let armoured: String = previous.iter().map(|der| pem::encode("CERTIFICATE", der).to_string()).collect();
    store::replace(&previous_path(dir, profile), armoured.as_bytes(), Mode::Public)?;
    issuer.0.save(dir)?;
    Ok(Renewed { not_after: issuer.not_after(), issuer })
}

/// The certificates that an issuing CA of a directory had before, newest first, unchecked; none where it was never renewed.
///
/// # Errors
/// Where the file is damaged or cannot be read.
pub fn load_previous(dir: &Path, profile: Profile) -> Result<Vec<CertificateDer<'static>>, StoreError> {
    let path = previous_path(dir, profile);
    match store::read(&path, Mode::Public) {
        // All of them have ended.
        Ok(text) if text.is_empty() => Ok(Vec::new()),
        Ok(text) => pem::certificates(&text).ok_or(StoreError::Malformed { path, what: "certificates" }),
        Err(StoreError::Missing { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Removes the files of a CA that was not made whole: nothing of it was ever in use.
fn forget(dir: &Path) {
    for profile in std::iter::once(Profile::Root).chain(Profile::ISSUERS) {
        for path in [key_path(dir, profile), certificate_path(dir, profile)] {
            if let Err(error) = std::fs::remove_file(&path)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(path = %path.display(), %error, "left over from an init that failed");
            }
        }
    }
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

/// Where the certificates lie that a CA had before, in a directory.
#[must_use]
pub fn previous_path(dir: &Path, profile: Profile) -> PathBuf {
    dir.join(format!("{profile}.previous.pem"))
}
