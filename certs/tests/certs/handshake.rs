//! Connections over real sockets: who is let in, who is not, and what ends what is open.

use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use multaqa_certs::client::{self, ClientStream, Dialer};
use multaqa_certs::crypto::provider;
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::profile::Profile;
use multaqa_certs::server::{self, Acceptor};
use multaqa_certs::store::TlsIdentity;
use multaqa_certs::stream::{Cut, FrameBudget};
use multaqa_certs::verify::{HubVerifier, Trust, verify_chain};
use multaqa_certs::word::{HubSays, Told};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, HandshakeKind, NamedGroup};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::support::{DAY, NOW, World, meet, meet_with, node_params, peer, refusal};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[tokio::test]
async fn an_admitted_node_and_operator_connect_with_the_hybrid_group() {
    let world = World::new();
    let acceptor = world.acceptor();
    for identity in ["node/JO/gw1", "operator/first"] {
        let (tls, serial) = world.admit(identity);
        let (accepted, dialled) = meet(&acceptor, &world.dialer(&tls)).await;
        let ((server, who), client) = (accepted.unwrap(), dialled.unwrap());
        assert_eq!((who.identity, who.serial), (peer(identity), Some(serial)));
        assert!(who.address.ip().is_loopback());
        let session = server.get_ref().get_ref().1;
        assert_eq!(session.negotiated_key_exchange_group().unwrap().name(), NamedGroup::X25519MLKEM768);
        assert_eq!(session.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
        assert_eq!(session.server_name(), None, "no server name is sent");
        assert_eq!(client.get_ref().get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    }
}

#[tokio::test]
async fn bytes_pass_both_ways() {
    let world = World::new();
    let (node, _) = world.admit("node/JO/gw1");
    let (accepted, dialled) = meet(&world.acceptor(), &world.dialer(&node)).await;
    let ((mut server, _), mut client) = (accepted.unwrap(), dialled.unwrap());
    client.write_all(PREFACE).await.unwrap();
    client.flush().await.unwrap();
    let mut buf = [0; 24];
    server.read_exact(&mut buf).await.unwrap();
    assert_eq!(buf, PREFACE);
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    server.write_all(&settings).await.unwrap();
    server.flush().await.unwrap();
    let mut buf = [1; 9];
    client.read_exact(&mut buf).await.unwrap();
    assert_eq!(buf, settings);
}

#[tokio::test]
async fn an_open_connection_ends_when_its_certificate_does() {
    let world = World::new();
    let (node, _) = world.admit("node/JO/gw1");
    let (accepted, dialled) = meet(&world.acceptor(), &world.dialer(&node)).await;
    let ((mut server, who), mut client) = (accepted.unwrap(), dialled.unwrap());
    assert!(!who.past_life);
    client.write_all(PREFACE).await.unwrap();
    client.flush().await.unwrap();
    server.read_exact(&mut [0; 24]).await.unwrap();
    let reading = tokio::spawn(async move { server.read_u8().await });
    tokio::task::yield_now().await;
    world.set_clock(NOW + 30 * DAY + 1);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    let ended = tokio::time::timeout(Duration::from_mins(1), reading).await.expect("it ends").unwrap();
    let error = ended.unwrap_err();
    assert_eq!(Cut::of(&error), Some(Cut::Expired), "{error}");
}

#[tokio::test]
async fn who_is_not_on_the_list_is_refused_and_learns_it() {
    let world = World::new();
    let acceptor = world.acceptor();
    let (node, _) = world.issue("node/JO/gw1");
    let (accepted, dialled) = meet(&acceptor, &world.dialer(&node)).await;
    assert_eq!(accepted.unwrap_err().code(), "SERIAL_NOT_ACTIVE");
    let error = dialled.unwrap().read_u8().await.unwrap_err();
    assert_eq!(HubSays::of(&error), Some(HubSays::Revoked), "{error}");
}

/// The hub has hung up before the refused peer reads a byte: its own writes fail first, and still it learns why.
#[tokio::test]
async fn who_writes_before_it_reads_learns_the_refusal_every_time() {
    let world = World::new();
    let acceptor = world.acceptor();
    let (unlisted, _) = world.issue("node/JO/gw1");
    let (foreign, _) = World::new().issue("node/JO/gw1");
    let peers = [(world.dialer(&unlisted), HubSays::Revoked), (world.dialer(&foreign), HubSays::Refused)];
    for (round, (dialer, says)) in peers.iter().cycle().take(100).enumerate() {
        let writing = async |mut client: ClientStream| {
            let heard = client.word();
            let error = loop {
                if let Err(error) = client.write_all(&[0; 16 * 1024]).await {
                    break error;
                }
            };
            assert_eq!((HubSays::of(&error), heard.said()), (Some(*says), Some(*says)), "round {round}: {error}");
        };
        assert!(meet_with(&acceptor, dialer, async |dialled| writing(dialled.unwrap()).await).await.0.is_err());
    }
}

/// The same over HTTP/2, whose library keeps of an error no more than its text.
#[tokio::test]
async fn a_call_that_fails_is_told_why_the_hub_hung_up() {
    let world = World::new();
    let acceptor = world.acceptor();
    let (unlisted, _) = world.issue("node/JO/gw1");
    let (accepted, dialled) = meet(&acceptor, &world.dialer(&unlisted)).await;
    assert!(accepted.is_err());
    let mut client = dialled.unwrap();
    let heard = client.word();
    let failing = tower::service_fn(|(): ()| async { Err::<(), _>("operation was canceled: connection closed") });
    let mut told = Told::new(failing, heard);
    let before = tower::Service::call(&mut told, ()).await.unwrap_err();
    assert_eq!(HubSays::of(&*before), None, "nothing was heard so far");
    assert!(client.read_u8().await.is_err());
    let after = tower::Service::call(&mut told, ()).await.unwrap_err();
    assert_eq!(HubSays::of(&*after), Some(HubSays::Revoked));
}

#[tokio::test]
async fn expired_foreign_and_wrong_role_are_refused_by_name() {
    let world = World::new();
    let acceptor = world.acceptor();
    let (operator, _) = world.admit("operator/first");
    world.set_clock(NOW + 7 * DAY + 1);
    assert_eq!(refusal(&acceptor, &world.dialer_for_expired_hub(&operator)).await, "CERT_EXPIRED");
    world.set_clock(NOW);
    let (foreign, _) = World::new().issue("node/JO/gw1");
    assert_eq!(refusal(&acceptor, &world.dialer(&foreign)).await, "CERT_FOREIGN");
    let (hub, _) = world.issue("hub/main");
    assert_eq!(refusal(&acceptor, &world.dialer(&hub)).await, "CERT_PURPOSE");
}

#[tokio::test]
async fn a_node_past_its_life_comes_in_marked_while_its_serial_is_in_use() {
    let world = World::new();
    let acceptor = world.acceptor();
    let (node, serial) = world.admit("node/JO/gw1");
    let (unused, pending) = world.issue("node/JO/gw1");
    world.serials.add_pending(pending, peer("node/JO/gw1"));
    let dialer = world.dialer_for_expired_hub(&node);
    world.set_clock(NOW + 30 * DAY);
    let (_, last_second) = meet(&acceptor, &dialer).await.0.unwrap();
    assert!(!last_second.past_life);
    // Longer away than its issuing CA lives.
    for away in [30 * DAY + 1, 31 * DAY, 400 * DAY] {
        world.set_clock(NOW + away);
        let (_, past) = meet(&acceptor, &dialer).await.0.unwrap();
        assert!(past.past_life);
        assert_eq!((past.identity, past.serial), (peer("node/JO/gw1"), Some(serial)));
        let unused = world.dialer_for_expired_hub(&unused);
        assert_eq!(refusal(&acceptor, &unused).await, "CERT_EXPIRED", "only issued, never in use");
    }
    let forged = world.forge(Profile::NodesIssuer, &node_params());
    assert_eq!(refusal(&acceptor, &world.dialer_for_expired_hub(&forged)).await, "SERIAL_NOT_ACTIVE");
    let (foreign, _) = World::new().issue("node/JO/gw1");
    assert_eq!(refusal(&acceptor, &world.dialer_for_expired_hub(&foreign)).await, "CERT_FOREIGN");
    world.set_clock(NOW + 3653 * DAY);
    assert_eq!(refusal(&acceptor, &dialer).await, "CERT_ROOT_EXPIRED");
    world.set_clock(NOW + 31 * DAY);
    world.serials.revoke(&serial);
    assert_eq!(refusal(&acceptor, &dialer).await, "SERIAL_NOT_ACTIVE", "retired: the thief, however old");
}

#[tokio::test]
async fn a_forged_leaf_is_refused_even_with_an_admitted_serial() {
    let world = World::new();
    let acceptor = world.acceptor();
    let forged = world.forge(Profile::NodesIssuer, &node_params());
    assert_eq!(refusal(&acceptor, &world.dialer(&forged)).await, "SERIAL_NOT_ACTIVE");
    let (_, serial) = world.admit("node/EG/gw1");
    let mut params = node_params();
    params.serial_number = Some(rcgen::SerialNumber::from_slice(serial.as_bytes()));
    let forged = world.forge(Profile::NodesIssuer, &params);
    assert_eq!(refusal(&acceptor, &world.dialer(&forged)).await, "SERIAL_OTHER_OWNER");
    params.subject_alt_names.remove(0);
    let forged = world.forge(Profile::NodesIssuer, &params);
    assert_eq!(refusal(&acceptor, &world.dialer(&forged)).await, "PROFILE_NAMES");
}

#[tokio::test]
async fn revoking_ends_an_open_stream_and_refuses_the_next() {
    let world = World::new();
    let acceptor = world.acceptor();
    let (node, serial) = world.admit("node/JO/gw1");
    let dialer = world.dialer(&node);
    let (accepted, dialled) = meet(&acceptor, &dialer).await;
    let ((mut server, who), mut client) = (accepted.unwrap(), dialled.unwrap());
    let reading = tokio::spawn(async move { server.read_u8().await });
    assert!(world.serials.revoke(&serial));
    let error = reading.await.unwrap().unwrap_err();
    assert_eq!(Cut::of(&error), Some(Cut::Cancelled));
    assert!(who.cancel.is_cancelled());
    assert!(client.read_u8().await.is_err(), "the peer's end is closed too");
    assert_eq!(refusal(&acceptor, &dialer).await, "SERIAL_NOT_ACTIVE");
}

#[tokio::test]
async fn cancelling_one_peer_leaves_its_other_connections() {
    let world = World::new();
    let acceptor = world.acceptor();
    let (node, _) = world.admit("node/JO/gw1");
    let dialer = world.dialer(&node);
    let (_, first) = meet(&acceptor, &dialer).await.0.unwrap();
    let (_, second) = meet(&acceptor, &dialer).await.0.unwrap();
    first.cancel.cancel();
    assert!(!second.cancel.is_cancelled());
}

#[tokio::test]
async fn an_invitation_opens_the_door_only_while_it_is_open() {
    let world = World::new();
    let acceptor = world.acceptor();
    let secret = SigningKey::from_bytes(&[5; 32]);
    let public = secret.verifying_key().to_bytes();
    let limits = client::Limits::default();
    let dialer = Dialer::joining(&secret, world.root(), None, world.clock(), limits).unwrap();
    assert_eq!(refusal(&acceptor, &dialer).await, "INVITATION_NOT_OPEN");
    world.serials.invite(public);
    let (accepted, dialled) = meet(&acceptor, &dialer).await;
    let ((mut server, who), _client) = (accepted.unwrap(), dialled.unwrap());
    assert_eq!((who.identity, who.serial), (PeerIdentity::Invited(public), None));
    let stranger = SigningKey::from_bytes(&[6; 32]);
    let stranger = Dialer::joining(&stranger, world.root(), None, world.clock(), limits).unwrap();
    assert_eq!(refusal(&acceptor, &stranger).await, "INVITATION_NOT_OPEN");
    world.serials.uninvite(&public);
    assert_eq!(Cut::of(&server.read_u8().await.unwrap_err()), Some(Cut::Cancelled));
    assert_eq!(refusal(&acceptor, &dialer).await, "INVITATION_NOT_OPEN");
}

#[tokio::test]
async fn a_joiner_without_the_root_verifies_the_chain_afterwards() {
    let (world, imposter) = (World::new(), World::new());
    let secret = SigningKey::from_bytes(&[5; 32]);
    for each in [&world, &imposter] {
        each.serials.invite(secret.verifying_key().to_bytes());
    }
    let (dialer, provisional) = Dialer::joining_provisional(&secret, world.clock(), client::Limits::default()).unwrap();
    assert!(provisional.chain().is_none());
    let hub = world.acceptor();
    meet(&hub, &dialer).await.1.unwrap();
    let chain = provisional.chain().unwrap();
    assert_eq!(verify_chain(world.root(), chain, NOW).unwrap().identity, peer("hub/main"));
    assert_eq!(verify_chain(imposter.root(), chain, NOW).unwrap_err().code(), "CERT_FOREIGN");
    meet(&hub, &dialer).await.1.unwrap();
    let dialled = meet(&imposter.acceptor(), &dialer).await.1;
    assert_eq!(dialled.unwrap_err().code(), "CERT_PROVISIONAL_CHANGED");
}

#[tokio::test]
async fn a_node_refuses_another_ca_another_hub_and_an_expired_hub() {
    let (world, other) = (World::new(), World::new());
    let (node, _) = world.admit("node/JO/gw1");
    let dialer = world.dialer(&node);
    assert_eq!(meet(&other.acceptor(), &dialer).await.1.unwrap_err().code(), "CERT_FOREIGN");
    let expected = Some("standby".parse().unwrap());
    let strict = Dialer::new(&node, world.root(), expected, world.clock(), client::Limits::default()).unwrap();
    let acceptor = world.acceptor();
    assert_eq!(meet(&acceptor, &strict).await.1.unwrap_err().code(), "CERT_WRONG_HUB");
    world.set_clock(NOW + 8 * DAY);
    assert_eq!(meet(&acceptor, &dialer).await.1.unwrap_err().code(), "CERT_EXPIRED");
}

#[tokio::test]
async fn only_a_hub_in_force_can_serve() {
    let world = World::new();
    let serve = |tls: &TlsIdentity| {
        let issuers = vec![world.created.nodes.der().clone()];
        let limits = server::Limits::default();
        Acceptor::new(tls, world.root(), issuers, world.serials.clone(), world.clock(), limits).map(|_| ()).unwrap_err()
    };
    let (node, _) = world.issue("node/JO/gw1");
    assert_eq!(serve(&node).code(), "CERT_PURPOSE");
    let (mut hub, _) = world.issue("hub/main");
    hub.key = world.issue("hub/main").0.key;
    assert_eq!(serve(&hub).code(), "TLS_IDENTITY_UNUSABLE");
    let (hub, _) = world.issue("hub/main");
    world.set_clock(NOW + 8 * DAY);
    assert_eq!(serve(&hub).code(), "CERT_EXPIRED");
    let issuers = vec![world.created.hub.der().clone()];
    let limits = server::Limits::default();
    let wrong = Acceptor::new(&hub, world.root(), issuers, world.serials.clone(), world.clock(), limits);
    assert!(wrong.is_err(), "the hub's CA is none for clients");
}

#[tokio::test]
async fn both_ends_change_their_certificate_without_a_restart() {
    let world = World::new();
    let acceptor = world.acceptor();
    let (node, first) = world.admit("node/JO/gw1");
    let dialer = world.dialer(&node);
    let (_, who) = meet(&acceptor, &dialer).await.0.unwrap();
    assert_eq!(who.serial, Some(first));
    let (renewed, second) = world.admit("node/JO/gw1");
    dialer.reload(&renewed).unwrap();
    let (hub, hub_serial) = world.issue("hub/main");
    acceptor.reload(&hub).unwrap();
    let (accepted, dialled) = meet(&acceptor, &dialer).await;
    assert_eq!(accepted.unwrap().1.serial, Some(second));
    let client = dialled.unwrap();
    let chain = client.get_ref().get_ref().1.peer_certificates().unwrap();
    assert_eq!(verify_chain(world.root(), chain, NOW).unwrap().serial, hub_serial);
    assert!(acceptor.reload(&node).is_err());
}

/// A client that wants to resume, as rustls does by default.
fn eager_client(world: &World, with_identity: bool) -> Arc<ClientConfig> {
    let verifier = HubVerifier::new(Trust::new(world.root()).unwrap(), None);
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = if with_identity {
        let (node, _) = world.admit("node/JO/gw1");
        let path = world.path().join("eager.pem");
        node.save(&path).unwrap();
        let key = multaqa_certs::pem::private_key(&std::fs::read(&path).unwrap()).unwrap();
        builder.with_client_auth_cert(node.chain, PrivateKeyDer::Pkcs8(key.to_vec().into())).unwrap()
    } else {
        builder.with_no_client_auth()
    };
    config.time_provider = Arc::new(Fixed);
    config.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(config)
}

#[derive(Debug)]
struct Fixed;
impl rustls::time_provider::TimeProvider for Fixed {
    fn current_time(&self) -> Option<rustls::pki_types::UnixTime> {
        Some(rustls::pki_types::UnixTime::since_unix_epoch(Duration::from_secs(NOW)))
    }
}

/// Connects, lets the server say nine bytes, and tells how the handshake went and how many tickets came.
async fn visit(acceptor: &Acceptor, config: &Arc<ClientConfig>) -> Result<(HandshakeKind, u32), &'static str> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = async {
        let (tcp, address) = listener.accept().await.unwrap();
        let (mut stream, _) = acceptor.accept(tcp, address).await.map_err(|error| error.code())?;
        stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
        stream.flush().await.unwrap();
        Ok(stream)
    };
    let visiting = async {
        let tcp = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("main.hub.multaqa.example").unwrap();
        let mut tls = tokio_rustls::TlsConnector::from(config.clone()).connect(name, tcp).await.ok()?;
        tls.read_exact(&mut [0; 9]).await.ok()?;
        let session = tls.get_ref().1;
        Some((session.handshake_kind().unwrap(), session.tls13_tickets_received()))
    };
    let (served, visited) = tokio::join!(serving, visiting);
    served.map(|_| visited.expect("the server served, so the client was there"))
}

#[tokio::test]
async fn no_session_is_ever_resumed() {
    let world = World::new();
    let acceptor = world.acceptor();
    let config = eager_client(&world, true);
    assert_eq!(visit(&acceptor, &config).await, Ok((HandshakeKind::Full, 0)));
    assert_eq!(visit(&acceptor, &config).await, Ok((HandshakeKind::Full, 0)));
    world.serials.revoke_identity(&peer("node/JO/gw1"));
    assert_eq!(visit(&acceptor, &config).await, Err("SERIAL_NOT_ACTIVE"));
}

#[tokio::test]
async fn a_client_without_certificate_or_http2_is_refused() {
    let world = World::new();
    let acceptor = world.acceptor();
    assert_eq!(visit(&acceptor, &eager_client(&world, false)).await, Err("HANDSHAKE_FAILED"));
    let mut config = ClientConfig::clone(&eager_client(&world, true));
    config.alpn_protocols.clear();
    assert_eq!(visit(&acceptor, &Arc::new(config)).await, Err("HANDSHAKE_NO_HTTP2"));
}

#[tokio::test]
async fn slow_handshakes_and_prefaces_end_at_their_deadlines() {
    let world = World::new();
    let short = Duration::from_millis(40);
    let limits = server::Limits { handshake: short, ..server::Limits::default() };
    let acceptor = world.acceptor_with(limits);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let _silent = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (tcp, address) = listener.accept().await.unwrap();
    assert_eq!(acceptor.accept(tcp, address).await.unwrap_err().code(), "HANDSHAKE_TIMEOUT");

    let acceptor = world.acceptor_with(server::Limits { preface: short, ..server::Limits::default() });
    let (node, _) = world.admit("node/JO/gw1");
    let (accepted, dialled) = meet(&acceptor, &world.dialer(&node)).await;
    let ((mut server, _), mut client) = (accepted.unwrap(), dialled.unwrap());
    client.write_all(&PREFACE[..10]).await.unwrap();
    client.flush().await.unwrap();
    let mut buf = [0; 64];
    let error = loop {
        if let Err(error) = server.read(&mut buf).await {
            break error;
        }
    };
    assert_eq!(Cut::of(&error), Some(Cut::Preface));
}

#[tokio::test]
async fn a_dial_to_nobody_and_to_a_silent_listener_ends() {
    let world = World::new();
    let (node, _) = world.admit("node/JO/gw1");
    let limits = client::Limits { handshake: Duration::from_millis(40), ..client::Limits::default() };
    let dialer = Dialer::new(&node, world.root(), None, world.clock(), limits).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    assert_eq!(dialer.dial("localhost", port).await.unwrap_err().code(), "DIAL_HANDSHAKE_TIMEOUT");
    // Nobody listens there; the port of a listener that was dropped may be another one's by then.
    assert_eq!(dialer.dial("127.0.0.1", 1).await.unwrap_err().code(), "DIAL_FAILED");
}

#[tokio::test]
async fn a_flood_of_pings_is_cut() {
    let world = World::new();
    let frames = FrameBudget { per_second: 10, burst: 100 };
    let acceptor = world.acceptor_with(server::Limits { frames, ..server::Limits::default() });
    let (node, _) = world.admit("node/JO/gw1");
    let (accepted, dialled) = meet(&acceptor, &world.dialer(&node)).await;
    let ((mut server, _), mut client) = (accepted.unwrap(), dialled.unwrap());
    let flood = tokio::spawn(async move {
        client.write_all(PREFACE).await?;
        loop {
            client.write_all(&[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]).await?;
            client.flush().await?;
        }
        #[expect(unreachable_code, reason = "names the error type")]
        Ok::<(), std::io::Error>(())
    });
    let mut buf = [0; 1024];
    let mut total = 0;
    let error = loop {
        match server.read(&mut buf).await {
            Ok(count) => total += count,
            Err(error) => break error,
        }
    };
    assert_eq!(Cut::of(&error), Some(Cut::FrameBudget));
    assert!(total >= 100, "{total} bytes passed");
    drop(server);
    assert!(flood.await.unwrap().is_err());
}

impl World {
    /// A dialler that does not look at the hub's dates, to get as far as the hub's verdict.
    fn dialer_for_expired_hub(&self, node: &TlsIdentity) -> Dialer {
        let clock = Arc::new(|| NOW);
        let root: &CertificateDer<'_> = self.root();
        Dialer::new(node, root, None, clock, client::Limits::default()).unwrap()
    }
}
