//! The verifiers of the hub: with the root known, and before a joiner knows it.

use std::sync::OnceLock;

use multaqa_proto::id::NodeName;
use rustls::Error as TlsError;
use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::refusal::refuse;
use super::{Trust, VerifyError, read};
use crate::name::PeerIdentity;
use crate::profile::Purpose;

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
/// nothing until the caller, having fetched the genesis and checked its hash, passes it to [`verify_chain`](super::verify_chain) with the root that
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
            super::handshake_signatures!();
        }
    };
}
server_verifier!(HubVerifier, |verifier, chain, now| verifier.check(chain, now));
server_verifier!(Provisional, |verifier, chain, _now| verifier.check(chain));
