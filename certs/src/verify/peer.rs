//! The hub's verifier of nodes, operators and invitations' holders.
//!
//! A node that was away for longer than its certificate lives must be able to come back: where everything else holds and its
//! serial is still the one in use, it passes the handshake, marked as past its life. What such a peer may do, the hub decides.

use std::collections::BTreeMap;

use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DistinguishedName, Error as TlsError};
use tokio_util::sync::CancellationToken;

use super::refusal::refuse;
use super::{Peers, Trust, VerifyError, read};
use crate::check::Certificate;
use crate::name::PeerIdentity;
use crate::profile::{Profile, Purpose};
use crate::serials::{Serial, SerialState, Serials};

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

    /// Each kind of issuing CA with the last second of its newest certificate.
    pub(crate) fn issuing(&self) -> BTreeMap<Profile, u64> {
        let mut newest = BTreeMap::new();
        for issuer in self.issuers.iter().filter_map(|der| Certificate::read(der)) {
            let end = newest.entry(issuer.likely_profile()).or_default();
            *end = issuer.not_after().max(*end);
        }
        newest
    }

    pub(crate) fn trust(&self) -> &Trust {
        &self.trust
    }

    fn check(&self, leaf: &CertificateDer<'_>, now: u64) -> Result<(), VerifyError> {
        let certificate = read(leaf)?;
        if let Some(key) = certificate.ed25519() {
            return Ok(self.serials.check_invited(&key)?);
        }
        // Everything else of a leaf past its life is judged as of its last second.
        let not_after = certificate.not_after();
        let leaf = self.trust.check_leaf(leaf, &self.issuers, Purpose::Client, now.min(not_after))?;
        self.serials.check(&leaf.serial, &leaf.identity)?;
        if now > not_after {
            self.trust.check_root_dates(now)?;
            let node = matches!(leaf.identity, PeerIdentity::Node(..));
            if !node || self.serials.state(&leaf.serial) != Some(SerialState::Active) {
                return Err(VerifyError::Expired { not_after, now });
            }
        }
        Ok(())
    }
}

impl Peers for ClientVerifier {
    fn register(&self, leaf: &CertificateDer<'_>, now: u64) -> Result<Registered, VerifyError> {
        let certificate = read(leaf)?;
        if let Some(key) = certificate.ed25519() {
            let cancel = self.serials.register_invited(&key)?;
            let identity = PeerIdentity::Invited(key);
            return Ok(Registered { identity, serial: None, past_life: false, proven: true, not_after: None, cancel });
        }
        let leaf = self.trust.identify(&certificate, Purpose::Client)?;
        let cancel = self.serials.register(&leaf.serial, &leaf.identity)?;
        let proven = self.serials.state(&leaf.serial).is_some();
        let past_life = now > leaf.not_after;
        let not_after = (!past_life).then_some(leaf.not_after);
        Ok(Registered { identity: leaf.identity, serial: Some(leaf.serial), past_life, proven, not_after, cancel })
    }
}

/// A connection on the allow-list.
pub(crate) struct Registered {
    pub(crate) identity: PeerIdentity,
    pub(crate) serial: Option<Serial>,
    pub(crate) past_life: bool,
    pub(crate) proven: bool,
    /// When the connection must end; never for an invitation's holder, and not for who may come to renew alone.
    pub(crate) not_after: Option<u64>,
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
    super::handshake_signatures!();
}
