//! A federation in a temporary directory, a clock to turn, and an attacker's tools.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use multaqa_certs::authority::{self, Created};
use multaqa_certs::client::{self, ClientStream, DialError, Dialer};
use multaqa_certs::crypto::Clock;
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::profile::Profile;
use multaqa_certs::serials::{Serial, SerialState, Serials};
use multaqa_certs::server::{self, AcceptError, Acceptor, Peer, Stream};
use multaqa_certs::store::{self, PrivateKey, TlsIdentity};
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType, SerialNumber,
};
use rustls::pki_types::CertificateDer;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// 2027-01-15T08:00:00Z.
pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const DAY: u64 = 24 * 3600;
pub(crate) const FEDERATION: &str = "multaqa.example";

pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) created: Created,
    pub(crate) serials: Serials,
    time: Arc<AtomicU64>,
}

impl World {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let created = authority::init_dir(dir.path(), &FEDERATION.parse().unwrap(), NOW * 1000).unwrap();
        Self { dir, created, serials: Serials::default(), time: Arc::new(AtomicU64::new(NOW)) }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }
    pub(crate) fn root(&self) -> &CertificateDer<'static> {
        self.created.root.der()
    }
    pub(crate) fn clock(&self) -> Clock {
        let time = self.time.clone();
        Arc::new(move || time.load(Ordering::SeqCst))
    }
    pub(crate) fn set_clock(&self, seconds: u64) {
        self.time.store(seconds, Ordering::SeqCst);
    }

    /// A key and certificate that are not on the allow-list.
    pub(crate) fn issue(&self, identity: &str) -> (TlsIdentity, Serial) {
        let now_ms = self.time.load(Ordering::SeqCst) * 1000;
        let (tls, issued) = authority::issue_new(self.path(), &peer(identity), now_ms, None).unwrap();
        (tls, issued.serial)
    }
    /// A key and certificate that are.
    pub(crate) fn admit(&self, identity: &str) -> (TlsIdentity, Serial) {
        let (tls, serial) = self.issue(identity);
        self.serials.add(serial, peer(identity), SerialState::Active);
        (tls, serial)
    }

    pub(crate) fn acceptor(&self) -> Acceptor {
        self.acceptor_with(server::Limits::default())
    }
    pub(crate) fn acceptor_with(&self, limits: server::Limits) -> Acceptor {
        let issuers = vec![self.created.nodes.der().clone(), self.created.operators.der().clone()];
        let (hub, _) = self.issue("hub/main");
        Acceptor::new(&hub, self.root(), issuers, self.serials.clone(), self.clock(), limits).unwrap()
    }
    pub(crate) fn dialer(&self, identity: &TlsIdentity) -> Dialer {
        let expected = Some("main".parse().unwrap());
        Dialer::new(identity, self.root(), expected, self.clock(), client::Limits::default()).unwrap()
    }

    /// The certificate and key of a CA, as a thief of its files has them.
    pub(crate) fn stolen(&self, profile: Profile) -> (CertificateDer<'static>, KeyPair) {
        let certificate = authority::load_certificate(self.path(), profile).unwrap();
        let key = std::fs::read_to_string(authority::key_path(self.path(), profile)).unwrap();
        (certificate, KeyPair::from_pem(&key).unwrap())
    }
    /// A chain whose leaf a thief of an issuing key signs.
    pub(crate) fn forge(&self, profile: Profile, params: &CertificateParams) -> TlsIdentity {
        let key = KeyPair::generate().unwrap();
        let (issuer, issuer_key) = self.stolen(profile);
        let leaf = sign(params, &key, &issuer, &issuer_key);
        TlsIdentity { chain: vec![leaf, issuer], key: private(&key) }
    }
}

pub(crate) fn peer(identity: &str) -> PeerIdentity {
    identity.parse().unwrap()
}

pub(crate) fn private(key: &KeyPair) -> PrivateKey {
    PrivateKey::from_pkcs8(key.serialize_der().into())
}

pub(crate) fn sign(
    params: &CertificateParams,
    key: &KeyPair,
    issuer: &CertificateDer<'_>,
    issuer_key: &KeyPair,
) -> CertificateDer<'static> {
    let issuer = rcgen::Issuer::from_ca_cert_der(issuer, issuer_key).unwrap();
    params.signed_by(key, &issuer).unwrap().der().clone()
}

/// What our CA would write for node/JO/gw1; tests break one thing each.
pub(crate) fn node_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, FEDERATION);
    params.distinguished_name.push(DnType::CommonName, "node/JO/gw1");
    params.serial_number = Some(SerialNumber::from_slice(&[0x42; 16]));
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    params.subject_alt_names = names("gw1.jo.nodes.multaqa.example", "spiffe://multaqa.example/node/JO/gw1");
    params.not_before = rcgen::date_time_ymd(2027, 1, 15);
    params.not_after = rcgen::date_time_ymd(2027, 2, 10);
    params
}

pub(crate) fn names(dns: &str, uri: &str) -> Vec<SanType> {
    vec![SanType::DnsName(dns.try_into().unwrap()), SanType::URI(uri.try_into().unwrap())]
}

/// Both ends of one connection over loopback.
pub(crate) async fn meet(
    acceptor: &Acceptor,
    dialer: &Dialer,
) -> (Result<(Stream, Peer), AcceptError>, Result<ClientStream, DialError>) {
    meet_with(acceptor, dialer, async |dialled| dialled).await
}

/// The same, with what the dialling end does meanwhile.
pub(crate) async fn meet_with<T>(
    acceptor: &Acceptor,
    dialer: &Dialer,
    then: impl AsyncFnOnce(Result<ClientStream, DialError>) -> T,
) -> (Result<(Stream, Peer), AcceptError>, T) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let accepting = async {
        let (tcp, address) = listener.accept().await.unwrap();
        acceptor.accept(tcp, address).await
    };
    tokio::join!(accepting, async { then(dialer.dial("127.0.0.1", port).await).await })
}

/// The code with which the hub refuses a peer, who then hangs up.
pub(crate) async fn refusal(acceptor: &Acceptor, dialer: &Dialer) -> &'static str {
    match meet_with(acceptor, dialer, async |dialled| drop(dialled)).await.0 {
        Err(error) => error.code(),
        Ok((_, peer)) => panic!("{} was let in", peer.identity),
    }
}

/// Writes a certificate as PEM.
pub(crate) fn write_pem(path: &Path, chain: &[CertificateDer<'_>]) {
    let text: String = chain.iter().map(|der| multaqa_certs::pem::encode("CERTIFICATE", der).to_string()).collect();
    store::replace(path, text.as_bytes(), store::Mode::Public).unwrap();
}
