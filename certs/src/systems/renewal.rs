//! The next CA of a node for its systems, beside the one before it.
//!
//! In scope: making the next one, the time in which both hold, its end. Out of scope: which certificates are in use, and so when that time
//! is over (the node).
//!
//! From its making on the next CA signs for clients. The one before it signs nothing for them any more; what it signed holds until
//! its own end, and the port goes on showing a certificate of it, since that is what systems know that have not heard of the next
//! one. Everybody who gets a certificate gets the next CA's with it: `ca.pem` holds both, the next one first. Once nobody uses a
//! certificate of the one before it, it is retired: its key is deleted, and the port shows a certificate of the next one.
//!
//! One file holds each with its key: `ca.key`, and `ca.previous.key` while there is one before it. A renewal copies the first to the
//! second, then replaces the first; where it was cut off in between, both are the same, and the second is deleted at the next start.

use std::path::{Path, PathBuf};

use multaqa_proto::id::{FederationName, NodeName};
use rustls::pki_types::CertificateDer;

use super::{Issuing, KEY_FILE, SystemsCa, SystemsError, make};
use crate::check::Certificate;
use crate::pem;
use crate::store::{self, Mode, StoreError, TlsIdentity};

const PREVIOUS_FILE: &str = "ca.previous.key";

impl SystemsCa {
    /// Makes the next CA. What this one signed holds on.
    ///
    /// # Errors
    /// [`SystemsError::CaOverlap`] while there is one before this one, or where the disk refuses; then this one is in force.
    pub fn renew(&self, node: &NodeName, now_ms: u64, random: [u8; 16]) -> Result<Self, SystemsError> {
        if let Some(previous) = &self.previous {
            return Err(SystemsError::CaOverlap { not_after: previous.not_after });
        }
        let made = make(&self.federation, &format!("systems of {}/{node}", self.member), now_ms, random)?;
        let Issuing { certificate, key, not_after: _ } = self.issuing.clone();
        TlsIdentity { chain: vec![certificate], key }.save_new(&previous_path(&self.dir))?;
        let path = self.dir.join(KEY_FILE);
        made.save(&path)?;
        let issuing = Issuing::of(made, &self.federation).ok_or(SystemsError::CaWrong { path })?;
        let renewed = Self { issuing, previous: Some(self.issuing.clone()), ..self.clone() };
        renewed.publish()?;
        Ok(renewed)
    }

    /// The same without the one before it, of which nothing is left.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn retire(&self) -> Result<Self, SystemsError> {
        store::remove(&previous_path(&self.dir))?;
        let alone = Self { previous: None, ..self.clone() };
        alone.publish()?;
        Ok(alone)
    }

    /// The last second of the one before it, Unix time; none where there is none.
    #[must_use]
    pub fn previous_not_after(&self) -> Option<u64> {
        self.previous.as_ref().map(|previous| previous.not_after)
    }

    /// Whether the one before it signed a certificate (DER).
    #[must_use]
    pub fn is_of_previous(&self, certificate: &[u8]) -> bool {
        let of = |previous: &Issuing| {
            let (read, previous) = (Certificate::read(certificate)?, Certificate::read(&previous.certificate)?);
            Some(read.signed_by(&previous))
        };
        self.previous.as_ref().and_then(of).unwrap_or(false)
    }

    /// Certificates of CAs by which systems know the port and the port knows them, DER, the newest first.
    pub fn anchors(&self) -> impl Iterator<Item = &CertificateDer<'static>> {
        [Some(&self.issuing), self.previous.as_ref()].into_iter().flatten().map(|issuing| &issuing.certificate)
    }

    /// The same as PEM.
    #[must_use]
    pub fn to_pem(&self) -> String {
        self.anchors().map(|certificate| pem::encode("CERTIFICATE", certificate).to_string()).collect()
    }

    /// The one that signs for the port.
    pub(super) fn of_port(&self, now_ms: u64) -> &Issuing {
        self.previous.as_ref().filter(|previous| previous.not_after > now_ms / 1000).unwrap_or(&self.issuing)
    }

    /// Writes what is handed out, where it is not written already.
    pub(super) fn publish(&self) -> Result<(), SystemsError> {
        let (path, text) = (self.certificate_path(), self.to_pem());
        let known = store::read(&path, Mode::Public);
        if !known.is_ok_and(|known| known.as_slice() == text.as_bytes()) {
            store::replace(&path, text.as_bytes(), Mode::Public)?;
        }
        Ok(())
    }
}

/// The one before, as it lies in the directory.
pub(super) fn previous(
    dir: &Path,
    federation: &FederationName,
    issuing: &Issuing,
) -> Result<Option<Issuing>, SystemsError> {
    let path = previous_path(dir);
    let identity = match TlsIdentity::load(&path) {
        Err(StoreError::Missing { .. }) => return Ok(None),
        found => found?,
    };
    let found = Issuing::of(identity, federation).ok_or_else(|| SystemsError::CaWrong { path: path.clone() })?;
    if found.certificate == issuing.certificate {
        store::remove(&path)?;
        return Ok(None);
    }
    Ok(Some(found))
}

fn previous_path(dir: &Path) -> PathBuf {
    dir.join(PREVIOUS_FILE)
}
