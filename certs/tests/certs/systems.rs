//! A node's own CA: what its clients' requests must be, who comes in at its port and how.

use std::process::Command;
use std::sync::Arc;

use multaqa_certs::crypto::{self, Clock};
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::pem;
use multaqa_certs::request::{NewKey, PublicKey};
use multaqa_certs::serials::{SerialState, Serials};
use multaqa_certs::server::{AcceptError, Limits, Peer};
use multaqa_certs::store::{PrivateKey, TlsIdentity};
use multaqa_certs::systems::{PortName, SystemAcceptor, SystemsCa};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, NamedGroup, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::support::{DAY, FEDERATION, NOW};

struct Port {
    dir: TempDir,
    ca: SystemsCa,
    serials: Serials,
    acceptor: SystemAcceptor,
}

/// A client: chain and key.
type Client = (Vec<CertificateDer<'static>>, PrivateKey);

impl Port {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ca = open(&dir, 1);
        let port = ca.issue_port(&names(), NOW * 1000, [2; 16]).unwrap();
        let serials = Serials::default();
        let clock: Clock = Arc::new(|| NOW);
        let acceptor = SystemAcceptor::new(&ca, &port, serials.clone(), clock, Limits::default(), "use TLS\n").unwrap();
        Self { dir, ca, serials, acceptor }
    }

    fn client(&self, name: &str, random: u8) -> (Client, multaqa_certs::serials::Serial) {
        let new = NewKey::generate().unwrap();
        let key = PublicKey::of_system(&new.request).unwrap();
        let (org, name) = ("mof".parse().unwrap(), name.parse().unwrap());
        let issued = self.ca.issue(&org, &name, &key, NOW * 1000, [random; 16], 365).unwrap();
        ((vec![CertificateDer::from(issued.der)], new.key), issued.serial)
    }

    fn admit(&self, name: &str, random: u8) -> Client {
        let (client, serial) = self.client(name, random);
        let identity = format!("system/JO/mof/{name}").parse().unwrap();
        self.serials.add(serial, identity, SerialState::Active);
        client
    }

    /// Both ends of one connection.
    async fn meet(&self, client: &Client, group: NamedGroup) -> Result<Peer, AcceptError> {
        self.meet_with(client, group, &["h2"]).await.0
    }

    /// The same with a client that offers these protocols, and the one that was agreed.
    async fn meet_with(
        &self,
        client: &Client,
        group: NamedGroup,
        offered: &[&str],
    ) -> (Result<Peer, AcceptError>, Option<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut provider = crypto::provider_for_systems().as_ref().clone();
        provider.kx_groups.retain(|known| known.name() == group);
        let mut roots = RootCertStore::empty();
        roots.add(self.ca.der().clone()).unwrap();
        let key = key_of(&client.1);
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(client.0.clone(), key.into())
            .unwrap();
        config.alpn_protocols = offered.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        config.time_provider = Arc::new(Fixed);
        let dial = async {
            let tcp = TcpStream::connect(address).await.unwrap();
            let name = ServerName::try_from("node.example").unwrap();
            tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await
        };
        let accepting = async {
            let (tcp, from) = listener.accept().await.unwrap();
            self.acceptor.accept(tcp, from).await
        };
        let (accepted, dialled) = tokio::join!(accepting, dial);
        let mut agreed = None;
        if let Ok(mut dialled) = dialled {
            agreed = dialled.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
            dialled.shutdown().await.ok();
        }
        (accepted.map(|(_, peer)| peer), agreed)
    }
}

#[derive(Debug)]
struct Fixed;

impl rustls::time_provider::TimeProvider for Fixed {
    fn current_time(&self) -> Option<rustls::pki_types::UnixTime> {
        Some(rustls::pki_types::UnixTime::since_unix_epoch(std::time::Duration::from_secs(NOW)))
    }
}

fn open(dir: &TempDir, random: u8) -> SystemsCa {
    let path = dir.path().join("clients");
    let (member, node) = ("JO".parse().unwrap(), "gw1".parse().unwrap());
    SystemsCa::open(&path, &FEDERATION.parse().unwrap(), &member, &node, NOW * 1000, [random; 16]).unwrap()
}

fn names() -> Vec<PortName> {
    vec!["node.example".parse().unwrap(), "127.0.0.1".parse().unwrap()]
}

/// The private key by way of its file, as a client has it.
fn key_of(key: &PrivateKey) -> PrivatePkcs8KeyDer<'static> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    multaqa_certs::store::save_key(&path, key).unwrap();
    pem::private_key(&std::fs::read(path).unwrap()).unwrap().to_vec().into()
}

#[tokio::test]
async fn a_client_on_the_list_comes_in_with_each_group() {
    let port = Port::new();
    let client = port.admit("budget", 7);
    for group in [NamedGroup::X25519MLKEM768, NamedGroup::X25519, NamedGroup::secp256r1, NamedGroup::secp384r1] {
        let peer = port.meet(&client, group).await.unwrap();
        assert_eq!(peer.identity.to_string(), "system/JO/mof/budget", "{group:?}");
        assert!(!peer.cancel.is_cancelled());
    }
}

#[tokio::test]
async fn a_client_speaks_the_http_that_it_offers() {
    let port = Port::new();
    let client = port.admit("budget", 7);
    let offered = [(&["h2", "http/1.1"][..], Some("h2")), (&["http/1.1"], Some("http/1.1")), (&[], None)];
    for (offered, expected) in offered {
        let (peer, agreed) = port.meet_with(&client, NamedGroup::X25519, offered).await;
        assert_eq!(peer.unwrap().identity.to_string(), "system/JO/mof/budget", "{offered:?}");
        assert_eq!(agreed.as_deref(), expected.map(str::as_bytes), "{offered:?}");
    }
    let (refused, _) = port.meet_with(&client, NamedGroup::X25519, &["http/1.0"]).await;
    assert_eq!(refused.unwrap_err().code(), "HANDSHAKE_FAILED");
}

#[tokio::test]
async fn who_is_not_on_the_list_or_of_another_ca_stays_outside() {
    let (port, other) = (Port::new(), Port::new());
    let refused = async |client: &Client| port.meet(client, NamedGroup::X25519).await.unwrap_err().code();
    let (unlisted, _) = port.client("budget", 7);
    assert_eq!(refused(&unlisted).await, "SERIAL_NOT_ACTIVE");
    assert_eq!(refused(&other.admit("budget", 8)).await, "CERT_FOREIGN");
    // The port's own certificate is nobody's to come in with.
    let TlsIdentity { chain, key } = port.ca.issue_port(&names(), NOW * 1000, [9; 16]).unwrap();
    assert_eq!(refused(&(chain, key)).await, "CERT_PURPOSE");

    let client = port.admit("taxes", 10);
    let peer = port.meet(&client, NamedGroup::X25519).await.unwrap();
    assert!(port.serials.revoke(&peer.serial.unwrap()));
    assert!(peer.cancel.is_cancelled(), "what is open is cut");
    assert_eq!(refused(&client).await, "SERIAL_NOT_ACTIVE");
}

#[tokio::test]
async fn a_renewed_certificate_of_the_port_is_shown_from_the_next_handshake_on() {
    let port = Port::new();
    let client = port.admit("budget", 7);
    let show = |name: &str| {
        let identity = port.ca.issue_port(&[name.parse().unwrap()], NOW * 1000, [5; 16]).unwrap();
        port.acceptor.reload(&port.ca, &identity).unwrap();
    };
    show("other.example");
    assert!(port.meet(&client, NamedGroup::X25519).await.is_err(), "the client expects another name");
    show("node.example");
    assert!(port.meet(&client, NamedGroup::X25519).await.is_ok());
}

#[tokio::test]
async fn plain_http_is_told_what_to_speak() {
    let port = Port::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut tcp = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    tcp.write_all(b"GET / HTTP/1.1\r\nhost: node\r\n\r\n").await.unwrap();
    let accepting = async {
        let (accepted, from) = listener.accept().await.unwrap();
        port.acceptor.accept(accepted, from).await.map(|_| ()).unwrap_err().code()
    };
    let mut answer = String::new();
    let (code, read) = tokio::join!(accepting, async {
        tcp.shutdown().await.unwrap();
        tcp.read_to_string(&mut answer).await
    });
    read.unwrap();
    assert_eq!(code, "HANDSHAKE_PLAIN_HTTP");
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n") && answer.ends_with("\r\n\r\nuse TLS\n"), "{answer}");
}

#[test]
fn the_ca_is_made_once_and_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let port = Port::new();
    let again = open(&port.dir, 99);
    assert_eq!(again.der(), port.ca.der());
    let mode = |name: &str| {
        std::fs::metadata(port.dir.path().join("clients").join(name)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((mode("ca.key"), mode("ca.pem")), (0o600, 0o644));
    std::fs::remove_file(port.ca.certificate_path()).unwrap();
    open(&port.dir, 99);
    assert!(port.ca.certificate_path().exists(), "the copy is made again");
    let (member, node) = ("JO".parse().unwrap(), "gw1".parse().unwrap());
    let refused = |federation: &str| {
        let dir = port.dir.path().join("clients");
        let opened = SystemsCa::open(&dir, &federation.parse().unwrap(), &member, &node, NOW * 1000, [1; 16]);
        opened.unwrap_err().code()
    };
    assert_eq!(refused("other.example"), "SYSTEMS_CA_WRONG");
    std::fs::write(port.dir.path().join("clients/ca.key"), "nothing").unwrap();
    assert_eq!(refused(FEDERATION), "STORE_FILE_MALFORMED");
}

#[test]
fn the_ports_certificate_is_kept_for_two_thirds_of_its_life_and_for_its_names() {
    let port = Port::new();
    let identity = port.ca.issue_port(&names(), NOW * 1000, [3; 16]).unwrap();
    let keeps = |names: &[PortName], now: u64| port.ca.keeps(&identity, names, now * 1000);
    assert!(keeps(&names(), NOW) && keeps(&names(), NOW + 39 * DAY));
    assert!(!keeps(&names(), NOW + 41 * DAY));
    assert!(!keeps(&names()[..1], NOW), "another set of names");
    assert!(!Port::new().ca.keeps(&identity, &names(), NOW), "another CA");
    assert_eq!(port.ca.issue_port(&[], NOW * 1000, [3; 16]).unwrap_err().code(), "SYSTEMS_PORT_NAMELESS");
    assert!("a b".parse::<PortName>().is_err());
}

#[tokio::test]
async fn certificates_of_the_ca_before_hold_until_it_is_retired() {
    let mut port = Port::new();
    let old = port.admit("budget", 7);
    let first = port.ca.issue_port(&names(), NOW * 1000, [8; 16]).unwrap();
    let node = "gw1".parse().unwrap();
    let renewed = port.ca.renew(&node, NOW * 1000, [9; 16]).unwrap();
    assert_eq!(renewed.renew(&node, NOW * 1000, [9; 16]).unwrap_err().code(), "SYSTEMS_CA_OVERLAP");
    assert!(renewed.is_of_previous(&old.0[0]) && renewed.der() != port.ca.der());
    assert!(renewed.keeps(&first, &names(), NOW * 1000), "systems know the port by it");
    assert_eq!(std::fs::read_to_string(renewed.certificate_path()).unwrap().matches("BEGIN").count(), 2);
    port.acceptor.reload(&renewed, &first).unwrap();
    // The clients of this port trust what they were given when it had one CA alone.
    assert!(port.meet(&old, NamedGroup::X25519).await.is_ok());
    let known = std::mem::replace(&mut port.ca, open(&port.dir, 99));
    assert_eq!(port.ca.previous_not_after(), Some(known.not_after()), "a start finds both");
    let new = port.admit("taxes", 10);
    assert!(!port.ca.is_of_previous(&new.0[0]));
    let issued = std::mem::replace(&mut port.ca, known);
    assert!(port.meet(&new, NamedGroup::X25519).await.is_ok(), "it knows the port by either");

    let alone = issued.retire().unwrap();
    let second = alone.issue_port(&names(), NOW * 1000, [11; 16]).unwrap();
    assert!(alone.keeps(&second, &names(), NOW * 1000) && !alone.keeps(&first, &names(), NOW * 1000));
    port.acceptor.reload(&alone, &second).unwrap();
    port.ca = alone;
    assert_eq!(port.meet(&old, NamedGroup::X25519).await.unwrap_err().code(), "CERT_FOREIGN");
    assert!(port.meet(&new, NamedGroup::X25519).await.is_ok());
    assert_eq!(open(&port.dir, 99).previous_not_after(), None);
    // A renewal that was cut off after the copy is one that was not begun.
    let clients = port.dir.path().join("clients");
    std::fs::copy(clients.join("ca.key"), clients.join("ca.previous.key")).unwrap();
    let again = open(&port.dir, 99);
    assert!(again.previous_not_after().is_none() && !clients.join("ca.previous.key").exists());
}

#[test]
fn a_clients_life_has_bounds_and_its_names_are_its_own() {
    let port = Port::new();
    let key = PublicKey::of_system(&NewKey::generate().unwrap().request).unwrap();
    let (org, name) = ("mof".parse().unwrap(), "budget".parse().unwrap());
    let issue = |now: u64, days| port.ca.issue(&org, &name, &key, now * 1000, [4; 16], days);
    for days in [0, 731] {
        assert_eq!(issue(NOW, days).unwrap_err().code(), "SYSTEM_LIFE");
    }
    assert_eq!(issue(NOW + 3700 * DAY, 1).unwrap_err().code(), "SYSTEMS_CA_EXPIRED");
    let issued = issue(NOW, 30).unwrap();
    assert_eq!(issued.not_after_ms, (NOW + 30 * DAY) * 1000);
    let read = multaqa_certs::check::Certificate::read(&issued.der).unwrap();
    let identity: PeerIdentity = "system/JO/mof/budget".parse().unwrap();
    assert_eq!(read.identity(&FEDERATION.parse().unwrap()).unwrap(), identity);
    assert!(!read.is_ca());
}

#[test]
fn of_openssls_requests_the_weak_and_the_broken_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let request = |kind: &str, option: &str| -> Option<Vec<u8>> {
        let path = dir.path().join("csr.pem");
        let output = Command::new("openssl")
            .args(["req", "-new", "-nodes", "-subj", "/CN=main.hub.multaqa.example", "-newkey", kind])
            .args(option.split_whitespace())
            .args(["-keyout", "/dev/null", "-out"])
            .arg(&path)
            .output()
            .ok()?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        pem::request(&std::fs::read(path).unwrap())
    };
    let Some(good) = request("rsa:2048", "") else {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "openssl is not installed");
        println!("skipped: openssl is not installed");
        return;
    };
    let code = |der: &[u8]| PublicKey::of_system(der).map(|_| "").map_err(|error| error.code());
    assert_eq!(code(&good), Ok(""));
    for curve in ["P-256", "P-384"] {
        assert_eq!(code(&request("ec", &format!("-pkeyopt ec_paramgen_curve:{curve}")).unwrap()), Ok(""), "{curve}");
    }
    assert_eq!(code(&request("rsa:1024", "").unwrap()), Err("CSR_KEY_REFUSED"));
    assert_eq!(code(&request("ec", "-pkeyopt ec_paramgen_curve:P-521").unwrap()), Err("CSR_KEY_REFUSED"));
    assert_eq!(code(&request("ed25519", "").unwrap()), Err("CSR_KEY_REFUSED"));
    let mut broken = good.clone();
    *broken.last_mut().unwrap() ^= 1;
    assert_eq!(code(&broken), Err("CSR_SIGNATURE"));
    assert_eq!(code(&good[1..]), Err("CSR_MALFORMED"));
    assert_eq!(code(&vec![0x30; 5_000]), Err("CSR_TOO_LARGE"));
}
