//! The verifier of the systems that come to a node's port: chain to the node's own CA, purpose, names, serial.

use std::sync::Arc;

use multaqa_proto::id::{FederationName, MemberCode};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error as TlsError, RootCertStore, SignatureScheme};

use super::SystemsCa;
use crate::check::{Broken, Certificate, Rule};
use crate::crypto;
use crate::name::PeerIdentity;
use crate::profile::Purpose;
use crate::serials::{Serial, Serials};
use crate::verify::{Peers, Registered, VerifyError, from_tls, read, refuse};

/// Who comes in at the port for systems.
#[derive(Debug)]
pub struct SystemVerifier {
    federation: FederationName,
    member: MemberCode,
    clients: Arc<dyn ClientCertVerifier>,
    serials: Serials,
}

impl SystemVerifier {
    /// A verifier of the clients of this CA that are on this list.
    ///
    /// # Errors
    /// Where the CA's certificate cannot be an anchor.
    pub fn new(ca: &SystemsCa, serials: Serials) -> Result<Self, VerifyError> {
        let malformed = |e: &dyn std::fmt::Display| VerifyError::Malformed { why: e.to_string() };
        let mut anchors = RootCertStore::empty();
        for anchor in ca.anchors() {
            anchors.add(anchor.clone()).map_err(|e| malformed(&e))?;
        }
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(anchors), crypto::provider_for_systems())
            .clear_root_hint_subjects()
            .build()
            .map_err(|e| malformed(&e))?;
        Ok(Self { federation: ca.federation().clone(), member: ca.member().clone(), clients, serials })
    }

    /// Chain and purpose, names, serial: in this order, so that the reason told is the most telling one.
    fn check(&self, leaf: &CertificateDer<'_>, now: UnixTime) -> Result<(), VerifyError> {
        self.clients.verify_client_cert(leaf, &[], now).map_err(|error| from_tls(&error, Purpose::Client))?;
        let (identity, serial, _) = self.identify(&read(leaf)?)?;
        Ok(self.serials.check(&serial, &identity)?)
    }

    fn identify(&self, certificate: &Certificate<'_>) -> Result<(PeerIdentity, Serial, u64), VerifyError> {
        let broken = |rule: Rule, needs: &str, found: String| {
            let (needs, code) = (needs.to_owned(), rule.code());
            VerifyError::Profile(vec![Broken { rule, code, profile: "system", needs, found }])
        };
        let identity = certificate
            .identity(&self.federation)
            .map_err(|error| broken(Rule::NamesAgree, "a URI and a DNS name that agree", error.to_string()))?;
        let ours = matches!(&identity, PeerIdentity::System { member, .. } if *member == self.member);
        if !ours || certificate.is_ca() {
            return Err(broken(Rule::Role, "the name of a system of this member", identity.to_string()));
        }
        let serial = certificate.serial().ok_or_else(|| {
            let found = multaqa_proto::hash::hex(certificate.raw_serial());
            broken(Rule::Serial, "a positive serial of 16 bytes", found)
        })?;
        Ok((identity, serial, certificate.not_after()))
    }
}

impl Peers for SystemVerifier {
    fn register(&self, leaf: &CertificateDer<'_>, _now: u64) -> Result<Registered, VerifyError> {
        let (identity, serial, not_after) = self.identify(&read(leaf)?)?;
        let cancel = self.serials.register(&serial, &identity)?;
        let (serial, not_after) = (Some(serial), Some(not_after));
        Ok(Registered { identity, serial, past_life: false, proven: true, not_after, cancel })
    }
}

impl ClientCertVerifier for SystemVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }
    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        self.check(leaf, now).map(|()| ClientCertVerified::assertion()).map_err(refuse)
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
        crypto::schemes_of_systems()
    }
}
