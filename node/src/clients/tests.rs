//! Systems with real certificates and a real journal.

use std::net::SocketAddr;

use multaqa_certs::request::NewKey;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::authorise::{Allowed, Asked, Caller, Denied, authorise, publishable, readable};
use super::*;
use crate::publish::testing::TestNode;

/// Systems of a node, of which each may have two requests at once.
pub(crate) struct TestClients {
    pub(crate) node: TestNode,
    pub(crate) dir: TempDir,
    pub(crate) clients: Clients,
}

impl TestClients {
    pub(crate) async fn new() -> Self {
        let (node, dir) = (TestNode::of("JO").await, tempfile::tempdir().unwrap());
        let clients = open(&node, &dir).await;
        Self { node, dir, clients }
    }

    pub(crate) async fn add(&self, name: &str, scopes: &[&str]) -> Result<Arc<Client>, ClientError> {
        self.clients.add(name, &request(), &texts(scopes), 0).await
    }
}

async fn open(node: &TestNode, dir: &TempDir) -> Clients {
    let (journal, clock) = (node.parts.journal.clone(), node.parts.clock.clone());
    Clients::open(journal, &dir.path().join("clients"), "test.example".parse().unwrap(), clock, 2).await.unwrap()
}

fn request() -> Vec<u8> {
    pem::encode("CERTIFICATE REQUEST", &NewKey::generate().unwrap().request).as_bytes().to_vec()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

/// A connection with the newest certificate of a system.
pub(crate) fn peer(client: &Client) -> Peer {
    Peer {
        identity: client.identity.clone(),
        serial: client.stored.certificates.first().map(|certificate| certificate.serial),
        past_life: false,
        proven: true,
        address: SocketAddr::from(([127, 0, 0, 1], 1)),
        cancel: CancellationToken::new(),
    }
}

fn code<T>(result: Result<T, ClientError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "")
}

#[tokio::test]
async fn a_system_is_added_once_and_known_after_a_restart() {
    let world = TestClients::new().await;
    let added = world.add("mof/budget", &["read:service"]).await.unwrap();
    assert_eq!(added.identity.to_string(), "system/JO/mof/budget");
    assert_eq!(code(world.add("mof/budget", &[]).await), "CLIENT_EXISTS");
    assert_eq!(world.add("mof/taxes", &[]).await.unwrap().stored.scopes, ["read:*"]);
    let again = open(&world.node, &world.dir).await;
    assert_eq!(again.get("mof/budget").unwrap().stored, added.stored);
    let serial = added.stored.certificates[0].serial;
    assert!(again.serials().check(&serial, &added.identity).is_ok());
    assert_eq!(again.ca().await.unwrap().der(), world.clients.ca().await.unwrap().der());
}

#[tokio::test]
async fn what_is_asked_for_wrongly_is_refused_by_its_rule() {
    let world = TestClients::new().await;
    for name in ["budget", "mof/", "/budget", "MoF/budget", "mof/a/b", "mof/a.b", "../x", "mof/has space"] {
        assert_eq!(code(world.add(name, &[]).await), "CLIENT_NAME_WRONG", "{name}");
    }
    assert_eq!(code(world.add("mof/budget", &["read:servce"]).await), "CLIENT_SCOPE_WRONG");
    let add = async |request: &[u8], days| code(world.clients.add("mof/budget", request, &[], days).await);
    assert_eq!(add(b"not PEM", 0).await, "CSR_MALFORMED");
    assert_eq!(add(&vec![b'-'; 17 * 1024], 0).await, "CSR_TOO_LARGE");
    assert_eq!(add(&request(), 731).await, "SYSTEM_LIFE");
    assert_eq!(code(world.clients.revoke("mof/budget").await), "CLIENT_UNKNOWN");
    assert!(world.clients.list().is_empty(), "nothing was kept of them");
}

#[tokio::test]
async fn a_node_keeps_so_many_systems_and_no_more() {
    let world = TestClients::new().await;
    let one = world.add("mof/budget", &[]).await.unwrap();
    {
        let mut by_name = world.clients.0.by_name.write().unwrap();
        by_name.extend((1..CLIENTS_MAX).map(|n| (format!("org/n{n}"), Arc::clone(&one))));
    }
    assert_eq!(code(world.add("mof/taxes", &[]).await), "CLIENTS_TOO_MANY");
    world.clients.revoke("mof/budget").await.unwrap();
    assert_eq!(code(world.add("mof/budget", &[]).await), "", "a name that is kept is no name more");
}

#[tokio::test]
async fn a_revoked_system_is_refused_at_its_next_request_and_cut() {
    let world = TestClients::new().await;
    let added = world.add("mof/budget", &[]).await.unwrap();
    let connection = peer(&added);
    let serial = connection.serial.unwrap();
    let cut = world.clients.serials().register(&serial, &added.identity).unwrap();
    assert!(world.clients.enter(&connection).is_ok());
    let revoked = world.clients.revoke("mof/budget").await.unwrap();
    assert!(revoked.stored.revoked_ms.is_some() && cut.is_cancelled());
    assert_eq!(code(world.clients.enter(&connection)), "CLIENT_REVOKED");
    assert_eq!(code(world.clients.renew("mof/budget", &request(), 0).await), "CLIENT_REVOKED");
    // Added anew it has another certificate, and the old one is worth nothing.
    let anew = world.add("mof/budget", &[]).await.unwrap();
    assert_eq!(code(world.clients.enter(&connection)), "CLIENT_REVOKED");
    assert!(world.clients.enter(&peer(&anew)).is_ok());
    // Nor does an answer go on that the one before had begun.
    assert_eq!(code(world.clients.again(&added)), "CLIENT_REVOKED");
    assert!(world.clients.again(&anew).is_ok());
    assert!(open(&world.node, &world.dir).await.serials().check(&serial, &added.identity).is_err());
}

/// The journal from before a revocation lets nobody in again.
#[tokio::test]
async fn an_older_journal_undoes_no_revocation() {
    let world = TestClients::new().await;
    let added = world.add("mof/budget", &[]).await.unwrap();
    let other = world.add("mof/taxes", &[]).await.unwrap();
    world.clients.revoke("mof/budget").await.unwrap();
    world.node.parts.journal.put_client(&added.stored).await.unwrap();
    let again = open(&world.node, &world.dir).await;
    let serial = added.stored.certificates[0].serial;
    assert!(again.serials().check(&serial, &added.identity).is_err());
    assert_eq!(code(again.enter(&peer(&added))), "CLIENT_REVOKED");
    assert!(again.enter(&peer(&other)).is_ok());
}

#[tokio::test]
async fn of_a_systems_certificates_the_two_newest_hold() {
    let world = TestClients::new().await;
    let first = peer(&world.add("mof/budget", &[]).await.unwrap());
    let second = peer(&world.clients.renew("mof/budget", &request(), 30).await.unwrap());
    assert!(world.clients.enter(&first).is_ok() && world.clients.enter(&second).is_ok());
    let third = peer(&world.clients.renew("mof/budget", &request(), 30).await.unwrap());
    assert_eq!(code(world.clients.enter(&first)), "CLIENT_REVOKED");
    assert!(world.clients.enter(&second).is_ok() && world.clients.enter(&third).is_ok());
}

/// The next CA cuts nobody off; the end of the one before cuts who has nothing else, and is for ever.
#[tokio::test]
async fn systems_go_on_with_the_issuing_ca_before_until_it_is_retired() {
    let world = TestClients::new().await;
    let issuer = async || world.clients.issuer().await.unwrap();
    let old = world.add("mof/budget", &[]).await.unwrap();
    let moved = world.add("mof/taxes", &[]).await.unwrap();
    let first = issuer().await;
    assert_eq!((first.previous_not_after_ms, &first.left[..]), (None, &[][..]));
    assert_eq!(world.clients.retire_issuer().await.unwrap(), first, "there is none before it");
    let renewed = world.clients.renew_issuer().await.unwrap();
    assert_eq!(renewed.previous_not_after_ms, Some(first.not_after_ms));
    assert_eq!(renewed.left, ["mof/budget", "mof/taxes"]);
    assert_eq!(code(world.clients.renew_issuer().await), "SYSTEMS_CA_OVERLAP");
    let both = world.clients.renew("mof/taxes", &request(), 0).await.unwrap();
    assert_eq!(issuer().await.left, ["mof/budget"]);
    for client in [&old, &moved, &both] {
        assert!(world.clients.enter(&peer(client)).is_ok());
    }
    assert_eq!(world.clients.tend().await.unwrap(), Tended::default(), "it is in use");

    let cut = world.clients.serials().register(&peer(&old).serial.unwrap(), &old.identity).unwrap();
    assert_eq!(world.clients.retire_issuer().await.unwrap().previous_not_after_ms, None);
    assert!(cut.is_cancelled());
    assert_eq!([&old, &moved].map(|client| code(world.clients.enter(&peer(client)))), ["CLIENT_REVOKED"; 2]);
    assert!(world.clients.enter(&peer(&both)).is_ok());
    world.node.parts.journal.put_client(&old.stored).await.unwrap();
    let again = open(&world.node, &world.dir).await;
    assert_eq!(code(again.enter(&peer(&old))), "CLIENT_REVOKED", "an older journal undoes it not");
    assert!(again.enter(&peer(&both)).is_ok());
    let anew = world.clients.renew("mof/budget", &request(), 0).await.unwrap();
    assert!(world.clients.enter(&peer(&anew)).is_ok(), "it is no system less");
}

#[tokio::test]
async fn the_issuing_ca_before_ends_by_itself_once_nobody_uses_it() {
    let world = TestClients::new().await;
    world.add("mof/budget", &[]).await.unwrap();
    world.clients.renew_issuer().await.unwrap();
    assert_eq!(world.clients.tend().await.unwrap(), Tended::default());
    world.clients.revoke("mof/budget").await.unwrap();
    assert!(world.clients.tend().await.unwrap().retired);
    assert_eq!(world.clients.issuer().await.unwrap().previous_not_after_ms, None);
}

#[tokio::test]
async fn a_system_has_so_many_requests_at_once_on_all_its_connections() {
    let world = TestClients::new().await;
    let client = world.add("mof/budget", &[]).await.unwrap();
    let other = world.add("mof/taxes", &[]).await.unwrap();
    let held = [world.clients.enter(&peer(&client)).unwrap(), world.clients.enter(&peer(&client)).unwrap()];
    assert_eq!(code(world.clients.enter(&peer(&client))), "REQUESTS_TOO_MANY");
    assert!(world.clients.enter(&peer(&other)).is_ok(), "others are not held up");
    // Its requests count on where its scopes change.
    world.clients.allow("mof/budget", &texts(&["read:service"])).await.unwrap();
    assert_eq!(code(world.clients.enter(&peer(&client))), "REQUESTS_TOO_MANY");
    drop(held);
    assert!(world.clients.enter(&peer(&client)).is_ok());
}

#[tokio::test]
async fn a_system_has_so_many_connections_and_leaves_the_others_to_others() {
    let world = TestClients::new().await;
    let client = world.add("mof/budget", &[]).await.unwrap();
    let other = world.add("mof/taxes", &[]).await.unwrap();
    let mut held: Vec<_> = (0..CONNECTIONS).map(|_| world.clients.connect(&peer(&client)).unwrap()).collect();
    assert!(matches!(world.clients.connect(&peer(&client)), Err(ClientError::Crowded { max: CONNECTIONS, .. })));
    assert!(world.clients.connect(&peer(&other)).is_ok());
    // They count on where its scopes change, and one that ends makes room.
    world.clients.allow("mof/budget", &texts(&["read:service"])).await.unwrap();
    assert!(world.clients.connect(&peer(&client)).is_err());
    drop(held.pop());
    assert!(world.clients.connect(&peer(&client)).is_ok());
}

/// Every scope against everything that may be asked for.
#[tokio::test]
async fn who_may_do_what() {
    let world = TestClients::new().await;
    let read = |kind| Asked::Read { kind, resource: "it" };
    let publish = |kind| Asked::Publish { kind, resource: "it" };
    let all = [
        read(Some("service")),
        read(Some("dataset")),
        read(Some("member")),
        read(None),
        publish("service"),
        publish("dataset"),
        Asked::Common,
        Asked::Own { resource: "it" },
    ];
    for (scopes, expected) in [
        (&["read:*"][..], [true, true, true, true, false, false, true, false]),
        (&["read:service"], [true, false, false, false, false, false, true, false]),
        (&["publish:*"], [false, false, false, false, true, true, true, false]),
        (&["publish:dataset", "read:dataset"], [false, true, false, false, false, true, true, false]),
        (&["call:*"], [false, false, false, false, false, false, true, false]),
    ] {
        let caller = Caller::System(world.clients.add(&unique(), &request(), &texts(scopes), 0).await.unwrap());
        let may = all.map(|asked| authorise(&caller, &asked).is_ok());
        assert_eq!(may, expected, "{scopes:?}");
    }
    assert_eq!(all.map(|asked| authorise(&Caller::Local, &asked).is_ok()), [true; 8]);
}

/// A name that was not used so far.
fn unique() -> String {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("org/s{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

#[tokio::test]
async fn a_denial_names_who_what_and_the_scope_that_is_missing() {
    let world = TestClients::new().await;
    let caller = Caller::System(world.add("mof/budget", &["publish:dataset"]).await.unwrap());
    let denied = |resource: &str, missing: Option<&str>| Denied {
        identity: "system/JO/mof/budget".to_owned(),
        resource: resource.to_owned(),
        missing: missing.map(ToOwned::to_owned),
    };
    let asked = Asked::Read { kind: Some("service"), resource: "JO:service:sanad" };
    assert_eq!(authorise(&caller, &asked), Err(denied("JO:service:sanad", Some("read:service"))));
    let asked = Asked::Read { kind: None, resource: "entry 7" };
    assert_eq!(authorise(&caller, &asked), Err(denied("entry 7", Some("read:*"))));
    let asked = Asked::Publish { kind: "service", resource: "JO:service:sanad" };
    assert_eq!(authorise(&caller, &asked), Err(denied("JO:service:sanad", Some("publish:service"))));
    assert_eq!(authorise(&caller, &Asked::Own { resource: "Approve" }), Err(denied("Approve", None)));
    assert_eq!(readable(&caller, "List"), Err(denied("List", Some("read:*"))));
    assert_eq!(publishable(&caller, "Queue"), Ok(Allowed::Kinds(vec!["dataset".to_owned()])));
    assert_eq!(readable(&Caller::Local, "List"), Ok(Allowed::All));
}
